//! The oracle: a second, deliberately plain evaluation of a snapshot, written from the contract
//! (`design.md` §4 to §6 and the rule catalogue) and from nothing else.
//!
//! It exists to disagree with the real evaluator when one of the two misreads the contract, so it
//! shares no code with it: it opens the Parquet files itself, keeps every row as a map, and spells
//! out each rule by hand. It is slow on purpose. Where the contract leaves room, a comment that
//! begins with *Reading:* says how it was read.

pub mod access;
pub mod compare;
pub mod kleene;
pub mod rules;
pub mod shake;
pub mod tables;
pub mod verdict;

pub use kleene::{Outcome, Tri};

#[cfg(test)]
mod by_hand;
