//! A small environment made by hand, with names that mean harm.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray};
use clearance::evaluate::{Assessment, Inputs, Reported, assess};
use clearance::report::Report;
use clearance::rules::RuleSet;
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, Gap, GapReason, Manifest, SelfCheck,
    TableInfo,
};
use clearance::snapshot::{Column, Environment, Guid, Table};

/// Names as somebody could have typed them, and how the user of that position fares.
pub const NAMES: [&str; 10] = [
    // A role that grants nothing the app needs: blocked.
    "Maria Silva",
    // No role: blocked.
    "<script>alert(1)</script>",
    // All as it should be: ready.
    "=cmd|' /C calc'!A0",
    // Incoming email failed its test: blocked.
    "\u{202e}gnp.exe",
    // The test of incoming email cannot be read: unknown.
    "{{ 7 * 7 }}{% endif %}",
    // Outgoing email failed its test: limited.
    "</style></title><style>*{display:none}</style>",
    // All as it should be: ready.
    "\" onmouseover=\"alert(1)",
    // No mailbox: blocked.
    "Anna\r\nLee,\tOne",
    // Incoming email failed its test: blocked.
    "\u{1b}[31mred\u{7}",
    // Out of scope.
    "محمد بن سلمان",
];
/// Positions in [`NAMES`].
pub const MARIA: usize = 0;
pub const NO_ROLE: usize = 1;
pub const OUT_OF_SCOPE: usize = 9;

/// A privilege that the environment does not have.
pub const MISSING: &str = "prvReadCompetitor";

const ROLE: u128 = 0x10;
const POOR_ROLE: u128 = 0x11;

fn ids(values: impl IntoIterator<Item = u128>) -> Column {
    Column::Id(values.into_iter().map(Guid).collect())
}

fn text<'a>(values: impl IntoIterator<Item = &'a str>) -> Column {
    Column::Text(values.into_iter().map(Some).collect::<StringArray>())
}

fn integers(values: impl IntoIterator<Item = Option<i32>>) -> Column {
    Column::Integer(values.into_iter().collect::<Int32Array>())
}

fn booleans(values: impl IntoIterator<Item = bool>) -> Column {
    Column::Boolean(values.into_iter().map(Some).collect::<BooleanArray>())
}

fn table<const N: usize>(rows: usize, columns: [(&str, Column); N]) -> Table {
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name.to_owned(), column));
    Table {
        rows,
        columns: columns.collect(),
    }
}

/// An environment of users with these names; they fare as [`NAMES`] says, over and over.
pub fn environment(names: &[&str], rules: &RuleSet) -> Environment {
    let tables: BTreeMap<String, Table> = users(names)
        .into_iter()
        .chain(access(names.len(), rules))
        .chain([mailboxes(names)])
        .chain(settings())
        .map(|(name, table)| (name.to_owned(), table))
        .collect();
    Environment {
        manifest: manifest(&tables, rules),
        tables,
    }
}

fn users(names: &[&str]) -> Vec<(&'static str, Table)> {
    let each = || 0..names.len();
    let mailbox = |user: usize| if user % 10 == 7 { 0 } else { 0x2000 + user as u128 };
    let users = [
        ("systemuserid", ids(each().map(|user| 0x1000 + user as u128))),
        ("fullname", text(names.iter().copied())),
        ("domainname", text(names.iter().copied())),
        ("internalemailaddress", text(names.iter().rev().copied())),
        ("isdisabled", booleans(each().map(|_| false))),
        ("accessmode", integers(each().map(|_| Some(0)))),
        ("islicensed", booleans(each().map(|_| true))),
        (
            "applicationid",
            ids(each().map(|user| if user % 10 == OUT_OF_SCOPE { 7 } else { 0 })),
        ),
        ("businessunitid", ids(each().map(|_| 1))),
        ("defaultmailbox", ids(each().map(mailbox))),
        ("isintegrationuser", booleans(each().map(|_| false))),
    ];
    let units = [("businessunitid", ids([1])), ("name", text(["<b>West</b>"]))];
    vec![
        ("systemuser", table(names.len(), users)),
        ("businessunit", table(1, units)),
    ]
}

/// The wanted privileges that the environment knows: all but one.
fn privileges(rules: &RuleSet) -> Vec<(u128, String)> {
    let names = rules.wanted_privileges().into_iter();
    let names = names.filter(|name| name != MISSING);
    names
        .enumerate()
        .map(|(index, name)| (0x3000 + index as u128, name))
        .collect()
}

