//! Shaken tenants: a generated tenant with nulls, odd values and dangling ids sown all over it.
//!
//! The generator gives a person one or two known defects and leaves the rest in order. A real
//! environment does not, and the places where two readings of the contract differ lie where several
//! odd things meet.

use std::collections::HashSet;

use dataverse_simulator::{RolePrivilege, SYSTEM_ADMINISTRATOR_TEMPLATE, Tenant};
use uuid::Uuid;

/// A small seeded source of chance (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or_default()
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn uuid(&mut self) -> Uuid {
        Uuid::from_u128((u128::from(self.next()) << 64) | u128::from(self.next()))
    }

    /// Now and then, replaces a cell by one of several values.
    fn sow<T: Clone>(&mut self, percent: usize, cell: &mut T, values: &[T]) {
        if self.percent(percent) {
            *cell = self.pick(values);
        }
    }

    /// Now and then, replaces an address by none, an empty one, blanks, or itself in another form.
    fn sow_address(&mut self, percent: usize, cell: &mut Option<String>) {
        let other_form = cell
            .as_ref()
            .map(|address| format!("  {} ", address.to_uppercase()));
        self.sow(
            percent,
            cell,
            &[None, Some(String::new()), Some("   ".to_owned()), other_form],
        );
    }
}

const YES_NO: [Option<bool>; 3] = [None, Some(false), Some(true)];

/// Shakes a tenant. The caller's own user and roles are left alone, so that it still reads everything.
pub fn shake(tenant: &mut Tenant, seed: u64) {
    let mut chance = Chance(seed);
    people(tenant, &mut chance);
    mail(tenant, &mut chance);
    access(tenant, &mut chance);
}

fn people(tenant: &mut Tenant, chance: &mut Chance) {
    let mailboxes: Vec<Uuid> = tenant.mailboxes.iter().map(|mailbox| mailbox.mailboxid).collect();
    for user in &mut tenant.users {
        if user.systemuserid == tenant.caller {
            continue;
        }
        chance.sow(
            4,
            &mut user.accessmode,
            &[None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)],
        );
        chance.sow(3, &mut user.isdisabled, &YES_NO);
        chance.sow(4, &mut user.islicensed, &YES_NO);
        chance.sow(3, &mut user.isintegrationuser, &YES_NO);
        let application = chance.uuid();
        chance.sow(1, &mut user.applicationid, &[Some(application)]);
        chance.sow_address(5, &mut user.internalemailaddress);
        let (other, nowhere) = (chance.pick(&mailboxes), chance.uuid());
        chance.sow(
            8,
            &mut user.defaultmailbox,
            &[None, None, Some(other), Some(nowhere)],
        );
    }
}

