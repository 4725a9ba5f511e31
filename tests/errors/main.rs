//! Broken rule files, each with the full text of what is said about it.
//!
//! The texts are read by people before they are kept: set `BLESS=1` to write them anew, then read
//! the difference.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::{Path, PathBuf};

use clearance::rules::{RuleSource, load};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

#[test]
fn every_broken_file_is_told_as_it_should_be() {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder of broken rule files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} broken files", files.len());

    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let source = RuleSource {
            name: name.clone(),
            text: fs::read_to_string(&file).expect("the rule file"),
        };
        let said = match load(&[source]) {
            Ok(_) => panic!("{name} was accepted"),
            Err(errors) => {
                let said = format!("{errors}\n");
                let told = said.lines().filter(|line| line.starts_with("error: ")).count();
                assert_eq!(errors.count(), told, "{name}");
                said
            }
        };
        let expected = file.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &said).expect("the expected text");
        }
        if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("--- {name} says\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_expected_text_is_without_its_file() {
    for entry in fs::read_dir(folder()).expect("the folder of broken rule files") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(path.with_extension("toml").exists(), "{}", path.display());
        }
    }
}

/// What a file holds is shown with its faults, but never as it stands where it could steer a terminal.
#[test]
fn no_fault_steers_a_terminal() {
    for text in [
        "[pack]\nid = na\u{1b}[31mme\n",
        "[pack]\nid = \u{1b}“name”\n",
        "[[fact]]\nname = \"systemuser.x\"\ntype = \"\\u001blookup\"\n",
        "[[fact]]\nname = \"systemuser.x\"\ntype = \u{1b}null\n",
    ] {
        let source = RuleSource {
            name: "own.toml".to_owned(),
            text: text.to_owned(),
        };
        let errors = load(&[source]).expect_err(text).to_string();
        assert!(!errors.contains('\u{1b}'), "{errors:?}");
    }
}
