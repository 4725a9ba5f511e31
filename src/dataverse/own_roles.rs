//! The caller's own depths, worked out from the collected tables: for servers that cannot be asked.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::snapshot::manifest::DepthName;
use crate::snapshot::{Guid, Table};

use super::selfcheck::{Caller, raise};
use crate::snapshot::manifest::SELF_CHECKED;

/// The role template of System Administrator, the same everywhere.
const SYSTEM_ADMINISTRATOR: Guid = Guid(0x627090ff_40a3_4053_8790_584edc5be201);

/// What of the collected tables concerns the caller's own roles, for servers that do not answer
/// [`super::selfcheck::depths`]. Fed with the tables as they come in, in any order.
#[derive(Debug)]
pub(super) struct OwnRoles {
    caller: Guid,
    direct: FxHashSet<Guid>,
    teams: FxHashSet<Guid>,
    team_roles: Vec<(Guid, Guid)>,
    /// Teams that can carry roles: all but access teams.
    carrying: FxHashSet<Guid>,
    roots: FxHashMap<Guid, Guid>,
    administrators: FxHashSet<Guid>,
}

impl OwnRoles {
    pub(super) fn new(caller: Caller) -> OwnRoles {
        OwnRoles {
            caller: caller.user,
            direct: FxHashSet::default(),
            teams: FxHashSet::default(),
            team_roles: Vec::new(),
            carrying: FxHashSet::default(),
            roots: FxHashMap::default(),
            administrators: FxHashSet::default(),
        }
    }

    /// Takes what concerns the caller from rows of a table.
    pub(super) fn absorb(&mut self, table: &str, rows: &Table) {
        let pairs = |left, right| ids(rows, left).zip(ids(rows, right));
        match table {
            "systemuserroles" => {
                let mine = pairs("systemuserid", "roleid").filter(|(user, _)| *user == self.caller);
                self.direct.extend(mine.map(|(_, role)| role));
            }
            "teammembership" => {
                let mine = pairs("systemuserid", "teamid").filter(|(user, _)| *user == self.caller);
                self.teams.extend(mine.map(|(_, team)| team));
            }
            "teamroles" => self.team_roles.extend(pairs("teamid", "roleid")),
            "team" => {
                if let (Some(teams), Some(types)) = (rows.ids("teamid"), rows.integers("teamtype")) {
                    // 1 is an access team, null is not known.
                    let carrying = teams
                        .iter()
                        .zip(types)
                        .filter(|(_, kind)| matches!(kind, Some(0 | 2 | 3)));
                    self.carrying.extend(carrying.map(|(team, _)| *team));
                }
            }
            "role" => {
                self.roots.extend(pairs("roleid", "parentrootroleid"));
                let administrators =
                    pairs("roleid", "roletemplateid").filter(|(_, of)| *of == SYSTEM_ADMINISTRATOR);
                self.administrators.extend(administrators.map(|(role, _)| role));
            }
            _ => {}
        }
    }

    /// Whether the caller is a system administrator, and the roles (copies and their roots) whose
    /// privileges reach it.
    fn roles(&self) -> (bool, FxHashSet<Guid>) {
        let with_roots = |roles: &mut FxHashSet<Guid>| {
            let roots: Vec<Guid> = roles
                .iter()
                .filter_map(|role| self.roots.get(role).copied())
                .collect();
            roles.extend(roots);
        };
        let mut roles = self.direct.clone();
        with_roots(&mut roles);
        let administrator = roles.iter().any(|role| self.administrators.contains(role));
        let reach = |team: &Guid| self.teams.contains(team) && self.carrying.contains(team);
        roles.extend(
            self.team_roles
                .iter()
                .filter(|(team, _)| reach(team))
                .map(|(_, role)| *role),
        );
        with_roots(&mut roles);
        (administrator, roles)
    }

