//! What the server itself says a user may do, as `RetrieveUserSetOfPrivilegesByNames` answers it.
//!
//! Everything counts: direct roles and roles of owner and group teams, at their real depth, whatever the
//! role's member privilege inheritance says. Whether the live function leaves out team-privileges-only
//! roles is an open question of the fact sheet; this is the reading that the vendor's text suggests.

use std::collections::HashMap;

use uuid::Uuid;

use crate::tables::Privilege;
use crate::tenant::{Depth, Tenant};

/// Template of System Administrator, which holds every privilege.
pub const SYSTEM_ADMINISTRATOR_TEMPLATE: Uuid = Uuid::from_u128(0x627090ff_40a3_4053_8790_584edc5be201);

/// One way a privilege reaches a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// How far it reaches.
    pub depth: Depth,
    /// Business unit that `Local` and `Deep` start from: the role copy's, or the team's.
    pub business_unit: Option<Uuid>,
}

/// Roles, teams and privileges of a tenant, indexed for many questions. Later changes of the tenant are
/// not seen.
#[derive(Debug, Default)]
pub struct Access {
    roles_of_user: HashMap<Uuid, Vec<Uuid>>,
    teams_of_user: HashMap<Uuid, Vec<Uuid>>,
    roles_of_team: HashMap<Uuid, Vec<Uuid>>,
    /// Role: business unit, root, System Administrator or not.
    roles: HashMap<Uuid, (Option<Uuid>, Uuid, bool)>,
    /// Team that can carry roles: its business unit.
    teams: HashMap<Uuid, Option<Uuid>>,
    depths: HashMap<(Uuid, Uuid), Depth>,
    /// Lower-case name: id, name as stored, deepest depth that can be granted.
    privileges: HashMap<String, (Uuid, String, Depth)>,
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
            access
                .roles
                .insert(role.roleid, (role.businessunitid, root, administrator));
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
        let (unit, root, administrator) = self.roles.get(role)?;
        let own = self.depths.get(&(*role, *privilege)).copied();
        let inherited = self.depths.get(&(*root, *privilege)).copied();
        let all = administrator.then_some(deepest);
        let depth = own.max(inherited).max(all)?;
        Some(Grant {
            depth,
            business_unit: team.unwrap_or(*unit),
        })
    }

    /// The deepest way a privilege reaches a user.
    pub fn deepest(&self, user: Uuid, privilege: &str) -> Option<Grant> {
        self.grants(user, privilege)
            .into_iter()
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
