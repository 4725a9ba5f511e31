//! What would be if: changes to an environment, made in memory only.
//!
//! Owns the changes that an administrator could make ([`Change`]), as words of the command line, as a
//! file, and as what a plan proposes. [`apply`](apply()) makes an edited copy of an environment, which
//! goes through the same evaluation as the collected one. Knows no formats of reports and never
//! touches an environment: nothing here can send anything.

pub mod apply;
pub mod change;
pub mod changes;
pub mod effect;
mod error;
mod fields;
mod grants;
mod names;
mod pairs;
mod served;
#[cfg(test)]
mod tests;

pub use apply::{Done, Supposed, apply, suppose};
pub use change::{Change, Holder, Inheritance};
pub use effect::Effect;
pub use error::ChangeError;
