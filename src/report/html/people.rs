//! The users as they are read without a script, by verdict: those with findings one by one, the
//! others as lists of names. Where that would be too many, they are told together, by their cases.

use std::io::{self, Write};

use serde::Serialize;

use crate::evaluate::{Finding, Verdict, Words};
use crate::rules::Scope;

use super::super::group::{self, Entry};
use super::super::summary::Report;
use super::super::text;
use super::cases::Cases;
use super::data::Listed;
use super::features::{self, Lights};
use super::layout::{Layout, Who, user_anchor};
use super::page::label;
use super::{Pen, rule_href, shown_name, together};

/// Users drawn at a time.
const PORTION: usize = 100;
/// A group of at most so many users is open from the start.
const OPEN: usize = 60;

#[derive(Serialize)]
struct GroupView {
    word: &'static str,
    label: &'static str,
    meaning: &'static str,
    count_text: String,
    open: bool,
}

#[derive(Serialize)]
struct Portion<T> {
    users: Vec<T>,
}

#[derive(Serialize)]
struct GroupEnd {
    unlisted_text: Option<String>,
}

/// How many of how many users the table lists, where that is not everyone.
#[derive(Serialize)]
struct FoldedView {
    listed: String,
    of: String,
    users: String,
}

#[derive(Serialize)]
struct UserView {
    anchor: String,
    name: String,
    email: String,
    id: String,
    environment: Option<String>,
    business_unit: String,
    deployment: &'static str,
    top_cause: String,
    lights: Lights,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct NameView {
    name: String,
    email: String,
    reason: Option<&'static str>,
    lights: Lights,
}

/// One finding, or several privileges that are missing for the same reason.
#[derive(Serialize)]
pub(super) struct FindingView {
    title: String,
    /// More than one only where several privileges are missing for the same reason.
    rules: Vec<RuleRef>,
    outcome: &'static str,
    severity: &'static str,
    expected: String,
    observed: String,
    cause: String,
    path: Vec<String>,
    nearest: Vec<String>,
    /// Only where it differs from the rule's own, which the rule shows.
    remedy: Option<String>,
    whole_environment: bool,
    /// What merely follows from it, and the rules that say so.
    consequences: String,
    follows: Vec<RuleRef>,
}

#[derive(Serialize)]
struct RuleRef {
    id: String,
    href: String,
}

impl FindingView {
    pub(super) fn new(report: &Report<'_>, finding: &Finding<'_>) -> FindingView {
        FindingView {
            title: finding.rule.title.clone(),
            rules: vec![RuleRef::new(report, finding)],
            outcome: finding.outcome.name(),
            severity: finding.rule.severity.name(),
            expected: finding.expected.clone(),
            observed: finding.observed.clone(),
            cause: finding.cause.clone(),
            path: finding.path.clone(),
            nearest: finding.nearest.clone(),
            remedy: (finding.remedy != finding.rule.remedy).then(|| finding.remedy.clone()),
            whole_environment: finding.rule.scope == Scope::Environment,
            consequences: String::new(),
            follows: Vec::new(),
        }
    }

    /// Several findings that are told as one, or one with what follows from it.
    fn of_entry(report: &Report<'_>, causes: &[Finding<'_>], entry: &Entry) -> FindingView {
        let links = |positions: &[usize]| -> Vec<RuleRef> {
            let rules = positions.iter().map(|one| &causes[*one]);
            rules.map(|finding| RuleRef::new(report, finding)).collect()
        };
        let mut view = FindingView::new(report, &causes[entry.findings[0]]);
        if let Some(several) = &entry.several {
            view = FindingView {
                title: several.title.clone(),
                expected: several.expected.clone(),
                observed: several.reason.observed.clone(),
                cause: several.reason.cause.clone(),
                path: several.reason.path.clone(),
                nearest: several.reason.nearest.clone(),
                remedy: Some(several.remedy.clone()),
                ..view
            };
        }
        view.rules = links(&entry.findings);
        view.follows = links(&entry.follows);
        view.consequences = entry.consequences.clone();
        view
    }
}

impl RuleRef {
    fn new(report: &Report<'_>, finding: &Finding<'_>) -> RuleRef {
        RuleRef {
            id: finding.rule.id.clone(),
            href: rule_href(report, finding.index),
        }
    }
}

/// Draws the users.
pub(super) fn write(
    report: &Report<'_>,
    layout: &Layout,
    cases: &Cases,
    listed: &Listed,
    pen: &Pen,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(folded) = &listed.folded {
        let view = FoldedView {
            listed: text::thousands(listed.users.len()),
            of: text::users(folded.of),
            users: text::thousands(folded.users),
        };
        pen.draw("folded.html", &view, out)?;
    }
    for group in &layout.groups {
        let is_fine = matches!(group.verdict, Verdict::Ready | Verdict::OutOfScope);
        let start = GroupView {
            word: group.verdict.name(),
            label: label(group.verdict),
            meaning: text::meaning(group.verdict, report.by_guide()),
            count_text: text::users(group.count),
            open: !is_fine && (group.count <= OPEN || group.by_case > 0),
        };
        pen.draw("group-start.html", &start, out)?;
        if group.by_case > 0 {
            pen.draw(
                "cases.html",
                &together::of_verdict(report, cases, group.verdict),
                out,
            )?;
        }
        for portion in group.listed.chunks(PORTION) {
            let users = portion.iter().map(|&who| user_view(report, who)).collect();
            pen.draw("users.html", &Portion { users }, out)?;
        }
        for portion in group.named.chunks(PORTION * 10) {
            let users = portion.iter().map(|&who| name_view(report, who)).collect();
            pen.draw("compact.html", &Portion { users }, out)?;
        }
        let unlisted = group.by_case + group.unnamed;
        let unlisted_text = (unlisted > 0).then(|| text::users(unlisted));
        pen.draw("group-end.html", &GroupEnd { unlisted_text }, out)?;
    }
    Ok(())
}

fn user_view(report: &Report<'_>, who: Who) -> UserView {
    let (place, user) = who;
    let environment = &report.assessment.environments[place];
    let row = environment.row(user);
    let top_cause = match environment.top_cause(user, &mut Words::default()) {
        Some(top) => text::one_line(top.cause).into_owned(),
        None => String::new(),
    };
    let name = shown_name(row.name, row.email);
    let causes = environment.causes(user);
    let entries = group::entries(&causes);
    UserView {
        anchor: user_anchor(who),
        email: if name == row.email {
            String::new()
        } else {
            row.email.to_owned()
        },
        name,
        id: row.id.to_string(),
        environment: (report.assessment.environments.len() > 1)
            .then(|| environment.environment.manifest.environment.name.clone()),
        business_unit: row.business_unit.clone().into_owned(),
        deployment: row.deployment.name(),
        top_cause,
        lights: features::lights(report, who),
        findings: entries
            .iter()
            .map(|entry| FindingView::of_entry(report, &causes, entry))
            .collect(),
    }
}

fn name_view(report: &Report<'_>, (place, user): Who) -> NameView {
    let row = report.assessment.environments[place].row(user);
    let name = shown_name(row.name, row.email);
    NameView {
        email: if name == row.email {
            String::new()
        } else {
            row.email.to_owned()
        },
        name,
        lights: match row.reason {
            Some(_) => Lights::default(),
            None => features::lights(report, (place, user)),
        },
        reason: row.reason,
    }
}
