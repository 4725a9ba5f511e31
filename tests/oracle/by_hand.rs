//! The oracle itself, on inputs small enough to judge by eye, where the contract is subtle.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray};
use serde_json::json;

use super::access::{Access, BASIC, Existence, GLOBAL, LOCAL};
use super::compare::{self, Differences};
use super::rules::Given;
use super::tables::{Snapshot, Table, Value};
use super::verdict::{Assessment, assess};
use super::{Outcome, Tri};

/// A snapshot whose tables are whole and whose caller reads everything.
fn snapshot(name: &str, tables: &serde_json::Value) -> Snapshot {
    let mut snapshot = Snapshot {
        name: name.to_owned(),
        build: Some("9.2.24091.195".to_owned()),
        online: true,
        ..Snapshot::default()
    };
    let reads = [
        "User",
        "Role",
        "Team",
        "BusinessUnit",
        "Mailbox",
        "EmailServerProfile",
        "Organization",
        "AppModule",
    ];
    snapshot.depths = reads
        .iter()
        .map(|read| (format!("prvRead{read}"), "global".to_owned()))
        .collect();
    for (table, rows) in tables.as_object().into_iter().flatten() {
        let mut read = Table {
            complete: true,
            ..Table::default()
        };
        for row in rows.as_array().into_iter().flatten() {
            let cells = row.as_object().into_iter().flatten().map(|(column, cell)| {
                let value = match cell {
                    serde_json::Value::Null => Value::Null,
                    serde_json::Value::Bool(yes) => Value::Bool(*yes),
                    serde_json::Value::Number(number) => Value::Int(number.as_i64().unwrap_or_default()),
                    other => Value::Text(other.as_str().unwrap_or_default().to_owned()),
                };
                (column.clone(), value)
            });
            read.rows.push(cells.collect());
            read.columns.extend(
                row.as_object()
                    .into_iter()
                    .flatten()
                    .map(|(column, _)| column.clone()),
            );
        }
        if table == "privilege" {
            let names = read
                .rows
                .iter()
                .filter_map(|row| super::tables::text(row, "name"));
            snapshot.wanted_privileges = names.map(str::to_lowercase).collect();
        }
        snapshot.tables.insert(table.clone(), read);
    }
    snapshot
}

/// One user `u` who holds one role copy `copy` of `root`, which grants privilege `prvP` by `mask`.
fn one_role(mask: i64, isinherited: Option<i64>, team: Option<serde_json::Value>) -> Snapshot {
    let through_team = team.is_some();
    snapshot(
        "one",
        &json!({
            "systemuser": [{"systemuserid": "u"}],
            "privilege": [{"privilegeid": "p", "name": "prvP", "canbebasic": true, "canbelocal": null,
                           "canbedeep": true, "canbeglobal": true}],
            "role": [
                {"roleid": "root", "name": "R", "parentrootroleid": "root", "roletemplateid": null, "isinherited": 1},
                {"roleid": "copy", "name": "R", "parentrootroleid": "root", "roletemplateid": null,
                 "isinherited": isinherited},
            ],
            "roleprivileges": [{"roleid": "root", "privilegeid": "p", "privilegedepthmask": mask}],
            "systemuserroles": if through_team { json!([]) } else { json!([{"systemuserid": "u", "roleid": "copy"}]) },
            "team": team.map_or(json!([]), |team| json!([team])),
            "teamroles": if through_team { json!([{"teamid": "t", "roleid": "copy"}]) } else { json!([]) },
            "teammembership": [{"systemuserid": "u", "teamid": "t"}],
        }),
    )
}

fn outcome(snapshot: &Snapshot, least: u8) -> Outcome {
    let access = Access::new(snapshot);
    let (condition, check) = access.privilege("u", "prvP", &access.existence("prvP", least));
    Outcome::decide(condition, check)
}

