//! Changes to a small house made by hand: what they do to its tables, and which are refused.

mod house;
mod refused;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Change, Inheritance, Supposed, apply, suppose};
use crate::snapshot::manifest::DepthName;
use crate::snapshot::{Column, Environment, Guid};
use house::*;

fn supposed(changes: &[Change]) -> Supposed {
    suppose(&house(), changes).unwrap_or_else(|error| panic!("{error}"))
}

/// The rows of a table of ids.
fn pairs(environment: &Environment, table: &str, columns: [&str; 2]) -> Vec<(u128, u128)> {
    let table = environment.table(table).unwrap();
    let [left, right] = columns.map(|column| table.ids(column).unwrap());
    assert_eq!((left.len(), right.len()), (table.rows, table.rows));
    left.iter()
        .zip(right)
        .map(|(left, right)| (left.0, right.0))
        .collect()
}

fn holders(environment: &Environment) -> Vec<(u128, u128)> {
    pairs(environment, "systemuserroles", ["systemuserid", "roleid"])
}

fn numbers(environment: &Environment, table: &str, column: &str) -> Vec<Option<i32>> {
    let table = environment.table(table).unwrap();
    table.integers(column).unwrap().iter().collect()
}

/// All tables as text, to compare whole environments.
fn told(environment: &Environment) -> BTreeMap<&str, String> {
    let tables = environment.tables.iter();
    tables
        .map(|(name, table)| (name.as_str(), format!("{table:?}")))
        .collect()
}

#[test]
fn everybody_gets_the_copy_of_the_own_business_unit() {
    let then = supposed(&[assign(
        "SALES",
        &[user("bo@x.example"), unit("west"), team("Field")],
    )]);
    // Carl is disabled, Eve in no business unit.
    assert_eq!(holders(&then.environment), [(11, 22), (12, 21), (14, 22)]);
    let of_teams = pairs(&then.environment, "teamroles", ["teamid", "roleid"]);
    assert_eq!(of_teams, [(31, 22)]);
    let [done] = &then.done[..] else { panic!() };
    assert_eq!(done.changed, 3);
    assert_eq!(done.notes, ["1 of those named holds the role already"]);
    let rows = &then.environment.manifest.tables;
    assert_eq!((rows["systemuserroles"].rows, rows["teamroles"].rows), (3, 1));
}

#[test]
fn all_copies_of_a_role_are_taken_away() {
    let id = Guid(11).to_string();
    // The second copy comes from the root's unit, as with business units that share people.
    let mut shared = house();
    for (column, value) in [("systemuserid", 11), ("roleid", 21)] {
        let table = shared.tables.get_mut("systemuserroles").unwrap();
        let Some(Column::Id(values)) = table.columns.get_mut(column) else {
            panic!()
        };
        values.insert(0, Guid(value));
        table.rows = 2;
    }
    let changes = [
        remove("Sales", &[user(&id), user("Dora")]),
        remove("Sales", &[user(&id)]),
    ];
    let then = suppose(&shared, &changes).unwrap();
    assert_eq!(holders(&then.environment), []);
    assert_eq!(then.done[0].changed, 2);
    assert_eq!(
        then.done[0].notes,
        ["1 of those named does not hold the role, at least not directly"]
    );
    assert_eq!(
        then.done[1].notes,
        ["who is named does not hold the role, at least not directly"]
    );
}

#[test]
fn privileges_are_granted_on_the_root_and_never_lowered() {
    let then = supposed(&[
        grant("PRV0", DepthName::Deep, "Sales"),
        grant("prv0", DepthName::Local, &Guid(22).to_string()),
        grant("prv1", DepthName::Basic, "Sales"),
    ]);
    let table = &then.environment;
    let rows = pairs(table, "roleprivileges", ["roleid", "privilegeid"]);
    assert_eq!(rows, [(21, 41), (21, 42), (22, 41), (23, 41)]);
    // 16 is no depth, and stays.
    assert_eq!(
        numbers(table, "roleprivileges", "privilegedepthmask"),
        [Some(20), Some(1), Some(1), None]
    );
    let changed: Vec<usize> = then.done.iter().map(|done| done.changed).collect();
    assert_eq!(changed, [1, 0, 1]);
    assert_eq!(then.done[1].notes, ["the role has it already, as deep or deeper"]);
}

