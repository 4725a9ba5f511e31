//! Checks of rule files → [`Check`]: every operator against the type of its field.

use toml::de::DeValue;

use super::declare::lookup_of;
use super::facts::Facts;
use super::faults::{Fault, Faults, Place};
use super::keys::{COMPANIONS, Key, NOWHERE_ELSE, OPERATORS, SUBJECTS, names};
use super::model::{Check, Field, Held, Scope, Test};
use super::nearest::choice;
use super::privilege::{DEPTHS, grantable, privilege_name};
use super::tree::{At, Entry, kind};
use super::value::{at_least, same_kind, value, values};

/// By which ways a role is held: the word, and what it means.
pub(super) const HELD: [(&str, Held, &str); 2] = [
    ("directly", Held::Directly, "Assigned to the user."),
    (
        "anyhow",
        Held::Anyhow,
        "Assigned to the user, or to a team of the user.",
    ),
];

/// Whether a key is what other languages call a comparison with a part of a text: none of that is
/// here, so the nearest key would lead astray.
fn asks_for_a_part(key: &str) -> bool {
    let letters: String = key.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    [
        "startswith",
        "beginswith",
        "endswith",
        "contain",
        "include",
        "match",
        "like",
        "regex",
        "pattern",
    ]
    .iter()
    .any(|word| letters.contains(word))
}

/// What a check may look at, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// A rule of that scope.
    Rule(Scope),
    /// The condition on mailboxes of other environments.
    Elsewhere,
    /// The condition on a device of the user.
    Device,
}

/// Reads checks of one rule.
pub(super) struct Checks<'f> {
    facts: &'f Facts,
    within: Within,
}

impl<'f> Checks<'f> {
    /// For a rule of that scope.
    pub(super) fn new(facts: &'f Facts, scope: Scope) -> Checks<'f> {
        Checks {
            facts,
            within: Within::Rule(scope),
        }
    }

    /// The check in that value; none if it has a fault, which is then reported.
    pub(super) fn read<'a>(
        &self,
        value: &'a toml::Spanned<DeValue<'a>>,
        file: usize,
        faults: &mut Faults,
    ) -> Option<Check> {
        let entry = Entry::of(value, file, "a check", faults)?;
        let unknown_keys = Self::unknown_keys(&entry, faults);
        let subject = match self.one_of(&entry, &SUBJECTS) {
            Ok(Some(subject)) => subject,
            // A misspelt key is the likely reason that nothing is left; it has been told.
            Ok(None) if unknown_keys => return None,
            Ok(None) => {
                faults.add(
                    Fault::new(
                        entry.place.clone(),
                        "a check must look at something",
                        "nothing to look at",
                    )
                    .help(format!("a check has one of {}", choice(names(&SUBJECTS)))),
                );
                return None;
            }
            Err((first, second)) => {
                faults.add(
                    Fault::new(second, "a check looks at one thing only", "a second one")
                        .see(first, "the first is here")
                        .help("put several checks into `all = [{ … }, { … }]` or `any = […]`"),
                );
                return None;
            }
        };
        let at = entry.get(subject)?;
        if !Self::companions(&entry, subject, faults) {
            return None;
        }
        match subject {
            "field" => self.field(&entry, unknown_keys, faults),
            "privilege" => self.privilege(&entry, faults),
            "role" => self.role(&entry, faults),
            "role_exists" => {
                self.not_of_device(&at.place, "roles", faults)?;
                Some(Check::RoleExists(entry.text(subject, faults)?.value))
            }
            "app_module_exists" => {
                self.not_of_device(&at.place, "apps", faults)?;
                Some(Check::AppModuleExists(entry.text(subject, faults)?.value))
            }
            "app_module_shared" => {
                self.of_user(&at.place, "the roles that an app is shared with", faults)?;
                Some(Check::AppModuleShared(entry.text(subject, faults)?.value))
            }
            "attested" => {
                self.in_rule(&at.place, "attestations", faults)?;
                let id = entry.text(subject, faults)?;
                super::entry::kebab(&id, "the id of an attestation", faults)?;
                Some(Check::Attested(id.value))
            }
            "nowhere_else" => self.nowhere_else(&entry, faults),
            "every_device" => self.devices(&entry, subject, faults).map(Check::EveryDevice),
            "some_device" => self.devices(&entry, subject, faults).map(Check::SomeDevice),
            "all" => self.parts(&entry, subject, faults).map(Check::All),
            "any" => self.parts(&entry, subject, faults).map(Check::Any),
            "not" => {
                let part = self.read(entry.table.get("not")?, file, faults)?;
                Some(Check::Not(Box::new(part)))
            }
            _ => self.never(&entry, faults),
        }
    }

