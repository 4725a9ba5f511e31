//! One user's explanation: the data that every format draws. Its words for people are in `told`
//! and `message`; the terminal's drawing is in `terminal`, the web page's in [`super::html`].

mod help;
mod lacking;
mod message;
mod stuck;
mod terminal;
mod told;

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{self, Standing};
use crate::evaluate::{self, Finding, Helper};
use crate::rules::packs;

pub(super) use message::sentences;
pub use message::{DocumentedView, HiddenView, MessageView, NamedView};
pub use terminal::terminal;
pub(super) use terminal::verdict as verdict_lines;
pub(super) use told::Told;

/// `clearance.explanation/1`: why one user's verdict is what it is. A frozen output type; its
/// schema is `schemas/explanation-1.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct ExplanationView {
    /// Who it is about.
    pub user: ExplainedUser,
    /// The verdict.
    pub verdict: String,
    /// Why the user is out of scope; null for everyone else.
    pub reason: Option<String>,
    /// The verdict that an out-of-scope user would have otherwise; null for everyone else.
    pub would_be: Option<String>,
    /// What stands in the way, the deciding cause first.
    pub causes: Vec<CauseView>,
    /// The role that would give most of the missing access; null where none would.
    pub helper: Option<HelperView>,
    /// The error message that was asked about; null where none was.
    pub message: Option<MessageView>,
    /// The error message that was asked about, when nothing that fails explains it.
    pub unexplained: Option<String>,
    /// What more the app shows this user.
    pub features: Vec<FeatureView>,
    /// What was not seen of the environment: what depends on it is unknown.
    pub notices: Vec<String>,
    /// The packs that judged.
    pub packs: Vec<PackView>,
    /// When the environment was read. Drawn for people; the contract has no place for it.
    #[serde(skip)]
    pub collected: Timestamp,
    /// The causes as a person is told them.
    #[serde(skip)]
    pub(super) told: Vec<Told>,
}

/// The user of an explanation.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedUser {
    /// `systemuserid`.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Primary e-mail address.
    pub email: String,
    /// Sign-in name. Drawn for people; the contract has no place for it.
    #[serde(skip)]
    pub sign_in: String,
    /// Name of the business unit.
    pub business_unit: String,
    /// Name of the environment.
    pub environment: String,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, Serialize)]
pub struct CauseView {
    /// Id of the rule.
    pub rule: String,
    /// What the rule asks for.
    pub title: String,
    /// Outcome of the rule.
    pub outcome: String,
    /// What a failure does to the verdict.
    pub severity: String,
    /// What had to be.
    pub expected: String,
    /// What was read, and where.
    pub observed: String,
    /// What is wrong, in one sentence. Drawn for people; the contract has no place for it.
    #[serde(skip)]
    pub cause: String,
    /// How access reaches the user.
    pub path: Vec<String>,
    /// For missing access: the nearest paths and what stops each; last, the role that would help.
    pub nearest: Vec<String>,
    /// For missing access: the ways by which roles reach the user, step by step.
    pub ways: Vec<WayView>,
    /// What to do.
    pub remedy: String,
    /// Address of the source.
    pub source: String,
    /// Whether the sources name it as a cause of the error message that was asked about.
    pub explains_error: bool,
}

/// One way by which a role reaches the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WayView {
    /// Name of the role; its id where the name was not seen.
    pub role: String,
    /// Business unit of the copy.
    pub business_unit: Option<String>,
    /// The team in between; null where the role is assigned to the user.
    pub team: Option<String>,
    /// The role's *member's privilege inheritance*; null without a team.
    pub inheritance: Option<String>,
    /// The depth at which the role grants what is missing; null where it does not.
    pub depth: Option<String>,
    /// What stops it; null where nothing does.
    pub stop: Option<String>,
}

/// The role that would give most of the missing access.
#[derive(Clone, Debug, Serialize)]
pub struct HelperView {
    /// Its name.
    pub role: String,
    /// Business unit of the copy that the user would get.
    pub business_unit: Option<String>,
    /// `not-assigned`, `not-seen`, `through-a-team` or `no-copy`: why it does not help yet.
    pub standing: String,
    /// The rules that would pass.
    pub gives: Vec<String>,
    /// The rules that would not.
    pub lacks: Vec<String>,
}

/// A pack that judged.
#[derive(Clone, Debug, Serialize)]
pub struct PackView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Identifies the content of its files: a SHA-256 in hexadecimal.
    pub sha256: String,
    /// The three together, as a report names them. The contract has no place for it.
    #[serde(skip)]
    pub edition: String,
}

/// Whether a feature of the app is there for the user.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureView {
    /// Id of the feature.
    pub id: String,
    /// What the user gets.
    pub title: String,
    /// Whether the user gets it; null when that could not be seen.
    pub lit: Option<bool>,
    /// The privileges that are missing.
    pub missing: Vec<String>,
}

