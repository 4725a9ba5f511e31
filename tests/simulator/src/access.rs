//! What the server itself says a user may do, as `RetrieveUserSetOfPrivilegesByNames` answers it.
//!
//! The greatest depth wins over direct roles and roles of owner and group teams, each at its real depth.
//! Whether the live function leaves out what a team-privileges-only role grants at Basic, which does not
//! reach the members, is an open question of the fact sheet; [`TeamPrivileges`] has both readings.

use std::collections::HashMap;

use uuid::Uuid;

use crate::tables::Privilege;
use crate::tenant::{Depth, Tenant};

/// Template of System Administrator, which holds every privilege.
pub const SYSTEM_ADMINISTRATOR_TEMPLATE: Uuid = Uuid::from_u128(0x627090ff_40a3_4053_8790_584edc5be201);

/// What the function says of a role that is set to team privileges only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TeamPrivileges {
    /// It counts like any other: the reading that the vendor's text on the function suggests.
    #[default]
    Counted,
    /// What it grants at Basic stays with the team, and is not told of its members: the reading that the
    /// vendor's text on the setting suggests.
    BasicStays,
}

/// One way a privilege reaches a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// How far it reaches.
    pub depth: Depth,
    /// Business unit that `Local` and `Deep` start from: the role copy's, or the team's.
    pub business_unit: Option<Uuid>,
    /// At Basic, through a team, by a role that is set to team privileges only.
    pub stays_with_team: bool,
}

/// Roles, teams and privileges of a tenant, indexed for many questions. Later changes of the tenant are
/// not seen.
#[derive(Debug, Default)]
pub struct Access {
    roles_of_user: HashMap<Uuid, Vec<Uuid>>,
    teams_of_user: HashMap<Uuid, Vec<Uuid>>,
    roles_of_team: HashMap<Uuid, Vec<Uuid>>,
    roles: HashMap<Uuid, RoleCopy>,
    /// Team that can carry roles: its business unit.
    teams: HashMap<Uuid, Option<Uuid>>,
    depths: HashMap<(Uuid, Uuid), Depth>,
    /// Lower-case name: id, name as stored, deepest depth that can be granted.
    privileges: HashMap<String, (Uuid, String, Depth)>,
}

/// What counts of one copy of a role.
#[derive(Clone, Copy, Debug)]
struct RoleCopy {
    business_unit: Option<Uuid>,
    root: Uuid,
    administrator: bool,
    /// Null counts as that, as the vendor says of roles that are older than the setting.
    team_only: bool,
}

impl Access {
    /// Indexes a tenant.
    pub fn new(tenant: &Tenant) -> Self {
        let mut access = Self::default();
        let templates: HashMap<Uuid, Option<Uuid>> = tenant
            .roles
            .iter()
            .map(|role| (role.roleid, role.roletemplateid))
            .collect();
        for role in &tenant.roles {
            let root = role.parentrootroleid.unwrap_or(role.roleid);
            let administrator = [Some(&role.roletemplateid), templates.get(&root)]
                .into_iter()
                .flatten()
                .any(|template| *template == Some(SYSTEM_ADMINISTRATOR_TEMPLATE));
            let copy = RoleCopy {
                business_unit: role.businessunitid,
                root,
                administrator,
                team_only: role.isinherited != Some(1),
            };
            access.roles.insert(role.roleid, copy);
        }
        for row in &tenant.role_privileges {
            if let Some(depth) = Depth::from_mask(row.privilegedepthmask) {
                let held = access
                    .depths
                    .entry((row.roleid, row.privilegeid))
                    .or_insert(depth);
                *held = depth.max(*held);
            }
        }
        for (user, role) in &tenant.user_roles {
            access.roles_of_user.entry(*user).or_default().push(*role);
        }
        for (team, role) in &tenant.team_roles {
            access.roles_of_team.entry(*team).or_default().push(*role);
        }
        for (user, team) in &tenant.memberships {
            access.teams_of_user.entry(*user).or_default().push(*team);
        }
        // Access teams cannot hold roles; a stray row for one grants nothing.
        let carriers = tenant
            .teams
            .iter()
            .filter(|team| matches!(team.teamtype, Some(0 | 2 | 3)));
        access.teams = carriers.map(|team| (team.teamid, team.businessunitid)).collect();
        for privilege in &tenant.privileges {
            if let Some(name) = &privilege.name {
                let entry = (privilege.privilegeid, name.clone(), deepest(privilege));
                access.privileges.insert(name.to_lowercase(), entry);
            }
        }
        access
    }

