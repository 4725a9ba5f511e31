//! What a caller with little access sees, and what the server says users may do.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use std::collections::HashSet;

use dataverse_simulator::{
    Behaviour, Depth, RolePrivilege, Simulator, Tenant, TenantOptions, effective_depth, generate,
};
use support::{all, get};
use uuid::Uuid;

fn tenant() -> Tenant {
    generate(&TenantOptions {
        users: 120,
        ..TenantOptions::default()
    })
}

fn start(tenant: Tenant) -> Simulator {
    Simulator::start_blocking(tenant, Behaviour::default()).expect("a simulator")
}

fn ids(simulator: &Simulator, set: &str, column: &str) -> HashSet<String> {
    let rows = all(simulator, &format!("{set}?$select={column}"), 500);
    rows.iter()
        .map(|row| row[column].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn the_default_caller_sees_everything() {
    let simulator = start(tenant());
    let tenant = simulator.tenant();
    assert_eq!(
        ids(&simulator, "mailboxes", "mailboxid").len(),
        tenant.mailboxes.len()
    );
    assert_eq!(
        all(&simulator, "systemuserrolescollection", 900).len(),
        tenant.user_roles.len()
    );
    assert_eq!(
        all(&simulator, "teammemberships", 900).len(),
        tenant.memberships.len()
    );
    assert_eq!(
        all(&simulator, "roleprivilegescollection", 5000).len(),
        tenant.role_privileges.len()
    );
}

#[test]
fn user_depth_shows_only_the_own_mailbox() {
    let mut tenant = tenant();
    tenant.caller = tenant.users[5].systemuserid;
    tenant.restrict_caller(&[("prvReadMailbox", Depth::Basic), ("prvReadUser", Depth::Global)]);
    let own: HashSet<String> = tenant
        .mailboxes
        .iter()
        .filter(|mailbox| mailbox.ownerid == Some(tenant.caller))
        .map(|mailbox| mailbox.mailboxid.to_string())
        .collect();
    let users = tenant.users.len();
    let simulator = start(tenant);
    assert_eq!(own.len(), 1);
    assert_eq!(ids(&simulator, "mailboxes", "mailboxid"), own);
    assert_eq!(ids(&simulator, "systemusers", "systemuserid").len(), users);
    let number = "$apply=aggregate($count%20as%20n)";
    let rows = get(&simulator, &format!("mailboxes?{number}")).rows();
    assert_eq!(rows, [serde_json::json!({ "n": 1 })]);
    assert_eq!(get(&simulator, &format!("roles?{number}")).status, 403);
    let refused = get(&simulator, "roles?$select=name");
    assert_eq!((refused.status, refused.code().as_str()), (403, "0x80040220"));
    assert!(
        refused.json()["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("missing prvReadRole"))
    );
    assert_eq!(
        get(&simulator, "systemuserrolescollection?$select=roleid").status,
        403
    );
    assert_eq!(get(&simulator, "teammemberships?$select=teamid").status, 403);
    assert_eq!(get(&simulator, "privileges?$select=name&$top=1").status, 200);
}

#[test]
fn unit_depths_start_from_the_callers_unit() {
    for (depth, everything) in [(Depth::Local, false), (Depth::Deep, true)] {
        let mut tenant = tenant();
        let root = tenant.root_business_unit().expect("a root").businessunitid;
        tenant.restrict_caller(&[("prvReadUser", depth), ("prvReadRole", Depth::Global)]);
        let expected: HashSet<String> = tenant
            .users
            .iter()
            .filter(|user| everything || user.businessunitid == Some(root))
            .map(|user| user.systemuserid.to_string())
            .collect();
        let held = tenant
            .user_roles
            .iter()
            .filter(|(user, _)| expected.contains(&user.to_string()))
            .count();
        assert_eq!(
            tenant.user(tenant.caller).expect("the caller").businessunitid,
            Some(root)
        );
        let simulator = start(tenant);
        assert_eq!(
            ids(&simulator, "systemusers", "systemuserid"),
            expected,
            "{depth:?}"
        );
        // What joins an unseen user vanishes too.
        assert_eq!(
            all(&simulator, "systemuserrolescollection", 900).len(),
            held,
            "{depth:?}"
        );
    }
}

#[test]
fn depth_is_read_from_the_root_copy_and_from_the_copy() {
    let mut tenant = tenant();
    let role = tenant
        .roles
        .iter()
        .find(|role| role.parentrootroleid != Some(role.roleid))
        .expect("a copy")
        .clone();
    let name = role.name.as_deref().expect("a name");
    let user = tenant.users[0].systemuserid;
    tenant.user_roles.retain(|(holder, _)| *holder != user);
    tenant.memberships.retain(|(member, _)| *member != user);
    assert_eq!(effective_depth(&tenant, user, "prvReadQueue"), None);
    tenant.user_roles.push((user, role.roleid));
    // Bits above the depths do not count, and a mask of 0 grants nothing.
    for (mask, expected) in [
        (0, None),
        (16, None),
        (16 + 2, Some(Depth::Local)),
        (5, Some(Depth::Deep)),
    ] {
        assert!(tenant.set_role_privilege("Delegate", "prvReadQueue", None));
        let root = tenant.root_role("Delegate").expect("a root").roleid;
        let copy = tenant
            .roles
            .iter()
            .find(|copy| copy.parentrootroleid == Some(root) && copy.roleid != root);
        let copy = copy.expect("a copy").roleid;
        tenant.user_roles.retain(|(holder, _)| *holder != user);
        tenant.user_roles.push((user, copy));
        assert!(tenant.set_role_privilege("Delegate", "prvReadQueue", Some(mask)));
        assert_eq!(
            effective_depth(&tenant, user, "PRVREADQUEUE"),
            expected,
            "{name} {mask}"
        );
        let privilegeid = tenant.privilege("prvReadQueue").expect("a privilege").privilegeid;
        tenant.role_privileges.push(RolePrivilege {
            roleprivilegeid: Uuid::from_u128(7),
            roleid: copy,
            privilegeid,
            privilegedepthmask: 8,
            ..RolePrivilege::default()
        });
        assert_eq!(
            effective_depth(&tenant, user, "prvReadQueue"),
            Some(Depth::Global)
        );
        tenant.role_privileges.pop();
    }
}

#[test]
fn teams_give_their_roles_but_access_teams_do_not() {
    let mut tenant = tenant();
    let user = tenant.users[0].systemuserid;
    tenant.user_roles.retain(|(holder, _)| *holder != user);
    tenant.memberships.retain(|(member, _)| *member != user);
    let team = tenant
        .teams
        .iter()
        .position(|team| team.isdefault == Some(false))
        .expect("a team");
    let teamid = tenant.teams[team].teamid;
    tenant.team_roles.retain(|(holder, _)| *holder != teamid);
    let administrator = tenant.root_role("System Administrator").expect("a role").roleid;
    tenant.team_roles.push((teamid, administrator));
    tenant.memberships.push((user, teamid));
    for (teamtype, expected) in [
        (Some(0), Some(Depth::Basic)),
        (Some(2), Some(Depth::Basic)),
        (Some(3), Some(Depth::Basic)),
        (Some(1), None),
        (None, None),
    ] {
        tenant.teams[team].teamtype = teamtype;
        // Saved views can be granted at user depth only, even to System Administrator.
        assert_eq!(
            effective_depth(&tenant, user, "prvReadUserQuery"),
            expected,
            "{teamtype:?}"
        );
    }
}
