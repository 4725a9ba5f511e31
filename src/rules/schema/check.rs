//! The schema of checks: what may be looked at where, and how each fact may be compared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::facts::Facts;
use super::super::keys::{COMPANIONS, Key, OPERATORS, names};
use super::super::model::{Field, FieldKind};
use super::super::privilege::BASIC_ONLY;
use super::{KINDS, MOMENT, Place, VERSION, columns_of, described, reference, table, whole_number};

/// The name of a fact that may be named there: one of the catalogue, which an editor offers, or a
/// column that a `[[fact]]` of this or another file declares.
pub(super) fn fact(place: Place, facts: &Facts) -> Value {
    let known = || facts.iter().filter(|field| place.allows(field));
    let names: Vec<&str> = known().map(|field| field.name.as_str()).collect();
    let about: Vec<&str> = known().map(|field| field.kind.words()).collect();
    let catalogue = json!({ "enum": names, "x-taplo": { "docs": { "enumValues": about } } });
    match &place.records()[..] {
        [] => catalogue,
        records => json!({ "anyOf": [catalogue, declared(records)] }),
    }
}

/// The name of a column that is in no catalogue.
pub(super) fn declared(tables: &[&str]) -> Value {
    json!({ "type": "string", "pattern": columns_of(tables), "not": reference("catalogue") })
}

/// What an editor offers as a value: the options of every fact there, and yes or no. Which of them
/// fits the fact at hand is said by [`by_type`].
pub(super) fn offered(place: Place, facts: &Facts) -> Value {
    let mut lists: Vec<(Value, Vec<&str>)> = Vec::new();
    for field in facts.iter().filter(|field| place.allows(field)) {
        if let FieldKind::Option(_) = field.kind {
            let options = option_value(&field.kind);
            match lists.iter_mut().find(|(known, _)| *known == options) {
                Some((_, of)) => of.push(&field.name),
                None => lists.push((options, vec![&field.name])),
            }
        }
    }
    let mut any: Vec<Value> = lists
        .into_iter()
        .map(|(options, of)| described(options, &format!("An option of {}", of.join(", "))))
        .collect();
    any.push(json!({ "type": ["boolean", "integer", "string"] }));
    json!({ "anyOf": any })
}

fn option_value(kind: &FieldKind) -> Value {
    let FieldKind::Option(options) = kind else {
        return json!({});
    };
    let names: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
    let about: Vec<String> = options
        .iter()
        .map(|option| format!("{} ({})", option.label, option.value))
        .collect();
    json!({ "enum": names, "x-taplo": { "docs": { "enumValues": about } } })
}

/// A check at that place.
pub(super) fn check(place: Place) -> Value {
    let subjects = place.subjects();
    let has = |name: &str| subjects.iter().any(|key| key.name == name);
    let companions = COMPANIONS.into_iter().filter(|key| match key.name {
        "depth" => has("privilege"),
        _ => has("role"),
    });
    let keys: Vec<Key> = subjects
        .iter()
        .copied()
        .chain(OPERATORS)
        .chain(companions)
        .collect();
    let mut schema = described(table(&keys, place), place.about());
    let alone: Vec<&str> = names(&subjects)
        .filter(|name| !["field", "privilege", "role"].contains(name))
        .collect();
    // One thing to look at, and beside it only what belongs to it.
    let mut otherwise = json!({ "minProperties": 1, "maxProperties": 1, "propertyNames": { "enum": alone } });
    if has("role") {
        otherwise = json!({
            "if": { "required": ["role"] },
            "then": { "propertyNames": { "enum": ["role", "held"] } },
            "else": otherwise,
        });
    }
    if has("privilege") {
        otherwise = json!({
            "if": { "required": ["privilege"] },
            "then": {
                "required": ["depth"],
                "propertyNames": { "enum": ["privilege", "depth"] },
                "allOf": [basic_only("privilege")],
            },
            "else": otherwise,
        });
    }
    let beside_field: Vec<&str> = ["field"].into_iter().chain(names(&OPERATORS)).collect();
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
        object.insert("if".to_owned(), json!({ "required": ["field"] }));
        object.insert(
            "then".to_owned(),
            json!({
                "minProperties": 2,
                "maxProperties": 2,
                "propertyNames": { "enum": beside_field },
                "allOf": [reference("compared")],
            }),
        );
        object.insert("else".to_owned(), otherwise);
    }
    schema
}

/// Privileges that the platform grants at Basic only cannot be asked for at more.
pub(super) fn basic_only(key: &str) -> Value {
    json!({
        "if": { "properties": { key: { "enum": BASIC_ONLY } }, "required": [key] },
        "then": { "properties": { "depth": { "const": "basic" } } },
    })
}

/// For each type of fact: how it may be compared, and with what. Whether a fact may be named at the
/// place has been said by then.
pub(super) fn by_type(facts: &Facts) -> Vec<Value> {
    // Options with the same names are one type here.
    let mut groups: BTreeMap<String, Vec<&Field>> = BTreeMap::new();
    for field in facts.iter() {
        let key = format!("{:?} {}", field.kind, field.is_found_out());
        groups.entry(key).or_default().push(field);
    }
    groups
        .into_values()
        .map(|fields| {
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            json!({
                "if": { "properties": { "field": { "enum": names } } },
                "then": compared(fields[0]),
            })
        })
        .collect()
}

fn compared(field: &Field) -> Value {
    let kind = &field.kind;
    let same = KINDS.iter().find(|(known, _)| *known == kind.words());
    let same = reference(same.map_or("catalogue", |(_, name)| name));
    let (value, ordered) = match kind {
        FieldKind::Id => {
            return json!({
                "propertyNames": { "enum": ["field", "present", "same_as"] },
                "properties": { "same_as": same },
            });
        }
        FieldKind::Text => (json!({ "type": "string", "pattern": r"\S" }), false),
        FieldKind::Integer => (whole_number(), true),
        FieldKind::Boolean => (json!({ "type": "boolean" }), false),
        FieldKind::Option(options) => {
            let names: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
            (json!({ "enum": names }), false)
        }
        FieldKind::Version => (json!({ "type": "string", "pattern": VERSION }), true),
        FieldKind::Timestamp => (json!({ "type": "string", "pattern": MOMENT }), true),
    };
    let list = json!({ "items": value });
    let mut schema = json!({ "properties": {
        "is": value, "is_not": value, "one_of": list, "none_of": list, "same_as": same,
    } });
    if ordered {
        schema["properties"]["at_least"] = value;
    }
    let fits = |name: &str| match name {
        "at_least" => ordered,
        "same_as" => !field.is_found_out(),
        _ => true,
    };
    if names(&OPERATORS).any(|name| !fits(name)) {
        let operators = names(&OPERATORS).filter(|name| fits(name));
        let allowed: Vec<&str> = ["field"].into_iter().chain(operators).collect();
        schema["propertyNames"] = json!({ "enum": allowed });
    }
    schema
}
