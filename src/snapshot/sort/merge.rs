//! Sorted sources become one: pages, which are sorted first, and runs, which are read as they go.

use std::cmp::Ordering;

use arrow_array::Array;

use super::gather::{gather, kind_of};
use super::{Columns, SortError};
use crate::snapshot::run::{Run, RunReader};
use crate::snapshot::tables::{Kind, TableDef};
use crate::snapshot::{Column, Table};

/// Rows that a merge gives at a time.
pub(in crate::snapshot) const STEP: usize = 8192;

/// Where a row is: batch and position in it.
pub(super) type Place = (u32, u32);

/// Some sorted rows: their columns in the order of [`Columns`].
#[derive(Debug)]
struct Batch {
    rows: usize,
    columns: Vec<Column>,
}

impl Batch {
    fn of(mut table: Table, columns: &Columns) -> Result<Batch, SortError> {
        let take = |(name, kind): &(String, Kind)| match table.columns.remove(name) {
            Some(column) if kind_of(&column) == *kind => Ok(column),
            _ => Err(format!("the column `{name}` is not the same in all of its pages")),
        };
        Ok(Batch {
            rows: table.rows,
            columns: columns.iter().map(take).collect::<Result<_, String>>()?,
        })
    }
}

/// What a merge takes rows from.
pub(super) enum Source {
    Page(Table),
    Run(Run),
}

/// A source that is being read, a batch at a time.
enum Feed {
    Page(Option<Batch>),
    Run(Box<RunReader>),
}

/// The next row of a feed.
#[derive(Clone, Copy, Debug)]
struct Head {
    feed: usize,
    place: Place,
}

/// Sorted sources becoming one.
pub(in crate::snapshot) struct Merge {
    columns: Columns,
    /// Positions of the key columns.
    keys: Vec<usize>,
    feeds: Vec<Feed>,
    /// The batches that rows are still taken from.
    batches: Vec<Batch>,
    /// The next row of every feed that has one; the least is the last.
    heads: Vec<Head>,
    /// The row that was given last.
    given: Option<Place>,
}

