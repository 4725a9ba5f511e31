//! Verdicts, by `design.md` §6.

use std::collections::{BTreeMap, BTreeSet};

use super::Outcome;
use super::access::Existence;
use super::rules::{
    ENVIRONMENT_RULES, Environment, Given, Mailbox, PRIVILEGES, Severity, Subject, USER_RULES,
};
use super::tables::{Row, Snapshot, boolean, int, text};

/// One row of the verdict CSV, as far as the oracle goes, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub verdict: &'static str,
    pub blocking: usize,
    pub limiting: usize,
    pub unknown: usize,
    pub waived: usize,
    pub deployment: &'static str,
    /// The user's own rules; empty out of scope.
    pub outcomes: BTreeMap<&'static str, Outcome>,
}

/// What the oracle says about an audit.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    /// By name of the environment and id of the user.
    pub users: BTreeMap<(String, String), Verdict>,
    /// By name of the environment: the environment rules.
    pub environments: BTreeMap<String, BTreeMap<&'static str, Outcome>>,
    /// By name of the environment: the privileges that it does not have.
    pub absent_privileges: BTreeMap<String, Vec<&'static str>>,
}

/// Evaluates every user of every environment.
pub fn assess(snapshots: &[Snapshot], given: &Given, include_disabled: bool) -> Assessment {
    let environments: Vec<Environment<'_>> = snapshots.iter().map(Environment::new).collect();
    let mut assessment = Assessment::default();
    let organizations: BTreeSet<&str> = snapshots
        .iter()
        .map(|snapshot| &*snapshot.organization_id)
        .collect();
    assert!(
        organizations.len() == snapshots.len() || organizations.contains(""),
        "one organization twice"
    );
    for (index, environment) in environments.iter().enumerate() {
        let name = &environment.snapshot.name;
        let others: Vec<&Environment<'_>> = environments
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, other)| other)
            .collect();
        let outcomes: BTreeMap<&str, Outcome> = ENVIRONMENT_RULES
            .iter()
            .map(|(id, _)| (*id, environment.rule(id, given)))
            .collect();
        for user in environment.snapshot.rows("systemuser") {
            let id = text(user, "systemuserid").unwrap_or_default();
            let subject = Subject {
                environment,
                others: others.clone(),
                user,
                given,
            };
            let verdict = verdict(&subject, &outcomes, include_disabled);
            let before = assessment.users.insert((name.clone(), id.to_owned()), verdict);
            assert!(before.is_none(), "user {id} of {name} is there twice");
        }
        assessment.absent_privileges.insert(
            name.clone(),
            PRIVILEGES
                .iter()
                .map(|(privilege, ..)| *privilege)
                .filter(|privilege| environment.privileges[privilege] == Existence::DoesNotExist)
                .collect(),
        );
        let before = assessment.environments.insert(name.clone(), outcomes);
        assert!(before.is_none(), "two environments of one audit are named {name}");
    }
    assessment
}

/// Reading: a column that was not collected narrows the population no more than a null does.
pub fn in_scope(user: &Row, include_disabled: bool) -> bool {
    let is_application = text(user, "applicationid").is_some();
    let human = matches!(int(user, "accessmode"), None | Some(0..=2));
    let integration = boolean(user, "isintegrationuser") == Some(true);
    let disabled = boolean(user, "isdisabled") == Some(true) && !include_disabled;
    !is_application && human && !integration && !disabled
}

fn verdict(subject: &Subject<'_>, environment: &BTreeMap<&str, Outcome>, include_disabled: bool) -> Verdict {
    let deployment = deployment(subject.environment.mailbox(subject.user));
    // Reading: out-of-scope users are counted for nothing, but the state of their mailbox is told.
    if !in_scope(subject.user, include_disabled) {
        return Verdict {
            verdict: "out-of-scope",
            blocking: 0,
            limiting: 0,
            unknown: 0,
            waived: 0,
            deployment,
            outcomes: BTreeMap::new(),
        };
    }
    let own: Vec<(&'static str, Severity)> = USER_RULES
        .into_iter()
        .chain(PRIVILEGES.map(|(name, _, severity)| (name, severity)))
        .collect();
    let outcomes: BTreeMap<&'static str, Outcome> =
        own.iter().map(|(id, _)| (*id, subject.rule(id))).collect();
    let count = |severity, outcome| {
        own.iter()
            .filter(|(id, of)| *of == severity && outcomes[id] == outcome)
            .count()
    };
    // Environment rules count for every user's verdict, but are not among the user's own.
    let some = |severity, outcome| {
        count(severity, outcome) > 0
            || ENVIRONMENT_RULES
                .iter()
                .any(|(id, of)| *of == severity && environment[id] == outcome)
    };
    Verdict {
        verdict: if some(Severity::Blocks, Outcome::Fail) {
            "blocked"
        } else if some(Severity::Blocks, Outcome::Unknown) {
            "unknown"
        } else if some(Severity::Limits, Outcome::Fail) {
            "limited"
        } else {
            "ready"
        },
        blocking: count(Severity::Blocks, Outcome::Fail),
        limiting: count(Severity::Limits, Outcome::Fail),
        unknown: outcomes
            .values()
            .filter(|outcome| **outcome == Outcome::Unknown)
            .count(),
        waived: 0,
        deployment,
        outcomes,
    }
}

/// The `deployment` column of the outputs.
fn deployment(mailbox: Mailbox<'_>) -> &'static str {
    let Mailbox::Found(mailbox) = mailbox else {
        return "unknown";
    };
    if boolean(mailbox, "officeappsdeploymentscheduled") == Some(true) {
        return "pending";
    }
    match int(mailbox, "officeappsdeploymentstatus") {
        Some(0) => "not-added",
        Some(1) => "added",
        Some(2) => "install-failed",
        Some(3) => "uninstall-failed",
        Some(4) => "upgrade-required",
        _ => "unknown", // null, not collected, or a state that the contract does not name
    }
}
