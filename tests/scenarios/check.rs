//! Whether the program says of a scenario what is true of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::desk::{Desk, list, table, text, valid};
use super::file::{Answer, Expect, Outcome, Scenario};
use super::privileges::rules;
use super::tenant::{self, People};

/// Runs a scenario, and says how the answer differs from the right one.
pub fn holds(scenario: &Scenario) -> Result<(), String> {
    let desk = Desk::new();
    let people = tenant::collect(scenario, &desk)?;
    let mut asked = given(scenario, &desk);
    asked.extend(["--user".to_owned(), people.user.clone()]);
    asked.extend(message(scenario));
    let explained = desk.run(
        ["explain", "--json"]
            .into_iter()
            .map(str::to_owned)
            .chain(asked.clone()),
    );
    if explained.code != 0 {
        return Err(format!(
            "explain ended with {}: {}",
            explained.code, explained.err
        ));
    }
    let explanation = valid("explanation-1.schema.json", &explained.out);
    let drawn = desk.run(std::iter::once("explain".to_owned()).chain(asked));
    let mut faults = Vec::new();
    verdict(&explanation, &scenario.expect, &mut faults);
    causes(&explanation, &scenario.expect, &mut faults);
    explained_message(&explanation, scenario, &mut faults);
    terminal(&drawn.out, scenario, &mut faults);
    csv(scenario, &desk, &people, &mut faults);
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n\n{}", faults.join("\n"), drawn.out))
}

/// The snapshots, and what else the scenario gives.
fn given(scenario: &Scenario, desk: &Desk) -> Vec<String> {
    let mut arguments = tenant::snapshots(scenario);
    let files = [
        ("attestations", "attestations.toml", &scenario.attestations),
        ("devices", "devices.csv", &scenario.devices),
    ];
    for (option, name, content) in files {
        if let Some(content) = content {
            desk.write(name, content);
            arguments.extend([format!("--{option}"), name.to_owned()]);
        }
    }
    arguments
}

/// The message as the person pastes it.
fn message(scenario: &Scenario) -> Vec<String> {
    let message = scenario.message.iter();
    message
        .flat_map(|message| ["--error".to_owned(), message.clone()])
        .collect()
}

fn verdict(explanation: &Value, expect: &Expect, faults: &mut Vec<String>) {
    for (what, expected) in [
        ("verdict", Some(expect.verdict.as_str())),
        ("would_be", expect.would_be.as_deref()),
    ] {
        let told = explanation[what].as_str();
        if told != expected {
            faults.push(format!("{what}: {told:?}, and it is {expected:?}"));
        }
    }
}

/// The true cause first, and nothing named but what the scenario names.
fn causes(explanation: &Value, expect: &Expect, faults: &mut Vec<String>) {
    let all = list(explanation, "causes");
    let cause = rules(&expect.cause);
    let first: BTreeSet<&str> = all
        .iter()
        .take(cause.len())
        .map(|one| text(one, "rule"))
        .collect();
    if first != cause {
        faults.push(format!("first: {first:?}, and the cause is {cause:?}"));
    }
    let seen_to_fail = expect.outcome == Outcome::Fail;
    for (outcome, listed, holds_cause) in [
        ("fail", &expect.with, seen_to_fail),
        ("unknown", &expect.unknown, !seen_to_fail),
    ] {
        let mut expected = rules(listed);
        expected.extend(cause.iter().filter(|_| holds_cause));
        let named = all.iter().filter(|one| one["outcome"] == outcome);
        let named: BTreeSet<&str> = named.map(|one| text(one, "rule")).collect();
        if named != expected {
            let (too_many, too_few) = (named.difference(&expected), expected.difference(&named));
            faults.push(format!(
                "{outcome}: named without need {:?}; not named {:?}",
                too_many.collect::<Vec<_>>(),
                too_few.collect::<Vec<_>>()
            ));
        }
    }
    for wrong in rules(&expect.not) {
        if all.iter().any(|one| text(one, "rule") == wrong) {
            faults.push(format!("named, and has nothing to do with it: {wrong}"));
        }
    }
}

/// Which causes explain the message; that none does is said.
fn explained_message(explanation: &Value, scenario: &Scenario, faults: &mut Vec<String>) {
    let (Some(message), Some(expected)) = (&scenario.message, &scenario.expect.explains) else {
        return;
    };
    let expected = rules(expected);
    let all = list(explanation, "causes").iter();
    let told: Vec<&Value> = all.filter(|one| one["explains_error"] == true).collect();
    let named: BTreeSet<&str> = told.iter().map(|one| text(one, "rule")).collect();
    if named != expected {
        faults.push(format!(
            "{message:?} is explained by {named:?}, and should be by {expected:?}"
        ));
    }
    let hidden = list(&explanation["message"], "cannot_be_seen");
    if scenario.answer == Answer::CannotBeSeen && expected.is_empty() && hidden.is_empty() {
        faults.push("nothing is named that cannot be seen and may explain it".to_owned());
    }
    // What is not seen may explain it or not.
    let fails = told.iter().any(|one| one["outcome"] == "fail");
    let unexplained = &explanation["unexplained"];
    if (expected.is_empty() && unexplained.is_null()) || (fails && !unexplained.is_null()) {
        faults.push(format!("unexplained: {unexplained}"));
    }
}

/// What is drawn says the same: the verdict, and the cause at the first place.
fn terminal(drawn: &str, scenario: &Scenario, faults: &mut Vec<String>) {
    let expect = &scenario.expect;
    let verdict = expect.verdict.to_uppercase();
    if !drawn.lines().any(|line| line.starts_with(&verdict)) {
        faults.push(format!("the terminal does not say {verdict}"));
    }
    let first = drawn.split_once("\n 1. ").map(|(_, rest)| {
        let end = rest.find("\n 2. ").unwrap_or(rest.len());
        &rest[..end]
    });
    let cause = rules(&expect.cause);
    match first {
        None if cause.is_empty() => {}
        None => faults.push("the terminal names no cause".to_owned()),
        Some(entry) if cause.is_empty() => faults.push(format!("the terminal names a cause: {entry}")),
        Some(entry) => {
            if !cause.iter().any(|rule| entry.contains(rule)) {
                faults.push(format!("the terminal names first: {entry}"));
            }
        }
    }
}

/// `audit` says of everybody what `explain` says; and the sound colleague is as he should be.
fn csv(scenario: &Scenario, desk: &Desk, people: &People, faults: &mut Vec<String>) {
    let mut arguments = vec!["audit".to_owned(), "--quiet".to_owned()];
    arguments.extend(given(scenario, desk));
    arguments.extend(["--csv".to_owned(), "-".to_owned()]);
    let ran = desk.run(arguments);
    if ran.code != 0 {
        faults.push(format!("audit ended with {}: {}", ran.code, ran.err));
        return;
    }
    let rows = table(&ran.out);
    for (who, id, expected) in [
        ("the user", &people.user, &scenario.expect.verdict),
        ("the colleague", &people.colleague, &scenario.expect.colleague),
    ] {
        let row = rows.iter().find(|row| row["user_id"] == *id);
        match row.map(|row| &row["verdict"]) {
            Some(told) if told == expected => {}
            told => faults.push(format!("in the CSV, {who} is {told:?}, not {expected}")),
        }
    }
}

/// Whether it is one of those where nothing is wrong, or cannot be seen.
pub fn has_no_cause(scenario: &Scenario) -> bool {
    scenario.answer != Answer::Cause
}
