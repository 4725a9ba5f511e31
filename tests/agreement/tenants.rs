//! The invented tenants, and what makes each group of cases hard.

use dataverse_simulator::{
    Behaviour, DEPLOYMENT_GUIDE, Deployment, Depth, SUPPORT_ARTICLES, Tenant, TenantOptions, generate,
};

use crate::case::Case;
use crate::oracle::shake::{Chance, shake};

/// Privileges that every environment has.
const SYSTEM_READS: [&str; 6] = [
    "prvReadAppModule",
    "prvReadEmailServerProfile",
    "prvReadMailbox",
    "prvReadOrganization",
    "prvReadRole",
    "prvReadUser",
];

pub fn tenant(seed: u64, options: TenantOptions) -> Tenant {
    generate(&TenantOptions { seed, ..options })
}

/// A shaken tenant of 200 to 400 people; the options vary with the seed.
pub fn shaken(seed: u64, options: TenantOptions) -> Tenant {
    let mut chance = Chance(seed);
    let users = 200 + chance.below(200);
    let some = [
        "prvReadIncident",
        "prvSearchAvailability",
        "prvReadActionCard",
        "prvUseOfficeApps",
    ];
    let options = TenantOptions {
        users,
        hostile_names: seed % 4 == 3,
        approval_required: !seed.is_multiple_of(5),
        app_module: seed % 7 != 1,
        app_role: seed % 8 != 1,
        group_team_roles: seed.is_multiple_of(2),
        without_privileges: some
            .iter()
            .filter(|_| chance.percent(25))
            .map(|name| (*name).to_owned())
            .collect(),
        ..options
    };
    let mut tenant = tenant(seed, options);
    shake(&mut tenant, seed);
    tenant
}

/// What the self-check of the collector asks for, all at Global.
pub const EVERY_READ: [&str; 9] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadTeam",
    "prvReadBusinessUnit",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadOrganization",
    "prvReadAppModule",
    "prvReadTraceLog",
];

pub fn generated() -> Vec<Case> {
    (1..=10)
        .map(|seed| {
            let options = TenantOptions {
                users: 200,
                defects: seed != 1,
                email_router: seed == 3,
                approval_required: seed != 4,
                app_module: seed != 5,
                app_role: seed != 6,
                group_team_roles: seed % 2 == 0,
                version: match seed {
                    7 => Some("9.1.0.4205".to_owned()),
                    10 => Some("nightly".to_owned()),
                    _ => None,
                },
                without_privileges: match seed {
                    8 => vec!["prvReadIncident".to_owned()],
                    // Bare Dataverse, and barer: nothing but what the system cannot do without.
                    9 => DEPLOYMENT_GUIDE
                        .iter()
                        .chain(&SUPPORT_ARTICLES)
                        .filter(|name| !SYSTEM_READS.contains(name))
                        .map(|name| (*name).to_owned())
                        .collect(),
                    _ => Vec::new(),
                },
                ..TenantOptions::default()
            };
            let mut case = Case::new(format!("generated, seed {seed}"), tenant(seed, options));
            // Neither this machine's address nor every build tells.
            case.collect_options = vec!["--deployment", "online"];
            case
        })
        .collect()
}

pub fn shaken_ones() -> Vec<Case> {
    (100..124)
        .map(|seed| {
            let mut case = Case::new(
                format!("shaken, seed {seed}"),
                shaken(seed, TenantOptions::default()),
            );
            case.include_disabled = seed % 3 == 0;
            // Many pages of a table, in some of them.
            case.behaviour().page_size_limit = if seed % 2 == 0 { 5000 } else { 97 };
            case
        })
        .collect()
}

pub fn a_caller_who_may_read_little() -> Vec<Case> {
    let mut cases = Vec::new();
    for (seed, lowered) in (200..).zip(&EVERY_READ[1..]) {
        for depth in [None, Some(Depth::Basic), Some(Depth::Deep)] {
            let mut tenant = shaken(seed, TenantOptions::default());
            let reads: Vec<(&str, Depth)> = EVERY_READ
                .iter()
                .filter_map(|read| Some((*read, if read == lowered { depth? } else { Depth::Global })))
                .collect();
            tenant.restrict_caller(&reads);
            cases.push(Case::new(format!("{lowered} at {depth:?}, seed {seed}"), tenant));
        }
    }
    cases
}

