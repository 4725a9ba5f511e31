//! What is said about a user's access: what was seen, why something is missing or not known, and by
//! which paths it comes.
//!
//! A privilege is looked up once for all paths of a user ([`Sought`]): an audit with all findings
//! says this millions of times.

use std::fmt::{self, Write as _};

use crate::access::{Path, PrivilegeState, Reach, Requirement, Sought};
use crate::rules::Depth;

use super::check::Scene;

/// How many paths a finding shows; users with hundreds of roles exist, readers of hundreds of
/// lines do not.
const MOST_PATHS: usize = 8;

/// What was seen of a user's access to what is required.
pub(super) fn observed_access(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> String {
    let access = &scene.access;
    match requirement {
        Requirement::Privilege(name, least) => {
            let sought = access.seek(name, *least);
            let least_words = match &sought.state {
                PrivilegeState::Exists(_, needed) if needed != least => format!(
                    " (this environment cannot grant {}, so {} counts)",
                    least.name(),
                    needed.name()
                ),
                _ => String::new(),
            };
            if access.is_verified(user) {
                return match access.served_depth(user, name) {
                    Some(depth) => {
                        format!(
                            "the server says that `{name}` is held at {}{least_words}",
                            depth.name()
                        )
                    }
                    None => format!("the server says that `{name}` is not held{least_words}"),
                };
            }
            match greatest_grant(scene, &sought, user) {
                Some((depth, path)) => sentence(format_args!(
                    "`{name}` granted at {} at most, by {path}{least_words}",
                    depth.name()
                )),
                None => format!("`{name}`: granted by no role of the user{least_words}"),
            }
        }
        Requirement::AnyRole => {
            "tables `systemuserroles`, `teammembership`, `teamroles`: no role by any path".to_owned()
        }
        Requirement::AnyRoleDirectly => "table `systemuserroles`: no role".to_owned(),
        Requirement::RoleNamed(name) => format!("role \"{name}\" by no path"),
        Requirement::RoleNamedDirectly(name) => {
            format!("table `systemuserroles`: role \"{name}\" is not assigned to the user itself")
        }
        Requirement::AppModuleShared(module) => {
            format!("table `appmoduleroles`: none of the user's roles is bound to `{module}`")
        }
    }
}

fn greatest_grant<'s>(scene: &'s Scene<'_>, sought: &Sought<'_>, user: usize) -> Option<(Depth, Path<'s>)> {
    let paths = scene.access.paths(user).into_iter();
    let grants = paths.filter(|path| !path.is_through_access_team());
    let greatest = grants.filter_map(|path| path.depth(sought).map(|depth| (depth, path)));
    // The first of the greatest, so that the words do not depend on the order of comparison.
    greatest.fold(
        None,
        |best: Option<(Depth, Path<'_>)>, (depth, path)| match best {
            Some((most, _)) if most >= depth => best,
            _ => Some((depth, path)),
        },
    )
}

/// Words of about the usual length: growing takes longer than writing them.
fn sentence(words: fmt::Arguments<'_>) -> String {
    let mut sentence = String::with_capacity(256);
    // A string takes everything.
    let _ = sentence.write_fmt(words);
    sentence
}

