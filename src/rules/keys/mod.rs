//! The keys of rule files: one list for the loader, the JSON Schema and the handbook, so that
//! what is accepted, what an editor offers and what is written about it cannot drift apart.
//!
//! What a value must look like in detail is decided where it is read; the tests hold the two
//! together.

mod check;
mod entries;

pub use check::{COMPANIONS, NOWHERE_ELSE, OPERATORS, SUBJECTS};
pub use entries::{FACT, FEATURE, PACK, PRIVILEGE, PRIVILEGES, RULE, SUPERSEDED};

use super::check::HELD;
use super::declare::FACT_TYPES;
use super::entry::{AREAS, SCOPES, SEVERITIES};
use super::model::{Area, Depth, Scope, Severity};
use super::privilege::DEPTHS;

/// One key of a table in a rule file.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whether a table without it is refused.
    pub required: bool,
    /// What its value is.
    pub holds: Holds,
    /// What it is for.
    pub about: &'static str,
    /// An example in TOML: the whole check for a key of a check, else the line.
    pub example: &'static str,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text for people.
    Text,
    /// A list of texts.
    Texts,
    /// A name in kebab-case.
    Id,
    /// Dotted numbers, as text.
    Version,
    /// A day.
    Day,
    /// Yes or no.
    Boolean,
    /// `true` and nothing else.
    True,
    /// A check.
    Check,
    /// A list of checks.
    Checks,
    /// A check of a device.
    CheckOfDevice,
    /// A check of a mailbox of another environment.
    CheckOfMailbox,
    /// The name of a fact.
    Fact,
    /// The name of a fact of the mailbox.
    MailboxFact,
    /// A list of names of facts.
    Facts,
    /// A value of the fact's type.
    Value,
    /// A list of values of the fact's type.
    Values,
    /// The least value that will do.
    Least,
    /// The name of a fact of the same type.
    SameType,
    /// The name of a privilege.
    Privilege,
    /// A list of names of privileges.
    Privileges,
    /// The logical name of a column that is to be read, as `table.column`.
    Column,
    /// Names of options and their numbers.
    Options,
    /// `user` or `environment`.
    Scope,
    /// What a failure does to the verdict.
    Severity,
    /// What part of the set-up.
    Area,
    /// How far a privilege reaches.
    Depth,
    /// How a role is held.
    Held,
    /// The type of a fact.
    FactType,
    /// A table with the keys of [`SUPERSEDED`].
    Superseded,
    /// A table with the keys of [`NOWHERE_ELSE`].
    NowhereElse,
}

/// A table, or a list of tables, that a rule file may have.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// Whether there may be several: `[[name]]` instead of `[name]`.
    pub many: bool,
    /// What it is for.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

const fn must(name: &'static str, holds: Holds, about: &'static str, example: &'static str) -> Key {
    Key {
        name,
        required: true,
        holds,
        about,
        example,
    }
}

const fn may(name: &'static str, holds: Holds, about: &'static str, example: &'static str) -> Key {
    Key {
        name,
        required: false,
        holds,
        about,
        example,
    }
}

/// What a rule file may have.
pub const SECTIONS: [Section; 6] = [
    Section {
        name: "pack",
        many: false,
        about: "The pack that the entries of this file belong to. One file of a pack describes it in full; further \
                files of the same pack give only its `id`.",
        keys: &PACK,
    },
    Section {
        name: "privileges",
        many: false,
        about: "What the `[[privilege]]` entries of this file have in common.",
        keys: &PRIVILEGES,
    },
    Section {
        name: "rule",
        many: true,
        about: "One checkable requirement.",
        keys: &RULE,
    },
    Section {
        name: "privilege",
        many: true,
        about: "A privilege that every user needs. It stands for a rule whose id is the privilege's name, with \
                generated words.",
        keys: &PRIVILEGE,
    },
    Section {
        name: "feature",
        many: true,
        about: "Something more that users get who hold certain privileges. It never changes a verdict.",
        keys: &FEATURE,
    },
    Section {
        name: "fact",
        many: true,
        about: "A further column of a collected table. The collector reads it; rules may then name it.",
        keys: &FACT,
    },
];

/// The names of those keys.
pub fn names(keys: &[Key]) -> impl Iterator<Item = &'static str> {
    keys.iter().map(|key| key.name)
}

/// A word that a key may hold, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
}

impl Holds {
    /// The words that such a value is one of; none if it is no fixed word.
    #[must_use]
    pub fn words(self) -> Option<Vec<Word>> {
        let word = |name, about| Word { name, about };
        Some(match self {
            Holds::Scope => SCOPES
                .iter()
                .map(|(name, value)| word(name, about_scope(*value)))
                .collect(),
            Holds::Severity => SEVERITIES
                .iter()
                .map(|(name, value)| word(name, about_severity(*value)))
                .collect(),
            Holds::Area => AREAS
                .iter()
                .map(|(name, value)| word(name, about_area(*value)))
                .collect(),
            Holds::Depth => DEPTHS
                .iter()
                .map(|(name, value)| word(name, about_depth(*value)))
                .collect(),
            Holds::Held => HELD.iter().map(|(name, _, about)| word(name, about)).collect(),
            Holds::FactType => FACT_TYPES
                .iter()
                .map(|(name, _, about)| word(name, about))
                .collect(),
            _ => return None,
        })
    }
}

fn about_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "Judged for each user.",
        Scope::Environment => "Judged once for the environment; the outcome counts for every user.",
    }
}

fn about_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocks => "The app does not work for the user: the verdict is blocked.",
        Severity::Limits => "The app works, with less: the verdict is limited.",
        Severity::Advises => "Nothing; it is told.",
    }
}

fn about_area(area: Area) -> &'static str {
    match area {
        Area::Account => "The user record: enabled, access mode.",
        Area::Environment => "Settings of the whole environment.",
        Area::Role => "Whether the user has a security role at all.",
        Area::App => "Whether the app is shared with the user's roles.",
        Area::Privilege => "Single privileges.",
        Area::Mailbox => "The user's mailbox record and its server profile.",
        Area::Synchronization => "Processing methods, their tests and enablement.",
        Area::Deployment => "Adding the app to Outlook.",
        Area::Client => "The user's devices.",
        Area::Other => "Anything else.",
    }
}

fn about_depth(depth: Depth) -> &'static str {
    match depth {
        Depth::Basic => "User: the user's own rows.",
        Depth::Local => "Business Unit: the rows of the user's business unit.",
        Depth::Deep => "Parent: Child Business Units: those of the business units below, too.",
        Depth::Global => "Organization: all rows.",
    }
}
