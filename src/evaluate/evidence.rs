//! The words of a finding: what was expected, what was observed and where, by which path, and
//! what is wrong.
//!
//! Made for one user and one rule at a time, from the same leaves that gave the outcome.

use crate::access::Requirement;
use crate::rules::{Rule, RuleIndex, Scope};

use super::assess::record;
use super::assessment::{EnvironmentAssessment, Finding};
use super::attestations::names_environment;
use super::check::{Deciding, Leaf, Observation};
use super::field::Cell;
use super::outcome::Outcome;
use super::reached::{nearest_paths, telling_paths, why_missing};
use super::tri::Tri;
use super::words::{List, Words, put, written};
use super::{Bits, Waiver};

/// An outcome other than pass in its words: a [`Finding`] without paths.
#[derive(Clone, Debug)]
pub struct Told<'w> {
    /// Which rule: position in [`crate::rules::RuleSet::rules`].
    pub index: RuleIndex,
    /// The rule; its remedy is that of the finding.
    pub rule: &'w Rule,
    /// Its outcome.
    pub outcome: Outcome,
    /// As in the [`Finding`].
    pub expected: &'w str,
    /// As in the [`Finding`].
    pub observed: &'w str,
    /// As in the [`Finding`].
    pub cause: &'w str,
}

impl<'a> EnvironmentAssessment<'a> {
    /// The finding of a rule for a user; of an environment rule, any user will do.
    #[must_use]
    pub fn finding(&self, index: RuleIndex, user: usize) -> Finding<'a> {
        let outcome = self.told_outcome(index, user);
        let deciding = self.deciding(index, user, outcome);
        let mut words = Words::default();
        let told = self.tell_deciding(index, user, outcome, &deciding, &mut words);
        let rule: &'a Rule = &self.rules.rules[index];
        let nearest =
            required(&deciding).flat_map(|requirement| nearest_paths(&self.scene, requirement, user));
        let mut facts: Vec<String> = Vec::with_capacity(deciding.len());
        for seen in &deciding {
            let fact = written(|to| seen.leaf.observe(&self.scene, user, to));
            if !fact.is_empty() && !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        Finding {
            index,
            rule,
            outcome,
            expected: told.expected.to_owned(),
            observed: told.observed.to_owned(),
            facts,
            cause: told.cause.to_owned(),
            path: self.telling(user, &deciding),
            nearest: nearest.collect(),
            remedy: rule.remedy.clone(),
        }
    }

