//! Reading a snapshot: integrity first, then only the columns that are needed.
//!
//! Each file is read once, and what was hashed is what is decoded. Everything in a snapshot may
//! have been changed by somebody: nothing in it is trusted further than its checksum reaches.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rayon::prelude::*;
use serde::Deserialize;

use super::decode::{Wanted, decode};
use super::manifest::{FORMAT, Manifest, TableInfo};
use super::{Environment, Guid, Table};
use crate::sha256::sha256;

/// The name of the manifest in a snapshot's folder.
pub(super) const MANIFEST: &str = "manifest.json";

/// Columns to read, by table.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Nothing is there.
    #[error(
        "there is no snapshot at `{}`: it does not exist\nhint: name a folder that `clearance collect` wrote, or the address of an environment",
        .0.display()
    )]
    NotFound(PathBuf),
    /// A file, not a folder.
    #[error(
        "there is no snapshot at `{}`: it is not a folder\nhint: a snapshot is the whole folder that holds manifest.json",
        .0.display()
    )]
    NotAFolder(PathBuf),
    /// A folder of something else.
    #[error(
        "there is no snapshot at `{}`: the folder holds no manifest.json\nhint: name the folder that `clearance collect` was given with -o",
        .0.display()
    )]
    NoManifest(PathBuf),
    /// The file system refused.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The manifest is of another format.
    #[error(
        "`{}` has snapshot format {found}; this version of clearance reads format {FORMAT}\nhint: collect the environment again with this version",
        path.display()
    )]
    Format {
        /// The manifest.
        path: PathBuf,
        /// What it says.
        found: String,
    },
    /// The manifest cannot be understood.
    #[error(
        "the snapshot is damaged: `{}` is no manifest: {what}\nhint: restore the folder from a copy, or collect the environment again",
        path.display()
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A table named in the manifest is not there.
    #[error(
        "the snapshot is damaged: `{}` is missing\nhint: restore the folder from a copy, or collect the environment again",
        .0.display()
    )]
    Missing(PathBuf),
    /// A table is not what was collected.
    #[error(
        "the snapshot is damaged: `{}` was changed after it was collected\nits SHA-256 is {found}, the manifest says {expected}\nhint: restore the folder from a copy, or collect the environment again",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The checksum of what is there.
        found: String,
        /// The checksum in the manifest.
        expected: String,
    },
    /// A table does not hold what a snapshot's table must hold.
    #[error(
        "the snapshot is damaged: `{}`: {what}\nhint: restore the folder from a copy, or collect the environment again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, naming the column.
        what: String,
    },
}

impl SnapshotError {
    /// Whether a snapshot is there but damaged (exit code 4), rather than the wrong thing named
    /// (exit code 2).
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            SnapshotError::NotFound(_)
            | SnapshotError::NotAFolder(_)
            | SnapshotError::NoManifest(_)
            | SnapshotError::Unreadable { .. } => false,
            SnapshotError::Format { .. }
            | SnapshotError::Manifest { .. }
            | SnapshotError::Missing(_)
            | SnapshotError::Changed { .. }
            | SnapshotError::Damaged { .. } => true,
        }
    }
}

/// A snapshot whose files are all there and unchanged.
#[derive(Debug)]
pub struct Snapshot {
    folder: PathBuf,
    manifest: Manifest,
    files: BTreeMap<String, Bytes>,
}

