//! Arguments and files that cannot be meant as they are.

use std::fs;

use super::desk::Desk;
use super::offices::DOZEN;
use super::refusals::{Refusal, all_are_refused, refusal};

pub const COLLECT: &str = "collect https://contoso.crm4.dynamics.com";

pub fn desk() -> Desk {
    Desk::with(&DOZEN, "contoso.snapshot")
}

/// The system's words for a file that is not there.
const MISSING: &str = "there is no such file\nhint: check its name; a name without a folder is looked for in the folder \
                       you are in";

/// An audit that would write a file, with these further arguments.
pub fn audit<'a>(more: &'a str, said: &str) -> Refusal<'a> {
    let mut refusal = refusal(more, 2, format!("error: {said}\n"));
    refusal
        .arguments
        .splice(0..0, ["audit", "contoso.snapshot", "--csv", "v.csv"]);
    refusal
}

#[test]
fn users_and_units_that_nobody_is_in() {
    let desk = desk();
    desk.write("empty.txt", "\n  # nobody yet\n\n");
    desk.write(
        "typo.txt",
        "adele.vance@contoso.example\nbruno.wilbur@contoso.example\n",
    );
    desk.write("latin1.txt", b"Ren\xe9@contoso.example\n");
    let nobody = |word: &str| {
        format!(
            "error: no user `{word}` in \"contoso\"\nhint: give a sign-in name (UPN), e-mail address, id or full name as \
             Dataverse stores it\n"
        )
    };
    let word = "adele.vance@fabrikam.example";
    all_are_refused(
        &desk,
        [
            refusal("explain contoso.snapshot --user", 2, nobody(word)).and(word),
            refusal("explain contoso.snapshot --json --user", 2, nobody("")).and(""),
            audit(
                "--users empty.txt",
                "`empty.txt` names no users\nhint: write one sign-in name (UPN), e-mail address or id per line",
            ),
            audit(
                "--users typo.txt",
                "no user `bruno.wilbur@contoso.example` in the audited environments\nhint: give a user's sign-in name \
                 (UPN), e-mail address or id as Dataverse stores it",
            ),
            audit(
                "--users none.txt",
                &format!("cannot read the users file `none.txt`: {MISSING}"),
            ),
            audit(
                "--users latin1.txt",
                "cannot read the users file `latin1.txt`: it is not in UTF-8\nhint: save it as UTF-8 text",
            ),
            audit(
                "--business-unit Wset",
                "no business unit named \"Wset\" in the audited environments\nhint: did you mean \"West\"?",
            ),
            audit(
                "--business-unit Antarctica",
                "no business unit named \"Antarctica\" in the audited environments\nhint: give its whole name as Dataverse \
                 stores it",
            ),
        ],
    );
}

#[test]
fn rules_and_packs_that_are_not_there() {
    let desk = desk();
    fs::create_dir(desk.path("rules")).unwrap();
    all_are_refused(
        &desk,
        [
            refusal(
                "rules show prvUseOfficeApp",
                2,
                "error: there is no rule `prvUseOfficeApp`\nhint: did you mean `prvUseOfficeApps`?\n",
            ),
            refusal(
                "rules show something-else-entirely",
                2,
                "error: there is no rule `something-else-entirely`\nhint: `clearance rules list` names all rules\n",
            ),
            audit(
                "--pack deployment-giude",
                "there is no rule pack `deployment-giude`\nhint: did you mean `deployment-guide`?",
            ),
            audit(
                "--pack own",
                "there is no rule pack `own`\nhint: packs are `deployment-guide`, `support-articles`, `platform-changes` \
                 and `self-check`",
            ),
            audit(
                "--rules rules",
                "there are no rule files in `rules`\nhint: rule files are named *.toml",
            ),
            audit(
                "--rules none",
                &format!(
                    "cannot read rules from `none`: {}\nhint: name a rule file or a folder of rule files, in UTF-8",
                    fs::read("no such file").unwrap_err()
                ),
            ),
        ],
    );
}

