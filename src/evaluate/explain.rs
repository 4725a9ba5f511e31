//! One user, explained: what a help desk needs to answer "why her?".

use crate::rules::Pack;
use crate::snapshot::Environment;
use crate::snapshot::manifest::EnvironmentInfo;

use super::assessment::{Assessment, Finding, UserRow};
use super::features::FeatureState;
use super::outcome::Verdict;
use super::who::Who;

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
    /// The packs that judged.
    pub packs: &'a [Pack],
}

/// A user who was searched for: position of the environment and of the user in it.
pub type Found = (usize, usize);

impl<'a> Assessment<'a> {
    /// Users who are called that: by id, sign-in name or e-mail address; if none is, by full name.
    #[must_use]
    pub fn find_users(&self, word: &str) -> Vec<Found> {
        let who = Who::new(word);
        let find = |rows: &dyn Fn(&Environment) -> Vec<usize>| -> Vec<Found> {
            let environments = self.environments.iter().enumerate();
            environments
                .flat_map(|(e, assessed)| rows(assessed.environment).into_iter().map(move |user| (e, user)))
                .collect()
        };
        let exact = find(&|environment| who.called(environment));
        if exact.is_empty() {
            find(&|environment| who.named(environment))
        } else {
            exact
        }
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
            features: assessed.features(user),
            packs: &self.rules.packs,
        }
    }
}
