//! What a collection tells scripts and logs, and how long it waits.

use dataverse_simulator::{
    Behaviour, Fault, RetryAfter, ScriptedFault, Simulator, TenantOptions, Trigger, generate,
};
use serde_json::Value;

use super::desk::{Desk, Ran};
use super::refusals::{all_are_refused, refusal};

fn simulator(behaviour: Behaviour) -> Simulator {
    let tenant = generate(&TenantOptions {
        users: 20,
        ..TenantOptions::default()
    });
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn collect(desk: &Desk, simulator: &Simulator, more: &[&str]) -> Ran {
    let mut command = desk.command(["collect", &simulator.url(), "-o", "a.snapshot"]);
    let command = command.args(more).env("CLEARANCE_TOKEN", simulator.token());
    Ran::from(command.output().unwrap())
}

#[test]
fn a_log_is_one_object_per_line_and_ends_with_the_summary() {
    let (desk, simulator) = (Desk::new(), simulator(Behaviour::default()));
    let ran = collect(&desk, &simulator, &["--log-format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let tables = lines.iter().filter(|line| line["message"] == "table");
    assert_eq!(tables.count(), 15, "one line for each table");
    let summary = lines.last().expect("a summary");
    let manifest = desk.json("a.snapshot/manifest.json");
    assert_eq!(summary["message"], "collected");
    assert_eq!(summary["users"], manifest["tables"]["systemuser"]["rows"]);
    assert_eq!(summary["requests"], simulator.requests().len());
    assert_eq!((&summary["retries"], &summary["gaps"]), (&0.into(), &0.into()));
}

#[test]
fn waiting_for_longer_than_was_said_is_given_up() {
    let behaviour = Behaviour {
        faults: vec![ScriptedFault {
            when: Trigger::Target("mailboxes".to_owned(), 1),
            times: u64::MAX,
            what: Fault::Throttle {
                status: 429,
                retry_after: RetryAfter::Seconds(600),
            },
        }],
        ..Behaviour::default()
    };
    let (desk, simulator) = (Desk::new(), simulator(behaviour));
    let ran = collect(&desk, &simulator, &["--max-wait", "9m"]);
    // The table is a gap, and nobody is called without a mailbox.
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = "the service asks to wait 600 s more; with 0 s of waiting so far that is more than the 540 s of --max-wait";
    assert!(ran.err.contains(said), "{}", ran.err);
    let audited = desk.good(["audit", "a.snapshot", "--csv", "-", "--quiet"]).out;
    assert!(!audited.contains("has no mailbox"), "{audited}");
}

#[test]
fn a_duration_that_is_none() {
    let line = "collect https://contoso.crm4.dynamics.com -o a.snapshot --max-wait";
    let said = |word: &str| {
        format!(
            "error: invalid value '{word}' for '--max-wait <DURATION>': say seconds, or minutes or hours such as 10m or \
             1h\n\nFor more information, try '--help'.\n"
        )
    };
    all_are_refused(
        &Desk::new(),
        ["soon", "10d", ""].map(|word| refusal(line, 2, said(word)).and(word)),
    );
}