fn mail(tenant: &mut Tenant, chance: &mut Chance) {
    let users: Vec<Uuid> = tenant.users.iter().map(|user| user.systemuserid).collect();
    let profiles: Vec<Uuid> = tenant
        .profiles
        .iter()
        .map(|profile| profile.emailserverprofileid)
        .collect();
    let test = [None, Some(0), Some(1), Some(2)];
    for mailbox in &mut tenant.mailboxes {
        chance.sow_address(4, &mut mailbox.emailaddress);
        chance.sow(3, &mut mailbox.statecode, &[None, Some(0), Some(1)]);
        if chance.percent(4) {
            let someone = chance.pick(&users);
            let regarding = chance.pick(&[None, Some(someone)]);
            mailbox.regardingobjectid = regarding;
            mailbox.regardingobjecttypecode = regarding.map(|_| "systemuser".to_owned());
        }
        let (profile, nowhere) = (chance.pick(&profiles), chance.uuid());
        chance.sow(30, &mut mailbox.emailserverprofile, &[Some(profile)]);
        chance.sow(4, &mut mailbox.emailserverprofile, &[None, Some(nowhere)]);
        chance.sow(
            5,
            &mut mailbox.emailrouteraccessapproval,
            &[None, Some(0), Some(1), Some(2), Some(3)],
        );
        chance.sow(5, &mut mailbox.isemailaddressapprovedbyo365admin, &YES_NO);
        chance.sow(
            6,
            &mut mailbox.incomingemaildeliverymethod,
            &[None, Some(0), Some(1), Some(2), Some(3)],
        );
        chance.sow(6, &mut mailbox.outgoingemaildeliverymethod, &test);
        chance.sow(6, &mut mailbox.actdeliverymethod, &test);
        chance.sow(6, &mut mailbox.incomingemailstatus, &test);
        chance.sow(6, &mut mailbox.outgoingemailstatus, &test);
        chance.sow(6, &mut mailbox.actstatus, &test);
        chance.sow(5, &mut mailbox.enabledforincomingemail, &YES_NO);
        chance.sow(5, &mut mailbox.enabledforoutgoingemail, &YES_NO);
        chance.sow(5, &mut mailbox.enabledforact, &YES_NO);
        let states = [None, Some(0), Some(1), Some(2), Some(3), Some(4)];
        chance.sow(8, &mut mailbox.officeappsdeploymentstatus, &states);
        chance.sow(5, &mut mailbox.officeappsdeploymentscheduled, &YES_NO);
        chance.sow(5, &mut mailbox.orgmarkedasprimaryforexchangesync, &YES_NO);
        chance.sow(4, &mut mailbox.isforwardmailbox, &YES_NO);
    }
    for profile in &mut tenant.profiles {
        chance.sow(
            25,
            &mut profile.servertype,
            &[None, Some(0), Some(1), Some(2), Some(3), Some(4)],
        );
        chance.sow(25, &mut profile.usedefaulttenantid, &YES_NO);
        chance.sow(
            25,
            &mut profile.incomingcredentialretrieval,
            &[None, Some(0), Some(2), Some(6), Some(7)],
        );
    }
    chance.sow(
        10,
        &mut tenant.organization.emailconnectionchannel,
        &[None, Some(0), Some(1)],
    );
    chance.sow(25, &mut tenant.organization.requireapprovalforuseremail, &YES_NO);
}

