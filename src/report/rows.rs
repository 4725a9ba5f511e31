//! The rows of the verdicts and of the findings, cell by cell (contract: `design.md` §7). CSV, workbook
//! and Parquet draw the same rows from here and only differ in how they put a cell down.
//!
//! Findings are made anew for every row, as keeping them would take memory. What helped, in seconds of
//! user time of `clearance audit SNAPSHOT --findings-csv FILE` (a million users of
//! `tests/bench/generate.rs`: 2 million rows of 1.1 kB), on a busy machine of two cores: 14.4 when every
//! finding came with its paths, also where none is written; 6.8 without them, with each privilege looked
//! up once per finding instead of once per path, its rows by bisection; 5.6 with the rules told of a user
//! in a bit mask, sentences written into strings of about the right size, and cells searched for quotes
//! without leaving the loop. Of that, about 2 are reading and judging.

use std::borrow::Cow;
use std::ops::Range;

use crate::evaluate::{EnvironmentAssessment, Told, UserRow, Verdict};
use crate::rules::Rule;
use crate::snapshot::Guid;

use super::summary::Report;
use super::text;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text; empty where there is nothing to say.
    Text,
    /// A count.
    Number,
}

/// The columns of a table, in order.
pub(super) type Columns = [(&'static str, Kind)];

pub(super) const VERDICTS: &Columns = &[
    ("environment", Kind::Text),
    ("user_id", Kind::Text),
    ("full_name", Kind::Text),
    ("email", Kind::Text),
    ("business_unit", Kind::Text),
    ("verdict", Kind::Text),
    ("blocking", Kind::Number),
    ("limiting", Kind::Number),
    ("unknown", Kind::Number),
    ("waived", Kind::Number),
    ("deployment", Kind::Text),
    ("top_cause", Kind::Text),
    ("next_step", Kind::Text),
];

pub(super) const FINDINGS: &Columns = &[
    ("environment", Kind::Text),
    ("user_id", Kind::Text),
    ("email", Kind::Text),
    ("full_name", Kind::Text),
    ("rule", Kind::Text),
    ("outcome", Kind::Text),
    ("severity", Kind::Text),
    ("expected", Kind::Text),
    ("observed", Kind::Text),
    ("cause", Kind::Text),
    ("remedy", Kind::Text),
    ("source", Kind::Text),
];

pub(super) const RULES: &Columns = &[
    ("rule", Kind::Text),
    ("pack", Kind::Text),
    ("title", Kind::Text),
    ("scope", Kind::Text),
    ("severity", Kind::Text),
    ("pass", Kind::Number),
    ("fail", Kind::Number),
    ("unknown", Kind::Number),
    ("not_applicable", Kind::Number),
    ("waived", Kind::Number),
    ("remedy", Kind::Text),
    ("source", Kind::Text),
];

/// Puts down one row after another: a cell for each column in order, then its end.
pub(super) trait Line {
    /// Text from outside.
    fn text(&mut self, text: &str);
    /// One of our own words: letters and hyphens.
    fn word(&mut self, word: &str);
    /// An id.
    fn id(&mut self, id: Guid);
    /// A count.
    fn number(&mut self, number: usize);
    /// The row is complete.
    fn end(&mut self);
}

/// Draws a row of [`VERDICTS`] for each of these users that is reported.
pub(super) fn verdicts(environment: &EnvironmentAssessment<'_>, users: Range<usize>, line: &mut impl Line) {
    for user in users.filter(|user| environment.is_reported(*user)) {
        let row = environment.row(user);
        line.text(&environment.environment.manifest.environment.name);
        line.id(row.id);
        line.text(row.name);
        line.text(row.email);
        line.text(&row.business_unit);
        line.word(row.verdict.name());
        for number in [row.blocking, row.limiting, row.unknown, row.waived] {
            line.number(number as usize);
        }
        line.word(row.deployment.name());
        let (cause, next) = match (row.reason, environment.top_cause(user)) {
            (Some(reason), _) => (Cow::Borrowed(reason), ""),
            (None, Some(top)) => (top.cause, top.remedy),
            (None, None) => (Cow::Borrowed(""), ""),
        };
        line.text(&text::one_line(&cause));
        line.text(&text::one_line(next));
        line.end();
    }
}

/// Draws rows of [`FINDINGS`].
pub(super) struct Findings {
    /// By rule.
    sources: Vec<String>,
}

impl Findings {
    pub(super) fn new(report: &Report<'_>) -> Findings {
        let rules = report.assessment.rules.rules.iter();
        Findings {
            sources: rules.map(|rule| source(report, rule)).collect(),
        }
    }

    /// What is to be said of the environment itself.
    pub(super) fn of_environment(&self, environment: &EnvironmentAssessment<'_>, line: &mut impl Line) {
        for told in environment.environment_told() {
            self.row(environment, None, &told, line);
        }
    }

    /// A row for each of these users that is reported and each rule that fails, is unknown or is
    /// waived.
    pub(super) fn of_users(
        &self,
        environment: &EnvironmentAssessment<'_>,
        users: Range<usize>,
        line: &mut impl Line,
    ) {
        for user in users.filter(|user| environment.is_reported(*user)) {
            let row = environment.row(user);
            if row.verdict == Verdict::OutOfScope {
                continue;
            }
            for told in environment.told(user) {
                self.row(environment, Some(&row), &told, line);
            }
        }
    }

    /// One row, of a user or of the environment itself.
    pub(super) fn row(
        &self,
        environment: &EnvironmentAssessment<'_>,
        user: Option<&UserRow<'_>>,
        told: &Told<'_>,
        line: &mut impl Line,
    ) {
        line.text(&environment.environment.manifest.environment.name);
        match user {
            Some(user) => {
                line.id(user.id);
                line.text(user.email);
                line.text(user.name);
            }
            None => (0..3).for_each(|_| line.text("")),
        }
        line.text(&told.rule.id);
        line.word(told.outcome.name());
        line.word(told.rule.severity.name());
        line.text(told.expected);
        line.text(&told.observed);
        line.text(&told.cause);
        line.text(&told.rule.remedy);
        line.text(&self.sources[told.index]);
        line.end();
    }
}

/// Where a rule is published, and which edition of which pack asks for it.
pub(super) fn source(report: &Report<'_>, rule: &Rule) -> String {
    match report.assessment.rules.packs.get(rule.pack) {
        Some(pack) => format!("{}; {}", rule.source, pack.edition()),
        None => rule.source.clone(),
    }
}

/// Draws a row of [`RULES`] for each rule: for how many users in scope it has which outcome.
pub(super) fn rules(report: &Report<'_>, line: &mut impl Line) {
    let rules = &report.assessment.rules;
    for (rule, count) in rules.rules.iter().zip(&report.rule_counts) {
        line.text(&rule.id);
        line.text(rules.packs.get(rule.pack).map_or("", |pack| &pack.id));
        line.text(&rule.title);
        line.word(rule.scope.name());
        line.word(rule.severity.name());
        for users in [
            count.pass,
            count.fail,
            count.unknown,
            count.not_applicable,
            count.waived,
        ] {
            line.number(users);
        }
        line.text(&rule.remedy);
        line.text(&source(report, rule));
        line.end();
    }
}
