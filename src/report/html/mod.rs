//! The HTML report, and one user's explanation: files that carry everything and ask for nothing.
//!
//! The markup, the styles and the script are the files in `reports/`, put together here and in
//! `build.rs`. Templates escape whatever they are given; a Content-Security-Policy allows only the
//! one style sheet and the one script, by their hashes, so that even a fault in the escaping could
//! run nothing. An explanation has no script at all.
//!
//! The report is written part by part, each of the templates of `reports/` once or for a portion of
//! users, so that it is never in memory as a whole:
//!
//! 1. `page-start.html` (`page`, `units`, `environments`): the answer, and what is left to do;
//! 2. the users as they are read without a script (`people`): written out while they are few
//!    (`layout`), else told together by what is wrong (`together`);
//! 3. `page-end.html` (`features`, `rules`);
//! 4. the users as data, blocks that nothing runs (`data`): an index and their details;
//! 5. the script, which puts a table of that data in the place of 2.
//!
//! Which users fare alike is found once (`cases`), for 2 and 4.

mod cases;
mod chart;
mod data;
mod environments;
mod explanation;
mod features;
mod layout;
mod links;
mod page;
mod people;
mod rules;
mod together;
mod units;

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, HtmlEscape, UndefinedBehavior};
use serde::Serialize;

use super::summary::Report;

pub use explanation::explanation;

/// Styles of every page.
const CSS: &str = include_str!("../../../reports/report.css");
/// Styles of the report, which has the live table of users besides.
const REPORT_CSS: &str = concat!(
    include_str!("../../../reports/report.css"),
    include_str!("../../../reports/users.css")
);
/// The report's script: `reports/app/`, put together by `build.rs`.
const SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/app.js"));
const TEMPLATES: [(&str, &str); 19] = [
    ("glyphs.html", include_str!("../../../reports/glyphs.html")),
    (
        "explanation.html",
        include_str!("../../../reports/explanation.html"),
    ),
    ("macros.html", include_str!("../../../reports/macros.html")),
    (
        "page-start.html",
        include_str!("../../../reports/page-start.html"),
    ),
    (
        "part-cover.html",
        include_str!("../../../reports/part-cover.html"),
    ),
    (
        "part-summary.html",
        include_str!("../../../reports/part-summary.html"),
    ),
    (
        "part-unseen.html",
        include_str!("../../../reports/part-unseen.html"),
    ),
    (
        "part-first.html",
        include_str!("../../../reports/part-first.html"),
    ),
    (
        "part-causes.html",
        include_str!("../../../reports/part-causes.html"),
    ),
    (
        "part-across.html",
        include_str!("../../../reports/part-across.html"),
    ),
    (
        "part-units.html",
        include_str!("../../../reports/part-units.html"),
    ),
    (
        "part-environments.html",
        include_str!("../../../reports/part-environments.html"),
    ),
    (
        "group-start.html",
        include_str!("../../../reports/group-start.html"),
    ),
    ("users.html", include_str!("../../../reports/users.html")),
    ("compact.html", include_str!("../../../reports/compact.html")),
    ("cases.html", include_str!("../../../reports/cases.html")),
    ("folded.html", include_str!("../../../reports/folded.html")),
    ("group-end.html", include_str!("../../../reports/group-end.html")),
    ("page-end.html", include_str!("../../../reports/page-end.html")),
];

/// Writes the report.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let pen = Pen::new()?;
    let cases = cases::Cases::of(report);
    let layout = layout::Layout::of(report, &cases);
    let listed = data::Listed::of(&cases);
    let policy = policy_with_script(REPORT_CSS, SCRIPT);
    pen.draw(
        "page-start.html",
        &page::view(report, &layout, REPORT_CSS, &policy),
        out,
    )?;
    people::write(report, &layout, &cases, &listed, &pen, out)?;
    pen.draw("page-end.html", &rules::view(report, &layout), out)?;
    out.write_all(b"\n")?;
    data::write(report, &cases, &listed, out)?;
    write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// What a page without a script may do: use the style sheet of that text, and nothing else at all.
pub(super) fn policy(css: &str) -> String {
    format!(
        "default-src 'none'; style-src {}; base-uri 'none'; form-action 'none'",
        hash(css)
    )
}

/// What the report may do: use that style sheet and run that script, which may not turn text into
/// markup or code.
fn policy_with_script(css: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(css),
        hash(script)
    )
}

/// How a policy names an inline element: by the hash of what stands in it.
fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest.as_ref()))
}

/// The templates, parsed.
struct Pen(Environment<'static>);

impl Pen {
    fn new() -> io::Result<Pen> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment.set_syntax(syntax.map_err(io::Error::other)?);
        environment.add_filter("code", code);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text).map_err(io::Error::other)?;
        }
        Ok(Pen(environment))
    }

    fn draw<T: Serialize>(&self, template: &str, view: &T, out: &mut dyn Write) -> io::Result<()> {
        let template = self.0.get_template(template).map_err(io::Error::other)?;
        // Drawn into memory first: the engine's own error would hide why `out` failed.
        let text = template.render(Serde(view)).map_err(io::Error::other)?;
        out.write_all(legible(&text).as_bytes())
    }
}

