//! Generated rules over generated facts: the program judges them as a naive evaluator does.
//!
//! Rule files are invented as text and loaded as anyone's would be; the facts are small environments
//! full of nulls, gaps, missing tables and people without a mailbox. A naive evaluator, one user and one
//! rule at a time, says from the contract (`design.md` §3, §5, §6 and the catalogue's first paragraphs)
//! what must come out. A difference is shrunk and shown with its rule and its rows.

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

mod audit;
mod facts;
mod found;
mod kleene;
mod naive;
mod oracle;
mod rules;
mod show;
mod world;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_rule_comes_out_as_the_naive_evaluator_says(case in audit::case()) {
        audit::agree(&case).map_err(TestCaseError::fail)?;
    }
}
