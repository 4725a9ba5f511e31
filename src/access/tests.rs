//! The bit masks against the paths they are made of.

mod candidates;
mod served;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::{BooleanArray, Int32Array, StringArray};
use proptest::prelude::*;

use super::{Access, Reach, Requirement};
use crate::rules::Depth;
use crate::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, FORMAT, SelfCheck, TableInfo,
};
use crate::snapshot::{Column, Environment, Guid, Manifest, Table};

/// A small tenant in numbers: ids are made from positions.
#[derive(Clone, Debug)]
struct Tenant {
    /// Root (position; itself for a root), inheritance, whether it is a system administrator role.
    roles: Vec<(usize, Option<i32>, bool)>,
    /// Role, privilege, mask.
    grants: Vec<(usize, usize, Option<i32>)>,
    /// Team types.
    teams: Vec<Option<i32>>,
    team_roles: Vec<(usize, usize)>,
    user_roles: Vec<(usize, usize)>,
    members: Vec<(usize, usize)>,
    bound: Vec<usize>,
}

const USERS: usize = 5;
const PRIVILEGES: usize = 3;

fn tenant() -> impl Strategy<Value = Tenant> {
    let inheritance = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    let kind = prop_oneof![
        Just(None),
        Just(Some(0)),
        Just(Some(1)),
        Just(Some(2)),
        Just(Some(3))
    ];
    let mask = prop_oneof![1 => Just(None), 8 => (0..24).prop_map(Some)];
    (
        prop::collection::vec((0..6usize, inheritance, prop::bool::weighted(0.1)), 6),
        prop::collection::vec((0..6usize, 0..PRIVILEGES, mask), 0..12),
        prop::collection::vec(kind, 4),
        // Up to one position more than there are rows: assignments to rows that were not seen.
        prop::collection::vec((0..5usize, 0..7usize), 0..8),
        prop::collection::vec((0..USERS, 0..7usize), 0..8),
        prop::collection::vec((0..USERS, 0..5usize), 0..8),
        prop::collection::vec(0..7usize, 0..4),
    )
        .prop_map(
            |(roles, grants, teams, team_roles, user_roles, members, bound)| Tenant {
                roles,
                grants,
                teams,
                team_roles,
                user_roles,
                members,
                bound,
            },
        )
}

fn id(kind: u128, position: usize) -> Guid {
    Guid(kind << 64 | (position as u128 + 1))
}
fn user(position: usize) -> Guid {
    id(1, position)
}
fn role(position: usize) -> Guid {
    id(2, position)
}
fn team(position: usize) -> Guid {
    id(3, position)
}
fn privilege(position: usize) -> Guid {
    id(4, position)
}

pub(crate) fn table(rows: usize, columns: Vec<(&str, Column)>) -> Table {
    Table {
        rows,
        columns: columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column))
            .collect(),
    }
}

fn pairs(left: &str, right: &str, mut pairs: Vec<(Guid, Guid)>) -> Table {
    pairs.sort();
    pairs.dedup();
    let (lefts, rights): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    table(
        lefts.len(),
        vec![(left, Column::Id(lefts)), (right, Column::Id(rights))],
    )
}

