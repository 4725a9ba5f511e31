//! Changes of a tenant by table and column, for tests whose tenants are written down in files.
//!
//! A test that is code changes the structs. Here names come from outside, and one that does not exist is
//! refused with the names that do.

use std::fmt;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::cell::{Cell, FromValue};
use crate::tables::{Column, Organization, Row};
use crate::tenant::Tenant;

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The table has no such column; these are there.
    Column(Vec<&'static str>),
    /// The value is not of the column's type.
    Type,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(columns) => write!(formatter, "no such column; there are: {}", columns.join(", ")),
            Self::Type => formatter.write_str("the value is not of the column's type"),
        }
    }
}

impl std::error::Error for Refused {}

/// The rows of one table, open to changes.
pub trait EditRows {
    /// Number of rows.
    fn count(&self) -> usize;
    /// The value of a column, by the number of the row.
    ///
    /// # Errors
    /// If there is no such column.
    fn value(&self, row: usize, column: &str) -> Result<Value, Refused>;
    /// Puts a value into a column; `null` empties it.
    ///
    /// # Errors
    /// If there is no such column, or the value is not of its type.
    fn put(&mut self, row: usize, column: &str, value: &Value) -> Result<(), Refused>;
    /// Adds a row of nulls with that primary key and gives its number; `None` for the organization, of
    /// which there is one. A row of two ids has no key of its own.
    fn add(&mut self, key: Uuid) -> Option<usize>;
    /// Takes a row out, and later ones move up; false for the organization.
    fn remove(&mut self, row: usize) -> bool;
}

impl Tenant {
    /// The rows of the table with that logical name; `None` if tenants have no such table.
    pub fn edit(&mut self, table: &str) -> Option<Box<dyn EditRows + '_>> {
        Some(match table {
            "systemuser" => Box::new(&mut self.users),
            "businessunit" => Box::new(&mut self.business_units),
            "role" => Box::new(&mut self.roles),
            "privilege" => Box::new(&mut self.privileges),
            "roleprivileges" => Box::new(&mut self.role_privileges),
            "team" => Box::new(&mut self.teams),
            "mailbox" => Box::new(&mut self.mailboxes),
            "emailserverprofile" => Box::new(&mut self.profiles),
            "organization" => Box::new(&mut self.organization),
            "appmodule" => Box::new(&mut self.app_modules),
            "appmoduleroles" => Box::new(&mut self.app_module_roles),
            "tracelog" => Box::new(&mut self.trace_logs),
            "queue" => Box::new(&mut self.queues),
            "systemuserroles" => Pairs::of(&mut self.user_roles, ["systemuserid", "roleid"]),
            "teamroles" => Pairs::of(&mut self.team_roles, ["teamid", "roleid"]),
            "teammembership" => Pairs::of(&mut self.memberships, ["systemuserid", "teamid"]),
            _ => return None,
        })
    }
}

fn column<R: Row>(name: &str) -> Result<&'static Column<R>, Refused> {
    let found = R::COLUMNS.iter().find(|column| column.name == name);
    found.ok_or_else(|| Refused::Column(R::COLUMNS.iter().map(|column| column.name).collect()))
}

fn value_of<R: Row>(row: &R, name: &str) -> Result<Value, Refused> {
    Ok(match (column::<R>(name)?.get)(row) {
        Cell::Null => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Int(number) => json!(number),
        Cell::Bool(value) => json!(value),
        Cell::Guid(id) => json!(id.to_string()),
        Cell::Date(date) => json!(date.to_string()),
        Cell::Json(value) => value.clone(),
    })
}

fn put_into<R: Row>(row: &mut R, name: &str, value: &Value) -> Result<(), Refused> {
    let fits = (column::<R>(name)?.set)(row, value);
    fits.then_some(()).ok_or(Refused::Type)
}

impl<R: Row> EditRows for &mut Vec<R> {
    fn count(&self) -> usize {
        self.len()
    }

    fn value(&self, row: usize, column: &str) -> Result<Value, Refused> {
        value_of(&self[row], column)
    }

    fn put(&mut self, row: usize, column: &str, value: &Value) -> Result<(), Refused> {
        put_into(&mut self[row], column, value)
    }

    fn add(&mut self, key: Uuid) -> Option<usize> {
        let mut row = R::default();
        // The first column is the key.
        (R::COLUMNS.first()?.set)(&mut row, &json!(key.to_string()));
        self.push(row);
        Some(self.len() - 1)
    }

    fn remove(&mut self, row: usize) -> bool {
        Vec::remove(self, row);
        true
    }
}

impl EditRows for &mut Organization {
    fn count(&self) -> usize {
        1
    }

    fn value(&self, _row: usize, column: &str) -> Result<Value, Refused> {
        value_of(*self, column)
    }

    fn put(&mut self, _row: usize, column: &str, value: &Value) -> Result<(), Refused> {
        put_into(*self, column, value)
    }

    fn add(&mut self, _key: Uuid) -> Option<usize> {
        None
    }

    fn remove(&mut self, _row: usize) -> bool {
        false
    }
}

/// A many-to-many table, which a tenant keeps as plain pairs.
struct Pairs<'t> {
    rows: &'t mut Vec<(Uuid, Uuid)>,
    columns: [&'static str; 2],
}

impl<'t> Pairs<'t> {
    fn of(rows: &'t mut Vec<(Uuid, Uuid)>, columns: [&'static str; 2]) -> Box<dyn EditRows + 't> {
        Box::new(Self { rows, columns })
    }

    /// Whether the second column is meant.
    fn second(&self, column: &str) -> Result<bool, Refused> {
        let place = self.columns.iter().position(|known| *known == column);
        let place = place.ok_or_else(|| Refused::Column(self.columns.to_vec()))?;
        Ok(place == 1)
    }
}

impl EditRows for Pairs<'_> {
    fn count(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: &str) -> Result<Value, Refused> {
        let (left, right) = self.rows[row];
        let id = if self.second(column)? { right } else { left };
        Ok(json!(id.to_string()))
    }

    fn put(&mut self, row: usize, column: &str, value: &Value) -> Result<(), Refused> {
        let second = self.second(column)?;
        let id = Uuid::from_value(value).ok_or(Refused::Type)?;
        let (left, right) = &mut self.rows[row];
        *(if second { right } else { left }) = id;
        Ok(())
    }

    fn add(&mut self, _key: Uuid) -> Option<usize> {
        self.rows.push((Uuid::nil(), Uuid::nil()));
        Some(self.rows.len() - 1)
    }

    fn remove(&mut self, row: usize) -> bool {
        self.rows.remove(row);
        true
    }
}
