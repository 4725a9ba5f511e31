//! One user, explained: what a help desk needs to answer "why her?".

use crate::access::Requirement;
use crate::rules::Feature;
use crate::snapshot::manifest::EnvironmentInfo;

use super::assessment::{Assessment, Finding, UserRow};
use super::called::Called;
use super::check::feature_requirement;
use super::field::same_text;
use super::outcome::Verdict;

/// One user's verdict with everything that led to it.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// The environment.
    pub environment: &'a EnvironmentInfo,
    /// The user's line.
    pub user: UserRow<'a>,
    /// Sign-in name (UPN); empty when null.
    pub domain_name: &'a str,
    /// For someone out of scope, the verdict otherwise; else none.
    pub would_be: Option<Verdict>,
    /// What stands in the way, the deciding cause first.
    pub causes: Vec<Finding<'a>>,
    /// What the app shows to this user beyond the basics.
    pub features: Vec<FeatureState<'a>>,
}

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

/// A user who was searched for: position of the environment and of the user in it.
pub type Found = (usize, usize);

impl<'a> Assessment<'a> {
    /// Users who are called that: by id, sign-in name or e-mail address; if none is, by full name.
    #[must_use]
    pub fn find_users(&self, word: &str) -> Vec<Found> {
        let word = word.trim();
        let called = Called::new([word]);
        let mut exact: Vec<Found> = Vec::new();
        for (position, assessed) in self.environments.iter().enumerate() {
            exact.extend(
                called
                    .find(&assessed.scene.people)
                    .map(|(user, _)| (position, user)),
            );
        }
        exact.dedup();
        if !exact.is_empty() {
            return exact;
        }
        (0..self.environments.len())
            .flat_map(|e| (0..self.environments[e].users()).map(move |user| (e, user)))
            .filter(|(e, user)| same_text(self.environments[*e].lines.name(*user).trim(), word))
            .collect()
    }

    /// Explains one user.
    #[must_use]
    pub fn explain(&self, (environment, user): Found) -> Explanation<'a> {
        let assessed = &self.environments[environment];
        let row = assessed.row(user);
        Explanation {
            environment: &assessed.environment.manifest.environment,
            domain_name: assessed.scene.people.texts("domainname").of(user),
            would_be: (row.verdict == Verdict::OutOfScope).then(|| assessed.would_be(user)),
            user: row,
            causes: assessed.causes(user),
            features: self
                .rules
                .features
                .iter()
                .map(|feature| self.feature(feature, environment, user))
                .collect(),
        }
    }

    fn feature(&self, feature: &'a Feature, environment: usize, user: usize) -> FeatureState<'a> {
        use crate::access::Reach;
        let access = &self.environments[environment].scene.access;
        let reach = |requirement: Requirement| {
            access
                .position(&requirement)
                .map_or(Reach::Unknown, |position| access.reach(user, position))
        };
        let reaches: Vec<(&'a str, Reach)> = feature
            .needs
            .iter()
            .map(|name| (name.as_str(), reach(feature_requirement(name))))
            .collect();
        let least = reaches
            .iter()
            .map(|(_, reach)| *reach)
            .min()
            .unwrap_or(Reach::Pass);
        FeatureState {
            feature,
            lit: match least {
                Reach::Pass => Some(true),
                Reach::Fail => Some(false),
                Reach::Unknown => None,
            },
            missing: reaches
                .into_iter()
                .filter(|(_, reach)| *reach != Reach::Pass)
                .map(|(name, _)| name)
                .collect(),
        }
    }
}
