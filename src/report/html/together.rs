//! Users in the same case, told together: how many, what is wrong, what to do. Where there are too
//! many users to write out, this is what someone without the table reads.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evaluate::{Finding, Outcome, Verdict};
use crate::rules::Severity;

use super::super::group::MOST_SINGLE;
use super::super::summary::{Report, wrong};
use super::super::text;
use super::cases::{Cases, code};
use super::layout::Who;
use super::{links, rule_href};

/// Cases told of one verdict.
const CASES: usize = 20;
/// What is told of one case.
const HEADS: usize = 4;

/// The cases of one verdict.
#[derive(Serialize)]
pub(super) struct CasesView {
    cases: Vec<CaseView>,
    /// The cases that are not told.
    more: Option<String>,
}

#[derive(Serialize)]
struct CaseView {
    users: String,
    /// Filter of the table: everyone of this verdict whom the first of it concerns.
    view: String,
    /// What is wrong, gravest first.
    heads: Vec<Head>,
    /// How much more is.
    more: usize,
    remedy: String,
}

#[derive(Serialize)]
struct Head {
    title: String,
    href: String,
    outcome: &'static str,
    severity: &'static str,
}

/// The cases of a verdict, that of most users first.
pub(super) fn of_verdict(report: &Report<'_>, cases: &Cases, verdict: Verdict) -> CasesView {
    let mut counts: BTreeMap<usize, (usize, Who)> = BTreeMap::new();
    for (one, &who) in cases.who.iter().enumerate() {
        if cases.verdicts[one] == code(verdict) && !cases.cases[cases.of[one]].is_empty() {
            counts.entry(cases.of[one]).or_insert((0, who)).0 += 1;
        }
    }
    let mut counts: Vec<(usize, Who)> = counts.into_values().collect();
    // Stable: cases of equally many users stay in the order in which they are met.
    counts.sort_by_key(|(users, _)| std::cmp::Reverse(*users));
    let rest = counts.split_off(counts.len().min(CASES));
    CasesView {
        cases: counts
            .into_iter()
            .map(|(users, who)| case_view(report, verdict, users, who))
            .collect(),
        more: (!rest.is_empty()).then(|| {
            let users = rest.iter().map(|(users, _)| users).sum();
            let cases = match rest.len() {
                1 => "1 more case".to_owned(),
                many => format!("{} more cases", text::thousands(many)),
            };
            format!("{cases} with {}", text::users(users))
        }),
    }
}

/// A case, by one of its users: which rules, with which outcomes and in which order, is the same for
/// all of them.
fn case_view(report: &Report<'_>, verdict: Verdict, users: usize, (place, user): Who) -> CaseView {
    let causes = report.assessment.environments[place].causes(user);
    let mut heads: Vec<Head> = Vec::new();
    let mut counted: Vec<(Outcome, Severity)> = Vec::new();
    for cause in &causes {
        let kind = (cause.outcome, cause.rule.severity);
        let is_alike =
            |one: &&Finding<'_>| one.rule.privilege.is_some() && (one.outcome, one.rule.severity) == kind;
        let alike = causes.iter().filter(is_alike).count();
        if cause.rule.privilege.is_none() || alike <= MOST_SINGLE {
            heads.push(Head::new(report, cause, wrong(cause.rule)));
        } else if !counted.contains(&kind) {
            counted.push(kind);
            heads.push(Head::new(
                report,
                cause,
                format!("{alike} privileges do not reach the user"),
            ));
        }
    }
    let more = heads.len().saturating_sub(HEADS);
    heads.truncate(HEADS);
    let first = causes.first().map(|cause| cause.rule);
    CaseView {
        users: text::users(users),
        view: links::view(&[
            ("verdict", verdict.name().to_owned()),
            ("rule", first.map_or_else(String::new, |rule| rule.id.clone())),
        ]),
        heads,
        more,
        remedy: first.map_or_else(String::new, |rule| rule.remedy.clone()),
    }
}

impl Head {
    fn new(report: &Report<'_>, cause: &Finding<'_>, title: String) -> Head {
        Head {
            title,
            href: rule_href(report, cause.index),
            outcome: cause.outcome.name(),
            severity: cause.rule.severity.name(),
        }
    }
}
