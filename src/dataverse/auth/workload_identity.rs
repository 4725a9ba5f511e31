//! A workload that another identity provider vouches for: a Kubernetes pod (a token in a file) or a
//! GitHub job (a token from GitHub's service).
//!
//! Variables as the vendors document them: `AZURE_FEDERATED_TOKEN_FILE` (workload identity of AKS),
//! `ACTIONS_ID_TOKEN_REQUEST_URL` and `…_TOKEN` (OpenID Connect of GitHub Actions), read 2026-11-23.

use std::path::PathBuf;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::answer::{Fresh, Refusal, clean};
use super::authority::{Authority, Endpoint};
use super::certificate::ASSERTION_TYPE;
use super::client_secret::{Proof, ask, token};
use super::explain::About;
use super::http::Question;
use super::kept::Grant;
use super::{AuthError, Later};

pub(super) const FILE_VARIABLE: &str = "AZURE_FEDERATED_TOKEN_FILE";
pub(super) const URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(super) const TOKEN_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// Who vouches.
pub(super) enum Voucher {
    /// A file that the platform renews; read every time.
    File(PathBuf),
    /// GitHub, asked every time.
    GitHub {
        url: Url,
        /// With the word `Bearer` in front.
        header: SecretString,
    },
}

impl Voucher {
    async fn assertion(&self, endpoint: &Endpoint, authority: &Authority) -> Result<SecretString, AuthError> {
        match self {
            Voucher::File(path) => {
                let fault = |what: &str| {
                    AuthError::setup(
                        format!("{FILE_VARIABLE} names `{}`: {what}", path.display()),
                        "the platform makes this file; check that workload identity is on for this pod (its label azure.workload.identity/use)",
                    )
                };
                let text = tokio::fs::read_to_string(path)
                    .await
                    .map_err(|error| fault(&error.to_string()))?;
                clean(&text).map_err(fault)
            }
            Voucher::GitHub { url, header } => {
                #[derive(Deserialize)]
                struct Body {
                    value: String,
                }
                const HINT: &str = "give the job the permission: `permissions: id-token: write`";
                let mut url = url.clone();
                url.query_pairs_mut()
                    .append_pair("audience", endpoint.exchange_audience());
                let question = Question {
                    secret: Some(("authorization", header)),
                    ..Question::default()
                };
                let answer = authority.http().get(&url, question).await?;
                let body = answer.body.expose_secret();
                if !answer.is_success() {
                    let refusal = Refusal::read(answer.status, body, &[header]);
                    return Err(AuthError::refused(
                        format!(
                            "GitHub gave no identity token for this job: it answered {}",
                            answer.status
                        ),
                        refusal.said,
                        HINT,
                    ));
                }
                let none = |_| AuthError::refused("GitHub gave no identity token for this job", "", HINT);
                let body: Body = serde_json::from_str(body).map_err(|_| none(""))?;
                clean(&body.value).map_err(none)
            }
        }
    }
}

/// An application that trusts another identity provider.
pub(super) struct WorkloadIdentity {
    pub(super) authority: Authority,
    pub(super) client: String,
    pub(super) voucher: Voucher,
}

impl Grant for WorkloadIdentity {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(async {
            let endpoint = self.authority.endpoint().await?;
            let assertion = self.voucher.assertion(endpoint, &self.authority).await?;
            let proof = Proof {
                open: &[ASSERTION_TYPE],
                secret: ("client_assertion", &assertion),
            };
            let answer = ask(&self.authority, endpoint, &self.client, &proof).await?;
            let mut about = About::new(&self.client, endpoint);
            about.vouched = true;
            token(&answer, &[&assertion], &about)
        })
    }

    fn giver(&self) -> &'static str {
        "the sign-in service"
    }
}
