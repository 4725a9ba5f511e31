//! One generated audit, judged by the program and by the naive evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clearance::evaluate::{
    Assessment, EnvironmentAssessment, Inputs, Outcome as Judged, Reported, assess, parse_attestations,
    parse_devices,
};
use clearance::rules::{RuleSet, RuleSource, load};
use clearance::snapshot::Environment;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

use crate::naive::{Device, Given, Scene, verdict};
use crate::oracle::Outcome;
use crate::oracle::tables::Row;
use crate::rules::{self, ATTESTED, Rule};
use crate::show;
use crate::world::{environment, world};

/// Rules, and what they are applied to.
#[derive(Clone)]
pub struct Case {
    pub rules: Vec<Rule>,
    pub given: Given,
}

/// Everything at random.
pub fn case() -> impl Strategy<Value = Case> {
    let snapshots = prop_oneof![
        2 => world(0).prop_map(|only| vec![only]),
        1 => (world(0), world(1)).prop_map(|(first, second)| vec![first, second]),
    ];
    let attestation = |id| {
        prop::option::of((any::<bool>(), any::<bool>()))
            .prop_map(move |state| state.map(|(holds, in_force)| (id, holds, in_force)))
    };
    let device = (
        select(
            &[
                "Anna@x.example",
                "bo@x.example ",
                "x@contoso.example",
                "nobody@x.example",
            ][..],
        ),
        select(&["Windows", "Android", "BeOS", ""][..]),
        select(&["Edge", "Chrome", "Mosaic", ""][..]),
        select(&["16.0.9330.2073", "15.0.1", "16", "soon", ""][..]),
        select(&["11", "9.0.1.2", "9", "new", ""][..]),
    )
        .prop_map(|(user, os, browser, outlook, browser_version)| Device {
            user,
            os,
            browser,
            outlook,
            browser_version,
        });
    (
        prop::collection::vec(rules::rule(), 1..8),
        snapshots,
        (attestation(ATTESTED[0]), attestation(ATTESTED[1])),
        prop::option::of(prop::collection::vec(device, 1..5)),
        any::<bool>(),
    )
        .prop_map(
            |(rules, snapshots, attestations, devices, include_disabled)| Case {
                rules,
                given: Given {
                    snapshots,
                    attestations: [attestations.0, attestations.1].into_iter().flatten().collect(),
                    devices,
                    include_disabled,
                },
            },
        )
}

/// Loads the rules; a rule is left without a condition that the program sees can never hold, if indeed it
/// never does.
fn loaded(case: &Case) -> Result<(RuleSet, Vec<Rule>), String> {
    let read = |rules: &[Rule]| {
        load(&[RuleSource {
            name: "generated.toml".to_owned(),
            text: rules::file(rules),
        }])
    };
    let mut rules = case.rules.clone();
    for position in 0..rules.len() {
        let Err(refused) = read(&rules[position..=position]) else {
            continue;
        };
        let refused = refused.to_string();
        let Some(when) = rules[position].when.take() else {
            return Err(format!("refused: {refused}"));
        };
        if refused.matches("error: ").count() != 1 || !refused.contains("`when` can never hold") {
            return Err(format!("refused: {refused}"));
        }
        for number in 0..case.given.snapshots.len() {
            let scene = Scene::new(&case.given, number);
            let users = scene.snapshot.rows("systemuser").iter().map(Some);
            if users.chain([None]).any(|user| scene.may_apply(&when, user)) {
                return Err(format!(
                    "a condition that holds for someone is refused: {refused}"
                ));
            }
        }
    }
    match read(&rules) {
        Ok(set) => Ok((set, rules)),
        Err(refused) => Err(format!("refused: {refused}")),
    }
}

