//! The entries of a rule file: `[[rule]]`, `[[privilege]]`, `[[feature]]` and `[[fact]]`.

use toml::de::DeValue;

use super::check::{Checks, DEPTHS, grantable, privilege_name};
use super::facts::{self, Facts};
use super::faults::{Fault, Faults, Place};
use super::model::{
    Area, Check, Depth, Feature, Field, FieldKind, OptionName, PrivilegeEntry, Rule, Scope, Severity,
    Superseded,
};
use super::nearest::choice;
use super::tree::{At, Entry, kind};
use crate::snapshot::tables::Kind;

const SCOPES: [(&str, Scope); 2] = [("user", Scope::User), ("environment", Scope::Environment)];
const SEVERITIES: [(&str, Severity); 3] = [
    ("blocks", Severity::Blocks),
    ("limits", Severity::Limits),
    ("advises", Severity::Advises),
];
const AREAS: [(&str, Area); 10] = [
    ("account", Area::Account),
    ("environment", Area::Environment),
    ("role", Area::Role),
    ("app", Area::App),
    ("privilege", Area::Privilege),
    ("mailbox", Area::Mailbox),
    ("synchronization", Area::Synchronization),
    ("deployment", Area::Deployment),
    ("client", Area::Client),
    ("other", Area::Other),
];

/// What an entry inherits from its pack and its file.
pub(super) struct Setting<'a> {
    /// Position of the pack.
    pub(super) pack: usize,
    /// The pack's source, with the date it was read.
    pub(super) source: Option<String>,
    /// When the pack's sources were read.
    pub(super) read: Option<String>,
    /// The `[privileges]` table of the file.
    pub(super) privileges: Option<Entry<'a>>,
}

/// An address with the date it was read.
pub(super) fn dated(source: &str, read: Option<&str>) -> String {
    read.map_or_else(|| source.to_owned(), |read| format!("{source} (read {read})"))
}

/// A `[[rule]]`.
pub(super) fn rule(
    entry: &Entry<'_>,
    facts: &Facts,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Rule)> {
    let keys = [
        "id",
        "title",
        "why",
        "scope",
        "severity",
        "area",
        "when",
        "check",
        "cause",
        "remedy",
        "section",
        "source",
        "read",
        "also",
        "symptoms",
        "superseded",
        "quote",
    ];
    entry.only(&keys, faults);
    let id = entry
        .required(
            "id",
            "give it a short name in kebab-case; it stays the same for ever",
            faults,
        )
        .filter(|id| kebab(id, "the id of a rule", faults).is_some());
    let title = entry.required("title", "say in one line what is asked for", faults);
    let scope = entry.word("scope", &SCOPES, true, faults);
    let severity = entry.word("severity", &SEVERITIES, true, faults);
    let area = match entry.get("area") {
        Some(_) => entry.word("area", &AREAS, false, faults),
        None => Some(Area::Other),
    };
    // Without a known scope, checks are read as those of a user rule, which may say most.
    let checks = Checks::new(facts, scope.unwrap_or(Scope::User));
    let read = |key: &str, faults: &mut Faults| checks.read(entry.table.get(key)?, entry.place.file, faults);
    let when = read("when", faults);
    let check = match entry.table.contains_key("check") {
        true => read("check", faults),
        false => {
            entry.required(
                "check",
                "say what must hold: `check = { field = \"…\", is = … }`",
                faults,
            );
            None
        }
    };
    let remedy = entry.required("remedy", "say what an administrator does about it", faults);
    let quote: Vec<Option<Field>> = entry
        .texts("quote", faults)
        .iter()
        .map(|name| checks.named(name, faults))
        .collect();
    let source = source(entry, setting, faults);
    let rule = Rule {
        id: String::new(),
        pack: setting.pack,
        title: title.map(|title| title.value).unwrap_or_default(),
        why: value(entry.text("why", faults)),
        scope: scope.unwrap_or(Scope::User),
        severity: severity.unwrap_or(Severity::Advises),
        area: area.unwrap_or(Area::Other),
        when,
        check: check.unwrap_or(Check::Never),
        cause: value(entry.text("cause", faults)),
        remedy: remedy.map(|remedy| remedy.value).unwrap_or_default(),
        section: value(entry.text("section", faults)),
        source: source.unwrap_or_default(),
        also: values(entry.texts("also", faults)),
        symptoms: values(entry.texts("symptoms", faults)),
        superseded: superseded(entry, faults),
        privilege: None,
        quote: quote.into_iter().flatten().collect(),
    };
    // Defaults above stand only where a fault was added; the set is then refused as a whole.
    let id = id?;
    Some((id.clone(), Rule { id: id.value, ..rule }))
}

