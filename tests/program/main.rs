//! The program as an administrator runs it: real arguments, real files, a simulated environment.
//!
//! What it must say and write is reasoned from the contract and from the tenants that the tests
//! invent, not from the program's own library.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test, its items are nobody's interface"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../report/blocks.rs"]
mod blocks;
mod desk;
mod offices;

mod accepted;
mod bad_day;
mod choice;
mod devices;
mod editions;
mod explain;
mod explain_error;
mod narrow;
mod numbers;
mod other_rules;
mod page_data;
mod parquet;
mod permissions;
mod proof;
mod refusals;
mod refused_arguments;
mod refused_environments;
mod refused_input;
mod refused_snapshots;
mod road;
mod settings;
mod several;
mod verify;
mod what_if;
mod who;
mod workbook;
