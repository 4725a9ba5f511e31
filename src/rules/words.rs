//! Checks in words.

use super::Check;

impl Check {
    /// The check in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{self:?}")
    }
}
