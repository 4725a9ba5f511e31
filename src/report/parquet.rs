//! The assessment as Parquet, for DuckDB, Spark, Fabric and Power BI: the rows of the verdict CSV and
//! of the findings CSV with counts as numbers, and the rules that they name.
//!
//! Cells are as they are, never made safe for spreadsheets; what is empty in the CSV is null here.
//! A row group holds the rows of 16,384 users, so that the bytes depend neither on threads nor on
//! how the work is divided. Each task draws and compresses a whole group, and one after another they
//! go to the file: in memory are a few compressed groups, whatever the number of users.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int32Builder, StringBuilder};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;

use crate::snapshot::Guid;

use super::rows::{self, Columns, Kind, Line};
use super::summary::Report;
use super::{chunks, text};

/// Users whose rows are a row group.
const USERS: usize = 16_384;

/// Rows that are gathered before they are compressed.
const ROWS: usize = 4096;

/// Users drawn between two looks at how many rows there are.
const STEP: usize = 64;

const VERDICTS: &str = "verdicts.parquet";
const FINDINGS: &str = "findings.parquet";
const RULES: &str = "rules.parquet";

/// The names of the files that make up the folder.
pub const FILES: [&str; 3] = [VERDICTS, FINDINGS, RULES];

/// A place to write to, for a writer that several threads may hold one after another.
type Out<'o> = &'o mut (dyn Write + Send);

/// Writes the file of that name, one of [`FILES`].
///
/// # Errors
/// If `out` cannot be written.
pub fn file(name: &str, report: &Report<'_>, out: Out<'_>) -> io::Result<()> {
    match name {
        VERDICTS => verdicts(report, out),
        FINDINGS => findings(report, out),
        _ => rules(report, out),
    }
}

fn verdicts(report: &Report<'_>, out: Out<'_>) -> io::Result<()> {
    let mut file = File::new(report, rows::VERDICTS, &["user_id", "email"], out)?;
    for environment in &report.assessment.environments {
        let verdicts = rows::Verdicts::new(environment, &report.assessment.rules.rules, rows::texts);
        file.groups(environment.users(), |users, line| verdicts.draw(users, line))?;
    }
    file.finish()
}

fn findings(report: &Report<'_>, out: Out<'_>) -> io::Result<()> {
    let mut file = File::new(report, rows::FINDINGS, &[], out)?;
    let findings = rows::Findings::new(report, rows::texts);
    for environment in &report.assessment.environments {
        file.group(|line| findings.of_environment(environment, line))?;
        file.groups(environment.users(), |users, line| {
            findings.of_users(environment, users, line);
        })?;
    }
    file.finish()
}

fn rules(report: &Report<'_>, out: Out<'_>) -> io::Result<()> {
    let mut file = File::new(report, rows::RULES, &[], out)?;
    file.group(|line| rows::rules(report, line))?;
    file.finish()
}

/// A file in the making.
struct File<'o> {
    columns: &'static Columns,
    fields: Vec<Arc<Field>>,
    factory: ArrowRowGroupWriterFactory,
    writer: SerializedFileWriter<Out<'o>>,
}

