//! Rule set × environments → assessment.
//!
//! Works on columns and bit masks: every rule becomes a few planes of one bit per user
//! ([`Outcomes`]), verdicts and counts are read off those planes, and the words of a finding are
//! made only for the users that someone looks at ([`Assessment`]). The same leaf code answers
//! both, so a count and its explanation cannot disagree. No files, no clock, no formats.

mod assessment;
mod bits;

pub use assessment::{
    Assessment, Deployment, EnvironmentAssessment, Finding, Outcome, Outcomes, RuleCount, Summary, UserRow,
    Verdict,
};
pub use bits::Bits;
