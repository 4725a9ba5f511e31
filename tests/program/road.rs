//! From a live environment to reports in one go: what is sent, what is kept, what is said.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use dataverse_simulator::{Behaviour, Simulator};

use super::desk::{Desk, Kept, Ran, table, valid};
use super::offices::{CROWD, DOZEN, crowd, dozen};

/// A token that cannot be in a file by chance, in the shape of a real one.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.c2VjcmV0LXRva2VuLW9mLXRoaXMtdGVzdA.0123456789abcdef";

/// Fails if the token, or a good part of it, is in any file, name or text.
fn has_no_token(desk: &Desk, ran: &Ran) {
    let contains =
        |bytes: &[u8], part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
    for part in TOKEN.split('.') {
        for (path, bytes) in desk.everything() {
            assert!(!contains(&bytes, part), "the token is in {}", path.display());
            assert!(
                !path.to_string_lossy().contains(part),
                "the token names {}",
                path.display()
            );
        }
        assert!(
            !ran.out.contains(part) && !ran.err.contains(part),
            "the token is told:\n{}",
            ran.err
        );
    }
}

fn guarded() -> Simulator {
    let behaviour = Behaviour {
        token: Some(TOKEN.to_owned()),
        ..Behaviour::default()
    };
    Simulator::start_blocking(crowd(), behaviour).expect("a simulator")
}

/// Only GET was sent, nothing that writes by reading, and no more requests than the tables need.
fn was_only_read(simulator: &Simulator, manifest: &serde_json::Value) {
    let statistics = simulator.stats();
    assert_eq!(statistics.by_method.keys().collect::<Vec<_>>(), ["GET"]);
    assert_eq!(statistics.writes_by_reading, 0);
    assert!(
        simulator
            .requests()
            .iter()
            .all(|request| request.violations.is_empty())
    );
    let tables = manifest["tables"].as_object().expect("tables");
    let pages: u64 = tables
        .values()
        .map(|table| table["rows"].as_u64().unwrap().div_ceil(5000))
        .sum();
    let most = 1.05 * pages as f64 + 12.0;
    assert!(
        statistics.total as f64 <= most,
        "{} requests, at most {most}",
        statistics.total
    );
    assert!(
        statistics.total as u64 >= pages,
        "a simulator that nobody asked shows nothing"
    );
}

