//! Two assessments of the same users by the same rules, side by side.

use crate::rules::{RuleIndex, Scope};

use super::assessment::EnvironmentAssessment;
use super::outcome::{Outcome, Verdict};
use super::{Bits, Outcomes};

/// What became of a rule, over the reported users who are in scope both times; an environment
/// rule's outcome counts for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleChange {
    /// Which rule: position in [`crate::rules::RuleSet::rules`].
    pub index: RuleIndex,
    /// Users for whom it failed and does not any more.
    pub fixed: usize,
    /// Users for whom it fails now and did not before.
    pub broken: usize,
    /// Users for whom it was unknown and now passes or does not apply.
    pub settled: usize,
    /// Users for whom it is unknown now and was not before.
    pub unsettled: usize,
}

impl EnvironmentAssessment<'_> {
    /// Reported users whose verdict differs, by what it was and what it is now.
    #[must_use]
    pub fn verdict_changes(&self, after: &EnvironmentAssessment<'_>) -> Vec<(usize, Verdict, Verdict)> {
        self.reported
            .iter()
            .map(|user| (user, self.verdict(user), after.verdict(user)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }

    /// The rules that have another outcome for somebody, in the order of the packs.
    #[must_use]
    pub fn rule_changes(&self, after: &EnvironmentAssessment<'_>) -> Vec<RuleChange> {
        let mut both = self.counted.clone();
        for (both, after) in both.words_mut().iter_mut().zip(after.counted.words()) {
            *both &= after;
        }
        let change = |index: RuleIndex| match self.rules.rules[index].scope {
            Scope::User => RuleChange {
                index,
                ..of_users(&self.outcomes[index], &after.outcomes[index], &both)
            },
            Scope::Environment => RuleChange {
                index,
                ..of_environment(
                    self.environment_outcomes[index],
                    after.environment_outcomes[index],
                    both.count(),
                )
            },
        };
        (0..self.rules.rules.len())
            .map(change)
            .filter(|change| change.fixed + change.broken + change.settled + change.unsettled > 0)
            .collect()
    }
}

fn of_users(before: &Outcomes, after: &Outcomes, both: &Bits) -> RuleChange {
    let mut change = RuleChange::default();
    for (word, both) in both.words().iter().enumerate() {
        let plane = |bits: &Bits| bits.words()[word] & both;
        // An accepted failure is a failure all the same.
        let failed = plane(&before.fail) | plane(&before.waived);
        let fails = plane(&after.fail) | plane(&after.waived);
        let (was_unknown, is_unknown) = (plane(&before.unknown), plane(&after.unknown));
        let count = |word: u64| word.count_ones() as usize;
        change.fixed += count(failed & !fails & !is_unknown);
        change.broken += count(!failed & fails);
        change.settled += count(was_unknown & !is_unknown & !fails);
        change.unsettled += count(!was_unknown & is_unknown);
    }
    change
}

fn of_environment(before: Outcome, after: Outcome, users: usize) -> RuleChange {
    let is_failure = |outcome| matches!(outcome, Outcome::Fail | Outcome::Waived);
    let is_unknown = |outcome| outcome == Outcome::Unknown;
    let count = |holds: bool| if holds { users } else { 0 };
    RuleChange {
        index: 0,
        fixed: count(is_failure(before) && !is_failure(after) && !is_unknown(after)),
        broken: count(!is_failure(before) && is_failure(after)),
        settled: count(is_unknown(before) && !is_unknown(after) && !is_failure(after)),
        unsettled: count(!is_unknown(before) && is_unknown(after)),
    }
}
