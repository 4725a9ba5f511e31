//! `clearance plan`: which few actions make the most users ready.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::evaluate::{Reported, assess};
use crate::plan::{self, Options};
use crate::report;
use crate::report::plan::{PlanReport, WorkList};
use crate::report::script::{Script, ScriptAction};

use super::failure::Failure;
use super::input::{self, Subject};
use super::output::{self, Target};
use super::{Globals, screen};

/// Says which few administrative actions make the most users ready, the most useful first.
///
/// Every action is tried out on a copy in memory. Nothing is changed: the environment is only read.
#[derive(Clone, Debug, Args)]
pub(super) struct PlanArgs {
    /// Print JSON (`clearance.plan/1`); `clearance what-if --changes -` takes it.
    #[arg(long, help_heading = "Reports")]
    json: bool,
    /// Write a work list, one line per action; what was written into an earlier one is kept.
    ///
    /// Owner, due date, status, note and columns of your own are read from FILE if it is there, and
    /// kept by the action's key. Actions that are not needed any more stay, as done.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    csv: Option<PathBuf>,
    /// Read the earlier work list from another file.
    #[arg(long, value_name = "FILE", requires = "csv", help_heading = "Reports")]
    work_list: Option<PathBuf>,
    /// Print a script that carries the plan out; it only shows what it would do unless run with -Apply.
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        conflicts_with = "json",
        help_heading = "Reports"
    )]
    script: Option<ScriptKind>,
    #[command(flatten)]
    subject: Subject,
}

/// What carries a plan out.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScriptKind {
    /// PowerShell 5.1 or 7 and the Dataverse Web API
    Powershell,
    /// The Power Platform's command line, which can give roles to users
    Pac,
}

pub(super) fn run(args: &PlanArgs, globals: &Globals) -> Result<u8, Failure> {
    if let several @ 2.. = args.subject.sources.len() {
        return Err(Failure::usage(plan::PlanError::SeveralEnvironments(several)));
    }
    let csv = args.csv.as_deref().map(Target::from);
    let stdout = (args.json || args.script.is_some()).then_some(Target::Stdout);
    output::check_all(csv.iter().chain(&stdout))?;
    let before = earlier(args)?;
    // How `pac` calls users best; no rule asks for it.
    let also: &[(&str, &str)] = match args.script {
        Some(ScriptKind::Pac) => &[("systemuser", "azureactivedirectoryobjectid")],
        _ => &[],
    };
    let loaded = args.subject.load_with(also, globals)?;
    let inputs = loaded.inputs(&Reported::All);
    let assessment = assess(&inputs).map_err(Failure::usage)?;
    let plan = plan::plan(&inputs, &assessment, Options::default()).map_err(Failure::usage)?;
    let report = PlanReport::new(&assessment, &plan);
    if let Some(target) = &csv {
        target.write(|out| report::plan::work_list(report, &before, out))?;
    }
    if let Some(kind) = args.script {
        let [assessed] = &assessment.environments[..] else {
            return Err(Failure::usage(plan::PlanError::SeveralEnvironments(
                assessment.environments.len(),
            )));
        };
        let changes: Vec<_> = plan
            .actions
            .iter()
            .map(|action| action.changes(assessed))
            .collect();
        let actions: Vec<_> = plan
            .actions
            .iter()
            .zip(&changes)
            .map(|(action, changes)| ScriptAction {
                key: &action.key,
                title: &action.title,
                changes,
            })
            .collect();
        let script = Script::new(assessed.environment, &actions).map_err(Failure::usage)?;
        Target::Stdout.write(|out| match kind {
            ScriptKind::Powershell => report::script::powershell(&script, out),
            ScriptKind::Pac => report::script::pac(&script, assessed.environment, out),
        })?;
    } else if args.json {
        Target::Stdout.write(|out| report::plan::json(report, out))?;
    } else if csv != Some(Target::Stdout) {
        let look = report::terminal::Look {
            width: screen::width(),
            colour: screen::is_stdout_coloured(globals),
        };
        Target::Stdout.write(|out| report::plan::terminal(report, look, out))?;
    }
    Ok(0)
}

/// The work list that was written before: the file named for it, else the one to be written.
fn earlier(args: &PlanArgs) -> Result<WorkList, Failure> {
    let here = args
        .csv
        .as_deref()
        .filter(|path| *path != Path::new("-") && path.exists());
    match args.work_list.as_deref().or(here) {
        None => Ok(WorkList::default()),
        Some(path) => {
            let text = input::read(path, "work list")?;
            WorkList::parse(&text).map_err(|error| input::in_file(path, &error))
        }
    }
}
