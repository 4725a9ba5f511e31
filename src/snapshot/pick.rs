//! Which rows of a table have one of a few keys, without decoding the rest.
//!
//! Tables are sorted by their keys, so the least and the greatest key of each row group, which the
//! file tells, leave one group to look into for each key. A million users' memberships are some
//! fifty groups: a fiftieth is read.

use parquet::arrow::arrow_reader::RowSelection;
use parquet::file::statistics::Statistics;

use super::Guid;
use super::decode::{File, Rows};
use super::tables;

/// The rows whose first key column is one of `keys`; all, if the table is not found by keys.
pub(super) fn rows(table: &str, file: &File, keys: &[Guid]) -> Result<Rows, String> {
    let groups = 0..file.metadata.metadata().num_row_groups();
    let key = tables::table(table).and_then(|definition| definition.sorted_by.first());
    let column = key.and_then(|key| file.metadata.schema().index_of(key).ok());
    let Some(column) = column else {
        return file.all_of(groups.collect());
    };
    let bounds = bounds(file, column);
    let mut picked = Vec::new();
    let mut ranges = Vec::new();
    let mut before = 0;
    for group in groups {
        if let Some(bounds) = &bounds
            && !keys
                .iter()
                .any(|key| bounds[group].0 <= *key && *key <= bounds[group].1)
        {
            continue;
        }
        let ids = file.ids(column, &file.all_of(vec![group])?)?;
        let hits = ids.iter().enumerate().filter(|(_, id)| keys.contains(id));
        let found = ranges.len();
        ranges.extend(hits.map(|(row, _)| before + row..before + row + 1));
        if ranges.len() > found {
            picked.push(group);
            before += ids.len();
        }
    }
    Ok(Rows {
        groups: picked,
        count: ranges.len(),
        selected: Some(RowSelection::from_consecutive_ranges(ranges.into_iter(), before)),
    })
}

/// The least and the greatest key of every row group; none where the file does not tell, or tells
/// what cannot be in a sorted table, and every group must be looked into.
fn bounds(file: &File, column: usize) -> Option<Vec<(Guid, Guid)>> {
    let bound = |bytes: Option<&[u8]>| Guid::parse(std::str::from_utf8(bytes?).ok()?);
    let mut bounds: Vec<(Guid, Guid)> = Vec::new();
    for group in file.metadata.metadata().row_groups() {
        let Some(Statistics::ByteArray(statistics)) = group.column(column).statistics() else {
            return None;
        };
        let least = bound(statistics.min_bytes_opt())?;
        let greatest = bound(statistics.max_bytes_opt())?;
        if least > greatest || bounds.last().is_some_and(|(_, before)| *before > least) {
            return None;
        }
        bounds.push((least, greatest));
    }
    Some(bounds)
}
