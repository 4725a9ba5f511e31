//! One table: its query, its pages, and what of it could not be read.

use std::time::Duration;

use reqwest::Url;

use crate::snapshot::manifest::{Gap, GapReason};
use crate::snapshot::tables::{Kind, TableDef};
use crate::snapshot::{Column, Table};

use super::client::{BodyError, Client};
use super::decode::{self, Page, PageError, Wanted};
use super::error::{Cause, RequestError};
use super::odata::{self, Filter};
use super::paging::{LinkError, Links};
use super::progress::{Observer, State, TableProgress};
use super::select::{LOOKUP_TABLE, Selected, give_up, select, unknown_property};
use super::url::EnvironmentUrl;

/// Everything that reading a table needs.
pub(super) struct Reader<'a> {
    pub(super) client: &'a Client,
    pub(super) environment: &'a EnvironmentUrl,
    /// The folder of the Web API.
    pub(super) base: &'a str,
    pub(super) observer: &'a dyn Observer,
}

/// One table to read.
pub(super) struct Job {
    pub(super) definition: &'static TableDef,
    pub(super) entity_set: String,
    /// Further columns, by rules.
    pub(super) extra: Vec<(String, Kind)>,
    /// What to read: all rows, or the rows that pass one of the filters.
    pub(super) rows: Rows,
}

/// Which rows of a table.
pub(super) enum Rows {
    All,
    Matching(Vec<Filter>),
}

/// What was read of a table.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The rows, page by page; none at all if the table could not be read.
    pub(super) chunks: Vec<Table>,
    pub(super) pages: u64,
    pub(super) complete: bool,
    pub(super) gaps: Vec<Gap>,
}

impl Collected {
    pub(super) fn rows(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.rows as u64).sum()
    }

    /// Whether there is anything to write.
    pub(super) fn is_there(&self) -> bool {
        !self.chunks.is_empty()
    }
}

