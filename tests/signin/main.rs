//! Every way of signing in, end to end: the real program, a simulated environment, a fake sign-in
//! service. The texts that people see are checked whole; no secret may be in any of them.

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

mod office;

mod certificates;
mod devices;
mod federation;
mod identities;
mod on_premises;
#[cfg(unix)]
mod programs;
mod refusals;
mod renewal;
mod secrets;
#[cfg(unix)]
mod troubles;
mod where_to;
