//! A checked rule set: what the evaluator and the reports work with.

mod check;
mod fact;

pub use check::{Check, Depth, Held, Test, Value, Version};
pub use fact::{DeviceFact, Field, FieldKind, FieldSource, OptionName, Subject};

use crate::snapshot::tables::Kind;

/// All loaded packs: rules in the order of their packs, then of their files.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The packs.
    pub packs: Vec<Pack>,
    /// The rules. A rule's position here is its [`RuleIndex`].
    pub rules: Vec<Rule>,
    /// The features that privileges light up; they never change a verdict.
    pub features: Vec<Feature>,
}

/// Position of a rule in [`RuleSet::rules`].
pub type RuleIndex = usize;

/// A named, dated set of rules from one published source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Stable id, kebab-case.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version: for shipped packs the date of the source, `YYYY.M.D`.
    pub version: String,
    /// Address of the published source.
    pub source: String,
    /// Identifies the content of its files: a SHA-256 in hexadecimal. Two packs with the same one
    /// ask for the same.
    pub sha256: String,
    /// The day on which the source was read, `YYYY-MM-DD`, where the pack says so.
    pub read: Option<String>,
}

/// One checkable requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Stable id; of a privilege rule, the privilege's name.
    pub id: String,
    /// Position of its pack in [`RuleSet::packs`].
    pub pack: usize,
    /// What it asks for, in one line.
    pub title: String,
    /// Why it matters, in a sentence or two.
    pub why: Option<String>,
    /// Whether it is judged per user or once per environment.
    pub scope: Scope,
    /// What a failure does to the verdict.
    pub severity: Severity,
    /// The severity that its pack gives it, where settings changed that.
    pub shipped_severity: Option<Severity>,
    /// What part of the set-up it is about; decides which cause is named first.
    pub area: Area,
    /// When it applies; none means always.
    pub when: Option<Check>,
    /// What must hold.
    pub check: Check,
    /// What is wrong when it fails, in one sentence; without it, reports say that the title does
    /// not hold.
    pub cause: Option<String>,
    /// What an administrator does about a failure.
    pub remedy: String,
    /// Step or section of the source.
    pub section: Option<String>,
    /// Address of the source, with the date it was read where the file gives one.
    pub source: String,
    /// Further sources that ask for the same.
    pub also: Vec<String>,
    /// Error messages that a user sees when it fails, verbatim.
    pub symptoms: Vec<String>,
    /// Set when the requirement is outdated.
    pub superseded: Option<Superseded>,
    /// Set when the rule came from a `[[privilege]]` entry.
    pub privilege: Option<PrivilegeEntry>,
    /// Facts that the evidence shows beside those of the check, such as the stored error text.
    pub quote: Vec<Field>,
}

/// The editor's view of a required privilege.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegeEntry {
    /// The privilege's name.
    pub name: String,
    /// Logical name of the table it is about; none for a task privilege.
    pub table: Option<String>,
    /// Label of its row in the role editor.
    pub row: Option<String>,
    /// Tab of the role editor it is found on.
    pub tab: Option<String>,
    /// The least depth that passes.
    pub depth: Depth,
    /// A role that grants it, where the file names one.
    pub role: Option<String>,
}

/// Why a rule no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// What replaced it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What a rule is judged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each user.
    User,
    /// The environment, once; the outcome counts for every user.
    Environment,
}

/// What a failure does to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The app does not work for the user.
    Blocks,
    /// The app works, with less.
    Limits,
    /// Nothing; it is told.
    Advises,
}

/// What part of the set-up a rule is about. The order is the order in which causes are named:
/// an account problem before a missing role, a missing role before missing privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// The user record: enabled, access mode.
    Account,
    /// Settings of the whole environment.
    Environment,
    /// Whether the user has a security role at all.
    Role,
    /// Whether the app is shared with the user's roles.
    App,
    /// Single privileges.
    Privilege,
    /// The user's mailbox record and server profile.
    Mailbox,
    /// Processing methods, tests and enablement.
    Synchronization,
    /// Adding the app to Outlook.
    Deployment,
    /// The user's devices.
    Client,
    /// Anything else.
    Other,
}

