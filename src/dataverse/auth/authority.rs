//! Whom to ask for a token: Microsoft Entra of the right cloud and tenant, or an AD FS.
//!
//! What is not said is learnt from the environment: its host names the cloud, its challenge the
//! tenant. A challenge is believed only where it names one of Microsoft's own sign-in services (or,
//! for an environment on this machine, another service on this machine): otherwise a mistyped
//! address could have a secret sent to whoever owns it.

use std::sync::Arc;

use reqwest::Url;
use tokio::sync::OnceCell;

use crate::dataverse::url::EnvironmentUrl;

use super::AuthError;
use super::challenge::{Challenge, challenge};
use super::http::{Http, Question};
use super::named::{Kind, Named, check_tenant, named, not_an_authority};

/// Where tokens are asked for, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) kind: Kind,
    /// With the tenant, or `/adfs`; without a slash at the end.
    base: String,
    /// The tenant; empty with AD FS.
    pub(super) tenant: String,
    /// What the token is for.
    resource: String,
}

impl Endpoint {
    /// Where tokens are given.
    ///
    /// # Errors
    /// Never for an endpoint that was found: its base is an address.
    pub(super) fn token_url(&self) -> Result<Url, AuthError> {
        self.url("token")
    }

    /// Where a sign-in by device code begins.
    ///
    /// # Errors
    /// As [`Endpoint::token_url`].
    pub(super) fn device_code_url(&self) -> Result<Url, AuthError> {
        self.url("devicecode")
    }

    fn url(&self, what: &str) -> Result<Url, AuthError> {
        let version = match self.kind {
            Kind::Entra => "/v2.0",
            Kind::AdFs => "",
        };
        let text = format!("{}/oauth2{version}/{what}", self.base);
        Url::parse(&text).map_err(|_| not_an_authority(&text))
    }

    /// The field of a form that says what the token is for. `permission` is Entra's word for how
    /// much: `.default` for applications, `user_impersonation` for people.
    pub(super) fn wanted(&self, permission: &str) -> (&'static str, String) {
        match self.kind {
            Kind::Entra => ("scope", format!("{}/{permission}", self.resource)),
            Kind::AdFs => ("resource", self.resource.clone()),
        }
    }

    /// The audience of tokens that are exchanged here (vendor's page on workload identity
    /// federation, read 2026-11-23).
    pub(super) fn exchange_audience(&self) -> &'static str {
        if self.base.contains(".microsoftonline.us/") {
            "api://AzureADTokenExchangeUSGov"
        } else if self.base.contains(".cn/") {
            "api://AzureADTokenExchangeChina"
        } else {
            "api://AzureADTokenExchange"
        }
    }
}

/// Finds the [`Endpoint`] when it is first needed.
pub(super) struct Authority {
    environment: EnvironmentUrl,
    named: Option<Named>,
    tenant: Option<String>,
    http: Arc<Http>,
    found: OnceCell<Endpoint>,
}

impl Authority {
    /// Takes what was said.
    ///
    /// # Errors
    /// If it cannot be right.
    pub(super) fn new(
        environment: EnvironmentUrl,
        authority: Option<&str>,
        tenant: Option<String>,
        http: Arc<Http>,
    ) -> Result<Authority, AuthError> {
        let named = authority.map(named).transpose()?;
        if let Some(tenant) = &tenant {
            check_tenant(tenant)?;
            let other = named.as_ref().and_then(|named| named.tenant.as_ref());
            if let Some(other) = other.filter(|other| !other.eq_ignore_ascii_case(tenant)) {
                return Err(AuthError::usage(
                    format!("--authority names the tenant `{other}`, and --tenant `{tenant}`"),
                    "say the tenant once",
                ));
            }
        }
        Ok(Authority {
            environment,
            named,
            tenant,
            http,
            found: OnceCell::new(),
        })
    }

