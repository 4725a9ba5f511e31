//! The command line: one file per subcommand, arguments and wiring, no logic.

use std::process::ExitCode;

use clap::{Args, ColorChoice, Parser, Subcommand};

use self::failure::Failure;

mod audit;
mod collect;
mod explain;
pub mod failure;
mod folder;
mod input;
pub mod output;
mod permissions;
mod plan;
mod rule_files;
mod rules;
mod screen;
mod settings;
mod sign_in;
mod what_if;

/// Will Dynamics 365 App for Outlook work for every user, why not, and what fixes it?
///
/// Clearance reads an environment (it cannot write), judges every user against rule files and
/// reports verdicts with their causes and remedies.
#[derive(Debug, Parser)]
#[command(name = "clearance", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "General")]
pub struct Globals {
    /// Print errors only.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell what is going on; twice, every request.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to colour the terminal. NO_COLOR is respected.
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Do not draw progress.
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Form of what is told on standard error; JSON is one object per line, with a summary.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t)]
    pub log_format: screen::LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Collect an environment into a snapshot, reading only.
    Collect(collect::CollectArgs),
    /// Judge every user of one or more environments and write reports.
    Audit(Box<audit::AuditArgs>),
    /// Explain one user: verdict, causes, evidence, what to do.
    Explain(explain::ExplainArgs),
    /// Say which few actions make the most users ready, in which order.
    Plan(plan::PlanArgs),
    /// Suppose changes, on a copy in memory: who becomes ready, who breaks, who gains what.
    WhatIf(Box<what_if::WhatIfArgs>),
    /// List, show and check rules.
    Rules(rules::RulesArgs),
    /// Print what the collecting account must be able to read, and write a role that has just that.
    Permissions(permissions::PermissionsArgs),
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done (and what --fail-on looks for was not found)
  1  done, but what --fail-on looks for was found
  2  wrong use or bad input
  3  the environment could not be collected
  4  the snapshot is damaged

Settings: clearance.toml in the current folder and variables such as CLEARANCE_ATTESTATIONS stand in
for options of `audit` that are not given.";

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, printed to standard output; the rest is wrong use.
            let code = if error.use_stderr() { failure::USAGE } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    screen::log_to_stderr(&cli.globals);
    let globals = cli.globals.clone();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            screen::error(&globals, &failure);
            ExitCode::from(failure.code)
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Collect(args) => {
            let rules = args.rules()?;
            collect::run(&args, &rules, screen::of(&cli.globals))
        }
        Command::Audit(args) => audit::run(&args, &cli.globals),
        Command::Explain(args) => explain::run(&args, &cli.globals),
        Command::Plan(args) => plan::run(&args, &cli.globals),
        Command::WhatIf(args) => what_if::run(&args, &cli.globals),
        Command::Rules(args) => rules::run(args, &mut std::io::stdout().lock()),
        Command::Permissions(args) => permissions::run(&args, &cli.globals),
    }
}
