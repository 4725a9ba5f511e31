//! The data beside the page says what the other outputs say.

use std::collections::BTreeMap;

use clearance::report::csv::Cells;
use clearance::report::{Report, csv, html, json};
use clearance::snapshot::Environment;
use serde_json::Value;

use crate::blocks::{Blocks, agrees};
use crate::support::{MARIA, NAMES, NO_ROLE, OUT_OF_SCOPE, assessed, environment, rules, withhold};
use crate::{rows, text};

/// The data of these environments' page, after it was held against JSON and CSV.
fn data(environments: &[Environment]) -> Blocks {
    let rules = rules();
    let assessment = assessed(&rules, environments);
    let report = Report::new(&assessment);
    let page = text(|out| html::write(&report, out));
    let json: Value = serde_json::from_str(&text(|out| json::assessment(&report, out))).unwrap();
    let mut rows = rows(&text(|out| csv::verdicts(&report, Cells::Raw, out))).into_iter();
    let columns = rows.next().unwrap();
    let rows: Vec<BTreeMap<String, String>> = rows
        .map(|row| columns.iter().cloned().zip(row).collect())
        .collect();
    agrees(&page, &json, &rows)
}

#[test]
fn hostile_names_are_data_as_they_are_in_the_json() {
    let blocks = data(&[environment(&NAMES, &rules())]);
    let names: Vec<&str> = blocks.index["users"]["name"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(names, NAMES);
    assert!(names[NO_ROLE].contains("<script>"), "text, as it was typed");
}

#[test]
fn roles_are_those_that_reach() {
    let blocks = data(&[environment(&NAMES, &rules())]);
    assert_eq!(blocks.roles(MARIA), ["<img src=x onerror=alert(1)>"]);
    assert_eq!(blocks.roles(NO_ROLE), [""; 0]);
    assert_eq!(blocks.roles(OUT_OF_SCOPE), ["Dynamics 365 App for Outlook User"]);
}

/// Maria's only role grants all but these: told by the way that is stopped, and by nothing else.
#[test]
fn missing_access_is_told_by_its_ways() {
    let rules = rules();
    let mut one = environment(&NAMES, &rules);
    withhold(&mut one, &rules, &["prvReadMailbox", "prvReadQueue"]);
    let blocks = data(&[one]);
    let told = blocks.told(MARIA);
    let mailbox = told.iter().find(|one| one.rules == ["prvReadMailbox"]).unwrap();
    let way = [
        "Role <img src=x onerror=alert(1)> ()",
        "Copy in <b>West</b> ()",
        "User  ()",
        "the role does not grant it",
    ];
    assert_eq!(mailbox.ways, [way]);
    assert!(mailbox.lines.is_empty());
}

#[test]
fn environments_are_told_apart() {
    let rules = rules();
    let mut two = [
        environment(&["Maria Silva"; 20], &rules),
        environment(&NAMES, &rules),
    ];
    two[1].manifest.environment.name = "fabrikam".to_owned();
    two[1].manifest.environment.organization_id = "00000000-0000-0000-0000-0000000000fe".to_owned();
    let blocks = data(&two);
    assert_eq!(blocks.list("environments").len(), 2);
    let units: Vec<_> = blocks
        .list("units")
        .iter()
        .map(|unit| &unit["environment"])
        .collect();
    assert_eq!(units, [0, 1]);
    // Users that fare alike share a case.
    let cases = blocks.index["users"]["case"].as_array().unwrap();
    assert_eq!(cases[MARIA], cases[MARIA + NAMES.len()]);
}

/// One user more than fills a block.
#[test]
fn the_next_block_begins_where_one_is_full() {
    let rules = rules();
    let environments = [environment(&["Maria Silva"; 10_001], &rules)];
    let assessment = assessed(&rules, &environments);
    let blocks = Blocks::of(&text(|out| html::write(&Report::new(&assessment), out)));
    assert_eq!(blocks.index["per_block"], 10_000);
    assert_eq!(blocks.details.len(), 2);
    // The first of every ten fares as Maria does: the first of the second block as the first of all.
    let rules_of =
        |user| -> Vec<Vec<String>> { blocks.told(user).into_iter().map(|one| one.rules).collect() };
    assert_eq!(rules_of(10_000), rules_of(MARIA));
    assert!(!rules_of(MARIA).is_empty());
}
