//! The users as data for the page's script: blocks that a browser never runs, each JSON, deflated,
//! in base64.
//!
//! One block is the [`index`]: a column for everything that a row of the table shows or a filter
//! asks. The others hold the [`details`] of so many users each, which the script reads when someone
//! is opened. What users share stands once, in dictionaries. A browser cannot hold any number of
//! users: beyond a limit those who need something first are listed, and the others are counted by
//! their cases.

mod block;
mod details;
mod index;
mod listed;
mod units;
mod words;

use std::io::{self, Write};

use super::super::chunks;
use super::super::summary::Report;
use super::cases::Cases;

pub(super) use listed::Listed;

/// Users whose details are in one block: enough that most of what is told is told of several, and so
/// few that a browser decodes them without a pause.
const PER_BLOCK: usize = 10_000;

/// Writes the blocks.
pub(super) fn write(
    report: &Report<'_>,
    cases: &Cases,
    listed: &Listed,
    out: &mut dyn Write,
) -> io::Result<()> {
    block::write("data-index", &index::view(report, cases, listed), out)?;
    let draw = |range: std::ops::Range<usize>, buffer: &mut Vec<u8>| {
        buffer.clear();
        let id = format!("data-details-{}", range.start / PER_BLOCK);
        let users = &listed.users[range];
        block::write(&id, &details::view(report, cases, users), buffer)
    };
    chunks::in_order(listed.users.len(), PER_BLOCK, draw, |bytes: &mut Vec<u8>| {
        out.write_all(bytes)
    })
}
