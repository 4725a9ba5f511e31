//! The causes as a person is told them: grouped, with the role that would help and the steps that
//! put it right.

use serde::Serialize;

use crate::access::Stop;
use crate::evaluate::{Explains, Explanation, Finding, Outcome};
use crate::rules::{Check, Held};

use super::super::group::{self, Entry, OPEN_THE_APP};
use super::super::summary::wrong;
use super::super::text::some;
use super::help::{help, steps};
use super::{CauseView, WayView, lacking};

/// One entry of the list of causes.
#[derive(Clone, Debug, Serialize)]
pub(in crate::report) struct Told {
    pub(in crate::report) title: String,
    /// Word of the outcome, and of the severity.
    pub(in crate::report) outcome: String,
    pub(in crate::report) severity: String,
    /// What both mean for the verdict.
    pub(in crate::report) standing: &'static str,
    /// What it has to do with the message that was asked about, and the same in words.
    #[serde(skip)]
    pub(super) explains: Option<How>,
    pub(in crate::report) explaining: &'static str,
    /// Where it tells several: the names of the privileges, each list under a word.
    pub(in crate::report) lists: Vec<(&'static str, String)>,
    pub(in crate::report) because: String,
    pub(in crate::report) expected: String,
    pub(in crate::report) found: String,
    pub(in crate::report) path: Vec<String>,
    pub(in crate::report) nearest: Vec<String>,
    /// The role that would help, in one sentence.
    pub(in crate::report) help: Option<String>,
    /// What to do; where there are several, either of them will do.
    pub(in crate::report) steps: Vec<String>,
    /// What merely follows from it, in one sentence.
    pub(in crate::report) follows: String,
    pub(in crate::report) sources: Vec<String>,
    /// Id of the rule, where it is one.
    pub(in crate::report) rule: String,
    pub(in crate::report) ways: Vec<WayView>,
}

/// How an entry explains a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The sources name it as a cause.
    Alone,
    /// The sources name it together with others.
    Together,
    /// It would, but whether it is so is not known.
    Open,
}

impl How {
    pub(super) fn words(self) -> &'static str {
        match self {
            How::Alone => "This explains the message.",
            How::Together => {
                "This may explain the message: the sources name such privileges together, and none of these as enough \
                 by itself."
            }
            How::Open => "This would explain the message, but whether it is so could not be seen.",
        }
    }
}

/// All entries.
pub(super) fn told(explanation: &Explanation<'_>, causes: &[CauseView]) -> Vec<Told> {
    let mut taken: Vec<usize> = Vec::new();
    let mut told: Vec<(usize, Told)> = Vec::new();
    for group in stuck_with_teams(explanation) {
        taken.extend(group.causes.iter().chain(&group.follows));
        told.push((group.causes[0], of_team(explanation, causes, &group)));
    }
    for group in lacking::groups(explanation, &taken) {
        taken.extend(&group);
        told.push((group[0], lacking::of_group(explanation, causes, &group)));
    }
    let apart: Vec<usize> = (0..causes.len()).filter(|cause| !taken.contains(cause)).collect();
    let findings: Vec<_> = apart
        .iter()
        .map(|cause| explanation.causes[*cause].clone())
        .collect();
    for mut entry in group::entries(&findings) {
        for list in [&mut entry.findings, &mut entry.follows] {
            list.iter_mut().for_each(|position| *position = apart[*position]);
        }
        told.push((entry.findings[0], of_entry(explanation, causes, &entry)));
    }
    told.sort_by_key(|(first, _)| *first);
    let mut told: Vec<Told> = told.into_iter().map(|(_, told)| told).collect();
    open_the_app_first(&mut told);
    // What is to be done is said once.
    for index in 1..told.len() {
        if let Some(earlier) = told[..index]
            .iter()
            .position(|other| other.steps == told[index].steps)
        {
            told[index].steps = vec![format!("The same as under {}.", earlier + 1)];
        }
    }
    told
}

/// Puts the right to open the app before the other privileges beside it.
fn open_the_app_first(told: &mut [Told]) {
    let Some(own) = told.iter().position(|one| one.rule == OPEN_THE_APP) else {
        return;
    };
    let about = |one: &Told| (one.outcome.clone(), one.severity.clone());
    let is_privilege = |one: &Told| one.rule.starts_with("prv") || !one.lists.is_empty();
    let beside = |one: &Told| is_privilege(one) && about(one) == about(&told[own]);
    if let Some(first) = told[..own].iter().position(beside) {
        told[first..=own].rotate_right(1);
    }
}

