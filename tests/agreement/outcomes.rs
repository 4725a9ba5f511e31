//! Every rule is proved: seen to pass, to fail, to be unknown and not to apply.

use std::collections::{BTreeMap, BTreeSet};

use crate::oracle::Outcome::{self, Fail, NotApplicable, Pass, Unknown};

/// Which outcomes of each rule program and oracle agreed about.
pub type Seen = BTreeMap<&'static str, BTreeSet<Outcome>>;

/// Outcomes that rules cannot have, by the catalogue and `design.md` §5, and why; whatever else is not
/// seen is a hole in the cases.
const CANNOT_BE: [(&[&str], &[Outcome], &str); 5] = [
    (
        &[
            "app-role-exists",
            "environment-build-ships-app-role",
            "mailbox-exists",
            "server-side-sync-processes-email",
            "user-access-mode-read-write",
            "user-enabled",
            "user-has-a-role",
        ],
        &[NotApplicable],
        "it always applies",
    ),
    (
        &["exchange-web-services-retirement"],
        &[Pass],
        "a dated notice never passes",
    ),
    (
        &["region-supported"],
        &[Unknown],
        "no region passes, and where an environment runs is always known",
    ),
    (
        &["access-model-disagrees"],
        &[Unknown],
        "whom the server was asked about is known, and what the model does not know is no disagreement",
    ),
    (
        &["group-team-membership-unseen"],
        &[NotApplicable],
        "it is about everyone",
    ),
];

fn cannot_be(rule: &str, outcome: Outcome) -> Option<&'static str> {
    CANNOT_BE
        .iter()
        .find(|(rules, outcomes, _)| rules.contains(&rule) && outcomes.contains(&outcome))
        .map(|(.., why)| *why)
}

/// What is wrong: rules of the program that the oracle does not judge, rules that the program does not
/// have, outcomes that no case came to, and outcomes that should be impossible and are not.
pub fn holes(rules: &[String], seen: &Seen) -> Vec<String> {
    let mut holes = Vec::new();
    for rule in rules {
        let Some(outcomes) = seen.get(rule.as_str()) else {
            holes.push(format!(
                "{rule}: the oracle does not know this rule; write it into tests/oracle/rules.rs"
            ));
            continue;
        };
        for outcome in [Pass, Fail, Unknown, NotApplicable] {
            let word = outcome.word();
            match (outcomes.contains(&outcome), cannot_be(rule, outcome)) {
                (false, None) => holes.push(format!("{rule}: no case in which it is {word}")),
                (true, Some(why)) => holes.push(format!("{rule}: {word}, which it cannot be: {why}")),
                _ => {}
            }
        }
    }
    let unknown = seen
        .keys()
        .filter(|rule| !rules.iter().any(|known| known == *rule));
    holes.extend(
        unknown.map(|rule| format!("{rule}: the oracle judges it, and the program does not have it")),
    );
    holes
}

#[test]
fn a_rule_without_its_cases_is_refused() {
    let rules = ["new-rule", "region-supported", "user-enabled", "user-licensed"].map(str::to_owned);
    let seen = Seen::from([
        ("region-supported", BTreeSet::from([Pass, NotApplicable, Unknown])),
        ("user-enabled", BTreeSet::from([Pass, Fail, Unknown])),
        ("user-licensed", BTreeSet::from([Pass, Fail, NotApplicable])),
        (
            "withdrawn-rule",
            BTreeSet::from([Pass, Fail, Unknown, NotApplicable]),
        ),
    ]);
    assert_eq!(
        holes(&rules, &seen),
        [
            "new-rule: the oracle does not know this rule; write it into tests/oracle/rules.rs",
            "region-supported: no case in which it is fail",
            "region-supported: unknown, which it cannot be: no region passes, and where an environment runs is \
             always known",
            "user-licensed: no case in which it is unknown",
            "withdrawn-rule: the oracle judges it, and the program does not have it",
        ]
    );
}
