//! Rows → the bytes of a Parquet file. Sorted, each key once, and always the same bytes for the
//! same rows.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Int32Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::tables::{Kind, TableDef};
use super::{Column, Table};

/// Rows per row group: small enough that two cores share a table of 200,000 rows evenly.
const ROW_GROUP: usize = 65_536;

/// The key of a file's metadata that lists the columns holding GUIDs. Text is text to every other
/// reader; ours has to know which to turn into numbers, also for columns that only a rule named.
pub(super) const IDS_KEY: &str = "clearance.ids";

pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
    pub(super) columns: Vec<String>,
}

/// Where a row is: chunk and position in it.
type Place = (u32, u32);

pub(super) fn encode(definition: &TableDef, chunks: &[Table]) -> Result<Encoded, String> {
    let first = chunks
        .first()
        .ok_or("there is nothing to take its columns from")?;
    let names = column_order(definition, first);
    let places = sorted_places(definition, chunks)?;
    let kinds: Vec<Kind> = names.iter().map(|name| kind_of(&first.columns[name])).collect();
    let fields: Vec<Field> = names
        .iter()
        .zip(&kinds)
        .map(|(name, kind)| {
            let key = *kind == Kind::Id && definition.sorted_by.contains(&name.as_str());
            Field::new(name, data_type(*kind), !key)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let ids: Vec<&str> = names
        .iter()
        .zip(&kinds)
        .filter(|(_, kind)| **kind == Kind::Id)
        .map(|(name, _)| name.as_str())
        .collect();

    let mut writer = ArrowWriter::try_new_with_options(
        Vec::new(),
        Arc::clone(&schema),
        ArrowWriterOptions::new()
            .with_skip_arrow_metadata(true)
            .with_properties(properties(definition, &ids)?),
    )
    .map_err(|error| error.to_string())?;
    for group in places.chunks(ROW_GROUP) {
        let mut arrays = Vec::with_capacity(names.len());
        for (name, kind) in names.iter().zip(&kinds) {
            arrays.push(gather(name, *kind, chunks, group)?);
        }
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|error| error.to_string())?;
        writer.write(&batch).map_err(|error| error.to_string())?;
        writer.flush().map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    Ok(Encoded {
        bytes,
        rows: places.len() as u64,
        columns: names,
    })
}

fn properties(definition: &TableDef, ids: &[&str]) -> Result<WriterProperties, String> {
    let level = ZstdLevel::try_new(3).map_err(|error| error.to_string())?;
    let mut properties = WriterProperties::builder()
        .set_created_by("clearance".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(vec![KeyValue::new(IDS_KEY.to_owned(), ids.join(","))]));
    if let [key] = definition.sorted_by {
        // Every value is different: a dictionary would only be built to be thrown away.
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*key), false);
    }
    Ok(properties.build())
}

/// Columns in the order of the table's definition, then those that rules added, by name.
fn column_order(definition: &TableDef, table: &Table) -> Vec<String> {
    let known = definition
        .columns
        .iter()
        .map(|column| column.name)
        .filter(|name| table.columns.contains_key(*name));
    let added = table
        .columns
        .keys()
        .map(String::as_str)
        .filter(|name| definition.column(name).is_none());
    known.chain(added).map(str::to_owned).collect()
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

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Id | Kind::Text => DataType::Utf8,
        Kind::Integer => DataType::Int32,
        Kind::Boolean => DataType::Boolean,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

/// Every row once, in the order of its key. Of rows with the same key the first to arrive stays.
fn sorted_places(definition: &TableDef, chunks: &[Table]) -> Result<Vec<Place>, String> {
    let mut keys: Vec<Vec<&Column>> = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let mut columns = Vec::new();
        for name in definition.sorted_by {
            let column = chunk
                .columns
                .get(*name)
                .ok_or_else(|| format!("its key column `{name}` is missing"))?;
            if let Column::Id(values) = column
                && let Some(row) = values.iter().position(|value| value.is_null())
            {
                return Err(format!("its key column `{name}` is null in row {row}"));
            }
            columns.push(column);
        }
        keys.push(columns);
    }
    let mut places: Vec<Place> = Vec::with_capacity(chunks.iter().map(|chunk| chunk.rows).sum());
    for (index, chunk) in (0u32..).zip(chunks) {
        let rows = u32::try_from(chunk.rows).map_err(|_| "a page has too many rows".to_owned())?;
        places.extend((0..rows).map(|row| (index, row)));
    }
    let compare = |a: &Place, b: &Place| {
        keys[a.0 as usize]
            .iter()
            .zip(&keys[b.0 as usize])
            .map(|(left, right)| compare_values(left, a.1 as usize, right, b.1 as usize))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    places.sort_by(compare);
    places.dedup_by(|b, a| compare(a, b).is_eq());
    Ok(places)
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

/// The values of one column at the places, as the array that goes into the file.
fn gather(name: &str, kind: Kind, chunks: &[Table], places: &[Place]) -> Result<ArrayRef, String> {
    let columns: Vec<&Column> = chunks
        .iter()
        .map(|chunk| match chunk.columns.get(name) {
            Some(column) if kind_of(column) == kind => Ok(column),
            _ => Err(format!("the column `{name}` is not the same in all of its pages")),
        })
        .collect::<Result<_, _>>()?;
    let mut buffer = uuid::Uuid::encode_buffer();
    macro_rules! gather {
        ($builder:expr, $variant:path) => {{
            let mut builder = $builder;
            for &(chunk, row) in places {
                let row = row as usize;
                if let $variant(values) = columns[chunk as usize] {
                    builder.append_option(values.is_valid(row).then(|| values.value(row)));
                }
            }
            Arc::new(builder.finish()) as ArrayRef
        }};
    }
    Ok(match kind {
        Kind::Id => {
            let mut builder = StringBuilder::with_capacity(places.len(), places.len() * 36);
            for &(chunk, row) in places {
                if let Column::Id(values) = columns[chunk as usize] {
                    let id = values[row as usize];
                    if id.is_null() {
                        builder.append_null();
                    } else {
                        let text = uuid::Uuid::from_u128(id.0).hyphenated();
                        builder.append_value(text.encode_lower(&mut buffer));
                    }
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Text => gather!(StringBuilder::new(), Column::Text),
        Kind::Integer => gather!(Int32Builder::with_capacity(places.len()), Column::Integer),
        Kind::Boolean => gather!(BooleanBuilder::with_capacity(places.len()), Column::Boolean),
        Kind::Timestamp => gather!(
            TimestampMillisecondBuilder::with_capacity(places.len()).with_timezone("UTC"),
            Column::Timestamp
        ),
    })
}
