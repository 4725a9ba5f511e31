//! The JSON of a page → columns. Values are borrowed from the text and go straight into packed
//! columns; fields that were not asked for are skipped.
//!
//! A page whose text is broken is no page. A record that cannot be told apart from the others (its
//! key is null, of another type, or given twice) is left out and named; the rest of its page stays.

use std::fmt;

use arrow_array::Array;
use arrow_array::builder::{BooleanBuilder, Int32Builder, StringBuilder, TimestampMillisecondBuilder};
use serde::de::DeserializeSeed;

use crate::snapshot::tables::Kind;
use crate::snapshot::{Column, Guid, Table};

use super::count::Count;
use super::words::shorten;

mod visit;

use visit::{Frame, PageSeed};

/// A column to take out of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Logical name.
    pub(super) name: String,
    /// Type in the snapshot.
    pub(super) kind: Kind,
    /// The key in a row's JSON.
    pub(super) property: String,
    /// Whether rows are told apart by it: it must not be null.
    pub(super) key: bool,
    /// Whether the server leaves it out instead of sending null: annotations.
    pub(super) optional: bool,
}

/// One decoded page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) table: Table,
    /// Link to the next page, as the server wrote it.
    pub(super) next: Option<String>,
    /// How many rows the query has, on all its pages.
    pub(super) count: Option<Count>,
    /// Columns that cannot be used, each with the reason: some row did not have them, or had a value
    /// of another type. A null in its place would be one that the server did not send.
    pub(super) unusable: Vec<(String, String)>,
    /// Records that were left out.
    pub(super) lost: usize,
    /// What is wrong with the first of them.
    pub(super) first_lost: Option<String>,
}

/// Decodes a page.
///
/// # Errors
/// If the text is broken; says how.
pub(super) fn page(text: &str, columns: &[Wanted]) -> Result<Page, String> {
    let (frame, rows) = pass(text, columns, &[])?;
    if rows.bad.is_empty() {
        return Ok(rows.into_page(frame));
    }
    // Columns are packed as they come, so a value cannot be taken back: the good records again.
    let bad = rows.bad;
    let (frame, rows) = pass(text, columns, &bad)?;
    let mut page = rows.into_page(frame);
    page.lost = bad.len();
    page.first_lost = bad
        .first()
        .map(|(record, what)| format!("record {} of its page: {what}", record + 1));
    Ok(page)
}

/// Reads the page, leaving out these records.
fn pass<'a>(
    text: &str,
    columns: &'a [Wanted],
    skipped: &'a [(usize, String)],
) -> Result<(Frame, Rows<'a>), String> {
    let mut rows = Rows::new(columns, skipped);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let frame = PageSeed { rows: &mut rows }
        .deserialize(&mut deserializer)
        .and_then(|frame| deserializer.end().map(|()| frame))
        .map_err(|error| error.to_string())?;
    Ok((frame, rows))
}

enum Builder {
    Id(Vec<Guid>),
    Text(StringBuilder),
    Integer(Int32Builder),
    Boolean(BooleanBuilder),
    Timestamp(TimestampMillisecondBuilder),
}

struct Rows<'a> {
    columns: &'a [Wanted],
    builders: Vec<Builder>,
    /// Per column the number of the last row that had it, counted from one.
    last_seen: Vec<usize>,
    /// Per column why it cannot be used.
    unusable: Vec<Option<String>>,
    rows: usize,
    /// Records read, with those that are left out.
    records: usize,
    /// Records that cannot be told apart, with the reason, in order.
    bad: Vec<(usize, String)>,
    /// The same of an earlier pass: to be left out.
    skipped: &'a [(usize, String)],
    /// The servers sends the fields of all rows in one order: the next is mostly the next.
    guess: usize,
}

