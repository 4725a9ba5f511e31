//! Invented environments: two business units, four roles, two teams, a dozen people and all that can be
//! wrong with them. The same seed gives the same.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray};
use clearance::rules::RuleSet;
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, Manifest, SELF_CHECKED, SelfCheck,
    TableInfo,
};
use clearance::snapshot::{Column, Environment, Guid, Table};

/// What is wrong with people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    All,
    Access,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }
}

/// Ids of one table, in order.
fn ids(table: u128, rows: usize) -> Vec<Guid> {
    (0..rows as u128)
        .map(|row| Guid(table << 64 | (row + 1)))
        .collect()
}

fn text(values: impl IntoIterator<Item = Option<String>>) -> Column {
    Column::Text(values.into_iter().collect::<StringArray>())
}

fn numbers(values: impl IntoIterator<Item = Option<i32>>) -> Column {
    Column::Integer(values.into_iter().collect::<Int32Array>())
}

fn flags(values: impl IntoIterator<Item = Option<bool>>) -> Column {
    Column::Boolean(values.into_iter().collect::<BooleanArray>())
}

const ROLES: [&str; 4] = [
    "Dynamics 365 App for Outlook User",
    "Sales",
    "Service",
    "Marketing",
];

pub fn world(seed: u64, rules: &RuleSet, faults: Faults) -> Environment {
    let mut random = Random(seed);
    let wanted = rules.wanted_privileges();
    let people = 8 + random.below(6);
    let (units, users, mailboxes, teams) = (ids(1, 2), ids(2, people), ids(3, people), ids(4, 2));
    let (privileges, profiles) = (ids(5, wanted.len()), ids(6, 3));
    let copies = ids(7, 2 * ROLES.len());
    let app = ids(8, 1);
    // The root copies come first.
    let copy = |role: usize, unit: usize| copies[unit * ROLES.len() + role];
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut put = |name: &str, rows: usize, columns: Vec<(&str, Column)>| {
        let columns = columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column));
        let table = Table {
            rows,
            columns: columns.collect(),
        };
        tables.insert(name.to_owned(), table);
    };
    put(
        "businessunit",
        2,
        vec![
            ("businessunitid", Column::Id(units.clone())),
            ("name", text(["Root", "West"].map(|name| Some(name.to_owned())))),
        ],
    );
    let inherited: Vec<Option<i32>> = (0..ROLES.len())
        .map(|_| [Some(0), Some(1), None][random.below(3)])
        .collect();
    let each = || (0..2).flat_map(|unit| (0..ROLES.len()).map(move |role| (unit, role)));
    put(
        "role",
        copies.len(),
        vec![
            ("roleid", Column::Id(copies.clone())),
            ("name", text(each().map(|(_, role)| Some(ROLES[role].to_owned())))),
            (
                "businessunitid",
                Column::Id(each().map(|(unit, _)| units[unit]).collect()),
            ),
            (
                "parentrootroleid",
                Column::Id(each().map(|(_, role)| copy(role, 0)).collect()),
            ),
            ("roletemplateid", Column::Id(vec![Guid::NULL; copies.len()])),
            ("isinherited", numbers(each().map(|(_, role)| inherited[role]))),
        ],
    );
    let all = || flags(wanted.iter().map(|_| Some(true)));
    put(
        "privilege",
        wanted.len(),
        vec![
            ("privilegeid", Column::Id(privileges.clone())),
            ("name", text(wanted.iter().cloned().map(Some))),
            ("canbebasic", all()),
            ("canbelocal", all()),
            ("canbedeep", all()),
            ("canbeglobal", all()),
        ],
    );
    let mut grants = Vec::new();
    for role in 0..ROLES.len() {
        // Lacks nothing, a few privileges, or many.
        let lacks = [0, 12, 3][random.below(3)];
        for privilege in &privileges {
            if lacks == 0 || !random.one_in(lacks) {
                grants.push((copy(role, 0), *privilege, if random.one_in(30) { 1 } else { 8 }));
            }
        }
    }
    put(
        "roleprivileges",
        grants.len(),
        vec![
            ("roleid", Column::Id(grants.iter().map(|grant| grant.0).collect())),
            (
                "privilegeid",
                Column::Id(grants.iter().map(|grant| grant.1).collect()),
            ),
            (
                "privilegedepthmask",
                numbers(grants.iter().map(|grant| Some(grant.2))),
            ),
        ],
    );
    put(
        "team",
        2,
        vec![
            ("teamid", Column::Id(teams.clone())),
            ("name", text(["Field", "Desk"].map(|name| Some(name.to_owned())))),
            (
                "teamtype",
                numbers([Some(0), Some(if random.one_in(4) { 2 } else { 0 })]),
            ),
            ("businessunitid", Column::Id(units.clone())),
        ],
    );
    let of_teams = [random.below(ROLES.len()), random.below(ROLES.len())];
    let pairs = |left: &'static str, right: &'static str, mut edges: Vec<(Guid, Guid)>| {
        edges.sort();
        edges.dedup();
        let column = |which: fn(&(Guid, Guid)) -> Guid| Column::Id(edges.iter().map(which).collect());
        (
            edges.len(),
            vec![(left, column(|edge| edge.0)), (right, column(|edge| edge.1))],
        )
    };
    let edges = (0..2)
        .map(|team| (teams[team], copy(of_teams[team], team)))
        .collect();
    let (rows, columns) = pairs("teamid", "roleid", edges);
    put("teamroles", rows, columns);
    let (mut held, mut members) = (Vec::new(), Vec::new());
    for (user, id) in users.iter().enumerate() {
        for _ in 0..random.below(3) {
            held.push((*id, copy(random.below(ROLES.len()), user % 2)));
        }
        if random.one_in(2) {
            members.push((*id, teams[random.below(2)]));
        }
    }
    let (rows, columns) = pairs("systemuserid", "roleid", held);
    put("systemuserroles", rows, columns);
    let (rows, columns) = pairs("systemuserid", "teamid", members);
    put("teammembership", rows, columns);
    put(
        "appmodule",
        1,
        vec![
            ("appmoduleid", Column::Id(app.clone())),
            ("uniquename", text([Some("AppforOutlookModule".to_owned())])),
        ],
    );
    let bound = (0..ROLES.len())
        .filter(|_| !random.one_in(3))
        .map(|role| (app[0], copy(role, 0)))
        .collect();
    let (rows, columns) = pairs("appmoduleid", "roleid", bound);
    put("appmoduleroles", rows, columns);
    put(
        "emailserverprofile",
        3,
        vec![
            ("emailserverprofileid", Column::Id(profiles.clone())),
            (
                "name",
                text(["Online", "POP", "Elsewhere"].map(|name| Some(name.to_owned()))),
            ),
            ("servertype", numbers([Some(3), Some(1), Some(3)])),
            (
                "incomingcredentialretrieval",
                numbers([Some(2), Some(1), Some(1)]),
            ),
            ("usedefaulttenantid", flags([Some(true), None, Some(false)])),
        ],
    );
    put(
        "organization",
        1,
        vec![
            ("organizationid", Column::Id(ids(9, 1))),
            (
                "emailconnectionchannel",
                numbers([Some(i32::from(faults == Faults::All && random.one_in(6)))]),
            ),
            ("requireapprovalforuseremail", flags([Some(random.one_in(2))])),
            ("defaultemailserverprofileid", Column::Id(vec![profiles[0]])),
        ],
    );
    // Three kinds of faults at most for each person, from 0 to 21; what has no number is none.
    let faulty: Vec<[usize; 2]> = (0..people)
        .map(|_| match faults {
            Faults::Access => [99, 99],
            Faults::All => [random.below(44), random.below(44)],
        })
        .collect();
    let has = |user: usize, fault: usize| faulty[user].contains(&fault);
    let email = |user: usize| format!("user{user}@contoso.example");
    put(
        "systemuser",
        people,
        vec![
            ("systemuserid", Column::Id(users.clone())),
            (
                "fullname",
                text((0..people).map(|user| Some(format!("User {user}")))),
            ),
            ("domainname", text((0..people).map(|user| Some(email(user))))),
            (
                "internalemailaddress",
                text((0..people).map(|user| (!has(user, 0)).then(|| email(user)))),
            ),
            ("isdisabled", flags((0..people).map(|user| Some(has(user, 1))))),
            (
                "accessmode",
                numbers((0..people).map(|user| Some(if has(user, 2) { 1 } else { 0 }))),
            ),
            ("islicensed", flags((0..people).map(|_| Some(true)))),
            ("applicationid", Column::Id(vec![Guid::NULL; people])),
            (
                "businessunitid",
                Column::Id((0..people).map(|user| units[user % 2]).collect()),
            ),
            (
                "defaultmailbox",
                Column::Id(
                    (0..people)
                        .map(|user| if has(user, 3) { Guid::NULL } else { mailboxes[user] })
                        .collect(),
                ),
            ),
            ("isintegrationuser", flags((0..people).map(|_| Some(false)))),
        ],
    );
    let option = |sound: i32, wrong: &[(usize, Option<i32>)]| {
        let value = |user: usize| {
            let found = wrong.iter().find(|(fault, _)| has(user, *fault));
            found.map_or(Some(sound), |(_, value)| *value)
        };
        numbers((0..people).map(value))
    };
    let flag = |sound: bool, wrong: &[usize]| {
        flags((0..people).map(|user| Some(sound != wrong.iter().any(|fault| has(user, *fault)))))
    };
    let profile = |user: usize| match user {
        _ if has(user, 4) => Guid::NULL,
        _ if has(user, 5) => profiles[1],
        _ if has(user, 6) => profiles[2],
        _ => profiles[0],
    };
    put(
        "mailbox",
        people,
        vec![
            ("mailboxid", Column::Id(mailboxes.clone())),
            ("emailaddress", text((0..people).map(|user| Some(email(user))))),
            ("statecode", option(0, &[(7, Some(1))])),
            (
                "regardingobjectid",
                Column::Id(
                    (0..people)
                        .map(|user| if has(user, 8) { Guid::NULL } else { users[user] })
                        .collect(),
                ),
            ),
            (
                "emailserverprofile",
                Column::Id((0..people).map(profile).collect()),
            ),
            (
                "emailrouteraccessapproval",
                option(1, &[(9, Some(2)), (10, None)]),
            ),
            ("isemailaddressapprovedbyo365admin", flag(true, &[4, 11])),
            (
                "incomingemaildeliverymethod",
                option(2, &[(12, Some(0)), (13, Some(1))]),
            ),
            ("outgoingemaildeliverymethod", option(2, &[(14, Some(0))])),
            ("actdeliverymethod", option(1, &[(12, Some(2)), (15, Some(0))])),
            (
                "incomingemailstatus",
                option(1, &[(12, Some(0)), (16, Some(2)), (17, None)]),
            ),
            ("outgoingemailstatus", option(1, &[(14, Some(0)), (18, Some(2))])),
            ("actstatus", option(1, &[(15, Some(0)), (18, Some(2))])),
            ("enabledforincomingemail", flag(true, &[12, 16, 19])),
            ("enabledforoutgoingemail", flag(true, &[18])),
            ("enabledforact", flag(true, &[15, 18])),
            (
                "officeappsdeploymentstatus",
                option(1, &[(20, Some(2)), (21, Some(0))]),
            ),
            ("orgmarkedasprimaryforexchangesync", flag(true, &[])),
            ("isforwardmailbox", flag(false, &[22])),
        ],
    );
    if faults == Faults::All && seed.is_multiple_of(3) {
        // The server was asked about some, and does not always say what the roles let one expect.
        let mut answers: Vec<(Guid, Option<&String>)> = Vec::new();
        for user in &users {
            if random.one_in(2) {
                continue;
            }
            let lacks = [0, 1, 20][random.below(3)];
            let holds = wanted
                .iter()
                .filter(|_| lacks != 1 && (lacks == 0 || !random.one_in(lacks)));
            let before = answers.len();
            answers.extend(holds.map(|name| (*user, Some(name))));
            if answers.len() == before {
                answers.push((*user, None));
            }
        }
        put(
            "access",
            answers.len(),
            vec![
                (
                    "systemuserid",
                    Column::Id(answers.iter().map(|answer| answer.0).collect()),
                ),
                ("privilege", text(answers.iter().map(|answer| answer.1.cloned()))),
                (
                    "depth",
                    text(answers.iter().map(|answer| answer.1.map(|_| "global".to_owned()))),
                ),
            ],
        );
    }
    let manifest = manifest(seed, wanted, &tables);
    Environment { manifest, tables }
}

