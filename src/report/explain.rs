//! One user's explanation: the data that is drawn, and its drawing for a terminal.

use std::io::{self, Write};

use serde::Serialize;

use crate::evaluate;
use crate::rules::packs;

use super::group::{self, Entry, Several};
use super::text::{one_line, plain, some, wrap};

/// What the common remedy of several privileges leaves out.
const WHERE_EACH_IS: &str = "`clearance rules show PRIVILEGE` says where one is set in a role.";

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
    /// The error message that was asked about, when nothing that fails explains it.
    pub unexplained: Option<String>,
    /// What more the app shows this user.
    pub features: Vec<FeatureView>,
    /// What was not seen of the environment: what depends on it is unknown.
    pub notices: Vec<String>,
    /// The packs that judged.
    pub packs: Vec<PackView>,
    /// The causes as a person is told them, by their position.
    #[serde(skip)]
    entries: Vec<Entry>,
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
    /// Sign-in name. Drawn on the terminal; the contract has no place for it.
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
    /// What is wrong, in one sentence. Drawn on the terminal; the contract has no place for it.
    #[serde(skip)]
    pub cause: String,
    /// How access reaches the user.
    pub path: Vec<String>,
    /// For missing access: the nearest paths and what stops each.
    pub nearest: Vec<String>,
    /// What to do.
    pub remedy: String,
    /// Address of the source.
    pub source: String,
    /// Whether the rule's symptoms hold the error message that was asked about.
    pub explains_error: bool,
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
        let causes = explanation.causes.iter().map(|finding| CauseView {
            rule: finding.rule.id.clone(),
            title: finding.rule.title.clone(),
            outcome: finding.outcome.name().to_owned(),
            severity: finding.rule.severity.name().to_owned(),
            expected: finding.expected.clone(),
            observed: finding.observed.clone(),
            cause: finding.cause.clone(),
            path: finding.path.clone(),
            nearest: finding.nearest.clone(),
            remedy: finding.remedy.clone(),
            source: finding.rule.source.clone(),
            explains_error: false,
        });
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
            causes: causes.collect(),
            unexplained: None,
            features: features.collect(),
            notices: explanation.unseen.to_vec(),
            packs: packs.collect(),
            entries: group::entries(&explanation.causes),
        }
    }
}

/// Draws an explanation for a terminal of that many columns.
///
/// # Errors
/// If `out` cannot be written.
pub fn terminal(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let user = &explanation.user;
    let name = if user.name.trim().is_empty() {
        "(no name)"
    } else {
        user.name.trim()
    };
    writeln!(out, "{}", plain(name))?;
    for (label, value) in [
        ("E-mail", &user.email),
        ("Signs in as", &user.sign_in),
        ("Business unit", &user.business_unit),
        ("Environment", &user.environment),
        ("Id", &user.id),
    ] {
        if !value.is_empty() {
            writeln!(out, "  {label:<14}{}", plain(value))?;
        }
    }
    writeln!(out)?;
    let by_guide = explanation.packs.iter().any(|pack| pack.id == packs::GUIDE);
    let mut verdict = format!(
        "{}: {}",
        explanation.verdict.to_uppercase(),
        sentence(&explanation.verdict, by_guide)
    );
    if let Some(reason) = &explanation.reason {
        verdict = format!("{verdict} ({})", plain(reason));
    }
    writeln!(out, "{}.", wrap(&verdict, width, 0))?;
    if let Some(would_be) = &explanation.would_be {
        writeln!(out, "Otherwise the verdict would be {}.", would_be.to_uppercase())?;
    }
    if let Some(message) = &explanation.unexplained {
        writeln!(out)?;
        let message = format!(
            "Nothing that fails for this user explains the message \"{}\".",
            plain(message)
        );
        writeln!(out, "{}", wrap(&message, width, 0))?;
    }
    unseen(explanation, width, out)?;
    causes(explanation, width, out)?;
    features(explanation, width, out)?;
    let editions: Vec<&str> = explanation
        .packs
        .iter()
        .map(|pack| pack.edition.as_str())
        .collect();
    let judged = format!("Judged by {}", editions.join(", "));
    writeln!(out, "\n{}", wrap(&plain(&judged), width, 0))
}

fn unseen(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot seen in this environment")?;
    for notice in &explanation.notices {
        writeln!(out, "  ! {}", wrap(&plain(&one_line(notice)), width, 4))?;
    }
    Ok(())
}