/// What is wrong, or not known, as a heading.
fn title(finding: &Finding<'_>) -> String {
    let title = &finding.rule.title;
    match finding.outcome {
        Outcome::Unknown => format!("{title}?"),
        _ if finding.rule.privilege.is_some() => format!("{title} is missing"),
        _ => wrong(finding.rule),
    }
}

/// Privileges that one role grants and that stay, or may stay, with one team.
struct Stuck {
    role: String,
    team: String,
    inheritance: &'static str,
    causes: Vec<usize>,
    /// That the role is not held directly.
    follows: Vec<usize>,
}

/// The causes that are one: a role that does not leave its team. Only where it keeps several.
fn stuck_with_teams(explanation: &Explanation<'_>) -> Vec<Stuck> {
    let mut groups: Vec<Stuck> = Vec::new();
    for (cause, ways) in explanation.ways.iter().enumerate() {
        let outcome = explanation.causes[cause].outcome;
        let stays = |stop: Option<Stop>| matches!(stop, Some(Stop::StaysWithTeam | Stop::MayStayWithTeam));
        let Some(way) = ways.iter().find(|way| stays(way.stop)) else {
            continue;
        };
        let (Some(team), Outcome::Fail | Outcome::Unknown) = (&way.team, outcome) else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|group| group.role == way.role && group.team == *team)
        {
            Some(group) => group.causes.push(cause),
            None => groups.push(Stuck {
                role: way.role.clone(),
                team: team.clone(),
                inheritance: way.inheritance.unwrap_or_default(),
                causes: vec![cause],
                follows: Vec::new(),
            }),
        }
    }
    groups.retain(|group| group.causes.len() > 1);
    for group in &mut groups {
        let is_held = Check::Role {
            name: Some(group.role.clone()),
            held: Held::Directly,
        };
        let causes = 0..explanation.causes.len();
        group.follows = causes
            .filter(|cause| explanation.causes[*cause].rule.check == is_held)
            .collect();
    }
    groups
}

fn of_team(explanation: &Explanation<'_>, causes: &[CauseView], group: &Stuck) -> Told {
    let first = &causes[group.causes[0]];
    let names = |outcome: &str| -> Vec<&str> {
        let of = group.causes.iter().map(|cause| &causes[*cause]);
        let mut names: Vec<&str> = of
            .filter(|cause| cause.outcome == outcome)
            .map(|cause| cause.rule.as_str())
            .collect();
        // Never lost among the others.
        names.sort_by_key(|name| *name != OPEN_THE_APP);
        names
    };
    let (missing, unknown) = (names("fail"), names("unknown"));
    let mut because = format!(
        "The user has the role from the team, not directly. Its setting for members: {}.",
        group.inheritance
    );
    if !missing.is_empty() {
        because.push_str(&format!(
            " What it grants at User (Basic) depth then stays with the team: {}.",
            privileges(missing.len())
        ));
    }
    if !unknown.is_empty() {
        because.push_str(&format!(
            " Whether what it grants above that depth reaches the members is not documented: {}.",
            privileges(unknown.len())
        ));
    }
    let mut sources: Vec<String> = group
        .causes
        .iter()
        .map(|cause| causes[*cause].source.clone())
        .collect();
    sources.sort();
    sources.dedup();
    let ways = first
        .ways
        .iter()
        .filter(|way| way.stop.is_none() || way.depth.is_some());
    let lists = [("Missing", missing), ("Not known", unknown)];
    let explains = explains(explanation, &group.causes);
    Told {
        title: format!("Role \"{}\" stays with {}", group.role, group.team),
        outcome: first.outcome.clone(),
        severity: first.severity.clone(),
        standing: standing(&[first]),
        explains,
        explaining: explains.map_or("", How::words),
        lists: lists
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(word, names)| (word, names.join(", ")))
            .collect(),
        because,
        expected: String::new(),
        found: String::new(),
        nearest: Vec::new(),
        ways: ways.cloned().collect(),
        path: paths(first),
        help: help(explanation, &group.causes),
        steps: steps(explanation, &group.causes, &first.remedy),
        follows: some(group.follows.iter().map(|cause| causes[*cause].rule.as_str())),
        sources,
        rule: String::new(),
    }
}

/// The paths of the role that stays with its team.
fn paths(cause: &CauseView) -> Vec<String> {
    let without_depth = |path: &String| path.split(" : ").next().unwrap_or_default().to_owned();
    cause.path.iter().map(without_depth).collect()
}

