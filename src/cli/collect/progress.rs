//! One line per table, moving on a terminal.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::screen::RUN;
use crate::dataverse::progress::{Observer, State, TableProgress};

/// Lines that move. There is no total: the server counts to 5,000 only, and a guess is no count.
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
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:20} {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(progress.table.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            (bar, Instant::now())
        });
        let mut text = describe(&progress);
        if let Some(rate) = rate(progress.rows, since.elapsed()) {
            text.push_str(&rate);
        }
        match progress.state {
            State::Reading | State::Throttled(_) | State::Waiting(_) => bar.set_message(text),
            State::Complete | State::Incomplete | State::Missing => bar.finish_with_message(text),
        }
    }
}

/// One line for each table when it is done: for logs.
pub(super) struct Lines;

impl Observer for Lines {
    fn table(&self, progress: TableProgress<'_>) {
        if !matches!(progress.state, State::Reading) {
            // A closed standard error is no reason to fail.
            let _ = writeln!(anstream::stderr(), "{}: {}", progress.table, describe(&progress));
        }
    }
}

/// The same as objects, for machines.
pub(super) struct Objects;

impl Observer for Objects {
    fn table(&self, progress: TableProgress<'_>) {
        let TableProgress {
            table, rows, pages, ..
        } = progress;
        let state = match progress.state {
            State::Reading => return,
            State::Throttled(wait) | State::Waiting(wait) => {
                let asked = matches!(progress.state, State::Throttled(_));
                let seconds = wait.as_secs_f64();
                tracing::info!(target: RUN, table, rows, pages, seconds, asked, "waiting");
                return;
            }
            State::Complete => "complete",
            State::Incomplete => "incomplete",
            State::Missing => "missing",
        };
        tracing::info!(target: RUN, table, rows, pages, state, "table");
    }
}

/// Rows in a second, once that says something.
fn rate(rows: u64, elapsed: Duration) -> Option<String> {
    let seconds = elapsed.as_secs_f64();
    (rows > 0 && seconds >= 1.0).then(|| format!(", {:.0} rows/s", rows as f64 / seconds))
}

fn describe(progress: &TableProgress<'_>) -> String {
    let rows = match progress.rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    match progress.state {
        State::Reading => format!("{rows}…"),
        State::Throttled(wait) => format!(
            "{rows}, waiting {:.0} s: the service asked for it",
            wait.as_secs_f64().ceil()
        ),
        State::Waiting(wait) => format!(
            "{rows}, trying again in {:.0} s: the connection or the service failed",
            wait.as_secs_f64().ceil()
        ),
        State::Complete => rows,
        State::Incomplete => format!("{rows}, incomplete"),
        State::Missing => "could not be read".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_told() {
        let told = |rows, state| {
            describe(&TableProgress {
                table: "mailbox",
                rows,
                pages: 1,
                state,
            })
        };
        let wait = Duration::from_millis(1200);
        assert_eq!(
            told(5000, State::Throttled(wait)),
            "5000 rows, waiting 2 s: the service asked for it"
        );
        assert_eq!(
            told(1, State::Waiting(wait)),
            "1 row, trying again in 2 s: the connection or the service failed"
        );
        assert_eq!(told(1, State::Incomplete), "1 row, incomplete");
    }

    #[test]
    fn a_rate_is_told_once_there_is_one() {
        assert_eq!(rate(0, Duration::from_secs(9)), None);
        assert_eq!(rate(5000, Duration::from_millis(999)), None);
        assert_eq!(
            rate(5000, Duration::from_secs(2)).as_deref(),
            Some(", 2500 rows/s")
        );
    }
}
