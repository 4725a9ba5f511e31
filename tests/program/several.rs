//! Several environments in one audit.

use std::sync::LazyLock;

use dataverse_simulator::{TenantOptions, generate};

use super::desk::{Desk, Kept, Row, table, text};

fn verdicts(desk: &Desk, arguments: &[&str]) -> Vec<Row> {
    let mut all = vec!["audit", "contoso.snapshot", "--quiet", "--csv", "-"];
    all.extend(arguments);
    table(&desk.good(all).out)
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

pub fn company() -> Desk {
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