pub fn forbidden_and_missing_tables() -> Vec<Case> {
    // Without users there is no audit at all (exit code 3); every other table may be missing.
    let tables = [
        "businessunit",
        "role",
        "privilege",
        "roleprivileges",
        "systemuserroles",
        "team",
        "teamroles",
        "teammembership",
        "mailbox",
        "emailserverprofile",
        "organization",
        "appmodule",
        "appmoduleroles",
        "tracelog",
    ];
    (300..)
        .zip(tables)
        .map(|(seed, table)| {
            let mut case = Case::new(
                format!("without {table}, seed {seed}"),
                shaken(seed, TenantOptions::default()),
            );
            if seed % 2 == 0 {
                case.behaviour().forbidden_tables.push(table.to_owned());
            } else {
                case.behaviour().omit_tables.push(table.to_owned());
            }
            case
        })
        .collect()
}

pub fn missing_columns() -> Vec<Case> {
    let columns = [
        ("systemuser", "isdisabled"),
        ("systemuser", "accessmode"),
        ("systemuser", "islicensed"),
        ("systemuser", "applicationid"),
        ("systemuser", "isintegrationuser"),
        ("systemuser", "internalemailaddress"),
        ("systemuser", "defaultmailbox"),
        ("role", "name"),
        ("role", "parentrootroleid"),
        ("role", "roletemplateid"),
        ("role", "isinherited"),
        ("team", "teamtype"),
        ("privilege", "name"),
        ("privilege", "canbebasic"),
        ("privilege", "canbeglobal"),
        ("roleprivileges", "privilegedepthmask"),
        ("mailbox", "emailaddress"),
        ("mailbox", "statecode"),
        ("mailbox", "regardingobjectid"),
        ("mailbox", "emailserverprofile"),
        ("mailbox", "emailrouteraccessapproval"),
        ("mailbox", "isemailaddressapprovedbyo365admin"),
        ("mailbox", "incomingemaildeliverymethod"),
        ("mailbox", "outgoingemaildeliverymethod"),
        ("mailbox", "actdeliverymethod"),
        ("mailbox", "incomingemailstatus"),
        ("mailbox", "outgoingemailstatus"),
        ("mailbox", "actstatus"),
        ("mailbox", "enabledforincomingemail"),
        ("mailbox", "enabledforact"),
        ("mailbox", "officeappsdeploymentstatus"),
        ("mailbox", "officeappsdeploymentscheduled"),
        ("mailbox", "orgmarkedasprimaryforexchangesync"),
        ("mailbox", "isforwardmailbox"),
        ("emailserverprofile", "servertype"),
        ("emailserverprofile", "incomingcredentialretrieval"),
        ("emailserverprofile", "usedefaulttenantid"),
        ("organization", "emailconnectionchannel"),
        ("organization", "requireapprovalforuseremail"),
        ("appmodule", "uniquename"),
    ];
    // Alternately one column alone, and three of them that lie apart.
    (400..)
        .zip(0..columns.len())
        .map(|(seed, first)| {
            let several = if first % 2 == 0 { 1 } else { 3 };
            let missing: Vec<(&str, &str)> = (0..several)
                .map(|step| columns[(first + step * 13) % columns.len()])
                .collect();
            let mut case = Case::new(
                format!("without {missing:?}, seed {seed}"),
                shaken(seed, TenantOptions::default()),
            );
            for (table, column) in missing {
                case.behaviour()
                    .omit_columns
                    .push((table.to_owned(), column.to_owned()));
            }
            case
        })
        .collect()
}

/// An environment without these could not be read. One that says of them that no depth can be granted can,
/// and there they do not apply either.
pub fn reads_that_nobody_can_be_granted() -> Vec<Case> {
    let mut tenant = shaken(650, TenantOptions::default());
    // An administrator would hold them no deeper than can be granted; this caller has a role that says so.
    tenant.restrict_caller(&EVERY_READ.map(|read| (read, Depth::Global)));
    let is_read = |name: &Option<String>| name.as_deref().is_some_and(|name| SYSTEM_READS.contains(&name));
    for privilege in tenant
        .privileges
        .iter_mut()
        .filter(|privilege| is_read(&privilege.name))
    {
        for cell in [
            &mut privilege.canbebasic,
            &mut privilege.canbelocal,
            &mut privilege.canbedeep,
            &mut privilege.canbeglobal,
        ] {
            *cell = Some(false);
        }
    }
    vec![Case::new("reads that nobody can be granted", tenant)]
}

