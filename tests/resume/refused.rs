//! Where going on would make a snapshot of things that do not belong together.

use std::fs;

use dataverse_simulator::{Behaviour, Depth, Simulator, Tenant};
use uuid::Uuid;

use super::desk::Desk;
use super::support::*;

const HINT: &str =
    "hint: collect as it was begun, or leave out `--resume`, which starts anew and replaces it\n";

/// What is refused, and leaves what was kept.
fn refusal(desk: &Desk, simulator: &Simulator, more: &[&str]) -> String {
    let before = fs::read(journal_path(desk)).unwrap();
    let mut arguments = vec!["--resume"];
    arguments.extend(more);
    let ran = run(desk, simulator, &arguments);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert_eq!(fs::read(journal_path(desk)).unwrap(), before);
    assert_eq!(kept(desk).len(), OTHERS);
    ran.err
}

fn different(lines: &str) -> String {
    format!(
        "error: cannot go on with the unfinished collection beside `contoso.snapshot`, as it is a different one:\n{lines}{HINT}"
    )
}

/// A collection left unfinished, and the same address with another tenant behind it.
fn behind_the_same_address(change: impl Fn(&mut Tenant)) -> (Desk, Simulator, Tenant) {
    let first = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &first);
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(first);
    let mut other = tenant();
    change(&mut other);
    let second = start(
        other.clone(),
        Behaviour {
            port,
            ..Behaviour::default()
        },
    );
    (desk, second, other)
}

#[test]
fn another_organization() {
    let then = tenant().organization.organizationid;
    let now = Uuid::from_u128(0xabcdef);
    let (desk, simulator, _) = behind_the_same_address(|tenant| tenant.organization.organizationid = now);
    assert_eq!(
        refusal(&desk, &simulator, &[]),
        different(&format!("  organization: {then} then, {now} now\n"))
    );
}

#[test]
fn another_account() {
    let then = tenant().caller;
    let other = |tenant: &Tenant| {
        let mut users = tenant.users.iter().map(|user| user.systemuserid);
        users.find(|id| *id != then).unwrap()
    };
    let now = other(&tenant());
    let (desk, simulator, _) = behind_the_same_address(|tenant| {
        // The same rights, for somebody else.
        for held in &mut tenant.user_roles {
            if held.0 == then {
                held.0 = now;
            }
        }
        tenant.caller = now;
    });
    let said = refusal(&desk, &simulator, &[]);
    assert!(
        said.starts_with(&format!(
            "error: cannot go on with the unfinished collection beside `contoso.snapshot`, as it is a different one:\n  \
             account: {then} then, {now} now\n"
        )),
        "{said}"
    );
}

/// The tables that were read with less would look whole.
#[test]
fn another_depth() {
    let (desk, simulator, _) = behind_the_same_address(|tenant| {
        let reads = [
            "prvReadUser",
            "prvReadRole",
            "prvReadTeam",
            "prvReadBusinessUnit",
            "prvReadEmailServerProfile",
            "prvReadOrganization",
            "prvReadAppModule",
            "prvReadTraceLog",
        ];
        let mut held: Vec<_> = reads.map(|name| (name, Depth::Global)).into();
        held.push(("prvReadMailbox", Depth::Basic));
        tenant.restrict_caller(&held);
    });
    assert_eq!(
        refusal(&desk, &simulator, &[]),
        different("  the account's depth of prvReadMailbox: global then, basic now\n")
    );
}

#[test]
fn another_address() {
    let (one, other) = (hanging(), hanging());
    let desk = Desk::new();
    leave_unfinished(&desk, &one);
    assert_eq!(
        refusal(&desk, &other, &[]),
        different(&format!(
            "  environment: {} then, {} now\n",
            one.url(),
            other.url()
        ))
    );
    assert_eq!(other.stats().total, 0, "that is known without asking");
}

#[test]
fn other_rules() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/contact-card");
    let said = refusal(&desk, &simulator, &["--rules", pack]);
    assert_eq!(
        said,
        different(
            "  columns that the rules ask for, more: businessunit.name (text), businessunit.parentbusinessunitid (id), systemuser.jobtitle (text) and 2 more\n"
        )
    );
    assert_eq!(simulator.stats().total, 0, "that is known without asking");
}

#[test]
fn another_version_of_the_program() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let now = concat!("clearance ", env!("CARGO_PKG_VERSION"));
    rewrite(&desk, |journal| journal.replace(now, "clearance 0.0.9"));
    assert_eq!(
        refusal(&desk, &simulator, &[]),
        different(&format!("  program: clearance 0.0.9 then, {now} now\n"))
    );
}

#[test]
fn tables_of_the_day_before_yesterday() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let begun = started(&desk);
    let moment: jiff::Timestamp = begun.parse().unwrap();
    let back = |seconds: i64| {
        jiff::Timestamp::from_second(moment.as_second() - seconds)
            .unwrap()
            .to_string()
    };
    let old = back(25 * 60 * 60);
    rewrite(&desk, |journal| journal.replace(&begun, &old));
    assert_eq!(
        refusal(&desk, &simulator, &[]),
        format!(
            "error: cannot go on with the unfinished collection beside `contoso.snapshot`: it was begun at {old}, and tables \
             that are read more than 24 hours apart do not belong together\nhint: leave out `--resume`, which starts \
             anew and replaces it\n"
        )
    );
    assert_eq!(simulator.stats().total, 0, "that is known without asking");
    // Within the day it goes on.
    let recent = back(23 * 60 * 60);
    rewrite(&desk, |journal| journal.replace(&old, &recent));
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn two_at_once() {
    let simulator = hanging();
    let desk = Desk::new();
    let first = spawn(&desk, &simulator, &[]);
    wait_for_the_others(&desk);
    for more in [&[][..], &["--resume"]] {
        let ran = run(&desk, &simulator, more);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (
                2,
                "error: another process is collecting into `contoso.snapshot`\nhint: wait until it has ended, or name \
                 another folder\n"
            )
        );
    }
    // A dead process holds nothing, and the refused ones have taken nothing.
    kill(first);
    assert_eq!(kept(&desk).len(), OTHERS);
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    only_the_snapshot(&desk);
}