impl Reader<'_> {
    /// Reads a table as far as it goes. Fails only where no other table could be read either.
    pub(super) async fn read(&self, job: &Job) -> Result<Collected, RequestError> {
        let name = job.definition.name;
        let mut collected = Collected::default();
        let mut columns = select(job.definition, &job.extra, &mut collected.gaps);
        let filters: Vec<Option<&Filter>> = match &job.rows {
            Rows::All => vec![None],
            Rows::Matching(filters) => filters.iter().map(Some).collect(),
        };
        if filters.is_empty() {
            // Nothing was asked for, so an empty table is the whole answer.
            let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
            collected
                .chunks
                .extend(decode::page(r#"{"value":[]}"#, &wanted).map(|page| page.table));
        }
        let mut outcome = Ok(());
        for filter in filters {
            outcome = self.pages(job, &mut columns, filter, &mut collected).await;
            if outcome.is_err() {
                break;
            }
        }
        collected.complete = outcome.is_ok();
        if let Err(error) = outcome {
            if error.is_fatal() {
                return Err(error);
            }
            tracing::warn!(table = name, %error, "not read to its end");
            collected.gaps.push(gap_of(name, &error));
        }
        let state = match (collected.is_there(), collected.complete) {
            (true, true) => State::Complete,
            (true, false) => State::Incomplete,
            (false, _) => State::Missing,
        };
        self.tell(name, &collected, state);
        Ok(collected)
    }

    fn tell(&self, table: &str, collected: &Collected, state: State) {
        self.observer.table(TableProgress {
            table,
            rows: collected.rows(),
            pages: collected.pages,
            state,
        });
    }

    /// Reads all pages of one query into `collected`.
    async fn pages(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        collected: &mut Collected,
    ) -> Result<(), RequestError> {
        let mut links = Links::new(self.environment);
        let mut page = self
            .first_page(job, columns, filter, collected, &mut links)
            .await?;
        loop {
            collected.pages += 1;
            for (name, why) in &page.unusable {
                columns.retain(|column| column.wanted.name != *name);
                let declared = job.extra.iter().any(|(extra, _)| extra == name);
                collected.gaps.push(Gap {
                    table: job.definition.name.to_owned(),
                    column: Some(name.clone()),
                    reason: GapReason::Failed,
                    detail: match declared {
                        true => format!("{why}; is the `type` of its `[[fact]]` right?"),
                        false => why.clone(),
                    },
                });
            }
            collected.chunks.push(page.table);
            // The columns may have become fewer since the first page.
            for chunk in &mut collected.chunks {
                chunk
                    .columns
                    .retain(|name, _| columns.iter().any(|column| column.wanted.name == *name));
            }
            self.tell(job.definition.name, collected, State::Reading);
            let Some(next) = page.next else {
                return Ok(());
            };
            let url = links.follow(&next).map_err(|error| self.link_error(job, error))?;
            page = self.page(job, columns, &url, collected).await?;
        }
    }

    /// Asks for the first page, without the columns that the environment turns out not to have.
    async fn first_page(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        collected: &mut Collected,
        links: &mut Links<'_>,
    ) -> Result<Page, RequestError> {
        loop {
            let properties: Vec<&str> = columns
                .iter()
                .filter(|column| column.of.is_none())
                .map(|column| column.wanted.property.as_str())
                .collect();
            let address = odata::query(self.base, &job.entity_set, &properties, filter);
            if address.len() > odata::LONGEST_URL {
                let what = format!(
                    "the rules name more columns of `{}` than fit one request",
                    job.definition.name
                );
                return Err(self.failed(job, Cause::Value(what)));
            }
            let url = links
                .follow(&address)
                .map_err(|error| self.link_error(job, error))?;
            let error = match self.page(job, columns, &url, collected).await {
                Err(error) => error,
                page => return page,
            };
            let Some(property) = unknown_property(&error) else {
                return Err(error);
            };
            if !give_up(job.definition, columns, &property, &mut collected.gaps) {
                return Err(error);
            }
        }
    }

    async fn page(
        &self,
        job: &Job,
        columns: &[Selected],
        url: &Url,
        collected: &Collected,
    ) -> Result<Page, RequestError> {
        let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
        let mut prefer = "odata.maxpagesize=5000".to_owned();
        if columns.iter().any(|column| column.of.is_some()) {
            prefer.push_str(",odata.include-annotations=\"");
            prefer.push_str(LOOKUP_TABLE);
            prefer.push('"');
        }
        let table = job.definition.name;
        let waiting = |wait: Duration| self.tell(table, collected, State::Waiting(wait));
        let decode = |text: &str| {
            decode::page(text, &wanted).map_err(|error| match error {
                PageError::Malformed(what) => BodyError::Malformed(what),
                PageError::Value(what) => BodyError::Value(format!("table `{table}`, {what}")),
            })
        };
        self.client.get(url, Some(&prefer), &waiting, decode).await
    }

    fn failed(&self, job: &Job, cause: Cause) -> RequestError {
        RequestError {
            request: job.entity_set.clone(),
            cause,
        }
    }

    fn link_error(&self, job: &Job, error: LinkError) -> RequestError {
        self.failed(job, error.into())
    }
}

/// What a failed request means for its table.
fn gap_of(table: &str, error: &RequestError) -> Gap {
    let (reason, detail) = match &error.cause {
        Cause::Status {
            status: 403, message, ..
        } => (
            GapReason::Forbidden,
            missing_privilege(message).unwrap_or_else(|| message.clone()),
        ),
        Cause::Status {
            status: 404, message, ..
        } => (GapReason::NotFound, message.clone()),
        Cause::NothingThere => (GapReason::NotFound, error.to_string()),
        _ => (GapReason::Failed, error.to_string()),
    };
    Gap {
        table: table.to_owned(),
        column: None,
        reason,
        detail,
    }
}

/// The name of the privilege in "… is missing prvReadOrganization privilege …".
fn missing_privilege(message: &str) -> Option<String> {
    message
        .split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .find(|word| word.len() > 3 && word.starts_with("prv"))
        .map(str::to_owned)
}

/// The values of an id column over all pages.
pub(super) fn ids<'a>(
    chunks: &'a [Table],
    name: &'a str,
) -> impl Iterator<Item = crate::snapshot::Guid> + 'a {
    chunks
        .iter()
        .flat_map(move |chunk| match chunk.columns.get(name) {
            Some(Column::Id(values)) => values.as_slice(),
            _ => &[],
        })
        .copied()
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_privilege_is_named() {
        let forbidden = "Principal user (Id=11111111-2222-3333-4444-555555555555, type=8, roleCount=1, privilegeCount=12) is missing prvReadTraceLog privilege (Id=abc) on OTC=8050 for entity 'tracelog'";
        assert_eq!(missing_privilege(forbidden).as_deref(), Some("prvReadTraceLog"));
        assert_eq!(missing_privilege("no access"), None);
    }
}
