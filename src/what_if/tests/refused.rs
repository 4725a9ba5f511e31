//! Changes that cannot be supposed: the full texts.

use super::*;
use crate::snapshot::{Gap, GapReason};

const NAME_OR_ID: &str = "hint: give its whole name, or its id, as Dataverse stores it";

/// What is said when the house is to change like that.
fn refusal(house: &Environment, changes: &[Change]) -> String {
    match suppose(house, changes) {
        Ok(_) => panic!("not refused: {changes:?}"),
        Err(error) => error.to_string(),
    }
}

fn all_are_refused(house: &Environment, cases: impl IntoIterator<Item = (Change, String)>) {
    for (change, expected) in cases {
        assert_eq!(refusal(house, &[change]), expected);
    }
}

#[test]
fn the_change_is_named_by_its_place() {
    let changes = [
        assign("Sales", &[user("Bo")]),
        assign(
            "Sale",
            &[
                user("Bo"),
                user("Anna"),
                team("Field"),
                unit("West"),
                unit("Contoso"),
            ],
        ),
    ];
    assert_eq!(
        refusal(&house(), &changes),
        "change 2 of 2: cannot assign role \"Sale\" to user:Bo, user:Anna, team:Field and 2 more: no role is called \
         \"Sale\"\nhint: did you mean \"Sales\"?"
    );
}

#[test]
fn names_of_nothing_and_of_several() {
    let id = |number| Guid(number).to_string();
    all_are_refused(
        &house(),
        [
            (
                remove("Marketing", &[user("Bo")]),
                format!(
                    "cannot remove role \"Marketing\" from user:Bo: no role is called \"Marketing\"\n{NAME_OR_ID}"
                ),
            ),
            (
                inherit("TWIN", Inheritance::TeamOnly),
                format!(
                    "cannot set the member's privilege inheritance of role \"TWIN\" to team-only: \"TWIN\" is 2 \
                     roles:\n  {}\n  {}\nhint: give the id of the one that is meant",
                    id(27),
                    id(28)
                ),
            ),
            (
                assign("Sales", &[user("nobody@x.example")]),
                "cannot assign role \"Sales\" to user:nobody@x.example: no user `nobody@x.example`\nhint: give a \
                 sign-in name (UPN), e-mail address, id or full name as Dataverse stores it"
                    .to_owned(),
            ),
            (
                assign("Sales", &[user("shared@x.example")]),
                format!(
                    "cannot assign role \"Sales\" to user:shared@x.example: \"shared@x.example\" is 2 users:\n  {}  \
                     Bo\n  {}  Carl\nhint: give the id of the one that is meant",
                    id(12),
                    id(13)
                ),
            ),
            (
                assign("Sales", &[team("Feild")]),
                "cannot assign role \"Sales\" to team:Feild: no team is called \"Feild\"\nhint: did you mean \"Field\"?"
                    .to_owned(),
            ),
            (
                assign("Sales", &[unit("North")]),
                format!(
                    "cannot assign role \"Sales\" to bu:North: no business unit is called \"North\"\n{NAME_OR_ID}"
                ),
            ),
            (
                bind("Sales", "AppForOutlook"),
                format!(
                    "cannot share app `AppForOutlook` with role \"Sales\": no app is called \"AppForOutlook\"\n{}",
                    "hint: give its whole name, or its id, as Dataverse stores it"
                ),
            ),
            (
                assign("Sales", &[]),
                "cannot assign role \"Sales\" to nobody: it is said of nobody\nhint: name one or more of user:NAME, \
                 team:NAME and bu:NAME"
                    .to_owned(),
            ),
        ],
    );
}

