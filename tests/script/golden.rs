//! A small script of each form, whole: to be read as the administrator reads it who gets it.

use std::path::Path;

use arrow_array::Array as _;
use clearance::snapshot::manifest::DepthName;
use clearance::snapshot::{Environment, Guid};
use clearance::what_if::{Change, Holder, Inheritance};

use crate::support::{Read, action, contoso, pac_of, powershell_of};

/// The first user whose mailbox has this value.
fn someone(environment: &Environment, column: &str, value: i32) -> Holder {
    let mailboxes = environment.table("mailbox").expect("mailboxes");
    let users = environment.table("systemuser").expect("users");
    let of = |key: &str| mailboxes.ids(key).expect("ids");
    let values = mailboxes.integers(column).expect("options");
    let has = |id: &Guid| {
        let row = of("mailboxid").binary_search(id);
        row.is_ok_and(|row| values.is_valid(row) && values.value(row) == value)
    };
    let found = users
        .ids("defaultmailbox")
        .expect("mailboxes")
        .iter()
        .position(has);
    let ids = users.ids("systemuserid").expect("ids");
    Holder::User(ids[found.expect("somebody")].to_string())
}

/// What a plan of the sample environment could be.
fn plan(environment: &Environment) -> Vec<(&'static str, &'static str, Vec<Change>)> {
    let set = |field: &str, value: &str, of: &[Holder]| Change::SetField {
        field: field.to_owned(),
        value: value.to_owned(),
        of: of.to_vec(),
    };
    let role = "Dynamics 365 App for Outlook User";
    let dagmar = [Holder::User("dagmar.ferrari@contoso.example".to_owned())];
    let other_method = [someone(environment, "incomingemaildeliverymethod", 1)];
    let untested = [someone(environment, "incomingemailstatus", 0)];
    let unapproved = [someone(environment, "emailrouteraccessapproval", 2)];
    vec![
        (
            "assign-role/app-for-outlook",
            "Give the role Dynamics 365 App for Outlook User to 1 user",
            vec![Change::AssignRole {
                role: role.to_owned(),
                to: dagmar.to_vec(),
            }],
        ),
        (
            "change-role/app-for-outlook",
            "Make the role Dynamics 365 App for Outlook User reach further",
            vec![
                Change::GrantPrivilege {
                    privilege: "prvReadMailbox".to_owned(),
                    depth: DepthName::Global,
                    role: role.to_owned(),
                },
                Change::SetInheritance {
                    role: role.to_owned(),
                    inheritance: Inheritance::TeamOnly,
                },
            ],
        ),
        (
            "server-side-sync",
            "Switch 1 mailbox to server-side synchronization",
            vec![
                set(
                    "mailbox.incomingemaildeliverymethod",
                    "server-side-sync",
                    &other_method,
                ),
                set("mailbox.actdeliverymethod", "server-side-sync", &other_method),
            ],
        ),
        (
            "approve-addresses",
            "Approve 1 address",
            vec![
                set("mailbox.emailrouteraccessapproval", "approved", &unapproved),
                set("mailbox.isemailaddressapprovedbyo365admin", "true", &unapproved),
            ],
        ),
        (
            "test-and-enable",
            "Test & Enable 1 mailbox",
            vec![
                set("mailbox.incomingemailstatus", "success", &untested),
                set("mailbox.actstatus", "success", &untested),
            ],
        ),
        (
            "without-approval",
            "Do without the approval of addresses",
            vec![set("organization.requireapprovalforuseremail", "false", &[])],
        ),
        (
            "remove-role/app-for-outlook",
            "Take the role Dynamics 365 App for Outlook User away again",
            vec![Change::RemoveRole {
                role: role.to_owned(),
                from: dagmar.to_vec(),
            }],
        ),
    ]
}

fn assert_golden(name: &str, text: &str) {
    let text = text.replace(
        concat!("clearance ", env!("CARGO_PKG_VERSION")),
        "clearance VERSION",
    );
    // The sample is collected anew from time to time.
    let is_day = |line: &&str| line.starts_with("#   As it was on ");
    let day = text
        .lines()
        .find(is_day)
        .expect("the day of the snapshot")
        .to_owned();
    let text = text.replace(&day, "#   As it was on DAY, when it was collected");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/script/golden")
        .join(name);
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    if text != expected {
        let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&written, &text).expect("a file");
        panic!("{} is not as {} any more", written.display(), golden.display());
    }
}

#[test]
fn the_forms_are_as_they_were_read() {
    let environment = contoso();
    let plan = plan(&environment);
    let actions: Vec<_> = plan
        .iter()
        .map(|(key, title, changes)| action(key, title, changes))
        .collect();
    let (powershell, pac) = (
        powershell_of(&environment, &actions),
        pac_of(&environment, &actions),
    );
    assert_eq!(powershell, powershell_of(&environment, &actions));
    Read::new(powershell.clone());
    Read::new(pac.clone());
    assert_golden("powershell.ps1", &powershell);
    assert_golden("pac.ps1", &pac);
}
