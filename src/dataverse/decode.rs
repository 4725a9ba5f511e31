//! The JSON of a page → columns. Values are borrowed from the text and go straight into packed
//! columns; fields that were not asked for are skipped.
//!
//! A page is decoded whole or not at all, so that a table that fails half-way has whole pages.

use std::borrow::Cow;
use std::fmt;

use arrow_array::builder::{BooleanBuilder, Int32Builder, StringBuilder, TimestampMillisecondBuilder};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::snapshot::tables::Kind;
use crate::snapshot::{Column, Guid, Table};

use super::client::shorten;

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
    /// Columns that some row did not have. A null in their place would be one that the server did
    /// not send, so they must not be used.
    pub(super) left_out: Vec<String>,
}

/// Why a page cannot be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PageError {
    /// The text is broken.
    Malformed(String),
    /// A value is of the wrong type; says which.
    Value(String),
}

/// Decodes a page.
pub(super) fn page(text: &str, columns: &[Wanted]) -> Result<Page, PageError> {
    let mut rows = Rows::new(columns);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = PageSeed { rows: &mut rows }
        .deserialize(&mut deserializer)
        .and_then(|next| deserializer.end().map(|()| next));
    if let Some(fault) = rows.fault.take() {
        return Err(PageError::Value(fault));
    }
    let next = parsed.map_err(|error| PageError::Malformed(error.to_string()))?;
    Ok(rows.into_page(next))
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
    left_out: Vec<bool>,
    rows: usize,
    /// The servers sends the fields of all rows in one order: the next is mostly the next.
    guess: usize,
    fault: Option<String>,
}

impl<'a> Rows<'a> {
    fn new(columns: &'a [Wanted]) -> Rows<'a> {
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
            left_out: vec![false; columns.len()],
            rows: 0,
            guess: 0,
            fault: None,
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
        let row = self.rows;
        let name = &self.columns[index].name;
        self.fault
            .get_or_insert_with(|| format!("column `{name}`, row {row} of the page: {what}"));
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
        let wrong = match &mut self.builders[index] {
            Builder::Text(values) => {
                values.append_value(text);
                return;
            }
            Builder::Id(values) => match Guid::parse(text) {
                Some(id) if !(id.is_null() && self.columns[index].key) => {
                    values.push(id);
                    return;
                }
                _ => "a GUID",
            },
            Builder::Timestamp(values) => match text.parse::<jiff::Timestamp>() {
                Ok(moment) => {
                    values.append_value(moment.as_millisecond());
                    return;
                }
                Err(_) => "a time",
            },
            Builder::Integer(_) => "a whole number",
            Builder::Boolean(_) => "true or false",
        };
        self.fault(index, format!("{:?} where {wrong} belongs", shorten(text, 40)));
    }

    fn integer(&mut self, index: usize, value: impl TryInto<i32> + fmt::Display + Copy) {
        match (&mut self.builders[index], value.try_into()) {
            (Builder::Integer(values), Ok(value)) => values.append_value(value),
            (Builder::Integer(_), Err(_)) => self.fault(index, format!("{value} does not fit into 32 bits")),
            _ => self.wrong(index, value),
        }
    }

    fn boolean(&mut self, index: usize, value: bool) {
        match &mut self.builders[index] {
            Builder::Boolean(values) => values.append_value(value),
            _ => self.wrong(index, value),
        }
    }

    fn wrong(&mut self, index: usize, found: impl fmt::Display) {
        let belongs = match self.columns[index].kind {
            Kind::Id => "a GUID",
            Kind::Text => "text",
            Kind::Integer => "a whole number",
            Kind::Boolean => "true or false",
            Kind::Timestamp => "a time",
        };
        self.fault(index, format!("{found} where {belongs} belongs"));
    }

    fn end_row(&mut self) {
        self.rows += 1;
        for index in 0..self.columns.len() {
            if self.last_seen[index] != self.rows {
                if self.columns[index].key {
                    self.rows -= 1;
                    self.fault(index, "missing, though it tells rows apart");
                    return;
                }
                self.left_out[index] |= !self.columns[index].optional;
                self.null(index);
            }
        }
        self.guess = 0;
    }

    fn into_page(self, next: Option<String>) -> Page {
        let finished = self.builders.into_iter().map(|builder| match builder {
            Builder::Id(mut values) => {
                values.shrink_to_fit();
                Column::Id(values)
            }
            Builder::Text(mut values) => Column::Text(values.finish()),
            Builder::Integer(mut values) => Column::Integer(values.finish()),
            Builder::Boolean(mut values) => Column::Boolean(values.finish()),
            Builder::Timestamp(mut values) => Column::Timestamp(values.finish()),
        });
        let left_out = self.columns.iter().zip(&self.left_out);
        Page {
            next,
            left_out: left_out
                .filter(|(_, left_out)| **left_out)
                .map(|(column, _)| column.name.clone())
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

/// The object around the rows; its value is the link to the next page.
struct PageSeed<'r, 'a> {
    rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = Option<String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = Option<String>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page of rows")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut next = None;
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "value" if !found => {
                    found = true;
                    map.next_value_seed(RowsSeed(self.rows))?;
                }
                "@odata.nextLink" => next = map.next_value::<Option<String>>()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found {
            Ok(next)
        } else {
            Err(A::Error::missing_field("value"))
        }
    }
}

struct RowsSeed<'r, 'a>(&'r mut Rows<'a>);

impl<'de> DeserializeSeed<'de> for RowsSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("rows")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(RowSeed(self.0))?.is_some() {}
        Ok(())
    }
}

struct RowSeed<'r, 'a>(&'r mut Rows<'a>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(KeySeed(self.0))? {
            let Some(index) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.0.last_seen[index] == self.0.rows + 1 {
                self.0.fault(index, "given twice");
            } else {
                self.0.last_seen[index] = self.0.rows + 1;
                map.next_value_seed(ValueSeed(self.0, index))?;
            }
            if self.0.fault.is_some() {
                return Err(A::Error::custom("wrong value"));
            }
        }
        self.0.end_row();
        if self.0.fault.is_some() {
            return Err(A::Error::custom("wrong value"));
        }
        Ok(())
    }
}

