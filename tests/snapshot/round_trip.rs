use std::fs;

use arrow_array::Array;
use clearance::snapshot::{Guid, Snapshot, SnapshotWriter};

use super::support::{definition, ids, mailboxes, manifest, needs, rows, write};

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    let written = write(&target).unwrap();
    assert_eq!(written.tables["mailbox"].rows, 3);
    assert_eq!(
        written.tables["mailbox"].columns,
        [
            "mailboxid",
            "name",
            "statecode",
            "regardingobjectid",
            "enabledforact",
            "testmailboxaccesscompletedon",
            "ewsurl",
            "ownerid"
        ]
    );

    let snapshot = Snapshot::open(&target).unwrap();
    assert_eq!(*snapshot.manifest(), written);
    let all = needs(
        "mailbox",
        &[
            "mailboxid",
            "name",
            "statecode",
            "regardingobjectid",
            "enabledforact",
            "testmailboxaccesscompletedon",
            "ewsurl",
            "ownerid",
        ],
    );
    let environment = snapshot.load(&all).unwrap();
    let table = environment.table("mailbox").unwrap();
    assert_eq!(table.rows, 3);
    assert_eq!(table.ids("mailboxid").unwrap(), [Guid(1), Guid(2), Guid(3)]);
    let text = |name| table.text(name).unwrap().iter().collect::<Vec<_>>();
    assert_eq!(text("name"), [None, Some(""), Some("Zoë")]);
    assert_eq!(text("ewsurl"), [Some("https://x"), None, None]);
    assert_eq!(
        table.ids("regardingobjectid").unwrap(),
        [Guid(u128::MAX), Guid(7), Guid::NULL]
    );
    assert_eq!(table.ids("ownerid").unwrap(), [Guid::NULL, Guid(8), Guid(9)]);
    assert_eq!(
        table.integers("statecode").unwrap().iter().collect::<Vec<_>>(),
        [Some(-1), None, Some(0)]
    );
    assert_eq!(
        table
            .booleans("enabledforact")
            .unwrap()
            .iter()
            .collect::<Vec<_>>(),
        [Some(true), Some(false), None]
    );
    let times = table.timestamps("testmailboxaccesscompletedon").unwrap();
    assert_eq!(
        times.iter().collect::<Vec<_>>(),
        [None, Some(-1), Some(1_795_420_800_001)]
    );
    assert_eq!(times.timezone(), Some("UTC"));
}

#[test]
fn only_what_is_needed_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    write(&target).unwrap();
    let snapshot = Snapshot::open(&target).unwrap();

    let mut wanted = needs("mailbox", &["name", "nosuchcolumn"]);
    wanted.extend(needs("systemuser", &["systemuserid"]));
    let environment = snapshot.load(&wanted).unwrap();
    assert_eq!(environment.tables.keys().collect::<Vec<_>>(), ["mailbox"]);
    let table = environment.table("mailbox").unwrap();
    assert_eq!(table.columns.keys().collect::<Vec<_>>(), ["name"]);
    assert_eq!(table.text("name").unwrap().len(), 3);

    let environment = snapshot.load(&needs("mailbox", &[])).unwrap();
    assert_eq!(environment.table("mailbox").unwrap().rows, 3);
}

#[test]
fn several_row_groups_are_one_column() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("large.snapshot");
    let users: Vec<u128> = (1..=150_000u128).rev().collect();
    let roles: Vec<u128> = users.iter().map(|user| 1 + user % 7).collect();
    let writer = SnapshotWriter::create(&target).unwrap();
    let chunk = rows(vec![("systemuserid", ids(&users)), ("roleid", ids(&roles))]);
    writer
        .table(definition("systemuserroles"), &[chunk], 30, true)
        .unwrap();
    writer.finish(manifest()).unwrap();

    let snapshot = Snapshot::open(&target).unwrap();
    let environment = snapshot
        .load(&needs("systemuserroles", &["systemuserid", "roleid"]))
        .unwrap();
    let table = environment.table("systemuserroles").unwrap();
    let expected: Vec<Guid> = (1..=150_000u128).map(Guid).collect();
    assert_eq!(table.ids("systemuserid").unwrap(), expected);
    let expected: Vec<Guid> = (1..=150_000u128).map(|user| Guid(1 + user % 7)).collect();
    assert_eq!(table.ids("roleid").unwrap(), expected);
}

#[test]
fn an_empty_table_is_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("empty.snapshot");
    let writer = SnapshotWriter::create(&target).unwrap();
    let chunk = rows(vec![("teamid", ids(&[])), ("roleid", ids(&[]))]);
    writer.table(definition("teamroles"), &[chunk], 1, true).unwrap();
    writer.finish(manifest()).unwrap();
    let environment = Snapshot::open(&target)
        .unwrap()
        .load(&needs("teamroles", &["teamid"]))
        .unwrap();
    let table = environment.table("teamroles").unwrap();
    assert_eq!((table.rows, table.ids("teamid").unwrap().len()), (0, 0));
}

#[test]
fn a_snapshot_is_replaced_only_by_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    write(&target).unwrap();
    let before = fs::read(target.join("manifest.json")).unwrap();

    // One that is given up leaves the old one, and nothing else.
    let writer = SnapshotWriter::create(&target).unwrap();
    writer
        .table(definition("mailbox"), &[mailboxes()], 1, true)
        .unwrap();
    drop(writer);
    assert_eq!(fs::read(target.join("manifest.json")).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    // One that is finished takes its place whole: no table of the old one survives.
    let mut changed = manifest();
    changed.environment.name = "renamed".to_owned();
    SnapshotWriter::create(&target).unwrap().finish(changed).unwrap();
    let snapshot = Snapshot::open(&target).unwrap();
    assert_eq!(snapshot.manifest().environment.name, "renamed");
    assert_eq!(fs::read_dir(&target).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_snapshot_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |target: &std::path::Path| {
        SnapshotWriter::create(target)
            .unwrap_err()
            .to_string()
            .replace(
                &fs::canonicalize(folder.path()).unwrap().display().to_string(),
                "DIR",
            )
            .replace(&folder.path().display().to_string(), "DIR")
    };
    let hint = "hint: name a new folder, or an older snapshot, which is then replaced";

    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(
        refusal(&file),
        format!("`DIR/file` exists and is no folder\n{hint}")
    );

    let other = folder.path().join("documents");
    fs::create_dir(&other).unwrap();
    SnapshotWriter::create(&other).unwrap();
    fs::write(other.join("thesis.docx"), "x").unwrap();
    assert_eq!(
        refusal(&other),
        format!("`DIR/documents` exists and is no snapshot: it holds other files\n{hint}")
    );

    let noted = folder.path().join("contoso.snapshot");
    write(&noted).unwrap();
    fs::write(noted.join("notes.txt"), "x").unwrap();
    assert_eq!(
        refusal(&noted),
        format!(
            "`DIR/contoso.snapshot` exists and holds `notes.txt`, which is no part of a snapshot\n{hint}"
        )
    );

    assert_eq!(
        refusal(&folder.path().join("nowhere").join("contoso.snapshot")),
        "cannot write the snapshot `DIR/nowhere/contoso.snapshot`: the folder `DIR/nowhere` does not exist\nhint: create it first"
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    write(&target).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&target), 0o700);
    assert_eq!(mode(&target.join("manifest.json")), 0o600);
    assert_eq!(mode(&target.join("mailbox.parquet")), 0o600);
}
