//! The smallest set of administrative actions that makes the most users ready.
//!
//! Owns the way from an assessment to actions in order. Knows the rules only as what passes and fails:
//! what an action does for whom is tried out, on one user of every case, by the same changes and the
//! same evaluation as everything else. Makes no text but titles, touches no file and no environment.
//!
//! | Part | Owns |
//! |---|---|
//! | `cases` | users who are not ready, grouped so that an action does the same to all of a group |
//! | `sample` | a small environment of one user per case, on which changes are tried out |
//! | [`action`] | the kinds of actions, their keys, and the changes they are made of |
//! | `settings`, `roles` | which actions could help |
//! | [`cover`] | the choice: the fewest that do everything, exactly or within a proven bound |
//! | `order` | the order: many users ready early |
//! | `over_grant` | who else gains what |
//! | `left` | what no action puts right, and why |
//!
//! # What is promised
//!
//! Chosen is a smallest set among the actions that were considered; with each of the first actions,
//! [`Action::cumulative_ready`] says how many users are ready if it does what it is expected to. The
//! figures come from evaluating all actions up to that one together. A user with something that is not
//! known stays so: an unknown is never counted as put right, unless a role that somebody lacks for
//! certain is the answer to that as well.

pub mod action;
mod cases;
mod choose;
pub mod cover;
mod left;
mod order;
mod over_grant;
mod roles;
mod sample;
mod settings;
mod title;

pub use action::{Deed, Kind};
pub use left::Left;
pub use over_grant::OverGrant;

use crate::evaluate::{AssessError, Assessment, Bits, EnvironmentAssessment, Inputs, Summary, Verdict};
use crate::snapshot::Guid;
use crate::what_if::{Change, ChangeError, Holder};

/// How to plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many steps the exact search may take before greedy has to do; 0 for greedy at once.
    pub most_nodes: usize,
    /// So many cases are told apart by the roles that reach them; where there would be more, only
    /// assigning roles is considered.
    pub most_cases: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            most_nodes: cover::MOST_NODES,
            most_cases: cases::MOST_CASES,
        }
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A plan is of one environment.
    #[error(
        "a plan is made for one environment, and {0} are given\nhint: give one snapshot, or run `clearance plan` \
         for each"
    )]
    SeveralEnvironments(usize),
    /// A change that should be possible is not.
    #[error("an action cannot be tried out: {0}")]
    Change(ChangeError),
    /// The result of a change cannot be judged.
    #[error("an action cannot be judged: {0}")]
    Assess(AssessError),
}

/// What to do, in order.
#[derive(Debug)]
pub struct Plan {
    /// The actions, the first first.
    pub actions: Vec<Action>,
    /// What they do not put right.
    pub left: Vec<Left>,
    /// How many users are not ready when everything is done.
    pub left_users: usize,
    /// Whether no smaller set of the considered actions does the same.
    pub optimal: bool,
    /// At most so many times the fewest actions: 1 if `optimal`.
    pub bound: f64,
    /// What the choice was made from.
    pub problem: cover::Instance,
    /// How many actions were considered.
    pub considered: usize,
    /// How many cases the users who are not ready make.
    pub cases: usize,
    /// Whether changes to roles that people hold were considered; in an environment with too many
    /// kinds of access only assigning roles is.
    pub considers_held_roles: bool,
    /// Verdicts now.
    pub before: Summary,
    /// Verdicts when everything is done and did what is expected.
    pub after: Summary,
    /// Who is ready then.
    pub ready: Bits,
}

/// One action.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it is called in every run: kind and object, whoever it is for.
    pub key: String,
    /// What to do, in a line.
    pub title: String,
    /// What kind of action it is.
    pub kind: Kind,
    /// Where to click.
    pub clicks: String,
    /// The role it is about: name and id of the root copy.
    pub role: Option<(String, Guid)>,
    /// What it consists of.
    pub deeds: Vec<Deed>,
    /// Whom it is for: positions of users, ascending. An action on a role, an app or the organization
    /// is made once, for them.
    pub users: Vec<usize>,
    /// Users who are ready when it is done and were not before.
    pub newly_ready: usize,
    /// Users who are ready when it is done.
    pub cumulative_ready: usize,
    /// What has to come true for that; none if the data show it.
    pub expected_if: Option<&'static str>,
    /// What it gives beyond what is lacking.
    pub over_grant: OverGrant,
}

impl Action {
    /// The changes it consists of, with its users by their ids.
    #[must_use]
    pub fn changes(&self, assessed: &EnvironmentAssessment<'_>) -> Vec<Change> {
        let holders = holders(assessed, self.users.iter().copied());
        self.deeds.iter().map(|deed| deed.change(&holders)).collect()
    }
}

/// Users by their ids.
fn holders(assessed: &EnvironmentAssessment<'_>, users: impl Iterator<Item = usize>) -> Vec<Holder> {
    let ids = assessed.environment.table("systemuser");
    let ids = ids
        .and_then(|table| table.ids("systemuserid"))
        .unwrap_or_default();
    users.map(|user| Holder::User(ids[user].to_string())).collect()
}

/// Makes the plan for the only environment of an assessment.
///
/// # Errors
/// If there are several environments, or a change cannot be tried out.
pub fn plan(inputs: &Inputs<'_>, assessment: &Assessment<'_>, options: Options) -> Result<Plan, PlanError> {
    let [assessed] = &assessment.environments[..] else {
        return Err(PlanError::SeveralEnvironments(assessment.environments.len()));
    };
    let before = assessment.summary();
    choose::Chooser::new(inputs, assessed, options)?.plan(before, options)
}

/// Counts of verdicts.
fn count(summary: &mut Summary, verdict: Verdict, users: usize) {
    let number = match verdict {
        Verdict::Ready => &mut summary.ready,
        Verdict::Limited => &mut summary.limited,
        Verdict::Blocked => &mut summary.blocked,
        Verdict::Unknown => &mut summary.unknown,
        Verdict::OutOfScope => &mut summary.out_of_scope,
    };
    *number += users;
    if verdict != Verdict::OutOfScope {
        summary.users += users;
    }
}
