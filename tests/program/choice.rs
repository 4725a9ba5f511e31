//! What is judged, what is reported, and what ends with exit code 1.

use super::desk::{Desk, Row, list, table, text, valid};
use super::offices::{CROWD, DOZEN, dozen, person};

fn verdicts(desk: &Desk, arguments: &[&str]) -> Vec<Row> {
    let mut all = vec!["audit", "contoso.snapshot", "--quiet", "--csv", "-"];
    all.extend(arguments);
    table(&desk.good(all).out)
}

#[test]
fn a_list_of_users_narrows_what_is_reported() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let all = verdicts(&desk, &[]);
    let isaiah = person(&dozen(), "Isaiah Langer").to_string().to_uppercase();
    let grady = "grady.archie@contoso.example";
    desk.write(
        "users.txt",
        format!("\u{feff}# Pilot, second wave\r\n\r\n  BRUNO.Wilber@contoso.example  # the pilot's lead\r\n{isaiah}\r\n{grady}"),
    );
    let some = verdicts(&desk, &["--users", "users.txt"]);
    let wanted = ["Bruno Wilber", "Grady Archie", "Isaiah Langer"];
    let expected: Vec<Row> = all
        .iter()
        .filter(|row| wanted.contains(&row["full_name"].as_str()))
        .cloned()
        .collect();
    assert_eq!(expected.len(), 3);
    assert_eq!(some, expected, "the same rows as in the full audit, no others");

    let ran = desk.good(["audit", "contoso.snapshot", "--users", "users.txt", "--json", "-"]);
    let json = valid("assessment-1.schema.json", &ran.out);
    assert_eq!(json["summary"]["users"], 2, "Grady is out of scope");
    assert_eq!(json["summary"]["out_of_scope"], 1);
    assert_eq!(list(&json, "users").len(), 3);
    for rule in list(&json, "rules") {
        let outcomes = ["pass", "fail", "unknown", "waived", "not_applicable"];
        let sum: u64 = outcomes
            .iter()
            .map(|outcome| rule[outcome].as_u64().unwrap())
            .sum();
        assert_eq!(sum, 2, "{}", text(rule, "id"));
    }
    assert!(
        ran.err.starts_with("contoso: 0 of 2 users ready\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_business_unit_narrows_what_is_reported() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let all = verdicts(&desk, &[]);
    let of_unit = |name: &str| -> Vec<Row> {
        all.iter()
            .filter(|row| row["business_unit"] == name)
            .cloned()
            .collect()
    };
    for (word, name) in [
        ("East", "East"),
        ("EAST", "East"),
        ("=1+1", "'=1+1"),
        ("contoso", "contoso"),
    ] {
        let expected = of_unit(name);
        assert!(expected.len() > 10, "{name}: {}", expected.len());
        assert_eq!(verdicts(&desk, &["--business-unit", word]), expected, "{word}");
    }
}

#[test]
fn the_policy_decides_the_exit_code() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let all = verdicts(&desk, &[]);
    // What each policy makes of an audit of one user with this verdict.
    for (verdict, blocked, unknown, limited) in [
        ("ready", 0, 0, 0),
        ("limited", 0, 0, 1),
        ("unknown", 0, 1, 1),
        ("blocked", 1, 1, 1),
        ("out-of-scope", 0, 0, 0),
    ] {
        let one = all
            .iter()
            .find(|row| row["verdict"] == verdict)
            .expect("every verdict is there");
        desk.write("one.txt", &one["user_id"]);
        for (policy, code) in [
            ("blocked", blocked),
            ("unknown", unknown),
            ("limited", limited),
            ("never", 0),
        ] {
            let ran = desk.run([
                "audit",
                "contoso.snapshot",
                "-q",
                "--users",
                "one.txt",
                "--fail-on",
                policy,
                "--csv",
                "-",
            ]);
            assert_eq!(
                (ran.code, ran.err.as_str()),
                (code, ""),
                "{verdict} with --fail-on {policy}"
            );
            assert_eq!(table(&ran.out).len(), 1, "the reports are written all the same");
        }
        assert_eq!(
            desk.run(["audit", "contoso.snapshot", "-q", "--users", "one.txt"])
                .code,
            0,
            "the default is never"
        );
    }
}

#[test]
fn disabled_users_are_judged_on_demand() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let grady = |rows: &[Row]| {
        rows.iter()
            .find(|row| row["full_name"] == "Grady Archie")
            .unwrap()
            .clone()
    };
    let row = grady(&verdicts(&desk, &[]));
    assert_eq!(
        (row["verdict"].as_str(), row["top_cause"].as_str()),
        ("out-of-scope", "disabled")
    );
    assert_eq!(row["blocking"], "0");
    let judged = verdicts(&desk, &["--include-disabled"]);
    let row = grady(&judged);
    assert_eq!(
        (row["verdict"].as_str(), row["blocking"].as_str()),
        ("blocked", "1")
    );
    assert_eq!(row["top_cause"], "The user is disabled.");
    // Those who are out of scope for another reason stay so: SYSTEM and INTEGRATION are people of
    // the platform who are merely disabled.
    let out = |rows: &[Row]| rows.iter().filter(|row| row["verdict"] == "out-of-scope").count();
    assert_eq!((out(&verdicts(&desk, &[])), out(&judged)), (11, 8));
}

const SUPERSEDED: &str = r#"
[pack]
id = "own"
title = "Our own rules"
version = "1"
source = "https://intranet.example/rules"

[[rule]]
id = "mailbox-not-enabled"
title = "Incoming e-mail is not enabled"
scope = "user"
severity = "blocks"
check = { field = "mailbox.enabledforincomingemail", is = false }
cause = "Incoming e-mail is enabled."
remedy = "Disable it."
superseded = { on = "2025-11-06", by = "https://intranet.example/newer", why = "It was the wrong way round." }
"#;

#[test]
fn superseded_rules_fail_nobody_unless_asked_for() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    desk.write("own.toml", SUPERSEDED);
    let own = ["--rules", "own.toml", "--pack", "own"];
    let judged = |more: &[&str]| {
        let mut arguments = vec!["audit", "contoso.snapshot", "--json", "-", "-q"];
        arguments.extend(own);
        arguments.extend(more);
        valid("assessment-1.schema.json", &desk.good(arguments).out)
    };
    let without = judged(&[]);
    let rules = list(&without, "rules");
    assert_eq!(
        (rules.len(), text(&rules[0], "id")),
        (1, "mailbox-not-enabled"),
        "it stays visible"
    );
    assert_eq!(
        (&rules[0]["fail"], &rules[0]["not_applicable"]),
        (&0.into(), &10.into())
    );
    assert_eq!(without["summary"]["ready"], 10);
    let with = judged(&["--include-superseded"]);
    assert_eq!(
        (&list(&with, "rules")[0]["fail"], &with["summary"]["blocked"]),
        (&10.into(), &10.into())
    );
}

#[test]
fn one_pack_alone_can_be_judged() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    // The guide does not know prvUseOfficeApps: by it alone Bruno and Carla are ready.
    let rows = verdicts(&desk, &["--pack", "deployment-guide"]);
    for name in ["Bruno Wilber", "Carla Sandoval"] {
        let row = rows.iter().find(|row| row["full_name"] == name).unwrap();
        assert_eq!(row["verdict"], "ready", "{name}");
    }
    let rows = verdicts(
        &desk,
        &["--pack", "deployment-guide", "--pack", "support-articles"],
    );
    assert_eq!(rows.iter().filter(|row| row["verdict"] == "ready").count(), 4);
}
