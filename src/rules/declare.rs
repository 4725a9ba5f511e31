//! `[[feature]]` and `[[fact]]` entries.

use toml::de::DeValue;

use super::entry::{Setting, kebab, values};
use super::facts::{self, Facts};
use super::faults::{Fault, Faults};
use super::keys;
use super::model::{Feature, Field, FieldKind, OptionName};
use super::nearest::choice;
use super::privilege::privilege_name;
use super::tree::{At, Entry, kind};
use crate::snapshot::tables::Kind;

/// The types of declared facts: the word, the type in the snapshot, and what it means.
pub(super) const FACT_TYPES: [(&str, Kind, &str); 6] = [
    ("text", Kind::Text, "Text of one or several lines."),
    ("integer", Kind::Integer, "A whole number."),
    ("boolean", Kind::Boolean, "Yes or no."),
    ("timestamp", Kind::Timestamp, "A date, or a date and time."),
    (
        "id",
        Kind::Id,
        "A unique identifier, or a lookup: a reference to another row, such as a person's manager.",
    ),
    (
        "option",
        Kind::Integer,
        "A choice (option set), a state or a status reason; name its options in `options`.",
    ),
];

/// What others call those types: Dataverse itself, databases and programming languages. In small
/// letters, and without what stands between words.
const ALSO_CALLED: [(&str, &[&str]); 6] = [
    (
        "text",
        &["string", "memo", "entityname", "varchar", "nvarchar", "str"],
    ),
    ("integer", &["int", "number", "whole", "wholenumber"]),
    ("boolean", &["bool", "yesno", "yesorno", "trueorfalse", "bit"]),
    ("timestamp", &["date", "datetime", "dateandtime", "moment", "day"]),
    (
        "id",
        &[
            "guid",
            "uuid",
            "uniqueidentifier",
            "identifier",
            "lookup",
            "reference",
            "owner",
            "customer",
        ],
    ),
    (
        "option",
        &[
            "picklist",
            "choice",
            "optionset",
            "namedoption",
            "state",
            "status",
            "enum",
        ],
    ),
];

/// What the name of a column may not hold, as the column then holds a secret or is very large.
pub(super) const NEVER_COLLECTED: [&str; 5] = [
    "password",
    "secret",
    "token",
    "folderhierarchy",
    "exchangesyncstate",
];

/// The logical name of the lookup that the Web API calls by that name.
pub(super) fn lookup_of(column: &str) -> Option<&str> {
    let logical = column.strip_prefix('_')?.strip_suffix("_value")?;
    Some(logical).filter(|logical| !logical.is_empty())
}

/// The type of a declared fact: its word, and the type in the snapshot.
fn fact_type(entry: &Entry<'_>, faults: &mut Faults) -> Option<(&'static str, Kind)> {
    let words = FACT_TYPES.map(|(word, kind, _)| (word, (word, kind)));
    if entry.table.contains_key("type") {
        let At { value: given, place } = entry.text("type", faults)?;
        let small = given.to_lowercase();
        let letters: String = small.chars().filter(|c| c.is_alphabetic()).collect();
        let meant = ALSO_CALLED.iter().find(|(_, names)| names.contains(&&*letters));
        if let Some((word, _)) = meant {
            faults.add(
                Fault::new(
                    place,
                    format!("`type` cannot be `{given}`"),
                    "not a word that is known here",
                )
                .help(format!("did you mean `{word}`?")),
            );
            return None;
        }
    }
    entry.word("type", &words, true, faults)
}

/// A `[[feature]]`.
pub(super) fn feature(
    entry: &Entry<'_>,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Feature)> {
    entry.only(&keys::FEATURE, faults);
    let id = entry
        .required("id", "give it a short name in kebab-case", faults)
        .filter(|id| kebab(id, "the id of a feature", faults).is_some());
    let title = entry.required("title", "say what the user gets", faults);
    let needs = entry.texts("needs", faults);
    if needs.is_empty() {
        faults.add(
            Fault::new(
                entry.place.clone(),
                "a feature needs no privilege",
                "`needs` is missing or empty",
            )
            .help("name the privileges that light it up: `needs = [\"prvCreateLead\"]`"),
        );
    }
    for name in &needs {
        privilege_name(name, faults);
    }
    let id = id?;
    let feature = Feature {
        id: id.value.clone(),
        pack: setting.pack,
        title: title?.value,
        needs: values(needs),
    };
    Some((id, feature))
}

