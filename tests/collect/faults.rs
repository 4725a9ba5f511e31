//! Passing troubles leave no trace in the snapshot.

use std::time::{Duration, Instant};

use dataverse_simulator::{Behaviour, Fault, RetryAfter, ScriptedFault, Trigger};

use super::support::*;

fn with(when: Trigger, what: Fault) -> Behaviour {
    Behaviour {
        page_size_limit: 60,
        faults: vec![ScriptedFault::once(when, what)],
        ..Behaviour::default()
    }
}

#[test]
fn passing_faults_leave_no_trace() {
    let whole = collect_from(&start(tenant(), Behaviour::default())).sums();
    for fault in [
        Fault::Reset,
        Fault::Truncate,
        Fault::MalformedJson,
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(504),
        Fault::Throttle {
            status: 429,
            retry_after: RetryAfter::Absent,
        },
        Fault::Throttle {
            status: 503,
            retry_after: RetryAfter::Text("soon".to_owned()),
        },
    ] {
        for target in ["mailboxes", "systemuserrolescollection"] {
            let when = Trigger::Target(target.to_owned(), 2);
            let collection = collect_from(&start(tenant(), with(when, fault.clone())));
            assert_eq!(collection.sums(), whole, "{target} {fault:?}");
            assert_eq!(collection.gaps(), [], "{target} {fault:?}");
            assert!(collection.summary.traffic.retries >= 1, "{target} {fault:?}");
        }
    }
}

#[test]
fn the_server_is_obeyed_when_it_asks_to_wait() {
    for (retry_after, least) in [(RetryAfter::Seconds(1), 1000), (RetryAfter::Date(3), 1500)] {
        let throttle = Fault::Throttle {
            status: 429,
            retry_after,
        };
        let simulator = start(
            tenant(),
            with(Trigger::Target("mailboxes".to_owned(), 2), throttle),
        );
        let started = Instant::now();
        let collection = collect_from(&simulator);
        assert!(started.elapsed() >= Duration::from_millis(least));
        assert!(collection.summary.traffic.waited >= Duration::from_millis(least));
        assert_eq!(collection.summary.traffic.retries, 1);
        assert_eq!(simulator.stats().by_status[&429], 1);
        assert_eq!(collection.gaps(), []);
    }
}

#[test]
fn a_server_that_keeps_asking_is_given_up() {
    let throttle = Fault::Throttle {
        status: 429,
        retry_after: RetryAfter::Seconds(86_400),
    };
    let simulator = start(
        tenant(),
        with(Trigger::Target("mailboxes".to_owned(), 1), throttle),
    );
    let collection = collect_from(&simulator);
    let gap = line(&collection.gaps()[0]);
    assert!(gap.starts_with("mailbox.* Failed: "), "{gap}");
    assert!(
        gap.ends_with(": the service asks to wait 86400 s more; with 0 s of waiting so far that is more than the 3600 s of --max-wait"),
        "{gap}"
    );
}

#[test]
fn a_server_that_says_now_and_never_means_it_is_given_up() {
    for retry_after in [RetryAfter::Seconds(0), RetryAfter::Date(-60)] {
        let behaviour = Behaviour {
            faults: vec![ScriptedFault {
                when: Trigger::Target("mailboxes".to_owned(), 1),
                times: u64::MAX,
                what: Fault::Throttle {
                    status: 429,
                    retry_after,
                },
            }],
            ..Behaviour::default()
        };
        let simulator = start(tenant(), behaviour);
        let collection = collect_from(&simulator);
        assert!(line(&collection.gaps()[0]).contains("the server answered 429"));
        assert_eq!(simulator.stats().by_target["mailboxes"], 1 + policy().attempts);
    }
}
