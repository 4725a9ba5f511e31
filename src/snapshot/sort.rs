//! The rows of one table on their way into its file: taken page by page in any order, given back
//! sorted by key, each key once, in little memory.
//!
//! Pages are held until they take [`BUDGET`]; then their rows go to disk as one sorted run, and in
//! the end all runs are merged (an external merge sort). Runs are files without a name in the folder of
//! the unfinished collection: they are gone when the process is, however it ends.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use arrow_array::Array;

use super::run::Run;
use super::tables::{Kind, TableDef};
use super::write::WriteError;
use super::{Column, Table};

mod gather;
mod merge;

use gather::kind_of;
use merge::Source;
pub(super) use merge::{Merge, STEP};

/// Bytes of pages that are held before they become a run: enough that an environment of ten thousand
/// users needs none, little enough for all large tables at the same time.
const BUDGET: usize = 8 << 20;

/// What a page takes beside its values, for each column.
const OF_A_COLUMN: usize = 256;

/// Runs of one size that are merged into one larger, so that the files and buffers that are open stay
/// few whatever the number of rows.
const FAN_IN: usize = 16;

/// Name and type of each column.
pub(super) type Columns = Vec<(String, Kind)>;

/// Why rows cannot be sorted.
#[derive(Debug)]
pub(super) enum SortError {
    /// The file system refused.
    Disk(io::Error),
    /// The rows are no rows of this table.
    Rows(String),
}

impl From<io::Error> for SortError {
    fn from(error: io::Error) -> SortError {
        SortError::Disk(error)
    }
}

impl From<String> for SortError {
    fn from(what: String) -> SortError {
        SortError::Rows(what)
    }
}

impl From<arrow_schema::ArrowError> for SortError {
    fn from(error: arrow_schema::ArrowError) -> SortError {
        match error {
            arrow_schema::ArrowError::IoError(_, source) => SortError::Disk(source),
            other => SortError::Rows(other.to_string()),
        }
    }
}

/// Takes the pages of one table, in any order, and gives their rows sorted, each key once. Keeps few of
/// them in memory and the others on disk. Made by [`super::SnapshotWriter::rows`].
#[derive(Debug)]
pub struct RowSorter {
    definition: TableDef,
    /// Where runs go; it need not be there yet.
    folder: PathBuf,
    /// The file that the rows are for, to name in errors.
    file: PathBuf,
    budget: usize,
    pages: Vec<Table>,
    /// What the pages take.
    held: usize,
    runs: Vec<Run>,
    so_far: SoFar,
    mark: Mark,
}

/// What is known of all rows taken.
#[derive(Clone, Debug, Default)]
struct SoFar {
    rows: u64,
    /// The columns that all pages have; none before the first page.
    columns: Option<BTreeMap<String, Kind>>,
}

/// A point to go back to.
#[derive(Clone, Debug, Default)]
struct Mark {
    pages: usize,
    runs: usize,
    so_far: SoFar,
}

impl RowSorter {
    pub(super) fn new(definition: &TableDef, folder: PathBuf, file: PathBuf) -> RowSorter {
        RowSorter {
            definition: *definition,
            folder,
            file,
            budget: BUDGET,
            pages: Vec::new(),
            held: 0,
            runs: Vec::new(),
            so_far: SoFar::default(),
            mark: Mark::default(),
        }
    }

    /// Takes the rows out, to put them on disk elsewhere; an empty sorter of the same table stays.
    #[must_use]
    pub fn take(&mut self) -> RowSorter {
        let empty = RowSorter::new(&self.definition, self.folder.clone(), self.file.clone());
        std::mem::replace(self, empty)
    }

    /// Takes a page. The columns of the table are those that all of its pages have.
    pub fn push(&mut self, page: Table) {
        self.so_far.rows += page.rows as u64;
        match &mut self.so_far.columns {
            Some(columns) => columns.retain(|name, _| page.columns.contains_key(name)),
            none => {
                let kinds = page.columns.iter();
                *none = Some(
                    kinds
                        .map(|(name, column)| (name.clone(), kind_of(column)))
                        .collect(),
                );
            }
        }
        self.held += size(&page);
        self.pages.push(page);
    }

