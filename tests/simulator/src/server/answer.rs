//! From a request to an answer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use super::behaviour::Behaviour;
use super::fault::{Fault, Script};
use super::listener::Connection;
use super::prefer::Preferences;
use super::protection::{Protection, Remaining};
use super::record::{Record, RecordedRequest, Violation};
use super::rows::RowRequest;
use super::store::Store;
use super::{functions, metadata};
use crate::error::ServiceError;
use crate::query::{RawQuery, percent_decode};
use crate::tenant::{Deployment, Tenant};

/// The longest address that GET may have (vendor's page on query options).
const LONGEST_URL: usize = 32_768;

/// Everything that all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) behaviour: Behaviour,
    pub(super) record: Record,
    address: SocketAddr,
    script: Mutex<Script>,
    protection: Protection,
    arrived: AtomicU64,
    stopped: AtomicBool,
    expiring: AtomicU64,
}

impl Shared {
    pub(super) fn new(tenant: Tenant, mut behaviour: Behaviour, address: SocketAddr) -> Self {
        behaviour.page_size_limit = behaviour.page_size_limit.clamp(1, 5000);
        Self {
            store: Store::new(tenant, &behaviour),
            record: Record::default(),
            address,
            script: Mutex::new(Script::new(behaviour.faults.clone())),
            protection: Protection::default(),
            arrived: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            expiring: AtomicU64::new(
                behaviour
                    .expiring_token
                    .as_ref()
                    .map_or(0, |(_, requests)| *requests),
            ),
            behaviour,
        }
    }

    /// From now on every connection breaks at its next request.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// The organization's part of an on-premises address.
    pub(super) fn organization_segment(&self) -> String {
        let name = self.store.tenant.organization.name.as_deref().unwrap_or_default();
        let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        if kept.is_empty() {
            "organization".to_owned()
        } else {
            kept.to_lowercase()
        }
    }

    /// Splits a path into the Web API's part, slash included, and the rest.
    fn split<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let online = self.store.tenant.deployment == Deployment::Online;
        let start = if online {
            String::new()
        } else {
            format!("/{}", self.organization_segment())
        };
        let versions: &[&str] = if online {
            &["v9.0", "v9.1", "v9.2"]
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
    fn authenticate(&self, headers: &HeaderMap) -> Result<(), ServiceError> {
        let token = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let expired = |token: &str| self.behaviour.expired_tokens.iter().any(|known| known == token);
        let refusal = match (token, &self.behaviour.token) {
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
        let caller = self.store.tenant.caller;
        let user = self.store.row(0, caller).ok().flatten();
        let user = user.map_or_else(
            || self.store.tenant.user(caller),
            |row| self.store.tenant.users.get(row),
        );
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
    fn challenge(&self, message: &str) -> ServiceError {
        let mut error = ServiceError::new(401, "0x80048306", message);
        error.code = "";
        let tenant = &self.store.tenant;
        let authority = match tenant.deployment {
            Deployment::Online => {
                format!(
                    "https://login.microsoftonline.com/{}/oauth2/authorize",
                    tenant.directory
                )
            }
            Deployment::OnPremises => "https://adfs.contoso.example/adfs/oauth2/authorize".to_owned(),
        };
        let header = format!(
            "Bearer authorization_uri={authority}, resource_id=http://{}/",
            self.address
        );
        error.headers.push(("www-authenticate", header));
        error
    }
}

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
    let mut call = Call::new(&shared, &request, number);
    let faults = shared
        .script
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .next(&call.record.target);
    let mut delay = shared.behaviour.latency;
    let limits = shared.behaviour.service_protection.as_ref();
    let entered = shared.protection.enter(limits);
    for fault in &faults {
        if let Fault::Delay(longer) = fault {
            delay += *longer;
        }
    }
    if !delay.is_zero() && entered.is_ok() {
        tokio::time::sleep(delay).await;
    }
    let remaining = match &entered {
        Ok(()) => Some(()),
        Err(_) => None,
    };
    let outcome = match entered {
        Ok(()) => call.answer(&faults),
        Err(refusal) => Err(refusal),
    };
    let remaining = remaining.and_then(|()| shared.protection.leave(limits, began));
    call.respond(outcome, &faults, remaining, &connection)
}

/// One request on its way.
struct Call<'a> {
    shared: &'a Shared,
    method: Method,
    headers: &'a HeaderMap,
    /// Address of the Web API, with a slash at the end.
    base: String,
    /// The path behind it; `None` if the path does not lead to the Web API.
    resource: Option<String>,
    preferences: Preferences,
    record: RecordedRequest,
}

impl<'a> Call<'a> {
    fn new(shared: &'a Shared, request: &'a Request, number: u64) -> Self {
        let uri = request.uri();
        let headers = request.headers();
        let split = shared.split(uri.path());
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        let host = host.map_or_else(|| shared.address.to_string(), str::to_owned);
        let base = format!("http://{host}{}", split.map_or("/", |(base, _)| base));
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
        let mut violations = Vec::new();
        if request.method() != Method::GET {
            violations.push(Violation::Method);
        }
        if ["callerobjectid", "mscrmcallerid"]
            .iter()
            .any(|name| headers.contains_key(*name))
        {
            violations.push(Violation::Impersonation);
        }
        if resource
            .as_deref()
            .is_some_and(|path| path.starts_with("systemusers(azureactivedirectoryobjectid"))
        {
            violations.push(Violation::UserByDirectoryObject);
        }
        Self {
            shared,
            method: request.method().clone(),
            headers,
            base,
            resource,
            preferences: prefer.as_deref().map(Preferences::parse).unwrap_or_default(),
            record: RecordedRequest {
                number,
                method: request.method().to_string(),
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
            },
        }
    }

