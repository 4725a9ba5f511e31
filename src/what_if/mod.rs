//! What would be if: changes to an environment, made in memory only.
//!
//! Owns the changes that an administrator could make ([`Change`]), as words of the command line, as a
//! file, and as what a plan proposes. An edited copy of an environment goes through the same
//! evaluation as the collected one. Knows no formats of reports and never touches an environment:
//! nothing here can send anything.

pub mod change;

pub use change::{Change, Holder, Inheritance};
