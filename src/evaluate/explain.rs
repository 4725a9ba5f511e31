//! One user, explained: what a help desk needs to answer "why her?".

use jiff::Timestamp;

use crate::access::{Candidate, Requirement, Way};
use crate::rules::{Area, Check, Pack, RuleIndex};
use crate::snapshot::Environment;
use crate::snapshot::manifest::EnvironmentInfo;

use super::asked::{Asked, Explains};
use super::assessment::{Assessment, EnvironmentAssessment, Finding, UserRow};
use super::check::requirement;
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
    /// When the environment was read.
    pub collected: Timestamp,
    /// What stands in the way, the deciding cause first.
    pub causes: Vec<Finding<'a>>,
    /// By cause: the ways by which roles reach the user and what stops each; empty for causes that
    /// are not about access.
    pub ways: Vec<Vec<Way>>,
    /// Whether the server was asked about the user's access: then its answer is the reason.
    pub is_verified: bool,
    /// The role that would give most of the missing access; none where the server was asked, as
    /// no change of roles is known to change its answer.
    pub helper: Option<Helper>,
    /// The message that was asked about.
    pub asked: Option<Asked>,
    /// What the app shows to this user beyond the basics.
    pub features: Vec<FeatureState<'a>>,
    /// What was not seen of the environment: one sentence each.
    pub unseen: &'a [String],
    /// The packs that judged.
    pub packs: &'a [Pack],
}

/// A role that would give a user missing access.
#[derive(Clone, Debug)]
pub struct Helper {
    /// The role, and how it stands towards the user.
    pub candidate: Candidate,
    /// The rules whose access is missing, in the order of the candidate's lists.
    pub rules: Vec<RuleIndex>,
}

impl Helper {
    /// Where a rule is in the candidate's lists.
    #[must_use]
    pub fn place(&self, rule: RuleIndex) -> Option<usize> {
        self.rules.iter().position(|other| *other == rule)
    }
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

    /// Explains one user, and, where one is given, the error message that the user saw.
    #[must_use]
    pub fn explain(&'a self, (environment, user): Found, message: Option<&str>) -> Explanation<'a> {
        let assessed = &self.environments[environment];
        let row = assessed.row(user);
        let manifest = &assessed.environment.manifest;
        let mut causes = assessed.causes(user);
        if let Some(message) = message {
            let asked = assessed.asked(user, message, &causes);
            causes = explaining_first(causes, &asked);
        }
        Explanation {
            environment: &manifest.environment,
            collected: manifest.collected.finished,
            domain_name: assessed.scene.people.texts("domainname").of(user),
            would_be: (row.verdict == Verdict::OutOfScope).then(|| assessed.would_be(user)),
            user: row,
            ways: causes
                .iter()
                .map(|finding| assessed.ways(finding, user))
                .collect(),
            is_verified: assessed.scene.access.is_verified(user),
            helper: assessed.helper(&causes, user),
            asked: message.map(|message| assessed.asked(user, message, &causes)),
            causes,
            features: assessed.features(user),
            unseen: &assessed.unseen,
            packs: &self.rules.packs,
        }
    }
}

/// Puts what the sources give as the message's cause before what does not explain it, among what is as
/// severe as the deciding cause. What access as a whole rests on (the account, the environment, a role)
/// stays before what may only follow from it.
fn explaining_first<'a>(causes: Vec<Finding<'a>>, asked: &Asked) -> Vec<Finding<'a>> {
    let severity = |cause: &Finding<'_>| (cause.rule.severity, cause.outcome);
    let deciding = causes.first().map(severity);
    let mut placed: Vec<(u8, Finding<'a>)> = causes
        .into_iter()
        .enumerate()
        .map(|(position, cause)| {
            let place = if Some(severity(&cause)) != deciding {
                3
            } else if cause.rule.area <= Area::Role {
                0
            } else if asked.explained_by(position) == Some(Explains::Alone) {
                1
            } else {
                2
            };
            (place, cause)
        })
        .collect();
    // Stable: otherwise the order stays.
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, cause)| cause).collect()
}

impl EnvironmentAssessment<'_> {
    fn helper(&self, causes: &[Finding<'_>], user: usize) -> Option<Helper> {
        if self.scene.access.is_verified(user) {
            return None;
        }
        let missing = causes
            .iter()
            .filter_map(|finding| Some((finding, reached(&finding.rule.check)?)));
        let (findings, requirements): (Vec<&Finding<'_>>, Vec<Requirement>) = missing.unzip();
        if requirements.is_empty() {
            return None;
        }
        let named = self.rules.rules.iter().filter_map(|rule| rule.privilege.as_ref());
        let mut shipped: Vec<&str> = named.filter_map(|privilege| privilege.role.as_deref()).collect();
        shipped.sort_unstable();
        shipped.dedup();
        let candidate = self.scene.access.candidate(user, &requirements, &shipped)?;
        Some(Helper {
            candidate,
            rules: findings.iter().map(|finding| finding.index).collect(),
        })
    }
}

/// What does not reach the user where that check fails, if a role could bring it.
pub(super) fn reached(check: &Check) -> Option<Requirement> {
    match check {
        Check::Privilege(..) | Check::AppModuleShared(_) => requirement(check),
        _ => None,
    }
}
