//! Signing in with a device code: a person whose answers are scripted.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::reply::Reply;
use super::token::{self, Kind};
use super::tokens::unguessable;
use super::{Asked, locked};

/// What a poll is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Poll {
    /// The person has not signed in yet.
    Pending,
    /// The same, and polls come too fast.
    SlowDown,
    /// The person will not.
    Declined,
    /// The code has expired.
    Expired,
    /// The person has signed in.
    Approved,
    /// Refused with this number.
    Refused(u64),
}

#[derive(Debug, Default)]
pub(super) struct Devices {
    begun: Mutex<HashMap<String, Begun>>,
    hurried: AtomicUsize,
    offline: AtomicBool,
}

#[derive(Debug)]
struct Begun {
    resource: String,
    polls: usize,
    end: Instant,
    /// Not to be polled before.
    patience: Instant,
    used: bool,
}

impl Devices {
    pub(super) fn hurried(&self) -> usize {
        self.hurried.load(Ordering::Relaxed)
    }

    /// Whether what renews a sign-in was asked for.
    pub(super) fn asked_offline(&self) -> bool {
        self.offline.load(Ordering::Relaxed)
    }

    pub(super) fn codes(&self) -> Vec<String> {
        locked(&self.begun).keys().cloned().collect()
    }
}

/// Begins a sign-in.
pub(super) fn begin(asked: &Asked<'_>, kind: Kind) -> Reply {
    let shared = asked.shared;
    if let Err(refusal) = token::known_client(asked) {
        return refusal;
    }
    let resource = match token::wanted(asked, kind, "user_impersonation") {
        Ok(resource) => resource,
        Err(refusal) => return refusal,
    };
    if asked
        .field("scope")
        .split(' ')
        .any(|scope| scope == "offline_access")
    {
        shared.devices.offline.store(true, Ordering::Relaxed);
    }
    let code = format!("device-{}", unguessable());
    let mut begun = locked(&shared.devices.begun);
    let user_code = format!("CODE{}", begun.len() + 1);
    let now = Instant::now();
    begun.insert(
        code.clone(),
        Begun {
            resource,
            polls: 0,
            end: now + Duration::from_secs(shared.behaviour.device_lifetime),
            patience: now,
            used: false,
        },
    );
    Reply::json(
        200,
        &json!({
            "user_code": user_code,
            "device_code": code,
            "verification_uri": "https://microsoft.example/devicelogin",
            "expires_in": shared.behaviour.device_lifetime,
            "interval": 1,
            "message": format!("To sign in, use a web browser to open the page https://microsoft.example/devicelogin and enter the code {user_code} to authenticate."),
        }),
    )
}

/// Answers a poll.
pub(super) fn poll(asked: &Asked<'_>, kind: Kind) -> Reply {
    let shared = asked.shared;
    let refused = |code, error: &str, text: &str| Reply::refusal(400, code, error, text);
    let mut begun = locked(&shared.devices.begun);
    let Some(device) = begun
        .get_mut(asked.field("device_code"))
        .filter(|device| !device.used)
    else {
        return refused(
            70018,
            "bad_verification_code",
            "The verification code is not valid.",
        );
    };
    let now = Instant::now();
    // A network may bring polls a little closer together than they were sent.
    if now + Duration::from_secs(1) < device.patience {
        shared.devices.hurried.fetch_add(1, Ordering::Relaxed);
    }
    if kind == Kind::AdFs && asked.field("resource") != device.resource {
        return refused(
            70011,
            "invalid_resource",
            "The resource is not the one of the first request.",
        );
    }
    let script = &shared.behaviour.device;
    let answer = script
        .get(device.polls)
        .or(script.last())
        .copied()
        .unwrap_or(Poll::Approved);
    device.polls += 1;
    if now >= device.end || answer == Poll::Expired {
        return refused(70019, "expired_token", "Verification code expired.");
    }
    match answer {
        Poll::Pending => refused(
            70016,
            "authorization_pending",
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        ),
        Poll::SlowDown => {
            device.patience = now + Duration::from_secs(6);
            refused(70016, "slow_down", "Too many requests. Slow down.")
        }
        Poll::Declined => refused(
            70000,
            "authorization_declined",
            "The user declined to authenticate.",
        ),
        Poll::Refused(code) => refused(code, "invalid_grant", "The sign-in was refused."),
        Poll::Approved | Poll::Expired => {
            device.used = true;
            let resource = device.resource.clone();
            drop(begun);
            token::signed_in(asked, &resource)
        }
    }
}
