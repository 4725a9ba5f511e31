//! The rows that a server has sent so far: whether a page brings anything new.
//!
//! A server that has lost its place may send rows again for ever, each time with another link. While
//! a table is small every key is remembered; of a large one a sample, which thins out as the table
//! grows, so that memory and time for a page stay the same. A sample needs more than one page to be
//! sure; rows that come twice are kept once anyway.

use std::hash::{DefaultHasher, Hash, Hasher};

use rustc_hash::FxHashSet;

use crate::snapshot::tables::TableDef;
use crate::snapshot::{Guid, Table};

/// Keys that are remembered at most.
const MOST: usize = 1 << 17;

/// Keys of the sample that must come again, with no new one between them, before the server is said to
/// go backwards. That of rows that are new none of so many is in the sample has odds of e⁻³² or less.
const SURE: u64 = 32;

/// Remembers rows by their keys.
#[derive(Debug)]
pub(super) struct KnownRows {
    sorted_by: &'static [&'static str],
    /// Hashes of keys. One in `1 << thinned` is remembered: those that end in so many zeros.
    keys: FxHashSet<u64>,
    thinned: u32,
    most: usize,
    /// Rows since the last that was certainly new.
    stale: u64,
}

impl KnownRows {
    pub(super) fn new(definition: &TableDef) -> KnownRows {
        KnownRows {
            sorted_by: definition.sorted_by,
            keys: FxHashSet::default(),
            thinned: 0,
            most: MOST,
            stale: 0,
        }
    }

    /// Takes a page. Answers whether the server goes backwards: it sent only rows that it had sent
    /// before.
    pub(super) fn goes_backwards(&mut self, page: &Table) -> bool {
        let keys: Option<Vec<&[Guid]>> = self.sorted_by.iter().map(|name| page.ids(name)).collect();
        let Some(keys) = keys else {
            return false;
        };
        for row in 0..page.rows {
            let mut hasher = DefaultHasher::new();
            for ids in &keys {
                ids[row].hash(&mut hasher);
            }
            self.stale += 1;
            if self.remember(hasher.finish()) {
                self.stale = 0;
            }
        }
        let sure = match self.thinned {
            // As every key is remembered, one page is enough.
            0 => page.rows as u64,
            thinned => SURE << thinned,
        };
        page.rows > 0 && self.stale >= sure
    }

    /// Whether this key is certainly new.
    fn remember(&mut self, key: u64) -> bool {
        if key.trailing_zeros() < self.thinned || !self.keys.insert(key) {
            return false;
        }
        while self.keys.len() > self.most {
            self.thinned += 1;
            let thinned = self.thinned;
            self.keys.retain(|key| key.trailing_zeros() >= thinned);
        }
        true
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::snapshot::Column;
    use crate::snapshot::tables::table;

    fn page(keys: impl Iterator<Item = u128>) -> Table {
        let ids: Vec<Guid> = keys.map(|key| Guid(key + 1)).collect();
        Table {
            rows: ids.len(),
            columns: BTreeMap::from([("teamid".to_owned(), Column::Id(ids))]),
        }
    }

    fn known(most: usize) -> KnownRows {
        KnownRows {
            most,
            ..KnownRows::new(table("team").expect("a table"))
        }
    }

    #[test]
    fn one_new_row_is_enough_to_go_forwards() {
        let mut known = known(100);
        assert!(!known.goes_backwards(&page(0..10)));
        assert!(!known.goes_backwards(&page(5..11)), "the last is new");
        assert!(!known.goes_backwards(&page(11..11)), "an empty page says nothing");
        assert!(!known.goes_backwards(&page(11..12)));
        assert!(known.goes_backwards(&page(3..7)));
    }

    #[test]
    fn a_page_may_have_the_same_row_twice() {
        assert!(!known(100).goes_backwards(&page([7, 7].into_iter())));
    }

    #[test]
    fn of_many_rows_a_sample_tells() {
        let mut known = known(1000);
        for start in (0..200_000).step_by(500) {
            assert!(!known.goes_backwards(&page(start..start + 500)), "{start}");
        }
        assert!(known.keys.len() <= 1000, "memory has its bound");
        // Every other page was there before: slow, but not backwards.
        for start in (0..100_000).step_by(500) {
            assert!(!known.goes_backwards(&page(start..start + 500)), "{start}");
            let new = start + 200_000;
            assert!(!known.goes_backwards(&page(new..new + 500)), "{new}");
        }
        let again = (0..200_000).step_by(500);
        let pages = again
            .map(|start| known.goes_backwards(&page(start..start + 500)))
            .take_while(|backwards| !backwards)
            .count();
        // 300,000 rows thin out a sample of 1,000 to one in 512 or less, and 32 of those must come.
        assert!(pages <= 32 * 1024 / 500, "{pages} pages");
    }
}
