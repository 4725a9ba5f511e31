//! How far the caller itself can see is recorded, and nothing is recorded that is not proven.

use std::collections::BTreeMap;

use clearance::snapshot::manifest::DepthName;
use dataverse_simulator::{Behaviour, Deployment, Depth, TenantOptions, generate};

use super::support::*;

#[test]
fn a_caller_who_sees_only_its_own_mailbox() {
    for functions_missing in [false, true] {
        let mut tenant = tenant();
        let mut privileges = all_but(&["prvReadMailbox", "prvReadTeam"]);
        privileges.extend([("prvReadMailbox", Depth::Basic), ("prvReadTeam", Depth::Local)]);
        tenant.restrict_caller(&privileges);
        let own = tenant
            .mailboxes
            .iter()
            .filter(|row| row.ownerid == Some(tenant.caller))
            .count();
        assert!(own < tenant.mailboxes.len());
        let behaviour = Behaviour {
            functions_missing,
            ..Behaviour::default()
        };
        let collection = collect_from(&start(tenant, behaviour));
        let manifest = &collection.summary.manifest;
        assert_eq!(manifest.selfcheck.depths["prvReadMailbox"], DepthName::Basic);
        assert_eq!(manifest.selfcheck.depths["prvReadTeam"], DepthName::Local);
        assert_eq!(manifest.selfcheck.depths["prvReadUser"], DepthName::Global);
        assert!(manifest.sees_all("prvReadRole"));
        assert!(!manifest.sees_all("prvReadMailbox"));
        assert_eq!(manifest.tables["mailbox"].rows, own as u64);
        // The privileges that the self-check needed are not in the tables that rules look at.
        assert_eq!(manifest.wanted_privileges, plan().wanted_privileges);
        let names = cells(&collection.load(), "privilege", &["name"]);
        assert!(names.iter().all(|row| plan().wanted_privileges.contains(&row[0])));
    }
}

#[test]
fn own_roles_tell_the_same_as_the_server() {
    let depths = |functions_missing| {
        let behaviour = Behaviour {
            functions_missing,
            page_size_limit: 40,
            ..Behaviour::default()
        };
        collect_from(&start(tenant(), behaviour))
            .summary
            .manifest
            .selfcheck
            .depths
    };
    let asked: BTreeMap<String, DepthName> = depths(false);
    assert!(!asked.is_empty());
    assert_eq!(depths(true), asked);
}

#[test]
fn on_premises_is_collected_too() {
    let tenant = generate(&TenantOptions {
        users: 50,
        deployment: Deployment::OnPremises,
        ..TenantOptions::default()
    });
    let simulator = start(tenant, Behaviour::default());
    let collection = collect_from(&simulator);
    let manifest = &collection.summary.manifest;
    assert_eq!(
        manifest.environment.deployment,
        clearance::snapshot::manifest::Deployment::OnPremises
    );
    assert_eq!(manifest.environment.url, simulator.url());
    assert_eq!(
        manifest.tables["systemuser"].rows,
        simulator.tenant().users.len() as u64
    );
    assert!(manifest.sees_all("prvReadMailbox"));
}
