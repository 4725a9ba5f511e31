//! Attestations and waivers: what people sign changes outcomes, and is always shown.

use std::sync::LazyLock;

use dataverse_simulator::{Tenant, TenantOptions, generate};
use serde_json::Value;

use super::desk::{Desk, Kept, Ran, Row, list, table, text, valid};
use super::offices::person;

/// Adele has her mailbox on an Exchange server; Bruno's failed the test; Carla is well. With
/// `router`, e-mail is processed by the Email Router, which blocks everyone.
fn tenant(email_router: bool) -> Tenant {
    let mut tenant = generate(&TenantOptions {
        users: 3,
        defects: false,
        group_team_roles: false,
        email_router,
        ..TenantOptions::default()
    });
    let (adele, bruno) = (person(&tenant, "Adele Vance"), person(&tenant, "Bruno Wilber"));
    let hybrid = tenant
        .profiles
        .iter()
        .find(|profile| profile.servertype == Some(2))
        .unwrap()
        .emailserverprofileid;
    tenant.mailbox_of_mut(adele).unwrap().emailserverprofile = Some(hybrid);
    let mailbox = tenant.mailbox_of_mut(bruno).unwrap();
    mailbox.incomingemailstatus = Some(2);
    mailbox.enabledforincomingemail = Some(false);
    tenant
}

static THREE: LazyLock<Kept> = LazyLock::new(|| Kept::collect(tenant(false)));
static ROUTED: LazyLock<Kept> = LazyLock::new(|| Kept::collect(tenant(true)));

/// One audit with an attestations or waivers file.
fn audit(kept: &Kept, option: &str, file: &str) -> (Value, Vec<Row>, Ran) {
    let desk = Desk::with(kept, "contoso.snapshot");
    desk.write("signed.toml", file);
    let ran = desk.good([
        "audit",
        "contoso.snapshot",
        option,
        "signed.toml",
        "--json",
        "-",
        "--csv",
        "v.csv",
    ]);
    (
        valid("assessment-1.schema.json", &ran.out),
        table(&desk.read("v.csv")),
        ran,
    )
}

fn user<'v>(json: &'v Value, name: &str) -> &'v Value {
    list(json, "users")
        .iter()
        .find(|user| user["name"] == name)
        .unwrap()
}

fn finding<'v>(json: &'v Value, name: &str, rule: &str) -> Option<&'v Value> {
    list(user(json, name), "findings")
        .iter()
        .find(|finding| finding["rule"] == rule)
}

fn attestation(holds: bool, on: &str, until: &str, more: &str) -> String {
    format!(
        "[[attestation]]\nid = \"exchange-oauth-enabled\"\nholds = {holds}\nby = \"Dana Reed\"\non = {on}\nuntil = {until}\n\
         statement = \"Checked with Get-OrganizationConfig.\"\ndocument = \"https://intranet.example/7\"\n{more}\n"
    )
}

#[test]
fn what_nobody_attested_is_unknown() {
    let (json, _, _) = audit(&THREE, "--attestations", "");
    assert_eq!(user(&json, "Adele Vance")["verdict"], "unknown");
    let found = finding(&json, "Adele Vance", "exchange-oauth-enabled").expect("a finding");
    assert_eq!(found["outcome"], "unknown");
    assert_eq!(
        found["cause"],
        "Not known: nobody has attested `exchange-oauth-enabled`."
    );
    // It is asked of those whose mailbox is on an Exchange server only.
    assert_eq!(user(&json, "Carla Sandoval")["verdict"], "ready");
}

#[test]
fn an_attestation_in_force_decides() {
    // The clock of the tests stands at 23 November 2026; first and last day are included.
    for (on, until) in [
        ("2026-01-01", "2026-12-31"),
        ("2026-11-23", "2026-12-31"),
        ("2026-01-01", "2026-11-23"),
        ("\"2026-01-01\"", "\"2026-12-31\""),
    ] {
        let (json, _, ran) = audit(&THREE, "--attestations", &attestation(true, on, until, ""));
        assert_eq!(user(&json, "Adele Vance")["verdict"], "ready", "{on} to {until}");
        assert!(!ran.err.contains("Attestation"), "{}", ran.err);
    }
    let (json, _, _) = audit(
        &THREE,
        "--attestations",
        &attestation(false, "2026-01-01", "2026-12-31", ""),
    );
    assert_eq!(user(&json, "Adele Vance")["verdict"], "blocked");
    let found = finding(&json, "Adele Vance", "exchange-oauth-enabled").expect("a finding");
    assert_eq!(found["outcome"], "fail");
    assert_eq!(
        found["observed"],
        "attestation `exchange-oauth-enabled`: does not hold, signed by Dana Reed on 2026-01-01, until 2026-12-31"
    );
}

