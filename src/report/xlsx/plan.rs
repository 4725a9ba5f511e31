//! The sheet of the plan: the work list of `clearance plan --csv`, to be filled in here.

use std::io::{self, Write as _};

use crate::plan::Plan;

use super::super::plan::work_list::{OURS, THEIRS, besides, ours};
use super::super::rows::Line as _;
use super::Book;
use super::cells::{Column, Row, Style};
use super::sheet::{Links, Table};

const fn column(name: &'static str, width: u16, style: Style) -> Column {
    Column { name, width, style }
}

const STATUS: usize = OURS.len() + 2;

const COLUMNS: [Column; OURS.len() + THEIRS.len()] = {
    use Style::{Number, Open, OpenDate, Text, Wrapped};
    [
        column(OURS[0], 24, Wrapped),
        column(OURS[1], 44, Wrapped),
        column(OURS[2], 18, Text),
        column(OURS[3], 9, Number),
        column(OURS[4], 13, Number),
        column(OURS[5], 13, Number),
        column(OURS[6], 28, Wrapped),
        column(OURS[7], 32, Wrapped),
        column(OURS[8], 60, Wrapped),
        column(THEIRS[0], 20, Open),
        column(THEIRS[1], 12, OpenDate),
        column(THEIRS[2], 13, Open),
        column(THEIRS[3], 36, Open),
    ]
};

/// The row of an action on its sheet.
pub(super) fn row_of(action: usize) -> usize {
    action + 2
}

/// Writes the actions in order.
pub(super) fn write(book: &mut Book<'_, '_>, plan: &Plan) -> io::Result<()> {
    let table = Table {
        name: "Plan".to_owned(),
        columns: &COLUMNS,
        lines: plan.actions.len(),
        colours: Vec::new(),
        choices: Some((STATUS, "open,open again,done")),
    };
    let styles = table.styles();
    let mut buffer = Vec::new();
    for (place, action) in plan.actions.iter().enumerate() {
        let lines = table.lines(&[
            (0, &action.key),
            (1, &action.title),
            (6, action.expected_if.unwrap_or_default()),
            (7, &besides(action)),
            (8, &action.clicks),
        ]);
        let mut row = Row::fitted(&mut buffer, &book.content.texts, row_of(place), &styles, lines);
        ours(action, &mut row);
        row.blank();
        row.blank();
        row.word("open");
        row.blank();
        row.end();
    }
    book.table(&table, &Links::default(), |part| part.write_all(&buffer))
}
