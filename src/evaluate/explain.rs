//! One user, explained: what a help desk needs to answer "why her?".

use crate::rules::Pack;
use crate::snapshot::manifest::EnvironmentInfo;

use super::assessment::{Assessment, Finding, UserRow};
use super::called::Called;
use super::features::FeatureState;
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
    /// What was not seen of the environment: one sentence each.
    pub unseen: &'a [String],
    /// The packs that judged.
    pub packs: &'a [Pack],
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
    pub fn explain(&'a self, (environment, user): Found) -> Explanation<'a> {
        let assessed = &self.environments[environment];
        let row = assessed.row(user);
        Explanation {
            environment: &assessed.environment.manifest.environment,
            domain_name: assessed.scene.people.texts("domainname").of(user),
            would_be: (row.verdict == Verdict::OutOfScope).then(|| assessed.would_be(user)),
            user: row,
            causes: assessed.causes(user),
            features: assessed.features(user),
            unseen: &assessed.unseen,
            packs: &self.rules.packs,
        }
    }
}
