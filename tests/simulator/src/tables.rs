//! The tables of a tenant: one plain struct per table, its fields named like Dataverse's columns.
//!
//! The same declaration gives the struct that tests change and the list of columns that the server
//! answers from, so the two cannot differ. Names, types and options follow the vendor's table
//! reference (2018 edition) and a client generated from a live environment (2024).

mod apps;
mod intersect;
mod mail;
mod organization;
mod people;
mod security;

pub use apps::{AppModule, AppModuleRole, Solution};
pub(crate) use intersect::{SystemUserRole, TeamMembership, TeamRole, pair_id};
pub use mail::{EmailServerProfile, Mailbox, Queue, TraceLog};
pub use organization::Organization;
pub use people::{BusinessUnit, SystemUser, Team};
pub use security::{Privilege, Role, RolePrivilege};

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cell::{Cell, Kind};

/// Custom columns of a row by logical name. A column counts as existing if any row of the table has it.
pub type Extra = BTreeMap<String, Value>;

/// One declared column of a table.
pub(crate) struct Column<R> {
    /// Logical name.
    pub(crate) name: &'static str,
    /// Kind of column.
    pub(crate) kind: Kind,
    /// Reads it from a row.
    pub(crate) get: fn(&R) -> Cell<'_>,
    /// Puts a value into a row; false if it is not of the column's type.
    pub(crate) set: fn(&mut R, &Value) -> bool,
}

/// A table's row type.
pub(crate) trait Row: Default + Sized + Send + Sync + 'static {
    /// Logical name of the table.
    const TABLE: &'static str;
    /// Name of its entity set.
    const SET: &'static str;
    /// Its columns; the first is the primary key.
    const COLUMNS: &'static [Column<Self>];
    /// Its custom columns.
    fn extra(&self) -> Option<&Extra> {
        None
    }
}

/// Declares a row struct together with its columns.
macro_rules! table {
    ($(#[$doc:meta])* $vis:vis struct $name:ident = $logical:literal / $set:literal {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty = $kind:expr,)*
    } $(extra $extra:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name {
            $($(#[$field_doc])* $vis $field: $ty,)*
            $(/// Custom columns by logical name.
            $vis $extra: $crate::tables::Extra,)?
        }

        impl $crate::tables::Row for $name {
            const TABLE: &'static str = $logical;
            const SET: &'static str = $set;
            const COLUMNS: &'static [$crate::tables::Column<Self>] = &[$($crate::tables::Column {
                name: stringify!($field),
                kind: $kind,
                get: |row| $crate::cell::ToCell::cell(&row.$field),
                set: |row, value| {
                    let read = $crate::cell::FromValue::from_value(value);
                    read.map(|read| row.$field = read).is_some()
                },
            },)*];
            $(fn extra(&self) -> Option<&$crate::tables::Extra> {
                Some(&self.$extra)
            })?
        }
    };
}
pub(crate) use table;
