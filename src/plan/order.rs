//! In which order: so that many users are ready early.
//!
//! Owns the order of actions that are chosen already. Knows cases by how many users they have and
//! which actions they need.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Puts the actions in order: again and again the group of actions that makes the most users ready for
/// each action in it. What somebody needs of several stages stays in the order of the stages, also
/// where others could do without.
///
/// `stages` is by action, `needs` by case: how many users, and which actions.
pub(super) fn order<S: Ord>(stages: &[S], needs: &[(usize, Vec<usize>)]) -> Vec<usize> {
    // What has to be done before what, because somebody needs both.
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); stages.len()];
    for (_, actions) in needs {
        for later in actions {
            let earlier = actions
                .iter()
                .filter(|earlier| stages[**earlier] < stages[*later]);
            before[*later].extend(earlier);
        }
    }
    let closed = |actions: &[usize]| {
        let mut all: BTreeSet<usize> = actions.iter().copied().collect();
        let mut open: Vec<usize> = actions.to_vec();
        while let Some(action) = open.pop() {
            open.extend(before[action].iter().filter(|earlier| all.insert(**earlier)));
        }
        all
    };
    let mut bundles: Vec<BTreeSet<usize>> = needs.iter().map(|(_, actions)| closed(actions)).collect();
    bundles.sort();
    bundles.dedup();
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(stages.len());
    while ordered.len() < stages.len() {
        let gain = |bundle: &BTreeSet<usize>| -> usize {
            let is_ready = |actions: &[usize]| {
                actions
                    .iter()
                    .all(|one| done.contains(one) || bundle.contains(one))
            };
            let was_ready = |actions: &[usize]| actions.iter().all(|one| done.contains(one));
            let newly = needs
                .iter()
                .filter(|(_, actions)| !was_ready(actions) && is_ready(actions));
            newly.map(|(users, _)| users).sum()
        };
        let best = bundles
            .iter()
            .map(|bundle| bundle.difference(&done).copied().collect::<BTreeSet<usize>>())
            .filter(|bundle| !bundle.is_empty())
            .map(|bundle| (gain(&bundle), bundle))
            // Compared as fractions: users for each action.
            .max_by(|(left, one), (right, other)| {
                let (left, right) = (left * other.len(), right * one.len());
                left.cmp(&right).then_with(|| Reverse(one).cmp(&Reverse(other)))
            });
        let mut next: Vec<usize> = match best {
            Some((_, bundle)) => bundle.into_iter().collect(),
            None => (0..stages.len())
                .filter(|action| !done.contains(action))
                .collect(),
        };
        next.sort_by(|one, other| stages[*one].cmp(&stages[*other]).then(one.cmp(other)));
        done.extend(&next);
        ordered.extend(next);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn what_makes_most_users_ready_for_each_action_comes_first() {
        let needs = [(10, vec![0, 1]), (8, vec![2]), (1, vec![0])];
        assert_eq!(order(&[1, 1, 1], &needs), [2, 0, 1]);
    }

    /// Many need only the test; for some the method has to be switched before, and so it is.
    #[test]
    fn what_somebody_needs_first_is_not_overtaken() {
        let needs = [(100, vec![1]), (3, vec![0, 1])];
        assert_eq!(order(&[1, 2], &needs), [0, 1]);
    }

    #[test]
    fn actions_that_nobody_is_ready_by_come_last() {
        assert_eq!(order(&[1, 1], &[(5, vec![1])]), [1, 0]);
    }
}
