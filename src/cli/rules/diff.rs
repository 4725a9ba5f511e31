//! `clearance rules diff`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::rule_files::read_rule_files;
use crate::report::text::plain;
use crate::rules::diff::{
    Change, Difference, Effect, FeatureDifference, PackDifference, RuleDifference, What,
};
use crate::rules::{RuleSet, load, packs};

use super::written;

/// The word for the packs in the program.
const BUILT_IN: &str = "built-in";

/// Arguments of `clearance rules diff`.
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub(in crate::cli) struct DiffArgs {
    /// The rule files before: a file, a folder of them, or `built-in` for the packs of this program
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The rule files now, likewise
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Print JSON (`clearance.rules-difference/1`)
    #[arg(long)]
    json: bool,
}

const NOTES: &str = "\
Rules are matched by their ids, and told by pack: what was added, removed or moved, what changed in
severity or meaning, and of what the wording changed. A pack whose content changed while its version
did not is pointed out. Superseded rules are taken as not evaluated.

A file or folder that is called `built-in` goes before the packs of this program. Files that add to
one of those packs are read together with it.

The exit code is 0 whether or not anything differs; `--json` has an empty list `packs` if nothing does.";

/// Tells what differs between two versions of rule files.
///
/// # Errors
/// If rule files cannot be read or have faults, or `out` cannot be written.
pub(super) fn diff(args: &DiffArgs, out: &mut dyn Write) -> Result<u8, Failure> {
    let (old, new) = match (read(&args.old), read(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        // Both are told at once, unless they are one.
        (Err(old), Err(new)) if old.message != new.message => {
            return Err(Failure::usage(format!("{}\n\n{}", old.message, new.message)));
        }
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let difference = Difference::between(&old, &new);
    written(if args.json {
        json(args, &difference, out)
    } else {
        text(&difference, out)
    })
}

/// The rules of one side.
fn read(path: &Path) -> Result<RuleSet, Failure> {
    let sources = if path.exists() {
        let mut sources = read_rule_files(path)?;
        let described: Vec<String> = sources.iter().filter_map(packs::described_pack).collect();
        let added_to: Vec<String> = sources.iter().filter_map(packs::pack_of).collect();
        let mut beside = packs::embedded();
        beside.retain(|source| {
            packs::pack_of(source).is_some_and(|pack| added_to.contains(&pack) && !described.contains(&pack))
        });
        beside.append(&mut sources);
        beside
    } else if path == Path::new(BUILT_IN) {
        packs::embedded()
    } else {
        return Err(Failure::usage(format!(
            "there is nothing at `{}`\nhint: name a rule file, a folder of rule files, or `{BUILT_IN}` for the \
             packs of this program",
            path.display()
        )));
    };
    load(&sources).map_err(Failure::usage)
}

/// The document that `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: String,
    new: String,
    #[serde(flatten)]
    difference: &'a Difference,
}

fn json(args: &DiffArgs, difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: "clearance.rules-difference/1",
        old: args.old.display().to_string(),
        new: args.new.display().to_string(),
        difference,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn text(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    if difference.is_empty() {
        return writeln!(out, "no differences");
    }
    for (position, pack) in difference.packs.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        one_pack(pack, out)?;
    }
    writeln!(out, "\nin all: {}", in_all(difference))
}

fn one_pack(pack: &PackDifference, out: &mut dyn Write) -> io::Result<()> {
    let id = &pack.id;
    match (&pack.old_version, &pack.new_version) {
        (Some(old), Some(new)) if old != new => writeln!(out, "pack {id} {old} → {new}")?,
        (Some(_), Some(new)) => writeln!(out, "pack {id} {new}")?,
        (old, new) => {
            let version = old.as_ref().or(new.as_ref()).map_or("", String::as_str);
            writeln!(out, "pack {id} {version}: {}", word(pack.change))?;
        }
    }
    if pack.version_stayed {
        writeln!(
            out,
            "  WARNING: the content changed, but the version did not; raise it, so that people can tell the two apart"
        )?;
    }
    wording(&pack.wording, "  ", out)?;
    for rule in &pack.rules {
        one_rule(rule, out)?;
    }
    for feature in &pack.features {
        one_feature(feature, out)?;
    }
    for moved in &pack.moved_out {
        writeln!(out, "  moved     {} to pack {}", moved.id, moved.to)?;
    }
    Ok(())
}

fn one_rule(rule: &RuleDifference, out: &mut dyn Write) -> io::Result<()> {
    if rule.is_reworded() {
        return writeln!(out, "  reworded  {}: {}", rule.id, rule.wording.join(", "));
    }
    writeln!(
        out,
        "  {:9} {} ({}): {}",
        word(rule.change),
        rule.id,
        rule.severity,
        plain(&rule.title)
    )?;
    if let Some(from) = &rule.moved_from {
        writeln!(out, "            moved from pack {from}")?;
    }
    for change in &rule.changes {
        let what = match change.what {
            What::Severity => "severity",
            What::Superseded => "superseded",
            What::Scope => "scope",
            What::Applies => "applies if",
            What::Passes => "passes if",
            What::Depth => "least depth",
            What::Fact => "reads",
        };
        let (old, new) = (plain(&change.old), plain(&change.new));
        match change.what {
            What::Severity | What::Scope | What::Depth => writeln!(out, "            {what}: {old} → {new}")?,
            _ => {
                writeln!(out, "            {what}, before: {old}")?;
                writeln!(out, "            {what}, now:    {new}")?;
            }
        }
    }
    wording(&rule.wording, "            ", out)?;
    if let Some(effect) = rule.effect {
        writeln!(out, "            => {}", meaning(effect))?;
    }
    Ok(())
}

fn one_feature(feature: &FeatureDifference, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "  {:9} feature {}: {}",
        word(feature.change),
        feature.id,
        plain(&feature.title)
    )?;
    if let Some(from) = &feature.moved_from {
        writeln!(out, "            moved from pack {from}")?;
    }
    if let Some(needs) = &feature.needs {
        let (old, new) = (needs.old.join(", "), needs.new.join(", "));
        writeln!(out, "            needs: {old} → {new}")?;
    }
    wording(&feature.wording, "            ", out)
}

