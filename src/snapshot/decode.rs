//! The bytes of a Parquet file → the columns of a table, checked.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::builder::{BooleanBuilder, Int32Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::{DataType, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use super::encode::IDS_KEY;
use super::manifest::TableInfo;
use super::sort::kind_of;
use super::tables::{self, Kind};
use super::{Column, Guid, Table};

/// Reads the columns that `wanted` names and the file has. The error says what is wrong.
pub(super) fn decode(
    name: &str,
    bytes: &Bytes,
    info: &TableInfo,
    wanted: &BTreeSet<String>,
) -> Result<Table, String> {
    let broken = |error: parquet::errors::ParquetError| format!("it cannot be decoded: {error}");
    let metadata = ArrowReaderMetadata::load(bytes, ArrowReaderOptions::default()).map_err(broken)?;
    let file_rows = metadata.metadata().file_metadata().num_rows();
    if u64::try_from(file_rows).ok() != Some(info.rows) {
        return Err(format!(
            "it has {file_rows} rows, the manifest says {}",
            info.rows
        ));
    }
    let in_file: Vec<&String> = metadata
        .schema()
        .fields()
        .iter()
        .map(|field| field.name())
        .collect();
    if in_file != info.columns.iter().collect::<Vec<_>>() {
        return Err("it has other columns than the manifest says".to_owned());
    }
    let ids = id_columns(&metadata);
    let columns: Vec<(usize, &str, Kind)> = metadata
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| wanted.contains(field.name()))
        .map(|(index, field)| Ok((index, field.name().as_str(), kind(name, field, &ids)?)))
        .collect::<Result<_, String>>()?;

    let mask = ProjectionMask::roots(
        metadata.parquet_schema(),
        columns.iter().map(|(index, ..)| *index),
    );
    let groups: Vec<Vec<Column>> = (0..metadata.metadata().num_row_groups())
        .into_par_iter()
        .map(|group| {
            let rows = metadata.metadata().row_group(group).num_rows();
            let rows =
                usize::try_from(rows).map_err(|_| "it cannot be decoded: negative row count".to_owned())?;
            let mut reader =
                ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
                    .with_projection(mask.clone())
                    .with_row_groups(vec![group])
                    .with_batch_size(rows.max(1))
                    .build()
                    .map_err(broken)?;
            let batch = match reader.next() {
                Some(batch) => batch.map_err(|error| format!("it cannot be decoded: {error}"))?,
                None => return Ok(Vec::new()),
            };
            if batch.num_rows() != rows {
                return Err("it cannot be decoded: a row group is short".to_owned());
            }
            let parts = columns.iter().zip(batch.columns());
            parts
                .map(|((_, column, kind), array)| {
                    convert(array, *kind).map_err(|what| format!("column `{column}` {what}"))
                })
                .collect()
        })
        .collect::<Result<_, String>>()?;

    let mut parts: Vec<Vec<Column>> = columns.iter().map(|_| Vec::with_capacity(groups.len())).collect();
    for group in groups {
        for (column, part) in parts.iter_mut().zip(group) {
            column.push(part);
        }
    }
    let columns = columns
        .iter()
        .zip(parts)
        .map(|((_, column, kind), parts)| Ok(((*column).to_owned(), join(*kind, parts)?)))
        .collect::<Result<BTreeMap<String, Column>, String>>()?;
    let rows = usize::try_from(info.rows).map_err(|_| "it has too many rows for this machine".to_owned())?;
    if columns.values().any(|column| length(column) != rows) {
        return Err("its row groups do not add up to its rows".to_owned());
    }
    let table = Table { rows, columns };
    check_order(name, &table)?;
    Ok(table)
}

/// The columns that the writer says hold GUIDs.
fn id_columns(metadata: &ArrowReaderMetadata) -> BTreeSet<String> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    pairs
        .into_iter()
        .flatten()
        .filter(|pair| pair.key == IDS_KEY)
        .flat_map(|pair| pair.value.as_deref().unwrap_or_default().split(','))
        .map(str::to_owned)
        .collect()
}

/// The type a column must have: of a known column what [`tables`] says, else what the file says.
fn kind(table: &str, field: &arrow_schema::Field, ids: &BTreeSet<String>) -> Result<Kind, String> {
    if let Some(column) = tables::table(table).and_then(|definition| definition.column(field.name())) {
        return Ok(column.kind);
    }
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if ids.contains(field.name()) => {
            Ok(Kind::Id)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(Kind::Text),
        DataType::Int16 | DataType::Int32 | DataType::Int64 => Ok(Kind::Integer),
        DataType::Boolean => Ok(Kind::Boolean),
        DataType::Timestamp(..) => Ok(Kind::Timestamp),
        other => Err(format!(
            "column `{}` has the type {other}, which no snapshot uses",
            field.name()
        )),
    }
}

