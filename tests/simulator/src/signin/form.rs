//! Fields of a form or a query.

use std::collections::BTreeMap;

use crate::query::percent_decode;

pub(super) fn parse(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (percent_decode(name), percent_decode(value)))
        .collect()
}
