//! The first part of the page: the answer, what was not seen, what to do first, the causes, the
//! business units and the environments.

use serde::Serialize;

use crate::evaluate::{CauseCount, Outcome, Summary, Verdict};
use crate::rules::Pack;

use super::super::group::common_sentences;
use super::super::summary::{Report, VERDICTS, count, shares, wrong};
use super::super::text;
use super::environments::{self, ConflictView, EnvironmentView};
use super::layout::Layout;
use super::units::{self, UnitsView};
use super::{chart, links, rule_href};

/// Causes that stand unfolded.
const CAUSES: usize = 6;
/// Causes in all.
const MOST_CAUSES: usize = 20;
/// First steps.
const STEPS: usize = 6;
/// Notices that stand unfolded.
const NOTICES: usize = 3;
/// Rules named that could not be judged for somebody.
const UNKNOWNS: usize = 2;

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
    short_packs: Vec<String>,
    has_features: bool,
    by_guide: bool,
    unjudged: usize,
    advice: Vec<AdviceView>,
    total: TotalView,
    verdicts: Vec<VerdictView>,
    unknown: Option<UnknownView>,
    notices: &'a [String],
    shown_notices: usize,
    plan: Option<PlanView>,
    steps: Vec<StepView>,
    causes: Vec<CauseView>,
    folded_causes: Vec<CauseView>,
    more_causes: usize,
    longest: String,
    units: Vec<UnitsView>,
    environments: Vec<EnvironmentView<'a>>,
    conflicts: Vec<ConflictView>,
    groups: usize,
}

/// What could not be judged.
#[derive(Serialize)]
struct UnknownView {
    users: usize,
    text: String,
    rules: Vec<AdviceView>,
    more: usize,
}

/// A rule, and how many users it concerns.
#[derive(Serialize)]
struct AdviceView {
    href: String,
    view: String,
    title: String,
    users: String,
}

/// What to do first, by the plan.
#[derive(Serialize)]
struct PlanView {
    actions: Vec<ActionView>,
    /// All of them.
    number: usize,
    before: String,
    before_width: String,
    after: String,
    users_text: String,
    /// How many users fall into how many cases.
    cases: Option<String>,
}

#[derive(Serialize)]
struct ActionView {
    title: String,
    gains: bool,
    gain: String,
    more: String,
    then: String,
    from_width: String,
    gain_width: String,
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
    view: String,
    arc: Option<String>,
}

/// What holds up most users first.
#[derive(Serialize)]
struct StepView {
    href: String,
    title: String,
    deciding_text: String,
}

/// A rule that fails, or several privileges that do so for equally many users.
#[derive(Serialize)]
struct CauseView {
    href: String,
    view: String,
    title: String,
    severity: &'static str,
    users_number: String,
    unit: &'static str,
    deciding: usize,
    deciding_text: String,
    width: String,
    short: String,
    remedy: String,
    rules: Vec<RuleRef>,
}

#[derive(Serialize)]
struct RuleRef {
    id: String,
    href: String,
}

pub(super) fn view<'a>(
    report: &'a Report<'_>,
    layout: &Layout,
    css: &'a str,
    policy: &'a str,
) -> PageView<'a> {
    let total = &report.summary;
    let (lines, more_causes) = report.cause_lines(MOST_CAUSES);
    let longest = lines.iter().map(|line| line[0].users).max().unwrap_or(0);
    let mut causes: Vec<CauseView> = lines
        .iter()
        .map(|line| cause_view(report, line, longest))
        .collect();
    let folded_causes = causes.split_off(causes.len().min(CAUSES));
    let names = report.assessment.environments.iter();
    let names: Vec<&str> = names
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
        short_packs: report
            .assessment
            .rules
            .packs
            .iter()
            .map(|pack| format!("{} {}", pack.id, pack.version))
            .collect(),
        has_features: !report.assessment.rules.features.is_empty(),
        by_guide: report.by_guide(),
        unjudged: report.unjudged(),
        advice: report
            .advice()
            .into_iter()
            .map(|of| advice_view(report, of))
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
        unknown: unknown_view(report),
        notices: &report.assessment.notices,
        shown_notices: NOTICES,
        plan: report.plan.filter(|plan| !plan.actions.is_empty()).map(plan_view),
        steps: report
            .first_steps(1)
            .into_iter()
            .map(|step| StepView {
                href: rule_href(report, step.index),
                title: wrong(report.rule(step.index)),
                deciding_text: text::users(step.deciding),
            })
            .collect(),
        causes,
        folded_causes,
        more_causes,
        longest: format!("{} of {}", text::thousands(longest), text::users(total.users)),
        units: units::views(report),
        environments: environments::views(report, layout),
        conflicts: environments::conflicts(report),
        groups: layout.groups.len(),
    }
}

