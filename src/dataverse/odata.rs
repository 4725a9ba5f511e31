//! Queries: entity set, `$select`, `$filter`, and the address they make.

use std::fmt::Write;

use crate::snapshot::Guid;

/// The longest address the server takes is 32,768 characters (query overview, read 2026-11-23);
/// a little is left for whatever stands in between.
pub(super) const LONGEST_URL: usize = 32_000;

/// Conditions in one filter. The server is known to refuse some hundreds.
pub(super) const MOST_CONDITIONS: usize = 90;

/// What aggregates call the number of rows, as in the vendor's samples.
pub(super) const COUNT: &str = "count";

/// A condition on rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// The text is one of these (the server ignores case).
    TextIn(&'static str, Vec<String>),
    /// The id is one of these.
    IdIn(&'static str, Vec<Guid>),
    /// The number is at least this.
    AtLeast(&'static str, i32),
}

impl Filter {
    fn text(&self) -> String {
        let any = |conditions: Vec<String>| conditions.join(" or ");
        match self {
            Filter::TextIn(property, values) => any(values
                .iter()
                // A quote is doubled, as OData has it.
                .map(|value| format!("{property} eq '{}'", value.replace('\'', "''")))
                .collect()),
            Filter::IdIn(property, values) => any(values
                .iter()
                .map(|value| format!("{property} eq {value}"))
                .collect()),
            Filter::AtLeast(property, value) => format!("{property} ge {value}"),
        }
    }
}

/// Filters that together let through any of the values, each short enough for one request.
pub(super) fn split<T: Clone>(values: &[T], filter: impl Fn(Vec<T>) -> Filter) -> Vec<Filter> {
    values
        .chunks(MOST_CONDITIONS)
        .map(|part| filter(part.to_vec()))
        .collect()
}

/// The address of a query; with `counted`, its first page tells how many rows there are.
pub(super) fn query(
    base: &str,
    set: &str,
    select: &[&str],
    filter: Option<&Filter>,
    counted: bool,
) -> String {
    let mut url = format!("{base}{}?$select={}", encode(set), encode(&select.join(",")));
    if let Some(filter) = filter {
        let _ = write!(url, "&$filter={}", encode(&filter.text()));
    }
    if counted {
        url.push_str("&$count=true");
    }
    url
}

/// The address of the number of rows of a query, as an aggregate; [`COUNT`] is its name.
pub(super) fn aggregate(base: &str, set: &str, filter: Option<&Filter>) -> String {
    let filter = filter.map(|filter| format!("filter({})/", filter.text()));
    let apply = format!("{}aggregate($count as {COUNT})", filter.unwrap_or_default());
    format!("{base}{}?$apply={}", encode(set), encode(&apply))
}

/// Percent-encodes everything but unreserved characters and the comma.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded() {
        let filter = Filter::TextIn("name", vec!["prvReadRole".to_owned(), "o'b&c".to_owned()]);
        assert_eq!(
            query(
                "https://x/api/data/v9.2/",
                "privileges",
                &["name", "privilegeid"],
                Some(&filter),
                false
            ),
            "https://x/api/data/v9.2/privileges?$select=name,privilegeid&$filter=name%20eq%20%27prvReadRole%27%20or%20name%20eq%20%27o%27%27b%26c%27"
        );
        assert_eq!(
            query(
                "https://x/",
                "tracelogs",
                &["_regardingobjectid_value"],
                Some(&Filter::AtLeast("level", 2)),
                true
            ),
            "https://x/tracelogs?$select=_regardingobjectid_value&$filter=level%20ge%202&$count=true"
        );
    }

    #[test]
    fn aggregates_are_encoded() {
        let of = |filter| aggregate("https://x/", "tracelogs", filter);
        assert_eq!(
            of(None),
            "https://x/tracelogs?$apply=aggregate%28%24count%20as%20count%29"
        );
        assert_eq!(
            of(Some(&Filter::AtLeast("level", 2))),
            "https://x/tracelogs?$apply=filter%28level%20ge%202%29%2Faggregate%28%24count%20as%20count%29"
        );
    }

    #[test]
    fn a_full_filter_of_ids_fits_an_address() {
        let ids = vec![Guid(u128::MAX); 3 * MOST_CONDITIONS + 1];
        let filters = split(&ids, |part| Filter::IdIn("privilegeid", part));
        assert_eq!(filters.len(), 4);
        for filter in filters {
            assert!(
                query(
                    "https://x/",
                    "roleprivilegescollection",
                    &["roleid"],
                    Some(&filter),
                    true
                )
                .len()
                    < LONGEST_URL
            );
            assert!(aggregate("https://x/", "roleprivilegescollection", Some(&filter)).len() < LONGEST_URL);
        }
    }
}
