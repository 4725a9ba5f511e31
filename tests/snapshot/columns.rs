//! Columns of many rows, in all forms that a file may give them: several row groups, dictionaries or
//! none, groups without a value. All of it, or what is about a few users.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use clearance::snapshot::read::Needs;
use clearance::snapshot::{Column, Guid, Snapshot, SnapshotWriter, Table};

use super::support::{definition, ids, manifest, needs, rows};

const ROWS: u128 = 150_000;

/// The user of a mailbox: all different, and null for some.
fn user(mailbox: u128) -> u128 {
    if mailbox.is_multiple_of(1000) {
        0
    } else {
        ROWS + mailbox
    }
}

fn mailboxes() -> Table {
    let all: Vec<u128> = (1..=ROWS).collect();
    let of = |value: &dyn Fn(u128) -> u128| ids(&all.iter().map(|id| value(*id)).collect::<Vec<_>>());
    let small = |id: &u128| i32::try_from(*id).unwrap();
    let name = |id: &u128| (!id.is_multiple_of(7)).then(|| format!("mailbox {}", id / 2));
    rows(vec![
        ("mailboxid", ids(&all)),
        ("regardingobjectid", of(&user)),
        // A dictionary; none in the first row group, where all are null.
        (
            "emailserverprofile",
            of(&|id| if id < 70_000 { 0 } else { id % 3 }),
        ),
        ("ownerid", of(&|id| 1 + id % 7)),
        (
            "name",
            Column::Text(all.iter().map(name).collect::<StringArray>()),
        ),
        (
            "statecode",
            Column::Integer(
                all.iter()
                    .map(|id| (id % 5 != 0).then(|| small(id)))
                    .collect::<Int32Array>(),
            ),
        ),
        (
            "enabledforact",
            Column::Boolean(
                all.iter()
                    .map(|id| (id % 3 != 0).then_some(id % 2 == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "testmailboxaccesscompletedon",
            Column::Timestamp(
                all.iter()
                    .map(|id| (id % 11 != 0).then(|| i64::from(small(id))))
                    .collect::<TimestampMillisecondArray>()
                    .with_timezone("UTC"),
            ),
        ),
    ])
}

fn users() -> Table {
    let all: Vec<u128> = (ROWS + 1..=2 * ROWS).collect();
    let mailboxes: Vec<u128> = all.iter().map(|user| user - ROWS).collect();
    rows(vec![
        ("systemuserid", ids(&all)),
        ("defaultmailbox", ids(&mailboxes)),
    ])
}

fn written(target: &Path) -> (BTreeMap<&'static str, Table>, Needs) {
    let tables = BTreeMap::from([("mailbox", mailboxes()), ("systemuser", users())]);
    let writer = SnapshotWriter::create(target).unwrap();
    let mut all = Needs::new();
    for (name, table) in &tables {
        writer
            .table(definition(name), std::slice::from_ref(table), 30, true)
            .unwrap();
        let columns: Vec<&str> = table.columns.keys().map(String::as_str).collect();
        all.extend(needs(name, &columns));
    }
    writer.finish(manifest()).unwrap();
    (tables, all)
}

/// The values of a column, to compare.
fn values(column: &Column) -> Vec<String> {
    fn shown<T: std::fmt::Debug>(values: impl IntoIterator<Item = T>) -> Vec<String> {
        values.into_iter().map(|value| format!("{value:?}")).collect()
    }
    match column {
        Column::Id(values) => shown(values),
        Column::Text(values) => shown(values),
        Column::Integer(values) => shown(values),
        Column::Boolean(values) => shown(values),
        Column::Timestamp(values) => shown(values),
    }
}

/// A table has just these rows of another.
fn assert_rows(found: &Table, whole: &Table, at: &[usize]) {
    assert_eq!(found.rows, at.len());
    assert!(found.columns.keys().eq(whole.columns.keys()));
    for (name, column) in &whole.columns {
        let all = values(column);
        let expected: Vec<&String> = at.iter().map(|row| &all[*row]).collect();
        assert!(values(&found.columns[name]).iter().eq(expected), "{name}");
    }
}

#[test]
fn many_rows_come_back_in_all_forms() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("large.snapshot");
    let (tables, all) = written(&target);
    let every: Vec<usize> = (0..150_000).collect();
    let snapshot = Snapshot::open(&target).unwrap();
    let loaded = snapshot.load(&all).unwrap();
    let at_last = snapshot.into_environment(&all).unwrap();
    for environment in [loaded, at_last] {
        assert!(environment.tables.keys().eq(tables.keys()));
        for (name, table) in &tables {
            assert_rows(&environment.tables[*name], table, &every);
        }
    }
}

/// Of some row groups a few rows, of others none.
#[test]
fn a_few_users_rows_are_those_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("large.snapshot");
    let (tables, all) = written(&target);
    let snapshot = Snapshot::open(&target).unwrap();
    for at in [
        vec![0],
        vec![149_999],
        vec![65_535, 65_536],
        vec![3, 4, 5, 140_000],
        vec![],
    ] {
        let users: Vec<Guid> = at.iter().map(|row| Guid(ROWS + 1 + *row as u128)).collect();
        let environment = snapshot.load_about(&all, &users).unwrap();
        for (name, table) in &tables {
            assert_rows(&environment.tables[*name], table, &at);
        }
    }
}