#[test]
fn what_dataverse_does_not_do() {
    let id = |number| Guid(number).to_string();
    all_are_refused(
        &house(),
        [
            (
                assign("Pilot", &[unit("West")]),
                format!(
                    "cannot assign role \"Pilot\" to bu:West: no copy of role \"Pilot\" was found in business unit \
                     \"West\", the one of user \"Anna\" ({})\nhint: Dataverse keeps a copy of every role in every \
                     business unit; choose a role that has one there",
                    id(11)
                ),
            ),
            (
                assign("Sales", &[user(&id(15))]),
                format!(
                    "cannot assign role \"Sales\" to user:{0}: the business unit of user {0} is not known\nhint: which \
                     copy of the role it would be depends on it",
                    id(15)
                ),
            ),
            (
                assign("Sales", &[team("Project X")]),
                format!(
                    "cannot assign role \"Sales\" to team:Project X: team \"Project X\" ({}) is an access team, and \
                     access teams cannot hold roles\nhint: name an owner team or an Entra group team, or the users \
                     themselves",
                    id(32)
                ),
            ),
            (
                inherit("System Administrator", Inheritance::DirectUser),
                "cannot set the member's privilege inheritance of role \"System Administrator\" to direct-user: the \
                 member's privilege inheritance of System Administrator cannot be changed\nhint: assign the role to \
                 the users themselves, or another role to the team"
                    .to_owned(),
            ),
            (
                grant("prv1", DepthName::Global, "Sales"),
                "cannot grant `prv1` at global to role \"Sales\": `prv1` cannot be granted at global in this \
                 environment (`canbeglobal` is no)\nhint: it can be granted at `basic`"
                    .to_owned(),
            ),
            (
                grant("prv2", DepthName::Basic, "Sales"),
                "cannot grant `prv2` at basic to role \"Sales\": the environment has no privilege `prv2`\nhint: it \
                 comes with the table it opens; where that is not installed nobody needs it"
                    .to_owned(),
            ),
            (
                revoke("prv9", "Sales"),
                "cannot revoke `prv9` from role \"Sales\": nothing is known of privilege `prv9`: the snapshot was \
                 collected without asking for it\nhint: did you mean \"prv0\"?"
                    .to_owned(),
            ),
            (
                revoke("prvDance", "Sales"),
                "cannot revoke `prvDance` from role \"Sales\": nothing is known of privilege `prvDance`: the snapshot \
                 was collected without asking for it\nhint: collect with rules that name it; `clearance rules list` \
                 shows what the loaded ones need"
                    .to_owned(),
            ),
            (
                grant("prv0", DepthName::Global, "Pilot"),
                "cannot grant `prv0` at global to role \"Pilot\": how deep the role has the privilege now was not \
                 read, so that it cannot be told whether this is more\nhint: what was not seen cannot be supposed to \
                 change"
                    .to_owned(),
            ),
        ],
    );
}

#[test]
fn fields_that_cannot_be_set_so() {
    let status = "mailbox.incomingemailstatus";
    let anna = || [user("Anna")];
    let no_record = "hint: a record that is not there cannot be supposed to change";
    let cases: [(Change, &str); 16] = [
        (
            set("mailbox.incomingemailstate", "success", &anna()),
            "set `mailbox.incomingemailstate` to \"success\" of user:Anna: there is no field \
             `mailbox.incomingemailstate`\nhint: did you mean \"mailbox.incomingemailstatus\"?",
        ),
        (
            set("colour", "red", &anna()),
            "set `colour` to \"red\" of user:Anna: there is no field `colour`\nhint: name a table and a column, such \
             as mailbox.incomingemailstatus",
        ),
        (
            set("mailbox.exists", "true", &anna()),
            "set `mailbox.exists` to \"true\" of user:Anna: `mailbox.exists` is found out by the audit, not stored in \
             the environment\nhint: set a column of systemuser, mailbox, emailserverprofile or organization",
        ),
        (
            set("businessunit.name", "East", &anna()),
            "set `businessunit.name` to \"East\" of user:Anna: `businessunit.name` cannot be set: business units are \
             not changed here\nhint: set another column, or change roles instead",
        ),
        (
            set("systemuser.businessunitid", "", &anna()),
            "empty `systemuser.businessunitid` of user:Anna: `systemuser.businessunitid` cannot be set: which roles \
             somebody keeps who moves to another business unit was not collected\nhint: set another column, or change \
             roles instead",
        ),
        (
            set("mailbox.mailboxid", "", &anna()),
            "empty `mailbox.mailboxid` of user:Anna: `mailbox.mailboxid` cannot be set: it is what the record is known \
             by\nhint: set another column, or change roles instead",
        ),
        (
            set("mailbox.regardingobjectid", "", &anna()),
            "empty `mailbox.regardingobjectid` of user:Anna: `mailbox.regardingobjectid` cannot be set: it says whose \
             mailbox it is\nhint: set another column, or change roles instead",
        ),
        (
            set(status, "sucess", &anna()),
            "set `mailbox.incomingemailstatus` to \"sucess\" of user:Anna: `mailbox.incomingemailstatus` has no option \
             \"sucess\"\nhint: did you mean \"success\"?",
        ),
        (
            set(status, "perfect", &anna()),
            "set `mailbox.incomingemailstatus` to \"perfect\" of user:Anna: `mailbox.incomingemailstatus` has no option \
             \"perfect\"\nhint: its options are `not-run`, `success` and `failure`",
        ),
        (
            set(status, "1", &anna()),
            "set `mailbox.incomingemailstatus` to \"1\" of user:Anna: `mailbox.incomingemailstatus` is a named option, \
             and \"1\" is not\nhint: write its name, `success`",
        ),
        (
            set("systemuser.isdisabled", "yes", &anna()),
            "set `systemuser.isdisabled` to \"yes\" of user:Anna: `systemuser.isdisabled` is true or false, and \"yes\" \
             is not\nhint: write true or false",
        ),
        (
            set("systemuser.defaultmailbox", "Anna", &anna()),
            "set `systemuser.defaultmailbox` to \"Anna\" of user:Anna: `systemuser.defaultmailbox` is an id, and \
             \"Anna\" is not\nhint: write the id, such as 627090ff-40a3-4053-8790-584edc5be201",
        ),
        (
            set(
                "mailbox.emailserverprofile",
                "00000000-0000-0000-0000-0000000000ff",
                &anna(),
            ),
            "set `mailbox.emailserverprofile` to \"00000000-0000-0000-0000-0000000000ff\" of user:Anna: \
             `mailbox.emailserverprofile` would point to no emailserverprofile of the environment: \
             00000000-0000-0000-0000-0000000000ff\nhint: give the `emailserverprofileid` of one that exists",
        ),
        (
            set("mailbox.testmailboxaccesscompletedon", "soon", &anna()),
            "set `mailbox.testmailboxaccesscompletedon` to \"soon\" of user:Anna: \
             `mailbox.testmailboxaccesscompletedon` is a moment, and \"soon\" is not\nhint: write a date or moment, \
             such as `2026-11-23` or `2026-11-23T08:00:00Z`",
        ),
        (
            set("organization.requireapprovalforuseremail", "true", &anna()),
            "set `organization.requireapprovalforuseremail` to \"true\" of user:Anna: the organization's settings are \
             everybody's\nhint: leave out whose it is",
        ),
        (
            set(status, "success", &[team("Field")]),
            "set `mailbox.incomingemailstatus` to \"success\" of team:Field: team \"Field\" has no such record\nhint: \
             name users (user:NAME) or the users of a business unit (bu:NAME)",
        ),
    ];
    all_are_refused(
        &house(),
        cases.map(|(change, expected)| (change, format!("cannot {expected}"))),
    );
    let id = |number| Guid(number).to_string();
    all_are_refused(
        &house(),
        [
            (
                set(status, "success", &[user("Dora")]),
                format!(
                    "cannot set `{status}` to \"success\" of user:Dora: no mailbox was found of {}  Dora\n{no_record}",
                    id(14)
                ),
            ),
            (
                set("emailserverprofile.usedefaulttenantid", "true", &[user("Carl")]),
                format!(
                    "cannot set `emailserverprofile.usedefaulttenantid` to \"true\" of user:Carl: no email server \
                     profile was found of {}  Carl\n{no_record}",
                    id(13)
                ),
            ),
        ],
    );
}