impl<'a> Rows<'a> {
    fn new(columns: &'a [Wanted], skipped: &'a [(usize, String)]) -> Rows<'a> {
        let builder = |column: &Wanted| match column.kind {
            Kind::Id => Builder::Id(Vec::new()),
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Integer => Builder::Integer(Int32Builder::new()),
            Kind::Boolean => Builder::Boolean(BooleanBuilder::new()),
            Kind::Timestamp => Builder::Timestamp(TimestampMillisecondBuilder::new().with_timezone("UTC")),
        };
        Rows {
            columns,
            builders: columns.iter().map(builder).collect(),
            last_seen: vec![0; columns.len()],
            unusable: vec![None; columns.len()],
            rows: 0,
            records: 0,
            bad: Vec::new(),
            skipped,
            guess: 0,
        }
    }

    fn find(&mut self, key: &str) -> Option<usize> {
        let matches = |index: &usize| {
            self.columns
                .get(*index)
                .is_some_and(|column| column.property == key)
        };
        let index = Some(self.guess)
            .filter(matches)
            .or_else(|| (0..self.columns.len()).find(matches))?;
        self.guess = index + 1;
        Some(index)
    }

    fn fault(&mut self, index: usize, what: impl fmt::Display) {
        self.bad_record(format!("column `{}`: {what}", self.columns[index].name));
    }

    /// The record that is being read cannot be used.
    fn bad_record(&mut self, what: String) {
        if self.bad.last().is_none_or(|(last, _)| *last != self.records) {
            self.bad.push((self.records, what));
        }
    }

    fn is_skipped(&self) -> bool {
        self.skipped
            .binary_search_by_key(&self.records, |(record, _)| *record)
            .is_ok()
    }

    fn null(&mut self, index: usize) {
        if self.columns[index].key {
            self.fault(index, "null, though it tells rows apart");
            return;
        }
        match &mut self.builders[index] {
            Builder::Id(values) => values.push(Guid::NULL),
            Builder::Text(values) => values.append_null(),
            Builder::Integer(values) => values.append_null(),
            Builder::Boolean(values) => values.append_null(),
            Builder::Timestamp(values) => values.append_null(),
        }
    }

    fn text(&mut self, index: usize, text: &str) {
        match &mut self.builders[index] {
            Builder::Text(values) => values.append_value(text),
            Builder::Id(values) => match Guid::parse(text) {
                Some(id) if !(id.is_null() && self.columns[index].key) => values.push(id),
                _ if self.columns[index].key => {
                    self.fault(index, format!("{:?} where a GUID belongs", shorten(text, 40)));
                }
                _ => self.wrong(index, "text"),
            },
            Builder::Timestamp(values) => match text.parse::<jiff::Timestamp>() {
                Ok(moment) => values.append_value(moment.as_millisecond()),
                Err(_) => self.wrong(index, "text"),
            },
            Builder::Integer(_) | Builder::Boolean(_) => self.wrong(index, "text"),
        }
    }

    fn integer(&mut self, index: usize, value: impl TryInto<i32>) {
        match (&mut self.builders[index], value.try_into()) {
            (Builder::Integer(values), Ok(value)) => values.append_value(value),
            (Builder::Integer(_), Err(_)) => self.wrong(index, "a number of more than 32 bits"),
            _ => self.wrong(index, "a number"),
        }
    }

    fn boolean(&mut self, index: usize, value: bool) {
        match &mut self.builders[index] {
            Builder::Boolean(values) => values.append_value(value),
            _ => self.wrong(index, "true or false"),
        }
    }

    /// A value of another type. It is not quoted: it may be somebody's phone number.
    fn wrong(&mut self, index: usize, found: &str) {
        let belongs = match self.columns[index].kind {
            Kind::Id => "a GUID",
            Kind::Text => "text",
            Kind::Integer => "a whole number",
            Kind::Boolean => "true or false",
            Kind::Timestamp => "a time",
        };
        let what = format!("{found} where {belongs} belongs");
        if self.columns[index].key {
            self.fault(index, what);
        } else {
            self.unusable[index].get_or_insert_with(|| format!("the server sent {what}"));
            self.null(index);
        }
    }

    fn end_row(&mut self) {
        self.rows += 1;
        for index in 0..self.columns.len() {
            if self.last_seen[index] != self.rows {
                if self.columns[index].key {
                    self.fault(index, "missing, though it tells rows apart");
                    continue;
                }
                if !self.columns[index].optional {
                    self.unusable[index].get_or_insert_with(|| {
                        "the server left it out of its answer for some rows".to_owned()
                    });
                }
                self.null(index);
            }
        }
        self.guess = 0;
    }

    fn into_page(self, frame: Frame) -> Page {
        // Pages stay in memory until they go to disk: slack would be kept with them.
        fn packed<A: Array>(mut array: A) -> A {
            array.shrink_to_fit();
            array
        }
        let finished = self.builders.into_iter().map(|builder| match builder {
            Builder::Id(mut values) => {
                values.shrink_to_fit();
                Column::Id(values)
            }
            Builder::Text(mut values) => Column::Text(packed(values.finish())),
            Builder::Integer(mut values) => Column::Integer(packed(values.finish())),
            Builder::Boolean(mut values) => Column::Boolean(packed(values.finish())),
            Builder::Timestamp(mut values) => Column::Timestamp(packed(values.finish())),
        });
        let unusable = self.columns.iter().zip(self.unusable);
        Page {
            next: frame.next,
            count: Count::new(frame.count, frame.exceeded),
            lost: 0,
            first_lost: None,
            unusable: unusable
                .filter_map(|(column, why)| Some((column.name.clone(), why?)))
                .collect(),
            table: Table {
                rows: self.rows,
                columns: self
                    .columns
                    .iter()
                    .map(|column| column.name.clone())
                    .zip(finished)
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests;
