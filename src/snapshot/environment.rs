//! A snapshot in memory: plain columns, no files.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};

use super::Manifest;

/// A GUID as a number; [`Guid::NULL`] stands for a null lookup.
///
/// Dataverse never hands out the all-zero GUID as a key, so it is free to mean "nothing here",
/// which halves the memory against `Option<Uuid>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// A null lookup.
    pub const NULL: Guid = Guid(0);

    /// Whether this is a null lookup.
    #[must_use]
    pub fn is_null(self) -> bool {
        self == Guid::NULL
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", uuid::Uuid::from_u128(self.0).hyphenated())
    }
}

/// One column of a table, in the type its name calls for.
#[derive(Clone, Debug)]
pub enum Column {
    /// Ids and lookups.
    Id(Vec<Guid>),
    /// Text.
    Text(StringArray),
    /// Options and whole numbers.
    Integer(Int32Array),
    /// Yes or no.
    Boolean(BooleanArray),
    /// Milliseconds since 1970, UTC.
    Timestamp(TimestampMillisecondArray),
}

/// One table in memory: the columns that were asked for and that the snapshot has.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Number of rows.
    pub rows: usize,
    /// Columns by logical name.
    pub columns: BTreeMap<String, Column>,
}

impl Table {
    /// The column of ids, if it was collected.
    #[must_use]
    pub fn ids(&self, name: &str) -> Option<&[Guid]> {
        match self.columns.get(name) {
            Some(Column::Id(values)) => Some(values),
            _ => None,
        }
    }

    /// The text column, if it was collected.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&StringArray> {
        match self.columns.get(name) {
            Some(Column::Text(values)) => Some(values),
            _ => None,
        }
    }

    /// The integer column, if it was collected.
    #[must_use]
    pub fn integers(&self, name: &str) -> Option<&Int32Array> {
        match self.columns.get(name) {
            Some(Column::Integer(values)) => Some(values),
            _ => None,
        }
    }

    /// The boolean column, if it was collected.
    #[must_use]
    pub fn booleans(&self, name: &str) -> Option<&BooleanArray> {
        match self.columns.get(name) {
            Some(Column::Boolean(values)) => Some(values),
            _ => None,
        }
    }
}

/// One environment as the evaluator sees it: the manifest and the tables in memory.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What the collector wrote about itself.
    pub manifest: Manifest,
    /// Tables by logical name; a table that was not collected is absent.
    pub tables: BTreeMap<String, Table>,
}

impl Environment {
    /// The table of that name, if it was collected.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }
}