/// Why a privilege does not reach a user, in one sentence.
pub(super) fn why_missing(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> String {
    let Requirement::Privilege(name, least) = requirement else {
        return String::new();
    };
    let sought = scene.access.seek(name, *least);
    if sought.state == PrivilegeState::Absent {
        return format!("The privilege `{name}` does not exist in this environment, so nobody holds it.");
    }
    if scene.access.is_verified(user) {
        return format!("The server says that the user does not hold `{name}` as far as needed.");
    }
    let paths = scene.access.paths(user);
    if paths.is_empty() {
        return format!("The user has no security role, so nothing grants `{name}`.");
    }
    let mut granting = paths.iter().filter(|path| path.depth(&sought).is_some());
    let stopped = granting.find_map(|path| Some((path, path.stop(&sought)?)));
    match stopped {
        Some((path, stop)) => sentence(format_args!(
            "`{name}` does not reach the user: {} — {stop}.",
            path.with_privilege(&sought)
        )),
        None => format!("None of the user's roles grants `{name}`."),
    }
}

/// Why the answer about access is not known.
pub(super) fn why_access_unknown(
    scene: &Scene<'_>,
    position: usize,
    requirement: &Requirement,
    user: usize,
) -> String {
    let access = &scene.access;
    if access.is_membership_unseen(user) {
        return "the user has no role that was seen, but an Entra group team carries one, and Dataverse lists \
                the members of such a team only after they have signed in once"
            .to_owned();
    }
    let paths = access.paths(user);
    let open = paths
        .iter()
        .find(|path| path.reach(requirement) == Reach::Unknown);
    match (open, requirement) {
        (Some(path), Requirement::Privilege(name, least)) => {
            let sought = access.seek(name, *least);
            let stop = path.stop(&sought).map(|stop| stop.to_string());
            format!("{} — {}", path.with_privilege(&sought), stop.unwrap_or_default())
        }
        (Some(path), _) => format!("{path} — what it gives could not be seen"),
        (None, _) => match access.gap(position) {
            Some(gap) => format!("it was not seen, and that does not prove it is missing: {gap}"),
            None => "it was not seen".to_owned(),
        },
    }
}

/// The paths that say something about a requirement.
pub(super) fn telling_paths(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> Vec<String> {
    let paths = scene.access.paths(user);
    let told: Vec<String> = match requirement {
        Requirement::Privilege(name, least) => {
            let sought = scene.access.seek(name, *least);
            let grants = paths.iter().filter(|path| path.depth(&sought).is_some());
            grants
                .map(|path| sentence(format_args!("{}", path.with_privilege(&sought))))
                .collect()
        }
        Requirement::RoleNamed(name) | Requirement::RoleNamedDirectly(name) => {
            let named = Requirement::RoleNamed(name.clone());
            let with_name = paths.iter().filter(|path| path.reach(&named) != Reach::Fail);
            with_name.map(ToString::to_string).collect()
        }
        Requirement::AppModuleShared(_) | Requirement::AnyRole | Requirement::AnyRoleDirectly => Vec::new(),
    };
    some(told)
}

/// The paths that come nearest to what is required, with what stops each.
pub(super) fn nearest_paths(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> Vec<String> {
    let paths = scene.access.paths(user);
    let nearest: Vec<String> = match requirement {
        Requirement::Privilege(name, least) => {
            let sought = scene.access.seek(name, *least);
            // Paths that grant it at all come first: they are the nearest misses.
            let (grants, others): (Vec<&Path<'_>>, Vec<&Path<'_>>) =
                paths.iter().partition(|path| path.depth(&sought).is_some());
            let all = grants.into_iter().chain(others);
            all.filter_map(|path| Some(format!("{path}: {}", path.stop(&sought)?)))
                .collect()
        }
        Requirement::RoleNamed(_) | Requirement::RoleNamedDirectly(_) => Vec::new(),
        Requirement::AppModuleShared(module) => {
            let others = paths.iter().filter(|path| path.reach(requirement) != Reach::Pass);
            others
                .map(|path| format!("{path}: not bound to `{module}`"))
                .collect()
        }
        Requirement::AnyRole | Requirement::AnyRoleDirectly => {
            let stopped = paths.iter().filter(|path| path.is_through_access_team());
            stopped
                .map(|path| format!("{path}: access teams carry no roles"))
                .collect()
        }
    };
    some(nearest)
}

/// The first of them, and how many more there are.
fn some(mut paths: Vec<String>) -> Vec<String> {
    let rest = paths.len().saturating_sub(MOST_PATHS);
    if rest > 0 {
        paths.truncate(MOST_PATHS);
        paths.push(format!("… and {rest} more"));
    }
    paths
}
