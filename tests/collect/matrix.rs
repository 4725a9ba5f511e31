//! Every fault at every table: no trace, or a gap that names just that table and no audit that is
//! surer than the one without the fault, or an end that says why. Never a hang.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use clearance::dataverse::auth::GivenToken;
use clearance::dataverse::client::Policy;
use clearance::dataverse::url::EnvironmentUrl;
use clearance::dataverse::{CollectError, Options, collect};
use clearance::snapshot::tables::{Property, TABLES, TableDef};
use dataverse_simulator::{
    Behaviour, Fault, RetryAfter, ScriptedFault, Simulator, Tenant, TenantOptions, Trigger, generate,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::support::{Collection, line, plan};

const PAGE: usize = 7;

pub fn small() -> Tenant {
    static TENANT: LazyLock<Tenant> = LazyLock::new(|| {
        generate(&TenantOptions {
            users: 20,
            ..TenantOptions::default()
        })
    });
    TENANT.clone()
}

pub fn behaviour() -> Behaviour {
    Behaviour {
        page_size_limit: PAGE,
        ..Behaviour::default()
    }
}

pub fn patient() -> Policy {
    Policy {
        attempts: 4,
        first: Duration::from_millis(2),
        longest: Duration::from_millis(10),
        silence: Duration::from_secs(2),
        ..Policy::default()
    }
}

/// Collects, and fails the test if that takes for ever.
pub fn gather(simulator: &Simulator, policy: Policy) -> Result<Collection, CollectError> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    let url = simulator.url();
    let token = GivenToken::new(&SecretString::from(simulator.token().to_owned()), &url).unwrap();
    let options = Options {
        environment: EnvironmentUrl::parse(&url, None).unwrap(),
        token: Arc::new(token),
        concurrency: 8,
        policy,
        observer: Arc::new(()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let collecting =
        async { tokio::time::timeout(Duration::from_secs(120), collect(options, plan(), &target)).await };
    let summary = runtime.block_on(collecting).expect("a collection that ends")?;
    Ok(Collection {
        folder,
        target,
        summary,
    })
}

/// The files of a snapshot, without the times and the port in the manifest.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut bytes = fs::read(entry.path()).unwrap();
        if name == "manifest.json" {
            let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
            manifest["collected"]["started"].take();
            manifest["collected"]["finished"].take();
            manifest["environment"]["url"].take();
            bytes = manifest.to_string().into_bytes();
        }
        files.insert(name, bytes);
    }
    files
}

/// The collection that nothing disturbed, its files, and what an audit says of it.
pub struct Whole {
    pub collection: Collection,
    pub files: BTreeMap<String, Vec<u8>>,
    said: Said,
    /// Requests for each entity set.
    requests: BTreeMap<String, u64>,
}

pub fn whole() -> &'static Whole {
    static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
        let simulator = Simulator::start_blocking(small(), behaviour()).unwrap();
        let collection = gather(&simulator, patient()).unwrap();
        assert_eq!(collection.gaps(), []);
        let mut requests = BTreeMap::new();
        for request in simulator.requests() {
            *requests.entry(request.target).or_insert(0) += 1;
        }
        Whole {
            files: files(&collection.target),
            said: audit(&collection.target),
            collection,
            requests,
        }
    });
    &WHOLE
}

/// What an audit is sure of.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    ready: BTreeSet<String>,
    /// Users and the rules that they fail.
    fails: BTreeSet<(String, String)>,
}

fn audit(snapshot: &Path) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let (verdicts, findings) = (folder.path().join("v.csv"), folder.path().join("f.csv"));
    let ran = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .current_dir(folder.path())
        .env("SOURCE_DATE_EPOCH", "1795420800")
        .arg("audit")
        .arg(snapshot)
        .arg("--csv")
        .arg(&verdicts)
        .arg("--findings-csv")
        .arg(&findings)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let rows = |path: &Path| -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(path).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    };
    let ready = rows(&verdicts).into_iter();
    let fails = rows(&findings).into_iter();
    Said {
        ready: ready
            .filter(|row| row["verdict"] == "ready")
            .map(|row| row["user_id"].clone())
            .collect(),
        fails: fails
            .filter(|row| row["outcome"] == "fail")
            .map(|row| (row["user_id"].clone(), row["rule"].clone()))
            .collect(),
    }
}

