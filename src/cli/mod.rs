//! The command line: one file per subcommand, arguments and wiring, no logic.

pub mod collect;
pub mod failure;
pub mod output;
