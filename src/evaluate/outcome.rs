//! The words of an assessment: outcomes, verdicts, the state of the app.

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

    /// Everyone passes.
    pub(super) fn passing(len: usize) -> Outcomes {
        Outcomes {
            fail: Bits::new(len),
            unknown: Bits::new(len),
            not_applicable: Bits::new(len),
            waived: Bits::new(len),
        }
    }
}
