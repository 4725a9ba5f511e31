//! Random edits of the shipped rules: what was done is what is told, there and back.

use std::collections::{BTreeMap, BTreeSet};

use clearance::rules::diff::{Change, Difference, What};
use clearance::rules::{Check, RuleSet, Severity};
use proptest::prelude::*;

use crate::shipped;

/// What is done to a shipped rule to make another version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Keep,
    Drop,
    Severity,
    Title,
    Check,
    Move,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        6 => Just(Edit::Keep),
        1 => Just(Edit::Drop),
        1 => Just(Edit::Severity),
        1 => Just(Edit::Title),
        1 => Just(Edit::Check),
        1 => Just(Edit::Move),
    ];
    prop::collection::vec(edit, shipped().rules.len())
}

fn edited(edits: &[Edit]) -> RuleSet {
    let mut set = shipped();
    let packs = set.packs.len();
    let rules = std::mem::take(&mut set.rules);
    set.rules = rules
        .into_iter()
        .zip(edits)
        .filter(|(_, edit)| **edit != Edit::Drop)
        .map(|(mut rule, edit)| {
            match edit {
                Edit::Severity => {
                    rule.severity = match rule.severity {
                        Severity::Blocks => Severity::Limits,
                        Severity::Limits => Severity::Advises,
                        Severity::Advises => Severity::Blocks,
                    };
                }
                Edit::Title => rule.title.push_str(", really"),
                Edit::Check => {
                    rule.check = Check::Not(Box::new(rule.check));
                    rule.privilege = None;
                }
                Edit::Move => rule.pack = (rule.pack + 1) % packs,
                Edit::Keep | Edit::Drop => {}
            }
            rule
        })
        .collect();
    set
}

/// By id: whether it came, went or changed, and what of it.
type Told = BTreeMap<String, (String, BTreeSet<String>)>;

fn told(difference: &Difference) -> Told {
    let rules = difference.packs.iter().flat_map(|pack| &pack.rules);
    rules
        .map(|rule| {
            let mut what: BTreeSet<String> = rule
                .changes
                .iter()
                .map(|change| match change.what {
                    What::Severity => "severity".to_owned(),
                    What::Passes => "check".to_owned(),
                    other => format!("{other:?}"),
                })
                .collect();
            // That a check is no longer that of an entry `[[privilege]]` changes where it stands, too.
            let wording = rule.wording.iter().filter(|key| !["table", "tab"].contains(*key));
            what.extend(wording.map(|key| (*key).to_owned()));
            what.extend(rule.moved_from.iter().map(|_| "pack".to_owned()));
            (rule.id.clone(), (format!("{:?}", rule.change), what))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_done_to_the_rules_is_what_is_told(before in edits(), after in edits()) {
        let (old, new) = (edited(&before), edited(&after));
        prop_assert!(Difference::between(&old, &old).is_empty());

        let mut expected = Told::new();
        for ((rule, was), is) in shipped().rules.iter().zip(&before).zip(&after) {
            let parts = |edit: Edit| match edit {
                Edit::Severity => Some("severity"),
                Edit::Title => Some("title"),
                Edit::Check => Some("check"),
                Edit::Move => Some("pack"),
                Edit::Keep | Edit::Drop => None,
            };
            let entry = match (was, is) {
                _ if was == is => continue,
                (Edit::Drop, _) => (Change::Added, BTreeSet::new()),
                (_, Edit::Drop) => (Change::Removed, BTreeSet::new()),
                _ => {
                    let parts = [parts(*was), parts(*is)];
                    (Change::Changed, parts.into_iter().flatten().map(str::to_owned).collect())
                }
            };
            expected.insert(rule.id.clone(), (format!("{:?}", entry.0), entry.1));
        }
        let there = Difference::between(&old, &new);
        prop_assert_eq!(told(&there), expected);

        // And back again: what came goes, and what changed changes.
        let back = told(&Difference::between(&new, &old));
        let mirrored: Told = told(&there)
            .into_iter()
            .map(|(id, (change, what))| {
                let change = match change.as_str() {
                    "Added" => "Removed".to_owned(),
                    "Removed" => "Added".to_owned(),
                    _ => change,
                };
                (id, (change, what))
            })
            .collect();
        prop_assert_eq!(back, mirrored);
        prop_assert_eq!(there.is_empty(), before == after);
    }
}
