//! How far each table is: a line that moves on a terminal, now and then a line elsewhere.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::screen::RUN;
use crate::dataverse::progress::{Observer, State, TableProgress};

/// How often a table that is being read gets a line in a log: often enough to see that something goes
/// on, seldom enough to keep the log readable.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// How fast a table comes in.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pace {
    /// Rows in a second.
    rate: f64,
    /// Until its end, where it is known how many rows there are.
    left: Option<Duration>,
}

impl Pace {
    /// The pace of a table that began so long ago; none before that says something.
    fn new(progress: &TableProgress<'_>, elapsed: Duration) -> Option<Pace> {
        let seconds = elapsed.as_secs_f64();
        if progress.rows == 0 || seconds < 1.0 {
            return None;
        }
        let rate = progress.rows as f64 / seconds;
        // More rows than were counted: the count is old, and nobody knows what is left.
        let missing = progress.expected.and_then(|all| all.checked_sub(progress.rows));
        let left = missing.filter(|_| progress.state == State::Reading);
        Some(Pace {
            rate,
            left: left.map(|rows| Duration::from_secs_f64(rows as f64 / rate)),
        })
    }
}

/// Lines that move.
pub(super) struct Bars {
    all: MultiProgress,
    tables: Mutex<HashMap<String, (ProgressBar, Instant)>>,
}

impl Bars {
    pub(super) fn new() -> Bars {
        Bars {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)),
            tables: Mutex::new(HashMap::new()),
        }
    }

    /// Shows something above the lines.
    pub(super) fn tell(&self, text: &str) {
        self.all.suspend(|| {
            let _ = writeln!(anstream::stderr(), "{text}");
        });
    }

    pub(super) fn clear(&self) {
        let _ = self.all.clear();
    }
}

impl Observer for Bars {
    fn table(&self, progress: TableProgress<'_>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (bar, since) = tables.entry(progress.table.to_owned()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:20} {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(progress.table.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            (bar, Instant::now())
        });
        let text = describe(&progress, Pace::new(&progress, since.elapsed()));
        match progress.state {
            State::Reading | State::Throttled(_) | State::Waiting(_) => bar.set_message(text),
            State::Complete | State::Incomplete | State::Missing => bar.finish_with_message(text),
        }
    }
}

/// When each table began, and when it was last told of.
#[derive(Default)]
struct Times(Mutex<HashMap<String, (Instant, Instant)>>);

impl Times {
    /// The pace of a table, if it is to be told now: always of what has just changed, and of one that
    /// is being read only if it was not told of for a while.
    fn now(&self, progress: &TableProgress<'_>) -> Option<Option<Pace>> {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, told) = times.entry(progress.table.to_owned()).or_insert((now, now));
        if progress.state == State::Reading && now.duration_since(*told) < BETWEEN_LINES {
            return None;
        }
        *told = now;
        Some(Pace::new(progress, now.duration_since(*began)))
    }
}

/// One line for each table when it is done, and for one that takes long now and then: for logs.
#[derive(Default)]
pub(super) struct Lines(Times);

impl Observer for Lines {
    fn table(&self, progress: TableProgress<'_>) {
        if let Some(pace) = self.0.now(&progress) {
            // A closed standard error is no reason to fail.
            let _ = writeln!(
                anstream::stderr(),
                "{}: {}",
                progress.table,
                describe(&progress, pace)
            );
        }
    }
}

/// The same as objects, for machines.
#[derive(Default)]
pub(super) struct Objects(Times);

impl Observer for Objects {
    fn table(&self, progress: TableProgress<'_>) {
        let Some(pace) = self.0.now(&progress) else {
            return;
        };
        let TableProgress {
            table,
            rows,
            pages,
            expected,
            state,
        } = progress;
        let rows_per_second = pace.map(|pace| pace.rate);
        let state = match state {
            State::Reading => {
                let seconds_left = pace.and_then(|pace| pace.left).map(|left| left.as_secs_f64());
                tracing::info!(target: RUN, table, rows, pages, expected, rows_per_second, seconds_left, "reading");
                return;
            }
            State::Throttled(wait) | State::Waiting(wait) => {
                let asked = matches!(state, State::Throttled(_));
                let seconds = wait.as_secs_f64();
                tracing::info!(target: RUN, table, rows, pages, expected, seconds, asked, "waiting");
                return;
            }
            State::Complete => "complete",
            State::Incomplete => "incomplete",
            State::Missing => "missing",
        };
        tracing::info!(target: RUN, table, rows, pages, expected, rows_per_second, state, "table");
    }
}

