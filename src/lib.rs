//! Clearance: will *Dynamics 365 App for Outlook* work for every user of an environment,
//! why not, and what is the smallest thing that fixes it?
//!
//! One road runs through the house, and the modules are its stations, in order:
//!
//! ```text
//! environment ──collect──▶ snapshot ──evaluate──▶ assessment ──report──▶ terminal · csv · json · html · xlsx · parquet
//!              dataverse    snapshot   rules, access,   │          report
//!                             │        evaluate         └─ plan: what to do first
//!                             └─ what_if: an edited copy, evaluated like any other
//! ```
//!
//! | Module | Owns | May not know |
//! |---|---|---|
//! | [`dataverse`] | the read-only client and the collection of one environment | rules, verdicts |
//! | [`snapshot`] | the tables, the manifest and its gaps; reading and writing them | what a value means |
//! | [`rules`] | rule files: parsed, checked, compiled | users, files of a snapshot |
//! | [`access`] | which roles reach a user and what they grant there | severities, wording of reports |
//! | [`evaluate`] | rule set × environments → [`evaluate::Assessment`] | formats, files, the clock |
//! | [`what_if`] | supposed changes: an edited copy of an environment | formats, files, how it is told |
//! | [`plan`] | the fewest actions that make the most users ready, in order | formats, files, what a rule is about |
//! | [`report`] | assessment → text; never computes a verdict | where the data came from |
//! | [`cli`] | arguments and wiring | everything else |
//!
//! Data moves one way and nothing downstream is imported upstream. Where the collector needs to know
//! what only a later station can tell (whom to ask the server about, and whether it agrees with our
//! access model), the command line hands it in ([`dataverse::Verifier`]). `access`, `rules`,
//! `evaluate`, `what_if` and `plan` do no input or output at all: time, files and identity come in as
//! arguments.

pub mod access;
pub mod cli;
pub mod dataverse;
pub mod evaluate;
pub mod plan;
pub mod report;
pub mod rules;
mod sha256;
pub mod snapshot;
pub mod what_if;
