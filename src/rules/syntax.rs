//! Faults in the syntax of a rule file, in words for people who do not know TOML's.
//!
//! The parser says what it tried last, which for a bare word is a number. What stands at the place
//! tells better what was meant.

use std::ops::Range;

use toml::de::Error;

use super::faults::{Fault, Place};
use super::tree::fit_to_show;

/// The faults of one file, in the order of the text.
pub(super) fn faults(file: usize, text: &str, errors: &[Error]) -> Vec<Fault> {
    let mut errors: Vec<(Range<usize>, &str)> = errors
        .iter()
        .map(|error| (error.span().unwrap_or(text.len()..text.len()), error.message()))
        .collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut found = Vec::new();
    // Where something is missing, the parser takes the rest of the line for something else, and
    // finds faults that are none.
    let mut guesses_until = 0;
    for (span, message) in errors {
        if span.start < guesses_until {
            continue;
        }
        let told = Told::new(text, span, message);
        if told.misleads {
            guesses_until = end_of_line(text, told.noticed) + 1;
        }
        let place = Place {
            file,
            span: told.span,
        };
        found.push(Fault::new(place, "this is not TOML", told.label).help(told.help));
    }
    found
}

/// What is said of one fault.
struct Told {
    span: Range<usize>,
    /// Where the parser noticed it.
    noticed: usize,
    label: String,
    help: String,
    /// Whether what the parser says of the rest of the line follows from this.
    misleads: bool,
}

impl Told {
    fn new(text: &str, span: Range<usize>, message: &str) -> Told {
        let noticed = span.start;
        let misleads = message.starts_with("missing ") || message.starts_with("extra ");
        let word = text.get(span.clone()).unwrap_or_default();
        if is_bare_word(word, message) {
            let rest = behind(text, span.end).trim_start_matches([' ', '\t']);
            let is_whole = rest.is_empty() || rest.starts_with([',', '}', ']', '#', '\n', '\r']);
            let (label, help) = bare_word(word, is_whole);
            return Told {
                span,
                noticed,
                label: label.to_owned(),
                help,
                misleads: !is_whole,
            };
        }
        if let Some(key) = key_without_value(text, &span, message) {
            let name = &text[key.clone()];
            return Told {
                label: format!("`{name}` has no value"),
                help: match name {
                    "present" => "write `present = true` or `present = false`".to_owned(),
                    _ => format!("write `{name} = …`"),
                },
                span: key,
                noticed,
                misleads,
            };
        }
        if message.starts_with("invalid unquoted key") && behind(text, noticed).starts_with(':') {
            return Told {
                span,
                noticed,
                label: "between a key and its value stands `=`".to_owned(),
                help: "write `=` in place of `:`".to_owned(),
                misleads: true,
            };
        }
        Told {
            span,
            noticed,
            label: message.to_owned(),
            help: "the language of rule files is TOML: https://toml.io".to_owned(),
            misleads,
        }
    }
}

/// Whether a word stands where a value should, which the parser takes for a number by its first letter.
fn is_bare_word(word: &str, message: &str) -> bool {
    let by_letter = message.starts_with("invalid float") || message.starts_with("invalid boolean");
    let unquoted = message.starts_with("string values must be quoted");
    !word.is_empty() && (unquoted || by_letter && word.starts_with(char::is_alphabetic))
}

/// What is said of a word in the place of a value: text without quotation marks, or what other
/// languages have and TOML has not. Whether it is the whole value is known from what follows.
fn bare_word(word: &str, is_whole: bool) -> (&'static str, String) {
    let small = word.to_lowercase();
    match small.as_str() {
        "null" | "none" | "nil" | "undefined" => (
            "TOML has no null",
            "in place of a comparison, `present = false` asks that there is no value, and `present = true` that \
             there is one; any other key without a value is left out"
                .to_owned(),
        ),
        "true" | "false" => ("not in small letters", format!("write `{small}`")),
        "yes" | "no" => {
            let value = if small == "yes" { "true" } else { "false" };
            (
                "text without quotation marks",
                format!("write `{value}`, or `\"{word}\"` if it is a text"),
            )
        }
        _ => {
            let curly = ['“', '”', '„', '‘', '’', '«', '»'];
            let plain = word.trim_matches(curly);
            let label = if plain == word {
                "text without quotation marks"
            } else {
                "not the quotation marks of TOML"
            };
            let cannot_stand = |c: char| matches!(c, '"' | '\\') || !fit_to_show(c);
            let help = if !is_whole || plain.contains(cannot_stand) {
                "text stands in quotation marks: `\"…\"`; a quotation mark in it is written `\\\"`".to_owned()
            } else {
                format!("write `\"{plain}\"`")
            };
            (label, help)
        }
    }
}

/// The key behind which the parser missed a value, if that is what happened.
fn key_without_value(text: &str, span: &Range<usize>, message: &str) -> Option<Range<usize>> {
    let ends_here = behind(text, span.start).starts_with(['}', ',', ']']);
    let missed = match message.split(',').next()? {
        // Of a text that is not closed the parser says the same, at the end of its line.
        "invalid literal string" => ends_here,
        "string values must be quoted" => span.is_empty(),
        "key with no value" | "extra comma in inline table" => true,
        _ => false,
    };
    if !missed {
        return None;
    }
    let before = text.get(..span.start)?.trim_end();
    let before = before.strip_suffix('=').unwrap_or(before).trim_end();
    let of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let start = before.trim_end_matches(of_key).len();
    let opens = text[..start]
        .trim_end_matches([' ', '\t'])
        .chars()
        .next_back()
        .is_none_or(|c| matches!(c, '{' | ',' | '\n'));
    (start < before.len() && opens).then_some(start..before.len())
}

fn end_of_line(text: &str, from: usize) -> usize {
    let line = behind(text, from);
    from + line.find('\n').unwrap_or(line.len())
}

/// The text from there on; nothing where no character begins.
fn behind(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}
