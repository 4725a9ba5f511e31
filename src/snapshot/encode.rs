//! Sorted rows → the bytes of a Parquet file: always the same bytes for the same rows. Row groups are
//! written one after another, so that one of them is in memory, whatever the size of the table.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::sort::{Merge, STEP, SortError};
use super::tables::{Kind, TableDef};
use super::{Column, Guid, Table};

/// Rows per row group: small enough that two cores share a table of 200,000 rows evenly.
const ROW_GROUP: usize = 65_536;
// A step across two groups would be cut by what came before it.
const _: () = assert!(ROW_GROUP.is_multiple_of(STEP), "groups are made of whole steps");

/// The key of a file's metadata that lists the columns holding GUIDs. Text is text to every other
/// reader; ours has to know which to turn into numbers, also for columns that only a rule named.
pub(super) const IDS_KEY: &str = "clearance.ids";

/// Writes the rows of a merge as a Parquet file; `seen` is shown them on their way. Answers how many
/// there are, and where they went.
pub(super) fn encode<W: Write + Send>(
    definition: &TableDef,
    mut rows: Merge,
    to: W,
    mut seen: impl FnMut(&Table),
) -> Result<(u64, W), SortError> {
    let columns = rows.columns().clone();
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind)| {
            let key = *kind == Kind::Id && definition.sorted_by.contains(&name.as_str());
            Field::new(name, data_type(*kind), !key)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let ids: Vec<&str> = columns
        .iter()
        .filter(|(_, kind)| *kind == Kind::Id)
        .map(|(name, _)| name.as_str())
        .collect();
    let options = ArrowWriterOptions::new()
        .with_skip_arrow_metadata(true)
        .with_properties(properties(definition, &ids)?);
    let mut writer = ArrowWriter::try_new_with_options(to, Arc::clone(&schema), options).map_err(failed)?;
    let mut count = 0;
    while let Some(mut step) = rows.step()? {
        seen(&step);
        count += step.rows as u64;
        let arrays = columns
            .iter()
            .filter_map(|(name, _)| step.columns.remove(name))
            .map(array);
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect())?;
        writer.write(&batch).map_err(failed)?;
    }
    Ok((count, writer.into_inner().map_err(failed)?))
}

/// The file system's own words, if it was that.
fn failed(error: ParquetError) -> SortError {
    match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => SortError::Disk(*error),
            Err(error) => SortError::Rows(error.to_string()),
        },
        other => SortError::Rows(other.to_string()),
    }
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

/// The type of a column in the file.
pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Id | Kind::Text => DataType::Utf8,
        Kind::Integer => DataType::Int32,
        Kind::Boolean => DataType::Boolean,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

/// A column as it goes into the file.
fn array(column: Column) -> ArrayRef {
    match column {
        Column::Id(values) => Arc::new(texts(&values)),
        Column::Text(values) => Arc::new(values),
        Column::Integer(values) => Arc::new(values),
        Column::Boolean(values) => Arc::new(values),
        Column::Timestamp(values) => Arc::new(values),
    }
}

fn texts(ids: &[Guid]) -> arrow_array::StringArray {
    let mut buffer = uuid::Uuid::encode_buffer();
    let mut builder = StringBuilder::with_capacity(ids.len(), ids.len() * 36);
    for id in ids {
        if id.is_null() {
            builder.append_null();
        } else {
            let text = uuid::Uuid::from_u128(id.0).hyphenated();
            builder.append_value(text.encode_lower(&mut buffer));
        }
    }
    builder.finish()
}
