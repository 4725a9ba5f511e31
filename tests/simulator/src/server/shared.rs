//! What all requests share: the tenant, the script of faults, the counts, and who may ask.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::http::HeaderMap;

use super::behaviour::Behaviour;
use super::fault::{Fault, Script};
use super::protection::Protection;
use super::record::Record;
use super::store::Store;
use crate::error::ServiceError;
use crate::random::{SplitMix64, hashed};
use crate::signin::Verdict;
use crate::tenant::{Deployment, Tenant};

/// Everything that all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The tenant as it is now: every request keeps to the state that it met.
    store: RwLock<Arc<Store>>,
    /// The tenant as it was at first.
    pub(super) first: Arc<Tenant>,
    pub(super) behaviour: Behaviour,
    pub(super) record: Record,
    pub(super) address: SocketAddr,
    pub(super) script: Mutex<Script>,
    pub(super) protection: Protection,
    pub(super) arrived: AtomicU64,
    pub(super) stopped: AtomicBool,
    /// Whether a fault needs them.
    pub(super) keeps_first_pages: bool,
    first_pages: Mutex<HashMap<String, serde_json::Value>>,
    seen: Mutex<HashMap<String, u64>>,
    expiring: AtomicU64,
}

impl Shared {
    pub(super) fn new(tenant: Tenant, mut behaviour: Behaviour, address: SocketAddr) -> Self {
        behaviour.page_size_limit = behaviour.page_size_limit.clamp(1, 5000);
        let store = Store::new(tenant, &behaviour);
        Self {
            first: Arc::clone(&store.tenant),
            store: RwLock::new(Arc::new(store)),
            record: Record::default(),
            address,
            script: Mutex::new(Script::new(behaviour.faults.clone())),
            protection: Protection::default(),
            arrived: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            keeps_first_pages: behaviour
                .faults
                .iter()
                .any(|fault| fault.what == Fault::FirstPageAgain),
            first_pages: Mutex::default(),
            seen: Mutex::default(),
            expiring: AtomicU64::new(
                behaviour
                    .expiring_token
                    .as_ref()
                    .map_or(0, |(_, requests)| *requests),
            ),
            behaviour,
        }
    }

