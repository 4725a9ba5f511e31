//! Who is shown where: decided once before anything is drawn, so that links lead somewhere.

use crate::evaluate::{EnvironmentAssessment, Outcome, Summary, Verdict};
use crate::rules::Scope;

use super::super::summary::{Report, tally};

/// Users with findings that are listed, over all verdicts. A page of more is no use without a
/// search of its own.
const LISTED: usize = 20_000;
/// Users without findings that are listed by name, per verdict.
const NAMED: usize = 10_000;

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
    /// Users left out.
    pub(super) unlisted: usize,
}

/// Who is shown where.
pub(super) struct Layout {
    pub(super) groups: Vec<Group>,
    /// Verdict counts by environment.
    pub(super) counts: Vec<Summary>,
    /// By environment and user: none if not reported.
    verdicts: Vec<Vec<Option<Verdict>>>,
    /// By environment and user: whether there is an entry to link to.
    linked: Vec<Vec<bool>>,
}

impl Layout {
    pub(super) fn of(report: &Report<'_>) -> Layout {
        let verdicts: Vec<Vec<Option<Verdict>>> = report
            .assessment
            .environments
            .iter()
            .map(|one| verdicts(one))
            .collect();
        let mut counts = vec![Summary::default(); verdicts.len()];
        for (count, verdicts) in counts.iter_mut().zip(&verdicts) {
            verdicts
                .iter()
                .flatten()
                .for_each(|&verdict| tally(count, verdict));
        }
        let mut linked: Vec<Vec<bool>> = verdicts.iter().map(|one| vec![false; one.len()]).collect();
        let mut room = LISTED;
        let mut groups = Vec::new();
        for verdict in ORDER {
            let mut group = Group {
                verdict,
                count: 0,
                listed: Vec::new(),
                named: Vec::new(),
                unlisted: 0,
            };
            for (place, users) in verdicts.iter().enumerate() {
                for (user, _) in users.iter().enumerate().filter(|(_, one)| **one == Some(verdict)) {
                    group.count += 1;
                    if verdict != Verdict::OutOfScope && has_findings(report, (place, user)) {
                        if room > 0 {
                            room -= 1;
                            group.listed.push((place, user));
                            linked[place][user] = true;
                        } else {
                            group.unlisted += 1;
                        }
                    } else if group.named.len() < NAMED {
                        group.named.push((place, user));
                    } else {
                        group.unlisted += 1;
                    }
                }
            }
            if group.count > 0 {
                groups.push(group);
            }
        }
        Layout {
            groups,
            counts,
            verdicts,
            linked,
        }
    }

    /// The users in scope for whom a rule does not pass, in order.
    pub(super) fn affected<'p>(
        &'p self,
        report: &'p Report<'_>,
        rule: usize,
    ) -> impl Iterator<Item = (Who, Outcome)> + 'p {
        self.verdicts.iter().enumerate().flat_map(move |(place, users)| {
            let in_scope = |verdict: &Option<Verdict>| verdict.is_some_and(|one| one != Verdict::OutOfScope);
            let users = users
                .iter()
                .enumerate()
                .filter(move |(_, verdict)| in_scope(verdict));
            users.filter_map(move |(user, _)| {
                let outcome = report.assessment.environments[place].outcome(rule, user);
                is_finding(outcome).then_some(((place, user), outcome))
            })
        })
    }

    /// Whether the user has an entry to link to.
    pub(super) fn is_linked(&self, (place, user): Who) -> bool {
        self.linked[place][user]
    }
}

/// The anchor of a user's entry.
pub(super) fn user_anchor((place, user): Who) -> String {
    format!("user-{place}-{user}")
}

fn verdicts(environment: &EnvironmentAssessment<'_>) -> Vec<Option<Verdict>> {
    let verdict = |user| environment.is_reported(user).then(|| environment.verdict(user));
    (0..environment.users()).map(verdict).collect()
}

fn is_finding(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Unknown | Outcome::Waived)
}

fn has_findings(report: &Report<'_>, (place, user): Who) -> bool {
    let environment = &report.assessment.environments[place];
    let rules = report.assessment.rules.rules.iter().enumerate();
    let own = rules
        .filter(|(_, rule)| rule.scope == Scope::User)
        .any(|(rule, _)| is_finding(environment.outcome(rule, user)));
    // Someone blocked by the environment alone has no finding of their own, but an entry.
    own || !matches!(environment.verdict(user), Verdict::Ready)
}
