//! The paths by which roles reach one user, for evidence.

use std::fmt;

use crate::rules::Depth;
use crate::snapshot::Guid;

use super::grants::{PrivilegeState, Sought};
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

/// What stops a path from giving what is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An access team is in between.
    AccessTeam,
    /// The role's depth mask was not seen.
    DepthNotSeen,
    /// The role itself was not seen.
    RoleNotSeen,
    /// The role does not grant the privilege.
    NotGranted,
    /// The role grants it, not deeply enough: the first is less than the second.
    TooShallow(Depth, Depth),
    /// The type of the team in between was not seen.
    TeamTypeNotSeen,
    /// The role is set to *team privileges only* and grants at Basic, which stays with the team.
    StaysWithTeam,
    /// The role is set to *team privileges only* and grants above Basic: whether that reaches
    /// members is not documented.
    MayStayWithTeam,
    /// The role's inheritance setting was not seen.
    InheritanceNotSeen,
    /// The app is not shared with the role.
    NotShared,
}

impl Stop {
    /// Whether it would not stop the role if that were assigned to the user itself.
    #[must_use]
    pub fn is_of_the_team(self) -> bool {
        matches!(
            self,
            Stop::StaysWithTeam | Stop::MayStayWithTeam | Stop::InheritanceNotSeen | Stop::TeamTypeNotSeen
        )
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Stop::AccessTeam => "access teams carry no roles",
            Stop::DepthNotSeen => "the depth that it grants was not seen",
            Stop::RoleNotSeen => "the role's row was not seen",
            Stop::NotGranted => "the role does not grant it",
            Stop::TooShallow(depth, needed) => {
                let (depth, needed) = (label(*depth), label(*needed));
                return write!(formatter, "it is granted at {depth}, which is less than {needed}");
            }
            Stop::TeamTypeNotSeen => "the team's type was not seen",
            Stop::StaysWithTeam => {
                "the role's privileges stay with the team, and at Basic they do not reach its members"
            }
            Stop::MayStayWithTeam => {
                "the role is set to team privileges only: whether it reaches the members above Basic is not \
                 documented"
            }
            Stop::InheritanceNotSeen => "the role's inheritance setting was not seen",
            Stop::NotShared => "the app is not shared with the role",
        })
    }
}

/// One way by which a role reaches a user, step by step, and what stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Name of the role; its id where the name was not seen.
    pub role: String,
    /// Business unit of the copy, where it was seen.
    pub business_unit: Option<String>,
    /// The team in between, such as `team "Field Sales"`.
    pub team: Option<String>,
    /// The role's *member's privilege inheritance*, where a team is in between.
    pub inheritance: Option<&'static str>,
    /// The depth at which the role grants the privilege in question.
    pub depth: Option<Depth>,
    /// What stops it; none where nothing does.
    pub stop: Option<Stop>,
}

/// One role copy that reaches a user, and how.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    book: &'a RoleBook,
    role: &'a Role,
    team: Option<&'a Team>,
}

/// All paths of a user.
pub(super) fn of_user<'a>(access: &'a Access<'_>, user: usize) -> impl Iterator<Item = Path<'a>> + Clone {
    let book = &access.book;
    let path = move |role: usize, team| Path {
        book,
        role: &book.roles[role],
        team,
    };
    let direct = access.held.of(user).map(move |role| path(role, None));
    let by_team = access.member.of(user).flat_map(move |team| {
        let team = &book.teams[team];
        let roles = team.roles.iter();
        roles.map(move |role| path(*role as usize, Some(team)))
    });
    direct.chain(by_team)
}

