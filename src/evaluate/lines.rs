//! One line per user: what every per-user output begins with, and the cause named first.
//!
//! What is counted, and which rule explains a verdict, is read off the rules' planes for all users
//! at once: most users have few outcomes other than pass, and whole words of a plane are empty.

use std::borrow::Cow;

use arrow_array::{Array, BooleanArray, Int32Array};

use crate::rules::{RuleIndex, RuleSet, Scope, Severity, Subject};
use crate::snapshot::{Environment, Guid};

use super::Bits;
use super::assess::Standing;
use super::assessment::{EnvironmentAssessment, TopCause, UserRow};
use super::outcome::{Deployment, Outcome, Outcomes, Verdict};
use super::people::{OutOfScope, People, Place, Texts};
use super::tri::combine;
use super::words::Words;

/// The columns that lines are made of, and what the rules add to them.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    names: Texts<'a>,
    emails: Texts<'a>,
    units: Option<&'a [Guid]>,
    scheduled: Option<&'a BooleanArray>,
    status: Option<&'a Int32Array>,
    /// By user.
    counts: Vec<Counts>,
    /// By user: the rule that explains the verdict, as if everyone were in scope.
    deciding: Vec<Option<u32>>,
}

/// How many of a user's own rules have an outcome that a line counts.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    blocking: u32,
    limiting: u32,
    unknown: u32,
    waived: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        people: &People<'a>,
        rules: &RuleSet,
        ranked: &[RuleIndex],
        outcomes: &[Outcomes],
        environment_outcomes: &[Outcome],
        standing: &Standing,
    ) -> Lines<'a> {
        let environment: &'a Environment = people.environment;
        let mailbox = environment.table("mailbox");
        Lines {
            names: people.texts("fullname"),
            emails: people.texts("internalemailaddress"),
            units: environment
                .table("systemuser")
                .and_then(|table| table.ids("businessunitid")),
            scheduled: mailbox.and_then(|table| table.booleans("officeappsdeploymentscheduled")),
            status: mailbox.and_then(|table| table.integers("officeappsdeploymentstatus")),
            counts: counts(rules, outcomes, people.len()),
            deciding: deciding(
                rules,
                ranked,
                outcomes,
                environment_outcomes,
                standing,
                people.len(),
            ),
        }
    }

    /// The id of the user's business unit.
    pub(super) fn unit(&self, user: usize) -> Guid {
        self.units.map_or(Guid::NULL, |units| units[user])
    }

    /// Whether the app was added to Outlook, by the mailbox (rule catalogue).
    fn deployment(&self, mailbox: Place) -> Deployment {
        let Place::Row(row) = mailbox else {
            return Deployment::Unknown;
        };
        let row = row as usize;
        if self
            .scheduled
            .is_some_and(|values| values.is_valid(row) && values.value(row))
        {
            return Deployment::Pending;
        }
        match self
            .status
            .filter(|values| values.is_valid(row))
            .map(|values| values.value(row))
        {
            Some(0) => Deployment::NotAdded,
            Some(1) => Deployment::Added,
            Some(2) => Deployment::InstallFailed,
            Some(3) => Deployment::UninstallFailed,
            Some(4) => Deployment::UpgradeRequired,
            _ => Deployment::Unknown,
        }
    }
}

fn counts(rules: &RuleSet, outcomes: &[Outcomes], len: usize) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); len];
    for (rule, planes) in rules.rules.iter().zip(outcomes) {
        if rule.scope == Scope::Environment {
            continue;
        }
        match rule.severity {
            Severity::Blocks => planes.fail.iter().for_each(|user| counts[user].blocking += 1),
            Severity::Limits => planes.fail.iter().for_each(|user| counts[user].limiting += 1),
            Severity::Advises => {}
        }
        planes.unknown.iter().for_each(|user| counts[user].unknown += 1);
        planes.waived.iter().for_each(|user| counts[user].waived += 1);
    }
    counts
}

