//! Roles and their copies, their privilege rows, teams and app bindings, as they were collected.

use rustc_hash::FxHashMap;

use arrow_array::Array;

use crate::rules::Depth;
use crate::snapshot::{Environment, Guid, Table};

use super::granted::{GrantTable, Granted};

/// The role template of the built-in System Administrator (`design.md` §5).
pub(crate) const SYSTEM_ADMINISTRATOR: Guid = Guid(0x627090ff_40a3_4053_8790_584edc5be201);

/// One role copy, as far as it was seen.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) id: Guid,
    /// None when the role's row or its name was not seen.
    pub(super) name: Option<String>,
    pub(super) business_unit: Guid,
    /// The root copy that privilege rows hang on; the role's own id when it has none.
    pub(super) root: Guid,
    /// Lines of [`RoleBook::grants`]: of the role's own rows and of its root's.
    pub(super) grants: [Option<u32>; 2],
    /// False when an assignment names a role whose row was not seen.
    pub(super) seen: bool,
    pub(super) inheritance: Inheritance,
    pub(super) administrator: bool,
}

/// *Member's privilege inheritance* of a role copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Inheritance {
    /// *Team privileges only*, `isinherited` 0.
    TeamOnly,
    /// `isinherited` null: treated as 0, and said so.
    NullAsTeamOnly,
    /// *Direct User (Basic) access level and Team privileges*, `isinherited` 1.
    DirectToo,
    /// The column was not collected.
    NotSeen,
}

/// One team, as far as it was seen.
#[derive(Clone, Debug)]
pub(super) struct Team {
    pub(super) id: Guid,
    pub(super) name: Option<String>,
    pub(super) kind: TeamKind,
    /// Positions in [`RoleBook::roles`].
    pub(super) roles: Vec<u32>,
}

/// What a team may pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TeamKind {
    /// An owner team.
    Owner,
    /// An access team: carries no roles.
    Access,
    /// An Entra security-group or Office-group team, filled at members' first sign-in.
    Group,
    /// Type or row not seen, or a type this version does not know: unknown at most.
    NotSeen,
}

/// All roles and teams of an environment, with the depths that roles grant.
#[derive(Debug)]
pub(super) struct RoleBook {
    pub(super) roles: Vec<Role>,
    pub(super) teams: Vec<Team>,
    pub(super) role_index: FxHashMap<Guid, u32>,
    pub(super) team_index: FxHashMap<Guid, u32>,
    /// What the privilege rows of roles say.
    pub(super) grants: GrantTable,
    pub(super) business_units: FxHashMap<Guid, String>,
    /// Role ids bound to app modules, by lower-case unique name, as roots.
    pub(super) bound: Vec<(String, Vec<Guid>)>,
    /// Privilege id and grantable depths by lower-case name, and by the name as it was asked for.
    pub(super) privileges: FxHashMap<String, (Guid, [bool; 4])>,
    pub(super) asked: Vec<String>,
    /// Why a privilege that was asked for and has no row may exist all the same.
    pub(super) privileges_gap: Option<&'static str>,
}

fn text_of(table: &Table, column: &str, row: usize) -> Option<String> {
    let values = table.text(column)?;
    values.is_valid(row).then(|| values.value(row).to_owned())
}

fn id_of(table: &Table, column: &str, row: usize) -> Guid {
    table.ids(column).map_or(Guid::NULL, |ids| ids[row])
}

impl RoleBook {
    pub(super) fn new(environment: &Environment) -> RoleBook {
        let mut book = RoleBook {
            roles: Vec::new(),
            teams: Vec::new(),
            role_index: FxHashMap::default(),
            team_index: FxHashMap::default(),
            grants: GrantTable::default(),
            business_units: FxHashMap::default(),
            bound: Vec::new(),
            privileges: FxHashMap::default(),
            asked: environment
                .manifest
                .wanted_privileges
                .iter()
                .map(|name| name.to_lowercase())
                .collect(),
            privileges_gap: privileges_gap(environment),
        };
        if let Some(table) = environment.table("businessunit") {
            for row in 0..table.rows {
                let name = text_of(table, "name", row).unwrap_or_default();
                book.business_units
                    .insert(id_of(table, "businessunitid", row), name);
            }
        }
        book.read_roles(environment);
        book.read_privileges(environment);
        book.read_teams(environment);
        book.read_bindings(environment);
        book
    }

