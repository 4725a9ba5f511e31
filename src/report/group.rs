//! Findings of one user that are told as one: what merely follows from having no role, and
//! privileges that are missing for the same reason. Every format that explains a user in words
//! groups by this; CSV and JSON keep one entry per rule.

use crate::evaluate::{Finding, Outcome};
use crate::rules::{Check, Held, Severity};

use super::summary::wrong;

/// So many privileges that are missing for the same reason are still told one by one.
pub(super) const MOST_SINGLE: usize = 3;
/// The right to open the app at all: never lost in a group, and told before any.
pub(super) const OPEN_THE_APP: &str = "prvUseOfficeApps";

/// What is told in one place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Positions of the findings it tells; more than one only with `several`.
    pub(super) findings: Vec<usize>,
    /// Set where it tells several findings.
    pub(super) several: Option<Several>,
    /// Positions of the findings that merely follow from it.
    pub(super) follows: Vec<usize>,
    /// What those are: "41 privileges and the app's sharing".
    pub(super) consequences: String,
}

/// What is said of several privileges at once.
#[derive(Clone, Debug)]
pub(super) struct Several {
    pub(super) title: String,
    pub(super) expected: String,
    pub(super) reason: Reason,
    /// The sentences that all their remedies begin with.
    pub(super) remedy: String,
}

/// Why a privilege does not reach the user, whichever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    outcome: Outcome,
    severity: Severity,
    pub(super) cause: String,
    pub(super) observed: String,
    pub(super) path: Vec<String>,
    pub(super) nearest: Vec<String>,
}

/// The findings of one user as they are told, in their order.
pub(super) fn entries(findings: &[Finding<'_>]) -> Vec<Entry> {
    let roots: Vec<Option<usize>> = (0..findings.len()).map(|one| root_of(findings, one)).collect();
    let told: Vec<usize> = (0..findings.len()).filter(|one| roots[*one].is_none()).collect();
    let mut entries = grouped(findings, &told);
    for entry in &mut entries {
        let is_its = |one: &usize| roots[*one].is_some_and(|root| entry.findings.contains(&root));
        let mut follows: Vec<usize> = (0..findings.len()).filter(is_its).collect();
        follows.sort_by_key(|one| prominence(&findings[*one]));
        entry.consequences = consequences(findings, &follows);
        entry.follows = follows;
    }
    open_the_app_first(&mut entries, findings);
    entries
}

/// The finding that another merely follows from, if it does. That one follows from nothing.
fn root_of(findings: &[Finding<'_>], one: usize) -> Option<usize> {
    let finding = &findings[one];
    let is_root = |other: &usize| {
        let root = &findings[*other];
        *other != one
            && (is_without_role(root) && follows_from_no_role(finding, root)
                || follows_from_condition(finding, root)
                || follows_from_facts(findings, finding, root))
    };
    (0..findings.len()).find(is_root)
}

/// Whether it is not known only because it is not known whether `root` holds, which is its condition.
fn follows_from_condition(finding: &Finding<'_>, root: &Finding<'_>) -> bool {
    let is_unknown = |one: &Finding<'_>| one.outcome == Outcome::Unknown;
    let condition = match &finding.rule.when {
        Some(Check::All(parts)) => parts.contains(&root.rule.check),
        Some(when) => *when == root.rule.check,
        None => false,
    };
    condition && is_unknown(finding) && is_unknown(root)
}

/// Whether it says again, less severely, what graver findings say of the same facts.
fn follows_from_facts(findings: &[Finding<'_>], finding: &Finding<'_>, root: &Finding<'_>) -> bool {
    let is_graver = |other: &Finding<'_>| {
        other.outcome == Outcome::Fail
            && other.rule.severity < finding.rule.severity
            && !other.facts.is_empty()
    };
    let is_said = |fact: &String| {
        let mut graver = findings.iter().filter(|other| is_graver(other));
        graver.any(|other| other.facts.contains(fact))
    };
    let by_role = !finding.path.is_empty() || !finding.nearest.is_empty();
    finding.outcome == Outcome::Fail
        && !by_role
        && is_graver(root)
        && finding
            .facts
            .first()
            .is_some_and(|first| root.facts.contains(first))
        && finding.facts.iter().all(is_said)
}

fn grouped(findings: &[Finding<'_>], told: &[usize]) -> Vec<Entry> {
    let mut groups: Vec<(Reason, Vec<usize>)> = Vec::new();
    for &position in told {
        let Some(reason) = Reason::of(&findings[position]) else {
            continue;
        };
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, members)) => members.push(position),
            None => groups.push((reason, vec![position])),
        }
    }
    groups.retain(|(_, members)| members.len() > MOST_SINGLE);
    let mut entries = Vec::new();
    for &position in told {
        match groups.iter().find(|(_, members)| members.contains(&position)) {
            None => entries.push(Entry::single(position)),
            Some((reason, members)) if members[0] == position => {
                entries.push(Entry::several(findings, members.clone(), reason.clone()));
            }
            Some(_) => {}
        }
    }
    entries
}

/// Whether it says that the user has no role at all, or none that was seen.
fn is_without_role(finding: &Finding<'_>) -> bool {
    let any_role = Check::Role {
        name: None,
        held: Held::Anyhow,
    };
    finding.rule.check == any_role && matches!(finding.outcome, Outcome::Fail | Outcome::Unknown)
}

