//! Privileges that the user's roles grant not at all or too little: one cause, whichever it is of both.

use crate::access::Stop;
use crate::evaluate::{Explanation, Outcome};
use crate::rules::Check;

use super::super::group::OPEN_THE_APP;
use super::help::{help, steps};
use super::told::{How, Told, explains, standing};
use super::{CauseView, WayView};

/// The causes that are told together, by severity. Where none of them is granted too little, they are
/// told together anyway, as missing for the same reason.
pub(super) fn groups(explanation: &Explanation<'_>, taken: &[usize]) -> Vec<Vec<usize>> {
    let is_lacking = |cause: &usize| {
        let (finding, ways) = (&explanation.causes[*cause], &explanation.ways[*cause]);
        let is_privilege = matches!(finding.rule.check, Check::Privilege(..));
        let stopped = ways
            .iter()
            .all(|way| matches!(way.stop, Some(Stop::NotGranted | Stop::TooShallow(..))));
        is_privilege
            && finding.rule.id != OPEN_THE_APP
            && finding.outcome == Outcome::Fail
            && !ways.is_empty()
            && stopped
    };
    let apart = (0..explanation.causes.len()).filter(|cause| !taken.contains(cause));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for cause in apart.filter(is_lacking) {
        let severity = explanation.causes[cause].rule.severity;
        let same = |group: &&mut Vec<usize>| explanation.causes[group[0]].rule.severity == severity;
        match groups.iter_mut().find(same) {
            Some(group) => group.push(cause),
            None => groups.push(vec![cause]),
        }
    }
    groups
        .retain(|group| group.len() > 1 && group.iter().any(|cause| shallow(explanation, *cause).is_some()));
    groups
}

/// Where the user's roles grant it too little: how the one does that grants most.
fn shallow(explanation: &Explanation<'_>, cause: usize) -> Option<Stop> {
    let stops = explanation.ways[cause].iter().filter_map(|way| way.stop);
    let shallow = stops.filter(|stop| matches!(stop, Stop::TooShallow(..)));
    shallow.max_by_key(|stop| match stop {
        Stop::TooShallow(depth, _) => Some(*depth),
        _ => None,
    })
}

/// One entry for all of them.
pub(super) fn of_group(explanation: &Explanation<'_>, causes: &[CauseView], group: &[usize]) -> Told {
    let members: Vec<&CauseView> = group.iter().map(|cause| &causes[*cause]).collect();
    let mut absent: Vec<&str> = Vec::new();
    let mut short: Vec<String> = Vec::new();
    for (cause, member) in group.iter().zip(&members) {
        match shallow(explanation, *cause) {
            Some(Stop::TooShallow(depth, needed)) => short.push(format!(
                "{} (at {}, {} is needed)",
                member.rule,
                depth.label(),
                needed.label()
            )),
            _ => absent.push(&member.rule),
        }
    }
    let ways = &members[0].ways;
    let title = match &ways[..] {
        [WayView { role, .. }] => format!("Role \"{role}\" lacks {} of the privileges", group.len()),
        _ => format!("The user's roles lack {} of the privileges", group.len()),
    };
    let lists = [
        ("Not granted", absent.join(", ")),
        ("Too little", short.join(", ")),
    ];
    let mut sources: Vec<String> = members.iter().map(|cause| cause.source.clone()).collect();
    sources.sort();
    sources.dedup();
    let explains = explains(explanation, group);
    // Each privilege is stopped in its own way, as the lists say; the roles are the same for all.
    let way = |way: &WayView| WayView {
        depth: None,
        stop: Some("not all of it, or not deeply enough".to_owned()),
        ..way.clone()
    };
    Told {
        title,
        outcome: members[0].outcome.clone(),
        severity: members[0].severity.clone(),
        standing: standing(&members),
        explains,
        explaining: explains.map_or("", How::words),
        lists: lists.into_iter().filter(|(_, names)| !names.is_empty()).collect(),
        because: "The user's roles grant these privileges not at all, or less deeply than needed.".to_owned(),
        expected: String::new(),
        found: String::new(),
        path: ways.iter().map(path).collect(),
        nearest: Vec::new(),
        help: help(explanation, group),
        steps: steps(explanation, group, &members[0].remedy),
        follows: String::new(),
        sources,
        rule: String::new(),
        ways: ways.iter().map(way).collect(),
    }
}

fn path(way: &WayView) -> String {
    let copy = way
        .business_unit
        .as_ref()
        .map(|unit| format!(" (copy in {unit})"));
    let holder = match (&way.team, &way.inheritance) {
        (Some(team), Some(inheritance)) => format!("{team} ({inheritance})"),
        (Some(team), None) => team.clone(),
        (None, _) => "assigned to the user".to_owned(),
    };
    format!("role \"{}\"{} ← {holder}", way.role, copy.unwrap_or_default())
}