/// A `[[fact]]`: a further column of a collected table.
pub(super) fn fact(entry: &Entry<'_>, facts: &Facts, faults: &mut Faults) -> Option<Field> {
    entry.only(&keys::FACT, faults);
    let name = entry.required(
        "name",
        "write `table.column`, such as `systemuser.mobilephone`",
        faults,
    );
    let (word, kind) = fact_type(entry, faults).unzip();
    let is_option = word == Some("option");
    let options = if is_option { options(entry, faults) } else { None };
    // Of a type that is not known, it cannot be said whether it has any.
    if let (Some(place), Some(_), false) = (entry.key("options"), word, is_option) {
        faults.add(
            Fault::new(
                place,
                "only a fact of type `option` has options",
                "not for this type",
            )
            .help("write `type = \"option\"`"),
        );
    }
    let name = name?;
    let Some((subject, column)) = name.value.split_once('.').and_then(|(table, column)| {
        let subject = facts::SUBJECTS
            .into_iter()
            .find(|subject| subject.table() == table)?;
        Some((subject, column))
    }) else {
        let tables = || facts::SUBJECTS.iter().map(|subject| subject.table());
        let table = name.value.split('.').next().unwrap_or_default();
        faults.add(
            Fault::new(
                name.place.clone(),
                format!("`{}` is no column of a table that facts can read", name.value),
                "unknown table",
            )
            .meant(
                table,
                tables(),
                format!(
                    "write `table.column`; tables are {}",
                    choice(tables()).replace(" or ", " and ")
                ),
            ),
        );
        return None;
    };
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if column.is_empty() || !column.chars().all(letters) {
        faults.add(
            Fault::new(
                name.place,
                format!("`{column}` is no name of a column"),
                "not a logical name",
            )
            .help("use the column's logical name: small letters, digits and underscores"),
        );
        return None;
    }
    if let Some(logical) = lookup_of(column) {
        faults.add(
            Fault::new(
                name.place,
                format!("`{column}` is no logical name of a column"),
                "what the Web API calls a lookup",
            )
            .help(format!("use the logical name `{logical}`")),
        );
        return None;
    }
    if let Some(word) = NEVER_COLLECTED.into_iter().find(|word| column.contains(word)) {
        faults.add(
            Fault::new(
                name.place,
                format!("`{column}` is never collected"),
                format!("`{word}` stands for something a snapshot may not hold"),
            )
            .help("snapshots hold no secrets and no mail state"),
        );
        return None;
    }
    let field = facts::column_field(subject, column, kind?, options);
    match facts.get(&field.name) {
        Some(known) if known.source != field.source => {
            faults.add(
                Fault::new(
                    name.place,
                    format!("`{}` is known as {}", field.name, known.kind.words()),
                    format!("declared here as {}", field.kind.words()),
                )
                .help("leave the declaration out, or give it the same type"),
            );
            None
        }
        // Declared again, by another pack or by a later version of this program.
        Some(known) => match contradiction(&known.kind, &field.kind) {
            Some((option, value)) => {
                faults.add(
                    Fault::new(
                        name.place,
                        format!("option `{option}` of `{}` is known as {value}", field.name),
                        "declared here with another number",
                    )
                    .help("leave the declaration out, or give the option the same number"),
                );
                None
            }
            None => Some(known.clone()),
        },
        None => Some(field),
    }
}

/// An option that has one number here and another there: whoever wrote a rule with it may mean either.
fn contradiction<'k>(known: &'k FieldKind, declared: &FieldKind) -> Option<(&'k str, i32)> {
    let (FieldKind::Option(known), FieldKind::Option(declared)) = (known, declared) else {
        return None;
    };
    let differs = |option: &&OptionName| {
        declared
            .iter()
            .any(|other| other.name == option.name && other.value != option.value)
    };
    let option = known.iter().find(differs)?;
    Some((&option.name, option.value))
}

fn options(entry: &Entry<'_>, faults: &mut Faults) -> Option<Vec<OptionName>> {
    let hint = "name each option and its number: `options = { active = 0, inactive = 1 }`";
    let Some(value) = entry.table.get("options") else {
        entry.required("options", hint, faults);
        return None;
    };
    let table = Entry::of(value, entry.place.file, "`options`", faults)?;
    let mut list: Vec<OptionName> = Vec::new();
    for (name, value) in table.table {
        let number = match value.get_ref() {
            DeValue::Integer(number) => i32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let Some(number) = number else {
            faults.add(
                Fault::new(
                    table.at(value.span()),
                    format!("option `{}` needs its number", name.get_ref()),
                    format!("this is {}", kind(value.get_ref())),
                )
                .help(hint),
            );
            continue;
        };
        list.push(OptionName {
            value: number,
            name: name.get_ref().to_string(),
            label: name.get_ref().to_string(),
        });
    }
    list.sort_by_key(|option| option.value);
    Some(list)
}
