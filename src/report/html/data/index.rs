//! The index: what a row of the table shows and what a filter asks, a column each, and the
//! dictionaries that the columns point into. What was collected stands here as it was read, so that
//! the table can be saved as the same CSV; the script makes it legible where it shows it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::Serialize;

use crate::evaluate::{Deployment, EnvironmentAssessment, Outcome, Verdict, Words};
use crate::rules::Severity;

use super::super::super::summary::{Report, wrong};
use super::super::super::text;
use super::super::cases::{Cases, Numbered, numbered};
use super::super::layout::{ORDER, Who};
use super::super::{legible, rule_anchor};
use super::PER_BLOCK;
use super::listed::{Folded, Listed};
use super::units::{UnitView, Units};

/// The outcomes that are told, by the codes that stand for them.
pub(super) const OUTCOMES: [Outcome; 3] = [Outcome::Fail, Outcome::Unknown, Outcome::Waived];

/// The states of the app in Outlook, with the words for them.
const DEPLOYMENTS: [(Deployment, &str); 7] = [
    (Deployment::Added, "Added"),
    (Deployment::Pending, "Queued"),
    (Deployment::NotAdded, "Not added"),
    (Deployment::InstallFailed, "Adding it failed"),
    (Deployment::UpgradeRequired, "To be upgraded"),
    (Deployment::UninstallFailed, "Removing it failed"),
    (Deployment::Unknown, "Not known"),
];

#[derive(Serialize)]
pub(super) struct IndexView<'a> {
    format: u8,
    tool: &'static str,
    assessed_at: Timestamp,
    per_block: usize,
    environments: Vec<EnvironmentView<'a>>,
    units: Vec<UnitView>,
    roles: Vec<String>,
    verdicts: [&'static str; ORDER.len()],
    deployments: Vec<DeploymentView>,
    outcomes: [&'static str; OUTCOMES.len()],
    rules: Vec<RuleView<'a>>,
    features: Vec<FeatureView<'a>>,
    feature_sets: Vec<FeatureSet>,
    cases: Vec<Vec<(usize, usize)>>,
    role_sets: Vec<Vec<usize>>,
    texts: Vec<String>,
    users: Columns<'a>,
    folded: Option<&'a Folded>,
}

#[derive(Serialize)]
struct EnvironmentView<'a> {
    name: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct DeploymentView {
    word: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct RuleView<'a> {
    id: Cow<'a, str>,
    title: Cow<'a, str>,
    cause: String,
    severity: &'static str,
    scope: &'static str,
    anchor: String,
}

#[derive(Serialize)]
struct FeatureView<'a> {
    id: Cow<'a, str>,
    title: Cow<'a, str>,
}

/// Positions of features, by whether they light up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
struct FeatureSet {
    lit: Vec<usize>,
    unlit: Vec<usize>,
    unknown: Vec<usize>,
}

/// By user that is listed.
#[derive(Serialize)]
struct Columns<'a> {
    id: String,
    name: Vec<&'a str>,
    email: Vec<&'a str>,
    environment: Vec<usize>,
    unit: Vec<i32>,
    verdict: Vec<u8>,
    deployment: Vec<usize>,
    case: Vec<usize>,
    roles: Vec<i32>,
    features: Vec<i32>,
    cause: Vec<i32>,
    step: Vec<i32>,
}

pub(super) fn view<'a>(report: &'a Report<'_>, cases: &Cases, listed: &'a Listed) -> IndexView<'a> {
    let assessment = report.assessment;
    let who: Vec<Who> = listed.users.iter().map(|&user| cases.who[user]).collect();
    let environment = |one: &Who| &assessment.environments[one.0];
    let rows = || who.iter().map(|one| environment(one).row(one.1));
    let units = Units::of(report, cases);
    let (roles, role_sets) = roles(report, &who);
    let features = features(report, &who);
    let mut texts = texts(report, &who);
    let steps = texts.codes.split_off(who.len());
    let users = Columns {
        id: rows().map(|row| format!("{:032x}", row.id.0)).collect(),
        name: rows().map(|row| row.name).collect(),
        email: rows().map(|row| row.email).collect(),
        environment: who.iter().map(|one| one.0).collect(),
        unit: who
            .iter()
            .map(|one| units.position(one.0, environment(one).business_unit_id(one.1)))
            .collect(),
        verdict: listed.users.iter().map(|&user| cases.verdicts[user]).collect(),
        deployment: rows().map(|row| deployment(row.deployment)).collect(),
        case: listed.users.iter().map(|&user| cases.of[user]).collect(),
        roles: role_sets.codes,
        features: features.codes,
        cause: texts.codes,
        step: steps,
    };
    IndexView {
        format: 1,
        tool: text::TOOL,
        assessed_at: assessment.assessed_at,
        per_block: PER_BLOCK,
        environments: assessment.environments.iter().map(environment_view).collect(),
        units: units.views,
        roles,
        verdicts: ORDER.map(Verdict::name),
        deployments: DEPLOYMENTS
            .iter()
            .map(|(state, label)| DeploymentView {
                word: state.name(),
                label,
            })
            .collect(),
        outcomes: OUTCOMES.map(Outcome::name),
        rules: (0..assessment.rules.rules.len())
            .map(|rule| rule_view(report, rule))
            .collect(),
        features: assessment
            .rules
            .features
            .iter()
            .map(|feature| FeatureView {
                id: legible(&feature.id),
                title: legible(&feature.title),
            })
            .collect(),
        feature_sets: features.values,
        cases: cases
            .cases
            .iter()
            .map(|case| {
                case.iter()
                    .map(|(rule, outcome)| (*rule, told(*outcome)))
                    .collect()
            })
            .collect(),
        role_sets: role_sets.values,
        texts: texts.values,
        users,
        folded: listed.folded.as_ref(),
    }
}

