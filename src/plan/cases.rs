//! Users who are not ready, grouped into cases that every action treats alike.
//!
//! Owns the grouping. Two users are of one case if all facts that rules look at have the same values
//! for both and the same roles reach them in the same ways; any change then does the same to both, and
//! trying it out on one tells about all. Where roles are so varied that this gives more than
//! [`MOST_CASES`] cases, users count as alike in their access if the same roles *would* help them:
//! assigning a role is then the only action on roles that is considered, since its effect does not
//! depend on what somebody holds. The grouping is linear in the number of users.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::evaluate::{Alike, EnvironmentAssessment, Outcome, Verdict};
use crate::rules::{RuleIndex, RuleSet, Severity};
use crate::snapshot::Guid;

use super::roles::Assignable;

/// So many cases are told apart by the roles that reach them, if nothing else is said.
pub(super) const MOST_CASES: usize = 2_048;
/// So many roles tell users apart where there would be more cases than that.
const MOST_ROLES: usize = 6;

/// The cases of an environment.
pub(super) struct Cases {
    /// The users, by case.
    pub(super) alike: Alike,
    /// By case: a user of it and how many there are.
    pub(super) representatives: Vec<(usize, usize)>,
    /// Whether cases are told apart by the roles that reach them.
    pub(super) by_roles: bool,
    /// The roles that are considered to be assigned.
    pub(super) roles: Vec<Assignable>,
    /// By case: which of these roles have a copy in the users' business unit.
    pub(super) copies: Vec<u64>,
}

/// Groups the users that are not ready, and those about whose access the server was asked: what it
/// said does not count any more once their access changes.
pub(super) fn group(
    assessed: &EnvironmentAssessment<'_>,
    rules: &RuleSet,
    access_rules: &[RuleIndex],
    roles: Vec<Assignable>,
    most: usize,
) -> Cases {
    let access = assessed.access();
    let is_one = |user: &usize| match assessed.verdict(*user) {
        Verdict::OutOfScope => false,
        Verdict::Ready => access.is_verified(*user),
        _ => true,
    };
    let mut alike = Alike::new((0..assessed.users()).filter(is_one).collect());
    assessed.divide_by_facts(&mut alike);
    if assessed.environment.tables.contains_key("access") {
        // The server's answer decides, whatever the roles are.
        for &rule in access_rules {
            alike.divide(|user| {
                u64::from(access.is_verified(user)) * (1 + assessed.outcome(rule, user) as u64)
            });
        }
    }
    let by_roles = alike.divided(most, |user| assessed.access_shape(user));
    let is_by_roles = by_roles.is_some();
    let (mut alike, roles) = match by_roles {
        Some(alike) => (alike, roles),
        None => {
            let roles = greatest(roles);
            divide_by_need(assessed, rules, access_rules, &roles, &mut alike);
            (alike, roles)
        }
    };
    let copies = copies_by_unit(assessed, &roles);
    alike.divide(|user| copies.of(assessed, user));
    let representatives = alike.representatives();
    Cases {
        copies: representatives
            .iter()
            .map(|(user, _)| copies.of(assessed, *user))
            .collect(),
        representatives,
        alike,
        by_roles: is_by_roles,
        roles,
    }
}

/// The roles that do something which none of the others does as well: each of them tells users apart.
fn greatest(mut roles: Vec<Assignable>) -> Vec<Assignable> {
    let grants: Vec<FxHashSet<RuleIndex>> = roles.iter().map(|role| role.grants.clone()).collect();
    roles.retain(|role| {
        role.own
            || !grants
                .iter()
                .any(|other| other.len() > role.grants.len() && role.grants.is_subset(other))
    });
    roles.truncate(MOST_ROLES);
    roles
}

/// Tells users apart by which roles would help them: rules that the same roles make pass are one.
fn divide_by_need(
    assessed: &EnvironmentAssessment<'_>,
    rules: &RuleSet,
    access_rules: &[RuleIndex],
    roles: &[Assignable],
    alike: &mut Alike,
) {
    let mut needs: FxHashMap<(Vec<bool>, Severity), Vec<RuleIndex>> = FxHashMap::default();
    for &rule in access_rules {
        let by = roles.iter().map(|role| role.grants.contains(&rule)).collect();
        needs
            .entry((by, rules.rules[rule].severity))
            .or_default()
            .push(rule);
    }
    let mut needs: Vec<Vec<RuleIndex>> = needs.into_values().collect();
    needs.sort();
    for need in &needs {
        alike.divide(|user| {
            let bit = |rule: &RuleIndex| match assessed.outcome(*rule, user) {
                Outcome::Pass | Outcome::Waived => 0,
                Outcome::Fail => 1,
                Outcome::Unknown => 2,
                Outcome::NotApplicable => 4,
            };
            need.iter().map(bit).fold(0, |all, bit| all | bit)
        });
    }
    let access = assessed.access();
    alike.divide(|user| u64::from(access.is_membership_unseen(user)));
    alike.divide(|user| {
        if access.is_verified(user) {
            assessed.access_shape(user)
        } else {
            0
        }
    });
}

/// Which roles have a copy where.
struct Copies {
    by_unit: FxHashMap<Guid, u64>,
}

impl Copies {
    fn of(&self, assessed: &EnvironmentAssessment<'_>, user: usize) -> u64 {
        let units = assessed.environment.table("systemuser");
        let units = units.and_then(|table| table.ids("businessunitid"));
        let copies = units.and_then(|units| self.by_unit.get(&units[user]));
        copies.copied().unwrap_or_default()
    }
}

fn copies_by_unit(assessed: &EnvironmentAssessment<'_>, roles: &[Assignable]) -> Copies {
    let mut by_unit: FxHashMap<Guid, u64> = FxHashMap::default();
    let position: FxHashMap<Guid, usize> = roles
        .iter()
        .enumerate()
        .map(|(at, role)| (role.root, at))
        .collect();
    let table = assessed.environment.table("role");
    let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
    let copies = column("roleid")
        .iter()
        .zip(column("parentrootroleid"))
        .zip(column("businessunitid"));
    for ((id, root), unit) in copies {
        let root = if root.is_null() { id } else { root };
        if let Some(position) = position.get(root).filter(|_| !unit.is_null()) {
            *by_unit.entry(*unit).or_default() |= 1 << position;
        }
    }
    Copies { by_unit }
}

/// Root roles that somebody could be given.
pub(super) fn roots(roles: &[Assignable]) -> FxHashSet<Guid> {
    roles.iter().map(|role| role.root).collect()
}
