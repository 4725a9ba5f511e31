//! The summary on the terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::evaluate::{Summary, Verdict};
use crate::rules::{Pack, Severity};

use super::plan::{self, PlanReport};
use super::summary::{Report, VERDICTS, count, shares, wrong};
use super::text::{self, plain, thousands, wrap};

/// Causes that are listed.
const CAUSES: usize = 10;
/// First steps that are listed.
const STEPS: usize = 3;
/// Rules that merely advise that are listed.
const ADVICE: usize = 5;
/// Notices that are listed.
const NOTICES: usize = 12;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to colour. Colour never says anything that a word does not say as well.
    pub colour: bool,
}

/// Writes verdict counts, what was not seen, causes by number of users, what to do first and by which
/// packs it was judged.
///
/// # Errors
/// If `out` cannot be written.
pub fn summary(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let look = Look {
        width: look.width.clamp(40, 120),
        ..look
    };
    verdicts(report, look, out)?;
    not_seen(report, look, out)?;
    causes(report, look, out)?;
    first_steps(report, look, out)?;
    advice(report, look, out)?;
    judged_by(report, look, out)
}

fn verdicts(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<_> = report
        .assessment
        .environments
        .iter()
        .map(|one| plain(&one.environment.manifest.environment.name).into_owned())
        .collect();
    let total = &report.summary;
    let names = wrap(&names.join(", "), look.width, 0);
    if total.users == 0 {
        writeln!(out, "{names}: no users in scope.")?;
        return match total.out_of_scope {
            0 => writeln!(out, "Nobody is there to be judged."),
            some => writeln!(out, "{} out of scope.", text::users(some)),
        };
    }
    let ready = format!("{} of {} ready", thousands(total.ready), text::users(total.users));
    writeln!(out, "{names}: {}\n", paint(&ready, Style::new().bold(), look))?;
    bars(total, look, out)
}

/// A line for each verdict, with its part of all as a bar.
fn bars(total: &Summary, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let counts: Vec<usize> = VERDICTS.iter().map(|&verdict| count(total, verdict)).collect();
    let digits = thousands(total.users.max(total.out_of_scope)).len().max(5);
    // 2 + 12 + number + share, then the bar.
    let room = look.width.saturating_sub(2 + 12 + digits + 11 + 2).min(40);
    for ((verdict, &number), share) in VERDICTS.into_iter().zip(&counts).zip(shares(&counts)) {
        // To the nearest block, but nobody vanishes.
        let length = ((number * room + total.users / 2) / total.users).max(usize::from(number > 0));
        let (word, number, share) = (verdict.name(), thousands(number), share.to_string());
        write!(out, "  {word:<12}{number:>digits$} {share:>9}")?;
        if length > 0 {
            write!(out, "  {}", paint(&"█".repeat(length), colour_of(verdict), look))?;
        }
        writeln!(out)?;
    }
    if total.out_of_scope > 0 {
        let (word, number) = (Verdict::OutOfScope.name(), thousands(total.out_of_scope));
        writeln!(out, "  {word:<12}{number:>digits$}     (not counted)")?;
    }
    Ok(())
}

fn causes(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (lines, more) = report.cause_lines(CAUSES);
    if lines.is_empty() {
        return Ok(());
    }
    let heading = paint("Causes by number of users", Style::new().bold(), look);
    writeln!(out, "\n{heading}\n")?;
    let lengths = lines.iter().map(|line| thousands(line[0].users).len());
    let digits = lengths.max().unwrap_or(1);
    for line in &lines {
        let users = line[0].users;
        let rule = report.rule(line[0].index);
        let title = match line.len() {
            1 => wrong(rule),
            many => {
                let ids = line.iter().map(|cause| report.rule(cause.index).id.as_str());
                let (users, some) = (text::users(users), text::some(ids));
                format!("{many} privileges do not reach {users} each: {some}")
            }
        };
        let severity = format!("{:<9}", rule.severity.name());
        writeln!(
            out,
            "  {:>digits$}  {}{}",
            thousands(users),
            paint(&severity, severity_colour(rule.severity), look),
            wrap(&plain(&title), look.width, 2 + digits + 2 + 9)
        )?;
    }
    if more > 0 {
        writeln!(out, "  {:>digits$}  and {more} more", "")?;
    }
    Ok(())
}

