//! Arguments and files that cannot be meant as they are.

use std::fs;

use super::desk::Desk;
use super::offices::DOZEN;
use super::refusals::{all_are_refused, refusal};

fn desk() -> Desk {
    Desk::with(&DOZEN, "contoso.snapshot")
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
    let user = "hint: give a sign-in name (UPN), e-mail address, id or full name as Dataverse stores it\n";
    all_are_refused(
        &desk,
        [
            refusal(
                "explain contoso.snapshot --user adele.vance@fabrikam.example",
                2,
                format!("error: no user `adele.vance@fabrikam.example` in \"contoso\"\n{user}"),
            ),
            refusal(
                "explain contoso.snapshot --json --user",
                2,
                format!("error: no user `` in \"contoso\"\n{user}"),
            )
            .and(""),
            refusal(
                "audit contoso.snapshot --csv v.csv --users empty.txt",
                2,
                "error: `empty.txt` names no users\nhint: write one sign-in name (UPN), e-mail address or id per line\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --users typo.txt",
                2,
                "error: no user `bruno.wilbur@contoso.example` in the audited environments\nhint: give a user's sign-in name \
             (UPN), e-mail address or id as Dataverse stores it\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --users none.txt",
                2,
                "error: cannot read the users file `none.txt`: No such file or directory (os error 2)\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --users latin1.txt",
                2,
                "error: cannot read the users file `latin1.txt`: stream did not contain valid UTF-8\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --business-unit Norht",
                2,
                "error: no business unit named \"Norht\" in the audited environments\n",
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
            refusal(
                "audit contoso.snapshot --csv v.csv --pack deployment-giude",
                2,
                "error: there is no rule pack `deployment-giude`\nhint: did you mean `deployment-guide`?\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --pack own",
                2,
                "error: there is no rule pack `own`\nhint: packs are deployment-guide, platform-changes, self-check and support-articles\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --rules rules",
                2,
                "error: there are no rule files in `rules`\nhint: rule files are named *.toml\n",
            ),
            refusal(
                "explain contoso.snapshot --user X --rules none",
                2,
                "error: cannot read rules from `none`: No such file or directory (os error 2)\nhint: name a rule file or a folder of rule files, in UTF-8\n",
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
    let said = "\
error: there is no field `mailbox.statecod`
  --> own.toml:12:19
   |
12 | check = { field = \"mailbox.statecod\", is = \"active\" }
   |                   ^^^^^^^^^^^^^^^^^^
   |
   = help: did you mean `mailbox.statecode`?
";
    for command in [
        "audit contoso.snapshot --csv v.csv --rules own.toml",
        "explain contoso.snapshot --user X --rules own.toml",
        "collect https://contoso.crm4.dynamics.com -o new.snapshot --rules own.toml",
        "rules list --rules own.toml",
        "rules check own.toml",
    ] {
        all_are_refused(&desk, [refusal(command, 2, said)]);
    }
}

#[test]
fn signed_files_with_faults() {
    let desk = desk();
    fs::create_dir(desk.path("folder")).unwrap();
    desk.write(
        "unknown-key.toml",
        "[[attestation]]\nid = \"exchange-oauth-enabled\"\nhold = true\n",
    );
    desk.write("no-date.toml", "[[attestation]]\nid = \"exchange-oauth-enabled\"\nholds = true\nby = \"D\"\non = 2026-01-01\nuntil = \"31/12/2026\"\nstatement = \"s\"\n");
    desk.write("torn.toml", "[[waiver]\nrules = []\n");
    desk.write("no-scope.toml", "[[waiver]]\nrules = [\"user-enabled\"]\nreason = \"On leave\"\napproved_by = \"D\"\non = 2026-01-01\nuntil = 2026-12-31\n");
    all_are_refused(
        &desk,
        [
            refusal(
                "audit contoso.snapshot --csv v.csv --attestations none.toml",
                2,
                "error: cannot read the attestations file `none.toml`: No such file or directory (os error 2)\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --attestations folder",
                2,
                "error: cannot read the attestations file `folder`: Is a directory (os error 21)\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --attestations unknown-key.toml",
                2,
                "",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --attestations no-date.toml",
                2,
                "",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --waivers none.toml",
                2,
                "error: cannot read the waivers file `none.toml`: No such file or directory (os error 2)\n",
            ),
            refusal("audit contoso.snapshot --csv v.csv --waivers torn.toml", 2, ""),
            refusal("explain contoso.snapshot --user X --waivers no-scope.toml", 2, ""),
        ],
    );
}

#[test]
fn outputs_that_cannot_be_written() {
    let desk = desk();
    fs::create_dir(desk.path("folder")).unwrap();
    desk.write("old.csv", "what was there before");
    let hint = "hint: name a file in a folder that exists and that you may write to\n";
    all_are_refused(
        &desk,
        [
            refusal(
                "audit contoso.snapshot --csv v.csv --html none/r.html",
                2,
                format!("error: cannot write `none/r.html`: entity not found\n{hint}"),
            ),
            refusal(
                "audit contoso.snapshot --csv old.csv --json folder",
                2,
                format!("error: cannot write `folder`: it is a folder\n{hint}"),
            ),
            refusal(
                "audit contoso.snapshot --csv old.csv --html old.csv/r.html",
                2,
                format!("error: cannot write `old.csv/r.html`: not a directory\n{hint}"),
            ),
            refusal(
                "audit contoso.snapshot --csv - --json -",
                2,
                "error: two reports cannot both go to standard output (`-`)\n",
            ),
            refusal(
                "audit contoso.snapshot --csv v.csv --findings-csv v.csv",
                2,
                "error: two reports cannot both be written to `v.csv`\n",
            ),
            // Refused before anything is asked of an environment that is not there.
            refusal(
                "audit https://contoso.invalid --csv none/v.csv",
                2,
                format!("error: cannot write `none/v.csv`: entity not found\n{hint}"),
            ),
        ],
    );
}

#[test]
fn a_clock_that_is_none() {
    let desk = desk();
    for epoch in ["yesterday", "2026-11-23", "", "99999999999999"] {
        let said = format!("error: SOURCE_DATE_EPOCH is \"{epoch}\", not a number of seconds since 1970\n");
        all_are_refused(
            &desk,
            [refusal("audit contoso.snapshot --csv v.csv", 2, said).with("SOURCE_DATE_EPOCH", epoch)],
        );
    }
}

#[test]
fn wrong_arguments() {
    let desk = desk();
    all_are_refused(
        &desk,
        [
            refusal("audit contoso.snapshot --cvs v.csv", 2, ""),
            refusal("audti contoso.snapshot", 2, ""),
            refusal("audit", 2, ""),
            refusal("explain contoso.snapshot", 2, ""),
            refusal("audit contoso.snapshot --fail-on ready", 2, ""),
            refusal("audit contoso.snapshot -q -v", 2, ""),
            refusal("audit contoso.snapshot --users u.txt --business-unit West", 2, ""),
            refusal("collect https://contoso.crm4.dynamics.com", 2, ""),
            refusal(
                "collect https://contoso.crm4.dynamics.com -o s --concurrency 0",
                2,
                "",
            ),
        ],
    );
}
