//! `$batch` as the vendor's page has it: in order, to the first failure or to the end, at most 1,000.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use dataverse_simulator::{
    Behaviour, Fault, ScriptedFault, Simulator, TenantOptions, Trigger, Violation, generate,
};
use support::{Answer, post};

fn start(behaviour: Behaviour) -> Simulator {
    let tenant = generate(&TenantOptions {
        users: 20,
        ..TenantOptions::default()
    });
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn batch(simulator: &Simulator, requests: &[&str], prefer: &str) -> Answer {
    let mut body = String::new();
    for request in requests {
        body += &format!(
            "--b1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{request} HTTP/1.1\r\n\
             Accept: application/json\r\n\r\n\r\n"
        );
    }
    body += "--b1--\r\n";
    post(
        simulator,
        "/api/data/v9.2/$batch",
        "multipart/mixed; boundary=\"b1\"",
        prefer,
        &body,
    )
}

/// The status lines of the parts, in order.
fn statuses(answer: &Answer) -> Vec<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let lines = text.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.map(|line| line[..3].to_owned()).collect()
}

const WHO: &str = "GET /api/data/v9.2/WhoAmI";
const NOBODY: &str = "GET /api/data/v9.2/systemusers(00000000-0000-0000-0000-000000000001)";
const VERSION: &str = "GET /api/data/v9.2/RetrieveVersion()";

#[test]
fn parts_are_answered_in_order_to_the_end_if_that_is_preferred() {
    let simulator = start(Behaviour::default());
    let answer = batch(&simulator, &[WHO, NOBODY, VERSION], "odata.continue-on-error");
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("multipart/mixed; boundary="))
    );
    assert_eq!(statuses(&answer), ["200", "404", "200"]);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let (who, version) = (text.find("\"UserId\""), text.find("\"Version\""));
    assert!(who.is_some() && who < version);
    let requests = simulator.requests();
    assert_eq!(requests[0].parts, [WHO, NOBODY, VERSION]);
    assert!(requests[0].violations.is_empty());
}

#[test]
fn without_the_preference_the_first_failure_is_the_end() {
    let simulator = start(Behaviour::default());
    let answer = batch(&simulator, &[WHO, NOBODY, VERSION], "");
    assert_eq!(answer.status, 404);
    assert_eq!(statuses(&answer), ["200", "404"]);
}

#[test]
fn a_thousand_is_the_limit() {
    let simulator = start(Behaviour::default());
    assert_eq!(batch(&simulator, &[VERSION; 1000], "").status, 200);
    assert_eq!(batch(&simulator, &[VERSION; 1001], "").status, 400);
    assert_eq!(batch(&simulator, &["nonsense"], "").status, 400);
}

#[test]
fn anything_but_a_get_is_noted() {
    let simulator = start(Behaviour::default());
    let answer = batch(
        &simulator,
        &["DELETE /api/data/v9.2/mailboxes(1)"],
        "odata.continue-on-error",
    );
    assert_eq!(statuses(&answer), ["405"]);
    batch(
        &simulator,
        &["GET /api/data/v9.2/systemusers(azureactivedirectoryobjectid=1)"],
        "",
    );
    batch(&simulator, &["GET /api/data/v9.2/$batch"], "");
    post(
        &simulator,
        "/api/data/v9.2/mailboxes",
        "application/json",
        "",
        "{}",
    );
    let violations: Vec<_> = simulator
        .requests()
        .into_iter()
        .map(|request| request.violations)
        .collect();
    assert_eq!(
        violations,
        [
            vec![Violation::Method],
            vec![Violation::UserByDirectoryObject],
            vec![],
            vec![Violation::Method]
        ]
    );
}

#[test]
fn a_part_can_fail_alone() {
    let part = Trigger::Target("$batch/WhoAmI".to_owned(), 2);
    let simulator = start(Behaviour {
        faults: vec![ScriptedFault::once(part, Fault::Status(500))],
        ..Behaviour::default()
    });
    let answer = batch(&simulator, &[WHO, VERSION, WHO, WHO], "odata.continue-on-error");
    assert_eq!(statuses(&answer), ["200", "200", "500", "200"]);
}