/// The text without what a page may not hold (control characters, non-characters), and without
/// the marks that let a name be read as another (overrides of the writing direction).
pub(super) fn legible(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202d}' | '\u{202e}' | '\u{fdd0}'..='\u{fdef}')
            || u32::from(c) & 0xfffe == 0xfffe
    };
    if text.contains(harmful) {
        Cow::Owned(text.replace(harmful, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text in which `` `names` `` between backticks are set as code; everything is escaped.
fn code(text: &str) -> minijinja::Value {
    let mut markup = String::with_capacity(text.len() + 32);
    let parts: Vec<&str> = text.split('`').collect();
    for (index, part) in parts.iter().enumerate() {
        // A backtick without a partner stays what it is.
        let (open, close) = match index % 2 {
            1 if index + 1 < parts.len() => ("<code>", "</code>"),
            1 => ("`", ""),
            _ => ("", ""),
        };
        markup.push_str(open);
        markup.push_str(&HtmlEscape(part).to_string());
        markup.push_str(close);
    }
    minijinja::Value::from_safe_string(markup)
}

/// A link to a source. Rule packs are written by others: only web addresses become links.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    pub(super) href: Option<String>,
    text: String,
    note: String,
}

impl Link {
    pub(super) fn new(source: &str) -> Link {
        let source = source.trim();
        let (address, note) = source.split_once(char::is_whitespace).unwrap_or((source, ""));
        let scheme = address
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| scheme == "https" || scheme == "http") {
            Link {
                href: Some(address.to_owned()),
                text: address.to_owned(),
                note: note.trim().to_owned(),
            }
        } else {
            Link {
                href: None,
                text: source.to_owned(),
                note: String::new(),
            }
        }
    }
}

/// The anchor of a rule: its id where that can stand in an address as it is, else its number.
fn rule_anchor(report: &Report<'_>, index: usize) -> String {
    let id = &report.rule(index).id;
    let simple = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if simple {
        format!("rule-{id}")
    } else {
        format!("rule.{index}")
    }
}

/// Where a link to that rule goes.
fn rule_href(report: &Report<'_>, index: usize) -> String {
    format!("#{}", rule_anchor(report, index))
}

/// A name that can be shown, whatever the record holds.
fn shown_name(name: &str, email: &str) -> String {
    let name = if name.trim().is_empty() { email } else { name };
    if name.trim().is_empty() {
        "(no name)".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::evaluate::{Inputs, Reported, assess};
    use crate::rules::RuleSet;

    /// A page about nothing: its head is that of every page.
    fn empty_page() -> String {
        let rules = RuleSet::default();
        let inputs = Inputs {
            rules: &rules,
            environments: &[],
            attestations: &[],
            waivers: &[],
            devices: None,
            at: Timestamp::UNIX_EPOCH,
            include_disabled: false,
            include_superseded: false,
            reported: &Reported::All,
        };
        let assessment = assess(&inputs).expect("nothing is wrong with nothing");
        let mut page = Vec::new();
        write(&Report::new(&assessment), &mut page).expect("a vector takes everything");
        String::from_utf8(page).expect("text")
    }

    #[test]
    fn the_policy_allows_the_style_sheet_and_the_script_and_nothing_else() {
        // The digest of "abc" is the example of FIPS 180-2.
        assert_eq!(
            policy("abc"),
            "default-src 'none'; style-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='; \
             base-uri 'none'; form-action 'none'"
        );
        let page = empty_page();
        let (_, rest) = page.split_once("<style>").expect("a style sheet");
        let (css, rest) = rest.split_once("</style>").expect("it ends");
        assert!(!rest.contains("<style"), "a second style sheet");
        let (_, rest) = rest.split_once("<script>").expect("a script");
        let (script, rest) = rest.split_once("</script>").expect("it ends");
        assert!(!rest.contains("<script"), "a second script");
        let allowed = policy_with_script(css, script);
        assert!(allowed.contains("script-src 'sha256-") && !allowed.contains("unsafe"));
        let allowed = format!("content=\"{}\"", HtmlEscape(&allowed));
        assert!(page.contains(&allowed), "{allowed}");
    }

    #[test]
    fn only_web_addresses_become_links() {
        let href = |source: &str| Link::new(source).href;
        let address = "https://a.example/x".to_owned();
        assert_eq!(href("https://a.example/x"), Some(address));
        assert_eq!(href("HTTP://a.example"), Some("HTTP://a.example".to_owned()));
        for source in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//a.example",
            "java\nscript://x",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(href(source), None, "{source:?}");
        }
        let note = Link::new("https://a.example (read 2026-11-23)").note;
        assert_eq!(note, "(read 2026-11-23)");
    }
}
