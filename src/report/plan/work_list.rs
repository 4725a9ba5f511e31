//! The plan as a list to work off in a spreadsheet: one line for each action.
//!
//! What people write into it (owner, due, status, note, and columns of their own) is read back and
//! kept by the action's key. An action that is not needed any more stays in the list, as done.

use std::io::{self, Write};

use crate::plan::Action;

use super::super::csv::{BOM, Cells, Row};
use super::super::rows::Line;
use super::PlanReport;

/// Columns of ours, then those that people fill in.
pub(in crate::report) const OURS: [&str; 9] = [
    "key",
    "action",
    "kind",
    "users",
    "newly_ready",
    "ready_after",
    "expected_if",
    "also_gain",
    "clicks",
];
pub(in crate::report) const THEIRS: [&str; 4] = ["owner", "due", "status", "note"];
/// Position of `status` among what people fill in.
const STATUS: usize = 2;

/// A work list that was written before, and worked on since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkList {
    /// Columns that somebody added.
    extra: Vec<String>,
    rows: Vec<Kept>,
}

/// One line as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    ours: [String; OURS.len()],
    theirs: [String; THEIRS.len()],
    extra: Vec<String>,
}

impl WorkList {
    /// Reads a work list back. Columns are known by their names, in any order and any case.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn parse(text: &str) -> Result<WorkList, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Spreadsheets of some countries save with semicolons.
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.matches(';').count() > first.matches(',').count() {
            b';'
        } else {
            b','
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let find = |name: &str| {
            headers
                .iter()
                .position(|own| own.trim().eq_ignore_ascii_case(name))
        };
        if find("key").is_none() {
            return Err(
                "it has no column `key`\nhint: give a file that `clearance plan --csv` wrote; the key says which action \
                 a line is about"
                    .to_owned(),
            );
        }
        let (ours, theirs) = (OURS.map(find), THEIRS.map(find));
        let known = |position: &usize| ours.contains(&Some(*position)) || theirs.contains(&Some(*position));
        let extra: Vec<usize> = (0..headers.len()).filter(|position| !known(position)).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let cell = |position: usize| plain(record.get(position).unwrap_or_default());
            let named = |position: Option<usize>| position.map_or_else(String::new, cell);
            let kept = Kept {
                ours: ours.map(named),
                theirs: theirs.map(named),
                extra: extra.iter().map(|position| cell(*position)).collect(),
            };
            if !kept.key().is_empty() {
                rows.push(kept);
            }
        }
        Ok(WorkList {
            extra: extra
                .into_iter()
                .map(|position| plain(&headers[position]))
                .collect(),
            rows,
        })
    }
}

impl Kept {
    fn key(&self) -> &str {
        self.ours[0].trim()
    }
}

/// Without the mark that keeps a spreadsheet from running a cell.
fn plain(cell: &str) -> String {
    let rest = cell.strip_prefix('\'');
    match rest.filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r'])) {
        Some(rest) => rest.to_owned(),
        None => cell.to_owned(),
    }
}

/// Writes the work list, with what people wrote into the one before.
///
/// # Errors
/// If `out` cannot be written.
pub fn work_list(report: PlanReport<'_>, before: &WorkList, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = BOM.to_vec();
    let mut row = Row {
        buffer: &mut buffer,
        cells: Cells::Safe,
    };
    let named = OURS
        .into_iter()
        .chain(THEIRS)
        .chain(before.extra.iter().map(String::as_str));
    named.for_each(|name| row.cell(name));
    row.end();
    for action in &report.plan.actions {
        let kept = before.rows.iter().find(|kept| kept.key() == action.key);
        ours(action, &mut row);
        match kept {
            Some(kept) => {
                for (position, cell) in kept.theirs.iter().enumerate() {
                    // It is needed again, or still.
                    let again = position == STATUS && cell.trim().eq_ignore_ascii_case("done");
                    row.cell(if again { "open again" } else { cell });
                }
                kept.extra.iter().for_each(|cell| row.cell(cell));
            }
            None => {
                (0..THEIRS.len()).for_each(|position| row.cell(if position == STATUS { "open" } else { "" }));
                before.extra.iter().for_each(|_| row.cell(""));
            }
        }
        row.end();
    }
    let is_gone = |kept: &&Kept| report.plan.actions.iter().all(|action| action.key != kept.key());
    for kept in before.rows.iter().filter(is_gone) {
        kept.ours.iter().for_each(|cell| row.cell(cell));
        for (position, cell) in kept.theirs.iter().enumerate() {
            row.cell(if position == STATUS { "done" } else { cell });
        }
        kept.extra.iter().for_each(|cell| row.cell(cell));
        row.end();
    }
    out.write_all(&buffer)
}

/// What an action gives beyond what is lacking, and to how many.
pub(in crate::report) fn besides(action: &Action) -> String {
    let over = &action.over_grant;
    match over.users {
        0 => String::new(),
        users => format!(
            "{}: {}",
            super::super::text::users(users),
            over.privileges.join(" ")
        ),
    }
}

/// What we say of an action.
pub(in crate::report) fn ours(action: &Action, line: &mut impl Line) {
    line.text(&action.key);
    line.text(&action.title);
    line.word(action.kind.name());
    line.number(action.users.len());
    line.number(action.newly_ready);
    line.number(action.cumulative_ready);
    line.text(action.expected_if.unwrap_or_default());
    line.text(&besides(action));
    line.text(&action.clicks);
}