impl Path<'_> {
    /// What this path does for a requirement.
    #[must_use]
    pub fn reach(&self, requirement: &Requirement) -> Reach {
        let requirement = self.book.resolve(requirement);
        match self.team {
            None => self.book.direct(self.role, &requirement),
            Some(team) => team.kind.pass_on(self.book.through_team(self.role, &requirement)),
        }
    }

    /// What this path does for a privilege that was looked up.
    #[must_use]
    pub fn reach_of(&self, privilege: &Sought<'_>) -> Reach {
        let found = &privilege.found;
        let granted = self.book.granted(self.role, found.column);
        match self.team {
            None => found.directly(self.role, granted),
            Some(team) => team.kind.pass_on(found.through_team(self.role, granted)),
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
    pub fn depth(&self, privilege: &Sought<'_>) -> Option<Depth> {
        self.book.granted(self.role, privilege.found.column).depth
    }

    /// Writes the path, e.g. `role "Sales Person" (copy in BU West) ← team "Field Sales" (team
    /// privileges only)`. What [`fmt::Display`] writes, for those who write millions.
    ///
    /// # Errors
    /// If `to` does not take it.
    pub fn write_to(&self, to: &mut impl fmt::Write) -> fmt::Result {
        match &self.role.name {
            Some(name) => put(to, &["role \"", name, "\""])?,
            None => write!(to, "role {} (its row was not seen)", self.role.id)?,
        }
        match self.book.business_units.get(&self.role.business_unit) {
            Some(unit) => put(to, &[" (copy in ", unit, ")"])?,
            None if self.role.business_unit.is_null() => {}
            None => write!(to, " (copy in business unit {})", self.role.business_unit)?,
        }
        let Some(team) = self.team else {
            return to.write_str(" ← assigned to the user");
        };
        to.write_str(" ← ")?;
        team.write_to(to)?;
        put(to, &[" (", self.role.inheritance.words(), ")"])
    }

    /// Writes the path and what it grants of a privilege, e.g. `… : prvReadMailbox at Basic`.
    ///
    /// # Errors
    /// If `to` does not take it.
    pub fn write_with(&self, privilege: &Sought<'_>, to: &mut impl fmt::Write) -> fmt::Result {
        self.write_to(to)?;
        match self.depth(privilege) {
            Some(depth) => put(to, &[" : ", privilege.name, " at ", label(depth)]),
            None => put(to, &[" : does not grant ", privilege.name]),
        }
    }

    /// What stops this path from granting a privilege.
    #[must_use]
    pub fn stop(&self, privilege: &Sought<'_>) -> Option<Stop> {
        if self.reach_of(privilege) == Reach::Pass {
            return None;
        }
        let role = self.role;
        let granted = self.book.granted(role, privilege.found.column);
        let needed = match *privilege.state() {
            PrivilegeState::Exists(_, needed) => needed,
            PrivilegeState::Absent | PrivilegeState::NotSeen(_) => privilege.least,
        };
        Some(match (granted.depth, self.team.map(|team| team.kind)) {
            (_, Some(TeamKind::Access)) => Stop::AccessTeam,
            (_, _) if granted.masked => Stop::DepthNotSeen,
            (None, _) if !role.is_seen() => Stop::RoleNotSeen,
            (None, _) => Stop::NotGranted,
            (Some(depth), _) if depth < needed => Stop::TooShallow(depth, needed),
            (Some(_), Some(TeamKind::NotSeen)) => Stop::TeamTypeNotSeen,
            (Some(depth), Some(_)) => match role.inheritance {
                Inheritance::TeamOnly | Inheritance::NullAsTeamOnly if depth == Depth::Basic => {
                    Stop::StaysWithTeam
                }
                Inheritance::NotSeen => Stop::InheritanceNotSeen,
                _ => Stop::MayStayWithTeam,
            },
            (Some(_), None) => return None,
        })
    }

    /// The steps of this path, with what stops it from giving what is required.
    #[must_use]
    pub fn way(&self, requirement: &Requirement) -> Way {
        let (depth, stop) = match requirement {
            Requirement::Privilege(name, least) => {
                let sought = self.book.seek(name, *least);
                (self.depth(&sought), self.stop(&sought))
            }
            _ if self.is_through_access_team() => (None, Some(Stop::AccessTeam)),
            Requirement::AppModuleShared(_) if self.reach(requirement) != Reach::Pass => {
                (None, Some(Stop::NotShared))
            }
            _ => (None, None),
        };
        Way {
            role: self.role.name.clone().unwrap_or_else(|| self.role.id.to_string()),
            business_unit: self.book.business_units.get(&self.role.business_unit).cloned(),
            team: self.team.map(Team::words),
            inheritance: self.team.map(|_| self.role.inheritance.words()),
            depth,
            stop,
        }
    }

    /// Whether it is a copy of that role; given by the id of its root copy.
    pub(super) fn is_copy_of(&self, root: Guid) -> bool {
        self.role.root == root
    }
}

impl Inheritance {
    fn words(self) -> &'static str {
        match self {
            Inheritance::TeamOnly => "team privileges only",
            Inheritance::NullAsTeamOnly => "inheritance not set, which counts as team privileges only",
            Inheritance::DirectToo => "direct user (Basic) access level and team privileges",
            Inheritance::NotSeen => "inheritance setting not seen",
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(formatter)
    }
}

impl Team {
    /// How it is called.
    fn words(&self) -> String {
        let mut words = String::new();
        // A string takes everything.
        let _ = self.write_to(&mut words);
        words
    }

    fn write_to(&self, to: &mut impl fmt::Write) -> fmt::Result {
        to.write_str(match self.kind {
            TeamKind::Owner | TeamKind::NotSeen => "team ",
            TeamKind::Access => "access team ",
            TeamKind::Group => "group team ",
        })?;
        match &self.name {
            Some(name) => put(to, &["\"", name, "\""])?,
            None => write!(to, "{}", self.id)?,
        }
        match self.kind {
            TeamKind::NotSeen => to.write_str(", whose type was not seen,"),
            TeamKind::Owner | TeamKind::Access | TeamKind::Group => Ok(()),
        }
    }
}

/// Writes one text after the other: what `write!` does, without taking a format apart each time.
fn put(to: &mut impl fmt::Write, texts: &[&str]) -> fmt::Result {
    texts.iter().try_for_each(|text| to.write_str(text))
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
