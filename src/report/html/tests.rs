//! What must be true of the page whatever the names in it.

use std::collections::HashSet;

use super::*;
use crate::report::sample::{HOSTILE, Sample};

fn page(sample: &Sample) -> String {
    let mut page = Vec::new();
    write(&sample.report(), &mut page).expect("a vector takes everything");
    String::from_utf8(page).expect("text")
}

/// The values of an attribute, as written.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!(" {attribute}=\"");
    page.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn the_policy_allows_the_style_sheet_and_nothing_else() {
    let page = page(&Sample::contoso());
    let css = page
        .split("<style>")
        .nth(1)
        .and_then(|rest| rest.split("</style>").next())
        .expect("a style sheet");
    let expected = HtmlEscape(&policy(css)).to_string();
    assert!(page.contains(&format!("content=\"{expected}\"")), "{expected}");
    assert!(expected.contains("default-src &#x27;none&#x27;"), "{expected}");
    assert_eq!(page.matches("<style").count(), 1);
    assert_eq!(base64(b"Clearance"), "Q2xlYXJhbmNl");
    assert_eq!(base64(b"a"), "YQ==");
    assert_eq!(base64(b"ab"), "YWI=");
}

#[test]
fn hostile_names_stay_text() {
    let page = page(&Sample::hostile());
    for harm in [
        "<script",
        "<img",
        "onload=alert(1)>",
        "</style><style>",
        "<b>",
        "javascript:alert(1)\"",
        "{% raw",
    ] {
        let found = page
            .find(harm)
            .map(|at| &page[at.saturating_sub(60)..(at + 60).min(page.len())]);
        assert!(harm.starts_with("{%") || found.is_none(), "{harm}: {found:?}");
    }
    assert!(page.contains("{{ 7 * 7 }}"), "a name is not a template");
    assert!(
        !page.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "marks and control characters"
    );
    assert!(
        page.contains("محمد بن سلمان"),
        "honest names in other directions stay"
    );
    assert!(!page.contains(" style="), "inline styles are against the policy");
    assert!(
        values(&page, "href")
            .iter()
            .all(|href| href.starts_with(['#', 'h'])),
        "only fragments and web addresses"
    );
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        assert!(!tag.contains(" on"), "an event handler in <{tag}>");
    }
    let text = HOSTILE[0]
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('/', "&#x2f;");
    assert!(page.contains(&text), "{text}");
}

#[test]
fn nothing_is_fetched() {
    let page = page(&Sample::contoso());
    for reference in [
        "<link", "<script", "<iframe", "<img", "<object", "<embed", "<base", "@import", "srcset", " src=",
        "url(http",
    ] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    for sample in [Sample::contoso(), Sample::hostile(), Sample::nobody()] {
        let page = page(&sample);
        let ids = values(&page, "id");
        let set: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "ids repeat");
        let wanted = values(&page, "href")
            .into_iter()
            .filter_map(|href| href.strip_prefix('#'));
        for anchor in wanted {
            assert!(set.contains(anchor), "#{anchor} leads nowhere");
        }
        let named = values(&page, "aria-labelledby")
            .into_iter()
            .flat_map(str::split_whitespace);
        for anchor in named {
            assert!(set.contains(anchor), "#{anchor} names nothing");
        }
    }
}

#[test]
fn every_element_is_closed() {
    for sample in [Sample::contoso(), Sample::hostile(), Sample::nobody()] {
        let page = page(&sample);
        let mut open: Vec<&str> = Vec::new();
        for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "</{name}> closes nothing; open: {open:?}");
            } else if !tag.ends_with('/') && !tag.starts_with('!') && !["meta", "br"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn only_web_addresses_become_links() {
    let href = |source: &str| Link::new(source).href;
    assert_eq!(
        href("https://a.example/x").as_deref(),
        Some("https://a.example/x")
    );
    assert_eq!(href("HTTP://a.example").as_deref(), Some("HTTP://a.example"));
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
    assert_eq!(
        Link::new("https://a.example (read 2026-11-23)").note,
        "(read 2026-11-23)"
    );
}

#[test]
fn many_users_stay_reasonable() {
    let page = page(&Sample::of(1_000, false));
    assert!(page.len() < 3 << 20, "{} bytes", page.len());
    assert_eq!(
        values(&page, "id")
            .iter()
            .filter(|id| id.starts_with("user-"))
            .count(),
        500
    );
}

/// For looking at: `CLEARANCE_PAGE=folder cargo test --lib -- --ignored a_page_to_look_at`.
#[test]
#[ignore = "writes files to look at"]
fn a_page_to_look_at() {
    let folder = std::env::var("CLEARANCE_PAGE").expect("a folder");
    let samples = [
        ("contoso", Sample::contoso()),
        ("hostile", Sample::hostile()),
        ("nobody", Sample::nobody()),
        ("many", Sample::of(20_000, false)),
    ];
    for (name, sample) in samples {
        std::fs::write(format!("{folder}/{name}.html"), page(&sample)).expect("written");
    }
}
