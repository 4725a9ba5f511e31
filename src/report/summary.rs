//! The numbers that more than one format shows, and the order they are shown in.

use std::fmt;

use crate::evaluate::{Assessment, CauseCount, RuleCount, Summary, Verdict};
use crate::plan::Plan;
use crate::rules::{Rule, RuleIndex, Severity, packs};

use super::chunks;
use super::group::{MOST_SINGLE, OPEN_THE_APP};

/// The verdicts of users in scope, best first: the order of every chart and table of verdicts.
pub const VERDICTS: [Verdict; 4] = [
    Verdict::Ready,
    Verdict::Limited,
    Verdict::Blocked,
    Verdict::Unknown,
];

/// An assessment ready to be drawn.
pub struct Report<'a> {
    pub(super) assessment: &'a Assessment<'a>,
    pub(super) summary: Summary,
    pub(super) rule_counts: Vec<RuleCount>,
    pub(super) causes: Vec<CauseCount>,
    pub(super) plan: Option<&'a Plan>,
    /// Users whose lines are drawn by one task; makes no difference to what is written.
    pub(super) chunk: usize,
}

impl<'a> Report<'a> {
    /// Takes the numbers of an assessment that several formats show.
    #[must_use]
    pub fn new(assessment: &'a Assessment<'a>) -> Report<'a> {
        let rule_counts = assessment.rule_counts();
        Report {
            assessment,
            summary: assessment.summary(),
            causes: assessment.top_causes(&rule_counts),
            rule_counts,
            plan: None,
            chunk: chunks::USERS,
        }
    }

    /// Users whose findings are drawn by one task.
    pub(super) fn chunk_with_findings(&self) -> usize {
        self.chunk.div_ceil(chunks::FINDINGS)
    }

    /// Adds what to do first, as the plan of the assessment's only environment has it.
    #[must_use]
    pub fn with_plan(self, plan: Option<&'a Plan>) -> Report<'a> {
        Report { plan, ..self }
    }

    /// Whether the vendor's guide judged: only then do verdicts tell whether the app will work.
    pub(super) fn by_guide(&self) -> bool {
        let mut packs = self.assessment.rules.packs.iter();
        packs.any(|pack| pack.id == packs::GUIDE)
    }

    /// How many rules of users could not be judged for everyone.
    pub(super) fn unjudged(&self) -> usize {
        let unknown = self.rule_counts.iter().filter(|count| count.unknown > 0);
        unknown.count()
    }

    /// The rules of users that could not be judged for somebody, most users first, and for how many.
    pub(super) fn unknowns(&self) -> Vec<(RuleIndex, usize)> {
        let counts = self.rule_counts.iter().enumerate();
        let mut unknowns: Vec<(RuleIndex, usize)> = counts
            .filter(|(index, count)| count.unknown > 0 && self.rule(*index).severity != Severity::Advises)
            .map(|(index, count)| (index, count.unknown))
            .collect();
        unknowns.sort_by_key(|(index, users)| (std::cmp::Reverse(*users), *index));
        unknowns
    }

    /// The rules that merely advise and fail for somebody, most users first.
    pub(super) fn advice(&self) -> Vec<(RuleIndex, usize)> {
        let counts = self.rule_counts.iter().enumerate();
        let mut advice: Vec<(RuleIndex, usize)> = counts
            .filter(|(index, count)| count.fail > 0 && self.rule(*index).severity == Severity::Advises)
            .map(|(index, count)| (index, count.fail))
            .collect();
        advice.sort_by_key(|(index, users)| (std::cmp::Reverse(*users), *index));
        advice
    }

    /// The rule at that position.
    pub(super) fn rule(&self, index: RuleIndex) -> &Rule {
        &self.assessment.rules.rules[index]
    }

    /// The causes to put right first: those that decide somebody's verdict, blocking ones first,
    /// then by the number of users they decide.
    pub(super) fn first_steps(&self, most: usize) -> Vec<CauseCount> {
        let mut steps: Vec<CauseCount> = self
            .causes
            .iter()
            .copied()
            .filter(|cause| cause.deciding > 0)
            .collect();
        steps.sort_by_key(|cause| {
            (
                self.rule(cause.index).severity,
                std::cmp::Reverse(cause.deciding),
                cause.index,
            )
        });
        steps.truncate(most);
        steps
    }

    /// The failing rules to list, at most `most`: by number of users, what blocks before what
    /// limits; and how many more there are. A privilege that is nobody's first cause is
    /// not listed: users without a role lack all of them, and two dozen equal bars say nothing.
    pub(super) fn causes_by_users(&self, most: usize) -> (Vec<CauseCount>, usize) {
        let mut causes = self.causes.clone();
        causes.retain(|cause| cause.deciding > 0 || !self.is_privilege(cause));
        causes.sort_by_key(|cause| {
            let severity = self.rule(cause.index).severity;
            (std::cmp::Reverse(cause.users), severity, cause.index)
        });
        causes.truncate(most);
        let more = self.causes.len() - causes.len();
        (causes, more)
    }

    /// The same as lines, many privileges that fail for equally many users as one; and how many
    /// more rules there are.
    pub(super) fn cause_lines(&self, most: usize) -> (Vec<Vec<CauseCount>>, usize) {
        let mut lines: Vec<Vec<CauseCount>> = Vec::new();
        for cause in self.causes_by_users(usize::MAX).0 {
            if lines.iter().flatten().any(|told| told.index == cause.index) {
                continue;
            }
            let alike = |other: &&CauseCount| {
                self.is_privilege(other)
                    && other.users == cause.users
                    && self.rule(other.index).severity == self.rule(cause.index).severity
            };
            let mut alike: Vec<CauseCount> = self.causes.iter().filter(alike).copied().collect();
            alike.sort_by_key(|one| (self.rule(one.index).id != OPEN_THE_APP, one.index));
            let many = self.is_privilege(&cause) && alike.len() > MOST_SINGLE;
            lines.push(if many { alike } else { vec![cause] });
        }
        lines.truncate(most);
        let more = self.causes.len() - lines.iter().map(Vec::len).sum::<usize>();
        (lines, more)
    }

    fn is_privilege(&self, cause: &CauseCount) -> bool {
        self.rule(cause.index).privilege.is_some()
    }
}

