//! Why there is no token, and what to do about it.

use super::given::{TOKEN_VARIABLE, get_a_token};

/// Why there is no token. Never holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthError {
    /// No way of signing in was chosen, and none offers itself.
    #[error(
        "not signed in: no way of signing in was chosen, and {TOKEN_VARIABLE} is not set\nhint: choose one:\n{WAYS}"
    )]
    NoWay,
    /// A token was to be taken from the environment variable, and it is not set.
    #[error(
        "not signed in: the environment variable {TOKEN_VARIABLE} is not set\nhint: {}",
        get_a_token(.0)
    )]
    NoToken(String),
    /// The token cannot be one.
    #[error("{TOKEN_VARIABLE} holds no access token: {what}\nhint: {}", get_a_token(.url))]
    Malformed {
        /// Address of the environment.
        url: String,
        /// What is wrong; never the token.
        what: &'static str,
    },
    /// An argument cannot be right.
    #[error("{what}\nhint: {hint}")]
    Usage {
        /// What is wrong.
        what: String,
        /// What would be right.
        hint: String,
    },
    /// Something that the way of signing in needs is missing, or is wrong on this machine.
    #[error("cannot sign in: {what}\nhint: {hint}")]
    Setup {
        /// What is missing or wrong.
        what: String,
        /// What would be right.
        hint: String,
    },
    /// Nothing at the address of the environment answers as one.
    #[error("there is no environment at {url}: {what}")]
    NotAnEnvironment {
        /// The address.
        url: String,
        /// What happened instead.
        what: String,
    },
    /// The service that gives tokens does not answer.
    #[error("cannot sign in: no answer from {service}: {what}\nhint: {hint}")]
    Unreachable {
        /// Its host.
        service: String,
        /// What happened instead.
        what: String,
        /// What to try.
        hint: String,
    },
    /// The service that gives tokens said no.
    #[error("cannot sign in: {what}{}\nhint: {hint}", in_its_words(.said))]
    Refused {
        /// What that means.
        what: String,
        /// Its own words, shortened; may be empty.
        said: String,
        /// What to do.
        hint: String,
    },
}

/// The ways of signing in, as the help text of `--auth` lists them, too.
const WAYS: &str = "  \
  --auth device-code          you, with a browser on any device (what a terminal gets without --auth)
  --auth azure-cli            whoever `az login` has signed in
  --auth client-secret        an application, with its secret in CLEARANCE_CLIENT_SECRET
  --auth client-certificate   an application, with a PEM file of certificate and key named in CLEARANCE_CERTIFICATE
  --auth managed-identity     the identity of this Azure machine or service
  --auth workload-identity    the federated identity of this Kubernetes pod or GitHub job
  --auth token                an access token in CLEARANCE_TOKEN
  --token-command PROGRAM     anything else: a program that prints an access token";

fn in_its_words(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("\nin its words: {words}")
    }
}

impl AuthError {
    pub(super) fn setup(what: impl Into<String>, hint: impl Into<String>) -> AuthError {
        AuthError::Setup {
            what: what.into(),
            hint: hint.into(),
        }
    }

    pub(super) fn usage(what: impl Into<String>, hint: impl Into<String>) -> AuthError {
        AuthError::Usage {
            what: what.into(),
            hint: hint.into(),
        }
    }

    pub(super) fn refused(
        what: impl Into<String>,
        said: impl Into<String>,
        hint: impl Into<String>,
    ) -> AuthError {
        AuthError::Refused {
            what: what.into(),
            said: said.into(),
            hint: hint.into(),
        }
    }

    /// Whether the arguments are wrong as they stand.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, AuthError::Usage { .. })
    }
}
