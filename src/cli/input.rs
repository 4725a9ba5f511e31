//! What commands are given: environments, attestations, waivers, devices, lists of users, the clock.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use crate::dataverse::url::EnvironmentUrl;
use crate::evaluate::{self, Attestation, Devices, Reported, Waiver, Who};
use crate::rules::RuleSet;
use crate::snapshot::read::{Needs, Snapshot, SnapshotError};
use crate::snapshot::{Environment, Guid};

use super::failure::Failure;
use super::rule_files::RuleChoice;
use super::settings::{self, Settings};
use super::{Globals, collect, screen};

/// What is judged, and by which rules. Shared by the commands that evaluate.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Judging")]
pub(super) struct Subject {
    /// Snapshot folders, or addresses of environments to collect now.
    #[arg(required = true, value_name = "SNAPSHOT|URL", help_heading = None)]
    pub(super) sources: Vec<String>,
    #[command(flatten)]
    choice: RuleChoice,
    /// Signed-off statements about what Dataverse cannot show (TOML).
    #[arg(long, value_name = "FILE", env = "CLEARANCE_ATTESTATIONS", hide_env = true)]
    attestations: Option<PathBuf>,
    /// Accepted failures (TOML).
    #[arg(long, value_name = "FILE", env = "CLEARANCE_WAIVERS", hide_env = true)]
    waivers: Option<PathBuf>,
    /// What people read their mail with (CSV, as Intune and Configuration Manager export it).
    #[arg(long, value_name = "FILE", env = "CLEARANCE_DEVICES", hide_env = true)]
    devices: Option<PathBuf>,
    /// Judge disabled users too.
    #[arg(long, env = "CLEARANCE_INCLUDE_DISABLED", hide_env = true)]
    include_disabled: bool,
    /// Apply superseded rules too.
    #[arg(long, env = "CLEARANCE_INCLUDE_SUPERSEDED", hide_env = true)]
    include_superseded: bool,
    #[command(flatten)]
    pub(super) how: collect::CollectOptions,
}

/// Everything read, ready to be evaluated.
pub(super) struct Loaded {
    pub(super) rules: RuleSet,
    pub(super) environments: Vec<Environment>,
    attestations: Vec<Attestation>,
    waivers: Vec<Waiver>,
    devices: Option<Devices>,
    at: Timestamp,
    include_disabled: bool,
    include_superseded: bool,
    /// The settings of the current folder.
    pub(super) settings: Settings,
}

impl Subject {
    /// Reads everything: rules and files first, so that a slip in them is found before an
    /// environment is collected.
    pub(super) fn load(&self, globals: &Globals) -> Result<Loaded, Failure> {
        self.read(None, &[], globals)
    }

    /// Reads more columns than the rules need: tables and columns.
    pub(super) fn load_with(&self, also: &[(&str, &str)], globals: &Globals) -> Result<Loaded, Failure> {
        self.read(None, also, globals)
    }

    /// Reads what there is about the users who are called `word`, if that is all that is wanted. Of
    /// several environments everything: their mailboxes are compared with each other.
    pub(super) fn load_about(&self, word: &str, globals: &Globals) -> Result<Loaded, Failure> {
        let who = (self.sources.len() == 1).then(|| Who::new(word));
        self.read(who, &[], globals)
    }

    fn read(
        &self,
        who: Option<Who<'_>>,
        also: &[(&str, &str)],
        globals: &Globals,
    ) -> Result<Loaded, Failure> {
        if self.how.verify_access.is_some() && !self.sources.iter().any(|source| source.contains("://")) {
            return Err(Failure::usage(
                "--verify-access asks the server, and only snapshots are given\nhint: collect with \
                 `clearance collect URL -o DIR --verify-access`; the snapshot then holds the server's answers",
            ));
        }
        let settings = Settings::here()?;
        if settings.are_given() && !globals.quiet {
            screen::on_stderr(globals, |out| {
                writeln!(out, "Settings are taken from {}.\n", settings::FILE)
            });
        }
        let rules = self.choice.load_with(&settings)?;
        let attestations = match self.attestations.as_ref().or(settings.attestations.as_ref()) {
            Some(path) => evaluate::parse_attestations(&read(path, "attestations")?)
                .map_err(|error| in_file(path, &error))?,
            None => Vec::new(),
        };
        let waivers = match self.waivers.as_ref().or(settings.waivers.as_ref()) {
            Some(path) => {
                evaluate::parse_waivers(&read(path, "waivers")?).map_err(|error| in_file(path, &error))?
            }
            None => Vec::new(),
        };
        let devices = match self.devices.as_ref().or(settings.devices.as_ref()) {
            Some(path) => Some(
                evaluate::parse_devices(&read(path, "devices")?).map_err(|error| in_file(path, &error))?,
            ),
            None => None,
        };
        let at = clock()?;
        let mut needs = evaluate::needs(&rules);
        for (table, column) in also {
            let columns = needs.entry((*table).to_owned()).or_default();
            columns.insert((*column).to_owned());
        }
        let open = |path: &Path| open(path, &needs, who);
        let environments = self
            .sources
            .iter()
            .map(|source| self.environment(source, &rules, &open, globals))
            .collect::<Result<_, _>>()?;
        Ok(Loaded {
            rules,
            environments,
            attestations,
            waivers,
            devices,
            at,
            include_disabled: self.include_disabled || settings.include_disabled,
            include_superseded: self.include_superseded || settings.include_superseded,
            settings,
        })
    }

