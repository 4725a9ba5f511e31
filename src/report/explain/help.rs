//! The role that would help, and the steps that put it right, in words.

use crate::access::{Standing, Stop};
use crate::evaluate::{Explanation, Finding, Outcome};
use crate::rules::{Check, Depth};

const SETTINGS: &str =
    "In the Power Platform admin centre open the environment > Settings > Users + permissions >";

/// The role that would give what these causes lack, and why it does not yet. None where they are
/// not about access, or where nothing is known of another role.
pub(super) fn help(explanation: &Explanation<'_>, causes: &[usize]) -> Option<String> {
    let helper = explanation.helper.as_ref()?;
    let candidate = &helper.candidate;
    let places: Vec<usize> = causes
        .iter()
        .filter_map(|cause| helper.place(explanation.causes[*cause].index))
        .collect();
    let copy = match &candidate.business_unit {
        Some(unit) => format!(" (copy in {unit})"),
        None => String::new(),
    };
    let role = format!("Role \"{}\"{copy}", candidate.role);
    let what = match (
        places.iter().filter(|place| candidate.gives[**place]).count(),
        places.len(),
    ) {
        (0, _) => {
            let mut short = places.iter().filter_map(|place| candidate.short[*place]);
            return short.next().map(|depth| {
                let depth = depth.label();
                format!("{role} comes nearest, but grants it at {depth} depth only.")
            });
        }
        (1, 1) => "it".to_owned(),
        (given, all) if given == all => format!("all {all}"),
        (given, all) => format!("{given} of the {all}"),
    };
    Some(match &candidate.standing {
        Standing::NotAssigned => format!(
            "{role} would give {what}, but it is assigned neither to the user nor to one of the user's teams."
        ),
        Standing::ThroughTeam(team) => {
            format!("{role} would give {what} if it were assigned to the user; so far only {team} holds it.")
        }
        Standing::NoCopy => {
            format!("{role} would give {what}, but the user's business unit has no copy of it.")
        }
    })
}

/// The two ways out where a role stays with a team: which is right is for the administrator to say.
pub(super) fn choices(explanation: &Explanation<'_>, causes: &[usize]) -> Option<Vec<String>> {
    let ways = causes.iter().flat_map(|cause| &explanation.ways[*cause]);
    let mut stuck = ways.filter(|way| matches!(way.stop, Some(Stop::StaysWithTeam | Stop::MayStayWithTeam)));
    let role = &stuck.next()?.role;
    Some(vec![
        format!("Either assign the role to the user. {}", assign(role)),
        format!(
            "Or let the role reach the members of its teams. {SETTINGS} Security roles, open {role} and set Member's \
             privilege inheritance to Direct User (Basic) access level and Team privileges (classic: Settings > \
             Security > Security Roles). It then reaches the members of every team that holds the role."
        ),
    ])
}

/// What to do. Where the rule says no more than what follows from the privilege's name, it is said
/// with the roles at hand; else as the rule says it.
pub(super) fn steps(explanation: &Explanation<'_>, causes: &[usize], remedy: &str) -> Vec<String> {
    if let Some(choices) = choices(explanation, causes) {
        return choices;
    }
    let findings: Vec<&Finding<'_>> = causes.iter().map(|cause| &explanation.causes[*cause]).collect();
    let Some(role) = role_for_all(explanation, &findings) else {
        return vec![remedy.to_owned()];
    };
    if !findings.iter().all(|finding| is_plain(finding)) {
        let mut steps = vec![remedy.to_owned()];
        if !remedy.contains(role) {
            steps.insert(0, format!("Assign a role that gives it. {}", assign(role)));
            steps[1].insert_str(0, "Or, as the rule says: ");
        }
        return steps;
    }
    let mut steps = vec![format!("Assign the role to the user. {}", assign(role))];
    let held = explanation.ways[causes[0]].iter().find(|way| way.team.is_none());
    if let Some(held) = held.filter(|_| findings.iter().all(|finding| finding.outcome == Outcome::Fail)) {
        let held = &held.role;
        steps.push(match &findings[..] {
            [finding] => format!(
                "Or grant it in a role that the user holds, to everyone who holds that. {SETTINGS} Security roles, open \
                 {held}{}.",
                place(finding)
            ),
            _ => format!(
                "Or grant them in a role that the user holds, such as {held}, to everyone who holds that. `clearance \
                 rules show PRIVILEGE` says where each is set."
            ),
        });
    }
    steps
}

fn assign(role: &str) -> String {
    format!(
        "{SETTINGS} Users, select the user, choose Manage security roles and tick {role} (classic: Settings > Security \
         > Users > Manage Roles)."
    )
}

/// Where a privilege is set in a role, and how.
fn place(finding: &Finding<'_>) -> String {
    let Some(privilege) = &finding.rule.privilege else {
        return String::new();
    };
    let tab = privilege
        .tab
        .as_ref()
        .map(|tab| format!(", tab {tab}"))
        .unwrap_or_default();
    let row = match &*privilege.place() {
        "" => format!(", privilege {}", privilege.name),
        row => format!(", row {row}"),
    };
    let depth = match privilege.depth {
        Depth::Global => Depth::Global.label().to_owned(),
        depth => format!("{} or more", depth.label()),
    };
    format!("{tab}{row}, and set it to {depth}")
}

/// Whether the remedy is the one that follows from the privilege's name.
fn is_plain(finding: &Finding<'_>) -> bool {
    let privilege = finding.rule.privilege.as_ref();
    privilege.is_some_and(|privilege| privilege.remedy() == finding.rule.remedy)
}

/// The role that would give everything that these causes lack, if it can be assigned.
fn role_for_all<'e>(explanation: &'e Explanation<'_>, findings: &[&Finding<'_>]) -> Option<&'e str> {
    let helper = explanation.helper.as_ref()?;
    let candidate = &helper.candidate;
    let is_about_access = |finding: &&&Finding<'_>| {
        matches!(
            finding.rule.check,
            Check::Privilege(..) | Check::AppModuleShared(_)
        )
    };
    let mut places = findings
        .iter()
        .filter(is_about_access)
        .map(|finding| helper.place(finding.index));
    let gives = |place: Option<usize>| place.is_some_and(|place| candidate.gives[place]);
    let is_any = findings.iter().any(|finding| is_about_access(&finding));
    (is_any && candidate.standing != Standing::NoCopy && places.all(gives)).then_some(candidate.role.as_str())
}
