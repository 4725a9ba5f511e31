//! Words by others, the server's above all, made fit for a line of a message.

use jiff::Timestamp;
use reqwest::Url;
use serde::Deserialize;

/// Code and message of an error of the Web API.
pub(super) fn odata_error(body: &str) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Body {
        error: Error,
    }
    #[derive(Deserialize)]
    struct Error {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let body: Body = serde_json::from_str(body).ok()?;
    Some((body.error.code, shorten(&body.error.message, 300)))
}

/// Text by others, fit for one line of a message.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let clean: String = text
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .take(limit)
        .collect();
    let clean = clean.trim();
    if text.chars().count() > limit {
        format!("{clean}…")
    } else {
        clean.to_owned()
    }
}

/// What a request asks for, without the server, for messages.
pub(super) fn shown(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    shorten(&format!("{}{query}", url.path()), 160)
}

/// What to do where a certificate is not of this time, by rustls's words for that: a clock that is wrong
/// shows itself first in this.
pub(super) fn clock_hint(what: &str) -> Option<String> {
    let of_another_time = ["certificate expired", "certificate not valid yet"];
    of_another_time.iter().any(|words| what.contains(words)).then(|| {
        format!(
            "this machine's clock says {}; set it if that is wrong; if it is right, it is the server's certificate that must be renewed",
            Timestamp::now().strftime("%Y-%m-%d %H:%M UTC")
        )
    })
}

/// An error with its causes: reqwest says only "error sending request" by itself. The address is
/// left out, the caller names it.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let part = error.to_string();
        // "client error (Connect)" tells nobody anything; its own cause does.
        if !text.contains(&part) && !part.starts_with("client error (") {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
        source = error.source();
    }
    if text.is_empty() {
        text = if error.is_timeout() {
            "no answer in time".to_owned()
        } else {
            "the connection failed".to_owned()
        };
    }
    shorten(&text, 300)
}
