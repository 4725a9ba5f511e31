//! `clearance collect`: one environment into a snapshot.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::dataverse::auth::{self, AuthError, Prompt};
use crate::dataverse::client::{DEFAULT_MAX_WAIT, Policy};
use crate::dataverse::progress::Observer;
use crate::dataverse::url::EnvironmentUrl;
use crate::dataverse::{CollectError, Extras, Options, Plan, Summary, Verifier, collect_with};
use crate::evaluate::Agreement;
use crate::rules::RuleSet;
use crate::snapshot::WriteError;
use crate::snapshot::manifest::Deployment;

use super::failure::Failure;
use super::rule_files::RuleChoice;
use super::screen::RUN;
use super::settings::Settings;
use super::sign_in::SignInOptions;

mod progress;
mod summary;
mod unfinished;
mod verify;

use progress::{Bars, Lines, Objects};
use verify::{AccessVerifier, Amount};

/// How long the last tables may take to be written when a collection has ended: the largest takes
/// seconds.
const LAST_WRITES: Duration = Duration::from_secs(30);

/// Arguments of `clearance collect`.
#[derive(Clone, Debug, Args)]
pub(super) struct CollectArgs {
    /// Address of the environment, such as https://contoso.crm4.dynamics.com
    #[arg(value_name = "URL")]
    pub(super) url: String,

    /// Folder of the snapshot; an older snapshot there is replaced when the new one is whole
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: PathBuf,

    /// Folder or file of further rules: the columns and privileges they need are collected, too
    #[arg(long = "rules", value_name = "DIR", env = "CLEARANCE_RULES", hide_env = true)]
    rules: Vec<PathBuf>,

    /// Go on from the finished tables of a collection that was interrupted
    ///
    /// Begun within the last 24 hours, into the same folder, as the same account and with the same
    /// rules. Tables that were not finished, or whose files are damaged, are read from their start.
    /// Without this option an unfinished collection is replaced.
    #[arg(long)]
    resume: bool,

    /// How to collect.
    #[command(flatten)]
    pub(super) how: CollectOptions,
}

impl CollectArgs {
    /// The rules that decide what is collected: all packs, so that a snapshot serves every audit.
    ///
    /// # Errors
    /// As [`RuleChoice::load`].
    pub(super) fn rules(&self) -> Result<RuleSet, Failure> {
        let mut settings = Settings::here()?;
        settings.packs.clear();
        RuleChoice {
            rules: self.rules.clone(),
            packs: Vec::new(),
        }
        .load_with(&settings)
    }
}

/// How an environment is collected: shared by every command that takes an address.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Collecting")]
pub(super) struct CollectOptions {
    /// Where the environment runs, if its host name does not tell
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(super) deployment: Option<Where>,

    /// How many requests may be in flight at once
    ///
    /// The service allows 52 for each user; more than a few gain little, because the pages of one
    /// table come one after the other.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=52))]
    pub(super) concurrency: u8,

    /// How long the whole run may wait when the service asks for it or fails: seconds, or 10m, 1h
    ///
    /// Waits at the same time count once.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(super) max_wait: Duration,

    /// As whom.
    #[command(flatten)]
    pub(super) sign_in: SignInOptions,
    /// Ask the server what users may do, and compare its answers with ours
    ///
    /// Of `all` users in scope, or of that many; 200 if nothing is said. A sample takes one user of
    /// every combination of roles and teams before it takes a second of any. The server's answer
    /// decides where it differs. Its questions are GETs packed into batches, which are the only
    /// requests that are not GETs by their form; without this option none is sent.
    #[arg(
        long,
        value_name = "all|N",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = verify::DEFAULT,
        value_parser = verify::amount
    )]
    pub(super) verify_access: Option<Amount>,
}

impl Default for CollectOptions {
    fn default() -> CollectOptions {
        CollectOptions {
            deployment: None,
            concurrency: 8,
            max_wait: DEFAULT_MAX_WAIT,
            sign_in: SignInOptions::default(),
            verify_access: None,
        }
    }
}

/// Where an environment runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Where {
    /// In Microsoft's cloud
    Online,
    /// On your own servers
    OnPremises,
}

