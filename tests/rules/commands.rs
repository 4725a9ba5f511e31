//! `clearance rules` through the program.

use std::path::Path;

use super::{OWN, shipped};

/// Runs `clearance rules …`: exit code, standard output, standard error.
fn rules(arguments: &[&str]) -> (i32, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_clearance"))
        .arg("rules")
        .args(arguments)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS")
        .output()
        .expect("the program");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).expect("text"),
        String::from_utf8(output.stderr).expect("text"),
    )
}

/// What a command that must succeed writes.
pub(crate) fn good(arguments: &[&str]) -> String {
    let (code, out, errors) = rules(arguments);
    assert_eq!(code, 0, "{errors}");
    out
}

/// What a command that must end as wrong use says.
pub(crate) fn wrong(arguments: &[&str]) -> String {
    let (code, out, errors) = rules(arguments);
    assert_eq!((code, out.as_str()), (2, ""), "{errors}");
    errors
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn show_prints_everything_about_a_rule() {
    let said = good(&["show", "prvreadincident"]);
    for part in [
        "prvReadIncident\nPrivilege prvReadIncident (Case: Read) at User depth or more\n",
        "severity:   blocks\n",
        "pack:       deployment-guide 2021.4.22\n",
        "passes if:  `prvReadIncident` at basic or deeper\n",
        "symptom:    \"You haven't been authorized",
        "source:     https://learn.microsoft.com/dynamics365/outlook-app/deploy",
        "also in:    https://learn.microsoft.com/troubleshoot/",
        "asks for:   privilege `prvReadIncident`\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let said = good(&["show", "app-deployment-healthy"]);
    assert!(
        said.contains("reads:      `mailbox.officeappsdeploymenterror` (text), column"),
        "{said}"
    );
}

/// The whole page, so that nothing in it changes unread.
#[test]
fn show_ends_with_what_the_collector_reads_and_needs() {
    let said = good(&["show", "mailbox-profile-is-exchange"]);
    let (_, end) = said.split_once("reads:").expect("what it reads");
    assert_eq!(
        end,
        "      `mailbox.emailserverprofile` (an id), column `emailserverprofile` of
            table `mailbox`
reads:      `emailserverprofile.servertype` (a named option: exchange-server,
            pop3-smtp, exchange-server-hybrid, exchange-online, imap-smtp),
            column `servertype` of table `emailserverprofile`
collector:  needs `prvReadUser` at Organization depth, to read `systemuser`
collector:  needs `prvReadMailbox` at Organization depth, to read `mailbox`
collector:  needs `prvReadEmailServerProfile` at Organization depth, to read
            `emailserverprofile`
"
    );
    // The intersect tables have no privilege of their own in any source; that is said.
    let said = good(&["show", "prvReadContact"]);
    let (_, end) = said.split_once("collector:").expect("what it needs");
    assert_eq!(
        end,
        "  needs `prvReadUser` at Organization depth, to read `systemuser`,
            `systemuserroles`*, `teammembership`*
collector:  needs `prvReadRole` at Organization depth, to read `role`,
            `privilege`*, `roleprivileges`*, `systemuserroles`*, `teamroles`*
collector:  needs `prvReadTeam` at Organization depth, to read `team`,
            `teamroles`*, `teammembership`*
            * this is remembered, and was found in no source
"
    );
    let said = good(&["show", "internet-facing-deployment"]);
    assert!(
        said.ends_with("\ncollector:  needs no privilege for this\n"),
        "{said}"
    );
}

#[test]
fn show_keeps_to_eighty_columns_but_for_addresses() {
    for rule in &shipped().rules {
        for line in good(&["show", &rule.id]).lines() {
            let words = line.split_whitespace().count();
            let address = line.contains("https://") && words <= 3;
            assert!(line.chars().count() <= 80 || address, "{}: {line}", rule.id);
        }
    }
}

#[test]
fn show_knows_features() {
    let said = good(&["show", "resolve-leads"]);
    for part in [
        "resolve-leads\n",
        "never changes a",
        "asks for:   privilege `prvCreateLead` at any depth\n",
        "asks for:   privilege `prvReadLead` at any depth\n",
        "collector:  needs `prvReadRole` at Organization depth",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let said = wrong(&["show", "resolve-lead"]);
    assert!(said.contains("did you mean `resolve-leads`?"), "{said}");
}

#[test]
fn show_writes_json() {
    let json = |id: &str| -> serde_json::Value {
        serde_json::from_str(&good(&["show", id, "--json"])).expect("JSON")
    };
    let rule = json("mailbox-has-server-profile");
    assert_eq!(rule["kind"], "rule");
    assert_eq!(rule["severity"], "blocks");
    assert_eq!(rule["facts"][0]["table"], "mailbox");
    assert_eq!(rule["facts"][0]["column"], "emailserverprofile");
    assert_eq!(
        rule["collector"],
        serde_json::json!([
            { "privilege": "prvReadUser", "depth": "global", "tables": ["systemuser"], "recalled": [] },
            { "privilege": "prvReadMailbox", "depth": "global", "tables": ["mailbox"], "recalled": [] },
        ])
    );
    let feature = json("case-subgrid");
    assert_eq!(feature["kind"], "feature");
    assert_eq!(feature["needs"], serde_json::json!(["prvReadIncident"]));
}

#[test]
fn an_unknown_rule_is_wrong_use() {
    let said = wrong(&["show", "prvReadMailbx"]);
    assert!(said.contains("there is no rule `prvReadMailbx`"), "{said}");
    assert!(said.contains("did you mean `prvReadMailbox`?"), "{said}");
    let said = wrong(&["show", "everything"]);
    assert!(said.contains("`clearance rules list` names all rules"), "{said}");
}

#[test]
fn list_names_every_rule() {
    let set = shipped();
    let text = good(&["list"]);
    for rule in &set.rules {
        assert!(text.contains(&format!("  {} ", rule.id)), "{}", rule.id);
    }
    assert!(text.ends_with("86 rules in 4 packs; 7 features\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&good(&["list", "--json"])).expect("JSON");
    assert_eq!(json.as_array().expect("a list").len(), set.rules.len());
    assert_eq!(json[0]["pack"], "deployment-guide");
}

#[test]
fn check_counts_rules_or_draws_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("a folder");
    std::fs::write(below.join("own.toml"), OWN).expect("a file");
    // With the mark that some editors put at the beginning of a file.
    std::fs::write(
        folder.path().join("more.toml"),
        "\u{feff}[pack]\nid = \"own\"\n\n[[privilege]]\nname = \"prvReadLead\"\ntable = \"lead\"\ntab = \"Sales\"\n\
         depth = \"basic\"\nseverity = \"limits\"\n",
    )
    .expect("a file");
    assert_eq!(
        good(&["check", path(folder.path())]),
        "2 rules in 2 files: no faults\n"
    );
    std::fs::write(below.join("own.toml"), OWN.replace("present", "presnt")).expect("a file");
    let said = wrong(&["check", path(folder.path())]);
    assert!(said.contains("did you mean `present`?"), "{said}");
    assert!(said.contains("own.toml:23:45"), "{said}");
}

#[test]
fn the_shipped_files_check_as_a_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let said = good(&["check", path(&folder)]);
    assert!(said.starts_with("86 rules in "), "{said}");
}

#[test]
fn paths_that_hold_no_rules_are_wrong_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = wrong(&["check", path(folder.path())]);
    assert!(said.contains("there are no rule files in"), "{said}");
    let said = wrong(&["check", path(&folder.path().join("none.toml"))]);
    assert!(said.contains("cannot read rules from"), "{said}");
    let latin = folder.path().join("latin.toml");
    std::fs::write(&latin, b"# caf\xe9").expect("a file");
    let said = wrong(&["check", path(&latin)]);
    assert!(said.contains("UTF-8"), "{said}");
}

#[test]
fn one_is_not_counted_as_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rules.toml");
    std::fs::write(&file, OWN).expect("a file");
    let list = || good(&["list", "--pack", "own", "--rules", path(&file)]);
    let counted = list();
    assert!(counted.ends_with("\n1 rule in 1 pack; 0 features\n"), "{counted}");
    let feature = "\n[[feature]]\nid = \"more\"\ntitle = \"More\"\nneeds = [\"prvReadContact\"]\n";
    std::fs::write(&file, OWN.to_owned() + feature).expect("a file");
    let counted = list();
    assert!(counted.ends_with("\n1 rule in 1 pack; 1 feature\n"), "{counted}");
}

#[test]
fn a_folder_can_replace_a_shipped_pack_or_add_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rules.toml");
    let list = || good(&["list", "--rules", path(folder.path())]);
    std::fs::write(&file, OWN.replace("\"own\"", "\"platform-changes\"")).expect("a file");
    let said = list();
    assert!(said.contains("mobile-phone"), "{said}");
    assert!(!said.contains("legacy-outlook-client-delivery"), "{said}");
    assert!(said.contains("in 4 packs"), "{said}");

    let adds = OWN
        .lines()
        .filter(|line| {
            !["title = \"Our", "version", "source"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\"own\"", "\"platform-changes\"");
    std::fs::write(&file, adds).expect("a file");
    let said = list();
    assert!(said.contains("mobile-phone"), "{said}");
    assert!(said.contains("legacy-outlook-client-delivery"), "{said}");
}
