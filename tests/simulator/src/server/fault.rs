//! Faults that a test scripts.

use std::time::Duration;

use jiff::Timestamp;

/// When a fault happens. Requests are numbered from 1, in the order in which they arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// From the nth request on.
    Request(u64),
    /// From the nth request to this entity set or function (`mailboxes`, `WhoAmI`) on. A part of a batch
    /// is only hit by `$batch/` and the first piece of its path: `$batch/systemusers(…)`.
    Target(String, u64),
    /// Every nth request.
    Every(u64),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// 429 or 503, with a code of service protection.
    Throttle {
        /// Status.
        status: u16,
        /// The header, if any.
        retry_after: RetryAfter,
    },
    /// An error of the service or a gateway before it, such as 500, 502 or 504; those of gateways are HTML.
    Status(u16),
    /// 401, as if the token had expired.
    TokenExpired,
    /// The connection is reset instead of an answer.
    Reset,
    /// The connection breaks in the middle of the body.
    Truncate,
    /// The body is no JSON, though the status is 200.
    MalformedJson,
    /// The answer is a web page, though the status is 200.
    WebPage,
    /// The answer is this text, as JSON, though the status is 200.
    Content(String),
    /// A field of a record (counted from 0) has this value, or is left out; of pages that have as many.
    Field {
        /// Which record of the page.
        record: usize,
        /// The property's name.
        name: String,
        /// As what; `None` to leave it out.
        value: Option<serde_json::Value>,
    },
    /// The rows are those of the first page of this set that was asked for, whatever page was asked for.
    FirstPageAgain,
    /// A request that follows a next link is refused with this status: the service has forgotten the place.
    /// The vendor does not document what it says; status and words are made up.
    PageTokenExpired(u16),
    /// The answer comes late.
    Delay(Duration),
    /// The last rows of a page, so many of them, are left out without a word; not of an aggregate.
    RowsLeftOut(usize),
    /// A page has no next link, as if it were the last.
    EndsEarly,
    /// A page's next link leads to the same page again.
    SameNextLink,
    /// A page's next link leads to this address instead.
    NextLink(String),
}

/// What the `Retry-After` header says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Seconds.
    Seconds(u64),
    /// An HTTP date so many seconds ahead.
    Date(i64),
    /// Any text.
    Text(String),
    /// No header.
    Absent,
}

impl RetryAfter {
    /// The header's value.
    pub(super) fn value(&self) -> Option<String> {
        match self {
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::Date(ahead) => {
                let when = Timestamp::from_second(Timestamp::now().as_second() + ahead).ok()?;
                Some(when.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
            }
            Self::Text(text) => Some(text.clone()),
            Self::Absent => None,
        }
    }
}

/// A fault and when it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedFault {
    /// When.
    pub when: Trigger,
    /// How many requests it hits from then on.
    pub times: u64,
    /// What happens.
    pub what: Fault,
}

impl ScriptedFault {
    /// A fault that hits one request.
    pub fn once(when: Trigger, what: Fault) -> Self {
        Self { when, times: 1, what }
    }
}

/// The script as it is played.
#[derive(Debug)]
pub(super) struct Script {
    faults: Vec<(ScriptedFault, u64, u64)>,
}

impl Script {
    pub(super) fn new(faults: Vec<ScriptedFault>) -> Self {
        Self {
            faults: faults.into_iter().map(|fault| (fault, 0, 0)).collect(),
        }
    }

    /// The faults of the next request, given its target.
    pub(super) fn next(&mut self, target: &str) -> Vec<Fault> {
        self.due(target, true)
    }

    /// The faults of a part of a batch, which is no request of its own.
    pub(super) fn next_part(&mut self, piece: &str) -> Vec<Fault> {
        self.due(&format!("$batch/{piece}"), false)
    }

    fn due(&mut self, target: &str, is_request: bool) -> Vec<Fault> {
        let mut now = Vec::new();
        for (fault, seen, hits) in &mut self.faults {
            let concerned = match &fault.when {
                Trigger::Target(wanted, _) => wanted == target,
                _ => is_request,
            };
            if !concerned {
                continue;
            }
            *seen += 1;
            let due = match fault.when {
                Trigger::Request(first) | Trigger::Target(_, first) => *seen >= first,
                Trigger::Every(step) => step > 0 && seen.is_multiple_of(step),
            };
            if due && *hits < fault.times {
                *hits += 1;
                now.push(fault.what.clone());
            }
        }
        now
    }
}
