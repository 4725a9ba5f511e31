//! `[[rule]]` entries, and what all entries have in common.

use super::check::Checks;
use super::facts::Facts;
use super::faults::{Fault, Faults, Place};
use super::keys;
use super::model::{Area, Check, Field, Rule, Scope, Severity, Superseded};
use super::sense::never_holds;
use super::tree::{At, Entry};

/// The words for scopes.
pub(super) const SCOPES: [(&str, Scope); 2] = [("user", Scope::User), ("environment", Scope::Environment)];
/// The words for severities.
pub(super) const SEVERITIES: [(&str, Severity); 3] = [
    ("blocks", Severity::Blocks),
    ("limits", Severity::Limits),
    ("advises", Severity::Advises),
];
/// The words for areas.
pub(super) const AREAS: [(&str, Area); 10] = [
    ("account", Area::Account),
    ("environment", Area::Environment),
    ("role", Area::Role),
    ("app", Area::App),
    ("privilege", Area::Privilege),
    ("mailbox", Area::Mailbox),
    ("synchronization", Area::Synchronization),
    ("deployment", Area::Deployment),
    ("client", Area::Client),
    ("other", Area::Other),
];

/// What an entry inherits from its pack and its file.
pub(super) struct Setting<'a> {
    /// Position of the pack.
    pub(super) pack: usize,
    /// The pack's source, with the date it was read.
    pub(super) source: Option<String>,
    /// When the pack's sources were read.
    pub(super) read: Option<String>,
    /// The `[privileges]` table of the file.
    pub(super) privileges: Option<Entry<'a>>,
}

/// An address with the date it was read.
pub(super) fn dated(source: &str, read: Option<&str>) -> String {
    read.map_or_else(|| source.to_owned(), |read| format!("{source} (read {read})"))
}

/// A `[[rule]]`.
pub(super) fn rule(
    entry: &Entry<'_>,
    facts: &Facts,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Rule)> {
    entry.only(&keys::RULE, faults);
    let id = entry
        .required(
            "id",
            "give it a short name in kebab-case; it stays the same for ever",
            faults,
        )
        .filter(|id| kebab(id, "the id of a rule", faults).is_some());
    let title = entry.required("title", "say in one line what is asked for", faults);
    let scope = entry.word("scope", &SCOPES, true, faults);
    let severity = entry.word("severity", &SEVERITIES, true, faults);
    let area = match entry.get("area") {
        Some(_) => entry.word("area", &AREAS, false, faults),
        None => Some(Area::Other),
    };
    // Without a known scope, checks are read as those of a user rule, which may say most.
    let checks = Checks::new(facts, scope.unwrap_or(Scope::User));
    let read = |key: &str, faults: &mut Faults| checks.read(entry.table.get(key)?, entry.place.file, faults);
    let when = read("when", faults);
    if let Some(never) = when.as_ref().filter(|when| never_holds(when))
        && let Some(At { place, .. }) = entry.get("when")
    {
        let label = match never {
            Check::Never | Check::Any(_) => "nothing can meet this",
            _ => "this asks for two things that exclude each other",
        };
        faults.add(
            Fault::new(place, "`when` can never hold", label)
                .help("the rule would apply to nobody; use `any = […]` if either will do"),
        );
    }
    let check = match entry.table.contains_key("check") {
        true => read("check", faults),
        false => {
            entry.required(
                "check",
                "say what must hold: `check = { field = \"…\", is = … }`",
                faults,
            );
            None
        }
    };
    let remedy = entry.required("remedy", "say what an administrator does about it", faults);
    let quote: Vec<Option<Field>> = entry
        .texts("quote", faults)
        .iter()
        .map(|name| checks.named(name, faults))
        .collect();
    let source = source(entry, setting, faults);
    let rule = Rule {
        id: String::new(),
        pack: setting.pack,
        title: title.map(|title| title.value).unwrap_or_default(),
        why: value(entry.text("why", faults)),
        scope: scope.unwrap_or(Scope::User),
        severity: severity.unwrap_or(Severity::Advises),
        shipped_severity: None,
        area: area.unwrap_or(Area::Other),
        when,
        check: check.unwrap_or(Check::Never),
        cause: value(entry.text("cause", faults)),
        remedy: remedy.map(|remedy| remedy.value).unwrap_or_default(),
        section: value(entry.text("section", faults)),
        source: source.unwrap_or_default(),
        also: values(entry.texts("also", faults)),
        symptoms: values(entry.texts("symptoms", faults)),
        superseded: superseded(entry, faults),
        privilege: None,
        quote: quote.into_iter().flatten().collect(),
    };
    // Defaults above stand only where a fault was added; the set is then refused as a whole.
    let id = id?;
    Some((id.clone(), Rule { id: id.value, ..rule }))
}

/// The source of an entry: its own or the pack's.
pub(super) fn source(entry: &Entry<'_>, setting: &Setting<'_>, faults: &mut Faults) -> Option<String> {
    let own = entry.text("source", faults);
    let read = value(entry.date("read", faults)).or_else(|| setting.read.clone());
    match own {
        Some(own) => Some(dated(&own.value, read.as_deref())),
        None if setting.source.is_some() => setting.source.clone(),
        None => {
            entry.required(
                "source",
                "say where this is published, or give the pack a `source`",
                faults,
            );
            None
        }
    }
}

fn superseded(entry: &Entry<'_>, faults: &mut Faults) -> Option<Superseded> {
    let value = entry.table.get("superseded")?;
    let inner = Entry::of(value, entry.place.file, "`superseded`", faults)?;
    inner.only(&keys::SUPERSEDED, faults);
    let on = match inner.get("on") {
        Some(_) => inner.date("on", faults),
        None => inner.required("on", "say since when: `on = 2025-11-06`", faults),
    };
    let by = inner.required("by", "say what replaced it", faults);
    let why = inner.required("why", "say why it no longer counts", faults);
    Some(Superseded {
        on: on?.value,
        by: by?.value,
        why: why?.value,
    })
}

/// Reports an id that is not in kebab-case.
pub(super) fn kebab(id: &At<String>, what: &str, faults: &mut Faults) -> Option<()> {
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if id.value.split('-').all(part) {
        return Some(());
    }
    faults.add(
        Fault::new(
            id.place.clone(),
            format!("`{}` cannot be {what}", id.value),
            "not in kebab-case",
        )
        .help("use small letters, digits and single hyphens, such as `incoming-email-enabled`"),
    );
    None
}

/// A text without its place.
pub(super) fn value(text: Option<At<String>>) -> Option<String> {
    text.map(|text| text.value)
}

/// Texts without their places.
pub(super) fn values(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// Reports an id that was used before.
pub(super) fn duplicate(id: &At<String>, first: &Place, what: &str, faults: &mut Faults) {
    faults.add(
        Fault::new(
            id.place.clone(),
            format!("{what} `{}` is there twice", id.value),
            "used again here",
        )
        .see(first.clone(), "it is first used here"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::privilege::DEPTHS;
    use super::*;

    #[test]
    fn reports_use_the_words_of_rule_files() {
        for (word, scope) in SCOPES {
            assert_eq!(scope.name(), word);
        }
        for (word, severity) in SEVERITIES {
            assert_eq!(severity.name(), word);
        }
        for (word, area) in AREAS {
            assert_eq!(area.name(), word);
        }
        for (word, depth) in DEPTHS {
            assert_eq!(depth.name(), word);
        }
    }
}