/// The request of a table at which a fault hits: the second, where there are two.
pub fn nth(table: &TableDef) -> u64 {
    whole().requests[table.entity_set].min(2)
}

pub fn has_pages(table: &TableDef) -> bool {
    whole().collection.summary.manifest.tables[table.name].rows > PAGE as u64
}

pub fn scripted(table: &TableDef, first: u64, times: u64, what: Fault) -> Behaviour {
    Behaviour {
        faults: vec![ScriptedFault {
            when: Trigger::Target(table.entity_set.to_owned(), first),
            times,
            what,
        }],
        ..behaviour()
    }
}

/// Runs a test for every table, some at once: much of their time is waiting.
pub fn every_table(test: impl Fn(&'static TableDef) + Sync) {
    let whole = whole();
    assert_eq!(whole.files.len(), TABLES.len() + 1, "every table is there");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(table) = TABLES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    test(table);
                }
            });
        }
    });
}

fn leaves_no_trace(faults: &[Fault]) {
    every_table(|table| {
        for fault in faults {
            let context = format!("{} {fault:?}", table.name);
            let simulator =
                Simulator::start_blocking(small(), scripted(table, nth(table), 2, fault.clone())).unwrap();
            let collection =
                gather(&simulator, patient()).unwrap_or_else(|error| panic!("{context}: {error}"));
            assert_eq!(collection.gaps(), [], "{context}");
            assert!(files(&collection.target) == whole().files, "{context}");
            assert!(collection.summary.traffic.retries >= 2, "{context}");
        }
    });
}

#[test]
fn the_service_asks_to_wait() {
    let throttle = |status, retry_after| Fault::Throttle { status, retry_after };
    leaves_no_trace(&[
        throttle(429, RetryAfter::Text("0.05".to_owned())),
        throttle(503, RetryAfter::Text("0.05".to_owned())),
        throttle(429, RetryAfter::Date(1)),
        throttle(429, RetryAfter::Absent),
        throttle(503, RetryAfter::Absent),
        throttle(429, RetryAfter::Text("soon".to_owned())),
    ]);
}

#[test]
fn the_service_fails_for_a_while() {
    leaves_no_trace(&[Fault::Status(500), Fault::Status(502), Fault::Status(504)]);
}

#[test]
fn the_connection_breaks() {
    leaves_no_trace(&[Fault::Reset, Fault::Truncate]);
}

