//! Differences that were found once, each with the sentence that a reader gets.

use clearance::evaluate::Outcome::{self, Fail, NotApplicable, Pass, Unknown};
use clearance::evaluate::{Inputs, Reported, assess};
use clearance::rules::{RuleSource, load};

use crate::kleene::snapshot;
use crate::oracle::tables::{Snapshot, Table, Value};
use crate::world::environment;

/// An environment in which nobody holds anything, and everything was read.
fn whole() -> Snapshot {
    let mut whole = snapshot(1);
    let tables = [
        (
            "role",
            &["roleid", "name", "parentrootroleid", "roletemplateid"][..],
        ),
        ("privilege", &["privilegeid", "name"]),
        ("roleprivileges", &["roleid", "privilegeid"]),
        ("systemuserroles", &["systemuserid", "roleid"]),
        ("team", &["teamid", "teamtype"]),
        ("teamroles", &["teamid", "roleid"]),
        ("teammembership", &["systemuserid", "teamid"]),
        ("appmodule", &["appmoduleid", "uniquename"]),
        ("appmoduleroles", &["appmoduleid", "roleid"]),
    ];
    for (name, columns) in tables {
        let table = Table {
            complete: true,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            ..Table::default()
        };
        whole.tables.insert(name.to_owned(), table);
    }
    for read in ["User", "Role", "Team", "AppModule"] {
        whole.depths.insert(format!("prvRead{read}"), "global".to_owned());
    }
    whole.wanted_privileges.insert("prvreadaccount".to_owned());
    whole
}

/// The outcome of that check for the only user, and what its finding observes and says.
fn judged(snapshot: &Snapshot, check: &str) -> (Outcome, String, String) {
    let text = format!(
        "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1\"\nsource = \"https://example.com\"\n[[rule]]\nid = \"own-rule\"\n\
         title = \"So it is\"\nscope = \"user\"\nseverity = \"blocks\"\ncheck = {check}\nremedy = \"Make it so.\"\n"
    );
    let name = "own.toml".to_owned();
    let rules = load(&[RuleSource { name, text }]).unwrap_or_else(|refused| panic!("{refused}"));
    let environments = [environment(snapshot)];
    let inputs = Inputs {
        rules: &rules,
        environments: &environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    let assessment = assess(&inputs).unwrap();
    let finding = assessment.environments[0].finding(0, 0);
    (finding.outcome, finding.observed, finding.cause)
}

const READS_ACCOUNTS: &str = r#"{ privilege = "prvReadAccount", depth = "basic" }"#;

#[test]
fn nobody_holds_a_privilege_that_does_not_exist() {
    let mut memberships_not_read = whole();
    memberships_not_read.tables.remove("teammembership");
    for snapshot in [whole(), memberships_not_read] {
        let (outcome, observed, cause) = judged(&snapshot, &format!("{{ all = [{READS_ACCOUNTS}] }}"));
        assert_eq!(outcome, Fail);
        assert_eq!(observed, "`prvReadAccount`: granted by no role of the user");
        assert_eq!(
            cause,
            "The privilege `prvReadAccount` does not exist in this environment, so nobody holds it."
        );
        assert_eq!(
            judged(&snapshot, &format!("{{ not = {READS_ACCOUNTS} }}")).0,
            Pass
        );
        assert_eq!(judged(&snapshot, READS_ACCOUNTS).0, NotApplicable);
    }
}

#[test]
fn without_their_names_no_privilege_is_known_not_to_exist() {
    let mut snapshot = whole();
    snapshot
        .tables
        .get_mut("privilege")
        .unwrap()
        .columns
        .remove("name");
    let (outcome, _, cause) = judged(&snapshot, READS_ACCOUNTS);
    assert_eq!(outcome, Unknown);
    assert_eq!(
        cause,
        "Not known: it was not seen, and that does not prove it is missing: `prvReadAccount`: `privilege.name` was not read."
    );
}

#[test]
fn whom_an_app_is_shared_with_is_not_known_of_an_app_that_was_not_seen() {
    let shared = r#"{ app_module_shared = "Own" }"#;
    assert_eq!(judged(&whole(), shared).0, Fail);

    let mut names_not_read = whole();
    names_not_read
        .tables
        .get_mut("appmodule")
        .unwrap()
        .columns
        .remove("uniquename");
    let (outcome, _, cause) = judged(&names_not_read, shared);
    assert_eq!(outcome, Unknown);
    assert_eq!(
        cause,
        "Not known: it was not seen, and that does not prove it is missing: `appmodule.uniquename` was not read."
    );

    let mut not_proven = whole();
    not_proven.depths.remove("prvReadAppModule");
    let (outcome, _, cause) = judged(&not_proven, shared);
    assert_eq!(outcome, Unknown);
    assert_eq!(
        cause,
        "Not known: it was not seen, and that does not prove it is missing: the collecting account is not proven to \
         hold `prvReadAppModule` at global depth."
    );
}

#[test]
fn a_fact_of_the_environment_is_compared_with_one_of_the_user() {
    let check = r#"{ field = "environment.region", same_as = "systemuser.fullname" }"#;
    let mut snapshot = whole();
    let mut judged_as = |region: Option<&str>, name: &str| {
        snapshot.region = region.map(str::to_owned);
        let user = &mut snapshot.tables.get_mut("systemuser").unwrap().rows[0];
        user.insert("fullname".to_owned(), Value::Text(name.to_owned()));
        judged(&snapshot, check)
    };
    assert_eq!(judged_as(Some("crm4"), " CRM4").0, Pass);
    let (outcome, observed, _) = judged_as(Some("crm4"), "crm");
    assert_eq!(outcome, Fail);
    assert_eq!(
        observed,
        "`environment.region` is \"crm4\"; `systemuser.fullname` is \"crm\""
    );
    let (outcome, _, cause) = judged_as(None, "crm");
    assert_eq!(outcome, Unknown);
    assert_eq!(cause, "Not known: `environment.region` is not known.");
}

#[test]
fn a_build_that_cannot_be_compared_is_there_all_the_same() {
    let mut snapshot = whole();
    snapshot.build = Some("nightly".to_owned());
    assert_eq!(
        judged(&snapshot, r#"{ field = "environment.build", present = true }"#).0,
        Pass
    );
    let (outcome, observed, cause) =
        judged(&snapshot, r#"{ field = "environment.build", at_least = "9.1" }"#);
    assert_eq!(outcome, Unknown);
    assert_eq!(observed, "`environment.build` is \"nightly\"");
    assert_eq!(
        cause,
        "Not known: \"nightly\" is not a version that can be compared."
    );
}
