//! Snapshots that are not there, are something else, or are damaged.

use std::fs;

use super::desk::{Desk, text};
use super::offices::DOZEN;
use super::refusals::{all_are_refused, refusal};

const RESTORE: &str = "hint: restore the folder from a copy, or collect the environment again";

/// Every report at once: none of them may appear.
const REPORTS: &str = "--csv v.csv --findings-csv f.csv --json a.json --html r.html --xlsx w.xlsx";

#[test]
fn what_is_no_snapshot() {
    let desk = Desk::new();
    desk.write("contoso.zip", "PK");
    fs::create_dir(desk.path("reports")).unwrap();
    desk.write("reports/v.csv", "old");
    let nowhere = "error: there is no snapshot at `nowhere.snapshot`: it does not exist\nhint: name a folder that \
                   `clearance collect` wrote, or the address of an environment\n";
    all_are_refused(
        &desk,
        [
            refusal(&format!("audit nowhere.snapshot {REPORTS}"), 2, nowhere),
            refusal("explain nowhere.snapshot --user X", 2, nowhere),
            refusal("audit nowhere.snapshot --quiet --fail-on blocked", 2, nowhere),
            refusal(
                "audit contoso.crm4.dynamics.com",
                2,
                "error: there is no snapshot at `contoso.crm4.dynamics.com`: it does not exist\nhint: the address of an \
             environment begins with https://; did you mean https://contoso.crm4.dynamics.com ?\n",
            ),
            refusal(
                "audit contoso.zip --csv v.csv",
                2,
                "error: there is no snapshot at `contoso.zip`: it is not a folder\nhint: a snapshot is the whole folder that \
             holds manifest.json\n",
            ),
            refusal(
                "audit reports --csv reports/v.csv",
                2,
                "error: there is no snapshot at `reports`: the folder holds no manifest.json\nhint: name the folder that \
             `clearance collect` was given with -o\n",
            ),
        ],
    );
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_changed_table() {
    for (what, change) in [
        ("one bit", (|bytes| bytes[1000] ^= 1) as fn(&mut Vec<u8>)),
        ("cut short", |bytes| bytes.truncate(bytes.len() / 2)),
        ("empty", |bytes| bytes.clear()),
        ("longer", |bytes| bytes.push(0)),
    ] {
        let desk = Desk::with(&DOZEN, "contoso.snapshot");
        let name = "contoso.snapshot/mailbox.parquet";
        let mut bytes = desk.bytes(name);
        change(&mut bytes);
        desk.write(name, &bytes);
        let manifest = DOZEN.manifest();
        let said = format!(
            "error: the snapshot is damaged: `{name}` was changed after it was collected\nits SHA-256 is {}, the manifest \
             says {}\n{RESTORE}\n",
            sha256(&bytes),
            text(&manifest["tables"]["mailbox"], "sha256"),
        );
        println!("{what}");
        all_are_refused(
            &desk,
            [
                refusal(&format!("audit contoso.snapshot {REPORTS}"), 4, said.as_str()),
                refusal("explain contoso.snapshot --user Nobody --json", 4, said.as_str()),
            ],
        );
    }
}

#[test]
fn a_missing_table() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    // Also one that no rule asks for: the snapshot is whole or it is damaged.
    for table in ["systemuser", "tracelog"] {
        let name = format!("contoso.snapshot/{table}.parquet");
        let bytes = desk.bytes(&name);
        fs::remove_file(desk.path(&name)).unwrap();
        let said = format!("error: the snapshot is damaged: `{name}` is missing\n{RESTORE}\n");
        all_are_refused(
            &desk,
            [refusal(&format!("audit contoso.snapshot {REPORTS}"), 4, said)],
        );
        desk.write(&name, bytes);
    }
    desk.good(["audit", "contoso.snapshot", "-q"]);
}

#[test]
fn a_manifest_that_is_none() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let name = "contoso.snapshot/manifest.json";
    let whole = desk.read(name);
    let broken =
        |what: &str| format!("error: the snapshot is damaged: `{name}` is no manifest: {what}\n{RESTORE}\n");
    let renamed = whole.replace("\"mailbox\": {", "\"../mailbox\": {");
    assert_ne!(renamed, whole);
    for (manifest, said) in [
        (
            whole.replace("\"format\": 1", "\"format\": 2"),
            format!(
                "error: `{name}` has snapshot format 2; this version of clearance reads format 1\nhint: collect the \
                 environment again with this version\n"
            ),
        ),
        (
            String::new(),
            broken("EOF while parsing a value at line 1 column 0"),
        ),
        (
            "{}".to_owned(),
            broken("missing field `format` at line 1 column 2"),
        ),
        (renamed, broken("\"../mailbox\" is no logical name of a table")),
    ] {
        desk.write(name, manifest);
        all_are_refused(
            &desk,
            [refusal(&format!("audit contoso.snapshot {REPORTS}"), 4, said)],
        );
    }
}

#[test]
fn a_sound_snapshot_beside_a_damaged_one() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    DOZEN.lay(&desk.path("other.snapshot"));
    fs::remove_file(desk.path("other.snapshot/role.parquet")).unwrap();
    let said =
        format!("error: the snapshot is damaged: `other.snapshot/role.parquet` is missing\n{RESTORE}\n");
    all_are_refused(
        &desk,
        [refusal(
            &format!("audit contoso.snapshot other.snapshot {REPORTS}"),
            4,
            said,
        )],
    );
}
