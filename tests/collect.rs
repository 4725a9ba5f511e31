//! Collections from a simulated environment over real HTTP. What is expected comes from the
//! tenant's own data, never from an earlier output.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "collect/support.rs"]
mod support;

#[path = "collect/counts.rs"]
mod counts;
#[path = "collect/faults.rs"]
mod faults;
#[path = "collect/gaps.rs"]
mod gaps;
#[path = "collect/matrix.rs"]
mod matrix;
#[path = "collect/orders.rs"]
mod orders;
#[path = "collect/refusals.rs"]
mod refusals;
#[path = "collect/selfcheck.rs"]
mod selfcheck;
#[path = "collect/verify.rs"]
mod verify;
#[path = "collect/whole.rs"]
mod whole;
