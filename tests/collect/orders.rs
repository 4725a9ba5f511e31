//! Whatever the service's pages, delays and passing faults: the same snapshot, to the byte. What differs
//! is drawn anew for every collection; a difference is shrunk to the fewest disturbances that show it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use clearance::dataverse::auth::{AccessToken, Later, TokenSource};
use clearance::dataverse::client::Policy;
use clearance::dataverse::progress::{Observer, TableProgress};
use clearance::dataverse::url::EnvironmentUrl;
use clearance::dataverse::{Extras, Options, Summary, collect_with};
use clearance::snapshot::tables::TABLES;
use dataverse_simulator::{
    Behaviour, DEFAULT_TOKEN, Fault, RetryAfter, ScriptedFault, Simulator, Tenant, TenantOptions, Trigger,
    generate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::Notify;

use super::matrix::files;
use super::support::plan;

/// One collection's bad day.
#[derive(Clone, Debug)]
struct Day {
    /// Rows on the pages of a set, one after the other and then from the start again.
    pages: Vec<usize>,
    /// Seed of the order in which rows come.
    rows: Option<u64>,
    /// Milliseconds by which an answer is late at most, and the seed of how late each is.
    delays: (u64, u64),
    /// What goes wrong, and at which request for which set.
    faults: Vec<(&'static str, u64, Fault)>,
    /// Requests at once at most.
    concurrency: usize,
    /// What the service recommends; 0 for nothing.
    hint: u32,
    /// Whether the service tells what the account may read; otherwise its own roles do.
    tells_access: bool,
    /// After so many steps the collection is stopped, and another goes on from what it had finished.
    stop: Option<usize>,
}

/// Everything that a collection asks for.
fn targets() -> Vec<&'static str> {
    let questions = ["WhoAmI", "RetrieveVersion", "EntityDefinitions"];
    questions
        .into_iter()
        .chain(TABLES.iter().map(|table| table.entity_set))
        .collect()
}

fn fault() -> impl Strategy<Value = Fault> {
    let wait = prop_oneof![
        Just(RetryAfter::Absent),
        Just(RetryAfter::Seconds(0)),
        Just(RetryAfter::Text("0.02".to_owned())),
        Just(RetryAfter::Date(-60)),
        Just(RetryAfter::Text("soon".to_owned())),
    ];
    let throttle = (prop_oneof![Just(429), Just(503)], wait)
        .prop_map(|(status, retry_after)| Fault::Throttle { status, retry_after });
    let status = prop_oneof![Just(408), Just(500), Just(502), Just(503), Just(504)].prop_map(Fault::Status);
    let forgotten = prop_oneof![Just(400), Just(404), Just(410)].prop_map(Fault::PageTokenExpired);
    prop_oneof![
        2 => throttle,
        2 => status,
        1 => Just(Fault::Reset),
        1 => Just(Fault::Truncate),
        1 => Just(Fault::MalformedJson),
        1 => Just(Fault::Content(String::new())),
        1 => Just(Fault::TokenExpired),
        3 => forgotten,
    ]
}

fn day() -> impl Strategy<Value = Day> {
    // Pages without a row and of one row as often as others; the last of the list lets every table end soon.
    let page = prop_oneof![Just(0_usize), Just(1), 2..30_usize, 30..500_usize];
    let pages = (vec(page, 0..8), 25..400_usize).prop_map(|(mut pages, last)| {
        pages.push(last);
        pages
    });
    let faults =
        vec((proptest::sample::select(targets()), 1..9_u64, fault()), 0..12).prop_map(|mut faults| {
            // Of a table, the service may forget the place once, and a request may be refused once (README).
            let mut seen = BTreeSet::new();
            faults.retain(|(target, _, fault)| match fault {
                Fault::PageTokenExpired(_) => seen.insert((*target, "forgotten")),
                Fault::TokenExpired => seen.insert((*target, "refused")),
                _ => true,
            });
            faults
        });
    let rows = option::of(any::<u64>());
    let (delays, stop) = ((0..6_u64, any::<u64>()), option::weighted(0.3, 1..150_usize));
    let tells_access = any::<bool>().prop_map(|lacking| !lacking);
    (
        pages,
        rows,
        delays,
        faults,
        1..=52_usize,
        0..60_u32,
        tells_access,
        stop,
    )
        .prop_map(
            |(pages, rows, delays, faults, concurrency, hint, tells_access, stop)| Day {
                pages,
                rows,
                delays,
                faults,
                concurrency,
                hint,
                tells_access,
                stop,
            },
        )
}

fn tenant() -> Tenant {
    static TENANT: LazyLock<Tenant> = LazyLock::new(|| {
        generate(&TenantOptions {
            users: 20,
            ..TenantOptions::default()
        })
    });
    TENANT.clone()
}

/// Gives the same token again where it was refused.
#[derive(Debug)]
struct Renewing;

impl TokenSource for Renewing {
    fn token(&self) -> Later<'_, AccessToken> {
        Box::pin(async { Ok(AccessToken::new(SecretString::from(DEFAULT_TOKEN))) })
    }

    fn renew<'a>(&'a self, _: &'a AccessToken) -> Later<'a, bool> {
        Box::pin(async { Ok(true) })
    }

    fn when_refused(&self, _: &str) -> String {
        "it was refused twice".to_owned()
    }
}

