//! From what was said to something that gives tokens.
//!
//! The only place that reads environment variables, and where it is decided which ones count.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Url;
use secrecy::SecretString;

use crate::dataverse::url::{EnvironmentUrl, is_loopback};

use super::authority::Authority;
use super::certificate::{CERTIFICATE_VARIABLE, Certificate, ClientCertificate, PASSWORD_VARIABLE};
use super::client_secret::{ClientSecret, SECRET_VARIABLE};
use super::device_code::DeviceCode;
use super::given::{GivenToken, TOKEN_VARIABLE};
use super::http::Http;
use super::kept::{Grant, Kept};
use super::managed_identity::{
    ENDPOINT_VARIABLE, HEADER_VARIABLE, IMDS, IMDS_VARIABLE, ManagedIdentity, Service,
};
use super::programs::{AzureCli, TokenCommand};
use super::workload_identity::{self, FILE_VARIABLE, URL_VARIABLE, Voucher, WorkloadIdentity};
use super::{AuthError, TokenSource};

/// Shows a person what to do to sign in.
pub type Prompt = Arc<dyn Fn(&str) + Send + Sync>;

/// A way of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An access token in `CLEARANCE_TOKEN`.
    Token,
    /// A person with a browser.
    DeviceCode,
    /// An application and its secret.
    ClientSecret,
    /// An application and its certificate.
    ClientCertificate,
    /// The identity of an Azure machine or service.
    ManagedIdentity,
    /// A federated identity of Kubernetes or GitHub.
    WorkloadIdentity,
    /// Whoever the Azure CLI has signed in.
    AzureCli,
}

/// How to sign in, as far as it was said.
#[derive(Clone)]
pub struct SignIn {
    /// The way; `CLEARANCE_TOKEN` or the terminal decide if it is not said.
    pub way: Option<Way>,
    /// Directory id or domain.
    pub tenant: Option<String>,
    /// Application (client) id.
    pub client: Option<String>,
    /// Address of another sign-in service than the environment's own.
    pub authority: Option<String>,
    /// A program that prints a token; takes the place of a way.
    pub program: Option<OsString>,
    /// Whether a person is watching.
    pub watched: bool,
    /// How to reach that person.
    pub prompt: Prompt,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// What gives tokens for an environment. Nobody is asked for one yet.
///
/// # Errors
/// If no way was chosen and none offers itself, or if what the way needs is missing or wrong.
pub fn source(environment: &EnvironmentUrl, said: SignIn) -> Result<Arc<dyn TokenSource>, AuthError> {
    if let Some(program) = said.program {
        return Ok(kept(TokenCommand {
            program,
            resource: environment.origin(),
        }));
    }
    let given = std::env::var_os(TOKEN_VARIABLE).is_some();
    let way = choose(said.way, given, said.watched).ok_or(AuthError::NoWay)?;
    let http = Arc::new(Http::new());
    let authority = |tenant| {
        Authority::new(
            environment.clone(),
            said.authority.as_deref(),
            tenant,
            Arc::clone(&http),
        )
    };
    let tenant = || known(said.tenant.clone(), "AZURE_TENANT_ID");
    let client = || known(said.client.clone(), "AZURE_CLIENT_ID");
    let client_of = |way: &str| {
        client()?.ok_or_else(|| {
            AuthError::setup(
                format!("--auth {way} needs the application's id, and neither --client-id nor AZURE_CLIENT_ID says it"),
                "it is the application (client) id of the app registration, a GUID",
            )
        })
    };
    Ok(match way {
        Way::Token => Arc::new(GivenToken::from_environment(environment.as_str())?),
        Way::DeviceCode => {
            // Not from the platform's variables: what they name is the platform's application, which
            // cannot sign people in.
            let authority = authority(said.tenant.clone())?;
            let needs_client = authority.is_ad_fs();
            if needs_client && said.client.is_none() {
                return Err(AuthError::setup(
                    "--auth device-code at an AD FS needs --client-id",
                    "it is the identifier of a native application that is registered there",
                ));
            }
            kept(DeviceCode::new(authority, said.client.clone(), said.prompt.clone()))
        }
        Way::ClientSecret => kept(ClientSecret {
            client: client_of("client-secret")?,
            secret: variable(SECRET_VARIABLE)?.map(SecretString::from).ok_or_else(|| {
                AuthError::setup(
                    format!("--auth client-secret takes the secret from {SECRET_VARIABLE}, which is not set"),
                    "set it to the secret's value; a secret is never taken from an argument, which other users of the machine can see",
                )
            })?,
            authority: authority(tenant()?)?,
        }),
        Way::ClientCertificate => {
            let client = client_of("client-certificate")?;
            let path = variable(CERTIFICATE_VARIABLE)?.ok_or_else(|| {
                AuthError::setup(
                    format!("--auth client-certificate takes the path of the certificate from {CERTIFICATE_VARIABLE}, which is not set"),
                    "set it to the path of a PEM file that holds the certificate and its private key",
                )
            })?;
            let password = variable(PASSWORD_VARIABLE)?.map(SecretString::from);
            let certificate = Certificate::read(&PathBuf::from(path), password.as_ref())?;
            kept(ClientCertificate::new(authority(tenant()?)?, client, certificate))
        }
        Way::ManagedIdentity => kept(ManagedIdentity {
            service: managed_identity()?,
            http: Arc::clone(&http),
            environment: environment.clone(),
            client: client()?,
        }),
        Way::WorkloadIdentity => kept(WorkloadIdentity {
            voucher: voucher()?,
            client: client_of("workload-identity")?,
            authority: authority(tenant()?)?,
        }),
        Way::AzureCli => {
            // Checks what was said, too: the tenant becomes an argument.
            let _ = authority(said.tenant.clone())?;
            kept(AzureCli {
                resource: environment.origin(),
                tenant: said.tenant.clone(),
            })
        }
    })
}

fn kept(grant: impl Grant + 'static) -> Arc<dyn TokenSource> {
    Arc::new(Kept::new(grant))
}

fn choose(way: Option<Way>, given: bool, watched: bool) -> Option<Way> {
    way.or(given.then_some(Way::Token))
        .or(watched.then_some(Way::DeviceCode))
}

/// What was said, else what the platform says.
fn known(said: Option<String>, name: &str) -> Result<Option<String>, AuthError> {
    match said {
        Some(said) => Ok(Some(said)),
        None => variable(name),
    }
}

/// An environment variable; one that is empty counts as not set.
fn variable(name: &str) -> Result<Option<String>, AuthError> {
    match std::env::var(name) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(AuthError::setup(
            format!("the environment variable {name} is no text"),
            "set it to UTF-8 text",
        )),
    }
}

