//! A collection without any trouble.

use std::fs;
use std::time::Duration;

use clearance::dataverse::Plan;
use clearance::snapshot::manifest::{Deployment, DeploymentFrom, DepthName};
use clearance::snapshot::tables::{Kind, TABLES};
use dataverse_simulator::{Behaviour, Tenant, TenantOptions, generate};

use super::support::*;

/// Compares a table with the rows of the tenant.
macro_rules! same {
    ($environment:expr, $table:literal, $rows:expr, [$($column:ident: $show:ident),+ $(,)?]) => {{
        let mut expected: Vec<Vec<String>> =
            $rows.iter().map(|row| vec![$($show(&row.$column)),+]).collect();
        expected.sort();
        let mut found = cells($environment, $table, &[$(stringify!($column)),+]);
        found.sort();
        assert_eq!(found, expected, $table);
    }};
}

fn opt<T: std::fmt::Display + Clone>(value: &Option<T>) -> String {
    show(value.clone())
}

fn key(value: &impl std::fmt::Display) -> String {
    value.to_string()
}

fn time(value: &Option<jiff::Timestamp>) -> String {
    show(value.map(|value| value.as_second()))
}

fn pairs<'a>(rows: impl IntoIterator<Item = &'a (uuid::Uuid, uuid::Uuid)>, swap: bool) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(a, b)| {
            if swap {
                vec![key(b), key(a)]
            } else {
                vec![key(a), key(b)]
            }
        })
        .collect();
    rows.sort();
    rows.dedup();
    rows
}

