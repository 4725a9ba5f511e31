//! The platform's own roles that an administrator may think of for the collecting account.
//!
//! Their depths were read off dumps of the roles of a live environment, December 2025
//! (delegateas/XrmMockup, `TestMetadata/SecurityRoles`, read 2026-11-23), not off a page of the
//! vendor. That environment had none of the sales tables.

use super::Depth;
use super::reads::Needed;

/// A role that comes with the platform.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Read privileges among those that open collected tables which it holds at less than
    /// Organization depth; it holds the others at that depth.
    less: &'static [(&'static str, Depth)],
}

/// The roles, the one made for reading first.
pub const BUILT_IN: [BuiltIn; 3] = [
    BuiltIn {
        name: "Service Reader",
        less: &[],
    },
    BuiltIn {
        name: "System Customizer",
        less: &[("prvReadMailbox", Depth::Basic)],
    },
    BuiltIn {
        name: "Basic User",
        less: &[("prvReadMailbox", Depth::Basic), ("prvReadRole", Depth::Local)],
    },
];

impl BuiltIn {
    /// Of the privileges, those that the role does not hold at Organization depth, and how far it
    /// does hold them.
    #[must_use]
    pub fn lacks(&self, needed: &[Needed]) -> Vec<(&'static str, Depth)> {
        let less = self.less.iter().copied();
        less.filter(|(name, _)| needed.iter().any(|needed| needed.privilege == *name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tables::TABLES;

    #[test]
    fn what_they_lack_is_something_that_opens_a_table() {
        for role in BUILT_IN {
            for (name, _) in role.less {
                assert!(
                    TABLES.iter().any(|table| table.read_by.privileges.contains(name)),
                    "{name}"
                );
            }
        }
    }
}