    fn read_roles(&mut self, environment: &Environment) {
        if let Some(table) = environment.table("role") {
            let inheritance = table.integers("isinherited");
            let templates = table.ids("roletemplateid");
            let ids = table.ids("roleid").unwrap_or_default();
            let mut administrators: Vec<Guid> = Vec::new();
            for (row, &id) in ids.iter().enumerate() {
                let root = id_of(table, "parentrootroleid", row);
                if templates.is_some_and(|templates| templates[row] == SYSTEM_ADMINISTRATOR) {
                    administrators.push(id);
                }
                self.role_index.insert(id, self.roles.len() as u32);
                self.roles.push(Role {
                    id,
                    name: text_of(table, "name", row),
                    business_unit: id_of(table, "businessunitid", row),
                    root: if root.is_null() { id } else { root },
                    grants: [None; 2],
                    seen: true,
                    inheritance: match inheritance {
                        None => Inheritance::NotSeen,
                        Some(column) if column.is_null(row) => Inheritance::NullAsTeamOnly,
                        Some(column) if column.value(row) == 1 => Inheritance::DirectToo,
                        Some(column) if column.value(row) == 0 => Inheritance::TeamOnly,
                        Some(_) => Inheritance::NotSeen,
                    },
                    administrator: false,
                });
            }
            for role in &mut self.roles {
                role.administrator = administrators.contains(&role.id) || administrators.contains(&role.root);
            }
        }
        // Assignments may name roles whose rows were not read: nothing is known of them but the id.
        for (table, column) in [
            ("systemuserroles", "roleid"),
            ("teamroles", "roleid"),
            ("appmoduleroles", "roleid"),
        ] {
            for &id in environment
                .table(table)
                .and_then(|table| table.ids(column))
                .unwrap_or_default()
            {
                if !id.is_null() && !self.role_index.contains_key(&id) {
                    self.role_index.insert(id, self.roles.len() as u32);
                    self.roles.push(Role {
                        id,
                        name: None,
                        business_unit: Guid::NULL,
                        root: id,
                        grants: [None; 2],
                        seen: false,
                        inheritance: Inheritance::NotSeen,
                        administrator: false,
                    });
                }
            }
        }
        self.read_grants(environment);
    }

    fn read_grants(&mut self, environment: &Environment) {
        let Some(table) = environment.table("roleprivileges") else {
            return;
        };
        let (Some(roles), Some(privileges)) = (table.ids("roleid"), table.ids("privilegeid")) else {
            return;
        };
        let masks = table.integers("privilegedepthmask");
        let granted = |row: usize| {
            let mask = masks
                .filter(|masks| masks.is_valid(row))
                .map(|masks| masks.value(row));
            Granted {
                depth: mask.and_then(depth_of_mask),
                masked: mask.is_none(),
            }
        };
        self.grants = GrantTable::new((0..table.rows).map(|row| (roles[row], privileges[row], granted(row))));
        for role in &mut self.roles {
            let of_root = (role.root != role.id).then(|| self.grants.line(role.root));
            role.grants = [self.grants.line(role.id), of_root.flatten()];
        }
    }

