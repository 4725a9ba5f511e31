//! The words of a finding: what was expected, what was observed and where, by which path, and
//! what is wrong.
//!
//! Made for one user and one rule at a time, from the same leaves that gave the outcome.

use std::borrow::Cow;

use crate::access::{PrivilegeState, Reach, Requirement};
use crate::rules::{Depth, FieldSource, Rule, RuleIndex, Scope};

use super::assess::record;
use super::assessment::{EnvironmentAssessment, Finding};
use super::attestations::names_environment;
use super::check::{Leaf, Observation, Scene};
use super::field::{Cell, FieldReader};
use super::outcome::Outcome;
use super::tri::Tri;

/// How many paths a finding shows; users with hundreds of roles exist, readers of hundreds of
/// lines do not.
const MOST_PATHS: usize = 8;

impl<'a> EnvironmentAssessment<'a> {
    /// The finding of a rule for a user; of an environment rule, any user will do.
    #[must_use]
    pub fn finding(&self, index: RuleIndex, user: usize) -> Finding<'a> {
        let rule: &'a Rule = &self.rules.rules[index];
        let compiled = &self.compiled[index];
        let outcome = if compiled.no_such_privilege {
            Outcome::NotApplicable
        } else {
            self.outcome(index, user)
        };
        let mut finding = Finding {
            index,
            rule,
            outcome,
            expected: compiled.expected.clone(),
            observed: String::new(),
            facts: Vec::new(),
            cause: String::new(),
            path: Vec::new(),
            nearest: Vec::new(),
            remedy: rule.remedy.clone(),
        };
        if compiled.no_such_privilege {
            finding.observed = format!("table `privilege`: no `{}` that could be granted", rule.id);
            finding.cause = format!(
                "The privilege `{}` does not exist in this environment, so nobody needs it here.",
                rule.id
            );
            return finding;
        }
        let deciding = self.deciding(index, user, outcome);
        let mut observed: Vec<String> = Vec::new();
        for seen in &deciding {
            push_new(&mut observed, seen.leaf.observed(&self.scene, user));
        }
        finding.cause = self.cause(index, user, outcome, &deciding).into_owned();
        if outcome == Outcome::Waived
            && let Some((waiver, _)) = self.waivers.iter().find(|(waiver, users)| {
                waiver.rules.contains(&rule.id)
                    && match rule.scope {
                        Scope::User => users.get(user),
                        Scope::Environment => waiver
                            .environments
                            .iter()
                            .any(|word| names_environment(word, self.environment)),
                    }
            })
        {
            finding.cause.push_str(&format!(
                " Accepted by {} until {}: {}",
                waiver.approved_by, waiver.until, waiver.reason
            ));
        }
        for seen in &deciding {
            if let Leaf::Access(_, requirement) = seen.leaf {
                let (path, nearest) = paths(&self.scene, requirement, user);
                finding.path.extend(path);
                finding.nearest.extend(nearest);
            }
        }
        let facts = observed.len();
        for field in &rule.quote {
            if let FieldSource::Column { table, column, .. } = &field.source {
                let reader = FieldReader::new(field, *table, column, self.environment);
                if !matches!(reader.cell(&self.scene.people, user), None | Some(Cell::Null)) {
                    push_new(&mut observed, reader.observed(&self.scene.people, user));
                }
            }
        }
        finding.observed = observed.join("; ");
        observed.truncate(facts);
        finding.facts = observed;
        finding
    }

    /// The comparisons that made the outcome what it is.
    pub(super) fn deciding(
        &self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
    ) -> Vec<Observation<'_, 'a>> {
        let mut deciding = self.compiled[index].check.deciding(&self.scene, user);
        deciding.retain(|seen| outcome == Outcome::Unknown || seen.value != Tri::Unknown);
        deciding
    }

    /// What is wrong, or why it is not known, in one sentence.
    pub(super) fn cause(
        &self,
        index: RuleIndex,
        user: usize,
        outcome: Outcome,
        deciding: &[Observation<'_, '_>],
    ) -> Cow<'a, str> {
        match outcome {
            Outcome::Unknown => Cow::Owned(self.why_unknown(index, user, deciding)),
            _ => self.what_is_wrong(index, user, deciding),
        }
    }

    fn what_is_wrong(&self, index: RuleIndex, user: usize, deciding: &[Observation<'_, '_>]) -> Cow<'a, str> {
        let rule: &'a Rule = &self.rules.rules[index];
        if let [
            Observation {
                leaf: Leaf::Access(_, requirement @ Requirement::Privilege(..)),
                ..
            },
        ] = deciding
        {
            return Cow::Owned(why_missing(&self.scene, requirement, user));
        }
        match &rule.cause {
            Some(cause) => Cow::Borrowed(cause),
            None => Cow::Owned(format!("This does not hold: {}", rule.title)),
        }
    }

    fn why_unknown(&self, index: RuleIndex, user: usize, deciding: &[Observation<'_, '_>]) -> String {
        let compiled = &self.compiled[index];
        let mut reasons: Vec<String> = Vec::new();
        for subject in &compiled.records {
            if record(*subject, &self.scene, user) == Tri::Unknown {
                let people = &self.scene.people;
                let place = people.place(*subject, user);
                people
                    .why_no_record(*subject, place, user)
                    .into_iter()
                    .for_each(|r| push_new(&mut reasons, r));
            }
        }
        if let Some(when) = &compiled.when
            && when.tri(&self.scene, user) == Tri::Unknown
        {
            for seen in when.deciding(&self.scene, user) {
                seen.leaf
                    .why_unknown(&self.scene, user)
                    .into_iter()
                    .for_each(|r| push_new(&mut reasons, r));
            }
        }
        for seen in deciding.iter().filter(|seen| seen.value == Tri::Unknown) {
            seen.leaf
                .why_unknown(&self.scene, user)
                .into_iter()
                .for_each(|r| push_new(&mut reasons, r));
        }
        match reasons.len() {
            0 => "Not known.".to_owned(),
            _ => format!("Not known: {}.", reasons.join("; ")),
        }
    }
}

