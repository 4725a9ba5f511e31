//! What the README shows is what the program prints.

use std::process::Command;

fn clearance(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn the_summary_of_the_sample_is_the_one_shown() {
    let readme = include_str!("../README.md");
    let shown = readme
        .split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a block");
    let (_, summary) = clearance(&["audit", "fixtures/contoso.snapshot"]);
    assert!(
        summary.starts_with(shown),
        "the README shows\n{shown}\nthe program prints\n{summary}"
    );
}

#[test]
fn the_person_asked_about_is_in_the_sample() {
    let readme = include_str!("../README.md");
    let line = readme
        .lines()
        .find(|line| line.contains("-- explain fixtures/"))
        .expect("a command");
    let user = line.split("--user ").nth(1).expect("a user");
    let (explanation, _) = clearance(&["explain", "fixtures/contoso.snapshot", "--user", user]);
    // The one thing that the guide's table leaves out and that alone keeps the app shut.
    assert!(explanation.contains("prvUseOfficeApps"), "{explanation}");
}

#[test]
fn what_is_supposed_gives_what_is_shown() {
    let readme = include_str!("../README.md");
    let begin = readme.find("What if, in contoso").expect("a block");
    let shown = readme[begin..].split("```").next().expect("its end");
    let role = "Dynamics 365 App for Outlook User";
    assert!(readme.contains(&format!(
        "clearance what-if contoso.snapshot --set-inheritance direct-user --on-role \"{role}\"\n"
    )));
    let change = ["--set-inheritance", "direct-user", "--on-role", role];
    let (told, _) = clearance(&[&["what-if", "fixtures/contoso.snapshot"], &change[..]].concat());
    assert!(
        told.starts_with(shown),
        "the README shows\n{shown}\nthe program prints\n{told}"
    );
}

#[test]
fn the_attestation_shown_is_accepted() {
    let readme = include_str!("../README.md");
    let shown = readme
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a block");
    let attestations = clearance::evaluate::parse_attestations(shown).expect("an attestations file");
    assert_eq!(attestations.len(), 1);
    assert!(attestations[0].holds);
}