    /// Whether an AD FS was named. It has no application that everybody may use.
    pub(super) fn is_ad_fs(&self) -> bool {
        self.named.as_ref().is_some_and(|named| named.kind == Kind::AdFs)
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// Where to ask.
    ///
    /// # Errors
    /// If the environment has to be asked, and does not answer, or names nobody to be trusted.
    pub(super) async fn endpoint(&self) -> Result<&Endpoint, AuthError> {
        self.found.get_or_try_init(|| self.find()).await
    }

    async fn find(&self) -> Result<Endpoint, AuthError> {
        let origin = self.environment.origin();
        if let Some(named) = self.named.as_ref().filter(|named| named.kind == Kind::AdFs) {
            // What the token must be for is in the challenge; mostly it is the address itself.
            let challenge = self.challenge().await.unwrap_or_default();
            return Ok(self.ad_fs(&named.origin, &challenge));
        }
        let host = match &self.named {
            Some(named) => Some(named.origin.clone()),
            None => self
                .environment
                .sign_in_host()
                .map(|host| format!("https://{host}")),
        };
        let said = self.named.as_ref().and_then(|named| named.tenant.clone());
        let tenant = self.tenant.clone().or(said);
        if let (Some(host), Some(tenant)) = (&host, &tenant) {
            return Ok(entra(host, tenant, origin));
        }
        let challenge = self.challenge().await?;
        let uri = challenge.authorization_uri.as_deref().unwrap_or_default();
        let by_environment = named(uri).map_err(|_| self.nothing_named())?;
        if host.is_none() && !self.is_trusted(&by_environment) {
            return Err(AuthError::setup(
                format!(
                    "{} names {} as its sign-in service, which is not one of Microsoft's; nothing was sent there",
                    self.environment.as_str(),
                    by_environment.origin
                ),
                format!(
                    "if it is your organization's own, say so: --authority {}{}",
                    by_environment.origin,
                    if by_environment.kind == Kind::AdFs {
                        "/adfs"
                    } else {
                        ""
                    }
                ),
            ));
        }
        if host.is_none() && by_environment.kind == Kind::AdFs {
            return Ok(self.ad_fs(&by_environment.origin, &challenge));
        }
        let host = host.unwrap_or(by_environment.origin);
        let tenant = tenant.or(by_environment.tenant).ok_or_else(|| {
            AuthError::setup(
                format!("{} does not tell its tenant", self.environment.as_str()),
                "say --tenant with the directory id or a domain of your organization",
            )
        })?;
        tracing::info!(%tenant, %host, "the environment names its tenant");
        Ok(entra(&host, &tenant, origin))
    }

    fn is_trusted(&self, named: &Named) -> bool {
        named.is_microsofts() || (self.environment.is_loopback() && named.loopback)
    }

    fn ad_fs(&self, origin: &str, challenge: &Challenge) -> Endpoint {
        let own = self.environment.origin();
        // A token for something else than this environment must never be sent to it.
        let resource = challenge.resource_id.clone().filter(|resource| {
            Url::parse(resource).is_ok_and(|resource| self.environment.same_origin(&resource))
        });
        Endpoint {
            kind: Kind::AdFs,
            base: format!("{origin}/adfs"),
            tenant: String::new(),
            resource: resource.unwrap_or_else(|| format!("{own}/")),
        }
    }

    /// Asks the environment, without a token, who gives tokens for it.
    async fn challenge(&self) -> Result<Challenge, AuthError> {
        let mut last = AuthError::NotAnEnvironment {
            url: self.environment.as_str().to_owned(),
            what: "no answer".to_owned(),
        };
        for base in self.environment.api_bases() {
            let Ok(url) = Url::parse(&base) else { continue };
            match self.http.get(&url, Question::default()).await {
                Ok(answer) => match challenge(&answer.headers) {
                    Some(challenge) => return Ok(challenge),
                    None if answer.status == 401 => last = self.nothing_named(),
                    None => {
                        last = AuthError::NotAnEnvironment {
                            url: self.environment.as_str().to_owned(),
                            what: format!(
                                "asked for its sign-in service, it answered {} and named none",
                                answer.status
                            ),
                        }
                    }
                },
                Err(AuthError::Unreachable { what, .. }) => {
                    last = AuthError::NotAnEnvironment {
                        url: self.environment.as_str().to_owned(),
                        what,
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Err(last)
    }

    fn nothing_named(&self) -> AuthError {
        AuthError::setup(
            format!("{} does not name its sign-in service", self.environment.as_str()),
            "say --tenant for Microsoft's cloud, or --authority https://HOST/adfs for your own AD FS",
        )
    }
}

fn entra(host: &str, tenant: &str, resource: String) -> Endpoint {
    Endpoint {
        kind: Kind::Entra,
        base: format!("{host}/{tenant}"),
        tenant: tenant.to_owned(),
        resource,
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn endpoint(environment: &str, authority: Option<&str>, tenant: &str) -> Endpoint {
        let environment = EnvironmentUrl::parse(environment, None).expect("an address");
        let http = Arc::new(Http::new());
        let authority =
            Authority::new(environment, authority, Some(tenant.to_owned()), http).expect("an authority");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        // With cloud and tenant known nobody has to be asked: there is no network in this test.
        runtime.block_on(authority.endpoint()).expect("known").clone()
    }

    #[test]
    fn each_cloud_has_its_own_service() {
        for (environment, expected, audience) in [
            (
                "https://c.crm4.dynamics.com",
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                "",
            ),
            (
                "https://c.crm9.dynamics.com",
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                "",
            ),
            (
                "https://c.crm.microsoftdynamics.us",
                "https://login.microsoftonline.us/t/oauth2/v2.0/token",
                "USGov",
            ),
            (
                "https://c.crm.appsplatform.us",
                "https://login.microsoftonline.us/t/oauth2/v2.0/token",
                "USGov",
            ),
            (
                "https://c.crm.dynamics.cn",
                "https://login.partner.microsoftonline.cn/t/oauth2/v2.0/token",
                "China",
            ),
        ] {
            let found = endpoint(environment, None, "t");
            assert_eq!(found.token_url().expect("a URL").as_str(), expected);
            assert_eq!(
                found.exchange_audience(),
                format!("api://AzureADTokenExchange{audience}")
            );
            assert_eq!(
                found.wanted(".default"),
                ("scope", format!("{environment}/.default"))
            );
        }
        let found = endpoint(
            "https://crm.contoso.com",
            Some("https://login.microsoftonline.us"),
            "t",
        );
        assert_eq!(
            found.device_code_url().expect("a URL").as_str(),
            "https://login.microsoftonline.us/t/oauth2/v2.0/devicecode"
        );
    }

    #[test]
    fn a_challenge_is_believed_only_where_it_may_be() {
        let authority = |environment: &str| {
            let environment = EnvironmentUrl::parse(environment, None).expect("an address");
            Authority::new(environment, None, None, Arc::new(Http::new())).expect("an authority")
        };
        let trusts = |environment: &str, uri: &str| {
            authority(environment).is_trusted(&named(uri).expect("an address"))
        };
        assert!(trusts(
            "https://crm.contoso.com",
            "https://login.microsoftonline.com/t/oauth2/authorize"
        ));
        assert!(trusts(
            "http://127.0.0.1:1",
            "http://127.0.0.1:2/t/oauth2/authorize"
        ));
        for uri in [
            "https://login.microsoftonline.com.evil.example/t",
            "https://evil.example/login.microsoftonline.com",
            "https://login.microsoftonline.com:8443/t",
            "http://127.0.0.1:2/t",
        ] {
            assert!(!trusts("https://crm.contoso.com", uri), "{uri}");
        }
        assert!(!trusts("http://127.0.0.1:1", "https://evil.example/t"));

        let resource = |id: &str| {
            let challenge = Challenge {
                resource_id: Some(id.to_owned()),
                ..Challenge::default()
            };
            authority("https://crm.contoso.com/sales")
                .ad_fs("https://sts.contoso.com", &challenge)
                .wanted("any")
        };
        assert_eq!(
            resource("https://crm.contoso.com/x").1,
            "https://crm.contoso.com/x"
        );
        assert_eq!(resource("https://bank.example/").1, "https://crm.contoso.com/");
    }
}