#[test]
fn a_role_grants_by_its_path() {
    use Outcome::{Fail, Pass, Unknown};
    let team = |kind: serde_json::Value| Some(json!({"teamid": "t", "teamtype": kind}));
    let owner = team(json!(0));
    for (case, snapshot, least, expected) in [
        (
            "direct, from the root's rows",
            one_role(1, Some(0), None),
            BASIC,
            Pass,
        ),
        ("direct, too shallow", one_role(2, Some(0), None), GLOBAL, Fail),
        ("a mask of 0 is no grant", one_role(0, Some(1), None), BASIC, Fail),
        (
            "higher bits are no depth",
            one_role(16, Some(1), None),
            BASIC,
            Fail,
        ),
        ("the greatest bit wins", one_role(9, Some(1), None), GLOBAL, Pass),
        (
            "team, inherited, at Basic",
            one_role(1, Some(1), owner.clone()),
            BASIC,
            Pass,
        ),
        (
            "team privileges only, at Basic",
            one_role(1, Some(0), owner.clone()),
            BASIC,
            Fail,
        ),
        (
            "team privileges only, above Basic",
            one_role(2, Some(0), owner.clone()),
            BASIC,
            Unknown,
        ),
        (
            "team privileges only, at the least depth",
            one_role(8, Some(0), owner.clone()),
            GLOBAL,
            Unknown,
        ),
        (
            "team privileges only, below the least depth",
            one_role(4, Some(0), owner.clone()),
            GLOBAL,
            Fail,
        ),
        (
            "null inheritance is team privileges only",
            one_role(1, None, owner),
            BASIC,
            Fail,
        ),
        ("group team", one_role(1, Some(1), team(json!(2))), BASIC, Pass),
        ("access team", one_role(8, Some(1), team(json!(1))), BASIC, Fail),
        (
            "team without a type",
            one_role(8, Some(1), team(json!(null))),
            BASIC,
            Unknown,
        ),
        (
            "team without a type, too shallow",
            one_role(1, Some(1), team(json!(null))),
            GLOBAL,
            Fail,
        ),
        (
            "team without a row",
            one_role(8, Some(1), Some(json!({"teamid": "x", "teamtype": 0}))),
            BASIC,
            Unknown,
        ),
    ] {
        assert_eq!(outcome(&snapshot, least), expected, "{case}");
    }
}

#[test]
fn a_miss_needs_whole_tables_and_a_pass_does_not() {
    let mut miss = one_role(1, Some(1), None);
    let mut hit = one_role(8, Some(1), None);
    for snapshot in [&mut miss, &mut hit] {
        snapshot.depths.remove("prvReadTeam");
    }
    assert_eq!(outcome(&miss, GLOBAL), Outcome::Unknown);
    assert_eq!(outcome(&hit, GLOBAL), Outcome::Pass);
}

#[test]
fn a_privilege_that_is_not_there_applies_to_nobody() {
    let mut snapshot = one_role(8, Some(1), None);
    let privilege = snapshot.tables.get_mut("privilege").expect("the privilege table");
    privilege.rows[0].insert("canbebasic".to_owned(), Value::Bool(false));
    let access = Access::new(&snapshot);
    let exists = Existence::Exists {
        ids: vec!["p"],
        least: LOCAL,
    };
    assert_eq!(
        access.existence("prvP", BASIC),
        exists,
        "a null canbelocal counts as grantable"
    );
    assert_eq!(
        access.existence("prvNotAsked", BASIC),
        Existence::Unknown { least: BASIC }
    );
    snapshot.wanted_privileges.insert("prvgone".to_owned());
    assert_eq!(
        Access::new(&snapshot).existence("prvGone", BASIC),
        Existence::DoesNotExist
    );
}

#[test]
fn a_group_team_may_hold_people_whom_it_has_not_seen() {
    let mut snapshot = one_role(8, Some(1), Some(json!({"teamid": "t", "teamtype": 3})));
    let members = snapshot
        .tables
        .get_mut("teammembership")
        .expect("the memberships");
    members.rows.clear();
    let access = Access::new(&snapshot);
    assert!(access.membership_unseen("u"));
    assert_eq!(access.memberships_seen("u"), Tri::False);
    assert_eq!(access.has_role("u"), Tri::Unknown);
    assert_eq!(outcome(&snapshot, BASIC), Outcome::Unknown);
    // Where roles may be out of sight, that there is none is not known either.
    snapshot.depths.remove("prvReadRole");
    assert_eq!(Access::new(&snapshot).memberships_seen("u"), Tri::Unknown);
}