fn access(tenant: &mut Tenant, chance: &mut Chance) {
    // The caller's roles, with their roots, and whatever teams give it.
    let mut spared: HashSet<Uuid> = HashSet::new();
    let teams_of_caller: Vec<Uuid> = tenant
        .memberships
        .iter()
        .filter(|(user, _)| *user == tenant.caller)
        .map(|(_, team)| *team)
        .collect();
    spared.extend(
        tenant
            .user_roles
            .iter()
            .filter(|(user, _)| *user == tenant.caller)
            .map(|(_, role)| *role),
    );
    spared.extend(
        tenant
            .team_roles
            .iter()
            .filter(|(team, _)| teams_of_caller.contains(team))
            .map(|(_, role)| *role),
    );
    let roots: Vec<Uuid> = tenant
        .roles
        .iter()
        .filter(|role| spared.contains(&role.roleid))
        .filter_map(|role| role.parentrootroleid)
        .collect();
    spared.extend(roots);

    let (roles, users): (Vec<Uuid>, Vec<Uuid>) = (
        tenant.roles.iter().map(|role| role.roleid).collect(),
        tenant
            .users
            .iter()
            .map(|user| user.systemuserid)
            .filter(|user| *user != tenant.caller)
            .collect(),
    );
    let teams: Vec<Uuid> = tenant.teams.iter().map(|team| team.teamid).collect();
    let nowhere = chance.uuid();

    for role in tenant
        .roles
        .iter_mut()
        .filter(|role| !spared.contains(&role.roleid))
    {
        chance.sow(25, &mut role.isinherited, &[None, Some(0), Some(1), Some(1)]);
        let other = chance.pick(&roles);
        chance.sow(3, &mut role.parentrootroleid, &[None, Some(nowhere), Some(other)]);
        chance.sow(
            1,
            &mut role.roletemplateid,
            &[None, Some(SYSTEM_ADMINISTRATOR_TEMPLATE)],
        );
    }
    tenant
        .role_privileges
        .retain(|row| spared.contains(&row.roleid) || !chance.percent(2));
    for row in tenant
        .role_privileges
        .iter_mut()
        .filter(|row| !spared.contains(&row.roleid))
    {
        chance.sow(5, &mut row.privilegedepthmask, &[0, 1, 2, 3, 4, 8, 9, 16, 17, 24]);
    }
    // Some copies carry rows of their own, which the vendor's platform is not known to forbid.
    let mut known: HashSet<(Uuid, Uuid)> = tenant
        .role_privileges
        .iter()
        .map(|row| (row.roleid, row.privilegeid))
        .collect();
    for _ in 0..60 {
        let (roleid, privilegeid) = (chance.pick(&roles), chance.pick(&tenant.privileges).privilegeid);
        if spared.contains(&roleid) || !known.insert((roleid, privilegeid)) {
            continue;
        }
        let row = RolePrivilege {
            roleprivilegeid: chance.uuid(),
            roleid,
            privilegeid,
            privilegedepthmask: chance.pick(&[1, 2, 4, 8]),
            ..RolePrivilege::default()
        };
        tenant.role_privileges.push(row);
    }
    for privilege in &mut tenant.privileges {
        let read = privilege
            .name
            .as_deref()
            .is_some_and(|name| name.starts_with("prvRead"));
        for cell in [
            &mut privilege.canbebasic,
            &mut privilege.canbelocal,
            &mut privilege.canbedeep,
            &mut privilege.canbeglobal,
        ] {
            // The reads decide what the caller is proven to see.
            chance.sow(if read { 0 } else { 5 }, cell, &YES_NO);
        }
        if !read && chance.percent(2) {
            privilege.canbebasic = Some(false);
            privilege.canbelocal = Some(false);
            privilege.canbedeep = Some(false);
            privilege.canbeglobal = Some(false);
        }
    }

    for team in tenant
        .teams
        .iter_mut()
        .filter(|team| !teams_of_caller.contains(&team.teamid))
    {
        chance.sow(
            15,
            &mut team.teamtype,
            &[None, Some(0), Some(1), Some(2), Some(3)],
        );
    }
    tenant
        .teams
        .retain(|team| teams_of_caller.contains(&team.teamid) || !chance.percent(5));
    for _ in 0..10 {
        tenant.team_roles.push((chance.pick(&teams), chance.pick(&roles)));
    }
    for _ in 0..40 {
        tenant
            .memberships
            .push((chance.pick(&users), chance.pick(&teams)));
        tenant.user_roles.push((chance.pick(&users), chance.pick(&roles)));
    }
    // Roles without a row, and people who lose all that they held directly.
    for _ in 0..3 {
        tenant.user_roles.push((chance.pick(&users), nowhere));
    }
    tenant.team_roles.push((chance.pick(&teams), nowhere));
    let stripped: HashSet<Uuid> = (0..users.len() / 10).map(|_| chance.pick(&users)).collect();
    tenant.user_roles.retain(|(user, _)| !stripped.contains(user));
    for pairs in [
        &mut tenant.team_roles,
        &mut tenant.memberships,
        &mut tenant.user_roles,
    ] {
        pairs.sort_unstable();
        pairs.dedup();
    }

    tenant.app_module_roles.retain(|_| !chance.percent(25));
    for module in &mut tenant.app_modules {
        let shouted = module.uniquename.as_ref().map(|name| name.to_uppercase());
        chance.sow(30, &mut module.uniquename, &[shouted]);
    }
    let no_group_roles = chance.percent(50);
    if no_group_roles {
        // No team of type 2 or 3 carries a role, so that having none is proved.
        let groups: HashSet<Uuid> = tenant
            .teams
            .iter()
            .filter(|team| matches!(team.teamtype, Some(2 | 3)))
            .map(|team| team.teamid)
            .collect();
        tenant.team_roles.retain(|(team, _)| !groups.contains(team));
    }
}
