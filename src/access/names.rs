//! The names of the roles that reach users.

use crate::snapshot::Guid;

use super::Access;
use super::roles::{Role, TeamKind};

/// The names of an environment's roles. The copies of a role in several business units share theirs.
#[derive(Clone, Debug)]
pub struct RoleNames {
    /// Sorted, each once; the id of a role whose name was not seen.
    pub names: Vec<String>,
    /// By role copy: position in `names`.
    of_role: Vec<u32>,
}

impl Access<'_> {
    /// The names of all roles.
    #[must_use]
    pub fn role_names(&self) -> RoleNames {
        let roles = &self.book.roles;
        let mut names: Vec<String> = roles.iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        let position = |role| names.binary_search(&name(role)).unwrap_or_default() as u32;
        RoleNames {
            of_role: roles.iter().map(position).collect(),
            names,
        }
    }

    /// The roles that reach a user, assigned or through a team that carries roles: positions in
    /// `names`, in order, each once.
    #[must_use]
    pub fn roles_reaching(&self, names: &RoleNames, user: usize) -> Vec<u32> {
        let teams = self.member.of(user).map(|team| &self.book.teams[team]);
        let carried = teams
            .filter(|team| team.kind != TeamKind::Access)
            .flat_map(|team| team.roles.iter().map(|role| *role as usize));
        let roles = self.held.of(user).chain(carried);
        let mut reaching: Vec<u32> = roles.map(|role| names.of_role[role]).collect();
        reaching.sort_unstable();
        reaching.dedup();
        reaching
    }
}

fn name(role: &Role) -> String {
    let id: Guid = role.id;
    role.name.clone().unwrap_or_else(|| id.to_string())
}
