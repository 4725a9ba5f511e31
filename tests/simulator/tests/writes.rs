//! What a writable simulator takes, and what it refuses.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use dataverse_simulator::{Behaviour, Simulator, Tenant, TenantOptions, generate};
use support::{Answer, request};
use uuid::Uuid;

fn writable() -> Simulator {
    start(true, true)
}

/// A simulator whose caller may write or not.
fn start(administrator: bool, writable: bool) -> Simulator {
    let mut tenant = generate(&TenantOptions {
        users: 40,
        ..TenantOptions::default()
    });
    if administrator {
        let unit = tenant.user(tenant.caller).and_then(|user| user.businessunitid);
        let role = tenant
            .role_copy("System Administrator", unit.expect("a unit"))
            .expect("a role")
            .roleid;
        tenant.user_roles.push((tenant.caller, role));
    }
    let behaviour = Behaviour {
        writable,
        ..Behaviour::default()
    };
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn send(simulator: &Simulator, method: &str, resource: &str, body: &str) -> Answer {
    let body = body.replace("{api}", &format!("{}/api/data/v9.2/", simulator.url()));
    request(simulator, method, &format!("/api/data/v9.2/{resource}"), &body)
}

fn expect(simulator: &Simulator, method: &str, resource: &str, body: &str, status: u16) -> Answer {
    let answer = send(simulator, method, resource, body);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{method} {resource}: {text}");
    answer
}

/// A user who lacks a role, and the copies of the role in their business unit and in another.
fn user_and_copies(tenant: &Tenant) -> (Uuid, Uuid, Uuid) {
    let name = "System Customizer";
    let copies: Vec<_> = tenant
        .roles
        .iter()
        .filter(|role| role.name.as_deref() == Some(name))
        .collect();
    for user in &tenant.users {
        let own = copies
            .iter()
            .find(|role| role.businessunitid == user.businessunitid);
        let other = copies
            .iter()
            .find(|role| role.businessunitid != user.businessunitid);
        if let (Some(own), Some(other)) = (own, other)
            && !tenant.user_roles.contains(&(user.systemuserid, own.roleid))
        {
            return (user.systemuserid, own.roleid, other.roleid);
        }
    }
    panic!("nobody lacks {name}");
}

#[test]
fn links_are_made_and_taken_away_once() {
    let simulator = writable();
    let (user, role, elsewhere) = user_and_copies(simulator.tenant());
    let path = format!("systemusers({user})/systemuserroles_association");
    let body = format!("{{\"@odata.id\":\"{{api}}roles({role})\"}}");
    let held = || simulator.tenant_now().user_roles.contains(&(user, role));

    expect(&simulator, "POST", &format!("{path}/$ref"), &body, 204);
    assert!(held());
    let again = expect(&simulator, "POST", &format!("{path}/$ref"), &body, 412);
    assert_eq!(again.code(), "0x80040237");
    expect(&simulator, "DELETE", &format!("{path}({role})/$ref"), "", 204);
    assert!(!held());
    let again = expect(&simulator, "DELETE", &format!("{path}({role})/$ref"), "", 404);
    assert_eq!(again.code(), "0x80040217");

    // A copy of another business unit, an address that is not whole, and nobody.
    let other = format!("{{\"@odata.id\":\"{{api}}roles({elsewhere})\"}}");
    expect(&simulator, "POST", &format!("{path}/$ref"), &other, 400);
    let short = format!("{{\"@odata.id\":\"roles({role})\"}}");
    expect(&simulator, "POST", &format!("{path}/$ref"), &short, 400);
    let nobody = format!("systemusers({})/systemuserroles_association/$ref", Uuid::nil());
    expect(&simulator, "POST", &nobody, &body, 404);
    assert_eq!(simulator.tenant().user_roles, simulator.tenant_now().user_roles);
}

#[test]
fn privileges_are_given_to_root_copies_only() {
    let simulator = writable();
    let tenant = simulator.tenant();
    let root = tenant.root_role("System Customizer").expect("a root").roleid;
    let copy = tenant
        .roles
        .iter()
        .find(|role| role.parentrootroleid == Some(root) && role.roleid != root)
        .expect("a copy")
        .roleid;
    let privilege = tenant
        .privilege("prvReadMailbox")
        .expect("a privilege")
        .privilegeid;
    let body = |depth: &str| {
        format!("{{\"Privileges\":[{{\"PrivilegeId\":\"{privilege}\",\"Depth\":\"{depth}\"}}]}}")
    };
    let mask = || {
        let now = simulator.tenant_now();
        let mut rows = now.role_privileges.iter();
        let row = rows.find(|row| row.roleid == root && row.privilegeid == privilege);
        row.map(|row| row.privilegedepthmask)
    };
    let action = |id: Uuid, name: &str| format!("roles({id})/Microsoft.Dynamics.CRM.{name}");

    expect(
        &simulator,
        "POST",
        &action(root, "AddPrivilegesRole"),
        &body("Global"),
        204,
    );
    assert_eq!(mask(), Some(8));
    expect(
        &simulator,
        "POST",
        &action(root, "AddPrivilegesRole"),
        &body("1"),
        204,
    );
    assert_eq!(mask(), Some(2));
    expect(
        &simulator,
        "POST",
        &action(root, "AddPrivilegesRole"),
        &body("Deepest"),
        400,
    );
    expect(
        &simulator,
        "POST",
        &action(copy, "AddPrivilegesRole"),
        &body("Global"),
        400,
    );

    let bare = format!("{{\"PrivilegeId\":\"{privilege}\"}}");
    expect(
        &simulator,
        "POST",
        &action(root, "RemovePrivilegeRole"),
        &bare,
        400,
    );
    assert_eq!(mask(), Some(2));
    let record = format!("{{\"Privilege\":{{\"privilegeid\":\"{privilege}\"}}}}");
    expect(
        &simulator,
        "POST",
        &action(root, "RemovePrivilegeRole"),
        &record,
        204,
    );
    assert_eq!(mask(), None);
    expect(
        &simulator,
        "POST",
        &action(root, "ReplacePrivilegesRole"),
        &record,
        404,
    );
}

#[test]
fn columns_are_checked_and_read_only_ones_passed_over() {
    let simulator = writable();
    let first = simulator.tenant().mailboxes[0].clone();
    let path = format!("mailboxes({})", first.mailboxid);
    let now = || simulator.tenant_now().mailboxes[0].clone();

    let body = "{\"actdeliverymethod\":1,\"incomingemaildeliverymethod\":2,\"emailrouteraccessapproval\":1}";
    expect(&simulator, "PATCH", &path, body, 204);
    let changed = now();
    assert_eq!(
        (
            changed.actdeliverymethod,
            changed.incomingemaildeliverymethod,
            changed.emailrouteraccessapproval
        ),
        (Some(1), Some(2), Some(1))
    );
    for (body, code) in [
        ("{\"actdeliverymethod\":7}", "0x80048408"),
        ("{\"actdeliverymethod\":true}", "0x80048408"),
        ("{\"_emailserverprofile_value\":null}", "0x80048d19"),
        ("{\"nosuchcolumn\":1}", "0x0"),
        ("nothing", "0x80048d19"),
    ] {
        assert_eq!(
            expect(&simulator, "PATCH", &path, body, 400).code(),
            code,
            "{body}"
        );
    }
    expect(
        &simulator,
        "PATCH",
        &path,
        "{\"officeappsdeploymenterror\":\"none\"}",
        204,
    );
    assert_eq!(now(), changed);

    let profile = simulator.tenant().profiles[0].emailserverprofileid;
    let bind = format!("{{\"emailserverprofile@odata.bind\":\"/emailserverprofiles({profile})\"}}");
    expect(&simulator, "PATCH", &path, &bind, 204);
    assert_eq!(now().emailserverprofile, Some(profile));
    let nowhere = bind.replace(&profile.to_string(), &Uuid::nil().to_string());
    expect(&simulator, "PATCH", &path, &nowhere, 404);

    expect(
        &simulator,
        "PATCH",
        &path,
        "{\"testemailconfigurationscheduled\":true}",
        204,
    );
    assert_eq!((now().incomingemailstatus, now().actstatus), (Some(1), Some(1)));
}

#[test]
fn nobody_else_writes_and_others_refuse_as_before() {
    let simulator = start(false, true);
    let path = format!("mailboxes({})", simulator.tenant().mailboxes[0].mailboxid);
    let body = "{\"actdeliverymethod\":1}";
    assert_eq!(expect(&simulator, "PATCH", &path, body, 403).code(), "0x80040220");

    let simulator = start(true, false);
    expect(&simulator, "PATCH", &path, body, 405);
    assert_eq!(simulator.requests()[0].violations.len(), 1);
}
