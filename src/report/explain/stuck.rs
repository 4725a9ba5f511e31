//! A role that stays with its team: one cause, whatever it keeps from the user.

use crate::access::Stop;
use crate::evaluate::{Explanation, Outcome};
use crate::rules::{Check, Held};

use super::super::group::OPEN_THE_APP;
use super::super::summary::wrong;
use super::CauseView;
use super::help::{help, steps};
use super::told::{How, Told, explains, standing};

/// Privileges that one role grants and that stay, or may stay, with one team.
pub(super) struct Stuck {
    role: String,
    team: String,
    inheritance: &'static str,
    pub(super) causes: Vec<usize>,
    /// That the role is not held directly.
    pub(super) follows: Vec<usize>,
}

/// The causes that are one: a role that does not leave its team. Only where it keeps several.
pub(super) fn groups(explanation: &Explanation<'_>) -> Vec<Stuck> {
    let mut groups: Vec<Stuck> = Vec::new();
    for (cause, ways) in explanation.ways.iter().enumerate() {
        // What is unknown for another reason than its depth stays apart.
        let stays = match explanation.causes[cause].outcome {
            Outcome::Fail => Stop::StaysWithTeam,
            Outcome::Unknown => Stop::MayStayWithTeam,
            _ => continue,
        };
        let Some((way, team)) = ways
            .iter()
            .filter(|way| way.stop == Some(stays))
            .find_map(|way| Some((way, way.team.as_ref()?)))
        else {
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

/// One entry for all of them.
pub(super) fn of_group(explanation: &Explanation<'_>, causes: &[CauseView], group: &Stuck) -> Told {
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
        "The user has the role through the team. Its setting for members: {}.",
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
        follows: group
            .follows
            .iter()
            .map(|cause| {
                let finding = &explanation.causes[*cause];
                format!("“{}” ({})", wrong(finding.rule), finding.rule.id)
            })
            .collect::<Vec<_>>()
            .join(" and "),
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
