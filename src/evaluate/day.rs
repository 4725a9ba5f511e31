//! A calendar day in a file: a TOML date, or the same as text.

use std::fmt;

use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A calendar day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Date(toml::value::Datetime),
            Text(String),
        }
        let wrong = || D::Error::custom("expected a day such as 2026-11-23");
        let text = match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Date(date) => date.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map(Day).map_err(|_| wrong())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