impl Scope {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::User => "user",
            Scope::Environment => "environment",
        }
    }
}

impl Severity {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks",
            Severity::Limits => "limits",
            Severity::Advises => "advises",
        }
    }
}

impl Area {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Area::Account => "account",
            Area::Environment => "environment",
            Area::Role => "role",
            Area::App => "app",
            Area::Privilege => "privilege",
            Area::Mailbox => "mailbox",
            Area::Synchronization => "synchronization",
            Area::Deployment => "deployment",
            Area::Client => "client",
            Area::Other => "other",
        }
    }
}

/// Something more that the app shows to users who hold certain privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Stable id, kebab-case.
    pub id: String,
    /// Position of its pack in [`RuleSet::packs`].
    pub pack: usize,
    /// What the user gets.
    pub title: String,
    /// Names of the privileges it needs, at any depth.
    pub needs: Vec<String>,
}

impl Pack {
    /// Id, version and the beginning of the content's hash: what a report says it judged by.
    #[must_use]
    pub fn edition(&self) -> String {
        let hash = self.sha256.get(..12).unwrap_or(&self.sha256);
        format!("{} {} ({hash})", self.id, self.version)
    }
}

impl RuleSet {
    /// The rule of that id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(RuleIndex, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.id.eq_ignore_ascii_case(id))
    }

    /// The privilege names that the collector has to ask for, sorted, each once.
    #[must_use]
    pub fn wanted_privileges(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .features
            .iter()
            .flat_map(|feature| feature.needs.clone())
            .collect();
        let asked = self.rules.iter().flat_map(Rule::privileges);
        names.extend(asked.map(str::to_owned));
        names.sort();
        names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        names
    }

    /// Every column of a collected table that some rule reads.
    #[must_use]
    pub fn columns(&self) -> Vec<(Subject, String, Kind)> {
        let mut columns = Vec::new();
        for field in self.rules.iter().flat_map(Rule::fields) {
            if let FieldSource::Column { table, column, kind } = field.source {
                let entry = (table, column, kind);
                if !columns.contains(&entry) {
                    columns.push(entry);
                }
            }
        }
        columns
    }
}

impl Rule {
    /// The facts it reads: of its condition, its check and what its evidence quotes; each once,
    /// in the order of their first mention.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let mut add = |field: &Field| {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        };
        for check in self.when.iter().chain([&self.check]) {
            check.visit(&mut |part| part.fields().into_iter().for_each(&mut add));
        }
        self.quote.iter().for_each(&mut add);
        fields
    }

    /// The names of the privileges it asks for, each once.
    #[must_use]
    pub fn privileges(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for check in self.when.iter().chain([&self.check]) {
            check.visit(&mut |part| {
                if let Check::Privilege(name, _) = part
                    && !names.contains(&name.as_str())
                {
                    names.push(name);
                }
            });
        }
        names
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use crate::rules::{RuleSource, load};

    #[test]
    fn privileges_are_found_wherever_they_stand_and_named_once() {
        let text = "pack = { id = \"ours\", title = \"Ours\", version = \"1\", source = \"https://a.example\" }\n\
            [[rule]]\nid = \"a\"\ntitle = \"A\"\nscope = \"user\"\nseverity = \"advises\"\nremedy = \"Do it.\"\n\
            when = { privilege = \"prvReadA\", depth = \"basic\" }\n\
            check = { all = [{ any = [{ privilege = \"prvReadB\", depth = \"basic\" }, \
            { privilege = \"prvReadA\", depth = \"local\" }] }, { not = { privilege = \"prvReadC\", depth = \"basic\" } }] }\n";
        let source = RuleSource {
            name: "ours.toml".to_owned(),
            text: text.to_owned(),
        };
        let set = load(&[source]).expect("a rule");
        assert_eq!(set.rules[0].privileges(), ["prvReadA", "prvReadB", "prvReadC"]);
    }
}
