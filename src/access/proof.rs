//! When is "nobody granted it" proved, and when was it only not seen?

use crate::snapshot::Environment;
use crate::snapshot::tables::ACCESS_TABLES;

/// The read privileges of the caller that these tables hang on.
const PRIVILEGES: [&str; 3] = ["prvReadRole", "prvReadTeam", "prvReadUser"];

/// The columns without which a grant can be there and not be found.
const COLUMNS: [(&str, &str); 3] = [
    ("role", "parentrootroleid"),
    ("role", "roletemplateid"),
    ("privilege", "name"),
];

/// Whether an absence in an environment is proved: complete tables, read by a caller who sees
/// every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// What is not there does not exist.
    Whole,
    /// Something may have been out of sight; the words say what.
    Partial(String),
}

impl Proof {
    /// Whether these tables, read with these privileges, prove an absence.
    #[must_use]
    pub fn of(environment: &Environment, tables: &[&str], privileges: &[&str]) -> Proof {
        let manifest = &environment.manifest;
        let incomplete = tables
            .iter()
            .filter(|table| !manifest.is_complete(table) || environment.table(table).is_none());
        let mut missing: Vec<String> = incomplete
            .map(|table| format!("table `{table}` was not read completely"))
            .collect();
        missing.extend(
            privileges
                .iter()
                .filter(|name| !manifest.sees_all(name))
                .map(|name| format!("the collecting account is not proven to hold `{name}` at global depth")),
        );
        if missing.is_empty() {
            Proof::Whole
        } else {
            Proof::Partial(missing.join("; "))
        }
    }

    /// Whether a missing grant proves missing access.
    #[must_use]
    pub fn of_access(environment: &Environment) -> Proof {
        let lacks = |(table, column): &&(&str, &str)| {
            environment
                .table(table)
                .is_some_and(|table| !table.columns.contains_key(*column))
        };
        let missing: Vec<String> = COLUMNS
            .iter()
            .filter(lacks)
            .map(|(table, column)| format!("`{table}.{column}` was not read"))
            .collect();
        let columns = if missing.is_empty() {
            Proof::Whole
        } else {
            Proof::Partial(missing.join("; "))
        };
        Proof::of(environment, &ACCESS_TABLES, &PRIVILEGES).and(columns)
    }

    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Proof) -> Proof {
        match (self, other) {
            (Proof::Whole, other) => other,
            (partial, Proof::Whole) => partial,
            (Proof::Partial(left), Proof::Partial(right)) => Proof::Partial(format!("{left}; {right}")),
        }
    }

    /// What is missing, if anything.
    #[must_use]
    pub fn gap(&self) -> Option<&str> {
        match self {
            Proof::Whole => None,
            Proof::Partial(words) => Some(words),
        }
    }
}
