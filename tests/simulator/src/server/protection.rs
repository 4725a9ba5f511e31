//! Service protection: 429 when a client asks for too much.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::behaviour::ServiceProtection;
use crate::error::ServiceError;

/// Counts of the window.
#[derive(Debug, Default)]
pub(super) struct Protection {
    window: Mutex<Window>,
    running: AtomicUsize,
}

#[derive(Debug, Default)]
struct Window {
    requests: VecDeque<(Instant, Duration)>,
    /// Requests refused in a row: pressing on makes the wait longer.
    refused: u32,
}

/// What is left of the limits.
pub(super) struct Remaining {
    pub(super) requests: usize,
    pub(super) execution: Duration,
}

impl Protection {
    /// Lets a request in or refuses it. Without limits there is no pass to hold.
    pub(super) fn enter<'a>(
        &'a self,
        limits: Option<&'a ServiceProtection>,
    ) -> Result<Option<Pass<'a>>, ServiceError> {
        let Some(limits) = limits else { return Ok(None) };
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        // The pass counts down again however the request ends, even if the client gives up.
        let pass = Pass {
            protection: self,
            limits,
        };
        self.refusal(limits, running).map_or(Ok(Some(pass)), Err)
    }

    fn refusal(&self, limits: &ServiceProtection, running: usize) -> Option<ServiceError> {
        if running > limits.concurrent {
            let message = format!(
                "Number of concurrent requests exceeded the limit of {}.",
                limits.concurrent
            );
            return Some(refused("0x80072326", message, limits.concurrent_retry_after));
        }
        let now = Instant::now();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (requests, execution) = window.used(limits, now);
        let seconds = limits.window.as_secs();
        let (code, message) = if requests >= limits.requests {
            let message = format!(
                "Number of requests exceeded the limit of {} over time window of {seconds} seconds.",
                limits.requests
            );
            ("0x80072322", message)
        } else if execution >= limits.execution {
            let message = format!(
                "Combined execution time of incoming requests exceeded limit of {} milliseconds over time window of \
                 {seconds} seconds. Decrease number of concurrent requests or reduce the duration of requests and try \
                 again later.",
                limits.execution.as_millis()
            );
            ("0x80072321", message)
        } else {
            window.refused = 0;
            return None;
        };
        window.refused += 1;
        let oldest = window.requests.front().map_or(now, |(at, _)| *at);
        let wait = (oldest + limits.window).saturating_duration_since(now);
        Some(refused(
            code,
            message,
            wait + Duration::from_secs(u64::from(window.refused - 1)),
        ))
    }
}

/// A request that was let in.
pub(super) struct Pass<'a> {
    protection: &'a Protection,
    limits: &'a ServiceProtection,
}

impl Pass<'_> {
    /// Books the request and says what is left.
    pub(super) fn leave(self, began: Instant) -> Remaining {
        let mut window = self
            .protection
            .window
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        window.requests.push_back((began, began.elapsed()));
        let (requests, execution) = window.used(self.limits, Instant::now());
        Remaining {
            requests: self.limits.requests.saturating_sub(requests),
            execution: self.limits.execution.saturating_sub(execution),
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.protection.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Window {
    /// Requests and execution time in the window, after forgetting what has left it.
    fn used(&mut self, limits: &ServiceProtection, now: Instant) -> (usize, Duration) {
        while let Some((at, _)) = self.requests.front()
            && now.saturating_duration_since(*at) > limits.window
        {
            self.requests.pop_front();
        }
        (
            self.requests.len(),
            self.requests.iter().map(|(_, took)| *took).sum(),
        )
    }
}

fn refused(code: &'static str, message: String, wait: Duration) -> ServiceError {
    let mut error = ServiceError::new(429, code, message);
    error
        .headers
        .push(("retry-after", wait.as_secs_f64().ceil().to_string()));
    error
}
