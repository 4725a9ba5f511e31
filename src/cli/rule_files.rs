//! The rule files of a command: the embedded packs and those of `--rules`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::rules::{RuleSet, RuleSource, load, packs};

use super::failure::Failure;
use super::settings::Settings;

/// Which rules a command works with.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct RuleChoice {
    /// Only the rules of this pack; may be given several times
    #[arg(
        long = "pack",
        value_name = "ID",
        env = "CLEARANCE_PACK",
        value_delimiter = ',',
        hide_env = true
    )]
    pub(super) packs: Vec<String>,
    /// Add the rule files of this folder; may be given several times
    #[arg(long = "rules", value_name = "DIR", env = "CLEARANCE_RULES", hide_env = true)]
    pub(super) rules: Vec<PathBuf>,
}

impl RuleChoice {
    /// Loads the rules, as the settings of the current folder have it where nothing else is said.
    ///
    /// # Errors
    /// As [`RuleChoice::load_with`], and if the settings have a fault.
    pub(super) fn load(&self) -> Result<RuleSet, Failure> {
        self.load_with(&Settings::here()?)
    }

    /// The embedded packs and every `*.toml` of the folders, of which only the named packs if any
    /// are named. A pack that a folder describes anew takes the place of the embedded one.
    ///
    /// # Errors
    /// If a folder cannot be read, a rule file has a fault, there is no pack of that id, or the
    /// settings name a rule that there is not.
    pub(super) fn load_with(&self, settings: &Settings) -> Result<RuleSet, Failure> {
        let folders = given(&self.rules, &settings.rules);
        let mut own = Vec::new();
        for folder in folders {
            own.extend(read_rule_files(folder)?);
        }
        let replaced: Vec<String> = own.iter().filter_map(packs::described_pack).collect();
        let mut sources = packs::embedded();
        sources.retain(|source| packs::pack_of(source).is_none_or(|pack| !replaced.contains(&pack)));
        sources.extend(own);
        let mut set = load(&sources).map_err(Failure::usage)?;
        settings.change_severities(&mut set)?;
        set.select_packs(given(&self.packs, &settings.packs))
            .map_err(Failure::usage)
    }
}

/// What was said on the command line; if nothing was, the settings.
fn given<'a, T>(options: &'a [T], settings: &'a [T]) -> &'a [T] {
    if options.is_empty() { settings } else { options }
}

/// The rule files at a path: the file itself, or every `*.toml` in the folder and those below it,
/// in the order of their paths.
///
/// # Errors
/// If something there cannot be read, or a folder holds no rule file.
pub(super) fn read_rule_files(path: &Path) -> Result<Vec<RuleSource>, Failure> {
    let cannot = |path: &Path, error: &io::Error, hint: &str| {
        Failure::usage(format!(
            "cannot read rules from `{}`: {error}\nhint: {hint}",
            path.display()
        ))
    };
    let mut files = Vec::new();
    if path.is_dir() {
        collect(path, &mut files)
            .map_err(|(path, error)| cannot(&path, &error, "every folder below must be readable"))?;
        files.sort();
        if files.is_empty() {
            return Err(Failure::usage(format!(
                "there are no rule files in `{}`\nhint: rule files are named *.toml",
                path.display()
            )));
        }
    } else {
        files.push(path.to_owned());
    }
    files
        .into_iter()
        .map(|file| match fs::read_to_string(&file) {
            Ok(text) => Ok(RuleSource {
                name: file.display().to_string(),
                // A mark at the beginning, as some editors leave it, is no part of the text.
                text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
            }),
            Err(error) => Err(cannot(
                &file,
                &error,
                "name a rule file or a folder of rule files, in UTF-8",
            )),
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(at)?;
        // Folders are not followed through links, so that a link upwards is no endless road.
        if kind.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