#[test]
fn the_server_decides_and_a_disagreement_is_seen() {
    let mut snapshot = one_role(1, Some(0), Some(json!({"teamid": "t", "teamtype": 0})));
    assert_eq!(outcome(&snapshot, BASIC), Outcome::Fail);
    let answer = [("systemuserid", "u"), ("privilege", "prvP"), ("depth", "basic")];
    let row = answer.map(|(column, cell)| (column.to_owned(), Value::Text(cell.to_owned())));
    let table = Table {
        rows: vec![row.into_iter().collect()],
        complete: true,
        ..Table::default()
    };
    snapshot.tables.insert("access".to_owned(), table);
    assert_eq!(outcome(&snapshot, BASIC), Outcome::Pass);
    let access = Access::new(&snapshot);
    assert!(access.disagrees("u", "prvP", &access.existence("prvP", BASIC)));
}

fn mailboxes(name: &str, mailbox: serde_json::Value) -> Snapshot {
    let mut whole = json!({"mailboxid": "m", "emailaddress": " Ann@example.com", "statecode": 0,
        "regardingobjectid": "u", "emailserverprofile": null, "incomingemaildeliverymethod": 2,
        "actdeliverymethod": 2, "isforwardmailbox": null, "officeappsdeploymentstatus": null});
    for (column, cell) in mailbox.as_object().into_iter().flatten() {
        whole[column] = cell.clone();
    }
    let user =
        json!({"systemuserid": "u", "defaultmailbox": null, "internalemailaddress": "ann@EXAMPLE.com "});
    snapshot(name, &json!({"systemuser": [user], "mailbox": [whole]}))
}

fn of(assessment: &Assessment, environment: &str, rule: &str) -> Outcome {
    assessment.users[&(environment.to_owned(), "u".to_owned())].outcomes[rule]
}

#[test]
fn nulls_count_as_the_catalogue_says() {
    let assessment = assess(&[mailboxes("a", json!({}))], &Given::default(), false);
    for (rule, expected) in [
        ("mailbox-exists", Outcome::Pass),
        ("mailbox-not-forward", Outcome::Pass),
        ("mailbox-has-server-profile", Outcome::Fail),
        ("mailbox-profile-is-exchange", Outcome::NotApplicable),
        ("exchange-same-tenant", Outcome::NotApplicable),
        ("app-added-to-outlook", Outcome::Unknown),
        ("mailbox-active", Outcome::Pass),
        ("primary-email-matches-mailbox", Outcome::Pass),
        ("mailbox-synchronizes-one-environment", Outcome::NotApplicable),
        ("user-enabled", Outcome::Unknown),
    ] {
        assert_eq!(of(&assessment, "a", rule), expected, "{rule}");
    }
}

#[test]
fn two_environments_clash_over_one_mailbox() {
    let rule = "mailbox-synchronizes-one-environment";
    for (case, other, expected) in [
        ("same address, synchronized there too", json!({}), Outcome::Fail),
        ("inactive there", json!({"statecode": 1}), Outcome::Pass),
        (
            "not synchronized there",
            json!({"incomingemaildeliverymethod": 0}),
            Outcome::Pass,
        ),
        (
            "another address",
            json!({"emailaddress": "bob@example.com"}),
            Outcome::Pass,
        ),
        (
            "nothing known",
            json!({"incomingemaildeliverymethod": null}),
            Outcome::Unknown,
        ),
    ] {
        let snapshots = [mailboxes("a", json!({})), mailboxes("b", other)];
        assert_eq!(
            of(&assess(&snapshots, &Given::default(), false), "a", rule),
            expected,
            "{case}"
        );
    }
    let mut unseen = mailboxes("b", json!({"emailaddress": "bob@example.com"}));
    unseen.depths.remove("prvReadMailbox");
    let snapshots = [mailboxes("a", json!({})), unseen];
    assert_eq!(
        of(&assess(&snapshots, &Given::default(), false), "a", rule),
        Outcome::Unknown
    );
}

