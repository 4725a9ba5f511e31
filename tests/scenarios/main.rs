//! The scenario book: the small tenants of `fixtures/scenarios`, each with one thing wrong, or nothing.
//!
//! A scenario says in a file what the person sees, how its tenant differs from a sound one, and which
//! cause is the true one; [`tenant`] makes the tenant, the program collects and explains it, and
//! [`check`] compares. What is expected follows from the vendor's pages that each file names, not from
//! what the program says. [`documented`] lists what the vendor documents, and where it is shown.

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

#[path = "../program/desk.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod desk;

mod check;
mod coverage;
mod documented;
mod edits;
mod faulty;
mod file;
mod privileges;
mod sound;
mod tenant;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// One test for each file, and those about the book as a whole.
fn main() -> ExitCode {
    let trial = |name: &str, run: fn()| Trial::test(name, passes(run));
    let mut trials = vec![
        trial(
            "book::covers_what_is_documented",
            coverage::covers_what_is_documented,
        ),
        trial("book::has_enough_scenarios", coverage::has_enough_scenarios),
        trial("book::rules_exist", coverage::rules_exist),
        trial("book::faulty_files_are_refused", faulty::are_refused),
    ];
    for path in file::all() {
        let name = file::name_of(&path);
        trials.push(Trial::test(name, move || {
            let scenario = file::read(&path)?;
            check::holds(&scenario).map_err(Into::into)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test that fails by panicking, as the harness wants it.
fn passes(run: fn()) -> impl FnOnce() -> Result<(), libtest_mimic::Failed> + Send + 'static {
    move || {
        run();
        Ok(())
    }
}