    fn answer(&self, faults: &[Fault]) -> Result<Vec<u8>, ServiceError> {
        for fault in faults {
            match fault {
                Fault::Throttle { status, retry_after } => {
                    let message =
                        "Number of requests exceeded the limit of 6000 over time window of 300 seconds.";
                    let mut error = ServiceError::new(*status, "0x80072322", message);
                    error
                        .headers
                        .extend(retry_after.value().map(|value| ("retry-after", value)));
                    return Err(error);
                }
                Fault::Status(status) => {
                    return Err(ServiceError::new(
                        *status,
                        "0x80040216",
                        "An unexpected error occurred.",
                    ));
                }
                Fault::TokenExpired => return Err(self.shared.challenge("The access token has expired.")),
                _ => {}
            }
        }
        if self.record.path.len() + self.record.query.len() > LONGEST_URL {
            return Err(ServiceError::new(414, "", "The request URI is too long."));
        }
        let Some(resource) = &self.resource else {
            return Err(ServiceError::new(404, "", "The resource cannot be found."));
        };
        self.shared.authenticate(self.headers)?;
        if self.method != Method::GET {
            let message = format!(
                "The requested resource does not support http method '{}'.",
                self.method
            );
            return Err(ServiceError::new(405, "0x80060888", message));
        }
        self.route(resource)
    }

    fn route(&self, resource: &str) -> Result<Vec<u8>, ServiceError> {
        let store = &self.shared.store;
        let base = &self.base;
        let raw = RawQuery::parse(&self.record.query)?;
        if raw.option("$format").is_some() {
            return Err(ServiceError::bad_query(
                "The query parameter '$format' is not supported.",
            ));
        }
        match resource {
            "" => return Ok(metadata::service_document(store, base)),
            "WhoAmI" | "WhoAmI()" => return Ok(functions::who_am_i(store, base)),
            "RetrieveVersion" | "RetrieveVersion()" => return Ok(functions::retrieve_version(store, base)),
            "EntityDefinitions" => return metadata::tables(store, base, &raw),
            _ => {}
        }
        let (first, rest) = match crate::query::split_outside(resource, '/', '\'').as_slice() {
            [first] => (*first, None),
            [first, rest @ ..] => (*first, Some(rest.join("/"))),
            [] => (resource, None),
        };
        let (set, key) = match first.split_once('(') {
            Some((set, key)) => (set, Some(key.strip_suffix(')').unwrap_or(key))),
            None => (first, None),
        };
        if set == "EntityDefinitions" {
            let name = key
                .and_then(|key| key.strip_prefix("LogicalName="))
                .map(|name| name.trim_matches('\''));
            return match (name, rest.as_deref()) {
                (Some(name), None) => metadata::table(store, base, name, &raw),
                (Some(name), Some("Attributes")) => metadata::columns(store, base, name, &raw),
                _ => Err(ServiceError::unknown_segment(resource)),
            };
        }
        let table = store
            .table(set)
            .ok_or_else(|| ServiceError::unknown_segment(set))?;
        let name = store.tables()[table].name;
        if self
            .shared
            .behaviour
            .forbidden_tables
            .iter()
            .any(|forbidden| forbidden == name)
        {
            let privilege = format!("prvRead{name}");
            return Err(ServiceError::missing_privilege(
                store.tenant.caller,
                &privilege,
                Uuid::nil(),
                name,
            ));
        }
        let request = RowRequest {
            store,
            table,
            base,
            path: &self.record.path,
            query: &self.record.query,
            raw: &raw,
            preferences: &self.preferences,
            page_size_limit: self.shared.behaviour.page_size_limit,
        };
        let Some(key) = key else {
            return match rest.as_deref() {
                None => request.page(),
                Some("$count") => request.count(),
                Some(other) => Err(ServiceError::unknown_segment(other)),
            };
        };
        let row = self.row(table, key)?;
        match rest {
            None => request.single(row),
            Some(rest) => self.bound_function(table, row, &rest, &raw),
        }
    }

