//! The address of an environment, and what it tells about where the environment runs.

use reqwest::Url;

use crate::snapshot::manifest::{Deployment, DeploymentFrom};

/// Why an address cannot be the address of an environment.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It is no address.
    #[error("`{0}` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com")]
    NotAnAddress(String),
    /// It has no `https://`.
    #[error("`{0}` lacks https:// in front\nhint: did you mean https://{0} ?")]
    NoScheme(String),
    /// Something else than HTTPS.
    #[error(
        "`{0}` is not encrypted: an access token must not travel over it\nhint: use https:// (http:// is allowed only towards this machine)"
    )]
    NotEncrypted(String),
    /// A user name or password in the address.
    #[error("the address of an environment must not hold a user name or password")]
    Credentials,
    /// The address of a page in the environment.
    #[error("`{given}` is a page of an environment, not its address\nhint: did you mean {meant} ?")]
    Page {
        /// What was given.
        given: String,
        /// What would be right.
        meant: String,
    },
}

/// The checked address of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentUrl {
    text: String,
    url: Url,
    flag: Option<Deployment>,
}

impl EnvironmentUrl {
    /// Checks an address. `flag` is what the caller said about the deployment, if anything.
    ///
    /// # Errors
    /// If it is no address of an environment; the text says what would be right.
    pub fn parse(text: &str, flag: Option<Deployment>) -> Result<EnvironmentUrl, UrlError> {
        let text = text.trim().trim_end_matches('/');
        if !text.contains("://") {
            let host =
                !text.is_empty() && Url::parse(&format!("https://{text}")).is_ok() && text.contains('.');
            return Err(if host {
                UrlError::NoScheme(text.to_owned())
            } else {
                UrlError::NotAnAddress(text.to_owned())
            });
        }
        let url = Url::parse(text).map_err(|_| UrlError::NotAnAddress(text.to_owned()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(UrlError::NotEncrypted(text.to_owned())),
            _ => return Err(UrlError::NotAnAddress(text.to_owned())),
        }
        // On-premises the first segment names the organization; nowhere is there a second.
        let segments: Vec<&str> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        let organization = segments
            .first()
            .copied()
            .filter(|part| !part.contains('.') && *part != "api");
        let online = matches!(flag, Some(Deployment::Online)) || is_online(host_of(&url));
        let page = segments.len() > usize::from(organization.is_some() && !online);
        if page || url.query().is_some() || url.fragment().is_some() {
            let mut meant = url.clone();
            meant.set_query(None);
            meant.set_fragment(None);
            meant.set_path(organization.filter(|_| !online).unwrap_or_default());
            return Err(UrlError::Page {
                given: text.to_owned(),
                meant: meant.as_str().trim_end_matches('/').to_owned(),
            });
        }
        Ok(EnvironmentUrl {
            text: text.to_owned(),
            url,
            flag,
        })
    }

    /// Whether a word is the host of an environment in the cloud: an address without `https://`.
    #[must_use]
    pub fn is_host_of_the_cloud(word: &str) -> bool {
        is_online(word.trim_end_matches('/'))
    }

    /// The address as given, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        host_of(&self.url)
    }

    /// The host's first label: what to call the environment when it does not tell its name.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.host().split('.').next().unwrap_or_default()
    }

    /// Scheme, host and port: what a token for the environment is for.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host of the sign-in service of the cloud that the host belongs to. GCC, `crm9`, uses
    /// that of the public cloud (vendor's page on national clouds, read 2026-11-23).
    pub(super) fn sign_in_host(&self) -> Option<&'static str> {
        Some(match online_domain(self.host())? {
            "microsoftdynamics.us" | "appsplatform.us" => "login.microsoftonline.us",
            "dynamics.cn" => "login.partner.microsoftonline.cn",
            _ => "login.microsoftonline.com",
        })
    }

    /// Whether the address is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether the address is HTTPS; otherwise it is this machine.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The folders of the Web API to try, most likely first. 9.2 exists in the cloud alone; where
    /// the deployment is not known yet, the first that answers is right.
    pub(super) fn api_bases(&self) -> Vec<String> {
        let versions: &[&str] = match self.known_deployment() {
            Some((Deployment::Online, _)) => &["v9.2"],
            Some((Deployment::OnPremises, _)) => &["v9.1", "v9.0"],
            None => &["v9.2", "v9.1", "v9.0"],
        };
        let root = self.url.as_str().trim_end_matches('/');
        versions
            .iter()
            .map(|version| format!("{root}/api/data/{version}/"))
            .collect()
    }

    /// Whether a link leads to the same server.
    pub(super) fn same_origin(&self, other: &Url) -> bool {
        self.url.origin() == other.origin()
    }

    /// Where the environment runs: as the caller said, else as its host says, else as its build
    /// says; none if nothing tells.
    #[must_use]
    pub fn deployment(&self, build: Option<&str>) -> Option<(Deployment, DeploymentFrom)> {
        self.known_deployment().or_else(|| {
            let mut parts = build?.split('.').map(|part| part.parse::<u32>().ok());
            let version = (parts.next()??, parts.next().flatten().unwrap_or(0));
            let deployment = if version >= (9, 2) {
                Deployment::Online
            } else {
                Deployment::OnPremises
            };
            Some((deployment, DeploymentFrom::Build))
        })
    }

    fn known_deployment(&self) -> Option<(Deployment, DeploymentFrom)> {
        let host = || is_online(self.host()).then_some((Deployment::Online, DeploymentFrom::Host));
        self.flag.map(|flag| (flag, DeploymentFrom::Flag)).or_else(host)
    }

    /// The region that the host names: its label (`crm4`), or the cloud.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        let host = self.host();
        match online_domain(host)? {
            "dynamics.com" => host
                .split('.')
                .find(|label| {
                    label
                        .strip_prefix("crm")
                        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
                })
                .map(str::to_owned),
            "microsoftdynamics.us" => Some("gcc-high".to_owned()),
            "appsplatform.us" => Some("dod".to_owned()),
            _ => Some("china".to_owned()),
        }
    }
}

/// The domains of Microsoft's clouds.
const ONLINE: [&str; 4] = [
    "dynamics.com",
    "microsoftdynamics.us",
    "appsplatform.us",
    "dynamics.cn",
];

fn online_domain(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.');
    ONLINE.into_iter().find(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn is_online(host: &str) -> bool {
    online_domain(host).is_some()
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = host_of(url);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests;
