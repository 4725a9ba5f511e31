//! The sound environment that every scenario starts from.
//!
//! | who | business unit | roles |
//! |---|---|---|
//! | Maria Silva | West | the app's role, Salesperson |
//! | Jonas Weber | West | the app's role, Salesperson |
//! | Priya Raman | South | the app's role |
//! | Tomas Novak | the root | System Administrator |
//!
//! The collecting account is an application user with the role Service Reader.

use dataverse_simulator::{
    APP_ROLE, AppModuleRole, Deployment, GUIDE_ONLY_ROLE, SERVICE_READER, Team, Tenant, TenantOptions,
    generate,
};
use uuid::Uuid;

use super::file::Server;

/// Complete, and shared with the app.
const CUSTOM_ROLE: &str = "Contoso Outlook";
const ADMINISTRATOR: &str = "System Administrator";
const SALESPERSON: &str = "Salesperson";

/// Full name, address before the @, business unit (the root's name is the environment's), roles.
const PEOPLE: [(&str, &str, Option<&str>, &[&str]); 4] = [
    (
        "Maria Silva",
        "maria.silva",
        Some("West"),
        &[APP_ROLE, SALESPERSON],
    ),
    (
        "Jonas Weber",
        "jonas.weber",
        Some("West"),
        &[APP_ROLE, SALESPERSON],
    ),
    ("Priya Raman", "priya.raman", Some("South"), &[APP_ROLE]),
    ("Tomas Novak", "tomas.novak", None, &[ADMINISTRATOR]),
];

/// Everybody ready, and nothing to advise.
pub fn environment(name: &str, seed: u64, server: &Server) -> Tenant {
    let deployment = if server.on_premises {
        Deployment::OnPremises
    } else {
        Deployment::Online
    };
    let mut tenant = generate(&TenantOptions {
        seed,
        users: PEOPLE.len(),
        defects: false,
        group_team_roles: false,
        deployment,
        version: server.build.clone(),
        name: name.to_owned(),
        ..TenantOptions::default()
    });
    roles(&mut tenant);
    people(&mut tenant, name);
    teams(&mut tenant);
    let queue = &mut tenant.queues[0];
    queue.name = Some("Support Queue".to_owned());
    let queue = queue.queueid;
    let of_people = PEOPLE.map(|(name, ..)| name);
    tenant.mailboxes.retain_mut(|mailbox| {
        let is_queue = mailbox.regardingobjectid == Some(queue);
        if is_queue {
            mailbox.name = Some("Support Queue".to_owned());
            mailbox.emailaddress = Some(format!("support@{name}.example"));
        }
        is_queue
            || mailbox
                .name
                .as_deref()
                .is_some_and(|name| of_people.contains(&name))
    });
    tenant.queues.truncate(1);
    tenant.trace_logs.clear();
    tenant
}

/// The roles that the table above names, two of Contoso's own, and the apps that they open.
fn roles(tenant: &mut Tenant) {
    let kept = [
        APP_ROLE,
        ADMINISTRATOR,
        SERVICE_READER,
        SALESPERSON,
        CUSTOM_ROLE,
        GUIDE_ONLY_ROLE,
    ];
    for role in &mut tenant.roles {
        if role.name.as_deref() == Some("Outlook Access (unshared)") {
            role.name = Some(CUSTOM_ROLE.to_owned());
        }
    }
    tenant
        .roles
        .retain(|role| role.name.as_deref().is_some_and(|name| kept.contains(&name)));
    let ids: Vec<Uuid> = tenant.roles.iter().map(|role| role.roleid).collect();
    tenant.role_privileges.retain(|row| ids.contains(&row.roleid));
    let app = tenant
        .app_modules
        .iter()
        .find(|app| app.uniquename.as_deref() == Some("AppforOutlookModule"))
        .expect("the app")
        .appmoduleid;
    tenant.app_module_roles.clear();
    for (number, name) in [APP_ROLE, ADMINISTRATOR, CUSTOM_ROLE, GUIDE_ONLY_ROLE]
        .into_iter()
        .enumerate()
    {
        tenant.app_module_roles.push(AppModuleRole {
            appmoduleroleid: Uuid::from_u128(0xa99_0000 + number as u128),
            appmoduleid: Some(app),
            roleid: tenant.root_role(name).map(|role| role.roleid),
            ismanaged: Some(false),
            componentstate: Some(0),
        });
    }
}

fn people(tenant: &mut Tenant, environment: &str) {
    let caller = tenant.caller;
    // The people come first, then accounts of all kinds; of those only the caller stays.
    let (people, accounts) = tenant.users.split_at(PEOPLE.len());
    let accounts = accounts.iter().filter(|user| user.systemuserid == caller);
    tenant.users = people.iter().chain(accounts).cloned().collect();
    tenant.user_roles.retain(|(user, _)| *user == caller);
    for (number, (name, address, unit, held)) in PEOPLE.into_iter().enumerate() {
        let unit = unit_called(tenant, unit.unwrap_or(environment));
        let address = format!("{address}@{environment}.example");
        let user = &mut tenant.users[number];
        user.fullname = Some(name.to_owned());
        user.internalemailaddress = Some(address.clone());
        user.windowsliveid = Some(address.clone());
        let online = user.azureactivedirectoryobjectid.is_some();
        user.domainname = Some(if online {
            address.clone()
        } else {
            format!("{}\\{}", environment.to_uppercase(), name.replace(' ', "."))
        });
        user.businessunitid = Some(unit);
        let id = user.systemuserid;
        let mailbox = tenant.mailbox_of_mut(id).expect("everybody has a mailbox");
        mailbox.name = Some(name.to_owned());
        mailbox.emailaddress = Some(address);
        for role in held {
            let copy = tenant.role_copy(role, unit).expect("a copy in every unit");
            tenant.user_roles.push((id, copy.roleid));
        }
    }
}

/// Each unit's own team; and in West a team of each type that matters here, which carry no roles yet.
fn teams(tenant: &mut Tenant) {
    tenant.teams.retain(|team| team.isdefault == Some(true));
    tenant.team_roles.clear();
    let of = |user: &dataverse_simulator::SystemUser, tenant: &Tenant| {
        let team = tenant
            .teams
            .iter()
            .find(|team| team.businessunitid == user.businessunitid);
        (user.systemuserid, team.expect("every unit has a team").teamid)
    };
    tenant.memberships = tenant.users.iter().map(|user| of(user, tenant)).collect();
    let west = unit_called(tenant, "West");
    for (number, (name, teamtype)) in [
        ("West Sales", 0),
        ("Trade Fair", 1),
        ("Outlook Users", 2),
        ("Project Room", 3),
    ]
    .into_iter()
    .enumerate()
    {
        tenant.teams.push(Team {
            teamid: Uuid::from_u128(0x7ea0_0000 + number as u128),
            name: Some(name.to_owned()),
            teamtype: Some(teamtype),
            businessunitid: Some(west),
            azureactivedirectoryobjectid: (teamtype >= 2)
                .then(|| Uuid::from_u128(0xe27a_0000 + number as u128)),
            isdefault: Some(false),
            systemmanaged: Some(false),
            ..Team::default()
        });
    }
}

fn unit_called(tenant: &Tenant, name: &str) -> Uuid {
    let mut units = tenant.business_units.iter();
    let found = units.find(|unit| unit.name.as_deref() == Some(name));
    found.expect("the unit").businessunitid
}
