//! The assessment and the explanation as JSON (contract: `design.md` §7).
//!
//! The types here are frozen views: they change only with a new format version, whatever happens
//! to the types of the evaluator. Users are drawn in parallel and written one per line, so the
//! document is never in memory as a whole.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;
use serde::ser::SerializeSeq as _;

use crate::evaluate::{EnvironmentAssessment, RuleCount, Summary, Told, Verdict, Words};
use crate::rules::{Pack, Rule, RuleIndex};
use crate::snapshot::{Gap, Manifest};

use super::summary::Report;
use super::{ExplanationView, WhatIfView, chunks, text};

/// JSON Schema of [`assessment`].
pub const ASSESSMENT_SCHEMA: &str = include_str!("../../schemas/assessment-1.schema.json");
/// JSON Schema of [`explanation`].
pub const EXPLANATION_SCHEMA: &str = include_str!("../../schemas/explanation-1.schema.json");
/// JSON Schema of [`what_if`].
pub const WHAT_IF_SCHEMA: &str = include_str!("../../schemas/what-if-1.schema.json");
/// JSON Schema of the difference between two versions of rule files.
pub const DIFFERENCE_SCHEMA: &str = include_str!("../../schemas/rules-difference-1.schema.json");

#[derive(Serialize)]
struct EnvironmentView<'a> {
    url: &'a str,
    name: &'a str,
    organization_id: &'a str,
    build: Option<&'a str>,
    deployment: crate::snapshot::manifest::Deployment,
    region: Option<&'a str>,
    collected: &'a crate::snapshot::manifest::Collected,
    gaps: &'a [Gap],
}

#[derive(Serialize)]
struct PackView<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    source: &'a str,
    sha256: &'a str,
    overrides: Vec<OverrideView<'a>>,
    features: Vec<FeatureView<'a>>,
}

/// A severity that the settings changed.
#[derive(Serialize)]
struct OverrideView<'a> {
    rule: &'a str,
    from: &'static str,
    to: &'static str,
}

/// For how many users in scope a feature lights up.
#[derive(Serialize)]
struct FeatureView<'a> {
    id: &'a str,
    title: &'a str,
    lit: usize,
    unlit: usize,
    unknown: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct SummaryView {
    users: usize,
    ready: usize,
    limited: usize,
    blocked: usize,
    unknown: usize,
    out_of_scope: usize,
}

#[derive(Serialize)]
struct RuleView<'a> {
    id: &'a str,
    pack: &'a str,
    scope: &'a str,
    severity: &'a str,
    pass: usize,
    fail: usize,
    unknown: usize,
    not_applicable: usize,
    waived: usize,
}

/// What is to be said of an environment by one of its rules.
struct EnvironmentFindingView<'a> {
    environment: &'a EnvironmentAssessment<'a>,
    rule: RuleIndex,
}

impl Serialize for EnvironmentFindingView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a> {
            environment: &'a str,
            #[serde(flatten)]
            finding: FindingView<'a>,
        }
        let mut words = Words::default();
        let told = self.environment.tell(self.rule, 0, &mut words);
        let view = Named {
            environment: &self.environment.environment.manifest.environment.name,
            finding: finding_view(self.environment, &told, 0),
        };
        view.serialize(serializer)
    }
}

/// What is to be said of a user, told one by one while it is written.
struct FindingsView<'a> {
    environment: &'a EnvironmentAssessment<'a>,
    user: usize,
}

impl Serialize for FindingsView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut words = Words::default();
        for rule in self.environment.told_rules(self.user) {
            let told = self.environment.tell(rule, self.user, &mut words);
            list.serialize_element(&finding_view(self.environment, &told, self.user))?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct UserView<'a> {
    id: String,
    environment: &'a str,
    name: &'a str,
    email: &'a str,
    business_unit: &'a str,
    verdict: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    deployment: &'a str,
    features: LitView<'a>,
    findings: FindingsView<'a>,
}

/// Every feature by its id: whether it lights up, null when that is not known.
struct LitView<'a>(Vec<(&'a str, Option<bool>)>);

impl Serialize for LitView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'a str,
    outcome: &'a str,
    severity: &'a str,
    expected: &'a str,
    observed: &'a str,
    cause: &'a str,
    path: Vec<String>,
    remedy: &'a str,
}

#[derive(Serialize)]
struct ExplanationDocument<'a> {
    schema: &'static str,
    #[serde(flatten)]
    explanation: &'a ExplanationView,
}

/// Writes `clearance.assessment/1`.
///
/// # Errors
/// If `out` cannot be written.
pub fn assessment(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let of = report.assessment;
    out.write_all(b"{")?;
    member(out, "", "schema", "clearance.assessment/1")?;
    member(out, ",", "tool", text::TOOL)?;
    member(out, ",", "assessed_at", &of.assessed_at)?;
    let environments = of.environments.iter();
    list(
        out,
        "environments",
        environments.map(|one| environment_view(&one.environment.manifest)),
    )?;
    list(out, "notices", of.notices.iter())?;
    list(out, "packs", pack_views(report).into_iter())?;
    member(out, ",", "summary", &SummaryView::of(&report.summary))?;
    let rules = of.rules.rules.iter().zip(&report.rule_counts);
    list(
        out,
        "rules",
        rules.map(|(rule, count)| rule_view(&of.rules.packs, rule, count)),
    )?;
    let own = of.environments.iter().flat_map(|environment| {
        let rules = environment.told_rules_of_environment();
        rules.map(move |rule| EnvironmentFindingView { environment, rule })
    });
    list(out, "environment_findings", own)?;
    out.write_all(b",\n\"users\":[")?;
    users(report, out)?;
    out.write_all(b"]}\n")
}