impl Tenant {
    fn environment(&self) -> Environment {
        let administrator = Guid(0x627090ff_40a3_4053_8790_584edc5be201);
        let roles = &self.roles;
        let names = |count: usize, word: &str| {
            Column::Text(StringArray::from_iter_values(
                (0..count).map(|i| format!("{word}{i}")),
            ))
        };
        let yes = || Column::Boolean(BooleanArray::from(vec![true; PRIVILEGES]));
        let tables = BTreeMap::from([
            (
                "systemuser",
                table(
                    USERS,
                    vec![("systemuserid", Column::Id((0..USERS).map(user).collect()))],
                ),
            ),
            (
                "role",
                table(
                    roles.len(),
                    vec![
                        ("roleid", Column::Id((0..roles.len()).map(role).collect())),
                        ("name", names(roles.len(), "role ")),
                        ("businessunitid", Column::Id(vec![Guid::NULL; roles.len()])),
                        (
                            "parentrootroleid",
                            Column::Id(roles.iter().map(|r| role(r.0)).collect()),
                        ),
                        (
                            "roletemplateid",
                            Column::Id(
                                roles
                                    .iter()
                                    .map(|r| if r.2 { administrator } else { Guid::NULL })
                                    .collect(),
                            ),
                        ),
                        (
                            "isinherited",
                            Column::Integer(roles.iter().map(|r| r.1).collect::<Int32Array>()),
                        ),
                    ],
                ),
            ),
            (
                "privilege",
                table(
                    PRIVILEGES,
                    vec![
                        (
                            "privilegeid",
                            Column::Id((0..PRIVILEGES).map(privilege).collect()),
                        ),
                        ("name", names(PRIVILEGES, "prv")),
                        ("canbebasic", yes()),
                        ("canbelocal", yes()),
                        ("canbedeep", yes()),
                        ("canbeglobal", yes()),
                    ],
                ),
            ),
            (
                "roleprivileges",
                table(
                    self.grants.len(),
                    vec![
                        (
                            "roleid",
                            Column::Id(self.grants.iter().map(|g| role(g.0)).collect()),
                        ),
                        (
                            "privilegeid",
                            Column::Id(self.grants.iter().map(|g| privilege(g.1)).collect()),
                        ),
                        (
                            "privilegedepthmask",
                            Column::Integer(self.grants.iter().map(|g| g.2).collect::<Int32Array>()),
                        ),
                    ],
                ),
            ),
            (
                "team",
                table(
                    self.teams.len(),
                    vec![
                        ("teamid", Column::Id((0..self.teams.len()).map(team).collect())),
                        ("name", names(self.teams.len(), "team ")),
                        (
                            "teamtype",
                            Column::Integer(self.teams.iter().copied().collect::<Int32Array>()),
                        ),
                    ],
                ),
            ),
            (
                "systemuserroles",
                pairs(
                    "systemuserid",
                    "roleid",
                    self.user_roles
                        .iter()
                        .map(|(u, r)| (user(*u), role(*r)))
                        .collect(),
                ),
            ),
            (
                "teamroles",
                pairs(
                    "teamid",
                    "roleid",
                    self.team_roles
                        .iter()
                        .map(|(t, r)| (team(*t), role(*r)))
                        .collect(),
                ),
            ),
            (
                "teammembership",
                pairs(
                    "systemuserid",
                    "teamid",
                    self.members.iter().map(|(u, t)| (user(*u), team(*t))).collect(),
                ),
            ),
            (
                "appmodule",
                table(
                    1,
                    vec![
                        ("appmoduleid", Column::Id(vec![id(5, 0)])),
                        (
                            "uniquename",
                            Column::Text(StringArray::from_iter_values(["TheApp"])),
                        ),
                    ],
                ),
            ),
            (
                "appmoduleroles",
                pairs(
                    "appmoduleid",
                    "roleid",
                    self.bound.iter().map(|r| (id(5, 0), role(*r))).collect(),
                ),
            ),
        ]);
        let tables: BTreeMap<String, Table> = tables
            .into_iter()
            .map(|(name, table)| (name.to_owned(), table))
            .collect();
        Environment {
            manifest: manifest(&tables),
            tables,
        }
    }
}

/// Everything read completely, by someone who sees everything.
pub(crate) fn manifest(tables: &BTreeMap<String, Table>) -> Manifest {
    let info = |table: &Table| TableInfo {
        rows: table.rows as u64,
        pages: 1,
        complete: true,
        columns: table.columns.keys().cloned().collect(),
        sha256: String::new(),
        counted: None,
    };
    Manifest {
        format: FORMAT,
        environment: EnvironmentInfo {
            url: "https://contoso.crm4.dynamics.com".to_owned(),
            organization_id: user(0).to_string(),
            name: "contoso".to_owned(),
            build: None,
            deployment: Deployment::Online,
            deployment_from: DeploymentFrom::Host,
            region: None,
        },
        collected: Collected {
            started: jiff::Timestamp::UNIX_EPOCH,
            finished: jiff::Timestamp::UNIX_EPOCH,
            by: user(0).to_string(),
            tool: String::new(),
        },
        tables: tables
            .iter()
            .map(|(name, table)| (name.clone(), info(table)))
            .collect(),
        gaps: Vec::new(),
        wanted_privileges: (0..PRIVILEGES).map(|i| format!("prv{i}")).collect(),
        selfcheck: SelfCheck {
            depths: ["prvReadRole", "prvReadTeam", "prvReadUser"]
                .map(|name| (name.to_owned(), DepthName::Global))
                .into(),
        },
        verified: None,
    }
}

