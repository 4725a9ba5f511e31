//! The same mailbox in another audited environment.
//!
//! An Exchange mailbox can be served by one environment only, so some rules look across all
//! environments of an audit. The mailboxes of each that meet a rule's condition are indexed by
//! the field that tells they are the same (the address, trimmed, in lower case).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::access::Proof;
use crate::rules::{Check, Field, FieldSource, Subject};
use crate::snapshot::Environment;

use super::check::{Node, mailbox_tri};
use super::compile::mailbox_node;
use super::field::{Cell, FieldReader, Places};
use super::people::Place;
use super::tri::Tri;

/// What the mailboxes of all environments say, by their normalized key.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Environment and whether its mailbox meets the condition; false means it may.
    by_key: FxHashMap<String, Vec<(usize, bool)>>,
    /// By environment: why its mailboxes are not proven whole.
    gaps: Vec<Option<String>>,
    names: Vec<String>,
}

/// The index, seen from one environment.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    index: Arc<Index>,
    own: usize,
}

struct Mailboxes;

impl Places for Mailboxes {
    fn place(&self, subject: Subject, index: usize) -> Place {
        if subject == Subject::Mailbox {
            Place::Row(index as u32)
        } else {
            Place::NotSeen
        }
    }
}

impl Index {
    pub(super) fn new(environments: &[Environment], same: &Field, condition: &Check) -> Index {
        let mut index = Index::default();
        for (position, environment) in environments.iter().enumerate() {
            let info = &environment.manifest.environment;
            index.names.push(format!("\"{}\" ({})", info.name, info.url));
            let mut proof = Proof::of(environment, &["mailbox"], &["prvReadMailbox"]);
            let FieldSource::Column { table, column, .. } = &same.source else {
                continue;
            };
            let key = FieldReader::new(same, *table, column, environment);
            if !key.is_collected() {
                proof = proof.and(Proof::Partial(format!("`{}` was not collected", same.name)));
            }
            index.gaps.push(proof.gap().map(str::to_owned));
            if environments.len() == 1 {
                // Nobody looks into their own environment, so there is nothing to find.
                continue;
            }
            let node: Node<'_> = mailbox_node(condition, environment);
            for row in 0..environment.table("mailbox").map_or(0, |table| table.rows) {
                let Some(key) = key.cell(&Mailboxes, row).and_then(normalized) else {
                    continue;
                };
                match mailbox_tri(&node, &Mailboxes, row) {
                    Tri::False => {}
                    value => index
                        .by_key
                        .entry(key)
                        .or_default()
                        .push((position, value == Tri::True)),
                }
            }
        }
        index
    }

    /// The index, seen from the environment at that position.
    pub(super) fn seen_from(self: &Arc<Index>, own: usize) -> Elsewhere {
        Elsewhere {
            index: Arc::clone(self),
            own,
        }
    }
}

impl Elsewhere {
    /// Other environments whose mailbox of that key meets the condition, or may.
    fn others(&self, cell: Cell<'_>) -> impl Iterator<Item = (usize, bool)> {
        let hits = normalized(cell).and_then(|key| self.index.by_key.get(&key));
        hits.into_iter()
            .flatten()
            .copied()
            .filter(|(environment, _)| *environment != self.own)
    }

    /// Whether no other environment has such a mailbox.
    pub(super) fn tri(&self, cell: Cell<'_>) -> Tri {
        if normalized(cell).is_none() {
            return Tri::Unknown;
        }
        let mut may = false;
        for (_, certain) in self.others(cell) {
            if certain {
                return Tri::False;
            }
            may = true;
        }
        if may || self.gap().is_some() {
            Tri::Unknown
        } else {
            Tri::True
        }
    }

    /// The environments that clash, by position; certainly so.
    pub(super) fn clashing(&self, cell: Cell<'_>) -> Vec<usize> {
        let certain = self.others(cell).filter(|(_, certain)| *certain);
        let mut clashing: Vec<usize> = certain.map(|(environment, _)| environment).collect();
        clashing.dedup();
        clashing
    }

    /// The environments that clash, in words; empty if none does.
    pub(super) fn words(&self, cell: Cell<'_>) -> String {
        let names: Vec<&str> = self
            .clashing(cell)
            .into_iter()
            .map(|other| self.index.names[other].as_str())
            .collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("the same in environment {}", names.join(" and "))
        }
    }

    /// Why another environment does not prove that it has no such mailbox.
    pub(super) fn gap(&self) -> Option<String> {
        let others = self.index.gaps.iter().zip(&self.index.names).enumerate();
        others
            .filter(|(position, _)| *position != self.own)
            .find_map(|(_, (gap, name))| {
                gap.as_ref()
                    .map(|gap| format!("environment {name} may have such a mailbox: {gap}"))
            })
    }

    /// Why the answer is not known; none if the reason lies in the value itself.
    pub(super) fn why_unknown(&self, cell: Cell<'_>) -> Option<String> {
        normalized(cell)?;
        Some(self.gap().unwrap_or_else(|| {
            "a mailbox with the same address in another environment has settings that are not known"
                .to_owned()
        }))
    }
}

/// The key two mailboxes are compared by; none for null and blank.
fn normalized(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) if !text.trim().is_empty() => Some(text.trim().to_lowercase()),
        Cell::Id(id) => Some(id.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        _ => None,
    }
}
