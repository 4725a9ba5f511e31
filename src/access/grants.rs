//! What a role does for a requirement, held directly or through a team (`design.md` §5).

use std::borrow::Cow;

use crate::rules::Depth;
use crate::snapshot::Guid;

use super::granted::Granted;
use super::roles::{Inheritance, Role, RoleBook, TeamKind};
use super::{Reach, Requirement};

/// How a wanted privilege exists in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivilegeState {
    /// It exists; the depth is the least that the environment can grant for what was asked.
    Exists(Guid, Depth),
    /// It was asked for and is not there, or no depth of it can be granted.
    Absent,
    /// It was not asked for, or the table was not read.
    NotSeen(String),
}

/// A privilege that was looked up, so that many paths can be asked for it.
#[derive(Clone, Debug)]
pub struct Sought<'n> {
    /// Its name, as it was asked for.
    pub name: &'n str,
    /// The depth that was asked for.
    pub least: Depth,
    pub(super) found: Cow<'n, Found>,
}

impl Sought<'_> {
    /// What is known of it.
    #[must_use]
    pub fn state(&self) -> &PrivilegeState {
        &self.found.state
    }
}

/// What was found by a privilege's name.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) state: PrivilegeState,
    /// Its column of [`RoleBook::grants`]; none where no role has a row of it.
    pub(super) column: Option<u32>,
}

impl Found {
    /// What a role does for somebody who holds it directly, by what its rows grant.
    pub(super) fn directly(&self, role: &Role, granted: Granted) -> Reach {
        match &self.state {
            PrivilegeState::Exists(_, needed) => granted.directly(role, *needed),
            PrivilegeState::Absent => Reach::Fail,
            PrivilegeState::NotSeen(_) => Reach::Unknown,
        }
    }

    /// What a role does for the members of a team that holds it.
    pub(super) fn through_team(&self, role: &Role, granted: Granted) -> Reach {
        match &self.state {
            PrivilegeState::Exists(_, needed) => granted.through_team(role, *needed),
            PrivilegeState::Absent => Reach::Fail,
            PrivilegeState::NotSeen(_) => Reach::Unknown,
        }
    }
}

/// A requirement with its names looked up, so that thousands of roles can be asked quickly.
#[derive(Clone, Debug)]
pub(super) enum Resolved {
    Privilege(Found),
    AnyRole {
        directly: bool,
    },
    /// Role name in lower case.
    RoleNamed {
        name: String,
        directly: bool,
    },
    /// Root roles bound to the app module.
    AppModuleShared(Vec<Guid>),
}

impl RoleBook {
    /// Whether some role has that name.
    pub(super) fn role_named(&self, name: &str) -> Reach {
        let name = name.to_lowercase();
        let named = self
            .roles
            .iter()
            .filter(|role| role.seen)
            .map(|role| role.named(&name));
        named.max().unwrap_or(Reach::Fail)
    }

    /// What is known of a wanted privilege, and the depth that counts for what was asked.
    pub(super) fn privilege(&self, name: &str, least: Depth) -> PrivilegeState {
        let known = self.privileges.get(name);
        if let Some(&(id, can)) = known.or_else(|| self.privileges.get(&name.to_lowercase())) {
            let mut grantable = Depth::ALL.into_iter().filter(|depth| can[*depth as usize]);
            let above = grantable.clone().find(|depth| *depth >= least);
            // The nearest above; where there is none, all are below and the last is the nearest.
            return above
                .or(grantable.next_back())
                .map_or(PrivilegeState::Absent, |depth| PrivilegeState::Exists(id, depth));
        }
        if !self.asked.contains(&name.to_lowercase()) {
            return PrivilegeState::NotSeen("the snapshot was collected without asking for it".to_owned());
        }
        self.privileges_gap.map_or(PrivilegeState::Absent, |gap| {
            PrivilegeState::NotSeen(gap.to_owned())
        })
    }

    /// Looks a privilege up.
    pub(super) fn find(&self, name: &str, least: Depth) -> Found {
        let state = self.privilege(name, least);
        Found {
            column: match state {
                PrivilegeState::Exists(id, _) => self.grants.column(id),
                PrivilegeState::Absent | PrivilegeState::NotSeen(_) => None,
            },
            state,
        }
    }

