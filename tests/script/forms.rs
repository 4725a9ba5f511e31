//! Only documented requests are in scripts, and a person is told what is left.

use std::collections::BTreeSet;

use clearance::snapshot::{Column, Environment, Guid};
use clearance::what_if::{Change, Holder};

use crate::support::{Read, action, contoso, pac_of, powershell_of};

/// The shape of a request: ids are `ID`.
fn shape(text: &str) -> String {
    let mut shape = text.to_owned();
    while let Some(at) = (0..shape.len()).find(|at| {
        let rest = &shape.as_bytes()[*at..];
        rest.len() >= 36 && Guid::parse(&String::from_utf8_lossy(&rest[..36])).is_some()
    }) {
        shape.replace_range(at..at + 36, "ID");
    }
    shape
}

/// The forms of the table in `src/report/script/steps.rs`, as `run.rs` makes a script with all of them.
const FORMS: &[&str] = &[
    "DELETE appmodules(ID)/appmoduleroles_association(ID)/$ref -",
    "DELETE systemusers(ID)/systemuserroles_association(ID)/$ref -",
    "DELETE teams(ID)/teamroles_association(ID)/$ref -",
    "PATCH roles(ID) {\"isinherited\":0}",
    "POST appmodules(ID)/appmoduleroles_association/$ref {\"@odata.id\":\"{api}roles(ID)\"}",
    "POST roles(ID)/Microsoft.Dynamics.CRM.AddPrivilegesRole \
     {\"Privileges\":[{\"BusinessUnitId\":\"ID\",\"Depth\":\"Global\",\"PrivilegeId\":\"ID\"}]}",
    "POST roles(ID)/Microsoft.Dynamics.CRM.RemovePrivilegeRole \
     {\"Privilege\":{\"@odata.type\":\"Microsoft.Dynamics.CRM.privilege\",\"privilegeid\":\"ID\"}}",
    "POST systemusers(ID)/systemuserroles_association/$ref {\"@odata.id\":\"{api}roles(ID)\"}",
    "POST teams(ID)/teamroles_association/$ref {\"@odata.id\":\"{api}roles(ID)\"}",
];
/// What a PATCH of a mailbox or a user may set.
const COLUMNS: &[&str] = &[
    "accessmode",
    "actdeliverymethod",
    "emailrouteraccessapproval",
    "emailserverprofile@odata.bind",
    "incomingemaildeliverymethod",
    "outgoingemaildeliverymethod",
    "statecode",
    "statuscode",
    "testemailconfigurationscheduled",
];

/// Holds every request of a script against these forms, each of which it is to have.
pub fn assert_documented(script: &Read) {
    let mut seen = BTreeSet::new();
    for line in script.lines().iter().filter(|line| line[0] == "send") {
        let [_, method, path, body] = line.as_slice() else {
            panic!("{line:?}");
        };
        let form = shape(&format!("{method} {path} {body}"));
        if let Some(form) = FORMS.iter().find(|known| **known == form) {
            seen.insert(*form);
            continue;
        }
        let known = ["PATCH mailboxes(ID) ", "PATCH systemusers(ID) "];
        assert!(known.iter().any(|known| form.starts_with(known)), "{form}");
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        for column in body.as_object().expect("columns").keys() {
            let known = COLUMNS.iter().find(|known| *known == column);
            seen.insert(*known.unwrap_or_else(|| panic!("{column}")));
        }
    }
    assert_eq!(seen, FORMS.iter().chain(COLUMNS).copied().collect());
}

fn set(field: &str, value: &str, of: &[Holder]) -> Change {
    Change::SetField {
        field: field.to_owned(),
        value: value.to_owned(),
        of: of.to_vec(),
    }
}

/// The first user whose mailbox no administrator has approved, or nobody has.
fn unapproved(environment: &Environment) -> Holder {
    let mailboxes = environment.table("mailbox").unwrap();
    let (ids, approved) = (
        mailboxes.ids("mailboxid").unwrap(),
        mailboxes.booleans("isemailaddressapprovedbyo365admin").unwrap(),
    );
    let states = mailboxes.integers("emailrouteraccessapproval").unwrap();
    let users = environment.table("systemuser").unwrap();
    let is_it = |id: &Guid| {
        let row = ids.binary_search(id);
        row.is_ok_and(|row| !approved.value(row) && states.value(row) != 1)
    };
    let row = users.ids("defaultmailbox").unwrap().iter().position(is_it);
    Holder::User(users.ids("systemuserid").unwrap()[row.expect("somebody")].to_string())
}

