//! `clearance rules`: list the rules, show one, check rule files.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::report::json;
use crate::rules::nearest::nearest;
use crate::rules::{FieldSource, Rule, RuleSet, load, packs};

use super::failure::Failure;
use super::rule_files::{RuleChoice, read_rule_files};

/// Arguments of `clearance rules`.
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: RulesCommand,
}

/// What `clearance rules` can do.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules of all packs
    List {
        /// Which rules
        #[command(flatten)]
        choice: RuleChoice,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one rule: what it asks for, why, what to do about it, and what it reads
    Show {
        /// Id of the rule; of a privilege rule, the privilege's name
        #[arg(value_name = "ID")]
        id: String,
        /// Which rules
        #[command(flatten)]
        choice: RuleChoice,
    },
    /// Print the JSON Schema of an output
    Schema {
        /// Which output
        #[arg(value_name = "WHICH", value_enum, default_value_t = Schema::Assessment)]
        which: Schema,
    },
    /// Check rule files and draw every fault at its line
    Check {
        /// A rule file, or a folder of rule files
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
}

/// An output that has a JSON Schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Schema {
    /// `clearance.assessment/1`: what `audit --json` writes
    Assessment,
    /// `clearance.explanation/1`: what `explain --json` prints
    Explanation,
}

/// Runs the command; the answer is the exit code.
///
/// # Errors
/// If rule files cannot be read or have faults, no rule has the id, or `out` cannot be written.
pub(super) fn run(args: RulesArgs, out: &mut dyn Write) -> Result<u8, Failure> {
    match args.command {
        RulesCommand::List { choice, json } => {
            let set = choice.load()?;
            written(if json {
                list_json(&set, out)
            } else {
                list(&set, out)
            })
        }
        RulesCommand::Show { id, choice } => {
            let set = choice.load()?;
            let (_, rule) = set.find(&id).ok_or_else(|| unknown_rule(&set, &id))?;
            written(show(&set, rule, out))
        }
        RulesCommand::Schema { which } => {
            let schema = match which {
                Schema::Assessment => json::ASSESSMENT_SCHEMA,
                Schema::Explanation => json::EXPLANATION_SCHEMA,
            };
            written(out.write_all(schema.as_bytes()))
        }
        RulesCommand::Check { path } => check(&path, out),
    }
}

fn written(result: io::Result<()>) -> Result<u8, Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write the result: {error}")))
        }
        _ => Ok(0),
    }
}

/// There is no rule of that id.
#[must_use]
pub(super) fn unknown_rule(set: &RuleSet, id: &str) -> Failure {
    let hint = match nearest(id, set.rules.iter().map(|rule| rule.id.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`clearance rules list` names all rules".to_owned(),
    };
    Failure::usage(format!("there is no rule `{id}`\nhint: {hint}"))
}

fn list(set: &RuleSet, out: &mut dyn Write) -> io::Result<()> {
    let width = set
        .rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or_default();
    for (position, pack) in set.packs.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} {}: {}", pack.id, pack.version, pack.title)?;
        for rule in set.rules.iter().filter(|rule| rule.pack == position) {
            let superseded = if rule.superseded.is_some() {
                " (superseded)"
            } else {
                ""
            };
            writeln!(
                out,
                "  {:width$}  {:7}  {:11}  {}{superseded}",
                rule.id,
                rule.severity.name(),
                rule.scope.name(),
                rule.title,
            )?;
        }
        for feature in set.features.iter().filter(|feature| feature.pack == position) {
            writeln!(
                out,
                "  {:width$}  feature  {:11}  {}",
                feature.id, "user", feature.title
            )?;
        }
    }
    writeln!(out)?;
    writeln!(
        out,
        "{} rules in {} packs; {} features",
        set.rules.len(),
        set.packs.len(),
        set.features.len()
    )
}

/// One rule of `rules list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    pack: &'a str,
    title: &'a str,
    scope: &'static str,
    severity: &'static str,
    area: &'static str,
    superseded: Option<&'a str>,
}

fn list_json(set: &RuleSet, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Listed<'_>> = set
        .rules
        .iter()
        .map(|rule| Listed {
            id: &rule.id,
            pack: &set.packs[rule.pack].id,
            title: &rule.title,
            scope: rule.scope.name(),
            severity: rule.severity.name(),
            area: rule.area.name(),
            superseded: rule.superseded.as_ref().map(|superseded| superseded.on.as_str()),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rules)?;
    writeln!(out)
}

fn show(set: &RuleSet, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let pack = &set.packs[rule.pack];
    writeln!(out, "{}", rule.id)?;
    writeln!(out, "{}", rule.title)?;
    if let Some(why) = &rule.why {
        writeln!(out, "\n{why}")?;
    }
    writeln!(out)?;
    let mut row = |name: &str, value: &str| {
        let value = value.replace('\n', &format!("\n{:12}", ""));
        writeln!(out, "{:12}{value}", format!("{name}:"))
    };
    row("severity", rule.severity.name())?;
    row("scope", rule.scope.name())?;
    row("area", rule.area.name())?;
    row("pack", &format!("{} {}", pack.id, pack.version))?;
    if let Some(superseded) = &rule.superseded {
        let text = format!("on {} by {}: {}", superseded.on, superseded.by, superseded.why);
        row("superseded", &text)?;
    }
    if let Some(when) = &rule.when {
        row("applies if", &when.describe())?;
    }
    row("passes if", &rule.check.describe())?;
    if let Some(cause) = &rule.cause {
        row("else", cause)?;
    }
    row("remedy", &rule.remedy)?;
    for symptom in &rule.symptoms {
        row("symptom", &format!("\"{symptom}\""))?;
    }
    row("source", &rule.source)?;
    if let Some(section) = &rule.section {
        row("section", section)?;
    }
    for also in &rule.also {
        row("also in", also)?;
    }
    for field in rule.fields() {
        let from = match &field.source {
            FieldSource::Column { table, column, .. } => {
                format!("column `{column}` of table `{}`", table.table())
            }
            FieldSource::MailboxExists => "whether a row of table `mailbox` is the user's".to_owned(),
            FieldSource::Deployment | FieldSource::Build | FieldSource::Region => {
                "the manifest of the snapshot".to_owned()
            }
            _ => "the audit itself".to_owned(),
        };
        row(
            "reads",
            &format!("`{}` ({}), {from}", field.name, field.kind.words()),
        )?;
    }
    for name in rule.privileges() {
        row("asks for", &format!("privilege `{name}`"))?;
    }
    Ok(())
}

fn check(path: &std::path::Path, out: &mut dyn Write) -> Result<u8, Failure> {
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