    /// The tenant as it is now.
    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the tenant, unless the change is refused; one request after the other.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&mut Tenant) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let mut tenant = Tenant::clone(&store.tenant);
        change(&mut tenant)?;
        *store = Arc::new(Store::new(tenant, &self.behaviour));
        Ok(())
    }

    /// Remembers the rows of the first page of a set.
    pub(super) fn keep_first_page(&self, target: &str, body: &[u8]) {
        let mut pages = self.first_pages.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.contains_key(target)
            && let Ok(mut page) = serde_json::from_slice::<serde_json::Value>(body)
            && let Some(rows) = page.get_mut("value")
        {
            pages.insert(target.to_owned(), rows.take());
        }
    }

    /// The rows of the first page of a set.
    pub(super) fn first_page(&self, target: &str) -> Option<serde_json::Value> {
        let pages = self.first_pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(target).cloned()
    }

    /// Which request for this set it is, from 0. Unlike the number of a request in all, this does not hang
    /// on what else is asked for at the time.
    pub(super) fn nth(&self, target: &str) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(target.to_owned()).or_default();
        *seen += 1;
        *seen - 1
    }

    /// Most rows on the answer to the nth request for a set, and whether that was said of this request.
    pub(super) fn page_size(&self, target: &str, nth: u64) -> (usize, bool) {
        let (sizes, limit) = (&self.behaviour.page_sizes, self.behaviour.page_size_limit);
        let place = hashed(target).wrapping_add(nth).checked_rem(sizes.len() as u64);
        match place.and_then(|place| sizes.get(place as usize)) {
            Some(size) => (limit.min(*size), true),
            None => (limit, false),
        }
    }

    /// How much longer the answer to the nth request for a set takes.
    pub(super) fn random_latency(&self, target: &str, nth: u64) -> Duration {
        let (longest, seed) = self.behaviour.random_latency;
        let percent = SplitMix64::new(hashed(&(seed, target, nth))).below(101);
        longest * u32::try_from(percent).unwrap_or(0) / 100
    }

    /// From now on every connection breaks at its next request.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// The organization's part of an on-premises address.
    pub(super) fn organization_segment(&self) -> String {
        let name = self.first.organization.name.as_deref().unwrap_or_default();
        let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        if kept.is_empty() {
            "organization".to_owned()
        } else {
            kept.to_lowercase()
        }
    }

    /// Splits a path into the Web API's part, slash included, and the rest.
    pub(super) fn split<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let online = self.first.deployment == Deployment::Online;
        let start = if online {
            String::new()
        } else {
            format!("/{}", self.organization_segment())
        };
        let versions: &[&str] = if online {
            &["v9.0", "v9.1", "v9.2"]
        } else if self.first.version.starts_with("9.0.") {
            &["v9.0"]
        } else {
            &["v9.0", "v9.1"]
        };
        let rest = path.strip_prefix(&start)?.strip_prefix("/api/data/")?;
        let version = versions.iter().find(|version| rest.starts_with(**version))?;
        let rest = &rest[version.len()..];
        let resource = rest.strip_prefix('/').unwrap_or(rest);
        if resource.len() == rest.len() && !rest.is_empty() {
            return None;
        }
        Some((&path[..path.len() - resource.len()], resource))
    }

    /// Who asks; the service's refusal otherwise.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<(), ServiceError> {
        let token = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let given = match (token, &self.behaviour.sign_in) {
            (Some(token), Some(service)) => service.judge(token, &format!("http://{}", self.address)),
            _ => Verdict::Unknown,
        };
        let expired = |token: &str| self.behaviour.expired_tokens.iter().any(|known| known == token);
        let refusal = match (token, &self.behaviour.token) {
            _ if given == Verdict::Good => "",
            _ if given == Verdict::Expired => "The access token has expired.",
            _ if given == Verdict::OtherAudience => {
                "The audience of the access token is not this environment."
            }
            (Some(token), _) if expired(token) => "The access token has expired.",
            (Some(token), Some(wanted)) if token != wanted && self.expiring(token) == Some(true) => "",
            (Some(token), Some(wanted)) if token != wanted && self.expiring(token) == Some(false) => {
                "The access token has expired."
            }
            (Some(token), Some(wanted)) if token == wanted => "",
            (_, None) => "",
            (Some(_), Some(_)) => "The access token is not valid.",
            (None, Some(_)) => "Authorization has been denied for this request.",
        };
        if !refusal.is_empty() {
            return Err(self.challenge(refusal));
        }
        let store = self.store();
        let caller = store.tenant.caller;
        let user = store.caller.and_then(|place| store.tenant.users.get(place));
        match user {
            None => Err(ServiceError::new(
                403,
                "0x80072560",
                "The user is not a member of the organization.",
            )),
            Some(user) if user.isdisabled == Some(true) => {
                let message = format!(
                    "The specified user(Id = {caller}, UsersSinceInstall = 3) is disabled. Consider enabling this user."
                );
                Err(ServiceError::new(403, "0x80040225", message))
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether the token that expires still holds; `None` for other tokens.
    fn expiring(&self, token: &str) -> Option<bool> {
        let (known, _) = self.behaviour.expiring_token.as_ref()?;
        if known != token {
            return None;
        }
        let left = |left: u64| left.checked_sub(1);
        Some(
            self.expiring
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
                .is_ok(),
        )
    }

    /// 401 with the address of the authority, by which clients find the tenant.
    pub(super) fn challenge(&self, message: &str) -> ServiceError {
        let mut error = ServiceError::new(401, "0x80048306", message);
        error.code = "";
        let tenant = &self.first;
        let authority = match (tenant.deployment, &self.behaviour.sign_in) {
            (Deployment::Online, Some(service)) => {
                let directory = &service.behaviour().tenant;
                format!("{}/{directory}/oauth2/authorize", service.url())
            }
            (Deployment::OnPremises, Some(service)) => format!("{}/adfs/oauth2/authorize", service.url()),
            (Deployment::Online, None) => {
                format!(
                    "https://login.microsoftonline.com/{}/oauth2/authorize",
                    tenant.directory
                )
            }
            (Deployment::OnPremises, None) => "https://adfs.contoso.example/adfs/oauth2/authorize".to_owned(),
        };
        let header = format!(
            "Bearer authorization_uri={authority}, resource_id=http://{}/",
            self.address
        );
        error.headers.push(("www-authenticate", header));
        error
    }
}