#[test]
fn an_administrators_approval_is_given_by_hand_and_once() {
    let mut environment = contoso();
    // One whose address neither the environment nor an administrator has approved.
    if let Some(Column::Boolean(values)) = environment
        .tables
        .get_mut("mailbox")
        .and_then(|table| table.columns.get_mut("isemailaddressapprovedbyo365admin"))
    {
        *values = (0..values.len()).map(|_| Some(false)).collect();
    }
    let whose = [unapproved(&environment)];
    let changes = [
        set("mailbox.emailrouteraccessapproval", "approved", &whose),
        set("mailbox.isemailaddressapprovedbyo365admin", "true", &whose),
    ];
    let script = Read::new(powershell_of(&environment, &[action("k", "t", &changes)]));
    let lines = script.lines();
    let words: Vec<&str> = lines.iter().map(|line| line[0].as_str()).collect();
    assert_eq!(words, ["action", "hand", "for", "for"]);
    assert!(lines[1][2].contains("Approve email, OK"), "{:?}", lines[1]);
}

#[test]
fn what_no_page_says_can_be_written_is_no_request() {
    let environment = contoso();
    let user = environment
        .table("systemuser")
        .unwrap()
        .ids("defaultmailbox")
        .unwrap();
    let row = user
        .iter()
        .position(|mailbox| !mailbox.is_null())
        .expect("somebody");
    let user = environment
        .table("systemuser")
        .unwrap()
        .ids("systemuserid")
        .unwrap()[row];
    let whose = [Holder::User(user.to_string())];
    for (changes, clicks) in [
        (
            vec![
                set("organization.requireapprovalforuseremail", "false", &[]),
                set("organization.officeappsautodeploymentenabled", "true", &[]),
                set("organization.officeappsautodeploymentenabled", "false", &[]),
            ],
            "Email settings",
        ),
        (
            vec![set(
                "mailbox.officeappsdeploymentstatus",
                "install-failed",
                &whose,
            )],
            "Add App to Outlook",
        ),
        (
            vec![set("mailbox.incomingemailstatus", "failure", &whose)],
            "Nothing sets this",
        ),
        (
            vec![set("systemuser.isdisabled", "true", &whose)],
            "Users + permissions > Users",
        ),
        (
            vec![set("systemuser.islicensed", "false", &whose)],
            "Microsoft 365 admin centre",
        ),
        (
            vec![set("emailserverprofile.usedefaulttenantid", "false", &whose)],
            "Server profiles",
        ),
    ] {
        let script = Read::new(powershell_of(&environment, &[action("k", "t", &changes)]));
        let lines = script.lines();
        assert!(lines.iter().all(|line| line[0] != "send"), "{clicks}");
        let hand = lines.iter().find(|line| line[0] == "hand").expect(clicks);
        assert!(hand[2].contains(clicks), "{hand:?}");
    }
}

#[test]
fn pac_knows_people_by_the_directorys_id_or_an_ordinary_sign_in_name() {
    let mut environment = contoso();
    let users = environment.tables.get_mut("systemuser").unwrap();
    let rows = users.rows;
    let directory = Column::Id(vec![Guid::NULL; rows]);
    users
        .columns
        .insert("azureactivedirectoryobjectid".to_owned(), directory);
    let names = [
        "ann@contoso.com",
        "--role@contoso.com",
        "ann lee@contoso.com",
        "ann",
    ];
    let changed: arrow_array::StringArray = (0..rows).map(|row| Some(names[row % names.len()])).collect();
    users
        .columns
        .insert("domainname".to_owned(), Column::Text(changed));
    let ids: Vec<Guid> = users.ids("systemuserid").unwrap()[..4].to_vec();
    let to = ids.iter().map(|id| Holder::User(id.to_string())).collect();
    let changes = [Change::AssignRole {
        role: "Delegate".to_owned(),
        to,
    }];
    let script = Read::new(pac_of(&environment, &[action("k", "t", &changes)]));
    let lines = script.lines();
    let of = |word: &str| -> Vec<&Vec<String>> { lines.iter().filter(|line| line[0] == word).collect() };
    assert_eq!(of("step").len(), 1, "{lines:?}");
    assert_eq!(of("step")[0][3], "ann@contoso.com");
    assert_eq!(of("other").len(), 3);
    for other in of("other") {
        assert_eq!(other[3], "the user's id in the directory is not known");
    }
}
