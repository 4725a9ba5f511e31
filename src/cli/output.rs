//! Where results go: files appear whole or not at all, `-` is standard output, and a reader that
//! closes the pipe early is no error.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// A place that a result is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file, replaced in one step when everything has been written.
    File(PathBuf),
}

impl From<&Path> for Target {
    fn from(path: &Path) -> Target {
        if path == Path::new("-") {
            Target::Stdout
        } else {
            Target::File(path.to_owned())
        }
    }
}

/// What writes a report.
type Draw<'d> = &'d mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

impl Target {
    /// Runs `write` with a buffered writer to this target.
    ///
    /// # Errors
    /// If the target cannot be written; the file that was there before is then untouched.
    pub fn write(&self, mut write: impl FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        self.write_by(&mut write)
    }

    /// The same, compiled once and not for every report.
    fn write_by(&self, write: Draw<'_>) -> Result<(), Failure> {
        match self {
            Target::Stdout => {
                let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
                match write(&mut out).and_then(|()| out.flush()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    Err(error) => Err(Failure::usage(format!(
                        "cannot write to standard output: {error}"
                    ))),
                    Ok(()) => Ok(()),
                }
            }
            Target::File(path) => write_file(path, write).map_err(|error| unwritable(path, &error)),
        }
    }
}

/// Refuses targets that cannot all be written, before any work is done: two results for standard
/// output, the same file twice, a folder that is not there or may not be written to.
///
/// # Errors
/// The first such fault.
pub fn check_all<'t>(targets: impl Iterator<Item = &'t Target>) -> Result<(), Failure> {
    let mut seen: Vec<&Target> = Vec::new();
    for target in targets {
        if seen.contains(&target) {
            return Err(Failure::usage(match target {
                Target::Stdout => "two reports cannot both go to standard output (`-`)".to_owned(),
                Target::File(path) => format!("two reports cannot both be written to `{}`", path.display()),
            }));
        }
        if let Target::File(path) = target {
            check_file(path).map_err(|error| unwritable(path, &error))?;
        }
        seen.push(target);
    }
    Ok(())
}

fn check_file(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        return std::fs::OpenOptions::new().write(true).open(path).map(drop);
    }
    temporary_beside(path).map(drop)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let folder = folder_of(path).display();
    let why = match error.kind() {
        io::ErrorKind::NotFound => format!("the folder `{folder}` does not exist"),
        io::ErrorKind::NotADirectory => format!("`{folder}` is no folder"),
        _ => error.to_string(),
    };
    Failure::usage(format!(
        "cannot write `{}`: {why}\nhint: name a file in a folder that exists and that you may write to",
        path.display()
    ))
}

/// The folder that a file is or will be in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = folder_of(path);
    // tempfile names its own random path in the message; the folder is what the reader knows.
    tempfile::Builder::new()
        .prefix(".clearance-")
        .tempfile_in(folder)
        .map_err(|error| {
            let words = match error.kind() {
                io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
                io::ErrorKind::PermissionDenied => "you may not write to its folder".to_owned(),
                io::ErrorKind::NotADirectory => "its folder is no folder".to_owned(),
                kind => kind.to_string(),
            };
            io::Error::new(error.kind(), words)
        })
}

fn write_file(path: &Path, write: Draw<'_>) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    // Something that is no regular file (a device, a pipe) cannot be replaced by renaming.
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        let mut out = BufWriter::with_capacity(1 << 16, std::fs::OpenOptions::new().write(true).open(path)?);
        return match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        };
    }
    let temporary = temporary_beside(path)?;
    let mut out = BufWriter::with_capacity(1 << 16, temporary);
    write(&mut out)?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}
