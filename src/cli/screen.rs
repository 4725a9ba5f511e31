//! What goes to the terminal beside results: errors, summaries, logs. All of it on stderr.

use std::io::{self, IsTerminal, Write};

use clap::ColorChoice;

use super::Globals;
use super::failure::Failure;

/// Prints the error that ends the program.
pub(super) fn error(globals: &Globals, failure: &Failure) {
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

/// Sends log lines to stderr: warnings at first, more with every `-v`. `CLEARANCE_LOG` has the
/// last word (`CLEARANCE_LOG=clearance=debug`).
pub(super) fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "clearance=error",
        1 => "clearance=info",
        _ => "clearance=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("CLEARANCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(is_watched())
        .without_time()
        .with_target(false)
        .try_init();
}

/// How much a collection shows.
pub(super) fn of(globals: &Globals) -> super::collect::Screen {
    super::collect::Screen {
        quiet: globals.quiet,
        progress: is_watched() && !globals.quiet && !globals.no_progress,
        verbose: globals.verbose > 0,
    }
}
