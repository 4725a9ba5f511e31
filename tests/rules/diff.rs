//! `clearance rules diff`: two versions of rule files, told apart.

mod edits;
mod effects;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::program;

const OLD: &str = include_str!("diff/old.toml");
const NEW: &str = include_str!("diff/new.toml");
const MORE: &str = include_str!("diff/more.toml");
/// A pack that is in the old version only.
const LEAVING: &str = r#"
[pack]
id = "leaving"
title = "Rules that leave"
version = "0.9"
source = "https://example.com/leaving"

[[rule]]
id = "left"
title = "The app is shared"
scope = "user"
severity = "limits"
check = { app_module_shared = "OurApp" }
remedy = "Share it."
"#;

/// A folder with those files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// What `rules diff` prints in that folder.
fn diff(folder: &TempDir, arguments: &[&str]) -> String {
    let (code, out, errors) = program(folder.path(), &[&["rules", "diff"], arguments].concat());
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    out
}

/// What it says when it refuses.
fn refused(folder: &TempDir, arguments: &[&str]) -> String {
    let (code, out, errors) = program(folder.path(), &[&["rules", "diff"], arguments].concat());
    assert_eq!((code, out.as_str()), (2, ""), "{errors}");
    errors
}

/// The old version in `before`, the new one in `after`.
fn versions() -> TempDir {
    folder(&[
        ("before/own.toml", OLD),
        ("before/leaving.toml", LEAVING),
        ("after/own.toml", NEW),
        ("after/more.toml", MORE),
    ])
}

#[test]
fn everything_that_can_differ_is_told() {
    // `more` before `own`: the files of NEW in the order of their names.
    let expected = "\
pack more 2.0: added
  changed   wandering (limits): A role exists
            moved from pack own
  added     further (limits): The app exists
            => can limit users that were ready before
  changed   feature wandering: Contacts are shown
            moved from pack own

pack own 1.0
  WARNING: the content changed, but the version did not; raise it, so that people can \
         tell the two apart
  wording: title
  changed   milder (limits): The mailbox is active
            severity: blocks → limits
            => users that only this blocked are limited instead
  changed   stricter (blocks): There is an address
            severity: limits → blocks
            => can block users that were not blocked before
  changed   otherwise (limits): Mail goes by the server
            applies if, before: always
            applies if, now:    `mailbox.statecode` is Active
            passes if, before: `mailbox.incomingemaildeliverymethod` is Server-Side Synchronization
            passes if, now:    `mailbox.incomingemaildeliverymethod` is not None
            wording: remedy
            => can change verdicts either way
  changed   retired (blocks): The user holds the role Sales
            superseded, before: no
            superseded, now:    on 2026-11-01 by another role: The role is no longer needed.
            => users that only this blocked are blocked no longer
  reworded  reworded: title, why, remedy
  reworded  rewritten: check
  changed   renumbered (advises): No administrative licence
            passes if, before: `systemuser.caltype` is not administrative
            passes if, now:    `systemuser.caltype` is not administrative
            reads, before: `systemuser.caltype`, a named option of professional = 0, administrative = 1
            reads, now:    `systemuser.caltype`, a named option of professional = 0, administrative = 2
  added     fresh (blocks): The user has a mailbox
            => can block users that were not blocked before
  added     hint (advises): The mailbox has a name
  changed   prvreadLead (blocks): Leads can be read
            least depth: basic → local
            wording: id
            => can block users that were not blocked before
  changed   prvReadGoal (limits): Goals can be read
            least depth: global → basic
            => asks for less: fewer users can fail it
  removed   gone (blocks): The user has a role
            => users that only this blocked are blocked no longer
  changed   feature leads: Leads are shown
            needs: prvReadLead → prvReadLead, prvCreateLead
  removed   feature gone: Goals are shown
  moved     wandering to pack more
  moved     wandering to pack more

pack leaving 0.9: removed
  removed   left (limits): The app is shared
            => users that only this limited are limited no longer

in all: 1 pack added, 1 pack removed, 3 rules added, 2 rules removed, 2 rules changed in severity, 5 rules \
changed in meaning, 2 rules changed in wording only, 1 rule moved to another pack, 3 features added, removed or \
changed
";
    assert_eq!(diff(&versions(), &["before", "after"]), expected);
}

#[test]
fn the_way_back_is_the_mirror_image() {
    let back = diff(&versions(), &["after", "before"]);
    for part in [
        "pack leaving 0.9: added\n  added     left (limits): The app is shared\n",
        "pack more 2.0: removed\n  removed   further (limits): The app exists\n",
        "            severity: limits → blocks\n            => can block users that were not blocked before\n",
        "            superseded, now:    no\n            => can block users that were not blocked before\n",
        "            least depth: local → basic\n",
        "  added     gone (blocks): The user has a role\n",
        "  removed   fresh (blocks): The user has a mailbox\n",
    ] {
        assert!(back.contains(part), "{part}\n{back}");
    }
}

