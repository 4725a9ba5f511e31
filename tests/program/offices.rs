//! Tenants with people whose case is known.

use std::sync::LazyLock;

use dataverse_simulator::{APP_ROLE, AppModuleRole, GUIDE_ONLY_ROLE, Team, Tenant, TenantOptions, generate};
use uuid::Uuid;

use super::desk::Kept;

/// A role with everything the app needs but `prvUseOfficeApps`.
pub const ALL_BUT_ONE: &str = "Outlook Access (unshared)";

/// The id of a person by full name.
pub fn person(tenant: &Tenant, name: &str) -> Uuid {
    let mut called = tenant
        .users
        .iter()
        .filter(|user| user.fullname.as_deref() == Some(name));
    let found = called.next().unwrap_or_else(|| panic!("nobody is called {name}"));
    assert!(called.next().is_none(), "several are called {name}");
    found.systemuserid
}

pub fn unit(tenant: &Tenant, name: &str) -> Uuid {
    let units = &tenant.business_units;
    let found = units.iter().find(|unit| unit.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no unit {name}")).businessunitid
}

/// Puts a person into a business unit with these roles, assigned directly, and no others by any
/// path.
pub fn settle(tenant: &mut Tenant, name: &str, place: &str, roles: &[&str]) {
    let (id, place) = (person(tenant, name), unit(tenant, place));
    tenant.user_roles.retain(|(user, _)| *user != id);
    tenant.memberships.retain(|(user, _)| *user != id);
    tenant.user_mut(id).unwrap().businessunitid = Some(place);
    for role in roles {
        let copy = tenant
            .role_copy(role, place)
            .unwrap_or_else(|| panic!("no role {role}"));
        tenant.user_roles.push((id, copy.roleid));
    }
}

/// A team of a business unit that carries the unit's copy of the app's role, with one member.
fn app_team(tenant: &mut Tenant, name: &str, place: &str, isinherited: Option<i32>, member: &str) {
    let (member, place) = (person(tenant, member), unit(tenant, place));
    let role = tenant.role_copy(APP_ROLE, place).unwrap().roleid;
    let copy = tenant.roles.iter_mut().find(|copy| copy.roleid == role).unwrap();
    copy.isinherited = isinherited;
    let teamid = Uuid::from_u128(0x7ea0_0000 + tenant.teams.len() as u128);
    tenant.teams.push(Team {
        teamid,
        name: Some(name.to_owned()),
        teamtype: Some(0),
        businessunitid: Some(place),
        ..Team::default()
    });
    tenant.team_roles.push((teamid, role));
    tenant.memberships.push((member, teamid));
}

/// A dozen people, one for each thing that `explain` must get right:
///
/// | who | what |
/// |---|---|
/// | Adele Vance | everything is as it should be |
/// | Bruno Wilber | the 24 privileges of the deployment guide and nothing else |
/// | Carla Sandoval | everything but `prvUseOfficeApps` |
/// | Diego Okafor | the app's role by a team, *team privileges only* |
/// | Emily Braun | the same, with *direct user (Basic) access level* |
/// | Farid Haddad | the same, the setting is null |
/// | Grady Archie | disabled, else well |
/// | Henrietta Mueller | non-interactive, else well |
/// | Isaiah Langer | no role by any path |
/// | Johanna Lorenz | no role, and access mode Read |
/// | Karl Dubois | two people of that name |
pub fn dozen() -> Tenant {
    let mut tenant = generate(&TenantOptions {
        users: 12,
        defects: false,
        group_team_roles: false,
        ..TenantOptions::default()
    });
    let namesake = person(&tenant, "Lidia Holloway");
    for (name, place, roles) in [
        ("Adele Vance", "West", [APP_ROLE].as_slice()),
        ("Bruno Wilber", "West", &[GUIDE_ONLY_ROLE]),
        ("Carla Sandoval", "West", &[ALL_BUT_ONE]),
        ("Diego Okafor", "West", &[]),
        ("Emily Braun", "South", &[]),
        ("Farid Haddad", "contoso", &[]),
        ("Grady Archie", "West", &[APP_ROLE]),
        ("Henrietta Mueller", "West", &[APP_ROLE]),
        ("Isaiah Langer", "West", &[]),
        ("Johanna Lorenz", "West", &[]),
        ("Karl Dubois", "West", &[APP_ROLE]),
        ("Lidia Holloway", "West", &[APP_ROLE]),
    ] {
        settle(&mut tenant, name, place, roles);
    }
    assert!(tenant.set_role_privilege(ALL_BUT_ONE, "prvUseOfficeApps", None));
    let module = tenant
        .app_modules
        .iter()
        .find(|app| app.uniquename.as_deref() == Some("AppforOutlookModule"));
    tenant.app_module_roles.push(AppModuleRole {
        appmoduleroleid: Uuid::from_u128(0xa44),
        appmoduleid: Some(module.unwrap().appmoduleid),
        roleid: tenant.root_role(ALL_BUT_ONE).map(|role| role.roleid),
        ismanaged: Some(false),
        componentstate: Some(0),
    });
    app_team(&mut tenant, "Outlook West", "West", Some(0), "Diego Okafor");
    app_team(&mut tenant, "Outlook South", "South", Some(1), "Emily Braun");
    app_team(
        &mut tenant,
        "Outlook Head Office",
        "contoso",
        None,
        "Farid Haddad",
    );
    let mut change = |name: &str, change: &dyn Fn(&mut dataverse_simulator::SystemUser)| {
        let id = person(&tenant, name);
        change(tenant.user_mut(id).unwrap());
    };
    change("Grady Archie", &|user| user.isdisabled = Some(true));
    change("Henrietta Mueller", &|user| user.accessmode = Some(4));
    change("Johanna Lorenz", &|user| user.accessmode = Some(2));
    tenant.user_mut(namesake).unwrap().fullname = Some("Karl Dubois".to_owned());
    tenant
}

pub static DOZEN: LazyLock<Kept> = LazyLock::new(|| Kept::collect(dozen()));

/// Names that break careless writers, each with the cell that a spreadsheet may be given.
pub const HOSTILE: [(&str, &str); 10] = [
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("+1+1", "'+1+1"),
    ("-2+3", "'-2+3"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\tstarts with a tab", "'\tstarts with a tab"),
    ("\rstarts with a return", "'\rstarts with a return"),
    (
        "line one\nline two\r\n\tline three",
        "line one\nline two\r\n\tline three",
    ),
    ("\u{202e}gnihtemos\u{202c} else", "\u{202e}gnihtemos\u{202c} else"),
    (
        "<img src=x onerror=alert(1)>, \"quoted\"",
        "<img src=x onerror=alert(1)>, \"quoted\"",
    ),
];

/// Two hundred people with every defect that the generator knows, hostile names everywhere; the
/// first people have the names above, and one has 400 characters.
pub fn crowd() -> Tenant {
    let mut tenant = generate(&TenantOptions {
        users: 200,
        hostile_names: true,
        ..TenantOptions::default()
    });
    for (user, (name, _)) in tenant.users.iter_mut().zip(HOSTILE) {
        user.fullname = Some(name.to_owned());
    }
    tenant.users[HOSTILE.len()].fullname = Some("x".repeat(400));
    tenant.business_units[1].name = Some("=1+1".to_owned());
    tenant
}

pub static CROWD: LazyLock<Kept> = LazyLock::new(|| Kept::collect(crowd()));