/// The first actions of the plan, where the page of the same run has them; else the first causes.
fn first_steps(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if let Some(plan) = report.plan.filter(|plan| !plan.actions.is_empty()) {
        writeln!(out, "\n{}", paint("What to do first", Style::new().bold(), look))?;
        if let Some(cases) = plan::cases(plan) {
            writeln!(out, "\n  {}", wrap(&cases, look.width, 2))?;
        }
        return plan::first(PlanReport::new(report.assessment, plan), STEPS, look, out);
    }
    let steps = report.first_steps(STEPS);
    if steps.is_empty() {
        return Ok(());
    }
    let heading = "What holds up most users, and what helps";
    writeln!(out, "\n{}", paint(heading, Style::new().bold(), look))?;
    for (index, step) in steps.iter().enumerate() {
        let rule = report.rule(step.index);
        let title = format!("{}: {}", plain(&wrong(rule)), text::users(step.deciding));
        writeln!(out, "\n  {}. {}", index + 1, wrap(&title, look.width, 5))?;
        writeln!(out, "     {}", wrap(&plain(&rule.remedy), look.width, 5))?;
    }
    Ok(())
}

fn advice(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let advice = report.advice();
    if advice.is_empty() {
        return Ok(());
    }
    let heading = paint("Advice, which changes no verdict", Style::new().bold(), look);
    writeln!(out, "\n{heading}\n")?;
    let digits = advice.iter().map(|(_, users)| thousands(*users).len()).max();
    let digits = digits.unwrap_or(1);
    for (index, users) in advice.iter().take(ADVICE) {
        let title = plain(&wrong(report.rule(*index))).into_owned();
        let users = thousands(*users);
        writeln!(
            out,
            "  {users:>digits$}  {}",
            wrap(&title, look.width, 4 + digits)
        )?;
    }
    match advice.len().saturating_sub(ADVICE) {
        0 => Ok(()),
        more => writeln!(out, "  {:>digits$}  and {more} more", ""),
    }
}

fn not_seen(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if report.assessment.notices.is_empty() {
        return Ok(());
    }
    let heading = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    writeln!(out, "\n{}\n", paint("Not seen, and other notices", heading, look))?;
    for notice in report.assessment.notices.iter().take(NOTICES) {
        writeln!(out, "  ! {}", wrap(&plain(notice), look.width, 4))?;
    }
    match report.assessment.notices.len().saturating_sub(NOTICES) {
        0 => Ok(()),
        more => writeln!(out, "  ! and {more} more; the HTML report lists them all"),
    }
}

fn judged_by(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let packs = report.assessment.rules.packs.iter();
    let editions: Vec<String> = packs.map(Pack::edition).collect();
    let line = format!("Judged by {}", editions.join(", "));
    writeln!(out, "\n{}", wrap(&plain(&line), look.width, 0))
}

pub(super) fn paint(text: &str, style: Style, look: Look) -> String {
    if look.colour && !text.is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

pub(super) fn colour_of(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Ready => AnsiColor::Green,
        Verdict::Limited => AnsiColor::Yellow,
        Verdict::Blocked => AnsiColor::Red,
        Verdict::Unknown => AnsiColor::Magenta,
        Verdict::OutOfScope => AnsiColor::White,
    };
    Style::new().fg_color(Some(colour.into()))
}

fn severity_colour(severity: Severity) -> Style {
    match severity {
        Severity::Blocks => colour_of(Verdict::Blocked),
        Severity::Limits => colour_of(Verdict::Limited),
        Severity::Advises => Style::new(),
    }
}