/// Lets Maria's role grant everything but these.
pub fn withhold(environment: &mut Environment, rules: &RuleSet, names: &[&str]) {
    let all = privileges(rules);
    let some = all.iter().filter(|(_, name)| !names.contains(&name.as_str()));
    let grants: Vec<(u128, u128)> = all
        .iter()
        .map(|(id, _)| (ROLE, *id))
        .chain(some.map(|(id, _)| (POOR_ROLE, *id)))
        .collect();
    environment
        .tables
        .insert("roleprivileges".to_owned(), role_privileges(&grants));
}

/// Adds a team of an Entra group that carries a role, without members so far.
pub fn add_group_team(environment: &mut Environment) {
    let team = [
        ("teamid", ids([1])),
        ("name", text(["Field Sales"])),
        ("teamtype", integers([Some(2)])),
    ];
    environment.tables.insert("team".to_owned(), table(1, team));
    let carries = [("teamid", ids([1])), ("roleid", ids([ROLE]))];
    environment
        .tables
        .insert("teamroles".to_owned(), table(1, carries));
}

fn role_privileges(grants: &[(u128, u128)]) -> Table {
    let columns = [
        ("roleid", ids(grants.iter().map(|(role, _)| *role))),
        ("privilegeid", ids(grants.iter().map(|(_, privilege)| *privilege))),
        ("privilegedepthmask", integers(grants.iter().map(|_| Some(8)))),
    ];
    table(grants.len(), columns)
}

/// One role that grants everything, and one with a hostile name that grants nothing.
fn access(users: usize, rules: &RuleSet) -> Vec<(&'static str, Table)> {
    let privileges = privileges(rules);
    let grants: Vec<(u128, u128)> = privileges.iter().map(|(id, _)| (ROLE, *id)).collect();
    let held: Vec<(u128, u128)> = (0..users)
        .filter(|user| user % 10 != NO_ROLE)
        .map(|user| {
            (
                0x1000 + user as u128,
                if user % 10 == MARIA { POOR_ROLE } else { ROLE },
            )
        })
        .collect();
    let roles = [
        ("roleid", ids([ROLE, POOR_ROLE])),
        (
            "name",
            text([
                "Dynamics 365 App for Outlook User",
                "<img src=x onerror=alert(1)>",
            ]),
        ),
        ("businessunitid", ids([1, 1])),
        ("parentrootroleid", ids([ROLE, POOR_ROLE])),
        ("roletemplateid", ids([0, 0])),
        ("isinherited", integers([Some(1), Some(1)])),
    ];
    let names = [
        ("privilegeid", ids(privileges.iter().map(|(id, _)| *id))),
        ("name", text(privileges.iter().map(|(_, name)| name.as_str()))),
    ];
    let holders = [
        ("systemuserid", ids(held.iter().map(|(user, _)| *user))),
        ("roleid", ids(held.iter().map(|(_, role)| *role))),
    ];
    vec![
        ("role", table(2, roles)),
        ("privilege", table(privileges.len(), names)),
        ("roleprivileges", role_privileges(&grants)),
        ("systemuserroles", table(held.len(), holders)),
        (
            "team",
            table(0, [("teamid", ids([])), ("teamtype", integers([]))]),
        ),
        (
            "teammembership",
            table(0, [("systemuserid", ids([])), ("teamid", ids([]))]),
        ),
        ("teamroles", table(0, [("teamid", ids([])), ("roleid", ids([]))])),
        (
            "appmodule",
            table(
                1,
                [
                    ("appmoduleid", ids([1])),
                    ("uniquename", text(["AppforOutlookModule"])),
                ],
            ),
        ),
        (
            "appmoduleroles",
            table(
                2,
                [("appmoduleid", ids([1, 1])), ("roleid", ids([ROLE, POOR_ROLE]))],
            ),
        ),
    ]
}

