//! What the book as a whole must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::check;
use super::desk::{Desk, text};
use super::documented::{CAUSES, Shown};
use super::file::{self, Answer, Scenario};
use super::privileges::rules;

fn book() -> Vec<(PathBuf, Scenario)> {
    let read = |path: PathBuf| {
        let scenario = file::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        (path, scenario)
    };
    file::all().into_iter().map(read).collect()
}

/// Every documented cause is some scenario's, or is named with the reason why no data show it.
pub fn covers_what_is_documented() {
    let mut shown: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for (path, scenario) in book() {
        for key in &scenario.shows {
            let known = CAUSES.iter().any(|(known, ..)| known == key);
            assert!(
                known,
                "{}: shows `{key}`, which documented.rs does not have",
                path.display()
            );
            shown.entry(key.clone()).or_default().push(scenario.answer);
        }
    }
    let mut keys = BTreeSet::new();
    for (key, message, cause, how) in CAUSES {
        assert!(keys.insert(key), "{key} is there twice");
        let answers = shown.get(*key).map_or(&[][..], Vec::as_slice);
        let as_cause = answers.contains(&Answer::Cause);
        match how {
            Shown::InData => assert!(as_cause, "no scenario shows `{key}` ({message}: {cause})"),
            Shown::Nowhere(reason) => {
                assert!(!reason.is_empty());
                assert!(
                    !as_cause,
                    "`{key}` is said not to be in the data ({reason}), and a scenario shows it"
                );
            }
        }
    }
}

pub fn has_enough_scenarios() {
    let book = book();
    assert!(book.len() >= 40, "{}", book.len());
    let without = book
        .iter()
        .filter(|(_, scenario)| check::has_no_cause(scenario))
        .count();
    assert!(without >= 8, "{without}");
    let titles: BTreeSet<&str> = book.iter().map(|(_, scenario)| scenario.title.as_str()).collect();
    assert_eq!(titles.len(), book.len(), "two scenarios have one title");
}

/// A rule that does not exist is never named, so a wrong id in `not` would say nothing.
pub fn rules_exist() {
    let listed = Desk::new().good(["rules", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
    let known: BTreeSet<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|rule| text(rule, "id"))
        .collect();
    for (path, scenario) in book() {
        let expect = &scenario.expect;
        for names in [&expect.cause, &expect.with, &expect.unknown, &expect.not] {
            for rule in rules(names) {
                assert!(known.contains(rule), "{}: no rule `{rule}`", path.display());
            }
        }
        let both: Vec<_> = rules(&expect.cause)
            .intersection(&rules(&expect.not))
            .copied()
            .collect();
        assert!(
            both.is_empty(),
            "{}: right and wrong at once: {both:?}",
            path.display()
        );
    }
}
