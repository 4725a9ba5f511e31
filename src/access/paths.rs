//! The paths by which roles reach one user, for evidence.

use std::fmt;

use crate::rules::Depth;

use super::grants::{PrivilegeState, Resolved};
use super::roles::{Inheritance, Role, RoleBook, Team, TeamKind};
use super::{Access, Reach, Requirement};

/// How a role copy is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Assigned to the user.
    Direct,
    /// Assigned to a team that the user is a member of; the team's name or id, and what limits it.
    Team(String),
}

/// One role copy that reaches a user, and how.
#[derive(Clone, Debug)]
pub struct Path<'a> {
    book: &'a RoleBook,
    role: &'a Role,
    team: Option<&'a Team>,
}

/// All paths of a user.
pub(super) fn of_user<'a>(access: &'a Access<'_>, user: usize) -> Vec<Path<'a>> {
    let book = &access.book;
    let direct = access.held.of(user).map(|role| Path {
        book,
        role: &book.roles[role],
        team: None,
    });
    let mut paths: Vec<Path<'a>> = direct.collect();
    for team in access.member.of(user) {
        let team = &book.teams[team];
        let roles = team.roles.iter().map(|role| &book.roles[*role as usize]);
        paths.extend(roles.map(|role| Path {
            book,
            role,
            team: Some(team),
        }));
    }
    paths
}

impl Path<'_> {
    /// What this path does for a requirement.
    #[must_use]
    pub fn reach(&self, requirement: &Requirement) -> Reach {
        self.reach_resolved(&self.book.resolve(requirement))
    }

    fn reach_resolved(&self, requirement: &Resolved) -> Reach {
        match self.team {
            None => self.book.direct(self.role, requirement),
            Some(team) => team.kind.pass_on(self.book.through_team(self.role, requirement)),
        }
    }

    /// How the role is held.
    #[must_use]
    pub fn via(&self) -> Via {
        match self.team {
            None => Via::Direct,
            Some(team) => Via::Team(team.words()),
        }
    }

    /// Whether a team of a kind that carries no roles stands in between.
    #[must_use]
    pub fn is_through_access_team(&self) -> bool {
        self.team.is_some_and(|team| team.kind == TeamKind::Access)
    }

    /// The depth at which the role grants a privilege, whoever it reaches.
    #[must_use]
    pub fn depth(&self, privilege: &str, least: Depth) -> Option<Depth> {
        match self.book.privilege(privilege, least) {
            PrivilegeState::Exists(id, _) => self.book.depth(self.role, id),
            _ => None,
        }
    }

    /// The path and what it grants of a privilege, e.g. `role "Sales Person" (copy in BU West) ←
    /// team "Field Sales" (team privileges only) : prvReadMailbox at Basic`.
    #[must_use]
    pub fn with_privilege(&self, privilege: &str, least: Depth) -> String {
        match self.depth(privilege, least) {
            Some(depth) => format!("{self} : {privilege} at {}", label(depth)),
            None => format!("{self} : does not grant {privilege}"),
        }
    }

    /// What stops this path from granting a privilege.
    #[must_use]
    pub fn stop(&self, privilege: &str, least: Depth) -> Option<String> {
        let state = self.book.privilege(privilege, least);
        let (depth, needed, masked) = match &state {
            PrivilegeState::Exists(id, needed) => {
                let (depth, masked) = (self.book.depth(self.role, *id), self.book.masked(self.role, *id));
                (depth, *needed, masked)
            }
            _ => (None, least, Reach::Fail),
        };
        if self.reach_resolved(&Resolved::Privilege(state)) == Reach::Pass {
            return None;
        }
        let words = match (depth, self.team.map(|team| team.kind)) {
            (_, Some(TeamKind::Access)) => "access teams carry no roles".to_owned(),
            (_, _) if masked == Reach::Unknown => "the depth that it grants was not seen".to_owned(),
            (None, _) if !self.role.is_seen() => "the role's row was not seen".to_owned(),
            (None, _) => "the role does not grant it".to_owned(),
            (Some(depth), _) if depth < needed => {
                format!(
                    "it is granted at {}, which is less than {}",
                    label(depth),
                    label(needed)
                )
            }
            (Some(_), Some(TeamKind::NotSeen)) => "the team's type was not seen".to_owned(),
            (Some(depth), Some(_)) => match self.role.inheritance {
                Inheritance::TeamOnly | Inheritance::NullAsTeamOnly if depth == Depth::Basic => {
                    "the role's privileges stay with the team, and at Basic they do not reach its members"
                        .to_owned()
                }
                Inheritance::NotSeen => "the role's inheritance setting was not seen".to_owned(),
                _ => {
                    "the role is set to team privileges only: whether it reaches the members above Basic is \
                      not documented"
                        .to_owned()
                }
            },
            (Some(_), None) => return None,
        };
        Some(words)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.role.name {
            Some(name) => write!(formatter, "role \"{name}\"")?,
            None => write!(formatter, "role {} (its row was not seen)", self.role.id)?,
        }
        match self.book.business_units.get(&self.role.business_unit) {
            Some(unit) => write!(formatter, " (copy in {unit})")?,
            None if self.role.business_unit.is_null() => {}
            None => write!(formatter, " (copy in business unit {})", self.role.business_unit)?,
        }
        match self.team {
            None => formatter.write_str(" ← assigned to the user"),
            Some(team) => {
                let setting = match self.role.inheritance {
                    Inheritance::TeamOnly => "team privileges only",
                    Inheritance::NullAsTeamOnly => {
                        "inheritance not set, which counts as team privileges only"
                    }
                    Inheritance::DirectToo => "direct user (Basic) access level and team privileges",
                    Inheritance::NotSeen => "inheritance setting not seen",
                };
                write!(formatter, " ← {} ({setting})", team.words())
            }
        }
    }
}

impl Team {
    fn words(&self) -> String {
        let name = match &self.name {
            Some(name) => format!("\"{name}\""),
            None => self.id.to_string(),
        };
        match self.kind {
            TeamKind::Owner => format!("team {name}"),
            TeamKind::Access => format!("access team {name}"),
            TeamKind::Group => format!("group team {name}"),
            TeamKind::NotSeen => format!("team {name}, whose type was not seen,"),
        }
    }
}

/// A depth as Dataverse's API spells it.
fn label(depth: Depth) -> &'static str {
    match depth {
        Depth::Basic => "Basic",
        Depth::Local => "Local",
        Depth::Deep => "Deep",
        Depth::Global => "Global",
    }
}