#[test]
fn json_has_a_schema() {
    let document: Value =
        serde_json::from_str(&diff(&versions(), &["before", "after", "--json"])).expect("JSON");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/rules-difference-1.schema.json");
    let published = fs::read_to_string(path).expect("the schema");
    let printed = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(["rules", "schema", "difference"])
        .output()
        .expect("the program runs");
    assert_eq!(String::from_utf8(printed.stdout).expect("text"), published);
    let schema = serde_json::from_str(&published).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("urn:schema", schema).expect("a resource");
    let schema = compiler.compile("urn:schema", &mut schemas).expect("a schema");
    schemas
        .validate(&document, schema)
        .unwrap_or_else(|faults| panic!("{faults}"));

    assert_eq!(document["schema"], "clearance.rules-difference/1");
    assert_eq!(
        (&document["old"], &document["new"]),
        (&json!("before"), &json!("after"))
    );
    assert_eq!(document["packs"][1]["version_stayed"], true);
    assert_eq!(
        document["packs"][1]["rules"][0],
        json!({
            "id": "milder", "change": "changed", "title": "The mailbox is active", "severity": "limits",
            "moved_from": null, "changes": [{ "what": "severity", "old": "blocks", "new": "limits" }],
            "wording": [], "effect": "limits-instead",
        })
    );
    assert_eq!(
        document["packs"][1]["moved_out"],
        json!([{ "id": "wandering", "to": "more" }, { "id": "wandering", "to": "more" }])
    );
    let nothing = diff(&versions(), &["before", "before", "--json"]);
    let nothing: Value = serde_json::from_str(&nothing).expect("JSON");
    assert_eq!(nothing["packs"], json!([]));
}

#[test]
fn a_version_can_change_alone_and_content_with_its_version() {
    let dated = LEAVING.replace("0.9", "1.0");
    let files = folder(&[
        ("a.toml", LEAVING),
        ("b.toml", &dated),
        ("c.toml", &dated.replace("Share it.", "Share it with a role.")),
    ]);
    assert_eq!(
        diff(&files, &["a.toml", "b.toml"]),
        "pack leaving 0.9 → 1.0\n\nin all: no rule and no feature changed\n"
    );
    assert_eq!(
        diff(&files, &["a.toml", "c.toml"]),
        "pack leaving 0.9 → 1.0\n  reworded  left: remedy\n\nin all: 1 rule changed in wording only\n"
    );
}

#[test]
fn the_order_of_rules_is_told() {
    let second = "\n[[rule]]\nid = \"second\"\ntitle = \"There is a role\"\nscope = \"environment\"\n\
                  severity = \"advises\"\ncheck = { role_exists = \"Sales\" }\nremedy = \"Create it.\"\n";
    let (head, rule) = LEAVING.split_at(LEAVING.find("\n[[rule]]").expect("a rule"));
    let files = folder(&[
        ("a.toml", &format!("{LEAVING}{second}")),
        ("b.toml", &format!("{head}{second}{rule}")),
    ]);
    assert_eq!(
        diff(&files, &["a.toml", "b.toml"]),
        "pack leaving 0.9\n  WARNING: the content changed, but the version did not; raise it, so that people can \
         tell the two apart\n  wording: order\n\nin all: no rule and no feature changed\n"
    );
}

/// Copies the shipped files to `rules` in that folder.
fn shipped_files(to: &TempDir) -> PathBuf {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).expect("a file");
            }
        }
    }
    let target = to.path().join("rules");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), &target);
    target
}

#[test]
fn built_in_are_the_packs_of_the_program() {
    let files = folder(&[]);
    let rules = shipped_files(&files);
    assert_eq!(diff(&files, &["built-in", "rules"]), "no differences\n");
    assert_eq!(diff(&files, &["rules", "built-in"]), "no differences\n");
    assert_eq!(diff(&files, &["built-in", "built-in"]), "no differences\n");

    let mailboxes = rules.join("deployment-guide/2-mailboxes.toml");
    let text = fs::read_to_string(&mailboxes).expect("a file");
    let (before, from) = text.split_at(text.find("id = \"mailbox-active\"").expect("the rule"));
    let edited = format!("{before}{}", from.replacen("\"blocks\"", "\"limits\"", 1));
    fs::write(&mailboxes, edited).expect("a file");
    assert_eq!(
        diff(&files, &["built-in", "rules"]),
        "pack deployment-guide 2021.4.22\n  WARNING: the content changed, but the version did not; raise it, so that people can \
         tell the two apart\n  changed   mailbox-active (limits): The mailbox is active\n\
         \x20           severity: blocks → limits\n            => users that only this blocked are limited \
         instead\n\nin all: 1 rule changed in severity\n"
    );
}

