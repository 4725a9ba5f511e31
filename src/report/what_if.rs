//! What supposed changes would do: the data that is drawn. Its drawing for a terminal is
//! [`terminal`](terminal()).

use serde::Serialize;

use crate::evaluate::{Assessment, EnvironmentAssessment, Summary, Verdict, Words};
use crate::rules::{Depth, Pack};
use crate::what_if::effect::{AccessChange, Difference, Transition};
use crate::what_if::{Change, Effect, Supposed};

use super::json::SummaryView;

mod drawing;

pub use drawing::terminal;

/// `clearance.what-if/1`: what changes would do. A frozen output type; its schema is
/// `schemas/what-if-1.schema.json`.
#[derive(Debug, Serialize)]
pub struct WhatIfView<'a> {
    environment: &'a str,
    assessed_at: String,
    packs: Vec<PackView<'a>>,
    changes: Vec<ChangeView<'a>>,
    /// Users whose access the server was asked about, and whom a change of access touches.
    outdated_answers: usize,
    before: SummaryView,
    after: SummaryView,
    transitions: Vec<TransitionView<'a>>,
    rules: Vec<RuleView<'a>>,
    access: Vec<AccessView<'a>>,
    #[serde(skip)]
    drawn: Drawn,
}

#[derive(Debug)]
struct Drawn {
    before: Summary,
    after: Summary,
}

#[derive(Debug, Serialize)]
struct PackView<'a> {
    id: &'a str,
    version: &'a str,
    sha256: &'a str,
    #[serde(skip)]
    edition: String,
}

#[derive(Debug, Serialize)]
struct ChangeView<'a> {
    change: &'a Change,
    words: &'a str,
    changed: usize,
    notes: &'a [String],
}

#[derive(Debug, Serialize)]
struct TransitionView<'a> {
    before: &'static str,
    after: &'static str,
    /// `better`, `worse` or `other`.
    direction: &'static str,
    users: Vec<UserView<'a>>,
    #[serde(skip)]
    verdict: Verdict,
}

#[derive(Debug, Serialize)]
struct UserView<'a> {
    id: String,
    name: &'a str,
    email: &'a str,
    /// What the new verdict rests on; null for who is ready.
    cause: Option<String>,
}

#[derive(Debug, Serialize)]
struct RuleView<'a> {
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    fixed: usize,
    broken: usize,
    settled: usize,
    unsettled: usize,
    #[serde(skip)]
    is_privilege: bool,
}

impl RuleView<'_> {
    fn counts(&self) -> [usize; 4] {
        [self.broken, self.unsettled, self.fixed, self.settled]
    }
}

#[derive(Debug, Serialize)]
struct AccessView<'a> {
    users: Vec<String>,
    better: usize,
    gains: Vec<DifferenceView<'a>>,
    losses: Vec<DifferenceView<'a>>,
}

#[derive(Debug, Serialize)]
struct DifferenceView<'a> {
    privilege: &'a str,
    before: Option<&'static str>,
    after: Option<&'static str>,
    certain: bool,
}

impl<'a> WhatIfView<'a> {
    /// The view of what the evaluator found in one environment, as it is and as it would be.
    #[must_use]
    pub fn new(
        changes: &'a [Change],
        supposed: &'a Supposed,
        effect: &'a Effect,
        after: &'a Assessment<'a>,
    ) -> Option<WhatIfView<'a>> {
        let assessed = after.environments.first()?;
        let user = |position: &usize| {
            let row = assessed.row(*position);
            UserView {
                id: row.id.to_string(),
                name: row.name,
                email: row.email,
                cause: match row.reason {
                    Some(reason) => Some(reason.to_owned()),
                    None => {
                        let mut words = Words::default();
                        let top = assessed.top_cause(*position, &mut words);
                        top.map(|top| top.cause.to_owned())
                    }
                },
            }
        };
        let transition = |one: &Transition| TransitionView {
            before: one.before.name(),
            after: one.after.name(),
            direction: match (one.is_better(), one.is_worse()) {
                (true, _) => "better",
                (_, true) => "worse",
                _ => "other",
            },
            users: one.users.iter().map(user).collect(),
            verdict: one.after,
        };
        let rules = effect.rules.iter().map(|change| {
            let rule = &after.rules.rules[change.index];
            RuleView {
                rule: &rule.id,
                title: &rule.title,
                severity: rule.severity.name(),
                fixed: change.fixed,
                broken: change.broken,
                settled: change.settled,
                unsettled: change.unsettled,
                is_privilege: rule.privilege.is_some(),
            }
        });
        Some(WhatIfView {
            environment: &assessed.environment.manifest.environment.name,
            assessed_at: after.assessed_at.to_string(),
            packs: after.rules.packs.iter().map(PackView::of).collect(),
            changes: changes
                .iter()
                .zip(&supposed.done)
                .map(|(change, done)| ChangeView {
                    change,
                    words: &done.change,
                    changed: done.changed,
                    notes: &done.notes,
                })
                .collect(),
            outdated_answers: supposed.outdated_answers,
            before: SummaryView::of(&effect.before),
            after: SummaryView::of(&effect.after),
            transitions: effect.transitions.iter().map(transition).collect(),
            rules: rules.collect(),
            access: effect
                .access
                .iter()
                .map(|change| AccessView::of(change, assessed))
                .collect(),
            drawn: Drawn {
                before: effect.before,
                after: effect.after,
            },
        })
    }
}

impl<'a> PackView<'a> {
    fn of(pack: &'a Pack) -> PackView<'a> {
        PackView {
            id: &pack.id,
            version: &pack.version,
            sha256: &pack.sha256,
            edition: pack.edition(),
        }
    }
}

impl<'a> AccessView<'a> {
    fn of(change: &'a AccessChange, assessed: &EnvironmentAssessment<'_>) -> AccessView<'a> {
        let views = |gains: bool| {
            let differences = change.differences.iter();
            differences
                .filter(|one| one.is_gain() == gains)
                .map(DifferenceView::of)
                .collect()
        };
        AccessView {
            users: change
                .users
                .iter()
                .map(|user| assessed.row(*user).id.to_string())
                .collect(),
            better: change.better,
            gains: views(true),
            losses: views(false),
        }
    }
}

impl<'a> DifferenceView<'a> {
    fn of(difference: &'a Difference) -> DifferenceView<'a> {
        DifferenceView {
            privilege: &difference.privilege,
            before: difference.before.map(Depth::name),
            after: difference.after.map(Depth::name),
            certain: difference.certain,
        }
    }
}
