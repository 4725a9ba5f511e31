//! A user judged from the rows that are theirs comes out as among all the others.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use clearance::evaluate::{Inputs, Reported, assess, needs};
use clearance::report::{ExplanationView, json};
use clearance::rules::{RuleSet, load, packs};
use clearance::snapshot::{Environment, Guid, Snapshot};
use dataverse_simulator::{Behaviour, Defect, Simulator, TenantOptions, generate};

#[allow(dead_code, reason = "a benchmark's generator has more than this needs")]
#[path = "bench/tenant.rs"]
mod tenant;

/// What is said about users, as JSON.
fn explained(environment: Environment, rules: &RuleSet, users: &[Guid]) -> Vec<String> {
    let environments = [environment];
    let inputs = Inputs {
        rules,
        environments: &environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T12:00:00Z".parse().expect("a moment"),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    let assessment = assess(&inputs).expect("an assessment");
    let of_one = |user: &Guid| {
        let [found] = assessment.find_users(&user.to_string())[..] else {
            panic!("{user} is not one user")
        };
        let view = ExplanationView::new(&assessment.explain(found, None));
        let mut text = Vec::new();
        json::explanation(&view, &mut text).expect("memory can be written");
        String::from_utf8(text).expect("JSON is UTF-8")
    };
    users.iter().map(of_one).collect()
}

/// Compares for every `step`-th user of a snapshot, the first and the last, and some more.
fn compare(snapshot: &Path, step: usize, more: &[Guid]) {
    let rules = load(&packs::embedded()).expect("the packs are right");
    let needs = needs(&rules);
    let snapshot = Snapshot::open(snapshot).expect("a snapshot");
    let whole = snapshot.load(&needs).expect("a whole environment");
    let all = whole
        .table("systemuser")
        .and_then(|users| users.ids("systemuserid"));
    let all = all.expect("users").to_vec();
    let mut users: Vec<Guid> = all.iter().step_by(step).copied().collect();
    users.extend(all.last().into_iter().chain(more));
    let expected = explained(whole, &rules, &users);
    for (user, expected) in users.iter().zip(expected) {
        let alone = snapshot.load_about(&needs, &[*user]).expect("one user's rows");
        assert_eq!(alone.table("systemuser").map(|users| users.rows), Some(1));
        assert_eq!(explained(alone, &rules, &[*user]), [expected]);
    }
    // Two who share a name are listed together.
    let two = [users[0], users[users.len() - 1]];
    let alone = snapshot.load_about(&needs, &two).expect("two users' rows");
    assert_eq!(alone.table("systemuser").map(|users| users.rows), Some(2));
}

#[test]
fn in_the_samples() {
    for (name, step) in [("contoso", 5), ("fabrikam", 2), ("northwind", 2)] {
        compare(Path::new(&format!("fixtures/{name}.snapshot")), step, &[]);
    }
}

#[test]
fn where_the_server_answered_and_mailboxes_are_found_the_long_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("contoso.snapshot");
    let tenant = generate(&TenantOptions {
        users: 200,
        seed: 2,
        ..TenantOptions::default()
    });
    let odd = [
        Defect::DefaultMailboxNull,
        Defect::MailboxOfQueue,
        Defect::NoMailbox,
    ];
    let odd = odd.map(|defect| tenant.users_with(defect));
    assert!(odd.iter().all(|users| !users.is_empty()), "{odd:?}");
    let odd: Vec<Guid> = odd.iter().flatten().map(|id| Guid(id.as_u128())).collect();
    let simulator = Simulator::start_blocking(tenant, Behaviour::default()).expect("the simulator starts");
    let status = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(["--quiet", "collect", &simulator.url(), "--deployment", "online"])
        .args(["--verify-access=20", "-o"])
        .arg(&target)
        .env("CLEARANCE_TOKEN", simulator.token())
        .status()
        .expect("the program starts");
    assert!(status.success());
    compare(&target, 20, &odd);
}

#[test]
fn in_a_snapshot_of_several_row_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("large.snapshot");
    // More than the 65,536 rows of one group, in every table that has rows for each user.
    tenant::write(&target, &tenant::Shape::of(70_000, 3)).expect("a snapshot");
    compare(&target, 10_000, &[]);
}
