//! The plan for people.

use std::io::{self, Write};

use anstyle::Style;

use crate::plan::{Action, Left};

use super::super::summary::{shares, wrong};
use super::super::terminal::{Look, paint};
use super::super::text::{self, plain, thousands, wrap};
use super::PlanReport;

/// Rules that are listed of what is left.
const LEFT: usize = 8;
/// Privileges that are named of what an action gives besides.
const NAMED: usize = 4;

/// Writes the actions in order, how many users are ready with each, and what is left.
///
/// # Errors
/// If `out` cannot be written.
pub fn terminal(report: PlanReport<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let look = Look {
        width: look.width.clamp(40, 120),
        ..look
    };
    head(report, look, out)?;
    for (number, action) in report.plan.actions.iter().enumerate() {
        one(report, number, action, look, out)?;
    }
    choice(report, look, out)?;
    left(report, look, out)
}

/// Writes the first actions, for a summary that says more besides.
pub(in crate::report) fn first(
    report: PlanReport<'_>,
    most: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (number, action) in report.plan.actions.iter().take(most).enumerate() {
        one(report, number, action, look, out)?;
    }
    match report.plan.actions.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(
            out,
            "\n     And {more} more: `clearance plan` lists all, with what is left."
        ),
    }
}

fn head(report: PlanReport<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let plan = report.plan;
    let names = report.assessment.environments.iter();
    let name = names
        .map(|one| plain(&one.environment.manifest.environment.name).into_owned())
        .collect::<String>();
    let (ready, users) = (thousands(plan.before.ready), text::users(plan.before.users));
    let now = format!("{ready} of {users} ready");
    let more = plan.after.ready.saturating_sub(plan.before.ready);
    let line = match plan.actions.len() {
        0 if plan.before.ready == plan.before.users => format!("{name}: {now}. There is nothing to do."),
        0 => format!("{name}: {now}. No action on many users at once makes more of them ready."),
        actions => {
            let actions = if actions == 1 {
                "1 action makes".to_owned()
            } else {
                format!("{actions} actions make")
            };
            let after = shares(&[plan.after.ready, plan.after.users - plan.after.ready])[0];
            format!(
                "{name}: {now}; {actions} it {} ({after}), {} more",
                thousands(plan.after.ready),
                thousands(more)
            )
        }
    };
    writeln!(
        out,
        "{}",
        paint(&wrap(&line, look.width, 0), Style::new().bold(), look)
    )?;
    match super::cases(plan) {
        Some(cases) => writeln!(out, "{}", wrap(&cases, look.width, 0)),
        None => Ok(()),
    }
}

fn one(
    report: PlanReport<'_>,
    number: usize,
    action: &Action,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let total = report.plan.after.users;
    let share = shares(&[action.cumulative_ready, total - action.cumulative_ready])[0];
    let indent = 5;
    let title = wrap(&plain(&action.title), look.width, indent);
    writeln!(
        out,
        "\n{:>3}. {}",
        number + 1,
        paint(&title, Style::new().bold(), look)
    )?;
    let mut line = match action.newly_ready {
        0 => "Nobody is ready by this alone".to_owned(),
        some => format!("{} more ready", thousands(some)),
    };
    line.push_str(&format!(
        "; with this and what is above: {} ({share})",
        thousands(action.cumulative_ready)
    ));
    if let Some(condition) = action.expected_if {
        line.push_str(&format!(", if {condition}"));
    }
    writeln!(out, "     {}.", wrap(&line, look.width, indent))?;
    if !action.clicks.is_empty() {
        writeln!(out, "     {}", wrap(&plain(&action.clicks), look.width, indent))?;
    }
    let over = &action.over_grant;
    if over.users > 0 {
        let mut names: Vec<&str> = over.privileges.iter().take(NAMED).map(String::as_str).collect();
        let more = format!("{} more", over.privileges.len().saturating_sub(NAMED));
        if over.privileges.len() > NAMED {
            names.push(&more);
        }
        let gains = if over.users == 1 { "gains" } else { "gain" };
        let line = format!(
            "Also: {} {gains} more than they lack: {}.",
            text::users(over.users),
            names.join(", ")
        );
        writeln!(out, "     {}", wrap(&plain(&line), look.width, indent))?;
    }
    Ok(())
}

/// How sure it is that these are the fewest, and what cannot be seen of roles.
fn choice(report: PlanReport<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let plan = report.plan;
    if plan.actions.is_empty() {
        return Ok(());
    }
    let mut text = if plan.optimal {
        format!(
            "No fewer of the {} actions that were considered do the same.",
            plan.considered
        )
    } else {
        format!(
            "Chosen from {} actions by taking the most useful one again and again: at most {:.1} times as many as the \
             fewest that do the same.",
            plan.considered, plan.bound
        )
    };
    if !plan.considers_held_roles {
        text.push_str(
            " People's access is so varied that only assigning roles was considered, not changing the roles they hold.",
        );
    }
    if plan.actions.iter().any(|action| action.kind.is_access()) {
        text.push_str(
            " Of roles only those privileges were read that the rules ask about: look at what else a role grants before \
             you assign it.",
        );
    }
    writeln!(out, "\n{}", wrap(&text, look.width, 0))
}

fn left(report: PlanReport<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let plan = report.plan;
    if plan.left_users == 0 {
        return Ok(());
    }
    let are = if plan.left_users == 1 { "is" } else { "are" };
    let heading = format!(
        "Left: {} {are} not ready after this",
        text::users(plan.left_users)
    );
    writeln!(out, "\n{}\n", paint(&heading, Style::new().bold(), look))?;
    let digits = plan
        .left
        .iter()
        .map(|left| thousands(left.users).len())
        .max()
        .unwrap_or(1);
    for left in plan.left.iter().take(LEFT) {
        let line = format!("{}: {}", said(report, left), left.why);
        writeln!(
            out,
            "  {:>digits$}  {}",
            thousands(left.users),
            wrap(&plain(&line), look.width, 4 + digits)
        )?;
    }
    match plan.left.len().saturating_sub(LEFT) {
        0 => Ok(()),
        more => writeln!(out, "  {:>digits$}  and {more} more rules", ""),
    }
}

/// What is wrong, or what it is that is not known.
fn said(report: PlanReport<'_>, left: &Left) -> String {
    let rule = &report.assessment.rules.rules[left.rule];
    if left.unknown {
        format!("Not known: {}", rule.title.trim_end_matches('.'))
    } else {
        wrong(rule)
    }
}
