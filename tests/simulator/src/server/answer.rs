//! From a request to an answer.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use super::batch::{self, Part};
use super::fault::Fault;
use super::listener::Connection;
use super::prefer::Preferences;
use super::protection::{Pass, Remaining};
use super::record::{RecordedRequest, Violation};
use super::shared::Shared;
use super::store::Store;
use crate::error::ServiceError;
use crate::query::percent_decode;

/// The longest address that GET may have (vendor's page on query options).
const LONGEST_URL: usize = 32_768;
/// More than any batch takes: 1,000 addresses of 65,536 characters.
const LONGEST_BODY: usize = 1 << 27;

/// Answers one request, with all that a test has scripted.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    if shared.stopped.load(Ordering::Relaxed) {
        connection.reset();
        return Response::new(Body::empty());
    }
    let number = shared.arrived.fetch_add(1, Ordering::SeqCst) + 1;
    let began = Instant::now();
    let _running = shared.record.enter();
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let call = Call::new(&shared, &head, &body, number);
    // Noted on arrival: a client that gives up waiting has asked all the same.
    shared.record.add(call.record.clone());
    let faults = shared
        .script
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .next(&call.record.target);
    let (outcome, remaining) = match shared
        .protection
        .enter(shared.behaviour.service_protection.as_ref())
    {
        Ok(pass) => {
            let longer = |fault: &Fault| match fault {
                Fault::Delay(longer) => Some(*longer),
                _ => None,
            };
            let random = shared.random_latency(&call.record.target, call.nth);
            let delay: Duration = random + faults.iter().filter_map(longer).sum::<Duration>();
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            let answer = call.answer(&faults);
            // The time that the answer took us is part of the latency, not on top of it.
            let rest = (shared.behaviour.latency + delay).saturating_sub(began.elapsed());
            if !rest.is_zero() {
                tokio::time::sleep(rest).await;
            }
            (answer, pass.map(|pass: Pass<'_>| pass.leave(began)))
        }
        Err(refusal) => (Err(refusal), None),
    };
    call.respond(outcome, &faults, remaining, &connection)
}

/// One request on its way.
pub(super) struct Call<'a> {
    pub(super) shared: &'a Shared,
    /// The tenant as this request met it.
    pub(super) store: Arc<Store>,
    pub(super) method: Method,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Scheme and host, as the client names them.
    origin: String,
    /// Address of the Web API, with a slash at the end.
    pub(super) base: String,
    /// The path behind it; `None` if the path does not lead to the Web API.
    pub(super) resource: Option<String>,
    pub(super) preferences: Preferences,
    /// Which request for its target it is, from 0.
    pub(super) nth: u64,
    /// Of a batch; what is wrong with it, otherwise.
    pub(super) parts: Result<Vec<Part>, String>,
    pub(super) record: RecordedRequest,
}

/// An answer that is no error.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) content: &'static str,
}

const JSON: &str = "application/json; odata.metadata=minimal";

