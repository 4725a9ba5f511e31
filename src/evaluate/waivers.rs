//! Waivers: accepted failures.

use jiff::civil::Date;
use serde::Deserialize;

use super::day::Day;

/// An accepted failure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Ids of the rules whose failure is accepted.
    pub rules: Vec<String>,
    /// Users it is accepted for: UPN, e-mail address or id.
    #[serde(default)]
    pub users: Vec<String>,
    /// Business units it is accepted for, by name.
    #[serde(default)]
    pub business_units: Vec<String>,
    /// Environments it is accepted for: name, address or organization id.
    #[serde(default)]
    pub environments: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub approved_by: String,
    /// First day it counts, UTC.
    pub on: Day,
    /// Last day it counts, UTC.
    pub until: Day,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

/// Reads a waivers file (TOML, `design.md` §6).
///
/// # Errors
/// The fault, with its line and column; also a waiver without any scope.
pub fn parse_waivers(text: &str) -> Result<Vec<Waiver>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for (waiver, number) in file.waiver.iter().zip(1..) {
        if waiver.users.is_empty() && waiver.business_units.is_empty() && waiver.environments.is_empty() {
            return Err(format!(
                "waiver {number} (\"{}\") says neither `users` nor `business_units` nor `environments`\n\
                 hint: name at least one of them, so that it is clear for whom the failure is accepted",
                waiver.reason
            ));
        }
    }
    Ok(file.waiver)
}

impl Waiver {
    /// Whether it counts on that day; its first and last day are included.
    #[must_use]
    pub fn is_in_force(&self, today: Date) -> bool {
        self.on.0 <= today && today <= self.until.0
    }
}