/// Whether the finding is but a consequence of `root`, that there is no role: without one nothing
/// grants a privilege, and the app is shared with none.
fn follows_from_no_role(finding: &Finding<'_>, root: &Finding<'_>) -> bool {
    let check = &finding.rule.check;
    let by_role = matches!(check, Check::Privilege(..) | Check::AppModuleShared(_));
    // What is unknown for a reason of its own, a role would not settle.
    let same_reason = root.outcome == Outcome::Fail || finding.cause == root.cause;
    by_role && finding.outcome == root.outcome && same_reason
}

/// Names that stand for a longer list are taken from its beginning: the best known comes first,
/// what is no privilege last.
fn prominence(finding: &Finding<'_>) -> u8 {
    match &finding.rule.check {
        Check::Privilege(name, _) if name == OPEN_THE_APP => 0,
        Check::Privilege(..) => 1,
        _ => 2,
    }
}

/// What the consequences are, by number.
fn consequences(findings: &[Finding<'_>], follows: &[usize]) -> String {
    let is_privilege = |one: &&usize| matches!(findings[**one].rule.check, Check::Privilege(..));
    let privileges = follows.iter().filter(is_privilege).count();
    let mut parts = match privileges {
        0 => Vec::new(),
        1 => vec!["1 privilege".to_owned()],
        many => vec![format!("{many} privileges")],
    };
    for &one in follows.iter().filter(|one| !is_privilege(one)) {
        let rule = findings[one].rule;
        parts.push(match rule.check {
            Check::AppModuleShared(_) => "the app's sharing".to_owned(),
            _ => format!("“{}”", wrong(rule)),
        });
    }
    parts.join(" and ")
}

/// Puts the right to open the app before the groups beside it.
fn open_the_app_first(entries: &mut [Entry], findings: &[Finding<'_>]) {
    let opens = |entry: &Entry| findings[entry.findings[0]].rule.id == OPEN_THE_APP;
    let Some(own) = entries.iter().position(opens) else {
        return;
    };
    let about = |entry: &Entry| {
        let first = &findings[entry.findings[0]];
        (first.outcome, first.rule.severity)
    };
    let beside = |entry: &Entry| entry.several.is_some() && about(entry) == about(&entries[own]);
    if let Some(group) = entries.iter().position(beside).filter(|group| *group < own) {
        entries[group..=own].rotate_right(1);
    }
}

impl Entry {
    fn single(position: usize) -> Entry {
        Entry {
            findings: vec![position],
            several: None,
            follows: Vec::new(),
            consequences: String::new(),
        }
    }

    fn several(all: &[Finding<'_>], members: Vec<usize>, reason: Reason) -> Entry {
        let findings: Vec<&Finding<'_>> = members.iter().map(|one| &all[*one]).collect();
        let number = members.len();
        let several = Several {
            title: match reason.outcome {
                Outcome::Unknown => format!("{number} privileges are not known, for the same reason"),
                Outcome::Waived => format!("{number} missing privileges have been accepted"),
                _ => format!("{number} privileges are missing for the same reason"),
            },
            expected: expected(&findings),
            remedy: common_sentences(findings.iter().map(|finding| finding.remedy.as_str())),
            reason,
        };
        Entry {
            several: Some(several),
            findings: members,
            ..Entry::single(0)
        }
    }
}

impl Reason {
    /// None for what is told on its own.
    fn of(finding: &Finding<'_>) -> Option<Reason> {
        let name = &finding.rule.privilege.as_ref()?.name;
        let strip = |text: &String| nameless(text, name);
        (name != OPEN_THE_APP).then(|| Reason {
            outcome: finding.outcome,
            severity: finding.rule.severity,
            cause: strip(&finding.cause),
            observed: strip(&without_least(&finding.observed).to_owned()),
            path: finding.path.iter().map(strip).collect(),
            nearest: finding.nearest.iter().map(strip).collect(),
        })
    }
}

/// What was seen, without what it says of the depths that the environment can grant: that differs from
/// privilege to privilege and is no reason.
fn without_least(observed: &str) -> &str {
    observed
        .split_once(" (this environment cannot grant ")
        .map_or(observed, |(seen, _)| seen)
}

fn nameless(text: &str, name: &str) -> String {
    let text = text
        .replace(&format!("`{name}`"), "the privilege")
        .replace(name, "the privilege");
    match text.strip_prefix("the privilege does") {
        Some(rest) => format!("The privilege does{rest}"),
        None => text,
    }
}

/// What had to be: of most of them, then by name of those that need another depth.
fn expected(findings: &[&Finding<'_>]) -> String {
    let mut needs: Vec<(String, Vec<String>)> = Vec::new();
    for finding in findings {
        let name = &finding.rule.id;
        let need = nameless(&finding.expected, name);
        match needs.iter_mut().find(|(known, _)| *known == need) {
            Some((_, names)) => names.push(format!("`{name}`")),
            None => needs.push((need, vec![format!("`{name}`")])),
        }
    }
    // Stable, so that equal numbers stay in the order of the packs.
    needs.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let words = needs
        .iter()
        .enumerate()
        .map(|(index, (need, names))| match index {
            0 => need.clone(),
            _ => need.replace("the privilege", &names.join(", ")),
        });
    words.collect::<Vec<_>>().join("; ")
}

/// The sentences that all the texts begin with.
pub(super) fn common_sentences<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let sentences = |text: &'t str| -> Vec<&'t str> { text.split_inclusive(". ").collect() };
    let common = texts.map(sentences).reduce(|mut common, other| {
        let same = common.iter().zip(&other).take_while(|(one, other)| one == other);
        common.truncate(same.count());
        common
    });
    common.unwrap_or_default().concat().trim_end().to_owned()
}
