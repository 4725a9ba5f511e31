//! Comparing the two versions.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::{Change, Changed, Difference, Effect, FeatureDifference, MovedOut, Needs};
use super::{PackDifference, RuleDifference, What};
use crate::rules::meaning;
use crate::rules::model::{Check, Feature, Field, FieldKind, PrivilegeEntry, Rule, RuleSet, Severity};

/// What differs in each pack.
pub(super) fn packs(old: &RuleSet, new: &RuleSet) -> Difference {
    let sides = Sides { old, new };
    let gone = old
        .packs
        .iter()
        .filter(|pack| !new.packs.iter().any(|known| known.id == pack.id));
    let packs = new.packs.iter().chain(gone);
    Difference {
        packs: packs.filter_map(|pack| sides.pack(&pack.id)).collect(),
    }
}

/// The two versions.
struct Sides<'a> {
    old: &'a RuleSet,
    new: &'a RuleSet,
}

impl Sides<'_> {
    /// What differs in the pack of that id, which is in one of the two at least.
    fn pack(&self, id: &str) -> Option<PackDifference> {
        let position = |set: &RuleSet| set.packs.iter().position(|pack| pack.id == id);
        let (was, is) = (position(self.old), position(self.new));
        let (old, new) = (
            was.map(|at| &self.old.packs[at]),
            is.map(|at| &self.new.packs[at]),
        );
        let mut pack = PackDifference {
            id: id.to_owned(),
            change: match (old, new) {
                (None, _) => Change::Added,
                (_, None) => Change::Removed,
                _ => Change::Changed,
            },
            old_version: old.map(|pack| pack.version.clone()),
            new_version: new.map(|pack| pack.version.clone()),
            version_stayed: false,
            wording: Vec::new(),
            rules: Vec::new(),
            features: Vec::new(),
            moved_out: Vec::new(),
        };
        if let (Some(old), Some(new)) = (old, new) {
            let texts = [
                ("title", old.title != new.title),
                ("source", old.source != new.source),
                ("order", self.order_changed(was, is)),
            ];
            pack.wording = named(&texts);
        }
        self.rules(was, is, &mut pack);
        self.features(was, is, &mut pack);
        let content = !(pack.wording.is_empty()
            && pack.rules.is_empty()
            && pack.features.is_empty()
            && pack.moved_out.is_empty());
        let version = pack.old_version != pack.new_version;
        pack.version_stayed = content && !version;
        (content || version).then_some(pack)
    }

    fn rules(&self, was: Option<usize>, is: Option<usize>, pack: &mut PackDifference) {
        let olds: HashMap<String, &Rule> = self.old.rules.iter().map(|rule| (key(&rule.id), rule)).collect();
        for rule in self.new.rules.iter().filter(|rule| Some(rule.pack) == is) {
            match olds.get(&key(&rule.id)) {
                None => pack.rules.push(one_sided(rule, Change::Added)),
                Some(old) => {
                    let from = &self.old.packs[old.pack].id;
                    let moved = (*from != pack.id).then(|| from.clone());
                    pack.rules.extend(changed(old, rule, moved));
                }
            }
        }
        let news: HashMap<String, &Rule> = self.new.rules.iter().map(|rule| (key(&rule.id), rule)).collect();
        for rule in self.old.rules.iter().filter(|rule| Some(rule.pack) == was) {
            match news.get(&key(&rule.id)) {
                None => pack.rules.push(one_sided(rule, Change::Removed)),
                Some(new) => pack.moved(&rule.id, &self.new.packs[new.pack].id),
            }
        }
    }

    fn features(&self, was: Option<usize>, is: Option<usize>, pack: &mut PackDifference) {
        let find = |set: &RuleSet, id: &str| {
            let found = set.features.iter().find(|known| known.id == id)?;
            Some((found.clone(), set.packs[found.pack].id.clone()))
        };
        for feature in self
            .new
            .features
            .iter()
            .filter(|feature| Some(feature.pack) == is)
        {
            match find(self.old, &feature.id) {
                None => pack.features.push(alone(feature, Change::Added)),
                Some((old, from)) => {
                    let needs = (sorted(&old.needs) != sorted(&feature.needs)).then(|| Needs {
                        old: old.needs.clone(),
                        new: feature.needs.clone(),
                    });
                    let rewritten = needs.is_none() && old.needs != feature.needs;
                    let difference = FeatureDifference {
                        moved_from: (from != pack.id).then_some(from),
                        needs,
                        wording: named(&[("title", old.title != feature.title), ("needs", rewritten)]),
                        ..alone(feature, Change::Changed)
                    };
                    if difference != alone(feature, Change::Changed) {
                        pack.features.push(difference);
                    }
                }
            }
        }
        for feature in self
            .old
            .features
            .iter()
            .filter(|feature| Some(feature.pack) == was)
        {
            match find(self.new, &feature.id) {
                None => pack.features.push(alone(feature, Change::Removed)),
                Some((_, to)) => pack.moved(&feature.id, &to),
            }
        }
    }

    /// Whether the rules and features that the pack has on both sides follow one another differently.
    fn order_changed(&self, was: Option<usize>, is: Option<usize>) -> bool {
        let ids = |set: &RuleSet, pack: Option<usize>| -> Vec<String> {
            let rules = set.rules.iter().filter(|rule| Some(rule.pack) == pack);
            let features = set.features.iter().filter(|feature| Some(feature.pack) == pack);
            rules
                .map(|rule| key(&rule.id))
                // An id may be that of a rule and of a feature.
                .chain(features.map(|feature| format!("feature {}", feature.id)))
                .collect()
        };
        let (old, new) = (ids(self.old, was), ids(self.new, is));
        let common = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|id| other.contains(id)).cloned().collect()
        };
        common(&old, &new) != common(&new, &old)
    }
}

