//! What stands in the columns of a user's line and of a finding's line, for every format that has
//! such lines.

use crate::evaluate::{EnvironmentAssessment, Finding, UserRow};
use crate::snapshot::Guid;

use super::summary::Report;
use super::text;

/// The columns of a user's line (contract: `design.md` §7).
pub(super) const USER_COLUMNS: [&str; 13] = [
    "environment",
    "user_id",
    "full_name",
    "email",
    "business_unit",
    "verdict",
    "blocking",
    "limiting",
    "unknown",
    "waived",
    "deployment",
    "top_cause",
    "next_step",
];
/// The columns of a finding's line (contract: `design.md` §7).
pub(super) const FINDING_COLUMNS: [&str; 12] = [
    "environment",
    "user_id",
    "email",
    "full_name",
    "rule",
    "outcome",
    "severity",
    "expected",
    "observed",
    "cause",
    "remedy",
    "source",
];

/// One line that takes its cells from left to right.
pub(super) trait Line {
    /// Text from outside, or that may hold such.
    fn cell(&mut self, text: &str);
    /// One of our own words, known to need nothing.
    fn word(&mut self, word: &'static str);
    fn number(&mut self, number: usize);
    fn id(&mut self, id: Guid);
}

/// Fills a user's line.
pub(super) fn user(environment: &EnvironmentAssessment<'_>, user: usize, line: &mut impl Line) {
    let row = environment.row(user);
    line.cell(&environment.environment.manifest.environment.name);
    line.id(row.id);
    line.cell(row.name);
    line.cell(row.email);
    line.cell(&row.business_unit);
    line.word(row.verdict.name());
    for number in [row.blocking, row.limiting, row.unknown, row.waived] {
        line.number(number as usize);
    }
    line.word(row.deployment.name());
    match (row.reason, environment.top_cause(user)) {
        (Some(reason), _) => {
            line.cell(reason);
            line.cell("");
        }
        (None, Some(top)) => {
            line.cell(&text::one_line(&top.cause));
            line.cell(&text::one_line(top.remedy));
        }
        (None, None) => {
            line.cell("");
            line.cell("");
        }
    }
}

/// Where each rule is published, and which edition of which pack asks for it.
pub(super) fn sources(report: &Report<'_>) -> Vec<String> {
    let rules = &report.assessment.rules;
    let sources = rules.rules.iter();
    sources
        .map(|rule| match rules.packs.get(rule.pack) {
            Some(pack) => format!("{}; {}", rule.source, pack.edition()),
            None => rule.source.clone(),
        })
        .collect()
}

/// Fills a finding's line; `user` is none for a finding of the environment.
pub(super) fn finding(
    environment: &str,
    user: Option<&UserRow<'_>>,
    finding: &Finding<'_>,
    sources: &[String],
    line: &mut impl Line,
) {
    line.cell(environment);
    match user {
        Some(user) => {
            line.id(user.id);
            line.cell(user.email);
            line.cell(user.name);
        }
        None => (0..3).for_each(|_| line.cell("")),
    }
    line.cell(&finding.rule.id);
    line.word(finding.outcome.name());
    line.word(finding.rule.severity.name());
    line.cell(&finding.expected);
    line.cell(&finding.observed);
    line.cell(&finding.cause);
    line.cell(&finding.remedy);
    line.cell(&sources[finding.index]);
}
