//! How a command ends badly: one clear error and the documented exit code.

use std::fmt;

/// Exit code 1: done, but what `--fail-on` looks for was found.
pub const POLICY: u8 = 1;
/// Exit code 2: wrong use or bad input.
pub const USAGE: u8 = 2;
/// Exit code 3: the environment could not be collected.
pub const COLLECT: u8 = 3;
/// Exit code 4: the snapshot is damaged.
pub const DAMAGED: u8 = 4;

/// An error with the exit code it ends the program with.
#[derive(Debug)]
pub struct Failure {
    /// The documented exit code.
    pub code: u8,
    /// What went wrong, where, and what would be right.
    pub message: String,
}

impl Failure {
    /// Wrong use or bad input.
    #[must_use]
    pub fn usage(message: impl fmt::Display) -> Failure {
        Failure {
            code: USAGE,
            message: message.to_string(),
        }
    }

    /// The environment could not be collected.
    #[must_use]
    pub fn collect(message: impl fmt::Display) -> Failure {
        Failure {
            code: COLLECT,
            message: message.to_string(),
        }
    }

    /// The snapshot is damaged.
    #[must_use]
    pub fn damaged(message: impl fmt::Display) -> Failure {
        Failure {
            code: DAMAGED,
            message: message.to_string(),
        }
    }
}
