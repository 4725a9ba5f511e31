//! What the handbook's templates draw.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::rule::{FactView, FeatureView, NeededView, RuleView};
use crate::rules::facts::Facts;
use crate::rules::keys::{self, Holds, Key};
use crate::rules::{Check, Feature, FieldKind, FieldSource, Rule, RuleSet, privilege};
use crate::snapshot::tables;

/// The handbook.
#[derive(Serialize)]
pub(super) struct Handbook<'a> {
    packs: Vec<PackView<'a>>,
    facts: Vec<FactTable>,
    severities: Vec<WordView>,
    areas: Vec<WordView>,
    depths: Vec<WordView>,
    types: Vec<WordView>,
    sections: BTreeMap<&'static str, Vec<KeyView>>,
    superseded: Vec<KeyView>,
    subjects: Vec<KeyView>,
    operators: Vec<KeyView>,
    companions: Vec<KeyView>,
    nowhere_else: Vec<KeyView>,
    /// The tables that a `[[fact]]` may read, and what opens them.
    tables: Vec<TableView>,
}

/// A pack.
#[derive(Serialize)]
struct PackView<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    sha256: &'a str,
    source: &'a str,
    read: Option<&'a str>,
    rules: Vec<HandbookRule<'a>>,
    privileges: Option<Privileges<'a>>,
    features: Vec<FeatureView<'a>>,
}

/// A rule, with its checks in lines.
#[derive(Serialize)]
struct HandbookRule<'a> {
    #[serde(flatten)]
    rule: RuleView<'a>,
    applies: Vec<Line>,
    passes: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    depth: usize,
    indent: String,
    text: String,
}

/// Privileges with the generated words, which differ in nothing but names.
#[derive(Serialize)]
struct Privileges<'a> {
    rows: Vec<PrivilegeRow<'a>>,
    /// Why most of them matter.
    why: Option<&'a str>,
    /// Where most of them stand in the source.
    section: Option<&'a str>,
    source: &'a str,
    /// The messages that are shown for every one of them, with NAME for its name.
    symptoms: Vec<String>,
    remedy: String,
    also: Vec<Also<'a>>,
    collector: Vec<NeededView>,
}

#[derive(Serialize)]
struct PrivilegeRow<'a> {
    id: &'a str,
    table: Option<&'a str>,
    tab: Option<&'a str>,
    place: String,
    depth: &'static str,
    depth_label: &'static str,
    severity: &'static str,
    /// What differs from the others.
    why: Option<&'a str>,
    section: Option<&'a str>,
    source: Option<&'a str>,
    symptoms: Vec<&'a str>,
    differs: bool,
}

/// A further source, and the privileges that it names.
#[derive(Serialize)]
struct Also<'a> {
    source: &'a str,
    names: Vec<&'a str>,
}

#[derive(Serialize)]
struct FactTable {
    table: &'static str,
    about: &'static str,
    facts: Vec<FactRow>,
}

#[derive(Serialize)]
struct FactRow {
    name: String,
    kind: &'static str,
    options: Vec<OptionView>,
    /// What it tells, of a fact that is no column.
    about: Option<String>,
}

#[derive(Serialize)]
struct OptionView {
    name: String,
    label: String,
}

#[derive(Serialize)]
struct WordView {
    name: &'static str,
    about: &'static str,
}

#[derive(Serialize)]
struct KeyView {
    name: &'static str,
    required: bool,
    about: &'static str,
    example: &'static str,
}

#[derive(Serialize)]
struct TableView {
    name: &'static str,
    about: &'static str,
    privileges: &'static [&'static str],
}

