//! A sorted run: rows that wait on disk for the end of their table.
//!
//! An Arrow IPC stream in a file without a name. GUIDs are its 16 bytes; text and the rest are as in
//! memory. Nobody else reads it, and nothing is left of it when its handle is closed.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType};
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};

use super::encode::data_type;
use super::sort::{Columns, SortError};
use super::tables::Kind;
use super::unfinished::make_private;
use super::{Column, Guid, Table};

/// Rows that are read at a time: of every run that is merged so many are in memory.
const BATCH: usize = 1024;

/// One run. Dropping it gives its space back.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    /// How many merges it took to make it.
    pub(super) level: u32,
}

impl Run {
    /// Writes rows, which come sorted, into a file without a name in a folder that is made if it
    /// is not there.
    pub(super) fn write(
        folder: &Path,
        level: u32,
        columns: &Columns,
        steps: impl Iterator<Item = Result<Table, SortError>>,
    ) -> Result<Run, SortError> {
        make_private(folder)?;
        let file = tempfile::tempfile_in(folder)?;
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, kind)| Field::new(name, type_of(*kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let mut writer = StreamWriter::try_new(BufWriter::new(file), &schema)?;
        for step in steps {
            let mut step = step?;
            let arrays = columns.iter().map(|(name, _)| {
                let column = step.columns.remove(name);
                column
                    .map(array)
                    .ok_or_else(|| format!("its column `{name}` is lost"))
            });
            let arrays = arrays.collect::<Result<Vec<ArrayRef>, String>>()?;
            let rows = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
            for start in (0..rows.num_rows()).step_by(BATCH) {
                writer.write(&rows.slice(start, BATCH.min(rows.num_rows() - start)))?;
            }
        }
        let mut buffered = writer.into_inner()?;
        buffered.flush()?;
        let file = buffered
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        Ok(Run { file, level })
    }

    /// Reads these columns of it, from its start.
    pub(super) fn read(mut self, columns: &Columns) -> Result<RunReader, SortError> {
        self.file.rewind()?;
        let reader = StreamReader::try_new(BufReader::new(self.file), None)?;
        Ok(RunReader {
            columns: columns.clone(),
            reader,
        })
    }
}

/// A run that is being read, a batch at a time.
#[derive(Debug)]
pub(super) struct RunReader {
    columns: Columns,
    reader: StreamReader<BufReader<File>>,
}

impl Iterator for RunReader {
    type Item = Result<Table, SortError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error.into())),
        };
        let columns = self.columns.iter().map(|(name, kind)| {
            let array = batch.column_by_name(name);
            let column = array.and_then(|array| column(array, *kind));
            let column = column.ok_or_else(|| format!("its column `{name}` is lost"))?;
            Ok((name.clone(), column))
        });
        Some(
            columns
                .collect::<Result<_, String>>()
                .map_err(SortError::from)
                .map(|columns| Table {
                    rows: batch.num_rows(),
                    columns,
                }),
        )
    }
}

fn type_of(kind: Kind) -> DataType {
    match kind {
        Kind::Id => DataType::FixedSizeBinary(16),
        other => data_type(other),
    }
}

fn array(column: Column) -> ArrayRef {
    match column {
        Column::Id(values) => {
            let bytes: Vec<u8> = values.iter().flat_map(|id| id.0.to_be_bytes()).collect();
            Arc::new(FixedSizeBinaryArray::new(16, bytes.into(), None))
        }
        Column::Text(values) => Arc::new(values),
        Column::Integer(values) => Arc::new(values),
        Column::Boolean(values) => Arc::new(values),
        Column::Timestamp(values) => Arc::new(values),
    }
}

fn column(array: &ArrayRef, kind: Kind) -> Option<Column> {
    Some(match kind {
        Kind::Id => {
            let (ids, _) = array.as_fixed_size_binary_opt()?.value_data().as_chunks::<16>();
            Column::Id(ids.iter().map(|id| Guid(u128::from_be_bytes(*id))).collect())
        }
        Kind::Text => Column::Text(array.as_string_opt()?.clone()),
        Kind::Integer => Column::Integer(array.as_primitive_opt::<Int32Type>()?.clone()),
        Kind::Boolean => Column::Boolean(array.as_boolean_opt()?.clone()),
        Kind::Timestamp => Column::Timestamp(array.as_primitive_opt::<TimestampMillisecondType>()?.clone()),
    })
}