/// Writes `clearance.explanation/1`.
///
/// # Errors
/// If `out` cannot be written.
pub fn explanation(explanation: &ExplanationView, out: &mut dyn Write) -> io::Result<()> {
    let view = ExplanationDocument {
        schema: "clearance.explanation/1",
        explanation,
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct WhatIfDocument<'a> {
    schema: &'static str,
    tool: &'static str,
    #[serde(flatten)]
    view: &'a WhatIfView<'a>,
}

/// Writes what supposed changes would do as `clearance.what-if/1`.
///
/// # Errors
/// If `out` cannot be written.
pub fn what_if(view: &WhatIfView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = WhatIfDocument {
        schema: "clearance.what-if/1",
        tool: text::TOOL,
        view,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn users(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // Each user is drawn with a comma before it, as no chunk knows whether it is the first.
    let mut first = true;
    for environment in &report.assessment.environments {
        let draw = |range: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            for user in range.filter(|&user| environment.is_reported(user)) {
                buffer.extend_from_slice(b",\n");
                user_view(environment, user, buffer)?;
            }
            Ok(())
        };
        let write = |bytes: &mut Vec<u8>| {
            let skip = usize::from(first && !bytes.is_empty());
            first &= bytes.is_empty();
            out.write_all(&bytes[skip..])
        };
        chunks::in_order(environment.users(), report.chunk_with_findings(), draw, write)?;
    }
    Ok(())
}

fn user_view(environment: &EnvironmentAssessment<'_>, user: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    let row = environment.row(user);
    let view = UserView {
        id: row.id.to_string(),
        environment: &environment.environment.manifest.environment.name,
        name: row.name,
        email: row.email,
        business_unit: &row.business_unit,
        verdict: row.verdict.name(),
        reason: row.reason,
        deployment: row.deployment.name(),
        features: LitView(match row.verdict {
            Verdict::OutOfScope => Vec::new(),
            _ => environment.lit_by_id(user).collect(),
        }),
        findings: FindingsView { environment, user },
    };
    Ok(serde_json::to_writer(buffer, &view)?)
}

fn finding_view<'a>(
    environment: &EnvironmentAssessment<'_>,
    told: &'a Told<'_>,
    user: usize,
) -> FindingView<'a> {
    FindingView {
        rule: &told.rule.id,
        outcome: told.outcome.name(),
        severity: told.rule.severity.name(),
        expected: told.expected,
        observed: told.observed,
        cause: told.cause,
        path: environment.path(told, user),
        remedy: &told.rule.remedy,
    }
}

fn pack_views<'a>(report: &'a Report<'_>) -> Vec<PackView<'a>> {
    let rules = report.assessment.rules;
    let counts = report.assessment.feature_counts();
    let packs = rules.packs.iter().enumerate();
    packs
        .map(|(position, pack)| PackView {
            id: &pack.id,
            title: &pack.title,
            version: &pack.version,
            source: &pack.source,
            sha256: &pack.sha256,
            overrides: rules
                .rules
                .iter()
                .filter(|rule| rule.pack == position)
                .filter_map(|rule| {
                    Some(OverrideView {
                        rule: &rule.id,
                        from: rule.shipped_severity?.name(),
                        to: rule.severity.name(),
                    })
                })
                .collect(),
            features: rules
                .features
                .iter()
                .zip(&counts)
                .filter(|(feature, _)| feature.pack == position)
                .map(|(feature, count)| FeatureView {
                    id: &feature.id,
                    title: &feature.title,
                    lit: count.lit,
                    unlit: count.unlit,
                    unknown: count.unknown,
                })
                .collect(),
        })
        .collect()
}

impl SummaryView {
    pub(super) fn of(total: &Summary) -> SummaryView {
        SummaryView {
            users: total.users,
            ready: total.ready,
            limited: total.limited,
            blocked: total.blocked,
            unknown: total.unknown,
            out_of_scope: total.out_of_scope,
        }
    }
}

fn rule_view<'a>(packs: &'a [Pack], rule: &'a Rule, count: &RuleCount) -> RuleView<'a> {
    RuleView {
        id: &rule.id,
        pack: packs.get(rule.pack).map_or("", |pack| &pack.id),
        scope: rule.scope.name(),
        severity: rule.severity.name(),
        pass: count.pass,
        fail: count.fail,
        unknown: count.unknown,
        not_applicable: count.not_applicable,
        waived: count.waived,
    }
}

fn environment_view(manifest: &Manifest) -> EnvironmentView<'_> {
    let environment = &manifest.environment;
    EnvironmentView {
        url: &environment.url,
        name: &environment.name,
        organization_id: &environment.organization_id,
        build: environment.build.as_deref(),
        deployment: environment.deployment,
        region: environment.region.as_deref(),
        collected: &manifest.collected,
        gaps: &manifest.gaps,
    }
}

/// One member of the top-level object, on its own line.
fn member<T: Serialize + ?Sized>(out: &mut dyn Write, comma: &str, key: &str, value: &T) -> io::Result<()> {
    write!(out, "{comma}\n\"{key}\":")?;
    Ok(serde_json::to_writer(out, value)?)
}

/// A member that holds a list, one item per line.
fn list<T: Serialize>(out: &mut dyn Write, key: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
    write!(out, ",\n\"{key}\":[")?;
    for (index, item) in items.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    out.write_all(b"]")
}
