//! The rule language, the shipped packs and the commands about them.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

mod catalogue;
mod commands;
mod diff;
mod handbook;
mod hook;
mod loading;
mod meaning;
mod schema;
mod symptoms;

use clearance::rules::{RuleSet, load, packs};

fn shipped() -> RuleSet {
    load(&packs::embedded()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Runs the program in that folder: exit code, standard output, standard error.
fn program(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).expect("text"),
        String::from_utf8(output.stderr).expect("text"),
    )
}

const OWN: &str = r#"
[pack]
id = "own"
title = "Our own rules"
version = "1.0"
source = "https://example.com/handbook"

[[fact]]
name = "systemuser.mobilephone"
type = "text"

[[fact]]
name = "systemuser.caltype"
type = "option"
options = { professional = 0, administrative = 1 }

[[rule]]
id = "mobile-phone"
title = "The user has a mobile phone"
scope = "user"
severity = "advises"
when = { field = "systemuser.caltype", is_not = "administrative" }
check = { field = "systemuser.mobilephone", present = true }
remedy = "Enter the number."
"#;
