//! How to sign in to an environment: the arguments, of every command that takes an address.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::dataverse::auth::{Prompt, SignIn, Way};

use super::screen;

/// As whom an environment is read. Secrets are no arguments: other users of a machine see those.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Signing in")]
pub(super) struct SignInOptions {
    /// How to sign in
    ///
    /// Without it: `token` if CLEARANCE_TOKEN is set, else `device-code` on a terminal.
    #[arg(long, value_enum, value_name = "WAY", env = "CLEARANCE_AUTH", hide_env = true)]
    pub(super) auth: Option<AuthWay>,

    /// Tenant: its directory id or a domain, such as contoso.onmicrosoft.com
    ///
    /// Without it the environment is asked for its tenant.
    #[arg(long, value_name = "TENANT", env = "CLEARANCE_TENANT", hide_env = true)]
    pub(super) tenant: Option<String>,

    /// Application (client) id of the app registration, or of the managed identity
    ///
    /// Without it AZURE_CLIENT_ID counts; `device-code` takes an application that Microsoft offers
    /// to everybody for trying things out.
    #[arg(long, value_name = "ID", env = "CLEARANCE_CLIENT_ID", hide_env = true)]
    pub(super) client_id: Option<String>,

    /// Address of the sign-in service, if it is not the one of the environment's cloud
    ///
    /// Such as https://adfs.contoso.com/adfs for an on-premises environment that faces the internet.
    #[arg(long, value_name = "URL", env = "CLEARANCE_AUTHORITY", hide_env = true)]
    pub(super) authority: Option<String>,

    /// Program that prints an access token; for everything that --auth does not know
    ///
    /// It runs without a shell and without arguments, finds the address of the environment in
    /// CLEARANCE_RESOURCE, and prints the token, or JSON with a member access_token, to standard
    /// output. It has three minutes.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "auth")]
    pub(super) token_command: Option<OsString>,
}

impl SignInOptions {
    /// What was said, and who is there to be asked.
    pub(super) fn to_sign_in(&self, prompt: Prompt) -> SignIn {
        // Scripts set variables to nothing where they have nothing to say.
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        SignIn {
            way: self.auth.map(AuthWay::way),
            tenant: said(&self.tenant),
            client: said(&self.client_id),
            authority: said(&self.authority),
            program: self.token_command.clone(),
            watched: screen::is_watched(),
            prompt,
        }
    }
}

/// A way of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuthWay {
    /// An access token in CLEARANCE_TOKEN
    Token,
    /// You, with a browser on any device
    DeviceCode,
    /// An application; its secret in CLEARANCE_CLIENT_SECRET
    ClientSecret,
    /// An application; the path of a PEM file with certificate and key in CLEARANCE_CERTIFICATE
    ClientCertificate,
    /// The identity of this Azure machine or service
    ManagedIdentity,
    /// The federated identity of this Kubernetes pod or GitHub job
    WorkloadIdentity,
    /// Whoever `az login` has signed in
    AzureCli,
}

impl AuthWay {
    fn way(self) -> Way {
        match self {
            AuthWay::Token => Way::Token,
            AuthWay::DeviceCode => Way::DeviceCode,
            AuthWay::ClientSecret => Way::ClientSecret,
            AuthWay::ClientCertificate => Way::ClientCertificate,
            AuthWay::ManagedIdentity => Way::ManagedIdentity,
            AuthWay::WorkloadIdentity => Way::WorkloadIdentity,
            AuthWay::AzureCli => Way::AzureCli,
        }
    }
}
