//! The environments: their facts, side by side, and what is between them.

use std::collections::BTreeMap;

use arrow_array::Array;
use serde::Serialize;

use crate::evaluate::{EnvironmentAssessment, Outcome, Summary};
use crate::snapshot::manifest::Deployment;
use crate::snapshot::{Environment, Guid};

use super::super::summary::{Report, VERDICTS, count, shares, wrong};
use super::super::text;
use super::chart::{self, Part};
use super::layout::Layout;
use super::people::FindingView;
use super::{Link, links, rule_href};

/// The rule that asks whether an environment is the mailbox's own, without looking at the others.
const PRIMARY: &str = "mailbox-primary-environment";

#[derive(Serialize)]
pub(super) struct EnvironmentView<'a> {
    name: &'a str,
    place: usize,
    url: Link,
    organization_id: &'a str,
    deployment: &'static str,
    region: Option<&'a str>,
    build: Option<&'a str>,
    collected: String,
    by: &'a str,
    by_name: Option<&'a str>,
    tool: &'a str,
    counts: String,
    ready: String,
    limited: String,
    blocked: String,
    unknown: String,
    users: String,
    share: String,
    parts: Vec<Part>,
    findings: Vec<FindingView>,
}

/// A rule about several environments, and for whom it fails.
#[derive(Serialize)]
pub(super) struct ConflictView {
    href: String,
    title: String,
    severity: &'static str,
    short: String,
    remedy: String,
    /// Whether the rule says with which environment it clashes.
    pairs: bool,
    rows: Vec<ConflictRow>,
}

/// For how many users of one environment it fails.
#[derive(Serialize)]
struct ConflictRow {
    environment: String,
    place: usize,
    users: String,
    view: String,
    others: Vec<Other>,
}

/// How many of them another environment has as well.
#[derive(Serialize)]
struct Other {
    name: String,
    users: String,
}

/// Every environment, as it is drawn.
pub(super) fn views<'a>(report: &'a Report<'_>, layout: &Layout) -> Vec<EnvironmentView<'a>> {
    let environments = report.assessment.environments.iter().zip(&layout.counts);
    environments
        .enumerate()
        .map(|(place, (one, counts))| view(report, place, one, counts))
        .collect()
}

/// What is between several environments; nothing where there is one.
pub(super) fn conflicts(report: &Report<'_>) -> Vec<ConflictView> {
    let environments = &report.assessment.environments;
    if environments.len() < 2 {
        return Vec::new();
    }
    let rules = (0..report.assessment.rules.rules.len()).filter_map(|rule| {
        let pairs = environments.iter().any(|one| one.looks_elsewhere(rule));
        let is_about = pairs || report.rule(rule).id == PRIMARY;
        (is_about && report.rule_counts[rule].fail > 0).then(|| conflict(report, rule, pairs))
    });
    rules.collect()
}

fn conflict(report: &Report<'_>, rule: usize, pairs: bool) -> ConflictView {
    let environments = report.assessment.environments.iter().enumerate();
    let rows = environments.filter_map(|(place, one)| {
        let mut others: BTreeMap<usize, usize> = BTreeMap::new();
        let mut users = 0;
        let counted = (0..one.users()).filter(|&user| one.is_counted(user));
        for user in counted.filter(|&user| one.outcome(rule, user) == Outcome::Fail) {
            users += 1;
            for other in one.clashing(rule, user) {
                *others.entry(other).or_default() += 1;
            }
        }
        (users > 0).then(|| ConflictRow {
            environment: name(report, place).to_owned(),
            place,
            users: text::thousands(users),
            view: links::view(&[
                ("rule", report.rule(rule).id.clone()),
                ("outcome", Outcome::Fail.name().to_owned()),
                ("environment", place.to_string()),
            ]),
            others: others
                .into_iter()
                .map(|(other, users)| Other {
                    name: name(report, other).to_owned(),
                    users: text::thousands(users),
                })
                .collect(),
        })
    });
    let rows = rows.collect();
    let rule_of = report.rule(rule);
    ConflictView {
        href: rule_href(report, rule),
        title: wrong(rule_of),
        severity: rule_of.severity.name(),
        short: text::short(&rule_of.remedy),
        remedy: rule_of.remedy.clone(),
        pairs,
        rows,
    }
}

fn name<'r>(report: &'r Report<'_>, place: usize) -> &'r str {
    &report.assessment.environments[place]
        .environment
        .manifest
        .environment
        .name
}

fn view<'a>(
    report: &'a Report<'_>,
    place: usize,
    environment: &'a EnvironmentAssessment<'_>,
    counts: &Summary,
) -> EnvironmentView<'a> {
    let manifest = &environment.environment.manifest;
    let about = &manifest.environment;
    let words = VERDICTS.into_iter().filter(|&verdict| count(counts, verdict) > 0);
    let mut words: Vec<String> = words
        .map(|verdict| format!("{} {}", text::thousands(count(counts, verdict)), verdict.name()))
        .collect();
    if words.is_empty() {
        words.push("none in scope".to_owned());
    }
    if counts.out_of_scope > 0 {
        words.push(format!("{} out of scope", text::thousands(counts.out_of_scope)));
    }
    EnvironmentView {
        name: &about.name,
        place,
        url: Link::new(&about.url),
        organization_id: &about.organization_id,
        deployment: match about.deployment {
            Deployment::Online => "online",
            Deployment::OnPremises => "on-premises",
        },
        region: about.region.as_deref(),
        build: about.build.as_deref(),
        collected: text::moment(manifest.collected.finished),
        by: &manifest.collected.by,
        by_name: name_of(environment.environment, &manifest.collected.by),
        tool: &manifest.collected.tool,
        counts: words.join(", "),
        ready: text::thousands(counts.ready),
        limited: text::thousands(counts.limited),
        blocked: text::thousands(counts.blocked),
        unknown: text::thousands(counts.unknown),
        users: text::thousands(counts.users),
        share: shares(&[counts.ready, counts.users - counts.ready])[0].to_string(),
        parts: chart::stack(
            &VERDICTS.map(|verdict| (verdict.name(), count(counts, verdict))),
            counts.users,
        ),
        findings: environment
            .environment_findings()
            .iter()
            .map(|one| FindingView::new(report, one))
            .collect(),
    }
}

/// Full name of the user of that id, where the snapshot has it.
fn name_of<'a>(environment: &'a Environment, id: &str) -> Option<&'a str> {
    let users = environment.table("systemuser")?;
    let id = Guid(uuid::Uuid::try_parse(id).ok()?.as_u128());
    let row = users.ids("systemuserid")?.binary_search(&id).ok()?;
    let names = users.text("fullname").filter(|names| names.is_valid(row))?;
    Some(names.value(row).trim()).filter(|name| !name.is_empty())
}
