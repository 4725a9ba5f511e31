//! Collections that are interrupted, and gone on with: the real program, killed for real.

#![cfg(unix)]
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
mod support;

mod damage;
mod killed;
mod refused;
mod words;