impl PackDifference {
    /// Notes that something of the pack is in that one now.
    fn moved(&mut self, id: &str, to: &str) {
        if to != self.id {
            self.moved_out.push(MovedOut {
                id: id.to_owned(),
                to: to.to_owned(),
            });
        }
    }
}

/// By what rules are matched.
fn key(id: &str) -> String {
    id.to_lowercase()
}

/// The names of what is so.
fn named(list: &[(&'static str, bool)]) -> Vec<&'static str> {
    list.iter().filter(|(_, so)| *so).map(|(name, _)| *name).collect()
}

/// Names of privileges, for comparison.
fn sorted(names: &[String]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

fn alone(feature: &Feature, change: Change) -> FeatureDifference {
    FeatureDifference {
        id: feature.id.clone(),
        change,
        title: feature.title.clone(),
        moved_from: None,
        needs: None,
        wording: Vec::new(),
    }
}

/// A rule that is in one version only.
fn one_sided(rule: &Rule, change: Change) -> RuleDifference {
    let effect = match (change, weight(rule)) {
        (Change::Added, Some(Severity::Blocks)) => Some(Effect::CanBlock),
        (Change::Added, Some(Severity::Limits)) => Some(Effect::CanLimit),
        (Change::Removed, Some(Severity::Blocks)) => Some(Effect::BlocksNobody),
        (Change::Removed, Some(Severity::Limits)) => Some(Effect::LimitsNobody),
        _ => None,
    };
    RuleDifference {
        id: rule.id.clone(),
        change,
        title: rule.title.clone(),
        severity: rule.severity.name(),
        moved_from: None,
        changes: Vec::new(),
        wording: Vec::new(),
        effect,
    }
}

/// What a failure of the rule does to a verdict; none if nothing.
fn weight(rule: &Rule) -> Option<Severity> {
    match rule.severity {
        Severity::Advises => None,
        _ if rule.superseded.is_some() => None,
        severity => Some(severity),
    }
}

/// What differs between two versions of a rule, if anything.
fn changed(old: &Rule, new: &Rule, moved_from: Option<String>) -> Option<RuleDifference> {
    let mut changes = Vec::new();
    let mut note = |what: What, old: String, new: String| changes.push(Changed { what, old, new });
    if old.severity != new.severity {
        note(
            What::Severity,
            old.severity.name().into(),
            new.severity.name().into(),
        );
    }
    if old.superseded.is_some() != new.superseded.is_some() {
        note(What::Superseded, superseded(old), superseded(new));
    }
    if old.scope != new.scope {
        note(What::Scope, old.scope.name().into(), new.scope.name().into());
    }
    let applies_same = match (&old.when, &new.when) {
        (Some(old), Some(new)) => meaning::same(old, new),
        (old, new) => old.is_none() && new.is_none(),
    };
    if !applies_same {
        note(What::Applies, applies(old), applies(new));
    }
    let passes_same = meaning::same(&old.check, &new.check);
    let depths = match (&old.privilege, &new.privilege) {
        (Some(old), Some(new)) => Some((old.depth, new.depth)),
        _ => None,
    };
    match depths {
        _ if passes_same => {}
        Some((old, new)) => note(What::Depth, old.name().into(), new.name().into()),
        None => note(What::Passes, old.check.describe(), new.check.describe()),
    }
    if !(applies_same && passes_same) {
        for (old, new) in facts(old, new) {
            note(What::Fact, fact(&old), fact(&new));
        }
    }
    let deeper = depths.map(|(old, new)| old.cmp(&new)).filter(|_| !passes_same);
    let meaning_same = applies_same && passes_same && old.scope == new.scope;
    let effect = match (weight(old), weight(new)) {
        (None, None) => None,
        (was, Some(Severity::Blocks)) if was != Some(Severity::Blocks) => Some(Effect::CanBlock),
        (None, Some(_)) => Some(Effect::CanLimit),
        (Some(Severity::Blocks), None) => Some(Effect::BlocksNobody),
        (Some(_), None) => Some(Effect::LimitsNobody),
        (was, is) if meaning_same => (was != is).then_some(Effect::LimitsInstead),
        (was, is) if was == is && applies_same && old.scope == new.scope => match (deeper, is) {
            (Some(Ordering::Less), Some(Severity::Blocks)) => Some(Effect::CanBlock),
            (Some(Ordering::Less), _) => Some(Effect::CanLimit),
            (Some(_), _) => Some(Effect::AsksLess),
            (None, _) => Some(Effect::EitherWay),
        },
        _ => Some(Effect::EitherWay),
    };
    let rewritten = |same: bool, old: Option<&Check>, new: Option<&Check>| same && old != new;
    let place = |of: fn(&PrivilegeEntry) -> &Option<String>| {
        old.privilege.as_ref().and_then(|entry| of(entry).as_ref())
            != new.privilege.as_ref().and_then(|entry| of(entry).as_ref())
    };
    let wording = named(&[
        ("id", old.id != new.id),
        ("title", old.title != new.title),
        ("why", old.why != new.why),
        ("area", old.area != new.area),
        (
            "when",
            rewritten(applies_same, old.when.as_ref(), new.when.as_ref()),
        ),
        (
            "check",
            rewritten(passes_same, Some(&old.check), Some(&new.check)),
        ),
        ("table", place(|entry| &entry.table)),
        ("tab", place(|entry| &entry.tab)),
        ("cause", old.cause != new.cause),
        ("remedy", old.remedy != new.remedy),
        ("section", old.section != new.section),
        ("source", old.source != new.source),
        ("also", old.also != new.also),
        ("symptoms", old.symptoms != new.symptoms),
        ("quote", old.quote != new.quote),
        (
            "superseded",
            old.superseded.is_some() == new.superseded.is_some() && old.superseded != new.superseded,
        ),
    ]);
    let same = changes.is_empty() && wording.is_empty() && moved_from.is_none();
    (!same).then(|| RuleDifference {
        moved_from,
        changes,
        wording,
        effect,
        ..one_sided(new, Change::Changed)
    })
}

fn applies(rule: &Rule) -> String {
    rule.when
        .as_ref()
        .map_or_else(|| "always".to_owned(), Check::describe)
}

fn superseded(rule: &Rule) -> String {
    rule.superseded.as_ref().map_or_else(
        || "no".to_owned(),
        |one| format!("on {} by {}: {}", one.on, one.by, one.why),
    )
}

/// The facts of the same name that the two versions of a rule read as different things.
fn facts(old: &Rule, new: &Rule) -> Vec<(Field, Field)> {
    let news = new.fields();
    old.fields()
        .into_iter()
        .filter_map(|field| {
            let other = news.iter().find(|other| other.name == field.name)?;
            (field != *other).then(|| (field, other.clone()))
        })
        .collect()
}

/// A fact with what it is declared as.
fn fact(field: &Field) -> String {
    let kind = match &field.kind {
        FieldKind::Option(options) => {
            let options: Vec<String> = options
                .iter()
                .map(|option| format!("{} = {}", option.name, option.value))
                .collect();
            format!("{} of {}", field.kind.words(), options.join(", "))
        }
        kind => kind.words().to_owned(),
    };
    format!("`{}`, {kind}", field.name)
}