/// Tells when a collection has come so many steps far.
struct Steps {
    left: AtomicUsize,
    over: Notify,
}

impl Observer for Steps {
    fn table(&self, _: TableProgress<'_>) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
    }
}

/// Collects; not at all if it was stopped after so many steps.
fn gather(day: &Day, url: &str, target: &Path, stop: Option<usize>) -> Option<Summary> {
    let steps = Arc::new(Steps {
        left: AtomicUsize::new(stop.unwrap_or(usize::MAX)),
        over: Notify::new(),
    });
    let options = Options {
        environment: EnvironmentUrl::parse(url, None).unwrap(),
        token: Arc::new(Renewing),
        concurrency: day.concurrency,
        // No request is hit by more faults than there are.
        policy: Policy {
            attempts: day.faults.len() + 1,
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
            ..Policy::default()
        },
        observer: Arc::clone(&steps) as Arc<dyn Observer>,
    };
    let extras = Extras {
        resume: day.stop.is_some() && stop.is_none(),
        ..Extras::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::select! {
            summary = collect_with(options, plan(), extras, target) => Some(summary.unwrap()),
            () = steps.over.notified() => None,
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("a collection that does not end"),
        }
    })
}

/// The files of a snapshot without what may differ: times, the port, how many pages there were, and
/// the total that not every server tells.
fn kept(snapshot: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(snapshot);
    let manifest = files.get_mut("manifest.json").expect("a manifest");
    let mut value: Value = serde_json::from_slice(manifest).unwrap();
    for table in value["tables"].as_object_mut().unwrap().values_mut() {
        assert!(table["pages"].take().is_u64());
        table["counted"]["total"].take();
    }
    *manifest = value.to_string().into_bytes();
    files
}

/// The snapshot of a day, and its collection.
fn snapshot_of(day: &Day) -> (BTreeMap<String, Vec<u8>>, Summary) {
    let faults = day.faults.iter();
    let behaviour = Behaviour {
        page_sizes: day.pages.clone(),
        row_order: day.rows,
        random_latency: (Duration::from_millis(day.delays.0), day.delays.1),
        parallelism_hint: day.hint,
        functions_missing: !day.tells_access,
        faults: faults
            .map(|(target, nth, what)| {
                ScriptedFault::once(Trigger::Target((*target).to_owned(), *nth), what.clone())
            })
            .collect(),
        ..Behaviour::default()
    };
    let simulator = Simulator::start_blocking(tenant(), behaviour).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    let url = simulator.url();
    let stopped = day.stop.and_then(|stop| gather(day, &url, &target, Some(stop)));
    let summary = stopped
        .or_else(|| gather(day, &url, &target, None))
        .expect("a collection that nobody stops");
    (kept(&target), summary)
}

/// The snapshot of a day on which nothing happens.
static QUIET: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let (files, summary) = snapshot_of(&Day {
        pages: vec![5000],
        rows: None,
        delays: (0, 0),
        faults: Vec::new(),
        concurrency: 8,
        hint: 0,
        tells_access: true,
        stop: None,
    });
    assert_eq!(
        (summary.traffic.retries, &summary.manifest.gaps[..]),
        (0, &[][..])
    );
    assert_eq!(files.len(), TABLES.len() + 1, "every table is there");
    files
});

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_the_snapshot_is_the_same(day in day()) {
        let (files, summary) = snapshot_of(&day);
        prop_assert_eq!(&summary.manifest.gaps, &[]);
        let other = |name: &&String| files.get(*name) != QUIET.get(*name);
        let differing: Vec<&String> = files.keys().chain(QUIET.keys()).filter(other).collect();
        prop_assert!(differing.is_empty(), "these differ: {differing:?}");
    }
}
