//! The one retry policy of the collector.
//!
//! | What happened | What we do |
//! |---|---|
//! | 429, or 503 with `Retry-After` | wait exactly as long as asked (plus a little, so that not all requests come back at once); *all* requests wait, because pressing on lengthens the penalty; half as many at once from then on (see [`lanes`](super::lanes)) |
//! | 408, 429, 500, 502, 503, 504 without `Retry-After`, or with one of no time at all | back off; after 429 and 503 half as many at once |
//! | connection lost, time-out, truncated or malformed body | back off |
//! | a link to the next page that was followed before, leads elsewhere or to rows that earlier pages had | end the table there, with a gap |
//! | 400, 404 or 410 to a link to the next page | the link holds no longer: read the table once more from its first page |
//! | a record whose key cannot be read | leave the record out, with a gap |
//! | no connection before anything was ever answered | fail at once: the address is wrong |
//! | 401 | get another token and try once more at once; a second 401 fails |
//! | 400, 403, 404 and the rest | fail at once: asking again changes nothing |
//!
//! Backing off doubles from [`Policy::first`] to [`Policy::longest`] with jitter, at most
//! [`Policy::attempts`] times. [`Policy::max_wait`] bounds the time that the whole run spends
//! waiting: however many requests wait at once, a second is a second.
//!
//! The vendor's page on service protection limits (read 2026-11-23) says: `Retry-After` in
//! seconds with 429, limits of 6,000 requests and 20 minutes of execution in 5 minutes, 52 at once.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use tokio::time::Instant;

/// The default of [`Policy::max_wait`]: 12 windows of service protection, which are 5 minutes long.
pub const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(3600);

/// How often and how long requests are tried again.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How many times a failed request is sent again.
    pub attempts: usize,
    /// The first delay.
    pub first: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How long the whole run may spend waiting before requests are sent again.
    pub max_wait: Duration,
    /// How long the server may be silent before a request counts as lost.
    pub silence: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            max_wait: DEFAULT_MAX_WAIT,
            // The server gives up on a query after two minutes.
            silence: Duration::from_secs(150),
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

/// How long the run has spent waiting. Waits at the same time count once.
#[derive(Debug, Default)]
pub(super) struct Waits {
    total: Duration,
    until: Option<Instant>,
}

impl Waits {
    /// So far.
    pub(super) fn total(&self) -> Duration {
        self.total
    }

    /// Books a wait that begins now, unless all waits together would be longer than `most`.
    pub(super) fn book(&mut self, now: Instant, wait: Duration, most: Duration) -> bool {
        let covered = self
            .until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let total = self.total.saturating_add(wait.saturating_sub(covered));
        if total > most {
            return false;
        }
        self.total = total;
        // A wait that is within an earlier one ends with it or before.
        if wait > covered {
            self.until = now.checked_add(wait);
        }
        true
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
    fn waits_at_the_same_time_count_once_and_all_are_bounded() {
        let second = Duration::from_secs;
        let start = Instant::now();
        let mut waits = Waits::default();
        assert!(waits.book(start, second(4), second(10)));
        assert!(
            waits.book(start + second(1), second(3), second(10)),
            "within the first"
        );
        assert_eq!(waits.total(), second(4));
        assert!(
            waits.book(start + second(3), second(2), second(10)),
            "one second more"
        );
        assert_eq!(waits.total(), second(5));
        assert!(
            waits.book(start + second(60), second(5), second(10)),
            "up to the bound"
        );
        assert!(
            !waits.book(start + second(90), second(1), second(10)),
            "beyond it"
        );
        assert_eq!(waits.total(), second(10));
        assert!(
            !waits.book(start + second(90), Duration::MAX, second(10)),
            "for ever"
        );
    }

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
