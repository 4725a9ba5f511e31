use std::fs;
use std::path::Path;

use arrow_array::{Int32Array, StringArray};
use clearance::snapshot::{Column, SnapshotWriter, Table};
use proptest::prelude::*;

use super::support::{definition, ids, manifest, rows};

type Row = (u128, Option<String>, Option<i32>);

fn page(page: &[Row]) -> Table {
    rows(vec![
        ("roleid", ids(&page.iter().map(|row| row.0).collect::<Vec<_>>())),
        (
            "name",
            Column::Text(page.iter().map(|row| row.1.clone()).collect::<StringArray>()),
        ),
        (
            "isinherited",
            Column::Integer(page.iter().map(|row| row.2).collect::<Int32Array>()),
        ),
    ])
}

/// The bytes of `role.parquet` when the rows arrive in these pages.
fn bytes(folder: &Path, pages: &[Table]) -> Vec<u8> {
    let target = folder.join("s");
    let writer = SnapshotWriter::create(&target).unwrap();
    writer.table(definition("role"), pages, 1, true).unwrap();
    writer.finish(manifest()).unwrap();
    fs::read(target.join("role.parquet")).unwrap()
}

fn role_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        proptest::option::of("[a-zé ]{0,8}"),
        proptest::option::of(any::<i32>()),
    );
    proptest::collection::btree_map(1u128..500, row, 0..60).prop_map(|rows| {
        rows.into_iter()
            .map(|(id, (name, number))| (id, name, number))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the server splits and orders the rows, and whichever it sends twice, the file is
    /// the same to the byte.
    #[test]
    fn pages_leave_no_trace(
        (rows, shuffled) in role_rows().prop_flat_map(|rows| {
            let repeated: Vec<Row> = rows.iter().chain(rows.iter().step_by(5)).cloned().collect();
            (Just(rows), Just(repeated).prop_shuffle())
        }),
        cuts in proptest::collection::vec(0usize..80, 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let expected = bytes(folder.path(), &[page(&rows)]);

        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(shuffled.len())).collect();
        cuts.extend([0, shuffled.len()]);
        cuts.sort_unstable();
        let pages: Vec<Table> = cuts.windows(2).map(|cut| page(&shuffled[cut[0]..cut[1]])).collect();
        prop_assert_eq!(bytes(folder.path(), &pages), expected);
    }
}
