//! Writing a snapshot: whole, or not at all.
//!
//! Tables are written as they arrive into a folder beside the target ([`super::unfinished`]); the
//! manifest comes last and one rename puts everything into place. A writer that is dropped leaves the
//! tables that it was told to keep, for [`SnapshotWriter::go_on`], and else nothing. The bytes of a
//! table depend on its rows alone, not on the pages or the order they came in.

mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::manifest::{Counted, Gap, Manifest, TableInfo};
use super::sort::{self, RowSorter, SortError};
use super::tables::TableDef;
use super::unfinished::{Finished, Folder, Found, Journal, Refusal};
use super::{Environment, Table};
use super::{decode, encode};
use crate::sha256::{Hashed, sha256_of};

pub use error::WriteError;

/// A snapshot in the making. See the [module](self).
#[derive(Debug)]
pub struct SnapshotWriter {
    target: PathBuf,
    folder: Folder,
    found: Found,
    state: Mutex<State>,
    /// Held while a table is put in order and written: one at a time, as each takes memory.
    finishing: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    tables: BTreeMap<String, TableInfo>,
    /// What is kept if there is no end to it; none if nothing is to be kept.
    journal: Option<Journal>,
    /// Whether there is something to keep.
    worth_keeping: bool,
}

impl SnapshotWriter {
    /// Starts a snapshot that will be the folder `target`, of which nothing is kept if it is given
    /// up.
    ///
    /// A target that is a snapshot already is replaced when the new one is whole: that is what a
    /// monthly job wants. An empty folder is used. Anything else is refused.
    ///
    /// # Errors
    /// If the target is something else, or another process is writing it, or its parent folder
    /// cannot be written.
    pub fn create(target: &Path) -> Result<SnapshotWriter, WriteError> {
        let writer = SnapshotWriter::open(target)?;
        writer.start(None)?;
        Ok(writer)
    }

    /// Takes the place for a snapshot that will be the folder `target`. What an earlier writer kept
    /// there is left alone until [`SnapshotWriter::start`] or [`SnapshotWriter::go_on`], one of which
    /// must come before the first table.
    ///
    /// # Errors
    /// As [`SnapshotWriter::create`].
    pub fn open(target: &Path) -> Result<SnapshotWriter, WriteError> {
        // As it was given, so that the error names what the reader knows.
        check_target(target)?;
        let given = target;
        // A link to a folder keeps pointing at it: the folder behind it is what gets replaced.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let parent = parent_of(&target);
        if !parent.is_dir() {
            let parent = parent.to_owned();
            return Err(WriteError::NoParent { path: target, parent });
        }
        let folder = Folder::lock(&target).map_err(|refusal| match refusal {
            Refusal::Busy => WriteError::Busy(given.to_owned()),
            Refusal::Io(source) => WriteError::Io {
                path: target.clone(),
                source,
            },
        })?;
        let found = folder.found();
        let state = State {
            worth_keeping: found != Found::Nothing,
            ..State::default()
        };
        Ok(SnapshotWriter {
            target,
            folder,
            found,
            state: Mutex::new(state),
            finishing: Mutex::new(()),
        })
    }

    /// What an earlier writer left here.
    #[must_use]
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Starts with no tables; what was found is removed. With a journal, tables can be kept.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn start(&self, journal: Option<Journal>) -> Result<(), WriteError> {
        self.folder.start().map_err(|source| self.failed("", source))?;
        *self.state() = State {
            journal,
            ..State::default()
        };
        Ok(())
    }

