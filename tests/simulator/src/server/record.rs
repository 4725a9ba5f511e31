//! What the simulator remembers about requests, for tests to look at.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A request that a read-only collector must never make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// `systemusers(azureactivedirectoryobjectid=…)`, which creates the user.
    UserByDirectoryObject,
    /// `CallerObjectId` or `MSCRMCallerID`, which adds the user to group teams.
    Impersonation,
    /// A method other than GET, but for a batch of GETs.
    Method,
}

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Number, from 1, in the order of arrival.
    pub number: u64,
    /// Method.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Query, as sent, without the question mark.
    pub query: String,
    /// The entity set or function it asks for.
    pub target: String,
    /// All `Prefer` headers, joined by commas.
    pub prefer: Option<String>,
    /// Names (lower case) and values of all headers but `authorization`.
    pub headers: Vec<(String, String)>,
    /// Status of the answer; 0 if there is none: reset, given up, or still waiting.
    pub status: u16,
    /// Bytes of the answer's body.
    pub bytes: usize,
    /// What it should not have done.
    pub violations: Vec<Violation>,
    /// Of a batch: method and address of each part.
    pub parts: Vec<String>,
}

/// Counts of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests in all.
    pub total: usize,
    /// Requests that were being answered at the same time, at most.
    pub most_at_once: usize,
    /// By method.
    pub by_method: BTreeMap<String, usize>,
    /// By status.
    pub by_status: BTreeMap<u16, usize>,
    /// By entity set or function.
    pub by_target: BTreeMap<String, usize>,
    /// Requests that write by reading: impersonation, and users by their directory object.
    pub writes_by_reading: usize,
}

/// The memory.
#[derive(Debug, Default)]
pub(super) struct Record {
    requests: Mutex<Vec<RecordedRequest>>,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// A request that is being answered, until this is dropped.
pub(super) struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Record {
    /// A request is being answered from now on.
    pub(super) fn enter(&self) -> Running<'_> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(running, Ordering::SeqCst);
        Running(&self.running)
    }

    pub(super) fn add(&self, request: RecordedRequest) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
    }

    /// Notes how a request was answered.
    pub(super) fn answered(&self, number: u64, status: u16, bytes: usize) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = requests.iter_mut().rev().find(|request| request.number == number) {
            request.status = status;
            request.bytes = bytes;
        }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn forget(&self) {
        self.most_at_once
            .store(self.running.load(Ordering::SeqCst), Ordering::SeqCst);
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(super) fn statistics(&self) -> Statistics {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statistics = Statistics {
            total: requests.len(),
            most_at_once: self.most_at_once.load(Ordering::SeqCst),
            ..Statistics::default()
        };
        for request in requests.iter() {
            *statistics.by_method.entry(request.method.clone()).or_default() += 1;
            *statistics.by_status.entry(request.status).or_default() += 1;
            *statistics.by_target.entry(request.target.clone()).or_default() += 1;
            let writes = |violation: &Violation| *violation != Violation::Method;
            statistics.writes_by_reading += usize::from(request.violations.iter().any(writes));
        }
        statistics
    }
}
