//! What a sign-in service answers: a token, or why there is none.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::dataverse::words::shorten;

/// A token just got.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) token: SecretString,
    /// How long it holds; none if nobody says so.
    pub(super) lifetime: Option<Duration>,
    /// What gets the next one without asking the person again.
    pub(super) refresh: Option<SecretString>,
}

impl Fresh {
    /// A bare token. When it expires is looked up in itself, as far as it can be read.
    ///
    /// # Errors
    /// If it cannot be a token.
    pub(super) fn bare(text: &str) -> Result<Fresh, &'static str> {
        let token = clean(text)?;
        let lifetime = expiry(token.expose_secret()).and_then(from_now);
        Ok(Fresh {
            token,
            lifetime,
            refresh: None,
        })
    }

    /// An answer in JSON: of a token endpoint, a metadata service or the Azure CLI.
    ///
    /// # Errors
    /// If it holds no token. The text of the answer is not repeated.
    pub(super) fn from_json(text: &str) -> Result<Fresh, &'static str> {
        let body: Body = serde_json::from_str(text).map_err(|_| "the answer holds no access token")?;
        let bare = Fresh::bare(&body.access_token)?;
        // What is relative needs no clock that is right.
        let told = body.expires_in.and_then(|number| number.value());
        let lifetime = told
            .filter(|seconds| *seconds > 0)
            .map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
            .or_else(|| body.expires_on.and_then(|number| from_now(number.value()?)))
            .or(bare.lifetime);
        let refresh = body.refresh_token.filter(|text| !text.is_empty());
        Ok(Fresh {
            lifetime,
            refresh: refresh.map(SecretString::from),
            ..bare
        })
    }
}

/// Tokens go into a header: no blanks, no line breaks.
pub(super) fn clean(text: &str) -> Result<SecretString, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token has no blanks, line breaks or accents");
    }
    Ok(SecretString::from(text.to_owned()))
}

#[derive(Deserialize)]
struct Body {
    #[serde(alias = "accessToken")]
    access_token: String,
    #[serde(default)]
    expires_in: Option<Number>,
    /// Seconds since 1970. The Azure CLI's `expiresOn` is local time without a zone, and is not used.
    #[serde(default)]
    expires_on: Option<Number>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// The metadata services write numbers as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(i64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<i64> {
        match self {
            Number::Number(number) => Some(*number),
            Number::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// How long it is until a second since 1970. A moment that has passed says nothing: nobody gives
/// tokens that have expired, so this machine's clock is wrong.
fn from_now(second: i64) -> Option<Duration> {
    let left = second.checked_sub(Timestamp::now().as_second())?;
    u64::try_from(left)
        .ok()
        .filter(|left| *left > 0)
        .map(Duration::from_secs)
}

/// The second at which a token says that it expires. Access tokens are for the environment alone to
/// read; this is a hint for renewing in good time and nothing else, so the signature does not matter.
fn expiry(token: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Claims>(&payload)
        .ok()
        .map(|claims| claims.exp)
}

/// Why a service gave no token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The error's name in OAuth, such as `invalid_client`.
    pub(super) error: String,
    /// Microsoft Entra's number for it (`AADSTS…`).
    pub(super) code: Option<u64>,
    /// The first sentence of its own words, without secrets.
    pub(super) said: String,
}

impl Refusal {
    /// Whether the service is in trouble itself, and may answer otherwise later.
    pub(super) fn is_passing(&self) -> bool {
        self.status >= 500 || matches!(self.status, 408 | 429)
    }

    /// Reads an answer that is no success. `secrets` are what was sent: whatever the service
    /// repeats of them is left out.
    pub(super) fn read(status: u16, text: &str, secrets: &[&SecretString]) -> Refusal {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Error {
            error: String,
            error_description: String,
            error_codes: Vec<u64>,
            /// App Service's own form.
            message: String,
        }
        let body: Error = serde_json::from_str(text).unwrap_or_default();
        let words = if body.error_description.is_empty() {
            body.message
        } else {
            body.error_description
        };
        let mut said = words;
        for secret in secrets.iter().map(|secret| secret.expose_secret()) {
            if !secret.is_empty() {
                said = said.replace(secret, "(secret)");
            }
        }
        // Behind the first line come ids and a time.
        let said = shorten(said.lines().next().unwrap_or_default(), 400);
        let code = body.error_codes.first().copied().or_else(|| {
            let digits = said.split("AADSTS").nth(1)?;
            let end = digits
                .find(|char: char| !char.is_ascii_digit())
                .unwrap_or(digits.len());
            digits[..end].parse().ok()
        });
        Refusal {
            status,
            error: shorten(&body.error, 60),
            code,
            said,
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn lifetime(json: &str) -> Option<u64> {
        let fresh = Fresh::from_json(json).expect("a token");
        fresh.lifetime.map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn expiry_in_all_forms() {
        let later = Timestamp::now().as_second() + 5000;
        let about = |seconds: Option<u64>| seconds.is_some_and(|seconds| (4900..=5000).contains(&seconds));
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":3599}"#), Some(3599));
        assert_eq!(
            lifetime(r#"{"access_token":"a","expires_in":"86399"}"#),
            Some(86399)
        );
        assert!(about(lifetime(&format!(
            r#"{{"access_token":"a","expires_on":"{later}"}}"#
        ))));
        assert!(about(lifetime(&format!(
            r#"{{"accessToken":"a","expiresOn":"2026-11-23 09:00:00.000000","expires_on":{later}}}"#
        ))));
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{later}}}"#));
        assert!(about(lifetime(&format!(r#"{{"access_token":"h.{claims}.s"}}"#))));
        // A clock that is wrong, or nothing said: the environment will tell.
        assert_eq!(lifetime(r#"{"access_token":"a","expires_on":1000}"#), None);
        assert_eq!(lifetime(r#"{"access_token":"a"}"#), None);
        assert_eq!(lifetime(r#"{"access_token":"a.b.c","expires_in":0}"#), None);
    }

    #[test]
    fn answers_without_a_token() {
        for text in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":"a b"}"#,
        ] {
            assert!(Fresh::from_json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refusals_are_read_without_their_secrets() {
        let secret = SecretString::from("hunter2");
        let text = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Not hunter2.\r\nTrace ID: 1","error_codes":[7000215]}"#;
        let refusal = Refusal::read(401, text, &[&secret]);
        assert_eq!(refusal.said, "AADSTS7000215: Not (secret).");
        assert_eq!(
            (refusal.error.as_str(), refusal.code),
            ("invalid_client", Some(7_000_215))
        );

        let text = r#"{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'x' not found."}"#;
        assert_eq!(Refusal::read(400, text, &[]).code, Some(90002));
        let text = r#"{"statusCode":400,"message":"No Managed Identity found"}"#;
        assert_eq!(Refusal::read(400, text, &[]).said, "No Managed Identity found");
        assert_eq!(Refusal::read(502, "<html>", &[]).said, "");
    }
}
