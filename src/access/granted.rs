//! What the privilege rows of roles say, as a table: a line for each role that has rows, a column for
//! each privilege that occurs in them.
//!
//! Only wanted privileges are collected, so the table is small, and a finding can ask every role of a
//! user for a privilege without searching: an audit with all findings does so many millions of times.

use rustc_hash::FxHashMap;

use crate::rules::Depth;
use crate::snapshot::Guid;

/// What rows say of one privilege.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// The greatest depth.
    pub(super) depth: Option<Depth>,
    /// Whether a row has a depth mask that is null or was not collected: it may be any depth.
    pub(super) masked: bool,
}

impl Granted {
    /// What both say together.
    pub(super) fn or(self, other: Granted) -> Granted {
        Granted {
            depth: self.depth.max(other.depth),
            masked: self.masked | other.masked,
        }
    }
}

/// The rows of all roles. Lines and columns are numbered in the order in which they first occur.
#[derive(Debug, Default)]
pub(super) struct GrantTable {
    lines: FxHashMap<Guid, u32>,
    columns: FxHashMap<Guid, u32>,
    /// Line after line.
    cells: Vec<Granted>,
}

impl GrantTable {
    /// A table of rows: role, privilege, and what the row says.
    pub(super) fn new(rows: impl Iterator<Item = (Guid, Guid, Granted)> + Clone) -> GrantTable {
        let (mut lines, mut columns) = (FxHashMap::default(), FxHashMap::default());
        for (role, privilege, _) in rows.clone() {
            let next = lines.len() as u32;
            lines.entry(role).or_insert(next);
            let next = columns.len() as u32;
            columns.entry(privilege).or_insert(next);
        }
        let mut cells = vec![Granted::default(); lines.len() * columns.len()];
        for (role, privilege, granted) in rows {
            let cell = &mut cells[lines[&role] as usize * columns.len() + columns[&privilege] as usize];
            *cell = cell.or(granted);
        }
        GrantTable {
            lines,
            columns,
            cells,
        }
    }

    /// The line of a role that has rows.
    pub(super) fn line(&self, role: Guid) -> Option<u32> {
        self.lines.get(&role).copied()
    }

    /// The column of a privilege that some role has a row of.
    pub(super) fn column(&self, privilege: Guid) -> Option<u32> {
        self.columns.get(&privilege).copied()
    }

    /// Everything in a line.
    pub(super) fn of_line(&self, line: u32) -> &[Granted] {
        let width = self.columns.len();
        &self.cells[line as usize * width..][..width]
    }

    /// What is in a line of one column.
    pub(super) fn at(&self, line: u32, column: u32) -> Granted {
        self.cells[line as usize * self.columns.len() + column as usize]
    }
}
