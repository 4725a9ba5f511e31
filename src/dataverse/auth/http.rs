//! Requests to sign-in services, and no others: forms to token endpoints, questions to the
//! platform's own token services, and the one question to the environment about its tenant.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::dataverse::retry::{Policy, retry_after};
use crate::dataverse::words::{chain, clock_hint};

use super::AuthError;

/// More than any answer about a token.
const MOST_BYTES: usize = 1 << 20;
/// A sign-in service that asks for more patience than this is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The client for sign-in services.
pub(super) struct Http {
    encrypted: OnceLock<Result<reqwest::Client, String>>,
    plain: OnceLock<Result<reqwest::Client, String>>,
    ever_answered: AtomicBool,
    policy: Policy,
}

/// An answer, whatever its status. The body may hold a token.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: SecretString,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The service's clock.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(header::DATE)?.to_str().ok()?;
        Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
    }
}

/// What is sent besides what is always sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Question<'a> {
    /// Headers that are no secret.
    pub(super) headers: &'a [(&'static str, &'a str)],
    /// A header that is one.
    pub(super) secret: Option<(&'static str, &'a SecretString)>,
    /// Statuses that pass by themselves, beside those that always do.
    pub(super) passing: &'a [u16],
}

impl Http {
    pub(super) fn new() -> Http {
        Http {
            encrypted: OnceLock::new(),
            plain: OnceLock::new(),
            ever_answered: AtomicBool::new(false),
            // The metadata service may be away for 70 seconds (vendor's page on its tokens, read
            // 2026-11-23).
            policy: Policy {
                attempts: 7,
                first: Duration::from_millis(500),
                longest: Duration::from_secs(20),
                ..Policy::default()
            },
        }
    }

    /// Sends a form to a token endpoint.
    ///
    /// # Errors
    /// If there is no answer at all.
    pub(super) async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        secrets: &[(&str, &SecretString)],
    ) -> Result<Answer, AuthError> {
        let secrets = secrets
            .iter()
            .map(|(name, secret)| (*name, secret.expose_secret()));
        let form: Vec<(&str, &str)> = form.iter().copied().chain(secrets).collect();
        tracing::debug!(%url, "POST to the sign-in service");
        self.send(url, &[], |client| client.post(url.clone()).form(&form))
            .await
    }

    /// Asks a service of the platform for a token.
    ///
    /// # Errors
    /// If there is no answer at all.
    pub(super) async fn get(&self, url: &Url, question: Question<'_>) -> Result<Answer, AuthError> {
        tracing::debug!(host = url.host_str(), path = url.path(), "GET for a token");
        self.send(url, question.passing, |client| {
            let mut request = client.get(url.clone());
            for (name, value) in question.headers {
                request = request.header(*name, *value);
            }
            if let Some((name, secret)) = question.secret
                && let Ok(mut value) = header::HeaderValue::from_str(secret.expose_secret())
            {
                value.set_sensitive(true);
                request = request.header(name, value);
            }
            request
        })
        .await
    }

    async fn send(
        &self,
        url: &Url,
        passing: &[u16],
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Answer, AuthError> {
        let client = self.client(url)?;
        let unreachable = |what: String| AuthError::Unreachable {
            service: url.host_str().unwrap_or_default().to_owned(),
            hint: clock_hint(&what).unwrap_or_else(|| {
                "check the network, and the proxy in HTTPS_PROXY if there is one".to_owned()
            }),
            what,
        };
        let mut delays = self.policy.delays();
        loop {
            let (what, asked) = match attempt(request(client)).await {
                Ok(answer) => {
                    self.ever_answered.store(true, Ordering::Relaxed);
                    if (300..400).contains(&answer.status) {
                        return Err(unreachable("it answered with a redirection".to_owned()));
                    }
                    let waits = matches!(answer.status, 408 | 429 | 500 | 502..=504)
                        || passing.contains(&answer.status);
                    let asked = answer
                        .headers
                        .get(header::RETRY_AFTER)
                        .and_then(|value| retry_after(value.to_str().ok()?, Timestamp::now()));
                    if !waits || asked.is_some_and(|asked| asked > LONGEST_WAIT) {
                        return Ok(answer);
                    }
                    (Err(answer), asked)
                }
                Err(Broken { connected, what }) => {
                    if !connected && !self.ever_answered.load(Ordering::Relaxed) {
                        return Err(unreachable(what));
                    }
                    (Ok(what), None)
                }
            };
            let Some(delay) = delays.next() else {
                return match what {
                    Err(answer) => Ok(answer),
                    Ok(what) => Err(unreachable(what)),
                };
            };
            let delay = asked.unwrap_or_default().max(delay);
            tracing::info!(
                host = url.host_str(),
                seconds = delay.as_secs_f32(),
                "asking the sign-in service again"
            );
            tokio::time::sleep(delay).await;
        }
    }

    /// The client for an address. The two are set up only when they are needed: a machine without
    /// any certificates of authorities can still use its metadata service.
    fn client(&self, url: &Url) -> Result<&reqwest::Client, AuthError> {
        let encrypted = url.scheme() == "https";
        if !encrypted && !is_near(url) {
            return Err(AuthError::setup(
                format!(
                    "{}://{} is not encrypted: secrets must not travel over it",
                    url.scheme(),
                    url.host_str().unwrap_or_default()
                ),
                "use https://",
            ));
        }
        let cell = if encrypted { &self.encrypted } else { &self.plain };
        cell.get_or_init(|| build(encrypted))
            .as_ref()
            .map_err(|what| {
                AuthError::setup(
                    format!("HTTPS cannot be set up on this machine: {what}"),
                    "install the certificates of public authorities (on Linux the package ca-certificates), or name a file of them in SSL_CERT_FILE",
                )
            })
    }
}

