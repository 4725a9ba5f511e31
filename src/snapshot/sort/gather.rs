//! Values taken together from several columns.

use arrow_array::Array;
use arrow_array::builder::{BooleanBuilder, Int32Builder, StringBuilder, TimestampMillisecondBuilder};

use super::merge::Place;
use crate::snapshot::Column;
use crate::snapshot::tables::Kind;

/// The values at the places, in their order. The columns are of the kind.
pub(super) fn gather(kind: Kind, columns: &[&Column], places: &[Place]) -> Column {
    macro_rules! gather {
        ($builder:expr, $variant:path) => {{
            let mut builder = $builder;
            for &(column, row) in places {
                let row = row as usize;
                if let $variant(values) = columns[column as usize] {
                    builder.append_option(values.is_valid(row).then(|| values.value(row)));
                }
            }
            $variant(builder.finish())
        }};
    }
    match kind {
        Kind::Id => {
            let ids = places
                .iter()
                .filter_map(|&(column, row)| match columns[column as usize] {
                    Column::Id(values) => Some(values[row as usize]),
                    _ => None,
                });
            Column::Id(ids.collect())
        }
        Kind::Text => {
            let bytes = places
                .iter()
                .map(|&(column, row)| match columns[column as usize] {
                    Column::Text(values) => values.value(row as usize).len(),
                    _ => 0,
                });
            let builder = StringBuilder::with_capacity(places.len(), bytes.sum());
            gather!(builder, Column::Text)
        }
        Kind::Integer => gather!(Int32Builder::with_capacity(places.len()), Column::Integer),
        Kind::Boolean => gather!(BooleanBuilder::with_capacity(places.len()), Column::Boolean),
        Kind::Timestamp => gather!(
            TimestampMillisecondBuilder::with_capacity(places.len()).with_timezone("UTC"),
            Column::Timestamp
        ),
    }
}

pub(super) fn kind_of(column: &Column) -> Kind {
    match column {
        Column::Id(_) => Kind::Id,
        Column::Text(_) => Kind::Text,
        Column::Integer(_) => Kind::Integer,
        Column::Boolean(_) => Kind::Boolean,
        Column::Timestamp(_) => Kind::Timestamp,
    }
}
