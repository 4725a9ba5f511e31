//! The JSON Schema of rule files, for editors: made from the lists that the loader itself uses.
//!
//! Draft 7, since that is what Taplo, the TOML language server, understands. It completes from
//! `properties` and `anyOf` and does not look into `if` and `then`; so those two only refuse, and
//! what is offered stands outside of them. Each place in which a check may stand has its own
//! definition, as the loader allows other facts in each.
//!
//! A schema sees one file and no meaning. Left to the loader: faults in the syntax, ids and packs
//! across files, the source that an entry or its pack must name, conditions that contradict
//! themselves, and whether a column that is in no catalogue was declared.

mod check;
mod write;

use serde_json::{Map, Value, json};

use self::check::{basic_only, by_type, check, declared, fact, offered};
use self::write::write;
use super::declare::NEVER_COLLECTED;
use super::facts::{Facts, SUBJECTS as RECORDS};
use super::keys::{Holds, Key, NOWHERE_ELSE, SECTIONS, SUBJECTS, SUPERSEDED, Section, names};
use super::model::{Field, FieldSource, Subject};
use crate::snapshot::tables::Kind;

/// The schema as text, as `clearance rules schema rules` prints it.
#[must_use]
pub fn text() -> String {
    let mut text = String::new();
    write(&schema(), 0, &mut text);
    text + "\n"
}

/// Where a check stands, which decides what it may look at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    User,
    Environment,
    Mailbox,
    Device,
}

const PLACES: [Place; 4] = [Place::User, Place::Environment, Place::Mailbox, Place::Device];

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::User => "check",
            Place::Environment => "check-of-environment",
            Place::Mailbox => "check-of-mailbox",
            Place::Device => "check-of-device",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Place::User => "What must hold, or when a rule applies. A check looks at exactly one thing.",
            Place::Environment => {
                "What must hold for the environment, or when a rule applies. A check looks at exactly one thing."
            }
            Place::Mailbox => "A condition on a mailbox of another environment.",
            Place::Device => "A condition on a device of the user.",
        }
    }

    fn allows(self, fact: &Field) -> bool {
        match self {
            Place::User => !fact.is_of_device(),
            Place::Environment => !fact.is_of_user(),
            Place::Mailbox => fact.is_of_mailbox(),
            Place::Device => fact.is_of_device(),
        }
    }

    /// The tables of which a further column may be named, if it is declared.
    fn records(self) -> Vec<&'static str> {
        let records = RECORDS.into_iter().filter(|record| match self {
            Place::User => true,
            Place::Environment => *record == Subject::Organization,
            Place::Mailbox => *record == Subject::Mailbox,
            Place::Device => false,
        });
        records.map(Subject::table).collect()
    }

    /// What a check here may look at; the loader refuses the rest with a reason.
    fn subjects(self) -> Vec<Key> {
        let allowed = |name: &str| match name {
            "field" | "all" | "any" | "not" | "never" => true,
            "role_exists" | "app_module_exists" => self != Place::Device,
            "attested" => matches!(self, Place::User | Place::Environment),
            _ => self == Place::User,
        };
        SUBJECTS.into_iter().filter(|key| allowed(key.name)).collect()
    }

    fn reference(self) -> Value {
        reference(self.name())
    }

    /// Name of the definition of the facts that may be named here.
    fn facts(self) -> &'static str {
        match self {
            Place::User => "fact",
            Place::Environment => "fact-of-environment",
            Place::Mailbox => "fact-of-mailbox",
            Place::Device => "fact-of-device",
        }
    }

    /// Name of the definition of the values that are offered here.
    fn values(self) -> &'static str {
        match self {
            Place::User => "value",
            Place::Environment => "value-of-environment",
            Place::Mailbox => "value-of-mailbox",
            Place::Device => "value-of-device",
        }
    }
}

/// The types of facts, and the names of the definitions that list the facts of that type: those
/// that can be equal to one another.
const KINDS: [(&str, &str); 7] = [
    ("an id", "ids"),
    ("text", "texts"),
    ("a whole number", "whole-numbers"),
    ("true or false", "yes-or-no"),
    ("a named option", "options"),
    ("a version", "versions"),
    ("a moment", "moments"),
];

fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{definition}") })
}

fn schema() -> Value {
    let facts = Facts::built_in();
    let mut definitions = Map::new();
    let mut define = |name: &str, value: Value| definitions.insert(name.to_owned(), value);
    for place in PLACES {
        define(place.name(), check(place));
        define(place.facts(), fact(place, &facts));
        define(place.values(), offered(place, &facts));
    }
    let all: Vec<&str> = facts.iter().map(|field| field.name.as_str()).collect();
    define("catalogue", json!({ "enum": all }));
    define("declared", declared(&Place::User.records()));
    define("compared", json!({ "allOf": by_type(&facts) }));
    for (kind, name) in KINDS {
        // The facts of a type are named for `same_as`, which what is found out may not stand in.
        let alike = facts
            .iter()
            .filter(|fact| fact.kind.words() == kind && !fact.is_found_out());
        let alike: Vec<&str> = alike.map(|fact| fact.name.as_str()).collect();
        define(
            name,
            json!({ "anyOf": [{ "enum": alike }, reference("declared")] }),
        );
    }
    let mut properties = Map::new();
    for section in SECTIONS {
        let entry = with_conditions(&section, table(section.keys, Place::User), &facts);
        let about = section.about;
        let value = if section.many {
            json!({ "type": "array", "description": about, "items": described(entry, about) })
        } else {
            described(entry, about)
        };
        properties.insert(section.name.to_owned(), value);
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:clearance:rules:1",
        "title": "Clearance rule file",
        "description": "Rules of one pack. `clearance rules check` tells every fault, also those that a schema cannot see.",
        "type": "object",
        "required": ["pack"],
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions,
    })
}

/// A table with those keys and no others.
fn table(keys: &[Key], place: Place) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let value = described(value(key.holds, place), key.about);
            (key.name.to_owned(), value)
        })
        .collect();
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema with a description; one that only refers to another cannot have any.
fn described(mut schema: Value, about: &str) -> Value {
    if let Some(object) = schema.as_object_mut()
        && !object.contains_key("$ref")
    {
        object.insert("description".to_owned(), about.into());
    }
    schema
}

/// What a value must be, whatever the fact.
fn value(holds: Holds, place: Place) -> Value {
    if let Some(words) = holds.words() {
        let names: Vec<&str> = words.iter().map(|word| word.name).collect();
        let about: Vec<&str> = words.iter().map(|word| word.about).collect();
        return json!({ "enum": names, "x-taplo": { "docs": { "enumValues": about } } });
    }
    match holds {
        Holds::Text => text_value(),
        Holds::Texts => json!({ "type": "array", "items": text_value() }),
        Holds::Id => json!({ "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" }),
        Holds::Version => json!({ "type": "string", "pattern": VERSION }),
        Holds::Day => json!({ "type": "string", "format": "date" }),
        Holds::Boolean => json!({ "type": "boolean" }),
        Holds::True => json!({ "const": true }),
        Holds::Check => place.reference(),
        Holds::Checks => json!({ "type": "array", "items": place.reference(), "minItems": 1 }),
        Holds::CheckOfDevice => Place::Device.reference(),
        Holds::CheckOfMailbox => Place::Mailbox.reference(),
        // In a list of its own, so that the key can have its own description.
        Holds::Fact | Holds::SameType => json!({ "anyOf": [reference(place.facts())] }),
        Holds::MailboxFact => json!({ "anyOf": [reference(Place::Mailbox.facts())] }),
        Holds::Facts => json!({ "type": "array", "items": reference(place.facts()) }),
        Holds::Value => json!({ "anyOf": [reference(place.values())] }),
        Holds::Values => json!({ "type": "array", "items": reference(place.values()), "minItems": 1 }),
        Holds::Least => json!({ "type": ["integer", "string"] }),
        Holds::Privilege => json!({ "type": "string", "pattern": PRIVILEGE }),
        Holds::Privileges => {
            json!({ "type": "array", "items": { "type": "string", "pattern": PRIVILEGE }, "minItems": 1 })
        }
        Holds::Column => json!({
            "type": "string",
            "pattern": columns_of(&Place::User.records()),
            "not": { "pattern": format!("{}|{LOOKUP_OF_THE_WEB_API}", NEVER_COLLECTED.join("|")) },
        }),
        Holds::Options => json!({ "type": "object", "additionalProperties": whole_number() }),
        Holds::Superseded => table(&SUPERSEDED, place),
        Holds::NowhereElse => table(&NOWHERE_ELSE, place),
        // Words, which were answered above.
        Holds::Scope | Holds::Severity | Holds::Area | Holds::Depth | Holds::Held | Holds::FactType => {
            json!({ "type": "string" })
        }
    }
}

