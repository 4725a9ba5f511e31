//! The handbook of all rules, as Markdown and as a web page.
//!
//! One source: the templates `reports/handbook*.md` make the Markdown, and `page` draws the page
//! from that. Rule files are written by others; whatever is put into a template is escaped unless
//! a filter of `escape` has made it harmless.

mod escape;
mod page;
mod view;

use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use crate::rules::RuleSet;

pub use page::html;

const TEMPLATES: [(&str, &str); 4] = [
    ("handbook.md", include_str!("../../../reports/handbook.md")),
    (
        "handbook-reading.md",
        include_str!("../../../reports/handbook-reading.md"),
    ),
    (
        "handbook-rules.md",
        include_str!("../../../reports/handbook-rules.md"),
    ),
    (
        "handbook-writing.md",
        include_str!("../../../reports/handbook-writing.md"),
    ),
];

/// The handbook of those rules, as Markdown.
///
/// # Errors
/// If a template has a fault.
pub fn markdown(set: &RuleSet) -> io::Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(io::Error::other)?);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    environment.set_formatter(|out, _, value| {
        let text = value.to_string();
        if value.is_safe() || value.is_number() {
            out.write_str(&text)?;
        } else {
            out.write_str(&escape::escape(&text))?;
        }
        Ok(())
    });
    environment.add_filter("code", |text: &str| Value::from_safe_string(escape::code(text)));
    environment.add_filter("prose", |text: &str| Value::from_safe_string(escape::prose(text)));
    environment.add_filter("link", |text: &str| Value::from_safe_string(escape::link(text)));
    environment.add_filter("anchor", |text: &str| {
        Value::from_safe_string(escape::anchor(text))
    });
    environment.add_filter("slug", |text: &str| Value::from_safe_string(escape::slug(text)));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(io::Error::other)?;
    }
    let template = environment
        .get_template("handbook.md")
        .map_err(io::Error::other)?;
    let text = template
        .render(Serde(&view::Handbook::new(set)))
        .map_err(io::Error::other)?;
    Ok(tidy(&text))
}

/// Without blanks at the ends of lines, and with one empty line where there were several.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && tidy.ends_with("\n\n")) {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}
