//! The summary on the terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::evaluate::Verdict;
use crate::rules::Severity;

use super::summary::{Report, VERDICTS, count, shares, wrong};
use super::text::{self, plain, thousands, wrap};

/// Causes that are listed.
const CAUSES: usize = 10;
/// First steps that are listed.
const STEPS: usize = 3;
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

/// Writes verdict counts, causes by number of users, what to do first and what was not seen.
///
/// # Errors
/// If `out` cannot be written.
pub fn summary(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let look = Look {
        width: look.width.clamp(40, 120),
        ..look
    };
    verdicts(report, look, out)?;
    causes(report, look, out)?;
    first_steps(report, look, out)?;
    not_seen(report, look, out)
}

fn verdicts(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<_> = report
        .environments
        .iter()
        .map(|one| plain(&one.manifest().environment.name).into_owned())
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
    let bold = Style::new().bold();
    let ready = format!("{} of {} ready", thousands(total.ready), text::users(total.users));
    writeln!(out, "{names}: {}\n", paint(&ready, bold, look))?;
    let counts: Vec<usize> = VERDICTS.iter().map(|&verdict| count(total, verdict)).collect();
    let digits = thousands(total.users.max(total.out_of_scope)).len().max(5);
    // 2 + 12 + number + share, then the bar.
    let room = look.width.saturating_sub(2 + 12 + digits + 11 + 2).min(40);
    for ((verdict, &number), share) in VERDICTS.into_iter().zip(&counts).zip(shares(&counts)) {
        // To the nearest block, but nobody vanishes.
        let length = ((number * room + total.users / 2) / total.users).max(usize::from(number > 0));
        let line = format!(
            "{:<12}{:>digits$} {:>9}  ",
            verdict.name(),
            thousands(number),
            share.to_string()
        );
        let line = if length == 0 {
            line.trim_end().to_owned()
        } else {
            line
        };
        writeln!(
            out,
            "  {}{}",
            line,
            paint(&"█".repeat(length), colour_of(verdict), look)
        )?;
    }
    if total.out_of_scope > 0 {
        let number = thousands(total.out_of_scope);
        writeln!(
            out,
            "  {:<12}{number:>digits$}     (not counted)",
            Verdict::OutOfScope.name()
        )?;
    }
    Ok(())
}

fn causes(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (causes, more) = report.causes_by_users(CAUSES);
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{}\n",
        paint("Causes by number of users", Style::new().bold(), look)
    )?;
    let digits = causes
        .iter()
        .map(|cause| thousands(cause.users).len())
        .max()
        .unwrap_or(1);
    for cause in &causes {
        let rule = report.rule(cause.index);
        let severity = format!("{:<9}", text::severity(rule.severity));
        let indent = 2 + digits + 2 + 9;
        writeln!(
            out,
            "  {:>digits$}  {}{}",
            thousands(cause.users),
            paint(&severity, severity_colour(rule.severity), look),
            wrap(&plain(&wrong(rule)), look.width, indent)
        )?;
    }
    if more > 0 {
        writeln!(out, "  {:>digits$}  and {more} more", "")?;
    }
    Ok(())
}

fn first_steps(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let steps = report.first_steps(STEPS);
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint("What to do first", Style::new().bold(), look))?;
    for (index, step) in steps.iter().enumerate() {
        let rule = report.rule(step.index);
        let title = format!("{}: {}", plain(&wrong(rule)), text::users(step.deciding));
        writeln!(out, "\n  {}. {}", index + 1, wrap(&title, look.width, 5))?;
        writeln!(out, "     {}", wrap(&plain(&rule.remedy), look.width, 5))?;
    }
    Ok(())
}

fn not_seen(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if report.notices.is_empty() {
        return Ok(());
    }
    let heading = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    writeln!(out, "\n{}\n", paint("Not seen, and other notices", heading, look))?;
    for notice in report.notices.iter().take(NOTICES) {
        writeln!(out, "  ! {}", wrap(&plain(notice), look.width, 4))?;
    }
    match report.notices.len().saturating_sub(NOTICES) {
        0 => Ok(()),
        more => writeln!(out, "  ! and {more} more; the HTML report lists them all"),
    }
}

fn paint(text: &str, style: Style, look: Look) -> String {
    if look.colour && !text.is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

fn colour_of(verdict: Verdict) -> Style {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    fn drawn(sample: &Sample, colour: bool) -> String {
        let mut drawn = Vec::new();
        summary(&sample.report(), Look { width: 78, colour }, &mut drawn).expect("a vector takes everything");
        String::from_utf8(drawn).expect("text")
    }

    #[test]
    fn the_summary_reads_well() {
        insta::assert_snapshot!(drawn(&Sample::contoso(), false), @r#"
        contoso: 120 of 195 users ready

          ready         120    61.5 %  █████████████████████████
          limited        20    10.3 %  ████
          blocked        50    25.6 %  ██████████
          unknown         5     2.6 %  █
          out-of-scope    5     (not counted)

        Causes by number of users

          30  blocks   Not so: Incoming email passed Test & Enable
          20  limits   Not so: Appointments, contacts and tasks passed Test & Enable
          15  blocks   Privilege `prvUseOfficeApps` does not reach the user
          10  blocks   Not so: The user holds a security role
           5  blocks   Not so: The user has a mailbox record
              and 23 more

        What to do first

          1. Not so: Incoming email passed Test & Enable: 30 users
             Select the mailbox in Email Configuration > Mailboxes and run Test &
             Enable Mailbox; read its Alerts if it fails again.

          2. Not so: The user holds a security role: 10 users
             Assign the role Dynamics 365 App for Outlook User directly, or add the
             user to a team that carries it.

          3. Not so: The user has a mailbox record: 5 users
             Open Email Configuration > Mailboxes and create the mailbox, or wait
             until the user record is synchronized.

        Not seen, and other notices

          ! contoso: table `tracelog` could not be read: forbidden (prvReadTraceLog).
          ! The waiver by Dana Reed for `outgoing-email-test-passed` expired on
            2026-10-31; it no longer counts.
        "#);
    }

    #[test]
    fn nobody_at_all_reads_well() {
        insta::assert_snapshot!(drawn(&Sample::nobody(), false), @r#"
        contoso: no users in scope.
        Nobody is there to be judged.
        "#);
    }

    #[test]
    fn hostile_names_do_not_reach_the_terminal() {
        let text = drawn(&Sample::hostile(), false);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
        assert!(drawn(&Sample::contoso(), true).contains('\u{1b}'));
    }
}
