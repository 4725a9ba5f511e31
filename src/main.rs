//! The `clearance` program: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    clearance::cli::main()
}
