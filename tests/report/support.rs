//! A small environment made by hand, with names that mean harm.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray};
use clearance::evaluate::{Assessment, Inputs, Reported, assess};
use clearance::rules::RuleSet;
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, Gap, GapReason, Manifest, SelfCheck,
    TableInfo,
};
use clearance::snapshot::{Column, Environment, Guid, Table};

/// Names as somebody could have typed them. The last user is out of scope.
pub const NAMES: [&str; 10] = [
    "Maria Silva",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u{202e}gnp.exe",
    "{{ 7 * 7 }}{% endif %}",
    "</style></title><style>*{display:none}</style>",
    "\" onmouseover=\"alert(1)",
    "Anna\r\nLee,\tOne",
    "\u{1b}[31mred\u{7}",
    "The application",
];

fn ids(values: impl IntoIterator<Item = u128>) -> Column {
    Column::Id(values.into_iter().map(Guid).collect())
}

fn text<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Column {
    Column::Text(values.into_iter().collect::<StringArray>())
}

fn integers(values: impl IntoIterator<Item = Option<i32>>) -> Column {
    Column::Integer(values.into_iter().collect::<Int32Array>())
}

fn booleans(values: impl IntoIterator<Item = Option<bool>>) -> Column {
    Column::Boolean(values.into_iter().collect::<BooleanArray>())
}

fn table(rows: usize, columns: Vec<(&str, Column)>) -> Table {
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name.to_owned(), column));
    Table {
        rows,
        columns: columns.collect(),
    }
}

/// An environment of these users: nobody has a role, every second one a mailbox whose test failed.
pub fn environment(names: &[&str], rules: &RuleSet) -> Environment {
    let users = names.len();
    let each = || 0..users as u128;
    let mailboxes = users / 2;
    let tables = [
        (
            "systemuser",
            table(
                users,
                vec![
                    ("systemuserid", ids(each().map(|user| 0x100 + user))),
                    ("fullname", text(names.iter().map(|name| Some(*name)))),
                    ("domainname", text(names.iter().map(|name| Some(*name)))),
                    (
                        "internalemailaddress",
                        text(names.iter().rev().map(|name| Some(*name))),
                    ),
                    ("isdisabled", booleans(each().map(|_| Some(false)))),
                    ("accessmode", integers(each().map(|_| Some(0)))),
                    ("islicensed", booleans(each().map(|_| Some(true)))),
                    (
                        "applicationid",
                        ids(each().map(|user| if user + 1 == users as u128 { 7 } else { 0 })),
                    ),
                    ("businessunitid", ids(each().map(|_| 1))),
                    (
                        "defaultmailbox",
                        ids(each().map(|user| if user % 2 == 1 { 0x200 + user } else { 0 })),
                    ),
                    ("isintegrationuser", booleans(each().map(|_| Some(false)))),
                ],
            ),
        ),
        (
            "businessunit",
            table(
                1,
                vec![
                    ("businessunitid", ids([1])),
                    ("name", text([Some("<b>West</b>")])),
                ],
            ),
        ),
        (
            "mailbox",
            table(
                mailboxes,
                vec![
                    (
                        "mailboxid",
                        ids((0..mailboxes as u128).map(|box_| 0x201 + 2 * box_)),
                    ),
                    ("name", text((0..mailboxes).map(|_| Some("-box")))),
                    (
                        "emailaddress",
                        text((0..mailboxes).map(|_| Some("box@contoso.example"))),
                    ),
                    ("statecode", integers((0..mailboxes).map(|_| Some(0)))),
                    (
                        "regardingobjectid",
                        ids((0..mailboxes as u128).map(|box_| 0x101 + 2 * box_)),
                    ),
                    ("emailserverprofile", ids((0..mailboxes).map(|_| 0))),
                    (
                        "incomingemaildeliverymethod",
                        integers((0..mailboxes).map(|_| Some(2))),
                    ),
                    ("incomingemailstatus", integers((0..mailboxes).map(|_| Some(2)))),
                ],
            ),
        ),
        ("role", table(0, vec![("roleid", ids([]))])),
        (
            "team",
            table(0, vec![("teamid", ids([])), ("teamtype", integers([]))]),
        ),
        (
            "privilege",
            table(0, vec![("privilegeid", ids([])), ("name", text([]))]),
        ),
        (
            "roleprivileges",
            table(0, vec![("roleid", ids([])), ("privilegeid", ids([]))]),
        ),
        (
            "systemuserroles",
            table(0, vec![("systemuserid", ids([])), ("roleid", ids([]))]),
        ),
        (
            "teammembership",
            table(0, vec![("systemuserid", ids([])), ("teamid", ids([]))]),
        ),
        (
            "teamroles",
            table(0, vec![("teamid", ids([])), ("roleid", ids([]))]),
        ),
    ];
    let info = |table: &Table| TableInfo {
        rows: table.rows as u64,
        pages: 1,
        complete: true,
        columns: table.columns.keys().cloned().collect(),
        sha256: String::new(),
    };
    let tables: BTreeMap<String, Table> = tables
        .into_iter()
        .map(|(name, table)| (name.to_owned(), table))
        .collect();
    let proven = [
        "prvReadUser",
        "prvReadRole",
        "prvReadTeam",
        "prvReadMailbox",
        "prvReadBusinessUnit",
    ];
    Environment {
        manifest: Manifest {
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
                by: Guid(0x100).to_string(),
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
                depths: proven
                    .into_iter()
                    .map(|name| (name.to_owned(), DepthName::Global))
                    .collect(),
            },
            verified: None,
        },
        tables,
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
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    assess(&inputs).unwrap()
}