/// A `[[privilege]]`, which stands for a rule about a user.
pub(super) fn privilege(
    entry: &Entry<'_>,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Rule)> {
    let keys = [
        "name", "table", "row", "tab", "depth", "severity", "title", "why", "cause", "remedy", "section",
        "source", "read", "also", "symptoms",
    ];
    entry.only(&keys, faults);
    let name = entry.required(
        "name",
        "write the privilege's name, such as `prvReadContact`",
        faults,
    );
    let name = name.filter(|name| privilege_name(name, faults).is_some());
    let depth = entry.word("depth", &DEPTHS, true, faults);
    let severity = entry.word("severity", &SEVERITIES, true, faults);
    let table = value(entry.text("table", faults));
    let tab = value(entry.text("tab", faults));
    if table.is_none() && tab.is_none() {
        faults.add(
            Fault::new(
                entry.place.clone(),
                "a privilege has neither `table` nor `tab`",
                "nobody could find it in the role editor",
            )
            .help("write the `tab` of the role editor it stands on, and its `table` unless it is about none"),
        );
    }
    let row = value(entry.text("row", faults));
    let default = |key: &str, faults: &mut Faults| {
        let own = entry.text(key, faults);
        value(own.or_else(|| setting.privileges.as_ref()?.text(key, faults)))
    };
    let why = default("why", faults);
    let section = default("section", faults);
    let also = values(entry.texts("also", faults));
    let symptoms = entry.texts("symptoms", faults);
    let source = source(entry, setting, faults);
    let (title, cause, remedy) = (
        value(entry.text("title", faults)),
        value(entry.text("cause", faults)),
        value(entry.text("remedy", faults)),
    );
    let (name, depth, severity) = (name?, depth?, severity?);
    grantable(&name.value, depth, entry, faults)?;
    let shared = setting
        .privileges
        .as_ref()
        .map(|defaults| defaults.texts("symptoms", faults))
        .unwrap_or_default();
    let symptoms = shared
        .into_iter()
        .chain(symptoms)
        .map(|symptom| symptom.value.replace("{name}", &name.value))
        .collect();
    let privilege = PrivilegeEntry {
        name: name.value.clone(),
        table,
        tab,
        depth,
    };
    let words = PrivilegeWords::new(&privilege, row.as_deref());
    let rule = Rule {
        id: name.value.clone(),
        pack: setting.pack,
        title: title.unwrap_or_else(|| words.title()),
        why,
        scope: Scope::User,
        severity,
        area: Area::Privilege,
        when: None,
        check: Check::Privilege(name.value.clone(), depth),
        cause: Some(cause.unwrap_or_else(|| words.cause())),
        remedy: remedy.unwrap_or_else(|| words.remedy()),
        section,
        source: source?,
        also,
        symptoms,
        superseded: None,
        privilege: Some(privilege),
        quote: Vec::new(),
    };
    Some((name, rule))
}

/// The generated words about a privilege.
struct PrivilegeWords<'a> {
    privilege: &'a PrivilegeEntry,
    /// `Mailbox: Read`, or the label of a task privilege.
    row: String,
    /// `User depth or more`.
    depth: String,
}

impl<'a> PrivilegeWords<'a> {
    fn new(privilege: &'a PrivilegeEntry, row: Option<&str>) -> PrivilegeWords<'a> {
        let row = row.or(privilege.table.as_deref());
        let row = match (row, verb(&privilege.name)) {
            (Some(row), Some(verb)) if privilege.table.is_some() => format!("{row}: {verb}"),
            (Some(row), _) => row.to_owned(),
            (None, _) => String::new(),
        };
        PrivilegeWords {
            privilege,
            row,
            depth: match privilege.depth {
                Depth::Global => format!("{} depth", Depth::Global.label()),
                depth => format!("{} depth or more", depth.label()),
            },
        }
    }

    fn name(&self) -> String {
        match &*self.row {
            "" => self.privilege.name.clone(),
            row => format!("{} ({row})", self.privilege.name),
        }
    }

    fn title(&self) -> String {
        format!("Privilege {} at {}", self.name(), self.depth)
    }

    fn cause(&self) -> String {
        format!(
            "No role that reaches the user grants {} at {}.",
            self.name(),
            self.depth
        )
    }

    fn remedy(&self) -> String {
        let tab = self
            .privilege
            .tab
            .as_ref()
            .map(|tab| format!(", tab {tab}"))
            .unwrap_or_default();
        let row = match &*self.row {
            "" => format!(", privilege {}", self.privilege.name),
            row => format!(", row {row}"),
        };
        format!(
            "In the Power Platform admin centre open the environment > Settings > Users + permissions > \
             Users, select the user, choose Manage security roles and tick Dynamics 365 App for Outlook \
             User. Or add the privilege to a role that the user holds: Settings > Users + permissions > \
             Security roles, open the role{tab}{row}, and set it to {} (in the classic screens: Settings > \
             Security > Security Roles).",
            match self.privilege.depth {
                Depth::Global => Depth::Global.label().to_owned(),
                depth => format!("{} or more", depth.label()),
            }
        )
    }
}

/// What a privilege allows, by its name: the column of the role editor.
fn verb(name: &str) -> Option<&'static str> {
    let verbs = [
        ("prvAppendTo", "Append To"),
        ("prvAppend", "Append"),
        ("prvAssign", "Assign"),
        ("prvCreate", "Create"),
        ("prvDelete", "Delete"),
        ("prvRead", "Read"),
        ("prvShare", "Share"),
        ("prvWrite", "Write"),
    ];
    verbs
        .into_iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map(|(_, verb)| verb)
}

