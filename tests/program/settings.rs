//! `clearance.toml` and `CLEARANCE_…`: settings of a folder and of the environment.

use serde_json::json;

use super::desk::{Desk, Ran, list, text, valid};
use super::offices::{CROWD, DOZEN};
use super::refusals::{all_are_refused, refusal};

/// A desk with the settings of `text`.
fn desk(text: &str) -> Desk {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    desk.write("clearance.toml", text);
    desk
}

#[test]
fn a_severity_is_changed_and_that_is_told_everywhere() {
    let plain = Desk::with(&CROWD, "contoso.snapshot");
    let rule = "app-deployment-healthy";
    let arguments = [
        "audit",
        "contoso.snapshot",
        "--json",
        "a.json",
        "--html",
        "p.html",
    ];
    plain.good(arguments);
    let before = valid("assessment-1.schema.json", &plain.read("a.json"));
    let of = |json: &serde_json::Value| {
        let found = list(json, "rules").iter().find(|one| text(one, "id") == rule);
        found.expect("the rule").clone()
    };
    let shipped = text(&of(&before), "severity").to_owned();
    assert_ne!(shipped, "blocks");
    assert!(of(&before)["fail"].as_u64() > Some(0), "{}", of(&before));

    let desk = Desk::with(&CROWD, "contoso.snapshot");
    desk.write("clearance.toml", format!("[severity]\n{rule} = \"blocks\"\n"));
    let ran = desk.good(arguments);
    let after = valid("assessment-1.schema.json", &desk.read("a.json"));
    assert_eq!(of(&after)["severity"], "blocks");
    assert_eq!(of(&after)["fail"], of(&before)["fail"], "the outcome is the same");
    // Everyone for whom it fails is now blocked.
    for user in list(&after, "users") {
        let fails = list(user, "findings")
            .iter()
            .any(|finding| finding["rule"] == rule && finding["outcome"] == "fail");
        assert!(!fails || user["verdict"] == "blocked", "{user}");
    }
    assert!(after["summary"]["blocked"].as_u64() > before["summary"]["blocked"].as_u64());
    let overrides: Vec<_> = list(&after, "packs")
        .iter()
        .flat_map(|pack| list(pack, "overrides"))
        .collect();
    assert_eq!(
        overrides,
        [&json!({ "rule": rule, "from": shipped, "to": "blocks" })]
    );
    let notice = format!("The settings say that rule `{rule}` blocks; its pack says that it {shipped}.");
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.starts_with("Settings are taken from clearance.toml. contoso: "),
        "{said}"
    );
    assert!(said.contains(&notice), "{said}");
    let page = desk.read("p.html");
    assert!(page.contains(&notice.replace(&format!("`{rule}`"), &format!("<code>{rule}</code>"))));
    assert!(page.contains(&format!(
        "It blocks by the settings of this audit; its pack says that it {shipped}."
    )));
    let shown = desk.good(["rules", "show", rule]).out;
    assert!(
        shown.contains(&format!("blocks (by the settings; its pack says {shipped})")),
        "{shown}"
    );
}

#[test]
fn the_severity_of_the_pack_is_no_change() {
    let desk = desk("[severity]\nprvReadQueue = \"blocks\"\n");
    let ran = desk.good(["audit", "contoso.snapshot", "--json", "-"]);
    assert!(!ran.err.contains("The settings say"), "{}", ran.err);
}

#[test]
fn packs_files_and_policy_come_from_the_settings_unless_options_say_otherwise() {
    let desk = desk(
        "packs = [\"deployment-guide\"]\nattestations = \"signed.toml\"\ninclude-disabled = true\n\
         fail-on = \"blocked\"\n",
    );
    desk.write(
        "signed.toml",
        "[[attestation]]\nid = \"exchange-oauth-enabled\"\nholds = true\nby = \"Dana Reed\"\non = 2026-01-01\n\
         until = 2026-02-01\nstatement = \"Checked.\"\n",
    );
    let packs = |ran: &Ran| -> Vec<String> {
        let json = valid("assessment-1.schema.json", &ran.out);
        list(&json, "packs")
            .iter()
            .map(|pack| text(pack, "id").to_owned())
            .collect()
    };
    let ran = desk.run(["audit", "contoso.snapshot", "--json", "-"]);
    assert_eq!(ran.code, 1, "there are blocked users: {}", ran.err);
    assert_eq!(packs(&ran), ["deployment-guide"]);
    assert!(
        ran.err
            .contains("`exchange-oauth-enabled` by Dana Reed expired on 2026-02-01."),
        "{}",
        ran.err
    );
    let disabled = |ran: &Ran| ran.out.contains("\"reason\":\"disabled\"");
    assert!(!disabled(&ran));

    let options = ["--pack", "self-check", "--fail-on", "never"];
    let ran = desk.good(
        ["audit", "contoso.snapshot", "--json", "-"]
            .iter()
            .chain(&options),
    );
    assert_eq!(packs(&ran), ["self-check"]);

    // The environment stands between the two.
    let mut command = desk.command(["audit", "contoso.snapshot", "--json", "-", "--fail-on", "never"]);
    let variables = [
        ("CLEARANCE_PACK", "support-articles,self-check"),
        ("CLEARANCE_FAIL_ON", "limited"),
    ];
    let ran = Ran::from(command.envs(variables).output().unwrap());
    assert_eq!(
        (ran.code, packs(&ran)),
        (0, vec!["support-articles".to_owned(), "self-check".to_owned()])
    );

    // Nothing is said where nothing was asked to be said.
    let ran = desk.run(["audit", "contoso.snapshot", "--quiet"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
}

#[test]
fn what_the_settings_cannot_mean() {
    let file = |text: &str, said: &str| {
        let desk = desk(text);
        all_are_refused(
            &desk,
            [refusal(
                "audit contoso.snapshot --csv v.csv --quiet",
                2,
                format!("error: {said}\n"),
            )],
        );
    };
    file(
        "[severity]\n# Not needed here.\nprvReadQueu = \"advises\"\nno-such-thing-at-all = \"limits\"\n",
        "`clearance.toml`: there is no rule `prvReadQueu` (line 3)\nhint: did you mean `prvReadQueue`?\n\
         `clearance.toml`: there is no rule `no-such-thing-at-all` (line 4)\nhint: `clearance rules list` names all rules",
    );
    file(
        "pack = \"self-check\"\n",
        "`clearance.toml`: TOML parse error at line 1, column 1\n  |\n1 | pack = \"self-check\"\n  | ^^^^\n\
         unknown field `pack`, expected one of `packs`, `rules`, `attestations`, `waivers`, `devices`, \
         `include-disabled`, `include-superseded`, `fail-on`, `severity`",
    );
    file(
        "[severity]\nprvReadQueue = \"off\"\n",
        "`clearance.toml`: TOML parse error at line 2, column 16\n  |\n2 | prvReadQueue = \"off\"\n  |                ^^^^^\n\
         unknown variant `off`, expected one of `blocks`, `limits`, `advises`",
    );
    file(
        "packs = [\"self-chek\"]\n",
        "there is no rule pack `self-chek`\nhint: did you mean `self-check`?",
    );
    let desk = desk("");
    desk.write("clearance.toml", b"# Ren\xe9\n");
    all_are_refused(
        &desk,
        [refusal(
            "rules list",
            2,
            "error: cannot read the settings file `clearance.toml`: it is not in UTF-8\nhint: save it as UTF-8 text\n",
        )],
    );
}
