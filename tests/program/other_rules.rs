//! Rules about something else entirely: the pack in `fixtures/contact-card` was written from the
//! handbook alone, and is collected and judged without a line of Rust.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dataverse_simulator::{Behaviour, Simulator, Tenant, TenantOptions, generate};

use super::desk::{Desk, Ran, Row, list, table, text, valid};
use super::offices::{DOZEN, person, settle};

/// Everyone has a phone, a manager and no job title, but:
///
/// | Who | What |
/// |---|---|
/// | Adele Vance | no phone |
/// | Bruno Wilber | a phone of blanks |
/// | Carla Sandoval | no phone, in the business unit at the top |
/// | Diego Okafor | no manager |
/// | Emily Braun | no manager, and is the chief executive |
/// | Farid Haddad | no manager, and has another job title |
fn tenant() -> Tenant {
    let mut tenant = generate(&TenantOptions {
        users: 8,
        defects: false,
        group_team_roles: false,
        ..TenantOptions::default()
    });
    let names: Vec<String> = tenant
        .users
        .iter()
        .filter_map(|user| user.fullname.clone())
        .collect();
    let boss = person(&tenant, "Emily Braun");
    for user in &mut tenant.users {
        user.parentsystemuserid = Some(boss);
    }
    for name in [
        "Adele Vance",
        "Bruno Wilber",
        "Carla Sandoval",
        "Diego Okafor",
        "Emily Braun",
        "Farid Haddad",
    ] {
        assert!(names.iter().any(|known| known == name), "{name} is nobody");
        settle(
            &mut tenant,
            name,
            if name == "Carla Sandoval" {
                "contoso"
            } else {
                "West"
            },
            &[],
        );
    }
    let mut change = |name: &str, change: &dyn Fn(&mut dataverse_simulator::SystemUser)| {
        let id = person(&tenant, name);
        change(tenant.user_mut(id).unwrap());
    };
    change("Adele Vance", &|user| user.mobilephone = None);
    change("Bruno Wilber", &|user| user.mobilephone = Some("  ".to_owned()));
    change("Carla Sandoval", &|user| user.mobilephone = None);
    for name in ["Diego Okafor", "Emily Braun", "Farid Haddad"] {
        change(name, &|user| user.parentsystemuserid = None);
    }
    change("Emily Braun", &|user| {
        user.jobtitle = Some("chief executive officer".to_owned())
    });
    change("Farid Haddad", &|user| user.jobtitle = Some("Fitter".to_owned()));
    tenant
}

static TENANT: LazyLock<Tenant> = LazyLock::new(tenant);

fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/contact-card")
}

