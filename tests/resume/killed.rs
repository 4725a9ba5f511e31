//! kill -9 at any moment: the collection that goes on gives the same snapshot, and does not ask again
//! for what it has.

use std::fs;
use std::time::{Duration, Instant};

use clearance::snapshot::{Snapshot, tables};
use dataverse_simulator::{Behaviour, TenantOptions, generate};

use super::desk::Desk;
use super::support::*;

/// Processes killed, by each of the workers.
const KILLS: usize = 25;
const WORKERS: u64 = 2;

/// Moments from a seed (splitmix64), as a share of the whole.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What came of one worker's kills: with some tables kept, with none.
fn kill_many(seed: u64) -> (usize, usize) {
    const LATENCY: Duration = Duration::from_millis(10);
    let tenant = generate(&TenantOptions {
        users: 500,
        ..TenantOptions::default()
    });
    let behaviour = Behaviour {
        latency: LATENCY,
        page_size_limit: 60,
        // Gaps of tables that are kept must not be lost; what may not be read is asked for again.
        omit_columns: [("mailbox", "isforwardmailbox"), ("systemuser", "islicensed")]
            .map(|(table, column)| (table.to_owned(), column.to_owned()))
            .into(),
        forbidden_tables: vec!["tracelog".to_owned()],
        // There are more requests within five minutes than the service lets one user send.
        service_protection: None,
        ..Behaviour::default()
    };
    let simulator = start(tenant, behaviour);
    let expected = whole(&simulator, &[]);
    let clock = Instant::now();
    assert!(whole(&simulator, &[]) == expected);
    let takes = clock.elapsed();
    let manifest = String::from_utf8(expected["manifest.json"].clone()).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let gaps: Vec<_> = manifest["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["table"].as_str().unwrap())
        .collect();
    assert_eq!(gaps, ["systemuser", "mailbox", "tracelog"]);
    let mut moments = Moments(seed);
    let (mut with, mut without) = (0, 0);
    let desk = Desk::new();
    for kill_number in 0..KILLS {
        let moment = takes.mul_f64(moments.next());
        let child = spawn(&desk, &simulator, &[]);
        std::thread::sleep(moment);
        kill(child);
        let about = format!("seed {seed}, kill {kill_number} after {moment:?}");
        if desk.path(TARGET).exists() {
            // The one of the round before, or a new one: whole in any case.
            Snapshot::open(&desk.path(TARGET)).unwrap_or_else(|error| panic!("{about}: {error}"));
        }
        let kept = if desk.path(UNFINISHED).join("tables").exists() {
            kept(&desk)
        } else {
            Vec::new()
        };
        *if kept.is_empty() { &mut without } else { &mut with } += 1;
        // What the dead had asked for is still being answered.
        std::thread::sleep(3 * LATENCY);
        simulator.forget_requests();
        let ran = run(&desk, &simulator, &["--resume"]);
        assert_eq!(ran.code, 0, "{about}: {}", ran.err);
        assert!(snapshot(&desk) == expected, "{about}: another snapshot");
        only_the_snapshot(&desk);
        let asked = asked(&simulator);
        for table in &kept {
            let set = tables::table(table).expect("a table").entity_set;
            assert!(
                !asked.iter().any(|asked| asked == set),
                "{about}: {table} was read again"
            );
        }
        if kill_number % 2 == 0 {
            fs::remove_dir_all(desk.path(TARGET)).unwrap();
        }
    }
    (with, without)
}

#[test]
fn at_fifty_moments() {
    let workers: Vec<_> = (1..=WORKERS)
        .map(|seed| std::thread::spawn(move || kill_many(seed)))
        .collect();
    let (mut with, mut without) = (0, 0);
    for worker in workers {
        let counts = worker.join().expect("a worker");
        with += counts.0;
        without += counts.1;
    }
    assert_eq!(with + without, KILLS * WORKERS as usize);
    assert!(
        with >= 10,
        "only {with} of {} had finished tables, which shows little",
        with + without
    );
}

/// The answers about access come after all tables. They are asked for again.
#[test]
fn while_access_is_verified() {
    let behaviour = Behaviour {
        faults: vec![hangs("$batch")],
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let desk = Desk::new();
    let child = spawn(&desk, &simulator, &["--verify-access"]);
    wait_until("the batch", || simulator.stats().by_target.contains_key("$batch"));
    kill(child);
    assert_eq!(kept(&desk).len(), OTHERS + 1);
    simulator.forget_requests();
    let ran = run(&desk, &simulator, &["--resume", "--verify-access"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(asked(&simulator), ["$batch"]);
    let verified = snapshot(&desk);
    assert!(verified.contains_key("access.parquet"));
    assert!(verified == whole(&simulator, &["--verify-access"]));
}

/// In the moment between the two renames that put a new snapshot in the place of an old one.
#[test]
fn while_the_old_snapshot_is_replaced() {
    let simulator = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &simulator);
    let other = Desk::new();
    let old = whole(&simulator, &[]);
    assert_eq!(run(&other, &simulator, &[]).code, 0);
    fs::rename(other.path(TARGET), desk.path(UNFINISHED).join("old")).unwrap();
    // Whoever comes next puts the old one back, even if nothing else comes of it.
    let url = simulator.url();
    let ran = desk
        .command(["collect", &url, "-o", TARGET])
        .env("CLEARANCE_TOKEN", "wrong")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(3));
    assert!(snapshot(&desk) == old);
    assert_eq!(kept(&desk).len(), OTHERS, "and what was kept stays kept");
}

/// Tables that were kept are of no use either when the server has stopped telling.
#[test]
fn where_nobody_knows_what_the_account_can_read_now() {
    let first = hanging();
    let desk = Desk::new();
    leave_unfinished(&desk, &first);
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(first);
    let behaviour = Behaviour {
        port,
        functions_missing: true,
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        "This server does not tell what the account may read, so that the tables of the unfinished collection beside \
         `contoso.snapshot` may show less than there is; everything is read.\n"
    );
    assert!(snapshot(&desk) == whole(&simulator, &[]));
    only_the_snapshot(&desk);
}

/// A server that does not tell what the account may read (on-premises): a role may have been added to
/// the account meanwhile, and the kept tables would look whole without being so.
#[test]
fn where_nobody_knows_what_the_account_could_read() {
    let behaviour = Behaviour {
        faults: vec![hangs("mailboxes")],
        functions_missing: true,
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let desk = Desk::new();
    let child = spawn(&desk, &simulator, &[]);
    wait_until("the mailboxes", || {
        simulator
            .stats()
            .by_target
            .contains_key("roleprivilegescollection")
    });
    kill(child);
    assert_eq!(kept(&desk), Vec::<String>::new());
    let ran = run(&desk, &simulator, &["--resume"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        said(&ran),
        "There is no unfinished collection beside `contoso.snapshot` to go on with; everything is read.\n"
    );
    assert!(snapshot(&desk) == whole(&simulator, &[]));
    only_the_snapshot(&desk);
}
