//! The server's own count of rows, which does not depend on how its pages were followed.
//!
//! There are two. `$count=true` counts the rows of the very query that is read, told with its first
//! page and so without a request of its own, but to 5,000 only; whether there are more is told where
//! the annotations below are asked for (vendor's page on counting rows, read 2026-11-27). So a query
//! that counts more rows than came is read once more, and what then still falls short is a gap.
//!
//! The function `RetrieveTotalRecordCount` knows whole tables of any size from a snapshot that may be
//! a day old (its reference page, read 2026-11-27), whoever may see their rows, and is known to be
//! wrong at times. It proves nothing; what it says is kept in the manifest, and a large difference is
//! told. Where the server has neither, the manifest says that nothing was counted.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::snapshot::tables::{TABLES, TableDef};
use crate::snapshot::{Column, Guid, Table};

use super::client::Client;
use super::error::{Cause, RequestError};
use super::odata;
use super::selfcheck::ask;

/// The annotations that tell whether a count is a whole one. Asked for on every page, as the vendor
/// wants one `Prefer` for all pages of a query.
pub(super) const ANNOTATIONS: &str =
    "Microsoft.Dynamics.CRM.totalrecordcount,Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded";

/// `@odata.count` goes no further, and says it also of more.
const MOST_COUNTED: u64 = 5000;

/// How many rows a query has, as the server tells with its first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) rows: u64,
    /// Whether there are more than that; how many is not known.
    more: bool,
    /// Whether this is the number of rows, and not only one that they reach.
    pub(super) exact: bool,
}

impl Count {
    /// From `@odata.count` and `…totalrecordcountlimitexceeded`. A negative number says that nothing
    /// was counted. A server that does not tell whether it stopped may have stopped at its limit.
    pub(super) fn new(rows: Option<i64>, exceeded: Option<bool>) -> Option<Count> {
        let rows = u64::try_from(rows?).ok()?;
        Some(Count {
            rows,
            more: exceeded == Some(true),
            exact: match exceeded {
                Some(exceeded) => !exceeded,
                None => rows < MOST_COUNTED,
            },
        })
    }

    /// The count of two queries together.
    pub(super) fn and(self, other: Count) -> Count {
        Count {
            rows: self.rows + other.rows,
            more: self.more || other.more,
            exact: self.exact && other.exact,
        }
    }
}

/// Fewer rows came than the server counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server counts {}{counted} rows, {came} came", if *more { "more than " } else { "" })]
pub struct Short {
    counted: u64,
    more: bool,
    came: u64,
}

/// The rows of one query as they come, each counted once, up to what the server counts.
pub(super) struct Tally {
    definition: &'static TableDef,
    count: Option<Count>,
    came: FxHashSet<[Guid; 2]>,
    lost: u64,
}

impl Tally {
    pub(super) fn new(definition: &'static TableDef, count: Option<Count>) -> Tally {
        Tally {
            definition,
            count,
            came: FxHashSet::default(),
            lost: 0,
        }
    }

    /// Takes in a page, and how many of its records could not be read: these came, too.
    pub(super) fn page(&mut self, table: &Table, lost: usize) {
        self.lost += lost as u64;
        let ids = |name: &&str| match table.columns.get(*name) {
            Some(Column::Id(values)) => values.as_slice(),
            _ => &[],
        };
        let keys: Vec<&[Guid]> = self.definition.sorted_by.iter().map(ids).collect();
        for row in 0..table.rows {
            // More than enough is not remembered: most tables of many pages are not counted to an end.
            if self.short().is_none() {
                return;
            }
            let key = |place: usize| keys.get(place).and_then(|ids| ids.get(row)).copied();
            self.came
                .insert([key(0).unwrap_or(Guid::NULL), key(1).unwrap_or(Guid::NULL)]);
        }
    }

    /// By how much the rows so far fall short; none where they do not, or the server did not count.
    pub(super) fn short(&self) -> Option<Short> {
        let Count {
            rows: counted, more, ..
        } = self.count?;
        let came = self.came.len() as u64 + self.lost;
        (came < counted || (more && came == counted)).then_some(Short { counted, more, came })
    }