impl ExplanationView {
    /// The view of what the evaluator found.
    #[must_use]
    pub fn new(explanation: &evaluate::Explanation<'_>) -> ExplanationView {
        let user = &explanation.user;
        let causes = (0..explanation.causes.len()).map(|cause| CauseView::new(explanation, cause));
        let causes: Vec<CauseView> = causes.collect();
        let features = explanation.features.iter().map(|state| FeatureView {
            id: state.feature.id.clone(),
            title: state.feature.title.clone(),
            lit: state.lit,
            missing: state.missing.iter().map(|&name| name.to_owned()).collect(),
        });
        let packs = explanation.packs.iter().map(|pack| PackView {
            id: pack.id.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
            edition: pack.edition(),
        });
        let asked = explanation.asked.as_ref();
        ExplanationView {
            user: ExplainedUser {
                id: user.id.to_string(),
                name: user.name.to_owned(),
                email: user.email.to_owned(),
                sign_in: explanation.domain_name.to_owned(),
                business_unit: user.business_unit.to_string(),
                environment: explanation.environment.name.clone(),
            },
            verdict: user.verdict.name().to_owned(),
            reason: user.reason.map(str::to_owned),
            would_be: explanation.would_be.map(|verdict| verdict.name().to_owned()),
            told: told::told(explanation, &causes),
            causes,
            helper: explanation
                .helper
                .as_ref()
                .filter(|helper| helper.candidate.helps())
                .map(|helper| HelperView::new(helper, &explanation.causes)),
            message: asked.map(MessageView::new),
            unexplained: asked
                .filter(|asked| !asked.is_explained)
                .map(|asked| asked.text.clone()),
            features: features.collect(),
            notices: explanation.unseen.to_vec(),
            packs: packs.collect(),
            collected: explanation.collected,
        }
    }

    /// Whether the vendor's guide judged: only then does the verdict tell whether the app works.
    pub(super) fn by_guide(&self) -> bool {
        self.packs.iter().any(|pack| pack.id == packs::GUIDE)
    }

    /// The name to call the user by.
    pub(super) fn shown_name(&self) -> &str {
        match self.user.name.trim() {
            "" => "(no name)",
            name => name,
        }
    }
}

impl CauseView {
    fn new(explanation: &evaluate::Explanation<'_>, cause: usize) -> CauseView {
        let finding = &explanation.causes[cause];
        let ways = &explanation.ways[cause];
        let mut nearest = finding.nearest.clone();
        nearest.extend(help::help(explanation, &[cause]));
        CauseView {
            rule: finding.rule.id.clone(),
            title: finding.rule.title.clone(),
            outcome: finding.outcome.name().to_owned(),
            severity: finding.rule.severity.name().to_owned(),
            expected: finding.expected.clone(),
            observed: finding.observed.clone(),
            cause: finding.cause.clone(),
            path: finding.path.clone(),
            nearest,
            ways: ways.iter().map(WayView::new).collect(),
            remedy: help::choices(explanation, &[cause])
                .map_or_else(|| finding.remedy.clone(), |choices| choices.join(" ")),
            source: finding.rule.source.clone(),
            explains_error: explanation
                .asked
                .as_ref()
                .is_some_and(|asked| asked.explained_by(cause).is_some()),
        }
    }
}

impl WayView {
    fn new(way: &access::Way) -> WayView {
        WayView {
            role: way.role.clone(),
            business_unit: way.business_unit.clone(),
            team: way.team.clone(),
            inheritance: way.inheritance.map(str::to_owned),
            depth: way.depth.map(|depth| depth.name().to_owned()),
            stop: way.stop.map(|stop| stop.to_string()),
        }
    }
}

impl HelperView {
    fn new(helper: &Helper, causes: &[Finding<'_>]) -> HelperView {
        let id = |index: usize| {
            let finding = causes.iter().find(|finding| finding.index == index);
            finding.map(|finding| finding.rule.id.clone())
        };
        let of = |wanted: bool| -> Vec<String> {
            let rules = helper.rules.iter().zip(&helper.candidate.gives);
            let rules = rules.filter(|(_, gives)| **gives == wanted);
            rules.filter_map(|(index, _)| id(*index)).collect()
        };
        HelperView {
            role: helper.candidate.role.clone(),
            business_unit: helper.candidate.business_unit.clone(),
            standing: match helper.candidate.standing {
                Standing::NotAssigned => "not-assigned",
                Standing::NotSeen => "not-seen",
                Standing::ThroughTeam(_) => "through-a-team",
                Standing::NoCopy => "no-copy",
            }
            .to_owned(),
            gives: of(true),
            lacks: of(false),
        }
    }
}
