//! The challenge of an environment: who is to be asked for a token, and for what.
//!
//! An environment answers a request without a token with 401 and `WWW-Authenticate: Bearer
//! authorization_uri=…, resource_id=…` (the vendor's page on discovery and public clients, read
//! 2026-11-23; with and without quotes, and with blanks or commas in between).

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// What a challenge says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) authorization_uri: Option<String>,
    pub(super) resource_id: Option<String>,
}

/// The bearer challenge among the headers of an answer.
pub(super) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| parse(value.to_str().ok()?))
        .find(|challenge| challenge.authorization_uri.is_some())
}

fn parse(header: &str) -> Option<Challenge> {
    let rest = header
        .get(..6)
        .filter(|scheme| scheme.eq_ignore_ascii_case("bearer"))
        .map(|_| &header[6..])?;
    let mut challenge = Challenge::default();
    for part in rest.split([',', ' ', '\t']) {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "authorization_uri" | "authorization" => challenge.authorization_uri = Some(value.to_owned()),
            "resource_id" | "resource" => challenge.resource_id = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(challenge)
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn challenges_in_their_forms() {
        let said = |header: &str| parse(header).map(|found| (found.authorization_uri, found.resource_id));
        let both = Some((
            Some("https://a/t/oauth2/authorize".to_owned()),
            Some("https://e/".to_owned()),
        ));
        for header in [
            "Bearer authorization_uri=https://a/t/oauth2/authorize, resource_id=https://e/",
            "Bearer authorization_uri=https://a/t/oauth2/authorize,resource_id=https://e/",
            "bearer realm=\"\", authorization_uri=\"https://a/t/oauth2/authorize\", resource_id=\"https://e/\"",
            "Bearer resource_id=https://e/ authorization_uri=https://a/t/oauth2/authorize error=invalid_token",
        ] {
            assert_eq!(said(header), both, "{header}");
        }
        assert_eq!(said("Bearer"), Some((None, None)));
        assert_eq!(said("Negotiate"), None);
        assert_eq!(said(""), None);
    }
}