/// What goes to the terminal besides results. Everything here goes to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Screen {
    /// Nothing but errors.
    pub(super) quiet: bool,
    /// Objects for machines instead of lines for people.
    pub(super) json: bool,
    /// Draw progress: only sensible on a terminal.
    pub(super) progress: bool,
    /// One line for each table, when progress is not drawn.
    pub(super) verbose: bool,
}

/// What the loaded rules need from an environment.
#[must_use]
fn plan(rules: &RuleSet) -> Plan {
    Plan {
        columns: rules
            .columns()
            .into_iter()
            .map(|(subject, column, kind)| (subject.table().to_owned(), column, kind))
            .collect(),
        wanted_privileges: rules.wanted_privileges(),
    }
}

/// Runs `clearance collect` for the loaded rules.
///
/// # Errors
/// Exit code 2 for wrong arguments or a target that cannot be written, 3 for an environment that
/// could not be collected.
pub(super) fn run(args: &CollectArgs, rules: &RuleSet, screen: Screen) -> Result<u8, Failure> {
    let place = Place {
        target: &args.output,
        tables: if args.resume {
            Unfinished::Resume
        } else {
            Unfinished::Replace
        },
    };
    let (summary, agreement) = collect_to(&args.url, place, &args.how, rules, screen)?;
    if screen.json {
        summary::log(&summary, agreement.as_ref(), &args.output);
    } else if !screen.quiet {
        // A closed standard error is no reason to fail.
        let _ = summary::tell(&summary, agreement.as_ref(), &args.output);
    }
    Ok(0)
}

/// Where a snapshot goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The folder that it will be.
    pub(super) target: &'a Path,
    /// What of an unfinished collection of it.
    pub(super) tables: Unfinished,
}

/// What becomes of finished tables when there is no end to a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// Nobody will look for them.
    Forget,
    /// They are kept; those of an earlier one are replaced.
    Replace,
    /// They are kept, and those of an earlier one are used.
    Resume,
}

/// Collects the environment at `url` into a snapshot; with how far the server agrees about access, if it was asked.
///
/// # Errors
/// As for [`run`].
pub(super) fn collect_to(
    url: &str,
    place: Place<'_>,
    how: &CollectOptions,
    rules: &RuleSet,
    screen: Screen,
) -> Result<(Summary, Option<Agreement>), Failure> {
    let deployment = how.deployment.map(|place| match place {
        Where::Online => Deployment::Online,
        Where::OnPremises => Deployment::OnPremises,
    });
    let environment = EnvironmentUrl::parse(url, deployment).map_err(Failure::usage)?;
    let bars = (screen.progress && !screen.quiet).then(|| Arc::new(Bars::new()));
    let prompt: Prompt = match &bars {
        Some(bars) => {
            let bars = Arc::clone(bars);
            Arc::new(move |text: &str| bars.tell(text))
        }
        None if screen.json => Arc::new(|text: &str| tracing::error!(target: RUN, "{text}")),
        // Also when quiet: without it nobody could go on.
        None => Arc::new(|text: &str| {
            let _ = writeln!(anstream::stderr(), "{text}");
        }),
    };
    let token = auth::source(&environment, how.sign_in.to_sign_in(prompt)).map_err(sign_in_failure)?;
    let observer: Arc<dyn Observer> = match &bars {
        Some(bars) => Arc::clone(bars) as Arc<dyn Observer>,
        None if screen.json && !screen.quiet => Arc::new(Objects::default()),
        None if screen.verbose && !screen.quiet => Arc::new(Lines::default()),
        None => Arc::new(()),
    };
    let options = Options {
        environment,
        token,
        concurrency: usize::from(how.concurrency),
        policy: Policy {
            max_wait: how.max_wait,
            ..Policy::default()
        },
        observer,
    };
    let plan = plan(rules);
    let verifier = how
        .verify_access
        .map(|amount| Arc::new(AccessVerifier::new(rules, amount)));
    let extras = Extras {
        verifier: verifier.clone().map(|verifier| verifier as Arc<dyn Verifier>),
        resume: place.tables == Unfinished::Resume,
        tell: (!screen.quiet).then(|| unfinished::teller(place.target, bars.clone())),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::collect(format!("cannot start: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = collect_with(options, plan, extras, place.target) => result,
            Ok(()) = tokio::signal::ctrl_c() => return Err(None),
        }
        .map_err(Some)
    });
    // Tables that are being written are finished first, so that what is told below is the last word.
    runtime.shutdown_timeout(LAST_WRITES);
    if let Some(bars) = bars {
        bars.clear();
    }
    let result = result.map_err(|error| {
        let hint = match (&error, place.tables) {
            (_, Unfinished::Forget) | (Some(CollectError::Resume(_)), _) => None,
            (Some(CollectError::Write(WriteError::Busy(_))), _) => None,
            _ => unfinished::hint(place.target),
        };
        let mut failure = match error {
            Some(error) => failure(error),
            None => Failure::collect("interrupted; no snapshot was written"),
        };
        if let Some(hint) = hint {
            failure.message = format!("{}\n{hint}", failure.message);
        }
        failure
    });
    let agreement = verifier.and_then(|verifier| verifier.agreement());
    result.map(|summary| (summary, agreement))
}