impl<'a> Handbook<'a> {
    pub(super) fn new(set: &'a RuleSet) -> Handbook<'a> {
        Handbook {
            packs: (0..set.packs.len())
                .map(|position| PackView::new(set, position))
                .collect(),
            facts: facts(),
            severities: words(Holds::Severity),
            areas: words(Holds::Area),
            depths: words(Holds::Depth),
            types: words(Holds::FactType),
            sections: keys::SECTIONS
                .iter()
                .map(|section| (section.name, key_views(section.keys)))
                .collect(),
            superseded: key_views(&keys::SUPERSEDED),
            subjects: key_views(&keys::SUBJECTS),
            operators: key_views(&keys::OPERATORS),
            companions: key_views(&keys::COMPANIONS),
            nowhere_else: key_views(&keys::NOWHERE_ELSE),
            tables: crate::rules::facts::SUBJECTS
                .into_iter()
                .map(|subject| TableView {
                    name: subject.table(),
                    about: about(subject.table()),
                    privileges: tables::table(subject.table()).map_or(&[], |table| table.read_by.privileges),
                })
                .collect(),
        }
    }
}

impl<'a> PackView<'a> {
    fn new(set: &'a RuleSet, position: usize) -> PackView<'a> {
        let pack = &set.packs[position];
        let rules = || set.rules.iter().filter(|rule| rule.pack == position);
        let features = set.features.iter().filter(|feature| feature.pack == position);
        let privileges: Vec<&Rule> = rules().filter(|rule| is_generated(rule)).collect();
        PackView {
            id: &pack.id,
            title: &pack.title,
            version: &pack.version,
            sha256: &pack.sha256,
            source: &pack.source,
            read: pack.read.as_deref(),
            rules: rules()
                .filter(|rule| !is_generated(rule))
                .map(|rule| HandbookRule {
                    rule: RuleView::new(set, rule),
                    applies: rule.when.as_ref().map(lines).unwrap_or_default(),
                    passes: lines(&rule.check),
                })
                .collect(),
            privileges: Privileges::new(set, &privileges),
            features: features
                .map(|feature: &Feature| FeatureView::new(set, feature))
                .collect(),
        }
    }
}

fn lines(check: &Check) -> Vec<Line> {
    let lines = check.outline().into_iter();
    lines
        .map(|line| Line {
            depth: line.depth,
            indent: "  ".repeat(line.depth),
            text: line.text,
        })
        .collect()
}

/// Whether the rule came from a `[[privilege]]` that gave no words of its own.
fn is_generated(rule: &Rule) -> bool {
    rule.privilege.as_ref().is_some_and(|entry| {
        rule.title == entry.title()
            && rule.remedy == entry.remedy()
            && rule.cause.as_deref() == Some(&entry.cause())
    })
}

impl<'a> Privileges<'a> {
    fn new(set: &'a RuleSet, rules: &[&'a Rule]) -> Option<Privileges<'a>> {
        let first = rules.first()?;
        let why = commonest(rules.iter().map(|rule| rule.why.as_deref()));
        let section = commonest(rules.iter().map(|rule| rule.section.as_deref()));
        let source = commonest(rules.iter().map(|rule| rule.source.as_str()));
        let general = |rule: &Rule, symptom: &str| symptom.replace(&rule.id, "NAME");
        let shared: Vec<String> = first
            .symptoms
            .iter()
            .map(|symptom| general(first, symptom))
            .filter(|shared| {
                rules.iter().all(|rule| {
                    let mut symptoms = rule.symptoms.iter();
                    symptoms.any(|symptom| general(rule, symptom) == *shared)
                })
            })
            .collect();
        let rows = rules.iter().filter_map(|rule| {
            let entry = rule.privilege.as_ref()?;
            let symptoms: Vec<&str> = rule
                .symptoms
                .iter()
                .filter(|symptom| !shared.contains(&general(rule, symptom)))
                .map(String::as_str)
                .collect();
            let mut row = PrivilegeRow {
                id: &rule.id,
                table: entry.table.as_deref(),
                tab: entry.tab.as_deref(),
                place: entry.place(),
                depth: entry.depth.name(),
                depth_label: entry.depth.label(),
                severity: rule.severity.name(),
                why: rule.why.as_deref().filter(|_| rule.why.as_deref() != why),
                section: rule
                    .section
                    .as_deref()
                    .filter(|_| rule.section.as_deref() != section),
                source: Some(rule.source.as_str()).filter(|own| *own != source),
                symptoms,
                differs: false,
            };
            row.differs = row.why.is_some()
                || row.section.is_some()
                || row.source.is_some()
                || !row.symptoms.is_empty();
            Some(row)
        });
        let mut also: Vec<Also<'a>> = Vec::new();
        for rule in rules {
            for source in &rule.also {
                match also.iter_mut().find(|also| also.source == source) {
                    Some(also) => also.names.push(&rule.id),
                    None => also.push(Also {
                        source,
                        names: vec![&rule.id],
                    }),
                }
            }
        }
        Some(Privileges {
            rows: rows.collect(),
            why,
            section,
            source,
            remedy: privilege::remedy(
                first.privilege.as_ref().and_then(|entry| entry.role.as_deref()),
                ", the tab and the row that the table below names",
                "the least depth there, or more",
            ),
            symptoms: shared,
            also,
            collector: RuleView::new(set, first).collector,
        })
    }
}

