//! Rule set × environments → assessment.
//!
//! Works on columns and bit masks: every rule becomes a few planes of one bit per user
//! ([`Outcomes`]), verdicts and counts are read off those planes, and the words of a finding are
//! made only for the users that someone looks at ([`EnvironmentAssessment::finding`]). The same
//! leaf code answers both, so a count and its explanation cannot disagree. No files, no clock, no
//! formats.

mod alike;
mod asked;
mod assess;
mod assessment;
mod attestations;
mod bits;
mod by_id;
mod called;
mod check;
mod clashes;
mod columns;
mod compared;
mod compile;
mod day;
mod devices;
mod elsewhere;
mod evidence;
mod explain;
mod features;
mod field;
mod lines;
pub mod message;
mod needs;
mod notices;
mod outcome;
mod owned;
mod people;
mod reached;
mod shown;
#[cfg(test)]
pub(crate) mod tests;
mod tri;
mod turned;
mod verification;
mod waivers;
mod who;
mod words;

pub use alike::Alike;
pub use asked::{Asked, Explains, Hidden, Holding, Meaning, NamedPrivilege};
pub use assess::{AssessError, Inputs, Reported, assess};
pub use assessment::{
    Assessment, CauseCount, EnvironmentAssessment, Finding, RuleCount, Summary, TopCause, UserRow,
};
pub use attestations::{Attestation, parse_attestations};
pub use bits::Bits;
pub(crate) use called::users_called;
pub use compared::RuleChange;
pub use day::Day;
pub use devices::{Devices, DevicesError, parse_devices};
pub use evidence::Told;
pub use explain::{Explanation, Found, Helper};
pub use features::{FeatureCount, FeatureState};
pub(crate) use field::why_missing;
pub use needs::needs;
pub use outcome::{Deployment, Outcome, Outcomes, Verdict};
pub(crate) use people::mailbox_rows;
pub use tri::Tri;
pub use verification::{Agreement, Comparison, Differing, Verification};
pub use waivers::{Waiver, parse_waivers};
pub use who::Who;
pub use words::Words;
