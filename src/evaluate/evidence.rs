//! The words of a finding: what was expected, what was observed and where, by which path, and
//! what is wrong.
//!
//! Made for one user and one rule at a time, from the same leaves that gave the outcome.

use std::borrow::Cow;

use crate::access::Requirement;
use crate::rules::{Rule, RuleIndex, Scope};

use super::assess::record;
use super::assessment::{EnvironmentAssessment, Finding};
use super::attestations::names_environment;
use super::check::{Leaf, Observation};
use super::field::Cell;
use super::outcome::Outcome;
use super::reached::{nearest_paths, telling_paths, why_missing};
use super::tri::Tri;
use super::{Bits, Waiver};

/// An outcome other than pass in its words: a [`Finding`] without paths.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// Which rule: position in [`crate::rules::RuleSet::rules`].
    pub index: RuleIndex,
    /// The rule; its remedy is that of the finding.
    pub rule: &'a Rule,
    /// Its outcome.
    pub outcome: Outcome,
    /// As in the [`Finding`].
    pub expected: &'a str,
    /// As in the [`Finding`].
    pub observed: Cow<'a, str>,
    /// As in the [`Finding`].
    pub cause: Cow<'a, str>,
}

impl<'a> EnvironmentAssessment<'a> {
    /// The finding of a rule for a user; of an environment rule, any user will do.
    #[must_use]
    pub fn finding(&self, index: RuleIndex, user: usize) -> Finding<'a> {
        let outcome = self.told_outcome(index, user);
        let deciding = self.deciding(index, user, outcome);
        let told = self.tell_deciding(index, user, outcome, &deciding);
        let rule: &'a Rule = &self.rules.rules[index];
        let nearest =
            required(&deciding).flat_map(|requirement| nearest_paths(&self.scene, requirement, user));
        Finding {
            index,
            rule,
            outcome,
            expected: told.expected.to_owned(),
            observed: told.observed.into_owned(),
            facts: self.facts(user, &deciding),
            cause: told.cause.into_owned(),
            path: self.telling(user, &deciding),
            nearest: nearest.collect(),
            remedy: rule.remedy.clone(),
        }
    }

    /// The same without paths, for those who write millions.
    pub(super) fn tell(&self, index: RuleIndex, user: usize) -> Told<'_> {
        let outcome = self.told_outcome(index, user);
        self.tell_deciding(index, user, outcome, &self.deciding(index, user, outcome))
    }

    /// How access reaches the user: the path of the [`Finding`] of a rule.
    #[must_use]
    pub fn path(&self, told: &Told<'_>, user: usize) -> Vec<String> {
        self.telling(user, &self.deciding(told.index, user, told.outcome))
    }

    fn telling(&self, user: usize, deciding: &[Observation<'_, '_>]) -> Vec<String> {
        required(deciding)
            .flat_map(|requirement| telling_paths(&self.scene, requirement, user))
            .collect()
    }

    fn told_outcome(&self, index: RuleIndex, user: usize) -> Outcome {
        match self.compiled[index].no_such_privilege {
            true => Outcome::NotApplicable,
            false => self.outcome(index, user),
        }
    }

    fn tell_deciding(
        &self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
        deciding: &[Observation<'_, '_>],
    ) -> Told<'_> {
        let rule = &self.rules.rules[index];
        let compiled = &self.compiled[index];
        let (observed, cause) = if compiled.no_such_privilege {
            (
                format!("table `privilege`: no `{}` that could be granted", rule.id),
                Cow::Owned(format!(
                    "The privilege `{}` does not exist in this environment, so nobody needs it here.",
                    rule.id
                )),
            )
        } else {
            let mut observed = self.facts(user, deciding);
            for quote in &compiled.quotes {
                if !matches!(quote.cell(&self.scene.people, user), None | Some(Cell::Null)) {
                    push_new(&mut observed, quote.observed(&self.scene.people, user));
                }
            }
            let mut cause = self.cause(index, user, outcome, deciding);
            if outcome == Outcome::Waived {
                cause.to_mut().push_str(&self.accepted(rule, user));
            }
            (joined(observed), cause)
        };
        Told {
            index,
            rule,
            outcome,
            expected: &compiled.expected,
            observed: Cow::Owned(observed),
            cause,
        }
    }

    /// What was observed, fact by fact.
    fn facts(&self, user: usize, deciding: &[Observation<'_, '_>]) -> Vec<String> {
        let mut facts = Vec::with_capacity(deciding.len());
        for seen in deciding {
            push_new(&mut facts, seen.leaf.observed(&self.scene, user));
        }
        facts
    }

    /// Who accepted a failure, and why.
    fn accepted(&self, rule: &Rule, user: usize) -> String {
        let waives = |(waiver, users): &&(&Waiver, Bits)| {
            waiver.rules.contains(&rule.id)
                && match rule.scope {
                    Scope::User => users.get(user),
                    Scope::Environment => {
                        let mut words = waiver.environments.iter();
                        words.any(|word| names_environment(word, self.environment))
                    }
                }
        };
        let waiver = self.waivers.iter().find(waives);
        waiver.map_or_else(String::new, |(waiver, _)| {
            format!(
                " Accepted by {} until {}: {}",
                waiver.approved_by, waiver.until, waiver.reason
            )
        })
    }

    /// The comparisons that made the outcome what it is.
    pub(super) fn deciding(
        &self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
    ) -> Vec<Observation<'_, 'a>> {
        if self.compiled[index].no_such_privilege {
            // Nobody was asked, and there may be nobody.
            return Vec::new();
        }
        let mut deciding = self.compiled[index].check.deciding(&self.scene, user);
        deciding.retain(|seen| outcome == Outcome::Unknown || seen.value != Tri::Unknown);
        deciding
    }

    /// What is wrong, or why it is not known, in one sentence.
    pub(super) fn cause(
        &self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
        deciding: &[Observation<'_, '_>],
    ) -> Cow<'a, str> {
        match outcome {
            Outcome::Unknown => Cow::Owned(self.why_unknown(index, user, deciding)),
            _ => self.what_is_wrong(index, user, deciding),
        }
    }

    fn what_is_wrong(&self, index: RuleIndex, user: usize, deciding: &[Observation<'_, '_>]) -> Cow<'a, str> {
        let rule: &'a Rule = &self.rules.rules[index];
        if let [
            Observation {
                leaf: Leaf::Access(_, requirement @ Requirement::Privilege(..)),
                ..
            },
        ] = deciding
        {
            return Cow::Owned(why_missing(&self.scene, requirement, user));
        }
        match &rule.cause {
            Some(cause) => Cow::Borrowed(cause),
            None => Cow::Owned(format!("This does not hold: {}", rule.title)),
        }
    }

    fn why_unknown(&self, index: RuleIndex, user: usize, deciding: &[Observation<'_, '_>]) -> String {
        let compiled = &self.compiled[index];
        let mut reasons: Vec<String> = Vec::new();
        for subject in &compiled.records {
            if record(*subject, &self.scene, user) == Tri::Unknown {
                let people = &self.scene.people;
                let place = people.place(*subject, user);
                people
                    .why_no_record(*subject, place, user)
                    .into_iter()
                    .for_each(|r| push_new(&mut reasons, r));
            }
        }
        if let Some(when) = &compiled.when
            && when.tri(&self.scene, user) == Tri::Unknown
        {
            for seen in when.deciding(&self.scene, user) {
                seen.leaf
                    .why_unknown(&self.scene, user)
                    .into_iter()
                    .for_each(|r| push_new(&mut reasons, r));
            }
        }
        for seen in deciding.iter().filter(|seen| seen.value == Tri::Unknown) {
            seen.leaf
                .why_unknown(&self.scene, user)
                .into_iter()
                .for_each(|r| push_new(&mut reasons, r));
        }
        match reasons.len() {
            0 => "Not known.".to_owned(),
            _ => format!("Not known: {}.", reasons.join("; ")),
        }
    }
}

/// What is required of access where that decides.
fn required<'d>(deciding: &'d [Observation<'_, '_>]) -> impl Iterator<Item = &'d Requirement> {
    deciding.iter().filter_map(|seen| match seen.leaf {
        Leaf::Access(_, requirement) => Some(requirement),
        _ => None,
    })
}

/// The words with a semicolon between them.
fn joined(mut words: Vec<String>) -> String {
    match words.len() {
        1 => words.remove(0),
        _ => words.join("; "),
    }
}

fn push_new(words: &mut Vec<String>, word: String) {
    if !word.is_empty() && !words.contains(&word) {
        words.push(word);
    }
}
