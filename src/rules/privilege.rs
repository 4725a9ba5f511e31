//! `[[privilege]]` entries: each stands for a rule about a user, with generated words.

use super::entry::{SEVERITIES, Setting, source, value, values};
use super::faults::{Fault, Faults};
use super::keys;
use super::model::{Area, Check, Depth, PrivilegeEntry, Rule, Scope};
use super::tree::{At, Entry};

/// The words for depths.
pub(super) const DEPTHS: [(&str, Depth); 4] = [
    ("basic", Depth::Basic),
    ("local", Depth::Local),
    ("deep", Depth::Deep),
    ("global", Depth::Global),
];

/// Privileges that the platform grants at Basic only: the vendor's entity reference, pages
/// gg309598 and dn531007, read 2026-11-23. More would never pass for anyone.
pub(super) const BASIC_ONLY: [&str; 5] = [
    "prvReadUserQuery",
    "prvCreateExchangeSyncIdMapping",
    "prvReadExchangeSyncIdMapping",
    "prvWriteExchangeSyncIdMapping",
    "prvDeleteExchangeSyncIdMapping",
];

/// A `[[privilege]]`, which stands for a rule about a user.
pub(super) fn privilege(
    entry: &Entry<'_>,
    setting: &Setting<'_>,
    faults: &mut Faults,
) -> Option<(At<String>, Rule)> {
    entry.only(&keys::PRIVILEGE, faults);
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
    let defaults = setting.privileges.as_ref();
    let privilege = PrivilegeEntry {
        role: value(defaults.and_then(|defaults| defaults.text("role", faults))),
        name: name.value.clone(),
        table,
        row,
        tab,
        depth,
    };
    let rule = Rule {
        id: name.value.clone(),
        pack: setting.pack,
        title: title.unwrap_or_else(|| privilege.title()),
        why,
        scope: Scope::User,
        severity,
        shipped_severity: None,
        area: Area::Privilege,
        when: None,
        check: Check::Privilege(name.value.clone(), depth),
        cause: Some(cause.unwrap_or_else(|| privilege.cause())),
        remedy: remedy.unwrap_or_else(|| privilege.remedy()),
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
impl PrivilegeEntry {
    /// Where it stands on its tab: `Mailbox: Read`, or the label of a task privilege. Empty if
    /// neither label nor table is known.
    #[must_use]
    pub fn place(&self) -> String {
        let row = self.row.as_deref().or(self.table.as_deref());
        match (row, verb(&self.name)) {
            (Some(row), Some(verb)) if self.table.is_some() => format!("{row}: {verb}"),
            (Some(row), _) => row.to_owned(),
            (None, _) => String::new(),
        }
    }

    /// What is asked for, in one line.
    #[must_use]
    pub fn title(&self) -> String {
        format!("Privilege {} at {}", self.called(), self.deep_enough())
    }

    /// What is wrong without it.
    #[must_use]
    pub fn cause(&self) -> String {
        format!(
            "No role that reaches the user grants {} at {}.",
            self.called(),
            self.deep_enough()
        )
    }

    /// What an administrator does about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        let tab = self
            .tab
            .as_ref()
            .map(|tab| format!(", tab {tab}"))
            .unwrap_or_default();
        let row = match &*self.place() {
            "" => format!(", privilege {}", self.name),
            row => format!(", row {row}"),
        };
        let depth = match self.depth {
            Depth::Global => Depth::Global.label().to_owned(),
            depth => format!("{} or more", depth.label()),
        };
        remedy(self.role.as_deref(), &format!("{tab}{row}"), &depth)
    }

    fn called(&self) -> String {
        match &*self.place() {
            "" => self.name.clone(),
            place => format!("{} ({place})", self.name),
        }
    }

    fn deep_enough(&self) -> String {
        match self.depth {
            Depth::Global => format!("{} depth", Depth::Global.label()),
            depth => format!("{} depth or more", depth.label()),
        }
    }
}

/// What an administrator does about a privilege that is granted by that role, is found at that place in the
/// role editor, and is to be set to that depth.
#[must_use]
pub fn remedy(role: Option<&str>, place: &str, depth: &str) -> String {
    let settings =
        "In the Power Platform admin centre open the environment > Settings > Users + permissions >";
    let way = match role {
        Some(role) => format!(
            "{settings} Users, select the user, choose Manage security roles and tick {role}. Or under Security \
             roles, beside Users, open a role that the user holds"
        ),
        None => format!("{settings} Security roles, open a role that the user holds"),
    };
    format!(
        "{way}{place}, and set it to {depth}. If a team's role grants it, it is enough to set that role's Member's \
         privilege inheritance to Direct User (Basic) access level and Team privileges (classic: Settings > Security)."
    )
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

/// Reports a name that no privilege can have.
pub(super) fn privilege_name(name: &At<String>, faults: &mut Faults) -> Option<()> {
    let rest = name.value.strip_prefix("prv").unwrap_or_default();
    if !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some(());
    }
    faults.add(
        Fault::new(
            name.place.clone(),
            format!("`{}` is no name of a privilege", name.value),
            "not a privilege",
        )
        .help("privileges are named `prv` + what may be done + the table, such as `prvReadContact`"),
    );
    None
}

/// Reports a depth that the platform grants to nobody.
pub(super) fn grantable(name: &str, depth: Depth, entry: &Entry<'_>, faults: &mut Faults) -> Option<()> {
    if depth == Depth::Basic || !BASIC_ONLY.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Some(());
    }
    let place = entry
        .get("depth")
        .map_or(entry.place.clone(), |depth| depth.place);
    faults.add(
        Fault::new(
            place,
            format!("`{name}` cannot be granted at {}", depth.name()),
            "nobody can have this",
        )
        .help("the platform grants it at `basic` only"),
    );
    None
}
