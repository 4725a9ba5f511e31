//! Text of rule files in Markdown: whatever it holds, it stays text.
//!
//! The result holds for CommonMark with GitHub's tables, in a paragraph, a list or a cell.

use super::super::text::{one_line, plain};

/// Text in one line, with nothing in it that Markdown or HTML would take for markup.
pub(super) fn escape(text: &str) -> String {
    let text = one_line(text);
    let text = plain(&text);
    let mut escaped = String::with_capacity(text.len() + 16);
    for (index, c) in text.char_indices() {
        let next = text[index + c.len_utf8()..].chars().next();
        let anywhere = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '~' | '$' => true,
            // `&` alone is no entity.
            '&' => next.is_some_and(|next| next == '#' || next.is_alphanumeric()),
            _ => false,
        };
        // At the beginning of a line: headings, lists, quotes, and lines under headings.
        let begins = index == 0 && matches!(c, '#' | '+' | '-' | '=' | '>');
        let numbers = matches!(c, '.' | ')')
            && index > 0
            && next.is_none_or(char::is_whitespace)
            && text[..index].bytes().all(|byte| byte.is_ascii_digit());
        if anywhere || begins || numbers {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Text set as code. What cannot stand in a code span everywhere is set as text.
pub(super) fn code(text: &str) -> String {
    let line = one_line(text);
    let line = plain(&line);
    // A bar divides cells even in code; a backtick ends it.
    if line.is_empty() || line.contains(['|', '`']) {
        return escape(text);
    }
    format!("`{line}`")
}

/// Text in which `names` between backticks are set as code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut written = String::with_capacity(text.len() + 16);
    for (index, part) in parts.iter().enumerate() {
        let is_name = index % 2 == 1 && index + 1 < parts.len();
        if is_name && part.trim() == *part && !part.is_empty() {
            written.push_str(&code(part));
            continue;
        }
        // A backtick without a partner stays what it is.
        if index % 2 == 1 {
            written.push_str("\\`");
        }
        written.push_str(&inner(part));
        if is_name {
            written.push_str("\\`");
        }
    }
    written
}

/// A part of a text, which keeps the blanks at its ends.
fn inner(part: &str) -> String {
    let blank = |has: bool| if has { " " } else { "" };
    let before = part.starts_with(char::is_whitespace);
    let after = part.ends_with(char::is_whitespace);
    match part.trim() {
        "" => blank(before).to_owned(),
        text => format!("{}{}{}", blank(before), escape(text), blank(after)),
    }
}

/// A source: a link where it is a web address, and what is written behind it.
pub(super) fn link(source: &str) -> String {
    let source = source.trim();
    let (address, note) = source.split_once(char::is_whitespace).unwrap_or((source, ""));
    let lower = address.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    let is_plain = address
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'|' | b'\\' | b'`'));
    if !(is_web && is_plain) {
        return escape(source);
    }
    match note.trim() {
        "" => format!("<{address}>"),
        note => format!("<{address}> {}", escape(note)),
    }
}

/// A place that a link can lead to. Only what an id of a rule may hold can stand in it.
pub(super) fn anchor(id: &str) -> String {
    let id: String = id.chars().filter(|&c| may_be_in_id(c)).collect();
    format!("<a id=\"{id}\"></a>")
}

/// The id of an anchor that [`anchor`] wrote; none for any other markup.
pub(super) fn anchor_id(markup: &str) -> Option<&str> {
    let id = markup.strip_prefix("<a id=\"")?.strip_suffix("\">")?;
    (!id.is_empty() && id.chars().all(may_be_in_id)).then_some(id)
}

fn may_be_in_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// What GitHub and the HTML page call a heading in addresses.
pub(super) fn slug(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ if c.is_alphanumeric() => c.to_lowercase().next(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser};

    use super::*;

    /// What a reader of Markdown makes of it: only the text, and whether there was anything else.
    fn read(markdown: &str) -> (String, bool) {
        let mut text = String::new();
        let mut markup = false;
        // Every extension but the one that only draws dashes and quotation marks.
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::Start(tag) => markup |= tag != pulldown_cmark::Tag::Paragraph,
                Event::End(_) => {}
                _ => markup = true,
            }
        }
        (text, markup)
    }

    #[test]
    fn text_stays_text() {
        for text in [
            "# heading",
            "- item",
            "+ item",
            "= line",
            "--- line",
            "---",
            "===",
            "***",
            "1. item",
            "23) item",
            "> quote",
            "*a* _b_ **c** ~~d~~",
            "<script>alert(1)</script>",
            "<!-- comment",
            "&lt;b&gt; &amp;",
            "[a](javascript:alert(1)) ![b](x)",
            "[a]: https://evil.example",
            "`code` ``more``",
            "a | b",
            "a\\",
            "\\<b>",
            "```\nfence",
            "$x$ and $$y$$",
            "<https://evil.example>",
        ] {
            let (seen, markup) = read(&escape(text));
            assert_eq!(seen, text.replace('\n', " "), "{}", escape(text));
            assert!(!markup, "{}", escape(text));
        }
    }

    #[test]
    fn names_in_prose_are_code_and_the_rest_is_not() {
        assert_eq!(prose("`mailbox.name` is \"<b>\""), "`mailbox.name` is \"\\<b>\"");
        assert_eq!(prose("all of: `a`; `b`"), "all of: `a`; `b`");
        assert_eq!(prose("a ` alone"), "a \\` alone");
        assert_eq!(prose("`a|b` here"), "a\\|b here");
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(link("https://a.example/x(v=1)"), "<https://a.example/x(v=1)>");
        assert_eq!(
            link("https://a.example (read 2026-11-23)"),
            "<https://a.example> (read 2026-11-23)"
        );
        assert_eq!(link("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(link("https://a.example/><b>"), "https://a.example/>\\<b>");
    }

    #[test]
    fn headings_are_addressed_as_on_github() {
        assert_eq!(slug("Writing your own rules"), "writing-your-own-rules");
        assert_eq!(slug("mailbox-exists"), "mailbox-exists");
        assert_eq!(slug("What `null` is: unknown?"), "what-null-is-unknown");
    }
}
