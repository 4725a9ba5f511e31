//! What identifies the content of a pack, so that a report says by which rules it judged.

use super::load::RuleSource;
use crate::sha256::sha256;

/// SHA-256, in hexadecimal, over the SHA-256s of the files: in hexadecimal, one per line, sorted.
///
/// Line ends count as LF, whatever a checkout made of them, so for files that have those
/// `sha256sum FILE… | cut -c -64 | sort | sha256sum` says the same.
pub(super) fn of_files<'a>(files: impl Iterator<Item = &'a RuleSource>) -> String {
    let mut lines: Vec<String> = files
        .map(|file| sha256(file.text.replace("\r\n", "\n").as_bytes()) + "\n")
        .collect();
    lines.sort_unstable();
    sha256(lines.concat().as_bytes())
}