#[test]
fn a_privilege_is_taken_from_all_copies() {
    let then = supposed(&[revoke("prv0", "Sales"), revoke("prv1", "Sales")]);
    let rows = pairs(&then.environment, "roleprivileges", ["roleid", "privilegeid"]);
    assert_eq!(rows, [(23, 41)]);
    assert_eq!(then.done[1].notes, ["the role does not have it"]);
}

#[test]
fn inheritance_is_set_on_all_copies() {
    let then = supposed(&[
        inherit("Sales", Inheritance::TeamOnly),
        inherit("Pilot", Inheritance::DirectUser),
        inherit("Pilot", Inheritance::DirectUser),
    ]);
    assert_eq!(
        numbers(&then.environment, "role", "isinherited"),
        [Some(0), Some(0), Some(1), Some(0), Some(0), Some(1), Some(1)]
    );
    assert_eq!(then.done[0].changed, 2);
    assert_eq!(then.done[2].notes, ["it is set so already"]);
}

#[test]
fn apps_are_shared_with_root_copies() {
    let app = "appforoutlookmodule";
    let west = Guid(22).to_string();
    let then = supposed(&[
        bind(&west, app),
        bind("Sales", app),
        unbind("Pilot", &Guid(71).to_string()),
        unbind("Pilot", app),
    ]);
    let rows = pairs(&then.environment, "appmoduleroles", ["appmoduleid", "roleid"]);
    assert_eq!(rows, [(71, 21)]);
    assert_eq!(then.done[1].notes, ["the app is shared with the role already"]);
    assert_eq!(then.done[3].notes, ["the app is not shared with the role"]);
}

#[test]
fn fields_are_set_where_the_evaluation_reads_them() {
    let then = supposed(&[
        // Anna's mailbox is her default one; Bo's is found by whom it regards.
        set(
            "mailbox.incomingemailstatus",
            "success",
            &[user("Anna"), user("Bo")],
        ),
        set("mailbox.incomingemailstatus", "", &[unit("West")]),
        set("emailserverprofile.usedefaulttenantid", "false", &[user("Bo")]),
        set("organization.requireapprovalforuseremail", "false", &[]),
        set("systemuser.isdisabled", "false", &[user("Carl")]),
        set("systemuser.isdisabled", "true", &[user("Anna"), user("Carl")]),
    ]);
    let table = &then.environment;
    assert_eq!(
        numbers(table, "mailbox", "incomingemailstatus"),
        [None, Some(1), Some(1)]
    );
    let flags = |table: &str, column: &str| -> Vec<Option<bool>> {
        let table = then.environment.table(table).unwrap();
        table.booleans(column).unwrap().iter().collect()
    };
    assert_eq!(flags("emailserverprofile", "usedefaulttenantid"), [Some(false)]);
    assert_eq!(
        flags("organization", "requireapprovalforuseremail"),
        [Some(false)]
    );
    assert_eq!(
        flags("systemuser", "isdisabled"),
        [Some(true), None, Some(true), Some(false), None]
    );
    // Dora of West has no mailbox.
    assert_eq!(then.done[1].notes, ["1 user has no such record and is left out"]);
    assert!(!then.is_access_changed);
    assert_eq!(then.outdated_answers, 0);
}

#[test]
fn a_lookup_that_was_set_is_followed_by_what_comes_after() {
    let mailbox = Guid(52).to_string();
    let then = supposed(&[
        set("systemuser.defaultmailbox", &mailbox, &[user("Dora")]),
        set("mailbox.incomingemailstatus", "failure", &[user("Dora")]),
    ]);
    assert_eq!(
        numbers(&then.environment, "mailbox", "incomingemailstatus"),
        [Some(2), Some(2), Some(1)]
    );
}

