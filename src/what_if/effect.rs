//! What changes would do: who becomes ready, who breaks, and who gains or loses which privileges.
//!
//! Before and after are two assessments by the same rules with the same inputs; nothing here judges
//! anything itself.

use rustc_hash::FxHashMap;

use crate::access::{Access, PrivilegeState, Reach, Requirement};
use crate::evaluate::{Assessment, EnvironmentAssessment, RuleChange, Summary, Verdict};
use crate::rules::{Depth, RuleSet};

/// What changes would do to an environment.
#[derive(Debug)]
pub struct Effect {
    /// Verdicts as they are.
    pub before: Summary,
    /// Verdicts as they would be.
    pub after: Summary,
    /// Users whose verdict would be another, those who are worse off first.
    pub transitions: Vec<Transition>,
    /// Rules with another outcome for somebody, in the order of the packs.
    pub rules: Vec<RuleChange>,
    /// Users whose access to wanted privileges would be another, grouped by what differs, the
    /// largest group first.
    pub access: Vec<AccessChange>,
}

/// Users whose verdict changes in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What it is.
    pub before: Verdict,
    /// What it would be.
    pub after: Verdict,
    /// The users, by their positions.
    pub users: Vec<usize>,
}

/// Users who gain and lose the same privileges, out of scope or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// The users, by their positions.
    pub users: Vec<usize>,
    /// How many of them get a better verdict by it.
    pub better: usize,
    /// What differs, by the name of the privilege.
    pub differences: Vec<Difference>,
}

/// A privilege that somebody holds at another depth than before. It is said of the tables, not of
/// the server's answers, so that both sides are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Its name, as rules write it.
    pub privilege: String,
    /// The depth that is held; none if it is not.
    pub before: Option<Depth>,
    /// The depth that would be.
    pub after: Option<Depth>,
    /// False where the tables only tell that it may be so: through a team whose role passes on
    /// team privileges only, say.
    pub certain: bool,
}

impl Transition {
    /// Whether the users are worse off: who could use the app cannot, or not as well, or it cannot
    /// be told any more.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        matches!((rank(self.before), rank(self.after)), (Some(before), Some(after)) if after > before)
    }

    /// Whether the users are better off.
    #[must_use]
    pub fn is_better(&self) -> bool {
        matches!((rank(self.before), rank(self.after)), (Some(before), Some(after)) if after < before)
    }
}

/// How bad a verdict is; none out of scope, which is neither.
fn rank(verdict: Verdict) -> Option<u8> {
    match verdict {
        Verdict::Ready => Some(0),
        Verdict::Limited => Some(1),
        Verdict::Unknown => Some(2),
        Verdict::Blocked => Some(3),
        Verdict::OutOfScope => None,
    }
}

impl Difference {
    /// Whether more is held than before.
    #[must_use]
    pub fn is_gain(&self) -> bool {
        self.after > self.before
    }
}

impl Effect {
    /// Compares two assessments of one environment. Access is compared only if it was changed: it
    /// costs a look at everybody.
    #[must_use]
    pub fn new(before: &Assessment<'_>, after: &Assessment<'_>, is_access_changed: bool) -> Effect {
        let mut effect = Effect {
            before: before.summary(),
            after: after.summary(),
            transitions: Vec::new(),
            rules: Vec::new(),
            access: Vec::new(),
        };
        for (before_one, after_one) in before.environments.iter().zip(&after.environments) {
            effect.transitions.extend(transitions(before_one, after_one));
            effect.rules.extend(before_one.rule_changes(after_one));
            if is_access_changed {
                effect
                    .access
                    .extend(access_changes(before.rules, before_one, after_one));
            }
        }
        effect
    }
}

fn transitions(before: &EnvironmentAssessment<'_>, after: &EnvironmentAssessment<'_>) -> Vec<Transition> {
    let mut found: Vec<Transition> = Vec::new();
    for (user, from, to) in before.verdict_changes(after) {
        match found.iter_mut().find(|one| (one.before, one.after) == (from, to)) {
            Some(transition) => transition.users.push(user),
            None => found.push(Transition {
                before: from,
                after: to,
                users: vec![user],
            }),
        }
    }
    found.sort_by_key(|one| {
        let kind = match (one.is_worse(), one.is_better()) {
            (true, _) => 0,
            (_, true) => 1,
            _ => 2,
        };
        (kind, rank(one.after), rank(one.before))
    });
    found
}

/// A privilege with the positions of its grantable depths among the requirements, deepest first.
struct Asked<'r> {
    name: &'r str,
    depths: Vec<(Depth, usize)>,
}

fn access_changes(
    rules: &RuleSet,
    before: &EnvironmentAssessment<'_>,
    after: &EnvironmentAssessment<'_>,
) -> Vec<AccessChange> {
    let names = rules.wanted_privileges();
    let requirements: Vec<Requirement> = names
        .iter()
        .flat_map(|name| Depth::ALL.map(|depth| Requirement::Privilege(name.clone(), depth)))
        .collect();
    let (old, new) = rayon::join(
        || Access::new(before.environment, requirements.clone()),
        || Access::new(after.environment, requirements.clone()),
    );
    let mut asked: Vec<Asked<'_>> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            Asked {
            name,
            // A depth that cannot be granted is answered by another one.
            depths: Depth::ALL
                .into_iter()
                .enumerate()
                .rev()
                .filter(|(_, depth)| {
                    matches!(old.privilege(name, *depth), PrivilegeState::Exists(_, least) if least == *depth)
                })
                .map(|(place, depth)| (depth, number * Depth::ALL.len() + place))
                .collect(),
        }
        })
        .collect();
    asked.sort_by_key(|asked| asked.name);
    let mut groups: FxHashMap<Vec<Difference>, Vec<usize>> = FxHashMap::default();
    for user in (0..before.users()).filter(|user| old.differs(&new, *user)) {
        let differences: Vec<Difference> = asked
            .iter()
            .filter_map(|asked| difference(asked, &old, &new, user))
            .collect();
        if !differences.is_empty() {
            groups.entry(differences).or_default().push(user);
        }
    }
    let is_better = |user: &&usize| {
        let ranks = (rank(before.verdict(**user)), rank(after.verdict(**user)));
        matches!(ranks, (Some(before), Some(after)) if after < before)
    };
    let mut changes: Vec<AccessChange> = groups
        .into_iter()
        .map(|(differences, users)| AccessChange {
            better: users.iter().filter(is_better).count(),
            users,
            differences,
        })
        .collect();
    changes.sort_by_key(|change| {
        (
            std::cmp::Reverse(change.users.len()),
            change.users.first().copied(),
        )
    });
    changes
}

fn difference(asked: &Asked<'_>, old: &Access<'_>, new: &Access<'_>, user: usize) -> Option<Difference> {
    let deepest = |access: &Access<'_>, least: Reach| {
        let mut depths = asked.depths.iter();
        let found = depths.find(|(_, position)| access.modelled(user, *position) >= least);
        found.map(|(depth, _)| *depth)
    };
    let (held, holds) = (deepest(old, Reach::Pass), deepest(new, Reach::Pass));
    let (may_have, may) = (deepest(old, Reach::Unknown), deepest(new, Reach::Unknown));
    let (before, after, certain) = if holds > held {
        (held, holds, true)
    } else if holds < held {
        // What was held for sure may still be, by some other path.
        (held, holds, may < held)
    } else if may > may_have {
        (held, may, false)
    } else {
        return None;
    };
    Some(Difference {
        privilege: asked.name.to_owned(),
        before,
        after,
        certain,
    })
}
