//! Rules: what must hold for App for Outlook to work, as data.
//!
//! Rule files (TOML, `design.md` §3) are parsed with their positions, checked as a whole, and
//! become a [`RuleSet`]: typed, resolved against the fact catalogue ([`facts`]), ready to
//! evaluate. A file with a fault is refused whole, with every fault drawn at its line.
//! This module knows nothing of users or snapshots, and reads files only as text handed to it.
//!
//! | Module | Owns |
//! |---|---|
//! | [`model`] | the checked rule set |
//! | [`facts`] | the fact catalogue |
//! | [`load`](mod@load) | rule files → rule set; `tree`, `entry`, [`privilege`], `declare`, `digest`, `check`, `value`, `sense`, `syntax` and `faults` are its parts |
//! | [`keys`] | the keys of rule files and their words: one list for the loader, the schema and the handbook |
//! | [`schema`] | the JSON Schema of rule files, for editors |
//! | [`packs`] | the embedded packs, choosing among packs, and changing severities |
//! | [`words`] | checks in plain words |
//! | [`reads`] | what a rule makes the collector read, and what that takes |
//! | [`diff`] | what differs between two rule sets; `meaning` tells whether two checks ask for the same |
//! | [`nearest`](mod@nearest) | "did you mean" |

pub mod built_in;
mod check;
mod declare;
pub mod diff;
mod digest;
mod entry;
pub mod facts;
mod faults;
pub mod keys;
pub mod load;
mod meaning;
pub mod model;
pub mod nearest;
pub mod packs;
pub mod privilege;
pub mod reads;
pub mod schema;
mod sense;
mod syntax;
mod tree;
pub(crate) mod value;
pub mod words;

pub use faults::RuleErrors;
pub use load::{RuleSource, load};
pub use model::*;
