//! `clearance rules check` on a folder, as a hook before a commit runs it: from the repository's
//! root, all files at once, told by its exit code.

use std::fs;

use super::{OWN, program};

fn check(files: &[(&str, &str)]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join("rules").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    program(folder.path(), &["rules", "check", "rules"])
}

const MORE: &str = "\
[pack]
id = \"own\"

[[privilege]]
name = \"prvReadLead\"
table = \"lead\"
depth = \"basic\"
severity = \"limits\"
";

#[test]
fn sound_files_let_the_commit_pass() {
    let (code, out, errors) = check(&[
        ("own.toml", OWN),
        ("below/more.toml", MORE),
        // No rule files, and nothing to read.
        ("README.md", "Our rules"),
        ("own.toml.orig", "["),
    ]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(out, "2 rules in 2 files: no faults\n");
}

#[test]
fn the_faults_of_all_files_are_told_in_one_run() {
    let (code, out, errors) = check(&[
        ("a-torn.toml", "[pack\nid = \"torn\"\n"),
        ("b-own.toml", &OWN.replace("advises", "advices")),
        ("below/clash.toml", &MORE.replace("prvReadLead", "prvreadgoal")),
        ("below/more.toml", &MORE.replace("basic", "user")),
        ("sound.toml", &MORE.replace("Lead", "Goal")),
        (
            "twice.toml",
            "[pack]\nid = \"own\"\ntitle = \"Ours, too\"\nversion = \"2.0\"\nsource = \"https://example.com\"\n",
        ),
    ]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        errors,
        "\
error: this is not TOML
 --> rules/a-torn.toml:1:6
  |
1 | [pack
  |      ^ unclosed table, expected `]`
  |
  = help: the language of rule files is TOML: https://toml.io

error: `severity` cannot be `advices`
  --> rules/b-own.toml:21:12
   |
21 | severity = \"advices\"
   |            ^^^^^^^^^ not a word that is known here
   |
   = help: did you mean `advises`?

error: `depth` cannot be `user`
 --> rules/below/more.toml:7:9
  |
7 | depth = \"user\"
  |         ^^^^^^ not a word that is known here
  |
  = help: `depth` is `basic`, `local`, `deep` or `global`

error: rule `prvReadGoal` is there twice
 --> rules/sound.toml:5:8
  |
5 | name = \"prvReadGoal\"
  |        ^^^^^^^^^^^^^ used again here
  |
note: it is first used here
 --> rules/below/clash.toml:5:8
  |
5 | name = \"prvreadgoal\"
  |        -------------

error: the description of pack `own` is there twice
 --> rules/twice.toml:2:6
  |
2 | id = \"own\"
  |      ^^^^^ used again here
  |
note: it is first used here
 --> rules/b-own.toml:3:6
  |
3 | id = \"own\"
  |      -----

5 faults in 5 rule files; nothing was evaluated
"
    );
}
