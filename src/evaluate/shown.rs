//! What lists of users show beside the line and the findings: outcomes without their evidence, and
//! which business unit it is.

use crate::access::Way;
use crate::rules::RuleIndex;
use crate::snapshot::Guid;

use super::assessment::{EnvironmentAssessment, Finding, is_told};
use super::explain::reached;
use super::outcome::Outcome;

impl EnvironmentAssessment<'_> {
    /// The rules that are not pass or not-applicable for a user, the environment's too, in the
    /// order of the packs; none for someone out of scope.
    pub fn outcomes_told(&self, user: usize) -> impl Iterator<Item = (RuleIndex, Outcome)> {
        let in_scope = self.reasons[user].is_none();
        let rules = 0..if in_scope { self.rules.rules.len() } else { 0 };
        let outcomes = rules.map(move |rule| (rule, self.outcome(rule, user)));
        outcomes.filter(|(_, outcome)| is_told(*outcome))
    }

    /// The id of the user's business unit; null where the user has none, or it was not read.
    #[must_use]
    pub fn business_unit_id(&self, user: usize) -> Guid {
        self.lines.unit(user)
    }

    /// The ways by which roles reach the user, and what stops each from giving what a finding says
    /// is missing; none for a finding that is not about access alone.
    #[must_use]
    pub fn ways(&self, finding: &Finding<'_>, user: usize) -> Vec<Way> {
        let Some(reached) = reached(&finding.rule.check) else {
            return Vec::new();
        };
        let paths = self.scene.access.paths(user);
        paths.map(|path| path.way(&reached)).collect()
    }
}