#[test]
fn a_rule_file_with_a_fault_is_drawn() {
    let desk = desk();
    desk.write(
        "own.toml",
        "\
[pack]
id = \"own\"
title = \"Our own rules\"
version = \"1\"
source = \"https://intranet.example/rules\"

[[rule]]
id = \"mailbox-is-ours\"
title = \"The mailbox is active\"
scope = \"user\"
severity = \"blocks\"
check = { field = \"mailbox.statecod\", is = \"active\" }
remedy = \"Activate it.\"
",
    );
    // File, line, column, the text and what would be right.
    let said = "\
error: unknown field `mailbox.statecod`
  --> own.toml:12:19
   |
12 | check = { field = \"mailbox.statecod\", is = \"active\" }
   |                   ^^^^^^^^^^^^^^^^^^ no such fact
   |
   = help: did you mean `mailbox.statecode`?

1 fault in 1 rule file; nothing was evaluated
";
    let collect = format!("{COLLECT} -o new.snapshot --rules own.toml");
    let lines = [
        "audit contoso.snapshot --csv v.csv --rules own.toml",
        "explain contoso.snapshot --user X --rules own.toml",
        &collect,
        "rules list --rules own.toml",
        "rules check own.toml",
    ];
    all_are_refused(&desk, lines.map(|line| refusal(line, 2, said)));
}

#[test]
fn signed_files_with_faults() {
    let desk = desk();
    fs::create_dir(desk.path("folder")).unwrap();
    let dates = |until: &str| format!("on = 2026-01-01\nuntil = {until}\n");
    let attestation = "[[attestation]]\nid = \"exchange-oauth-enabled\"\n";
    desk.write("unknown-key.toml", format!("{attestation}hold = true\n"));
    desk.write(
        "no-date.toml",
        format!(
            "{attestation}holds = true\nby = \"D\"\n{}statement = \"s\"\n",
            dates("\"31/12/2026\"")
        ),
    );
    desk.write("incomplete.toml", format!("{attestation}holds = true\n"));
    desk.write("torn.toml", "[[waiver]\nrules = []\n");
    desk.write(
        "no-scope.toml",
        format!(
            "[[waiver]]\nrules = [\"user-enabled\"]\nreason = \"On leave\"\napproved_by = \"D\"\n{}",
            dates("2026-12-31")
        ),
    );
    all_are_refused(
        &desk,
        [
            audit(
                "--attestations none.toml",
                &format!("cannot read the attestations file `none.toml`: {MISSING}"),
            ),
            audit(
                "--attestations folder",
                "cannot read the attestations file `folder`: it is a folder\nhint: name a file in it",
            ),
            audit(
                "--attestations unknown-key.toml",
                "`unknown-key.toml`: TOML parse error at line 3, column 1\n  |\n3 | hold = true\n  | ^^^^\nunknown field \
                 `hold`, expected one of `id`, `holds`, `by`, `on`, `until`, `statement`, `document`, `environment`",
            ),
            audit(
                "--attestations no-date.toml",
                "`no-date.toml`: TOML parse error at line 6, column 9\n  |\n6 | until = \"31/12/2026\"\n  |         \
                 ^^^^^^^^^^^^\nexpected a day such as 2026-11-23",
            ),
            audit(
                "--attestations incomplete.toml",
                "`incomplete.toml`: TOML parse error at line 1, column 1\n  |\n1 | [[attestation]]\n  | \
                 ^^^^^^^^^^^^^^^\nmissing field `by`",
            ),
            audit(
                "--waivers none.toml",
                &format!("cannot read the waivers file `none.toml`: {MISSING}"),
            ),
            audit(
                "--waivers torn.toml",
                "`torn.toml`: TOML parse error at line 1, column 10\n  |\n1 | [[waiver]\n  |          ^\nunclosed array \
                 table, expected `]`",
            ),
            audit(
                "--waivers no-scope.toml",
                "`no-scope.toml`: waiver 1 (\"On leave\") says neither `users` nor `business_units` nor \
                 `environments`\nhint: name at least one of them, so that it is clear for whom the failure is accepted",
            ),
        ],
    );
}
