//! The message that a user saw: which findings explain it, and what is left if none does.

use std::sync::LazyLock;

use crate::access::Requirement;
use crate::rules::{Rule, RuleSet};

use super::assessment::{EnvironmentAssessment, Finding};
use super::check::feature_requirement;
use super::message::documented::{DOCUMENTED, Documented, READ};
use super::message::{KnownTexts, Recognised, privileges};
use super::outcome::Outcome;

/// A message, and what is known of it for one user.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As it was given.
    pub text: String,
    /// The documented messages that it is; several where it is the common beginning of several, or
    /// several were pasted.
    pub documented: Vec<Meaning>,
    /// Where it is none, the documented message that may be meant.
    pub nearest: Option<String>,
    /// The privileges that it names.
    pub privileges: Vec<NamedPrivilege>,
    /// Whether something that fails explains it.
    pub is_explained: bool,
    /// Causes that the sources give for it and that cannot be seen from here; empty where it is
    /// explained.
    pub unseen: Vec<Hidden>,
    explaining: Vec<(usize, Explains)>,
}

/// How a finding explains a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explains {
    /// The sources name it as a cause.
    Alone,
    /// The sources name it together with others, and not as enough by itself.
    Together,
}

/// What a documented message means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The message as it is documented.
    pub text: String,
    /// What it means.
    pub means: String,
    /// Address of the page, with the day it was read.
    pub source: String,
}

/// A cause that cannot be seen from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// What may be wrong.
    pub what: String,
    /// Where to look.
    pub look: String,
    /// Address of the page, with the day it was read.
    pub source: String,
}

/// A privilege that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPrivilege {
    /// Its name; in lower case where no rule or feature knows it.
    pub name: String,
    /// Whether the user holds it.
    pub held: Holding,
}

/// Whether a user holds a privilege.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Yes; by this path, where one was seen.
    Held(Option<String>),
    /// No.
    Missing,
    /// What was seen does not tell.
    Unknown,
    /// The environment has no such privilege.
    NoSuchPrivilege,
    /// No loaded rule asks for it, so it was not collected.
    NotCollected,
}

impl Asked {
    /// How the finding at that position among the causes explains the message, if it does.
    #[must_use]
    pub fn explained_by(&self, cause: usize) -> Option<Explains> {
        let mut explaining = self.explaining.iter();
        explaining.find(|(other, _)| *other == cause).map(|(_, how)| *how)
    }
}

