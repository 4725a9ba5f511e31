//! Features: what more the app shows to users who hold certain privileges. They are told, and never
//! change a verdict.

use crate::access::{Access, Reach};
use crate::rules::{Feature, RuleSet};

use super::assessment::{Assessment, EnvironmentAssessment};
use super::check::feature_requirement;

/// Whether a feature lights up for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureState<'a> {
    /// The feature.
    pub feature: &'a Feature,
    /// Whether it lights up; none when that is not known.
    pub lit: Option<bool>,
    /// Privileges that are missing, or not known to be held.
    pub missing: Vec<&'a str>,
}

/// For how many users in scope a feature lights up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureCount {
    /// It does.
    pub lit: usize,
    /// It does not.
    pub unlit: usize,
    /// It is not known.
    pub unknown: usize,
}

/// Where the access of an environment answers each privilege of each feature.
#[derive(Debug)]
pub(super) struct Needs(Vec<Vec<Option<usize>>>);

impl Needs {
    pub(super) fn new(rules: &RuleSet, access: &Access<'_>) -> Needs {
        let position = |name: &String| access.position(&feature_requirement(name));
        let features = rules.features.iter();
        Needs(
            features
                .map(|feature| feature.needs.iter().map(position).collect())
                .collect(),
        )
    }
}

impl<'a> EnvironmentAssessment<'a> {
    /// Whether a feature, by its position in [`RuleSet::features`], lights up for a user; none when
    /// that is not known.
    #[must_use]
    pub fn is_lit(&self, feature: usize, user: usize) -> Option<bool> {
        let reaches = self.feature_needs.0[feature]
            .iter()
            .map(|position| self.reach(*position, user));
        match reaches.min().unwrap_or(Reach::Pass) {
            Reach::Pass => Some(true),
            Reach::Fail => Some(false),
            Reach::Unknown => None,
        }
    }

    /// Every feature by its id, and whether it lights up for a user.
    pub fn lit_by_id(&self, user: usize) -> impl Iterator<Item = (&'a str, Option<bool>)> {
        let features = self.rules.features.iter().enumerate();
        features.map(move |(position, feature)| (feature.id.as_str(), self.is_lit(position, user)))
    }

    /// Every feature for a user, in the order of the packs.
    #[must_use]
    pub fn features(&self, user: usize) -> Vec<FeatureState<'a>> {
        let features = self.rules.features.iter().enumerate();
        features
            .map(|(position, feature)| {
                let needs = feature.needs.iter().zip(&self.feature_needs.0[position]);
                FeatureState {
                    feature,
                    lit: self.is_lit(position, user),
                    missing: needs
                        .filter(|(_, position)| self.reach(**position, user) != Reach::Pass)
                        .map(|(name, _)| name.as_str())
                        .collect(),
                }
            })
            .collect()
    }

    fn reach(&self, position: Option<usize>, user: usize) -> Reach {
        position.map_or(Reach::Unknown, |position| self.scene.access.reach(user, position))
    }
}

impl Assessment<'_> {
    /// For how many users in scope each feature lights up, by its position in
    /// [`RuleSet::features`].
    #[must_use]
    pub fn feature_counts(&self) -> Vec<FeatureCount> {
        let mut counts = vec![FeatureCount::default(); self.rules.features.len()];
        for environment in &self.environments {
            for user in environment.counted.iter() {
                for (feature, count) in counts.iter_mut().enumerate() {
                    match environment.is_lit(feature, user) {
                        Some(true) => count.lit += 1,
                        Some(false) => count.unlit += 1,
                        None => count.unknown += 1,
                    }
                }
            }
        }
        counts
    }
}
