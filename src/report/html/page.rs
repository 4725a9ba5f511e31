//! The first part of the page: the answer, what was not seen, what to do first, the causes and
//! the environments.

use arrow_array::Array;
use serde::Serialize;

use crate::evaluate::{CauseCount, EnvironmentAssessment, Summary, Verdict};
use crate::rules::Pack;
use crate::snapshot::manifest::Deployment;
use crate::snapshot::{Environment, Guid};

use super::super::summary::{Report, VERDICTS, count, shares, wrong};
use super::super::text;
use super::layout::Layout;
use super::people::FindingView;
use super::{Link, chart, rule_href};

/// Causes in the chart.
const CAUSES: usize = 12;
/// First steps.
const STEPS: usize = 6;

#[derive(Serialize)]
pub(super) struct PageView<'a> {
    css: &'a str,
    policy: &'a str,
    tool: &'static str,
    headline: String,
    place: String,
    collected: String,
    assessed_at: String,
    packs: Vec<String>,
    has_features: bool,
    by_guide: bool,
    unjudged: usize,
    advice: Vec<AdviceView>,
    total: TotalView,
    verdicts: Vec<VerdictView>,
    notices: &'a [String],
    plan: Option<PlanView>,
    steps: Vec<CauseView>,
    causes: Vec<CauseView>,
    more_causes: usize,
    longest: String,
    environments: Vec<EnvironmentView<'a>>,
    groups: usize,
}

/// A rule that merely advises, and for how many users it fails.
#[derive(Serialize)]
struct AdviceView {
    href: String,
    title: String,
    users: String,
}

/// What to do first, by the plan.
#[derive(Serialize)]
struct PlanView {
    actions: Vec<ActionView>,
    /// All of them.
    number: usize,
    after: String,
    /// How many users fall into how many cases.
    cases: Option<String>,
}

#[derive(Serialize)]
struct ActionView {
    title: String,
    gain: String,
    then: String,
    condition: Option<&'static str>,
    clicks: String,
    besides: Option<String>,
}

#[derive(Serialize)]
struct TotalView {
    users: usize,
    ready: usize,
    out_of_scope: usize,
    users_text: String,
    ready_text: String,
    out_of_scope_text: String,
}

#[derive(Serialize)]
struct VerdictView {
    word: &'static str,
    label: &'static str,
    meaning: &'static str,
    count: usize,
    count_text: String,
    share: String,
    arc: Option<String>,
}

#[derive(Serialize)]
struct CauseView {
    href: String,
    title: String,
    severity: &'static str,
    remedy: String,
    users: usize,
    deciding: usize,
    users_text: String,
    deciding_text: String,
    users_number: String,
    deciding_number: String,
    all_width: String,
    first_width: String,
}

#[derive(Serialize)]
struct EnvironmentView<'a> {
    name: &'a str,
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
    findings: Vec<FindingView>,
}

pub(super) fn view<'a>(
    report: &'a Report<'_>,
    layout: &Layout,
    css: &'a str,
    policy: &'a str,
) -> PageView<'a> {
    let total = &report.summary;
    let (causes, more_causes) = report.causes_by_users(CAUSES);
    let longest = causes.iter().map(|cause| cause.users).max().unwrap_or(0);
    let draw = |cause: CauseCount| cause_view(report, cause, longest);
    let environments = report.assessment.environments.iter().zip(&layout.counts);
    let names: Vec<&str> = report
        .assessment
        .environments
        .iter()
        .map(|one| one.environment.manifest.environment.name.as_str())
        .collect();
    PageView {
        css,
        policy,
        tool: text::TOOL,
        headline: format!(
            "{} of {} ready",
            text::thousands(total.ready),
            text::users(total.users)
        ),
        place: names.join(", "),
        collected: collected(report),
        assessed_at: text::moment(report.assessment.assessed_at),
        packs: report.assessment.rules.packs.iter().map(Pack::edition).collect(),
        has_features: !report.assessment.rules.features.is_empty(),
        by_guide: report.by_guide(),
        unjudged: report.unjudged(),
        advice: report
            .advice()
            .into_iter()
            .map(|(index, users)| AdviceView {
                href: rule_href(report, index),
                title: wrong(report.rule(index)),
                users: text::users(users),
            })
            .collect(),
        total: TotalView {
            users: total.users,
            ready: total.ready,
            out_of_scope: total.out_of_scope,
            users_text: text::users(total.users),
            ready_text: text::thousands(total.ready),
            out_of_scope_text: text::thousands(total.out_of_scope),
        },
        verdicts: verdicts(total, report.by_guide()),
        notices: &report.assessment.notices,
        plan: report.plan.filter(|plan| !plan.actions.is_empty()).map(plan_view),
        steps: report.first_steps(STEPS).into_iter().map(draw).collect(),
        causes: causes.into_iter().map(draw).collect(),
        more_causes,
        longest: format!("{} of {}", text::thousands(longest), text::users(total.users)),
        environments: environments
            .map(|(one, counts)| environment_view(report, one, counts))
            .collect(),
        groups: layout.groups.len(),
    }
}

