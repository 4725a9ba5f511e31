//! Which users are alike, as far as rules can tell.
//!
//! A rule sees a user only through its leaves, single comparisons of facts. Two users for whom every
//! leaf has the same value have the same outcomes, and still have them after any change that gives both
//! the same new values. Access is left out here: its leaves follow from the roles that reach a user
//! ([`EnvironmentAssessment::access_shape`]).

use rustc_hash::FxHashMap;

use crate::rules::{RuleIndex, Scope, Severity, Subject};

use super::assessment::EnvironmentAssessment;
use super::check::{Leaf, Node};
use super::people::Place;

/// Users in classes; each step divides classes further.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The users that are divided, in order.
    pub users: Vec<usize>,
    /// By position in `users`: the class, numbered in the order in which users are first met.
    pub class: Vec<u32>,
    /// How many classes there are.
    pub classes: usize,
}

impl Alike {
    /// All users in one class.
    #[must_use]
    pub fn new(users: Vec<usize>) -> Alike {
        Alike {
            class: vec![0; users.len()],
            classes: usize::from(!users.is_empty()),
            users,
        }
    }

    /// Keeps together only those with the same label.
    pub fn divide(&mut self, label: impl Fn(usize) -> u64) {
        let mut known: FxHashMap<(u32, u64), u32> = FxHashMap::default();
        for (class, user) in self.class.iter_mut().zip(&self.users) {
            let next = known.len() as u32;
            *class = *known.entry((*class, label(*user))).or_insert(next);
        }
        self.classes = known.len();
    }

    /// The same, unless that makes more classes than `most`.
    #[must_use]
    pub fn divided(&self, most: usize, label: impl Fn(usize) -> u64) -> Option<Alike> {
        let mut known: FxHashMap<(u32, u64), u32> = FxHashMap::default();
        let mut classes = Vec::with_capacity(self.class.len());
        for (class, user) in self.class.iter().zip(&self.users) {
            let next = known.len() as u32;
            classes.push(*known.entry((*class, label(*user))).or_insert(next));
            if known.len() > most {
                return None;
            }
        }
        Some(Alike {
            users: self.users.clone(),
            class: classes,
            classes: known.len(),
        })
    }

    /// Of every class its first user and how many are in it.
    #[must_use]
    pub fn representatives(&self) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::with_capacity(self.classes);
        for (class, user) in self.class.iter().zip(&self.users) {
            match found.get_mut(*class as usize) {
                Some((_, size)) => *size += 1,
                None => found.push((*user, 1)),
            }
        }
        found
    }
}

impl EnvironmentAssessment<'_> {
    /// Divides users by everything but access that rules look at, where it can change a verdict.
    pub fn divide_by_facts(&self, alike: &mut Alike) {
        let people = &self.scene.people;
        let place = |subject, user| match people.place(subject, user) {
            Place::Row(_) => 0,
            Place::Nowhere => 1,
            Place::NotSeen => 2,
        };
        alike.divide(|user| place(Subject::Mailbox, user) * 3 + place(Subject::Profile, user));
        for (rule, compiled) in self.rules.rules.iter().zip(&self.compiled) {
            if rule.scope == Scope::Environment || rule.severity == Severity::Advises {
                continue;
            }
            for node in compiled.when.iter().chain([&compiled.check]) {
                leaves(node, &mut |leaf| match leaf {
                    Leaf::Constant { .. } | Leaf::Access(..) => {}
                    _ => alike.divide(|user| leaf.tri(&self.scene, user) as u64),
                });
            }
        }
        for (_, users) in &self.waivers {
            alike.divide(|user| u64::from(users.get(user)));
        }
    }

    /// A number that two users share if the same roles reach them in the same ways, and the server
    /// was asked about both or neither.
    #[must_use]
    pub fn access_shape(&self, user: usize) -> u64 {
        let access = &self.scene.access;
        access.shape(user) << 1 | u64::from(access.is_verified(user))
    }

    /// Whether a role may reach the user that was not seen: no role by any path, while an Entra
    /// group team carries one.
    #[must_use]
    pub fn is_membership_unseen(&self, user: usize) -> bool {
        self.scene.access.is_membership_unseen(user)
    }

    /// The row of the user's mailbox.
    #[must_use]
    pub fn mailbox_row(&self, user: usize) -> Option<usize> {
        match self.scene.people.place(Subject::Mailbox, user) {
            Place::Row(row) => Some(row as usize),
            Place::Nowhere | Place::NotSeen => None,
        }
    }

    /// Who holds which roles.
    #[must_use]
    pub fn access(&self) -> &crate::access::Access<'_> {
        &self.scene.access
    }

    /// Whether a rule's answer can depend on the user's access.
    #[must_use]
    pub fn looks_at_access(&self, rule: RuleIndex) -> bool {
        let compiled = &self.compiled[rule];
        let mut found = false;
        for node in compiled.when.iter().chain([&compiled.check]) {
            leaves(node, &mut |leaf| found |= matches!(leaf, Leaf::Access(..)));
        }
        found
    }
}

pub(super) fn leaves<'n, 'a>(node: &'n Node<'a>, f: &mut impl FnMut(&'n Leaf<'a>)) {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| leaves(part, f)),
        Node::Not(part) => leaves(part, f),
        Node::Leaf(leaf) => f(leaf),
    }
}