fn manifest(seed: u64, wanted_privileges: Vec<String>, tables: &BTreeMap<String, Table>) -> Manifest {
    let info = |table: &Table| TableInfo {
        rows: table.rows as u64,
        pages: 1,
        complete: true,
        columns: table.columns.keys().cloned().collect(),
        sha256: String::new(),
        counted: None,
    };
    let depths = SELF_CHECKED
        .iter()
        .map(|name| ((*name).to_owned(), DepthName::Global));
    Manifest {
        format: 1,
        environment: EnvironmentInfo {
            url: "https://contoso.crm4.dynamics.com".to_owned(),
            organization_id: format!("00000000-0000-0000-0000-{seed:012}"),
            name: format!("world-{seed}"),
            build: Some("9.2.24091.195".to_owned()),
            deployment: Deployment::Online,
            deployment_from: DeploymentFrom::Host,
            region: Some("crm4".to_owned()),
        },
        collected: Collected {
            started: "2026-11-23T08:00:00Z".parse().unwrap(),
            finished: "2026-11-23T08:00:41Z".parse().unwrap(),
            by: "00000000-0000-0002-0000-000000000001".to_owned(),
            tool: "clearance 0.1.0".to_owned(),
        },
        tables: tables
            .iter()
            .map(|(name, table)| (name.clone(), info(table)))
            .collect(),
        gaps: Vec::new(),
        wanted_privileges,
        selfcheck: SelfCheck {
            depths: depths.collect(),
        },
        verified: None,
    }
}
