//! Which rows of a table have one of a few keys, without decoding the rest.
//!
//! Tables are sorted by their keys, so the least and the greatest key of each row group, which the
//! file tells, leave one group to look into for each key. A million users' memberships are some
//! fifty groups: a fiftieth is read.

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::file::statistics::Statistics;

use super::decode::{File, convert};
use super::tables::{self, Kind};
use super::{Column, Guid};

/// Row groups with the rows to read of each; none stands for all of them.
pub(super) type Picked = Vec<(usize, Option<RowSelection>)>;

/// Where the rows are whose first key column is one of `keys`.
pub(super) fn rows(table: &str, file: &File<'_>, keys: &[Guid]) -> Result<Picked, String> {
    let groups = file.metadata.metadata().num_row_groups();
    let key = tables::table(table).and_then(|definition| definition.sorted_by.first());
    let column = key.and_then(|key| file.metadata.schema().index_of(key).ok());
    let Some(column) = column else {
        // Not a table that is found by keys: all of it.
        return Ok((0..groups).map(|group| (group, None)).collect());
    };
    let only_keys = ProjectionMask::roots(file.metadata.parquet_schema(), [column]);
    let bounds = bounds(file, column);
    let mut picked = Vec::new();
    for group in 0..groups {
        if let Some(bounds) = &bounds
            && !keys
                .iter()
                .any(|key| bounds[group].0 <= *key && *key <= bounds[group].1)
        {
            continue;
        }
        let (rows, arrays) = file.group(group, &only_keys, None)?;
        let ids = match arrays.first().map(|array| convert(array, Kind::Id)).transpose()? {
            Some(Column::Id(ids)) => ids,
            _ => continue,
        };
        let hits = (0..rows).filter(|row| keys.contains(&ids[*row]));
        let ranges: Vec<_> = hits.map(|row| row..row + 1).collect();
        if !ranges.is_empty() {
            let selected = RowSelection::from_consecutive_ranges(ranges.into_iter(), rows);
            picked.push((group, Some(selected)));
        }
    }
    Ok(picked)
}

/// The least and the greatest key of every row group; none where the file does not tell, or tells
/// what cannot be in a sorted table, and every group must be looked into.
fn bounds(file: &File<'_>, column: usize) -> Option<Vec<(Guid, Guid)>> {
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
