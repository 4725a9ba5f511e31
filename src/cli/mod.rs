//! The command line: one file per subcommand, arguments and wiring, no logic.

pub mod failure;
pub mod output;
pub mod rule_files;
pub mod rules;
