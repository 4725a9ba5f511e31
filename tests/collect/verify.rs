//! Batches of questions about access: what is asked again, what is given up, what is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use clearance::dataverse::auth::GivenToken;
use clearance::dataverse::url::EnvironmentUrl;
use clearance::dataverse::{CollectError, Comparing, Extras, Options, Plan, Summary, Verifier, collect_with};
use clearance::snapshot::manifest::Verified;
use clearance::snapshot::{Environment, Guid, Table};
use dataverse_simulator::{
    Behaviour, Fault, Privilege, RetryAfter, ScriptedFault, ServiceProtection, Simulator, Trigger,
};
use secrecy::SecretString;
use uuid::Uuid;

use super::support::*;

/// Asks about everybody, and agrees with whatever is answered.
struct Everybody;

impl Verifier for Everybody {
    fn needs(&self) -> BTreeMap<String, BTreeSet<String>> {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BTreeMap::from([
            ("systemuser".to_owned(), columns(&["systemuserid"])),
            ("privilege".to_owned(), columns(&["privilegeid", "name"])),
        ])
    }

    fn whom(&self, collected: &Environment) -> Vec<Guid> {
        let users = collected.table("systemuser").expect("users");
        users.ids("systemuserid").expect("ids").to_vec()
    }

    fn compare<'e>(&'e self, _: &'e Environment) -> Box<dyn Comparing + 'e> {
        Box::new(Counting::default())
    }
}

/// Counts who was answered about.
#[derive(Default)]
struct Counting(Vec<Guid>);

impl Comparing for Counting {
    fn add(&mut self, answers: &Table) {
        self.0.extend(answers.ids("systemuserid").expect("ids"));
    }

    fn finish(mut self: Box<Self>) -> Verified {
        assert!(self.0.is_sorted(), "answers come in the order of their table");
        self.0.dedup();
        let users = self.0.len() as u64;
        Verified { users, agree: users }
    }
}

fn verify(simulator: &Simulator) -> Result<Summary, CollectError> {
    verify_with(simulator, plan())
}

fn verify_with(simulator: &Simulator, plan: Plan) -> Result<Summary, CollectError> {
    let url = simulator.url();
    let token = SecretString::from(simulator.token().to_owned());
    let options = Options {
        environment: EnvironmentUrl::parse(&url, None).unwrap(),
        token: Arc::new(GivenToken::new(&token, &url).unwrap()),
        concurrency: 2,
        policy: policy(),
        observer: Arc::new(()),
    };
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let extras = Extras {
        verifier: Some(Arc::new(Everybody)),
        ..Extras::default()
    };
    runtime.block_on(collect_with(options, plan, extras, &target))
}

fn with(faults: Vec<ScriptedFault>) -> Behaviour {
    Behaviour {
        faults,
        ..Behaviour::default()
    }
}

fn always(target: String, what: Fault) -> ScriptedFault {
    ScriptedFault {
        when: Trigger::Target(target, 1),
        times: u64::MAX,
        what,
    }
}

fn batches(simulator: &Simulator) -> Vec<usize> {
    let requests = simulator.requests();
    let batches = requests.iter().filter(|request| request.target == "$batch");
    batches.map(|request| request.parts.len()).collect()
}

#[test]
fn what_passes_leaves_no_trace() {
    let plain = start(tenant(), Behaviour::default());
    let whole = verify(&plain).unwrap().manifest;
    let users = tenant().users.len();
    assert_eq!(whole.verified.map(|verified| verified.users), Some(users as u64));
    assert!(whole.is_complete("access"));
    let needed = batches(&plain).len();
    assert_eq!(needed, users.div_ceil(100));
    for fault in [
        Fault::Reset,
        Fault::Truncate,
        Fault::MalformedJson,
        Fault::Status(502),
        Fault::Throttle {
            status: 429,
            retry_after: RetryAfter::Absent,
        },
    ] {
        let once = ScriptedFault::once(Trigger::Target("$batch".to_owned(), 1), fault.clone());
        let simulator = start(tenant(), with(vec![once]));
        let manifest = verify(&simulator).unwrap().manifest;
        assert_eq!(manifest.tables["access"], whole.tables["access"], "{fault:?}");
        assert_eq!(manifest.gaps, [], "{fault:?}");
        assert_eq!(batches(&simulator).len(), needed + 1, "{fault:?}");
    }
}

#[test]
fn only_the_parts_that_failed_are_asked_again() {
    let users = tenant().users;
    let part = |user: usize| format!("$batch/systemusers({})", users[user].systemuserid);
    let faults = vec![
        ScriptedFault::once(Trigger::Target(part(3), 1), Fault::Status(503)),
        ScriptedFault::once(Trigger::Target(part(150), 1), Fault::MalformedJson),
    ];
    let simulator = start(tenant(), with(faults));
    let summary = verify(&simulator).unwrap();
    assert_eq!(summary.manifest.gaps, []);
    assert_eq!(
        summary.manifest.verified.map(|verified| verified.users),
        Some(users.len() as u64)
    );
    let mut sizes = batches(&simulator);
    assert_eq!(sizes.pop(), Some(2), "the two of them together");
    assert_eq!(sizes.iter().sum::<usize>(), users.len());
}

