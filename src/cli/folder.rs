//! A result that is a folder of files: it appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::output::{Target, folder_of};

/// A folder that results are written to.
#[derive(Debug)]
pub(super) struct Folder {
    /// As it was given, for people.
    given: PathBuf,
    /// A link to a folder keeps pointing at it: the folder behind it is what gets replaced.
    path: PathBuf,
    /// The files that it holds, and nothing else.
    files: &'static [&'static str],
}

impl Folder {
    /// A folder of these files.
    pub(super) fn new(path: &Path, files: &'static [&'static str]) -> Folder {
        Folder {
            given: path.to_owned(),
            path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            files,
        }
    }

    /// Refuses a place that cannot be written to, or that holds anything but what we wrote there:
    /// replacing the folder would delete it. `others` are written, too.
    pub(super) fn check<'t>(&self, others: impl Iterator<Item = &'t Target>) -> Result<(), Failure> {
        let path = self.given.display();
        if self.given == Path::new("-") {
            return Err(Failure::usage(
                "a folder cannot go to standard output (`-`)\nhint: name a folder",
            ));
        }
        for other in others {
            let Target::File(file) = other else { continue };
            if *file == self.given
                || fs::canonicalize(folder_of(file)).is_ok_and(|folder| folder == self.path)
            {
                return Err(Failure::usage(format!(
                    "cannot write `{}` into the folder `{path}`, which is replaced as a whole\nhint: name a file elsewhere",
                    file.display()
                )));
            }
        }
        self.check_place()?;
        self.beside().map(drop).map_err(|error| self.unwritable(&error))
    }

    fn check_place(&self) -> Result<(), Failure> {
        let path = self.given.display();
        let refused = |what: String| {
            Err(Failure::usage(format!(
                "cannot write to `{path}`: {what}\nhint: name a folder that does not exist, is empty, or was written by the same option"
            )))
        };
        if self.path.symlink_metadata().is_err() {
            return Ok(());
        }
        if !self.path.is_dir() {
            return refused("it is no folder".to_owned());
        }
        for entry in fs::read_dir(&self.path).map_err(|error| self.unwritable(&error))? {
            let name = entry.map_err(|error| self.unwritable(&error))?.file_name();
            if !self.files.iter().any(|ours| name == *ours) {
                return refused(format!(
                    "it holds `{}`, which would be deleted",
                    Path::new(&name).display()
                ));
            }
        }
        Ok(())
    }

    /// Runs `write` for each file, and puts them into place together.
    pub(super) fn write(
        &self,
        mut write: impl FnMut(&str, &mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let made = self.beside().and_then(|made| {
            let new = private(&mut named("new")).tempdir_in(made.path())?.keep();
            for name in self.files {
                let file = named(name).tempfile_in(&new)?;
                let mut out = BufWriter::with_capacity(1 << 16, file);
                write(name, &mut out)?;
                let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.keep().map_err(|error| error.error)?;
            }
            Ok((made, new))
        });
        let (made, new) = made.map_err(|error| self.unwritable(&error))?;
        // Somebody may have put something there meanwhile.
        self.check_place()?;
        self.replace(&new, &made.path().join("old"))
            .map_err(|error| self.unwritable(&error))
    }

    /// Puts the new folder in the place of the old one, keeping that until this has worked.
    fn replace(&self, new: &Path, old: &Path) -> io::Result<()> {
        if self.path.exists() {
            fs::rename(&self.path, old)?;
        }
        fs::rename(new, &self.path).inspect_err(|_| {
            // If this fails too, there is nothing left to try.
            let _ = fs::rename(old, &self.path);
        })
    }

    /// A folder beside it, for its owner alone, that is removed in the end.
    fn beside(&self) -> io::Result<tempfile::TempDir> {
        private(tempfile::Builder::new().prefix(".clearance-")).tempdir_in(folder_of(&self.path))
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        let parent = folder_of(&self.given).display();
        let why = match error.kind() {
            io::ErrorKind::NotFound => format!("the folder `{parent}` does not exist"),
            io::ErrorKind::NotADirectory => format!("`{parent}` is no folder"),
            io::ErrorKind::PermissionDenied => format!("you may not write to the folder `{parent}`"),
            // tempfile names its own random path in the message.
            kind if error.get_ref().is_some() => kind.to_string(),
            _ => error.to_string(),
        };
        Failure::usage(format!(
            "cannot write to `{}`: {why}\nhint: name a folder in one that exists and that you may write to",
            self.given.display()
        ))
    }
}

/// For its owner alone, where the platform can; files are so without asking.
fn private<'b, 'n>(builder: &'b mut tempfile::Builder<'n, 'n>) -> &'b mut tempfile::Builder<'n, 'n> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder
}

/// Something of just that name.
fn named<'n>(name: &'n str) -> tempfile::Builder<'n, 'n> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(name).rand_bytes(0);
    builder
}
