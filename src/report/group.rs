//! Findings of one user that are told as one: what merely follows from having no role, and
//! privileges that are missing for the same reason. Every format that explains a user in words
//! groups by this; CSV and JSON keep one entry per rule.

use crate::evaluate::{Finding, Outcome};
use crate::rules::{Check, Held, Severity};

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
    let root = findings.iter().position(is_without_role);
    let follows = |one: &usize| root.is_some_and(|root| follows_from(&findings[*one], &findings[root]));
    let (mut follows, told): (Vec<usize>, Vec<usize>) = (0..findings.len()).partition(follows);
    follows.sort_by_key(|one| prominence(&findings[*one]));
    let mut entries = grouped(findings, &told);
    if let Some(entry) = entries.iter_mut().find(|entry| root == Some(entry.findings[0])) {
        entry.consequences = consequences(findings, &follows);
        entry.follows = follows;
    }
    open_the_app_first(&mut entries, findings);
    entries
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
fn follows_from(finding: &Finding<'_>, root: &Finding<'_>) -> bool {
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
    if follows.len() > privileges {
        parts.push("the app's sharing".to_owned());
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
            observed: strip(&finding.observed),
            path: finding.path.iter().map(strip).collect(),
            nearest: finding.nearest.iter().map(strip).collect(),
        })
    }
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

fn common_sentences<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let sentences = |text: &'t str| -> Vec<&'t str> { text.split_inclusive(". ").collect() };
    let common = texts.map(sentences).reduce(|mut common, other| {
        let same = common.iter().zip(&other).take_while(|(one, other)| one == other);
        common.truncate(same.count());
        common
    });
    common.unwrap_or_default().concat().trim_end().to_owned()
}