    /// The same, with what was asked for.
    pub(super) fn seek<'n>(&self, name: &'n str, least: Depth) -> Sought<'n> {
        Sought {
            name,
            least,
            found: Cow::Owned(self.find(name, least)),
        }
    }

    /// What the rows say that count for a role copy, its own and its root's, of a privilege by its
    /// column.
    pub(super) fn granted(&self, role: &Role, column: Option<u32>) -> Granted {
        let Some(column) = column else {
            return Granted::default();
        };
        let lines = role.grants.into_iter().flatten();
        lines.fold(Granted::default(), |all, line| {
            all.or(self.grants.at(line, column))
        })
    }

    /// Looks up the names of a requirement.
    pub(super) fn resolve(&self, requirement: &Requirement) -> Resolved {
        let named = |name: &str, directly| Resolved::RoleNamed {
            name: name.to_lowercase(),
            directly,
        };
        match requirement {
            Requirement::Privilege(name, least) => Resolved::Privilege(self.find(name, *least)),
            Requirement::AnyRole => Resolved::AnyRole { directly: false },
            Requirement::AnyRoleDirectly => Resolved::AnyRole { directly: true },
            Requirement::RoleNamed(name) => named(name, false),
            Requirement::RoleNamedDirectly(name) => named(name, true),
            Requirement::AppModuleShared(module) => {
                let module = module.to_lowercase();
                let bound = self.bound.iter().filter(|(name, _)| *name == module);
                Resolved::AppModuleShared(bound.flat_map(|(_, roots)| roots.iter().copied()).collect())
            }
        }
    }

    /// What holding this role *directly* does for a requirement.
    pub(super) fn direct(&self, role: &Role, requirement: &Resolved) -> Reach {
        match requirement {
            Resolved::Privilege(found) => found.directly(role, self.granted(role, found.column)),
            Resolved::AnyRole { .. } => Reach::Pass,
            Resolved::RoleNamed { name, .. } => role.named(name),
            Resolved::AppModuleShared(bound) => role.grants(role.administrator || bound.contains(&role.root)),
        }
    }

    /// What holding this role *through a team* that carries roles does for a requirement.
    pub(super) fn through_team(&self, role: &Role, requirement: &Resolved) -> Reach {
        match requirement {
            Resolved::Privilege(found) => found.through_team(role, self.granted(role, found.column)),
            Resolved::AnyRole { directly: true } | Resolved::RoleNamed { directly: true, .. } => Reach::Fail,
            Resolved::AnyRole { directly: false } => Reach::Pass,
            Resolved::RoleNamed {
                name,
                directly: false,
            } => role.named(name),
            Resolved::AppModuleShared(bound) => role.grants(bound.contains(&role.root)),
        }
    }

    /// What holding this role directly and what holding it through a team does for a requirement, for
    /// whom both are asked of: rows are looked up once.
    pub(super) fn both_ways(&self, role: &Role, requirement: &Resolved) -> (Reach, Reach) {
        match requirement {
            Resolved::Privilege(found) => {
                let granted = self.granted(role, found.column);
                (found.directly(role, granted), found.through_team(role, granted))
            }
            _ => (
                self.direct(role, requirement),
                self.through_team(role, requirement),
            ),
        }
    }

    /// Whether an Entra group team carries a role, so that a person's membership may be unseen.
    pub(super) fn some_group_team_carries_a_role(&self) -> bool {
        self.teams
            .iter()
            .any(|team| team.kind == TeamKind::Group && !team.roles.is_empty())
    }
}

impl Granted {
    /// What it does for somebody who holds the role directly.
    fn directly(self, role: &Role, needed: Depth) -> Reach {
        let granted = self.depth.is_some_and(|depth| depth >= needed);
        role.grants(role.administrator || granted).max(self.maybe())
    }

    /// What it does for the members of a team that holds the role.
    fn through_team(self, role: &Role, needed: Depth) -> Reach {
        let Some(depth) = self.depth.filter(|depth| *depth >= needed) else {
            return role.grants(false).max(self.maybe());
        };
        let granted = match role.inheritance {
            Inheritance::DirectToo => Reach::Pass,
            Inheritance::NotSeen => Reach::Unknown,
            // A member does not own what the team owns: Basic stays with the team.
            Inheritance::TeamOnly | Inheritance::NullAsTeamOnly if depth == Depth::Basic => Reach::Fail,
            Inheritance::TeamOnly | Inheritance::NullAsTeamOnly => Reach::Unknown,
        };
        granted.max(self.maybe())
    }

    fn maybe(self) -> Reach {
        if self.masked { Reach::Unknown } else { Reach::Fail }
    }
}

impl Role {
    pub(super) fn is_seen(&self) -> bool {
        self.seen
    }

    /// What a role does that was seen to grant something, or not: one whose row is missing may.
    fn grants(&self, granted: bool) -> Reach {
        match (granted, self.seen) {
            (true, _) => Reach::Pass,
            (false, true) => Reach::Fail,
            (false, false) => Reach::Unknown,
        }
    }

    /// Whether the role has that name, given in lower case.
    fn named(&self, name: &str) -> Reach {
        match &self.name {
            Some(own) if own.eq_ignore_ascii_case(name) => Reach::Pass,
            Some(own) if !own.is_ascii() && own.to_lowercase() == name => Reach::Pass,
            Some(_) => Reach::Fail,
            None => Reach::Unknown,
        }
    }
}

impl TeamKind {
    /// What is left of a role's contribution after passing through a team of this kind.
    pub(super) fn pass_on(self, reach: Reach) -> Reach {
        match (self, reach) {
            (TeamKind::Access, _) => Reach::Fail,
            (TeamKind::NotSeen, Reach::Pass) => Reach::Unknown,
            (_, reach) => reach,
        }
    }
}