    /// Rows taken, those counted that came twice.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.so_far.rows
    }

    /// Whether a page was taken, be it one without rows.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.so_far.columns.is_some()
    }

    /// Whether the pages that are held should go to disk.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.held > self.budget
    }

    /// From here on pages may be taken back, by [`RowSorter::rewind`].
    pub fn mark(&mut self) {
        self.mark = Mark {
            pages: self.pages.len(),
            runs: self.runs.len(),
            so_far: self.so_far.clone(),
        };
    }

    /// Forgets every page since the mark.
    pub fn rewind(&mut self) {
        self.pages.truncate(self.mark.pages);
        self.runs.truncate(self.mark.runs);
        self.held = self.pages.iter().map(size).sum();
        self.so_far = self.mark.so_far.clone();
    }

    /// Puts the pages that are held on disk.
    ///
    /// # Errors
    /// If that cannot be written, or a column that rows are sorted by is missing or null.
    pub fn spill(&mut self) -> Result<(), WriteError> {
        self.try_spill().map_err(|error| self.told(error))
    }

    fn try_spill(&mut self) -> Result<(), SortError> {
        // Those before and those after the mark apart, so that there is something to go back to.
        let after = self.pages.split_off(self.mark.pages.min(self.pages.len()));
        let before = std::mem::take(&mut self.pages);
        self.held = 0;
        self.mark.pages = 0;
        if self.add_run(before)? {
            self.mark.runs = self.runs.len();
        }
        self.add_run(after)?;
        let alike = |runs: &[Run]| {
            let level = runs.last().map(|run| run.level);
            runs.iter()
                .rev()
                .take_while(|run| Some(run.level) == level)
                .count()
        };
        while alike(&self.runs[self.mark.runs..]) >= FAN_IN {
            let runs = self.runs.split_off(self.runs.len() - FAN_IN);
            let level = runs.iter().map(|run| run.level).max().unwrap_or_default() + 1;
            let sources = runs.into_iter().map(Source::Run).collect();
            let merged = self.write_run(sources, level)?;
            self.runs.push(merged);
        }
        Ok(())
    }

    /// Makes a run of pages, unless they have no rows.
    fn add_run(&mut self, pages: Vec<Table>) -> Result<bool, SortError> {
        let sources: Vec<Source> = filled(pages).collect();
        if sources.is_empty() {
            return Ok(false);
        }
        let run = self.write_run(sources, 0)?;
        self.runs.push(run);
        Ok(true)
    }

    fn write_run(&self, sources: Vec<Source>, level: u32) -> Result<Run, SortError> {
        let columns = self.columns()?;
        let mut merge = Merge::new(&self.definition, columns.clone(), sources)?;
        let steps = std::iter::from_fn(|| merge.step().transpose());
        Run::write(&self.folder, level, &columns, steps)
    }

    /// The columns in the order of the table's definition, then those that rules added, by name.
    pub(super) fn columns(&self) -> Result<Columns, SortError> {
        let all = self.so_far.columns.as_ref();
        let all = all.ok_or_else(|| "there is nothing to take its columns from".to_owned())?;
        for key in self.definition.sorted_by {
            if !all.contains_key(*key) {
                return Err(format!("its key column `{key}` is missing").into());
            }
        }
        let known = self.definition.columns.iter().map(|column| column.name);
        let known = known.filter_map(|name| all.get_key_value(name));
        let added = all
            .iter()
            .filter(|(name, _)| self.definition.column(name).is_none());
        Ok(known
            .chain(added)
            .map(|(name, kind)| (name.clone(), *kind))
            .collect())
    }

    /// Gives all rows, in the order of their keys and each key once, some thousand at a time. Of rows
    /// with the same key the first to arrive counts.
    ///
    /// # Errors
    /// As [`RowSorter::spill`]; if there was no page; and if what is on disk cannot be read back.
    pub fn for_each(self, mut take: impl FnMut(&Table)) -> Result<(), WriteError> {
        let (definition, file) = (self.definition, self.file.clone());
        self.merge()
            .and_then(|mut merge| {
                while let Some(rows) = merge.step()? {
                    take(&rows);
                }
                Ok(())
            })
            .map_err(|error| told(&definition, &file, error))
    }

    pub(super) fn merge(self) -> Result<Merge, SortError> {
        let columns = self.columns()?;
        let runs = self.runs.into_iter().map(Source::Run);
        let sources = runs.chain(filled(self.pages)).collect();
        Merge::new(&self.definition, columns, sources)
    }

    fn told(&self, error: SortError) -> WriteError {
        told(&self.definition, &self.file, error)
    }
}

/// The error as a writer tells it.
pub(super) fn told(definition: &TableDef, file: &Path, error: SortError) -> WriteError {
    match error {
        SortError::Disk(source) => WriteError::Io {
            path: file.to_owned(),
            source,
        },
        SortError::Rows(what) => WriteError::Table {
            table: definition.name.to_owned(),
            what,
        },
    }
}

fn filled(pages: Vec<Table>) -> impl Iterator<Item = Source> {
    pages.into_iter().filter(|page| page.rows > 0).map(Source::Page)
}

/// Bytes that a page takes in memory.
fn size(page: &Table) -> usize {
    let of = |column: &Column| match column {
        Column::Id(values) => size_of_val(values.as_slice()),
        Column::Text(values) => values.get_buffer_memory_size(),
        Column::Integer(values) => values.get_buffer_memory_size(),
        Column::Boolean(values) => values.get_buffer_memory_size(),
        Column::Timestamp(values) => values.get_buffer_memory_size(),
    };
    page.columns.values().map(|column| of(column) + OF_A_COLUMN).sum()
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests;
