//! One user, explained: complete as JSON, told as one on the terminal what is one.

use clearance::report::{ExplanationView, explain, json};
use clearance::rules::{Rule, RuleSet, Severity};
use clearance::snapshot::Environment;
use serde_json::Value;

use crate::support::{
    MARIA, MISSING, NAMES, NO_ROLE, OUT_OF_SCOPE, add_group_team, assessed, environment, rules, withhold,
};
use crate::{text, validate};

/// What is told of a user on a terminal, and as JSON.
fn explained(rules: &RuleSet, environment: Environment, user: usize) -> (String, Value) {
    let environments = [environment];
    let assessment = assessed(rules, &environments);
    let view = ExplanationView::new(&assessment.explain((0, user), None));
    let document = validate(
        json::EXPLANATION_SCHEMA,
        &text(|out| json::explanation(&view, out)),
    );
    (text(|out| explain::terminal(&view, 100, out)), document)
}

/// The titles of the numbered entries.
fn titles(drawn: &str) -> Vec<&str> {
    let numbered = |line: &&str| {
        line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line[2..].starts_with(". ")
    };
    drawn
        .lines()
        .filter(|line| line.len() > 4)
        .filter(numbered)
        .map(|line| &line[4..])
        .collect()
}

fn ids(document: &Value) -> Vec<&str> {
    let causes = document["causes"].as_array().unwrap();
    causes
        .iter()
        .map(|cause| cause["rule"].as_str().unwrap())
        .collect()
}

/// The privileges that the environment has and someone without any lacks.
fn privileges(rules: &RuleSet, severity: Severity) -> Vec<&str> {
    let lacked = |rule: &&Rule| rule.privilege.is_some() && rule.severity == severity && rule.id != MISSING;
    rules
        .rules
        .iter()
        .filter(lacked)
        .map(|rule| rule.id.as_str())
        .collect()
}

#[test]
fn names_stay_names_and_the_schema_is_kept() {
    let rules = rules();
    for (user, name) in NAMES.iter().enumerate() {
        let (drawn, document) = explained(&rules, environment(&NAMES, &rules), user);
        assert_eq!(document["user"]["name"], *name);
        assert!(
            !drawn.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r', '\t']),
            "{drawn}"
        );
    }
    let (drawn, document) = explained(&rules, environment(&NAMES, &rules), OUT_OF_SCOPE);
    assert_eq!(document["verdict"], "out-of-scope");
    assert!(document["reason"].is_string());
    assert_eq!(document["would_be"], "ready");
    assert!(
        drawn.contains("\nOtherwise the verdict would be READY.\n"),
        "{drawn}"
    );
}

#[test]
fn many_privileges_missing_for_the_same_reason_are_one_entry() {
    let rules = rules();
    let (drawn, document) = explained(&rules, environment(&NAMES, &rules), MARIA);
    let (blocking, limiting) = (
        privileges(&rules, Severity::Blocks),
        privileges(&rules, Severity::Limits),
    );
    let told = titles(&drawn);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("Privilege prvUseOfficeApps "), "{told:?}");
    assert_eq!(
        told[1],
        format!(
            "{} privileges are missing for the same reason",
            blocking.len() - 1
        )
    );
    assert_eq!(
        told[2],
        format!("{} privileges are missing for the same reason", limiting.len())
    );
    for line in [
        "    [blocks] Required: the app cannot be counted on without it.\n",
        "    [blocks] Required: the app cannot be counted on without them.\n",
        "    [limits] The app works, with less.\n",
        "    Because     None of the user's roles grants the privilege.\n",
    ] {
        assert!(drawn.contains(line), "{line}\n{drawn}");
    }
    let words: Vec<&str> = drawn.split([' ', ',', '\n']).collect();
    for id in blocking.iter().chain(&limiting) {
        assert!(words.contains(id), "{id} is named");
        assert!(
            ids(&document).contains(id),
            "{id} has an entry of its own in the JSON"
        );
    }
    assert_eq!(ids(&document).len(), blocking.len() + limiting.len());
}

#[test]
fn three_are_told_one_by_one_and_the_right_to_open_the_app_always() {
    let rules = rules();
    let four = [
        "prvReadContact",
        "prvReadMailbox",
        "prvReadQueue",
        "prvWriteMailbox",
    ];
    let open_and_three = [
        "prvReadContact",
        "prvReadMailbox",
        "prvReadQueue",
        "prvUseOfficeApps",
    ];
    for (lacking, entries) in [(&four[..3], 3), (&four[..], 1), (&open_and_three[..], 4)] {
        let mut environment = environment(&NAMES, &rules);
        withhold(&mut environment, &rules, lacking);
        let (drawn, document) = explained(&rules, environment, MARIA);
        assert_eq!(titles(&drawn).len(), entries, "{drawn}");
        assert_eq!(ids(&document).len(), lacking.len());
    }
}

#[test]
fn what_follows_from_having_no_role_is_one_line() {
    let rules = rules();
    let number = privileges(&rules, Severity::Blocks).len() + privileges(&rules, Severity::Limits).len();
    let (drawn, document) = explained(&rules, environment(&NAMES, &rules), NO_ROLE);
    assert_eq!(
        titles(&drawn),
        ["The user has no security role, directly or through a team"]
    );
    let line = format!("    Follows from it: {number} privileges (prvUseOfficeApps, ");
    assert!(drawn.contains(&line), "{line}\n{drawn}");
    assert_eq!(ids(&document).len(), 1 + number);

    // The role may come by a team whose members are not known yet: then all of it is unknown.
    let mut unseen = environment(&NAMES, &rules);
    add_group_team(&mut unseen);
    let (drawn, document) = explained(&rules, unseen, NO_ROLE);
    let told = titles(&drawn);
    assert_eq!((told.len(), told[0]), (2, "The user has a security role?"));
    assert!(
        told[1].starts_with("No role of the user was seen, but a group team of Microsoft Entra carries one"),
        "{told:?}"
    );
    let line = format!("    Follows from it: {number} privileges and the app's sharing (prvUseOfficeApps,");
    assert!(drawn.contains(&line), "{line}\n{drawn}");
    assert_eq!(ids(&document).len(), 1 + number + 1 + 1);
}

#[test]
fn nothing_stands_in_the_way_of_someone_ready() {
    let rules = rules();
    let (drawn, document) = explained(&rules, environment(&NAMES, &rules), 2);
    assert!(drawn.contains("\nREADY: the app will work.\n"), "{drawn}");
    // Ready, and still told what was not seen.
    assert!(drawn.contains("\nNot seen in this environment\n  ! "), "{drawn}");
    assert!(drawn.contains("\nNothing stands in the way.\n"), "{drawn}");
    assert!(ids(&document).is_empty());
}