fn causes(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.causes.is_empty() {
        return writeln!(out, "\nNothing stands in the way.");
    }
    writeln!(out, "\nWhat stands in the way, the most important first")?;
    for (index, entry) in explanation.entries.iter().enumerate() {
        let of = |positions: &[usize]| -> Vec<&CauseView> {
            positions.iter().map(|one| &explanation.causes[*one]).collect()
        };
        let (told, follows) = (of(&entry.findings), of(&entry.follows));
        let several = entry.several.as_ref();
        let title = several.map_or(&told[0].title, |several| &several.title);
        writeln!(out, "\n{:>2}. {}", index + 1, wrap(&plain(title), width, 4))?;
        writeln!(out, "    {}", standing(&told))?;
        if told.iter().chain(&follows).any(|cause| cause.explains_error) {
            writeln!(out, "    This explains the error message.")?;
        }
        let mut sheet = Sheet { width, out };
        match several {
            Some(several) => sheet.several(several, &told)?,
            None => sheet.single(told[0])?,
        }
        if !follows.is_empty() {
            let names = some(follows.iter().map(|cause| cause.rule.as_str()));
            let follows = format!("Follows from it: {} ({names})", entry.consequences);
            writeln!(out, "    {}", wrap(&plain(&follows), width, 4))?;
        }
    }
    Ok(())
}

/// The labelled lines below a cause.
struct Sheet<'o> {
    width: usize,
    out: &'o mut dyn Write,
}

impl Sheet<'_> {
    fn single(&mut self, cause: &CauseView) -> io::Result<()> {
        if cause.cause.trim() != cause.title.trim() {
            self.line("Because", &cause.cause)?;
        }
        self.line("Expected", &cause.expected)?;
        self.line("Found", &cause.observed)?;
        self.lines("Path", &cause.path)?;
        self.lines("Nearest", &cause.nearest)?;
        self.line("What to do", &cause.remedy)?;
        self.line("Source", &cause.source)?;
        self.line("Rule", &cause.rule)
    }

    fn several(&mut self, several: &Several, causes: &[&CauseView]) -> io::Result<()> {
        let names: Vec<&str> = causes.iter().map(|cause| cause.rule.as_str()).collect();
        self.line("Privileges", &names.join(", "))?;
        self.line("Because", &several.reason.cause)?;
        self.line("Expected", &several.expected)?;
        self.line("Found", &several.reason.observed)?;
        self.lines("Path", &several.reason.path)?;
        self.lines("Nearest", &several.reason.nearest)?;
        self.line("What to do", &format!("{} {WHERE_EACH_IS}", several.remedy))?;
        let mut sources: Vec<String> = causes.iter().map(|cause| cause.source.clone()).collect();
        sources.sort();
        sources.dedup();
        self.lines("Source", &sources)
    }

    fn lines(&mut self, label: &str, values: &[String]) -> io::Result<()> {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        values
            .iter()
            .zip(labels)
            .try_for_each(|(value, label)| self.line(label, value))
    }

    fn line(&mut self, label: &str, value: &str) -> io::Result<()> {
        if value.trim().is_empty() {
            return Ok(());
        }
        let value = wrap(&plain(&one_line(value)), self.width, 16);
        writeln!(self.out, "    {label:<11} {value}")
    }
}

fn features(explanation: &ExplanationView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if explanation.features.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat more the app shows (never changes the verdict)")?;
    for feature in &explanation.features {
        let state = match feature.lit {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let mut line = plain(&feature.title).into_owned();
        if !feature.missing.is_empty() {
            line = format!("{line} (missing: {})", plain(&feature.missing.join(", ")));
        }
        writeln!(out, "  {state:<8}{}", wrap(&line, width, 10))?;
    }
    Ok(())
}

/// What a verdict word means, for someone who reads it for the first time.
fn sentence(verdict: &str, by_guide: bool) -> &'static str {
    use crate::evaluate::Verdict::{Blocked, Limited, OutOfScope, Ready, Unknown};
    [Ready, Limited, Blocked, Unknown, OutOfScope]
        .into_iter()
        .find(|known| known.name() == verdict)
        .map_or("", |known| super::text::meaning(known, by_guide))
}

/// What the outcome and the severity of causes that are told together mean.
fn standing(causes: &[&CauseView]) -> &'static str {
    match (causes[0].outcome.as_str(), causes[0].severity.as_str()) {
        ("fail", "blocks") if causes.len() > 1 => {
            "[blocks] Required: the app cannot be counted on without them."
        }
        ("fail", "blocks") => "[blocks] Required: the app cannot be counted on without it.",
        ("fail", "limits") => "[limits] The app works, with less.",
        ("fail", _) => "[advice] It does not change the verdict.",
        ("unknown", "blocks") => "[unknown] Could not be seen; it may block.",
        ("unknown", "limits") => "[unknown] Could not be seen; it may limit.",
        ("unknown", _) => "[unknown] Could not be seen.",
        ("waived", _) => "[waived] It fails, and that has been accepted.",
        _ => "[not applicable]",
    }
}
