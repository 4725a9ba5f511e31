//! The JSON Schema of rule files: kept, right about good and broken files, and of one mind with
//! the loader.

use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use clearance::rules::facts::Facts;
use clearance::rules::keys::{self, Key};
use clearance::rules::{Field, FieldKind, RuleSource, load};
use serde_json::{Value, json};

use super::commands::good;

const COMMITTED: &str = "schemas/rules-1.schema.json";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A compiled schema.
struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn committed() -> Schema {
        let text = read(&root().join(COMMITTED));
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler
            .add_resource(
                "urn:clearance:rules:1",
                serde_json::from_str(&text).expect("JSON"),
            )
            .expect("a resource");
        let index = compiler
            .compile("urn:clearance:rules:1", &mut schemas)
            .expect("a schema");
        Schema { schemas, index }
    }

    /// What is wrong with a file, if anything is.
    fn faults(&self, text: &str) -> Option<String> {
        let file: toml::Table = text.parse().expect("TOML");
        let file = as_json(&toml::Value::Table(file));
        let result = self.schemas.validate(&file, self.index);
        result.err().map(|faults| format!("{faults:#}"))
    }
}

/// TOML as a TOML language server shows it to a schema: dates are texts.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(value) => json!(value),
        toml::Value::Datetime(moment) => json!(moment.to_string()),
        toml::Value::Array(items) => items.iter().map(as_json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    assert!(
        good(&["schema", "rules"]) == read(&root().join(COMMITTED)),
        "{COMMITTED} is out of date: run `cargo run -- rules schema rules > {COMMITTED}` and commit the result"
    );
}

#[test]
fn every_shipped_file_names_the_schema_and_keeps_to_it() {
    let schema = Schema::committed();
    let files = files_in(&root().join("rules"));
    assert!(!files.is_empty());
    for file in files {
        let text = read(&file);
        let line = text.lines().next().unwrap_or_default();
        let address = line
            .strip_prefix("#:schema ")
            .unwrap_or_else(|| panic!("{} does not begin with `#:schema `", file.display()));
        let named = file.parent().expect("a folder").join(address);
        assert_eq!(
            named.canonicalize().expect("the schema that is named"),
            root().join(COMMITTED).canonicalize().expect("the schema"),
            "{}",
            file.display()
        );
        if let Some(faults) = schema.faults(&text) {
            panic!("{}: {faults}", file.display());
        }
    }
}

/// Broken files that a schema cannot refuse, and why.
const BEYOND_A_SCHEMA: [(&str, &str); 6] = [
    ("duplicate-id", "an id is used twice, perhaps in two files"),
    ("duplicate-feature", "as above"),
    (
        "options-with-other-numbers",
        "a declaration is held against the fact catalogue",
    ),
    ("missing-source", "an entry or its pack must name a source"),
    ("pack-not-described", "another file may describe the pack"),
    ("when-never-holds", "a contradiction is a matter of meaning"),
];

/// Broken files that hold no TOML.
const NOT_TOML: [&str; 4] = [
    "missing-values",
    "null",
    "several-syntax-faults",
    "words-without-marks",
];

#[test]
fn the_schema_refuses_what_a_schema_can() {
    let schema = Schema::committed();
    for file in files_in(&root().join("tests/errors")) {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        // Not TOML at all: there is nothing to hold against a schema.
        if NOT_TOML.contains(&name.as_str()) {
            continue;
        }
        let refused = schema.faults(&read(&file)).is_some();
        match BEYOND_A_SCHEMA.iter().find(|(beyond, _)| *beyond == name) {
            Some((_, why)) => assert!(
                !refused,
                "{name} is refused, although {why}: take it off the list"
            ),
            None => assert!(refused, "{name} is accepted"),
        }
    }
}

fn file(entry: &str) -> String {
    format!(
        "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1.0\"\nsource = \"https://example.com\"\n\n{entry}"
    )
}

fn rule(scope: &str, check: &str) -> String {
    file(&format!(
        "[[rule]]\nid = \"a-rule\"\ntitle = \"A rule\"\nscope = \"{scope}\"\nseverity = \"advises\"\n\
         check = {check}\nremedy = \"Do something.\"\n"
    ))
}

/// Whether the loader takes the file, alone.
fn loads(text: &str) -> bool {
    let source = RuleSource {
        name: "own.toml".to_owned(),
        text: text.to_owned(),
    };
    load(&[source]).is_ok()
}

