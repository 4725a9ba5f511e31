//! What the plan does not put right, and why.

use std::collections::BTreeMap;

use crate::evaluate::{EnvironmentAssessment, Verdict};
use crate::rules::{Area, Check, RuleIndex, RuleSet};

use super::sample::{Open, State};

/// A rule that keeps users from being ready when everything is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The rule.
    pub rule: RuleIndex,
    /// Whether it is not known; else it fails.
    pub unknown: bool,
    /// How many users it keeps.
    pub users: usize,
    /// Why no action puts it right.
    pub why: &'static str,
}

/// The rules that stay open, most users first.
pub(super) fn left(
    assessed: &EnvironmentAssessment<'_>,
    rules: &RuleSet,
    representatives: &[(usize, usize)],
    now: &State,
    after: &State,
) -> Vec<Left> {
    let mut users: BTreeMap<Open, (usize, bool)> = BTreeMap::new();
    for (case, (_, number)) in representatives.iter().enumerate() {
        if matches!(after.verdicts[case], Verdict::Ready | Verdict::OutOfScope) {
            continue;
        }
        let waits = now.open[case].iter().any(|open| open.unknown);
        for open in &after.open[case] {
            let (users, others_wait) = users.entry(*open).or_insert((0, true));
            *users += number;
            *others_wait &= waits;
        }
    }
    let mut left: Vec<Left> = users
        .into_iter()
        .map(|(open, (users, waits))| Left {
            rule: open.rule,
            unknown: open.unknown,
            users,
            why: why(assessed, rules, open, waits),
        })
        .collect();
    left.sort_by_key(|one| (std::cmp::Reverse(one.users), one.rule, one.unknown));
    left
}

fn why(assessed: &EnvironmentAssessment<'_>, rules: &RuleSet, open: Open, waits: bool) -> &'static str {
    let rule = &rules.rules[open.rule];
    let mut attested = false;
    rule.check
        .visit(&mut |check: &Check| attested |= matches!(check, Check::Attested(_)));
    match rule.area {
        _ if attested && open.unknown => {
            "it is in no table: somebody has to confirm it in an attestations file"
        }
        _ if attested => "it is no setting of Dataverse",
        _ if open.unknown => "what is not known is not planned for",
        _ if waits => {
            "nothing is planned for users about whom something else is not known; settle that first"
        }
        Area::Client => "it is about the users' devices, not about Dataverse",
        Area::Environment => "it is no setting that an action here could change",
        _ if assessed.looks_at_access(open.rule) => {
            "no role that may be proposed would grant it; what is missing has to be decided by a person"
        }
        _ => "it has to be looked at for each user: what would be right is not in the data",
    }
}
