//! Reading typed values out of the spanned TOML tree: every value keeps its place, every
//! mismatch becomes a fault there.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::{Fault, Faults, Place};
use super::keys::{Key, names};
use super::nearest::choice;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// A table of a rule file, and where it stands.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    pub(super) table: &'a DeTable<'a>,
    pub(super) place: Place,
    /// What it is, for messages: "a rule", "a check".
    pub(super) what: &'static str,
}

impl<'a> Entry<'a> {
    /// The table in that value, or a fault.
    pub(super) fn of(
        value: &'a Spanned<DeValue<'a>>,
        file: usize,
        what: &'static str,
        faults: &mut Faults,
    ) -> Option<Entry<'a>> {
        let place = Place {
            file,
            span: value.span(),
        };
        match value.get_ref() {
            DeValue::Table(table) => Some(Entry { table, place, what }),
            other => {
                faults.add(
                    Fault::new(
                        place,
                        format!("{what} must be a table"),
                        format!("this is {}", kind(other)),
                    )
                    .help("write `{ key = value, … }`"),
                );
                None
            }
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<At<&'a DeValue<'a>>> {
        let value = self.table.get(key)?;
        Some(At {
            value: value.get_ref(),
            place: self.at(value.span()),
        })
    }

    /// Where a key itself stands.
    pub(super) fn key(&self, key: &str) -> Option<Place> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(self.at(key.span()))
    }

    /// A place in the same file.
    pub(super) fn at(&self, span: Range<usize>) -> Place {
        Place {
            file: self.place.file,
            span,
        }
    }

    /// Reports every key that is not among the known ones.
    pub(super) fn only(&self, known: &[Key], faults: &mut Faults) {
        self.only_names(|| names(known), faults);
    }

    /// Reports every key that is not among the known names.
    pub(super) fn only_names<'k, I: Iterator<Item = &'k str>>(
        &self,
        known: impl Fn() -> I,
        faults: &mut Faults,
    ) {
        for (name, place) in self.unknown(&known) {
            faults.add(self.not_a_key(name, place).meant(
                name,
                known(),
                format!("known keys are {}", choice(known()).replace(" or ", " and ")),
            ));
        }
    }

    /// The keys that are not among the known names, and where they stand.
    pub(super) fn unknown<'k, I: Iterator<Item = &'k str>>(
        &self,
        known: &impl Fn() -> I,
    ) -> Vec<(&'a str, Place)> {
        let keys = self.table.keys();
        keys.filter(|key| !known().any(|known| known == key.get_ref()))
            .map(|key| (key.get_ref().as_ref(), self.at(key.span())))
            .collect()
    }

    /// The fault that a key is not known here.
    pub(super) fn not_a_key(&self, name: &str, place: Place) -> Fault {
        Fault::new(
            place,
            format!("unknown key `{name}` in {}", self.what),
            "not a key here",
        )
    }

    /// A text that may be missing.
    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> Option<At<String>> {
        let At { value, place } = self.get(key)?;
        text(key, value, place, faults)
    }

    /// A text that must be there.
    pub(super) fn required(&self, key: &str, hint: &str, faults: &mut Faults) -> Option<At<String>> {
        if self.table.contains_key(key) {
            return self.text(key, faults);
        }
        faults.add(
            Fault::new(
                self.place.clone(),
                format!("{} has no `{key}`", self.what),
                format!("`{key}` is missing"),
            )
            .help(hint),
        );
        None
    }

    /// A list of texts; none at all is an empty list.
    pub(super) fn texts(&self, key: &str, faults: &mut Faults) -> Vec<At<String>> {
        let Some(At { value, place }) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value else {
            faults.add(
                Fault::new(
                    place,
                    format!("`{key}` must be a list of texts"),
                    format!("this is {}", kind(value)),
                )
                .help(format!("write `{key} = [\"…\"]`")),
            );
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| text(key, item.get_ref(), self.at(item.span()), faults))
            .collect()
    }

    /// A yes or no.
    pub(super) fn boolean(&self, key: &str, faults: &mut Faults) -> Option<bool> {
        let At { value, place } = self.get(key)?;
        if let DeValue::Boolean(value) = value {
            return Some(*value);
        }
        faults.add(
            Fault::new(
                place,
                format!("`{key}` must be true or false"),
                format!("this is {}", kind(value)),
            )
            .help(format!(
                "write `{key} = true` or `{key} = false`, without quotation marks"
            )),
        );
        None
    }

    /// A date, bare or as text.
    pub(super) fn date(&self, key: &str, faults: &mut Faults) -> Option<At<String>> {
        let At { value, place } = self.get(key)?;
        let date = match value {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(date) => date.to_string(),
            _ => String::new(),
        };
        if date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok() {
            return Some(At { value: date, place });
        }
        faults.add(
            Fault::new(place, format!("`{key}` must be a date"), "no such day")
                .help("write year, month and day, such as `2026-11-23`"),
        );
        None
    }

    /// One word of a fixed set.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        required: bool,
        faults: &mut Faults,
    ) -> Option<T> {
        let names = || words.iter().map(|(name, _)| *name);
        let hint = format!("`{key}` is {}", choice(names()));
        let text = if required {
            self.required(key, &hint, faults)?
        } else {
            self.text(key, faults)?
        };
        let found = words.iter().find(|(name, _)| *name == text.value);
        if found.is_none() {
            faults.add(
                Fault::new(
                    text.place,
                    format!("`{key}` cannot be `{}`", text.value),
                    "not a word that is known here",
                )
                .meant(&text.value, names(), hint),
            );
        }
        found.map(|(_, value)| *value)
    }
}

/// A text fit to be shown: not blank, without characters that steer a terminal or reorder text.
fn text(key: &str, value: &DeValue<'_>, place: Place, faults: &mut Faults) -> Option<At<String>> {
    let DeValue::String(text) = value else {
        faults.add(
            Fault::new(
                place,
                format!("`{key}` must be text"),
                format!("this is {}", kind(value)),
            )
            .help("put it in quotation marks"),
        );
        return None;
    };
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        faults.add(Fault::new(
            place,
            format!("`{key}` is empty"),
            "nothing is written here",
        ));
        return None;
    }
    if let Some(bad) = text.chars().find(|&c| !fit_to_show(c)) {
        faults.add(
            Fault::new(
                place,
                format!("`{key}` holds an invisible character"),
                format!("U+{:04X} is in here", u32::from(bad)),
            )
            .help("rule files may not hold control characters or characters that reorder text"),
        );
        return None;
    }
    Some(At {
        value: text.trim().to_owned(),
        place,
    })
}

/// Whether a character can be shown: it steers no terminal and reorders no text.
pub(super) fn fit_to_show(c: char) -> bool {
    let reorders = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    (c == '\n' || !c.is_control()) && !reorders
}

/// A TOML value's type in plain words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
