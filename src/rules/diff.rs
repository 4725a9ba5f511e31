//! What differs between two versions of rule files, and what that means for verdicts.
//!
//! Rules are matched by their ids (of privileges ignoring case, as everywhere), packs by theirs. The
//! types are those of the JSON that `rules diff` prints (`clearance.rules-difference/1`,
//! `schemas/rules-difference-1.schema.json`): they change only with a new version of it.

mod between;

use serde::Serialize;

use super::model::RuleSet;

/// Everything that differs, by pack: those of the new version in their order, then those that are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The packs in which something differs.
    pub packs: Vec<PackDifference>,
}

/// Whether something is there in the new version only, in the old one only, or in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is there no longer.
    Removed,
    /// It is there in both, and not the same.
    Changed,
}

/// What differs in one pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackDifference {
    /// Id of the pack.
    pub id: String,
    /// Whether the pack itself came or went.
    pub change: Change,
    /// Its version before; none if it was not there.
    pub old_version: Option<String>,
    /// Its version now; none if it is not there any more.
    pub new_version: Option<String>,
    /// The content changed and the version did not: two different packs go by the same version.
    pub version_stayed: bool,
    /// Keys of the pack itself whose text changed, and `order` if its rules come in another order.
    pub wording: Vec<&'static str>,
    /// Rules: those of the new version in their order, then those that are gone.
    pub rules: Vec<RuleDifference>,
    /// Features, likewise.
    pub features: Vec<FeatureDifference>,
    /// Rules and features that went to another pack, where they are told.
    pub moved_out: Vec<MovedOut>,
}

/// What differs in one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleDifference {
    /// Id of the rule.
    pub id: String,
    /// Whether the rule came or went.
    pub change: Change,
    /// Its title now; of a rule that is gone, its last.
    pub title: String,
    /// Its severity now; of a rule that is gone, its last.
    pub severity: &'static str,
    /// The pack that it came from, if that is another one.
    pub moved_from: Option<String>,
    /// What it asks for, or what a failure does, changed.
    pub changes: Vec<Changed>,
    /// Keys whose text changed and nothing else.
    pub wording: Vec<&'static str>,
    /// What this means for verdicts, where that can be said.
    pub effect: Option<Effect>,
}

impl RuleDifference {
    /// Whether nothing but its wording changed.
    #[must_use]
    pub fn is_reworded(&self) -> bool {
        self.change == Change::Changed && self.changes.is_empty() && self.moved_from.is_none()
    }
}

/// One thing that is not as it was, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What.
    pub what: What,
    /// Before.
    pub old: String,
    /// Now.
    pub new: String,
}

/// What can change in a rule so that it means something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// What a failure does to the verdict.
    Severity,
    /// Whether it counts at all.
    Superseded,
    /// Whether it is judged per user.
    Scope,
    /// When it applies.
    Applies,
    /// What must hold.
    Passes,
    /// Of a privilege: the least depth.
    Depth,
    /// What a fact that it reads is declared as.
    Fact,
}

/// What a change of a rule means for verdicts. Superseded rules are taken as not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Users can be blocked who were not.
    CanBlock,
    /// Users can be limited who were ready.
    CanLimit,
    /// Users whom only this blocked are not blocked any more.
    BlocksNobody,
    /// Users whom only this limited are not limited any more.
    LimitsNobody,
    /// Users whom only this blocked are limited.
    LimitsInstead,
    /// It asks for less: it can only fail for fewer users.
    AsksLess,
    /// It asks for something else: either way, for different users.
    EitherWay,
}

/// What differs in one feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureDifference {
    /// Id of the feature.
    pub id: String,
    /// Whether it came or went.
    pub change: Change,
    /// Its title now; of a feature that is gone, its last.
    pub title: String,
    /// The pack that it came from, if that is another one.
    pub moved_from: Option<String>,
    /// The privileges it needed before, and needs now, where they changed.
    pub needs: Option<Needs>,
    /// Keys whose text changed and nothing else.
    pub wording: Vec<&'static str>,
}

/// The privileges that a feature needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Before.
    pub old: Vec<String>,
    /// Now.
    pub new: Vec<String>,
}

/// A rule or feature that another pack took over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MovedOut {
    /// Its id.
    pub id: String,
    /// The pack it is in now.
    pub to: String,
}

impl Difference {
    /// What has to be done to `old` to get `new`.
    #[must_use]
    pub fn between(old: &RuleSet, new: &RuleSet) -> Difference {
        between::packs(old, new)
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packs.is_empty()
    }
}
