//! The cost of giving access: who gains what beyond what they lack.
//!
//! Owns the count. Only privileges that rules and features ask about are in a snapshot, so that what
//! a role grants besides those cannot be counted; reports say so.

use std::collections::BTreeSet;

use crate::access::{DepthRow, Depths, Held};
use crate::evaluate::{EnvironmentAssessment, Outcome};
use crate::rules::{Check, RuleIndex, RuleSet};

use super::action::{Deed, Kind};
use super::roles::Candidate;

/// Who gains what they did not lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverGrant {
    /// How many users gain something beyond what they lack.
    pub users: usize,
    /// What they gain, sorted: privileges, `app NAME` for access to an app.
    pub privileges: Vec<String>,
    /// Pairs of a user and a privilege.
    pub(super) pairs: u64,
}

/// What is needed to count.
pub(super) struct Counter<'c> {
    assessed: &'c EnvironmentAssessment<'c>,
    rules: &'c RuleSet,
    access_rules: &'c [RuleIndex],
    depths: Depths,
}

impl<'c> Counter<'c> {
    pub(super) fn new(
        assessed: &'c EnvironmentAssessment<'c>,
        rules: &'c RuleSet,
        access_rules: &'c [RuleIndex],
    ) -> Counter<'c> {
        Counter {
            assessed,
            rules,
            access_rules,
            depths: Depths::new(assessed.access()),
        }
    }

    /// The count for an action: over the users a role is assigned to, each standing for so many; or
    /// over everybody who holds the role that is changed.
    pub(super) fn count(&self, action: &Candidate, of: impl Iterator<Item = (usize, usize)>) -> OverGrant {
        let mut total = OverGrant::default();
        let mut gained = BTreeSet::new();
        let access = self.assessed.access();
        let given = self.given(action);
        let mut add = |user: usize, users: usize, row: &DepthRow| {
            let beyond = self.beyond(user, row);
            if !beyond.is_empty() {
                total.users += users;
                total.pairs += (users * beyond.len()) as u64;
                gained.extend(beyond);
            }
        };
        match action.kind {
            Kind::AssignRole => of.for_each(|(user, users)| add(user, users, &given)),
            Kind::BindRole => {
                let planned: BTreeSet<usize> = of.map(|(user, _)| user).collect();
                for user in (0..self.assessed.users()).filter(|user| !planned.contains(user)) {
                    let holds = access.held(user).any(|held| held.root == action.role);
                    if holds && !self.has_the_app(user) {
                        total.users += 1;
                        total.pairs += 1;
                    }
                }
                if total.users > 0 {
                    let apps = action.deeds.iter().filter_map(|deed| match deed {
                        Deed::Bind { app, .. } => Some(format!("app {app}")),
                        _ => None,
                    });
                    total.privileges = apps.collect();
                }
                return total;
            }
            _ => {
                let reaches = |held: &Held| match action.kind {
                    Kind::SetInheritance => held.by_team && !held.hands_on,
                    _ => held.hands_on,
                };
                for user in 0..self.assessed.users() {
                    if access
                        .held(user)
                        .any(|held| held.root == action.role && reaches(&held))
                    {
                        add(user, 1, &given);
                    }
                }
            }
        }
        total.privileges = gained
            .into_iter()
            .map(|at| self.depths.names[at].clone())
            .collect();
        total
    }

    /// The depths that an action gives.
    fn given(&self, action: &Candidate) -> DepthRow {
        if action.kind != Kind::GrantPrivileges {
            return self.depths.of_role(self.assessed.access(), action.role);
        }
        let mut row = vec![0; self.depths.names.len()];
        for deed in &action.deeds {
            if let Deed::Grant { privilege, depth, .. } = deed
                && let Some(at) = self.position(privilege)
            {
                row[at] = *depth as u8 + 1;
            }
        }
        row
    }

    /// Positions of the privileges of which this is more than the user has and needs.
    fn beyond(&self, user: usize, given: &DepthRow) -> Vec<usize> {
        let mut enough = self.depths.of_user(self.assessed.access(), user);
        let lacks = |rule: &&RuleIndex| {
            matches!(
                self.assessed.outcome(**rule, user),
                Outcome::Fail | Outcome::Unknown
            )
        };
        for rule in self.access_rules.iter().filter(lacks) {
            self.rules.rules[*rule].check.visit(&mut |check: &Check| {
                if let Check::Privilege(name, least) = check
                    && let Some(at) = self.position(name)
                {
                    enough[at] = enough[at].max(*least as u8 + 1);
                }
            });
        }
        (0..given.len()).filter(|at| given[*at] > enough[*at]).collect()
    }

    fn position(&self, privilege: &str) -> Option<usize> {
        let mut names = self.depths.names.iter();
        names.position(|name| name.eq_ignore_ascii_case(privilege))
    }

    fn has_the_app(&self, user: usize) -> bool {
        let mut about = self.access_rules.iter().filter(|rule| {
            let mut found = false;
            let check = &self.rules.rules[**rule].check;
            check.visit(&mut |check: &Check| found |= matches!(check, Check::AppModuleShared(_)));
            found
        });
        about.all(|rule| self.assessed.outcome(*rule, user) == Outcome::Pass)
    }
}