#[test]
fn a_snapshot_folder_is_read_cell_by_cell() {
    let folder = tempfile::tempdir().expect("a folder");
    let columns: [(&str, ArrayRef); 4] = [
        (
            "systemuserid",
            Arc::new(StringArray::from(vec![Some("u"), Some("v")])),
        ),
        ("accessmode", Arc::new(Int32Array::from(vec![Some(4), None]))),
        ("isdisabled", Arc::new(BooleanArray::from(vec![None, Some(true)]))),
        (
            "createdon",
            Arc::new(TimestampMillisecondArray::from(vec![Some(7), None]).with_timezone("UTC")),
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, cells)| (name, cells, true)))
        .expect("a batch");
    let file = std::fs::File::create(folder.path().join("systemuser.parquet")).expect("a file");
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    let manifest = json!({
        "format": 1,
        "environment": {"name": "one", "organization_id": "o", "build": null, "deployment": "on-premises"},
        "tables": {"systemuser": {"rows": 2, "complete": true}},
        "wanted_privileges": ["prvReadMailbox"],
        "selfcheck": {"depths": {"prvReadUser": "global", "prvReadRole": "local"}},
    });
    std::fs::write(folder.path().join("manifest.json"), manifest.to_string()).expect("a manifest");

    let snapshot = super::tables::read(folder.path());
    let [first, second] = snapshot.rows("systemuser") else {
        panic!("two rows")
    };
    assert_eq!(first["systemuserid"], Value::Text("u".to_owned()));
    assert_eq!(
        (&first["accessmode"], &second["accessmode"]),
        (&Value::Int(4), &Value::Null)
    );
    assert_eq!(
        (&first["isdisabled"], &second["isdisabled"]),
        (&Value::Null, &Value::Bool(true))
    );
    assert_eq!(
        (&first["createdon"], &second["createdon"]),
        (&Value::Time(7), &Value::Null)
    );
    assert!(!first.contains_key("fullname"), "not collected is not null");
    assert!(snapshot.complete("systemuser") && !snapshot.complete("mailbox"));
    assert!(snapshot.proven_global("prvReadUser") && !snapshot.proven_global("prvReadRole"));
    assert!(!snapshot.online && snapshot.build.is_none());
}

#[test]
fn the_comparison_sees_each_kind_of_difference() {
    let assessment = assess(&[mailboxes("a", json!({}))], &Given::default(), false);
    let user = &assessment.users[&("a".to_owned(), "u".to_owned())];
    let header = "environment,user_id,verdict,blocking,limiting,unknown,waived,deployment";
    let row = |blocking| {
        let (verdict, deployment) = (user.verdict, user.deployment);
        format!(
            "a,u,{verdict},{blocking},{},{},0,{deployment}\r\n",
            user.limiting, user.unknown
        )
    };
    for (case, rows, same) in [
        ("as the oracle has it", row(user.blocking), true),
        ("another count", row(user.blocking + 1), false),
        ("nobody", String::new(), false),
        ("twice", row(user.blocking) + &row(user.blocking), false),
    ] {
        let mut differences = Differences::default();
        compare::verdicts(
            &assessment,
            format!("\u{feff}{header}\r\n{rows}").as_bytes(),
            &mut differences,
        );
        assert_eq!(differences.is_empty(), same, "{case}: {}", differences.report());
    }

    let header = "environment,user_id,rule,outcome,observed,cause\r\n";
    let mut rows = String::from(header);
    let found = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Unknown);
    for (rule, outcome) in user.outcomes.iter().filter(|(_, outcome)| found(outcome)) {
        rows += &format!("a,u,{rule},{},,\r\n", outcome.word());
    }
    for (rule, outcome) in assessment.environments["a"]
        .iter()
        .filter(|(_, outcome)| found(outcome))
    {
        rows += &format!("a,,{rule},{},,\r\n", outcome.word());
    }
    for (case, csv, same) in [
        ("as the oracle has it", rows.clone(), true),
        (
            "an outcome of its own",
            rows.replace("profile,fail", "profile,unknown"),
            false,
        ),
        (
            "a finding too many",
            rows.clone() + "a,u,mailbox-exists,fail,,\r\n",
            false,
        ),
        ("nothing found", header.to_owned(), false),
    ] {
        let mut differences = Differences::default();
        compare::findings(&assessment, csv.as_bytes(), &mut differences);
        assert_eq!(differences.is_empty(), same, "{case}: {}", differences.report());
    }
}
