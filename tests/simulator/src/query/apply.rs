//! `$apply`, in the one form that counts rows.

use super::filter::Expression;
use super::{RawQuery, not_implemented};
use crate::error::ServiceError;
use crate::schema::Table;

const APPLY: &str = "$apply";

/// `aggregate($count as NAME)`, of all rows or behind `filter(…)/` of those that pass.
#[derive(Debug)]
pub(crate) struct Aggregate {
    /// What the number is called in the answer.
    pub(crate) name: String,
    /// Which rows.
    pub(crate) filter: Option<Expression>,
}

impl Aggregate {
    /// What the query aggregates, if it does. Other forms, and other options beside it, are not simulated.
    pub(crate) fn parse(raw: &RawQuery, table: &Table) -> Result<Option<Self>, ServiceError> {
        let Some(text) = raw.option(APPLY) else {
            return Ok(None);
        };
        let (filter, rest) = match text
            .strip_prefix("filter(")
            .and_then(|rest| rest.rsplit_once(")/"))
        {
            Some((filter, rest)) => (Some(filter), rest),
            None => (None, text),
        };
        let name = rest
            .strip_prefix("aggregate($count as ")
            .and_then(|rest| rest.strip_suffix(')'))
            .filter(|name| !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric()))
            .filter(|_| raw.is_only(APPLY))
            .ok_or_else(|| not_implemented(APPLY))?;
        let filter = filter.map(|filter| Expression::parse(filter, table, &raw.aliases));
        Ok(Some(Self {
            name: name.to_owned(),
            filter: filter.transpose()?,
        }))
    }
}
