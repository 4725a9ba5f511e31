//! The rows of the verdicts and of the findings, cell by cell (contract: `design.md` §7). CSV, workbook
//! and Parquet draw the same rows from here and only differ in how they put a cell down.
//!
//! Findings are told anew for every row, as keeping them would take memory; their words are written into
//! room that is used again, and cells that are the same for everyone with a rule are made ready once.
//! `docs/performance.md` says what else was tried, and what it brought.

use std::ops::Range;

use crate::evaluate::{EnvironmentAssessment, Outcome, Told, UserRow, Verdict, Words};
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
    /// Cells of text that were made ready to be put down many times.
    type Ready;
    /// Text from outside.
    fn text(&mut self, text: &str);
    /// One of our own words: letters and hyphens.
    fn word(&mut self, word: &str);
    /// An id.
    fn id(&mut self, id: Guid);
    /// A count.
    fn number(&mut self, number: usize);
    /// Cells that were made ready.
    fn ready(&mut self, cells: &Self::Ready);
    /// The row is complete.
    fn end(&mut self);
}

/// Draws rows of [`VERDICTS`].
pub(super) struct Verdicts<'e, 'a, R> {
    environment: &'e EnvironmentAssessment<'a>,
    /// By rule, where it is named as the first cause.
    steps: Vec<Step<R>>,
}

/// The cells `top_cause` and `next_step` that a rule leads to.
struct Step<R> {
    /// Both, where a failure means the same for everyone.
    of_all: Option<R>,
    next: R,
}

impl<'e, 'a, R> Verdicts<'e, 'a, R> {
    /// `ready` makes cells ready for the [`Line`].
    pub(super) fn new(
        environment: &'e EnvironmentAssessment<'a>,
        rules: &[Rule],
        ready: impl Fn(&[&str]) -> R,
    ) -> Verdicts<'e, 'a, R> {
        let step = |(index, rule): (usize, &Rule)| {
            let next = text::one_line(&rule.remedy);
            let cause = environment.cause_for_all(index);
            Step {
                of_all: cause.map(|cause| ready(&[&text::one_line(cause), &next])),
                next: ready(&[&next]),
            }
        };
        Verdicts {
            environment,
            steps: rules.iter().enumerate().map(step).collect(),
        }
    }

    /// A row for each of these users that is reported.
    pub(super) fn draw(&self, users: Range<usize>, line: &mut impl Line<Ready = R>) {
        let environment = self.environment;
        let mut words = Words::default();
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
            match environment.top_rule(user) {
                None => {
                    line.text(row.reason.unwrap_or_default());
                    line.text("");
                }
                Some((rule, outcome)) => match &self.steps[rule] {
                    Step {
                        of_all: Some(cells), ..
                    } if outcome == Outcome::Fail => line.ready(cells),
                    Step { next, .. } => {
                        let top = environment.top_cause(user, &mut words);
                        line.text(&text::one_line(top.map_or("", |top| top.cause)));
                        line.ready(next);
                    }
                },
            }
            line.end();
        }
    }
}

/// Draws rows of [`FINDINGS`].
pub(super) struct Findings<R> {
    /// By rule.
    rules: Vec<RuleCells<R>>,
}

/// The cells that are the same in every finding of a rule.
struct RuleCells<R> {
    /// `rule`.
    id: R,
    /// `severity` and `expected`.
    expected: R,
    /// `remedy` and `source`.
    remedy: R,
}

impl<R> Findings<R> {
    /// `ready` makes cells ready for the [`Line`].
    pub(super) fn new(report: &Report<'_>, ready: impl Fn(&[&str]) -> R) -> Findings<R> {
        let rules = report.assessment.rules.rules.iter();
        let cells = |rule: &Rule| RuleCells {
            id: ready(&[&rule.id]),
            expected: ready(&[rule.severity.name(), &rule.check.describe()]),
            remedy: ready(&[&rule.remedy, &source(report, rule)]),
        };
        Findings {
            rules: rules.map(cells).collect(),
        }
    }

    /// What is to be said of the environment itself.
    pub(super) fn of_environment(
        &self,
        environment: &EnvironmentAssessment<'_>,
        line: &mut impl Line<Ready = R>,
    ) {
        let mut words = Words::default();
        for rule in environment.told_rules_of_environment() {
            self.row(environment, None, &environment.tell(rule, 0, &mut words), line);
        }
    }

    /// A row for each of these users that is reported and each rule that fails, is unknown or is
    /// waived.
    pub(super) fn of_users(
        &self,
        environment: &EnvironmentAssessment<'_>,
        users: Range<usize>,
        line: &mut impl Line<Ready = R>,
    ) {
        let mut words = Words::default();
        for user in users.filter(|user| environment.is_reported(*user)) {
            let row = environment.row(user);
            if row.verdict == Verdict::OutOfScope {
                continue;
            }
            for rule in environment.told_rules(user) {
                let told = environment.tell(rule, user, &mut words);
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
        line: &mut impl Line<Ready = R>,
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
        let cells = &self.rules[told.index];
        line.ready(&cells.id);
        line.word(told.outcome.name());
        line.ready(&cells.expected);
        line.text(told.observed);
        line.text(told.cause);
        line.ready(&cells.remedy);
        line.end();
    }
}

/// Cells made ready for a [`Line`] that takes them as they are.
pub(super) fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|text| (*text).to_owned()).collect()
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
