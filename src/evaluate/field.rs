//! Reading one fact of one subject, and comparing it.

use arrow_array::{Array, BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};

use crate::rules::{Field, FieldKind, Subject, Test, Value, Version};
use crate::snapshot::{Column, Environment, Guid};

use super::people::{People, Place};
use super::tri::{Planes, Tri};
use super::words::put;

/// Tells where the record of a subject is: for users, or for the mailboxes of an environment.
pub(super) trait Places: Sync {
    /// Where the record that `subject` names is, for the index-th subject.
    fn place(&self, subject: Subject, index: usize) -> Place;
}

impl Places for People<'_> {
    fn place(&self, subject: Subject, index: usize) -> Place {
        People::place(self, subject, index)
    }
}

/// A column of a collected table, ready to be read.
#[derive(Clone, Debug)]
pub(super) struct FieldReader<'a> {
    pub(super) field: &'a Field,
    subject: Subject,
    values: Values<'a>,
    /// Ids of the rows, to say where a value was read.
    keys: &'a [Guid],
}

#[derive(Clone, Debug)]
enum Values<'a> {
    /// The reason it was not collected.
    Missing(String),
    /// No column: the same for everyone in the environment.
    Fixed(Cell<'a>),
    Id(&'a [Guid]),
    Text(&'a StringArray),
    Integer(&'a Int32Array),
    Boolean(&'a BooleanArray),
    Timestamp(&'a TimestampMillisecondArray),
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Id(Guid),
    Text(&'a str),
    Integer(i32),
    Boolean(bool),
    Timestamp(i64),
}

impl<'a> FieldReader<'a> {
    pub(super) fn new(
        field: &'a Field,
        subject: Subject,
        column: &str,
        environment: &'a Environment,
    ) -> Self {
        let table = subject.table();
        let values = match environment
            .table(table)
            .and_then(|table| table.columns.get(column))
        {
            Some(Column::Id(values)) => Values::Id(values),
            Some(Column::Text(values)) => Values::Text(values),
            Some(Column::Integer(values)) => Values::Integer(values),
            Some(Column::Boolean(values)) => Values::Boolean(values),
            Some(Column::Timestamp(values)) => Values::Timestamp(values),
            None => Values::Missing(why_missing(environment, table, column)),
        };
        let key = crate::snapshot::tables::table(table).map_or("", |table| table.sorted_by[0]);
        let keys = environment
            .table(table)
            .and_then(|table| table.ids(key))
            .unwrap_or_default();
        FieldReader {
            field,
            subject,
            values,
            keys,
        }
    }

    /// A fact that is the same for everyone in the environment.
    pub(super) fn fixed(field: &'a Field, cell: Cell<'a>) -> Self {
        FieldReader {
            field,
            subject: Subject::Organization,
            values: Values::Fixed(cell),
            keys: &[],
        }
    }

    /// Whether the column was collected at all.
    pub(super) fn is_collected(&self) -> bool {
        !matches!(self.values, Values::Missing(_))
    }

    /// The value; none if there is no record to read it from.
    pub(super) fn cell(&self, places: &impl Places, index: usize) -> Option<Cell<'a>> {
        if let Values::Fixed(cell) = self.values {
            return Some(cell);
        }
        let Place::Row(row) = places.place(self.subject, index) else {
            return None;
        };
        let row = row as usize;
        let cell = match &self.values {
            Values::Missing(_) | Values::Fixed(_) => return None,
            Values::Id(values) => Cell::of_id(values[row]),
            Values::Text(values) => Cell::of(values.is_valid(row).then(|| values.value(row)), Cell::Text),
            Values::Integer(values) => {
                Cell::of(values.is_valid(row).then(|| values.value(row)), Cell::Integer)
            }
            Values::Boolean(values) => {
                Cell::of(values.is_valid(row).then(|| values.value(row)), Cell::Boolean)
            }
            Values::Timestamp(values) => {
                Cell::of(values.is_valid(row).then(|| values.value(row)), Cell::Timestamp)
            }
        };
        Some(cell)
    }

    /// The outcome of a test for every user: first once for each row of the table, in the order of
    /// memory, then for whom each row belongs to.
    pub(super) fn planes(&self, test: &Test, people: &People<'_>) -> Planes {
        let rows: Vec<Tri> = match &self.values {
            Values::Missing(_) => return Planes::all(people.len(), Tri::Unknown),
            Values::Fixed(cell) => return Planes::all(people.len(), cell.test(test)),
            Values::Id(values) => values.iter().map(|id| Cell::of_id(*id).test(test)).collect(),
            Values::Text(values) => values
                .iter()
                .map(|v| Cell::of(v, Cell::Text).test(test))
                .collect(),
            Values::Integer(values) => integers(values, test),
            Values::Boolean(values) => {
                let [null, no, yes] =
                    [Cell::Null, Cell::Boolean(false), Cell::Boolean(true)].map(|cell| cell.test(test));
                let of = |value: bool| if value { yes } else { no };
                match values.null_count() {
                    0 => values.values().iter().map(of).collect(),
                    _ => values.iter().map(|value| value.map_or(null, of)).collect(),
                }
            }
            Values::Timestamp(values) => values
                .iter()
                .map(|v| Cell::of(v, Cell::Timestamp).test(test))
                .collect(),
        };
        let of = |row: Option<usize>| row.and_then(|row| rows.get(row)).copied().unwrap_or(Tri::Unknown);
        match (self.subject, people.places(self.subject)) {
            (Subject::User, _) => Planes::pack(people.len(), |user| rows[user]),
            (_, Some(places)) => Planes::pack(people.len(), |user| of(places[user].row())),
            (_, None) => Planes::all(people.len(), of(Some(0))),
        }
    }

    /// The outcome of a test.
    pub(super) fn test(&self, test: &Test, places: &impl Places, index: usize) -> Tri {
        self.cell(places, index)
            .map_or(Tri::Unknown, |cell| cell.test(test))
    }

    /// Whether two facts are equal, ignoring case and surrounding blanks.
    pub(super) fn same(&self, other: &FieldReader<'_>, places: &impl Places, index: usize) -> Tri {
        match (self.cell(places, index), other.cell(places, index)) {
            (None | Some(Cell::Null), _) | (_, None | Some(Cell::Null)) => Tri::Unknown,
            (Some(Cell::Text(left)), Some(Cell::Text(right))) => {
                (left == right || same_text(left.trim(), right.trim())).into()
            }
            (Some(left), Some(right)) => (left == right).into(),
        }
    }

    /// Writes what was read and where, for a person.
    pub(super) fn observe(&self, people: &People<'_>, index: usize, to: &mut String) {
        let name = &self.field.name;
        let Some(cell) = self.cell(people, index) else {
            return put(to, format_args!("`{name}` is not known"));
        };
        put(to, format_args!("`{name}` is "));
        cell.put(&self.field.kind, to);
        let key = match (self.subject, people.place(self.subject, index)) {
            (Subject::User | Subject::Organization, _) => None,
            (_, Place::Row(row)) => self.keys.get(row as usize),
            _ => None,
        };
        if let Some(key) = key {
            put(to, format_args!(" ({} {key})", self.subject.words()));
        }
    }

    /// Writes why the value does not tell, if it does not.
    pub(super) fn why_unknown(&self, people: &People<'_>, index: usize, to: &mut String) {
        let name = &self.field.name;
        if let Values::Missing(reason) = &self.values {
            return put(to, format_args!("`{name}` was not collected: {reason}"));
        }
        if let Values::Fixed(_) = self.values {
            return put(to, format_args!("`{name}` is not known"));
        }
        match people.place(self.subject, index) {
            Place::Row(_) if self.cell(people, index) == Some(Cell::Null) => {
                put(to, format_args!("`{name}` is null in the environment"));
            }
            Place::Row(_) => put(to, format_args!("`{name}` has a value that cannot be compared")),
            place => people.why_no_record(self.subject, place, index, to),
        }
    }
}

/// The outcome of a test for every number: most are options, few and small, each tested once.
fn integers(values: &Int32Array, test: &Test) -> Vec<Tri> {
    let null = Cell::Null.test(test);
    let small: [Tri; 64] = std::array::from_fn(|value| Cell::Integer(value as i32).test(test));
    let of = |value: i32| match usize::try_from(value).ok().and_then(|value| small.get(value)) {
        Some(known) => *known,
        None => Cell::Integer(value).test(test),
    };
    match values.null_count() {
        0 => values.values().iter().map(|value| of(*value)).collect(),
        _ => values.iter().map(|value| value.map_or(null, of)).collect(),
    }
}

impl People<'_> {
    /// Writes why a record cannot be read, if it cannot.
    pub(super) fn why_no_record(&self, subject: Subject, place: Place, user: usize, to: &mut String) {
        let words = match (subject, place) {
            (_, Place::Row(_)) => return,
            (Subject::Mailbox, Place::Nowhere) => "the user has no mailbox",
            (Subject::Mailbox, Place::NotSeen) => {
                to.push_str("no mailbox of the user was found, and that does not prove there is none: ");
                self.mailbox_gap.as_deref().unwrap_or("it was not read")
            }
            (Subject::Profile, Place::Nowhere) => "the mailbox has no email server profile",
            (Subject::Profile, Place::NotSeen) => match self.place(Subject::Mailbox, user) {
                Place::Row(_) => "the mailbox's email server profile could not be read",
                place => return self.why_no_record(Subject::Mailbox, place, user, to),
            },
            (Subject::BusinessUnit, _) => "the user's business unit could not be read",
            (Subject::Organization, _) => "the organization's settings could not be read",
            (Subject::User, _) => "the user could not be read",
        };
        to.push_str(words);
    }
}

impl Subject {
    /// The record in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Subject::User => "user",
            Subject::Mailbox => "mailbox",
            Subject::Profile => "server profile",
            Subject::BusinessUnit => "business unit",
            Subject::Organization => "organization",
        }
    }
}

impl<'a> Cell<'a> {
    fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Cell<'a> {
        value.map_or(Cell::Null, cell)
    }

    fn of_id(id: Guid) -> Cell<'a> {
        if id.is_null() { Cell::Null } else { Cell::Id(id) }
    }

    #[inline]
    pub(super) fn test(self, test: &Test) -> Tri {
        if let Test::Present(wanted) = test {
            let blank = match self {
                Cell::Null => true,
                Cell::Text(text) => text.chars().all(char::is_whitespace),
                _ => false,
            };
            return (blank != *wanted).into();
        }
        if self == Cell::Null {
            return Tri::Unknown;
        }
        match test {
            Test::OneOf(values) => self.one_of(values),
            Test::NoneOf(values) => self.one_of(values).not(),
            Test::AtLeast(value) => self.at_least(value),
            Test::Present(_) => Tri::Unknown,
        }
    }

    fn one_of(self, values: &[Value]) -> Tri {
        values
            .iter()
            .fold(Tri::False, |found, value| found.or(self.equals(value)))
    }

    fn equals(self, value: &Value) -> Tri {
        match (self, value) {
            (Cell::Integer(left), Value::Integer(right)) => (left == *right).into(),
            (Cell::Boolean(left), Value::Boolean(right)) => (left == *right).into(),
            (Cell::Text(left), Value::Text(right)) => same_text(left, right).into(),
            (Cell::Timestamp(left), Value::Timestamp(right)) => (left == *right).into(),
            (Cell::Text(left), Value::Version(right)) => {
                Version::parse(left).map_or(Tri::Unknown, |left| (left == *right).into())
            }
            _ => Tri::Unknown,
        }
    }

    fn at_least(self, value: &Value) -> Tri {
        match (self, value) {
            (Cell::Integer(left), Value::Integer(right)) => (left >= *right).into(),
            (Cell::Timestamp(left), Value::Timestamp(right)) => (left >= *right).into(),
            (Cell::Text(left), Value::Version(right)) => {
                Version::parse(left).map_or(Tri::Unknown, |left| (left >= *right).into())
            }
            _ => Tri::Unknown,
        }
    }

    /// Writes the value for a person, options with their label and number.
    pub(super) fn put(self, kind: &FieldKind, to: &mut String) {
        match (self, kind) {
            (Cell::Null, _) => to.push_str("null"),
            (Cell::Integer(value), FieldKind::Option(options)) => {
                match options.iter().find(|option| option.value == value) {
                    Some(option) => put(to, format_args!("{} ({value})", option.label)),
                    None => put(to, format_args!("{value}, a value that is not documented")),
                }
            }
            (Cell::Integer(value), _) => put(to, format_args!("{value}")),
            (Cell::Boolean(true), _) => to.push_str("yes"),
            (Cell::Boolean(false), _) => to.push_str("no"),
            (Cell::Id(id), _) => put(to, format_args!("{id}")),
            (Cell::Text(text), _) => put(to, format_args!("\"{text}\"")),
            (Cell::Timestamp(value), _) => match jiff::Timestamp::from_millisecond(value) {
                Ok(moment) => put(to, format_args!("{moment}")),
                Err(_) => put(to, format_args!("{value}")),
            },
        }
    }
}

/// Equal ignoring case, beyond ASCII too.
pub(super) fn same_text(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || (!left.is_ascii() && left.to_lowercase() == right.to_lowercase())
}

/// The recorded reason why a column is not in the snapshot.
pub(crate) fn why_missing(environment: &Environment, table: &str, column: &str) -> String {
    let gaps = &environment.manifest.gaps;
    let of_table = || gaps.iter().find(|gap| gap.table == table && gap.column.is_none());
    let gap = gaps
        .iter()
        .find(|gap| gap.table == table && gap.column.as_deref() == Some(column))
        .or_else(of_table);
    match gap {
        Some(gap) => format!("{} ({})", gap.reason.words(), gap.detail),
        None if environment.table(table).is_none() => format!("the snapshot has no table `{table}`"),
        None => format!("the snapshot's table `{table}` has no such column"),
    }
}
