//! The script for PowerShell, 5.1 or 7, and the Dataverse Web API.
//!
//! What it does stands in `reports/script/powershell-*.ps1`; this writes the data between: one call of
//! `Add-Action` for every action, with three lines for every step. The lines are data to the script and
//! hold the whole request, so that who reads it sees what would be sent.

use std::io::{self, Write};

use super::line::{line, quote};
use super::steps::{Request, Step, Want};
use super::{Action, Script};

const HEAD: &str = include_str!("../../../reports/script/powershell-head.ps1");
const TAIL: &str = include_str!("../../../reports/script/powershell-tail.ps1");

/// Writes the script.
///
/// # Errors
/// If the writer fails.
pub fn powershell(script: &Script, out: &mut dyn Write) -> io::Result<()> {
    frame(script, HEAD, TAIL, out, |action, number, out| {
        // What is recalled, with the first step that it is about and how many more there are.
        let mut recalled: Vec<(&str, String, usize)> = Vec::new();
        for (step, at) in action.steps.iter().zip(1..) {
            let number = format!("{number}.{at}");
            lines(step, &number, out)?;
            if let Step::Request(Request {
                recalled: Some(what), ..
            }) = step
            {
                match recalled.iter_mut().find(|(known, ..)| known == what) {
                    Some((_, _, more)) => *more += 1,
                    None => recalled.push((what, number, 0)),
                }
            }
        }
        for (what, first, more) in recalled {
            let which = match more {
                0 => first,
                more => format!("{first} and {more} more"),
            };
            let note = format!("{which}: no page of Microsoft's was found that says {what}");
            writeln!(out, "{}", line("note", &[&note]))?;
        }
        Ok(())
    })
}

/// Writes the frame that both kinds of script have: what is fixed, with the actions between.
pub(super) fn frame(
    script: &Script,
    head: &str,
    tail: &str,
    out: &mut dyn Write,
    steps: impl Fn(&Action, usize, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // The byte order mark: `line.rs` says why.
    write!(out, "\u{feff}")?;
    for text in head.split_inclusive('\n') {
        match text.trim_end() {
            "# @ABOUT@" => {
                for about in &script.about {
                    writeln!(out, "{}", line_comment(about))?;
                }
            }
            _ => write!(
                out,
                "{}",
                text.replace("'@URL@'", &quote(&script.url))
                    .replace("'@VERSION@'", &quote(script.api))
            )?,
        }
    }
    if script.actions.is_empty() {
        writeln!(out, "# There is nothing to do.\n")?;
    }
    for (action, number) in script.actions.iter().zip(1..) {
        writeln!(out, "#region Action {number} of {}", script.actions.len())?;
        writeln!(out, "Add-Action @'")?;
        writeln!(
            out,
            "{}",
            line("action", &[&number.to_string(), &action.key, &action.title])
        )?;
        for note in &action.notes {
            writeln!(out, "{}", line("note", &[note]))?;
        }
        steps(action, number, out)?;
        writeln!(out, "'@\n#endregion\n")?;
    }
    out.write_all(tail.as_bytes())
}

/// A comment. It begins with a word of ours: see `line.rs`.
fn line_comment(text: &str) -> String {
    format!("#   {}", super::line::field(text))
}

fn lines(step: &Step, number: &str, out: &mut dyn Write) -> io::Result<()> {
    match step {
        Step::Request(request) => {
            let Request {
                about,
                method,
                path,
                body,
                check,
                want,
                ..
            } = request;
            writeln!(out, "{}", line("step", &[number, about]))?;
            writeln!(out, "{}", line("send", &[method, path, body]))?;
            writeln!(out, "{}", line("look", &[check, &words(want)]))
        }
        Step::ByHand { about, clicks } => by_hand(number, clicks, about, out),
    }
}

/// What a person does, and for whom.
pub(super) fn by_hand(number: &str, clicks: &str, about: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", line("hand", &[number, clicks]))?;
    for one in about {
        writeln!(out, "{}", line("for", &[one]))?;
    }
    Ok(())
}

fn words(want: &Want) -> String {
    let json = |values: &serde_json::Map<String, serde_json::Value>| {
        serde_json::Value::Object(values.clone()).to_string()
    };
    match want {
        Want::Present => "present".to_owned(),
        Want::Absent => "absent".to_owned(),
        Want::Depth(bit) => format!("depth {bit}"),
        Want::Values(values) => json(values),
        Want::Later(values) => format!("later {}", json(values)),
    }
}