#[test]
fn an_attestation_out_of_force_is_unknown_and_told() {
    for (on, until, words) in [
        ("2026-01-01", "2026-11-22", "expired on 2026-11-22"),
        ("2026-11-24", "2026-12-31", "counts only from 2026-11-24"),
    ] {
        let (json, _, ran) = audit(&THREE, "--attestations", &attestation(true, on, until, ""));
        assert_eq!(user(&json, "Adele Vance")["verdict"], "unknown", "{words}");
        assert_eq!(
            text(
                finding(&json, "Adele Vance", "exchange-oauth-enabled").unwrap(),
                "cause"
            ),
            format!("Not known: attestation `exchange-oauth-enabled` by Dana Reed {words}.")
        );
        let notice = format!("  ! Attestation `exchange-oauth-enabled` by Dana Reed {words}.\n");
        assert!(ran.err.contains(&notice), "{}", ran.err);
    }
}

#[test]
fn an_attestation_counts_for_the_environment_it_names() {
    let manifest = THREE.manifest();
    let environment = |member: &str| text(&manifest["environment"], member).to_owned();
    let here = [
        environment("name"),
        "Contoso".to_owned(),
        environment("url") + "/",
        environment("organization_id"),
    ];
    for word in here {
        let file = attestation(
            true,
            "2026-01-01",
            "2026-12-31",
            &format!("environment = \"{word}\""),
        );
        let (json, _, _) = audit(&THREE, "--attestations", &file);
        assert_eq!(user(&json, "Adele Vance")["verdict"], "ready", "{word}");
    }
    let elsewhere = attestation(true, "2026-01-01", "2026-12-31", "environment = \"fabrikam\"");
    let (json, _, _) = audit(&THREE, "--attestations", &elsewhere);
    assert_eq!(user(&json, "Adele Vance")["verdict"], "unknown");
    // What is said of this environment counts before what is said of all.
    let both = attestation(true, "2026-01-01", "2026-12-31", "")
        + &attestation(false, "2026-01-01", "2026-12-31", "environment = \"contoso\"");
    assert_eq!(
        user(&audit(&THREE, "--attestations", &both).0, "Adele Vance")["verdict"],
        "blocked"
    );
}

fn waiver(rule: &str, scope: &str, on: &str, until: &str) -> String {
    format!(
        "[[waiver]]\nrules = [\"{rule}\"]\n{scope}\nreason = \"Moves in January\"\napproved_by = \"Dana Reed\"\non = {on}\n\
         until = {until}\n"
    )
}

#[test]
fn a_waived_failure_does_not_count_and_is_shown() {
    let bruno = tenant(false).users[1].systemuserid;
    for scope in [
        "users = [\"bruno.wilber@contoso.example\"]".to_owned(),
        format!("users = [\"{bruno}\"]"),
        "environments = [\"contoso\"]".to_owned(),
    ] {
        let file = waiver("incoming-email-test-passed", &scope, "2026-11-01", "2026-11-23");
        let (json, csv, ran) = audit(&THREE, "--waivers", &file);
        let row = csv.iter().find(|row| row["full_name"] == "Bruno Wilber").unwrap();
        assert_eq!(
            (
                row["verdict"].as_str(),
                row["blocking"].as_str(),
                row["waived"].as_str()
            ),
            ("ready", "0", "1")
        );
        let found = finding(&json, "Bruno Wilber", "incoming-email-test-passed").expect("it is shown");
        assert_eq!(found["outcome"], "waived");
        let cause = text(found, "cause");
        assert!(
            cause.ends_with(" Accepted by Dana Reed until 2026-11-23: Moves in January"),
            "{cause}"
        );
        let rule = list(&json, "rules")
            .iter()
            .find(|rule| rule["id"] == "incoming-email-test-passed")
            .unwrap();
        // Those who pass are not waived, whatever the scope.
        assert_eq!(
            (&rule["fail"], &rule["waived"], &rule["pass"]),
            (&0.into(), &1.into(), &2.into())
        );
        assert!(!ran.err.contains("Waiver"), "{}", ran.err);
    }
}