pub fn on_premises_and_attestations() -> Vec<Case> {
    let [oauth, ifd, provider] = [
        "exchange-oauth-enabled",
        "internet-facing-deployment",
        "exchange-oauth-provider-registered",
    ];
    let given = [
        vec![],
        vec![
            (oauth, true, "2999-12-31"),
            (ifd, true, "2999-12-31"),
            (provider, true, "2999-12-31"),
        ],
        vec![
            (oauth, false, "2999-12-31"),
            (ifd, false, "2999-12-31"),
            (provider, true, "2020-01-31"),
        ],
        vec![
            (oauth, true, "2020-01-31"),
            (ifd, false, "2020-01-31"),
            (provider, false, "2999-12-31"),
        ],
    ];
    let mut cases = Vec::new();
    for deployment in [Deployment::Online, Deployment::OnPremises] {
        for (seed, attestations) in (500..).zip(given.clone()) {
            let options = TenantOptions {
                deployment,
                ..TenantOptions::default()
            };
            let mut case = Case::new(
                format!("{deployment:?} {attestations:?}, seed {seed}"),
                shaken(seed, options),
            );
            case.attestations = attestations;
            cases.push(case);
        }
    }
    cases
}

pub fn several_environments() -> Vec<Case> {
    let mut cases = Vec::new();
    for seed in 600..608 {
        let mut chance = Chance(seed);
        let count = if seed % 4 == 3 { 3 } else { 2 };
        let mut tenants: Vec<Tenant> = (0..count)
            .map(|number| {
                let name = format!("contoso-{number}");
                shaken(
                    seed + 1000 * number,
                    TenantOptions {
                        name,
                        ..TenantOptions::default()
                    },
                )
            })
            .collect();
        share_addresses(&mut tenants, &mut chance);
        let mut case = Case::new(format!("{count} environments, seed {seed}"), tenants.remove(0));
        case.environments
            .extend(tenants.into_iter().map(|tenant| (tenant, Behaviour::default())));
        // In some audits the second environment's mailboxes are not proven whole, or lack a column.
        let (second, behaviour) = &mut case.environments[1];
        match seed % 4 {
            1 => second.restrict_caller(&EVERY_READ.map(|read| {
                (
                    read,
                    if read == "prvReadMailbox" {
                        Depth::Deep
                    } else {
                        Depth::Global
                    },
                )
            })),
            2 => {
                let missing = if seed == 602 { "statecode" } else { "emailaddress" };
                behaviour
                    .omit_columns
                    .push(("mailbox".to_owned(), missing.to_owned()));
            }
            _ => {}
        }
        cases.push(case);
    }
    cases
}

/// Gives half of the mailboxes of the later environments an address of the first one's, in its own form
/// or with other case and blanks.
fn share_addresses(tenants: &mut [Tenant], chance: &mut Chance) {
    let (first, others) = tenants.split_first_mut().expect("an environment");
    for tenant in others {
        for mailbox in &mut tenant.mailboxes {
            if chance.percent(50) {
                let address = &first.mailboxes[chance.below(first.mailboxes.len())].emailaddress;
                mailbox.emailaddress = match address {
                    Some(address) if chance.percent(30) => Some(format!(" {}  ", address.to_uppercase())),
                    other => other.clone(),
                };
            }
        }
    }
}

/// The server's own answers, which the program asks for by itself.
pub fn verified() -> Vec<Case> {
    let cases = (700..704).map(|seed| {
        let mut case = Case::new(
            format!("verified, seed {seed}"),
            shaken(seed, TenantOptions::default()),
        );
        case.collect_options = vec![if seed % 2 == 0 {
            "--verify-access=all"
        } else {
            "--verify-access=50"
        }];
        case
    });
    cases.collect()
}
