//! An explanation on a terminal.

use std::io::{self, Write};

use super::super::text::{self, one_line, plain, wrap};
use super::told::Told;
use super::{ExplanationView, MessageView, message};

/// Where the texts of a cause begin.
const INDENT: usize = 16;

/// Draws an explanation for a terminal of that many columns.
///
/// # Errors
/// If `out` cannot be written.
pub fn terminal(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let user = &explanation.user;
    writeln!(out, "{}", plain(explanation.shown_name()))?;
    for (label, value) in [
        ("E-mail", &user.email),
        ("Signs in as", &user.sign_in),
        ("Business unit", &user.business_unit),
        ("Environment", &user.environment),
        ("Id", &user.id),
    ] {
        if !value.is_empty() {
            writeln!(out, "  {label:<14}{}", plain(value))?;
        }
    }
    writeln!(out)?;
    for line in verdict(explanation) {
        writeln!(out, "{}", wrap(&plain(&line), width, 0))?;
    }
    if let Some(message) = &explanation.message {
        asked(explanation, message, width, out)?;
    }
    unseen(explanation, width, out)?;
    causes(explanation, width, out)?;
    features(explanation, width, out)?;
    let editions: Vec<&str> = explanation
        .packs
        .iter()
        .map(|pack| pack.edition.as_str())
        .collect();
    let judged = format!("Judged by {}", editions.join(", "));
    writeln!(out, "\n{}", wrap(&plain(&judged), width, 0))
}

/// The verdict and what it means; for someone out of scope, what would be otherwise.
pub(in crate::report) fn verdict(explanation: &ExplanationView) -> Vec<String> {
    let meaning = meaning(&explanation.verdict, explanation.by_guide());
    let verdict = explanation.verdict.to_uppercase();
    let Some(reason) = &explanation.reason else {
        return vec![format!("{verdict}: {meaning}.")];
    };
    let mut lines = vec![format!("{verdict}: {meaning} ({reason}).")];
    if let Some(would_be) = &explanation.would_be {
        lines.push(format!(
            "Otherwise the verdict would be {}.",
            would_be.to_uppercase()
        ));
    }
    if reason == "disabled" {
        // The rule about that is one of the causes; what else there is decides what comes next.
        let blocking = |told: &&Told| told.outcome == "fail" && told.severity == "blocks";
        let others = explanation
            .told
            .iter()
            .filter(blocking)
            .filter(|told| told.rule != "user-enabled");
        lines.push(
            "Nobody can sign in with a disabled account: that alone keeps the app from working.".to_owned(),
        );
        lines.push(match others.count() {
            0 => "Once it is enabled, nothing else that was seen blocks the app.".to_owned(),
            1 => "Once it is enabled, one more thing blocks the app; it is told below.".to_owned(),
            more => format!("Once it is enabled, {more} more things block the app; they are told below."),
        });
    }
    lines
}

fn asked(
    explanation: &ExplanationView,
    message: &MessageView,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = match message.shown() {
        empty if empty.is_empty() => "an empty message".to_owned(),
        shown => format!("“{shown}”"),
    };
    writeln!(out, "\nAsked about: {}", wrap(&plain(&shown), width, 13))?;
    for sentence in message::sentences(explanation, message) {
        writeln!(out, "  {}", wrap(&plain(&sentence), width, 2))?;
    }
    if !message.cannot_be_seen.is_empty() {
        writeln!(
            out,
            "  What cannot be seen from here, and the sources give as a cause:"
        )?;
        for hidden in &message.cannot_be_seen {
            let line = format!("{} Look: {}", hidden.what, hidden.look);
            writeln!(out, "   - {}", wrap(&plain(&line), width, 5))?;
        }
    }
    let mut sources: Vec<&str> = message.documented.iter().map(|one| one.source.as_str()).collect();
    sources.dedup();
    for source in sources {
        writeln!(out, "  Source: {}", wrap(&plain(source), width, 10))?;
    }
    Ok(())
}

fn unseen(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot seen in this environment")?;
    for notice in &explanation.notices {
        writeln!(out, "  ! {}", wrap(&plain(&one_line(notice)), width, 4))?;
    }
    Ok(())
}

fn causes(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.told.is_empty() {
        return writeln!(out, "\nNothing stands in the way.");
    }
    writeln!(out, "\nWhat stands in the way, the most important first")?;
    for (index, told) in explanation.told.iter().enumerate() {
        writeln!(out, "\n{:>2}. {}", index + 1, wrap(&plain(&told.title), width, 4))?;
        writeln!(out, "    {}", told.standing)?;
        if !told.explaining.is_empty() {
            writeln!(out, "    {}", wrap(told.explaining, width, 4))?;
        }
        Sheet { width, out }.draw(told)?;
    }
    Ok(())
}

/// The labelled lines below a cause.
struct Sheet<'o> {
    width: usize,
    out: &'o mut dyn Write,
}

impl Sheet<'_> {
    fn draw(&mut self, told: &Told) -> io::Result<()> {
        self.line("Because", &told.because)?;
        for (word, names) in &told.lists {
            self.line(word, names)?;
        }
        self.line("Expected", &told.expected)?;
        self.line("Found", &told.found)?;
        self.lines("Path", &told.path)?;
        self.lines("Nearest", &told.nearest)?;
        self.line("Would help", told.help.as_deref().unwrap_or_default())?;
        self.lines("What to do", &told.steps)?;
        self.lines("Source", &told.sources)?;
        self.line("Rule", &told.rule)?;
        if told.follows.is_empty() {
            return Ok(());
        }
        let follows = format!("Follows from it: {}", told.follows);
        writeln!(self.out, "    {}", wrap(&plain(&follows), self.width, 4))
    }

    fn lines(&mut self, label: &str, values: &[String]) -> io::Result<()> {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        values
            .iter()
            .zip(labels)
            .try_for_each(|(value, label)| self.line(label, value))
    }

    fn line(&mut self, label: &str, value: &str) -> io::Result<()> {
        if value.trim().is_empty() {
            return Ok(());
        }
        let value = wrap(&plain(&one_line(value)), self.width, INDENT);
        writeln!(self.out, "    {label:<11} {value}")
    }
}

fn features(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.features.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat more the app shows (never changes the verdict)")?;
    for feature in &explanation.features {
        let state = match feature.lit {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let mut line = plain(&feature.title).into_owned();
        if !feature.missing.is_empty() {
            line = format!("{line} (missing: {})", plain(&feature.missing.join(", ")));
        }
        writeln!(out, "  {state:<8}{}", wrap(&line, width, 10))?;
    }
    Ok(())
}

/// What a verdict word means, for someone who reads it for the first time.
fn meaning(verdict: &str, by_guide: bool) -> &'static str {
    use crate::evaluate::Verdict::{Blocked, Limited, OutOfScope, Ready, Unknown};
    [Ready, Limited, Blocked, Unknown, OutOfScope]
        .into_iter()
        .find(|known| known.name() == verdict)
        .map_or("", |known| text::meaning(known, by_guide))
}