/// The first rule in rank of those that make the verdict what it is; none for who is ready.
fn deciding(
    rules: &RuleSet,
    ranked: &[RuleIndex],
    outcomes: &[Outcomes],
    environment_outcomes: &[Outcome],
    standing: &Standing,
    len: usize,
) -> Vec<Option<u32>> {
    let mut deciding = vec![None; len];
    for (held, severity, outcome) in [
        (&standing.blocked, Severity::Blocks, Outcome::Fail),
        (&standing.unknown, Severity::Blocks, Outcome::Unknown),
        (&standing.limited, Severity::Limits, Outcome::Fail),
    ] {
        let mut rest = held.clone();
        for &index in ranked
            .iter()
            .filter(|index| rules.rules[**index].severity == severity)
        {
            let here: Cow<'_, Bits> = match (rules.rules[index].scope, outcome) {
                (Scope::User, Outcome::Unknown) => Cow::Borrowed(&outcomes[index].unknown),
                (Scope::User, _) => Cow::Borrowed(&outcomes[index].fail),
                (Scope::Environment, _) if environment_outcomes[index] == outcome => {
                    Cow::Owned(Bits::ones(len))
                }
                (Scope::Environment, _) => continue,
            };
            let mut decided = rest.clone();
            combine(&mut decided, &here, |rest, here| rest & here);
            decided
                .iter()
                .for_each(|user| deciding[user] = u32::try_from(index).ok());
            combine(&mut rest, &here, |rest, here| rest & !here);
        }
    }
    deciding
}

impl<'a> EnvironmentAssessment<'a> {
    /// The user's line.
    #[must_use]
    pub fn row(&self, user: usize) -> UserRow<'a> {
        let (people, lines) = (&self.scene.people, &self.lines);
        let verdict = self.verdict(user);
        let counts = match verdict {
            Verdict::OutOfScope => Counts::default(),
            _ => lines.counts[user],
        };
        UserRow {
            id: people.ids[user],
            name: lines.names.of(user),
            email: lines.emails.of(user),
            business_unit: match (people.business_unit(user), lines.unit(user)) {
                (Some(name), _) => Cow::Borrowed(name),
                (None, Guid::NULL) => Cow::Borrowed(""),
                (None, id) => Cow::Owned(id.to_string()),
            },
            verdict,
            reason: self.reasons[user].map(OutOfScope::words),
            deployment: lines.deployment(people.place(Subject::Mailbox, user)),
            blocking: counts.blocking,
            limiting: counts.limiting,
            unknown: counts.unknown,
            waived: counts.waived,
        }
    }

    /// The rule that explains the verdict, and its outcome; none for someone who is ready or out of
    /// scope.
    #[must_use]
    pub fn top_rule(&self, user: usize) -> Option<(RuleIndex, Outcome)> {
        if self.reasons[user].is_some() {
            return None;
        }
        let index = self.lines.deciding[user]? as RuleIndex;
        Some((index, self.outcome(index, user)))
    }

    /// What explains the verdict; none for someone who is ready or out of scope. Its words are in `words`
    /// until something else is told.
    pub fn top_cause<'w>(&'w self, user: usize, words: &'w mut Words) -> Option<TopCause<'w>> {
        let (index, outcome) = self.top_rule(user)?;
        let deciding = self.deciding(index, user, outcome);
        words.cause.clear();
        Some(TopCause {
            index,
            outcome,
            cause: self.cause(index, user, outcome, &deciding, &mut words.cause),
            remedy: &self.rules.rules[index].remedy,
        })
    }

    /// By rule: for how many of the counted users its failure is the cause named first.
    pub(super) fn deciding_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.rules.rules.len()];
        for user in self.counted.iter() {
            if let (Verdict::Blocked | Verdict::Limited, Some(index)) =
                (self.verdicts[user], self.lines.deciding[user])
            {
                counts[index as usize] += 1;
            }
        }
        counts
    }
}