/// The exit code of each error of signing in.
fn sign_in_failure(error: AuthError) -> Failure {
    if error.is_usage() {
        Failure::usage(error)
    } else {
        Failure::collect(error)
    }
}

/// The exit code of each error.
fn failure(error: CollectError) -> Failure {
    match error {
        CollectError::Auth(error) => sign_in_failure(error),
        CollectError::Url(_) | CollectError::Write(_) | CollectError::Resume(_) => Failure::usage(error),
        _ => Failure::collect(error),
    }
}

/// A duration: seconds, or a whole number of `s`, `m` or `h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, &text[number.len()..]),
        None => (text, "s"),
    };
    let unit: u64 = match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    };
    // `u64` would take a plus sign, too.
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = number.parse::<u64>().ok().filter(|_| digits);
    seconds
        .and_then(|number| number.checked_mul(unit))
        .map(Duration::from_secs)
        .ok_or_else(|| "say seconds, or minutes or hours such as 10m or 1h".to_owned())
}

/// Text by others, without anything that could steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { '\u{FFFD}' } else { char })
        .collect()
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        args: CollectArgs,
    }

    #[test]
    fn arguments_are_sound() {
        Program::command().debug_assert();
        let parse = |line: &str| Program::try_parse_from(line.split(' '));
        let args = parse(
            "collect https://contoso.crm4.dynamics.com -o a --deployment on-premises --rules r --rules s",
        )
        .expect("sound")
        .args;
        assert_eq!(args.how.deployment, Some(Where::OnPremises));
        assert_eq!(args.rules.len(), 2);
        assert_eq!(args.how.concurrency, CollectOptions::default().concurrency);
        assert!(parse("collect https://contoso.crm4.dynamics.com").is_err());
        assert!(parse("collect u -o a --concurrency 53").is_err());
        assert!(parse("collect u -o a --auth password").is_err());
        assert!(parse("collect u -o a --auth token --token-command x").is_err());
        assert_eq!(args.how.verify_access, None);
        for (option, amount) in [
            ("--verify-access", Amount::Most(200)),
            ("--verify-access=all", Amount::All),
            ("--verify-access=1", Amount::Most(1)),
        ] {
            let args = parse(&format!("collect u -o a {option}")).expect("sound").args;
            assert_eq!(args.how.verify_access, Some(amount), "{option}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("90", Some(90)),
            ("90s", Some(90)),
            ("10m", Some(600)),
            ("1h", Some(3600)),
            ("", None),
            ("h", None),
            ("+5", None),
            ("-5", None),
            ("1.5h", None),
            ("1 h", None),
            ("1d", None),
            ("9999999999999999999h", None),
        ] {
            assert_eq!(duration(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn errors_end_with_the_documented_codes() {
        let how = CollectOptions::default();
        let code = |url: &str, target: &Path| {
            let place = Place {
                target,
                tables: Unfinished::Replace,
            };
            let result = collect_to(url, place, &how, &RuleSet::default(), Screen::default());
            result.err().map(|failure| failure.code)
        };
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(code("contoso", &folder.path().join("s")), Some(2));
        assert_eq!(
            code("http://contoso.crm4.dynamics.com", &folder.path().join("s")),
            Some(2)
        );
    }
}
