//! A small environment of one user per case, on which changes are tried out.
//!
//! Owns cutting the rows of some users out of an environment, and judging them after changes. What a
//! change does is never worked out here or guessed from a rule: `what_if` makes it, and the evaluator
//! judges the result by the same rules as everyone.

use std::borrow::Cow;

use arrow_array::{Array, BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use rustc_hash::FxHashSet;

use crate::evaluate::{EnvironmentAssessment, Inputs, Outcome, Reported, Verdict, assess};
use crate::rules::{RuleIndex, Severity};
use crate::snapshot::{Column, Environment, Guid, Table};
use crate::what_if::{self, Change};

use super::PlanError;

/// Representatives of cases, and nobody else.
pub(super) struct Sample<'i> {
    inputs: Inputs<'i>,
    environment: Environment,
    /// Ids of the representatives, in the order of the cases.
    ids: Vec<Guid>,
}

/// A rule that stands in somebody's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    pub(super) rule: RuleIndex,
    /// Not known; else it fails.
    pub(super) unknown: bool,
}

/// How the representatives stand.
pub(super) struct State {
    /// By case: what stands in the way, in the order of the rules.
    pub(super) open: Vec<Vec<Open>>,
    /// By case.
    pub(super) verdicts: Vec<Verdict>,
}

impl<'i> Sample<'i> {
    /// Cuts the given users out.
    pub(super) fn new(
        inputs: &Inputs<'i>,
        assessed: &EnvironmentAssessment<'_>,
        users: &[usize],
        roles: &FxHashSet<Guid>,
    ) -> Sample<'i> {
        let environment = assessed.environment;
        let of_all = environment
            .table("systemuser")
            .and_then(|table| table.ids("systemuserid"))
            .unwrap_or_default();
        let ids: Vec<Guid> = users.iter().map(|user| of_all[*user]).collect();
        let mut rows = users.to_vec();
        rows.sort_unstable();
        let mut mailboxes: Vec<usize> = rows
            .iter()
            .filter_map(|user| assessed.mailbox_row(*user))
            .collect();
        mailboxes.sort_unstable();
        mailboxes.dedup();
        let wanted: FxHashSet<Guid> = ids.iter().copied().collect();
        let tables = environment.tables.iter().map(|(name, table)| {
            let small = match name.as_str() {
                "systemuser" => take(table, &rows),
                "mailbox" => take(table, &mailboxes),
                "systemuserroles" | "teammembership" | "access" => of(table, "systemuserid", &wanted),
                _ => table.clone(),
            };
            (name.clone(), small)
        });
        let mut environment = Environment {
            manifest: environment.manifest.clone(),
            tables: tables.collect(),
        };
        leave_out_copies(&mut environment, roles);
        Sample {
            inputs: Inputs {
                reported: &Reported::All,
                ..*inputs
            },
            environment,
            ids,
        }
    }

    /// How the representatives stand after changes.
    pub(super) fn after(&self, changes: &[Change]) -> Result<State, PlanError> {
        let environment = if changes.is_empty() {
            Cow::Borrowed(&self.environment)
        } else {
            Cow::Owned(what_if::apply(&self.environment, changes).map_err(PlanError::Change)?)
        };
        let inputs = Inputs {
            environments: std::slice::from_ref(environment.as_ref()),
            ..self.inputs
        };
        let assessment = assess(&inputs).map_err(PlanError::Assess)?;
        let Some(assessed) = assessment.environments.first() else {
            return Ok(State {
                open: Vec::new(),
                verdicts: Vec::new(),
            });
        };
        let position = |id: &Guid| {
            let own = environment
                .table("systemuser")
                .and_then(|table| table.ids("systemuserid"));
            own.and_then(|own| own.binary_search(id).ok()).unwrap_or_default()
        };
        let users: Vec<usize> = self.ids.iter().map(position).collect();
        Ok(State {
            open: users.iter().map(|user| open(assessed, &inputs, *user)).collect(),
            verdicts: users.iter().map(|user| assessed.verdict(*user)).collect(),
        })
    }
}

/// The rules that keep a user from being ready: what fails, and what blocks and is not known.
pub(super) fn open(assessed: &EnvironmentAssessment<'_>, inputs: &Inputs<'_>, user: usize) -> Vec<Open> {
    let rules = inputs.rules.rules.iter().enumerate();
    rules
        .filter_map(
            |(rule, about)| match (about.severity, assessed.outcome(rule, user)) {
                (Severity::Advises, _) => None,
                (_, Outcome::Fail) => Some(Open { rule, unknown: false }),
                (Severity::Blocks, Outcome::Unknown) => Some(Open { rule, unknown: true }),
                _ => None,
            },
        )
        .collect()
}

/// Leaves out copies of roles that nobody here holds or could be given: a large environment has one of
/// every role for every business unit.
fn leave_out_copies(environment: &mut Environment, candidates: &FxHashSet<Guid>) {
    let ids = |table: &str, column: &str| -> FxHashSet<Guid> {
        let table = environment.table(table);
        let ids = table.and_then(|table| table.ids(column)).unwrap_or_default();
        ids.iter().copied().collect()
    };
    let mut held = ids("systemuserroles", "roleid");
    held.extend(ids("teamroles", "roleid"));
    held.extend(ids("appmoduleroles", "roleid"));
    let units = ids("systemuser", "businessunitid");
    let Some(table) = environment.tables.get_mut("role") else {
        return;
    };
    let (Some(own), Some(roots), Some(of)) = (
        table.ids("roleid"),
        table.ids("parentrootroleid"),
        table.ids("businessunitid"),
    ) else {
        return;
    };
    let keep = |row: &usize| {
        let root = roots[*row];
        root.is_null()
            || root == own[*row]
            || held.contains(&own[*row])
            || (candidates.contains(&root) && units.contains(&of[*row]))
    };
    let rows: Vec<usize> = (0..table.rows).filter(keep).collect();
    *table = take(table, &rows);
}

/// The rows whose id is one of these.
fn of(table: &Table, column: &str, wanted: &FxHashSet<Guid>) -> Table {
    let ids = table.ids(column).unwrap_or_default();
    let rows: Vec<usize> = (0..ids.len()).filter(|row| wanted.contains(&ids[*row])).collect();
    take(table, &rows)
}

/// The rows at those positions, which may repeat.
pub(super) fn take(table: &Table, rows: &[usize]) -> Table {
    let columns = table.columns.iter();
    Table {
        rows: rows.len(),
        columns: columns
            .map(|(name, column)| (name.clone(), take_column(column, rows)))
            .collect(),
    }
}

fn take_column(column: &Column, rows: &[usize]) -> Column {
    match column {
        Column::Id(values) => Column::Id(rows.iter().map(|row| values[*row]).collect()),
        Column::Text(values) => {
            let value = |row: &usize| values.is_valid(*row).then(|| values.value(*row));
            Column::Text(rows.iter().map(value).collect::<StringArray>())
        }
        Column::Integer(values) => {
            let value = |row: &usize| values.is_valid(*row).then(|| values.value(*row));
            Column::Integer(rows.iter().map(value).collect::<Int32Array>())
        }
        Column::Boolean(values) => {
            let value = |row: &usize| values.is_valid(*row).then(|| values.value(*row));
            Column::Boolean(rows.iter().map(value).collect::<BooleanArray>())
        }
        Column::Timestamp(values) => {
            let value = |row: &usize| values.is_valid(*row).then(|| values.value(*row));
            let taken: TimestampMillisecondArray = rows.iter().map(value).collect();
            Column::Timestamp(taken.with_timezone("UTC"))
        }
    }
}
