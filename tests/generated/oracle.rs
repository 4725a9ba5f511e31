//! The parts of the oracle that judge access, by the contract: shared with the test `agreement`.

#![allow(dead_code, reason = "the rest serves the other test")]

#[path = "../oracle/access.rs"]
pub mod access;
#[path = "../oracle/kleene.rs"]
pub mod kleene;
#[path = "../oracle/tables.rs"]
pub mod tables;

pub use kleene::{Outcome, Tri};
