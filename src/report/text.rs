//! Small pieces of wording that several formats share.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::evaluate::Verdict;

/// The program and its version, as written into every file.
pub(super) const TOOL: &str = concat!("clearance ", env!("CARGO_PKG_VERSION"));

/// What a verdict means for the user, without a full stop. Only where the vendor's guide judged, as
/// `by_guide` tells, is it about the app; other packs may be about anything.
pub(super) fn meaning(verdict: Verdict, by_guide: bool) -> &'static str {
    match (verdict, by_guide) {
        (Verdict::Ready, true) => "the app will work",
        (Verdict::Ready, false) => "nothing was found that blocks or limits",
        (Verdict::Limited, true) => "the app will work, with less",
        (Verdict::Limited, false) => "something was found that limits",
        (Verdict::Blocked, true) => "the app will not work",
        (Verdict::Blocked, false) => "something was found that blocks",
        (Verdict::Unknown, _) => "something that could block could not be seen",
        (Verdict::OutOfScope, _) => "not someone the app is for",
    }
}

/// A number with separators between the thousands.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 user`, `2 users`.
pub(super) fn users(number: usize) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { "user" } else { "users" }
    )
}

/// The first names of a list, for all of them.
pub(super) fn some<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const NAMED: usize = 3;
    let more = names.len() > NAMED;
    let mut names: Vec<&str> = names.take(NAMED).collect();
    if more {
        names.push("…");
    }
    names.join(", ")
}

/// A moment for people, in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// What a remedy comes to, in a line: its first sentence, without the way to the environment and
/// without the other ways that stand in brackets. The whole text stands elsewhere.
pub(super) fn short(remedy: &str) -> String {
    const WAY: &str = "In the Power Platform admin centre open the environment > ";
    let mut text = one_line(remedy).into_owned();
    for bracket in [" (classic: ", " (from an app: "] {
        while let Some(start) = text.find(bracket) {
            let Some(length) = text[start..].find(')') else {
                break;
            };
            text.replace_range(start..=start + length, "");
        }
    }
    let text = text.strip_prefix(WAY).unwrap_or(&text);
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text.to_owned(),
    }
}

/// The text with every run of white space and line breaks as one blank.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    // Without a way out of the loop the compiler looks at many bytes at a time.
    let breaks = text.bytes().fold(false, |breaks, byte| {
        breaks | (byte == b'\r') | (byte == b'\n') | (byte == b'\t')
    });
    if breaks || text.starts_with(' ') || text.ends_with(' ') {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Makes text from outside harmless on a terminal: line breaks become blanks; control characters
/// (escape sequences) and the marks that reorder or hide text are drawn as their code.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if matches!(c, '\r' | '\n' | '\t') {
            if !blank {
                clean.push(' ');
            }
            blank = true;
            continue;
        }
        blank = false;
        if harmful(c) {
            let _ = write!(clean, "<U+{:04X}>", u32::from(c));
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// Breaks text into lines of at most `width` characters; every line after the first begins with
/// `indent` blanks. A word that is longer than a line stays whole: it may be an address to copy.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut lines = String::with_capacity(text.len() + 16);
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn terminals_get_no_control_over_themselves() {
        assert_eq!(
            plain("Ann\u{1b}[31m\u{202e}\r\nLee"),
            "Ann<U+001B>[31m<U+202E> Lee"
        );
        assert!(matches!(plain("Ann Lee"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_short_remedy_is_its_first_sentence_without_the_other_ways() {
        let remedy = "In the Power Platform admin centre open the environment > Settings > Email, tick A\n (classic: Settings > \
                      Email). Then run it.";
        assert_eq!(short(remedy), "Settings > Email, tick A.");
        assert_eq!(short("Do it (from an app: here"), "Do it (from an app: here");
        assert_eq!(short("Update 9.1 to 9.2"), "Update 9.1 to 9.2");
    }

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(wrap("one two three", 24, 4), "one two three");
        assert_eq!(
            wrap("aaaaaaaaaa bbbbbbbbbb cccc", 24, 2),
            "aaaaaaaaaa bbbbbbbbbb\n  cccc"
        );
        let address = format!("https://{}", "x".repeat(50));
        assert_eq!(
            wrap(&format!("see {address} there"), 22, 2),
            format!("see\n  {address}\n  there")
        );
    }
}
