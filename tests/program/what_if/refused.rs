//! Command lines and documents that are refused.

use super::super::refusals::{Refusal, all_are_refused};
use super::*;

const SCHEMA: &str = "hint: `clearance rules schema changes` prints what a change looks like\n";

fn refused<'a>(arguments: &[&'a str], said: impl Into<String>) -> Refusal<'a> {
    Refusal {
        arguments: [&["what-if", "contoso.snapshot"], arguments].concat(),
        code: 2,
        said: format!("error: {}", said.into()),
        variables: Vec::new(),
    }
}

#[test]
fn options_that_do_not_fit_together() {
    let whose = "hint: user: takes a sign-in name (UPN), e-mail address, id or full name; team: and bu: take a name or \
                 an id\n";
    all_are_refused(
        &desk(),
        [
            refused(
                &[],
                "there is nothing to suppose\nhint: say what would change, such as `clearance what-if contoso.snapshot \
                 --assign-role \"ROLE\" --to user:UPN`; `clearance what-if --help` lists the changes\n",
            ),
            refused(
                &["other.snapshot", "--bind-role", "R"],
                "what-if takes one environment, and 2 are given\nhint: suppose changes of one environment at a time\n",
            ),
            refused(
                &["--to", "user:x", "--assign-role", "R"],
                "--to \"user:x\" follows no option that it could belong to\nhint: write it after `--assign-role`\n",
            ),
            refused(
                &["--assign-role", "R", "--on-role", "S"],
                "--on-role \"S\" follows no option that it could belong to\nhint: write it after `--grant`, `--revoke` \
                 or `--set-inheritance`\n",
            ),
            refused(
                &["--assign-role", "R"],
                "--assign-role \"R\" does not say to whom\nhint: write --to user:UPN, --to team:NAME or --to bu:NAME \
                 after it\n",
            ),
            refused(
                &["--remove-role", "R"],
                "--remove-role \"R\" does not say from whom\nhint: write --from user:UPN, --from team:NAME or --from \
                 bu:NAME after it\n",
            ),
            refused(
                &["--grant", "prvX:basic", "--assign-role", "R", "--to", "user:x"],
                "--grant \"prvX:basic\" does not say on which role\nhint: write --on-role ROLE after it\n",
            ),
            refused(
                &["--revoke", "prvX", "--on-role", "R", "--on-role", "S"],
                "--revoke \"prvX\" has several roles\nhint: write the option once for every --on-role\n",
            ),
            refused(
                &["--bind-role", "R", "--app", "A", "--app", "B"],
                "--bind-role \"R\" has several apps\nhint: write the option once for every --app\n",
            ),
            refused(
                &["--grant", "prvX", "--on-role", "R"],
                "--grant \"prvX\" has no depth\nhint: write PRIVILEGE:DEPTH, such as prvReadContact:basic\n",
            ),
            refused(
                &["--grant", "prvX:globel", "--on-role", "R"],
                "--grant \"prvX:globel\": there is no depth \"globel\"\nhint: did you mean prvX:global ?\n",
            ),
            refused(
                &["--grant", "prvX:user", "--on-role", "R"],
                "--grant \"prvX:user\": there is no depth \"user\"\nhint: a depth is `basic`, `local`, `deep` or \
                 `global`\n",
            ),
            refused(
                &["--set-inheritance", "both", "--on-role", "R"],
                "--set-inheritance \"both\" is no setting\nhint: write `direct-user` or `team-only`\n",
            ),
            refused(
                &["--set", "mailbox.actstatus", "--of", "user:x"],
                "--set \"mailbox.actstatus\" has no value\nhint: write FIELD=VALUE, such as \
                 mailbox.incomingemailstatus=success\n",
            ),
            refused(
                &["--set", "mailbox.actstatus=success"],
                "--set \"mailbox.actstatus=success\" does not say whose\nhint: write --of user:UPN or --of bu:NAME \
                 after it\n",
            ),
            refused(
                &["--assign-role", "R", "--to", "maria"],
                format!("--to: `maria` names nobody: write user:NAME, team:NAME or bu:NAME\n{whose}"),
            ),
            refused(
                &["--assign-role", "R", "--to", "group:maria"],
                format!("--to: `group:maria` names nobody: write user:NAME, team:NAME or bu:NAME\n{whose}"),
            ),
            // What the environment does not have, with the program's own words around it.
            refused(
                &[
                    "--assign-role",
                    "Dynamics 365 App for Outlok User",
                    "--to",
                    "bu:West",
                ],
                "cannot assign role \"Dynamics 365 App for Outlok User\" to bu:West: no role is called \"Dynamics 365 \
                 App for Outlok User\"\nhint: did you mean \"Dynamics 365 App for Outlook User\"?\n",
            ),
        ],
    );
}

#[test]
fn documents_that_are_no_changes() {
    let desk = desk();
    let begins = "hint: the document begins with {\"schema\": \"clearance.changes/1\", \"changes\": [ … ]}\n";
    let documents = [
        (
            "other.json",
            r#"{"schema": "clearance.assessment/1"}"#,
            "its schema is \"clearance.assessment/1\"\nhint: changes are read from \"clearance.changes/1\" and from \
             \"clearance.plan/1\" (what `clearance plan --json` prints)\n"
                .to_owned(),
        ),
        (
            "none.json",
            r#"{"changes": []}"#,
            format!("missing field `schema` at line 1 column 15\n{begins}"),
        ),
        (
            "broken.json",
            r#"{"schema": "#,
            format!("EOF while parsing a value at line 1 column 11\n{begins}"),
        ),
        (
            "unknown.json",
            r#"{"schema": "clearance.changes/1", "changes": [{"change": "sack", "user": "x"}]}"#,
            format!(
                "unknown variant `sack`, expected one of `assign-role`, `remove-role`, `grant-privilege`, \
                 `revoke-privilege`, `set-inheritance`, `bind-role`, `unbind-role`, `set-field` at line 1 column \
                 63\n{SCHEMA}"
            ),
        ),
        (
            "who.json",
            r#"{"schema": "clearance.changes/1", "changes": [{"change": "assign-role", "role": "R", "to": ["x"]}]}"#,
            format!("`x` names nobody: write user:NAME, team:NAME or bu:NAME at line 1 column 98\n{SCHEMA}"),
        ),
        (
            "plan.json",
            r#"{"schema": "clearance.plan/1"}"#,
            format!("missing field `actions` at line 1 column 30\n{SCHEMA}"),
        ),
    ];
    for (name, document, _) in &documents {
        desk.write(name, document);
    }
    let cases = documents
        .iter()
        .map(|(name, _, said)| refused(&["--changes", name], format!("`{name}`: {said}")));
    let missing = refused(
        &["--changes", "nowhere.json"],
        "cannot read the changes file `nowhere.json`: there is no such file\nhint: check its name; a name without a \
         folder is looked for in the folder you are in\n"
            .to_owned(),
    );
    all_are_refused(&desk, cases.chain([missing]));
}
