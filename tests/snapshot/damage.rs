use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray};
use clearance::snapshot::{Guid, Snapshot, SnapshotError};

use super::support::{needs, text, write};

const RESTORE: &str = "hint: restore the folder from a copy, or collect the environment again";

fn open(target: &Path) -> SnapshotError {
    Snapshot::open(target).unwrap_err()
}

#[test]
fn what_is_no_snapshot_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::write(dir.join("file"), "x").unwrap();
    fs::create_dir(dir.join("empty")).unwrap();
    let cases = [
        (
            "nowhere",
            "there is no snapshot at `DIR/nowhere`: it does not exist\nhint: name a folder that `clearance collect` wrote, or the address of an environment",
        ),
        (
            "file",
            "there is no snapshot at `DIR/file`: it is not a folder\nhint: a snapshot is the whole folder that holds manifest.json",
        ),
        (
            "empty",
            "there is no snapshot at `DIR/empty`: the folder holds no manifest.json\nhint: name the folder that `clearance collect` was given with -o",
        ),
    ];
    for (name, message) in cases {
        let error = open(&dir.join(name));
        assert_eq!(text(&error, dir), message);
        assert!(!error.is_damage());
    }
}

#[test]
fn damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let target = dir.join("s");
    let written = write(&target).unwrap();
    let sha = &written.tables["mailbox"].sha256;
    let table = target.join("mailbox.parquet");
    let whole = fs::read(&table).unwrap();
    let damaged = |expected: &str| {
        let error = open(&target);
        assert_eq!(text(&error, dir), expected);
        assert!(error.is_damage());
    };

    // Any single bit.
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    fs::write(&table, &changed).unwrap();
    let error = open(&target);
    assert!(error.is_damage());
    let message = text(&error, dir);
    assert!(
        message.starts_with("the snapshot is damaged: `DIR/s/mailbox.parquet` was changed after it was collected\nits SHA-256 is "),
        "{message}"
    );
    assert!(
        message.ends_with(&format!(", the manifest says {sha}\n{RESTORE}")),
        "{message}"
    );

    fs::write(&table, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(open(&target), SnapshotError::Changed { .. }));

    fs::remove_file(&table).unwrap();
    damaged(&format!(
        "the snapshot is damaged: `DIR/s/mailbox.parquet` is missing\n{RESTORE}"
    ));
    fs::write(&table, &whole).unwrap();

    let manifest_path = target.join("manifest.json");
    let manifest = fs::read_to_string(&manifest_path).unwrap();
    fs::write(&manifest_path, manifest.replace("\"format\": 1", "\"format\": 2")).unwrap();
    damaged(
        "`DIR/s/manifest.json` has snapshot format 2; this version of clearance reads format 1\nhint: collect the environment again with this version",
    );

    fs::write(&manifest_path, &manifest[..manifest.len() / 2]).unwrap();
    let error = open(&target);
    assert!(error.is_damage());
    assert!(
        text(&error, dir)
            .starts_with("the snapshot is damaged: `DIR/s/manifest.json` is no manifest: EOF while parsing"),
        "{error}"
    );

    fs::write(&manifest_path, manifest.replace("\"mailbox\"", "\"../mailbox\"")).unwrap();
    damaged(&format!(
        "the snapshot is damaged: `DIR/s/manifest.json` is no manifest: \"../mailbox\" is no logical name of a table\n{RESTORE}"
    ));
}

/// Puts a file of these columns in the place of `systemuserroles` or `mailbox`, with a manifest
/// that fits it, as somebody with a Parquet tool could.
fn replace(target: &Path, table: &str, columns: Vec<(&str, ArrayRef)>) {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    fs::write(target.join(format!("{table}.parquet")), &bytes).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let sha: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let path = target.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest["tables"] = serde_json::json!({
        table: { "rows": batch.num_rows(), "pages": 1, "complete": true, "columns": names, "sha256": sha }
    });
    fs::write(&path, manifest.to_string()).unwrap();
}

fn guids(values: &[&str]) -> ArrayRef {
    let full =
        |value: &&str| (!value.is_empty()).then(|| format!("00000000-0000-0000-0000-0000000000{value}"));
    Arc::new(values.iter().map(full).collect::<StringArray>())
}

