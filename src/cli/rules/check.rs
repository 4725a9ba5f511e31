//! `clearance rules check`.

use std::io::Write;
use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::rule_files::read_rule_files;
use crate::rules::{load, packs};

use super::written;

/// Checks the rule files at a path, with the shipped packs beside them.
pub(super) fn check(path: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let files = read_rule_files(path)?;
    let replaced: Vec<String> = files.iter().filter_map(packs::described_pack).collect();
    // With the shipped packs beside them, as an audit would load them: a clash of ids is a fault.
    let mut sources = packs::embedded();
    sources.retain(|source| packs::pack_of(source).is_none_or(|pack| !replaced.contains(&pack)));
    let shipped = match load(&sources) {
        Ok(set) => set.rules.len(),
        // A file that adds to a pack which another one replaces: told below.
        Err(_) => 0,
    };
    let count = files.len();
    sources.extend(files);
    let set = load(&sources).map_err(Failure::usage)?;
    let rules = set.rules.len() - shipped;
    written(writeln!(
        out,
        "{rules} {} in {count} {}: no faults",
        if rules == 1 { "rule" } else { "rules" },
        if count == 1 { "file" } else { "files" },
    ))
}
