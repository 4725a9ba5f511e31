//! The details of some users: what is told of each, with its evidence, as on the page of one user's
//! explanation. Within a block, what several users are told in the same words stands once.

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::access::Way;
use crate::evaluate::{EnvironmentAssessment, Finding, Verdict};
use crate::rules::Scope;

use super::super::super::group::{self, Entry};
use super::super::super::summary::Report;
use super::super::cases::Cases;
use super::super::legible;
use super::index::told;

/// Ways that are drawn for one finding; there are users with hundreds of roles.
const MOST_WAYS: usize = 6;

#[derive(Serialize)]
pub(super) struct DetailsView {
    texts: Vec<String>,
    findings: Vec<FindingView>,
    users: Vec<Vec<usize>>,
}

/// Position of a text; −1 for none.
type Text = i32;

/// What is told in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct FindingView {
    title: Text,
    rules: Vec<usize>,
    outcome: usize,
    severity: &'static str,
    expected: Text,
    observed: Text,
    cause: Text,
    remedy: Text,
    ways: Vec<WayView>,
    lines: Vec<Text>,
    whole_environment: bool,
    consequences: Text,
    follows: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct WayView {
    steps: Vec<StepView>,
    stop: Text,
    /// Whether the role grants what is missing, only not far enough.
    near: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct StepView {
    kind: &'static str,
    name: Text,
    note: Text,
}

/// The details of the users at these positions of [`Cases::who`].
pub(super) fn view(report: &Report<'_>, cases: &Cases, users: &[usize]) -> DetailsView {
    let mut book = Book::default();
    let users = users.iter().map(|&one| {
        let (place, user) = cases.who[one];
        let environment = &report.assessment.environments[place];
        if cases.cases[cases.of[one]].is_empty() || environment.verdict(user) == Verdict::OutOfScope {
            return Vec::new();
        }
        let causes = environment.causes(user);
        let entries = group::entries(&causes);
        let told = entries
            .iter()
            .map(|entry| book.finding(environment, user, &causes, entry));
        told.collect()
    });
    DetailsView {
        users: users.collect(),
        texts: book.texts,
        findings: book.findings,
    }
}

/// What stands once in a block.
#[derive(Default)]
struct Book {
    texts: Vec<String>,
    text_positions: FxHashMap<String, Text>,
    findings: Vec<FindingView>,
    finding_positions: FxHashMap<FindingView, usize>,
}

impl Book {
    fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return -1;
        }
        if let Some(position) = self.text_positions.get(text) {
            return *position;
        }
        let position = self.texts.len() as Text;
        self.texts.push(legible(text).into_owned());
        self.text_positions.insert(text.to_owned(), position);
        position
    }

    fn finding(
        &mut self,
        environment: &EnvironmentAssessment<'_>,
        user: usize,
        causes: &[Finding<'_>],
        entry: &Entry,
    ) -> usize {
        let first = &causes[entry.findings[0]];
        let rules = |positions: &[usize]| positions.iter().map(|one| causes[*one].index).collect();
        let ways = environment.ways(first, user);
        let (path, nearest) = match &entry.several {
            Some(several) => (&several.reason.path, &several.reason.nearest),
            None => (&first.path, &first.nearest),
        };
        let mut lines: Vec<Text> = Vec::new();
        if ways.is_empty() {
            lines.extend(path.iter().chain(nearest).map(|line| self.text(line)));
        }
        let more = ways.len().saturating_sub(MOST_WAYS);
        if more > 0 {
            lines.push(self.text(&format!("and {more} more")));
        }
        let (mut near, others): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(|way| way.depth.is_some());
        near.extend(others);
        near.truncate(MOST_WAYS);
        let ways = near.iter().map(|way| self.way(way)).collect();
        let said = match &entry.several {
            Some(several) => [
                &several.title,
                &several.expected,
                &several.reason.observed,
                &several.reason.cause,
                &several.remedy,
            ],
            None => [
                &first.rule.title,
                &first.expected,
                &first.observed,
                &first.cause,
                &first.remedy,
            ],
        };
        let [title, expected, observed, cause, remedy] = said.map(|text| self.text(text));
        let view = FindingView {
            title,
            rules: rules(&entry.findings),
            outcome: told(first.outcome),
            severity: first.rule.severity.name(),
            expected,
            observed,
            cause,
            remedy,
            ways,
            lines,
            whole_environment: first.rule.scope == Scope::Environment,
            consequences: self.text(&entry.consequences),
            follows: rules(&entry.follows),
        };
        if let Some(position) = self.finding_positions.get(&view) {
            return *position;
        }
        self.findings.push(view.clone());
        self.finding_positions.insert(view, self.findings.len() - 1);
        self.findings.len() - 1
    }

    /// The steps from the role to the user, who is named by the page.
    fn way(&mut self, way: &Way) -> WayView {
        let mut step = |kind, name: Option<&str>, note: Option<&str>| StepView {
            kind,
            name: self.text(name.unwrap_or_default()),
            note: self.text(note.unwrap_or_default()),
        };
        let depth = way.depth.map(|depth| format!("grants it at {}", depth.name()));
        let mut steps = vec![step("Role", Some(&way.role), depth.as_deref())];
        if let Some(unit) = &way.business_unit {
            steps.push(step("Copy in", Some(unit), None));
        }
        if let Some(team) = &way.team {
            steps.push(step("Held by", Some(team), way.inheritance));
        }
        steps.push(step("User", None, None));
        WayView {
            steps,
            stop: way.stop.map_or(-1, |stop| self.text(&stop.to_string())),
            near: way.depth.is_some(),
        }
    }
}