fn convert(array: &ArrayRef, kind: Kind) -> Result<Column, String> {
    let wrong = |expected: &str| format!("holds {} where {expected} belongs", array.data_type());
    match kind {
        Kind::Id => ids(&text(array).ok_or_else(|| wrong("text with GUIDs"))?),
        Kind::Text => Ok(Column::Text(text(array).ok_or_else(|| wrong("text"))?)),
        Kind::Integer => match array.data_type() {
            DataType::Int32 => Ok(Column::Integer(array.as_primitive::<Int32Type>().clone())),
            DataType::Int16 => Ok(Column::Integer(
                array
                    .as_primitive::<Int16Type>()
                    .iter()
                    .map(|value| value.map(i32::from))
                    .collect(),
            )),
            DataType::Int64 => {
                let values = array.as_primitive::<Int64Type>().iter().map(|value| {
                    let narrow = |value| {
                        i32::try_from(value).map_err(|_| format!("holds {value}, which is too large"))
                    };
                    value.map(narrow).transpose()
                });
                Ok(Column::Integer(values.collect::<Result<_, String>>()?))
            }
            _ => Err(wrong("a 32-bit integer")),
        },
        Kind::Boolean => match array.as_boolean_opt() {
            Some(values) => Ok(Column::Boolean(values.clone())),
            None => Err(wrong("true or false")),
        },
        Kind::Timestamp => {
            let DataType::Timestamp(unit, _) = array.data_type() else {
                return Err(wrong("a timestamp"));
            };
            let values = match unit {
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().clone(),
                TimeUnit::Second => array
                    .as_primitive::<TimestampSecondType>()
                    .unary(|value| value.saturating_mul(1_000)),
                TimeUnit::Microsecond => array
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary(|value| value.div_euclid(1_000)),
                TimeUnit::Nanosecond => array
                    .as_primitive::<TimestampNanosecondType>()
                    .unary(|value| value.div_euclid(1_000_000)),
            };
            Ok(Column::Timestamp(values.with_timezone("UTC")))
        }
    }
}

fn text(array: &ArrayRef) -> Option<StringArray> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Some(array.as_string_view().iter().collect()),
        _ => None,
    }
}

fn ids(values: &StringArray) -> Result<Column, String> {
    let mut ids: Vec<Guid> = Vec::with_capacity(values.len());
    // Intersect tables are sorted by an id that comes several times in a row.
    let mut last = None;
    for value in values {
        let id = match (value, ids.last()) {
            (value, Some(id)) if value == last => *id,
            (None, _) => Guid::NULL,
            (Some(value), _) => {
                Guid::parse(value).ok_or_else(|| format!("holds {value:.40?}, which is no GUID"))?
            }
        };
        ids.push(id);
        last = value;
    }
    Ok(Column::Id(ids))
}

fn length(column: &Column) -> usize {
    match column {
        Column::Id(values) => values.len(),
        Column::Text(values) => values.len(),
        Column::Integer(values) => values.len(),
        Column::Boolean(values) => values.len(),
        Column::Timestamp(values) => values.len(),
    }
}

/// One column out of those of the row groups.
fn join(kind: Kind, mut parts: Vec<Column>) -> Result<Column, String> {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return Ok(only);
    }
    debug_assert!(parts.iter().all(|part| kind_of(part) == kind));
    let rows = parts.iter().map(length).sum();
    macro_rules! join {
        ($builder:expr, $variant:path) => {{
            let mut builder = $builder;
            for part in &parts {
                if let $variant(values) = part {
                    builder.append_array(values);
                }
            }
            $variant(builder.finish())
        }};
    }
    Ok(match kind {
        Kind::Id => {
            let mut ids = Vec::with_capacity(rows);
            for part in parts {
                if let Column::Id(values) = part {
                    ids.extend(values);
                }
            }
            Column::Id(ids)
        }
        Kind::Text => {
            let bytes = parts.iter().map(|part| match part {
                Column::Text(values) => values.value_data().len(),
                _ => 0,
            });
            let mut builder = StringBuilder::with_capacity(rows, bytes.sum());
            for part in &parts {
                if let Column::Text(values) = part {
                    builder
                        .append_array(values)
                        .map_err(|_| "a column holds more than 2 GiB of text".to_owned())?;
                }
            }
            Column::Text(builder.finish())
        }
        Kind::Integer => join!(Int32Builder::with_capacity(rows), Column::Integer),
        Kind::Boolean => join!(BooleanBuilder::with_capacity(rows), Column::Boolean),
        Kind::Timestamp => join!(
            TimestampMillisecondBuilder::with_capacity(rows).with_timezone("UTC"),
            Column::Timestamp
        ),
    })
}

/// Readers merge instead of hashing, so the promised order is checked, not believed: over the
/// leading key columns that were loaded.
fn check_order(name: &str, table: &Table) -> Result<(), String> {
    let Some(definition) = tables::table(name) else {
        return Ok(());
    };
    let keys: Vec<&[Guid]> = definition
        .sorted_by
        .iter()
        .map_while(|column| table.ids(column))
        .collect();
    for (key, column) in keys.iter().zip(definition.sorted_by) {
        if let Some(row) = key.iter().position(|id| id.is_null()) {
            return Err(format!(
                "column `{column}` identifies its rows and is null in row {row}"
            ));
        }
    }
    let whole = keys.len() == definition.sorted_by.len();
    let in_order = |row: usize| match keys[..] {
        [] => true,
        [first] if whole => first[row - 1] < first[row],
        [first] => first[row - 1] <= first[row],
        [first, second, ..] => (first[row - 1], second[row - 1]) < (first[row], second[row]),
    };
    match (1..table.rows).find(|row| !in_order(*row)) {
        Some(row) => Err(format!(
            "row {row} is out of order: rows must ascend by {}",
            definition.sorted_by.join(", ")
        )),
        None => Ok(()),
    }
}