/// What is wrong where the rule fails, as a heading: no full stop.
pub(super) fn wrong(rule: &Rule) -> String {
    match (&rule.privilege, &rule.cause) {
        (Some(entry), _) => format!("Privilege `{}` does not reach the user", entry.name),
        (None, Some(cause)) => cause.trim().trim_end_matches('.').to_owned(),
        (None, None) => format!("Not so: {}", rule.title),
    }
}

/// How many users have the verdict.
#[must_use]
pub fn count(summary: &Summary, verdict: Verdict) -> usize {
    match verdict {
        Verdict::Ready => summary.ready,
        Verdict::Limited => summary.limited,
        Verdict::Blocked => summary.blocked,
        Verdict::Unknown => summary.unknown,
        Verdict::OutOfScope => summary.out_of_scope,
    }
}

/// Adds one user.
pub(super) fn tally(summary: &mut Summary, verdict: Verdict) {
    match verdict {
        Verdict::Ready => summary.ready += 1,
        Verdict::Limited => summary.limited += 1,
        Verdict::Blocked => summary.blocked += 1,
        Verdict::Unknown => summary.unknown += 1,
        Verdict::OutOfScope => summary.out_of_scope += 1,
    }
    summary.users += usize::from(verdict != Verdict::OutOfScope);
}

/// Adds the counts of others.
pub(super) fn add(summary: &mut Summary, other: &Summary) {
    summary.users += other.users;
    summary.ready += other.ready;
    summary.limited += other.limited;
    summary.blocked += other.blocked;
    summary.unknown += other.unknown;
    summary.out_of_scope += other.out_of_scope;
}

/// A part of a whole, in tenths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Tenths of a percent; the shares of one whole add to 1,000.
    pub tenths: u32,
    some: bool,
    all: bool,
}

impl fmt::Display for Share {
    /// A percentage with one decimal. Somebody is never drawn as nobody, nor almost all as all.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenths {
            0 if self.some => formatter.pad("< 0.1 %"),
            1000 if !self.all => formatter.pad("> 99.9 %"),
            tenths => formatter.pad(&format!("{}.{} %", tenths / 10, tenths % 10)),
        }
    }
}

/// The shares of the counts. They add to exactly 100 %: what rounding leaves over goes to the
/// largest remainders.
#[must_use]
pub fn shares(counts: &[usize]) -> Vec<Share> {
    let total = counts.iter().map(|&count| count as u128).sum::<u128>();
    let share = |count: usize, tenths: u128| Share {
        tenths: u32::try_from(tenths).unwrap_or(1000),
        some: count > 0,
        all: count as u128 == total,
    };
    if total == 0 {
        return counts.iter().map(|_| share(0, 0)).collect();
    }
    let mut tenths: Vec<u128> = counts.iter().map(|&count| count as u128 * 1000 / total).collect();
    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    by_remainder.sort_by_key(|&index| std::cmp::Reverse(counts[index] as u128 * 1000 % total));
    let mut left = 1000 - tenths.iter().sum::<u128>();
    for index in by_remainder {
        if left == 0 {
            break;
        }
        tenths[index] += 1;
        left -= 1;
    }
    counts
        .iter()
        .zip(tenths)
        .map(|(&count, tenths)| share(count, tenths))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_add_to_a_hundred() {
        let drawn: Vec<String> = shares(&[1, 1, 1]).iter().map(Share::to_string).collect();
        assert_eq!(drawn, ["33.4 %", "33.3 %", "33.3 %"]);
    }

    #[test]
    fn somebody_is_not_nobody_and_almost_all_are_not_all() {
        let drawn: Vec<String> = shares(&[999_999, 1, 0]).iter().map(Share::to_string).collect();
        assert_eq!(drawn, ["> 99.9 %", "< 0.1 %", "0.0 %"]);
        assert_eq!(shares(&[7])[0].to_string(), "100.0 %");
        assert_eq!(shares(&[0, 0])[0].to_string(), "0.0 %");
    }

    proptest::proptest! {
        #[test]
        fn shares_add_to_a_hundred(counts in proptest::collection::vec(0_usize..2_000_000, 1..8)) {
            let sum: u32 = shares(&counts).iter().map(|share| share.tenths).sum();
            proptest::prop_assert_eq!(sum, if counts.iter().sum::<usize>() == 0 { 0 } else { 1000 });
        }
    }
}
