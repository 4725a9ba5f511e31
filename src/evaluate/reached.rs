//! What is said about a user's access: what was seen, why something is missing or not known, and by
//! which paths it comes.

use crate::access::{Path, PrivilegeState, Reach, Requirement, Sought, Stop};
use crate::rules::Depth;

use super::check::Scene;
use super::words::{push, put, written};

/// How many paths a finding shows; users with hundreds of roles exist, readers of hundreds of
/// lines do not.
const MOST_PATHS: usize = 8;

/// A question about access, by its position and in itself.
#[derive(Clone, Copy)]
pub(super) struct Question<'r> {
    position: usize,
    requirement: &'r Requirement,
}

impl<'r> Question<'r> {
    pub(super) fn new(position: usize, requirement: &'r Requirement) -> Question<'r> {
        Question {
            position,
            requirement,
        }
    }
}

/// Writes what was seen of a user's access to what is asked for.
pub(super) fn observe(scene: &Scene<'_>, question: Question<'_>, user: usize, to: &mut String) {
    match question.requirement {
        Requirement::Privilege(..) => {
            if let Some(sought) = scene.access.sought(question.position) {
                observe_privilege(scene, &sought, user, to);
            }
        }
        Requirement::AnyRole => {
            to.push_str("tables `systemuserroles`, `teammembership`, `teamroles`: no role by any path");
        }
        Requirement::AnyRoleDirectly => to.push_str("table `systemuserroles`: no role"),
        Requirement::RoleNamed(name) => put(to, format_args!("role \"{name}\" by no path")),
        Requirement::RoleNamedDirectly(name) => put(
            to,
            format_args!("table `systemuserroles`: role \"{name}\" is not assigned to the user itself"),
        ),
        Requirement::AppModuleShared(module) => put(
            to,
            format_args!("table `appmoduleroles`: none of the user's roles is bound to `{module}`"),
        ),
    }
}

fn observe_privilege(scene: &Scene<'_>, sought: &Sought<'_>, user: usize, to: &mut String) {
    let (access, name) = (&scene.access, sought.name);
    if access.is_verified(user) {
        match access.served_depth(user, name) {
            Some(depth) => put(
                to,
                format_args!("the server says that `{name}` is held at {}", depth.name()),
            ),
            None => put(to, format_args!("the server says that `{name}` is not held")),
        }
    } else {
        match greatest_grant(scene, sought, user) {
            Some((depth, path)) => {
                push(to, &["`", name, "` granted at ", depth.name(), " at most, by "]);
                let _ = path.write_to(to);
            }
            None => push(to, &["`", name, "`: granted by no role of the user"]),
        }
    }
    if let PrivilegeState::Exists(_, needed) = *sought.state()
        && needed != sought.least
    {
        let (least, needed) = (sought.least.name(), needed.name());
        put(
            to,
            format_args!(" (this environment cannot grant {least}, so {needed} counts)"),
        );
    }
}

fn greatest_grant<'s>(scene: &'s Scene<'_>, sought: &Sought<'_>, user: usize) -> Option<(Depth, Path<'s>)> {
    let paths = scene.access.paths(user);
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

/// Writes why a privilege does not reach a user, in one sentence.
pub(super) fn why_missing(scene: &Scene<'_>, sought: &Sought<'_>, user: usize, to: &mut String) {
    let (access, name) = (&scene.access, sought.name);
    if *sought.state() == PrivilegeState::Absent {
        return put(
            to,
            format_args!("The privilege `{name}` does not exist in this environment, so nobody holds it."),
        );
    }
    if access.is_verified(user) {
        return put(
            to,
            format_args!("The server says that the user does not hold `{name}` as far as needed."),
        );
    }
    let mut paths = access.paths(user).peekable();
    if paths.peek().is_none() {
        return put(
            to,
            format_args!("The user has no security role, so nothing grants `{name}`."),
        );
    }
    let mut granting = paths.filter(|path| path.depth(sought).is_some());
    let stopped = granting.find_map(|path| Some((path, path.stop(sought)?)));
    match stopped {
        Some((path, stop)) => {
            push(to, &["`", name, "` does not reach the user: "]);
            path_to_stop(&path, sought, Some(stop), to);
            to.push('.');
        }
        None => push(to, &["None of the user's roles grants `", name, "`."]),
    }
}

/// Writes why the answer about access is not known.
pub(super) fn why_unknown(scene: &Scene<'_>, question: Question<'_>, user: usize, to: &mut String) {
    let access = &scene.access;
    if access.is_membership_unseen(user) {
        return to.push_str(
            "the user has no role that was seen, but an Entra group team carries one, and Dataverse lists \
             the members of such a team only after they have signed in once",
        );
    }
    let mut paths = access.paths(user);
    let is_open = match access.sought(question.position) {
        Some(sought) => paths
            .find(|path| path.reach_of(&sought) == Reach::Unknown)
            .map(|path| path_to_stop(&path, &sought, path.stop(&sought), to)),
        None => paths
            .find(|path| path.reach(question.requirement) == Reach::Unknown)
            .map(|path| put(to, format_args!("{path} — what it gives could not be seen"))),
    };
    match (is_open, access.gap(question.position)) {
        (Some(()), _) => {}
        (None, Some(gap)) => put(
            to,
            format_args!("it was not seen, and that does not prove it is missing: {gap}"),
        ),
        (None, None) => to.push_str("it was not seen"),
    }
}

/// Writes a path to a privilege, and what stops it.
fn path_to_stop(path: &Path<'_>, sought: &Sought<'_>, stop: Option<Stop>, to: &mut String) {
    let _ = path.write_with(sought, to);
    to.push_str(" — ");
    if let Some(stop) = stop {
        put(to, format_args!("{stop}"));
    }
}

/// The paths that say something about a requirement.
pub(super) fn telling_paths(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> Vec<String> {
    let paths = scene.access.paths(user);
    let told: Vec<String> = match requirement {
        Requirement::Privilege(name, least) => {
            let sought = scene.access.seek(name, *least);
            let grants = paths.filter(|path| path.depth(&sought).is_some());
            let words = |path: Path<'_>| {
                written(|to| {
                    let _ = path.write_with(&sought, to);
                })
            };
            grants.map(words).collect()
        }
        Requirement::RoleNamed(name) | Requirement::RoleNamedDirectly(name) => {
            let named = Requirement::RoleNamed(name.clone());
            let with_name = paths.filter(|path| path.reach(&named) != Reach::Fail);
            with_name.map(|path| path.to_string()).collect()
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
            let (grants, others): (Vec<Path<'_>>, Vec<Path<'_>>) =
                paths.partition(|path| path.depth(&sought).is_some());
            let all = grants.into_iter().chain(others);
            all.filter_map(|path| Some(format!("{path}: {}", path.stop(&sought)?)))
                .collect()
        }
        Requirement::RoleNamed(_) | Requirement::RoleNamedDirectly(_) => Vec::new(),
        Requirement::AppModuleShared(module) => {
            let others = paths.filter(|path| path.reach(requirement) != Reach::Pass);
            others
                .map(|path| format!("{path}: not bound to `{module}`"))
                .collect()
        }
        Requirement::AnyRole | Requirement::AnyRoleDirectly => {
            let stopped = paths.filter(Path::is_through_access_team);
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