#[test]
fn a_column_that_no_rule_reads_decides_nothing() {
    let mut house = house();
    let mailboxes = house.manifest.tables.get_mut("mailbox").unwrap();
    mailboxes.columns.push("actstatus".to_owned());
    let then = suppose(&house, &[set("mailbox.actstatus", "success", &[user("Anna")])]).unwrap();
    assert_eq!(
        then.done[0].notes,
        ["no loaded rule reads `mailbox.actstatus`: it decides nothing"]
    );
    assert_eq!(told(&then.environment), told(&house));
}

#[test]
fn what_was_done_is_told_with_names() {
    let id = |number| Guid(number).to_string();
    let then = supposed(&[
        assign(
            &id(22),
            &[user(&id(12)), user(&id(14)), team(&id(31)), unit(&id(2))],
        ),
        // Eve's name is null.
        set("systemuser.isdisabled", "true", &[user(&id(15))]),
    ]);
    let told: Vec<&str> = then.done.iter().map(|done| done.change.as_str()).collect();
    let eve = format!("set `systemuser.isdisabled` to \"true\" of user:{}", id(15));
    assert_eq!(
        told,
        [
            "assign role \"Sales\" to user:Bo, user:Dora, team:Field and 1 more",
            &eve
        ]
    );
}

/// Who is still judged by the server's answers.
fn answered(changes: &[Change]) -> Vec<u128> {
    let then = supposed(changes);
    let table = then.environment.table("access").unwrap();
    let mut users: Vec<u128> = table.ids("systemuserid").unwrap().iter().map(|id| id.0).collect();
    users.dedup();
    assert_eq!(then.outdated_answers, 3 - users.len());
    assert_eq!(then.environment.manifest.tables["access"].rows, table.rows as u64);
    assert_eq!(table.text("privilege").unwrap().iter().len(), table.rows);
    users
}

/// Anna holds Sales, Bo is a member of Field, Dora holds nothing.
#[test]
fn the_servers_answers_about_touched_people_do_not_count() {
    let with_team = || assign("Sales", &[team("Field")]);
    let cases: [(&str, Vec<Change>, &[u128]); 10] = [
        ("a user", vec![assign("Sales", &[user("Dora")])], &[11, 12]),
        (
            "one who held it",
            vec![assign("Sales", &[user("Anna")])],
            &[11, 12, 14],
        ),
        ("a team's members", vec![with_team()], &[11, 14]),
        ("a role's holders", vec![revoke("prv0", "Sales")], &[12, 14]),
        (
            "and those of its teams",
            vec![with_team(), grant("prv1", DepthName::Basic, "Sales")],
            &[14],
        ),
        (
            "also if they lose it again",
            vec![
                with_team(),
                grant("prv1", DepthName::Basic, "Sales"),
                remove("Sales", &[team("Field")]),
            ],
            &[14],
        ),
        (
            "inheritance is about teams",
            vec![with_team(), inherit("Sales", Inheritance::TeamOnly)],
            &[11, 14],
        ),
        ("nobody's role", vec![revoke("prv0", "Pilot")], &[11, 12, 14]),
        (
            "apps are no privileges",
            vec![bind("Sales", "AppforOutlookModule")],
            &[11, 12, 14],
        ),
        (
            "nor are fields",
            vec![set("systemuser.isdisabled", "true", &[user("Anna")])],
            &[11, 12, 14],
        ),
    ];
    for (name, changes, left) in cases {
        assert_eq!(answered(&changes), left, "{name}");
    }
}

