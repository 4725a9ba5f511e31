//! A collecting account that sees only rows of its own: what it does not see is not called missing, in
//! any output.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use clearance::snapshot::manifest::SELF_CHECKED;
use dataverse_simulator::{Depth, TenantOptions, generate};
use serde_json::Value;

use super::desk::{Desk, Kept, Row, list, table, text, valid};

/// The sentence of rule `mailbox-exists` about somebody who has none.
const NO_MAILBOX: &str = "The user has no mailbox record.";

/// What an audit of one snapshot wrote.
struct Audited {
    desk: Desk,
    said: String,
    verdicts: Vec<Row>,
    findings: Vec<Row>,
    json: Value,
    html: String,
}

/// An audit of what an account collects that may read everything, but of one kind only its own rows.
fn audited(narrow: Option<&str>) -> Audited {
    let mut tenant = generate(&TenantOptions {
        users: 60,
        ..TenantOptions::default()
    });
    // Some have no mailbox.
    let people = tenant.users.iter().filter(|user| user.isdisabled == Some(false));
    let without: Vec<_> = people.map(|user| Some(user.systemuserid)).step_by(9).collect();
    tenant
        .mailboxes
        .retain(|mailbox| !without.contains(&mailbox.regardingobjectid));
    tenant.restrict_caller(&SELF_CHECKED.map(|read| {
        let depth = if narrow == Some(read) {
            Depth::Basic
        } else {
            Depth::Global
        };
        (read, depth)
    }));
    let desk = Desk::with(&Kept::collect(tenant), "contoso.snapshot");
    let manifest = desk.json("contoso.snapshot/manifest.json");
    for read in SELF_CHECKED {
        let depth = if narrow == Some(read) { "basic" } else { "global" };
        assert_eq!(manifest["selfcheck"]["depths"][read], depth, "{read}");
    }
    let line = "audit contoso.snapshot --csv v.csv --findings-csv f.csv --json a.json --html r.html";
    let said = desk.good(line.split(' ')).err;
    Audited {
        said,
        verdicts: table(&desk.read("v.csv")),
        findings: table(&desk.read("f.csv")),
        json: valid("assessment-1.schema.json", &desk.read("a.json")),
        html: desk.read("r.html"),
        desk,
    }
}

static WHOLE: LazyLock<Audited> = LazyLock::new(|| audited(None));

impl Audited {
    /// Users of whom a rule came to an outcome, from the findings.
    fn users(&self, rule: &str, outcome: &str) -> BTreeSet<String> {
        let rows = self.findings.iter();
        rows.filter(|row| row["rule"] == rule && row["outcome"] == outcome)
            .map(|row| row["user_id"].clone())
            .collect()
    }

    /// The same, from the JSON.
    fn users_in_json(&self, rule: &str, outcome: &str) -> BTreeSet<String> {
        let is_it = |finding: &Value| text(finding, "rule") == rule && text(finding, "outcome") == outcome;
        let users = list(&self.json, "users").iter();
        // Who is out of scope has no findings.
        users
            .filter(|user| {
                user["findings"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(is_it))
            })
            .map(|user| text(user, "id").to_owned())
            .collect()
    }

    fn ready(&self) -> BTreeSet<&String> {
        let rows = self.verdicts.iter();
        rows.filter(|row| row["verdict"] == "ready")
            .map(|row| &row["user_id"])
            .collect()
    }

    fn fails(&self) -> BTreeSet<(&String, &String)> {
        let rows = self.findings.iter();
        rows.filter(|row| row["outcome"] == "fail")
            .map(|row| (&row["user_id"], &row["rule"]))
            .collect()
    }

    /// The report says at its top, and the terminal too, why so much is not known.
    fn tells_of(&self, read: &str) {
        let notice =
            format!("the collecting account is not proven to see every row ({read} at global depth)");
        let said = self.said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&notice), "{said}");
        assert!(self.html.contains(&notice), "{read}");
    }
}

#[test]
fn nobody_is_said_to_have_no_mailbox_by_an_account_that_sees_only_its_own() {
    // There are people without a mailbox, and an account that sees everything says so everywhere.
    let without = WHOLE.users("mailbox-exists", "fail");
    assert!(!without.is_empty());
    assert_eq!(WHOLE.users_in_json("mailbox-exists", "fail"), without);
    assert!(
        WHOLE
            .verdicts
            .iter()
            .any(|row| row["top_cause"].contains(NO_MAILBOX))
    );
    assert!(WHOLE.html.contains(NO_MAILBOX));

    let narrow = audited(Some("prvReadMailbox"));
    narrow.tells_of("prvReadMailbox");
    let unknown = narrow.users("mailbox-exists", "unknown");
    assert!(unknown.is_superset(&without) && unknown.len() > without.len());
    assert_eq!(narrow.users_in_json("mailbox-exists", "unknown"), unknown);
    assert_eq!(narrow.users("mailbox-exists", "fail"), BTreeSet::new());
    assert_eq!(narrow.users_in_json("mailbox-exists", "fail"), BTreeSet::new());
    for row in narrow
        .findings
        .iter()
        .filter(|row| row["rule"] == "mailbox-exists")
    {
        assert!(
            row["cause"].contains("`prvReadMailbox` at global depth"),
            "{row:?}"
        );
    }
    for row in &narrow.verdicts {
        assert!(!row["top_cause"].contains(NO_MAILBOX), "{row:?}");
        // Nor is anybody ready whose mailbox nobody has seen.
        assert!(
            row["verdict"] != "ready" || !unknown.contains(&row["user_id"]),
            "{row:?}"
        );
    }
    assert!(!narrow.html.contains(NO_MAILBOX));
    for user in without.iter().chain(unknown.difference(&without).take(1)) {
        let explain = ["explain", "contoso.snapshot", "--user", user];
        let drawn = narrow.desk.good(explain).out;
        assert!(!drawn.contains(NO_MAILBOX), "{drawn}");
        let json = narrow.desk.good(explain.into_iter().chain(["--json"])).out;
        let explanation = valid("explanation-1.schema.json", &json);
        let mut causes = list(&explanation, "causes").iter();
        let cause = causes
            .find(|cause| cause["rule"] == "mailbox-exists")
            .expect("a cause");
        assert_eq!(cause["outcome"], "unknown");
    }
}

#[test]
fn nobody_is_said_to_lack_access_by_an_account_that_sees_only_its_own() {
    let of_access = |rule: &str| {
        rule.starts_with("prv")
            || [
                "user-has-a-role",
                "app-module-shared-with-role",
                "app-role-exists",
                "group-team-membership-unseen",
            ]
            .contains(&rule)
    };
    assert!(WHOLE.fails().iter().any(|(_, rule)| of_access(rule)));
    for read in ["prvReadUser", "prvReadRole", "prvReadTeam"] {
        let narrow = audited(Some(read));
        narrow.tells_of(read);
        assert!(narrow.ready().is_subset(&WHOLE.ready()), "{read}: ready only now");
        let fails = narrow.fails();
        assert!(fails.is_subset(&WHOLE.fails()), "{read}: fails only now");
        let lacking: Vec<_> = fails.iter().filter(|(_, rule)| of_access(rule)).collect();
        assert!(lacking.is_empty(), "{read}: {lacking:?}");
    }
}
