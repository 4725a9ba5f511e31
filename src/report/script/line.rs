//! Text that PowerShell cannot take for code.
//!
//! PowerShell ends a string in single quotes at U+0027 and at the typographic U+2018, U+2019, U+201A and
//! U+201B alike, and takes two of them as one that is meant (about_Quoting_Rules, edition of September 2024; the list
//! of characters: a fix of GitLab Runner for the same, both read 2026-11-27). A here-string in single quotes takes everything as it
//! is, up to a line that begins with a quote and `@`. A comment ends with its line; one that begins with
//! `#requires`, or says that a signature begins, is more than a comment (recalled). Windows PowerShell
//! reads a file without a byte order mark in the code page of the machine, where the bytes of a letter can
//! be a quote (recalled): so scripts begin with the mark, and text of the environment stands in
//! here-strings and comments only.

use std::borrow::Cow;

use crate::report::text::plain;

/// What separates the fields of a line.
pub const SEPARATOR: &str = " | ";

const QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// The text as a string of PowerShell in single quotes; control characters are drawn as their code.
#[must_use]
pub fn quote(text: &str) -> String {
    let text = plain(text);
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for letter in text.chars() {
        if QUOTES.contains(&letter) {
            quoted.push(letter);
        }
        quoted.push(letter);
    }
    quoted.push('\'');
    quoted
}

/// The text as one field of a line: no line break, no control character, no separator; `-` for nothing.
#[must_use]
pub fn field(text: &str) -> Cow<'_, str> {
    let text = match plain(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    if text.is_empty() {
        Cow::Borrowed("-")
    } else if text.contains('|') {
        // U+00A6, the broken bar.
        Cow::Owned(text.replace('|', "\u{a6}"))
    } else {
        text
    }
}

/// A line of fields. The first is one of our own words, so that no line begins with what came from
/// the environment.
#[must_use]
pub fn line(word: &'static str, fields: &[&str]) -> String {
    let mut line = String::from(word);
    for one in fields {
        line.push_str(SEPARATOR);
        line.push_str(&field(one));
    }
    line
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What PowerShell reads from the start of a text: the value of a string in single quotes, and
    /// what is left behind it.
    fn read(text: &str) -> Option<(String, &str)> {
        let mut letters = text.char_indices().peekable();
        let is_quote = |letter: char| QUOTES.contains(&letter);
        letters.next().filter(|(_, letter)| is_quote(*letter))?;
        let mut value = String::new();
        while let Some((at, letter)) = letters.next() {
            if !is_quote(letter) {
                value.push(letter);
                continue;
            }
            match letters.next_if(|(_, next)| is_quote(*next)) {
                Some((_, next)) => value.push(next),
                None => return Some((value, &text[at + letter.len_utf8()..])),
            }
        }
        None
    }

    /// Texts with much of what could end a string, a line, a comment or a here-string.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            proptest::sample::select(
                &[
                    "'",
                    "\u{2018}",
                    "\u{2019}",
                    "\u{201a}",
                    "\u{201b}",
                    "'@",
                    "\u{2019}@",
                    "\n",
                    "\r\n",
                    "\u{85}",
                    "\u{2028}",
                    "\u{2029}",
                    "|",
                    " | ",
                    "#>",
                    "$(",
                    "`",
                    "\"",
                    "\0",
                    "\u{1b}[31m",
                    "\u{202e}",
                    "-"
                ][..]
            )
            .prop_map(str::to_owned),
            "[a-z ]{0,4}",
            any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_quoted_text_is_one_string_and_nothing_more(text in hostile()) {
            let quoted = quote(&text);
            let (value, rest) = read(&quoted).expect("a string");
            prop_assert_eq!(rest, "");
            prop_assert_eq!(value, plain(&text).into_owned());
        }

        #[test]
        fn a_line_is_one_line_of_so_many_fields(one in hostile(), other in hostile()) {
            let line = line("step", &[&one, &other]);
            prop_assert!(line.starts_with("step | "));
            prop_assert!(!line.contains(char::is_control));
            let is_separator = |letter| matches!(letter, '\u{2028}' | '\u{2029}');
            prop_assert!(!line.contains(is_separator));
            let fields: Vec<&str> = line.split(SEPARATOR).collect();
            prop_assert_eq!(fields.len(), 3);
            prop_assert!(fields.iter().all(|field| !field.is_empty()));
        }
    }

    #[test]
    fn fields_stay_as_they_are_where_nothing_is_wrong() {
        assert_eq!(
            line("step", &["1.1", "Zoë O\u{2019}Neill", "", " a|b\r\nc "]),
            "step | 1.1 | Zoë O\u{2019}Neill | - | a\u{a6}b c"
        );
        assert_eq!(quote("it's"), "'it''s'");
    }
}