fn advice_view(report: &Report<'_>, (rule, users): (usize, usize)) -> AdviceView {
    AdviceView {
        href: rule_href(report, rule),
        view: outcome_view(report, [rule], Outcome::Fail),
        title: wrong(report.rule(rule)),
        users: text::users(users),
    }
}

/// The users for whom one of the rules has that outcome.
fn outcome_view(report: &Report<'_>, rules: impl IntoIterator<Item = usize>, outcome: Outcome) -> String {
    let outcome = links::view(&[("outcome", outcome.name().to_owned())]);
    format!("{}&{outcome}", rule_view(report, rules))
}

/// The users for whom one of the rules does not pass.
pub(super) fn rule_view(report: &Report<'_>, rules: impl IntoIterator<Item = usize>) -> String {
    let ids = rules.into_iter().map(|rule| report.rule(rule).id.as_str());
    links::view(&[("rule", ids.collect::<Vec<_>>().join(","))])
}

/// Users whose verdict is unknown, and the rules that could not be judged for somebody.
fn unknown_view(report: &Report<'_>) -> Option<UnknownView> {
    let rules = report.unknowns();
    let users = report.summary.unknown;
    let view = |&(rule, users): &(usize, usize)| AdviceView {
        title: report.rule(rule).title.clone(),
        view: outcome_view(report, [rule], Outcome::Unknown),
        ..advice_view(report, (rule, users))
    };
    (!rules.is_empty()).then(|| UnknownView {
        users,
        text: text::users(users),
        rules: rules.iter().take(UNKNOWNS).map(view).collect(),
        more: rules.len().saturating_sub(UNKNOWNS),
    })
}

fn plan_view(plan: &crate::plan::Plan) -> PlanView {
    let users = plan.after.users;
    let ready = |ready: usize| {
        let share = shares(&[ready, users.saturating_sub(ready)])[0];
        format!("{} ({share})", text::thousands(ready))
    };
    let before = plan.actions.iter().map(|action| action.cumulative_ready);
    let before = std::iter::once(plan.before.ready).chain(before);
    let action = |(action, before): (&crate::plan::Action, usize)| ActionView {
        title: action.title.clone(),
        gains: action.newly_ready > 0,
        gain: format!("+{}", text::thousands(action.newly_ready)),
        more: match action.newly_ready {
            1 => "1 more user".to_owned(),
            some => format!("{} more users", text::thousands(some)),
        },
        then: ready(action.cumulative_ready),
        from_width: chart::width(before.min(action.cumulative_ready), users),
        gain_width: chart::width(action.cumulative_ready.saturating_sub(before), users),
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
        actions: plan.actions.iter().zip(before).take(STEPS).map(action).collect(),
        number: plan.actions.len(),
        before: ready(plan.before.ready),
        before_width: chart::width(plan.before.ready, users),
        after: ready(plan.after.ready),
        users_text: text::users(users),
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
            view: links::view(&[("verdict", verdict.name().to_owned())]),
            arc,
        })
        .collect()
}

fn cause_view(report: &Report<'_>, line: &[CauseCount], longest: usize) -> CauseView {
    let first = line[0];
    let rule = report.rule(first.index);
    let rules = || line.iter().map(|cause| cause.index);
    let deciding = line.iter().map(|cause| cause.deciding).sum();
    let (title, remedy, unit) = match line.len() {
        1 => (wrong(rule), rule.remedy.clone(), "users"),
        many => {
            let common = common_sentences(rules().map(|rule| report.rule(rule).remedy.as_str()));
            let remedy = match common.is_empty() {
                true => "Give these users a role that grants the privileges.".to_owned(),
                false => common,
            };
            (
                format!("{many} privileges do not reach the user"),
                remedy,
                "users each",
            )
        }
    };
    CauseView {
        href: rule_href(report, first.index),
        view: outcome_view(report, rules(), Outcome::Fail),
        title,
        severity: rule.severity.name(),
        users_number: match line.len() {
            1 => text::thousands(first.users),
            _ => format!("{} each", text::thousands(first.users)),
        },
        unit,
        deciding,
        deciding_text: text::users(deciding),
        width: chart::width(first.users, longest),
        short: text::short(&remedy),
        remedy,
        rules: rules()
            .map(|rule| RuleRef {
                id: report.rule(rule).id.clone(),
                href: rule_href(report, rule),
            })
            .collect(),
    }
}
