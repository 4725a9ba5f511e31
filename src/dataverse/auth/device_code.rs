//! A person who signs in with a browser, on this or any other device (OAuth's device authorization
//! grant, RFC 8628; the vendor's page on it, read 2026-11-23).

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::dataverse::words::shorten;

use super::answer::{Fresh, Refusal};
use super::authority::{Authority, Endpoint};
use super::client_secret::token;
use super::explain::{About, explain};
use super::http::Answer;
use super::kept::Grant;
use super::named::Kind;
use super::ways::Prompt;
use super::{AuthError, Later};

/// The application that the vendor's own samples for Dataverse sign people in with (found in their
/// code, 2026-11-23; that it is offered for trying things out is remembered). It has no secret.
pub(super) const PUBLIC_CLIENT: &str = "51f81489-12ee-4a9e-aaae-a2591f45987d";

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A person at a browser.
pub(super) struct DeviceCode {
    authority: Authority,
    client: String,
    prompt: Prompt,
    /// Kept in memory alone; gets the next token without asking the person again.
    refresh: Mutex<Option<SecretString>>,
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default = "fifteen_minutes")]
    expires_in: u64,
    #[serde(default = "five")]
    interval: u64,
}

fn fifteen_minutes() -> u64 {
    900
}

fn five() -> u64 {
    5
}

impl DeviceCode {
    pub(super) fn new(authority: Authority, client: Option<String>, prompt: Prompt) -> DeviceCode {
        DeviceCode {
            authority,
            client: client.unwrap_or_else(|| PUBLIC_CLIENT.to_owned()),
            prompt,
            refresh: Mutex::new(None),
        }
    }

    async fn get(&self) -> Result<Fresh, AuthError> {
        let endpoint = self.authority.endpoint().await?;
        let mut refresh = self.refresh.lock().await;
        if let Some(old) = refresh.clone() {
            match self.refreshed(endpoint, &old).await? {
                Ok(mut fresh) => {
                    *refresh = fresh.refresh.take().or(Some(old));
                    return Ok(fresh);
                }
                // It may still be good in a minute, and asking the person would not help either.
                Err(refusal) if refusal.is_passing() => {
                    return Err(explain(&refusal, &About::new(&self.client, endpoint)));
                }
                Err(refusal) => {
                    tracing::info!(
                        error = refusal.error,
                        "the sign-in cannot be renewed; asking again"
                    );
                    *refresh = None;
                }
            }
        }
        let mut fresh = self.signed_in(endpoint).await?;
        *refresh = fresh.refresh.take();
        Ok(fresh)
    }

    /// What the token is for. `offline_access` asks Entra for what renews it.
    fn wanted(endpoint: &Endpoint) -> (&'static str, String) {
        let (name, value) = endpoint.wanted("user_impersonation");
        match endpoint.kind {
            Kind::Entra => (name, format!("{value} offline_access")),
            Kind::AdFs => (name, value),
        }
    }

    async fn refreshed(
        &self,
        endpoint: &Endpoint,
        old: &SecretString,
    ) -> Result<Result<Fresh, Refusal>, AuthError> {
        let (name, wanted) = DeviceCode::wanted(endpoint);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client.as_str()),
            (name, wanted.as_str()),
        ];
        let secrets = [("refresh_token", old)];
        let answer = self
            .authority
            .http()
            .post(&endpoint.token_url()?, &form, &secrets)
            .await?;
        if !answer.is_success() {
            let refusal = Refusal::read(answer.status, answer.body.expose_secret(), &[old]);
            return Ok(Err(refusal));
        }
        token(&answer, &[old], &About::new(&self.client, endpoint)).map(Ok)
    }

    async fn signed_in(&self, endpoint: &Endpoint) -> Result<Fresh, AuthError> {
        let (name, wanted) = DeviceCode::wanted(endpoint);
        let form = [("client_id", self.client.as_str()), (name, wanted.as_str())];
        let about = About::new(&self.client, endpoint);
        let answer = self
            .authority
            .http()
            .post(&endpoint.device_code_url()?, &form, &[])
            .await?;
        let body = answer.body.expose_secret();
        if !answer.is_success() {
            return Err(explain(&Refusal::read(answer.status, body, &[]), &about));
        }
        let begun: Begun = serde_json::from_str(body).map_err(|_| {
            AuthError::refused(
                "the sign-in service answered without a code",
                "",
                "check --authority: something else than a sign-in service seems to answer there",
            )
        })?;
        let minutes = begun.expires_in.div_ceil(60);
        (self.prompt)(&format!(
            "To sign in, open {} in a browser and enter the code {}\nThe code holds for {minutes} minute{}.",
            shorten(&begun.verification_uri, 200),
            shorten(&begun.user_code, 40),
            if minutes == 1 { "" } else { "s" },
        ));
        self.wait(endpoint, &begun, &about).await
    }

    /// Asks until the person has signed in, or will not.
    async fn wait(&self, endpoint: &Endpoint, begun: &Begun, about: &About<'_>) -> Result<Fresh, AuthError> {
        let code = SecretString::from(begun.device_code.clone());
        let (name, wanted) = DeviceCode::wanted(endpoint);
        // The resource goes with every question to AD FS; Entra knows it from the first.
        let mut form = vec![("grant_type", GRANT), ("client_id", self.client.as_str())];
        if endpoint.kind == Kind::AdFs {
            form.push((name, wanted.as_str()));
        }
        let mut interval = Duration::from_secs(begun.interval.clamp(1, 60));
        let end = Instant::now() + Duration::from_secs(begun.expires_in.min(86_400));
        loop {
            let next = Instant::now() + interval;
            tokio::time::sleep_until(next.min(end)).await;
            if Instant::now() >= end {
                return Err(too_late());
            }
            let secrets = [("device_code", &code)];
            let url = endpoint.token_url()?;
            let answer: Answer = self.authority.http().post(&url, &form, &secrets).await?;
            if answer.is_success() {
                return token(&answer, &[&code], about);
            }
            let refusal = Refusal::read(answer.status, answer.body.expose_secret(), &[&code]);
            match refusal.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += Duration::from_secs(5),
                "authorization_declined" | "access_denied" => {
                    return Err(AuthError::refused(
                        "the sign-in was declined in the browser",
                        "",
                        "run the command again to sign in; no snapshot was written",
                    ));
                }
                "expired_token" | "code_expired" => return Err(too_late()),
                _ => return Err(explain(&refusal, about)),
            }
        }
    }
}

fn too_late() -> AuthError {
    AuthError::refused(
        "nobody entered the code in time",
        "",
        "run the command again, and enter the new code in a browser; where nobody is there to do it, let an application sign in, such as with --auth client-certificate",
    )
}

impl Grant for DeviceCode {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(self.get())
    }

    fn giver(&self) -> &'static str {
        "the sign-in service"
    }
}