fn plan_view(plan: &crate::plan::Plan) -> PlanView {
    let users = plan.after.users;
    let ready = |ready: usize| {
        let share = shares(&[ready, users.saturating_sub(ready)])[0];
        format!("{} ({share})", text::thousands(ready))
    };
    let action = |action: &crate::plan::Action| ActionView {
        title: action.title.clone(),
        gain: match action.newly_ready {
            0 => "nobody by this alone".to_owned(),
            some => format!("{} more", text::thousands(some)),
        },
        then: ready(action.cumulative_ready),
        condition: action.expected_if,
        clicks: action.clicks.clone(),
        besides: (action.over_grant.users > 0).then(|| {
            format!(
                "{} would gain more than they lack: {}",
                text::users(action.over_grant.users),
                text::some(action.over_grant.privileges.iter().map(String::as_str))
            )
        }),
    };
    PlanView {
        actions: plan.actions.iter().take(STEPS).map(action).collect(),
        number: plan.actions.len(),
        after: ready(plan.after.ready),
        cases: super::super::plan::cases(plan),
    }
}

/// The words that head a verdict.
pub(super) fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "Ready",
        Verdict::Limited => "Limited",
        Verdict::Blocked => "Blocked",
        Verdict::Unknown => "Unknown",
        Verdict::OutOfScope => "Out of scope",
    }
}

/// When the data was collected, over all environments.
pub(super) fn collected(report: &Report<'_>) -> String {
    let finished = || {
        report
            .assessment
            .environments
            .iter()
            .map(|one| one.environment.manifest.collected.finished)
    };
    match (finished().min(), finished().max()) {
        (Some(first), Some(last)) if text::moment(first) != text::moment(last) => {
            format!("between {} and {}", text::moment(first), text::moment(last))
        }
        (Some(first), _) => text::moment(first),
        _ => "never".to_owned(),
    }
}

fn verdicts(total: &Summary, by_guide: bool) -> Vec<VerdictView> {
    let counts: Vec<usize> = VERDICTS.iter().map(|&verdict| count(total, verdict)).collect();
    let parts = VERDICTS
        .into_iter()
        .zip(shares(&counts))
        .zip(chart::ring(&counts));
    parts
        .map(|((verdict, share), arc)| VerdictView {
            word: verdict.name(),
            label: label(verdict),
            meaning: text::meaning(verdict, by_guide),
            count: count(total, verdict),
            count_text: text::thousands(count(total, verdict)),
            share: share.to_string(),
            arc,
        })
        .collect()
}

fn cause_view(report: &Report<'_>, cause: CauseCount, longest: usize) -> CauseView {
    let rule = report.rule(cause.index);
    CauseView {
        href: rule_href(report, cause.index),
        title: wrong(rule),
        severity: rule.severity.name(),
        remedy: rule.remedy.clone(),
        users: cause.users,
        deciding: cause.deciding,
        users_text: text::users(cause.users),
        deciding_text: text::users(cause.deciding),
        users_number: text::thousands(cause.users),
        deciding_number: text::thousands(cause.deciding),
        all_width: chart::width(cause.users, longest),
        first_width: chart::width(cause.deciding, longest),
    }
}

fn environment_view<'a>(
    report: &'a Report<'_>,
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