impl<'o> File<'o> {
    /// Begins a file of these columns; `distinct` are those that rarely hold a value twice.
    fn new(
        report: &Report<'_>,
        columns: &'static Columns,
        distinct: &[&str],
        out: Out<'o>,
    ) -> io::Result<File<'o>> {
        let field = |(name, kind): &(&str, Kind)| match kind {
            Kind::Text => Field::new(*name, DataType::Utf8, true),
            Kind::Number => Field::new(*name, DataType::Int32, false),
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let said = |key: &str, value: String| KeyValue::new(format!("clearance.{key}"), value);
        let packs: Vec<String> = report
            .assessment
            .rules
            .packs
            .iter()
            .map(|pack| pack.edition())
            .collect();
        let mut properties = WriterProperties::builder()
            .set_created_by(text::TOOL.to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![
                said("assessed_at", report.assessment.assessed_at.to_string()),
                said("packs", packs.join("; ")),
            ]));
        for column in distinct {
            properties = properties.set_column_dictionary_enabled((*column).into(), false);
        }
        let types = ArrowSchemaConverter::new().convert(&schema).map_err(failed)?;
        let properties = Arc::new(properties.build());
        let writer = SerializedFileWriter::new(out, types.root_schema_ptr(), properties).map_err(failed)?;
        Ok(File {
            columns,
            fields: schema.fields().to_vec(),
            factory: ArrowRowGroupWriterFactory::new(&writer, schema),
            writer,
        })
    }

    /// Writes the rows of an environment's users.
    fn groups(&mut self, users: usize, draw: impl Fn(Range<usize>, &mut Group<'_>) + Sync) -> io::Result<()> {
        let (columns, fields, factory) = (self.columns, &self.fields, &self.factory);
        let encode = |users: Range<usize>, chunks: &mut Vec<ArrowColumnChunk>| {
            let mut group = Group::new(columns, fields, factory)?;
            // A few users at a time, so that rows need not be compressed in the midst of one.
            for first in users.clone().step_by(STEP) {
                draw(first..users.end.min(first + STEP), &mut group);
                group.compress_if(group.rows >= ROWS)?;
            }
            *chunks = group.finish()?;
            Ok(())
        };
        let writer = &mut self.writer;
        chunks::in_order(users, USERS, encode, |chunks| append(writer, chunks))
    }

    /// Writes a few rows that are not about users.
    fn group(&mut self, draw: impl Fn(&mut Group<'_>)) -> io::Result<()> {
        let mut group = Group::new(self.columns, &self.fields, &self.factory)?;
        draw(&mut group);
        append(&mut self.writer, &mut group.finish()?)
    }

    fn finish(self) -> io::Result<()> {
        self.writer.close().map(drop).map_err(failed)
    }
}

/// Puts a compressed row group into the file.
fn append(writer: &mut SerializedFileWriter<Out<'_>>, chunks: &mut Vec<ArrowColumnChunk>) -> io::Result<()> {
    if chunks.is_empty() {
        return Ok(());
    }
    let mut group = writer.next_row_group().map_err(failed)?;
    for chunk in chunks.drain(..) {
        chunk.append_to_row_group(&mut group).map_err(failed)?;
    }
    group.close().map(drop).map_err(failed)
}

/// The file system's own words, if it was that.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

/// A row group in the making: the rows drawn last, and those before them in compressed pages.
struct Group<'f> {
    fields: &'f [Arc<Field>],
    columns: Vec<Column>,
    writers: Vec<ArrowColumnWriter>,
    /// The column of the next cell.
    next: usize,
    /// Rows not yet compressed.
    rows: usize,
    /// All rows.
    total: usize,
}

enum Column {
    Text(StringBuilder),
    Number(Int32Builder),
}

impl<'f> Group<'f> {
    fn new(
        columns: &Columns,
        fields: &'f [Arc<Field>],
        factory: &ArrowRowGroupWriterFactory,
    ) -> io::Result<Group<'f>> {
        let column = |(_, kind): &(&str, Kind)| match kind {
            Kind::Text => Column::Text(StringBuilder::new()),
            Kind::Number => Column::Number(Int32Builder::new()),
        };
        Ok(Group {
            fields,
            columns: columns.iter().map(column).collect(),
            // The number of the group matters only where files are encrypted.
            writers: factory.create_column_writers(0).map_err(failed)?,
            next: 0,
            rows: 0,
            total: 0,
        })
    }

    fn compress_if(&mut self, due: bool) -> io::Result<()> {
        if !due {
            return Ok(());
        }
        let columns = self.columns.iter_mut().zip(&mut self.writers);
        for ((column, writer), field) in columns.zip(self.fields) {
            let array: ArrayRef = match column {
                Column::Text(builder) => Arc::new(builder.finish()),
                Column::Number(builder) => Arc::new(builder.finish()),
            };
            for leaf in compute_leaves(field, &array).map_err(failed)? {
                writer.write(&leaf).map_err(failed)?;
            }
        }
        self.rows = 0;
        Ok(())
    }

    /// The columns of the group; none if it has no rows.
    fn finish(mut self) -> io::Result<Vec<ArrowColumnChunk>> {
        if self.total == 0 {
            return Ok(Vec::new());
        }
        self.compress_if(self.rows > 0)?;
        let writers = self.writers.into_iter();
        writers.map(|writer| writer.close().map_err(failed)).collect()
    }

    fn put_text(&mut self, text: Option<&str>) {
        if let Some(Column::Text(builder)) = self.columns.get_mut(self.next) {
            builder.append_option(text);
        }
        self.next += 1;
    }
}

impl Line for Group<'_> {
    type Ready = Vec<String>;

    fn text(&mut self, text: &str) {
        self.put_text((!text.is_empty()).then_some(text));
    }

    fn word(&mut self, word: &str) {
        self.put_text(Some(word));
    }

    fn id(&mut self, id: Guid) {
        let mut digits = uuid::Uuid::encode_buffer();
        let id = uuid::Uuid::from_u128(id.0).hyphenated().encode_lower(&mut digits);
        self.put_text(Some(id));
    }

    fn number(&mut self, number: usize) {
        if let Some(Column::Number(builder)) = self.columns.get_mut(self.next) {
            builder.append_value(i32::try_from(number).unwrap_or(i32::MAX));
        }
        self.next += 1;
    }

    fn ready(&mut self, cells: &Vec<String>) {
        cells.iter().for_each(|text| self.text(text));
    }

    fn end(&mut self) {
        self.next = 0;
        self.rows += 1;
        self.total += 1;
    }
}