    /// Reports keys that no check has, and tells whether there are any.
    fn unknown_keys(entry: &Entry<'_>, faults: &mut Faults) -> bool {
        let known = || {
            names(&SUBJECTS)
                .chain(names(&OPERATORS))
                .chain(names(&COMPANIONS))
        };
        let unknown = entry.unknown(&known);
        for (name, place) in &unknown {
            let fault = entry.not_a_key(name, place.clone());
            faults.add(if asks_for_a_part(name) {
                fault.help(
                    "texts are compared whole, whatever their case, with `is`, `is_not`, `one_of` and `none_of`; \
                     no check looks for a part of a text or for a pattern",
                )
            } else if entry.table.contains_key("field") {
                let operators = choice(names(&OPERATORS));
                fault.meant(name, known(), format!("beside `field` stands one of {operators}"))
            } else {
                let subjects = choice(names(&SUBJECTS));
                fault.meant(name, known(), format!("a check has one of {subjects}"))
            });
        }
        !unknown.is_empty()
    }

    /// The one key of the list that is there; both places if there are several.
    fn one_of(&self, entry: &Entry<'_>, keys: &[Key]) -> Result<Option<&'static str>, (Place, Place)> {
        let mut found: Vec<(&'static str, Place)> = names(keys)
            .filter_map(|key| Some((key, entry.key(key)?)))
            .collect();
        found.sort_by_key(|(_, place)| place.span.start);
        match &found[..] {
            [] => Ok(None),
            [(key, _)] => Ok(Some(key)),
            [(_, first), (_, second), ..] => Err((first.clone(), second.clone())),
        }
    }

    /// Reports keys that belong beside another subject.
    fn companions(entry: &Entry<'_>, subject: &str, faults: &mut Faults) -> bool {
        let mut good = true;
        let owners = OPERATORS.map(|key| (key.name, "field"));
        for (key, owner) in owners
            .into_iter()
            .chain([("depth", "privilege"), ("held", "role")])
        {
            if let (Some(place), true) = (entry.key(key), owner != subject) {
                good = false;
                faults.add(Fault::new(
                    place,
                    format!("`{key}` belongs to a check of a `{owner}`, not of `{subject}`"),
                    format!("`{subject}` has no `{key}`"),
                ));
            }
        }
        good
    }

    fn parts(&self, entry: &Entry<'_>, key: &str, faults: &mut Faults) -> Option<Vec<Check>> {
        let At { value, place } = entry.get(key)?;
        let DeValue::Array(items) = value else {
            faults.add(
                Fault::new(
                    place,
                    format!("`{key}` must be a list of checks"),
                    format!("this is {}", kind(value)),
                )
                .help(format!("write `{key} = [{{ … }}, {{ … }}]`")),
            );
            return None;
        };
        if items.is_empty() {
            faults.add(
                Fault::new(place, format!("`{key}` has no checks"), "nothing in the list")
                    .help("an empty list would hold always or never; say what must hold"),
            );
            return None;
        }
        // All parts are read before giving up, so that every fault is told.
        let parts: Vec<Option<Check>> = items
            .iter()
            .map(|item| self.read(item, entry.place.file, faults))
            .collect();
        parts.into_iter().collect()
    }

    fn privilege(&self, entry: &Entry<'_>, faults: &mut Faults) -> Option<Check> {
        let name = entry.text("privilege", faults)?;
        self.of_user(&name.place, "privileges", faults)?;
        let depth = entry.word("depth", &DEPTHS, true, faults);
        privilege_name(&name, faults)?;
        let depth = depth?;
        grantable(&name.value, depth, entry, faults)?;
        Some(Check::Privilege(name.value, depth))
    }

    fn role(&self, entry: &Entry<'_>, faults: &mut Faults) -> Option<Check> {
        let name = entry.text("role", faults)?;
        self.of_user(&name.place, "roles that are held", faults)?;
        let held = match entry.get("held") {
            None => Held::Anyhow,
            Some(_) => {
                let words = HELD.map(|(word, held, _)| (word, held));
                entry.word("held", &words, true, faults)?
            }
        };
        let name = Some(name.value).filter(|name| name != "*");
        Some(Check::Role { name, held })
    }

    fn never(&self, entry: &Entry<'_>, faults: &mut Faults) -> Option<Check> {
        if entry.boolean("never", faults)? {
            return Some(Check::Never);
        }
        faults.add(
            Fault::new(
                entry.place.clone(),
                "`never = false` says nothing",
                "this would hold always",
            )
            .help(
                "leave the check out, or write `never = true` for a notice to everyone the rule applies to",
            ),
        );
        None
    }

    fn nowhere_else(&self, entry: &Entry<'_>, faults: &mut Faults) -> Option<Check> {
        let value = entry.table.get("nowhere_else")?;
        let inner = Entry::of(value, entry.place.file, "`nowhere_else`", faults)?;
        self.of_user(&inner.place, "a user's mailbox", faults)?;
        inner.only(&NOWHERE_ELSE, faults);
        let elsewhere = Checks {
            facts: self.facts,
            within: Within::Elsewhere,
        };
        let hint = "write `nowhere_else = { same = \"mailbox.emailaddress\", meets = { … } }`";
        let same = inner
            .required("same", hint, faults)
            .and_then(|name| elsewhere.named(&name, faults));
        let condition = match inner.table.get("meets") {
            Some(value) => elsewhere.read(value, entry.place.file, faults),
            None => {
                inner.required("meets", hint, faults);
                None
            }
        };
        Some(Check::NowhereElse {
            same: same?,
            condition: Box::new(condition?),
        })
    }

    /// The condition that `every_device` or `some_device` puts on a device.
    fn devices(&self, entry: &Entry<'_>, key: &str, faults: &mut Faults) -> Option<Box<Check>> {
        let value = entry.table.get(key)?;
        self.of_user(&entry.at(value.span()), "a user's devices", faults)?;
        let device = Checks {
            facts: self.facts,
            within: Within::Device,
        };
        device.read(value, entry.place.file, faults).map(Box::new)
    }

    fn field(&self, entry: &Entry<'_>, unknown_keys: bool, faults: &mut Faults) -> Option<Check> {
        let name = entry.text("field", faults)?;
        let field = self.named(&name, faults)?;
        let operator = match self.one_of(entry, &OPERATORS) {
            Ok(Some(operator)) => operator,
            Ok(None) if unknown_keys => return None,
            Ok(None) => {
                faults.add(
                    Fault::new(
                        entry.place.clone(),
                        "a check of a field must compare it",
                        "no comparison",
                    )
                    .help(format!("compare with one of {}", choice(names(&OPERATORS)))),
                );
                return None;
            }
            Err((first, second)) => {
                faults.add(
                    Fault::new(second, "a check compares only once", "a second comparison")
                        .see(first, "the first is here")
                        .help("put several checks into `all = [{ … }, { … }]`"),
                );
                return None;
            }
        };
        let at = entry.get(operator)?;
        let test = match operator {
            "present" => Test::Present(entry.boolean("present", faults)?),
            "same_as" => {
                let other = entry.text("same_as", faults)?;
                let right = self.named(&other, faults)?;
                return same_kind(field, right, &other.place, faults);
            }
            "is" => Test::OneOf(vec![value(&field, at.value, at.place, faults)?]),
            "is_not" => Test::NoneOf(vec![value(&field, at.value, at.place, faults)?]),
            "one_of" => Test::OneOf(values(&field, entry, operator, faults)?),
            "none_of" => Test::NoneOf(values(&field, entry, operator, faults)?),
            _ => at_least(&field, at, faults)?,
        };
        Some(Check::Field(field, test))
    }

    /// The field of that name, if it may be used here.
    pub(super) fn named(&self, name: &At<String>, faults: &mut Faults) -> Option<Field> {
        let Some(field) = self.facts.get(&name.value) else {
            if self.facts.is_faulty(&name.value) {
                return None;
            }
            let fault = Fault::new(
                name.place.clone(),
                format!("unknown field `{}`", name.value),
                "no such fact",
            );
            let column = name.value.split_once('.');
            faults.add(
                match column.and_then(|(table, column)| Some((table, lookup_of(column)?))) {
                    Some((table, logical)) => fault.help(format!(
                        "this is what the Web API calls a lookup; use the logical name `{table}.{logical}`"
                    )),
                    None => {
                        let known = self.facts.iter().map(|field| field.name.as_str());
                        fault.meant(&name.value, known, self.hint_for(&name.value))
                    }
                },
            );
            return None;
        };
        match self.within {
            Within::Device if !field.is_of_device() => {
                self.not_of_device(&name.place, &format!("`{}`", name.value), faults)?;
            }
            Within::Rule(Scope::User) if field.is_of_device() => {
                faults.add(
                    Fault::new(
                        name.place.clone(),
                        format!("`{}` differs from device to device", name.value),
                        "a user may have several devices",
                    )
                    .help("put the check into `every_device = { … }` or `some_device = { … }`"),
                );
                return None;
            }
            Within::Rule(Scope::Environment) if field.is_of_user() => {
                self.of_user(&name.place, &format!("`{}`", name.value), faults)?;
            }
            Within::Elsewhere if !field.is_of_mailbox() => {
                faults.add(
                    Fault::new(
                        name.place.clone(),
                        format!("`nowhere_else` looks at mailboxes, not at `{}`", name.value),
                        "not a column of the mailbox",
                    )
                    .help("use fields that begin with `mailbox.`"),
                );
                return None;
            }
            _ => {}
        }
        Some(field.clone())
    }

    /// What helps with a field that resembles none: the facts of that table, or the tables.
    fn hint_for(&self, name: &str) -> String {
        let table = name.split('.').next().unwrap_or_default();
        let known = super::facts::SUBJECTS
            .iter()
            .any(|subject| subject.table() == table);
        if known {
            format!(
                "to read a further column of `{table}`, declare it: `[[fact]] name = \"{name}\"` with its `type`"
            )
        } else {
            "facts are named `table.column`; tables are `systemuser`, `mailbox`, `emailserverprofile`, \
             `businessunit` and `organization`, besides `environment`, `audit`, `access`, `devices` and `device`"
                .to_owned()
        }
    }

    /// Refuses what belongs to one user in a rule about the environment.
    fn of_user(&self, place: &Place, what: &str, faults: &mut Faults) -> Option<()> {
        match self.within {
            Within::Rule(Scope::User) => Some(()),
            Within::Rule(Scope::Environment) => {
                faults.add(
                    Fault::new(
                        place.clone(),
                        format!("a rule about the environment cannot look at {what}"),
                        "this differs from user to user",
                    )
                    .help("write `scope = \"user\"`, or use facts of `organization` and `environment`"),
                );
                None
            }
            Within::Elsewhere | Within::Device => self.in_rule(place, what, faults),
        }
    }

    /// Refuses what is no fact of a device where only those may stand.
    fn not_of_device(&self, place: &Place, what: &str, faults: &mut Faults) -> Option<()> {
        if self.within != Within::Device {
            return Some(());
        }
        faults.add(
            Fault::new(
                place.clone(),
                format!("a condition on a device cannot look at {what}"),
                "not a fact of a device",
            )
            .help(
                "inside `every_device` and `some_device` use fields that begin with `device.`; put the rest \
                 beside it with `all = [{ … }, { … }]`",
            ),
        );
        None
    }

    /// Refuses what makes no sense about a mailbox of another environment, or about a device.
    fn in_rule(&self, place: &Place, what: &str, faults: &mut Faults) -> Option<()> {
        self.not_of_device(place, what, faults)?;
        if self.within != Within::Elsewhere {
            return Some(());
        }
        faults.add(Fault::new(
            place.clone(),
            format!("`nowhere_else` looks at mailboxes only, not at {what}"),
            "not a fact of a mailbox",
        ));
        None
    }
}
