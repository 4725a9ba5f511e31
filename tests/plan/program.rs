//! The program: what it prints and writes, and what it refuses.

use std::path::Path;
use std::process::Command;

use boon::{Compiler, Schemas};
use serde_json::Value;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CLEARANCE_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .args(args)
        .env("SOURCE_DATE_EPOCH", "1795420800");
    let output = command.output().expect("the program runs");
    Ran {
        code: output.status.code().expect("the program ended by itself"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

fn contoso() -> String {
    format!("{}/fixtures/contoso.snapshot", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_plan_is_json_of_its_schema_and_what_if_takes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["plan", &contoso(), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let plan: Value = serde_json::from_str(&ran.out).expect("JSON");
    let schema = run(folder.path(), &["rules", "schema", "plan"]).out;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("plan", schema).expect("a schema");
    let index = compiler.compile("plan", &mut schemas).expect("a schema");
    if let Err(error) = schemas.validate(&plan, index) {
        panic!("{error:#}");
    }
    std::fs::write(folder.path().join("plan.json"), &ran.out).expect("a file");
    let supposed = run(
        folder.path(),
        &["what-if", &contoso(), "--changes", "plan.json", "--json"],
    );
    assert_eq!(supposed.code, 0, "{}", supposed.err);
    let supposed: Value = serde_json::from_str(&supposed.out).expect("JSON");
    assert_eq!(
        supposed["after"]["ready"], plan["summary"]["after"]["ready"],
        "{:?}",
        supposed["after"]
    );
    // The same in every run, byte for byte.
    assert_eq!(run(folder.path(), &["plan", &contoso(), "--json"]).out, ran.out);
}

#[test]
fn the_plan_reads_as_a_list_of_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["plan", &contoso()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for words in [
        "contoso: 130 of 198 users ready; ",
        "  1. Assign role \"Dynamics 365 App for Outlook User\" to ",
        ", if the test succeeds.",
        "choose Test & Enable Mailbox, then OK",
        "No fewer of the ",
        "users are not ready after this",
        "somebody has to confirm",
    ] {
        assert!(ran.out.contains(words), "{words:?} is not in:\n{}", ran.out);
    }
}

#[test]
fn a_work_list_keeps_what_people_wrote_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.csv");
    let ran = run(folder.path(), &["plan", &contoso(), "--csv", "work.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = std::fs::read_to_string(&file).expect("a file");
    let line = |text: &str, word: &str| -> Vec<String> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut rows = reader.records().map(|row| row.expect("well-formed"));
        let row = rows
            .find(|row| row[0] == *word)
            .unwrap_or_else(|| panic!("no {word} in {text}"));
        row.iter().map(str::to_owned).collect()
    };
    let fresh = line(&text, "test-and-enable");
    assert_eq!(fresh[9..], ["", "", "open", ""]);
    // Somebody works on it: fills in a line, adds a column, and keeps an action that is done by now.
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line {
            line if line.starts_with('\u{feff}') => format!("{line},room"),
            line if line.starts_with("test-and-enable,") => {
                line.replace(",,,open,", ",'=Maria,2026-12-01,started,after the move") + ",4.12"
            }
            line => format!("{line},"),
        })
        .collect();
    let gone = "assign-role/sales-12345678,Assign role Sales,assign-role,4,4,90,,,,Jo,2026-10-01,open,,";
    std::fs::write(&file, format!("{}\r\n{gone}\r\n", lines.join("\r\n"))).expect("a file");
    let ran = run(folder.path(), &["plan", &contoso(), "--csv", "work.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = std::fs::read_to_string(&file).expect("a file");
    let kept = line(&text, "test-and-enable");
    assert_eq!(kept[..9], fresh[..9]);
    assert_eq!(
        kept[9..],
        ["'=Maria", "2026-12-01", "started", "after the move", "4.12"]
    );
    let done = line(&text, "assign-role/sales-12345678");
    assert_eq!(done[9..], ["Jo", "2026-10-01", "done", "", ""]);
    // Once more, and nothing changes.
    run(folder.path(), &["plan", &contoso(), "--csv", "work.csv"]);
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), text);
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let contoso = contoso();
    let ran = run(folder.path(), &["plan", &contoso, &contoso]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: a plan is made for one environment, and 2 are given\nhint: give one snapshot, or run `clearance plan` \
         for each\n"
    );
    std::fs::write(folder.path().join("other.csv"), "name,age\r\nMaria,40\r\n").expect("a file");
    let ran = run(folder.path(), &["plan", &contoso, "--csv", "other.csv"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: `other.csv`: it has no column `key`\nhint: give a file that `clearance plan --csv` wrote; the key says \
         which action a line is about\n"
    );
    let other = std::fs::read_to_string(folder.path().join("other.csv")).expect("a file");
    assert_eq!(other, "name,age\r\nMaria,40\r\n");
    let ran = run(folder.path(), &["plan", &contoso, "--json", "--csv", "-"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: two reports cannot both go to standard output (`-`)\n"
    );
}

#[test]
fn the_page_of_an_audit_begins_with_the_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["plan", &contoso(), "--json"]);
    let plan: Value = serde_json::from_str(&ran.out).expect("JSON");
    let ran = run(folder.path(), &["audit", &contoso(), "--html", "report.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("a page");
    let (_, first) = page
        .split_once("<section id=\"first\"")
        .expect("what to do first");
    let (first, _) = first.split_once("</section>").expect("its end");
    let mut rest = first;
    let actions = plan["actions"].as_array().expect("actions");
    let (_, told) = ran
        .err
        .split_once("\nWhat to do first\n")
        .expect("the same on the terminal");
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let before = &plan["summary"]["before"];
    let number = |value: &Value| value.as_u64().expect("a number");
    let others = number(&before["users"]) - number(&before["ready"]);
    let cases = format!("Not ready: {others} users in {} cases. ", plan["cases"]);
    assert!(
        told.starts_with(&cases) && first.contains(&cases),
        "{cases}{told}"
    );
    for (number, action) in (1..).zip(&actions[..3]) {
        let title = action["title"].as_str().expect("a title");
        assert!(told.contains(&format!("{number}. {title} ")), "{title}: {told}");
        // As the page escapes it.
        let title = title.replace('&', "&amp;").replace('"', "&quot;");
        let place = rest.find(&title);
        rest = &rest[place.unwrap_or_else(|| panic!("{title} is not next in\n{rest}"))..];
        let ready = action["cumulative_ready"].as_u64().expect("a number");
        assert!(rest.contains(&format!("</span>{ready} (")), "{title}: {ready}");
        let gain = action["newly_ready"].as_u64().expect("a number");
        assert!(
            rest.contains(&format!("<strong>+{gain}</strong>")),
            "{title}: +{gain}"
        );
    }
    let (headline, _) = page
        .split_once("<section id=\"first\"")
        .expect("what comes before");
    let first = actions[0]["title"]
        .as_str()
        .expect("a title")
        .replace('"', "&quot;");
    assert!(
        headline.contains(&format!("First to do: <a href=\"#first\">{first}</a>")),
        "{headline}"
    );
}

/// `pac` calls users by their ids in the directory, which no rule asks for.
#[test]
fn a_script_for_pac_calls_users_by_their_ids_in_the_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["plan", &contoso(), "--script", "pac"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let gives = |line: &&str| line.starts_with("step |") && line.contains(": gets role ");
    let steps: Vec<&str> = ran.out.lines().filter(gives).collect();
    assert_eq!(steps.len(), 36, "{}", ran.out);
    for step in steps {
        let account = step.split(" | ").nth(3).expect("an account");
        assert!(uuid::Uuid::try_parse(account).is_ok(), "{step}");
    }
}

/// Of 198 users 130 are ready; people and scripts are told the same number of cases.
#[test]
fn the_users_who_are_not_ready_are_told_by_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = run(folder.path(), &["plan", &contoso(), "--json"]).out;
    let plan: Value = serde_json::from_str(&plan).expect("JSON");
    let cases = plan["cases"].as_u64().expect("a number");
    assert!((1..=68).contains(&cases), "{cases}");
    let told = run(folder.path(), &["plan", &contoso()]).out;
    let line = format!("Not ready: 68 users in {cases} cases. ");
    assert!(
        told.lines()
            .nth(1)
            .is_some_and(|second| second.starts_with(&line)),
        "{told}"
    );
    run(folder.path(), &["audit", &contoso(), "--html", "report.html"]);
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("a page");
    assert!(page.contains(&line), "{line}");
}