/// The value that comes most often; of several the one that comes first.
fn commonest<T: PartialEq + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let found = counts.into_iter().find(|(_, count)| Some(*count) == most);
    found.map(|(value, _)| value).unwrap_or_default()
}

fn words(holds: Holds) -> Vec<WordView> {
    let words = holds.words().unwrap_or_default().into_iter();
    words
        .map(|word| WordView {
            name: word.name,
            about: word.about,
        })
        .collect()
}

fn key_views(keys: &[Key]) -> Vec<KeyView> {
    keys.iter()
        .map(|key| KeyView {
            name: key.name,
            required: key.required,
            about: key.about,
            example: key.example,
        })
        .collect()
}

/// The catalogue, by the first half of the facts' names.
fn facts() -> Vec<FactTable> {
    let order = [
        "systemuser",
        "mailbox",
        "emailserverprofile",
        "businessunit",
        "organization",
        "environment",
        "audit",
        "access",
        "devices",
        "device",
    ];
    let catalogue = Facts::built_in();
    order
        .into_iter()
        .map(|table| FactTable {
            table,
            about: about(table),
            facts: catalogue
                .iter()
                .filter(|field| field.name.split('.').next() == Some(table))
                .map(|field| FactRow {
                    name: field.name.clone(),
                    kind: field.kind.words(),
                    about: match field.source {
                        FieldSource::Column { .. } => None,
                        _ => Some(FactView::new(field).from),
                    },
                    options: match &field.kind {
                        FieldKind::Option(options) => options
                            .iter()
                            .map(|option| OptionView {
                                name: option.name.clone(),
                                label: option.label.clone(),
                            })
                            .collect(),
                        _ => Vec::new(),
                    },
                })
                .collect(),
        })
        .collect()
}

/// Whose facts those are.
fn about(table: &str) -> &'static str {
    match table {
        "systemuser" => "the user",
        "mailbox" => "the user's mailbox",
        "emailserverprofile" => "the server profile of the user's mailbox",
        "businessunit" => "the user's business unit",
        "organization" => "the environment's own row",
        "environment" => "the environment, as the snapshot's manifest describes it",
        "audit" => "the audit",
        "access" => "what is known of the user's access",
        "devices" => "the device inventory",
        _ => "one device of the user; only inside `every_device` and `some_device`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_in_a_table() {
        let shown: usize = facts().iter().map(|table| table.facts.len()).sum();
        assert_eq!(shown, Facts::built_in().iter().count());
    }

    #[test]
    fn the_commonest_is_found() {
        assert_eq!(commonest([1, 2, 2, 3].into_iter()), 2);
        assert_eq!(commonest([1, 2].into_iter()), 1);
        assert_eq!(commonest(std::iter::empty::<i32>()), 0);
    }
}
