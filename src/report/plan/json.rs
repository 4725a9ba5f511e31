//! `clearance.plan/1` (contract; JSON Schema in `schemas/`).
//!
//! Actions are written one by one: the changes of one name every user it is for.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::plan::Action;
use crate::what_if::Change;

use super::super::json::SummaryView;
use super::super::text;
use super::PlanReport;

/// JSON Schema of [`json`].
pub const PLAN_SCHEMA: &str = include_str!("../../../schemas/plan-1.schema.json");

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    tool: &'static str,
    assessed_at: Timestamp,
    environment: EnvironmentView<'a>,
    summary: Both,
    optimal: bool,
    bound: f64,
    considered: usize,
    considers_held_roles: bool,
    cases: usize,
}

#[derive(Serialize)]
struct EnvironmentView<'a> {
    name: &'a str,
    url: &'a str,
    organization_id: &'a str,
}

#[derive(Serialize)]
struct Both {
    before: SummaryView,
    after: SummaryView,
}

#[derive(Serialize)]
struct ActionView<'a> {
    key: &'a str,
    title: &'a str,
    kind: &'static str,
    clicks: &'a str,
    users: usize,
    newly_ready: usize,
    cumulative_ready: usize,
    expected_if: Option<&'a str>,
    over_grant: OverGrantView<'a>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct OverGrantView<'a> {
    users: usize,
    privileges: &'a [String],
}

#[derive(Serialize)]
struct LeftView<'a> {
    rule: &'a str,
    title: &'a str,
    outcome: &'static str,
    users: usize,
    why: &'static str,
    remedy: &'a str,
}

/// Writes `clearance.plan/1`.
///
/// # Errors
/// If `out` cannot be written.
pub fn json(report: PlanReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let plan = report.plan;
    let Some(assessed) = report.assessment.environments.first() else {
        return Ok(());
    };
    let about = &assessed.environment.manifest.environment;
    let head = Head {
        schema: "clearance.plan/1",
        tool: text::TOOL,
        assessed_at: report.assessment.assessed_at,
        environment: EnvironmentView {
            name: &about.name,
            url: &about.url,
            organization_id: &about.organization_id,
        },
        summary: Both {
            before: SummaryView::of(&plan.before),
            after: SummaryView::of(&plan.after),
        },
        optimal: plan.optimal,
        bound: plan.bound,
        considered: plan.considered,
        considers_held_roles: plan.considers_held_roles,
        cases: plan.cases,
    };
    let mut text = serde_json::to_string(&head)?;
    // The object goes on.
    text.pop();
    write!(out, "{text},\n\"actions\":[")?;
    for (number, action) in plan.actions.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &action_view(action, action.changes(assessed)))?;
    }
    write!(out, "],\n\"left_users\":{},\n\"left\":[", plan.left_users)?;
    for (number, left) in plan.left.iter().enumerate() {
        let rule = &report.assessment.rules.rules[left.rule];
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        let view = LeftView {
            rule: &rule.id,
            title: &rule.title,
            outcome: if left.unknown { "unknown" } else { "fail" },
            users: left.users,
            why: left.why,
            remedy: &rule.remedy,
        };
        serde_json::to_writer(&mut *out, &view)?;
    }
    out.write_all(b"]}\n")
}

fn action_view(action: &Action, changes: Vec<Change>) -> ActionView<'_> {
    ActionView {
        key: &action.key,
        title: &action.title,
        kind: action.kind.name(),
        clicks: &action.clicks,
        users: action.users.len(),
        newly_ready: action.newly_ready,
        cumulative_ready: action.cumulative_ready,
        expected_if: action.expected_if,
        over_grant: OverGrantView {
            users: action.over_grant.users,
            privileges: &action.over_grant.privileges,
        },
        changes,
    }
}
