//! What goes to the terminal beside results: errors, summaries, logs. All of it on stderr.

use std::io::{self, IsTerminal, Write};

use clap::{ColorChoice, ValueEnum};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::Globals;
use super::failure::Failure;

/// Whence the objects of `--log-format json` come that tell of the run itself: always shown, but
/// for `--quiet`.
pub(super) const RUN: &str = "clearance::run";

/// The form of what is told on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// Prints the error that ends the program.
pub(super) fn error(globals: &Globals, failure: &Failure) {
    if globals.log_format == LogFormat::Json {
        tracing::error!(target: RUN, exit_code = failure.code, "{}", failure.message);
        return;
    }
    let mut stderr = anstream::AutoStream::new(io::stderr().lock(), choice(globals.color));
    let red = anstyle::AnsiColor::Red.on_default().bold();
    // Faults of rule files are drawn with the word in front of each.
    let message = failure
        .message
        .strip_prefix("error: ")
        .unwrap_or(&failure.message);
    // If stderr is gone there is nobody left to tell.
    let _ = writeln!(stderr, "{red}error:{red:#} {message}");
}

/// Writes to stderr, coloured where that is wanted and can be shown.
pub(super) fn on_stderr(globals: &Globals, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut stderr = anstream::AutoStream::new(io::stderr().lock(), choice(globals.color));
    let _ = write(&mut stderr).and_then(|()| stderr.flush());
}

/// Whether text for stderr may hold colours; the stream takes them out where they cannot be shown.
pub(super) fn is_coloured(globals: &Globals) -> bool {
    globals.color != ColorChoice::Never
}

/// Whether text for stdout is shown in colour: on a terminal, unless something speaks against it.
pub(super) fn is_stdout_coloured(globals: &Globals) -> bool {
    match globals.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

fn choice(color: ColorChoice) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

/// Columns to draw in: those of the terminal, else of `COLUMNS`, else 100.
pub(super) fn width() -> usize {
    width_or(100)
}

/// Columns to draw in: those of the terminal, else of `COLUMNS`, else that many.
pub(super) fn width_or(otherwise: usize) -> usize {
    terminal_size::terminal_size()
        .map(|(width, _)| usize::from(width.0))
        .or_else(|| std::env::var("COLUMNS").ok()?.parse().ok())
        .unwrap_or(otherwise)
}

/// Whether a person is watching stderr.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Sends log lines to stderr: errors at first, more with every `-v`. `CLEARANCE_LOG` has the
/// last word (`CLEARANCE_LOG=clearance=debug`).
pub(super) fn log_to_stderr(globals: &Globals) {
    let json = globals.log_format == LogFormat::Json;
    let ours = |level| Targets::new().with_target("clearance", level);
    let asked = std::env::var("CLEARANCE_LOG")
        .ok()
        .filter(|asked| !asked.is_empty());
    let filter = asked.and_then(|asked| asked.parse().ok());
    let filter = filter.unwrap_or_else(|| match globals.verbose {
        0 if json && !globals.quiet => ours(Level::WARN).with_target("clearance::run", Level::INFO),
        0 => ours(Level::ERROR),
        1 => ours(Level::INFO),
        _ => ours(Level::DEBUG),
    });
    let all = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    if json {
        // Nobody is left to tell if this fails: it cannot, as it is the first.
        let _ = all
            .with(lines.json().flatten_event(true).with_target(false))
            .try_init();
        return;
    }
    let lines = lines.with_ansi(is_watched()).without_time().with_target(false);
    let _ = all.with(lines).try_init();
}

/// How much a collection shows.
pub(super) fn of(globals: &Globals) -> super::collect::Screen {
    super::collect::Screen {
        quiet: globals.quiet,
        json: globals.log_format == LogFormat::Json,
        progress: is_watched()
            && globals.log_format == LogFormat::Text
            && !globals.quiet
            && !globals.no_progress,
        verbose: globals.verbose > 0,
    }
}
