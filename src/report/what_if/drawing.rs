//! The drawing of what supposed changes would do, for a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::evaluate::Verdict;
use crate::report::summary::{VERDICTS, count};
use crate::report::terminal::{Look, colour_of, paint};
use crate::report::text::{self, plain, thousands, wrap};

use super::{DifferenceView, RuleView, TransitionView, WhatIfView};

/// Users that are named of each kind.
const NAMED: usize = 10;
/// Rules that are listed.
const RULES: usize = 12;
/// Groups of users with the same gains that are listed.
const GROUPS: usize = 8;
/// Privileges of a group that are named, for each depth.
const PRIVILEGES: usize = 4;

/// Draws what changes would do: what they are, verdicts before and after, who breaks, who becomes
/// ready, which rules decide it, and who gains or loses which privileges.
///
/// # Errors
/// If `out` cannot be written.
pub fn terminal(view: &WhatIfView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let look = Look {
        width: look.width.clamp(40, 120),
        ..look
    };
    let bold = Style::new().bold();
    let title = format!("What if, in {}", plain(view.environment));
    writeln!(out, "{}\n", paint(&title, bold, look))?;
    changes(view, look, out)?;
    verdicts(view, look, out)?;
    for transition in &view.transitions {
        users(transition, look, out)?;
    }
    if view.transitions.is_empty() {
        writeln!(out, "\nNobody's verdict would change.")?;
    }
    rules(view, look, out)?;
    access(view, look, out)?;
    let editions: Vec<&str> = view.packs.iter().map(|pack| pack.edition.as_str()).collect();
    let line = format!(
        "Nothing was changed: this was worked out on a copy in memory. Judged by {}",
        editions.join(", ")
    );
    writeln!(out, "\n{}", wrap(&plain(&line), look.width, 0))
}

fn changes(view: &WhatIfView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let digits = view.changes.len().to_string().len();
    for (change, number) in view.changes.iter().zip(1..) {
        let indent = 2 + digits + 2;
        let changed = match change.changed {
            0 => "changes nothing".to_owned(),
            1 => "1 change".to_owned(),
            more => format!("{} changes", thousands(more)),
        };
        let words = wrap(&format!("{}: {changed}", plain(change.words)), look.width, indent);
        writeln!(out, "  {number:>digits$}. {words}")?;
        for note in change.notes {
            let note = wrap(&plain(note), look.width, indent + 2);
            writeln!(out, "{:indent$}- {note}", "")?;
        }
    }
    if view.outdated_answers > 0 {
        let (who, them) = match view.outdated_answers {
            1 => ("1 user".to_owned(), "that user"),
            more => (text::users(more), "them"),
        };
        let line = format!(
            "The server's own answers about the access of {who} were given before these changes and do not count \
             here: {them} the tables judge."
        );
        let yellow = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
        writeln!(
            out,
            "\n  {} {}",
            paint("!", yellow, look),
            wrap(&line, look.width, 4)
        )?;
    }
    Ok(())
}

fn verdicts(view: &WhatIfView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (&view.drawn.before, &view.drawn.after);
    writeln!(out, "\n  {:<12}{:>9}{:>9}", "", "as it is", "then")?;
    for verdict in VERDICTS.into_iter().chain([Verdict::OutOfScope]) {
        let (was, is) = (count(before, verdict), count(after, verdict));
        if verdict == Verdict::OutOfScope && was == 0 && is == 0 {
            continue;
        }
        let difference = match (is > was, is < was) {
            (true, _) => format!("  +{}", thousands(is - was)),
            (_, true) => format!("  -{}", thousands(was - is)),
            _ => String::new(),
        };
        writeln!(
            out,
            "  {:<12}{:>9}{:>9}{}",
            verdict.name(),
            thousands(was),
            thousands(is),
            paint(&difference, colour_of(verdict), look)
        )?;
    }
    Ok(())
}

fn users(transition: &TransitionView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let who = text::users(transition.users.len());
    let would = format!(
        "{who} would become {} ({} now)",
        transition.after, transition.before
    );
    let heading = match transition.direction {
        "worse" => format!("BREAKS: {would}"),
        "better" => format!("Better: {would}"),
        _ => format!("Other: {would}"),
    };
    let style = colour_of(transition.verdict).bold();
    writeln!(out, "\n{}\n", paint(&heading, style, look))?;
    for user in transition.users.iter().take(NAMED) {
        let name = match user.name.trim() {
            "" => user.id.as_str(),
            name => name,
        };
        let mut line = plain(name).into_owned();
        if !user.email.is_empty() {
            line.push_str(&format!(" <{}>", plain(user.email)));
        }
        if let Some(cause) = &user.cause {
            line.push_str(&format!(": {}", plain(cause)));
        }
        writeln!(out, "  {}", wrap(&line, look.width, 4))?;
    }
    match transition.users.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  … and {} more; --json names them all", thousands(more)),
    }
}