fn describe(progress: &TableProgress<'_>, pace: Option<Pace>) -> String {
    let rows = match progress.rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    let seconds = |wait: Duration| format!("{:.0} s", wait.as_secs_f64().ceil());
    let mut text = match progress.state {
        State::Reading => match progress.expected {
            Some(all) if all >= progress.rows => format!("{} of {all} rows…", progress.rows),
            _ => format!("{rows}…"),
        },
        State::Throttled(wait) => format!("{rows}, waiting {}: the service asked for it", seconds(wait)),
        State::Waiting(wait) => format!(
            "{rows}, trying again in {}: the connection or the service failed",
            seconds(wait)
        ),
        State::Complete => rows,
        State::Incomplete => format!("{rows}, incomplete"),
        State::Missing => return "could not be read".to_owned(),
    };
    let waits = matches!(progress.state, State::Throttled(_) | State::Waiting(_));
    if let Some(pace) = pace.filter(|_| !waits) {
        text.push_str(&format!(", {:.0} rows/s", pace.rate));
        if let Some(left) = pace.left {
            text.push_str(&format!(", {} left", roughly(left)));
        }
    }
    text
}

/// A duration as one says it: to the second below two minutes, to the minute below two hours.
fn roughly(duration: Duration) -> String {
    match duration.as_secs_f64().ceil() as u64 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn progress(rows: u64, expected: Option<u64>, state: State) -> TableProgress<'static> {
        TableProgress {
            table: "mailbox",
            rows,
            pages: 1,
            expected,
            state,
        }
    }

    fn told(rows: u64, expected: Option<u64>, state: State, seconds: u64) -> String {
        let progress = progress(rows, expected, state);
        describe(&progress, Pace::new(&progress, Duration::from_secs(seconds)))
    }

    #[test]
    fn waiting_is_told() {
        let wait = Duration::from_millis(1200);
        assert_eq!(
            told(5000, Some(9000), State::Throttled(wait), 9),
            "5000 rows, waiting 2 s: the service asked for it"
        );
        assert_eq!(
            told(1, None, State::Waiting(wait), 0),
            "1 row, trying again in 2 s: the connection or the service failed"
        );
        assert_eq!(told(1, None, State::Incomplete, 0), "1 row, incomplete");
        assert_eq!(told(0, None, State::Missing, 9), "could not be read");
    }

    #[test]
    fn the_rate_is_told_once_there_is_one() {
        assert_eq!(told(0, None, State::Reading, 9), "0 rows…");
        assert_eq!(told(5000, None, State::Reading, 0), "5000 rows…");
        assert_eq!(told(5000, None, State::Reading, 2), "5000 rows…, 2500 rows/s");
        assert_eq!(told(5000, None, State::Complete, 2), "5000 rows, 2500 rows/s");
    }

    #[test]
    fn the_time_left_is_told_where_the_end_is_known() {
        let told = |rows, all| told(rows, Some(all), State::Reading, 10);
        assert_eq!(told(5000, 20_000), "5000 of 20000 rows…, 500 rows/s, 30 s left");
        assert_eq!(
            told(5000, 200_000),
            "5000 of 200000 rows…, 500 rows/s, 7 min left"
        );
        assert_eq!(
            told(5000, 9_000_000),
            "5000 of 9000000 rows…, 500 rows/s, 5 h left"
        );
        // An old count that has been passed tells nothing.
        assert_eq!(told(5000, 4000), "5000 rows…, 500 rows/s");
        // Nothing is left of what is over.
        let over = progress(5000, Some(9000), State::Complete);
        let pace = Pace::new(&over, Duration::from_secs(10)).expect("a pace");
        assert_eq!(pace.left, None);
    }

    #[test]
    fn a_log_does_not_tell_of_every_page() {
        let times = Times::default();
        let reading = progress(5000, None, State::Reading);
        assert!(times.now(&reading).is_none());
        assert!(times.now(&reading).is_none());
        assert!(times.now(&progress(9000, None, State::Complete)).is_some());
    }
}
