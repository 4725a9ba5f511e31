//! Scripted faults and service protection.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use std::time::Duration;

use dataverse_simulator::{
    Behaviour, Fault, RetryAfter, ScriptedFault, ServiceProtection, Simulator, TenantOptions, Trigger,
    generate,
};
use support::{get, get_preferring, next_target, send};

fn start(behaviour: Behaviour) -> Simulator {
    let tenant = generate(&TenantOptions {
        users: 20,
        ..TenantOptions::default()
    });
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn scripted(faults: Vec<ScriptedFault>) -> Simulator {
    start(Behaviour {
        faults,
        ..Behaviour::default()
    })
}

#[test]
fn throttling_happens_when_scripted_and_ends() {
    let what = Fault::Throttle {
        status: 429,
        retry_after: RetryAfter::Seconds(3),
    };
    let simulator = scripted(vec![ScriptedFault {
        when: Trigger::Target("mailboxes".to_owned(), 2),
        times: 2,
        what,
    }]);
    let statuses: Vec<u16> = (0..4)
        .map(|_| get(&simulator, "mailboxes?$top=1").status)
        .collect();
    assert_eq!(statuses, [200, 429, 429, 200]);
    assert_eq!(get(&simulator, "queues?$top=1").status, 200);
    assert_eq!(simulator.stats().by_status[&429], 2);
}

#[test]
fn every_nth_request_can_fail_as_often_as_said() {
    let simulator = scripted(vec![ScriptedFault {
        when: Trigger::Every(3),
        times: 2,
        what: Fault::Status(500),
    }]);
    // Whatever they are for.
    let statuses: Vec<u16> = ["mailboxes", "queues", "WhoAmI"]
        .into_iter()
        .cycle()
        .take(10)
        .map(|resource| get(&simulator, resource).status)
        .collect();
    assert_eq!(statuses, [200, 200, 500, 200, 200, 500, 200, 200, 200, 200]);
}

#[test]
fn retry_after_may_be_a_date_or_absent() {
    let throttle = |retry_after| Fault::Throttle {
        status: 503,
        retry_after,
    };
    let simulator = scripted(vec![
        ScriptedFault::once(Trigger::Request(1), throttle(RetryAfter::Date(60))),
        ScriptedFault::once(Trigger::Request(2), throttle(RetryAfter::Absent)),
    ]);
    let date = get(&simulator, "WhoAmI");
    assert_eq!(date.status, 503);
    assert!(
        date.header("retry-after")
            .is_some_and(|text| text.ends_with(" GMT") && text.contains(", "))
    );
    assert_eq!(get(&simulator, "WhoAmI").header("retry-after"), None);
}

#[test]
fn answers_break_in_every_scripted_way() {
    let faults = [
        Fault::Reset,
        Fault::Truncate,
        Fault::MalformedJson,
        Fault::Status(502),
        Fault::TokenExpired,
    ];
    let simulator = scripted(
        (1..)
            .zip(faults)
            .map(|(number, what)| ScriptedFault::once(Trigger::Request(number), what))
            .collect(),
    );
    let signed = [("Authorization", "Bearer simulated")];
    let ask = || send(&simulator, "GET", "/api/data/v9.2/systemusers", &signed);
    assert!(ask().is_err(), "reset");
    assert!(ask().is_err(), "truncated");
    let malformed = ask().expect("an answer");
    assert_eq!(malformed.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&malformed.body).is_err());
    let gateway = ask().expect("an answer");
    assert_eq!(
        (gateway.status, gateway.header("content-type")),
        (502, Some("text/html"))
    );
    assert_eq!(ask().expect("an answer").status, 401);
    assert_eq!(ask().expect("an answer").status, 200);
    let statuses: Vec<u16> = simulator
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [0, 200, 200, 502, 401, 200]);
}

#[test]
fn next_links_can_lead_astray() {
    let simulator = scripted(vec![
        ScriptedFault::once(Trigger::Request(2), Fault::SameNextLink),
        ScriptedFault::once(
            Trigger::Request(3),
            Fault::NextLink("https://elsewhere.example/x".to_owned()),
        ),
    ]);
    let page = || get_preferring(&simulator, "systemusers?$select=fullname", "odata.maxpagesize=5");
    let honest = next_target(&page()).expect("a next link");
    assert!(honest.contains("skiptoken"));
    assert_eq!(
        next_target(&page()).as_deref(),
        Some("/api/data/v9.2/systemusers?$select=fullname")
    );
    assert_eq!(page().json()["@odata.nextLink"], "https://elsewhere.example/x");
}

#[test]
fn the_request_limit_holds_and_pressing_on_lengthens_the_wait() {
    let limits = ServiceProtection {
        requests: 3,
        ..ServiceProtection::default()
    };
    let simulator = start(Behaviour {
        service_protection: Some(limits),
        ..Behaviour::default()
    });
    for left in [2, 1, 0] {
        let answer = get(&simulator, "WhoAmI");
        let header = answer.header("x-ms-ratelimit-burst-remaining-xrm-requests");
        assert_eq!(header, Some(left.to_string().as_str()));
    }
    let wait = || {
        let answer = get(&simulator, "WhoAmI");
        assert_eq!((answer.status, answer.code().as_str()), (429, "0x80072322"));
        answer
            .header("retry-after")
            .and_then(|text| text.parse::<u64>().ok())
            .expect("seconds")
    };
    let (first, _) = (wait(), wait());
    assert!((290..=300).contains(&first));
    assert!(wait() > first);
}

#[test]
fn too_many_requests_at_once_are_refused() {
    let limits = ServiceProtection {
        concurrent: 2,
        ..ServiceProtection::default()
    };
    let behaviour = Behaviour {
        service_protection: Some(limits),
        latency: Duration::from_millis(400),
        ..Behaviour::default()
    };
    let simulator = start(behaviour);
    let answers: Vec<(u16, Option<String>)> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| get(&simulator, "RetrieveVersion()")))
            .collect();
        asked
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .map(|answer| (answer.status, (answer.status == 429).then(|| answer.code())))
            .collect()
    });
    let refused: Vec<_> = answers.iter().filter_map(|(_, code)| code.as_deref()).collect();
    assert_eq!(refused, ["0x80072326"; 4]);
    assert_eq!(get(&simulator, "WhoAmI").status, 200);
}
