//! The handbook as a web page: one file that asks for nothing.

use std::collections::HashMap;
use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, HtmlEscape, UndefinedBehavior};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Serialize;

use super::super::html::{legible, policy};
use super::escape::{anchor_id, slug};

const CSS: &str = include_str!("../../../reports/handbook.css");
const PAGE: &str = include_str!("../../../reports/handbook.html");

#[derive(Serialize)]
struct PageView<'a> {
    css: &'a str,
    policy: String,
    title: &'a str,
    contents: Vec<Entry>,
    body: &'a str,
}

/// A heading in the list of contents.
#[derive(Serialize)]
struct Entry {
    id: String,
    text: String,
    parts: Vec<Entry>,
}

/// Draws the page of a handbook in Markdown.
///
/// # Errors
/// If the template has a fault, or `out` cannot be written.
pub fn html(markdown: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut events = tame(Parser::new_ext(markdown, Options::ENABLE_TABLES));
    let headings = name_headings(&mut events);
    let events = without_contents(events);
    let mut body = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut body, events.into_iter());

    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(io::Error::other)?);
    environment
        .add_template("handbook.html", PAGE)
        .map_err(io::Error::other)?;
    let title = headings.iter().find(|heading| heading.level == HeadingLevel::H1);
    let view = PageView {
        css: CSS,
        policy: policy(CSS),
        title: title.map_or("", |title| &title.text),
        contents: contents(&headings),
        body: &body,
    };
    let template = environment
        .get_template("handbook.html")
        .map_err(io::Error::other)?;
    let text = template.render(Serde(&view)).map_err(io::Error::other)?;
    out.write_all(legible(&text).as_bytes())
}

/// The events without any markup that somebody else wrote. The templates escape all texts, so that
/// there should be none; a fault there must not become one of the page.
fn tame<'a>(parser: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    // Of each link around this place, whether it is kept.
    let mut links = Vec::new();
    for event in parser {
        match event {
            Event::Html(markup) | Event::InlineHtml(markup) => match anchor_id(&markup) {
                Some(id) => {
                    events.push(Event::InlineHtml(
                        format!("<a id=\"{}\"></a>", HtmlEscape(id)).into(),
                    ));
                }
                None if &*markup == "</a>" => {}
                None => events.push(Event::Text(markup)),
            },
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let target = dest_url.to_ascii_lowercase();
                let keep = ["https://", "http://", "#"]
                    .iter()
                    .any(|known| target.starts_with(known));
                links.push(keep);
                if keep {
                    events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(event);
                }
            }
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            // What is too wide scrolls by itself, and by the keyboard too.
            Event::Start(Tag::Table(_) | Tag::CodeBlock(_)) => {
                let label = if matches!(event, Event::Start(Tag::Table(_))) {
                    "Table"
                } else {
                    "Code"
                };
                events.push(Event::Html(
                    format!("<div class=\"scroll\" role=\"group\" aria-label=\"{label}\" tabindex=\"0\">")
                        .into(),
                ));
                events.push(event);
            }
            Event::End(TagEnd::Table | TagEnd::CodeBlock) => {
                events.push(event);
                events.push(Event::Html("</div>\n".into()));
            }
            other => events.push(other),
        }
    }
    events
}

struct Heading {
    level: HeadingLevel,
    id: String,
    text: String,
}

/// Gives every heading the id by which GitHub, too, links to it.
fn name_headings(events: &mut [Event<'_>]) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut used: HashMap<String, usize> = HashMap::new();
    for position in 0..events.len() {
        if !matches!(events[position], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let inside = events[position + 1..]
            .iter()
            .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text: String = inside
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let slug = slug(&text);
        let count = used.entry(slug.clone()).or_default();
        let unique = match *count {
            0 => slug,
            count => format!("{slug}-{count}"),
        };
        *count += 1;
        if let Event::Start(Tag::Heading { level, id, .. }) = &mut events[position] {
            *id = Some(CowStr::from(unique.clone()));
            headings.push(Heading {
                level: *level,
                id: unique,
                text,
            });
        }
    }
    headings
}

/// The page has a list of contents of its own.
fn without_contents(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut skip = false;
    events
        .into_iter()
        .filter(|event| {
            if let Event::Start(Tag::Heading {
                level: HeadingLevel::H2,
                id,
                ..
            }) = event
            {
                skip = id.as_deref() == Some("contents");
            }
            !skip
        })
        .collect()
}

fn contents(headings: &[Heading]) -> Vec<Entry> {
    let mut contents: Vec<Entry> = Vec::new();
    for heading in headings.iter().filter(|heading| heading.id != "contents") {
        let entry = Entry {
            id: heading.id.clone(),
            text: heading.text.clone(),
            parts: Vec::new(),
        };
        match (heading.level, contents.last_mut()) {
            (HeadingLevel::H2, _) => contents.push(entry),
            (HeadingLevel::H3, Some(above)) => above.parts.push(entry),
            _ => {}
        }
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even where the escaping of texts had failed.
    #[test]
    fn markup_that_is_not_ours_is_shown_and_does_nothing() {
        let mut page = Vec::new();
        let markdown = "# T\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b> [c](javascript:alert(1)) \
                        ![d](https://evil.example/x.png) <a id=\"good\"></a> <a id=\"x\" onclick=\"y\"></a>\n";
        html(markdown, &mut page).expect("a vector takes everything");
        let page = String::from_utf8(page).expect("text");
        let (_, body) = page.split_once("<main").expect("the body");
        for part in ["<script", "<b ", "<img", "href=\"javascript", "<a id=\"x\""] {
            assert!(!body.contains(part), "{part}: {body}");
        }
        for part in ["&lt;script&gt;", "&lt;b onclick=x&gt;", "<a id=\"good\"></a>"] {
            assert!(body.contains(part), "{part}: {body}");
        }
    }
}