    /// The same without paths, for those who write millions: its words are in `words` until the next
    /// finding is told.
    pub fn tell<'w>(&'w self, index: RuleIndex, user: usize, words: &'w mut Words) -> Told<'w> {
        let outcome = self.told_outcome(index, user);
        let deciding = self.deciding(index, user, outcome);
        self.tell_deciding(index, user, outcome, &deciding, words)
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

    fn tell_deciding<'w>(
        &'w self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
        deciding: &[Observation<'_, '_>],
        words: &'w mut Words,
    ) -> Told<'w> {
        let (observed, cause) = (&mut words.observed, &mut words.cause);
        observed.clear();
        cause.clear();
        let rule = &self.rules.rules[index];
        let compiled = &self.compiled[index];
        let cause: &str = if compiled.no_such_privilege {
            let id = &rule.id;
            put(
                observed,
                format_args!("table `privilege`: no `{id}` that could be granted"),
            );
            put(
                cause,
                format_args!(
                    "The privilege `{id}` does not exist in this environment, so nobody needs it here."
                ),
            );
            cause
        } else {
            let mut facts = List::new(observed);
            for seen in deciding {
                facts.add(|to| seen.leaf.observe(&self.scene, user, to));
            }
            for quote in &compiled.quotes {
                if !matches!(quote.cell(&self.scene.people, user), None | Some(Cell::Null)) {
                    facts.add(|to| quote.observe(&self.scene.people, user, to));
                }
            }
            self.cause(index, user, outcome, deciding, cause)
        };
        Told {
            index,
            rule,
            outcome,
            expected: &compiled.expected,
            observed,
            cause,
        }
    }

    /// Writes who accepted a failure, and why.
    fn accepted(&self, rule: &Rule, user: usize, to: &mut String) {
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
        if let Some((waiver, _)) = self.waivers.iter().find(waives) {
            let (by, until, reason) = (&waiver.approved_by, &waiver.until, &waiver.reason);
            put(to, format_args!(" Accepted by {by} until {until}: {reason}"));
        }
    }

    /// The comparisons that made the outcome what it is.
    pub(super) fn deciding(&self, index: RuleIndex, user: usize, outcome: Outcome) -> Deciding<'_, 'a> {
        if self.compiled[index].no_such_privilege {
            // Nobody was asked, and there may be nobody.
            return Deciding::new();
        }
        let mut deciding = self.compiled[index].check.deciding(&self.scene, user);
        deciding.retain(|seen| outcome == Outcome::Unknown || seen.value != Tri::Unknown);
        deciding
    }

    /// What is wrong, or why it is not known, in one sentence: the rule's own, or one written into
    /// `room`, which is empty.
    pub(super) fn cause<'w>(
        &'w self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
        deciding: &[Observation<'_, '_>],
        room: &'w mut String,
    ) -> &'w str {
        let rule = &self.rules.rules[index];
        let privilege = match deciding {
            [seen] => seen
                .leaf
                .privilege()
                .and_then(|position| self.scene.access.sought(position)),
            _ => None,
        };
        match (outcome, privilege, &rule.cause) {
            (Outcome::Unknown, ..) => self.why_unknown(index, user, deciding, room),
            (_, Some(privilege), _) => why_missing(&self.scene, &privilege, user, room),
            (Outcome::Waived, None, Some(cause)) => room.push_str(cause),
            (_, None, Some(cause)) => return cause,
            (_, None, None) => put(room, format_args!("This does not hold: {}", rule.title)),
        }
        if outcome == Outcome::Waived {
            self.accepted(rule, user, room);
        }
        room
    }

    /// What is wrong where a rule fails, if that is the same for everyone.
    #[must_use]
    pub fn cause_for_all(&self, index: RuleIndex) -> Option<&'a str> {
        let cause = self.rules.rules[index].cause.as_deref();
        cause.filter(|_| !self.compiled[index].check.asks_for_privilege())
    }

    /// Writes why the outcome is not known.
    fn why_unknown(&self, index: RuleIndex, user: usize, deciding: &[Observation<'_, '_>], to: &mut String) {
        let compiled = &self.compiled[index];
        to.push_str("Not known: ");
        let mut reasons = List::new(to);
        for subject in &compiled.records {
            if record(*subject, &self.scene, user) == Tri::Unknown {
                let people = &self.scene.people;
                let place = people.place(*subject, user);
                reasons.add(|to| people.why_no_record(*subject, place, user, to));
            }
        }
        let when = compiled.when.as_ref();
        let when = when.filter(|when| when.tri(&self.scene, user) == Tri::Unknown);
        let of_condition = when.map(|when| when.deciding(&self.scene, user));
        for seen in of_condition.iter().flatten() {
            reasons.add(|to| seen.leaf.why_unknown(&self.scene, user, to));
        }
        for seen in deciding.iter().filter(|seen| seen.value == Tri::Unknown) {
            reasons.add(|to| seen.leaf.why_unknown(&self.scene, user, to));
        }
        if reasons.is_empty() {
            to.truncate(to.len() - ": ".len());
        }
        to.push('.');
    }
}

/// What is required of access where that decides.
fn required<'d>(deciding: &'d [Observation<'_, '_>]) -> impl Iterator<Item = &'d Requirement> {
    deciding.iter().filter_map(|seen| match seen.leaf {
        Leaf::Access(_, requirement) => Some(requirement),
        _ => None,
    })
}
