//! How a request, and how a whole collection, fails.

use crate::snapshot::WriteError;

use super::auth::AuthError;
use super::count::Short;
use super::paging::LinkError;
use super::resume::ResumeError;
use super::url::UrlError;
use super::words::clock_hint;

/// The code of "the user is not a member of the organization" (several public reports; the
/// vendor's pages do not list it).
const NOT_A_MEMBER: &str = "0x80072560";

/// What to do where there is no environment.
const ADDRESS: &str = "use the address of the environment as its settings in the Power Platform admin center show it, such as https://contoso.crm4.dynamics.com";

/// One request that failed for good.
#[derive(Debug, thiserror::Error)]
#[error("{} {request}: {cause}", method(.request))]
pub struct RequestError {
    /// What was asked for: path and query without the server, shortened.
    pub request: String,
    /// Why there is no answer.
    #[source]
    pub cause: Cause,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The server answered with an error of the Web API.
    #[error("the server answered {status}{}{message}", separator(.code))]
    Status {
        /// HTTP status.
        status: u16,
        /// Dataverse's code, `0x…`; may be empty.
        code: String,
        /// The server's words, shortened.
        message: String,
    },
    /// The token was not accepted.
    #[error("the server refused the access token: {message}")]
    Unauthorized {
        /// The server's words, shortened.
        message: String,
        /// What that means for where the token came from, and what to do.
        advice: String,
    },
    /// Something answered that is no Web API.
    #[error("{0}")]
    NoWebApi(String),
    /// Something answered that there is nothing at this address, not in the Web API's words.
    #[error("it answered 404 Not Found")]
    NothingThere,
    /// No connection, or it broke.
    #[error("{0}")]
    Network(String),
    /// The answer is no JSON, also when asked again.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
    /// The answer holds a value that cannot be right.
    #[error("{0}")]
    Value(String),
    /// The server asks to wait longer than we do.
    #[error(
        "the service asks to wait {asked} s more; with {waited} s of waiting so far that is more than the {most} s of --max-wait"
    )]
    Throttled {
        /// Seconds that the run has waited.
        waited: u64,
        /// Seconds asked for now.
        asked: u64,
        /// Seconds that the run may wait.
        most: u64,
    },
    /// No token.
    #[error("{0}")]
    Auth(Box<AuthError>),
    /// The link to the next page cannot be followed.
    #[error("{0}")]
    Link(#[from] LinkError),
    /// Rows are missing that the server counts.
    #[error("{0}")]
    Short(#[from] Short),
}

impl From<AuthError> for Cause {
    fn from(error: AuthError) -> Cause {
        Cause::Auth(Box::new(error))
    }
}

/// How a request was sent: batches are the only ones that are no GET.
fn method(request: &str) -> &'static str {
    if request.ends_with("/$batch") {
        "POST"
    } else {
        "GET"
    }
}

/// Names a request, but for the first of all, before which nothing has happened.
fn at(request: &str) -> String {
    match request.split('?').next() {
        Some(path) if !path.ends_with("/WhoAmI") => format!(" at {} {path}", method(request)),
        _ => String::new(),
    }
}

fn separator(code: &str) -> String {
    if code.is_empty() {
        ": ".to_owned()
    } else {
        format!(" ({code}): ")
    }
}

impl RequestError {
    /// Whether there is nothing at the address.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(
            self.cause,
            Cause::NothingThere | Cause::Status { status: 404, .. }
        )
    }

    /// Whether the server no longer knows what a link to a next page stands for. What it answers is
    /// not documented, but the query itself was good: it answered its first page.
    pub(super) fn is_expired_link(&self) -> bool {
        matches!(
            self.cause,
            Cause::NothingThere
                | Cause::Status {
                    status: 400 | 404 | 410,
                    ..
                }
        )
    }

    /// Whether rows are missing that the server counts.
    pub(super) fn is_short(&self) -> bool {
        matches!(self.cause, Cause::Short(_))
    }

    /// Whether the server does not do what was asked of it, now or later.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self.cause,
            Cause::Status {
                status: 400 | 501,
                ..
            }
        )
    }

    /// Whether no other request can succeed either.
    pub(super) fn is_fatal(&self) -> bool {
        match &self.cause {
            Cause::Unauthorized { .. } | Cause::Auth(_) => true,
            Cause::Status { code, .. } => code == NOT_A_MEMBER,
            _ => false,
        }
    }
}

/// Why nothing was collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The address is wrong as it stands.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// There is no token.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// Nothing at the address answers as an environment does.
    #[error(
        "{} {url}: {what}\nhint: {}",
        if clock_hint(.what).is_some() { "no answer from" } else { "there is no environment at" },
        clock_hint(.what).unwrap_or_else(|| ADDRESS.to_owned())
    )]
    NotAnEnvironment {
        /// The address.
        url: String,
        /// What happened instead.
        what: String,
    },
    /// The environment does not accept the token.
    #[error("{url} refused the access token{}: {message}\n{advice}", at(.request))]
    Refused {
        /// The address.
        url: String,
        /// What was asked for: path and query without the server, shortened.
        request: String,
        /// The server's words.
        message: String,
        /// What that means, and what to do.
        advice: String,
    },
    /// The token is good, but whoever it is for is no user there.
    #[error(
        "the signed-in account is not a user of {url}: {message}\nhint: add it as a user, or as an application user with a security role, in the Power Platform admin center"
    )]
    NotAMember {
        /// The address.
        url: String,
        /// The server's words.
        message: String,
    },
    /// The first questions were not answered.
    #[error("cannot collect {url}: {source}")]
    Request {
        /// The address.
        url: String,
        /// What failed.
        source: RequestError,
    },
    /// Without users there is nothing to say.
    #[error(
        "the users of {url} cannot be read: {what}\nhint: the signed-in account needs a security role with read access to users for the whole organization, such as Service Reader"
    )]
    Users {
        /// The address.
        url: String,
        /// What failed.
        what: String,
    },
    /// Neither the host nor the build tells where it runs.
    #[error(
        "cannot tell whether {url} runs in Microsoft's cloud: its host name does not say, and it does not tell its version\nhint: say --deployment online or --deployment on-premises"
    )]
    DeploymentUnknown {
        /// The address.
        url: String,
    },
    /// The HTTP client cannot be set up on this machine.
    #[error(
        "cannot set up HTTPS on this machine: {0}\nhint: install the certificates of public authorities (on Linux the package ca-certificates), or name a file of them in SSL_CERT_FILE"
    )]
    Client(String),
    /// A part of the program broke down.
    #[error(
        "internal error: {0}\nhint: this is a fault of clearance itself; please report it with what you ran"
    )]
    Internal(String),
    /// There is no going on from the tables that were kept.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The snapshot cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl CollectError {
    /// What a failed request means when it concerns everything.
    pub(super) fn from_request(url: &str, source: RequestError) -> CollectError {
        let url = url.to_owned();
        match source.cause {
            Cause::Unauthorized { message, advice } => CollectError::Refused {
                url,
                request: source.request,
                message,
                advice,
            },
            Cause::Status {
                ref code, message, ..
            } if code == NOT_A_MEMBER => CollectError::NotAMember { url, message },
            Cause::Auth(error) => match *error {
                AuthError::NotAnEnvironment { what, .. } => CollectError::NotAnEnvironment { url, what },
                error => CollectError::Auth(error),
            },
            Cause::NoWebApi(what) => CollectError::NotAnEnvironment { url, what },
            Cause::NothingThere => CollectError::NotAnEnvironment {
                url,
                what: Cause::NothingThere.to_string(),
            },
            _ => CollectError::Request { url, source },
        }
    }
}