    /// The caller's depths, given the rows of `privilege` and `roleprivileges` about
    /// [`SELF_CHECKED`].
    pub(super) fn depths(
        &self,
        privileges: &[Table],
        role_privileges: &[Table],
    ) -> BTreeMap<String, DepthName> {
        let mut depths = BTreeMap::new();
        let (administrator, roles) = self.roles();
        let mut names: FxHashMap<Guid, &'static str> = FxHashMap::default();
        for chunk in privileges {
            if let (Some(ids), Some(texts)) = (chunk.ids("privilegeid"), chunk.text("name")) {
                for (id, text) in ids.iter().zip(texts) {
                    let known = SELF_CHECKED
                        .into_iter()
                        .find(|name| text.is_some_and(|text| text.eq_ignore_ascii_case(name)));
                    names.extend(known.map(|name| (*id, name)));
                }
            }
        }
        if administrator {
            for name in names.values() {
                raise(&mut depths, name, DepthName::Global);
            }
            return depths;
        }
        for chunk in role_privileges {
            let (Some(owners), Some(ids), Some(masks)) = (
                chunk.ids("roleid"),
                chunk.ids("privilegeid"),
                chunk.integers("privilegedepthmask"),
            ) else {
                continue;
            };
            for ((role, privilege), mask) in owners.iter().zip(ids).zip(masks) {
                if let (true, Some(name), Some(depth)) = (
                    roles.contains(role),
                    names.get(privilege),
                    mask.and_then(depth_of),
                ) {
                    raise(&mut depths, name, depth);
                }
            }
        }
        depths
    }
}

/// The values of an id column.
fn ids<'t>(rows: &'t Table, name: &str) -> impl Iterator<Item = Guid> + use<'t> {
    rows.ids(name).unwrap_or_default().iter().copied()
}

/// The depth of a mask: the greatest bit of the lowest four; higher bits mean something else.
fn depth_of(mask: i32) -> Option<DepthName> {
    match mask & 0x0F {
        0 => None,
        8.. => Some(DepthName::Global),
        4.. => Some(DepthName::Deep),
        2.. => Some(DepthName::Local),
        _ => Some(DepthName::Basic),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;
    use crate::snapshot::Column;

    fn table(columns: &[(&str, Column)]) -> Table {
        let rows = match &columns[0].1 {
            Column::Id(values) => values.len(),
            _ => 0,
        };
        Table {
            rows,
            columns: columns
                .iter()
                .map(|(name, column)| ((*name).to_owned(), column.clone()))
                .collect(),
        }
    }

    fn guids(values: &[u128]) -> Column {
        Column::Id(values.iter().copied().map(Guid).collect())
    }

    /// User 1 holds role copy 11 (root 10) directly, 20 through owner team 5, and is in access
    /// team 6 that (wrongly) names role 30.
    fn own_roles(template_of_10: u128) -> OwnRoles {
        let mut own = OwnRoles::new(Caller {
            user: Guid(1),
            organization: Guid(99),
        });
        own.absorb(
            "systemuserroles",
            &table(&[("systemuserid", guids(&[1, 2])), ("roleid", guids(&[11, 30]))]),
        );
        own.absorb(
            "teammembership",
            &table(&[("systemuserid", guids(&[1, 1])), ("teamid", guids(&[5, 6]))]),
        );
        own.absorb(
            "teamroles",
            &table(&[("teamid", guids(&[5, 6])), ("roleid", guids(&[20, 30]))]),
        );
        own.absorb(
            "team",
            &table(&[
                ("teamid", guids(&[5, 6])),
                ("teamtype", Column::Integer(vec![0, 1].into())),
            ]),
        );
        own.absorb(
            "role",
            &table(&[
                ("roleid", guids(&[10, 11, 20, 30])),
                ("parentrootroleid", guids(&[10, 10, 20, 30])),
                ("roletemplateid", guids(&[template_of_10, 0, 0, 0])),
            ]),
        );
        own
    }

    fn depths(own: &OwnRoles) -> Vec<(String, DepthName)> {
        let privileges = table(&[
            ("privilegeid", guids(&[100, 101, 102])),
            (
                "name",
                Column::Text(vec!["prvReadUser", "prvreadmailbox", "prvReadTeam"].into()),
            ),
        ]);
        let role_privileges = table(&[
            ("roleid", guids(&[10, 10, 20, 30])),
            ("privilegeid", guids(&[100, 101, 101, 102])),
            ("privilegedepthmask", Column::Integer(vec![0x18, 1, 4, 8].into())),
        ]);
        own.depths(&[privileges], &[role_privileges])
            .into_iter()
            .collect()
    }

    #[test]
    fn own_depths_from_own_roles() {
        assert_eq!(
            depths(&own_roles(0)),
            [
                ("prvReadMailbox".to_owned(), DepthName::Deep),
                ("prvReadUser".to_owned(), DepthName::Global),
            ]
        );
    }

    #[test]
    fn a_system_administrator_sees_what_exists() {
        let names: Vec<String> = depths(&own_roles(SYSTEM_ADMINISTRATOR.0))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["prvReadMailbox", "prvReadTeam", "prvReadUser"]);
    }
}
