//! What sets a column, or who.
//!
//! Written with PATCH is what the vendor's table reference lists as writable and what is a person's choice
//! and no result: `mailbox` (MicrosoftDocs/powerapps-docs, edition of 2023-03-07), `systemuser` (2018); both read
//! 2026-11-27. Writable is not supported: of the organization's row only such columns may be set as the
//! documentation of a feature names (page "Read and update environment settings", 2023-06-28), and it
//! names none of ours. A value for a column that is read-only is passed over without an error (same
//! page), which is why scripts look again after every write.

use crate::rules::facts::Facts;
use crate::rules::{FieldKind, Subject};

/// How a column comes to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// PATCH of the column.
    Patch,
    /// The same; that it does what it is meant to do is recalled.
    PatchRecalled(&'static str),
    /// PATCH of `statecode` with the `statuscode` that goes with it.
    State,
    /// PATCH of the lookup's navigation property, to a record of this set.
    Bind(&'static str),
    /// It is a result of *Test & Enable Mailbox*.
    Test,
    /// A person, by these clicks.
    Hand(&'static str),
}

const APPROVE: &str = "Power Platform admin centre > the environment > Settings > Email > Mailboxes: select the \
                       mailboxes, Approve email, OK; as an Exchange or global administrator, or as a delegated mailbox approver";
const RESULT: &str = "Nothing sets this; it is what Test & Enable Mailbox finds";
const SCHEDULE: &str = "Settings > Dynamics 365 App for Outlook: select the users, Add App to Outlook";
const ORGANIZATION: &str =
    "Power Platform admin centre > the environment > Settings > Email > Email settings";
const PROFILE: &str =
    "Power Platform admin centre > the environment > Settings > Email > Server profiles: open the profile";
const USERS: &str =
    "Power Platform admin centre > the environment > Settings > Users + permissions > Users: open the user";
const LICENCE: &str =
    "Microsoft 365 admin centre > Users > Active users: give the user a licence, or take it away";
const MAILBOX: &str =
    "Power Platform admin centre > the environment > Settings > Email > Mailboxes: open the mailbox";

/// How the column gets this value: an option's or boolean's number, none if it is empty or neither.
pub(super) fn how(subject: Subject, column: &str, value: Option<i64>) -> How {
    match (subject, column) {
        (Subject::User, "accessmode") => How::Patch,
        (Subject::User, "islicensed") => How::Hand(LICENCE),
        (Subject::User, _) => How::Hand(USERS),
        (
            Subject::Mailbox,
            "incomingemaildeliverymethod" | "outgoingemaildeliverymethod" | "actdeliverymethod",
        ) => How::Patch,
        (Subject::Mailbox, "statecode") => How::State,
        (Subject::Mailbox, "emailserverprofile") => How::Bind("emailserverprofiles"),
        (Subject::Mailbox, "emailrouteraccessapproval") => match value {
            Some(1 | 3) => How::PatchRecalled("that setting the column is an approval"),
            _ => How::Hand(APPROVE),
        },
        (Subject::Mailbox, "isemailaddressapprovedbyo365admin") => How::Hand(APPROVE),
        (
            Subject::Mailbox,
            "incomingemailstatus"
            | "outgoingemailstatus"
            | "actstatus"
            | "enabledforincomingemail"
            | "enabledforoutgoingemail"
            | "enabledforact",
        ) => match value {
            Some(1) => How::Test,
            _ => How::Hand(RESULT),
        },
        (Subject::Mailbox, "testmailboxaccesscompletedon") => How::Hand(RESULT),
        (
            Subject::Mailbox,
            "officeappsdeploymentstatus"
            | "officeappsdeploymentscheduled"
            | "officeappsdeploymentcompleteon"
            | "officeappsdeploymenterror",
        ) => How::Hand(SCHEDULE),
        (Subject::Mailbox, _) => How::Hand(MAILBOX),
        (Subject::Profile, _) => How::Hand(PROFILE),
        (Subject::Organization | Subject::BusinessUnit, _) => How::Hand(ORGANIZATION),
    }
}

/// The value as people know it: `2 (Server-Side Synchronization)`.
pub(super) fn words(facts: &Facts, subject: Subject, column: &str, value: &serde_json::Value) -> String {
    let field = facts.get(&format!("{}.{column}", subject.table()));
    let label = match field.map(|field| &field.kind) {
        Some(FieldKind::Option(options)) => options
            .iter()
            .find(|option| Some(i64::from(option.value)) == value.as_i64())
            .map(|option| option.label.as_str()),
        _ => None,
    };
    match (label, value) {
        (Some(label), value) => format!("{value} ({label})"),
        (None, serde_json::Value::String(text)) => text.clone(),
        (None, serde_json::Value::Null) => "nothing".to_owned(),
        (None, value) => value.to_string(),
    }
}
