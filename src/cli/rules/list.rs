//! `clearance rules list`.

use std::io::{self, Write};

use serde::Serialize;

use crate::rules::RuleSet;

/// Every rule and feature in a line, by pack.
pub(super) fn list(set: &RuleSet, out: &mut dyn Write) -> io::Result<()> {
    let width = set
        .rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or_default();
    for (position, pack) in set.packs.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}: {}", pack.edition(), pack.title)?;
        for rule in set.rules.iter().filter(|rule| rule.pack == position) {
            let superseded = if rule.superseded.is_some() {
                " (superseded)"
            } else {
                ""
            };
            writeln!(
                out,
                "  {:width$}  {:7}  {:11}  {}{superseded}",
                rule.id,
                rule.severity.name(),
                rule.scope.name(),
                rule.title,
            )?;
        }
        for feature in set.features.iter().filter(|feature| feature.pack == position) {
            writeln!(
                out,
                "  {:width$}  feature  {:11}  {}",
                feature.id, "user", feature.title
            )?;
        }
    }
    writeln!(out)?;
    writeln!(
        out,
        "{} in {}; {}",
        counted(set.rules.len(), "rule"),
        counted(set.packs.len(), "pack"),
        counted(set.features.len(), "feature"),
    )
}

fn counted(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

/// One rule of `rules list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    pack: &'a str,
    pack_version: &'a str,
    pack_sha256: &'a str,
    title: &'a str,
    scope: &'static str,
    severity: &'static str,
    area: &'static str,
    superseded: Option<&'a str>,
}

/// Every rule as an object of one list.
pub(super) fn list_json(set: &RuleSet, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Listed<'_>> = set
        .rules
        .iter()
        .map(|rule| Listed {
            id: &rule.id,
            pack: &set.packs[rule.pack].id,
            pack_version: &set.packs[rule.pack].version,
            pack_sha256: &set.packs[rule.pack].sha256,
            title: &rule.title,
            scope: rule.scope.name(),
            severity: rule.severity.name(),
            area: rule.area.name(),
            superseded: rule.superseded.as_ref().map(|superseded| superseded.on.as_str()),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rules)?;
    writeln!(out)
}
