//! What is judged, what is reported, and what ends with exit code 1.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dataverse_simulator::{TenantOptions, generate};

use super::desk::{Desk, Kept, list, table, text, valid};
use super::offices::{CROWD, DOZEN, dozen, person};

type Row = BTreeMap<String, String>;

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

/// Two environments of one company: the first two people work in both, with the same mailboxes.
static COMPANY: LazyLock<[Kept; 2]> = LazyLock::new(|| {
    [("contoso", 1, 3), ("fabrikam", 2, 2)].map(|(name, seed, users)| {
        Kept::collect(generate(&TenantOptions {
            seed,
            users,
            defects: false,
            group_team_roles: false,
            name: name.to_owned(),
            domain: Some("company.example".to_owned()),
            ..TenantOptions::default()
        }))
    })
});

fn company() -> Desk {
    let desk = Desk::with(&COMPANY[0], "contoso.snapshot");
    COMPANY[1].lay(&desk.path("fabrikam.snapshot"));
    desk
}

#[test]
fn one_mailbox_in_two_environments_is_seen_and_the_other_named() {
    let desk = company();
    let rows = verdicts(&desk, &["fabrikam.snapshot"]);
    let environments: Vec<&str> = rows.iter().map(|row| row["environment"].as_str()).collect();
    assert!(
        environments.is_sorted(),
        "in the order they were given: {environments:?}"
    );
    let url = |kept: &Kept| text(&kept.manifest()["environment"], "url").to_owned();
    let findings = desk.good([
        "audit",
        "contoso.snapshot",
        "fabrikam.snapshot",
        "-q",
        "--findings-csv",
        "-",
    ]);
    let findings = table(&findings.out);
    for (environment, other, kept) in [
        ("contoso", "fabrikam", &COMPANY[1]),
        ("fabrikam", "contoso", &COMPANY[0]),
    ] {
        for name in ["Adele Vance", "Bruno Wilber"] {
            let here = |row: &&Row| row["environment"] == environment && row["full_name"] == name;
            assert_eq!(
                rows.iter().find(here).unwrap()["verdict"],
                "blocked",
                "{name} in {environment}"
            );
            let found: Vec<&Row> = findings.iter().filter(here).collect();
            let rule = |id: &str| {
                *found
                    .iter()
                    .find(|row| row["rule"] == id)
                    .unwrap_or_else(|| panic!("{id}: {found:?}"))
            };
            let clash = rule("mailbox-synchronizes-one-environment");
            assert_eq!(
                (clash["outcome"].as_str(), clash["severity"].as_str()),
                ("fail", "blocks")
            );
            let named = format!("the same in environment \"{other}\" ({})", url(kept));
            assert!(clash["observed"].ends_with(&named), "{}", clash["observed"]);
            let added = rule("app-added-from-one-environment");
            assert_eq!(
                (added["outcome"].as_str(), added["severity"].as_str()),
                ("fail", "advises")
            );
        }
    }
    let carla: Vec<&Row> = rows
        .iter()
        .filter(|row| row["full_name"] == "Carla Sandoval")
        .collect();
    assert_eq!(
        (carla.len(), carla[0]["verdict"].as_str()),
        (1, "ready"),
        "her mailbox is in one only"
    );
    // Reporting one of them does not hide the other, and one environment alone has no clash.
    desk.write("adele.txt", "adele.vance@company.example");
    let narrowed = verdicts(&desk, &["fabrikam.snapshot", "--users", "adele.txt"]);
    assert_eq!(narrowed.len(), 2);
    assert!(narrowed.iter().all(|row| row["verdict"] == "blocked"));
    assert!(
        verdicts(&desk, &["--users", "adele.txt"])
            .iter()
            .all(|row| row["verdict"] == "ready")
    );
}

#[test]
fn a_person_in_two_environments_is_to_be_told_apart() {
    let desk = company();
    let ran = desk.run([
        "explain",
        "contoso.snapshot",
        "fabrikam.snapshot",
        "--user",
        "Adele Vance",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines[0], "error: `Adele Vance` is 2 users:");
    assert!(
        lines[1].ends_with("  Adele Vance <adele.vance@company.example>, contoso"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].ends_with("  Adele Vance <adele.vance@company.example>, fabrikam"),
        "{}",
        lines[2]
    );
    assert_eq!(lines[3], "hint: give the id of the one you mean");
}

#[test]
fn the_same_environment_twice_is_refused() {
    let desk = company();
    COMPANY[0].lay(&desk.path("older.snapshot"));
    let manifest = COMPANY[0].manifest();
    let (id, at) = (
        text(&manifest["environment"], "organization_id"),
        text(&manifest["collected"], "finished"),
    );
    let ran = desk.run([
        "audit",
        "contoso.snapshot",
        "fabrikam.snapshot",
        "older.snapshot",
        "--csv",
        "v.csv",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        format!(
            "error: environment \"contoso\" (organization {id}) is given twice: collected {at} and collected {at}\nhint: \
             name one snapshot of each environment; `clearance diff` compares two of the same\n"
        )
    );
    assert!(!desk.path("v.csv").exists());
}
