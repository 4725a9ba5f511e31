//! The scripts that carry out a plan: read with a grammar of PowerShell, and their requests sent to a
//! simulator that takes them.

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

#[path = "../program/desk.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod desk;

mod command;
mod forms;
mod golden;
mod hostile;
mod run;
mod structure;
mod support;
