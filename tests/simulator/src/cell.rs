//! Values of single columns and the kinds a column can have.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// One value of one column of one row, borrowed from the tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// The column holds nothing.
    Null,
    /// Text.
    Text(&'a str),
    /// A whole number, also the stored value of an option column.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A unique identifier.
    Guid(Uuid),
    /// A point in time, UTC.
    Date(Timestamp),
    /// A custom column, as the test put it.
    Json(&'a Value),
}

impl<'a> Cell<'a> {
    /// A custom column's value as the plain kind it stands for, so that filters treat both alike.
    pub(crate) fn plain(self) -> Cell<'a> {
        match self {
            Cell::Json(Value::Null) => Cell::Null,
            Cell::Json(Value::Bool(value)) => Cell::Bool(*value),
            Cell::Json(Value::String(text)) => Cell::Text(text),
            Cell::Json(Value::Number(number)) => number.as_i64().map_or(self, Cell::Int),
            other => other,
        }
    }

    /// The identifier, if it is one.
    pub(crate) fn guid(self) -> Option<Uuid> {
        match self {
            Cell::Guid(id) => Some(id),
            _ => None,
        }
    }
}

/// How a row's field becomes a cell.
pub(crate) trait ToCell {
    /// The field as a cell.
    fn cell(&self) -> Cell<'_>;
}

macro_rules! to_cell {
    ($($ty:ty => $make:expr),* $(,)?) => { $(impl ToCell for $ty {
        fn cell(&self) -> Cell<'_> {
            let make: fn(&$ty) -> Cell<'_> = $make;
            make(self)
        }
    })* };
}

to_cell! {
    String => |value| Cell::Text(value),
    Uuid => |value| Cell::Guid(*value),
    bool => |value| Cell::Bool(*value),
    i32 => |value| Cell::Int(i64::from(*value)),
    i64 => |value| Cell::Int(*value),
    Timestamp => |value| Cell::Date(*value),
}

impl<T: ToCell> ToCell for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, T::cell)
    }
}

/// How a value that a file names becomes a field; `None` if it is not of the field's type.
pub(crate) trait FromValue: Sized {
    /// The field.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($ty:ty => $make:expr),* $(,)?) => { $(impl FromValue for $ty {
        fn from_value(value: &Value) -> Option<Self> {
            let make: fn(&Value) -> Option<$ty> = $make;
            make(value)
        }
    })* };
}

from_value! {
    String => |value| value.as_str().map(str::to_owned),
    Uuid => |value| value.as_str()?.parse().ok(),
    bool => |value| value.as_bool(),
    i32 => |value| value.as_i64()?.try_into().ok(),
    Timestamp => |value| value.as_str()?.parse().ok(),
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// Stored values and labels of an option column.
pub(crate) type Options = &'static [(i32, &'static str)];

/// What kind of column it is: decides its property name, its checks in filters and its annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The table's primary key.
    Key,
    /// A plain identifier; read by its own name.
    Guid,
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// An option column.
    Choice(Options),
    /// Date and time, UTC.
    Date,
    /// A lookup: read as `_name_value` only. The first text is the target table, or the targets
    /// separated by commas; then the second names the column that says which.
    Lookup(&'static str, &'static str),
    /// Exists on the table but not in the Web API.
    Hidden,
}

impl Kind {
    /// `AttributeType` in the table definition.
    pub(crate) fn attribute_type(self) -> &'static str {
        match self {
            Kind::Key | Kind::Guid => "Uniqueidentifier",
            Kind::Text => "String",
            Kind::Int => "Integer",
            Kind::Bool => "Boolean",
            Kind::Choice(_) => "Picklist",
            Kind::Date => "DateTime",
            Kind::Lookup(..) => "Lookup",
            Kind::Hidden => "EntityName",
        }
    }

    /// The type's name in an error about incompatible operands.
    pub(crate) fn edm(self) -> &'static str {
        match self {
            Kind::Key | Kind::Guid | Kind::Lookup(..) => "Edm.Guid",
            Kind::Text | Kind::Hidden => "Edm.String",
            Kind::Int | Kind::Choice(_) => "Edm.Int32",
            Kind::Bool => "Edm.Boolean",
            Kind::Date => "Edm.DateTimeOffset",
        }
    }
}