/// All in which program and naive evaluator differ, in words.
pub fn agree(case: &Case) -> Result<(), String> {
    let (set, rules) = loaded(case)?;
    let environments: Vec<Environment> = case.given.snapshots.iter().map(environment).collect();
    let attestations = parse_attestations(&attestations(&case.given)).expect("an attestations file");
    let devices = case.given.devices.as_ref();
    let devices = devices.map(|devices| parse_devices(&inventory(devices)).expect("a device inventory"));
    let inputs = Inputs {
        rules: &set,
        environments: &environments,
        attestations: &attestations,
        waivers: &[],
        devices: devices.as_ref(),
        at: "2026-11-23T09:00:00Z".parse().expect("a moment"),
        include_disabled: case.given.include_disabled,
        include_superseded: false,
        reported: &Reported::All,
    };
    let assessment = assess(&inputs).map_err(|error| error.to_string())?;
    let mut totals = vec![[0; 4]; rules.len()];
    for (number, assessed) in assessment.environments.iter().enumerate() {
        let scene = Scene::new(&case.given, number);
        let users = scene.snapshot.rows("systemuser");
        if assessed.users() != users.len() {
            return Err(format!("{} users, of {}", assessed.users(), users.len()));
        }
        of_environment(&rules, &scene, assessed)?;
        for (position, user) in users.iter().enumerate() {
            let outcomes = of_user(&rules, &scene, assessed, position, user)?;
            if scene.in_scope(user) {
                for (total, (_, outcome)) in totals.iter_mut().zip(outcomes) {
                    total[outcome as usize] += 1;
                }
            }
        }
    }
    of_all(&totals, &assessment)
}

fn attestations(given: &Given) -> String {
    let mut text = String::new();
    for (id, holds, in_force) in &given.attestations {
        let until = if *in_force { "2026-11-23" } else { "2026-11-22" };
        let _ = writeln!(
            text,
            "[[attestation]]\nid = \"{id}\"\nholds = {holds}\nby = \"A. Tester\"\non = 2026-01-01\nuntil = {until}\n\
             statement = \"So it is.\""
        );
    }
    text
}

fn inventory(devices: &[Device]) -> String {
    let mut text = "user,device,os,browser,outlook_version,browser_version\n".to_owned();
    for (number, device) in devices.iter().enumerate() {
        let Device {
            user,
            os,
            browser,
            outlook,
            browser_version,
        } = device;
        let _ = writeln!(
            text,
            "{user},PC-{number},{os},{browser},{outlook},{browser_version}"
        );
    }
    text
}

fn word(outcome: Outcome) -> Judged {
    match outcome {
        Outcome::Pass => Judged::Pass,
        Outcome::Fail => Judged::Fail,
        Outcome::Unknown => Judged::Unknown,
        Outcome::NotApplicable => Judged::NotApplicable,
    }
}

fn is_told(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Unknown)
}

/// One user: every outcome, the verdict, the findings and their evidence.
fn of_user<'r>(
    rules: &'r [Rule],
    scene: &Scene<'_>,
    assessed: &EnvironmentAssessment<'_>,
    position: usize,
    user: &Row,
) -> Result<Vec<(&'r Rule, Outcome)>, String> {
    let differ = |index: usize, what: String| {
        let rule = rules[index].toml(&rules::id(index));
        Err(format!("{what}\n\n{rule}\n{}", show::user(scene, user)))
    };
    let outcomes: Vec<(&Rule, Outcome)> = rules
        .iter()
        .map(|rule| (rule, scene.outcome(rule, rule.of_user.then_some(user))))
        .collect();
    for (index, (_, expected)) in outcomes.iter().enumerate() {
        let got = assessed.outcome(index, position);
        if got != word(*expected) {
            return differ(index, format!("{} expected, {} got", expected.word(), got.name()));
        }
    }
    let in_scope = scene.in_scope(user);
    let expected = if in_scope {
        verdict(&outcomes)
    } else {
        "out-of-scope"
    };
    if assessed.verdict(position).name() != expected {
        let got = assessed.verdict(position).name();
        return differ(0, format!("verdict: {expected} expected, {got} got"));
    }
    let findings = assessed.findings(position);
    for (index, (rule, outcome)) in outcomes.iter().enumerate() {
        let found: Vec<_> = findings.iter().filter(|finding| finding.index == index).collect();
        let expected = usize::from(in_scope && rule.of_user && is_told(*outcome));
        if found.len() != expected {
            return differ(
                index,
                format!("{expected} findings expected, {} got", found.len()),
            );
        }
        let Some(finding) = found.first() else { continue };
        if finding.outcome != word(*outcome) || finding.expected.is_empty() || finding.cause.is_empty() {
            return differ(index, format!("no such finding: {finding:?}"));
        }
        let mut facts = Vec::new();
        if *outcome == Outcome::Fail {
            scene.deciding(&rule.check, Some(user), &mut facts);
        }
        for fact in facts {
            if !finding.observed.contains(&format!("`{}`", fact.name)) {
                return differ(
                    index,
                    format!("the finding does not show `{}`: {}", fact.name, finding.observed),
                );
            }
        }
    }
    let row = assessed.row(position);
    let count = |severity: &str, outcome: Outcome| {
        let own = outcomes.iter().filter(|(rule, _)| in_scope && rule.of_user);
        own.filter(|(rule, own)| *own == outcome && rules::SEVERITIES[rule.severity].starts_with(severity))
            .count() as u32
    };
    let expected = [
        count("blocks", Outcome::Fail),
        count("limits", Outcome::Fail),
        count("", Outcome::Unknown),
    ];
    if [row.blocking, row.limiting, row.unknown] != expected {
        return differ(0, format!("counts {expected:?} expected of {row:?}"));
    }
    Ok(outcomes)
}

