//! How deep every privilege goes that a role gives: what someone would gain beyond what is asked for.
//!
//! Only the wanted privileges are in a snapshot; what else a role grants cannot be seen here.

use crate::rules::Depth;
use crate::snapshot::Guid;

use super::roles::{Inheritance, RoleBook, TeamKind};
use super::{Access, Reach};

/// Depths by privilege: 0 for none, then 1 (Basic) to 4 (Global).
pub type DepthRow = Vec<u8>;

/// One way in which a role reaches a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The root of the role copy.
    pub root: Guid,
    /// Whether it comes by a team.
    pub by_team: bool,
    /// Whether that team hands on to its members what the role grants at Basic.
    pub hands_on: bool,
}

/// The depths that roles and teams give, worked out once for all of them.
#[derive(Debug)]
pub struct Depths {
    /// Names of the privileges, in the order of every [`DepthRow`].
    pub names: Vec<String>,
    roles: Vec<DepthRow>,
    teams: Vec<DepthRow>,
}

impl Depths {
    /// The depths of all roles and teams of an environment.
    #[must_use]
    pub fn new(access: &Access<'_>) -> Depths {
        let book = &access.book;
        let mut names: Vec<(String, Option<u32>)> = access
            .environment
            .manifest
            .wanted_privileges
            .iter()
            .filter_map(|name| {
                Some((
                    name.clone(),
                    book.grants.column(book.privileges.get(&name.to_lowercase())?.0),
                ))
            })
            .collect();
        names.sort();
        let row = |role: usize| -> DepthRow { depths_of(book, role, &names) };
        let roles: Vec<DepthRow> = (0..book.roles.len()).map(row).collect();
        let teams = book
            .teams
            .iter()
            .map(|team| {
                let mut total = vec![0; names.len()];
                if team.kind != TeamKind::Access {
                    for role in &team.roles {
                        if book.roles[*role as usize].inheritance == Inheritance::DirectToo {
                            raise(&mut total, &roles[*role as usize]);
                        }
                    }
                }
                total
            })
            .collect();
        Depths {
            names: names.into_iter().map(|(name, _)| name).collect(),
            roles,
            teams,
        }
    }

    /// What surely reaches a user.
    #[must_use]
    pub fn of_user(&self, access: &Access<'_>, user: usize) -> DepthRow {
        let mut total = vec![0; self.names.len()];
        for role in access.held.of(user) {
            raise(&mut total, &self.roles[role]);
            if access.book.roles[role].administrator {
                total.fill(Depth::Global as u8 + 1);
            }
        }
        for team in access.member.of(user) {
            raise(&mut total, &self.teams[team]);
        }
        total
    }

    /// What a role gives to somebody it is assigned to.
    #[must_use]
    pub fn of_role(&self, access: &Access<'_>, root: Guid) -> DepthRow {
        let position = access.book.role_position(root);
        position.map_or_else(
            || vec![0; self.names.len()],
            |role| self.roles[role as usize].clone(),
        )
    }
}

fn raise(total: &mut [u8], by: &[u8]) {
    for (total, by) in total.iter_mut().zip(by) {
        *total = (*total).max(*by);
    }
}

/// `names` come with their columns of [`RoleBook::grants`].
fn depths_of(book: &RoleBook, role: usize, names: &[(String, Option<u32>)]) -> DepthRow {
    let row = names
        .iter()
        .map(|(_, column)| book.granted(&book.roles[role], *column).depth);
    row.map(|depth| depth.map_or(0, |depth| depth as u8 + 1))
        .collect()
}

/// One role, all its copies together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRoot {
    /// Id of the root copy.
    pub id: Guid,
    /// Its name.
    pub name: String,
    /// Whether it is the System Administrator.
    pub administrator: bool,
}

impl Access<'_> {
    /// Every role that was seen with its name, by its root copy, in the order of ids.
    #[must_use]
    pub fn roles(&self) -> Vec<RoleRoot> {
        let roots = self
            .book
            .roles
            .iter()
            .filter(|role| role.root == role.id && role.seen);
        let named = roots.filter_map(|role| {
            Some(RoleRoot {
                id: role.id,
                name: role.name.clone()?,
                administrator: role.administrator,
            })
        });
        named.collect()
    }

    /// The ways in which roles reach a user; a team of a kind that carries none is left out.
    pub fn held(&self, user: usize) -> impl Iterator<Item = Held> + '_ {
        let book = &self.book;
        let direct = self.held.of(user).map(|role| Held {
            root: book.roles[role].root,
            by_team: false,
            hands_on: true,
        });
        let teams = self.member.of(user).map(|team| &book.teams[team]);
        let carrying = teams.filter(|team| team.kind.pass_on(Reach::Pass) == Reach::Pass);
        let by_team = carrying.flat_map(|team| &team.roles).map(|role| {
            let role = &book.roles[*role as usize];
            Held {
                root: role.root,
                by_team: true,
                hands_on: role.inheritance == Inheritance::DirectToo,
            }
        });
        direct.chain(by_team)
    }
}
