//! A collection that hangs at the mailboxes, so that it can be interrupted there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use dataverse_simulator::{
    Behaviour, Fault, ScriptedFault, Simulator, Tenant, TenantOptions, Trigger, generate,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::desk::{Desk, Ran};

pub const TARGET: &str = "contoso.snapshot";
pub const UNFINISHED: &str = ".contoso.snapshot.unfinished";
/// The tables that every collection reads (design, section 4), less the one that hangs.
pub const OTHERS: usize = 14;

/// All requests of a run about one entity set, without an end.
pub fn hangs(target: &str) -> ScriptedFault {
    ScriptedFault::once(
        Trigger::Target(target.to_owned(), 1),
        Fault::Delay(Duration::from_secs(600)),
    )
}

pub fn tenant() -> Tenant {
    generate(&TenantOptions {
        users: 60,
        ..TenantOptions::default()
    })
}

pub fn start(tenant: Tenant, behaviour: Behaviour) -> Simulator {
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

/// An environment whose first answer about mailboxes never comes.
pub fn hanging() -> Simulator {
    start(
        tenant(),
        Behaviour {
            faults: vec![hangs("mailboxes")],
            ..Behaviour::default()
        },
    )
}

pub fn spawn(desk: &Desk, simulator: &Simulator, more: &[&str]) -> Child {
    desk.command(["collect", &simulator.url(), "-o", TARGET])
        .args(more)
        .env("CLEARANCE_TOKEN", simulator.token())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

pub fn run(desk: &Desk, simulator: &Simulator, more: &[&str]) -> Ran {
    spawn(desk, simulator, more)
        .wait_with_output()
        .expect("it ends")
        .into()
}

pub fn journal_path(desk: &Desk) -> PathBuf {
    desk.path(UNFINISHED).join("journal.json")
}

/// The journal as it is now, if there is one.
pub fn journal(desk: &Desk) -> Option<Value> {
    let text = fs::read(journal_path(desk)).ok()?;
    let file: Value = serde_json::from_slice(&text).expect("a journal has its name when it is whole");
    Some(file["journal"].clone())
}

/// The names of the tables that are kept.
pub fn kept(desk: &Desk) -> Vec<String> {
    let journal = journal(desk);
    let tables = journal.as_ref().and_then(|journal| journal["tables"].as_object());
    tables.map_or_else(Vec::new, |tables| tables.keys().cloned().collect())
}

/// Changes the journal as the program itself might have written it.
pub fn rewrite(desk: &Desk, change: impl Fn(&str) -> String) {
    #[derive(serde::Deserialize)]
    struct File {
        journal: Box<RawValue>,
    }
    let file: File = serde_json::from_slice(&fs::read(journal_path(desk)).unwrap()).unwrap();
    let before = file.journal.get();
    let after = change(before);
    assert_ne!(before, after, "nothing was changed");
    let digest = ring::digest::digest(&ring::digest::SHA256, after.as_bytes());
    let sum: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(r#"{{"sha256":"{sum}","journal":{after}}}"#);
    fs::write(journal_path(desk), text).unwrap();
}

/// Waits for something that another process does.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(60), "waited for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn wait_for_the_others(desk: &Desk) {
    wait_until("the other tables", || kept(desk).len() == OTHERS);
}

pub fn kill(mut child: Child) {
    child.kill().expect("SIGKILL");
    child.wait().expect("it is dead");
}

/// Leaves a collection with all tables finished but for the mailboxes.
pub fn leave_unfinished(desk: &Desk, simulator: &Simulator) {
    let child = spawn(desk, simulator, &[]);
    wait_for_the_others(desk);
    kill(child);
    simulator.forget_requests();
}

/// A snapshot without the two lines that tell the time.
pub fn snapshot(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(desk.path(TARGET)).expect("a snapshot") {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut bytes = fs::read(entry.path()).unwrap();
        if name == "manifest.json" {
            let text = String::from_utf8(bytes).unwrap();
            let is_time =
                |line: &&str| line.starts_with("    \"started\":") || line.starts_with("    \"finished\":");
            assert_eq!(text.lines().filter(is_time).count(), 2);
            let lines: Vec<&str> = text.lines().filter(|line| !is_time(line)).collect();
            bytes = lines.join("\n").into_bytes();
        }
        files.insert(name, bytes);
    }
    files
}

/// The same, of a collection that nobody interrupts.
pub fn whole(simulator: &Simulator, more: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let desk = Desk::new();
    let ran = run(&desk, simulator, more);
    assert_eq!(ran.code, 0, "{}", ran.err);
    only_the_snapshot(&desk);
    snapshot(&desk)
}

/// Nothing is beside the snapshot.
pub fn only_the_snapshot(desk: &Desk) {
    assert_eq!(left(desk), [TARGET]);
}

/// What is on the desk.
pub fn left(desk: &Desk) -> Vec<String> {
    let entries = fs::read_dir(desk.path(".")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What was said before the summary, whose figures differ from run to run.
pub fn said(ran: &Ran) -> String {
    let lines = ran.err.lines().take_while(|line| !line.starts_with("Collected "));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The entity sets that were asked for, but for the questions that every run begins with.
pub fn asked(simulator: &Simulator) -> Vec<String> {
    let first = [
        "WhoAmI",
        "RetrieveVersion",
        "EntityDefinitions",
        "RetrieveTotalRecordCount",
    ];
    let mut targets: Vec<String> = simulator
        .requests()
        .into_iter()
        .filter(|request| !first.contains(&request.target.as_str()))
        .filter(|request| !request.path.contains("RetrieveUserSetOfPrivilegesByNames"))
        .map(|request| request.target)
        .collect();
    targets.sort();
    targets.dedup();
    targets
}

/// When the kept tables were begun to be read.
pub fn started(desk: &Desk) -> String {
    journal(desk).expect("a journal")["started"]
        .as_str()
        .unwrap()
        .to_owned()
}