#[test]
fn wrong_contents_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let target = dir.join("s");
    write(&target).unwrap();
    let numbers = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    type Case = (&'static str, Vec<(&'static str, ArrayRef)>, &'static str);
    let cases: Vec<Case> = vec![
        (
            "mailbox",
            vec![("mailboxid", guids(&["02", "01"]))],
            "row 1 is out of order: rows must ascend by mailboxid",
        ),
        (
            "mailbox",
            vec![("mailboxid", guids(&["02", "02"]))],
            "row 1 is out of order: rows must ascend by mailboxid",
        ),
        (
            "mailbox",
            vec![("mailboxid", guids(&["01", ""]))],
            "column `mailboxid` identifies its rows and is null in row 1",
        ),
        (
            "mailbox",
            vec![("mailboxid", guids(&["01", "2"]))],
            "column `mailboxid` holds \"00000000-0000-0000-0000-00000000002\", which is no GUID",
        ),
        (
            "mailbox",
            vec![("mailboxid", numbers())],
            "column `mailboxid` holds Int64 where text with GUIDs belongs",
        ),
        (
            "mailbox",
            vec![("mailboxid", guids(&["01", "02"])), ("name", numbers())],
            "column `name` holds Int64 where text belongs",
        ),
        (
            "mailbox",
            vec![
                ("mailboxid", guids(&["01", "02"])),
                ("statecode", guids(&["01", "02"])),
            ],
            "column `statecode` holds Utf8 where a 32-bit integer belongs",
        ),
        (
            "mailbox",
            vec![
                ("mailboxid", guids(&["01", "02"])),
                ("statecode", Arc::new(Int64Array::from(vec![1, 1 << 40]))),
            ],
            "column `statecode` holds 1099511627776, which is too large",
        ),
        (
            "systemuserroles",
            vec![
                ("systemuserid", guids(&["01", "01"])),
                ("roleid", guids(&["02", "01"])),
            ],
            "row 1 is out of order: rows must ascend by systemuserid, roleid",
        ),
        (
            "systemuserroles",
            vec![
                ("systemuserid", guids(&["01", "02"])),
                ("roleid", guids(&["01", ""])),
            ],
            "column `roleid` identifies its rows and is null in row 1",
        ),
        // Of two that are wrong, the first in the file.
        (
            "mailbox",
            vec![
                ("mailboxid", guids(&["02", "01"])),
                ("statecode", guids(&["01", "02"])),
                ("name", numbers()),
            ],
            "column `statecode` holds Utf8 where a 32-bit integer belongs",
        ),
    ];
    for (table, columns, what) in cases {
        replace(&target, table, columns);
        let snapshot = Snapshot::open(&target).unwrap();
        let wanted = needs(
            table,
            &["mailboxid", "name", "statecode", "systemuserid", "roleid"],
        );
        let error = snapshot.load(&wanted).unwrap_err();
        assert!(error.is_damage());
        assert_eq!(
            text(&error, dir),
            format!("the snapshot is damaged: `DIR/s/{table}.parquet`: {what}\n{RESTORE}")
        );
    }
}

#[test]
fn other_types_and_upper_case_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("s");
    write(&target).unwrap();
    let texts = guids(&["0A", "0b"]);
    let large: LargeStringArray = texts.as_string::<i32>().iter().collect();
    let views: StringViewArray = texts.as_string::<i32>().iter().collect();
    for ids in [texts, Arc::new(large), Arc::new(views)] {
        replace(
            &target,
            "mailbox",
            vec![
                ("mailboxid", ids),
                ("statecode", Arc::new(Int64Array::from(vec![Some(1), None]))),
            ],
        );
        let environment = Snapshot::open(&target)
            .unwrap()
            .load(&needs("mailbox", &["mailboxid", "statecode"]))
            .unwrap();
        let table = environment.table("mailbox").unwrap();
        assert_eq!(table.ids("mailboxid").unwrap(), [Guid(10), Guid(11)]);
        assert_eq!(
            table.integers("statecode").unwrap().iter().collect::<Vec<_>>(),
            [Some(1), None]
        );
    }
}

#[test]
fn a_manifest_that_does_not_fit_its_files_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let target = dir.join("s");
    write(&target).unwrap();
    let path = target.join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    for (from, to, what) in [
        ("\"rows\": 3", "\"rows\": 4", "it has 3 rows, the manifest says 4"),
        ("\"ewsurl\",", "", "it has other columns than the manifest says"),
    ] {
        assert!(manifest.contains(from));
        fs::write(&path, manifest.replace(from, to)).unwrap();
        let error = Snapshot::open(&target)
            .unwrap()
            .load(&needs("mailbox", &["mailboxid"]))
            .unwrap_err();
        assert_eq!(
            text(&error, dir),
            format!("the snapshot is damaged: `DIR/s/mailbox.parquet`: {what}\n{RESTORE}")
        );
    }
}
