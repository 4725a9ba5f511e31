//! However rows come and go, what comes out is each key once, in order, the first to arrive.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use proptest::prelude::*;

use super::*;
use crate::snapshot::Guid;
use crate::snapshot::tables::table;

/// One row of table `role`, with a column of every type.
type Row = (
    u128,
    Option<String>,
    Option<i32>,
    Option<bool>,
    Option<i64>,
    Option<u128>,
);

#[derive(Clone, Debug)]
enum Event {
    Page(Vec<Row>),
    Spill,
    Mark,
    Rewind,
}

fn page(rows: &[Row]) -> Table {
    let id = |id: Option<u128>| id.map_or(Guid::NULL, Guid);
    let columns = [
        (
            "roleid",
            Column::Id(rows.iter().map(|row| id(Some(row.0))).collect()),
        ),
        (
            "name",
            Column::Text(rows.iter().map(|row| row.1.as_deref()).collect::<StringArray>()),
        ),
        (
            "isinherited",
            Column::Integer(rows.iter().map(|row| row.2).collect::<Int32Array>()),
        ),
        (
            "flag",
            Column::Boolean(rows.iter().map(|row| row.3).collect::<BooleanArray>()),
        ),
        (
            "at",
            Column::Timestamp(
                rows.iter()
                    .map(|row| row.4)
                    .collect::<TimestampMillisecondArray>()
                    .with_timezone("UTC"),
            ),
        ),
        (
            "parentroleid",
            Column::Id(rows.iter().map(|row| id(row.5)).collect()),
        ),
    ];
    Table {
        rows: rows.len(),
        columns: columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column))
            .collect(),
    }
}

fn rows_of(table: &Table) -> Vec<Row> {
    let id = |id: Guid| (!id.is_null()).then_some(id.0);
    let ids = |name| table.ids(name).expect("ids");
    let value = |row: usize| {
        let text = table.text("name").expect("texts");
        let number = table.integers("isinherited").expect("numbers");
        let flag = table.booleans("flag").expect("flags");
        let at = table.timestamps("at").expect("times");
        (
            ids("roleid")[row].0,
            text.is_valid(row).then(|| text.value(row).to_owned()),
            number.is_valid(row).then(|| number.value(row)),
            flag.is_valid(row).then(|| flag.value(row)),
            at.is_valid(row).then(|| at.value(row)),
            id(ids("parentroleid")[row]),
        )
    };
    (0..table.rows).map(value).collect()
}

fn sorter(folder: &Path) -> RowSorter {
    RowSorter::new(
        table("role").expect("a table"),
        folder.join("runs"),
        folder.join("role.parquet"),
    )
}

fn all(sorter: RowSorter) -> Vec<Row> {
    let mut rows = Vec::new();
    sorter.for_each(|step| rows.extend(rows_of(step))).expect("rows");
    rows
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let row = (
        1u128..300,
        proptest::option::of("[a-zé]{0,6}"),
        any::<Option<i32>>(),
        any::<Option<bool>>(),
        proptest::option::of(0i64..4_000_000_000_000),
        proptest::option::of(1u128..9),
    );
    let event = prop_oneof![
        6 => proptest::collection::vec(row, 0..20).prop_map(Event::Page),
        3 => Just(Event::Spill),
        1 => Just(Event::Mark),
        1 => Just(Event::Rewind),
    ];
    proptest::collection::vec(event, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spilled_or_not_and_taken_back(events in events()) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sorter = sorter(folder.path());
        let mut arrived: Vec<Row> = Vec::new();
        let mut marked = 0;
        // So that there is a table at all.
        sorter.push(page(&[]));
        sorter.mark();
        for event in events {
            match event {
                Event::Page(rows) => {
                    sorter.push(page(&rows));
                    arrived.extend(rows);
                }
                Event::Spill => sorter.spill().expect("room on the disk"),
                Event::Mark => {
                    sorter.mark();
                    marked = arrived.len();
                }
                Event::Rewind => {
                    sorter.rewind();
                    arrived.truncate(marked);
                }
            }
            prop_assert_eq!(sorter.rows(), arrived.len() as u64);
        }
        let mut expected: BTreeMap<u128, Row> = BTreeMap::new();
        for row in arrived {
            expected.entry(row.0).or_insert(row);
        }
        let expected: Vec<Row> = expected.into_values().collect();
        prop_assert_eq!(all(sorter), expected);
    }
}