const VERSION: &str = r"^\s*[0-9]+(\.[0-9]+)*\s*$";
const PRIVILEGE: &str = "^prv[A-Za-z0-9_]+$";
/// `_parentsystemuserid_value`, say: no logical name.
const LOOKUP_OF_THE_WEB_API: &str = r"\._[a-z0-9_]+_value$";
/// A day, or a moment with its distance from UTC.
const MOMENT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9:]+))?$";

/// Text that can be shown: not blank, and without characters that steer a terminal or reorder
/// text.
fn text_value() -> Value {
    json!({
        "type": "string",
        "pattern": r"\S",
        "not": { "pattern": r"[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]" },
    })
}

fn whole_number() -> Value {
    json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
}

fn columns_of(tables: &[&str]) -> String {
    format!(r"^({})\.[a-z0-9_]+$", tables.join("|"))
}

/// What the keys of an entry ask of each other.
fn with_conditions(section: &Section, mut entry: Value, facts: &Facts) -> Value {
    let mut add = |key: &str, value: Value| {
        if let Some(object) = entry.as_object_mut() {
            object.insert(key.to_owned(), value);
        }
    };
    match section.name {
        "pack" => {
            // A file that says more than the id describes the pack, and then in full.
            let described = json!(["title", "version"]);
            let keys = names(section.keys).filter(|name| *name != "id");
            let depends: Map<String, Value> = keys.map(|name| (name.to_owned(), described.clone())).collect();
            add("dependencies", depends.into());
        }
        "rule" => {
            let environment = Place::Environment.reference();
            add(
                "if",
                json!({ "properties": { "scope": { "const": "environment" } }, "required": ["scope"] }),
            );
            add(
                "then",
                json!({ "properties": {
                    "when": environment,
                    "check": environment,
                    "quote": { "items": reference(Place::Environment.facts()) },
                } }),
            );
        }
        "privilege" => {
            add(
                "anyOf",
                json!([{ "required": ["table"] }, { "required": ["tab"] }]),
            );
            let condition = basic_only("name");
            add("if", condition["if"].clone());
            add("then", condition["then"].clone());
        }
        "fact" => {
            let is_option = json!({ "properties": { "type": { "const": "option" } }, "required": ["type"] });
            add("if", is_option);
            add(
                "then",
                json!({ "required": ["options"], "allOf": known_columns(facts) }),
            );
            add(
                "else",
                json!({ "not": { "required": ["options"] }, "allOf": known_columns(facts) }),
            );
        }
        _ => {}
    }
    entry
}

/// A column of the catalogue may be declared again, but not as something else.
fn known_columns(facts: &Facts) -> Vec<Value> {
    let kinds = [
        (Kind::Id, &["id"][..]),
        (Kind::Text, &["text"]),
        (Kind::Integer, &["integer", "option"]),
        (Kind::Boolean, &["boolean"]),
        (Kind::Timestamp, &["timestamp"]),
    ];
    kinds
        .into_iter()
        .map(|(kind, types)| {
            let columns = facts.iter().filter(
                |field| matches!(&field.source, FieldSource::Column { kind: known, .. } if *known == kind),
            );
            let names: Vec<&str> = columns.map(|field| field.name.as_str()).collect();
            json!({
                "if": { "properties": { "name": { "enum": names } }, "required": ["name"] },
                "then": { "properties": { "type": { "enum": types } } },
            })
        })
        .collect()
}
