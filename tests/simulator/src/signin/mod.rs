//! A sign-in service on loopback: Microsoft Entra, an AD FS, the token services of Azure and GitHub.
//!
//! It gives tokens that a simulated environment takes ([`Behaviour::sign_in`](crate::Behaviour)),
//! and refuses in the words and numbers of the real ones (vendor's pages on the identity platform's
//! flows and its AADSTS codes, read 2026-11-23). Assertions are verified as they are there: the
//! signature with the registered certificate's key, then audience, issuer and time.

mod assertion;
mod device;
mod form;
mod platform;
mod reply;
mod token;
mod tokens;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

pub use device::Poll;
pub(crate) use tokens::Verdict;

use device::Devices;
use reply::Reply;
use tokens::Tokens;

/// How the service behaves, and whom it knows.
#[derive(Clone, Debug)]
pub struct SignInBehaviour {
    /// Directory id of its only tenant.
    pub tenant: String,
    /// A domain of the tenant.
    pub domain: String,
    /// The only application.
    pub client: String,
    /// The application's secret.
    pub secret: String,
    /// The application's certificates, in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Tokens of other identity providers that the application trusts, word for word.
    pub federated: Vec<String>,
    /// Seconds for which tokens hold.
    pub lifetime: u64,
    /// Requests for which the environment takes a token; all if none.
    pub uses: Option<u64>,
    /// The environment takes none of the tokens.
    pub worthless: bool,
    /// Seconds by which the service's clock is ahead.
    pub clock: i64,
    /// Answers to the polls of a sign-in with a device code, in order; the last is repeated.
    pub device: Vec<Poll>,
    /// Seconds for which a device code holds.
    pub device_lifetime: u64,
    /// Whether a sign-in may be renewed without the person.
    pub refreshable: bool,
    /// Refuses everybody with this number, name and text, in which `{sent}` becomes what was sent to
    /// prove who it is.
    pub refusal: Option<(u64, &'static str, String)>,
    /// Statuses of the first answers, instead of what would be answered.
    pub faults: Vec<u16>,
    /// Whether the machine has an identity of its own.
    pub system_identity: bool,
    /// Client ids of the further identities of the machine.
    pub user_identities: Vec<String>,
    /// The header that the endpoint of App Service asks for.
    pub identity_header: String,
    /// The token that GitHub's service asks for, if it works at all.
    pub github: Option<String>,
}

impl Default for SignInBehaviour {
    fn default() -> Self {
        Self {
            tenant: "8d1f5c5e-0000-4000-8000-00000000c0de".to_owned(),
            domain: "contoso.onmicrosoft.example".to_owned(),
            client: "c11e0000-0000-4000-8000-000000000001".to_owned(),
            secret: "s3cr3t~Value.of-the_application".to_owned(),
            certificates: Vec::new(),
            federated: Vec::new(),
            lifetime: 3600,
            uses: None,
            worthless: false,
            clock: 0,
            device: vec![Poll::Approved],
            device_lifetime: 900,
            refreshable: true,
            refusal: None,
            faults: Vec::new(),
            system_identity: true,
            user_identities: Vec::new(),
            identity_header: "853b9a84-identity-header-5bfa22b0a3d9".to_owned(),
            github: Some("github-request-token-8a1c".to_owned()),
        }
    }
}

/// One request to the service.
#[derive(Clone, Debug)]
pub struct SignInRequest {
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Fields of the form and of the query.
    pub fields: BTreeMap<String, String>,
    /// Status of the answer.
    pub status: u16,
}

/// A running service; the last clone that is dropped stops it.
#[derive(Clone, Debug)]
pub struct SignInService(Arc<Running>);

#[derive(Debug)]
struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    behaviour: SignInBehaviour,
    address: SocketAddr,
    tokens: Tokens,
    devices: Devices,
    requests: Mutex<Vec<SignInRequest>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SignInService {
    /// Starts on loopback with a thread of its own.
    pub fn start_blocking(behaviour: SignInBehaviour) -> io::Result<Self> {
        let (started, wait) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error))),
            };
            runtime.block_on(async move {
                let listener = match tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
                    Ok(listener) => listener,
                    Err(error) => return drop(started.send(Err(error))),
                };
                let address = match listener.local_addr() {
                    Ok(address) => address,
                    Err(error) => return drop(started.send(Err(error))),
                };
                let shared = Arc::new(Shared {
                    tokens: Tokens::new(&behaviour),
                    devices: Devices::default(),
                    requests: Mutex::default(),
                    address,
                    behaviour,
                });
                let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
                drop(started.send(Ok((address, shared))));
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        });
        let (address, shared) = wait
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the service's thread ended at once")))?;
        Ok(Self(Arc::new(Running {
            address,
            shared,
            stop: Mutex::new(Some(stop)),
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// Its address, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// How it behaves.
    pub fn behaviour(&self) -> &SignInBehaviour {
        &self.0.shared.behaviour
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<SignInRequest> {
        locked(&self.0.shared.requests).clone()
    }

    /// How many access tokens it has given.
    pub fn given(&self) -> usize {
        self.0.shared.tokens.given()
    }

    /// Polls of device codes that came sooner than was asked for.
    pub fn hurried(&self) -> usize {
        self.0.shared.devices.hurried()
    }

    /// Everything secret that it knows, has given or was shown: nobody else may ever show it.
    pub fn secrets(&self) -> Vec<String> {
        let behaviour = self.behaviour();
        let mut secrets = self.0.shared.tokens.all();
        secrets.extend(self.0.shared.devices.codes());
        secrets.push(behaviour.secret.clone());
        secrets.push(behaviour.identity_header.clone());
        secrets.extend(behaviour.github.clone());
        secrets.extend(behaviour.federated.iter().cloned());
        for request in self.requests() {
            secrets.extend(request.fields.get("client_assertion").cloned());
        }
        secrets
    }

    /// Whether a token is good for an environment.
    pub(crate) fn judge(&self, token: &str, resource: &str) -> Verdict {
        self.0.shared.tokens.judge(token, resource)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = locked(&self.stop).take() {
            // The other side is gone if the service has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = locked(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

/// One request on its way.
struct Asked<'a> {
    shared: &'a Shared,
    path: &'a str,
    headers: &'a HeaderMap,
    fields: &'a BTreeMap<String, String>,
}

impl Asked<'_> {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Shared {
    /// The service's time.
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.behaviour.clock)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let mut fields = form::parse(parts.uri.query().unwrap_or_default());
    fields.extend(form::parse(&String::from_utf8_lossy(&body)));
    let asked = Asked {
        shared: &shared,
        path: &path,
        headers: &parts.headers,
        fields: &fields,
    };
    let place = locked(&shared.requests).len();
    let reply = match shared.behaviour.faults.get(place) {
        Some(status) => Reply::page(*status),
        None => route(&asked, parts.method.as_str()),
    };
    locked(&shared.requests).push(SignInRequest {
        method: parts.method.to_string(),
        path,
        fields,
        status: reply.status,
    });
    reply.respond(shared.now())
}

fn route(asked: &Asked<'_>, method: &str) -> Reply {
    let segments: Vec<&str> = asked.path.split('/').filter(|part| !part.is_empty()).collect();
    match (method, &segments[..]) {
        ("POST", [tenant, "oauth2", "v2.0", what @ ("token" | "devicecode")]) => {
            let behaviour = &asked.shared.behaviour;
            if ![&behaviour.tenant, &behaviour.domain]
                .iter()
                .any(|known| known == tenant)
            {
                return Reply::refusal(
                    400,
                    90002,
                    "invalid_request",
                    format!(
                        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
                    ),
                );
            }
            match *what {
                "token" => token::give(asked, token::Kind::Entra),
                _ => device::begin(asked, token::Kind::Entra),
            }
        }
        ("POST", ["adfs", "oauth2", "token"]) => token::give(asked, token::Kind::AdFs),
        ("POST", ["adfs", "oauth2", "devicecode"]) => device::begin(asked, token::Kind::AdFs),
        ("GET", ["metadata", "identity", "oauth2", "token"]) => platform::imds(asked),
        ("GET", ["msi", "token"]) => platform::app_service(asked),
        ("GET", ["github", "token"]) => platform::github(asked),
        _ => Reply::page(404),
    }
}
