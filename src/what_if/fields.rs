//! Columns of users, mailboxes, profiles and the organization: which may be set, and to what.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};

use crate::evaluate::mailbox_rows;
use crate::rules::facts::Facts;
use crate::rules::nearest::choice;
use crate::rules::value::{MOMENT, moment};
use crate::rules::{Field, FieldKind, FieldSource, Subject};
use crate::snapshot::{Column, Environment, Guid, Table};

use super::Holder;
use super::error::Fault;
use super::names::{Names, Target};

/// A value for a column; none where it is emptied.
#[derive(Clone, Debug, PartialEq)]
enum Given {
    Null,
    Id(Guid),
    Text(String),
    Integer(i32),
    Boolean(bool),
    Timestamp(i64),
}

/// Tables with columns that were set. What a later change is about is found in these.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    environment: &'a Environment,
    facts: Facts,
    edited: BTreeMap<String, Table>,
    /// By user: the rows of mailbox and profile.
    records: Option<Vec<(Option<usize>, Option<usize>)>>,
}

/// What setting a field did.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Records with another value than before.
    pub(super) changed: usize,
    /// Records that had the value.
    pub(super) already: usize,
    /// Users of a business unit without such a record.
    pub(super) without: usize,
    /// The column is in the snapshot and no loaded rule reads it.
    pub(super) unread: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(environment: &'a Environment) -> Fields<'a> {
        Fields {
            environment,
            facts: Facts::built_in(),
            edited: BTreeMap::new(),
            records: None,
        }
    }

    /// The tables that differ from the environment's.
    pub(super) fn into_tables(self) -> BTreeMap<String, Table> {
        self.edited
    }

    fn table(&self, name: &str) -> Option<&Table> {
        self.edited.get(name).or_else(|| self.environment.table(name))
    }

    /// Sets a field of the records that belong to the holders.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: &str,
        of: &[Holder],
        names: &Names<'_>,
    ) -> Result<Set, Fault> {
        let (subject, column, kind) = self.settable(name)?;
        let given = self.given(name, &column, &kind, value)?;
        if subject == Subject::Organization && !of.is_empty() {
            return Err(Fault::new(
                "the organization's settings are everybody's",
                "leave out whose it is",
            ));
        }
        let loaded = self
            .table(subject.table())
            .is_some_and(|table| table.columns.contains_key(&column));
        let info = self.environment.manifest.tables.get(subject.table());
        if !loaded && !info.is_some_and(|info| info.columns.contains(&column)) {
            return Err(Fault::not_collected(self.environment, subject.table(), &column));
        }
        let mut set = Set {
            unread: !loaded,
            ..Set::default()
        };
        let rows = self.rows(subject, of, names, &mut set)?;
        if loaded {
            self.write(subject.table(), &column, &rows, &given, &mut set);
        }
        Ok(set)
    }

    /// Sets `role.isinherited` of these rows.
    pub(super) fn set_inheritance(&mut self, rows: &BTreeSet<usize>, number: i32) -> Result<Set, Fault> {
        let mut set = Set::default();
        if self
            .table("role")
            .and_then(|table| table.integers("isinherited"))
            .is_none()
        {
            return Err(Fault::not_collected(self.environment, "role", "isinherited"));
        }
        self.write("role", "isinherited", rows, &Given::Integer(number), &mut set);
        Ok(set)
    }

    /// The record and column that a field names, if it may be set.
    fn settable(&self, name: &str) -> Result<(Subject, String, FieldKind), Fault> {
        let Some(field) = self.facts.get(name) else {
            let known = self.facts.iter().filter(|field| stored(field).is_some());
            return Err(Fault::unknown(
                format!("there is no field `{name}`"),
                name,
                known.map(|field| field.name.as_str()),
                "name a table and a column, such as mailbox.incomingemailstatus",
            ));
        };
        let Some((subject, column)) = stored(field) else {
            return Err(Fault::new(
                format!("`{name}` is found out by the audit, not stored in the environment"),
                "set a column of systemuser, mailbox, emailserverprofile or organization",
            ));
        };
        let why = match (subject, column) {
            (Subject::BusinessUnit, _) => Some("business units are not changed here"),
            (_, column) if column == format!("{}id", subject.table()) => {
                Some("it is what the record is known by")
            }
            (Subject::User, "businessunitid") => {
                Some("which roles somebody keeps who moves to another business unit was not collected")
            }
            (Subject::Mailbox, "regardingobjectid" | "regardingobjecttype") => {
                Some("it says whose mailbox it is")
            }
            _ => None,
        };
        match why {
            Some(why) => Err(Fault::new(
                format!("`{name}` cannot be set: {why}"),
                "set another column, or change roles instead",
            )),
            None => Ok((subject, column.to_owned(), field.kind.clone())),
        }
    }

    /// The value in the field's type, from the words of rule files.
    fn given(&self, name: &str, column: &str, kind: &FieldKind, value: &str) -> Result<Given, Fault> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(Given::Null);
        }
        let wrong = |hint: String| {
            Err(Fault::new(
                format!("`{name}` is {}, and \"{value}\" is not", kind.words()),
                hint,
            ))
        };
        match kind {
            FieldKind::Boolean => match value {
                "true" => Ok(Given::Boolean(true)),
                "false" => Ok(Given::Boolean(false)),
                _ => wrong("write true or false".to_owned()),
            },
            FieldKind::Option(options) => {
                let options = || options.iter();
                if let Some(option) = options().find(|option| option.name == value) {
                    return Ok(Given::Integer(option.value));
                }
                if let Some(option) = options().find(|option| option.value.to_string() == value) {
                    return wrong(format!("write its name, `{}`", option.name));
                }
                let names = || options().map(|option| option.name.as_str());
                Err(Fault::unknown(
                    format!("`{name}` has no option \"{value}\""),
                    value,
                    names(),
                    &format!("its options are {}", choice(names()).replace(" or ", " and ")),
                ))
            }
            FieldKind::Integer => match value.parse() {
                Ok(number) => Ok(Given::Integer(number)),
                Err(_) => wrong("write a whole number that fits into 32 bits".to_owned()),
            },
            FieldKind::Timestamp => match moment(value) {
                Some(moment) => Ok(Given::Timestamp(moment)),
                None => wrong(MOMENT.to_owned()),
            },
            FieldKind::Id => match Guid::parse(value) {
                Some(id) => self.resolves(name, column, id).map(|()| Given::Id(id)),
                None => wrong("write the id, such as 627090ff-40a3-4053-8790-584edc5be201".to_owned()),
            },
            FieldKind::Text | FieldKind::Version => Ok(Given::Text(value.to_owned())),
        }
    }

    /// Whether a lookup would find its record.
    fn resolves(&self, name: &str, column: &str, id: Guid) -> Result<(), Fault> {
        let (table, key) = match column {
            "emailserverprofile" | "defaultemailserverprofileid" => {
                ("emailserverprofile", "emailserverprofileid")
            }
            "defaultmailbox" => ("mailbox", "mailboxid"),
            _ => return Ok(()),
        };
        let ids = self.table(table).and_then(|table| table.ids(key));
        let ids = ids.ok_or_else(|| Fault::not_collected(self.environment, table, key))?;
        match ids.binary_search(&id) {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::new(
                format!("`{name}` would point to no {table} of the environment: {id}"),
                format!("give the `{key}` of one that exists"),
            )),
        }
    }

    /// The rows to set, each once.
    fn rows(
        &mut self,
        subject: Subject,
        of: &[Holder],
        names: &Names<'_>,
        set: &mut Set,
    ) -> Result<BTreeSet<usize>, Fault> {
        if subject == Subject::Organization {
            let rows = self.table(subject.table()).map_or(0, |table| table.rows);
            return Ok((0..rows.min(1)).collect());
        }
        let mut rows = BTreeSet::new();
        for holder in of {
            if let Holder::Team(word) = holder {
                return Err(Fault::new(
                    format!("team \"{word}\" has no such record"),
                    "name users (user:NAME) or the users of a business unit (bu:NAME)",
                ));
            }
        }
        let targets = names.targets(of)?;
        let one = matches!(of, [Holder::User(_)]);
        for target in targets {
            let Target::User(user) = target else { continue };
            match self.row(subject, user) {
                Some(row) => {
                    rows.insert(row);
                }
                None if one => return Err(self.no_record(subject, &names.user_words(user))),
                None => set.without += 1,
            }
        }
        Ok(rows)
    }

    fn row(&mut self, subject: Subject, user: usize) -> Option<usize> {
        if subject == Subject::User {
            return Some(user);
        }
        if self.records.is_none() {
            self.records = Some(mailbox_rows(
                self.table("systemuser"),
                self.table("mailbox"),
                self.table("emailserverprofile"),
            ));
        }
        let (mailbox, profile) = *self.records.as_ref()?.get(user)?;
        match subject {
            Subject::Mailbox => mailbox,
            _ => profile,
        }
    }

    fn no_record(&self, subject: Subject, user: &str) -> Fault {
        let what = match subject {
            Subject::Mailbox => "no mailbox was found of",
            _ => "no email server profile was found of",
        };
        Fault::new(
            format!("{what} {user}"),
            "a record that is not there cannot be supposed to change",
        )
    }

    /// Writes the value into rows of a column that is there.
    fn write(&mut self, table: &str, column: &str, rows: &BTreeSet<usize>, given: &Given, set: &mut Set) {
        let Some(old) = self.table(table).and_then(|table| table.columns.get(column)) else {
            return;
        };
        let is_set = |row: &usize| value_of(old, *row) == *given;
        set.already = rows.iter().filter(|row| is_set(row)).count();
        set.changed = rows.len() - set.already;
        if set.changed == 0 {
            return;
        }
        let new = replaced(old, rows, given);
        let environment = self.environment;
        let edited = self
            .edited
            .entry(table.to_owned())
            .or_insert_with(|| environment.table(table).cloned().unwrap_or_default());
        edited.columns.insert(column.to_owned(), new);
        if matches!(column, "defaultmailbox" | "emailserverprofile") {
            self.records = None;
        }
    }
}

