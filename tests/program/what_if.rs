//! `what-if`: changes supposed on a copy.

mod really;
mod refused;

use std::process::Stdio;

use dataverse_simulator::APP_ROLE;
use serde_json::{Value, json};

use super::desk::{Desk, Ran, list, text, valid};
use super::offices::{ALL_BUT_ONE, DOZEN};

fn desk() -> Desk {
    Desk::with(&DOZEN, "contoso.snapshot")
}

fn supposed(desk: &Desk, changes: &[&str]) -> Ran {
    let ran = desk.good([&["what-if", "contoso.snapshot"], changes].concat());
    assert_eq!(ran.err, "");
    ran
}

/// The effect as JSON, checked against its published schema.
fn effect(desk: &Desk, changes: &[&str]) -> Value {
    let ran = supposed(desk, &[changes, &["--json"]].concat());
    valid("what-if-1.schema.json", &ran.out)
}

/// Whose verdict changes: direction, verdicts and full names.
fn transitions(effect: &Value) -> Vec<(String, Vec<String>)> {
    list(effect, "transitions")
        .iter()
        .map(|one| {
            let words = ["direction", "before", "after"].map(|member| text(one, member));
            let mut names: Vec<String> = list(one, "users")
                .iter()
                .map(|user| text(user, "name").to_owned())
                .collect();
            names.sort();
            (words.join(" "), names)
        })
        .collect()
}

fn row(words: &str, names: &[&str]) -> (String, Vec<String>) {
    (
        words.to_owned(),
        names.iter().map(|name| (*name).to_owned()).collect(),
    )
}

/// Isaiah and Johanna hold nothing; the app's role is all that he lacks, while her access mode keeps
/// her blocked. Carla lacks one privilege. Whoever loses the only role breaks.
#[test]
fn who_becomes_ready_and_who_breaks() {
    let desk = desk();
    let before = desk.everything();
    let effect = effect(
        &desk,
        &[
            "--assign-role",
            APP_ROLE,
            "--to",
            "user:Isaiah Langer",
            "user:Johanna Lorenz",
            "--grant",
            "prvUseOfficeApps:global",
            "--on-role",
            ALL_BUT_ONE,
            "--remove-role",
            APP_ROLE,
            "--from",
            "user:Adele Vance",
        ],
    );
    let ready = |names| row("better blocked ready", names);
    assert_eq!(
        transitions(&effect),
        [
            row("worse ready blocked", &["Adele Vance"]),
            ready(&["Carla Sandoval", "Isaiah Langer"]),
        ]
    );
    let summary = |which: &str, verdict: &str| effect[which][verdict].as_i64().unwrap();
    assert_eq!(summary("after", "ready") - summary("before", "ready"), 1);
    assert_eq!(summary("after", "blocked") - summary("before", "blocked"), -1);
    let words: Vec<&str> = list(&effect, "changes")
        .iter()
        .map(|change| text(change, "words"))
        .collect();
    assert_eq!(
        words,
        [
            format!("assign role \"{APP_ROLE}\" to user:Isaiah Langer and user:Johanna Lorenz"),
            format!("grant `prvUseOfficeApps` at global to role \"{ALL_BUT_ONE}\""),
            format!("remove role \"{APP_ROLE}\" from user:Adele Vance"),
        ]
    );
    let rule = |id: &str| {
        let rules = list(&effect, "rules").iter();
        let mut found = rules.filter(|rule| text(rule, "rule") == id);
        let rule = found.next().unwrap_or_else(|| panic!("no {id}"));
        (rule["fixed"].as_i64(), rule["broken"].as_i64())
    };
    assert_eq!(rule("user-has-a-role"), (Some(2), Some(1)));
    assert_eq!(rule("prvUseOfficeApps"), (Some(3), Some(1)));
    // The snapshot is as it was, to the byte, and nothing was left beside it.
    assert_eq!(desk.everything(), before);
}