/// A member of a team may be anybody where memberships were not read.
#[test]
fn without_memberships_no_answer_counts_after_a_change_of_a_team() {
    let mut house = house();
    house.tables.remove("teammembership");
    house.manifest.tables.remove("teammembership");
    let then = suppose(&house, &[assign("Sales", &[team("Field")])]).unwrap();
    assert_eq!(then.outdated_answers, 3);
    assert_eq!(then.environment.table("access").unwrap().rows, 0);
}

/// Changes that the house allows, and what takes each back.
fn change() -> impl Strategy<Value = (Change, Change)> {
    let who = || {
        let all = vec![user("Bo"), user("Dora"), team("Field")];
        subsequence(all, 1..=3)
    };
    prop_oneof![
        who().prop_map(|who| (assign("Sales", &who), remove("Sales", &who))),
        Just((remove("Sales", &[user("Anna")]), assign("Sales", &[user("Anna")]))),
        Just((grant("prv1", DepthName::Basic, "Sales"), revoke("prv1", "Sales"))),
        Just((
            grant("prv0", DepthName::Global, "System Administrator"),
            revoke("prv0", "System Administrator")
        )),
        Just((
            inherit("Sales", Inheritance::TeamOnly),
            inherit("Sales", Inheritance::DirectUser)
        )),
        Just((
            bind("Sales", "AppforOutlookModule"),
            unbind("Sales", "AppforOutlookModule")
        )),
        Just((
            unbind("Pilot", "AppforOutlookModule"),
            bind("Pilot", "AppforOutlookModule")
        )),
        select(vec!["success", "not-run", ""]).prop_map(|value| (
            set("mailbox.incomingemailstatus", value, &[user("Anna")]),
            set("mailbox.incomingemailstatus", "failure", &[user("Anna")]),
        )),
    ]
}

proptest! {
    /// Made and taken back in the opposite order, nothing is left of changes: but that the server's
    /// answers, once they are in doubt, are not believed again.
    #[test]
    fn what_is_taken_back_leaves_no_trace(changes in prop::collection::vec(change(), 0..6)) {
        let mut changes = changes;
        // Each once: the second time the inverse would take back what the first one did.
        changes.dedup_by_key(|(change, _)| change.to_string());
        let mut seen = Vec::new();
        changes.retain(|(change, _)| {
            let words = match change {
                Change::AssignRole { .. } => "assign".to_owned(),
                Change::SetField { field, .. } => field.clone(),
                other => other.to_string(),
            };
            let is_new = !seen.contains(&words);
            seen.push(words);
            is_new
        });
        let (there, mut back): (Vec<Change>, Vec<Change>) = changes.into_iter().unzip();
        back.reverse();
        let mut house = house();
        let mut then = apply(&house, &[there, back].concat()).unwrap();
        house.tables.remove("access");
        then.tables.remove("access");
        prop_assert_eq!(told(&then), told(&house));
    }

    /// Changes of different things may come in any order.
    #[test]
    fn the_order_of_changes_that_do_not_meet_does_not_matter(
        order in Just(vec![
            assign("Sales", &[user("Bo")]),
            remove("Sales", &[user("Anna")]),
            assign("Sales", &[team("Field")]),
            grant("prv1", DepthName::Basic, "Sales"),
            revoke("prv0", "Sales"),
            inherit("Pilot", Inheritance::DirectUser),
            bind("Sales", "AppforOutlookModule"),
            unbind("Pilot", "AppforOutlookModule"),
            set("mailbox.incomingemailstatus", "success", &[user("Anna")]),
            set("organization.requireapprovalforuseremail", "false", &[]),
        ]).prop_shuffle(),
        split in 0..10usize,
    ) {
        let house = house();
        let mut sorted = order.clone();
        sorted.sort_by_key(Change::to_string);
        let expected = apply(&house, &sorted).unwrap();
        // Nor does it matter whether they are made at once or in two steps.
        let first = apply(&house, &order[..split]).unwrap();
        let then = apply(&first, &order[split..]).unwrap();
        prop_assert_eq!(told(&then), told(&expected));
    }
}