impl<'a> Call<'a> {
    fn new(shared: &'a Shared, head: &'a request::Parts, body: &'a [u8], number: u64) -> Self {
        let uri = &head.uri;
        let headers = &head.headers;
        let split = shared.split(uri.path());
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        let host = host.map_or_else(|| shared.address.to_string(), str::to_owned);
        let origin = format!("http://{host}");
        let base = format!("{origin}{}", split.map_or("/", |(base, _)| base));
        // A base without its last slash is the same address.
        let base = if base.ends_with('/') {
            base
        } else {
            format!("{base}/")
        };
        let resource = split.map(|(_, resource)| percent_decode(&resource.replace('+', "%2B")));
        let target = resource
            .as_deref()
            .unwrap_or("")
            .split(['(', '/'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let prefer: Vec<&str> = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let prefer = (!prefer.is_empty()).then(|| prefer.join(","));
        let readable = |(name, value): (&HeaderName, &HeaderValue)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        };
        let parts = if target == "$batch" {
            let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
            batch::parts(kind.unwrap_or_default(), &String::from_utf8_lossy(body))
        } else {
            Ok(Vec::new())
        };
        let mut violations = Vec::new();
        let only_gets = |parts: &Vec<Part>| parts.iter().all(|part| part.method == "GET");
        let reads = head.method == Method::GET || (target == "$batch" && parts.as_ref().is_ok_and(only_gets));
        if !reads && !shared.behaviour.writable {
            violations.push(Violation::Method);
        }
        if ["callerobjectid", "mscrmcallerid"]
            .iter()
            .any(|name| headers.contains_key(*name))
        {
            violations.push(Violation::Impersonation);
        }
        let creates = |path: &str| path.contains("systemusers(azureactivedirectoryobjectid");
        if resource.as_deref().is_some_and(creates)
            || parts
                .iter()
                .flatten()
                .any(|part| creates(&percent_decode(&part.address)))
        {
            violations.push(Violation::UserByDirectoryObject);
        }
        Self {
            shared,
            store: shared.store(),
            method: head.method.clone(),
            headers,
            body,
            origin,
            base,
            resource,
            preferences: prefer.as_deref().map(Preferences::parse).unwrap_or_default(),
            nth: shared.nth(&target),
            record: RecordedRequest {
                number,
                method: head.method.to_string(),
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                target,
                prefer,
                headers: headers
                    .iter()
                    .filter(|(name, _)| *name != "authorization")
                    .map(readable)
                    .collect(),
                status: 0,
                bytes: 0,
                violations,
                parts: parts
                    .iter()
                    .flatten()
                    .map(|part| format!("{} {}", part.method, part.address))
                    .collect(),
            },
            parts,
        }
    }

    /// A GET that is part of this batch.
    pub(super) fn inner(&self, address: &str) -> Call<'_> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let split = self.shared.split(path);
        Call {
            shared: self.shared,
            store: Arc::clone(&self.store),
            method: Method::GET,
            headers: self.headers,
            body: &[],
            origin: self.origin.clone(),
            base: self.base.clone(),
            resource: split.map(|(_, resource)| percent_decode(&resource.replace('+', "%2B"))),
            preferences: Preferences::default(),
            nth: self.nth,
            parts: Ok(Vec::new()),
            record: RecordedRequest {
                path: path.to_owned(),
                query: query.to_owned(),
                number: self.record.number,
                method: "GET".to_owned(),
                target: self.record.target.clone(),
                prefer: None,
                headers: Vec::new(),
                status: 0,
                bytes: 0,
                violations: Vec::new(),
                parts: Vec::new(),
            },
        }
    }

    /// The answer that a fault makes of any.
    pub(super) fn error_of(&self, fault: &Fault) -> Option<ServiceError> {
        match fault {
            Fault::Throttle { status, retry_after } => {
                let message =
                    "Number of requests exceeded the limit of 6000 over time window of 300 seconds.";
                let mut error = ServiceError::new(*status, "0x80072322", message);
                error
                    .headers
                    .extend(retry_after.value().map(|value| ("retry-after", value)));
                Some(error)
            }
            Fault::Status(status) => Some(ServiceError::new(
                *status,
                "0x80040216",
                "An unexpected error occurred.",
            )),
            Fault::PageTokenExpired(status) if self.record.query.contains("skiptoken") => Some(
                ServiceError::new(*status, "0x80040203", "The paging cookie has expired."),
            ),
            Fault::TokenExpired => Some(self.shared.challenge("The access token has expired.")),
            _ => None,
        }
    }

    fn answer(&self, faults: &[Fault]) -> Result<Reply, ServiceError> {
        if let Some(error) = faults.iter().find_map(|fault| self.error_of(fault)) {
            return Err(error);
        }
        if self.record.path.len() + self.record.query.len() > LONGEST_URL {
            return Err(ServiceError::new(414, "", "The request URI is too long."));
        }
        let Some(resource) = &self.resource else {
            return Err(ServiceError::new(404, "", "The resource cannot be found."));
        };
        self.shared.authenticate(self.headers)?;
        if resource == "$batch" {
            return self.batch();
        }
        if self.method != Method::GET && self.shared.behaviour.writable {
            return self.write(resource);
        }
        if self.method != Method::GET {
            let message = format!(
                "The requested resource does not support http method '{}'.",
                self.method
            );
            return Err(ServiceError::new(405, "0x80060888", message));
        }
        Ok(Reply {
            status: 200,
            body: self.route(resource)?,
            content: JSON,
        })
    }

