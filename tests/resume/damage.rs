//! What was kept is not believed because it is there.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;

use super::desk::Desk;
use super::support::*;

/// Leaves a collection unfinished, damages it, goes on; what was said, and the tables that were read.
fn after(damage: impl Fn(&Desk)) -> (String, Vec<String>) {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let begun = started(&desk);
    damage(&desk);
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    only_the_snapshot(&desk);
    let asked = asked(&simulator);
    assert!(snapshot(&desk) == whole(&simulator, &[]), "another snapshot");
    (said(&ran).replace(&begun, "BEGUN"), asked)
}

fn file(desk: &Desk, table: &str) -> std::path::PathBuf {
    desk.path(UNFINISHED)
        .join("tables")
        .join(format!("{table}.parquet"))
}

#[test]
fn undamaged_tables_are_not_read_again() {
    let (said, asked) = after(|_| {});
    assert_eq!(
        said,
        "Going on with the collection begun at BEGUN: 14 tables are kept.\n"
    );
    assert_eq!(asked, ["mailboxes"]);
}

#[test]
fn a_flipped_byte_a_cut_and_a_lost_file() {
    let flip = |desk: &Desk| {
        let mut bytes = fs::read(file(desk, "team")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file(desk, "team"), bytes).unwrap();
    };
    let cut = |desk: &Desk| {
        let team = OpenOptions::new().write(true).open(file(desk, "team")).unwrap();
        team.set_len(100).unwrap();
    };
    let lose = |desk: &Desk| fs::remove_file(file(desk, "team")).unwrap();
    let damages: [&dyn Fn(&Desk); 3] = [&flip, &cut, &lose];
    for damage in damages {
        let (said, asked) = after(damage);
        assert_eq!(
            said,
            "Going on with the collection begun at BEGUN: 13 tables are kept; damaged, or dependent on what is, and so \
             read again: team.\n"
        );
        assert_eq!(asked, ["mailboxes", "teams"]);
    }
}

/// Which rows of `roleprivileges` are asked for is told by `privilege`.
#[test]
fn what_depends_on_a_damaged_table_is_read_again_too() {
    let (said, asked) = after(|desk| fs::write(file(desk, "privilege"), "x").unwrap());
    assert_eq!(
        said,
        "Going on with the collection begun at BEGUN: 12 tables are kept; damaged, or dependent on what is, and so \
         read again: privilege, roleprivileges.\n"
    );
    assert_eq!(asked, ["mailboxes", "privileges", "roleprivilegescollection"]);
    // The other way round, the kept privileges tell which rows to ask for.
    let (said, asked) = after(|desk| fs::write(file(desk, "roleprivileges"), "x").unwrap());
    assert_eq!(
        said,
        "Going on with the collection begun at BEGUN: 13 tables are kept; damaged, or dependent on what is, and so \
         read again: roleprivileges.\n"
    );
    assert_eq!(asked, ["mailboxes", "roleprivilegescollection"]);
}

#[test]
fn a_journal_that_is_torn_or_changed_is_worth_nothing() {
    let tear = |desk: &Desk| {
        let text = fs::read(journal_path(desk)).unwrap();
        fs::write(journal_path(desk), &text[..text.len() / 2]).unwrap();
    };
    let empty = |desk: &Desk| fs::write(journal_path(desk), "").unwrap();
    // Also where it would still be understood.
    let change = |desk: &Desk| {
        let text = fs::read_to_string(journal_path(desk)).unwrap();
        let changed = text.replacen("\"pages\":1,", "\"pages\":2,", 1);
        assert_ne!(changed, text);
        fs::write(journal_path(desk), changed).unwrap();
    };
    let damages: [&dyn Fn(&Desk); 3] = [&tear, &empty, &change];
    for damage in damages {
        let (said, asked) = after(damage);
        assert_eq!(
            said,
            "The journal of the unfinished collection beside `contoso.snapshot` is damaged, so that none of its tables \
             can be trusted; everything is read.\n"
        );
        assert_eq!(asked.len(), OTHERS + 1, "{asked:?}");
    }
}

/// Killed while it wrote: a file that has not got its name yet.
#[test]
fn what_was_being_written_is_not_taken_for_a_table() {
    let (said, _) = after(|desk| {
        fs::write(
            desk.path(UNFINISHED).join("tables").join("mailbox.parquet.new"),
            "x",
        )
        .unwrap();
        fs::write(file(desk, "access"), "of a run that was to verify").unwrap();
        fs::write(desk.path(UNFINISHED).join("tables").join("manifest.json"), "{}").unwrap();
        fs::write(desk.path(UNFINISHED).join("journal.json.new"), "{\"sha").unwrap();
    });
    assert_eq!(
        said,
        "Going on with the collection begun at BEGUN: 14 tables are kept.\n"
    );
}

#[test]
fn what_is_kept_is_readable_by_its_owner_alone() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    for (path, _) in desk.everything() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{}", path.display());
    }
}