    fn environment(
        &self,
        source: &str,
        rules: &RuleSet,
        open: &dyn Fn(&Path) -> Result<Environment, Failure>,
        globals: &Globals,
    ) -> Result<Environment, Failure> {
        if !source.contains("://") {
            let path = Path::new(source);
            if !path.exists() && EnvironmentUrl::is_host_of_the_cloud(source) {
                return Err(Failure::usage(format!(
                    "there is no snapshot at `{source}`: it does not exist\nhint: the address of an environment begins \
                     with https://; did you mean https://{source} ?"
                )));
            }
            return open(path);
        }
        let folder = tempfile::Builder::new()
            .prefix("clearance-")
            .tempdir()
            .map_err(|error| Failure::usage(format!("cannot make a temporary folder: {error}")))?;
        let snapshot = folder.path().join("environment.snapshot");
        let place = collect::Place {
            target: &snapshot,
            tables: collect::Unfinished::Forget,
        };
        collect::collect_to(source, place, &self.how, rules, screen::of(globals))?;
        open(&snapshot)
    }
}

fn open(path: &Path, needs: &Needs, who: Option<Who<'_>>) -> Result<Environment, Failure> {
    let failed = |error: SnapshotError| {
        if error.is_damage() {
            Failure::damaged(error)
        } else {
            Failure::usage(error)
        }
    };
    let snapshot = Snapshot::open(path).map_err(failed)?;
    let Some(who) = who else {
        return snapshot.into_environment(needs).map_err(failed);
    };
    let everyone = snapshot.load(&Who::needs()).map_err(failed)?;
    let ids = everyone
        .table("systemuser")
        .and_then(|users| users.ids("systemuserid"));
    let meant = |rows: Vec<usize>| -> Vec<Guid> {
        rows.into_iter()
            .filter_map(|row| ids?.get(row).copied())
            .collect()
    };
    let mut users = meant(who.called(&everyone));
    if users.is_empty() {
        users = meant(who.named(&everyone));
    }
    snapshot.load_about(needs, &users).map_err(failed)
}

impl Loaded {
    /// What the evaluator needs.
    pub(super) fn inputs<'a>(&'a self, reported: &'a Reported) -> evaluate::Inputs<'a> {
        self.inputs_with(&self.environments, reported)
    }

    /// The same for other environments, such as supposed ones.
    pub(super) fn inputs_with<'a>(
        &'a self,
        environments: &'a [Environment],
        reported: &'a Reported,
    ) -> evaluate::Inputs<'a> {
        evaluate::Inputs {
            rules: &self.rules,
            environments,
            attestations: &self.attestations,
            waivers: &self.waivers,
            devices: self.devices.as_ref(),
            at: self.at,
            include_disabled: self.include_disabled,
            include_superseded: self.include_superseded,
            reported,
        }
    }
}

/// Reads a list of users: one UPN, e-mail address or id per line, `#` starts a comment.
pub(super) fn users(path: &Path) -> Result<Vec<String>, Failure> {
    let text = read(path, "users")?;
    let words = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim());
    let users: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if users.is_empty() {
        return Err(Failure::usage(format!(
            "`{}` names no users\nhint: write one sign-in name (UPN), e-mail address or id per line",
            path.display()
        )));
    }
    Ok(users)
}

/// The text of a file that is given to a command, without a byte order mark.
pub(super) fn read(path: &Path, what: &str) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::InvalidData => "it is not in UTF-8\nhint: save it as UTF-8 text".to_owned(),
            ErrorKind::NotFound => {
                "there is no such file\nhint: check its name; a name without a folder is looked \
                 for in the folder you are in"
                    .to_owned()
            }
            ErrorKind::IsADirectory => "it is a folder\nhint: name a file in it".to_owned(),
            _ => error.to_string(),
        };
        Failure::usage(format!("cannot read the {what} file `{}`: {why}", path.display()))
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A fault in a file that is given to a command.
pub(super) fn in_file(path: &Path, error: &impl std::fmt::Display) -> Failure {
    Failure::usage(format!("`{}`: {}", path.display(), error.to_string().trim_end()))
}

/// Now; or the second of `SOURCE_DATE_EPOCH`, the custom for output that can be made again byte
/// for byte (<https://reproducible-builds.org/specs/source-date-epoch/>).
fn clock() -> Result<Timestamp, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Err(_) => Ok(Timestamp::now()),
        Ok(text) => text
            .trim()
            .parse()
            .ok()
            .and_then(|second| Timestamp::from_second(second).ok())
            .ok_or_else(|| {
                Failure::usage(format!(
                    "SOURCE_DATE_EPOCH is \"{text}\", not a number of seconds since 1970"
                ))
            }),
    }
}
