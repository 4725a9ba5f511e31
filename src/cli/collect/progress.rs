//! One line per table, moving on a terminal.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::dataverse::progress::{Observer, State, TableProgress};

/// Lines that move. There is no total: the server does not tell how many rows there are.
pub(super) struct Bars {
    all: MultiProgress,
    tables: Mutex<HashMap<String, ProgressBar>>,
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
        let bar = tables.entry(progress.table.to_owned()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:20} {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(progress.table.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let text = describe(&progress);
        match progress.state {
            State::Reading | State::Waiting(_) => bar.set_message(text),
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

fn describe(progress: &TableProgress<'_>) -> String {
    let rows = progress.rows;
    match progress.state {
        State::Reading => format!("{rows} rows…"),
        State::Waiting(wait) => format!(
            "{rows} rows, waiting {:.0} s for the server",
            wait.as_secs_f64().ceil()
        ),
        State::Complete => format!("{rows} rows"),
        State::Incomplete => format!("{rows} rows, incomplete"),
        State::Missing => "could not be read".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_told() {
        let progress = TableProgress {
            table: "mailbox",
            rows: 5000,
            pages: 1,
            state: State::Waiting(Duration::from_millis(1200)),
        };
        assert_eq!(describe(&progress), "5000 rows, waiting 2 s for the server");
    }
}
