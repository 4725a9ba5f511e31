//! The client: sends GET, and only GET, to one environment; and, where it was asked to verify
//! access, GETs packed into a batch.
//!
//! Owns headers, the bound on requests in flight, waiting and trying again (see [`Policy`]). It
//! does not know what is in an answer: the caller hands in how to decode it, because a body that
//! cannot be decoded counts as a broken transfer and is asked for again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{StatusCode, Url};
use tokio::time::Instant;

use super::auth::{AccessToken, TokenSource};
use super::batch::{self, Batch, Part};
use super::error::{Cause, RequestError};
use super::lanes::{Lane, Lanes};
use super::progress::State;
use super::retry::{self, Waits};
use super::url::EnvironmentUrl;
use super::verify::Verifier;
use super::words::{chain, odata_error, shown};

pub use super::retry::{DEFAULT_MAX_WAIT, Policy};

/// What is said for a server that says nothing.
const NO_WORDS: &str = "no explanation";

/// How an answer could not be decoded.
pub(super) enum BodyError {
    /// The text is broken: worth another try.
    Malformed(String),
    /// The text is fine, and says something that cannot be: asking again will not help.
    Value(String),
}

/// What the client has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Of these, repetitions.
    pub retries: u64,
    /// Bytes received, unpacked.
    pub bytes: u64,
    /// Time spent waiting because the server asked for it or something broke. Requests that wait at
    /// the same time count once.
    pub waited: Duration,
}

/// A client that can only read. See the [module](self).
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Its address, for messages.
    environment: String,
    token: Arc<dyn TokenSource>,
    lanes: Lanes,
    policy: Policy,
    /// No request is sent before this moment.
    not_before: Mutex<Option<Instant>>,
    ever_answered: AtomicBool,
    requests: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
    waits: Mutex<Waits>,
}

/// Leave to send batches. Only who was given a [`Verifier`] gets one, and only `--verify-access`
/// makes a verifier: without the option there is no way to send anything but GET.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batches<'c> {
    client: &'c Client,
}

/// All that can be sent.
#[derive(Clone, Copy)]
enum Message<'a> {
    Get {
        prefer: Option<&'a str>,
    },
    /// A POST; see [`Batch`] for what it can hold.
    Batch(&'a Batch),
}

/// What one sending of a request came to.
enum Attempt<T> {
    Done(T),
    /// Wait as long as the server says.
    Throttled(Duration),
    /// Try again after a while.
    Again(Cause),
    /// The token was refused, with these words.
    Unauthorized(AccessToken, String),
    Failed(Cause),
}

