//! Which roles reach a user, by which paths, and what they grant (`design.md` §5, contract).
//!
//! Every question about access is a [`Requirement`], and every requirement is one bit. A role
//! copy contributes two masks, one for holding it directly and one for holding it through a
//! team; a user's answer is the union over all paths ([`Access`]). The words of an explanation
//! come from walking the same paths again for one user ([`Access::paths`]), through the same
//! role book, so that an answer and its evidence cannot disagree.
//!
//! This module knows tables and privileges, not severities, rules or reports. It does no I/O.

mod answers;
mod candidates;
mod depths;
mod granted;
mod grants;
mod masks;
mod names;
mod paths;
mod proof;
mod roles;
mod server;
mod shape;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use answers::turn;
pub use answers::{Access, Reach};
pub use candidates::{Candidate, Standing};
pub use depths::{DepthRow, Depths, Held, RoleRoot};
pub use grants::{PrivilegeState, Sought};
pub use names::RoleNames;
pub use paths::{Path, Stop, Via, Way};
pub use proof::Proof;
pub(crate) use roles::SYSTEM_ADMINISTRATOR;

use crate::rules::Depth;

/// One question about access.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// The privilege, at that depth or more.
    Privilege(String, Depth),
    /// Any role at all, by any path.
    AnyRole,
    /// A role of that name, by any path.
    RoleNamed(String),
    /// A role of that name, assigned to the user itself.
    RoleNamedDirectly(String),
    /// Any role assigned to the user itself.
    AnyRoleDirectly,
    /// A role that is bound to the app module of that unique name.
    AppModuleShared(String),
}
