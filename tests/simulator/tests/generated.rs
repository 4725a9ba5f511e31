//! Invented tenants: repeatable, complete in their defects, and safe to send.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use std::collections::{HashMap, HashSet};

use dataverse_simulator::{
    APP_ROLE, Access, Behaviour, DEPLOYMENT_GUIDE, Defect, Deployment, FEATURES, SUPPORT_ARTICLES, Simulator,
    Tenant, TenantOptions, generate,
};
use support::all;
use uuid::Uuid;

fn wanted() -> impl Iterator<Item = &'static str> {
    DEPLOYMENT_GUIDE
        .into_iter()
        .chain(SUPPORT_ARTICLES)
        .chain(FEATURES)
}

fn tenant(users: usize) -> Tenant {
    generate(&TenantOptions {
        users,
        ..TenantOptions::default()
    })
}

#[test]
fn the_same_seed_gives_the_same_tenant() {
    let tenant = tenant(150);
    assert!(
        tenant
            == generate(&TenantOptions {
                users: 150,
                ..TenantOptions::default()
            })
    );
    assert!(
        tenant
            != generate(&TenantOptions {
                users: 150,
                seed: 2,
                ..TenantOptions::default()
            })
    );
}

#[test]
fn every_defect_hits_somebody_from_150_people_on() {
    for users in [150, 1000] {
        let tenant = tenant(users);
        let found: HashSet<Defect> = tenant.injected.iter().map(|one| one.defect).collect();
        assert_eq!(found.len(), 96, "{users}");
        for privilege in wanted() {
            assert!(
                found.contains(&Defect::LacksPrivilege(privilege)),
                "{users}: {privilege}"
            );
        }
        let hit: HashSet<Uuid> = tenant.injected.iter().map(|one| one.systemuserid).collect();
        assert_eq!(hit.len(), users * 36 / 100);
    }
}

