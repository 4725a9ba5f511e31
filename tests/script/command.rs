//! `clearance plan --script`, the program.

use std::process::Command;

use crate::support::Read;

fn script(kind: &str) -> Read {
    let output = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(["plan", "fixtures/contoso.snapshot", "--script", kind])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("SOURCE_DATE_EPOCH", crate::desk::NOW)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    Read::new(String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn the_plan_of_the_sample_is_a_script_of_each_kind() {
    let words =
        |script: &Read| -> Vec<String> { script.lines().into_iter().map(|line| line[0].clone()).collect() };
    let powershell = words(&script("powershell"));
    let pac = words(&script("pac"));
    let count = |words: &[String], wanted: &str| words.iter().filter(|word| *word == wanted).count();
    assert!(count(&powershell, "step") > 0);
    assert_eq!(count(&powershell, "step"), count(&powershell, "send"));
    assert_eq!(count(&powershell, "action"), count(&pac, "action"));
    // Every step of the one is a command of the other, or said not to be.
    assert_eq!(
        count(&powershell, "step"),
        count(&pac, "step") + count(&pac, "other")
    );
    assert_eq!(count(&powershell, "hand"), count(&pac, "hand"));
}
