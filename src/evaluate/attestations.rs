//! Attestations: signed-off statements about what Dataverse cannot show.

use jiff::civil::Date;
use serde::Deserialize;

use super::day::Day;
use super::tri::Tri;
use crate::snapshot::Environment;

/// A signed-off statement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// What is attested; rules name it.
    pub id: String,
    /// Whether it holds.
    pub holds: bool,
    /// Who signed.
    pub by: String,
    /// First day it counts, UTC.
    pub on: Day,
    /// Last day it counts, UTC.
    pub until: Day,
    /// What was signed.
    pub statement: String,
    /// Where the signed document is.
    pub document: Option<String>,
    /// Name, address or organization id of the only environment it is about; all, if absent.
    pub environment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    attestation: Vec<Attestation>,
}

/// Reads an attestations file (TOML, `design.md` §6).
///
/// # Errors
/// The fault, with its line and column.
pub fn parse_attestations(text: &str) -> Result<Vec<Attestation>, toml::de::Error> {
    toml::from_str::<File>(text).map(|file| file.attestation)
}

/// Whether a word of a file means that environment: its name, address or organization id.
pub(super) fn names_environment(word: &str, environment: &Environment) -> bool {
    let info = &environment.manifest.environment;
    let word = word.trim().trim_end_matches('/');
    [&info.name, &info.url, &info.organization_id]
        .into_iter()
        .any(|own| own.trim_end_matches('/').eq_ignore_ascii_case(word))
}

/// What the attestations say of `id` in an environment on a day: the value, what to show, and why
/// it is not known.
pub(super) fn attested(
    attestations: &[Attestation],
    id: &str,
    environment: &Environment,
    today: Date,
) -> (Tri, String, Option<String>) {
    let of_here = |attestation: &&Attestation| {
        attestation.id == id
            && attestation
                .environment
                .as_deref()
                .is_none_or(|word| names_environment(word, environment))
    };
    // The one that counts: in force before lapsed, about this environment before about all, newest.
    let best = attestations.iter().filter(of_here).max_by_key(|attestation| {
        (
            attestation.is_in_force(today),
            attestation.environment.is_some(),
            attestation.on,
        )
    });
    match best {
        None => (
            Tri::Unknown,
            format!("no attestation `{id}`"),
            Some(format!("nobody has attested `{id}`")),
        ),
        Some(found) if found.is_in_force(today) => {
            let holds = if found.holds { "holds" } else { "does not hold" };
            let words = format!(
                "attestation `{id}`: {holds}, signed by {} on {}, until {}",
                found.by, found.on, found.until
            );
            (found.holds.into(), words, None)
        }
        Some(found) => {
            let words = if found.until.0 < today {
                format!("attestation `{id}` by {} expired on {}", found.by, found.until)
            } else {
                format!("attestation `{id}` by {} counts only from {}", found.by, found.on)
            };
            (Tri::Unknown, words.clone(), Some(words))
        }
    }
}

impl Attestation {
    /// Whether it counts on that day; its first and last day are included.
    #[must_use]
    pub fn is_in_force(&self, today: Date) -> bool {
        self.on.0 <= today && today <= self.until.0
    }
}