/// The address in a variable.
fn address(name: &str, text: &str) -> Result<Url, AuthError> {
    Url::parse(text).map_err(|_| {
        AuthError::setup(
            format!("{name} is no address"),
            "the platform sets it; unset it if you did",
        )
    })
}

fn managed_identity() -> Result<Service, AuthError> {
    if let Some(endpoint) = variable(ENDPOINT_VARIABLE)? {
        let url = address(ENDPOINT_VARIABLE, &endpoint)?;
        return match variable(HEADER_VARIABLE)? {
            Some(header) => Ok(Service::AppService(url, SecretString::from(header))),
            None => Err(AuthError::setup(
                format!("{ENDPOINT_VARIABLE} is set, and {HEADER_VARIABLE} is not"),
                "App Service, Functions and Container Apps set both; on an Azure Arc machine use --auth azure-cli or --token-command",
            )),
        };
    }
    let host = variable(IMDS_VARIABLE)?;
    let base = address(IMDS_VARIABLE, host.as_deref().unwrap_or(IMDS))?;
    if host.is_some() && !(is_loopback(&base) || base.as_str().trim_end_matches('/') == IMDS) {
        return Err(AuthError::setup(
            format!("{IMDS_VARIABLE} names another machine as the metadata service"),
            "unset it; only a service on this machine may stand in for the one of Azure",
        ));
    }
    address(
        IMDS_VARIABLE,
        &format!(
            "{}/metadata/identity/oauth2/token",
            base.as_str().trim_end_matches('/')
        ),
    )
    .map(Service::Imds)
}

fn voucher() -> Result<Voucher, AuthError> {
    if let Some(path) = variable(FILE_VARIABLE)? {
        return Ok(Voucher::File(PathBuf::from(path)));
    }
    let token = variable(workload_identity::TOKEN_VARIABLE)?;
    if let (Some(url), Some(token)) = (variable(URL_VARIABLE)?, token) {
        let url = address(URL_VARIABLE, &url)?;
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(AuthError::setup(
                format!("{URL_VARIABLE} is not encrypted: secrets must not travel over it"),
                "GitHub sets it to an address with https://; unset it if you set it",
            ));
        }
        return Ok(Voucher::GitHub {
            url,
            header: SecretString::from(format!("Bearer {}", token.trim())),
        });
    }
    Err(AuthError::setup(
        format!(
            "--auth workload-identity finds no identity here: neither {FILE_VARIABLE} nor {URL_VARIABLE} is set"
        ),
        "in Kubernetes, label the pod azure.workload.identity/use: \"true\"; in GitHub Actions, give the job `permissions: id-token: write`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_comes_first_then_the_token_then_the_terminal() {
        let cli = Some(Way::AzureCli);
        assert_eq!(choose(cli, true, true), cli);
        assert_eq!(choose(None, true, true), Some(Way::Token));
        assert_eq!(choose(None, false, true), Some(Way::DeviceCode));
        assert_eq!(choose(None, false, false), None);
    }
}