    /// What the server counts.
    pub(super) fn count(&self) -> Option<Count> {
        self.count
    }
}

/// The rows of the tables that are read whole, by logical name; none where the server does not tell.
pub(super) async fn totals(client: &Client, base: &str) -> BTreeMap<String, u64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        entity_record_count_collection: Totals,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Totals {
        keys: Vec<String>,
        values: Vec<i64>,
    }
    let whole = || TABLES.iter().filter(|table| table.is_read_whole());
    let all: Vec<&str> = whole().map(|table| table.name).collect();
    // One table that it does not count spoils the answer for all: if any, one that joins two others.
    let own = whole().filter(|table| table.sorted_by.len() == 1);
    for names in [all, own.map(|table| table.name).collect()] {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let address = format!(
            "{base}RetrieveTotalRecordCount(EntityNames=@p1)?@p1={}",
            odata::encode(&format!("[{}]", names.join(",")))
        );
        match ask::<Answer>(client, &address).await {
            Ok(answer) => {
                let Totals { keys, values } = answer.entity_record_count_collection;
                let counted = keys.into_iter().zip(values);
                return counted
                    .filter_map(|(name, rows)| Some((name, u64::try_from(rows).ok()?)))
                    .collect();
            }
            Err(RequestError {
                cause: Cause::Status { status: 400, .. },
                ..
            }) => {}
            // No reason to end: where nothing else is answered either, the tables say so.
            Err(error) => {
                tracing::debug!(%error, "the server does not tell how many rows its tables have");
                break;
            }
        }
    }
    BTreeMap::new()
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn tally(count: Option<Count>, keys: &[u128], lost: usize) -> Option<String> {
        let role = crate::snapshot::tables::table("role").expect("a table");
        let mut tally = Tally::new(role, count);
        let ids = keys.iter().map(|id| Guid(*id)).collect();
        let page = Table {
            rows: keys.len(),
            columns: BTreeMap::from([("roleid".to_owned(), Column::Id(ids))]),
        };
        tally.page(&page, lost);
        tally.short().map(|short| short.to_string())
    }

    #[test]
    fn rows_that_do_not_come_are_missed() {
        let three = Count::new(Some(3), Some(false));
        assert_eq!(tally(three, &[1, 2, 3], 0), None);
        assert_eq!(
            tally(three, &[1, 2], 0).as_deref(),
            Some("the server counts 3 rows, 2 came")
        );
        // The same row again is no other row.
        assert_eq!(
            tally(three, &[1, 2, 2, 1], 0).as_deref(),
            Some("the server counts 3 rows, 2 came")
        );
        // A record that cannot be read has a gap of its own.
        assert_eq!(tally(three, &[1, 2], 1), None);
    }

    #[test]
    fn rows_that_come_beside_are_no_fault() {
        assert_eq!(tally(Count::new(Some(3), Some(false)), &[1, 2, 3, 4], 0), None);
        assert_eq!(tally(Count::new(Some(0), None), &[1], 0), None);
    }

    #[test]
    fn nothing_counted_is_nothing_missed() {
        for count in [
            Count::new(None, None),
            Count::new(Some(-1), Some(false)),
            Count::new(None, Some(true)),
        ] {
            assert_eq!(count, None);
            assert_eq!(tally(count, &[], 0), None);
        }
    }

    #[test]
    fn a_count_that_stops_at_its_limit_is_a_least_number() {
        let more = Count::new(Some(3), Some(true));
        assert_eq!(
            tally(more, &[1, 2, 3], 0).as_deref(),
            Some("the server counts more than 3 rows, 3 came")
        );
        assert_eq!(tally(more, &[1, 2, 3, 4], 0), None);
        let exact = |rows, exceeded| Count::new(Some(rows), exceeded).expect("a count").exact;
        assert!(exact(4999, None) && exact(5000, Some(false)));
        // Without the annotation nobody knows whether it stopped there.
        assert!(!exact(5000, None) && !exact(5000, Some(true)));
        let both = Count::new(Some(2), Some(false))
            .expect("a count")
            .and(more.expect("a count"));
        assert_eq!((both.rows, both.exact), (5, false));
    }
}