/// More rows than a step has, and more runs than are merged at once.
#[test]
fn many_runs_become_few_and_steps_are_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sorter = sorter(folder.path());
    let count = 20_000u128;
    let pages = 2 * FAN_IN as u128 + 3;
    for start in 0..pages {
        let keys = (start..count).step_by(pages as usize);
        let rows: Vec<Row> = keys
            .map(|key| (count - key, None, Some(key as i32), None, None, None))
            .collect();
        sorter.push(page(&rows));
        sorter.spill().expect("room on the disk");
        assert!(sorter.runs.len() < 2 * FAN_IN);
    }
    assert_eq!(
        sorter.runs.iter().map(|run| run.level).collect::<Vec<_>>(),
        [1, 1, 0, 0, 0]
    );
    let mut steps = Vec::new();
    let mut keys = Vec::new();
    sorter
        .for_each(|step| {
            steps.push(step.rows);
            keys.extend(rows_of(step).into_iter().map(|row| row.0));
        })
        .expect("rows");
    assert_eq!(steps, [STEP, STEP, 20_000 - 2 * STEP]);
    assert_eq!(keys, (1..=count).collect::<Vec<_>>());
}

/// A column that a later page does not have is none of the table's, whether on disk by then or not.
#[test]
fn columns_that_are_lost_on_the_way() {
    for spilled in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sorter = sorter(folder.path());
        sorter.push(page(&[(2, None, Some(1), None, None, None)]));
        if spilled {
            sorter.spill().expect("room on the disk");
        }
        let mut narrow = page(&[(1, None, Some(2), None, None, None)]);
        narrow.columns.remove("name");
        sorter.push(narrow);
        let names: Vec<String> = sorter
            .columns()
            .expect("columns")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["roleid", "parentroleid", "isinherited", "at", "flag"]);
        let mut seen = 0;
        sorter
            .for_each(|step| {
                seen += step.rows;
                assert!(step.text("name").is_none());
            })
            .expect("rows");
        assert_eq!(seen, 2);
    }
}

#[test]
fn what_cannot_be_sorted_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |sorter: RowSorter| {
        let error = sorter.for_each(|_| {}).expect_err("no rows");
        error.to_string()
    };
    assert_eq!(
        told(sorter(folder.path())),
        "cannot write the table `role`: there is nothing to take its columns from"
    );
    let mut keyless = sorter(folder.path());
    let mut rows = page(&[]);
    rows.columns.remove("roleid");
    keyless.push(rows);
    assert_eq!(
        told(keyless),
        "cannot write the table `role`: its key column `roleid` is missing"
    );
    let mut null = sorter(folder.path());
    null.push(page(&[
        (1, None, None, None, None, None),
        (0, None, None, None, None, None),
    ]));
    assert_eq!(
        null.spill().expect_err("no run").to_string(),
        "cannot write the table `role`: its key column `roleid` is null in row 1"
    );
}

/// Nothing has a name that could be left behind; a folder that cannot be made is told with the file
/// that the rows are for.
#[test]
fn runs_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sorter = sorter(folder.path());
    sorter.push(page(&[(1, None, None, None, None, None)]));
    sorter.spill().expect("room on the disk");
    let left = std::fs::read_dir(folder.path().join("runs")).expect("the folder");
    assert_eq!(left.count(), 0);

    let mut blocked = RowSorter::new(
        table("role").expect("a table"),
        folder.path().join("nowhere").join("runs"),
        folder.path().join("role.parquet"),
    );
    blocked.push(page(&[(1, None, None, None, None, None)]));
    let said = blocked.spill().expect_err("no folder").to_string();
    let expected = format!(
        "cannot write the snapshot `{}`: ",
        folder.path().join("role.parquet").display()
    );
    assert!(said.starts_with(&expected), "{said}");
}