/// What the program collects with the rule files of that folder.
fn collected(desk: &Desk, rules: &Path) -> Ran {
    let simulator = Simulator::start_blocking(TENANT.clone(), Behaviour::default()).expect("a simulator");
    let mut command = desk.command(["collect", &simulator.url(), "-o", "contoso.snapshot", "--rules"]);
    let ran = Ran::from(
        command
            .arg(rules)
            .env("CLEARANCE_TOKEN", simulator.token())
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

fn audit(desk: &Desk, more: &[&str]) -> Ran {
    let mut command = desk.command(["audit", "contoso.snapshot", "--pack", "contact-card"]);
    Ran::from(command.args(more).arg("--rules").arg(pack()).output().unwrap())
}

#[test]
fn a_pack_about_contact_cards_is_collected_and_judged() {
    let desk = Desk::new();
    collected(&desk, &pack());
    let ran = audit(
        &desk,
        &[
            "--csv",
            "v.csv",
            "--findings-csv",
            "f.csv",
            "--fail-on",
            "limited",
        ],
    );
    assert_eq!(ran.code, 1, "two people are limited: {}", ran.err);
    let verdicts = table(&desk.read("v.csv"));
    let of = |name: &str| -> &Row { verdicts.iter().find(|row| row["full_name"] == name).expect(name) };
    for (name, verdict, limiting) in [
        ("Adele Vance", "limited", "1"),
        ("Bruno Wilber", "limited", "1"),
        ("Carla Sandoval", "ready", "0"),
        ("Diego Okafor", "ready", "0"),
        ("Emily Braun", "ready", "0"),
        ("Farid Haddad", "ready", "0"),
    ] {
        let row = of(name);
        assert_eq!(
            (row["verdict"].as_str(), row["limiting"].as_str()),
            (verdict, limiting),
            "{name}"
        );
    }
    assert_eq!(
        of("Adele Vance")["top_cause"],
        "The user has no mobile phone number."
    );
    let findings = table(&desk.read("f.csv"));
    let mut found: Vec<(&str, &str, &str)> = findings
        .iter()
        .map(|row| {
            (
                row["full_name"].as_str(),
                row["rule"].as_str(),
                row["outcome"].as_str(),
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("Adele Vance", "contact-card-mobile-phone", "fail"),
            ("Bruno Wilber", "contact-card-mobile-phone", "fail"),
            ("Carla Sandoval", "contact-card-mobile-phone-top-unit", "fail"),
            ("Diego Okafor", "contact-card-manager", "fail"),
            ("Farid Haddad", "contact-card-manager", "fail"),
        ]
    );
    // Nothing is said about an app that nobody asked about, and advice is not forgotten.
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("Advice, which changes no verdict 2 The user has no manager 1 The user, who is in the"),
        "{said}"
    );
    let mut explain = desk.command(["explain", "contoso.snapshot", "--pack", "contact-card", "--user"]);
    let explained = Ran::from(
        explain
            .arg("Adele Vance")
            .arg("--rules")
            .arg(pack())
            .output()
            .unwrap(),
    );
    assert!(
        explained
            .out
            .contains("\nLIMITED: something was found that limits.\n"),
        "{}",
        explained.out
    );
}

/// A snapshot of before the pack is not proof of anything, and every report says so.
#[test]
fn a_snapshot_that_was_made_without_the_pack_is_no_all_clear() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let ran = audit(&desk, &["--json", "a.json", "--html", "p.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let notice = "contoso: the rules ask for what was not collected, and what depends on it is unknown: \
                  `systemuser.jobtitle`; `systemuser.mobilephone`; `systemuser.parentsystemuserid`. Collect again \
                  with the same rules.";
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(notice), "{said}");
    let page = desk.read("p.html");
    assert!(page.contains("the rules ask for what was not collected"));
    assert!(!page.contains("Nothing stands in the way of a rollout"));
    assert!(
        page.contains(
            "Nothing was found that blocks or limits anyone. 3 rules could not be judged for everyone;"
        ),
        "the head of the page"
    );
    let json = valid("assessment-1.schema.json", &desk.read("a.json"));
    for rule in list(&json, "rules") {
        assert_eq!(rule["pass"], 0, "{}", text(rule, "id"));
    }
}

/// A fact of the wrong type loses its column, not the users, and quotes nobody's number.
#[test]
fn a_fact_of_the_wrong_type_is_a_gap_that_says_so() {
    let desk = Desk::new();
    let file = std::fs::read_to_string(pack().join("contact-card.toml")).expect("the pack");
    let wrong = file
        .replacen("type = \"text\"", "type = \"integer\"", 1)
        .replacen("type = \"id\"", "type = \"text\"", 1);
    std::fs::create_dir(desk.path("wrong")).unwrap();
    desk.write("wrong/wrong.toml", wrong);
    let ran = collected(&desk, &desk.path("wrong"));
    for gap in [
        "gap: systemuser.mobilephone: not read whole: the server sent text where a whole number belongs; is the \
         `type` of its `[[fact]]` right?\n",
        "gap: systemuser.parentsystemuserid: not there: the environment has no property `parentsystemuserid` there; \
         if it is a lookup, its `[[fact]]` needs `type = \"id\"`\n",
    ] {
        assert!(ran.err.contains(gap), "{gap}\n{}", ran.err);
    }
    assert!(!ran.err.contains("+44"), "{}", ran.err);
}
