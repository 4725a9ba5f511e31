//! Columns that differ: at most one PATCH and one test of a mailbox for every record.

use std::collections::BTreeMap;

use arrow_array::Array;
use serde_json::{Map, Value, json};

use crate::rules::Subject;
use crate::rules::facts::Facts;
use crate::snapshot::{Column, Environment, Guid, Table};

use super::columns::{How, how, words};
use super::labels::Labels;
use super::steps::{Request, Step, Want};

/// The steps for one table, in the order of its records. What a person does goes to `hands`, by its clicks.
pub(super) fn fields(
    subject: Subject,
    before: &Environment,
    after: &Environment,
    labels: &Labels<'_>,
    steps: &mut Vec<Step>,
    hands: &mut BTreeMap<&'static str, Vec<String>>,
) {
    let (Some(old), Some(new)) = (before.table(subject.table()), after.table(subject.table())) else {
        return;
    };
    let facts = Facts::built_in();
    let (set, key) = match subject {
        Subject::User => ("systemusers", "systemuserid"),
        Subject::Mailbox => ("mailboxes", "mailboxid"),
        Subject::Profile => ("emailserverprofiles", "emailserverprofileid"),
        Subject::BusinessUnit => ("businessunits", "businessunitid"),
        Subject::Organization => ("organizations", "organizationid"),
    };
    let ids = new.ids(key).unwrap_or_default();
    let mut records: BTreeMap<usize, Vec<(&str, Value)>> = BTreeMap::new();
    for (row, column, value) in changed(old, new) {
        records.entry(row).or_default().push((column, value));
    }
    for (row, columns) in records {
        let Some(&id) = ids.get(row) else { continue };
        let name = labels.record(key, id);
        let (mut patch, mut test) = (Patch::default(), Patch::default());
        // An administrator's approval is given by the same clicks as the other one.
        let is_by_hand = columns
            .iter()
            .any(|(column, _)| *column == "isemailaddressapprovedbyo365admin");
        for (column, value) in &columns {
            let number = value.as_i64().or_else(|| value.as_bool().map(i64::from));
            let mut way = how(subject, column, number);
            if is_by_hand && *column == "emailrouteraccessapproval" {
                way = how(subject, "isemailaddressapprovedbyo365admin", None);
            }
            let becomes = format!("{column} becomes {}", words(&facts, subject, column, value));
            match way {
                How::Patch => patch.set(column, value.clone()),
                How::PatchRecalled(what) => {
                    patch.set(column, value.clone());
                    patch.recalled = Some(what);
                }
                How::State => {
                    patch.set(column, value.clone());
                    patch
                        .body
                        .insert("statuscode".to_owned(), json!(number.unwrap_or(0) + 1));
                }
                How::Bind(target) => {
                    let link = match value.as_str() {
                        Some(id) => json!(format!("/{target}({id})")),
                        None => Value::Null,
                    };
                    patch.body.insert(format!("{column}@odata.bind"), link);
                    patch.want.insert(format!("_{column}_value"), value.clone());
                }
                How::Test => {
                    test.want.insert((*column).to_owned(), value.clone());
                    continue;
                }
                How::Hand(clicks) => {
                    let about = hands.entry(clicks).or_default();
                    about.push(format!("{name}: {becomes}"));
                    continue;
                }
            }
            patch.says.push(becomes);
        }
        let check = |patch: &Patch| {
            let columns: Vec<&str> = patch.want.keys().map(String::as_str).collect();
            format!("{set}?$select={}&$filter={key}%20eq%20{id}", columns.join(","))
        };
        let request = |about: String, body: &Map<String, Value>, check, want, recalled| Request {
            about,
            method: "PATCH",
            path: format!("{set}({id})"),
            body: Value::Object(body.clone()).to_string(),
            check,
            want,
            recalled,
            gives: None,
        };
        if !patch.body.is_empty() {
            steps.push(Step::Request(request(
                format!("{name}: {}", patch.says.join(", ")),
                &patch.body,
                check(&patch),
                Want::Values(patch.want.clone()),
                patch.recalled,
            )));
        }
        if !test.want.is_empty() {
            test.body
                .insert("testemailconfigurationscheduled".to_owned(), json!(true));
            steps.push(Step::Request(request(
                format!("{name}: Test & Enable Mailbox"),
                &test.body,
                check(&test),
                Want::Later(test.want.clone()),
                Some("that setting this column asks for the test; whether it succeeds is up to Exchange"),
            )));
        }
    }
}

/// One PATCH in the making.
#[derive(Default)]
struct Patch {
    body: Map<String, Value>,
    want: Map<String, Value>,
    says: Vec<String>,
    recalled: Option<&'static str>,
}

impl Patch {
    fn set(&mut self, column: &str, value: Value) {
        self.body.insert(column.to_owned(), value.clone());
        self.want.insert(column.to_owned(), value);
    }
}

/// Row, column and new value of every cell that differs between two tables of the same rows; column by
/// column.
pub(super) fn changed<'t>(old: &'t Table, new: &'t Table) -> impl Iterator<Item = (usize, &'t str, Value)> {
    let pairs = new
        .columns
        .iter()
        .filter_map(|(name, column)| Some((name.as_str(), old.columns.get(name)?, column)));
    // Most columns are the same altogether, and that is seen at once.
    pairs
        .filter(|(_, before, column)| !same(before, column))
        .flat_map(|(name, before, column)| {
            (0..new.rows).filter_map(move |row| {
                let value = cell(column, row);
                (cell(before, row) != value).then_some((row, name, value))
            })
        })
}

fn same(left: &Column, right: &Column) -> bool {
    match (left, right) {
        (Column::Id(left), Column::Id(right)) => left == right,
        (Column::Text(left), Column::Text(right)) => left == right,
        (Column::Integer(left), Column::Integer(right)) => left == right,
        (Column::Boolean(left), Column::Boolean(right)) => left == right,
        (Column::Timestamp(left), Column::Timestamp(right)) => left == right,
        _ => false,
    }
}

fn cell(column: &Column, row: usize) -> Value {
    match column {
        Column::Id(values) => match values[row] {
            Guid::NULL => Value::Null,
            id => Value::String(id.to_string()),
        },
        Column::Text(values) if values.is_valid(row) => Value::String(values.value(row).to_owned()),
        Column::Integer(values) if values.is_valid(row) => json!(values.value(row)),
        Column::Boolean(values) if values.is_valid(row) => json!(values.value(row)),
        Column::Timestamp(values) if values.is_valid(row) => json!(values.value(row)),
        _ => Value::Null,
    }
}
