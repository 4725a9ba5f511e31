//! A snapshot in memory: plain columns, no files.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};

use super::{Guid, Manifest};

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

    /// The column of moments, if it was collected.
    #[must_use]
    pub fn timestamps(&self, name: &str) -> Option<&TimestampMillisecondArray> {
        match self.columns.get(name) {
            Some(Column::Timestamp(values)) => Some(values),
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
