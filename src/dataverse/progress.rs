//! What a collection tells while it runs.

use std::time::Duration;

/// How far one table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableProgress<'a> {
    /// Logical name.
    pub table: &'a str,
    /// Rows so far.
    pub rows: u64,
    /// Pages so far.
    pub pages: u64,
    /// Rows in the end, by the server's count; none where it does not tell. A count of a large table
    /// may be a day old.
    pub expected: Option<u64>,
    /// What is going on.
    pub state: State,
}

/// What is going on with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Pages are being read.
    Reading,
    /// The service asked to wait that long.
    Throttled(Duration),
    /// Something broke, and the request is tried again after that time.
    Waiting(Duration),
    /// All rows are in.
    Complete,
    /// Some rows are in and the rest could not be read.
    Incomplete,
    /// The table could not be read.
    Missing,
}

/// Somebody who wants to know how far a collection is. Called from several threads.
pub trait Observer: Send + Sync {
    /// A table got further.
    fn table(&self, progress: TableProgress<'_>);
}

/// Nobody.
impl Observer for () {
    fn table(&self, _progress: TableProgress<'_>) {}
}