/// Two gain what the app's role has, one gains one privilege, and one loses what it has.
#[test]
fn who_gains_and_loses_what() {
    let effect = effect(
        &desk(),
        &[
            "--assign-role",
            APP_ROLE,
            "--to",
            "user:Isaiah Langer",
            "--to",
            "user:Johanna Lorenz",
            "--grant",
            "prvUseOfficeApps:global",
            "--on-role",
            ALL_BUT_ONE,
            "--remove-role",
            APP_ROLE,
            "--from",
            "user:Adele Vance",
        ],
    );
    let groups: Vec<(usize, i64, usize, usize)> = list(&effect, "access")
        .iter()
        .map(|group| {
            let counts = ["users", "gains", "losses"].map(|member| list(group, member).len());
            (counts[0], group["better"].as_i64().unwrap(), counts[1], counts[2])
        })
        .collect();
    let all = groups[0].2;
    assert!(all > 30, "{groups:?}");
    let mut rest = groups[1..].to_vec();
    rest.sort_unstable();
    // Johanna's verdict gets no better by it.
    assert_eq!(groups[0], (2, 1, all, 0));
    assert_eq!(rest, [(1, 0, 0, all), (1, 1, 1, 0)]);
    let one = list(&effect, "access")
        .iter()
        .find(|group| list(group, "gains").len() == 1);
    assert_eq!(
        one.unwrap()["gains"],
        json!([{"privilege": "prvUseOfficeApps", "before": null, "after": "global", "certain": true}])
    );
}

/// Diego's and Farid's teams carry the app's role without passing on what is held at Basic.
#[test]
fn inheritance_decides_for_members_of_teams() {
    let desk = desk();
    let direct = effect(
        &desk,
        &["--set-inheritance", "direct-user", "--on-role", APP_ROLE],
    );
    assert_eq!(
        transitions(&direct),
        [row("better blocked ready", &["Diego Okafor", "Farid Haddad"])]
    );
    let team_only = effect(&desk, &["--set-inheritance", "team-only", "--on-role", APP_ROLE]);
    assert_eq!(
        transitions(&team_only),
        [row("worse ready blocked", &["Emily Braun"])]
    );
}

#[test]
fn apps_mailboxes_and_the_organization() {
    let desk = desk();
    // Everybody who was ready has it by the app's role alone.
    let unbound = effect(&desk, &["--unbind-role", APP_ROLE]);
    let broken = transitions(&unbound);
    assert_eq!(broken[0].0, "worse ready blocked");
    assert!(broken[0].1.contains(&"Adele Vance".to_owned()));
    assert!(broken[0].1.contains(&"Emily Braun".to_owned()));
    assert_eq!(list(&unbound, "access"), [] as [Value; 0]);
    let same = effect(
        &desk,
        &[
            "--unbind-role",
            APP_ROLE,
            "--bind-role",
            APP_ROLE,
            "--app",
            "AppforOutlookModule",
        ],
    );
    assert_eq!(transitions(&same), []);

    let failing = effect(
        &desk,
        &[
            "--set",
            "mailbox.incomingemailstatus=failure",
            "--of",
            "user:Adele Vance",
        ],
    );
    assert_eq!(
        transitions(&failing),
        [row("worse ready blocked", &["Adele Vance"])]
    );
    let enabled = effect(
        &desk,
        &[
            "--set",
            "systemuser.isdisabled=false",
            "--of",
            "user:Grady Archie",
        ],
    );
    assert_eq!(
        transitions(&enabled),
        [row("other out-of-scope ready", &["Grady Archie"])]
    );
}

const READY: &str = "\
What if, in contoso

  1. assign role \"Dynamics 365 App for Outlook User\" to user:Isaiah Langer: 1 change
  2. remove role \"Dynamics 365 App for Outlook User\" from user:Emily Braun: changes nothing
     - who is named does not hold the role, at least not directly
";

/// The parts of a drawing that this test can reason about, without the numbers of this office.
#[test]
fn what_a_person_reads() {
    let desk = desk();
    let ran = supposed(
        &desk,
        &[
            "--assign-role",
            APP_ROLE,
            "--to",
            "user:Isaiah Langer",
            "--remove-role",
            APP_ROLE,
            "--from",
            "user:Emily Braun",
        ],
    );
    assert!(ran.out.starts_with(READY), "{}", ran.out);
    let better = "\nBetter: 1 user would become ready (blocked now)\n\n  Isaiah Langer <";
    assert!(ran.out.contains(better), "{}", ran.out);
    assert!(!ran.out.contains("BREAKS"), "{}", ran.out);
    assert!(ran.out.contains("\n  1 user gains "), "{}", ran.out);
    assert!(
        ran.out
            .contains("\nNothing was changed: this was worked out on a copy in memory."),
        "{}",
        ran.out
    );

    let broken = supposed(&desk, &["--remove-role", APP_ROLE, "--from", "user:Adele Vance"]).out;
    assert!(
        broken.contains("\nBREAKS: 1 user would become blocked (ready now)\n\n  Adele Vance <"),
        "{broken}"
    );
    assert!(broken.contains("\n  1 user loses "), "{broken}");
    let still = supposed(&desk, &["--assign-role", APP_ROLE, "--to", "user:Adele Vance"]).out;
    assert!(still.contains("\nNobody's verdict would change.\n"), "{still}");
}

