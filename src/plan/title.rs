//! An action in a line, and where to click for it.

use crate::rules::{RuleIndex, RuleSet};

use super::action::{Deed, Kind};
use super::choose::Step;

/// What to do, in a line.
pub(super) fn title(step: &Step<'_>, users: usize) -> String {
    let role = match step {
        Step::Access(candidate) => format!("\"{}\"", candidate.role_name),
        Step::Setting(setting) => match &setting.object {
            Some((name, id)) if name.trim().is_empty() => id.to_string(),
            Some((name, _)) => format!("\"{name}\""),
            None => String::new(),
        },
    };
    let people = number(users, "user", "users");
    let mailboxes = number(users, "mailbox", "mailboxes");
    match step.kind() {
        Kind::UseServerSideSync => {
            "Let the environment process email by server-side synchronization".to_owned()
        }
        Kind::BindRole => format!("Share the app with role {role}"),
        Kind::GrantPrivileges => match step.deeds() {
            [Deed::Grant { privilege, depth, .. }] => {
                format!("Add {privilege} at {} to role {role}", depth.label())
            }
            several => format!("Add {} privileges to role {role}", several.len()),
        },
        Kind::SetInheritance => {
            format!("Let members of a team use role {role} as if they held it themselves")
        }
        Kind::AssignRole => format!("Assign role {role} to {people}"),
        Kind::SetAccessMode => format!("Set the access mode of {people} to Read-Write"),
        Kind::ActivateMailboxes => format!("Activate {mailboxes}"),
        Kind::ChooseServerProfile => format!("Choose server profile {role} for {mailboxes}"),
        Kind::SetProcessingMethod => format!("Switch {mailboxes} to server-side synchronization"),
        Kind::ApproveAddresses => match users {
            1 => "Approve the email address of 1 mailbox".to_owned(),
            _ => format!("Approve the email addresses of {mailboxes}"),
        },
        Kind::TestAndEnable => format!("Test & Enable {mailboxes}"),
        Kind::AddAppToOutlook => format!("Add the app to Outlook again for {people}"),
    }
}

/// Where to click: the rule's own remedy where the action is what it says, else our words.
pub(super) fn clicks(step: &Step<'_>, fixes: &[RuleIndex], rules: &RuleSet) -> String {
    let role = match step {
        Step::Access(candidate) => candidate.role_name.as_str(),
        Step::Setting(_) => "",
    };
    match step.kind() {
        Kind::AssignRole => format!(
            "In the Power Platform admin centre open the environment > Settings > Users + permissions > Users, select \
             the users, choose Manage security roles and tick {role} (classic: Settings > Security > Users > Manage \
             Roles)."
        ),
        Kind::SetInheritance => format!(
            "In the Power Platform admin centre open the environment > Settings > Users + permissions > Security roles, \
             select {role}, choose Settings and set Member's privilege inheritance to Direct User (Basic) access level \
             and Team privileges (classic: Settings > Security > Security Roles, tab Details)."
        ),
        Kind::BindRole => format!(
            "In make.powerapps.com open Apps, select Dynamics 365 App for Outlook, choose Share and add the role {role} \
             (classic: Settings > My Apps > Manage Roles)."
        ),
        Kind::GrantPrivileges => {
            let privileges = step.deeds().iter().filter_map(|deed| match deed {
                Deed::Grant { privilege, depth, .. } => Some(where_to_set(rules, privilege, depth.label())),
                _ => None,
            });
            format!(
                "In the Power Platform admin centre open the environment > Settings > Users + permissions > Security \
                 roles, open {role} and set: {}; then save (classic: Settings > Security > Security Roles).",
                privileges.collect::<Vec<_>>().join("; ")
            )
        }
        _ => fixes
            .first()
            .map_or_else(String::new, |rule| rules.rules[*rule].remedy.clone()),
    }
}

/// A privilege as the role editor shows it.
fn where_to_set(rules: &RuleSet, privilege: &str, depth: &str) -> String {
    let mut entries = rules.rules.iter().filter_map(|rule| rule.privilege.as_ref());
    let entry = entries.find(|entry| entry.name.eq_ignore_ascii_case(privilege));
    match entry.and_then(|entry| Some((entry.tab.as_ref()?, entry.row.as_ref()?))) {
        Some((tab, row)) => format!("{privilege} ({tab} > {row}) to {depth}"),
        None => format!("{privilege} to {depth}"),
    }
}

fn number(number: usize, one: &str, many: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {}", if number == 1 { one } else { many })
}
