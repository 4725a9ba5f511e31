//! The bytes of Parquet files → the columns of tables, checked: all rows, or those of some keys.
//!
//! Every column is a task of its own, over all row groups, so that nothing has to be put together
//! afterwards. The tasks of all tables are one list. It begins with the tables of most rows, whose few columns
//! of ids take longest, and in each table with its largest columns: the small ones at the end keep all
//! cores busy. Table after table, because a file's bytes can go when its last column is read.
//!
//! Tried with a million users, and not kept: a task for each row group, whose arrays are joined in the end.
//! It took a third more processor time to open and load, for memory that was filled only to be joined, and
//! 340 MiB more of it. Hashing a file in pieces while they are read: no difference.
//!
//! The longest task, the roles of 3 million assignments, is a tenth of all decoding. On many cores the
//! others wait for it, as they do for the checksum of the largest file, which nothing can share.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use rayon::prelude::*;

use super::encode::IDS_KEY;
use super::manifest::TableInfo;
use super::pick;
use super::tables::{self, Kind};
use super::{Guid, Table};

mod column;
mod ids;

use column::broken;
pub(super) use column::{File, Rows};

/// What is wanted of a table.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: Bytes,
    pub(super) info: &'a TableInfo,
    /// Columns that the file does not have are left out.
    pub(super) columns: &'a BTreeSet<String>,
    /// If given, only rows whose first key column is one of them.
    pub(super) keys: Option<&'a [Guid]>,
}

/// Columns of a file: their places in it, names and types.
type Columns = Vec<(usize, String, Kind)>;

/// A column to read.
struct Task {
    file: Arc<File>,
    /// The table's place among those wanted, and the column's in its file: of several errors, the first
    /// in this order is told, whichever was met first.
    place: (usize, usize),
    name: String,
    kind: Kind,
}

/// Reads tables. The error names the table, and says what is wrong. A file's bytes are let go of when
/// its last column is read.
pub(super) fn decode(wanted: Vec<Wanted<'_>>) -> Result<BTreeMap<String, Table>, (String, String)> {
    let names: Vec<&str> = wanted.iter().map(|table| table.name).collect();
    let in_table = |table: usize, what: String| (names[table].to_owned(), what);
    let opened: Vec<_> = wanted.into_par_iter().map(open).collect();
    let mut decoded = Vec::with_capacity(opened.len());
    let mut tasks = Vec::new();
    for (table, opened) in opened.into_iter().enumerate() {
        let (file, columns) = opened.map_err(|what| in_table(table, what))?;
        decoded.push(Table {
            rows: file.rows.count,
            columns: BTreeMap::new(),
        });
        let file = Arc::new(file);
        tasks.extend(columns.into_iter().map(|(column, name, kind)| Task {
            file: Arc::clone(&file),
            place: (table, column),
            name,
            kind,
        }));
    }
    tasks.sort_by_key(|task| {
        let (table, column) = task.place;
        (
            Reverse(task.file.rows.count),
            table,
            Reverse(task.file.size(column)),
        )
    });

    // Taken from the list one by one: cut into halves, one half would hold all that is large.
    let mut read: Vec<_> = tasks
        .into_iter()
        .par_bridge()
        .map(|task| {
            let column = task.file.read(task.place.1, task.kind);
            (task.place, task.name, column)
        })
        .collect();
    read.sort_by_key(|(place, ..)| *place);
    for ((table, _), name, column) in read {
        let column = column.map_err(|what| in_table(table, what))?;
        decoded[table].columns.insert(name, column);
    }

    let checked: Vec<_> = names
        .par_iter()
        .zip(decoded)
        .map(|(name, table)| check_order(name, &table).map(|()| table))
        .collect();
    let checked = checked.into_iter().enumerate();
    checked
        .map(|(table, checked)| match checked {
            Ok(decoded) => Ok((names[table].to_owned(), decoded)),
            Err(what) => Err(in_table(table, what)),
        })
        .collect()
}

/// Opens a file, and finds which of the wanted columns it has.
fn open(wanted: Wanted<'_>) -> Result<(File, Columns), String> {
    let metadata = ArrowReaderMetadata::load(&wanted.bytes, ArrowReaderOptions::default()).map_err(broken)?;
    let rows = metadata.metadata().file_metadata().num_rows();
    if u64::try_from(rows).ok() != Some(wanted.info.rows) {
        return Err(format!(
            "it has {rows} rows, the manifest says {}",
            wanted.info.rows
        ));
    }
    let fields = metadata.schema().fields();
    if !fields.iter().map(|field| field.name()).eq(&wanted.info.columns) {
        return Err("it has other columns than the manifest says".to_owned());
    }
    let ids = id_columns(&metadata);
    let columns = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| wanted.columns.contains(field.name()))
        .map(|(column, field)| Ok((column, field.name().clone(), kind(wanted.name, field, &ids)?)))
        .collect::<Result<_, String>>()?;

    let mut file = File::new(wanted.bytes, metadata)?;
    match wanted.keys {
        Some(keys) => file.rows = pick::rows(wanted.name, &file, keys)?,
        None if u64::try_from(file.rows.count).ok() != Some(wanted.info.rows) => {
            return Err("its row groups do not add up to its rows".to_owned());
        }
        None => {}
    }
    Ok((file, columns))
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
