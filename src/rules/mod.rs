//! Rules: what must hold for App for Outlook to work, as data.
//!
//! Rule files (TOML, `design.md` §3) are parsed with their positions, checked as a whole, and
//! become a [`RuleSet`]: typed, resolved against the fact catalogue ([`facts`]), ready to
//! evaluate. A file with a fault is refused whole, with every fault drawn at its line.
//! This module knows nothing of users or snapshots, and reads files only as text handed to it.

pub mod facts;
pub mod load;
pub mod model;
pub mod packs;
mod words;

pub use load::{RuleErrors, RuleSource};
pub use model::*;