#[test]
fn people_lack_what_they_should_lack_and_nothing_else() {
    let tenant = tenant(1000);
    let access = Access::new(&tenant);
    let defects: HashMap<Uuid, Vec<Defect>> = tenant.injected.iter().fold(HashMap::new(), |mut map, one| {
        map.entry(one.systemuserid)
            .or_insert_with(Vec::new)
            .push(one.defect);
        map
    });
    for user in tenant.users.iter().take(1000) {
        let of = defects.get(&user.systemuserid).cloned().unwrap_or_default();
        let missing: Vec<&str> = wanted()
            .filter(|name| access.deepest(user.systemuserid, name).is_none())
            .collect();
        let expected: Vec<&str> = of
            .iter()
            .flat_map(|defect| match defect {
                Defect::LacksPrivilege(name) => vec![*name],
                Defect::NoRole => wanted().collect(),
                Defect::GuideOnlyRole => wanted().filter(|name| !DEPLOYMENT_GUIDE.contains(name)).collect(),
                Defect::TooShallow => vec!["prvReadQueue"],
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(missing, expected, "{of:?}");
    }
}

#[test]
fn borrowed_mailboxes_belong_to_somebody_else() {
    for users in [150, 1000] {
        let tenant = tenant(users);
        for (defect, kind) in [
            (Defect::MailboxOfAnotherUser, "systemuser"),
            (Defect::MailboxOfQueue, "queue"),
        ] {
            for user in tenant.users_with(defect) {
                let mailbox = tenant.mailbox_of(user).expect("a mailbox");
                assert_eq!(mailbox.regardingobjecttypecode.as_deref(), Some(kind));
                assert!(mailbox.regardingobjectid.is_some_and(|owner| owner != user));
            }
        }
    }
}

#[test]
fn healthy_people_are_all_alike() {
    let tenant = generate(&TenantOptions {
        users: 300,
        defects: false,
        ..TenantOptions::default()
    });
    assert!(tenant.injected.is_empty());
    let access = Access::new(&tenant);
    for user in tenant.users.iter().take(300) {
        let mailbox = tenant
            .mailboxes
            .iter()
            .find(|mailbox| Some(mailbox.mailboxid) == user.defaultmailbox);
        let mailbox = mailbox.expect("a mailbox");
        assert_eq!(mailbox.regardingobjectid, Some(user.systemuserid));
        assert_eq!(
            mailbox.emailserverprofile,
            tenant.organization.defaultemailserverprofileid
        );
        assert!(wanted().all(|name| access.deepest(user.systemuserid, name).is_some()));
    }
}

#[test]
fn privileges_are_many_and_can_be_left_out() {
    let tenant = generate(&TenantOptions {
        without_privileges: vec!["prvreadincident".to_owned()],
        ..TenantOptions::default()
    });
    assert!(tenant.privileges.len() > 1000);
    assert!(tenant.privilege("prvReadIncident").is_none());
    assert!(
        wanted()
            .filter(|name| *name != "prvReadIncident")
            .all(|name| tenant.privilege(name).is_some())
    );
    assert!(
        tenant
            .users_with(Defect::LacksPrivilege("prvReadIncident"))
            .is_empty()
    );
}

#[test]
fn roles_exist_in_every_business_unit_and_hold_privileges_in_the_root_only() {
    let tenant = tenant(600);
    let copies: Vec<_> = tenant
        .roles
        .iter()
        .filter(|role| role.name.as_deref() == Some(APP_ROLE))
        .collect();
    assert_eq!(copies.len(), tenant.business_units.len());
    let roots: HashSet<Uuid> = tenant
        .roles
        .iter()
        .filter_map(|role| role.parentrootroleid)
        .collect();
    assert!(
        tenant
            .role_privileges
            .iter()
            .all(|row| roots.contains(&row.roleid))
    );
    let inherited: HashSet<Option<i32>> = copies.iter().map(|role| role.isinherited).collect();
    assert_eq!(inherited, HashSet::from([Some(0), Some(1), None]));
    let root_parent = copies.iter().filter(|role| role.parentroleid.is_none()).count();
    assert_eq!(root_parent, 1);
}

#[test]
fn hostile_names_arrive_as_they_are() {
    let options = TenantOptions {
        users: 400,
        hostile_names: true,
        ..TenantOptions::default()
    };
    let simulator = Simulator::start_blocking(generate(&options), Behaviour::default()).expect("a simulator");
    let tenant = simulator.tenant();
    let names: HashMap<String, Option<String>> = tenant
        .users
        .iter()
        .map(|user| (user.systemuserid.to_string(), user.fullname.clone()))
        .collect();
    let rows = all(&simulator, "systemusers?$select=fullname", 100);
    for row in &rows {
        let id = row["systemuserid"].as_str().expect("a key");
        assert_eq!(row["fullname"].as_str().map(str::to_owned), names[id]);
    }
    let hostile = |text: &str| {
        rows.iter()
            .any(|row| row["fullname"].as_str().is_some_and(|name| name.contains(text)))
    };
    assert!(hostile("<script>") && hostile("\u{2028}") && hostile("=cmd|"));
    let texts = |rows: Vec<serde_json::Value>| rows.iter().any(|row| row.to_string().contains("{{ 7*7 }}"));
    assert!(
        ["roles", "teams", "businessunits", "mailboxes"]
            .iter()
            .any(|set| texts(all(&simulator, set, 5000)))
    );
}

#[test]
fn two_environments_can_share_addresses_but_no_ids() {
    let of = |seed, name: &str| {
        let (name, domain) = (name.to_owned(), Some("contoso.example".to_owned()));
        generate(&TenantOptions {
            users: 40,
            defects: false,
            seed,
            name,
            domain,
            ..TenantOptions::default()
        })
    };
    let (left, right) = (of(1, "contoso"), of(2, "fabrikam test"));
    let addresses = |tenant: &Tenant| -> HashSet<Option<String>> {
        tenant
            .users
            .iter()
            .take(40)
            .map(|user| user.internalemailaddress.clone())
            .collect()
    };
    assert_eq!(addresses(&left).len(), 40);
    assert_eq!(addresses(&left), addresses(&right));
    assert_ne!(
        left.organization.organizationid,
        right.organization.organizationid
    );
}

#[test]
fn people_of_own_servers_sign_in_with_the_domain_of_their_environment() {
    let tenant = generate(&TenantOptions {
        users: 3,
        deployment: Deployment::OnPremises,
        name: "Fabrikam Works".to_owned(),
        domain: Some("contoso.example".to_owned()),
        ..TenantOptions::default()
    });
    let user = &tenant.users[0];
    assert_eq!(user.domainname.as_deref(), Some("FABRIKAMWORKS\\adele.vance0"));
    assert_eq!(
        user.internalemailaddress.as_deref(),
        Some("adele.vance@contoso.example")
    );
}

#[test]
fn group_teams_carry_roles_only_if_wanted() {
    for wanted in [true, false] {
        let tenant = generate(&TenantOptions {
            group_team_roles: wanted,
            ..TenantOptions::default()
        });
        let groups: HashSet<Uuid> = tenant
            .teams
            .iter()
            .filter(|team| matches!(team.teamtype, Some(2 | 3)))
            .map(|team| team.teamid)
            .collect();
        assert!(!groups.is_empty());
        assert_eq!(
            tenant.team_roles.iter().any(|(team, _)| groups.contains(team)),
            wanted
        );
    }
}
