//! One column of a Parquet file, over all its row groups or the rows that were picked.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, StringArray, new_empty_array};
use arrow_schema::{DataType, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::basic::Encoding;

use super::ids::Ids;
use crate::snapshot::tables::Kind;
use crate::snapshot::{Column, Guid};

/// Ids are read so many at a time, so that their texts are still in the processor's cache when they
/// become numbers. Row groups that we wrote are whole steps: a step has one dictionary.
const STEP: usize = 8192;

const SHORT: &str = "it cannot be decoded: a row group is short";

/// A Parquet file in memory, and the rows of it that are read.
pub(in crate::snapshot) struct File {
    bytes: Bytes,
    pub(in crate::snapshot) metadata: ArrowReaderMetadata,
    /// To get text as it lies in the file, not copied together.
    views: ArrowReaderMetadata,
    /// To get text as the file's own dictionaries and the keys into them.
    dictionaries: ArrowReaderMetadata,
    pub(in crate::snapshot) rows: Rows,
}

/// Rows to read: those selected in some row groups.
#[derive(Default)]
pub(in crate::snapshot) struct Rows {
    pub(in crate::snapshot) groups: Vec<usize>,
    /// None for all rows of these groups.
    pub(in crate::snapshot) selected: Option<RowSelection>,
    /// How many they are.
    pub(in crate::snapshot) count: usize,
}

impl File {
    /// A file with all its rows.
    pub(in crate::snapshot) fn new(bytes: Bytes, metadata: ArrowReaderMetadata) -> Result<File, String> {
        let keyed = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let mut file = File {
            bytes,
            views: with_text_as(&DataType::Utf8View, &metadata)?,
            dictionaries: with_text_as(&keyed, &metadata)?,
            metadata,
            rows: Rows::default(),
        };
        let groups = 0..file.metadata.metadata().num_row_groups();
        file.rows = file.all_of(groups.collect())?;
        Ok(file)
    }

    /// All rows of some row groups.
    pub(in crate::snapshot) fn all_of(&self, groups: Vec<usize>) -> Result<Rows, String> {
        let rows = groups
            .iter()
            .map(|group| usize::try_from(self.metadata.metadata().row_group(*group).num_rows()).ok());
        let count = rows
            .sum::<Option<usize>>()
            .ok_or_else(|| "it cannot be decoded: negative row count".to_owned())?;
        Ok(Rows {
            groups,
            selected: None,
            count,
        })
    }

    /// About how much work a column is: the bytes of its pages.
    pub(in crate::snapshot) fn size(&self, column: usize) -> i64 {
        let groups = self.rows.groups.iter();
        let sizes = groups.map(|group| {
            let group = self.metadata.metadata().row_group(*group);
            group.column(column).uncompressed_size()
        });
        sizes.fold(0, i64::saturating_add)
    }

    /// Reads a column.
    pub(in crate::snapshot) fn read(&self, column: usize, kind: Kind) -> Result<Column, String> {
        match kind {
            Kind::Id => self.ids(column, &self.rows).map(Column::Id),
            _ => convert(&self.whole(column)?, kind).map_err(|what| self.wrong(column, &what)),
        }
    }

    fn wrong(&self, column: usize, what: &str) -> String {
        format!("column `{}` {what}", self.metadata.schema().field(column).name())
    }

    /// A column as one array.
    fn whole(&self, column: usize) -> Result<ArrayRef, String> {
        let rows = &self.rows;
        let mut arrays = self.arrays(&self.metadata, column, rows, rows.count)?;
        let array = match arrays.next() {
            Some(array) => array?,
            None => new_empty_array(self.metadata.schema().field(column).data_type()),
        };
        if array.len() != rows.count {
            return Err(SHORT.to_owned());
        }
        Ok(array)
    }

    /// A column of ids, at some rows.
    pub(in crate::snapshot) fn ids(&self, column: usize, rows: &Rows) -> Result<Vec<Guid>, String> {
        let metadata = if self.has_dictionaries(column, rows) {
            &self.dictionaries
        } else {
            &self.views
        };
        let mut ids = Ids::with_capacity(rows.count);
        for array in self.arrays(metadata, column, rows, STEP)? {
            ids.add(&array?).map_err(|what| self.wrong(column, &what))?;
        }
        let ids = ids.finish();
        if ids.len() != rows.count {
            return Err(SHORT.to_owned());
        }
        Ok(ids)
    }

    /// Whether all pages of a column in these row groups are keys into a dictionary. If some are not, the
    /// library would make one up.
    fn has_dictionaries(&self, column: usize, rows: &Rows) -> bool {
        rows.groups.iter().all(|group| {
            let group = self.metadata.metadata().row_group(*group);
            let pages = group.column(column).page_encoding_stats_mask();
            pages.is_some_and(|pages| pages.is_only(Encoding::RLE_DICTIONARY))
        })
    }

    /// A column at some rows, so many at a time.
    fn arrays(
        &self,
        metadata: &ArrowReaderMetadata,
        column: usize,
        rows: &Rows,
        step: usize,
    ) -> Result<impl Iterator<Item = Result<ArrayRef, String>>, String> {
        let only = ProjectionMask::roots(metadata.parquet_schema(), [column]);
        let mut reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes.clone(), metadata.clone())
                .with_projection(only)
                .with_row_groups(rows.groups.clone())
                .with_batch_size(step.max(1));
        if let Some(selected) = &rows.selected {
            reader = reader.with_row_selection(selected.clone());
        }
        let reader = reader.build().map_err(broken)?;
        Ok(reader.map(|batch| match batch {
            Ok(batch) => Ok(batch.column(0).clone()),
            Err(error) => Err(broken(error)),
        }))
    }
}

/// The same file, to get its text in another form.
fn with_text_as(form: &DataType, metadata: &ArrowReaderMetadata) -> Result<ArrowReaderMetadata, String> {
    let fields = metadata.schema().fields().iter().map(|field| {
        let field = field.as_ref().clone();
        match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => field.with_data_type(form.clone()),
            _ => field,
        }
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let options = ArrowReaderOptions::new().with_schema(schema.into());
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options).map_err(broken)
}

/// What the library says, but for one thing that it says in a way only its authors understand.
pub(super) fn broken(error: impl std::fmt::Display) -> String {
    let error = error.to_string();
    if error.contains("index overflow decoding byte array") {
        return "a column holds more than 2 GiB of text".to_owned();
    }
    format!("it cannot be decoded: {error}")
}

pub(super) fn wrong(array: &ArrayRef, expected: &str) -> String {
    format!("holds {} where {expected} belongs", array.data_type())
}

fn convert(array: &ArrayRef, kind: Kind) -> Result<Column, String> {
    match kind {
        Kind::Id => Err(wrong(array, "text with GUIDs")),
        Kind::Text => Ok(Column::Text(text(array).ok_or_else(|| wrong(array, "text"))?)),
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
            _ => Err(wrong(array, "a 32-bit integer")),
        },
        Kind::Boolean => match array.as_boolean_opt() {
            Some(values) => Ok(Column::Boolean(values.clone())),
            None => Err(wrong(array, "true or false")),
        },
        Kind::Timestamp => {
            let DataType::Timestamp(unit, _) = array.data_type() else {
                return Err(wrong(array, "a timestamp"));
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