impl<'a> EnvironmentAssessment<'a> {
    /// What is known of a message, given what stands in the user's way.
    pub(super) fn asked(&self, user: usize, text: &str, causes: &[Finding<'a>]) -> Asked {
        let known = known(self.rules);
        let recognised = known.recognise(text);
        let explaining: Vec<(usize, Explains)> = (0..causes.len())
            .filter_map(|cause| Some((cause, explains(causes[cause].rule, &recognised, &known)?)))
            .collect();
        // An accepted failure is a failure: it does to the user what it does.
        let is_explained = explaining
            .iter()
            .any(|(cause, _)| matches!(causes[*cause].outcome, Outcome::Fail | Outcome::Waived));
        let texts = || recognised.texts.iter().map(|position| known.text(*position));
        let mut documented: Vec<Meaning> = Vec::new();
        let mut unseen: Vec<Hidden> = Vec::new();
        for text in texts() {
            let entry = entry_of(text);
            let meaning = meaning(text, entry, self.rules);
            if !documented.iter().any(|other| other.means == meaning.means) {
                documented.push(meaning);
            }
            for hidden in entry.iter().flat_map(|entry| entry.unseen) {
                if !is_explained && !unseen.iter().any(|other| other.what == hidden.what) {
                    unseen.push(Hidden {
                        what: hidden.what.to_owned(),
                        look: hidden.look.to_owned(),
                        source: entry.map_or_else(String::new, |entry| dated(entry.source)),
                    });
                }
            }
        }
        let names = recognised.privileges.iter();
        Asked {
            text: text.to_owned(),
            documented,
            nearest: recognised.nearest.map(|position| shown(known.text(position))),
            privileges: names.map(|name| self.named(name, user)).collect(),
            is_explained,
            unseen,
            explaining,
        }
    }

    fn named(&self, name: &str, user: usize) -> NamedPrivilege {
        let rules = self.rules.rules.iter().enumerate();
        let entries = rules.filter_map(|(index, rule)| Some((index, rule.privilege.as_ref()?)));
        let mut entries = entries.filter(|(_, entry)| entry.name.eq_ignore_ascii_case(name));
        if let Some((index, entry)) = entries.next() {
            let requirement = Requirement::Privilege(entry.name.clone(), entry.depth);
            let held = match self.outcome(index, user) {
                Outcome::Pass => Holding::Held(self.path_of(&requirement, user)),
                Outcome::Fail | Outcome::Waived => Holding::Missing,
                Outcome::Unknown => Holding::Unknown,
                Outcome::NotApplicable => Holding::NoSuchPrivilege,
            };
            return NamedPrivilege {
                name: entry.name.clone(),
                held,
            };
        }
        let mut needs = self.rules.features.iter().flat_map(|feature| &feature.needs);
        match needs.find(|need| need.eq_ignore_ascii_case(name)) {
            Some(need) => NamedPrivilege {
                name: need.clone(),
                held: self.holding(&feature_requirement(need), user),
            },
            None => NamedPrivilege {
                name: name.to_owned(),
                held: Holding::NotCollected,
            },
        }
    }

    fn holding(&self, requirement: &Requirement, user: usize) -> Holding {
        use crate::access::Reach;
        let access = &self.scene.access;
        match access
            .position(requirement)
            .map(|position| access.reach(user, position))
        {
            Some(Reach::Pass) => Holding::Held(self.path_of(requirement, user)),
            Some(Reach::Fail) => Holding::Missing,
            Some(Reach::Unknown) | None => Holding::Unknown,
        }
    }

    /// The first path that gives it.
    fn path_of(&self, requirement: &Requirement, user: usize) -> Option<String> {
        use crate::access::Reach;
        let mut paths = self.scene.access.paths(user);
        let path = paths.find(|path| path.reach(requirement) == Reach::Pass);
        path.map(|path| path.to_string())
    }
}

/// The texts that rules name as symptoms, and those that are documented besides.
fn known(rules: &RuleSet) -> KnownTexts {
    let symptoms = rules.rules.iter().flat_map(|rule| &rule.symptoms);
    let documented = DOCUMENTED.iter().flat_map(|entry| entry.texts).copied();
    KnownTexts::new(symptoms.map(String::as_str).chain(documented))
}

/// How a rule's failure explains a message: one that names privileges is about those and no other.
fn explains(rule: &Rule, recognised: &Recognised, known: &KnownTexts) -> Option<Explains> {
    let asked = rule.privileges();
    if !asked.is_empty() && !recognised.privileges.is_empty() {
        let is_named = |name: &&str| recognised.privileges.contains(&name.to_lowercase());
        return asked.iter().any(is_named).then_some(Explains::Alone);
    }
    let mut symptoms = rule.symptoms.iter();
    let symptom = symptoms.find(|symptom| {
        let position = known.position(symptom);
        position.is_some_and(|position| recognised.texts.contains(&position))
    })?;
    let alone = entry_of(symptom).and_then(|entry| entry.alone);
    Some(match alone {
        Some(alone) if rule.privilege.is_some() && !alone.contains(&rule.id.as_str()) => Explains::Together,
        _ => Explains::Alone,
    })
}

/// What is documented of a text.
fn entry_of(text: &str) -> Option<&'static Documented> {
    static TEXTS: LazyLock<Vec<KnownTexts>> = LazyLock::new(|| {
        let texts = DOCUMENTED
            .iter()
            .map(|entry| KnownTexts::new(entry.texts.iter().copied()));
        texts.collect()
    });
    let mut entries = DOCUMENTED.iter().zip(&*TEXTS);
    let found = entries.find(|(_, texts)| texts.position(text).is_some());
    found.map(|(entry, _)| entry)
}

fn meaning(text: &str, entry: Option<&Documented>, rules: &RuleSet) -> Meaning {
    if let Some(entry) = entry {
        return Meaning {
            text: shown(text),
            means: entry.means.to_owned(),
            source: dated(entry.source),
        };
    }
    // A message of somebody's own rules: what those ask for is all that is known of it.
    let naming = |rule: &&Rule| rule.symptoms.iter().any(|symptom| symptom == text);
    let mut titles: Vec<&str> = Vec::new();
    let mut source = String::new();
    for rule in rules.rules.iter().filter(naming) {
        titles.push(&rule.title);
        source.clone_from(&rule.source);
    }
    Meaning {
        text: shown(text),
        means: format!(
            "The loaded rules give it as a sign that this does not hold: {}.",
            titles.join("; ")
        ),
        source,
    }
}

/// The text without the name of the one privilege with which it was first met.
fn shown(text: &str) -> String {
    let mut shown = text.to_owned();
    for name in privileges(text) {
        // The names are those of ASCII letters, so lower case has the same positions.
        while let Some(start) = shown.to_ascii_lowercase().find(&name) {
            shown.replace_range(start..start + name.len(), "<privilege>");
        }
    }
    shown
}

fn dated(source: &str) -> String {
    format!("{source} (read {READ})")
}