fn mailboxes(names: &[&str]) -> (&'static str, Table) {
    let owners: Vec<usize> = (0..names.len()).filter(|user| user % 10 != 7).collect();
    let each = |value: i32| integers(owners.iter().map(|_| Some(value)));
    let yes = || booleans(owners.iter().map(|_| true));
    let incoming = |user: &usize| match user % 10 {
        3 | 8 => Some(2),
        4 => None,
        _ => Some(1),
    };
    let columns = [
        ("mailboxid", ids(owners.iter().map(|user| 0x2000 + *user as u128))),
        ("name", text(owners.iter().map(|_| "-box"))),
        (
            "emailaddress",
            text(owners.iter().map(|user| names[names.len() - 1 - user])),
        ),
        ("statecode", each(0)),
        (
            "regardingobjectid",
            ids(owners.iter().map(|user| 0x1000 + *user as u128)),
        ),
        ("emailserverprofile", ids(owners.iter().map(|_| 1))),
        ("incomingemaildeliverymethod", each(2)),
        ("outgoingemaildeliverymethod", each(2)),
        ("actdeliverymethod", each(1)),
        ("incomingemailstatus", integers(owners.iter().map(incoming))),
        (
            "outgoingemailstatus",
            integers(owners.iter().map(|user| Some(if user % 10 == 5 { 2 } else { 1 }))),
        ),
        ("actstatus", each(1)),
        ("enabledforincomingemail", yes()),
        ("enabledforact", yes()),
        ("officeappsdeploymentstatus", each(1)),
        ("orgmarkedasprimaryforexchangesync", yes()),
        ("isforwardmailbox", booleans(owners.iter().map(|_| false))),
    ];
    ("mailbox", table(owners.len(), columns))
}

fn settings() -> [(&'static str, Table); 2] {
    let profile = [
        ("emailserverprofileid", ids([1])),
        ("servertype", integers([Some(3)])),
        ("incomingcredentialretrieval", integers([Some(2)])),
        ("usedefaulttenantid", booleans([true])),
    ];
    let organization = [
        ("organizationid", ids([0xff])),
        ("emailconnectionchannel", integers([Some(0)])),
        ("requireapprovalforuseremail", booleans([false])),
    ];
    [
        ("emailserverprofile", table(1, profile)),
        ("organization", table(1, organization)),
    ]
}

fn manifest(tables: &BTreeMap<String, Table>, rules: &RuleSet) -> Manifest {
    let info = |table: &Table| TableInfo {
        rows: table.rows as u64,
        pages: 1,
        complete: true,
        columns: table.columns.keys().cloned().collect(),
        sha256: String::new(),
        counted: None,
    };
    let proven = [
        "prvReadUser",
        "prvReadRole",
        "prvReadTeam",
        "prvReadMailbox",
        "prvReadBusinessUnit",
        "prvReadEmailServerProfile",
        "prvReadOrganization",
        "prvReadAppModule",
    ];
    Manifest {
        format: 1,
        environment: EnvironmentInfo {
            url: "https://contoso.crm4.dynamics.com".to_owned(),
            organization_id: Guid(0xff).to_string(),
            name: "+contoso <i>".to_owned(),
            build: Some("9.2.24091.195".to_owned()),
            deployment: Deployment::Online,
            deployment_from: DeploymentFrom::Host,
            region: Some("crm4".to_owned()),
        },
        collected: Collected {
            started: "2026-11-23T08:00:00Z".parse().unwrap(),
            finished: "2026-11-23T08:00:41Z".parse().unwrap(),
            by: Guid(0x1000).to_string(),
            tool: "clearance 0.1.0".to_owned(),
        },
        tables: tables
            .iter()
            .map(|(name, table)| (name.clone(), info(table)))
            .collect(),
        gaps: vec![Gap {
            table: "tracelog".to_owned(),
            column: None,
            reason: GapReason::Forbidden,
            detail: "</p><script>alert(2)</script>".to_owned(),
        }],
        wanted_privileges: rules.wanted_privileges(),
        selfcheck: SelfCheck {
            depths: proven.map(|name| (name.to_owned(), DepthName::Global)).into(),
        },
        verified: None,
    }
}

/// The shipped packs.
pub fn rules() -> RuleSet {
    clearance::rules::load(&clearance::rules::packs::embedded()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The assessment of these environments by these rules.
pub fn assessed<'a>(rules: &'a RuleSet, environments: &'a [Environment]) -> Assessment<'a> {
    let inputs = Inputs {
        rules,
        environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    assess(&inputs).unwrap()
}

/// Runs a test on users of these names, judged by these rules.
pub fn with_users(names: &[&str], rules: &RuleSet, test: impl FnOnce(&Assessment<'_>, &Report<'_>)) {
    let environments = [environment(names, rules)];
    let assessment = assessed(rules, &environments);
    test(&assessment, &Report::new(&assessment));
}

/// Runs a test on [`NAMES`].
pub fn with_assessment(test: impl FnOnce(&Assessment<'_>, &Report<'_>)) {
    with_users(&NAMES, &rules(), test);
}
