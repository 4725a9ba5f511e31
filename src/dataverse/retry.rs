//! The one retry policy of the collector.
//!
//! | What happened | What we do |
//! |---|---|
//! | 429, or 503 with `Retry-After` | wait exactly as long as asked (plus a little, so that not all requests come back at once); *all* requests wait, because pressing on lengthens the penalty |
//! | 408, 429 and 5xx without `Retry-After`, or with one of no time at all | back off |
//! | connection lost, time-out, truncated or malformed body | back off |
//! | no connection before anything was ever answered | fail at once: the address is wrong |
//! | 401 | get another token and try once more at once; a second 401 fails |
//! | 400, 403, 404 and the rest | fail at once: asking again changes nothing |
//!
//! Backing off doubles from [`Policy::first`] to [`Policy::longest`] with jitter, at most
//! [`Policy::attempts`] times. Waiting on the server's request is bounded by [`Policy::patience`]
//! for each request.
//!
//! The vendor's page on service protection limits (read 2026-11-23) says: `Retry-After` in
//! seconds with 429, limits of 6,000 requests and 20 minutes of execution in 5 minutes, 52 at once.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;

/// How often and how long requests are tried again.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How many times a failed request is sent again.
    pub attempts: usize,
    /// The first delay.
    pub first: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How long one request may wait in all because the server asked for it.
    pub patience: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            patience: Duration::from_secs(3600),
        }
    }
}

impl Policy {
    /// The delays of one request.
    pub(super) fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::default()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(self.attempts)
            .with_jitter()
            .build()
    }
}

/// The wait that a `Retry-After` header asks for: seconds, also fractions of them, or a date.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    // A date in the past means now; the clocks of two machines are never quite the same.
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_all_forms() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().expect("a time");
        let cases = [
            ("17", Some(17.0)),
            (" 0 ", Some(0.0)),
            ("1.5", Some(1.5)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37.0)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0.0)),
            ("-3", None),
            ("NaN", None),
            ("1e400", None),
            ("soon", None),
            ("", None),
        ];
        for (header, seconds) in cases {
            assert_eq!(
                retry_after(header, now),
                seconds.map(Duration::from_secs_f64),
                "{header}"
            );
        }
    }
}
