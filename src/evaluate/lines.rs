//! One line per user: what every per-user output begins with, and the cause named first.
//!
//! Which rule explains a verdict is read off the rules' planes for 64 users at once, until all of them
//! have one. What is counted is counted when the line is made, from what is told of the user.

use std::borrow::Cow;

use arrow_array::{Array, BooleanArray, Int32Array};
use rayon::prelude::*;

use crate::rules::{RuleIndex, RuleSet, Scope, Severity, Subject};
use crate::snapshot::{Environment, Guid};

use super::Bits;
use super::assess::Standing;
use super::assessment::{EnvironmentAssessment, TopCause, UserRow};
use super::bits::ones;
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
    /// By user: the rule that explains the verdict, as if everyone were in scope.
    deciding: Vec<Decider>,
}

/// The rule that explains a verdict, or none, in four bytes.
#[derive(Clone, Copy, Debug)]
struct Decider(u32);

impl Decider {
    const NONE: Decider = Decider(u32::MAX);

    fn rule(index: RuleIndex) -> Decider {
        Decider(index as u32)
    }

    fn index(self) -> Option<RuleIndex> {
        (self.0 != Self::NONE.0).then_some(self.0 as RuleIndex)
    }
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

/// The first rule in rank of those that make the verdict what it is; none for who is ready.
fn deciding(
    rules: &RuleSet,
    ranked: &[RuleIndex],
    outcomes: &[Outcomes],
    environment_outcomes: &[Outcome],
    standing: &Standing,
    len: usize,
) -> Vec<Decider> {
    let held = [
        (&standing.blocked, Severity::Blocks, Outcome::Fail),
        (&standing.unknown, Severity::Blocks, Outcome::Unknown),
        (&standing.limited, Severity::Limits, Outcome::Fail),
    ];
    let held = held.map(|(held, severity, outcome)| {
        let with_severity = ranked
            .iter()
            .filter(|index| rules.rules[**index].severity == severity);
        // Where they have that outcome; for the environment's rules everywhere, if at all.
        let planes = with_severity.filter_map(|&index| match (rules.rules[index].scope, outcome) {
            (Scope::User, Outcome::Unknown) => Some((index, Some(&outcomes[index].unknown))),
            (Scope::User, _) => Some((index, Some(&outcomes[index].fail))),
            (Scope::Environment, _) => (environment_outcomes[index] == outcome).then_some((index, None)),
        });
        (held, planes.collect::<Vec<(RuleIndex, Option<&Bits>)>>())
    });
    let mut deciding = vec![Decider::NONE; len];
    let together = deciding.par_chunks_mut(64).enumerate().with_min_len(64);
    together.for_each(|(word, deciding)| {
        for (held, ranked) in &held {
            let mut rest = held.words()[word];
            for (index, plane) in ranked {
                if rest == 0 {
                    break;
                }
                let here = plane.map_or(u64::MAX, |plane| plane.words()[word]);
                ones(rest & here).for_each(|user| deciding[user] = Decider::rule(*index));
                rest &= !here;
            }
        }
    });
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
            _ => self.counts(user),
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

    fn counts(&self, user: usize) -> Counts {
        let mut counts = Counts::default();
        for rule in self.turned.of(user) {
            match (self.outcomes[rule].of(user), self.rules.rules[rule].severity) {
                (Outcome::Fail, Severity::Blocks) => counts.blocking += 1,
                (Outcome::Fail, Severity::Limits) => counts.limiting += 1,
                (Outcome::Unknown, _) => counts.unknown += 1,
                (Outcome::Waived, _) => counts.waived += 1,
                _ => {}
            }
        }
        counts
    }

    /// The rule that explains the verdict, and its outcome; none for someone who is ready or out of
    /// scope.
    #[must_use]
    pub fn top_rule(&self, user: usize) -> Option<(RuleIndex, Outcome)> {
        if self.reasons[user].is_some() {
            return None;
        }
        let index = self.lines.deciding[user].index()?;
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
        let mut held = self.standing.blocked.clone();
        combine(&mut held, &self.standing.limited, |a, b| a | b);
        combine(&mut held, &self.counted, |a, b| a & b);
        for index in held.iter().filter_map(|user| self.lines.deciding[user].index()) {
            counts[index] += 1;
        }
        counts
    }
}