#[test]
fn everything_is_collected_as_it_is() {
    let simulator = start(
        tenant(),
        Behaviour {
            page_size_limit: 37,
            ..Behaviour::default()
        },
    );
    let collection = collect_from(&simulator);
    assert_eq!(
        collection.gaps().iter().map(line).collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    let environment = &collection.load();
    let tenant = simulator.tenant();

    same!(environment, "systemuser", tenant.users, [
        systemuserid: key, fullname: opt, domainname: opt, internalemailaddress: opt, isdisabled: opt,
        accessmode: opt, islicensed: opt, applicationid: opt, azureactivedirectoryobjectid: opt,
        businessunitid: opt, defaultmailbox: opt, isintegrationuser: opt,
    ]);
    same!(environment, "businessunit", tenant.business_units, [
        businessunitid: key, name: opt, parentbusinessunitid: opt,
    ]);
    same!(environment, "role", tenant.roles, [
        roleid: key, name: opt, businessunitid: opt, parentroleid: opt, parentrootroleid: opt,
        roletemplateid: opt, isinherited: opt,
    ]);
    same!(environment, "team", tenant.teams, [
        teamid: key, name: opt, teamtype: opt, businessunitid: opt, isdefault: opt,
        azureactivedirectoryobjectid: opt,
    ]);
    same!(environment, "mailbox", tenant.mailboxes, [
        mailboxid: key, name: opt, emailaddress: opt, statecode: opt, regardingobjectid: opt,
        emailserverprofile: opt, emailrouteraccessapproval: opt, isemailaddressapprovedbyo365admin: opt,
        incomingemaildeliverymethod: opt, outgoingemaildeliverymethod: opt, actdeliverymethod: opt,
        incomingemailstatus: opt, outgoingemailstatus: opt, actstatus: opt, enabledforincomingemail: opt,
        enabledforoutgoingemail: opt, enabledforact: opt, officeappsdeploymentstatus: opt,
        officeappsdeploymentscheduled: opt, officeappsdeploymentcompleteon: time,
        officeappsdeploymenterror: opt, orgmarkedasprimaryforexchangesync: opt, isforwardmailbox: opt,
        testmailboxaccesscompletedon: time,
    ]);
    same!(environment, "emailserverprofile", tenant.profiles, [
        emailserverprofileid: key, name: opt, servertype: opt, incomingcredentialretrieval: opt,
        incomingauthenticationprotocol: opt, usedefaulttenantid: opt, exchangeonlinetenantid: opt,
        useautodiscover: opt, statecode: opt,
    ]);
    same!(environment, "organization", [&tenant.organization], [
        organizationid: key, name: opt, emailconnectionchannel: opt, requireapprovalforuseremail: opt,
        officeappsautodeploymentenabled: opt, defaultemailserverprofileid: opt,
    ]);
    same!(environment, "appmodule", tenant.app_modules, [appmoduleid: key, uniquename: opt, name: opt]);
    same!(environment, "appmoduleroles", tenant.app_module_roles, [appmoduleid: opt, roleid: opt]);
    let wanted: Vec<_> = tenant
        .privileges
        .iter()
        .filter(|row| {
            plan()
                .wanted_privileges
                .iter()
                .any(|name| Some(name) == row.name.as_ref())
        })
        .collect();
    same!(environment, "privilege", wanted, [
        privilegeid: key, name: opt, canbebasic: opt, canbelocal: opt, canbedeep: opt, canbeglobal: opt,
    ]);
    let granted: Vec<_> = tenant
        .role_privileges
        .iter()
        .filter(|row| {
            wanted
                .iter()
                .any(|privilege| privilege.privilegeid == row.privilegeid)
        })
        .collect();
    assert!(granted.len() > 37);
    same!(environment, "roleprivileges", granted, [roleid: key, privilegeid: key, privilegedepthmask: key]);
    let warnings: Vec<_> = tenant
        .trace_logs
        .iter()
        .filter(|row| row.level >= Some(2))
        .collect();
    assert!(!warnings.is_empty() && warnings.len() < tenant.trace_logs.len());
    same!(environment, "tracelog", warnings, [
        tracelogid: key, level: opt, regardingobjectid: opt, tracecode: opt, text: opt, createdon: time,
    ]);

    let cells = |table, columns: &[&str]| cells(environment, table, columns);
    assert_eq!(
        cells("systemuserroles", &["systemuserid", "roleid"]),
        pairs(&tenant.user_roles, false)
    );
    assert_eq!(
        cells("teamroles", &["teamid", "roleid"]),
        pairs(&tenant.team_roles, false)
    );
    let memberships = pairs(&tenant.memberships, false);
    let found = cells("teammembership", &["systemuserid", "teamid"]);
    assert!(found == memberships || found == pairs(&tenant.memberships, true));
    assert_eq!(found.len(), memberships.len());

    // The annotation tells users' mailboxes from those of queues.
    let queues: Vec<String> = tenant.queues.iter().map(|queue| key(&queue.queueid)).collect();
    for row in cells("mailbox", &["regardingobjectid", "regardingobjecttype"]) {
        let expected = match &row[0] {
            id if id == "∅" => "∅",
            id if queues.contains(id) => "queue",
            _ => "systemuser",
        };
        assert_eq!(row[1], expected);
    }
}

#[test]
fn the_manifest_tells_where_when_and_who() {
    let simulator = start(tenant(), Behaviour::default());
    let collection = collect_from(&simulator);
    let manifest = &collection.summary.manifest;
    let tenant = simulator.tenant();
    assert_eq!(manifest.environment.url, simulator.url());
    assert_eq!(
        manifest.environment.organization_id,
        key(&tenant.organization.organizationid)
    );
    assert_eq!(
        Some(&manifest.environment.name),
        tenant.organization.name.as_ref()
    );
    assert_eq!(manifest.environment.build.as_ref(), Some(&tenant.version));
    assert_eq!(manifest.environment.deployment, Deployment::Online);
    assert_eq!(manifest.environment.deployment_from, DeploymentFrom::Build);
    assert_eq!(manifest.environment.region, None);
    assert_eq!(manifest.collected.by, key(&tenant.caller));
    assert_eq!(manifest.wanted_privileges, plan().wanted_privileges);
    assert_eq!(manifest.tables.len(), TABLES.len());
    for (name, table) in &manifest.tables {
        assert!(table.complete, "{name}");
    }
    assert_eq!(manifest.selfcheck.depths.len(), 8);
    assert!(
        manifest
            .selfcheck
            .depths
            .values()
            .all(|depth| *depth == DepthName::Global)
    );
    assert_eq!(fs::read_dir(collection.folder.path()).unwrap().count(), 1);
}

/// Rows that a collection of the shipped packs brings home, by table.
fn row_counts(tenant: &Tenant, collection: &Collection) -> Vec<u64> {
    let tables = &collection.summary.manifest.tables;
    assert_eq!(tables["systemuser"].rows, tenant.users.len() as u64);
    assert_eq!(tables["mailbox"].rows, tenant.mailboxes.len() as u64);
    assert_eq!(tables["systemuserroles"].rows, tenant.user_roles.len() as u64);
    tables.values().map(|table| table.rows).collect()
}

#[test]
fn few_requests_and_nothing_but_reading() {
    let tenant = generate(&TenantOptions {
        users: 20_000,
        ..TenantOptions::default()
    });
    let behaviour = Behaviour {
        parallelism_hint: 52,
        latency: Duration::from_millis(20),
        ..Behaviour::default()
    };
    let simulator = start(tenant, behaviour);
    let collection = collect_from(&simulator);
    let requests = simulator.requests();

    let pages: u64 = row_counts(simulator.tenant(), &collection)
        .iter()
        .map(|rows| rows.div_ceil(5000))
        .sum();
    let budget = pages as f64 * 1.05 + 12.0;
    assert!(
        requests.len() as f64 <= budget,
        "{} requests, {budget} allowed",
        requests.len()
    );
    assert_eq!(collection.summary.traffic.requests, requests.len() as u64);
    assert_eq!(collection.summary.traffic.retries, 0);
    // With what it takes to count them.
    let tables = &collection.summary.manifest.tables;
    assert!(tables.values().all(|table| table.is_counted()));
    assert!(tables.values().filter(|table| table.rows > 5000).count() >= 4);
    for request in &requests {
        assert_eq!(request.method, "GET");
        assert_eq!(request.status, 200, "{}?{}", request.path, request.query);
        assert!(request.violations.is_empty());
        if request.query.contains("$select") && request.target != "EntityDefinitions" {
            let prefer = request.prefer.as_deref().unwrap_or_default();
            assert!(
                prefer.contains("odata.maxpagesize=5000"),
                "{}: {prefer}",
                request.target
            );
        }
    }
    assert_eq!(simulator.stats().writes_by_reading, 0);
    // Whatever more the service would take: `collect_from` allows eight.
    assert!(simulator.stats().most_at_once <= 8);
}

#[test]
fn the_size_of_pages_leaves_no_trace() {
    let sums = |limit| {
        let behaviour = Behaviour {
            page_size_limit: limit,
            ..Behaviour::default()
        };
        collect_from(&start(tenant(), behaviour)).sums()
    };
    let whole = sums(5000);
    assert_eq!(sums(101), whole);
    assert_eq!(sums(7), whole);
}

#[test]
fn columns_of_rules_are_collected_too() {
    let mut tenant = tenant();
    tenant.mailboxes[0]
        .extra
        .insert("new_pilot".to_owned(), serde_json::json!("yes"));
    let simulator = start(tenant, Behaviour::default());
    let column = |table: &str, name: &str, kind| (table.to_owned(), name.to_owned(), kind);
    let plan = Plan {
        columns: vec![
            column("mailbox", "ownerid", Kind::Id),
            column("mailbox", "lastsyncerrorcode", Kind::Integer),
            column("mailbox", "new_pilot", Kind::Text),
            column("mailbox", "statecode", Kind::Integer),
            column("mailbox", "oauthaccesstoken", Kind::Text),
            column("team", "administratorid", Kind::Id),
            column("role", "organizationid", Kind::Id),
        ],
        wanted_privileges: Vec::new(),
    };
    let collection = collect_with(&simulator.url(), simulator.token(), plan, policy()).unwrap();
    assert_eq!(
        collection.gaps().iter().map(line).collect::<Vec<_>>(),
        ["mailbox.oauthaccesstoken Forbidden: never read: it may hold a secret"]
    );
    let environment = &collection.load();
    let tenant = simulator.tenant();
    same!(environment, "mailbox", tenant.mailboxes, [mailboxid: key, ownerid: opt, lastsyncerrorcode: opt]);
    same!(environment, "team", tenant.teams, [teamid: key, administratorid: opt]);
    same!(environment, "role", tenant.roles, [roleid: key, organizationid: opt]);
    let pilots = cells(environment, "mailbox", &["new_pilot"]);
    assert_eq!(pilots.iter().filter(|row| row[0] == "yes").count(), 1);
    assert_eq!(
        pilots.iter().filter(|row| row[0] == "∅").count(),
        pilots.len() - 1
    );
    // No privilege was wanted: that is an answer, not a gap.
    assert_eq!(environment.table("privilege").unwrap().rows, 0);
    assert_eq!(environment.table("roleprivileges").unwrap().rows, 0);
}

#[test]
fn the_token_is_nowhere_in_the_snapshot() {
    let token = "eyJ0-secret-5f1c9";
    let behaviour = Behaviour {
        token: Some(token.to_owned()),
        ..Behaviour::default()
    };
    let collection = collect_from(&start(tenant(), behaviour));
    for entry in fs::read_dir(&collection.target).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes())
        );
    }
}
