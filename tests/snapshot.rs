//! Snapshots on disk: what is written is what is read, damage is found and named, and the bytes
//! depend on the rows alone.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "snapshot/support.rs"]
mod support;

#[path = "snapshot/columns.rs"]
mod columns;
#[path = "snapshot/damage.rs"]
mod damage;
#[path = "snapshot/round_trip.rs"]
mod round_trip;
#[path = "snapshot/same_bytes.rs"]
mod same_bytes;
