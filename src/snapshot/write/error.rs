//! Why a snapshot could not be written, in the words that a person reads.

use std::io;
use std::path::PathBuf;

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
    /// Another process is writing it.
    #[error(
        "another process is collecting into `{}`\nhint: wait until it has ended, or name another folder",
        .0.display()
    )]
    Busy(PathBuf),
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
