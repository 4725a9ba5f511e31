//! The data that the page's script draws is that of the other outputs.

use serde_json::Value;

use super::blocks::{Blocks, agrees};
use super::desk::{Desk, Row, list, table, text, valid};
use super::offices::CROWD;
use super::several::company;

/// Page, JSON and raw verdict CSV of one audit.
fn audit(desk: &Desk, more: &[&str]) -> (String, Value, Vec<Row>) {
    let mut arguments = vec!["audit", "contoso.snapshot", "--raw-csv", "--quiet"];
    arguments.extend([
        "--csv",
        "verdicts.csv",
        "--json",
        "audit.json",
        "--html",
        "report.html",
    ]);
    arguments.extend(more);
    desk.good(arguments);
    (
        desk.read("report.html"),
        valid("assessment-1.schema.json", &desk.read("audit.json")),
        table(&desk.read("verdicts.csv")),
    )
}

/// How often a rule has an outcome over the cases of all users, as the script counts.
fn counted(blocks: &Blocks, rule: &str, outcome: &str) -> u64 {
    let position = |list: &str, wanted: &str| {
        let is_it = |one: &Value| *one == wanted || one["id"] == wanted;
        blocks.list(list).iter().position(is_it).unwrap()
    };
    let wanted = [position("rules", rule), position("outcomes", outcome)];
    let cases = blocks.index["users"]["case"].as_array().unwrap();
    let has_it = |case: &&Value| {
        let case = &blocks.list("cases")[case.as_u64().unwrap() as usize];
        let wanted = serde_json::json!(wanted);
        case.as_array().unwrap().contains(&wanted)
    };
    cases.iter().filter(has_it).count() as u64
}

#[test]
fn everyone_and_everything_is_there() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    desk.write(
        "waivers.toml",
        "[[waiver]]\nrules = [\"incoming-email-test-passed\", \"prvReadQueue\"]\n\
         environments = [\"contoso\"]\nreason = \"Migration\"\napproved_by = \"Dana Reed\"\n\
         on = 2026-11-01\nuntil = 2026-12-31\n",
    );
    let (page, json, rows) = audit(&desk, &["--waivers", "waivers.toml"]);
    let blocks = agrees(&page, &json, &rows);
    let mut waived = 0;
    for rule in list(&json, "rules") {
        for outcome in ["fail", "unknown", "waived"] {
            let id = text(rule, "id");
            assert_eq!(rule[outcome], counted(&blocks, id, outcome), "{outcome} of {id}");
        }
        waived += rule["waived"].as_u64().unwrap();
    }
    for (position, user) in list(&json, "users").iter().enumerate() {
        let mut findings = list(user, "findings").iter();
        let without = findings.any(|finding| finding["rule"] == "user-has-a-role");
        if user["verdict"] != "out-of-scope" {
            assert_eq!(blocks.roles(position).is_empty(), without, "{user}");
        }
    }
    assert!(waived > 0, "nothing is waived, so little is shown");
}

#[test]
fn several_environments_are_in_one_index() {
    let (page, json, rows) = audit(&company(), &["fabrikam.snapshot"]);
    let blocks = agrees(&page, &json, &rows);
    assert_eq!(blocks.list("environments").len(), 2);
}
