//! `clearance rules`: list the rules, show one, check rule files.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::report::json;
use crate::rules::schema;
use crate::what_if::changes;

use super::failure::Failure;
use super::rule_files::RuleChoice;

mod check;
mod diff;
mod docs;
mod list;
mod show;

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
    /// Show one rule: what it asks for, why, what to do about it, what it reads and what that takes
    Show {
        /// Id of the rule or feature; of a privilege rule, the privilege's name
        #[arg(value_name = "ID")]
        id: String,
        /// Which rules
        #[command(flatten)]
        choice: RuleChoice,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the handbook of the rules: each rule, how to read it, how to write your own
    Docs(docs::DocsArgs),
    /// Print the JSON Schema of an output, or of rule files
    Schema {
        /// Of what
        #[arg(value_name = "WHICH", value_enum, default_value_t = Schema::Assessment)]
        which: Schema,
    },
    /// Tell what differs between two versions of rule files
    Diff(diff::DiffArgs),
    /// Check rule files and draw every fault at its line
    Check {
        /// A rule file, or a folder of rule files
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
}

/// What has a JSON Schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Schema {
    /// `clearance.assessment/1`: what `audit --json` writes
    Assessment,
    /// `clearance.explanation/1`: what `explain --json` prints
    Explanation,
    /// `clearance.plan/1`: what `plan --json` prints
    Plan,
    /// `clearance.what-if/1`: what `what-if --json` prints
    WhatIf,
    /// `clearance.changes/1`: what `what-if --changes` reads
    Changes,
    /// `clearance.rules-difference/1`: what `rules diff --json` prints
    Difference,
    /// Rule files: for an editor with a TOML language server
    Rules,
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
                list::list_json(&set, out)
            } else {
                list::list(&set, out)
            })
        }
        RulesCommand::Show { id, choice, json } => show::show(&choice.load()?, &id, json, out),
        RulesCommand::Docs(args) => docs::docs(&args),
        RulesCommand::Schema { which } => {
            let schema = match which {
                Schema::Assessment => json::ASSESSMENT_SCHEMA.to_owned(),
                Schema::Explanation => json::EXPLANATION_SCHEMA.to_owned(),
                Schema::Plan => crate::report::plan::PLAN_SCHEMA.to_owned(),
                Schema::WhatIf => json::WHAT_IF_SCHEMA.to_owned(),
                Schema::Changes => changes::SCHEMA.to_owned(),
                Schema::Difference => json::DIFFERENCE_SCHEMA.to_owned(),
                Schema::Rules => schema::text(),
            };
            written(out.write_all(schema.as_bytes()))
        }
        RulesCommand::Diff(args) => diff::diff(&args, out),
        RulesCommand::Check { path } => check::check(&path, out),
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
