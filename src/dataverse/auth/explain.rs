//! What a refusal of the sign-in service means, and what to do.
//!
//! The numbers are Microsoft Entra's (vendor's list of AADSTS error codes, seen in excerpts on
//! 2026-11-23; the rest is remembered). They may change, so they decide nothing here: what is not known is shown in the service's own words.

use jiff::Timestamp;

use super::AuthError;
use super::answer::Refusal;
use super::authority::Endpoint;
use super::named::Kind;

/// Who was refused.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    client: &'a str,
    tenant: &'a str,
    kind: Kind,
    /// Thumbprint of the certificate.
    pub(super) certificate: &'a str,
    /// Whether the platform vouches for the application, rather than this machine's own signature.
    pub(super) vouched: bool,
    /// Seconds by which this machine's clock is ahead of the service's, if that was compared.
    ahead: Option<i64>,
}

impl<'a> About<'a> {
    pub(super) fn new(client: &'a str, endpoint: &'a Endpoint) -> About<'a> {
        About {
            client,
            tenant: &endpoint.tenant,
            kind: endpoint.kind,
            certificate: "",
            vouched: false,
            ahead: None,
        }
    }

    /// The same, refused at this moment by the service's clock.
    pub(super) fn at(self, theirs: Option<Timestamp>) -> About<'a> {
        let ahead = theirs.map(|theirs| Timestamp::now().as_second() - theirs.as_second());
        About { ahead, ..self }
    }
}

/// Where applications and their credentials are found.
const PORTAL: &str = "the Microsoft Entra admin center, App registrations";