    /// The row that a key names: its identifier, or a user's directory object.
    fn row(&self, table: usize, key: &str) -> Result<usize, ServiceError> {
        let store = &self.shared.store;
        let name = store.tables()[table].name;
        let missing = |id: &str| {
            ServiceError::new(
                404,
                "0x80040217",
                format!("Entity '{name}' With Id = {id} Does Not Exist"),
            )
        };
        if let Some(object) = key.strip_prefix("azureactivedirectoryobjectid=") {
            let object = Uuid::try_parse(object).map_err(|_| missing(object))?;
            let same = |user: &crate::tables::SystemUser| user.azureactivedirectoryobjectid == Some(object);
            let found = store.tenant.users.iter().position(same);
            return found.filter(|_| name == "systemuser").ok_or_else(|| missing(key));
        }
        let id = Uuid::try_parse(key)
            .map_err(|_| ServiceError::bad_query(format!("Bad Request - Error in query syntax: '{key}'.")))?;
        store.row(table, id)?.ok_or_else(|| missing(key))
    }

    fn bound_function(
        &self,
        table: usize,
        row: usize,
        call: &str,
        raw: &RawQuery,
    ) -> Result<Vec<u8>, ServiceError> {
        let store = &self.shared.store;
        let missing =
            self.shared.behaviour.functions_missing || store.tenant.deployment == Deployment::OnPremises;
        let argument = call
            .strip_prefix("Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(")
            .and_then(|rest| rest.strip_suffix(')'))
            .filter(|_| store.tables()[table].name == "systemuser" && !missing);
        let argument =
            argument.ok_or_else(|| ServiceError::unknown_segment(call.split('(').next().unwrap_or(call)))?;
        let user = store.tables()[table].cell(row, 0).guid().unwrap_or_default();
        functions::privileges_by_names(store, &self.base, user, argument, raw)
    }

    /// Turns the outcome into an answer, spoils it as scripted, and notes it down.
    fn respond(
        &mut self,
        outcome: Result<Vec<u8>, ServiceError>,
        faults: &[Fault],
        remaining: Option<Remaining>,
        connection: &Connection,
    ) -> Response {
        let mut headers: Vec<(&'static str, String)> = vec![
            ("odata-version", "4.0".to_owned()),
            ("x-ms-service-request-id", Uuid::nil().to_string()),
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
            Ok(body) => {
                headers.extend(
                    self.preferences
                        .applied()
                        .map(|applied| ("preference-applied", applied)),
                );
                let hint = self.shared.behaviour.parallelism_hint;
                if self.record.target == "WhoAmI" && hint > 0 {
                    headers.push(("x-ms-dop-hint", hint.to_string()));
                }
                (200, body, "application/json; odata.metadata=minimal")
            }
            Err(error) => {
                let page = format!("<html><body><h1>{} Bad Gateway</h1></body></html>", error.status);
                let body = if gateway { page } else { error.body() };
                headers.extend(error.headers);
                let content = if gateway {
                    "text/html"
                } else {
                    "application/json; odata.metadata=minimal"
                };
                (error.status, body.into_bytes(), content)
            }
        };
        headers.push(("content-type", content.to_owned()));
        let mut truncated = false;
        for fault in faults.iter().filter(|_| status == 200) {
            match fault {
                Fault::MalformedJson => body.truncate(body.len() / 2),
                Fault::Truncate => truncated = true,
                Fault::SameNextLink => {
                    let query = if self.record.query.is_empty() { "" } else { "?" };
                    let path = self.resource.as_deref().unwrap_or_default();
                    relink(
                        &mut body,
                        &format!("{}{path}{query}{}", self.base, self.record.query),
                    );
                }
                Fault::NextLink(link) => relink(&mut body, link),
                _ => {}
            }
        }
        let reset = faults.contains(&Fault::Reset);
        self.record.status = if reset { 0 } else { status };
        self.record.bytes = body.len();
        self.shared.record.add(self.record.clone());
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
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return;
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("@odata.nextLink".to_owned(), link.into());
    }
    *body = value.to_string().into_bytes();
}