const AS_JSON: &str = r#"{"schema": "clearance.changes/1", "changes": [
  {"change": "assign-role", "role": "Dynamics 365 App for Outlook User", "to": ["user:Isaiah Langer"]},
  {"change": "set-field", "field": "systemuser.isdisabled", "value": "false", "of": ["user:Grady Archie"]}
]}"#;
const AS_TOML: &str = r#"
schema = "clearance.changes/1"
[[changes]]
change = "assign-role"
role = "Dynamics 365 App for Outlook User"
to = ["user:Isaiah Langer"]
[[changes]]
change = "set-field"
field = "systemuser.isdisabled"
value = "false"
of = ["user:Grady Archie"]
"#;
/// What a plan says beside its changes is not looked at.
const AS_PLAN: &str = r#"{"schema": "clearance.plan/1", "tool": "clearance", "actions": [
  {"key": "a", "title": "Assign", "users": 1, "changes": [
    {"change": "assign-role", "role": "Dynamics 365 App for Outlook User", "to": ["user:Isaiah Langer"]}]},
  {"key": "b", "changes": [
    {"change": "set-field", "field": "systemuser.isdisabled", "value": "false", "of": ["user:Grady Archie"]}]}
]}"#;

#[test]
fn changes_from_a_file_a_plan_and_standard_input() {
    let desk = desk();
    let options = supposed(
        &desk,
        &[
            "--assign-role",
            APP_ROLE,
            "--to",
            "user:Isaiah Langer",
            "--set",
            "systemuser.isdisabled=false",
            "--of",
            "user:Grady Archie",
            "--json",
        ],
    );
    valid("changes-1.schema.json", AS_JSON);
    for (name, document) in [("c.json", AS_JSON), ("c.toml", AS_TOML), ("plan.json", AS_PLAN)] {
        desk.write(name, document);
        assert_eq!(
            supposed(&desk, &["--changes", name, "--json"]).out,
            options.out,
            "{name}"
        );
    }
    let mut command = desk.command(["what-if", "contoso.snapshot", "--changes", "-", "--json"]);
    command.stdin(Stdio::from(std::fs::File::open(desk.path("plan.json")).unwrap()));
    assert_eq!(Ran::from(command.output().unwrap()).out, options.out);
    // What is printed can be read back.
    let printed: Value = serde_json::from_str(&options.out).unwrap();
    let changes: Vec<&Value> = list(&printed, "changes")
        .iter()
        .map(|change| &change["change"])
        .collect();
    let document = json!({"schema": "clearance.changes/1", "changes": changes}).to_string();
    valid("changes-1.schema.json", &document);
    desk.write("again.json", &document);
    assert_eq!(
        supposed(&desk, &["--changes", "again.json", "--json"]).out,
        options.out
    );
}

/// What a plan promises is what comes of supposing its actions.
#[test]
fn a_plan_keeps_its_word() {
    let desk = desk();
    let plan = desk.good(["plan", "contoso.snapshot", "--json"]).out;
    desk.write("plan.json", &plan);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let effect = effect(&desk, &["--changes", "plan.json"]);
    assert_eq!(effect["before"], plan["summary"]["before"]);
    assert_eq!(effect["after"], plan["summary"]["after"]);
    assert_ne!(effect["after"], effect["before"]);
}

#[test]
fn its_schemas_are_published() {
    let desk = Desk::new();
    for (which, file) in [("what-if", "what-if-1"), ("changes", "changes-1")] {
        let printed = desk.good(["rules", "schema", which]).out;
        let path = format!("{}/schemas/{file}.schema.json", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(printed, std::fs::read_to_string(path).unwrap());
    }
}
