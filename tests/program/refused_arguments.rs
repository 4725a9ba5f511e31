//! Arguments that are wrong, and outputs that cannot be written.

use std::fs;

#[cfg(target_os = "linux")]
use super::desk::Ran;
use super::refusals::{all_are_refused, refusal};
use super::refused_input::{COLLECT, audit, desk};

#[test]
fn outputs_that_cannot_be_written() {
    let desk = desk();
    fs::create_dir(desk.path("folder")).unwrap();
    desk.write("old.csv", "what was there before");
    let hint = "hint: name a file in a folder that exists and that you may write to";
    all_are_refused(
        &desk,
        [
            audit(
                "--html none/r.html",
                &format!("cannot write `none/r.html`: the folder `none` does not exist\n{hint}"),
            ),
            audit(
                "--json folder",
                &format!("cannot write `folder`: it is a folder\n{hint}"),
            ),
            audit(
                "--findings-csv old.csv --html old.csv/r.html",
                &format!("cannot write `old.csv/r.html`: `old.csv` is no folder\n{hint}"),
            ),
            audit(
                "--findings-csv v.csv",
                "two reports cannot both be written to `v.csv`",
            ),
            audit(
                "--json - --findings-csv -",
                "two reports cannot both go to standard output (`-`)",
            ),
            // Before anything is asked of an environment, and before a snapshot is opened.
            refusal(
                "audit https://contoso.invalid nowhere --csv none/v.csv",
                2,
                format!("error: cannot write `none/v.csv`: the folder `none` does not exist\n{hint}\n"),
            ),
        ],
    );
}

#[test]
fn folders_that_cannot_be_written() {
    let desk = desk();
    for folder in ["notes", "tables"] {
        fs::create_dir(desk.path(folder)).unwrap();
    }
    desk.write("notes/verdicts.parquet", "ours by its name");
    desk.write("notes/todo.txt", "somebody's");
    desk.write("old.csv", "what was there before");
    let place = "hint: name a folder that does not exist, is empty, or was written by the same option";
    let inside = "which is replaced as a whole\nhint: name a file elsewhere";
    all_are_refused(
        &desk,
        [
            audit(
                "--parquet -",
                "a folder cannot go to standard output (`-`)\nhint: name a folder",
            ),
            audit(
                "--parquet old.csv",
                &format!("cannot write to `old.csv`: it is no folder\n{place}"),
            ),
            audit(
                "--parquet notes",
                &format!("cannot write to `notes`: it holds `todo.txt`, which would be deleted\n{place}"),
            ),
            audit(
                "--parquet none/tables",
                "cannot write to `none/tables`: the folder `none` does not exist\n\
                 hint: name a folder in one that exists and that you may write to",
            ),
            audit(
                "--parquet v.csv",
                &format!("cannot write `v.csv` into the folder `v.csv`, {inside}"),
            ),
            audit(
                "--parquet tables --json tables/a.json",
                &format!("cannot write `tables/a.json` into the folder `tables`, {inside}"),
            ),
        ],
    );
    // A snapshot holds Parquet files, too, and is not to be lost.
    let before = desk.everything();
    let ran = desk.run(["audit", "contoso.snapshot", "--parquet", "contoso.snapshot"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .starts_with("error: cannot write to `contoso.snapshot`: it holds `"),
        "{}",
        ran.err
    );
    assert!(desk.everything() == before);
}

/// A device that takes nothing, and says so only while it is written to.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full() {
    let desk = desk();
    let full = std::io::Error::from_raw_os_error(28);
    let hint = "hint: name a file in a folder that exists and that you may write to";
    let said = format!("error: cannot write `/dev/full`: {full}\n{hint}\n");
    all_are_refused(
        &desk,
        ["--csv", "--findings-csv", "--json", "--html", "--xlsx"].map(|option| {
            refusal("audit contoso.snapshot", 2, said.as_str())
                .and(option)
                .and("/dev/full")
        }),
    );
    let device = || fs::File::options().write(true).open("/dev/full").unwrap();
    for arguments in [
        ["audit", "contoso.snapshot", "--csv", "-"],
        ["explain", "contoso.snapshot", "--user", "Adele Vance"],
    ] {
        let mut command = desk.command(arguments);
        let ran = Ran::from(command.stdout(device()).output().unwrap());
        assert_eq!(ran.code, 2);
        assert_eq!(
            ran.err,
            format!("error: cannot write to standard output: {full}\n")
        );
    }
}

#[test]
fn a_clock_that_is_none() {
    let desk = desk();
    for epoch in ["yesterday", "2026-11-23", "", "99999999999999"] {
        let said = format!("SOURCE_DATE_EPOCH is \"{epoch}\", not a number of seconds since 1970");
        all_are_refused(&desk, [audit("-q", &said).with("SOURCE_DATE_EPOCH", epoch)]);
    }
}

#[test]
fn wrong_arguments() {
    let collect = format!("{COLLECT} -o s --concurrency 0");
    let help = "\n\nFor more information, try '--help'.\n";
    let usage = |said: &str, usage: &str| format!("error: {said}\n\nUsage: clearance {usage}{help}");
    let audit = "audit contoso.snapshot";
    let lines = [
        (
            format!("{audit} --jsno a.json"),
            usage(
                "unexpected argument '--jsno' found\n\n  tip: a similar argument exists: '--json'",
                "audit --json <FILE> <SNAPSHOT|URL>...",
            ),
        ),
        (
            "audti contoso.snapshot".to_owned(),
            usage(
                "unrecognized subcommand 'audti'\n\n  tip: a similar subcommand exists: 'audit'",
                "[OPTIONS] <COMMAND>",
            ),
        ),
        (
            "audit".to_owned(),
            usage(
                "the following required arguments were not provided:\n  <SNAPSHOT|URL>...",
                "audit <SNAPSHOT|URL>...",
            ),
        ),
        (
            "explain contoso.snapshot".to_owned(),
            usage(
                "the following required arguments were not provided:\n  --user <UPN|EMAIL|ID|NAME>",
                "explain --user <UPN|EMAIL|ID|NAME> <SNAPSHOT|URL>...",
            ),
        ),
        (
            format!("{audit} --fail-on ready"),
            format!(
                "error: invalid value 'ready' for '--fail-on <WHAT>'\n  [possible values: blocked, unknown, limited, \
                 never]{help}"
            ),
        ),
        (
            format!("{audit} -q -v"),
            usage(
                "the argument '--quiet' cannot be used with '--verbose...'",
                "audit --quiet <SNAPSHOT|URL>...",
            ),
        ),
        (
            format!("{audit} --users u.txt --business-unit West"),
            usage(
                "the argument '--users <FILE>' cannot be used with '--business-unit <NAME>'",
                "audit --users <FILE> <SNAPSHOT|URL>...",
            ),
        ),
        (
            COLLECT.to_owned(),
            usage(
                "the following required arguments were not provided:\n  --output <DIR>",
                "collect --output <DIR> <URL>",
            ),
        ),
        (
            collect,
            format!("error: invalid value '0' for '--concurrency <N>': 0 is not in 1..=52{help}"),
        ),
    ];
    all_are_refused(
        &desk(),
        lines.iter().map(|(line, said)| refusal(line, 2, said.as_str())),
    );
}
