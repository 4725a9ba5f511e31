//! Why a change cannot be supposed.

use std::fmt;

use crate::evaluate::why_missing;
use crate::rules::nearest::nearest;
use crate::snapshot::Environment;

use super::Change;

/// A change that cannot be supposed, and why. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeError {
    /// Which change: its position in the list, from 0.
    pub position: usize,
    /// How many changes there are.
    pub of: usize,
    /// The change in words.
    pub change: String,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: String,
}

impl fmt::Display for ChangeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of > 1 {
            write!(out, "change {} of {}: ", self.position + 1, self.of)?;
        }
        write!(out, "cannot {}: {}\nhint: {}", self.change, self.what, self.hint)
    }
}

impl std::error::Error for ChangeError {}

/// What is wrong with a change, and what would be right.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    what: String,
    hint: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Fault {
        Fault {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// A name that is not known: the nearest one that is, else what else to do.
    pub(super) fn unknown<'n>(
        what: impl Into<String>,
        word: &str,
        known: impl IntoIterator<Item = &'n str>,
        otherwise: &str,
    ) -> Fault {
        match nearest(word, known) {
            Some(near) => Fault::new(what, format!("did you mean \"{near}\"?")),
            None => Fault::new(what, otherwise),
        }
    }

    /// A name that several things have: the ids of the first of them.
    pub(super) fn several<I: fmt::Display>(
        word: &str,
        what: &str,
        each: impl ExactSizeIterator<Item = I>,
    ) -> Fault {
        const MOST_LISTED: usize = 5;
        let count = each.len();
        let mut list: Vec<String> = each.take(MOST_LISTED).map(|one| format!("  {one}")).collect();
        if count > MOST_LISTED {
            list.push(format!("  … and {} more", count - MOST_LISTED));
        }
        Fault::new(
            format!("\"{word}\" is {count} {what}:\n{}", list.join("\n")),
            "give the id of the one that is meant",
        )
    }

    /// Something that the collector could not read.
    pub(super) fn not_collected(environment: &Environment, table: &str, column: &str) -> Fault {
        let name = match environment.table(table) {
            Some(_) => format!("`{table}.{column}`"),
            None => format!("`{table}`"),
        };
        Fault::new(
            format!(
                "{name} was not collected: {}",
                why_missing(environment, table, column)
            ),
            "what was not seen cannot be supposed to change; `clearance permissions` tells what the collecting \
             account must be able to read",
        )
    }

    pub(super) fn of(self, change: &Change, position: usize, of: usize) -> ChangeError {
        ChangeError {
            position,
            of,
            change: change.to_string(),
            what: self.what,
            hint: self.hint,
        }
    }
}
