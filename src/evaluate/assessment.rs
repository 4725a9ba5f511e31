//! The assessment: outcomes, verdicts and findings, as data. Every report reads from here and
//! none computes anything of its own.

use jiff::Timestamp;

use crate::rules::{Rule, RuleIndex, RuleSet};
use crate::snapshot::{Environment, Guid};

use super::Bits;

/// Of a rule for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// What was seen does not tell; the finding says why.
    Unknown,
    /// Its condition does not hold for the subject.
    NotApplicable,
    /// It does not hold, and someone has accepted that.
    Waived,
}

impl Outcome {
    /// The word used in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::NotApplicable => "not-applicable",
            Outcome::Waived => "waived",
        }
    }
}

/// Of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The app will work.
    Ready,
    /// It will work, with less.
    Limited,
    /// It will not work.
    Blocked,
    /// Something that could block could not be seen.
    Unknown,
    /// Not someone the app is for; the row says why.
    OutOfScope,
}

impl Verdict {
    /// The word used in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Ready => "ready",
            Verdict::Limited => "limited",
            Verdict::Blocked => "blocked",
            Verdict::Unknown => "unknown",
            Verdict::OutOfScope => "out-of-scope",
        }
    }
}

/// Whether the app was added to a user's Outlook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deployment {
    /// Queued.
    Pending,
    /// Not added.
    NotAdded,
    /// Added.
    Added,
    /// Adding it failed.
    InstallFailed,
    /// Removing it failed.
    UninstallFailed,
    /// There, and to be upgraded.
    UpgradeRequired,
    /// No mailbox, or not told.
    Unknown,
}

impl Deployment {
    /// The word used in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Deployment::Pending => "pending",
            Deployment::NotAdded => "not-added",
            Deployment::Added => "added",
            Deployment::InstallFailed => "install-failed",
            Deployment::UninstallFailed => "uninstall-failed",
            Deployment::UpgradeRequired => "upgrade-required",
            Deployment::Unknown => "unknown",
        }
    }
}

/// The outcomes of one rule, a bit per user of an environment; a user in none of the planes
/// passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Users for whom it fails and nobody has accepted that.
    pub fail: Bits,
    /// Users for whom it is unknown.
    pub unknown: Bits,
    /// Users to whom it does not apply.
    pub not_applicable: Bits,
    /// Users for whom it fails and someone has accepted that.
    pub waived: Bits,
}

impl Outcomes {
    /// The outcome for one user.
    #[must_use]
    pub fn of(&self, user: usize) -> Outcome {
        if self.fail.get(user) {
            Outcome::Fail
        } else if self.unknown.get(user) {
            Outcome::Unknown
        } else if self.not_applicable.get(user) {
            Outcome::NotApplicable
        } else if self.waived.get(user) {
            Outcome::Waived
        } else {
            Outcome::Pass
        }
    }
}

/// The result of an audit: all environments, in the order they were given.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The rules that ran (superseded ones only where they were asked for).
    pub rules: &'a RuleSet,
    /// The moment that attestations and waivers were judged at.
    pub assessed_at: Timestamp,
    /// One entry per environment.
    pub environments: Vec<EnvironmentAssessment<'a>>,
    /// Things the reader must know: expired or unused waivers, expired attestations, gaps that
    /// leave something unknown. One sentence each.
    pub notices: Vec<String>,
}

/// Counts of verdicts. `users` counts users in scope: ready + limited + blocked + unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Users in scope.
    pub users: usize,
    /// Ready.
    pub ready: usize,
    /// Limited.
    pub limited: usize,
    /// Blocked.
    pub blocked: usize,
    /// Unknown.
    pub unknown: usize,
    /// Users out of scope, not counted in `users`.
    pub out_of_scope: usize,
}

/// Outcomes of one rule over the users in scope; for an environment rule over the environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// Passes.
    pub pass: usize,
    /// Failures.
    pub fail: usize,
    /// Unknowns.
    pub unknown: usize,
    /// Not applicable.
    pub not_applicable: usize,
    /// Accepted failures.
    pub waived: usize,
}

/// One user's line: what every per-user output begins with.
#[derive(Clone, Debug)]
pub struct UserRow<'a> {
    /// `systemuserid`.
    pub id: Guid,
    /// Full name; empty when null.
    pub name: &'a str,
    /// Primary e-mail address; empty when null.
    pub email: &'a str,
    /// Name of the business unit; its id if the name was not read; empty when null.
    pub business_unit: std::borrow::Cow<'a, str>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why the user is out of scope.
    pub reason: Option<&'static str>,
    /// State of the app in the user's Outlook.
    pub deployment: Deployment,
    /// Blocking rules of the user's own that fail.
    pub blocking: u32,
    /// Limiting rules of the user's own that fail.
    pub limiting: u32,
    /// Rules of the user's own that are unknown, whatever their severity.
    pub unknown: u32,
    /// Accepted failures of the user's own.
    pub waived: u32,
}

/// An outcome other than pass, explained.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// Which rule: position in [`RuleSet::rules`].
    pub index: RuleIndex,
    /// The rule.
    pub rule: &'a Rule,
    /// Its outcome.
    pub outcome: Outcome,
    /// What had to be, in words and with the names of the columns.
    pub expected: String,
    /// What was read, and where.
    pub observed: String,
    /// What is wrong, or why it is not known, in one sentence.
    pub cause: String,
    /// How access reaches the user: one path per line. Empty where no access is involved.
    pub path: Vec<String>,
    /// For missing access: the nearest paths and what stops each.
    pub nearest: Vec<String>,
    /// What to do.
    pub remedy: String,
}

/// The outcomes for one environment.
#[derive(Debug)]
pub struct EnvironmentAssessment<'a> {
    /// What was collected.
    pub environment: &'a Environment,
    /// Outcomes by rule, for user rules; empty planes for environment rules.
    pub(super) outcomes: Vec<Outcomes>,
    /// Outcome by rule for environment rules; pass for user rules.
    pub(super) environment_outcomes: Vec<Outcome>,
}
