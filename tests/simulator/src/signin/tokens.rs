//! Tokens that were given, and whether they still hold.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

use super::{SignInBehaviour, locked};

/// What an environment makes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is good.
    Good,
    /// It was.
    Expired,
    /// It is for something else.
    OtherAudience,
    /// It was never given.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Tokens {
    lifetime: Duration,
    uses: Option<u64>,
    worthless: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    access: HashMap<String, Issued>,
    refresh: HashMap<String, bool>,
}

#[derive(Debug)]
struct Issued {
    resource: String,
    end: Instant,
    left: Option<u64>,
}

/// Something that nobody can guess, and that is found if it is written anywhere.
pub(super) fn unguessable() -> String {
    let mut bytes = [0; 24];
    // Without randomness the test will see the same text twice and say so.
    let _ = SystemRandom::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Tokens {
    pub(super) fn new(behaviour: &SignInBehaviour) -> Self {
        Self {
            lifetime: Duration::from_secs(behaviour.lifetime),
            uses: behaviour.uses,
            worthless: behaviour.worthless,
            state: Mutex::default(),
        }
    }

    /// A new token for a resource, in the form of a JWT, which says when it ends by the
    /// service's clock.
    pub(super) fn give(&self, resource: &str, now: i64) -> String {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({ "typ": "JWT", "alg": "none" }));
        let claims = part(json!({
            "aud": resource,
            "iat": now,
            "exp": now.saturating_add_unsigned(self.lifetime.as_secs()),
            "uti": unguessable(),
        }));
        let token = format!("{header}.{claims}.{}", unguessable());
        let issued = Issued {
            resource: resource.trim_end_matches('/').to_owned(),
            end: Instant::now() + self.lifetime,
            left: self.uses,
        };
        locked(&self.state).access.insert(token.clone(), issued);
        token
    }

    pub(super) fn give_refresh(&self) -> String {
        let token = format!("refresh-{}", unguessable());
        locked(&self.state).refresh.insert(token.clone(), true);
        token
    }

    /// Takes a refresh token back; whether it was good. Each is good once.
    pub(super) fn take_refresh(&self, token: &str) -> bool {
        let mut state = locked(&self.state);
        state.refresh.get_mut(token).is_some_and(std::mem::take)
    }

    pub(super) fn given(&self) -> usize {
        locked(&self.state).access.len()
    }

    pub(super) fn all(&self) -> Vec<String> {
        let state = locked(&self.state);
        state.access.keys().chain(state.refresh.keys()).cloned().collect()
    }

    pub(super) fn judge(&self, token: &str, resource: &str) -> Verdict {
        let mut state = locked(&self.state);
        let Some(issued) = state.access.get_mut(token) else {
            return Verdict::Unknown;
        };
        if self.worthless || issued.resource != resource.trim_end_matches('/') {
            return Verdict::OtherAudience;
        }
        if Instant::now() >= issued.end {
            return Verdict::Expired;
        }
        match &mut issued.left {
            None => Verdict::Good,
            Some(0) => Verdict::Expired,
            Some(left) => {
                *left -= 1;
                Verdict::Good
            }
        }
    }
}
