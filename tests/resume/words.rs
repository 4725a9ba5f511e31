//! What is said: by what is interrupted, by what goes on, by what starts anew.

use std::process::Command;
use std::time::Duration;

use dataverse_simulator::{Behaviour, Fault, ScriptedFault, Simulator, Trigger};

use super::desk::{Desk, Ran};
use super::support::*;

#[test]
fn ctrl_c_says_how_to_go_on() {
    let simulator = hanging();
    let desk = Desk::new();
    let child = spawn(&desk, &simulator, &[]);
    wait_for_the_others(&desk);
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            3,
            "error: interrupted; no snapshot was written\nhint: 14 tables are kept; go on with `--resume`\n"
        )
    );
    assert_eq!(left(&desk), [UNFINISHED]);
    let begun = started(&desk);
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        format!("Going on with the collection begun at {begun}: 14 tables are kept.\n")
    );
    // The snapshot is as old as its oldest table.
    assert_eq!(
        desk.json("contoso.snapshot/manifest.json")["collected"]["started"],
        begun.as_str()
    );
    only_the_snapshot(&desk);
    assert!(snapshot(&desk) == whole(&simulator, &[]), "another snapshot");
}

#[test]
fn before_any_table_is_finished_nothing_is_kept() {
    let behaviour = Behaviour {
        faults: vec![hangs("WhoAmI")],
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let desk = Desk::new();
    let child = spawn(&desk, &simulator, &[]);
    wait_until("the first request", || simulator.stats().total > 0);
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (3, "error: interrupted; no snapshot was written\n")
    );
    assert_eq!(left(&desk), Vec::<String>::new());
}

/// The account's token stops being good while the mailboxes are read, when the rest is in.
fn refusing() -> Simulator {
    let at = || Trigger::Target("mailboxes".to_owned(), 1);
    let behaviour = Behaviour {
        faults: vec![
            ScriptedFault::once(at(), Fault::Delay(Duration::from_secs(3))),
            ScriptedFault::once(at(), Fault::TokenExpired),
        ],
        ..Behaviour::default()
    };
    start(tenant(), behaviour)
}

#[test]
fn an_error_says_it_too() {
    let simulator = refusing();
    let desk = Desk::new();
    let ran = run(&desk, &simulator, &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let kept = kept(&desk).len();
    assert!(kept > 1, "the others had three seconds");
    let last = ran.err.lines().last().unwrap_or_default();
    assert_eq!(
        last,
        format!("hint: {kept} tables are kept; go on with `--resume`"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .starts_with(&format!("error: {} refused the access token", simulator.url())),
        "{}",
        ran.err
    );
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(snapshot(&desk) == whole(&simulator, &[]));
}

#[test]
fn starting_anew_says_what_it_replaces() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let begun = started(&desk);
    let ran = run(&desk, &simulator, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        format!(
            "The unfinished collection beside `contoso.snapshot`, begun at {begun} with 14 finished tables, is replaced by \
             this one, which starts anew; `--resume` goes on with an unfinished one.\n"
        )
    );
    assert_eq!(asked(&simulator).len(), OTHERS + 1);
    only_the_snapshot(&desk);
}

/// A monthly job whose sign-in fails must not cost what a person wants to go on with.
#[test]
fn nothing_is_replaced_before_the_environment_answers() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let url = simulator.url();
    let ran = Ran::from(
        desk.command(["collect", &url, "-o", TARGET])
            .env("CLEARANCE_TOKEN", "wrong")
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 3);
    assert!(
        ran.err
            .ends_with("\nhint: 14 tables are kept; go on with `--resume`\n"),
        "{}",
        ran.err
    );
    assert_eq!(kept(&desk).len(), OTHERS);
}

#[test]
fn with_nothing_to_go_on_from_it_starts_and_says_so() {
    let simulator = start(tenant(), Behaviour::default());
    let desk = Desk::new();
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        "There is no unfinished collection beside `contoso.snapshot` to go on with; everything is read.\n"
    );
    let ran = run(&desk, &simulator, &["--resume", "--quiet"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn a_damaged_one_is_replaced_like_any_other() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    std::fs::write(journal_path(&desk), "{").unwrap();
    let ran = run(&desk, &simulator, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        "The unfinished collection beside `contoso.snapshot` (damaged) is replaced by this one, which starts anew; \
         `--resume` goes on with an unfinished one.\n"
    );
    only_the_snapshot(&desk);
}

/// The snapshot of an audit is a temporary one, which nobody could go on with.
#[test]
fn an_audit_of_an_address_keeps_nothing_and_promises_nothing() {
    let simulator = refusing();
    let desk = Desk::new();
    let url = simulator.url();
    let ran = Ran::from(
        desk.command(["audit", &url, "--csv", "v.csv"])
            .env("CLEARANCE_TOKEN", simulator.token())
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("refused the access token"), "{}", ran.err);
    assert!(!ran.err.contains("--resume"), "{}", ran.err);
    assert!(desk.everything().is_empty());
}

/// What may not be read is no good later either, when the account may.
#[test]
fn users_that_cannot_be_read_leave_nothing() {
    let behaviour = Behaviour {
        forbidden_tables: vec!["systemuser".to_owned()],
        faults: vec![ScriptedFault::once(
            Trigger::Target("systemusers".to_owned(), 2),
            Fault::Delay(Duration::from_secs(2)),
        )],
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let desk = Desk::new();
    let ran = run(&desk, &simulator, &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(!ran.err.contains("--resume"), "{}", ran.err);
    assert_eq!(left(&desk), Vec::<String>::new());
}
