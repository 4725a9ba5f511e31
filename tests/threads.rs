//! The same output, byte for byte, however many threads there are.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use dataverse_simulator::{Behaviour, Simulator, TenantOptions, generate};

/// More users than one task draws, so that there is something to put in order.
const USERS: usize = 10_000;

/// Every option that writes, what it is given, and the files that come of it.
const OUTPUTS: [(&str, &str, &[&str]); 6] = [
    ("--csv", "verdicts.csv", &["verdicts.csv"]),
    ("--findings-csv", "findings.csv", &["findings.csv"]),
    ("--json", "assessment.json", &["assessment.json"]),
    ("--html", "report.html", &["report.html"]),
    ("--xlsx", "workbook.xlsx", &["workbook.xlsx"]),
    (
        "--parquet",
        "tables",
        &[
            "tables/verdicts.parquet",
            "tables/findings.parquet",
            "tables/rules.parquet",
        ],
    ),
];

fn clearance(threads: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    command
        .arg("--quiet")
        .env("RAYON_NUM_THREADS", threads)
        .env("SOURCE_DATE_EPOCH", "1795420800");
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The files of an audit with their bytes.
fn audit(snapshot: &Path, folder: &Path, threads: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut command = clearance(threads);
    command.arg("audit").arg(snapshot);
    for (option, target, _) in OUTPUTS {
        command.arg(option).arg(folder.join(target));
    }
    run(&mut command);
    let files = OUTPUTS.into_iter().flat_map(|(.., files)| files);
    let read = |file: &&'static str| {
        (
            *file,
            fs::read(folder.join(file)).expect("the program wrote its file"),
        )
    };
    files.map(read).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshot = folder.path().join("tenant.snapshot");
    let tenant = generate(&TenantOptions {
        users: USERS,
        seed: 7,
        ..TenantOptions::default()
    });
    let simulator = Simulator::start_blocking(tenant, Behaviour::default()).expect("the simulator starts");
    run(clearance("2")
        .env("CLEARANCE_TOKEN", simulator.token())
        .args(["collect", &simulator.url(), "-o"])
        .arg(&snapshot));

    let alone = audit(&snapshot, folder.path(), "1");
    for threads in ["2", "16"] {
        let together = audit(&snapshot, folder.path(), threads);
        for ((file, alone), (_, together)) in alone.iter().zip(&together) {
            assert!(!alone.is_empty(), "{file} is empty");
            assert!(alone == together, "{file} differs with {threads} threads");
        }
    }
}
