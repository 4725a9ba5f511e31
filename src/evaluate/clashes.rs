//! Which environments are in each other's way for a user.

use crate::rules::RuleIndex;

use super::EnvironmentAssessment;
use super::check::{Leaf, Node};

impl EnvironmentAssessment<'_> {
    /// Whether the rule looks for the same mailbox in other environments.
    #[must_use]
    pub fn looks_elsewhere(&self, rule: RuleIndex) -> bool {
        let mut found = false;
        elsewhere(&self.compiled[rule].check, &mut |_| found = true);
        found
    }

    /// Other environments whose mailbox is the user's and meets what the rule forbids, by position,
    /// ascending; none where the rule does not look there.
    #[must_use]
    pub fn clashing(&self, rule: RuleIndex, user: usize) -> Vec<usize> {
        let mut clashing = Vec::new();
        elsewhere(&self.compiled[rule].check, &mut |leaf| {
            if let Leaf::Elsewhere(reader, elsewhere) = leaf
                && let Some(cell) = reader.cell(&self.scene.people, user)
            {
                clashing.extend(elsewhere.clashing(cell));
            }
        });
        clashing.sort_unstable();
        clashing.dedup();
        clashing
    }
}

/// Every comparison of a check with other environments.
fn elsewhere<'n, 'a>(node: &'n Node<'a>, f: &mut impl FnMut(&'n Leaf<'a>)) {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| elsewhere(part, f)),
        Node::Not(part) => elsewhere(part, f),
        Node::Leaf(leaf @ Leaf::Elsewhere(..)) => f(leaf),
        Node::Leaf(_) => {}
    }
}