/// The column that a fact is read from.
fn stored(field: &Field) -> Option<(Subject, &str)> {
    match &field.source {
        FieldSource::Column { table, column, .. } => Some((*table, column)),
        _ => None,
    }
}

fn value_of(column: &Column, row: usize) -> Given {
    use arrow_array::Array;
    match column {
        Column::Id(values) if values[row].is_null() => Given::Null,
        Column::Id(values) => Given::Id(values[row]),
        Column::Text(values) if values.is_valid(row) => Given::Text(values.value(row).to_owned()),
        Column::Integer(values) if values.is_valid(row) => Given::Integer(values.value(row)),
        Column::Boolean(values) if values.is_valid(row) => Given::Boolean(values.value(row)),
        Column::Timestamp(values) if values.is_valid(row) => Given::Timestamp(values.value(row)),
        _ => Given::Null,
    }
}

/// The column with another value in some rows. A value of another type would be a fault of the fact
/// catalogue; it empties the rows.
fn replaced(column: &Column, rows: &BTreeSet<usize>, given: &Given) -> Column {
    let mut next = rows.iter().copied().peekable();
    let mut is_here = |row: usize| next.next_if_eq(&row).is_some();
    match column {
        Column::Id(values) => {
            let new = match given {
                Given::Id(id) => *id,
                _ => Guid::NULL,
            };
            let mut values = values.clone();
            rows.iter().for_each(|row| values[*row] = new);
            Column::Id(values)
        }
        Column::Text(values) => {
            let new = match given {
                Given::Text(text) => Some(text.as_str()),
                _ => None,
            };
            let cells = values.iter().enumerate();
            Column::Text(
                cells
                    .map(|(row, old)| if is_here(row) { new } else { old })
                    .collect::<StringArray>(),
            )
        }
        Column::Integer(values) => {
            let new = match given {
                Given::Integer(number) => Some(*number),
                _ => None,
            };
            let cells = values.iter().enumerate();
            Column::Integer(
                cells
                    .map(|(row, old)| if is_here(row) { new } else { old })
                    .collect::<Int32Array>(),
            )
        }
        Column::Boolean(values) => {
            let new = match given {
                Given::Boolean(yes) => Some(*yes),
                _ => None,
            };
            let cells = values.iter().enumerate();
            Column::Boolean(
                cells
                    .map(|(row, old)| if is_here(row) { new } else { old })
                    .collect::<BooleanArray>(),
            )
        }
        Column::Timestamp(values) => {
            let new = match given {
                Given::Timestamp(moment) => Some(*moment),
                _ => None,
            };
            let cells = values.iter().enumerate();
            let new: TimestampMillisecondArray = cells
                .map(|(row, old)| if is_here(row) { new } else { old })
                .collect();
            Column::Timestamp(new.with_timezone_opt(values.timezone()))
        }
    }
}
