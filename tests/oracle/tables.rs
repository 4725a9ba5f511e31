//! A snapshot folder as plainly as possible: every table a list of rows, every row a map.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

/// A map that hashes quickly: a test is not optimised, and most of the oracle's time goes into looking up
/// cells by their names.
pub use rustc_hash::FxHashMap as HashMap;

/// One cell. A cell that was not collected is not in its row at all, which is not the same as
/// [`Value::Null`]: a null is a null that the server sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Int(i64),
    Bool(bool),
    /// Milliseconds since 1970, UTC.
    Time(i64),
}

/// One row: cells by column name.
pub type Row = HashMap<String, Value>;

/// One table, present in the snapshot.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub rows: Vec<Row>,
    pub columns: BTreeSet<String>,
    pub complete: bool,
}

/// One environment's snapshot.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub name: String,
    pub organization_id: String,
    pub build: Option<String>,
    pub online: bool,
    pub region: Option<String>,
    pub tables: BTreeMap<String, Table>,
    /// Lower-case names of the privileges that were asked for.
    pub wanted_privileges: BTreeSet<String>,
    /// The caller's own depth by read privilege; a missing key is not proven.
    pub depths: BTreeMap<String, String>,
}

impl Snapshot {
    /// The rows of a table; none if it was not collected.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], |table| &table.rows)
    }

    /// Whether the table was collected to its end.
    pub fn complete(&self, table: &str) -> bool {
        self.tables.get(table).is_some_and(|table| table.complete)
    }

    /// Whether the column was collected.
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|table| table.columns.contains(column))
    }

    /// Whether the caller is proven to see every row that the privilege guards.
    pub fn proven_global(&self, privilege: &str) -> bool {
        self.depths.get(privilege).is_some_and(|depth| depth == "global")
    }
}

/// Text of a cell; none if it is null or was not collected.
pub fn text<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    match row.get(column) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Number of a cell; none if it is null or was not collected.
pub fn int(row: &Row, column: &str) -> Option<i64> {
    match row.get(column) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// Yes or no of a cell; none if it is null or was not collected.
pub fn boolean(row: &Row, column: &str) -> Option<bool> {
    match row.get(column) {
        Some(Value::Bool(yes)) => Some(*yes),
        _ => None,
    }
}

/// Reads a snapshot folder.
pub fn read(folder: &Path) -> Snapshot {
    let manifest = std::fs::read_to_string(folder.join("manifest.json"))
        .unwrap_or_else(|error| panic!("no manifest in {}: {error}", folder.display()));
    let manifest: serde_json::Value =
        serde_json::from_str(&manifest).unwrap_or_else(|error| panic!("the manifest is no JSON: {error}"));
    assert_eq!(manifest["format"], 1, "format of the snapshot");

    let environment = &manifest["environment"];
    let optional = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let mut snapshot = Snapshot {
        name: optional(&environment["name"]).unwrap_or_default(),
        organization_id: optional(&environment["organization_id"]).unwrap_or_default(),
        build: optional(&environment["build"]),
        online: environment["deployment"] == "online",
        region: optional(&environment["region"]),
        ..Snapshot::default()
    };
    for name in manifest["wanted_privileges"].as_array().into_iter().flatten() {
        snapshot
            .wanted_privileges
            .extend(name.as_str().map(str::to_lowercase));
    }
    for (privilege, depth) in manifest["selfcheck"]["depths"].as_object().into_iter().flatten() {
        snapshot
            .depths
            .insert(privilege.clone(), depth.as_str().unwrap_or_default().to_owned());
    }
    for (name, info) in manifest["tables"].as_object().into_iter().flatten() {
        let mut table = read_table(&folder.join(format!("{name}.parquet")));
        table.complete = info["complete"] == true;
        assert_eq!(
            info["rows"],
            table.rows.len(),
            "rows of {name} in the manifest and in its file"
        );
        snapshot.tables.insert(name.clone(), table);
    }
    snapshot
}

fn read_table(path: &Path) -> Table {
    let fail = |error: &dyn std::fmt::Display| -> ! { panic!("cannot read {}: {error}", path.display()) };
    let file = File::open(path).unwrap_or_else(|error| fail(&error));
    // Without the embedded Arrow schema there are no dictionaries: just the plain types of the contract.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .unwrap_or_else(|error| fail(&error));
    let mut table = Table::default();
    table
        .columns
        .extend(builder.schema().fields().iter().map(|field| field.name().clone()));
    for batch in builder.build().unwrap_or_else(|error| fail(&error)) {
        append_rows(&mut table.rows, &batch.unwrap_or_else(|error| fail(&error)));
    }
    table
}

fn append_rows(rows: &mut Vec<Row>, batch: &RecordBatch) {
    let first = rows.len();
    rows.extend((0..batch.num_rows()).map(|_| Row::default()));
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        for (row, cells) in rows[first..].iter_mut().enumerate() {
            cells.insert(field.name().clone(), cell(column, row));
        }
    }
}

fn cell(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    if let Some(values) = column.as_string_opt::<i32>() {
        Value::Text(values.value(row).to_owned())
    } else if let Some(values) = column.as_boolean_opt() {
        Value::Bool(values.value(row))
    } else if let Some(values) = column.as_primitive_opt::<Int32Type>() {
        Value::Int(values.value(row).into())
    } else if let Some(values) = column.as_primitive_opt::<Int64Type>() {
        Value::Int(values.value(row))
    } else if let Some(values) = column.as_primitive_opt::<TimestampMillisecondType>() {
        Value::Time(values.value(row))
    } else {
        panic!(
            "a column of type {}, which is none of the contract's",
            column.data_type()
        )
    }
}
