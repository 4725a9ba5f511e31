//! One rule or feature for people: what it asks for in words, what it reads, and what the
//! collecting account needs for that. `rules show` and the handbook draw from these views.

use serde::Serialize;

use crate::rules::reads::Needed;
use crate::rules::{Feature, Field, FieldKind, FieldSource, Rule, RuleSet, Severity};

/// Everything about a rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleView<'a> {
    /// `rule`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a str,
    /// What it asks for, in one line.
    pub title: &'a str,
    /// Why it matters.
    pub why: Option<&'a str>,
    /// The pack that it belongs to.
    pub pack: &'a str,
    /// Version of the pack.
    pub pack_version: &'a str,
    /// Identifies the content of the pack: a SHA-256 in hexadecimal.
    pub pack_sha256: &'a str,
    /// `user` or `environment`.
    pub scope: &'static str,
    /// `blocks`, `limits` or `advises`.
    pub severity: &'static str,
    /// The severity that its pack gives it, where settings changed that.
    pub shipped_severity: Option<&'static str>,
    /// What part of the set-up it is about.
    pub area: &'static str,
    /// Set when the requirement is outdated.
    pub superseded: Option<SupersededView<'a>>,
    /// When it applies, in words; none means always.
    pub applies_if: Option<String>,
    /// What must hold, in words.
    pub passes_if: String,
    /// What is wrong when it fails.
    pub cause: Option<&'a str>,
    /// What an administrator does about it.
    pub remedy: &'a str,
    /// Error messages that a user sees when it fails.
    pub symptoms: &'a [String],
    /// Step or section of the source.
    pub section: Option<&'a str>,
    /// Address of the source, with the date it was read.
    pub source: &'a str,
    /// Further sources that ask for the same.
    pub also: &'a [String],
    /// The facts that it reads.
    pub facts: Vec<FactView>,
    /// The privileges of the user that it asks about.
    pub privileges: Vec<&'a str>,
    /// What the collecting account needs to read all that.
    pub collector: Vec<NeededView>,
}

/// Why a rule no longer counts.
#[derive(Clone, Debug, Serialize)]
pub struct SupersededView<'a> {
    /// Since when.
    pub on: &'a str,
    /// What replaced it.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
}

/// A fact that a rule reads.
#[derive(Clone, Debug, Serialize)]
pub struct FactView {
    /// Its name in rule files.
    pub name: String,
    /// Its type, in words.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The names of its options, if it has any.
    pub options: Vec<String>,
    /// Logical name of the table it is read from, if it is a column of one.
    pub table: Option<&'static str>,
    /// Logical name of the column.
    pub column: Option<String>,
    /// Where it comes from, in words.
    pub from: String,
}

/// A privilege that the collecting account needs.
#[derive(Clone, Debug, Serialize)]
pub struct NeededView {
    /// Its name.
    pub privilege: &'static str,
    /// At what depth: all rows.
    pub depth: &'static str,
    /// The tables that it opens.
    pub tables: Vec<&'static str>,
    /// Those of the tables of which this is only remembered, not found in a source.
    pub recalled: Vec<&'static str>,
}

/// Everything about a feature.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureView<'a> {
    /// `feature`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a str,
    /// What the user gets.
    pub title: &'a str,
    /// The pack that it belongs to.
    pub pack: &'a str,
    /// Version of the pack.
    pub pack_version: &'a str,
    /// Identifies the content of the pack: a SHA-256 in hexadecimal.
    pub pack_sha256: &'a str,
    /// The privileges that light it up, at any depth.
    pub needs: &'a [String],
    /// What the collecting account needs to tell.
    pub collector: Vec<NeededView>,
}