/// A key of a row, looked up without copying it.
struct KeySeed<'r, 'a>(&'r mut Rows<'a>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_, '_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_, '_> {
    type Value = Option<usize>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(key))
    }
}

/// A value of a row, put into its column.
struct ValueSeed<'r, 'a>(&'r mut Rows<'a>, usize);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.null(self.1);
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(self.1, text);
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.integer(self.1, value);
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.integer(self.1, value);
        Ok(())
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.boolean(self.1, value);
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.wrong(self.1, value);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.0.wrong(self.1, "a list");
        Err(A::Error::custom("wrong value"))
    }
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.0.wrong(self.1, "an object");
        Err(A::Error::custom("wrong value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Wanted> {
        let column = |name: &str, kind, property: &str| Wanted {
            name: name.to_owned(),
            kind,
            property: property.to_owned(),
            key: name == "mailboxid",
            optional: property.contains('@'),
        };
        vec![
            column("mailboxid", Kind::Id, "mailboxid"),
            column("name", Kind::Text, "name"),
            column("statecode", Kind::Integer, "statecode"),
            column("enabledforact", Kind::Boolean, "enabledforact"),
            column(
                "testmailboxaccesscompletedon",
                Kind::Timestamp,
                "testmailboxaccesscompletedon",
            ),
            column("regardingobjectid", Kind::Id, "_regardingobjectid_value"),
            column("regardingobjecttype", Kind::Text, "_regardingobjectid_value@x"),
        ]
    }

    fn row(changes: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("mailboxid", r#""00000000-0000-0000-0000-000000000001""#),
            ("name", r#""A \"B\" ü""#),
            ("statecode", "-1"),
            ("enabledforact", "false"),
            ("testmailboxaccesscompletedon", r#""2026-11-23T08:00:00Z""#),
            (
                "_regardingobjectid_value",
                r#""00000000-0000-0000-0000-00000000000A""#,
            ),
        ];
        for (key, value) in changes {
            match fields.iter_mut().find(|field| field.0 == *key) {
                Some(field) => field.1 = value,
                None => fields.push((key, value)),
            }
        }
        let fields: Vec<String> = fields
            .iter()
            .filter(|(_, value)| *value != "-")
            .map(|(key, value)| format!("{key:?}:{value}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    }

    fn decode(rows: &[String]) -> Result<Page, PageError> {
        page(
            &format!(
                r#"{{"@odata.context":"c","value":[{}],"@odata.nextLink":"https:\/\/x"}}"#,
                rows.join(",")
            ),
            &columns(),
        )
    }

    #[test]
    fn values_nulls_and_annotations() {
        let nulls = row(&[
            ("mailboxid", r#""00000000-0000-0000-0000-000000000002""#),
            ("name", "null"),
            ("statecode", "null"),
            ("enabledforact", "null"),
            ("testmailboxaccesscompletedon", "null"),
            ("_regardingobjectid_value", "null"),
        ]);
        let full = row(&[
            ("_regardingobjectid_value@x", r#""queue""#),
            ("more", r#"{"a":[1]}"#),
        ]);
        let page = decode(&[full, nulls]).expect("a page");
        assert_eq!(page.next.as_deref(), Some("https://x"));
        assert_eq!(page.left_out, Vec::<String>::new());
        let table = page.table;
        assert_eq!(table.rows, 2);
        assert_eq!(table.ids("mailboxid").expect("ids"), [Guid(1), Guid(2)]);
        let text = |name| table.text(name).expect("text").iter().collect::<Vec<_>>();
        assert_eq!(text("name"), [Some("A \"B\" ü"), None]);
        assert_eq!(text("regardingobjecttype"), [Some("queue"), None]);
        assert_eq!(
            table
                .integers("statecode")
                .expect("numbers")
                .iter()
                .collect::<Vec<_>>(),
            [Some(-1), None]
        );
        assert_eq!(
            table
                .booleans("enabledforact")
                .expect("booleans")
                .iter()
                .collect::<Vec<_>>(),
            [Some(false), None]
        );
        assert_eq!(
            table
                .timestamps("testmailboxaccesscompletedon")
                .expect("times")
                .iter()
                .collect::<Vec<_>>(),
            [Some(1_795_420_800_000), None]
        );
        assert_eq!(
            table.ids("regardingobjectid").expect("ids"),
            [Guid(10), Guid::NULL]
        );
    }

    #[test]
    fn a_column_that_rows_do_not_have_is_named() {
        let page = decode(&[row(&[]), row(&[("statecode", "-"), ("enabledforact", "-")])]).expect("a page");
        assert_eq!(page.left_out, ["statecode", "enabledforact"]);
    }

    #[test]
    fn wrong_values_are_named_with_column_and_row() {
        let cases = [
            (
                "statecode",
                r#""1""#,
                "column `statecode`, row 1 of the page: \"1\" where a whole number belongs",
            ),
            (
                "statecode",
                "1.5",
                "column `statecode`, row 1 of the page: 1.5 where a whole number belongs",
            ),
            (
                "statecode",
                "3000000000",
                "column `statecode`, row 1 of the page: 3000000000 does not fit into 32 bits",
            ),
            (
                "enabledforact",
                "0",
                "column `enabledforact`, row 1 of the page: 0 where true or false belongs",
            ),
            (
                "name",
                "true",
                "column `name`, row 1 of the page: true where text belongs",
            ),
            (
                "name",
                "[1]",
                "column `name`, row 1 of the page: a list where text belongs",
            ),
            (
                "name",
                "{}",
                "column `name`, row 1 of the page: an object where text belongs",
            ),
            (
                "mailboxid",
                "null",
                "column `mailboxid`, row 1 of the page: null, though it tells rows apart",
            ),
            (
                "mailboxid",
                "-",
                "column `mailboxid`, row 1 of the page: missing, though it tells rows apart",
            ),
            (
                "mailboxid",
                r#""abc""#,
                "column `mailboxid`, row 1 of the page: \"abc\" where a GUID belongs",
            ),
            (
                "testmailboxaccesscompletedon",
                r#""yesterday""#,
                "column `testmailboxaccesscompletedon`, row 1 of the page: \"yesterday\" where a time belongs",
            ),
        ];
        for (key, value, message) in cases {
            let error = decode(&[row(&[]), row(&[(key, value)])]).expect_err(message);
            assert_eq!(error, PageError::Value(message.to_owned()));
        }
        let twice = row(&[]).replace('}', ",\"statecode\":1}");
        assert_eq!(
            decode(&[twice]).expect_err("twice"),
            PageError::Value("column `statecode`, row 0 of the page: given twice".to_owned())
        );
    }

    #[test]
    fn broken_text_is_malformed() {
        let whole = format!(r#"{{"value":[{}]}}"#, row(&[]));
        for end in 0..whole.len() {
            if whole.is_char_boundary(end) {
                assert!(
                    matches!(page(&whole[..end], &columns()), Err(PageError::Malformed(_))),
                    "{end}"
                );
            }
        }
        for text in [
            "[]",
            "{}",
            r#"{"value":null}"#,
            r#"{"value":[1]}"#,
            r#"{"value":[]}x"#,
        ] {
            assert!(
                matches!(page(text, &columns()), Err(PageError::Malformed(_))),
                "{text}"
            );
        }
    }
}