    /// Goes on from the tables that were found. Those whose file is not as it was written are
    /// forgotten; answers which.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn go_on(&self) -> Result<Vec<String>, WriteError> {
        let Found::Tables(journal) = &self.found else {
            self.start(None)?;
            return Ok(Vec::new());
        };
        let mut journal = Journal::clone(journal);
        let mut damaged = Vec::new();
        journal.tables.retain(|name, kept| {
            let whole = fs::File::open(self.folder.tables().join(file_of(name)))
                .and_then(sha256_of)
                .is_ok_and(|sha256| sha256 == kept.info.sha256);
            if !whole {
                damaged.push(name.clone());
            }
            whole
        });
        let files: Vec<String> = journal.tables.keys().map(|name| file_of(name)).collect();
        self.folder
            .keep_only(&files)
            .and_then(|()| self.folder.note(&journal))
            .map_err(|source| self.failed("", source))?;
        let infos = journal.tables.iter();
        *self.state() = State {
            tables: infos
                .map(|(name, kept)| (name.clone(), kept.info.clone()))
                .collect(),
            worth_keeping: !journal.tables.is_empty(),
            journal: Some(journal),
        };
        Ok(damaged)
    }

    /// The tables that are kept.
    #[must_use]
    pub fn kept(&self) -> BTreeMap<String, Finished> {
        let state = self.state();
        state
            .journal
            .as_ref()
            .map_or_else(BTreeMap::new, |journal| journal.tables.clone())
    }

    /// Keeps a table that was written, with what of it could not be read, if this writer does not
    /// come to its end.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn keep(&self, table: &str, gaps: &[Gap]) -> Result<(), WriteError> {
        // Held while writing, so that the journals of two tables come one after the other.
        let mut state = self.state();
        let State {
            tables,
            journal: Some(journal),
            worth_keeping,
        } = &mut *state
        else {
            return Ok(());
        };
        let Some(info) = tables.get(table) else {
            return Ok(());
        };
        let finished = Finished {
            info: info.clone(),
            gaps: gaps.to_vec(),
        };
        journal.tables.insert(table.to_owned(), finished);
        self.folder
            .note(journal)
            .map_err(|source| self.failed("", source))?;
        *worth_keeping = true;
        Ok(())
    }

    /// Forgets a table that was kept, because it is to be read anew.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn forget(&self, table: &str) -> Result<(), WriteError> {
        let mut state = self.state();
        state.tables.remove(table);
        let Some(journal) = &mut state.journal else {
            return Ok(());
        };
        if journal.tables.remove(table).is_none() {
            return Ok(());
        }
        self.folder
            .note(journal)
            .and_then(|()| fs::remove_file(self.folder.tables().join(file_of(table))))
            .map_err(|source| self.failed("", source))
    }

    /// Keeps nothing, whatever was asked for: going on from these tables would help nobody.
    pub fn give_up(&self) {
        let mut state = self.state();
        state.journal = None;
        state.worth_keeping = false;
    }

    /// Takes the pages of a table, for [`SnapshotWriter::write`].
    #[must_use]
    pub fn rows(&self, definition: &TableDef) -> RowSorter {
        let file = self.target.join(file_of(definition.name));
        RowSorter::new(definition, self.folder.runs(), file)
    }

    /// Writes one table; `seen` is shown its rows on their way, some thousand at a time. There must be
    /// at least one page, be it without rows. Waits while another table is written.
    ///
    /// # Errors
    /// If a column that rows are sorted by is missing or null, or the file cannot be written.
    pub fn write(
        &self,
        definition: &TableDef,
        rows: RowSorter,
        pages: u64,
        complete: bool,
        seen: impl FnMut(&Table),
    ) -> Result<TableInfo, WriteError> {
        let _alone = self.finishing.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file_of(definition.name);
        let info = self
            .encode(definition, rows, seen)
            .map_err(|error| sort::told(definition, &self.target.join(file), error))?;
        let info = TableInfo {
            pages,
            complete,
            ..info
        };
        self.state()
            .tables
            .insert(definition.name.to_owned(), info.clone());
        Ok(info)
    }

    fn encode(
        &self,
        definition: &TableDef,
        rows: RowSorter,
        seen: impl FnMut(&Table),
    ) -> Result<TableInfo, SortError> {
        let rows = rows.merge()?;
        let columns = rows.columns().iter().map(|(name, _)| name.clone()).collect();
        let unnamed = self.folder.create(&file_of(definition.name))?;
        let to = Hashed::new(BufWriter::new(&unnamed.file));
        let (rows, to) = encode::encode(definition, rows, to, seen)?;
        let (mut to, sha256) = to.finish();
        to.flush()?;
        drop(to);
        unnamed.finish()?;
        Ok(TableInfo {
            rows,
            pages: 0,
            complete: false,
            columns,
            sha256,
            counted: None,
        })
    }

    /// Writes one table whose rows are in memory. `chunks` are they, in any split and any order; a key
    /// that comes more than once is kept once. There must be at least one chunk.
    ///
    /// # Errors
    /// As [`SnapshotWriter::write`].
    pub fn table(
        &self,
        definition: &TableDef,
        chunks: &[Table],
        pages: u64,
        complete: bool,
    ) -> Result<TableInfo, WriteError> {
        let mut rows = self.rows(definition);
        for chunk in chunks {
            rows.push(chunk.clone());
        }
        self.write(definition, rows, pages, complete, |_| {})
    }

    /// Notes how many rows the server counted for a table that was written, and whether it stopped
    /// counting there; none if it did not count.
    pub fn set_count(&self, table: &str, count: Option<(u64, bool)>) {
        if let Some(info) = self.state().tables.get_mut(table) {
            info.counted = Some(Counted {
                query: count.map(|(rows, _)| rows),
                more: count.is_some_and(|(_, more)| more),
                total: None,
            });
        }
    }

    /// Notes the server's totals of whole tables, by logical name.
    pub fn set_totals(&self, totals: &BTreeMap<String, u64>) {
        for (table, info) in &mut self.state().tables {
            if let Some(counted) = &mut info.counted {
                counted.total = totals.get(table).copied();
            }
        }
    }

    /// Reads the named columns of a table that was written or kept; none if there is no such table.
    ///
    /// # Errors
    /// If its file cannot be read back.
    pub fn read(&self, name: &str, columns: &BTreeSet<String>) -> Result<Option<Table>, WriteError> {
        let Some(info) = self.state().tables.get(name).cloned() else {
            return Ok(None);
        };
        let file = file_of(name);
        let bytes =
            fs::read(self.folder.tables().join(&file)).map_err(|source| self.failed(&file, source))?;
        let wanted = decode::Wanted {
            name,
            bytes: bytes.into(),
            info: &info,
            columns,
            keys: None,
        };
        decode::decode(vec![wanted])
            .map(|mut tables| tables.remove(name))
            .map_err(|(table, what)| WriteError::Table { table, what })
    }

    /// Reads tables that were written already, before the snapshot is whole: the named columns of
    /// the named tables, as [`crate::snapshot::Snapshot::load`] does. The tables of the answer's
    /// manifest are those written so far.
    ///
    /// # Errors
    /// If a file cannot be read back.
    pub fn load(
        &self,
        manifest: &Manifest,
        needs: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<Environment, WriteError> {
        let mut manifest = manifest.clone();
        manifest.tables = self.state().tables.clone();
        let mut tables = BTreeMap::new();
        for (name, columns) in needs {
            if let Some(table) = self.read(name, columns)? {
                tables.insert(name.clone(), table);
            }
        }
        Ok(Environment { manifest, tables })
    }

    /// Writes the manifest and puts the snapshot into place. The tables of the manifest are those
    /// that were written here, whatever the argument says. Answers the manifest as written.
    ///
    /// # Errors
    /// If anything cannot be written; an older snapshot at the target is then still there.
    pub fn finish(self, mut manifest: Manifest) -> Result<Manifest, WriteError> {
        manifest.tables = self.state().tables.clone();
        let mut text = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| self.failed("manifest.json", error.into()))?;
        text.push(b'\n');
        self.folder
            .create("manifest.json")
            .and_then(|mut file| file.file.write_all(&text).and_then(|()| file.finish()))
            .map_err(|source| self.failed("manifest.json", source))?;
        sync_folder(&self.folder.tables()).map_err(|source| self.failed("", source))?;
        // Somebody may have put something there while we were collecting.
        check_target(&self.target)?;
        replace(&self.folder, &self.target).map_err(|source| self.failed("", source))?;
        self.give_up();
        Ok(manifest)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file system refused, told with the path that the file would have in the end.
    fn failed(&self, name: &str, source: io::Error) -> WriteError {
        let path = match name {
            "" => self.target.clone(),
            name => self.target.join(name),
        };
        WriteError::Io { path, source }
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        if self.state().worth_keeping {
            return;
        }
        // There is nobody left to tell, and the next writer clears up what is left.
        if let Err(error) = self.folder.remove() {
            tracing::debug!(%error, "something is left of the unfinished snapshot");
        }
    }
}

