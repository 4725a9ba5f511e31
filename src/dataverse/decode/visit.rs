//! The walk through a page's JSON: finds the rows and hands their values to [`Rows`].

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Rows;

/// What stands around the rows of a page.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Link to the next page.
    pub(super) next: Option<String>,
    /// `@odata.count`.
    pub(super) count: Option<i64>,
    /// Whether there are more rows than that.
    pub(super) exceeded: Option<bool>,
}

/// The object around the rows.
pub(super) struct PageSeed<'r, 'a> {
    pub(super) rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = Frame;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = Frame;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page of rows")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut frame = Frame::default();
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "value" if !found => {
                    found = true;
                    map.next_value_seed(RowsSeed(self.rows))?;
                }
                "@odata.nextLink" => frame.next = map.next_value()?,
                // A count of a strange form is none; the rows are what was asked for.
                "@odata.count" => frame.count = map.next_value::<Value>()?.as_i64(),
                "@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded" => {
                    frame.exceeded = map.next_value::<Value>()?.as_bool();
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found {
            Ok(frame)
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
        if self.0.is_skipped() {
            deserializer.deserialize_ignored_any(IgnoredAny)?;
        } else {
            let rows = &mut *self.0;
            deserializer.deserialize_any(RowSeed(rows))?;
        }
        self.0.records += 1;
        Ok(())
    }
}

impl RowSeed<'_, '_> {
    fn no_record<E>(self) -> Result<(), E> {
        self.0.bad_record("it is no record".to_owned());
        Ok(())
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, '_> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.no_record()
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.no_record()
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.no_record()
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.no_record()
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.no_record()
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.no_record()
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.no_record()
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(KeySeed(self.0))? {
            let Some(index) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.0.last_seen[index] == self.0.rows + 1 {
                self.0.fault(index, "given twice");
                map.next_value::<IgnoredAny>()?;
            } else {
                self.0.last_seen[index] = self.0.rows + 1;
                map.next_value_seed(ValueSeed(self.0, index))?;
            }
        }
        self.0.end_row();
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
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.wrong(self.1, "a number with a fraction");
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.wrong(self.1, "a list");
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        self.0.wrong(self.1, "an object");
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