#[test]
fn a_path_called_built_in_goes_first() {
    let files = folder(&[("built-in/own.toml", LEAVING), ("own.toml", LEAVING)]);
    assert_eq!(diff(&files, &["built-in", "own.toml"]), "no differences\n");
}

#[test]
fn files_that_add_to_a_shipped_pack_are_read_with_it() {
    let adds = |severity: &str| {
        format!(
            "[pack]\nid = \"platform-changes\"\n\n[[rule]]\nid = \"ours\"\ntitle = \"There is a role\"\n\
             scope = \"environment\"\nseverity = \"{severity}\"\ncheck = {{ role_exists = \"Sales\" }}\n\
             remedy = \"Create it.\"\n"
        )
    };
    let files = folder(&[("a.toml", &adds("advises")), ("b.toml", &adds("limits"))]);
    assert_eq!(
        diff(&files, &["a.toml", "b.toml"]),
        "pack platform-changes 2026.11.23\n  WARNING: the content changed, but the version did not; raise it, so that people can \
         tell the two apart\n  changed   ours (limits): There is a role\n            severity: \
         advises → limits\n            => can limit users that were ready before\n\nin all: 1 rule changed in \
         severity\n"
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let files = folder(&[
        ("good.toml", LEAVING),
        ("misspelt.toml", &LEAVING.replace("severity", "severty")),
        (
            "untitled.toml",
            &LEAVING.replace("title = \"The", "titel = \"The"),
        ),
        ("empty/readme.txt", "no rules"),
    ]);
    fs::write(files.path().join("latin.toml"), b"# caf\xe9").expect("a file");
    let nothing = "error: there is nothing at `builtin`\nhint: name a rule file, a folder of rule files, or \
                   `built-in` for the packs of this program\n";
    assert_eq!(refused(&files, &["builtin", "good.toml"]), nothing);
    assert_eq!(refused(&files, &["good.toml", "builtin"]), nothing);
    assert_eq!(refused(&files, &["builtin", "builtin"]), nothing);
    assert_eq!(
        refused(&files, &["good.toml", "empty"]),
        "error: there are no rule files in `empty`\nhint: rule files are named *.toml\n"
    );
    assert_eq!(
        refused(&files, &["good.toml", "latin.toml"]),
        "error: cannot read rules from `latin.toml`: stream did not contain valid UTF-8\nhint: name a rule file or \
         a folder of rule files, in UTF-8\n"
    );
    let misspelt = "\
error: a rule has no `severity`
 --> misspelt.toml:8:1
  |
8 | [[rule]]
  | ^^^^^^^^ `severity` is missing
  |
  = help: `severity` is `blocks`, `limits` or `advises`

error: unknown key `severty` in a rule
  --> misspelt.toml:12:1
   |
12 | severty = \"limits\"
   | ^^^^^^^ not a key here
   |
   = help: did you mean `severity`?

2 faults in 1 rule file; nothing was evaluated
";
    assert_eq!(refused(&files, &["misspelt.toml", "good.toml"]), misspelt);
    assert_eq!(refused(&files, &["good.toml", "misspelt.toml"]), misspelt);
    let untitled = "\
error: a rule has no `title`
 --> untitled.toml:8:1
  |
8 | [[rule]]
  | ^^^^^^^^ `title` is missing
  |
  = help: say in one line what is asked for

error: unknown key `titel` in a rule
  --> untitled.toml:10:1
   |
10 | titel = \"The app is shared\"
   | ^^^^^ not a key here
   |
   = help: did you mean `title`?

2 faults in 1 rule file; nothing was evaluated
";
    assert_eq!(
        refused(&files, &["misspelt.toml", "untitled.toml"]),
        format!("{misspelt}\n{untitled}")
    );
    assert_eq!(
        refused(&files, &["good.toml"]),
        "error: the following required arguments were not provided:\n  <NEW>\n\nUsage: clearance rules diff <OLD> \
         <NEW>\n\nFor more information, try '--help'.\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("the device");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(["rules", "diff", "built-in", "built-in"])
        .env("NO_COLOR", "1")
        .stdout(full)
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).expect("text"),
        "error: cannot write the result: No space left on device (os error 28)\n"
    );
}
