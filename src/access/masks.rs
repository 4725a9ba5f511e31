//! What roles and teams contribute to every requirement at once, as bit masks.
//!
//! A role exists once per business unit and its copies nearly always do the same, so each kind of
//! copy is asked once: a few hundred instead of many thousand, and all their masks fit into a cache
//! while users are united. A kind's rows of a privilege are looked up once for both ways of holding it:
//! a plan makes these masks anew for every action that it tries.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::snapshot::Guid;

use super::Reach;
use super::grants::Resolved;
use super::roles::{Inheritance, Role, RoleBook, Team, TeamKind};

/// What one role or team contributes: a bit per requirement, granted or perhaps granted.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    pub(super) pass: Vec<u64>,
    pub(super) maybe: Vec<u64>,
}

impl Mask {
    fn new(words: usize) -> Mask {
        Mask {
            pass: vec![0; words],
            maybe: vec![0; words],
        }
    }

    fn set(&mut self, bit: usize, reach: Reach) {
        match reach {
            Reach::Pass => self.pass[bit / 64] |= 1 << (bit % 64),
            Reach::Unknown => self.maybe[bit / 64] |= 1 << (bit % 64),
            Reach::Fail => {}
        }
    }

    /// Adds what a team of this kind passes on of a role's mask, as [`TeamKind::pass_on`].
    fn add_through(&mut self, team: TeamKind, role: &Mask) {
        match team {
            TeamKind::Access => {}
            TeamKind::NotSeen => {
                or(&mut self.maybe, &role.pass);
                or(&mut self.maybe, &role.maybe);
            }
            TeamKind::Owner | TeamKind::Group => {
                or(&mut self.pass, &role.pass);
                or(&mut self.maybe, &role.maybe);
            }
        }
    }
}

fn or(into: &mut [u64], from: &[u64]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into |= from;
    }
}

/// All that an answer about a role copy may depend on.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'r> {
    grants: [Option<u32>; 2],
    root: Guid,
    name: Option<&'r str>,
    seen: bool,
    inheritance: Inheritance,
    administrator: bool,
}

impl Role {
    fn kind(&self) -> Kind<'_> {
        // All of them, so that a field that is added is thought of here.
        let Role {
            id: _,
            name,
            business_unit: _,
            root,
            grants,
            seen,
            inheritance,
            administrator,
        } = self;
        Kind {
            grants: *grants,
            root: *root,
            name: name.as_deref(),
            seen: *seen,
            inheritance: *inheritance,
            administrator: *administrator,
        }
    }
}

/// The masks of all role copies and teams of an environment.
pub(super) struct Masks {
    /// By role: position of its kind.
    kinds: Vec<u32>,
    /// By kind: what holding it directly contributes.
    direct: Vec<Mask>,
    /// By team.
    teams: Vec<Mask>,
}

impl Masks {
    pub(super) fn new(book: &RoleBook, requirements: &[Resolved]) -> Masks {
        let words = requirements.len().div_ceil(64);
        let mut known: FxHashMap<Kind<'_>, u32> = FxHashMap::default();
        let mut examples: Vec<&Role> = Vec::new();
        let kinds: Vec<u32> = book
            .roles
            .iter()
            .map(|role| {
                *known.entry(role.kind()).or_insert_with(|| {
                    examples.push(role);
                    examples.len() as u32 - 1
                })
            })
            .collect();
        let both = |role: &&Role| -> (Mask, Mask) {
            let (mut direct, mut through) = (Mask::new(words), Mask::new(words));
            for (bit, requirement) in requirements.iter().enumerate() {
                let reaches = book.both_ways(role, requirement);
                direct.set(bit, reaches.0);
                through.set(bit, reaches.1);
            }
            (direct, through)
        };
        let (direct, through): (Vec<Mask>, Vec<Mask>) = examples.par_iter().map(both).unzip();
        let team = |team: &Team| {
            let mut mask = Mask::new(words);
            for role in &team.roles {
                mask.add_through(team.kind, &through[kinds[*role as usize] as usize]);
            }
            mask
        };
        Masks {
            direct,
            teams: book.teams.iter().map(team).collect(),
            kinds,
        }
    }

    /// Of a role that is held directly.
    pub(super) fn role(&self, role: usize) -> &Mask {
        &self.direct[self.kinds[role] as usize]
    }

    /// Of a team.
    pub(super) fn team(&self, team: usize) -> &Mask {
        &self.teams[team]
    }
}
