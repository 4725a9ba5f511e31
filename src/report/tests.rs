//! What is written does not depend on how the work is divided.

use arrow_array::{Int32Array, StringArray};
use proptest::prelude::*;

use super::csv::Cells;
use super::{Report, csv, json, parquet};
use crate::evaluate::tests::{environment, judged, rules};
use crate::rules::RuleSet;
use crate::snapshot::{Column, Environment, Guid};

/// An environment with that many users of all sorts: with and without names, in and out of scope,
/// whose rule passes, fails and is not known.
fn office(number: u128, users: usize) -> Environment {
    let ids = (1..=users as u128).map(|user| Guid(number << 64 | user));
    let names = (0..users).map(|user| (user % 4 != 3).then(|| format!("=Person, \"{user}\"")));
    let modes = (0..users).map(|user| [Some(0), Some(1), Some(4), None, Some(2)][user % 5]);
    let columns = vec![
        ("systemuserid", Column::Id(ids.collect())),
        ("fullname", Column::Text(names.collect::<StringArray>())),
        ("accessmode", Column::Integer(modes.collect::<Int32Array>())),
    ];
    environment(number, vec![("systemuser", columns)])
}

fn own_rules() -> RuleSet {
    rules(
        "",
        &[
            (
                "full-access",
                "check = { field = \"systemuser.accessmode\", is = \"read-write\" }",
            ),
            (
                "named",
                "check = { field = \"systemuser.fullname\", present = true }",
            ),
        ],
    )
}

/// Every output that is drawn in chunks of that size.
fn outputs(rules: &RuleSet, environments: &[Environment], chunk: usize) -> Vec<Vec<u8>> {
    let assessment = judged(rules, environments);
    let report = Report {
        chunk,
        ..Report::new(&assessment)
    };
    let mut outputs = vec![Vec::new(); 4];
    csv::verdicts(&report, Cells::Safe, &mut outputs[0]).expect("a vector takes everything");
    csv::findings(&report, Cells::Raw, &mut outputs[1]).expect("a vector takes everything");
    json::assessment(&report, &mut outputs[2]).expect("a vector takes everything");
    parquet::file("findings.parquet", &report, &mut outputs[3]).expect("a vector takes everything");
    outputs
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_size_of_chunks_gives_the_same_bytes(first in 0..60_usize, second in 0..9_usize, chunk in 1..70_usize) {
        let (rules, environments) = (own_rules(), [office(1, first), office(2, second)]);
        let whole = outputs(&rules, &environments, usize::MAX);
        prop_assert!(outputs(&rules, &environments, chunk) == whole);
        // A header, and a line for everyone.
        let lines = whole[0].split(|byte| *byte == b'\n').count() - 1;
        prop_assert_eq!(lines, 1 + first + second);
    }
}
