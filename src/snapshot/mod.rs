//! The snapshot: what was collected from one environment at one time.
//!
//! A folder of Parquet tables and a manifest (`design.md` §4, format 1). This module owns the
//! names and types of the tables ([`tables`]), the manifest with its gaps ([`manifest`]), and
//! reading and writing them whole or not at all ([`read`], [`write`](mod@write)), and what an interrupted
//! collection leaves to go on from ([`unfinished`](mod@unfinished)). It does not know what a
//! value means for anyone's readiness.

pub mod manifest;
pub mod read;
pub mod tables;
pub mod unfinished;
pub mod write;

mod decode;
mod encode;
mod environment;
mod guid;
mod run;
mod sort;

pub use environment::{Column, Environment, Table};
pub use guid::Guid;
pub use manifest::{Gap, GapReason, Manifest};
pub use read::{Snapshot, SnapshotError};
pub use sort::RowSorter;
pub use write::{SnapshotWriter, WriteError};
