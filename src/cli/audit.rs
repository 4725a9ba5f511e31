//! `clearance audit`: judge every user and write reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::evaluate::{Reported, assess};
use crate::plan::{self, Options};
use crate::report::csv::Cells;
use crate::report::{self, Report};

use super::failure::{Failure, POLICY};
use super::folder::Folder;
use super::input::{self, Subject};
use super::output::Target;
use super::{Globals, screen};

/// Judges every user of one or more environments and writes reports.
///
/// The summary goes to the terminal (stderr); reports go where you say, `-` being standard
/// output.
#[derive(Clone, Debug, Args)]
pub(super) struct AuditArgs {
    /// Write the report as one self-contained web page.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    html: Option<PathBuf>,
    /// Write one line per user: verdict, first cause, next step.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    csv: Option<PathBuf>,
    /// Write one line per user and rule that fails, is unknown or is waived.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    findings_csv: Option<PathBuf>,
    /// Write everything as JSON (`clearance.assessment/1`; `clearance rules schema` prints its schema).
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    json: Option<PathBuf>,
    /// Write a workbook for spreadsheet programs: summary, users, findings, rules, and the plan to fill in.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    xlsx: Option<PathBuf>,
    /// Write users, findings and rules as Parquet into a folder, for DuckDB, Fabric or Power BI.
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    parquet: Option<PathBuf>,
    /// Leave cells that a spreadsheet would take for formulas as they are.
    #[arg(long, help_heading = "Reports")]
    raw_csv: bool,
    /// Report only the users of this file: one UPN, e-mail address or id per line.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Whom to report",
        conflicts_with = "business_unit"
    )]
    users: Option<PathBuf>,
    /// Report only the users of the business unit of this name.
    #[arg(long, value_name = "NAME", help_heading = "Whom to report")]
    business_unit: Option<String>,
    /// End with exit code 1 if there is a user that is …
    ///
    /// `never` if nothing is said.
    #[arg(
        long,
        value_name = "WHAT",
        env = "CLEARANCE_FAIL_ON",
        hide_env = true,
        help_heading = "Reports"
    )]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    subject: Subject,
}

/// What makes an audit end with exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum FailOn {
    /// blocked
    Blocked,
    /// blocked or unknown
    Unknown,
    /// blocked, unknown or limited
    Limited,
    /// nothing does
    #[default]
    Never,
}

pub(super) fn run(args: &AuditArgs, globals: &Globals) -> Result<u8, Failure> {
    let target = |path: &Option<PathBuf>| path.as_deref().map(Target::from);
    let (html, csv) = (target(&args.html), target(&args.csv));
    let (findings, json) = (target(&args.findings_csv), target(&args.json));
    let xlsx = target(&args.xlsx);
    let targets: Vec<&Target> = [&html, &csv, &findings, &json, &xlsx]
        .into_iter()
        .flatten()
        .collect();
    super::output::check_all(targets.iter().copied())?;
    let parquet = args
        .parquet
        .as_deref()
        .map(|path| Folder::new(path, &report::parquet::FILES));
    if let Some(folder) = &parquet {
        folder.check(targets.into_iter())?;
    }
    let reported = match (&args.users, &args.business_unit) {
        (Some(path), _) => Reported::Users(input::users(path)?),
        (None, Some(name)) => Reported::BusinessUnit(name.clone()),
        (None, None) => Reported::All,
    };
    let loaded = args.subject.load(globals)?;
    let assessment = assess(&loaded.inputs(&reported)).map_err(Failure::usage)?;
    // Page and workbook say what to do first: of one environment, and of everybody in it.
    let plan = html
        .as_ref()
        .or(xlsx.as_ref())
        .filter(|_| reported == Reported::All && assessment.environments.len() == 1);
    let plan = plan.and_then(|_| {
        let plan = plan::plan(&loaded.inputs(&reported), &assessment, Options::default());
        plan.inspect_err(|error| tracing::warn!("the report names causes, no actions: {error}"))
            .ok()
    });
    let report = Report::new(&assessment).with_plan(plan.as_ref());

    let cells = if args.raw_csv { Cells::Raw } else { Cells::Safe };
    if let Some(target) = csv {
        target.write(|out| report::csv::verdicts(&report, cells, out))?;
    }
    if let Some(target) = findings {
        target.write(|out| report::csv::findings(&report, cells, out))?;
    }
    if let Some(target) = json {
        target.write(|out| report::json::assessment(&report, out))?;
    }
    if let Some(folder) = parquet {
        folder.write(|name, out| report::parquet::file(name, &report, out))?;
    }
    if let Some(target) = html {
        target.write(|out| report::html::write(&report, out))?;
    }
    if let Some(target) = xlsx {
        target.write(|out| report::xlsx::write(&report, out))?;
    }
    if !globals.quiet {
        let look = report::terminal::Look {
            width: screen::width(),
            colour: screen::is_coloured(globals),
        };
        screen::on_stderr(globals, |out| report::terminal::summary(&report, look, out));
    }
    let found = assessment.summary();
    let fail_on = args.fail_on.or(loaded.settings.fail_on).unwrap_or_default();
    let met = match fail_on {
        FailOn::Never => 0,
        FailOn::Blocked => found.blocked,
        FailOn::Unknown => found.blocked + found.unknown,
        FailOn::Limited => found.blocked + found.unknown + found.limited,
    };
    Ok(if met > 0 { POLICY } else { 0 })
}
