//! The collector: one environment's tables, read over the Web API into a snapshot.
//!
//! Owns the address of an environment ([`url`]), signing in ([`auth`]), a client that can only GET
//! ([`client`]), queries and paging, and the collection itself ([`collect()`]). It knows which
//! columns it was asked for, but neither rules nor verdicts.
//!
//! Nothing here can change an environment: [`client::Client`] sends GET and nothing else, with one
//! exception that takes a [`Verifier`]: GETs packed into a batch, which is a POST by its form. It
//! sends no impersonation headers (which would add people to group teams), and never addresses a
//! user by directory object id (which would create one). What signing in has to POST goes to sign-in
//! services, by a client of its own.
//!
//! The Web API's behaviour is as in `facts/dataverse.md` of the design papers, read 2026-11-23.

pub mod auth;
pub mod client;
pub mod progress;
pub mod url;

mod batch;
mod collect;
mod count;
mod decode;
mod error;
mod known;
mod lanes;
mod odata;
mod own_roles;
mod paging;
mod reading;
mod resume;
mod retry;
mod select;
mod selfcheck;
mod table;
mod verify;
mod words;

pub use collect::{Extras, Options, Plan, Summary, collect, collect_with};
pub use error::CollectError;
pub use resume::{Beginning, ResumeError, Tell};
pub use verify::{Comparing, Verifier};
