//! A collection that is not finished yet: its folder beside the target, the lock, the journal.
//!
//! ```text
//! .contoso.snapshot.unfinished/   readable by its owner alone
//!   lock                          held by the process that collects; the system lets go of it
//!   journal.json                  what is being collected, and which tables are finished
//!   tables/                       the snapshot in the making
//!   runs/                         rows of tables that are being read, in files without names
//!   old/                          the snapshot that is being replaced, for a moment
//! ```
//!
//! The process may be killed at any moment, so every file gets its name when it is whole, a table is
//! named in the journal when its file is there, and nothing is believed that has another checksum.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::manifest::{DepthName, FORMAT, Gap, TableInfo};
use crate::sha256::sha256;

const LOCK: &str = "lock";
const JOURNAL: &str = "journal.json";
const TABLES: &str = "tables";
const RUNS: &str = "runs";
const OLD: &str = "old";

/// What a collection is about: tables of two collections belong together only if all of it is the
/// same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Address of the environment.
    pub url: String,
    /// Dataverse's id of the organization.
    pub organization_id: String,
    /// The caller's `systemuserid`.
    pub by: String,
    /// What the caller may read: rows that it may not see are not in its tables.
    pub depths: BTreeMap<String, DepthName>,
    /// Program and version.
    pub tool: String,
    /// Further columns that were asked for, with their types.
    pub columns: Vec<String>,
    /// Names of privileges that were asked for.
    pub wanted_privileges: Vec<String>,
}

/// A table that was read to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// As the manifest will have it.
    pub info: TableInfo,
    /// Columns of it that could not be read.
    pub gaps: Vec<Gap>,
}

/// What is known of an unfinished collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// Format of the snapshot that it was to become.
    pub format: u32,
    /// What it is about.
    pub about: About,
    /// When its first request was sent.
    pub started: Timestamp,
    /// The finished tables by logical name.
    pub tables: BTreeMap<String, Finished>,
}

impl Journal {
    /// The journal of a collection that has no tables yet.
    #[must_use]
    pub fn new(about: About, started: Timestamp) -> Journal {
        Journal {
            format: FORMAT,
            about,
            started,
            tables: BTreeMap::new(),
        }
    }
}

/// What an earlier collection left beside the target.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing that could be gone on from.
    Nothing,
    /// A journal that is not as it was written.
    Damaged,
    /// Finished tables.
    Tables(Box<Journal>),
}

/// The journal as it is in its file: the checksum is that of the text that follows it.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    sha256: String,
    #[serde(borrow)]
    journal: &'a RawValue,
}

/// What an unfinished collection of the snapshot `target` has kept, whoever is working on it.
#[must_use]
pub fn unfinished(target: &Path) -> Found {
    // As the writer does.
    let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    read_journal(&beside(&target))
}

/// The folder of the unfinished collection of a target.
fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or("snapshot".as_ref()));
    name.push(".unfinished");
    target.with_file_name(name)
}

fn read_journal(folder: &Path) -> Found {
    let bytes = match fs::read(folder.join(JOURNAL)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(_) => return Found::Damaged,
    };
    // The tables have become the snapshot, and the process was killed before it could clean up.
    if !folder.join(TABLES).is_dir() {
        return Found::Nothing;
    }
    let journal = serde_json::from_slice::<Sealed<'_>>(&bytes)
        .ok()
        .filter(|sealed| sha256(sealed.journal.get().as_bytes()) == sealed.sha256)
        .and_then(|sealed| serde_json::from_str::<Journal>(sealed.journal.get()).ok())
        .filter(|journal| journal.format == FORMAT);
    match journal {
        None => Found::Damaged,
        Some(journal) if journal.tables.is_empty() => Found::Nothing,
        Some(journal) => Found::Tables(Box::new(journal)),
    }
}

/// Why the folder cannot be worked in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Another process does.
    Busy,
    /// The file system refused.
    Io(io::Error),
}

/// The folder, locked by this process.
#[derive(Debug)]
pub(super) struct Folder {
    target: PathBuf,
    path: PathBuf,
    /// Until this is closed, also by the death of the process, nobody else gets it.
    _lock: File,
}

