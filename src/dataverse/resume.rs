//! Going on from the finished tables of an interrupted collection, where they can be trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::snapshot::manifest::DepthName;
use crate::snapshot::unfinished::{About, Found, Journal};
use crate::snapshot::{SnapshotWriter, WriteError};

use super::collect::Plan;

/// How far apart the tables of one snapshot may have been read. A day covers an outage and a night's
/// sleep; what was read a week apart would show people without the mailboxes they had.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Differences of one kind that a message names.
const MOST_NAMED: usize = 3;

/// How a collection begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// With nothing, as nothing else was there or asked for.
    Afresh,
    /// With nothing, although it was to go on: there is nothing to go on from.
    NothingToResume,
    /// With nothing, although it was to go on: what was left is not as it was written.
    Damaged,
    /// With nothing, although it was to go on: the server does not tell what the caller may read, so
    /// that nobody knows whether the tables that were kept show what they would show now.
    Unproven,
    /// With nothing, in the place of an unfinished collection.
    Replaced {
        /// When that was started; not known if it is damaged.
        started: Option<Timestamp>,
        /// How many tables it had.
        tables: usize,
    },
    /// With tables that were read before.
    Resumed {
        /// When the collection was started.
        started: Timestamp,
        /// The tables that are not read again.
        kept: Vec<String>,
        /// Tables that are read again because their files are damaged.
        damaged: Vec<String>,
    },
}

/// Somebody who wants to know how a collection begins, before its first table is read.
pub type Tell = Arc<dyn Fn(&Beginning) + Send + Sync>;

/// Why a collection cannot go on from the tables that were kept.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// They are of another environment or account, or other things were asked for.
    #[error(
        "cannot go on with the unfinished collection beside `{}`, as it is a different one:\n{}\nhint: collect as it was begun, or leave out `--resume`, which starts anew and replaces it",
        target.display(), .differences.join("\n")
    )]
    Different {
        /// The target.
        target: PathBuf,
        /// What differs, a line each.
        differences: Vec<String>,
    },
    /// They were read too long ago.
    #[error(
        "cannot go on with the unfinished collection beside `{}`: it was begun at {started}, and tables that are read more than 24 hours apart do not belong together\nhint: leave out `--resume`, which starts anew and replaces it",
        target.display()
    )]
    TooOld {
        /// The target.
        target: PathBuf,
        /// When it was begun.
        started: Timestamp,
    },
}

/// What a collection is about, as far as it is known before the environment was asked.
pub(super) fn about(url: &str, plan: &Plan) -> About {
    let columns: BTreeSet<String> = plan
        .columns
        .iter()
        .map(|(table, column, kind)| format!("{table}.{column} ({})", format!("{kind:?}").to_lowercase()))
        .collect();
    let privileges: BTreeSet<&String> = plan.wanted_privileges.iter().collect();
    About {
        url: url.to_owned(),
        organization_id: String::new(),
        by: String::new(),
        depths: BTreeMap::new(),
        tool: super::collect::TOOL.to_owned(),
        columns: columns.into_iter().collect(),
        wanted_privileges: privileges.into_iter().cloned().collect(),
    }
}

/// Finds out before anything is asked, as far as that goes, whether going on is possible.
pub(super) fn check_early(
    found: &Found,
    about: &About,
    now: Timestamp,
    target: &Path,
) -> Result<(), ResumeError> {
    let Found::Tables(journal) = found else {
        return Ok(());
    };
    let known = About {
        organization_id: journal.about.organization_id.clone(),
        by: journal.about.by.clone(),
        depths: journal.about.depths.clone(),
        ..about.clone()
    };
    check(journal, &known, now, target)
}

fn check(journal: &Journal, about: &About, now: Timestamp, target: &Path) -> Result<(), ResumeError> {
    let differences = differences(&journal.about, about);
    if !differences.is_empty() {
        return Err(ResumeError::Different {
            target: target.to_owned(),
            differences,
        });
    }
    // Also from the future: one of the two clocks is wrong, and nobody knows by how much.
    if now.duration_since(journal.started).abs() > LONGEST {
        return Err(ResumeError::TooOld {
            target: target.to_owned(),
            started: journal.started,
        });
    }
    Ok(())
}

/// Begins: with the tables that were kept if that is wanted and possible. Answers when the first
/// request of the collection was sent, too.
pub(super) fn begin(
    writer: &SnapshotWriter,
    about: Option<About>,
    resume: bool,
    now: Timestamp,
    target: &Path,
) -> Result<(Timestamp, Beginning), BeginError> {
    let beginning = match (writer.found(), &about) {
        (Found::Nothing, _) if resume => Beginning::NothingToResume,
        (Found::Nothing, _) => Beginning::Afresh,
        (Found::Damaged, _) if resume => Beginning::Damaged,
        (Found::Damaged, _) => Beginning::Replaced {
            started: None,
            tables: 0,
        },
        (Found::Tables(journal), _) if !resume => Beginning::Replaced {
            started: Some(journal.started),
            tables: journal.tables.len(),
        },
        (Found::Tables(_), None) => Beginning::Unproven,
        (Found::Tables(journal), Some(about)) => {
            check(journal, about, now, target)?;
            let mut damaged = writer.go_on()?;
            // Its rows were asked for by the ids in the other.
            let kept = writer.kept();
            if !kept.contains_key("privilege") && kept.contains_key("roleprivileges") {
                writer.forget("roleprivileges")?;
                damaged.push("roleprivileges".to_owned());
            }
            let beginning = Beginning::Resumed {
                started: journal.started,
                kept: writer.kept().into_keys().collect(),
                damaged,
            };
            return Ok((journal.started, beginning));
        }
    };
    writer.start(about.map(|about| Journal::new(about, now)))?;
    Ok((now, beginning))
}

/// Why a collection does not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum BeginError {
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What differs, in words.
fn differences(then: &About, now: &About) -> Vec<String> {
    let mut lines = Vec::new();
    let mut text = |what: &str, then: &str, now: &str| {
        if then != now {
            lines.push(format!("  {what}: {then} then, {now} now"));
        }
    };
    text("environment", &then.url, &now.url);
    text("organization", &then.organization_id, &now.organization_id);
    text("account", &then.by, &now.by);
    text("program", &then.tool, &now.tool);
    let names: BTreeSet<&String> = then.depths.keys().chain(now.depths.keys()).collect();
    let word = |depth: Option<&DepthName>| depth.map_or("none", |depth| depth.word());
    for name in names {
        let (before, after) = (then.depths.get(name), now.depths.get(name));
        text(
            &format!("the account's depth of {name}"),
            word(before),
            word(after),
        );
    }
    for (what, then, now) in [
        ("columns", &then.columns, &now.columns),
        ("privileges", &then.wanted_privileges, &now.wanted_privileges),
    ] {
        for (how, from, without) in [("more", now, then), ("no longer", then, now)] {
            let only: Vec<&str> = from
                .iter()
                .filter(|name| !without.contains(name))
                .map(String::as_str)
                .collect();
            if !only.is_empty() {
                lines.push(format!("  {what} that the rules ask for, {how}: {}", some(&only)));
            }
        }
    }
    lines
}

/// The first of several names, and how many more.
fn some(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMED)].join(", ");
    match names.len() - names.len().min(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