/// The same behind as many others as fill a machine word, so that answers lie in the second one.
fn many_requirements() -> Vec<Requirement> {
    let others = (0..64).map(|number| Requirement::RoleNamed(format!("no role {number}")));
    others.chain(requirements()).collect()
}

fn requirements() -> Vec<Requirement> {
    let privileges = (0..PRIVILEGES).flat_map(|privilege| {
        Depth::ALL.map(|depth| Requirement::Privilege(format!("prv{privilege}"), depth))
    });
    let others = [
        Requirement::AnyRole,
        Requirement::AnyRoleDirectly,
        Requirement::RoleNamed("ROLE 1".to_owned()),
        Requirement::RoleNamedDirectly("role 1".to_owned()),
        Requirement::AppModuleShared("theapp".to_owned()),
    ];
    privileges.chain(others).collect()
}

proptest! {
    /// The greatest result over all paths wins, and no path is left out: what the masks say is
    /// what walking the paths one by one says, unless a membership cannot have been seen.
    #[test]
    fn masks_are_the_union_of_paths(tenant in tenant()) {
        let environment = tenant.environment();
        let access = Access::new(&environment, many_requirements());
        for user in 0..USERS {
            for requirement in requirements() {
                let position = access.position(&requirement).expect("asked for");
                let walked = access.paths(user).map(|path| path.reach(&requirement)).max();
                let walked = walked.unwrap_or(Reach::Fail);
                if access.is_membership_unseen(user) {
                    prop_assert_eq!(walked, Reach::Fail);
                } else {
                    prop_assert_eq!(access.reach(user, position), walked, "user {} {:?}", user, requirement);
                }
            }
        }
    }

    /// The names of the roles that reach a user are those of the paths, but for access teams.
    #[test]
    fn names_that_reach_are_those_of_the_paths(tenant in tenant()) {
        let environment = tenant.environment();
        let access = Access::new(&environment, requirements());
        let names = access.role_names();
        for user in 0..USERS {
            let paths = access.paths(user);
            let carrying = paths.filter(|path| !path.is_through_access_team());
            let walked: BTreeSet<String> = carrying.map(|path| path.way(&Requirement::AnyRole).role).collect();
            let reaching = access.roles_reaching(&names, user);
            let reaching: Vec<&String> = reaching.iter().map(|name| &names.names[*name as usize]).collect();
            prop_assert_eq!(reaching, walked.iter().collect::<Vec<_>>());
        }
    }

    /// Access only grows: another role or membership never takes anything away.
    #[test]
    fn another_assignment_takes_nothing_away(tenant in tenant(), role in 0..6usize, team in 0..4usize) {
        let before = tenant.environment();
        let mut more = tenant.clone();
        more.user_roles.push((0, role));
        more.members.push((0, team));
        let after = more.environment();
        let (before, after) = (Access::new(&before, requirements()), Access::new(&after, requirements()));
        // Someone without a role may be a member of a team not yet seen; with one, that is settled.
        if !before.is_membership_unseen(0) {
            for position in 0..requirements().len() {
                prop_assert!(before.reach(0, position) <= after.reach(0, position));
            }
        }
    }

    /// A path that stops says why, and one that grants says nothing.
    #[test]
    fn every_stop_has_a_reason(tenant in tenant()) {
        let environment = tenant.environment();
        let access = Access::new(&environment, requirements());
        for user in 0..USERS {
            for path in access.paths(user) {
                for depth in Depth::ALL {
                    let reach = path.reach(&Requirement::Privilege("prv0".to_owned(), depth));
                    let sought = access.seek("prv0", depth);
                    prop_assert_eq!(path.reach_of(&sought), reach, "{}", path);
                    prop_assert_eq!(path.stop(&sought).is_none(), reach == Reach::Pass, "{}", path);
                }
            }
        }
    }
}
