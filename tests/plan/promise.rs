//! After the plan's changes exactly those users are ready whom it names.

use clearance::plan::Options;
use clearance::rules::RuleSet;
use clearance::snapshot::Environment;

use crate::world::{Faults, world};
use crate::{GREEDY, VARIED, count, planned, ready_after, rules, sample};

/// Holds all promises of a plan against what the evaluator says after its changes.
fn keeps(
    name: &str,
    rules: &RuleSet,
    environment: &Environment,
    options: Options,
    every_step: bool,
) -> usize {
    let is_asked = environment.table("access").is_some();
    let (before, plan, changes) = planned(rules, environment, options);
    let all: Vec<_> = changes.concat();
    let after = ready_after(rules, environment, &all);
    for (user, is_ready) in after.iter().enumerate() {
        let was = before[user];
        assert_eq!(
            plan.ready.get(user),
            *is_ready,
            "{name}: user {user}, ready before: {was}"
        );
        // Whom the server was asked about, the tables judge again once a role of theirs changes.
        assert!(
            *is_ready || !was || is_asked,
            "{name}: user {user} is not ready any more"
        );
    }
    assert_eq!(plan.before.ready, count(&before), "{name}");
    assert_eq!(plan.after.ready, count(&after), "{name}");
    assert_eq!(plan.left_users, plan.after.users - plan.after.ready, "{name}");
    let mut gained = count(&before);
    for (step, action) in plan.actions.iter().enumerate() {
        gained += action.newly_ready;
        assert!(
            action.cumulative_ready == gained || is_asked,
            "{name}: {}",
            action.key
        );
        if every_step {
            let until = changes[..=step].concat();
            let ready = count(&ready_after(rules, environment, &until));
            assert_eq!(action.cumulative_ready, ready, "{name}: {}", action.key);
        }
    }
    plan.actions.len()
}

#[test]
fn in_the_sample_environments() {
    let rules = rules();
    for name in ["contoso.snapshot", "fabrikam.snapshot", "northwind.snapshot"] {
        let environment = sample(name, &rules);
        keeps(name, &rules, &environment, Options::default(), true);
        keeps(name, &rules, &environment, VARIED, false);
    }
}

#[test]
fn in_invented_environments() {
    let rules = rules();
    let mut actions = 0;
    for seed in 0..30 {
        let environment = world(seed, &rules, Faults::All);
        let name = format!("world {seed}");
        actions += keeps(&name, &rules, &environment, Options::default(), seed % 5 == 0);
        keeps(&name, &rules, &environment, GREEDY, false);
        keeps(&name, &rules, &environment, VARIED, false);
    }
    assert!(actions > 60, "plans of nothing promise nothing: {actions}");
}