#[test]
fn collecting_reads_only_and_keeps_the_token_to_itself() {
    let simulator = guarded();
    let desk = Desk::new();
    let mut command = desk.command(["collect", &simulator.url(), "-o", "contoso.snapshot", "-vv"]);
    let ran = Ran::from(command.env("CLEARANCE_TOKEN", TOKEN).output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(
        ran.err.contains("systemusers"),
        "with -vv each request is told:\n{}",
        ran.err
    );
    has_no_token(&desk, &ran);
    was_only_read(&simulator, &desk.json("contoso.snapshot/manifest.json"));
}

#[test]
fn an_audit_of_an_address_leaves_its_reports_and_nothing_else() {
    let simulator = guarded();
    let desk = Desk::new();
    let url = simulator.url();
    let arguments = [
        "audit",
        &url,
        "--csv",
        "v.csv",
        "--findings-csv",
        "f.csv",
        "--json",
        "a.json",
        "--html",
        "r.html",
    ];
    let mut command = desk.command(arguments);
    let ran = Ran::from(command.arg("-vv").env("CLEARANCE_TOKEN", TOKEN).output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    has_no_token(&desk, &ran);
    was_only_read(&simulator, &CROWD.manifest());
    let left: Vec<_> = desk.everything().into_keys().collect();
    let mut expected: Vec<_> = ["v.csv", "f.csv", "a.json", "r.html"]
        .map(|name| desk.path(name))
        .into();
    expected.sort();
    assert_eq!(left, expected, "no snapshot and no temporary folder is left");
    // The same people as in a snapshot of the same tenant.
    let kept = Desk::with(&CROWD, "contoso.snapshot");
    kept.good(["audit", "contoso.snapshot", "--csv", "v.csv"]);
    assert_eq!(desk.read("v.csv"), kept.read("v.csv"));
}

#[test]
fn explaining_from_an_address_does_too() {
    let behaviour = Behaviour {
        token: Some(TOKEN.to_owned()),
        ..Behaviour::default()
    };
    let simulator = Simulator::start_blocking(dozen(), behaviour).unwrap();
    let desk = Desk::new();
    let mut command = desk.command([
        "explain",
        &simulator.url(),
        "--user",
        "Adele Vance",
        "--json",
        "-vv",
    ]);
    let ran = Ran::from(command.env("CLEARANCE_TOKEN", TOKEN).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(valid("explanation-1.schema.json", &ran.out)["verdict"], "ready");
    has_no_token(&desk, &ran);
    was_only_read(&simulator, &DOZEN.manifest());
    assert!(desk.everything().is_empty());
}

#[test]
fn a_refused_token_is_not_told_either() {
    let simulator = Simulator::start_blocking(dozen(), Behaviour::default()).unwrap();
    let desk = Desk::new();
    for verb in [
        vec!["collect", "-o", "x.snapshot"],
        vec!["audit", "--csv", "x.csv"],
    ] {
        let mut command = desk.command(verb);
        command
            .args([&simulator.url(), "-vv"])
            .env("CLEARANCE_TOKEN", TOKEN);
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, 3, "{}", ran.err);
        has_no_token(&desk, &ran);
        assert!(desk.everything().is_empty());
    }
}

#[test]
fn data_goes_to_standard_output_and_the_summary_to_standard_error() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    desk.good(["audit", "contoso.snapshot", "--csv", "v.csv", "--json", "a.json"]);
    let ran = desk.good(["audit", "contoso.snapshot", "--csv", "-"]);
    assert_eq!(ran.out, desk.read("v.csv"));
    // Adele, Emily and the two called Karl; out of scope are two people and the nine accounts.
    let count = |verdict: &str| {
        table(&ran.out)
            .iter()
            .filter(|row| row["verdict"] == verdict)
            .count()
    };
    assert_eq!(
        [count("ready"), count("blocked"), count("out-of-scope")],
        [4, 6, 2 + 9]
    );
    assert!(
        ran.err
            .starts_with("contoso: 4 of 10 users ready\n\n  ready           4    40.0 %  █"),
        "{}",
        ran.err
    );
    let ran = desk.good(["audit", "contoso.snapshot", "--json", "-", "--quiet"]);
    assert_eq!((ran.out, ran.err.as_str()), (desk.read("a.json"), ""));
    // Without any report there is still the summary; quiet, there is nothing but the exit code.
    let ran = desk.good(["audit", "contoso.snapshot"]);
    assert_eq!(ran.out, "");
    let heading = "\nWhat holds up most users, and what helps\n";
    assert!(ran.err.contains(heading), "{}", ran.err);
    let ran = desk.good(["audit", "contoso.snapshot", "-q"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn colour_only_where_it_is_asked_for() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let run = |arguments: &[&str], no_color: bool| {
        let mut command = desk.command(["audit", "contoso.snapshot"]);
        if !no_color {
            command.env_remove("NO_COLOR");
        }
        Ran::from(command.args(arguments).output().unwrap())
            .err
            .contains('\u{1b}')
    };
    assert!(!run(&[], false), "standard error is no terminal here");
    assert!(!run(&[], true));
    assert!(!run(&["--color", "never"], false));
    assert!(run(&["--color", "always"], false));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let mut longest = 0;
    for arguments in [
        ["audit", "contoso.snapshot", "--findings-csv", "-"],
        ["audit", "contoso.snapshot", "--csv", "-"],
        ["audit", "contoso.snapshot", "--json", "-"],
        ["audit", "contoso.snapshot", "--html", "-"],
        ["explain", "contoso.snapshot", "--user", "# Data Export"],
    ] {
        longest = longest.max(desk.good(arguments).out.len());
        let mut command = desk.command(arguments);
        let mut program = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(16, program.stdout.take().unwrap());
        reader.read_line(&mut line).expect("a first line");
        drop(reader);
        let ran = Ran::from(program.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        assert!(
            !ran.err.contains("error") && !ran.err.contains("panic"),
            "{arguments:?}: {}",
            ran.err
        );
        assert!(!line.is_empty());
    }
    assert!(
        longest > 1 << 17,
        "all of it fits into a pipe, so nothing is shown"
    );
}

#[test]
fn the_same_moment_gives_the_same_bytes() {
    let files = ["v.csv", "f.csv", "a.json", "r.html", "w.xlsx"];
    let outputs = |desk: &Desk, epoch: &str| {
        let arguments = [
            "--csv",
            "v.csv",
            "--findings-csv",
            "f.csv",
            "--json",
            "a.json",
            "--html",
            "r.html",
            "--xlsx",
            "w.xlsx",
        ];
        let mut command = desk.command(["audit", "contoso.snapshot"]);
        command.args(arguments).env("SOURCE_DATE_EPOCH", epoch);
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.err);
        (files.map(|file| desk.bytes(file)), ran.err)
    };
    let (one, other) = (
        Desk::with(&CROWD, "contoso.snapshot"),
        Desk::with(&CROWD, "contoso.snapshot"),
    );
    let first = outputs(&one, "1795420800");
    assert_eq!(one.json("a.json")["assessed_at"], "2026-11-23T08:00:00Z");
    assert!(
        first == outputs(&other, "1795420800"),
        "the same inputs, other bytes"
    );
    // The clock is told, and nothing else depends on it here.
    let (later, said) = outputs(&other, "1795507200");
    assert!(other.read("a.json").replace("2026-11-24T08", "2026-11-23T08") == one.read("a.json"));
    assert!((&later[..2], said) == (&first.0[..2], first.1));
}

#[test]
fn the_same_environment_collected_twice_gives_the_same_tables() {
    let (one, other) = (Desk::new(), Desk::new());
    Kept::collect(dozen()).lay(&one.path("s"));
    DOZEN.lay(&other.path("s"));
    let tables = |desk: &Desk| -> Vec<Vec<u8>> {
        let all = desk.everything().into_iter();
        let tables = all.filter(|(path, _)| path.extension().is_some_and(|end| end == "parquet"));
        tables.map(|(_, bytes)| bytes).collect()
    };
    assert_eq!(tables(&one).len(), 15);
    assert!(tables(&one) == tables(&other));
}
