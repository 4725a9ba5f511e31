//! Writing a snapshot: whole, or not at all.
//!
//! Tables are written as they arrive into a temporary folder beside the target; the manifest comes
//! last and one rename puts everything into place. A writer that is dropped leaves nothing behind.
//! The bytes of a table depend on its rows alone, not on the pages or the order they came in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::manifest::{Manifest, TableInfo};
use super::tables::TableDef;
use super::{Environment, Table};
use super::{decode, encode};
use crate::sha256::sha256;

/// Why a snapshot could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The target is taken by something that is no snapshot.
    #[error(
        "`{}` exists and {what}\nhint: name a new folder, or an older snapshot, which is then replaced",
        path.display()
    )]
    Occupied {
        /// The target.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// The folder that the target would be in is not there.
    #[error(
        "cannot write the snapshot `{}`: the folder `{}` does not exist\nhint: create it first",
        path.display(), parent.display()
    )]
    NoParent {
        /// The target.
        path: PathBuf,
        /// The missing folder.
        parent: PathBuf,
    },
    /// The file system refused.
    #[error("cannot write the snapshot `{}`: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A table cannot be put into its file.
    #[error("cannot write the table `{table}`: {what}")]
    Table {
        /// Logical name.
        table: String,
        /// What is wrong.
        what: String,
    },
}

/// A snapshot in the making. See the [module](self).
#[derive(Debug)]
pub struct SnapshotWriter {
    target: PathBuf,
    temporary: tempfile::TempDir,
    tables: Mutex<BTreeMap<String, TableInfo>>,
}

impl SnapshotWriter {
    /// Starts a snapshot that will be the folder `target`.
    ///
    /// A target that is a snapshot already is replaced when the new one is whole: that is what a
    /// monthly job wants. An empty folder is used. Anything else is refused.
    ///
    /// # Errors
    /// If the target is something else, or its parent folder cannot be written.
    pub fn create(target: &Path) -> Result<SnapshotWriter, WriteError> {
        // As it was given, so that the error names what the reader knows.
        check_target(target)?;
        // A link to a folder keeps pointing at it: the folder behind it is what gets replaced.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        if !parent.is_dir() {
            return Err(WriteError::NoParent { path: target, parent });
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".clearance-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let temporary = builder.tempdir_in(&parent).map_err(|error| WriteError::Io {
            path: target.clone(),
            // tempfile puts its own random path into the message; the reader knows the target.
            source: io::Error::from(error.kind()),
        })?;
        Ok(SnapshotWriter {
            target,
            temporary,
            tables: Mutex::new(BTreeMap::new()),
        })
    }

    /// Writes one table. `chunks` are its rows in any split and any order; a key that comes more
    /// than once is kept once. There must be at least one chunk, and all have the same columns.
    ///
    /// # Errors
    /// If a column that rows are sorted by is missing or null, or the file cannot be written.
    pub fn table(
        &self,
        definition: &TableDef,
        chunks: &[Table],
        pages: u64,
        complete: bool,
    ) -> Result<TableInfo, WriteError> {
        let encoded = encode::encode(definition, chunks).map_err(|what| WriteError::Table {
            table: definition.name.to_owned(),
            what,
        })?;
        self.write(&format!("{}.parquet", definition.name), &encoded.bytes)?;
        let info = TableInfo {
            rows: encoded.rows,
            pages,
            complete,
            columns: encoded.columns,
            sha256: sha256(&encoded.bytes),
        };
        self.tables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(definition.name.to_owned(), info.clone());
        Ok(info)
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
        manifest.tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut tables = BTreeMap::new();
        for (name, columns) in needs {
            let Some(info) = manifest.tables.get(name) else {
                continue;
            };
            let file = format!("{name}.parquet");
            let bytes = fs::read(self.temporary.path().join(&file)).map_err(|source| WriteError::Io {
                path: self.target.join(&file),
                source,
            })?;
            let table =
                decode::decode(name, &bytes.into(), info, columns).map_err(|what| WriteError::Table {
                    table: name.clone(),
                    what,
                })?;
            tables.insert(name.clone(), table);
        }
        Ok(Environment { manifest, tables })
    }

    /// Writes the manifest and puts the snapshot into place. The tables of the manifest are those
    /// that were written here, whatever the argument says. Answers the manifest as written.
    ///
    /// # Errors
    /// If anything cannot be written; an older snapshot at the target is then still there.
    pub fn finish(self, mut manifest: Manifest) -> Result<Manifest, WriteError> {
        manifest.tables = std::mem::take(&mut *self.tables.lock().unwrap_or_else(PoisonError::into_inner));
        let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| WriteError::Io {
            path: self.target.join("manifest.json"),
            source: error.into(),
        })?;
        text.push(b'\n');
        self.write("manifest.json", &text)?;
        let failed = |source| WriteError::Io {
            path: self.target.clone(),
            source,
        };
        sync_folder(self.temporary.path()).map_err(failed)?;
        // Somebody may have put something there while we were collecting.
        check_target(&self.target)?;
        replace(self.temporary.path(), &self.target).map_err(failed)?;
        let _ = self.temporary.keep();
        Ok(manifest)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let write = || {
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt;
                options.mode(0o600);
            }
            let mut file = options.open(self.temporary.path().join(name))?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|source| WriteError::Io {
            path: self.target.join(name),
            source,
        })
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

/// Puts the folder `new` in the place of `target`, keeping the old one until that has worked.
fn replace(new: &Path, target: &Path) -> io::Result<()> {
    let parent = new.parent().unwrap_or(Path::new("."));
    if target.exists() {
        let aside = tempfile::Builder::new()
            .prefix(".clearance-old-")
            .tempdir_in(parent)?;
        let old = aside.path().join("old");
        fs::rename(target, &old)?;
        if let Err(error) = fs::rename(new, target) {
            if fs::rename(&old, target).is_err() {
                // Better a folder under an odd name than none at all.
                let _ = aside.keep();
            }
            return Err(error);
        }
    } else {
        fs::rename(new, target)?;
    }
    sync_folder(parent)
}

/// Makes the names in a folder durable, where the platform can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
