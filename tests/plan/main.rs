//! Plans keep what they promise, are as short as can be, and can be worked off.
//!
//! What a plan promises is held against `what_if` and the evaluator, on the sample environments and on
//! invented ones; how few its actions are, against trying everything.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test, its items are nobody's interface"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod fewest;
mod program;
mod promise;
mod world;

use std::path::Path;

use clearance::evaluate::{Assessment, Inputs, Reported, Verdict, assess, needs};
use clearance::plan::{Options, Plan, plan};
use clearance::rules::{RuleSet, load, packs};
use clearance::snapshot::Environment;
use clearance::snapshot::read::Snapshot;
use clearance::what_if::{self, Change};

/// Greedy at once.
pub const GREEDY: Options = Options {
    most_nodes: 0,
    most_cases: 1_000,
};
/// As in an environment where hardly two people hold the same roles.
pub const VARIED: Options = Options {
    most_nodes: 1_000,
    most_cases: 0,
};

pub fn rules() -> RuleSet {
    load(&packs::embedded()).expect("the shipped rules are sound")
}

/// One of the sample environments.
pub fn sample(name: &str, rules: &RuleSet) -> Environment {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let snapshot = Snapshot::open(&folder).expect("a sound snapshot");
    snapshot.load(&needs(rules)).expect("a sound snapshot")
}

pub fn inputs<'a>(rules: &'a RuleSet, environment: &'a Environment) -> Inputs<'a> {
    Inputs {
        rules,
        environments: std::slice::from_ref(environment),
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T08:00:00Z".parse().expect("a moment"),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    }
}

/// The ready users, and the plan.
pub fn planned(
    rules: &RuleSet,
    environment: &Environment,
    options: Options,
) -> (Vec<bool>, Plan, Vec<Vec<Change>>) {
    let inputs = inputs(rules, environment);
    let assessment = assess(&inputs).expect("one environment");
    let plan = plan(&inputs, &assessment, options).expect("a plan");
    let assessed = &assessment.environments[0];
    let changes = plan
        .actions
        .iter()
        .map(|action| action.changes(assessed))
        .collect();
    (ready_users(&assessment), plan, changes)
}

/// Who is ready after changes.
pub fn ready_after(rules: &RuleSet, environment: &Environment, changes: &[Change]) -> Vec<bool> {
    let after = what_if::apply(environment, changes).unwrap_or_else(|error| panic!("{error}"));
    let inputs = inputs(rules, &after);
    ready_users(&assess(&inputs).expect("one environment"))
}

fn ready_users(assessment: &Assessment<'_>) -> Vec<bool> {
    let assessed = &assessment.environments[0];
    (0..assessed.users())
        .map(|user| assessed.verdict(user) == Verdict::Ready)
        .collect()
}

pub fn count(ready: &[bool]) -> usize {
    ready.iter().filter(|ready| **ready).count()
}
