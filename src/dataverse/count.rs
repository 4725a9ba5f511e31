//! The server's own count of rows, which does not depend on how its pages were followed.
//!
//! There are three. `$count=true` counts the rows of the very query that is read, told with its first
//! page and so without a request of its own, but to 5,000 only; whether there are more is told where
//! the annotations below are asked for (vendor's page on counting rows, read 2026-11-27).
//!
//! Where it stopped, an aggregate, `$apply=aggregate($count as count)`, counts the same rows for one
//! request, and refuses rather than stops where there are more than 50,000 of them: error 0x8004E023,
//! “AggregateQueryRecordLimit exceeded. Cannot perform this operation.” (vendor's page on aggregating
//! data with OData, dated 2024-07-11, read 2026-11-27; its samples have `$count` behind `groupby`, sums
//! by themselves, and `filter(…)/` in front). It is asked for when the last page is in, by when it is
//! known whether there are that many. A server that refuses it is as one that stopped.
//!
//! A query of which either counts more rows than came is read once more, and what then still falls
//! short is a gap. So rows that are added in the middle of both readings are one, too: rare, and unknown
//! rather than wrong.
//!
//! The function `RetrieveTotalRecordCount` knows whole tables of any size from a snapshot that may be
//! a day old (its reference page, read 2026-11-27), whoever may see their rows, and is known to be
//! wrong at times. It proves nothing; what it says is kept in the manifest, and a large difference is
//! told. Where the server has neither, the manifest says that nothing was counted.

use std::collections::BTreeMap;

use reqwest::Url;
use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::snapshot::tables::{TABLES, TableDef};
use crate::snapshot::{Column, Guid, Table};

use super::client::{BodyError, Client};
use super::error::{Cause, RequestError};
use super::odata::{self, Filter};
use super::progress::State;
use super::selfcheck::ask;

/// The annotations that tell whether a count is a whole one. Asked for on every page, as the vendor
/// wants one `Prefer` for all pages of a query.
pub(super) const ANNOTATIONS: &str =
    "Microsoft.Dynamics.CRM.totalrecordcount,Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded";

/// `@odata.count` goes no further, and says it also of more.
const MOST_COUNTED: u64 = 5000;

/// Aggregates are of no more rows.
const MOST_AGGREGATED: u64 = 50_000;

/// How many rows a query has, as the server tells.
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

/// The rows of one query as they come, each counted once, up to what the server counts or could.
pub(super) struct Tally {
    definition: &'static TableDef,
    count: Option<Count>,
    came: FxHashSet<[Guid; 2]>,
    /// More came than any count could tell; they are no longer remembered.
    too_many: bool,
    lost: u64,
}

impl Tally {
    pub(super) fn new(definition: &'static TableDef, count: Option<Count>) -> Tally {
        Tally {
            definition,
            count,
            came: FxHashSet::default(),
            too_many: false,
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
            // More than enough is not remembered.
            if !self.remembers() {
                return;
            }
            let key = |place: usize| keys.get(place).and_then(|ids| ids.get(row)).copied();
            self.came
                .insert([key(0).unwrap_or(Guid::NULL), key(1).unwrap_or(Guid::NULL)]);
            let counted = self.count.map_or(0, |count| count.rows);
            if self.came() > counted.max(MOST_AGGREGATED) {
                self.too_many = true;
                self.came = FxHashSet::default();
            }
        }
    }

    /// Whether a further row makes a difference.
    fn remembers(&self) -> bool {
        match self.count {
            Some(count) if count.exact => self.came() < count.rows,
            Some(_) => !self.too_many,
            None => false,
        }
    }

    /// Rows so far; of those that could not be read each is another.
    fn came(&self) -> u64 {
        self.came.len() as u64 + self.lost
    }

    /// Whether only an aggregate can tell that rows are missing.
    pub(super) fn is_open(&self) -> bool {
        let stopped = self.count.is_some_and(|count| !count.exact);
        stopped && self.short().is_none() && !self.too_many && self.came() <= MOST_AGGREGATED
    }

