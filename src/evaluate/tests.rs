//! Rules of one's own, judged in small environments made by hand: what the shipped packs do not
//! ask for.

mod accepted;
mod devices;
mod elsewhere;
mod evidence;
mod facts;
mod told;

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};

use super::{Assessment, Devices, Finding, Inputs, Outcome, Reported, Waiver, assess};
use crate::access::tests::{manifest, table};
use crate::rules::{RuleSet, RuleSource, load};
use crate::snapshot::manifest::DepthName;
use crate::snapshot::manifest::SELF_CHECKED;
use crate::snapshot::{Column, Environment, Guid, Table};

/// A table by its columns.
pub(crate) type Columns = (&'static str, Vec<(&'static str, Column)>);

pub(crate) fn ids<const N: usize>(values: [u128; N]) -> Column {
    Column::Id(values.map(Guid).into())
}

pub(crate) fn texts<const N: usize>(values: [Option<&str>; N]) -> Column {
    Column::Text(StringArray::from(values.to_vec()))
}

pub(crate) fn integers<const N: usize>(values: [Option<i32>; N]) -> Column {
    Column::Integer(Int32Array::from(values.to_vec()))
}

pub(crate) fn booleans<const N: usize>(values: [Option<bool>; N]) -> Column {
    Column::Boolean(BooleanArray::from(values.to_vec()))
}

/// Moments; null where none is given.
fn moments<const N: usize>(values: [Option<&str>; N]) -> Column {
    let moment = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let values = values.map(|value| value.map(moment)).to_vec();
    Column::Timestamp(TimestampMillisecondArray::from(values).with_timezone("UTC"))
}

fn rows(column: &Column) -> usize {
    match column {
        Column::Id(values) => values.len(),
        Column::Text(values) => values.iter().len(),
        Column::Integer(values) => values.iter().len(),
        Column::Boolean(values) => values.iter().len(),
        Column::Timestamp(values) => values.iter().len(),
    }
}

/// An environment of that number that holds these tables, whole, read by someone who sees all.
pub(crate) fn environment(number: u128, tables: Vec<Columns>) -> Environment {
    let tables: BTreeMap<String, Table> = tables
        .into_iter()
        .map(|(name, columns)| (name.to_owned(), table(rows(&columns[0].1), columns)))
        .collect();
    let mut manifest = manifest(&tables);
    manifest.environment.organization_id = Guid(number).to_string();
    manifest.environment.name = format!("office {number}");
    manifest.environment.url = format!("https://office{number}.crm4.dynamics.com");
    manifest.selfcheck.depths = SELF_CHECKED
        .map(|name| (name.to_owned(), DepthName::Global))
        .into();
    Environment { manifest, tables }
}

/// A pack of those rules about users: an id, and the rest of the rule.
pub(crate) fn rules(declared: &str, rules: &[(&str, &str)]) -> RuleSet {
    let mut text = format!(
        "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1\"\nsource = \"https://example.com\"\n{declared}\n"
    );
    for (id, rest) in rules {
        text += &format!(
            "[[rule]]\nid = \"{id}\"\ntitle = \"{id}\"\nscope = \"user\"\nseverity = \"limits\"\nremedy = \"Do it.\"\n\
             {rest}\n"
        );
    }
    let name = "own.toml".to_owned();
    load(&[RuleSource { name, text }]).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The inputs of a plain audit on 23 November 2026.
fn inputs<'a>(rules: &'a RuleSet, environments: &'a [Environment]) -> Inputs<'a> {
    Inputs {
        rules,
        environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    }
}

pub(crate) fn judged<'a>(rules: &'a RuleSet, environments: &'a [Environment]) -> Assessment<'a> {
    assess(&inputs(rules, environments)).unwrap()
}

/// What is found about a user of the first environment.
fn finding<'a>(assessment: &Assessment<'a>, rule: &str, user: usize) -> Finding<'a> {
    let (index, _) = assessment.rules.find(rule).expect(rule);
    let finding = assessment.environments[0].finding(index, user);
    assert_eq!(
        finding.outcome,
        assessment.environments[0].outcome(index, user),
        "{rule} {user}"
    );
    finding
}

/// An environment of that many users, with those columns.
fn people<const N: usize>(more: Vec<(&'static str, Column)>) -> Environment {
    let users = Column::Id((1..=N as u128).map(Guid).collect());
    let columns = [("systemuserid", users)].into_iter().chain(more);
    environment(1, vec![("systemuser", columns.collect())])
}