impl<'a> RuleView<'a> {
    /// The view of a rule of that set.
    #[must_use]
    pub fn new(set: &'a RuleSet, rule: &'a Rule) -> RuleView<'a> {
        let pack = set.packs.get(rule.pack);
        RuleView {
            kind: "rule",
            id: &rule.id,
            title: &rule.title,
            why: rule.why.as_deref(),
            pack: pack.map_or("", |pack| &pack.id),
            pack_version: pack.map_or("", |pack| &pack.version),
            pack_sha256: pack.map_or("", |pack| &pack.sha256),
            scope: rule.scope.name(),
            severity: rule.severity.name(),
            shipped_severity: rule.shipped_severity.map(Severity::name),
            area: rule.area.name(),
            superseded: rule.superseded.as_ref().map(|superseded| SupersededView {
                on: &superseded.on,
                by: &superseded.by,
                why: &superseded.why,
            }),
            applies_if: rule.when.as_ref().map(|when| when.describe()),
            passes_if: rule.check.describe(),
            cause: rule.cause.as_deref(),
            remedy: &rule.remedy,
            symptoms: &rule.symptoms,
            section: rule.section.as_deref(),
            source: &rule.source,
            also: &rule.also,
            facts: rule.fields().iter().map(FactView::new).collect(),
            privileges: rule.privileges(),
            collector: rule.needed().into_iter().map(NeededView::new).collect(),
        }
    }
}

impl<'a> FeatureView<'a> {
    /// The view of a feature of that set.
    #[must_use]
    pub fn new(set: &'a RuleSet, feature: &'a Feature) -> FeatureView<'a> {
        let pack = set.packs.get(feature.pack);
        FeatureView {
            kind: "feature",
            id: &feature.id,
            title: &feature.title,
            pack: pack.map_or("", |pack| &pack.id),
            pack_version: pack.map_or("", |pack| &pack.version),
            pack_sha256: pack.map_or("", |pack| &pack.sha256),
            needs: &feature.needs,
            collector: feature.needed().into_iter().map(NeededView::new).collect(),
        }
    }
}

impl FactView {
    /// The view of a fact.
    #[must_use]
    pub fn new(field: &Field) -> FactView {
        let (table, column) = match &field.source {
            FieldSource::Column { table, column, .. } => (Some(table.table()), Some(column.clone())),
            _ => (None, None),
        };
        FactView {
            name: field.name.clone(),
            kind: field.kind.words(),
            options: match &field.kind {
                FieldKind::Option(options) => options.iter().map(|option| option.name.clone()).collect(),
                _ => Vec::new(),
            },
            table,
            column,
            from: from(&field.source),
        }
    }
}

/// Where a fact comes from.
fn from(source: &FieldSource) -> String {
    match source {
        FieldSource::Column { table, column, .. } => {
            return format!("column `{column}` of table `{}`", table.table());
        }
        FieldSource::MailboxExists => "whether a row of table `mailbox` is the user's",
        FieldSource::Deployment => "whether the environment is online, from the manifest of the snapshot",
        FieldSource::Build => "the version of the environment, from the manifest of the snapshot",
        FieldSource::Region => "the region in the environment's address, from the manifest of the snapshot",
        FieldSource::AuditedEnvironments => "how many environments the audit is given",
        FieldSource::AccessVerified => {
            "whether the snapshot holds the server's own answer about the user's access"
        }
        FieldSource::AccessModelAgrees => {
            "whether that answer is what the user's roles and teams let one expect"
        }
        FieldSource::MembershipSeen => {
            "whether no role of the user can be hidden in a group team that was not filled yet"
        }
        FieldSource::DevicesGiven => "whether the audit is given a device inventory (`--devices`)",
        FieldSource::Device(fact) => {
            return format!(
                "{} of a device, from the device inventory (`--devices`)",
                fact.words()
            );
        }
    }
    .to_owned()
}

impl NeededView {
    fn new(needed: Needed) -> NeededView {
        NeededView {
            privilege: needed.privilege,
            depth: crate::rules::Depth::Global.name(),
            tables: needed.tables,
            recalled: needed.recalled,
        }
    }
}