fn file_of(table: &str) -> String {
    format!("{table}.parquet")
}

/// The folder that a path is in.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a new snapshot may take this place.
fn check_target(target: &Path) -> Result<(), WriteError> {
    let occupied = |what: &str| {
        Err(WriteError::Occupied {
            path: target.to_owned(),
            what: what.to_owned(),
        })
    };
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    if !target.is_dir() {
        return occupied("is no folder");
    }
    let entries = fs::read_dir(target)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(|source| WriteError::Io {
            path: target.to_owned(),
            source,
        })?;
    if entries.is_empty() {
        return Ok(());
    }
    if !target.join("manifest.json").is_file() {
        return occupied("is no snapshot: it holds other files");
    }
    for entry in entries {
        let name = entry.file_name();
        let ours =
            name == "manifest.json" || Path::new(&name).extension().is_some_and(|end| end == "parquet");
        if !ours {
            // Replacing the snapshot would delete somebody's notes.
            return occupied(&format!(
                "holds `{}`, which is no part of a snapshot",
                name.display()
            ));
        }
    }
    Ok(())
}

/// Puts the new snapshot in the place of the old one, keeping that until this has worked.
fn replace(folder: &Folder, target: &Path) -> io::Result<()> {
    if target.exists() {
        fs::rename(target, folder.old())?;
    }
    if let Err(error) = fs::rename(folder.tables(), target) {
        // If this fails too, the next writer tries again; until then the old one is in `old`.
        let _ = fs::rename(folder.old(), target);
        return Err(error);
    }
    sync_folder(parent_of(target))
}

/// Makes the names in a folder durable, where the platform can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