fn wording(keys: &[&str], margin: &str, out: &mut dyn Write) -> io::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    writeln!(out, "{margin}wording: {}", keys.join(", "))
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
    }
}

/// What it means for verdicts.
fn meaning(effect: Effect) -> &'static str {
    match effect {
        Effect::CanBlock => "can block users that were not blocked before",
        Effect::CanLimit => "can limit users that were ready before",
        Effect::BlocksNobody => "users that only this blocked are blocked no longer",
        Effect::LimitsNobody => "users that only this limited are limited no longer",
        Effect::LimitsInstead => "users that only this blocked are limited instead",
        Effect::AsksLess => "asks for less: fewer users can fail it",
        Effect::EitherWay => "can change verdicts either way",
    }
}

/// How many of what, in a line.
fn in_all(difference: &Difference) -> String {
    let packs = || difference.packs.iter();
    let rules = || packs().flat_map(|pack| &pack.rules);
    let features = || packs().flat_map(|pack| &pack.features);
    let changed = |whats: &'static [What]| {
        move |rule: &&RuleDifference| rule.changes.iter().any(|one| whats.contains(&one.what))
    };
    const MEANING: &[What] = &[
        What::Superseded,
        What::Scope,
        What::Applies,
        What::Passes,
        What::Depth,
        What::Fact,
    ];
    let count = |change: Change| rules().filter(|rule| rule.change == change).count();
    let parts = [
        (
            packs().filter(|pack| pack.change == Change::Added).count(),
            "pack",
            "added",
        ),
        (
            packs().filter(|pack| pack.change == Change::Removed).count(),
            "pack",
            "removed",
        ),
        (count(Change::Added), "rule", "added"),
        (count(Change::Removed), "rule", "removed"),
        (
            rules().filter(changed(&[What::Severity])).count(),
            "rule",
            "changed in severity",
        ),
        (
            rules().filter(changed(MEANING)).count(),
            "rule",
            "changed in meaning",
        ),
        (
            rules().filter(|rule| rule.is_reworded()).count(),
            "rule",
            "changed in wording only",
        ),
        (
            rules().filter(|rule| rule.moved_from.is_some()).count(),
            "rule",
            "moved to another pack",
        ),
        (features().count(), "feature", "added, removed or changed"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, noun, what)| {
            let noun = if *count == 1 {
                (*noun).to_owned()
            } else {
                format!("{noun}s")
            };
            format!("{count} {noun} {what}")
        })
        .collect();
    if told.is_empty() {
        return "no rule and no feature changed".to_owned();
    }
    told.join(", ")
}
