//! What makes two users alike as far as access is concerned.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::snapshot::Guid;

use super::Access;
use super::roles::{Inheritance, Role, Team, TeamKind};

impl Access<'_> {
    /// A number that two users share if the same roles reach them in the same ways: directly, or
    /// through what kind of team and with what inheritance. The answers built from the tables
    /// ([`Access::modelled`]) are then the same for both.
    #[must_use]
    pub fn shape(&self, user: usize) -> u64 {
        let book = &self.book;
        let mut ways: Vec<(Guid, u8, u8)> = self
            .held
            .of(user)
            .map(|role| (grants_of(&book.roles[role]), 0, 0))
            .collect();
        for team in self.member.of(user).map(|team| &book.teams[team]) {
            if let Some(kind) = carries(team) {
                let roles = team.roles.iter().map(|role| &book.roles[*role as usize]);
                ways.extend(roles.map(|role| (grants_of(role), kind, inheritance(role))));
            }
        }
        ways.sort_unstable();
        ways.dedup();
        let mut hasher = FxHasher::default();
        for (role, kind, inheritance) in &ways {
            (role.0, kind, inheritance).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// The role copy that stands for what a copy grants: its root, unless it has rows of its own.
fn grants_of(role: &Role) -> Guid {
    match role.grants[0] {
        Some(_) => role.id,
        None => role.root,
    }
}

/// How a team carries roles; none if it carries none.
fn carries(team: &Team) -> Option<u8> {
    match team.kind {
        TeamKind::Access => None,
        TeamKind::Owner | TeamKind::Group => Some(1),
        TeamKind::NotSeen => Some(2),
    }
}

fn inheritance(role: &Role) -> u8 {
    match role.inheritance {
        Inheritance::TeamOnly | Inheritance::NullAsTeamOnly => 0,
        Inheritance::DirectToo => 1,
        Inheritance::NotSeen => 2,
    }
}
