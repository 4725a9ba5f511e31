//! `clearance permissions`: what the collecting account must be able to read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::report::permissions::{self, PermissionsView};
use crate::report::role;

use super::failure::Failure;
use super::output::Target;
use super::rule_files::RuleChoice;
use super::{Globals, screen};

/// Arguments of `clearance permissions`.
#[derive(Clone, Debug, Args)]
pub(super) struct PermissionsArgs {
    /// Which rules
    #[command(flatten)]
    choice: RuleChoice,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Write a role that has just these privileges, as an unpacked solution, into this new folder
    #[arg(long, value_name = "FOLDER")]
    role: Option<PathBuf>,
}

/// Runs `clearance permissions`.
///
/// # Errors
/// If rule files have faults, or the role cannot be written.
pub(super) fn run(args: &PermissionsArgs, globals: &Globals) -> Result<u8, Failure> {
    let view = PermissionsView::new(&args.choice.load()?);
    if let Some(folder) = &args.role {
        let names: Vec<&str> = view.needed.iter().map(|one| one.privilege).collect();
        write_role(folder, &names)?;
    }
    Target::Stdout.write(|out| {
        if args.json {
            serde_json::to_writer_pretty(&mut *out, &view)?;
            writeln!(out)
        } else {
            permissions::terminal(&view, screen::width(), out)
        }
    })?;
    if let Some(folder) = args.role.as_ref().filter(|_| !globals.quiet) {
        screen::on_stderr(globals, |out| {
            writeln!(
                out,
                "\nThe role \"{}\" is in {}. Pack it with `pac solution pack --zipfile clearance-reader.zip --folder {}`, \
                 import that into the environment, and give the role to the collecting account.",
                role::NAME,
                folder.display(),
                folder.display()
            )
        });
    }
    Ok(0)
}

/// Writes the files of the role: all of them or none.
fn write_role(folder: &Path, privileges: &[&str]) -> Result<(), Failure> {
    let taken = fs::read_dir(folder).map(|mut entries| entries.next().is_some());
    if folder.is_file() || taken.unwrap_or(false) {
        return Err(Failure::usage(format!(
            "cannot write the role into `{}`: something is there already\nhint: name a new folder",
            folder.display()
        )));
    }
    let write = || -> io::Result<()> {
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let temporary = tempfile::Builder::new()
            .prefix(".clearance-")
            .tempdir_in(parent)
            .map_err(|error| io::Error::from(error.kind()))?;
        // The files in a folder of its own: the temporary one is readable by its owner alone.
        let solution = temporary.path().join("solution");
        for (path, text) in role::files(privileges) {
            let path = solution.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        // An empty folder is used; not every platform renames onto one.
        if folder.is_dir() {
            fs::remove_dir(folder)?;
        }
        fs::rename(&solution, folder)
    };
    write().map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "the folder that it would be in does not exist".to_owned(),
            _ => error.to_string(),
        };
        Failure::usage(format!(
            "cannot write the role into `{}`: {why}\nhint: name a new folder in one that exists and that you may \
             write to",
            folder.display()
        ))
    })
}