impl Folder {
    /// Locks the folder beside a target. What an earlier process left in it stays.
    pub(super) fn lock(target: &Path) -> Result<Folder, Refusal> {
        let path = beside(target);
        // Whoever has just finished removes folder and lock, between any two of these steps.
        for _ in 0..100 {
            make_private(&path).map_err(Refusal::Io)?;
            let lock = match private().create(true).truncate(false).open(path.join(LOCK)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(Refusal::Io)?,
            };
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Refusal::Busy),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    tracing::warn!("the file system has no locks: collect there once at a time");
                }
                Err(TryLockError::Error(error)) => return Err(Refusal::Io(error)),
            }
            if is_at(&lock, &path.join(LOCK)) {
                let folder = Folder {
                    target: target.to_owned(),
                    path,
                    _lock: lock,
                };
                folder.put_back().map_err(Refusal::Io)?;
                return Ok(folder);
            }
        }
        Err(Refusal::Busy)
    }

    /// The snapshot in the making.
    pub(super) fn tables(&self) -> PathBuf {
        self.path.join(TABLES)
    }

    /// Where rows wait for the end of their table. Not there unless some had to.
    pub(super) fn runs(&self) -> PathBuf {
        self.path.join(RUNS)
    }

    /// Where the snapshot goes that is replaced.
    pub(super) fn old(&self) -> PathBuf {
        self.path.join(OLD)
    }

    /// What an earlier process left.
    pub(super) fn found(&self) -> Found {
        read_journal(&self.path)
    }

    /// Starts with no tables.
    pub(super) fn start(&self) -> io::Result<()> {
        self.clear()?;
        make_private(&self.tables())
    }

    /// Begins a file of the snapshot. It gets its name when it is whole.
    pub(super) fn create(&self, name: &str) -> io::Result<Unnamed> {
        Unnamed::create(&self.tables(), name)
    }

    /// Writes the journal.
    pub(super) fn note(&self, journal: &Journal) -> io::Result<()> {
        let journal = serde_json::value::to_raw_value(journal)?;
        let sealed = Sealed {
            sha256: sha256(journal.get().as_bytes()),
            journal: &journal,
        };
        write_whole(&self.path, JOURNAL, &serde_json::to_vec(&sealed)?)
    }

    /// Removes every file of the snapshot in the making but these.
    pub(super) fn keep_only(&self, files: &[String]) -> io::Result<()> {
        there(fs::remove_dir_all(self.runs()))?;
        for entry in fs::read_dir(self.tables())? {
            let entry = entry?;
            if !files.iter().any(|file| entry.file_name() == file.as_str()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes what is ours, and the folder if nothing else is in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.clear()?;
        fs::remove_file(self.path.join(LOCK))?;
        fs::remove_dir(&self.path)
    }

    fn clear(&self) -> io::Result<()> {
        self.put_back()?;
        // First, so that no journal speaks of tables that are gone.
        for name in [JOURNAL.to_owned(), new(JOURNAL)] {
            there(fs::remove_file(self.path.join(name)))?;
        }
        there(fs::remove_dir_all(self.runs()))?;
        there(fs::remove_dir_all(self.tables()))
    }

    /// Ends a replacement that was cut short: the old snapshot goes back if no new one came.
    fn put_back(&self) -> io::Result<()> {
        let old = self.old();
        if old.symlink_metadata().is_err() {
            Ok(())
        } else if self.target.symlink_metadata().is_err() {
            fs::rename(old, &self.target)
        } else {
            fs::remove_dir_all(old)
        }
    }
}

/// Nothing to remove is as good as removed.
fn there(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The name of a file that is not whole yet.
fn new(name: &str) -> String {
    format!("{name}.new")
}

/// A file that is not whole yet.
pub(super) struct Unnamed {
    pub(super) file: File,
    at: PathBuf,
    becomes: PathBuf,
}

impl Unnamed {
    fn create(folder: &Path, name: &str) -> io::Result<Unnamed> {
        let at = folder.join(new(name));
        Ok(Unnamed {
            file: private().create(true).truncate(true).open(&at)?,
            at,
            becomes: folder.join(name),
        })
    }

    /// It is whole, and gets its name.
    pub(super) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        drop(self.file);
        fs::rename(self.at, self.becomes)
    }
}

fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut unnamed = Unnamed::create(folder, name)?;
    unnamed.file.write_all(bytes)?;
    unnamed.finish()
}

/// How files are opened: for their owner alone.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Makes a folder for its owner alone, also of one that is there.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    // A link could lead anywhere.
    if !folder.symlink_metadata()?.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("`{}` is in the way", folder.display()),
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Whether the open file is still the one of that name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
        let named = fs::metadata(path).map(id).ok();
        named.is_some() && named == file.metadata().map(id).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}
