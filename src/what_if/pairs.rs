//! Edits of an intersect table: looked up while changes are made, merged into it once.

use std::collections::BTreeMap;

use crate::snapshot::{Column, Environment, Guid, Table};

use super::error::Fault;

/// A table of two columns of ids, sorted by both, and what is to be added to it or taken away.
/// An edit costs a search; the table is gone through once, at the end.
#[derive(Debug)]
pub(super) struct Pairs<'a> {
    names: [&'static str; 2],
    left: &'a [Guid],
    right: &'a [Guid],
    /// Whether the pair is to be there: only those for which the table says otherwise.
    edits: BTreeMap<(Guid, Guid), bool>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        table: &str,
        names: [&'static str; 2],
    ) -> Result<Pairs<'a>, Fault> {
        let column = |name| {
            environment
                .table(table)
                .and_then(|table| table.ids(name))
                .ok_or_else(|| Fault::not_collected(environment, table, name))
        };
        Ok(Pairs {
            names,
            left: column(names[0])?,
            right: column(names[1])?,
            edits: BTreeMap::new(),
        })
    }

    /// Adds the pair or takes it away; whether that changed anything.
    pub(super) fn set(&mut self, left: Guid, right: Guid, there: bool) -> bool {
        let pair = (left, right);
        let (from, to) = self.range(left);
        let before = self.right[from..to].binary_search(&right).is_ok();
        if self.edits.get(&pair).copied().unwrap_or(before) == there {
            return false;
        }
        if before == there {
            self.edits.remove(&pair);
        } else {
            self.edits.insert(pair, there);
        }
        true
    }

    /// What belongs to `left` now.
    pub(super) fn of(&self, left: Guid) -> Vec<Guid> {
        let (from, to) = self.range(left);
        let edits = || self.edits.range((left, Guid::NULL)..=(left, Guid(u128::MAX)));
        let mut rights: Vec<Guid> = self.right[from..to].to_vec();
        if edits().next().is_some() {
            rights.retain(|right| self.edits.get(&(left, *right)) != Some(&false));
            rights.extend(edits().filter(|(_, there)| **there).map(|((_, right), _)| *right));
        }
        rights
    }

    fn range(&self, left: Guid) -> (usize, usize) {
        let from = self.left.partition_point(|other| *other < left);
        // Few belong to one.
        let len = self.left[from..]
            .iter()
            .take_while(|other| **other == left)
            .count();
        (from, from + len)
    }

    /// The table as edited; none if nothing changed.
    pub(super) fn table(&self) -> Option<Table> {
        if self.edits.is_empty() {
            return None;
        }
        let added = self.edits.values().filter(|there| **there).count();
        let capacity = self.left.len() + added;
        let (mut left, mut right) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        let mut push = |(one, other): (Guid, Guid)| {
            left.push(one);
            right.push(other);
        };
        let mut row = 0;
        for (pair, there) in &self.edits {
            while row < self.left.len() && (self.left[row], self.right[row]) < *pair {
                push((self.left[row], self.right[row]));
                row += 1;
            }
            if *there {
                push(*pair);
            } else {
                row += 1;
            }
        }
        for row in row..self.left.len() {
            push((self.left[row], self.right[row]));
        }
        Some(Table {
            rows: left.len(),
            columns: [(self.names[0], left), (self.names[1], right)]
                .map(|(name, ids)| (name.to_owned(), Column::Id(ids)))
                .into(),
        })
    }
}
