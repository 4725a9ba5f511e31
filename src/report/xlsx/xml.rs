//! Text as the workbook's XML takes it.

use std::borrow::Cow;

use super::super::html::legible;

/// The most that a cell holds, in UTF-16 units.
const MOST: usize = 32_767;
/// Stands at the end of text that was cut.
const CUT: &str = "… [cut: a cell holds no more]";

/// Appends text so that it stands for itself in an element or an attribute.
pub(super) fn push(buffer: &mut Vec<u8>, text: &str) {
    // Nearly all text: nothing to look at twice.
    if text.bytes().all(|byte| IS_PLAIN[byte as usize]) {
        buffer.extend_from_slice(text.as_bytes());
        return;
    }
    let text = broken_as_lines(legible(text));
    let bytes = text.as_bytes();
    let mut done = 0;
    for (place, byte) in bytes.iter().enumerate() {
        let instead = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            // Attributes would otherwise lose them.
            b'\n' => "&#10;",
            b'\t' => "&#9;",
            // `_x0041_` is how a workbook writes a character by its code.
            b'_' if is_code(&bytes[place..]) => "_x005F_",
            _ => continue,
        };
        buffer.extend_from_slice(&bytes[done..place]);
        buffer.extend_from_slice(instead.as_bytes());
        done = place + 1;
    }
    buffer.extend_from_slice(&bytes[done..]);
}

/// The end of the tag before a text: blanks at the edges would be dropped if it did not ask to keep them.
pub(super) fn space(text: &str) -> &'static [u8] {
    let edge = |c: char| c.is_whitespace();
    if text.starts_with(edge) || text.ends_with(edge) {
        b" xml:space=\"preserve\">"
    } else {
        b">"
    }
}

/// The text as an attribute or element can hold it.
pub(super) fn escaped(text: &str) -> String {
    let mut buffer = Vec::with_capacity(text.len());
    push(&mut buffer, text);
    String::from_utf8_lossy(&buffer).into_owned()
}

/// The text, or as much of it as a cell holds, with a mark that it is not all.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    fitting_in(text, MOST)
}

fn fitting_in(text: &str, most: usize) -> Cow<'_, str> {
    // Each UTF-16 unit takes at least one byte of UTF-8.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return Cow::Borrowed(text);
    }
    let room = most - CUT.encode_utf16().count();
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > room
    });
    let end = end.map_or(text.len(), |(place, _)| place);
    Cow::Owned(format!("{}{CUT}", &text[..end]))
}

/// A cell's lines are broken by a line feed alone.
fn broken_as_lines(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

fn is_code(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', a, b, c, d, b'_', ..]
        if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}

/// By byte: whether it needs no look at all.
const IS_PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        plain[byte] = !matches!(byte as u8, b'&' | b'<' | b'>' | b'"' | b'_');
        byte += 1;
    }
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_for_itself() {
        for (text, expected) in [
            ("Maria Silva", "Maria Silva"),
            ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
            ("</t><f>1+1</f>", "&lt;/t&gt;&lt;f&gt;1+1&lt;/f&gt;"),
            ("a & \"b\"", "a &amp; &quot;b&quot;"),
            ("one\r\ntwo\rthree\n", "one&#10;two&#10;three&#10;"),
            ("\u{1b}[31m\u{0}\u{ffff}", "\u{fffd}[31m\u{fffd}\u{fffd}"),
            ("_x003D_1", "_x005F_x003D_1"),
            ("_x_x003d_", "_x_x005F_x003d_"),
            ("_x003g_ snake_case _x00", "_x003g_ snake_case _x00"),
            ("محمد 🙂", "محمد 🙂"),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
        }
    }

    #[test]
    fn blanks_at_the_edges_are_kept() {
        for (text, kept) in [("a b", false), ("", false), (" a", true), ("a\n", true)] {
            assert_eq!(space(text).starts_with(b" xml:space"), kept, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert!(matches!(fitting(&"x".repeat(MOST)), Cow::Borrowed(_)));
        let cut = fitting(&"x".repeat(MOST + 1)).into_owned();
        assert_eq!(cut.encode_utf16().count(), MOST);
        assert!(cut.starts_with("xxx") && cut.ends_with(CUT));
        // What counts is how the workbook's reader counts, and no character is cut in two.
        assert!(matches!(fitting_in(&"ä".repeat(60), 60), Cow::Borrowed(_)));
        let faces = "🙂".repeat(31);
        let cut = fitting_in(&faces, 61).into_owned();
        let units = cut.encode_utf16().count();
        assert!(units == 61 || units == 60, "{units}");
        assert!(
            cut.strip_suffix(CUT)
                .is_some_and(|rest| rest.chars().all(|c| c == '🙂'))
        );
    }
}
