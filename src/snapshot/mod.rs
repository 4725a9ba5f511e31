//! The snapshot: what was collected from one environment at one time.
//!
//! A folder of Parquet tables and a manifest (`design.md` §4, format 1). This module owns the
//! names and types of the tables ([`tables`]), the manifest with its gaps ([`manifest`]), and
//! reading and writing them whole or not at all ([`read`], [`write`]). It does not know what a
//! value means for anyone's readiness.

pub mod manifest;
pub mod read;
pub mod tables;
pub mod write;

mod environment;

pub use environment::{Column, Environment, Guid, Table};
pub use manifest::{Gap, GapReason, Manifest};