/// A `[[feature]]`.
pub(super) fn feature(
    entry: &Entry<'_>,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Feature)> {
    entry.only(&["id", "title", "needs"], faults);
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
    entry.only(&["name", "type", "options"], faults);
    let kinds = [
        ("text", Kind::Text),
        ("integer", Kind::Integer),
        ("boolean", Kind::Boolean),
        ("timestamp", Kind::Timestamp),
        ("id", Kind::Id),
        ("option", Kind::Integer),
    ];
    let name = entry.required(
        "name",
        "write `table.column`, such as `systemuser.mobilephone`",
        faults,
    );
    let kind = entry.word("type", &kinds, true, faults);
    let is_option = entry
        .text("type", faults)
        .is_some_and(|kind| kind.value == "option");
    let options = if is_option { options(entry, faults) } else { None };
    if let (Some(place), false) = (entry.key("options"), is_option) {
        faults.add(
            Fault::new(
                place,
                "only a fact of type `option` has options",
                "not for this type",
            )
            .help("write `type = \"option\"`"),
        );
    }
    let (name, kind) = (name?, kind?);
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
                format!("write `table.column`; tables are {}", choice(tables())),
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
    if let Some(word) = [
        "password",
        "secret",
        "token",
        "folderhierarchy",
        "exchangesyncstate",
    ]
    .into_iter()
    .find(|word| column.contains(word))
    {
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
    let field = facts::column_field(subject, column, kind, options);
    match facts.get(&field.name) {
        Some(known) if known.kind != field.kind && known.source != field.source => {
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
        // Declared the same again, by another pack or by a later version of this program.
        Some(known) if matches!(known.kind, FieldKind::Option(_)) => Some(known.clone()),
        _ => Some(field),
    }
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

fn source(entry: &Entry<'_>, setting: &Setting<'_>, faults: &mut Faults) -> Option<String> {
    let own = entry.text("source", faults);
    let read = value(entry.date("read", faults)).or_else(|| setting.read.clone());
    match own {
        Some(own) => Some(dated(&own.value, read.as_deref())),
        None if setting.source.is_some() => setting.source.clone(),
        None => {
            entry.required(
                "source",
                "say where this is published, or give the pack a `source`",
                faults,
            );
            None
        }
    }
}

fn superseded(entry: &Entry<'_>, faults: &mut Faults) -> Option<Superseded> {
    let value = entry.table.get("superseded")?;
    let inner = Entry::of(value, entry.place.file, "`superseded`", faults)?;
    inner.only(&["on", "by", "why"], faults);
    let on = match inner.get("on") {
        Some(_) => inner.date("on", faults),
        None => inner.required("on", "say since when: `on = 2025-11-06`", faults),
    };
    let by = inner.required("by", "say what replaced it", faults);
    let why = inner.required("why", "say why it no longer counts", faults);
    Some(Superseded {
        on: on?.value,
        by: by?.value,
        why: why?.value,
    })
}

/// Reports an id that is not in kebab-case.
pub(super) fn kebab(id: &At<String>, what: &str, faults: &mut Faults) -> Option<()> {
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if id.value.split('-').all(part) {
        return Some(());
    }
    faults.add(
        Fault::new(
            id.place.clone(),
            format!("`{}` cannot be {what}", id.value),
            "not in kebab-case",
        )
        .help("use small letters, digits and single hyphens, such as `incoming-email-enabled`"),
    );
    None
}

fn value(text: Option<At<String>>) -> Option<String> {
    text.map(|text| text.value)
}

fn values(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// Reports an id that was used before.
pub(super) fn duplicate(id: &At<String>, first: &Place, what: &str, faults: &mut Faults) {
    faults.add(
        Fault::new(
            id.place.clone(),
            format!("{what} `{}` is there twice", id.value),
            "used again here",
        )
        .see(first.clone(), "it is first used here"),
    );
}
