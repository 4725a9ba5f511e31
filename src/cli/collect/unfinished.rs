//! What is said about collections that were interrupted.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::dataverse::{Beginning, Tell};
use crate::snapshot::unfinished::{Found, unfinished};

use super::progress::Bars;

/// Says on standard error how a collection begins, where that is not as always.
pub(super) fn teller(target: &Path, bars: Option<Arc<Bars>>) -> Tell {
    let target = target.display().to_string();
    Arc::new(move |beginning| {
        let Some(text) = words(beginning, &target) else {
            return;
        };
        match &bars {
            Some(bars) => bars.tell(&text),
            // A closed standard error is no reason to fail.
            None => {
                let _ = writeln!(anstream::stderr(), "{text}");
            }
        }
    })
}

/// What is kept of a collection that came to no end, and how to go on; none if nothing is.
pub(super) fn hint(target: &Path) -> Option<String> {
    let Found::Tables(journal) = unfinished(target) else {
        return None;
    };
    let kept = match journal.tables.len() {
        1 => "1 table is kept".to_owned(),
        several => format!("{several} tables are kept"),
    };
    Some(format!("hint: {kept}; go on with `--resume`"))
}

fn words(beginning: &Beginning, target: &str) -> Option<String> {
    let text = match beginning {
        Beginning::Afresh => return None,
        Beginning::NothingToResume => {
            format!("There is no unfinished collection beside `{target}` to go on with; everything is read.")
        }
        Beginning::Damaged => format!(
            "The journal of the unfinished collection beside `{target}` is damaged, so that none of its tables can be \
             trusted; everything is read."
        ),
        Beginning::Unproven => format!(
            "This server does not tell what the account may read, so that the tables of the unfinished collection \
             beside `{target}` may show less than there is; everything is read."
        ),
        Beginning::Replaced { started, tables } => {
            let begun = match started {
                Some(started) => format!(", begun at {started} with {},", finished(*tables)),
                None => " (damaged)".to_owned(),
            };
            format!(
                "The unfinished collection beside `{target}`{begun} is replaced by this one, which starts anew; \
                 `--resume` goes on with an unfinished one."
            )
        }
        Beginning::Resumed {
            started,
            kept,
            damaged,
        } => resumed(*started, kept, damaged),
    };
    Some(text)
}

fn resumed(started: Timestamp, kept: &[String], damaged: &[String]) -> String {
    let mut text = format!(
        "Going on with the collection begun at {started}: {} kept",
        match kept.len() {
            1 => "1 table is".to_owned(),
            several => format!("{several} tables are"),
        }
    );
    if !damaged.is_empty() {
        text += &format!(
            "; damaged, or dependent on what is, and so read again: {}",
            damaged.join(", ")
        );
    }
    text.push('.');
    text
}

fn finished(tables: usize) -> String {
    match tables {
        1 => "1 finished table".to_owned(),
        several => format!("{several} finished tables"),
    }
}
