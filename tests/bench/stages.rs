//! `cargo bench --bench stages`: the stages of an audit of 200,000 users, one at a time.
//!
//! The snapshot is made once, in `target/bench`. `CLEARANCE_BENCH_USERS` asks for another number
//! of users. The whole program is timed by `tests/bench/run`.

use std::io::sink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clearance::evaluate::{Inputs, Reported, assess, needs};
use clearance::report::csv::{self, Cells};
use clearance::report::{Report, html, json};
use clearance::rules::{RuleSet, load, packs};
use clearance::snapshot::{Environment, Snapshot};
use divan::{Bencher, black_box};

mod tenant;

fn main() {
    LazyLock::force(&SNAPSHOT);
    divan::main();
}

static SNAPSHOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let users = std::env::var("CLEARANCE_BENCH_USERS").map_or(200_000, |users| {
        users.parse().expect("CLEARANCE_BENCH_USERS is a number")
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let snapshot = folder.join(format!("{users}.snapshot"));
    if !snapshot.exists() {
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        tenant::write(&snapshot, &tenant::Shape::of(users, 1)).expect("the snapshot can be written");
    }
    snapshot
});

static RULES: LazyLock<RuleSet> = LazyLock::new(|| load(&packs::embedded()).expect("the packs are sound"));

static ENVIRONMENTS: LazyLock<[Environment; 1]> = LazyLock::new(|| [read()]);

fn read() -> Environment {
    let snapshot = Snapshot::open(&SNAPSHOT).expect("the snapshot is whole");
    snapshot.load(&needs(&RULES)).expect("the snapshot is sound")
}

fn inputs() -> Inputs<'static> {
    Inputs {
        rules: &RULES,
        environments: &*ENVIRONMENTS,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    }
}

/// Reading every file and checking its SHA-256.
#[divan::bench]
fn a_open() -> Snapshot {
    Snapshot::open(&SNAPSHOT).expect("the snapshot is whole")
}

/// Decoding the columns that the rules need.
#[divan::bench]
fn b_load(bencher: Bencher<'_, '_>) {
    let snapshot = a_open();
    let needs = needs(&RULES);
    bencher.bench_local(|| snapshot.load(&needs).expect("the snapshot is sound"));
}

/// Outcomes of every rule for every user, and verdicts.
#[divan::bench]
fn c_assess(bencher: Bencher<'_, '_>) {
    let inputs = inputs();
    bencher.bench_local(|| {
        assess(&inputs)
            .expect("one environment, everyone reported")
            .summary()
    });
}

/// The counts that every output begins with.
#[divan::bench]
fn d_summarize(bencher: Bencher<'_, '_>) {
    let assessment = assess(&inputs()).expect("one environment, everyone reported");
    bencher.bench_local(|| {
        black_box(Report::new(&assessment));
    });
}

/// A line per user.
#[divan::bench]
fn e_verdict_csv(bencher: Bencher<'_, '_>) {
    let assessment = assess(&inputs()).expect("one environment, everyone reported");
    let report = Report::new(&assessment);
    bencher.bench_local(|| csv::verdicts(&report, Cells::Safe, &mut sink()));
}

/// A line per user and finding.
#[divan::bench(sample_count = 5)]
fn f_findings_csv(bencher: Bencher<'_, '_>) {
    let assessment = assess(&inputs()).expect("one environment, everyone reported");
    let report = Report::new(&assessment);
    bencher.bench_local(|| csv::findings(&report, Cells::Safe, &mut sink()));
}

/// Everything, as JSON.
#[divan::bench(sample_count = 5)]
fn g_json(bencher: Bencher<'_, '_>) {
    let assessment = assess(&inputs()).expect("one environment, everyone reported");
    let report = Report::new(&assessment);
    bencher.bench_local(|| json::assessment(&report, &mut sink()));
}

/// The page, without a plan of what to do first.
#[divan::bench(sample_count = 5)]
fn h_html(bencher: Bencher<'_, '_>) {
    let assessment = assess(&inputs()).expect("one environment, everyone reported");
    let report = Report::new(&assessment);
    bencher.bench_local(|| html::write(&report, &mut sink()));
}