fn rules(view: &WhatIfView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if view.rules.is_empty() {
        return Ok(());
    }
    let heading = paint(
        "Rules with another outcome, by number of users",
        Style::new().bold(),
        look,
    );
    writeln!(out, "\n{heading}\n")?;
    let mut lines = rule_lines(&view.rules);
    // What breaks comes first, whatever else there is.
    lines.sort_by_key(|line| {
        let [broken, unsettled, fixed, settled] = line[0].counts();
        std::cmp::Reverse((broken + unsettled, fixed + settled))
    });
    for line in lines.iter().take(RULES) {
        let words = ["broken", "become unknown", "fixed", "no longer unknown"];
        let counts: Vec<String> = line[0]
            .counts()
            .into_iter()
            .zip(words)
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", thousands(count)))
            .collect();
        let what = match line[..] {
            [rule] => plain(rule.title).into_owned(),
            ref many => {
                let names = text::some(many.iter().map(|rule| rule.rule));
                format!("{} privileges ({})", many.len(), plain(&names))
            }
        };
        let each = if line.len() > 1 { " each" } else { "" };
        let line = format!("{what}: {}{each} ({})", counts.join(", "), line[0].severity);
        writeln!(out, "  {}", wrap(&line, look.width, 4))?;
    }
    match lines.len().saturating_sub(RULES) {
        0 => Ok(()),
        more => writeln!(out, "  … and {more} more; --json names them all"),
    }
}

/// The rules as lines: privileges to which the same happens are one.
fn rule_lines<'v, 'a>(rules: &'v [RuleView<'a>]) -> Vec<Vec<&'v RuleView<'a>>> {
    let mut lines: Vec<Vec<&RuleView<'_>>> = Vec::new();
    for rule in rules {
        let alike = lines.iter_mut().find(|line| {
            rule.is_privilege
                && line[0].is_privilege
                && (line[0].counts(), line[0].severity) == (rule.counts(), rule.severity)
        });
        match alike {
            Some(line) => line.push(rule),
            None => lines.push(vec![rule]),
        }
    }
    lines
}

fn access(view: &WhatIfView<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if view.access.is_empty() {
        return Ok(());
    }
    let heading = "Who gains and loses privileges (of those that rules name)";
    writeln!(out, "\n{}\n", paint(heading, Style::new().bold(), look))?;
    for group in view.access.iter().take(GROUPS) {
        for (differences, certain, doubtful) in [
            (&group.gains, "gain", "may gain"),
            (&group.losses, "lose", "may lose"),
        ] {
            for (is_certain, word) in [(true, certain), (false, doubtful)] {
                let these: Vec<&DifferenceView<'_>> = differences
                    .iter()
                    .filter(|one| one.certain == is_certain)
                    .collect();
                if these.is_empty() {
                    continue;
                }
                let who = text::users(group.users.len());
                let word = match (group.users.len(), word) {
                    (1, "gain") => "gains",
                    (1, "lose") => "loses",
                    (_, word) => word,
                };
                let line = format!("{who} {word} {}", listed(&these));
                writeln!(out, "  {}", wrap(&line, look.width, 4))?;
            }
        }
        let rest = group.users.len() - group.better;
        if !group.gains.is_empty() && rest > 0 {
            let line = match (rest == group.users.len(), rest) {
                (true, 1) => "whose verdict gets no better by it".to_owned(),
                (true, _) => "none of whose verdicts gets better by it".to_owned(),
                (false, rest) => format!("the verdict of {} of them gets no better by it", thousands(rest)),
            };
            writeln!(out, "    {}", wrap(&line, look.width, 4))?;
        }
    }
    match view.access.len().saturating_sub(GROUPS) {
        0 => Ok(()),
        more => {
            let rest = view.access[GROUPS..].iter().map(|group| group.users.len()).sum();
            writeln!(
                out,
                "  … and {} in {more} more groups; --json names them all",
                text::users(rest)
            )
        }
    }
}

/// From which depth, where that is told, to which.
type FromTo<'v> = (Option<&'v str>, Option<&'v str>);

/// The privileges by the depth they go to: `prvReadContact at local; 30 at basic: prvA, prvB, …`.
fn listed(differences: &[&DifferenceView<'_>]) -> String {
    let mut by_depth: Vec<(FromTo<'_>, Vec<&str>)> = Vec::new();
    for one in differences {
        // How far something falls is told; how little there was before a gain is not.
        let before = one.before.filter(|_| one.after.is_some());
        let key = (before, one.after.or(one.before));
        match by_depth.iter_mut().find(|(depth, _)| *depth == key) {
            Some((_, names)) => names.push(one.privilege),
            None => by_depth.push((key, vec![one.privilege])),
        }
    }
    by_depth.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let parts: Vec<String> = by_depth
        .into_iter()
        .map(|((before, after), names)| {
            let depth = match (before, after) {
                (Some(before), Some(after)) => format!("{after} instead of {before}"),
                (_, Some(after)) => after.to_owned(),
                _ => String::new(),
            };
            match names[..] {
                [name] => format!("{name} at {depth}"),
                _ => {
                    let more = names.len().saturating_sub(PRIVILEGES);
                    let mut some: Vec<&str> = names.iter().copied().take(PRIVILEGES).collect();
                    if more > 0 {
                        some.push("…");
                    }
                    format!("{} privileges at {depth} ({})", names.len(), some.join(", "))
                }
            }
        })
        .collect();
    parts.join("; ")
}