#[test]
fn a_waiver_that_does_nothing_is_told() {
    let bruno = "users = [\"bruno.wilber@contoso.example\"]";
    let rule = "incoming-email-test-passed";
    let name = "Waiver 1 (\"Moves in January\", approved by Dana Reed)";
    for (file, notice) in [
        (
            waiver(rule, bruno, "2026-01-01", "2026-11-22"),
            "expired on 2026-11-22.",
        ),
        (
            waiver(rule, bruno, "2026-11-24", "2026-12-31"),
            "counts only from 2026-11-24.",
        ),
        (
            waiver(
                rule,
                "users = [\"carla.sandoval@contoso.example\"]",
                "2026-01-01",
                "2026-12-31",
            ),
            "is not used: nothing that it accepts has failed.",
        ),
        (
            waiver(
                rule,
                &format!("{bruno}\nenvironments = [\"fabrikam\"]"),
                "2026-01-01",
                "2026-12-31",
            ),
            "is not used: nothing that it accepts has failed.",
        ),
        (
            waiver("no-such-rule", bruno, "2026-01-01", "2026-12-31"),
            "names rule `no-such-rule`, which is not loaded.",
        ),
    ] {
        let (json, csv, ran) = audit(&THREE, "--waivers", &file);
        assert_eq!(user(&json, "Bruno Wilber")["verdict"], "blocked", "{notice}");
        assert!(csv.iter().all(|row| row["waived"] == "0"), "{notice}");
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains(&format!("! {name} {notice}")),
            "{notice}\n{}",
            ran.err
        );
    }
}

#[test]
fn a_rule_of_the_environment_is_waived_for_the_environment_only() {
    let rule = "server-side-sync-processes-email";
    let (json, _, _) = audit(&ROUTED, "--waivers", "");
    assert_eq!(json["summary"]["blocked"], 3, "it blocks everyone");
    let of_environment = |json: &Value| {
        let mut all = list(json, "environment_findings").iter();
        all.find(|finding| finding["rule"] == rule)
            .map(|finding| text(finding, "outcome").to_owned())
    };
    assert_eq!(of_environment(&json).as_deref(), Some("fail"));
    let scope = "environments = [\"contoso\"]";
    let (json, csv, _) = audit(
        &ROUTED,
        "--waivers",
        &waiver(rule, scope, "2026-01-01", "2026-12-31"),
    );
    assert_eq!(of_environment(&json).as_deref(), Some("waived"));
    // Everyone is what they are without it.
    for (name, verdict) in [
        ("Adele Vance", "unknown"),
        ("Bruno Wilber", "blocked"),
        ("Carla Sandoval", "ready"),
    ] {
        assert_eq!(user(&json, name)["verdict"], verdict, "{name}");
    }
    assert!(
        csv.iter().all(|row| row["waived"] == "0"),
        "the columns count the user's own rules"
    );
    let count = list(&json, "rules")
        .iter()
        .find(|count| count["id"] == rule)
        .unwrap();
    assert_eq!((&count["waived"], &count["fail"]), (&3.into(), &0.into()));
    // A user cannot be excused from what holds for all.
    for scope in [
        "users = [\"carla.sandoval@contoso.example\"]",
        "environments = [\"contoso\"]\nusers = [\"carla.sandoval@contoso.example\"]",
        "environments = [\"fabrikam\"]",
    ] {
        let (json, _, _) = audit(
            &ROUTED,
            "--waivers",
            &waiver(rule, scope, "2026-01-01", "2026-12-31"),
        );
        assert_eq!(json["summary"]["blocked"], 3, "{scope}");
    }
}

/// A statement that nothing asks for, or about an environment that is not there, is told.
#[test]
fn attestations_that_match_nothing_are_told() {
    let file = attestation(true, "2026-01-01", "2027-01-01", "environment = \"fabrikam\"")
        + &attestation(true, "2026-01-01", "2027-01-01", "").replace("oauth-enabled", "oauth-enable")
        + &attestation(true, "2026-01-01", "2026-02-01", "")
            .replace("exchange-oauth-enabled", "moon-is-full");
    let (_, _, ran) = audit(&THREE, "--attestations", &file);
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for notice in [
        "Attestation `exchange-oauth-enabled` by Dana Reed is not used: \"fabrikam\" is not among the audited \
         environments.",
        "Attestation `exchange-oauth-enable` by Dana Reed is not used: no rule asks for it; did you mean \
         `exchange-oauth-enabled`?",
        "Attestation `moon-is-full` by Dana Reed expired on 2026-02-01.",
        "Attestation `moon-is-full` by Dana Reed is not used: no rule asks for it.",
    ] {
        assert!(said.contains(notice), "{notice}\n{said}");
    }
}