/// Files on which the schema and the loader differ.
fn differences<'t>(schema: &Schema, files: impl Iterator<Item = &'t String>) -> Vec<String> {
    files
        .filter_map(|text| {
            let (loads, faults) = (loads(text), schema.faults(text));
            match (loads, faults) {
                (true, Some(faults)) => Some(format!("the schema refuses\n{text}\n{faults}")),
                (false, None) => Some(format!("the schema accepts\n{text}")),
                _ => None,
            }
        })
        .collect()
}

/// Values of every type, right and wrong, for a fact.
fn values(field: &Field) -> Vec<String> {
    let mut values: Vec<String> = [
        "true",
        "1",
        "1.5",
        "99999999999",
        "\"\"",
        "\"some text\"",
        "\"9.1\"",
        "\"2026-11-23\"",
        "2026-11-23",
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00",
        "[1]",
    ]
    .map(str::to_owned)
    .into();
    // A bare date is a text to a schema, but not to the loader: TOML has dates, JSON has none.
    if field.kind == FieldKind::Text {
        values.retain(|value| !value.starts_with("2026"));
    }
    if let FieldKind::Option(options) = &field.kind {
        values.push(format!("\"{}\"", options[0].name));
    }
    values
}

#[test]
fn every_fact_is_compared_as_the_loader_compares_it() {
    let schema = Schema::committed();
    let facts = Facts::built_in();
    let mut files = Vec::new();
    for field in facts.iter() {
        let name = &field.name;
        let mut checks = Vec::new();
        for value in values(field) {
            for operator in ["is", "is_not", "at_least", "present"] {
                checks.push(format!("{{ field = \"{name}\", {operator} = {value} }}"));
            }
            for operator in ["one_of", "none_of"] {
                checks.push(format!("{{ field = \"{name}\", {operator} = [{value}] }}"));
            }
        }
        for check in checks {
            files.push(if field.is_of_device() {
                rule("user", &format!("{{ some_device = {check} }}"))
            } else {
                rule("user", &check)
            });
        }
    }
    assert!(files.iter().any(|file| loads(file)));
    let differences = differences(&schema, files.iter());
    assert!(
        differences.is_empty(),
        "{}\n{}",
        differences.len(),
        differences[0]
    );
}

#[test]
fn every_place_allows_what_the_loader_allows_there() {
    let schema = Schema::committed();
    let facts = Facts::built_in();
    // The scope, and what stands before and behind the check.
    let places = [
        ("user", "", ""),
        ("environment", "", ""),
        ("user", "{ every_device = ", " }"),
        (
            "user",
            "{ nowhere_else = { same = \"mailbox.emailaddress\", meets = ",
            " } }",
        ),
    ];
    let mut checks: Vec<String> = facts
        .iter()
        .flat_map(|field| {
            let same = facts.iter().step_by(7);
            let same =
                same.map(|other| format!("{{ field = \"{}\", same_as = \"{}\" }}", field.name, other.name));
            std::iter::once(format!("{{ field = \"{}\", present = true }}", field.name)).chain(same)
        })
        .collect();
    let examples = || {
        keys::SUBJECTS
            .iter()
            .chain(&keys::OPERATORS)
            .chain(&keys::COMPANIONS)
    };
    checks.extend(examples().map(|key| key.example.to_owned()));
    // Two things in one check, and companions without their subject.
    for first in examples() {
        for second in examples() {
            let inner = |key: &Key| {
                let inner = key.example.trim_start_matches('{').trim_end_matches('}');
                inner.trim().to_owned()
            };
            let both = format!("{{ {}, {} }}", inner(first), inner(second));
            // The same key twice is a matter of TOML.
            if both.parse::<toml::Table>().is_ok() || format!("x = {both}").parse::<toml::Table>().is_ok() {
                checks.push(both);
            }
        }
    }
    checks.extend(
        [
            "{ is = 1 }",
            "{ depth = \"basic\" }",
            "{ held = \"directly\" }",
            "{}",
            "{ never = false }",
            "{ privilege = \"prvReadContact\" }",
            "{ privilege = \"prvReadUserQuery\", depth = \"global\" }",
            "{ privilege = \"Contact\", depth = \"global\" }",
            "{ all = [] }",
            "{ field = \"systemuser.isdisabled\" }",
            "\"text\"",
        ]
        .map(str::to_owned),
    );
    let files: Vec<String> = places
        .iter()
        .flat_map(|(scope, before, behind)| {
            checks
                .iter()
                .map(move |check| rule(scope, &format!("{before}{check}{behind}")))
        })
        .collect();
    let differences = differences(&schema, files.iter());
    assert!(
        differences.is_empty(),
        "{}\n{}",
        differences.len(),
        differences[0]
    );
}

