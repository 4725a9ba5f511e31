//! The identity that Azure gives a machine or a service.
//!
//! Machines ask the instance metadata service; App Service, Functions and Container Apps an
//! endpoint in `IDENTITY_ENDPOINT`, with a header from `IDENTITY_HEADER` (vendor's pages on how to
//! get tokens on a virtual machine, and in App Service, seen in excerpts on 2026-11-23; details of App
//! Service are remembered).

use std::sync::Arc;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::dataverse::url::EnvironmentUrl;

use super::answer::{Fresh, Refusal};
use super::http::{Http, Question};
use super::kept::Grant;
use super::{AuthError, Later};

pub(super) const ENDPOINT_VARIABLE: &str = "IDENTITY_ENDPOINT";
pub(super) const HEADER_VARIABLE: &str = "IDENTITY_HEADER";
/// The variable by which the Azure SDKs let another service stand in for the metadata service.
pub(super) const IMDS_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
/// Where the metadata service is, on every machine of Azure.
pub(super) const IMDS: &str = "http://169.254.169.254";

/// Entra's number for a resource that the tenant does not know.
const NOT_IN_TENANT: u64 = 500_011;

/// Whom to ask.
pub(super) enum Service {
    /// The instance metadata service.
    Imds(Url),
    /// The endpoint of App Service and its like, and its header.
    AppService(Url, SecretString),
}

/// The identity of where this runs.
pub(super) struct ManagedIdentity {
    pub(super) http: Arc<Http>,
    pub(super) service: Service,
    pub(super) environment: EnvironmentUrl,
    /// Which identity, if the machine has several.
    pub(super) client: Option<String>,
}

impl ManagedIdentity {
    async fn get(&self) -> Result<Fresh, AuthError> {
        let (mut url, version) = match &self.service {
            Service::Imds(url) => (url.clone(), "2018-02-01"),
            Service::AppService(url, _) => (url.clone(), "2019-08-01"),
        };
        url.query_pairs_mut()
            .append_pair("api-version", version)
            .append_pair("resource", &self.environment.origin());
        if let Some(client) = &self.client {
            url.query_pairs_mut().append_pair("client_id", client);
        }
        let question = match &self.service {
            Service::Imds(_) => Question {
                headers: &[("metadata", "true")],
                // It is being updated; both pass by themselves.
                passing: &[404, 410],
                secret: None,
            },
            Service::AppService(_, header) => Question {
                secret: Some(("x-identity-header", header)),
                ..Question::default()
            },
        };
        let answer = self.http.get(&url, question).await.map_err(|error| match error {
            AuthError::Unreachable { service, what, .. } => AuthError::Unreachable {
                service,
                what,
                hint: "a managed identity exists only in Azure: on a virtual machine, App Service, Functions, Container Apps and the like; elsewhere choose another --auth"
                    .to_owned(),
            },
            other => other,
        })?;
        let body = answer.body.expose_secret();
        if answer.is_success() {
            return Fresh::from_json(body).map_err(|what| {
                AuthError::refused(
                    format!("the managed identity service answered without a token: {what}"),
                    "",
                    "something else seems to answer in its place; choose another --auth",
                )
            });
        }
        let secrets = question.secret.map(|(_, secret)| secret);
        let refusal = Refusal::read(answer.status, body, secrets.as_slice());
        let (what, hint) = match &self.client {
            _ if refusal.is_passing() || matches!(answer.status, 404 | 410) => (
                format!("the managed identity service answered {}", answer.status),
                "try again in a few minutes".to_owned(),
            ),
            _ if refusal.code == Some(NOT_IN_TENANT) => (
                "the tenant of this managed identity does not know the environment".to_owned(),
                "check the address of the environment; if it belongs to another tenant, sign in as an application of that one, such as with --auth client-certificate".to_owned(),
            ),
            Some(client) => (
                format!("there is no managed identity with the client id {client} here"),
                "assign the user-assigned identity to this machine or service, or leave out --client-id (and AZURE_CLIENT_ID) to use its own".to_owned(),
            ),
            None => (
                "the managed identity service gives no token".to_owned(),
                "turn on the system-assigned identity of this machine or service; if it has user-assigned ones, say which with --client-id".to_owned(),
            ),
        };
        Err(AuthError::refused(what, refusal.said, hint))
    }
}

impl Grant for ManagedIdentity {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(self.get())
    }

    fn giver(&self) -> &'static str {
        "the managed identity service"
    }
}
