//! Who is shown where: decided once before anything is drawn, so that links lead somewhere.

use crate::evaluate::{Outcome, Summary, Verdict};
use crate::rules::Scope;

use super::super::summary::{Report, tally};
use super::cases::Cases;

/// Users with findings that are written out, over all verdicts: a page of more is no use without
/// the table. Beyond that nobody is, as it would only be some.
const LISTED: usize = 500;
/// Users without findings that are listed by name, per verdict.
const NAMED: usize = 1_000;

/// The order in which verdicts are listed: what needs doing first.
pub(super) const ORDER: [Verdict; 5] = [
    Verdict::Blocked,
    Verdict::Unknown,
    Verdict::Limited,
    Verdict::Ready,
    Verdict::OutOfScope,
];

/// A user: environment and position there.
pub(super) type Who = (usize, usize);

/// The users of one verdict.
pub(super) struct Group {
    pub(super) verdict: Verdict,
    pub(super) count: usize,
    /// Users with findings, drawn one by one.
    pub(super) listed: Vec<Who>,
    /// Users without, drawn as a list of names.
    pub(super) named: Vec<Who>,
    /// Users left out who have findings: drawn by their cases.
    pub(super) by_case: usize,
    /// Users left out who have none.
    pub(super) unnamed: usize,
}

/// Who is shown where.
pub(super) struct Layout {
    pub(super) groups: Vec<Group>,
    /// Verdict counts by environment.
    pub(super) counts: Vec<Summary>,
    /// Users with an entry to link to, in order.
    linked: Vec<Who>,
}

impl Layout {
    pub(super) fn of(report: &Report<'_>, cases: &Cases) -> Layout {
        let mut groups = ORDER.map(|verdict| Group {
            verdict,
            count: 0,
            listed: Vec::new(),
            named: Vec::new(),
            by_case: 0,
            unnamed: 0,
        });
        let mut counts = vec![Summary::default(); report.assessment.environments.len()];
        let own = |(rule, _): &(usize, Outcome)| report.rule(*rule).scope == Scope::User;
        let has_own: Vec<bool> = cases.cases.iter().map(|case| case.iter().any(own)).collect();
        for (one, &who) in cases.who.iter().enumerate() {
            let group = &mut groups[usize::from(cases.verdicts[one])];
            tally(&mut counts[who.0], group.verdict);
            group.count += 1;
            // Someone blocked by the environment alone has no finding of their own, but an entry.
            match group.verdict {
                Verdict::OutOfScope => group.named.push(who),
                Verdict::Ready if !has_own[cases.of[one]] => group.named.push(who),
                _ => group.listed.push(who),
            }
        }
        let entries: usize = groups.iter().map(|group| group.listed.len()).sum();
        for group in &mut groups {
            if entries > LISTED {
                group.by_case = std::mem::take(&mut group.listed).len();
            }
            if group.named.len() > NAMED {
                group.unnamed = std::mem::take(&mut group.named).len();
            }
        }
        let mut linked: Vec<Who> = groups.iter().flat_map(|group| &group.listed).copied().collect();
        linked.sort_unstable();
        Layout {
            groups: groups.into_iter().filter(|group| group.count > 0).collect(),
            counts,
            linked,
        }
    }

    /// The users with an entry for whom a rule does not pass, in order.
    pub(super) fn affected<'p>(
        &'p self,
        report: &'p Report<'_>,
        rule: usize,
    ) -> impl Iterator<Item = (Who, Outcome)> + 'p {
        let outcome = move |&(place, user): &Who| {
            let outcome = report.assessment.environments[place].outcome(rule, user);
            is_finding(outcome).then_some(((place, user), outcome))
        };
        self.linked.iter().filter_map(outcome)
    }

    /// Whether the user has an entry to link to.
    pub(super) fn is_linked(&self, who: Who) -> bool {
        self.linked.binary_search(&who).is_ok()
    }
}

/// The anchor of a user's entry.
pub(super) fn user_anchor((place, user): Who) -> String {
    format!("user-{place}-{user}")
}

fn is_finding(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Unknown | Outcome::Waived)
}