    /// Id and stored name of a privilege, ignoring case.
    pub fn privilege(&self, name: &str) -> Option<(Uuid, &str)> {
        self.privileges
            .get(&name.to_lowercase())
            .map(|(id, name, _)| (*id, name.as_str()))
    }

    /// Teams of a user.
    pub fn teams_of(&self, user: Uuid) -> &[Uuid] {
        self.teams_of_user.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Whether the user holds System Administrator directly.
    pub fn is_administrator(&self, user: Uuid) -> bool {
        let roles = self.roles_of_user.get(&user).into_iter().flatten();
        let mut copies = roles.filter_map(|role| self.roles.get(role));
        copies.any(|copy| copy.administrator)
    }

    /// Every way a privilege reaches a user.
    pub fn grants(&self, user: Uuid, privilege: &str) -> Vec<Grant> {
        let Some((id, _, deepest)) = self.privileges.get(&privilege.to_lowercase()) else {
            return Vec::new();
        };
        let direct = self
            .roles_of_user
            .get(&user)
            .into_iter()
            .flatten()
            .map(|role| (role, None));
        let by_team = self.teams_of(user).iter().filter_map(|team| {
            let unit = self.teams.get(team)?;
            Some(
                self.roles_of_team
                    .get(team)?
                    .iter()
                    .map(move |role| (role, Some(*unit))),
            )
        });
        direct
            .chain(by_team.flatten())
            .filter_map(|(role, team)| self.grant(role, team, id, *deepest))
            .collect()
    }

    fn grant(
        &self,
        role: &Uuid,
        team: Option<Option<Uuid>>,
        privilege: &Uuid,
        deepest: Depth,
    ) -> Option<Grant> {
        let copy = self.roles.get(role)?;
        let own = self.depths.get(&(*role, *privilege)).copied();
        let inherited = self.depths.get(&(copy.root, *privilege)).copied();
        let all = copy.administrator.then_some(deepest);
        let depth = own.max(inherited).max(all)?;
        Some(Grant {
            depth,
            business_unit: team.unwrap_or(copy.business_unit),
            stays_with_team: team.is_some() && depth == Depth::Basic && copy.team_only,
        })
    }

    /// The deepest way a privilege reaches a user.
    pub fn deepest(&self, user: Uuid, privilege: &str) -> Option<Grant> {
        self.told(user, privilege, TeamPrivileges::Counted)
    }

    /// The deepest way a privilege reaches a user, as the function tells it.
    pub fn told(&self, user: Uuid, privilege: &str, teams: TeamPrivileges) -> Option<Grant> {
        self.grants(user, privilege)
            .into_iter()
            .filter(|grant| teams == TeamPrivileges::Counted || !grant.stays_with_team)
            .max_by_key(|grant| grant.depth)
    }
}

/// The deepest depth a privilege can be granted at; null counts as grantable.
fn deepest(privilege: &Privilege) -> Depth {
    let can = |column: Option<bool>| column != Some(false);
    if can(privilege.canbeglobal) {
        Depth::Global
    } else if can(privilege.canbedeep) {
        Depth::Deep
    } else if can(privilege.canbelocal) {
        Depth::Local
    } else {
        Depth::Basic
    }
}

/// What the server would answer for one user and one privilege. For many questions keep an [`Access`].
pub fn effective_depth(tenant: &Tenant, user: Uuid, privilege: &str) -> Option<Depth> {
    Access::new(tenant)
        .deepest(user, privilege)
        .map(|grant| grant.depth)
}