/// What was not collected cannot be supposed to change, and it is said why it was not.
#[test]
fn what_was_not_collected() {
    let hint = "hint: what was not seen cannot be supposed to change; `clearance permissions` tells what the collecting \
                account must be able to read";
    let cases: [(&str, Option<&str>, Change); 9] = [
        ("systemuser", None, assign("Sales", &[user("Anna")])),
        ("systemuserroles", None, assign("Sales", &[user("Anna")])),
        ("teamroles", None, assign("Sales", &[team("Field")])),
        ("role", Some("parentrootroleid"), assign("Sales", &[user("Anna")])),
        (
            "role",
            Some("isinherited"),
            inherit("Sales", Inheritance::TeamOnly),
        ),
        (
            "roleprivileges",
            Some("privilegedepthmask"),
            grant("prv0", DepthName::Deep, "Sales"),
        ),
        ("privilege", None, revoke("prv0", "Sales")),
        ("appmoduleroles", None, bind("Sales", "AppforOutlookModule")),
        (
            "mailbox",
            Some("incomingemailstatus"),
            set("mailbox.incomingemailstatus", "success", &[user("Anna")]),
        ),
    ];
    for (table, column, change) in cases {
        let mut house = house();
        let name = match column {
            Some(column) => {
                house.tables.get_mut(table).unwrap().columns.remove(column);
                let info = house.manifest.tables.get_mut(table).unwrap();
                info.columns.retain(|known| known != column);
                format!("`{table}.{column}`")
            }
            None => {
                house.tables.remove(table);
                house.manifest.tables.remove(table);
                format!("`{table}`")
            }
        };
        house.manifest.gaps.push(Gap {
            table: table.to_owned(),
            column: column.map(str::to_owned),
            reason: GapReason::Forbidden,
            detail: "prvReadIt".to_owned(),
        });
        let words = change.to_string();
        assert_eq!(
            refusal(&house, &[change]),
            format!(
                "cannot {words}: {name} was not collected: the collecting account may not read it (prvReadIt)\n{hint}"
            )
        );
    }
}

#[test]
fn a_table_that_was_not_read_to_its_end() {
    let mut house = house();
    for table in ["role", "privilege"] {
        house.manifest.tables.get_mut(table).unwrap().complete = false;
    }
    all_are_refused(
        &house,
        [
            (
                assign("Pilot", &[user("Anna")]),
                format!(
                    "cannot assign role \"Pilot\" to user:Anna: no copy of role \"Pilot\" was found in business unit \
                     \"West\", the one of user \"Anna\" ({})\nhint: table `role` was not read completely; collect again \
                     with an account that may read all of it",
                    Guid(11)
                ),
            ),
            (
                revoke("prv2", "Sales"),
                "cannot revoke `prv2` from role \"Sales\": privilege `prv2` was not seen: table `privilege` was not \
                 read completely\nhint: what was not seen cannot be supposed to change"
                    .to_owned(),
            ),
        ],
    );
}
