//! Signing in: where the bearer token of a request comes from.
//!
//! | File | A way of signing in |
//! |---|---|
//! | `given` | a token that somebody else got |
//! | `device_code` | a person, with a browser on any device |
//! | `client_secret`, `certificate` | an application |
//! | `managed_identity` | the identity of an Azure machine or service |
//! | `workload_identity` | a Kubernetes pod or a GitHub job, by federation |
//! | `programs` | the Azure CLI, or any program that prints a token |
//!
//! `kept` keeps what these give and renews it in good time, once for all requests; `authority`
//! finds out whom to ask; `http` is the only one here that talks to the network, and it talks to
//! nobody but the sign-in service, the platform's own token services and, once and without a token,
//! the environment, to learn its tenant. `ways` puts it together.
//!
//! A secret is one from the moment it is read: it lives in a type that cannot be printed. Tokens go
//! into one place, the `Authorization` header of a request to the environment.

mod answer;
mod authority;
mod certificate;
mod certificate_file;
mod challenge;
mod client_secret;
mod device_code;
mod error;
mod explain;
mod given;
mod http;
mod kept;
mod managed_identity;
mod named;
mod programs;
mod ways;
mod workload_identity;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::{ExposeSecret, SecretString};

pub use error::AuthError;
pub use given::{GivenToken, TOKEN_VARIABLE};
pub use ways::{Prompt, SignIn, Way, source};

/// A token, and whether the environment has ever taken it.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: SecretString,
    accepted: Arc<AtomicBool>,
}

impl AccessToken {
    /// A token that has not been used.
    #[must_use]
    pub fn new(secret: SecretString) -> AccessToken {
        AccessToken {
            secret,
            accepted: Arc::new(AtomicBool::new(false)),
        }
    }

    /// For the header of a request, and for nothing else.
    pub(super) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Notes that the environment took it.
    pub(super) fn accept(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    fn was_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Whether this is the same token, given once and cloned since.
    fn is(&self, other: &AccessToken) -> bool {
        Arc::ptr_eq(&self.accepted, &other.accepted)
    }
}

/// A future that can be sent among threads.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, AuthError>> + Send + 'a>>;

/// Something that gives tokens for one environment.
pub trait TokenSource: Send + Sync + fmt::Debug {
    /// A token that is valid now.
    fn token(&self) -> Later<'_, AccessToken>;

    /// After the environment has refused a token: whether [`TokenSource::token`] gives another one
    /// now. It asks for a new one at most once, however many requests come with the same refusal;
    /// and not at all if the refused token was itself such a replacement and was never taken.
    fn renew<'a>(&'a self, refused: &'a AccessToken) -> Later<'a, bool>;

    /// What to say and advise when the environment at `url` refuses tokens from here.
    fn when_refused(&self, url: &str) -> String;
}
