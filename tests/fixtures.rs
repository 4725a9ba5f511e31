//! The sample environments in `fixtures/`: they show every verdict and every rule at work, and
//! nobody in them is real.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use clearance::snapshot::Snapshot;
use serde_json::Value;

const SAMPLES: [&str; 3] = ["contoso", "fabrikam", "northwind"];

/// Rules that cannot fail for anybody in contoso: a sound environment of today, online, audited
/// alone.
const NOT_IN_CONTOSO: [(&str, &str); 12] = [
    (
        "server-side-sync-processes-email",
        "would block everybody; fabrikam",
    ),
    (
        "environment-build-ships-app-role",
        "contoso is of today; northwind",
    ),
    ("app-role-exists", "would take the role from everybody; northwind"),
    ("app-module-exists", "would block everybody; northwind"),
    ("internet-facing-deployment", "contoso is online; fabrikam"),
    (
        "exchange-oauth-provider-registered",
        "contoso is online; fabrikam",
    ),
    ("exchange-web-services-retirement", "contoso is online; fabrikam"),
    ("mailbox-synchronizes-one-environment", "needs two environments"),
    ("app-added-from-one-environment", "needs two environments"),
    (
        "group-team-membership-unseen",
        "excludes that `user-has-a-role` fails; northwind",
    ),
    ("region-supported", "see NOWHERE"),
    ("access-model-disagrees", "see NOWHERE"),
];

/// Rules that fail for nobody in any sample.
const NOWHERE: [(&str, &str); 2] = [
    ("region-supported", "needs a host name of the DoD cloud"),
    (
        "access-model-disagrees",
        "needs the server's own answers, which are collected only on demand",
    ),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn snapshot(name: &str) -> PathBuf {
    fixtures().join(format!("{name}.snapshot"))
}

/// Runs the program on the day of the collection, so that attestations never run out.
fn clearance() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    command.env("SOURCE_DATE_EPOCH", "1795420800").arg("--quiet");
    command
}