#[test]
fn a_further_column_is_accepted_where_it_may_be_declared() {
    let schema = Schema::committed();
    let fact = |name: &str, rest: &str| file(&format!("[[fact]]\nname = \"{name}\"\n{rest}\n"));
    let mut files = Vec::new();
    for name in [
        "systemuser.jobtitle",
        "organization.languagecode",
        "mailbox.statecode",
        "mailbox.name",
    ] {
        for kind in [
            "text",
            "integer",
            "boolean",
            "timestamp",
            "id",
            "option",
            "string",
        ] {
            files.push(fact(name, &format!("type = \"{kind}\"")));
            files.push(fact(
                name,
                &format!("type = \"{kind}\"\noptions = {{ on = 1, off = 0 }}"),
            ));
        }
    }
    for name in [
        "contact.fullname",
        "jobtitle",
        "systemuser.JobTitle",
        "systemuser.password",
        "systemuser._parentsystemuserid_value",
        "systemuser._value",
        "systemuser.__value",
        "systemuser.new_value",
        "systemuser.",
    ] {
        files.push(fact(name, "type = \"text\""));
    }
    files.push(fact(
        "systemuser.x",
        "type = \"option\"\noptions = { on = \"1\" }",
    ));
    let differences = differences(&schema, files.iter());
    assert!(
        differences.is_empty(),
        "{}\n{}",
        differences.len(),
        differences[0]
    );
    // Declared in another file, for all that a schema knows.
    let used = rule("user", "{ field = \"systemuser.jobtitle\", is = \"Clerk\" }");
    assert!(schema.faults(&used).is_none());
    assert!(
        schema
            .faults(&rule(
                "environment",
                "{ field = \"systemuser.jobtitle\", is = \"Clerk\" }"
            ))
            .is_some()
    );
}

/// An entry of that section with all required keys, and then `more`, by their examples.
fn entry(section: &keys::Section, without: Option<&str>, more: Option<&Key>) -> String {
    let mut lines: Vec<&str> = section
        .keys
        .iter()
        .filter(|key| key.required && Some(key.name) != without)
        .map(|key| key.example)
        .collect();
    // A privilege must be findable; an entry for that is wanted besides the required ones.
    if section.name == "privilege" && more.is_none_or(|key| key.name != "tab") {
        lines.push("tab = \"Core Records\"");
    }
    lines.extend(more.map(|key| key.example).filter(|line| !lines.contains(line)));
    let head = if section.many {
        format!("[[{}]]", section.name)
    } else {
        format!("[{}]", section.name)
    };
    format!("{head}\n{}\n", lines.join("\n"))
}

/// What the handbook and the schema say about keys is true: examples are accepted, required keys
/// are required, and others are not.
#[test]
fn keys_are_what_they_are_said_to_be() {
    let schema = Schema::committed();
    let agree = |text: &str, good: bool, what: &str| {
        assert_eq!(loads(text), good, "the loader, {what}:\n{text}");
        assert_eq!(schema.faults(text).is_none(), good, "the schema, {what}:\n{text}");
    };
    for section in keys::SECTIONS.iter().filter(|section| section.name != "pack") {
        agree(&file(&entry(section, None, None)), true, "all that is required");
        for key in section.keys {
            let what = format!("{}.{}", section.name, key.name);
            if key.required {
                agree(&file(&entry(section, Some(key.name), None)), false, &what);
            } else if what == "fact.options" {
                let text = file(&format!(
                    "[[fact]]\nname = \"systemuser.x\"\ntype = \"option\"\n{}\n",
                    key.example
                ));
                agree(&text, true, &what);
            } else {
                agree(&file(&entry(section, None, Some(key))), true, &what);
            }
        }
    }
    // A pack: all of it, or its id alone beside a file that has the rest.
    let pack = |without: &str| {
        let lines = keys::PACK
            .iter()
            .filter(|key| key.name != without)
            .map(|key| key.example);
        format!("[pack]\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    for (without, good) in [
        ("", true),
        ("id", false),
        ("title", false),
        ("version", false),
        ("source", true),
        ("read", true),
    ] {
        agree(&pack(without), good, without);
    }
    // Inner tables.
    for (keys, whole) in [
        (&keys::SUPERSEDED[..], "superseded = { {} }"),
        (&keys::NOWHERE_ELSE[..], "when = { nowhere_else = { {} } }"),
    ] {
        for without in std::iter::once("").chain(keys::names(keys)) {
            let inner: Vec<&str> = keys
                .iter()
                .filter(|key| key.name != without)
                .map(|key| key.example)
                .collect();
            let text = rule("user", "{ role = \"*\" }") + &whole.replace("{}", &inner.join(", ")) + "\n";
            agree(&text, without.is_empty(), without);
        }
    }
}