impl Merge {
    pub(super) fn new(
        definition: &TableDef,
        columns: Columns,
        sources: Vec<Source>,
    ) -> Result<Merge, SortError> {
        let keys = definition.sorted_by.iter();
        let keys = keys
            .map(|key| columns.iter().position(|(name, _)| name == key))
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| "a key column is missing".to_owned())?;
        let mut merge = Merge {
            columns,
            keys,
            feeds: Vec::with_capacity(sources.len()),
            batches: Vec::new(),
            heads: Vec::new(),
            given: None,
        };
        for (index, source) in sources.into_iter().enumerate() {
            let feed = match source {
                Source::Page(page) => {
                    let batch = Batch::of(page, &merge.columns)?;
                    Feed::Page(Some(merge.sorted(batch)?))
                }
                Source::Run(run) => Feed::Run(Box::new(run.read(&merge.columns)?)),
            };
            merge.feeds.push(feed);
            merge.refill(index)?;
        }
        Ok(merge)
    }

    pub(in crate::snapshot) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The next rows: [`STEP`] of them, unless they are the last; none behind those.
    pub(in crate::snapshot) fn step(&mut self) -> Result<Option<Table>, SortError> {
        let mut places = Vec::with_capacity(STEP);
        while places.len() < STEP
            && let Some(head) = self.heads.pop()
        {
            let new = |given| self.compare(given, head.place).is_ne();
            if self.given.is_none_or(new) {
                places.push(head.place);
                self.given = Some(head.place);
            }
            let (batch, row) = head.place;
            if (row as usize + 1) < self.batches[batch as usize].rows {
                self.put(Head {
                    place: (batch, row + 1),
                    ..head
                });
            } else {
                self.refill(head.feed)?;
            }
        }
        if places.is_empty() {
            return Ok(None);
        }
        let columns = self.columns.iter().enumerate().map(|(index, (name, kind))| {
            let parts: Vec<&Column> = self.batches.iter().map(|batch| &batch.columns[index]).collect();
            (name.clone(), gather(*kind, &parts, &places))
        });
        let table = Table {
            rows: places.len(),
            columns: columns.collect(),
        };
        self.let_go();
        Ok(Some(table))
    }

    /// Makes the first row of a feed's next batch its head.
    fn refill(&mut self, feed: usize) -> Result<(), SortError> {
        let batch = match &mut self.feeds[feed] {
            Feed::Page(batch) => batch.take(),
            Feed::Run(reader) => match reader.next() {
                Some(table) => Some(Batch::of(table?, &self.columns)?),
                None => None,
            },
        };
        if let Some(batch) = batch {
            let place = (number(self.batches.len())?, 0);
            self.batches.push(batch);
            self.put(Head { feed, place });
        }
        Ok(())
    }

    fn put(&mut self, head: Head) {
        // Of equal keys the first to arrive comes first.
        let later = |other: &Head| {
            let order = self.compare(other.place, head.place);
            order.then(other.feed.cmp(&head.feed)).is_gt()
        };
        let at = self.heads.partition_point(later);
        self.heads.insert(at, head);
    }

    /// Lets go of batches whose rows have all been given.
    fn let_go(&mut self) {
        let mut to: Vec<Option<u32>> = vec![None; self.batches.len()];
        let places = self.heads.iter().map(|head| head.place).chain(self.given);
        for (batch, _) in places {
            to[batch as usize] = Some(0);
        }
        for (kept, number) in (0..).zip(to.iter_mut().flatten()) {
            *number = kept;
        }
        let mut is_kept = to.iter().map(Option::is_some);
        self.batches.retain(|_| is_kept.next() == Some(true));
        let places = self.heads.iter_mut().map(|head| &mut head.place);
        for (batch, _) in places.chain(&mut self.given) {
            *batch = to[*batch as usize].unwrap_or_default();
        }
    }

    fn compare(&self, a: Place, b: Place) -> Ordering {
        let (left, right) = (&self.batches[a.0 as usize], &self.batches[b.0 as usize]);
        compare_rows(&self.keys, (left, a.1 as usize), (right, b.1 as usize))
    }

    /// The rows of a page, sorted.
    fn sorted(&self, page: Batch) -> Result<Batch, SortError> {
        for &key in &self.keys {
            if let Column::Id(values) = &page.columns[key]
                && let Some(row) = values.iter().position(|value| value.is_null())
            {
                let name = &self.columns[key].0;
                return Err(format!("its key column `{name}` is null in row {row}").into());
            }
        }
        let mut rows: Vec<Place> = (0..number(page.rows)?).map(|row| (0, row)).collect();
        rows.sort_by(|a, b| compare_rows(&self.keys, (&page, a.1 as usize), (&page, b.1 as usize)));
        let parts = self.columns.iter().zip(&page.columns);
        Ok(Batch {
            rows: page.rows,
            columns: parts
                .map(|((_, kind), column)| gather(*kind, &[column], &rows))
                .collect(),
        })
    }
}

fn number(count: usize) -> Result<u32, SortError> {
    u32::try_from(count).map_err(|_| SortError::Rows("a page has too many rows".to_owned()))
}

fn compare_rows(keys: &[usize], left: (&Batch, usize), right: (&Batch, usize)) -> Ordering {
    keys.iter()
        .map(|&key| compare_values(&left.0.columns[key], left.1, &right.0.columns[key], right.1))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare_values(left: &Column, a: usize, right: &Column, b: usize) -> Ordering {
    match (left, right) {
        (Column::Id(left), Column::Id(right)) => left[a].cmp(&right[b]),
        (Column::Text(left), Column::Text(right)) => {
            let (a, b) = (
                left.is_valid(a).then(|| left.value(a)),
                right.is_valid(b).then(|| right.value(b)),
            );
            a.cmp(&b)
        }
        // No table is sorted by anything else.
        _ => Ordering::Equal,
    }
}