impl Client {
    /// A client for one environment.
    ///
    /// # Errors
    /// If HTTPS cannot be set up on this machine.
    pub fn new(
        environment: &EnvironmentUrl,
        token: Arc<dyn TokenSource>,
        concurrency: usize,
        policy: Policy,
    ) -> Result<Client, String> {
        // The first to install a provider wins; a second time is no fault.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // `If-None-Match: null` keeps answers fresh; the vendor's samples send it (composing
        // requests, read 2026-11-23).
        let headers = [
            ("accept", "application/json"),
            ("odata-maxversion", "4.0"),
            ("odata-version", "4.0"),
            ("if-none-match", "null"),
        ];
        let headers: HeaderMap = headers
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("clearance/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .gzip(true)
            // The Web API never redirects; a sign-in page does, and must not see the token.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(20))
            .read_timeout(policy.silence);
        if environment.is_loopback() {
            builder = builder.no_proxy();
        }
        builder = if environment.is_encrypted() {
            builder.https_only(true)
        } else {
            // Without encryption there is nothing to trust: a machine without any certificates of
            // authorities, such as a bare container, can still reach a simulator.
            builder.tls_certs_only([])
        };
        Ok(Client {
            http: builder.build().map_err(|error| chain(&error))?,
            environment: environment.as_str().to_owned(),
            token,
            lanes: Lanes::new(concurrency),
            policy,
            not_before: Mutex::new(None),
            ever_answered: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            waits: Mutex::default(),
        })
    }

    /// What has been done so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            waited: self.waits().total(),
        }
    }

    /// One of the requests was needed because an earlier one came to nothing.
    pub(super) fn count_retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// Leave to send batches, for who verifies access.
    pub(super) fn batches(&self, _asked_for_by: &dyn Verifier) -> Batches<'_> {
        Batches { client: self }
    }

    /// The delays before a part of a batch is asked for again.
    pub(super) fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        self.policy.delays()
    }

    /// Sends a GET until it is answered or hopeless. `waiting` is told of every wait.
    pub(super) async fn get<T>(
        &self,
        url: &Url,
        prefer: Option<&str>,
        waiting: &(dyn Fn(State) + Sync),
        decode: impl Fn(&str) -> Result<T, BodyError>,
    ) -> Result<T, RequestError> {
        self.exchange(url, Message::Get { prefer }, waiting, |_, text| decode(text))
            .await
    }

    /// Sends a message until it is answered or hopeless. A batch of GETs may be sent again as any
    /// GET may.
    async fn exchange<T>(
        &self,
        url: &Url,
        message: Message<'_>,
        waiting: &(dyn Fn(State) + Sync),
        decode: impl Fn(&str, &str) -> Result<T, BodyError>,
    ) -> Result<T, RequestError> {
        let failed = |cause| RequestError {
            request: shown(url),
            cause,
        };
        let mut delays = self.policy.delays();
        let mut asked_so_far = Duration::ZERO;
        let mut renewed = false;
        loop {
            self.wait_for_gate().await;
            let attempt = self.send(url, message, &decode).await;
            let wait = match attempt {
                Attempt::Unauthorized(token, message) => {
                    // Once; a second refusal is not about the token's age.
                    let other = !renewed
                        && self
                            .token
                            .renew(&token)
                            .await
                            .map_err(|error| failed(error.into()))?;
                    if !other {
                        let advice = self.token.when_refused(&self.environment);
                        return Err(failed(Cause::Unauthorized { message, advice }));
                    }
                    renewed = true;
                    self.retries.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(cause) => return Err(failed(cause)),
                Attempt::Throttled(asked) => {
                    // At least a second each: a server that says "in a moment" for ever is given up too.
                    asked_so_far = asked_so_far.saturating_add(asked.max(Duration::from_secs(1)));
                    if asked_so_far > self.policy.max_wait || !self.book(asked) {
                        return Err(failed(Cause::Throttled {
                            waited: self.waits().total().as_secs(),
                            asked: asked.as_secs(),
                            most: self.policy.max_wait.as_secs(),
                        }));
                    }
                    self.close_gate(asked);
                    tracing::info!(request = shown(url), seconds = asked.as_secs_f32(), "throttled");
                    waiting(State::Throttled(asked));
                    // A little more, so that not all come back in the same moment.
                    asked + asked.mul_f64(jitter() / 20.0).min(Duration::from_secs(2))
                }
                Attempt::Again(cause) => match delays.next() {
                    None => return Err(failed(cause)),
                    Some(delay) => {
                        if !self.book(delay) {
                            return Err(failed(cause));
                        }
                        tracing::info!(request = shown(url), %cause, seconds = delay.as_secs_f32(), "trying again");
                        waiting(State::Waiting(delay));
                        delay
                    }
                },
            };
            self.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(wait).await;
        }
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the run may still wait that long.
    fn book(&self, wait: Duration) -> bool {
        self.waits().book(Instant::now(), wait, self.policy.max_wait)
    }

    async fn wait_for_gate(&self) {
        loop {
            let gate = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
            match gate {
                Some(moment) if moment > Instant::now() => tokio::time::sleep_until(moment).await,
                _ => return,
            }
        }
    }

    fn close_gate(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut gate = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *gate = Some(gate.map_or(until, |moment| moment.max(until)));
    }

    async fn send<T>(
        &self,
        url: &Url,
        message: Message<'_>,
        decode: &impl Fn(&str, &str) -> Result<T, BodyError>,
    ) -> Attempt<T> {
        // Held until the answer is decoded: it bounds the memory for pages, too.
        let lane = self.lanes.enter().await;
        // It may have closed while this request waited for its turn.
        self.wait_for_gate().await;
        // Only now: a token could end while the request waits for its turn.
        let token = match self.token.token().await {
            Ok(token) => token,
            Err(error) => return Attempt::Failed(error.into()),
        };
        let (request, method) = match message {
            Message::Get { prefer } => {
                let request = self.http.get(url.clone());
                let request = match prefer {
                    Some(prefer) => request.header("prefer", prefer),
                    None => request,
                };
                (request, "GET")
            }
            Message::Batch(batch) => {
                let request = self.http.post(url.clone());
                let request = request
                    .header("prefer", "odata.continue-on-error")
                    .header(header::CONTENT_TYPE, batch.content_type())
                    .body(batch.body().to_owned());
                (request, "POST")
            }
        };
        let request = request.bearer_auth(token.expose());
        self.requests.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(request = shown(url), "{method}");
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return self.not_sent(&error),
        };
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_redirection() {
            let target = headers
                .get(header::LOCATION)
                .and_then(|value| value.to_str().ok());
            let host = target
                .and_then(|target| url.join(target).ok())
                .and_then(|target| target.host_str().map(str::to_owned));
            return Attempt::Failed(Cause::NoWebApi(format!(
                "it answered with a redirection to {}",
                host.as_deref().unwrap_or("nowhere")
            )));
        }
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(error) => return Attempt::Again(Cause::Network(chain(&error))),
        };
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        let text = std::str::from_utf8(&body);
        if status == StatusCode::UNAUTHORIZED {
            let said = odata_error(text.unwrap_or_default()).map(|(_, message)| message);
            return Attempt::Unauthorized(token, said.unwrap_or_else(|| NO_WORDS.to_owned()));
        }
        token.accept();
        if !status.is_success() {
            return self.refused(status, &headers, text.unwrap_or_default(), &lane);
        }
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if content_type.starts_with("text/html") {
            return Attempt::Failed(Cause::NoWebApi("it answered with a web page".to_owned()));
        }
        let decoded = match text {
            Ok(text) => decode(content_type, text),
            Err(error) => Err(BodyError::Malformed(error.to_string())),
        };
        match decoded {
            Ok(value) => {
                let hint = headers.get("x-ms-dop-hint");
                if let Some(hint) = hint.and_then(|hint| hint.to_str().ok()?.trim().parse().ok()) {
                    self.lanes.hint(hint);
                }
                lane.good();
                self.ever_answered.store(true, Ordering::Relaxed);
                Attempt::Done(value)
            }
            Err(BodyError::Malformed(what)) => Attempt::Again(Cause::Malformed(what)),
            Err(BodyError::Value(what)) => Attempt::Failed(Cause::Value(what)),
        }
    }

    fn not_sent<T>(&self, error: &reqwest::Error) -> Attempt<T> {
        let what = chain(error);
        if error.is_connect() && !self.ever_answered.load(Ordering::Relaxed) {
            return Attempt::Failed(Cause::NoWebApi(what));
        }
        Attempt::Again(Cause::Network(what))
    }

    fn refused<T>(&self, status: StatusCode, headers: &HeaderMap, body: &str, lane: &Lane<'_>) -> Attempt<T> {
        let odata = odata_error(body);
        let known = odata.is_some();
        let (code, message) = odata.unwrap_or_else(|| (String::new(), NO_WORDS.to_owned()));
        let wait = headers
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| retry::retry_after(value, Timestamp::now()));
        let cause = Cause::Status {
            status: status.as_u16(),
            code,
            message,
        };
        if matches!(status.as_u16(), 429 | 503) {
            lane.too_much();
        }
        match (status.as_u16(), wait) {
            (429 | 503, Some(wait)) if !wait.is_zero() => Attempt::Throttled(wait),
            (408 | 429 | 500 | 502..=504, _) => Attempt::Again(cause),
            (404, _) if !known => Attempt::Failed(Cause::NothingThere),
            _ => Attempt::Failed(cause),
        }
    }
}

impl Batches<'_> {
    /// Sends a batch until it is answered or hopeless. `decode` is given as many answers as the
    /// batch has GETs, in their order.
    pub(super) async fn send<T>(
        &self,
        url: &Url,
        batch: &Batch,
        waiting: &(dyn Fn(State) + Sync),
        decode: impl Fn(&[Part<'_>]) -> T,
    ) -> Result<T, RequestError> {
        let decode = |content_type: &str, text: &str| {
            let parts = batch::parts(content_type, text).map_err(BodyError::Malformed)?;
            if parts.len() == batch.len() {
                return Ok(decode(&parts));
            }
            Err(BodyError::Malformed(format!(
                "{} answers to a batch of {}",
                parts.len(),
                batch.len()
            )))
        };
        self.client
            .exchange(url, Message::Batch(batch), waiting, decode)
            .await
    }
}

/// A number from 0 up to 1 that need not be good, only different among requests.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(0) >> 11) as f64 / (1u64 << 53) as f64
}