fn push_new(words: &mut Vec<String>, word: String) {
    if !word.is_empty() && !words.contains(&word) {
        words.push(word);
    }
}

/// What was seen of a user's access to what is required.
pub(super) fn observed_access(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> String {
    let access = &scene.access;
    match requirement {
        Requirement::Privilege(name, least) => {
            let least_words = match access.privilege(name, *least) {
                PrivilegeState::Exists(_, needed) if needed != *least => format!(
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
            match greatest_grant(scene, name, *least, user) {
                Some((depth, path)) => {
                    format!(
                        "`{name}` granted at {} at most, by {path}{least_words}",
                        depth.name()
                    )
                }
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

fn greatest_grant(scene: &Scene<'_>, name: &str, least: Depth, user: usize) -> Option<(Depth, String)> {
    let paths = scene.access.paths(user);
    let grants = paths.iter().filter(|path| !path.is_through_access_team());
    let greatest = grants.filter_map(|path| path.depth(name, least).map(|depth| (depth, path)));
    // The first of the greatest, so that the words do not depend on the order of comparison.
    greatest
        .fold(
            None,
            |best: Option<(Depth, &crate::access::Path<'_>)>, (depth, path)| match best {
                Some((most, _)) if most >= depth => best,
                _ => Some((depth, path)),
            },
        )
        .map(|(depth, path)| (depth, path.to_string()))
}

/// Why a privilege does not reach a user, in one sentence.
fn why_missing(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> String {
    let Requirement::Privilege(name, least) = requirement else {
        return String::new();
    };
    if scene.access.privilege(name, *least) == PrivilegeState::Absent {
        return format!("The privilege `{name}` does not exist in this environment, so nobody holds it.");
    }
    if scene.access.is_verified(user) {
        return format!("The server says that the user does not hold `{name}` as far as needed.");
    }
    let paths = scene.access.paths(user);
    if paths.is_empty() {
        return format!("The user has no security role, so nothing grants `{name}`.");
    }
    let granting: Vec<_> = paths
        .iter()
        .filter(|path| path.depth(name, *least).is_some())
        .collect();
    let stopped = granting
        .iter()
        .find_map(|path| Some((path, path.stop(name, *least)?)));
    match stopped {
        Some((path, stop)) => {
            format!(
                "`{name}` does not reach the user: {} — {stop}.",
                path.with_privilege(name, *least)
            )
        }
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
            let stop = path.stop(name, *least).map(|stop| stop.to_string());
            format!(
                "{} — {}",
                path.with_privilege(name, *least),
                stop.unwrap_or_default()
            )
        }
        (Some(path), _) => format!("{path} — what it gives could not be seen"),
        (None, _) => match access.gap(position) {
            Some(gap) => format!("it was not seen, and that does not prove it is missing: {gap}"),
            None => "it was not seen".to_owned(),
        },
    }
}

/// The paths that say something about a requirement, and the nearest misses with what stops each.
fn paths(scene: &Scene<'_>, requirement: &Requirement, user: usize) -> (Vec<String>, Vec<String>) {
    let paths = scene.access.paths(user);
    let mut told: Vec<String> = Vec::new();
    let mut nearest: Vec<String> = Vec::new();
    match requirement {
        Requirement::Privilege(name, least) => {
            // Paths that grant it at all come first: they are the nearest misses.
            let (grants, others): (Vec<_>, Vec<_>) =
                paths.iter().partition(|path| path.depth(name, *least).is_some());
            told.extend(grants.iter().map(|path| path.with_privilege(name, *least)));
            for path in grants.iter().chain(&others) {
                if let Some(stop) = path.stop(name, *least) {
                    nearest.push(format!("{path}: {stop}"));
                }
            }
        }
        Requirement::RoleNamed(_) | Requirement::RoleNamedDirectly(_) => {
            let (Requirement::RoleNamed(name) | Requirement::RoleNamedDirectly(name)) = requirement else {
                return (told, nearest);
            };
            let named = Requirement::RoleNamed(name.clone());
            told.extend(
                paths
                    .iter()
                    .filter(|path| path.reach(&named) != Reach::Fail)
                    .map(ToString::to_string),
            );
        }
        Requirement::AppModuleShared(module) => {
            nearest.extend(
                paths
                    .iter()
                    .filter(|path| path.reach(requirement) != Reach::Pass)
                    .map(|path| format!("{path}: not bound to `{module}`")),
            );
        }
        Requirement::AnyRole | Requirement::AnyRoleDirectly => {
            nearest.extend(
                paths
                    .iter()
                    .filter(|path| path.is_through_access_team())
                    .map(|path| format!("{path}: access teams carry no roles")),
            );
        }
    }
    for list in [&mut told, &mut nearest] {
        let rest = list.len().saturating_sub(MOST_PATHS);
        if rest > 0 {
            list.truncate(MOST_PATHS);
            list.push(format!("… and {rest} more"));
        }
    }
    (told, nearest)
}
