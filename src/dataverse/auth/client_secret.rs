//! An application that shows its secret.

use secrecy::SecretString;

use super::answer::{Fresh, Refusal};
use super::authority::{Authority, Endpoint};
use super::explain::{About, explain};
use super::http::Answer;
use super::kept::Grant;
use super::{AuthError, Later};

/// The environment variable that the secret is taken from.
pub(super) const SECRET_VARIABLE: &str = "CLEARANCE_CLIENT_SECRET";

/// What proves an application to a token endpoint.
pub(super) struct Proof<'a> {
    /// Fields that are no secret.
    pub(super) open: &'a [(&'a str, &'a str)],
    /// The field that is one.
    pub(super) secret: (&'static str, &'a SecretString),
}

/// Asks for the token of an application (OAuth's client credentials).
///
/// # Errors
/// If nobody answers.
pub(super) async fn ask(
    authority: &Authority,
    endpoint: &Endpoint,
    client: &str,
    proof: &Proof<'_>,
) -> Result<Answer, AuthError> {
    let (name, wanted) = endpoint.wanted(".default");
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client),
        (name, wanted.as_str()),
    ];
    form.extend(proof.open);
    authority
        .http()
        .post(&endpoint.token_url()?, &form, &[proof.secret])
        .await
}

/// The token in an answer.
///
/// # Errors
/// If there is none, with what that means.
pub(super) fn token(
    answer: &Answer,
    secrets: &[&SecretString],
    about: &About<'_>,
) -> Result<Fresh, AuthError> {
    use secrecy::ExposeSecret;
    let body = answer.body.expose_secret();
    if !answer.is_success() {
        let about = about.at(answer.date());
        return Err(explain(&Refusal::read(answer.status, body, secrets), &about));
    }
    Fresh::from_json(body).map_err(|what| {
        AuthError::refused(
            format!("the sign-in service answered without a token: {what}"),
            "",
            "check --authority: something else than a sign-in service seems to answer there",
        )
    })
}

/// An application and its secret.
pub(super) struct ClientSecret {
    pub(super) authority: Authority,
    pub(super) client: String,
    pub(super) secret: SecretString,
}

impl Grant for ClientSecret {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(async {
            let endpoint = self.authority.endpoint().await?;
            let proof = Proof {
                open: &[],
                secret: ("client_secret", &self.secret),
            };
            let answer = ask(&self.authority, endpoint, &self.client, &proof).await?;
            token(&answer, &[&self.secret], &About::new(&self.client, endpoint))
        })
    }

    fn giver(&self) -> &'static str {
        "the sign-in service"
    }
}