/// The error that a refusal is.
pub(super) fn explain(refusal: &Refusal, about: &About<'_>) -> AuthError {
    let (client, tenant) = (about.client, about.tenant);
    let (what, hint) = match refusal.code {
        Some(7_000_215) => (
            format!("the client secret is not one of the application {client}"),
            format!(
                "CLEARANCE_CLIENT_SECRET takes the secret's value, not its id; if the value is lost, make a new secret in {PORTAL}, Certificates & secrets"
            ),
        ),
        Some(7_000_222) => (
            format!("the client secret of the application {client} has expired"),
            format!(
                "make a new one in {PORTAL}, Certificates & secrets, and put its value into CLEARANCE_CLIENT_SECRET"
            ),
        ),
        Some(700_016) => (
            format!("there is no application {client} in the tenant {tenant}"),
            "--client-id takes the application (client) id of an app registration, and --tenant the tenant that it is in"
                .to_owned(),
        ),
        Some(90002 | 900_021 | 900_023) => (
            format!("there is no tenant {tenant}"),
            "--tenant takes the directory id (a GUID) or a domain such as contoso.onmicrosoft.com; without it the environment is asked for its tenant"
                .to_owned(),
        ),
        Some(65001 | 90094) => (
            format!("nobody has agreed yet that the application {client} may act for you"),
            "let an administrator grant it consent to Dynamics CRM, user_impersonation; or use an application of your own with --client-id"
                .to_owned(),
        ),
        Some(50074 | 50076 | 50079) => (
            "a second factor is asked for, which cannot be given here".to_owned(),
            "sign in with --auth device-code; for the Azure CLI, run `az login` again".to_owned(),
        ),
        Some(53000..=53004 | 530_002..=530_036) => (
            "a Conditional Access policy forbids this sign-in".to_owned(),
            "the sign-in log in the Microsoft Entra admin center names the policy; ask for an exception, or sign in another way, such as an application with --auth client-certificate"
                .to_owned(),
        ),
        // The number is the same, only the words tell (as public reports quote them).
        Some(700_027) if refusal.said.contains("expired") => (
            format!(
                "the certificate with the thumbprint {} has expired",
                about.certificate
            ),
            format!(
                "make a new one, upload it without its key in {PORTAL}, Certificates & secrets, Certificates, and name its file in CLEARANCE_CERTIFICATE"
            ),
        ),
        Some(700_027) => (
            format!(
                "the certificate with the thumbprint {} is not registered for the application {client}",
                about.certificate
            ),
            format!(
                "upload the certificate, without its key, in {PORTAL}, Certificates & secrets, Certificates"
            ),
        ),
        Some(700_024) if about.vouched => (
            match clocks(about.ahead) {
                Some(apart) => format!(
                    "the token that vouches for this workload has expired, or is not valid yet; {apart}"
                ),
                None => "the token that vouches for this workload has expired, or is not valid yet".to_owned(),
            },
            "in Kubernetes, see that the file in AZURE_FEDERATED_TOKEN_FILE is renewed, and restart the pod if it is not; in GitHub Actions, run the job again"
                .to_owned(),
        ),
        Some(700_024) => match clocks(about.ahead) {
            Some(apart) => (apart, "set this machine's clock".to_owned()),
            None => (
                "what proves the application's identity has expired, or is not valid yet".to_owned(),
                "check this machine's clock, and run the command again".to_owned(),
            ),
        },
        Some(7_000_218) => (
            format!("the application {client} may not sign people in with a device code"),
            format!(
                "In {PORTAL}, Authentication, allow public client flows; or sign in with --auth client-secret"
            ),
        ),
        Some(7_000_112) => (
            format!("the application {client} is disabled in the tenant {tenant}"),
            "ask an administrator of the tenant to enable it".to_owned(),
        ),
        Some(500_011 | 650_057) => (
            format!("the tenant {tenant} does not know the environment"),
            "check its address, and --tenant: it must be the tenant that the environment belongs to".to_owned(),
        ),
        Some(70021 | 700_211..=700_213) => (
            format!("the application {client} does not trust this identity"),
            format!(
                "add a federated credential with this issuer, subject and audience in {PORTAL}, Certificates & secrets, Federated credentials"
            ),
        ),
        Some(50020) => (
            format!("the account is not known in the tenant {tenant}"),
            "sign in with an account of the environment's tenant".to_owned(),
        ),
        Some(50057) => (
            "the account is disabled".to_owned(),
            "sign in with another account".to_owned(),
        ),
        Some(50105) => (
            format!("the account is not assigned to the application {client}"),
            "let an administrator assign it under Enterprise applications, Users and groups".to_owned(),
        ),
        _ if refusal.is_passing() => (
            format!("the sign-in service answered {}", refusal.status),
            "try again in a few minutes".to_owned(),
        ),
        _ if refusal.error.is_empty() && refusal.said.is_empty() => (
            format!("what answered {} is no sign-in service", refusal.status),
            "check --authority, and what is between here and there, such as a proxy".to_owned(),
        ),
        _ => (
            match refusal.error.as_str() {
                "" => "the sign-in service said no".to_owned(),
                error => format!("the sign-in service said no ({error})"),
            },
            match about.kind {
                Kind::Entra => "check --client-id and --tenant; https://login.microsoftonline.com/error explains the number",
                Kind::AdFs => "check --client-id and --authority; the event log of AD FS tells more",
            }
            .to_owned(),
        ),
    };
    AuthError::refused(what, refusal.said.clone(), hint)
}

/// By how much the clocks differ, given in seconds by which this machine's is ahead; nothing if that is no
/// more than the way of an answer takes.
pub(super) fn clocks(ahead: Option<i64>) -> Option<String> {
    let ahead = ahead.filter(|ahead| ahead.abs() >= 60)?;
    let seconds = ahead.unsigned_abs();
    let (number, unit) = match seconds {
        0..5_400 => ((seconds + 30) / 60, "minute"),
        5_400..172_800 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    Some(format!(
        "this machine's clock is {number} {unit}{} {} that of the sign-in service",
        if number == 1 { "" } else { "s" },
        if ahead > 0 { "ahead of" } else { "behind" }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_told_apart_in_words() {
        let said = |ahead| clocks(Some(ahead)).unwrap_or_default();
        assert_eq!(said(59), "");
        assert_eq!(
            said(60),
            "this machine's clock is 1 minute ahead of that of the sign-in service"
        );
        assert_eq!(
            said(-3_540),
            "this machine's clock is 59 minutes behind that of the sign-in service"
        );
        assert_eq!(
            said(-7_199),
            "this machine's clock is 2 hours behind that of the sign-in service"
        );
        assert_eq!(
            said(172_800),
            "this machine's clock is 2 days ahead of that of the sign-in service"
        );
        assert_eq!(clocks(None), None);
    }
}