/// `1 privilege`, `2 privileges`.
fn privileges(number: usize) -> String {
    format!("{number} privilege{}", if number == 1 { "" } else { "s" })
}

fn of_entry(explanation: &Explanation<'_>, causes: &[CauseView], entry: &Entry) -> Told {
    let of = |positions: &[usize]| -> Vec<&CauseView> { positions.iter().map(|one| &causes[*one]).collect() };
    let (members, follows) = (of(&entry.findings), of(&entry.follows));
    let first = members[0];
    let whole: Vec<usize> = entry.findings.iter().chain(&entry.follows).copied().collect();
    let finding = &explanation.causes[entry.findings[0]];
    let mut sources: Vec<String> = members.iter().map(|cause| cause.source.clone()).collect();
    sources.sort();
    sources.dedup();
    let several = entry.several.as_ref();
    let remedy = several.map_or(&finding.remedy, |several| &several.remedy);
    let explains = explains(explanation, &whole);
    let told = Told {
        title: title(finding),
        outcome: first.outcome.clone(),
        severity: first.severity.clone(),
        standing: standing(&members),
        explains,
        explaining: explains.map_or("", How::words),
        lists: Vec::new(),
        // The heading says it already, unless there is a path or a waiver to tell of.
        because: if first.cause.trim_end_matches('.') == title(finding) {
            String::new()
        } else {
            first.cause.clone()
        },
        expected: first.expected.clone(),
        found: first.observed.clone(),
        path: first.path.clone(),
        nearest: nearest(&finding.nearest, &first.ways),
        help: help(explanation, &whole),
        steps: steps(explanation, &whole, remedy),
        follows: if follows.is_empty() {
            String::new()
        } else {
            let names = some(follows.iter().map(|cause| cause.rule.as_str()));
            format!("{} ({names})", entry.consequences)
        },
        sources,
        rule: first.rule.clone(),
        ways: first.ways.clone(),
    };
    let Some(several) = several else {
        // A path that is told with what stops it need not be told twice.
        let is_told = |path: &String| {
            let path = path.split(" : ").next().unwrap_or_default();
            told.nearest.iter().any(|nearest| nearest.starts_with(path))
        };
        let path = told.path.iter().filter(|path| !is_told(path)).cloned().collect();
        return Told { path, ..told };
    };
    let names: Vec<&str> = members.iter().map(|cause| cause.rule.as_str()).collect();
    Told {
        title: several.title.clone(),
        lists: vec![("Privileges", names.join(", "))],
        because: several.reason.cause.clone(),
        expected: several.expected.clone(),
        // The reason says what was found.
        found: String::new(),
        path: Vec::new(),
        nearest: nearest(&several.reason.nearest, &first.ways),
        rule: String::new(),
        ..told
    }
}

/// The nearest misses; roles that simply do not grant it are told together.
fn nearest(lines: &[String], ways: &[WayView]) -> Vec<String> {
    let idle = Stop::NotGranted.to_string();
    let is_idle = |way: &&WayView| way.stop.as_ref() == Some(&idle);
    let roles: Vec<&str> = ways.iter().filter(is_idle).map(|way| way.role.as_str()).collect();
    if roles.len() < 2 {
        return lines.to_vec();
    }
    let mut lines: Vec<String> = lines
        .iter()
        .filter(|line| !line.ends_with(&idle))
        .cloned()
        .collect();
    let names: Vec<String> = roles.iter().map(|role| format!("\"{role}\"")).collect();
    let names = some(names.iter().map(String::as_str));
    lines.push(format!("roles that reach the user and do not grant it: {names}"));
    lines
}

/// What causes have to do with the message that was asked about.
pub(super) fn explains(explanation: &Explanation<'_>, causes: &[usize]) -> Option<How> {
    let asked = explanation.asked.as_ref()?;
    let how = |cause: &usize| {
        let how = asked.explained_by(*cause)?;
        Some(match (explanation.causes[*cause].outcome, how) {
            (Outcome::Unknown, _) => How::Open,
            (_, Explains::Alone) => How::Alone,
            (_, Explains::Together) => How::Together,
        })
    };
    let all: Vec<How> = causes.iter().filter_map(how).collect();
    [How::Alone, How::Together, How::Open]
        .into_iter()
        .find(|how| all.contains(how))
}

/// What the outcome and the severity of causes that are told together mean.
pub(super) fn standing(causes: &[&CauseView]) -> &'static str {
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