#[test]
fn the_answer_is_not_what_was_asked_for() {
    leaves_no_trace(&[
        Fault::MalformedJson,
        Fault::Content(String::new()),
        Fault::Content("null".to_owned()),
        Fault::Content(r#"{"value":{}}"#.to_owned()),
        Fault::Content(r#"{"error":{"code":"","message":"x"}}"#.to_owned()),
    ]);
}

#[test]
fn the_service_is_silent() {
    every_table(|table| {
        let behaviour = scripted(table, nth(table), 1, Fault::Delay(Duration::from_secs(6)));
        let simulator = Simulator::start_blocking(small(), behaviour).unwrap();
        let collection = gather(&simulator, patient()).unwrap();
        assert_eq!(collection.gaps(), [], "{}", table.name);
        assert!(files(&collection.target) == whole().files, "{}", table.name);
        assert!(collection.summary.traffic.retries >= 1, "{}", table.name);
    });
}

#[test]
fn the_service_forgets_where_it_was() {
    every_table(|table| {
        for status in [400, 404, 410] {
            if !has_pages(table) {
                continue;
            }
            let once = scripted(table, 2, 1, Fault::PageTokenExpired(status));
            let simulator = Simulator::start_blocking(small(), once).unwrap();
            let collection = gather(&simulator, patient()).unwrap();
            assert_eq!(collection.gaps(), [], "{} {status}", table.name);
            assert!(
                files(&collection.target) == whole().files,
                "{} {status}",
                table.name
            );
        }
    });
}

/// The fault ends in gaps of this table alone, the rest is as ever, and no audit is surer for it.
/// Answers the gap.
fn leaves_a_gap(table: &'static TableDef, behaviour: Behaviour) -> Option<(Collection, String)> {
    let simulator = Simulator::start_blocking(small(), behaviour).unwrap();
    let collection = match gather(&simulator, patient()) {
        Ok(collection) => collection,
        Err(error) => {
            // Without users there is nothing to say.
            let text = error.to_string();
            assert_eq!(table.name, "systemuser", "{text}");
            assert!(
                text.starts_with(&format!("the users of {} cannot be read: ", simulator.url())),
                "{text}"
            );
            let named = text.contains(": GET /api/data/v9.2/systemusers?$select=");
            assert!(named || text.contains("access is denied (prvReadUser)"), "{text}");
            return None;
        }
    };
    let whole = whole();
    // Which privileges there are decides which of `roleprivileges` are asked for.
    let concerned =
        |name: &str| name == table.name || (table.name == "privilege" && name == "roleprivileges");
    let lines: Vec<String> = collection.gaps().iter().map(line).collect();
    assert!(!lines.is_empty(), "{}: no gap", table.name);
    assert!(
        collection.gaps().iter().all(|gap| concerned(&gap.table)),
        "{}: {lines:?}",
        table.name
    );
    let manifest = &collection.summary.manifest;
    for other in TABLES.iter().filter(|other| !concerned(other.name)) {
        assert!(manifest.is_complete(other.name), "{}", other.name);
        assert_eq!(
            manifest.tables[other.name], whole.collection.summary.manifest.tables[other.name],
            "{} after a fault of {}",
            other.name, table.name
        );
    }
    let said = audit(&collection.target);
    let surer: Vec<_> = said.ready.difference(&whole.said.ready).collect();
    assert!(surer.is_empty(), "{}: ready only now: {surer:?}", table.name);
    let surer: Vec<_> = said.fails.difference(&whole.said.fails).collect();
    assert!(surer.is_empty(), "{}: fails only now: {surer:?}", table.name);
    let gap = lines[0].clone();
    Some((collection, gap))
}

/// As [`leaves_a_gap`], of a table that is not there whole.
pub fn is_incomplete(table: &'static TableDef, behaviour: Behaviour) -> Option<String> {
    let (collection, gap) = leaves_a_gap(table, behaviour)?;
    let manifest = &collection.summary.manifest;
    assert!(!manifest.is_complete(table.name), "{gap}");
    Some(gap)
}

#[test]
fn links_that_lead_nowhere() {
    every_table(|table| {
        let same = scripted(table, nth(table), 1, Fault::SameNextLink);
        let gap = is_incomplete(table, same).expect("a gap");
        let set = table.entity_set;
        let start = format!(
            "{}.* Failed: GET {set}: the link to the next page was followed before: ",
            table.name
        );
        assert!(gap.starts_with(&start), "{gap}");
        let foreign = Fault::NextLink("https://evil.example/api/data/v9.2/x".to_owned());
        assert_eq!(
            is_incomplete(table, scripted(table, nth(table), 1, foreign)).expect("a gap"),
            format!(
                "{}.* Failed: GET {set}: the link to the next page leads to another server, evil.example",
                table.name
            )
        );
    });
}

#[test]
fn pages_that_go_backwards() {
    every_table(|table| {
        if has_pages(table) {
            // The caller's own record is asked for first.
            let second = if table.name == "systemuser" { 3 } else { 2 };
            let behaviour = scripted(table, second, 1, Fault::FirstPageAgain);
            let gap = is_incomplete(table, behaviour).expect("a gap");
            let start = format!(
                "{}.* Failed: GET /api/data/v9.2/{}?$select=",
                table.name, table.entity_set
            );
            assert!(gap.starts_with(&start), "{gap}");
            assert!(
                gap.ends_with(": the page has only rows that earlier pages had: the server goes backwards"),
                "{gap}"
            );
        }
    });
}

#[test]
fn faults_that_do_not_pass() {
    every_table(|table| {
        for (fault, cause) in [
            (
                Fault::Status(500),
                "the server answered 500 (0x80040216): An unexpected error occurred.",
            ),
            (Fault::MalformedJson, "the answer is malformed: "),
            (Fault::WebPage, "it answered with a web page"),
            (
                Fault::Throttle {
                    status: 429,
                    retry_after: RetryAfter::Seconds(86_400),
                },
                "the service asks to wait 86400 s more; with 0 s of waiting so far that is more than the 3600 s of --max-wait",
            ),
        ] {
            let behaviour = scripted(table, nth(table), u64::MAX, fault);
            if let Some(gap) = is_incomplete(table, behaviour) {
                let start = format!(
                    "{}.* Failed: GET /api/data/v9.2/{}?$select=",
                    table.name, table.entity_set
                );
                assert!(gap.starts_with(&start), "{gap}");
                assert!(gap.contains(cause), "{gap}");
            }
        }
        if has_pages(table) {
            let behaviour = scripted(table, 2, u64::MAX, Fault::PageTokenExpired(400));
            let gap = is_incomplete(table, behaviour).expect("a gap");
            assert!(
                gap.ends_with(": the server answered 400 (0x80040203): The paging cookie has expired."),
                "{gap}"
            );
        }
    });
}

#[test]
fn tables_that_are_forbidden() {
    every_table(|table| {
        let behaviour = Behaviour {
            forbidden_tables: vec![table.name.to_owned()],
            ..behaviour()
        };
        if let Some(gap) = is_incomplete(table, behaviour) {
            assert!(gap.starts_with(&format!("{}.* Forbidden: ", table.name)), "{gap}");
        }
    });
}

#[test]
fn columns_that_are_not_there() {
    every_table(|table| {
        let is_own = |name: &&str| !table.sorted_by.contains(name);
        let plain = table
            .columns
            .iter()
            .filter(|column| column.property == Property::Plain);
        // These are asked for by that column: without it there is no table.
        let asked_by = [("privilege", "name"), ("tracelog", "level")];
        let is_own = |name: &&str| is_own(name) && !asked_by.contains(&(table.name, *name));
        let Some(column) = plain.map(|column| column.name).find(is_own) else {
            return; // A table of nothing but keys.
        };
        let behaviour = Behaviour {
            omit_columns: vec![(table.name.to_owned(), column.to_owned())],
            ..behaviour()
        };
        let (collection, gap) = leaves_a_gap(table, behaviour).expect("a snapshot");
        assert_eq!(
            gap,
            format!(
                "{}.{column} NotFound: the environment has no property `{column}` there",
                table.name
            )
        );
        assert!(collection.summary.manifest.is_complete(table.name));
    });
}

#[test]
fn records_that_cannot_be_decoded() {
    every_table(|table| {
        let key = table.sorted_by[0];
        for (value, what) in [
            (Some(Value::Null), "null, though it tells rows apart"),
            (Some(json!(7)), "a number where a GUID belongs"),
            (Some(json!({"a": 1})), "an object where a GUID belongs"),
            (None, "missing, though it tells rows apart"),
        ] {
            let fault = Fault::Field {
                record: 0,
                name: match table.column(key).map(|column| column.property) {
                    Some(Property::Lookup) => format!("_{key}_value"),
                    _ => key.to_owned(),
                },
                value,
            };
            let behaviour = scripted(table, nth(table), 1, fault);
            let (collection, gap) = leaves_a_gap(table, behaviour).expect("a snapshot");
            assert_eq!(
                gap,
                format!(
                    "{}.* Failed: 1 record could not be read: record 1 of its page: column `{key}`: {what}",
                    table.name
                )
            );
            let manifest = &collection.summary.manifest;
            assert!(!manifest.is_complete(table.name), "{gap}");
            let all = whole().collection.summary.manifest.tables[table.name].rows;
            let kept = manifest.tables.get(table.name).map_or(0, |table| table.rows);
            assert_eq!(kept, all - 1, "{gap}");
        }
    });
}

#[test]
fn a_token_that_expires_and_cannot_be_renewed_ends_the_run() {
    every_table(|table| {
        let behaviour = scripted(table, nth(table), 1, Fault::TokenExpired);
        let simulator = Simulator::start_blocking(small(), behaviour).unwrap();
        let error = gather(&simulator, patient()).err().expect("an end");
        let start = format!(
            "{} refused the access token at GET /api/data/v9.2/{}: The access token has expired.\n",
            simulator.url(),
            table.entity_set
        );
        assert!(error.to_string().starts_with(&start), "{error}");
    });
}
