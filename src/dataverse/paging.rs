//! The way from page to page: links are followed as given, each once, on one server.

use rustc_hash::FxHashSet;

use reqwest::Url;

use super::url::EnvironmentUrl;
use super::words::shorten;

/// Why a link to the next page cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No address at all, or one that would arrive changed.
    #[error("the link to the next page is no address that can be followed as given: {0}")]
    NotAnAddress(String),
    /// Another server would get our token.
    #[error("the link to the next page leads to another server, {0}")]
    Foreign(String),
    /// The server sends us round in circles.
    #[error("the link to the next page was followed before: {0}")]
    Repeated(String),
    /// The server sends the same rows under another link.
    #[error("the page has only rows that earlier pages had: the server goes backwards")]
    Backwards,
    /// The server goes on without rows.
    #[error("{0} pages in a row were empty, and there is a link to one more")]
    Empty(usize),
}

/// The links of one table.
#[derive(Debug)]
pub(super) struct Links<'a> {
    environment: &'a EnvironmentUrl,
    seen: FxHashSet<String>,
}

impl<'a> Links<'a> {
    pub(super) fn new(environment: &'a EnvironmentUrl) -> Links<'a> {
        Links {
            environment,
            seen: FxHashSet::default(),
        }
    }

    /// Checks a link, and remembers it.
    pub(super) fn follow(&mut self, link: &str) -> Result<Url, LinkError> {
        let not_an_address = || LinkError::NotAnAddress(shorten(link, 160));
        let url = Url::parse(link).map_err(|_| not_an_address())?;
        if !self.environment.same_origin(&url) {
            return Err(LinkError::Foreign(url.host_str().unwrap_or_default().to_owned()));
        }
        if !unchanged(link, &url) {
            return Err(not_an_address());
        }
        if !self.seen.insert(link.to_owned()) {
            return Err(LinkError::Repeated(shorten(link, 160)));
        }
        Ok(url)
    }
}

/// Whether the parsed address asks for what the text asks for, byte for byte.
///
/// The cookie in a link is percent-encoded twice and the server compares it as it stands, so it
/// must not be decoded, normalised or re-encoded. The parser leaves existing percent signs alone,
/// but encodes five characters where it finds them raw (`'` and four that no address may hold);
/// these mean the same to the server. Any other change (a dot segment removed, a tab dropped) is
/// refused.
fn unchanged(link: &str, url: &Url) -> bool {
    let Some((_, rest)) = link.split_once("://") else {
        return false;
    };
    let given = rest.find(['/', '?', '#']).map_or("", |start| &rest[start..]);
    let mut sent = String::from(url.path());
    if let Some(query) = url.query() {
        sent.push('?');
        sent.push_str(query);
    }
    if given == sent {
        return true;
    }
    let mut encoded = String::with_capacity(given.len());
    let mut in_query = false;
    for char in given.chars() {
        match char {
            '?' => {
                in_query = true;
                encoded.push('?');
            }
            '\'' if in_query => encoded.push_str("%27"),
            ' ' => encoded.push_str("%20"),
            '"' => encoded.push_str("%22"),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            other => encoded.push(other),
        }
    }
    encoded == sent
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    const BASE: &str = "https://contoso.crm4.dynamics.com/api/data/v9.2/";

    fn environment() -> EnvironmentUrl {
        EnvironmentUrl::parse("https://contoso.crm4.dynamics.com", None).expect("an address")
    }

    #[test]
    fn links_are_sent_byte_for_byte() {
        let environment = environment();
        let mut links = Links::new(&environment);
        for query in [
            // The form of the vendor's sample (page results, read 2026-11-23).
            "contacts?$select=fullname&$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522%253e%253c%252fcookie%253e%22%20istracking=%22False%22%20/%3E",
            "a?$skiptoken=%7e%7E%2f%2F+%2B&x=(1)*!$@:;,=~|^`{}[]\\",
            "a?$skiptoken=%zz%&&==?/?",
            "a?$filter=level%20ge%202&$skiptoken=%E2%82%ac",
        ] {
            let link = format!("{BASE}{query}");
            assert_eq!(links.follow(&link).expect("a link").as_str(), link);
        }
        let raw = links
            .follow(&format!("{BASE}a?$filter=name eq 'x'"))
            .expect("a link");
        assert_eq!(raw.as_str(), format!("{BASE}a?$filter=name%20eq%20%27x%27"));
    }

    #[test]
    fn links_that_lead_astray_are_refused() {
        let environment = environment();
        let mut links = Links::new(&environment);
        let cases = [
            (
                "next",
                "the link to the next page is no address that can be followed as given: next",
            ),
            (
                "https://contoso.crm4.dynamics.com/api/../x?y",
                "the link to the next page is no address that can be followed as given: https://contoso.crm4.dynamics.com/api/../x?y",
            ),
            (
                "https://contoso.crm4.dynamics.com/a?b\tc",
                "the link to the next page is no address that can be followed as given: https://contoso.crm4.dynamics.com/a?b c",
            ),
            (
                "https://contoso.crm4.dynamics.com.evil.example/api/data/v9.2/a",
                "the link to the next page leads to another server, contoso.crm4.dynamics.com.evil.example",
            ),
            (
                "http://contoso.crm4.dynamics.com/api/data/v9.2/a",
                "the link to the next page leads to another server, contoso.crm4.dynamics.com",
            ),
        ];
        for (link, message) in cases {
            assert_eq!(links.follow(link).expect_err(link).to_string(), message);
        }
        let link = format!("{BASE}a?$skiptoken=1");
        assert!(links.follow(&link).is_ok());
        assert_eq!(
            links.follow(&link).expect_err("twice").to_string(),
            format!("the link to the next page was followed before: {link}")
        );
    }
}