    fn read_privileges(&mut self, environment: &Environment) {
        let Some(table) = environment.table("privilege") else {
            return;
        };
        let flags = ["canbebasic", "canbelocal", "canbedeep", "canbeglobal"];
        let flags = flags.map(|column| table.booleans(column));
        for row in 0..table.rows {
            let Some(name) = text_of(table, "name", row) else {
                continue;
            };
            // Only an outspoken "no" rules a depth out: null and not collected count as grantable.
            let can = flags.map(|flag| flag.is_none_or(|values| values.is_null(row) || values.value(row)));
            self.privileges
                .insert(name.to_lowercase(), (id_of(table, "privilegeid", row), can));
        }
        for asked in &environment.manifest.wanted_privileges {
            if let Some(known) = self.privileges.get(&asked.to_lowercase()) {
                self.privileges.insert(asked.clone(), *known);
            }
        }
    }

    fn read_teams(&mut self, environment: &Environment) {
        if let Some(table) = environment.table("team") {
            let kinds = table.integers("teamtype");
            for (row, &id) in table.ids("teamid").unwrap_or_default().iter().enumerate() {
                let kind = kinds
                    .filter(|kinds| kinds.is_valid(row))
                    .map(|kinds| kinds.value(row));
                self.team_index.insert(id, self.teams.len() as u32);
                self.teams.push(Team {
                    id,
                    name: text_of(table, "name", row),
                    kind: match kind {
                        Some(0) => TeamKind::Owner,
                        Some(1) => TeamKind::Access,
                        Some(2 | 3) => TeamKind::Group,
                        _ => TeamKind::NotSeen,
                    },
                    roles: Vec::new(),
                });
            }
        }
        let Some(table) = environment.table("teamroles") else {
            return;
        };
        let (Some(teams), Some(roles)) = (table.ids("teamid"), table.ids("roleid")) else {
            return;
        };
        for (&team, &role) in teams.iter().zip(roles) {
            let index = *self.team_index.entry(team).or_insert_with(|| {
                self.teams.push(Team {
                    id: team,
                    name: None,
                    kind: TeamKind::NotSeen,
                    roles: Vec::new(),
                });
                self.teams.len() as u32 - 1
            });
            if let Some(&role) = self.role_index.get(&role) {
                self.teams[index as usize].roles.push(role);
            }
        }
    }

    fn read_bindings(&mut self, environment: &Environment) {
        let (Some(modules), Some(bindings)) = (
            environment.table("appmodule"),
            environment.table("appmoduleroles"),
        ) else {
            return;
        };
        let ids = modules.ids("appmoduleid").unwrap_or_default();
        let (Some(of), Some(roles)) = (bindings.ids("appmoduleid"), bindings.ids("roleid")) else {
            return;
        };
        for (row, &id) in ids.iter().enumerate() {
            let Some(name) = text_of(modules, "uniquename", row) else {
                continue;
            };
            let bound = of.iter().zip(roles).filter(|(module, _)| **module == id);
            let roots = bound
                .map(|(_, role)| self.role(*role).map_or(*role, |role| role.root))
                .collect();
            self.bound.push((name.to_lowercase(), roots));
        }
    }

    pub(super) fn role_position(&self, id: Guid) -> Option<u32> {
        self.role_index.get(&id).copied()
    }

    pub(super) fn team_position(&self, id: Guid) -> Option<u32> {
        self.team_index.get(&id).copied()
    }

    pub(super) fn role(&self, id: Guid) -> Option<&Role> {
        self.role_position(id)
            .map(|position| &self.roles[position as usize])
    }
}

fn privileges_gap(environment: &Environment) -> Option<&'static str> {
    let named = |table: &Table| table.columns.contains_key("name");
    if !environment.manifest.is_complete("privilege") {
        Some("table `privilege` was not read completely")
    } else if !environment.table("privilege").is_some_and(named) {
        Some("`privilege.name` was not read")
    } else {
        None
    }
}

/// The greatest depth of a `privilegedepthmask`; bits above the low four are not depths, and 0 is
/// no grant.
fn depth_of_mask(mask: i32) -> Option<Depth> {
    Depth::ALL
        .into_iter()
        .rev()
        .find(|depth| mask & (1 << *depth as i32) != 0)
}