/// The code of an outcome that is told.
pub(super) fn told(outcome: Outcome) -> usize {
    OUTCOMES
        .iter()
        .position(|one| *one == outcome)
        .unwrap_or_default()
}

fn deployment(state: Deployment) -> usize {
    let mut known = DEPLOYMENTS.iter();
    known
        .position(|(one, _)| *one == state)
        .unwrap_or(DEPLOYMENTS.len() - 1)
}

fn environment_view<'a>(environment: &'a EnvironmentAssessment<'_>) -> EnvironmentView<'a> {
    let about = &environment.environment.manifest.environment;
    EnvironmentView {
        name: &about.name,
        id: &about.organization_id,
    }
}

fn rule_view<'a>(report: &'a Report<'_>, index: usize) -> RuleView<'a> {
    let rule = report.rule(index);
    RuleView {
        id: legible(&rule.id),
        title: legible(&rule.title),
        cause: legible(&wrong(rule)).into_owned(),
        severity: Severity::name(rule.severity),
        scope: rule.scope.name(),
        anchor: rule_anchor(report, index),
    }
}

/// The names of roles that reach someone, sorted, and the sets of them that reach one user.
fn roles(report: &Report<'_>, who: &[Who]) -> (Vec<String>, Numbered<Vec<usize>>) {
    let environments = &report.assessment.environments;
    let known: Vec<_> = environments.iter().map(|one| one.access().role_names()).collect();
    // A role of the same name in another environment is the same for a reader.
    let all: BTreeSet<&str> = known
        .iter()
        .flat_map(|one| &one.names)
        .map(String::as_str)
        .collect();
    let all: Vec<&str> = all.into_iter().collect();
    let positions: Vec<Vec<usize>> = known
        .iter()
        .map(|one| {
            let position = |name: &String| all.binary_search(&name.as_str()).unwrap_or_default();
            one.names.iter().map(position).collect()
        })
        .collect();
    let mut sets = numbered(who.len(), |one| {
        let (place, user) = who[one];
        let reaching = environments[place].access().roles_reaching(&known[place], user);
        let positions = &positions[place];
        Some(
            reaching
                .into_iter()
                .map(|role| positions[role as usize])
                .collect::<Vec<usize>>(),
        )
    });
    let used: BTreeSet<usize> = sets.values.iter().flatten().copied().collect();
    let used: Vec<usize> = used.into_iter().collect();
    for role in sets.values.iter_mut().flatten() {
        *role = used.binary_search(role).unwrap_or_default();
    }
    let names = used.iter().map(|&role| all[role].to_owned());
    (names.collect(), sets)
}

/// What lights up for a user; nothing is said of those out of scope.
fn features(report: &Report<'_>, who: &[Who]) -> Numbered<FeatureSet> {
    numbered(who.len(), |one| {
        let (place, user) = who[one];
        let environment = &report.assessment.environments[place];
        if environment.verdict(user) == Verdict::OutOfScope {
            return None;
        }
        let mut set = FeatureSet::default();
        for feature in 0..report.assessment.rules.features.len() {
            match environment.is_lit(feature, user) {
                Some(true) => set.lit.push(feature),
                Some(false) => set.unlit.push(feature),
                None => set.unknown.push(feature),
            }
        }
        Some(set)
    })
}

/// The first cause of each user, or the reason of being out of scope; then the next step of each.
fn texts(report: &Report<'_>, who: &[Who]) -> Numbered<String> {
    let lines: Vec<(Option<String>, Option<String>)> = who
        .par_iter()
        .map_init(Words::default, |words, &(place, user)| {
            let environment = &report.assessment.environments[place];
            let line = |text: &str| Some(text::one_line(text).into_owned()).filter(|one| !one.is_empty());
            match (environment.row(user).reason, environment.top_cause(user, words)) {
                (Some(reason), _) => (line(reason), None),
                (None, Some(top)) => (line(top.cause), line(top.remedy)),
                (None, None) => (None, None),
            }
        })
        .collect();
    let numbered = numbered(who.len() * 2, |one| match one.checked_sub(who.len()) {
        None => lines[one].0.as_deref(),
        Some(one) => lines[one].1.as_deref(),
    });
    Numbered {
        values: numbered.values.into_iter().map(str::to_owned).collect(),
        codes: numbered.codes,
    }
}