fn audit(names: &[&str], options: &[&str]) -> Value {
    let output = clearance()
        .arg("audit")
        .args(names.iter().map(|name| snapshot(name)))
        .args(options)
        .args(["--json", "-"])
        .output()
        .expect("an audit");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Everything that can be asked of a sample: disabled people too, what has been attested, and the
/// devices.
fn whole_audit(names: &[&str]) -> Value {
    let [attestations, devices] = ["attestations.toml", "devices.csv"].map(|name| {
        let path = fixtures().join(name);
        path.into_os_string().into_string().expect("a path in Unicode")
    });
    let options = [
        "--include-disabled",
        "--attestations",
        &attestations,
        "--devices",
        &devices,
    ];
    audit(names, &options)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().expect("a list")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

/// Ids of the rules that fail for someone, by what is written about each user and environment,
/// not by the totals.
fn failing(assessment: &Value) -> BTreeSet<String> {
    let of_users = list(assessment, "users")
        .iter()
        .flat_map(|user| list(user, "findings"));
    list(assessment, "environment_findings")
        .iter()
        .chain(of_users)
        .filter(|finding| text(finding, "outcome") == "fail")
        .map(|finding| text(finding, "rule").to_owned())
        .collect()
}

fn all_rules() -> BTreeSet<String> {
    let output = clearance()
        .args(["rules", "list", "--json"])
        .output()
        .expect("the rules");
    let rules: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // A superseded rule is evaluated only on demand.
    let rules = rules.as_array().expect("a list").iter();
    rules
        .filter(|rule| rule["superseded"].is_null())
        .map(|rule| text(rule, "id").to_owned())
        .collect()
}

fn never_failing(failing: &BTreeSet<String>) -> Vec<String> {
    all_rules().difference(failing).cloned().collect()
}

fn names(list: &[(&str, &str)]) -> Vec<String> {
    let names: BTreeSet<String> = list.iter().map(|(id, _)| (*id).to_owned()).collect();
    names.into_iter().collect()
}

#[test]
fn contoso_shows_every_verdict() {
    // As in the README: no options.
    let assessment = audit(&["contoso"], &[]);
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for user in list(&assessment, "users") {
        *found.entry(text(user, "verdict")).or_default() += 1;
    }
    let summary = &assessment["summary"];
    let told: BTreeMap<&str, u64> = [
        ("ready", "ready"),
        ("limited", "limited"),
        ("blocked", "blocked"),
        ("unknown", "unknown"),
        ("out-of-scope", "out_of_scope"),
    ]
    .map(|(verdict, name)| (verdict, summary[name].as_u64().expect("a number")))
    .into();
    assert_eq!(found, told);
    assert!(found.values().all(|count| *count > 0), "{found:?}");
    assert!(found.values().sum::<u64>() >= 200, "{found:?}");
}

#[test]
fn every_rule_fails_for_someone() {
    let contoso = failing(&whole_audit(&["contoso"]));
    assert_eq!(never_failing(&contoso), names(&NOT_IN_CONTOSO), "in contoso");

    let mut anywhere = failing(&whole_audit(&["contoso", "fabrikam"]));
    anywhere.extend(failing(&whole_audit(&["northwind"])));
    assert_eq!(never_failing(&anywhere), names(&NOWHERE), "in all samples");
}

#[test]
fn the_attestations_hold_fail_and_expire() {
    let fabrikam = whole_audit(&["fabrikam"]);
    let outcomes: BTreeSet<(&str, &str)> = list(&fabrikam, "users")
        .iter()
        .flat_map(|user| list(user, "findings"))
        .chain(list(&fabrikam, "environment_findings"))
        .map(|finding| (text(finding, "rule"), text(finding, "outcome")))
        .collect();
    assert!(
        outcomes.contains(&("exchange-oauth-enabled", "unknown")),
        "expired"
    );
    assert!(
        outcomes.contains(&("exchange-oauth-provider-registered", "fail")),
        "does not hold"
    );
}

#[test]
fn the_samples_are_whole_and_small() {
    let mut bytes = 0;
    for name in SAMPLES {
        let folder = snapshot(name);
        let snapshot = Snapshot::open(&folder).expect("a snapshot");
        let manifest = snapshot.manifest();
        assert_eq!(manifest.environment.name, name);
        assert!(manifest.gaps.is_empty(), "{name}: {:?}", manifest.gaps);
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            bytes += entry.expect("an entry").metadata().expect("its size").len();
        }
    }
    assert!(bytes < 5_000_000, "{bytes} bytes");
}

/// Whether an address lies in the domain that is nobody's (RFC 2606), in whatever case.
fn is_invented(address: &str) -> bool {
    address.trim().to_lowercase().ends_with(".example")
}

#[test]
fn nobody_in_the_samples_is_real() {
    for name in SAMPLES {
        let assessment = audit(&[name], &[]);
        for user in list(&assessment, "users") {
            let email = user["email"].as_str().unwrap_or_default();
            assert!(email.is_empty() || is_invented(email), "{name}: {email}");
        }
        // And whatever else looks like an address, in any text of any table.
        let snapshot = Snapshot::open(&snapshot(name)).expect("a snapshot");
        let tables = &snapshot.manifest().tables;
        let needs = tables
            .iter()
            .map(|(table, info)| (table.clone(), info.columns.iter().cloned().collect()))
            .collect();
        let environment = snapshot.load(&needs).expect("all tables");
        for (table, info) in tables {
            let loaded = environment.table(table).expect("a table");
            for column in &info.columns {
                let texts = loaded.text(column).into_iter().flatten().flatten();
                for cell in texts.filter(|cell| cell.contains('@')) {
                    assert!(is_invented(cell), "{name}: {table}.{column}: {cell}");
                }
            }
        }
    }
}
