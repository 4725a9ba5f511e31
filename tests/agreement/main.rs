//! The program and the oracle agree about every user and every rule.
//!
//! Each case invents tenants, serves them over HTTP, has the real program collect and audit them,
//! and compares its verdict CSV and findings CSV with the oracle's reading of the same snapshots. The
//! differences are listed by rule and by user, and the files are kept where the message says.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test, its items are nobody's interface"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

#[path = "../oracle/mod.rs"]
mod oracle;

mod case;
mod devices;
mod edited;
mod large;
mod outcomes;
mod tenants;

use case::Case;
use outcomes::Seen;
use rayon::prelude::*;

/// Runs all cases, so that one message shows everything that is wrong.
fn all_agree(cases: Vec<Case>) -> Seen {
    let results: Vec<(Seen, Option<String>)> = cases
        .into_par_iter()
        .map(|case| {
            let mut seen = Seen::new();
            let disagreement = case.disagreement(&mut seen);
            (seen, disagreement)
        })
        .collect();
    let disagreements: Vec<&str> = results.iter().filter_map(|(_, text)| text.as_deref()).collect();
    assert!(disagreements.is_empty(), "\n{}", disagreements.join("\n"));
    let mut all = Seen::new();
    for (rule, outcomes) in results.into_iter().flat_map(|(seen, _)| seen) {
        all.entry(rule).or_default().extend(outcomes);
    }
    all
}

/// Agreement about a rule that never fails, say, would show little: every rule of the packs must have
/// been seen in every outcome that it can have.
#[test]
fn program_and_oracle_agree() {
    let groups = [
        tenants::generated(),
        tenants::shaken_ones(),
        tenants::a_caller_who_may_read_little(),
        tenants::forbidden_and_missing_tables(),
        tenants::missing_columns(),
        tenants::on_premises_and_attestations(),
        tenants::reads_that_nobody_can_be_granted(),
        tenants::several_environments(),
        devices::cases(),
        edited::regions(),
        edited::answers_of_the_server(),
    ];
    let seen = all_agree(groups.into_iter().flatten().collect());
    let holes = outcomes::holes(&case::rules_of_the_program(), &seen);
    assert!(holes.is_empty(), "\n{}", holes.join("\n"));
}

/// The simulator counts team roles at their real depth, whatever the inheritance, so that model and server
/// disagree about some users here.
#[test]
fn access_verified_with_the_server() {
    all_agree(tenants::verified());
}