#[test]
fn parts_that_never_answer_are_given_up_and_named() {
    let mut ids: Vec<String> = tenant().users[..5]
        .iter()
        .map(|user| user.systemuserid.to_string())
        .collect();
    let faults = ids
        .iter()
        .map(|id| always(format!("$batch/systemusers({id})"), Fault::Status(500)))
        .collect();
    let simulator = start(tenant(), with(faults));
    let manifest = verify(&simulator).unwrap().manifest;
    ids.sort();
    let why = "the server answered 500 (0x80040216): An unexpected error occurred.";
    let users = tenant().users.len();
    let told: Vec<String> = manifest.gaps.iter().map(line).collect();
    assert_eq!(
        told,
        [format!(
            "access.* Failed: no answer about 5 of {users} users: {}: {why}; {}: {why}; {}: {why}; and 2 more",
            ids[0], ids[1], ids[2]
        )]
    );
    assert_eq!(
        manifest.verified.map(|verified| verified.users),
        Some(users as u64 - 5)
    );
    assert!(!manifest.is_complete("access"));
    // As often as any other request.
    let again = batches(&simulator).iter().filter(|parts| **parts == 5).count();
    assert_eq!(again, policy().attempts);
}

#[test]
fn a_server_that_takes_no_batches_is_asked_once() {
    let simulator = start(
        tenant(),
        with(vec![always("$batch".to_owned(), Fault::Status(405))]),
    );
    let manifest = verify(&simulator).unwrap().manifest;
    let users = tenant().users.len();
    let [gap] = &manifest.gaps[..] else {
        panic!("{:?}", manifest.gaps)
    };
    assert!(
        gap.detail
            .starts_with(&format!("no answer about {users} of {users} users: ")),
        "{}",
        gap.detail
    );
    assert!(
        gap.detail.contains(
            ": POST /api/data/v9.2/$batch: the server answered 405 (0x80040216): An unexpected error occurred.; "
        ),
        "{}",
        gap.detail
    );
    assert_eq!(manifest.verified, None);
    assert!(!manifest.tables.contains_key("access"));
    assert!(manifest.is_complete("systemuser"));
    // Two may be on their way before the first answer is in.
    assert!(batches(&simulator).len() <= 2);
}

#[test]
fn a_token_that_expires_meanwhile_ends_the_collection() {
    let simulator = start(
        tenant(),
        with(vec![always("$batch".to_owned(), Fault::TokenExpired)]),
    );
    let error = verify(&simulator).expect_err("no collection");
    assert!(
        error
            .to_string()
            .contains(" refused the access token at POST /api/data/v9.2/$batch: "),
        "{error}"
    );
}

/// Names that the environment does not have are not asked for: nobody knows what a server says then.
#[test]
fn only_privileges_that_exist_are_asked_for() {
    let simulator = start(tenant(), Behaviour::default());
    verify(&simulator).unwrap();
    let parts: Vec<String> = simulator
        .requests()
        .into_iter()
        .flat_map(|request| request.parts)
        .collect();
    assert!(parts.iter().all(|part| part.contains("prvReadContact")));
    assert!(!parts.iter().any(|part| part.contains("prvNoSuchThing")));
    assert!(plan().wanted_privileges.contains(&"prvNoSuchThing".to_owned()));
}

/// As many rules as there may ever be: the names do not fit one address, and no limit is touched.
#[test]
fn the_limits_of_addresses_and_batches_are_kept() {
    let mut tenant = tenant();
    let known = tenant.privileges[0].clone();
    let names: Vec<String> = (0..3000)
        .map(|number| format!("prvReadSomethingOfOurOwn{number:04}"))
        .collect();
    tenant
        .privileges
        .extend(names.iter().zip(1u128..).map(|(name, number)| Privilege {
            privilegeid: Uuid::from_u128(0x0b1e_0000 + number),
            name: Some(name.clone()),
            ..known.clone()
        }));
    let users = tenant.users.len();
    let behaviour = Behaviour {
        // One more at once than is allowed would be refused.
        service_protection: Some(ServiceProtection {
            concurrent: 2,
            ..ServiceProtection::default()
        }),
        random_latency: (Duration::from_millis(3), 1),
        parallelism_hint: 52,
        ..Behaviour::default()
    };
    let simulator = start(tenant, behaviour);
    let mut plan = plan();
    plan.wanted_privileges.extend(names.iter().cloned());
    let summary = verify_with(&simulator, plan).unwrap();
    assert_eq!(summary.manifest.gaps, []);
    assert_eq!(
        summary.manifest.verified.map(|verified| verified.users),
        Some(users as u64)
    );
    let statuses = simulator.stats().by_status;
    assert_eq!(statuses.keys().collect::<Vec<_>>(), [&200], "nothing was refused");
    let requests = simulator.requests();
    for request in &requests {
        let address = request.path.len() + 1 + request.query.len();
        assert!(address <= 32_768, "{} characters", address);
        assert!(request.parts.len() <= 1000);
        for part in &request.parts {
            assert!(part.len() <= 65_536, "{} characters", part.len());
        }
    }
    // Everybody was asked about by every name, each once.
    let parts: Vec<&String> = requests.iter().flat_map(|request| &request.parts).collect();
    assert_eq!(parts.len(), 2 * users, "two lists of names");
    for name in [&names[0], &names[2999]] {
        assert_eq!(
            parts.iter().filter(|part| part.contains(name.as_str())).count(),
            users
        );
    }
}
