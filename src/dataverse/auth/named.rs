//! The address of a sign-in service, as people give it and as challenges name it.

use reqwest::Url;

use crate::dataverse::url::is_loopback;

use super::AuthError;

/// Microsoft's sign-in services, all clouds, old names included (vendor's page on national clouds,
/// read 2026-11-23).
const ENTRA: [&str; 7] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
];

/// What kind of service it is; the two ask and name things differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Microsoft Entra: tenants and scopes.
    Entra,
    /// Active Directory Federation Services: no tenants, and resources.
    AdFs,
}

/// A service, as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: Kind,
    /// Scheme, host and port.
    pub(super) origin: String,
    pub(super) tenant: Option<String>,
    /// Whether it is this machine.
    pub(super) loopback: bool,
}

impl Named {
    /// Whether it is Microsoft's own, of any cloud.
    pub(super) fn is_microsofts(&self) -> bool {
        ENTRA.iter().any(|host| self.origin == format!("https://{host}"))
    }
}

/// Reads the address of a service: as people give it, and as challenges do, which adds the
/// endpoint (`/oauth2/authorize`).
pub(super) fn named(text: &str) -> Result<Named, AuthError> {
    let fault = || not_an_authority(text);
    let url = Url::parse(text.trim()).map_err(|_| fault())?;
    let loopback = is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => {
            return Err(AuthError::usage(
                format!("the authority `{text}` is not encrypted: secrets must not travel over it"),
                "use https:// (http:// is allowed only towards this machine)",
            ));
        }
        _ => return Err(fault()),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(fault());
    }
    let segments: Vec<&str> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .take_while(|part| !part.eq_ignore_ascii_case("oauth2"))
        .filter(|part| !part.eq_ignore_ascii_case("v2.0"))
        .collect();
    let (kind, tenant) = match segments[..] {
        [] => (Kind::Entra, None),
        [word] if word.eq_ignore_ascii_case("adfs") => (Kind::AdFs, None),
        // These stand for any tenant, and name none.
        ["common" | "organizations" | "consumers"] => (Kind::Entra, None),
        [tenant] => {
            check_tenant(tenant)?;
            (Kind::Entra, Some(tenant.to_owned()))
        }
        _ => return Err(fault()),
    };
    Ok(Named {
        kind,
        origin: url.origin().ascii_serialization(),
        tenant,
        loopback,
    })
}

pub(super) fn not_an_authority(text: &str) -> AuthError {
    AuthError::usage(
        format!("`{text}` is not the address of a sign-in service"),
        "it looks like https://login.microsoftonline.us or https://adfs.contoso.com/adfs",
    )
}

/// A tenant becomes a part of an address and an argument of programs.
pub(super) fn check_tenant(tenant: &str) -> Result<(), AuthError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if !tenant.is_empty() && tenant.bytes().all(good) && !tenant.starts_with(['-', '.']) {
        return Ok(());
    }
    Err(AuthError::usage(
        format!("`{tenant}` is no tenant"),
        "give the directory id (a GUID) or a domain such as contoso.onmicrosoft.com",
    ))
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Kind, String, Option<String>)> {
        let named = named(text).ok()?;
        Some((named.kind, named.origin, named.tenant))
    }

    #[test]
    fn services_are_named_in_many_ways() {
        let host = || "https://login.microsoftonline.us".to_owned();
        let tenant = || Some("contoso.com".to_owned());
        for (text, expected) in [
            ("https://login.microsoftonline.us", (Kind::Entra, host(), None)),
            ("https://login.microsoftonline.us/", (Kind::Entra, host(), None)),
            (
                "https://login.microsoftonline.us/common",
                (Kind::Entra, host(), None),
            ),
            (
                "https://login.microsoftonline.us/contoso.com",
                (Kind::Entra, host(), tenant()),
            ),
            (
                "https://login.microsoftonline.us/contoso.com/v2.0",
                (Kind::Entra, host(), tenant()),
            ),
            (
                "https://login.microsoftonline.us/contoso.com/oauth2/authorize",
                (Kind::Entra, host(), tenant()),
            ),
            (
                "https://sts.x.org/adfs",
                (Kind::AdFs, "https://sts.x.org".to_owned(), None),
            ),
            (
                "https://sts.x.org:444/adfs/oauth2/authorize?x=1",
                (Kind::AdFs, "https://sts.x.org:444".to_owned(), None),
            ),
            (
                "http://127.0.0.1:9/adfs",
                (Kind::AdFs, "http://127.0.0.1:9".to_owned(), None),
            ),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "login.microsoftonline.com",
            "http://login.microsoftonline.com",
            "ftp://login.microsoftonline.com",
            "https://u:p@login.microsoftonline.com",
            "https://login.microsoftonline.com/a/b",
            "https://login.microsoftonline.com/a%2Fb",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