impl Snapshot {
    /// Opens the snapshot in a folder and checks every table against its checksum.
    ///
    /// # Errors
    /// If there is no snapshot, or it is damaged: see [`SnapshotError::is_damage`].
    pub fn open(folder: &Path) -> Result<Snapshot, SnapshotError> {
        let manifest = read_manifest(folder)?;
        let mut tables: Vec<(&String, &TableInfo)> = manifest.tables.iter().collect();
        // One by one, those of most rows first: nothing can share the checksum of a large file.
        tables.sort_by_key(|(_, info)| Reverse(info.rows));
        let files: BTreeMap<_, _> = tables
            .into_iter()
            .par_bridge()
            .map(|(name, info)| (name, read_table(folder, name, info)))
            .collect();
        // Of several errors that of the first table, whichever was met first.
        let files = files.into_iter().map(|(name, bytes)| Ok((name.clone(), bytes?)));
        let files = files.collect::<Result<_, SnapshotError>>()?;
        Ok(Snapshot {
            folder: folder.to_owned(),
            manifest,
            files,
        })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads the named columns of the named tables. A table or column that the snapshot does not
    /// have is absent from the answer, too.
    ///
    /// # Errors
    /// If a table does not hold what it must: wrong type, wrong order, a broken file.
    pub fn load(&self, needs: &Needs) -> Result<Environment, SnapshotError> {
        self.load_rows(needs, &|_| None)
    }

    /// As [`Snapshot::load`], and the last of the snapshot: the bytes of a file are let go of when its
    /// columns are read, so that files and columns are never in memory all together.
    ///
    /// # Errors
    /// As [`Snapshot::load`].
    pub fn into_environment(self, needs: &Needs) -> Result<Environment, SnapshotError> {
        let Snapshot {
            folder,
            manifest,
            mut files,
        } = self;
        let tables = tables(&folder, &manifest, needs, &|_| None, |name| files.remove(name))?;
        Ok(Environment { manifest, tables })
    }

    /// Reads what there is about a few users: of the tables that have rows for each user only their
    /// rows, of all others everything. Judged alone, these users come out as among all the others.
    ///
    /// # Errors
    /// As [`Snapshot::load`].
    pub fn load_about(&self, needs: &Needs, users: &[Guid]) -> Result<Environment, SnapshotError> {
        let mailboxes = self.mailboxes_of(users)?;
        self.load_rows(needs, &|table| match table {
            "systemuser" | "systemuserroles" | "teammembership" | "access" => Some(users),
            "mailbox" => Some(&mailboxes),
            _ => None,
        })
    }

    /// The mailboxes that may be these users': the one that each names, and for those who name none
    /// that is there, all that name them.
    fn mailboxes_of(&self, users: &[Guid]) -> Result<Vec<Guid>, SnapshotError> {
        let needs = |table: &str, columns: &[&str]| {
            Needs::from([(
                table.to_owned(),
                columns.iter().map(|column| (*column).to_owned()).collect(),
            )])
        };
        let ids = |environment: &Environment, table: &str, column: &str| {
            let table = environment.table(table);
            table
                .and_then(|table| table.ids(column))
                .unwrap_or_default()
                .to_vec()
        };
        let named = self.load_rows(&needs("systemuser", &["systemuserid", "defaultmailbox"]), &|_| {
            Some(users)
        })?;
        let mut named = ids(&named, "systemuser", "defaultmailbox");
        named.retain(|mailbox| !mailbox.is_null());
        let there = self.load_rows(&needs("mailbox", &["mailboxid"]), &|_| Some(&named))?;
        let mut mailboxes = ids(&there, "mailbox", "mailboxid");
        if mailboxes.len() < users.len() {
            let all = self.load(&needs("mailbox", &["mailboxid", "regardingobjectid"]))?;
            let regarding = ids(&all, "mailbox", "regardingobjectid");
            let all = ids(&all, "mailbox", "mailboxid");
            let of_users = all.into_iter().zip(regarding);
            mailboxes.extend(
                of_users
                    .filter(|(_, user)| users.contains(user))
                    .map(|(id, _)| id),
            );
        }
        Ok(mailboxes)
    }

    fn load_rows<'k>(
        &self,
        needs: &Needs,
        keys: &dyn Fn(&str) -> Option<&'k [Guid]>,
    ) -> Result<Environment, SnapshotError> {
        let bytes = |name: &str| self.files.get(name).cloned();
        Ok(Environment {
            manifest: self.manifest.clone(),
            tables: tables(&self.folder, &self.manifest, needs, keys, bytes)?,
        })
    }
}

/// Decodes what is needed of the tables that there are.
fn tables<'k>(
    folder: &Path,
    manifest: &Manifest,
    needs: &Needs,
    keys: &dyn Fn(&str) -> Option<&'k [Guid]>,
    mut bytes: impl FnMut(&str) -> Option<Bytes>,
) -> Result<BTreeMap<String, Table>, SnapshotError> {
    let wanted = needs.iter().filter_map(|(name, columns)| {
        Some(Wanted {
            name,
            bytes: bytes(name)?,
            info: manifest.tables.get(name)?,
            columns,
            keys: keys(name),
        })
    });
    decode(wanted.collect()).map_err(|(table, what)| SnapshotError::Damaged {
        path: file_of(folder, &table),
        what,
    })
}

fn file_of(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}

fn read_manifest(folder: &Path) -> Result<Manifest, SnapshotError> {
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SnapshotError::NotFound(folder.to_owned()));
        }
        Err(source) => {
            return Err(SnapshotError::Unreadable {
                path: folder.to_owned(),
                source,
            });
        }
        Ok(meta) if !meta.is_dir() => return Err(SnapshotError::NotAFolder(folder.to_owned())),
        Ok(_) => {}
    }
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SnapshotError::NoManifest(folder.to_owned()),
        _ => SnapshotError::Unreadable {
            path: path.clone(),
            source,
        },
    })?;

    // The format first: a later format may well have other fields.
    #[derive(Deserialize)]
    struct Head {
        format: serde_json::Value,
    }
    let broken = |error: serde_json::Error| SnapshotError::Manifest {
        path: path.clone(),
        what: error.to_string(),
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(broken)?;
    if head.format != FORMAT {
        return Err(SnapshotError::Format {
            path,
            found: head.format.to_string(),
        });
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(broken)?;
    for table in manifest.tables.keys() {
        // The names become file names; the manifest is not sealed.
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if table.is_empty() || !table.bytes().all(plain) {
            return Err(SnapshotError::Manifest {
                path,
                what: format!("{table:?} is no logical name of a table"),
            });
        }
    }
    Ok(manifest)
}

/// Reads a table's file and checks it against the manifest.
fn read_table(folder: &Path, name: &str, info: &TableInfo) -> Result<Bytes, SnapshotError> {
    let path = file_of(folder, name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SnapshotError::Missing(path)),
        Err(source) => return Err(SnapshotError::Unreadable { path, source }),
    };
    let found = sha256(&bytes);
    if !found.eq_ignore_ascii_case(&info.sha256) {
        return Err(SnapshotError::Changed {
            path,
            found,
            expected: info.sha256.clone(),
        });
    }
    Ok(Bytes::from(bytes))
}