/// The environment's own findings: its rules, and the required privileges that it does not have.
fn of_environment(
    rules: &[Rule],
    scene: &Scene<'_>,
    assessed: &EnvironmentAssessment<'_>,
) -> Result<(), String> {
    let findings = assessed.environment_findings();
    for (index, rule) in rules.iter().enumerate() {
        let found: Vec<_> = findings.iter().filter(|finding| finding.index == index).collect();
        let outcome = match rule.of_user {
            false => Some(scene.outcome(rule, None)).filter(|outcome| is_told(*outcome)),
            true => scene
                .lacks_privilege(&rule.check)
                .then_some(Outcome::NotApplicable),
        };
        let got: Vec<Judged> = found.iter().map(|finding| finding.outcome).collect();
        let expected: Vec<Judged> = outcome.into_iter().map(word).collect();
        if got != expected {
            let rule = rule.toml(&rules::id(index));
            return Err(format!(
                "environment findings {expected:?} expected, {got:?} got\n\n{rule}"
            ));
        }
    }
    Ok(())
}

/// The totals over the users in scope of all environments.
fn of_all(totals: &[[usize; 4]], assessment: &Assessment<'_>) -> Result<(), String> {
    for (index, (expected, count)) in totals.iter().zip(assessment.rule_counts()).enumerate() {
        let got = [count.pass, count.fail, count.unknown, count.not_applicable];
        if got != *expected || count.waived != 0 {
            return Err(format!(
                "{}: counts {expected:?} expected, {count:?} got",
                rules::id(index)
            ));
        }
    }
    Ok(())
}

/// What is never generated cannot differ: every operator must have been true, false and unknown of some
/// user, and every outcome and verdict have come up.
#[test]
fn the_generator_reaches_everything() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for _ in 0..600 {
        let case = case().new_tree(&mut runner).expect("a case").current();
        for number in 0..case.given.snapshots.len() {
            let scene = Scene::new(&case.given, number);
            for user in scene.snapshot.rows("systemuser") {
                let of = |rule: &Rule| scene.outcome(rule, rule.of_user.then_some(user));
                let outcomes: Vec<(&Rule, Outcome)> =
                    case.rules.iter().map(|rule| (rule, of(rule))).collect();
                if scene.in_scope(user) {
                    let verdict = verdict(&outcomes).to_owned();
                    seen.entry("verdict".to_owned()).or_default().insert(verdict);
                }
                for (rule, outcome) in outcomes {
                    let scope = if rule.of_user { "user" } else { "environment" };
                    seen.entry(scope.to_owned())
                        .or_default()
                        .insert(outcome.word().to_owned());
                    let user = rule.of_user.then_some(user);
                    for check in rule.when.iter().chain([&rule.check]) {
                        scene.operators(check, user, &mut |operator, holds| {
                            seen.entry(operator.to_owned())
                                .or_default()
                                .insert(format!("{holds:?}"));
                        });
                    }
                }
            }
        }
    }
    let words =
        |words: &[&str]| -> BTreeSet<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let all = words(&["True", "False", "Unknown"]);
    let mut expected: BTreeMap<String, BTreeSet<String>> = crate::rules::OPERATORS
        .into_iter()
        .map(|operator| (operator.to_owned(), all.clone()))
        .collect();
    let outcomes = words(&["pass", "fail", "unknown", "not-applicable"]);
    expected.insert("never".to_owned(), words(&["False"]));
    expected.insert("user".to_owned(), outcomes.clone());
    expected.insert("environment".to_owned(), outcomes);
    expected.insert(
        "verdict".to_owned(),
        words(&["ready", "limited", "blocked", "unknown"]),
    );
    assert_eq!(seen, expected);
}