    /// Takes in how many rows an aggregate counts. Fewer than were counted before is no count of these.
    pub(super) fn settle(&mut self, rows: u64) {
        if self.count.is_some_and(|count| rows >= count.rows) {
            self.count = Some(Count {
                rows,
                more: false,
                exact: true,
            });
        }
    }

    /// By how much the rows so far fall short; none where they do not, or the server did not count.
    pub(super) fn short(&self) -> Option<Short> {
        let Count {
            rows: counted, more, ..
        } = self.count.filter(|_| !self.too_many)?;
        let came = self.came();
        (came < counted || (more && came == counted)).then_some(Short { counted, more, came })
    }

    /// What the server counts.
    pub(super) fn count(&self) -> Option<Count> {
        self.count
    }
}

/// The number of rows of a query, by an aggregate; none where the server does not tell.
pub(super) async fn aggregate(
    client: &Client,
    base: &str,
    set: &str,
    filter: Option<&Filter>,
    waiting: &(dyn Fn(State) + Sync),
) -> Option<u64> {
    #[derive(Deserialize)]
    struct Answer {
        value: Vec<BTreeMap<String, serde_json::Value>>,
    }
    let url = Url::parse(&odata::aggregate(base, set, filter)).ok()?;
    let decode = |text: &str| match serde_json::from_str::<Answer>(text) {
        Ok(answer) => Ok(match answer.value.as_slice() {
            [row] => row.get(odata::COUNT).and_then(serde_json::Value::as_u64),
            _ => None,
        }),
        Err(error) => Err(BodyError::Malformed(error.to_string())),
    };
    // No reason to end, whatever is wrong: every row that was sent is here.
    client
        .get(&url, None, waiting, decode)
        .await
        .unwrap_or_else(|error| {
            tracing::debug!(set, %error, "the server does not count the rows of a query by an aggregate");
            None
        })
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

    /// Of rows that come after a count that stopped at 5: whether an aggregate is asked for, and by how
    /// much they fall short if it says so many.
    fn beyond(rows: u128, aggregate: u64) -> (bool, Option<String>) {
        let role = crate::snapshot::tables::table("role").expect("a table");
        let mut tally = Tally::new(role, Count::new(Some(5), Some(true)));
        let ids: Vec<Guid> = (0..rows).map(Guid).collect();
        for ids in ids.chunks(5000) {
            let page = Table {
                rows: ids.len(),
                columns: BTreeMap::from([("roleid".to_owned(), Column::Id(ids.to_vec()))]),
            };
            tally.page(&page, 0);
            assert!(tally.came.len() <= 50_000);
        }
        let open = tally.is_open();
        tally.settle(aggregate);
        (open, tally.short().map(|short| short.to_string()))
    }

    #[test]
    fn an_aggregate_tells_what_the_count_does_not() {
        let short = |words: &str| Some(words.to_owned());
        assert_eq!(beyond(6, 7), (true, short("the server counts 7 rows, 6 came")));
        assert_eq!(beyond(6, 6), (true, None));
        // One was deleted meanwhile.
        assert_eq!(beyond(7, 6), (true, None));
        assert_eq!(
            beyond(50_000, 50_001),
            (true, short("the server counts 50001 rows, 50000 came"))
        );
        // The count alone shows that rows are missing.
        assert!(!beyond(5, 6).0);
        // Of more there are no aggregates, and no row is remembered.
        assert_eq!(beyond(50_001, 50_002), (false, None));
        // A number that the count has passed is no number of these rows.
        assert_eq!(beyond(6, 4), (true, None));
    }

    #[test]
    fn what_is_counted_exactly_needs_no_aggregate() {
        let role = crate::snapshot::tables::table("role").expect("a table");
        assert!(!Tally::new(role, Count::new(Some(0), Some(false))).is_open());
        assert!(!Tally::new(role, None).is_open());
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