    /// Turns the outcome into an answer, spoils it as scripted, and notes it down.
    fn respond(
        &self,
        outcome: Result<Reply, ServiceError>,
        faults: &[Fault],
        remaining: Option<Remaining>,
        connection: &Connection,
    ) -> Response {
        let mut headers: Vec<(&'static str, String)> = vec![
            ("odata-version", "4.0".to_owned()),
            (
                "x-ms-service-request-id",
                Uuid::from_u128(u128::from(self.record.number)).to_string(),
            ),
        ];
        if let Some(remaining) = remaining {
            headers.push((
                "x-ms-ratelimit-burst-remaining-xrm-requests",
                remaining.requests.to_string(),
            ));
            let seconds = format!("{:.2}", remaining.execution.as_secs_f64());
            headers.push(("x-ms-ratelimit-time-remaining-xrm-requests", seconds));
        }
        let gateway = faults
            .iter()
            .any(|fault| matches!(fault, Fault::Status(502 | 504)));
        let (status, mut body, content) = match outcome {
            Ok(reply) => {
                headers.extend(
                    self.preferences
                        .applied()
                        .map(|applied| ("preference-applied", applied)),
                );
                let hint = self.shared.behaviour.parallelism_hint;
                if self.record.target == "WhoAmI" && hint > 0 {
                    headers.push(("x-ms-dop-hint", hint.to_string()));
                }
                (reply.status, reply.body, reply.content)
            }
            Err(error) => {
                let page = format!("<html><body><h1>{} Bad Gateway</h1></body></html>", error.status);
                let body = if gateway { page } else { error.body() };
                headers.extend(error.headers);
                let content = if gateway { "text/html" } else { JSON };
                (error.status, body.into_bytes(), content)
            }
        };
        let content = if status == 200 && faults.contains(&Fault::WebPage) {
            "text/html; charset=utf-8"
        } else {
            content
        };
        headers.push(("content-type", content.to_owned()));
        let mut truncated = false;
        if status == 200 && self.shared.keeps_first_pages {
            self.shared.keep_first_page(&self.record.target, &body);
        }
        for fault in faults.iter().filter(|_| status == 200) {
            match fault {
                Fault::MalformedJson => body.truncate(body.len() / 2),
                Fault::Truncate => truncated = true,
                Fault::SameNextLink => {
                    let again = match self.record.query.as_str() {
                        "" => self.record.path.clone(),
                        query => format!("{}?{query}", self.record.path),
                    };
                    relink(&mut body, &format!("{}{again}", self.origin));
                }
                Fault::NextLink(link) => relink(&mut body, link),
                Fault::EndsEarly => edit(&mut body, |page| drop(page.remove("@odata.nextLink"))),
                // An aggregate is no page.
                Fault::RowsLeftOut(rows) if !self.record.query.contains("$apply") => {
                    edit(&mut body, |page| {
                        if let Some(serde_json::Value::Array(value)) = page.get_mut("value") {
                            value.truncate(value.len().saturating_sub(*rows));
                        }
                    })
                }
                Fault::WebPage => body = b"<html><body>Be back soon</body></html>".to_vec(),
                Fault::Content(text) => body = text.clone().into_bytes(),
                Fault::Field { record, name, value } => edit(&mut body, |page| {
                    let record = page.get_mut("value").and_then(|rows| rows.get_mut(record));
                    let Some(record) = record.and_then(serde_json::Value::as_object_mut) else {
                        return;
                    };
                    match value {
                        Some(value) => record.insert(name.clone(), value.clone()),
                        None => record.remove(name),
                    };
                }),
                Fault::FirstPageAgain => edit(&mut body, |page| {
                    if let Some(rows) = self.shared.first_page(&self.record.target) {
                        page.insert("value".to_owned(), rows);
                    }
                }),
                _ => {}
            }
        }
        let reset = faults.contains(&Fault::Reset);
        self.shared
            .record
            .answered(self.record.number, if reset { 0 } else { status }, body.len());
        if reset {
            connection.reset();
        } else if truncated {
            // The head of an answer takes about 500 bytes.
            connection.end_after(500 + body.len() / 2);
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Replaces the next link of a page, or adds one.
fn relink(body: &mut Vec<u8>, link: &str) {
    edit(body, |page| {
        page.insert("@odata.nextLink".to_owned(), link.into());
    });
}

/// Changes a page, if it is one.
fn edit(body: &mut Vec<u8>, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return;
    };
    if let Some(page) = value.as_object_mut() {
        change(page);
    }
    *body = value.to_string().into_bytes();
}
