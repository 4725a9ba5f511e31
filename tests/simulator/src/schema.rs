//! A table as the server sees it: rows behind one interface, and the properties that clients may name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::cell::{Cell, Kind};
use crate::tables::Row;
use crate::tenant::Tenant;

/// The rows of one table.
pub(crate) trait Rows: Send + Sync {
    /// Number of rows.
    fn count(&self) -> usize;
    /// A declared column of a row.
    fn declared(&self, row: usize, column: usize) -> Cell<'_>;
    /// A custom column of a row.
    fn custom(&self, row: usize, name: &str) -> Cell<'_>;
}

/// Rows that a tenant holds.
pub(crate) struct OfTenant<R> {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) rows: fn(&Tenant) -> &[R],
}

impl<R: Row> Rows for OfTenant<R> {
    fn count(&self) -> usize {
        (self.rows)(&self.tenant).len()
    }

    fn declared(&self, row: usize, column: usize) -> Cell<'_> {
        (R::COLUMNS[column].get)(&(self.rows)(&self.tenant)[row])
    }

    fn custom(&self, row: usize, name: &str) -> Cell<'_> {
        let extra = (self.rows)(&self.tenant)[row].extra();
        extra
            .and_then(|extra| extra.get(name))
            .map_or(Cell::Null, |value| Cell::Json(value).plain())
    }
}

/// Rows made when the server starts.
pub(crate) struct Made<R>(pub(crate) Vec<R>);

impl<R: Row> Rows for Made<R> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn declared(&self, row: usize, column: usize) -> Cell<'_> {
        (R::COLUMNS[column].get)(&self.0[row])
    }

    fn custom(&self, _: usize, _: &str) -> Cell<'_> {
        Cell::Null
    }
}

/// One property of a table.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Logical name of the column.
    pub(crate) name: String,
    /// Property in requests and answers: the logical name, or `_name_value` for a lookup.
    pub(crate) property: String,
    /// Kind of column.
    pub(crate) kind: Kind,
    /// Place among the declared columns; `None` for a custom column.
    pub(crate) declared: Option<usize>,
    /// Place of the declared column that says which table a lookup leads to.
    pub(crate) target_column: Option<usize>,
}

/// A table: rows and properties.
pub(crate) struct Table {
    /// Logical name.
    pub(crate) name: &'static str,
    /// Entity set.
    pub(crate) set: &'static str,
    /// Properties; the first is the primary key.
    pub(crate) fields: Vec<Field>,
    by_property: HashMap<String, usize>,
    rows: Box<dyn Rows>,
}

impl Table {
    /// A table with the columns of its row type, less those the environment lacks, plus custom ones.
    pub(crate) fn new<R: Row>(
        rows: Box<dyn Rows>,
        custom: &BTreeMap<String, Kind>,
        lacking: &BTreeSet<String>,
    ) -> Self {
        let place = |name: &str| R::COLUMNS.iter().position(|column| column.name == name);
        let declared = R::COLUMNS.iter().enumerate().map(|(number, column)| Field {
            name: column.name.to_owned(),
            property: match column.kind {
                Kind::Lookup(..) => format!("_{}_value", column.name),
                _ => column.name.to_owned(),
            },
            kind: column.kind,
            declared: Some(number),
            target_column: match column.kind {
                Kind::Lookup(_, by) => place(by),
                _ => None,
            },
        });
        let custom = custom.iter().map(|(name, kind)| Field {
            name: name.clone(),
            property: name.clone(),
            kind: *kind,
            declared: None,
            target_column: None,
        });
        let fields: Vec<Field> = declared
            .chain(custom)
            .filter(|field| !lacking.contains(&field.name))
            .collect();
        let readable = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.kind != Kind::Hidden);
        let by_property = readable
            .map(|(place, field)| (field.property.clone(), place))
            .collect();
        Self {
            name: R::TABLE,
            set: R::SET,
            fields,
            by_property,
            rows,
        }
    }

    /// Number of rows, visible or not.
    pub(crate) fn count(&self) -> usize {
        self.rows.count()
    }

    /// Place of a property, if clients may name it so.
    pub(crate) fn property(&self, property: &str) -> Option<usize> {
        self.by_property.get(property).copied()
    }

    /// Place of a column by its logical name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The value of a property.
    pub(crate) fn cell(&self, row: usize, field: usize) -> Cell<'_> {
        let field = &self.fields[field];
        match field.declared {
            Some(column) => self.rows.declared(row, column),
            None => self.rows.custom(row, &field.name),
        }
    }

    /// Logical name of the table that a row's lookup leads to.
    pub(crate) fn target(&self, row: usize, field: usize) -> &str {
        let field = &self.fields[field];
        let Kind::Lookup(targets, _) = field.kind else {
            return "";
        };
        match field.target_column.map(|column| self.rows.declared(row, column)) {
            Some(Cell::Text(target)) => target,
            _ => targets.split(',').next().unwrap_or(targets),
        }
    }
}

/// Custom columns of rows, each with the kind its first value shows.
pub(crate) fn custom_columns<'a>(
    rows: impl Iterator<Item = &'a BTreeMap<String, Value>>,
) -> BTreeMap<String, Kind> {
    let mut kinds = BTreeMap::new();
    for (name, value) in rows.flatten() {
        let kind = match value {
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Int,
            _ => Kind::Text,
        };
        match kinds.get(name) {
            // A null tells nothing; a later value may.
            Some(_) if value.is_null() => {}
            Some(Kind::Text) | None => {
                kinds.insert(name.clone(), kind);
            }
            Some(_) => {}
        }
    }
    kinds
}