fn build(encrypted: bool) -> Result<reqwest::Client, String> {
    // The first to install a provider wins; a second time is no fault.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("clearance/", env!("CARGO_PKG_VERSION")))
        // A secret goes where it was meant to go and nowhere else.
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60));
    let builder = if encrypted {
        builder.connect_timeout(Duration::from_secs(20)).https_only(true)
    } else {
        // This machine and its metadata service are near or not there, and behind no proxy.
        builder
            .connect_timeout(Duration::from_secs(4))
            .no_proxy()
            .tls_certs_only([])
    };
    builder.build().map_err(|error| chain(&error))
}

struct Broken {
    connected: bool,
    what: String,
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Broken {
        Broken {
            connected: !error.is_connect(),
            what: chain(&error),
        }
    }
}

async fn attempt(request: RequestBuilder) -> Result<Answer, Broken> {
    let mut response = request.send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Broken {
                connected: true,
                what: "the answer does not end".to_owned(),
            });
        }
        body.extend_from_slice(&chunk);
    }
    let body = String::from_utf8(body).unwrap_or_default();
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: SecretString::from(body),
    })
}

/// Whether an address is this machine or one of the addresses at which a platform offers its token
/// services: link-local and private ones, never a name that somebody else could answer for.
fn is_near(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local() || address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_loopback(),
        Err(_) => host == "localhost",
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn only_near_addresses_need_no_encryption() {
        let near = |url: &str| is_near(&Url::parse(url).expect("a URL"));
        for url in [
            "http://localhost:42356/msi/token",
            "http://127.0.0.1:41056/msi/token/",
            "http://[::1]:1/",
            "http://169.254.169.254/metadata",
            "http://172.16.1.2:8081/msi/token",
        ] {
            assert!(near(url), "{url}");
        }
        for url in [
            "http://localhost.example/",
            "http://login.microsoftonline.com/",
            "http://8.8.8.8/",
            "http://metadata/",
        ] {
            assert!(!near(url), "{url}");
        }
    }
}
