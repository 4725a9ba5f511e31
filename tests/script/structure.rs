//! What a script can do at all: shown by what it is made of.

use std::collections::BTreeSet;

use clearance::what_if::{Change, Holder};

use crate::support::{Read, action, contoso, pac_of, powershell_of, text};

/// The commands of a script with the functions that they are in.
fn commands(script: &Read) -> BTreeSet<(String, String)> {
    script.commands()
}

fn within(script: &Read, command: &str) -> Vec<String> {
    let commands = commands(script).into_iter();
    let found = commands.filter(|(name, _)| name.eq_ignore_ascii_case(command));
    found.map(|(_, function)| function).collect()
}

/// An assignment of a role to the first user of the sample.
fn one_change() -> (clearance::snapshot::Environment, Vec<Change>) {
    let environment = contoso();
    let user = environment
        .table("systemuser")
        .unwrap()
        .ids("systemuserid")
        .unwrap()[0];
    let change = Change::AssignRole {
        role: "System Customizer".to_owned(),
        to: vec![Holder::User(user.to_string())],
    };
    (environment, vec![change])
}

/// Nothing but these commands is in a script; so nothing in it runs text, loads code or starts a program.
const SHARED: [&str; 7] = [
    "Add-Action",
    "Add-Content",
    "Get-Date",
    "New-Object",
    "Send-Change",
    "Write-Host",
    "Write-Line",
];

/// And no other types.
const TYPES: [&str; 11] = [
    "[Math]",
    "[System.Net.NetworkCredential]",
    "[System.Net.ServicePointManager]",
    "[bool]",
    "[hashtable]",
    "[int]",
    "[scriptblock]",
    "[securestring]",
    "[string]",
    "[switch]",
    "[void]",
];

fn assert_only(script: &Read, more: &[&str]) {
    for (command, function) in commands(script) {
        let known = SHARED.iter().chain(more).any(|known| *known == command);
        assert!(known, "{command} in {function:?}");
    }
    for node in script.of_kind("type_literal") {
        assert!(TYPES.contains(&script.of(node)), "{}", script.of(node));
    }
    assert_eq!(within(script, "Add-Content"), ["Write-Line"]);
    assert_guarded(script);
}

/// The first statement of `Send-Change` ends it without `-Apply`.
fn assert_guarded(script: &Read) {
    let function = script.functions()["Send-Change"];
    let text = script.of(function);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines[..3],
        [
            "function Send-Change {",
            "param([hashtable] $Step)",
            "if (-not $Apply) { throw 'Without -Apply nothing is changed.' }",
        ]
    );
    // Nothing gives the switch another value.
    for assignment in script.of_kind("assignment_expression") {
        let target = script.of(assignment).split('=').next().unwrap().to_lowercase();
        assert!(
            !target.contains("$apply") && !target.contains(":apply"),
            "{target}"
        );
    }
}

#[test]
fn a_powershell_script_writes_in_one_place_only_and_not_without_apply() {
    let (environment, changes) = one_change();
    let script = Read::new(powershell_of(&environment, &[action("k", "t", &changes)]));
    assert_only(
        &script,
        &[
            "ConvertFrom-Json",
            "Invoke-Patiently",
            "Invoke-RestMethod",
            "Invoke-Step",
            "Out-Null",
            "Read-Dataverse",
            "Start-Sleep",
            "Test-Step",
        ],
    );
    assert_eq!(
        within(&script, "Invoke-RestMethod"),
        ["Read-Dataverse", "Send-Change"]
    );
    assert_eq!(within(&script, "Send-Change"), ["Invoke-Step"]);
    let read = script.of(script.functions()["Read-Dataverse"]);
    assert_eq!(read.matches("Invoke-RestMethod").count(), 1);
    assert!(read.contains("Invoke-RestMethod -Method Get -Uri"), "{read}");
    let step = script.of(script.functions()["Invoke-Step"]);
    let guard = step
        .find("if (-not $Go) { return 'would be sent' }")
        .expect("a guard");
    assert!(guard < step.find("Send-Change $Step").expect("a call"), "{step}");
}

#[test]
fn a_pac_script_runs_pac_in_one_place_only_and_not_without_apply() {
    let (environment, changes) = one_change();
    let script = Read::new(pac_of(&environment, &[action("k", "t", &changes)]));
    assert_only(&script, &["Get-Command", "Out-Host", "pac"]);
    assert_eq!(within(&script, "pac"), ["Send-Change"]);
    assert_eq!(within(&script, "Send-Change"), [""]);
    let call = script.text.rfind("Send-Change $step").expect("a call");
    let guard = script.text.rfind("if (-not $go) {").expect("a guard");
    assert!(guard < call);
}

#[test]
fn a_script_of_nothing_says_so() {
    let environment = contoso();
    let script = Read::new(powershell_of(&environment, &[]));
    assert!(script.text.contains("\n# There is nothing to do.\n"));
    assert_eq!(script.lines(), Vec::<Vec<String>>::new());
}

#[test]
fn what_is_so_already_is_a_note_and_no_step() {
    let environment = contoso();
    let row = 0;
    let (users, roles) = {
        let table = environment.table("systemuserroles").unwrap();
        (table.ids("systemuserid").unwrap(), table.ids("roleid").unwrap())
    };
    let role = environment.table("role").unwrap().ids("roleid").unwrap();
    let held = role.binary_search(&roles[row]).expect("a role");
    let changes = [Change::AssignRole {
        role: text(&environment, "role", "name", held),
        to: vec![Holder::User(users[row].to_string())],
    }];
    let script = Read::new(powershell_of(&environment, &[action("k", "t", &changes)]));
    let words: Vec<String> = script.lines().into_iter().map(|line| line[0].clone()).collect();
    assert_eq!(words, ["action", "note"]);
}
