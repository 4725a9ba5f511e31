//! The role of an environment that would give a user most of what is missing, if it were assigned.

use std::cmp::Reverse;

use crate::rules::Depth;
use crate::snapshot::Guid;

use super::grants::Resolved;
use super::paths::Via;
use super::roles::Role;
use super::{Access, Reach, Requirement};

/// A role that would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub role: String,
    /// Business unit of the copy that the user would get, where its name was seen.
    pub business_unit: Option<String>,
    /// By requirement, in the order in which they were given: whether it would be met.
    pub gives: Vec<bool>,
    /// By requirement: the depth that the role grants where that is too little.
    pub short: Vec<Option<Depth>>,
    /// Why it does not help yet.
    pub standing: Standing,
}

/// Where a role stands towards a user whom it does not give what it grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Assigned neither to the user nor to a team of the user.
    NotAssigned,
    /// Not seen to be assigned, which does not prove that it is not.
    NotSeen,
    /// Assigned to a team of the user only; how the team is called.
    ThroughTeam(String),
    /// It has no copy in the user's business unit, so it cannot be assigned there.
    NoCopy,
}

impl Candidate {
    /// Whether it would give anything at all.
    #[must_use]
    pub fn helps(&self) -> bool {
        self.gives.contains(&true)
    }
}

impl Access<'_> {
    /// The role that would give a user most of what is missing if it were assigned directly. Of
    /// equals the one named in `shipped`, else the one that grants least besides, as far as the
    /// collected privileges tell. Never *System Administrator*, which would give everything, nor a role
    /// that the user holds directly. None where no role comes near.
    #[must_use]
    pub fn candidate(&self, user: usize, missing: &[Requirement], shipped: &[&str]) -> Option<Candidate> {
        let unit = self.business_unit(user);
        let asked: Vec<Resolved> = missing.iter().map(|one| self.book.resolve(one)).collect();
        let held: Vec<Guid> = self
            .held
            .of(user)
            .map(|role| self.book.roles[role].root)
            .collect();
        let usable = |role: &&Role| {
            role.is_seen() && role.name.is_some() && !role.administrator && !held.contains(&role.root)
        };
        let gives = |role: &Role| -> Vec<bool> {
            let reaches = asked.iter().map(|one| self.book.direct(role, one) == Reach::Pass);
            reaches.collect()
        };
        let near = |role: &Role| -> Vec<Option<Depth>> {
            let depths = asked.iter().map(|one| match one {
                Resolved::Privilege(found) => self.book.granted(role, found.column).depth,
                _ => None,
            });
            depths.collect()
        };
        let rank = |role: &Role| {
            let name = role.name.as_deref().unwrap_or_default();
            let is_shipped = shipped.iter().any(|shipped| shipped.eq_ignore_ascii_case(name));
            let is_true = |list: &[bool]| list.iter().filter(|one| **one).count();
            (
                Reverse(is_true(&gives(role))),
                Reverse(near(role).iter().flatten().count()),
                !is_shipped,
                self.granted(role),
                name.to_owned(),
                role.id,
            )
        };
        let roles = || self.book.roles.iter().filter(usable);
        // Where the user's unit is not known, the copies at the root stand for all.
        let here = |role: &&Role| match unit {
            Some(unit) => role.business_unit == unit,
            None => role.root == role.id,
        };
        let has_copy_here = |root: Guid| roles().any(|role| role.root == root && here(&role));
        let comes_near = |role: &&Role| gives(role).contains(&true) || near(role).iter().any(Option::is_some);
        let at_hand = roles().filter(here).min_by_key(|role| rank(role));
        let (role, is_elsewhere) = match at_hand.filter(comes_near) {
            Some(role) if gives(role).contains(&true) => (role, false),
            at_hand => {
                let elsewhere = roles().filter(|role| role.root == role.id && !has_copy_here(role.root));
                let elsewhere = elsewhere.min_by_key(|role| rank(role)).filter(comes_near);
                match elsewhere.filter(|role| at_hand.is_none() || gives(role).contains(&true)) {
                    Some(role) => (role, true),
                    None => (at_hand?, false),
                }
            }
        };
        let gives = gives(role);
        let short = near(role).into_iter().zip(&gives);
        Some(Candidate {
            role: role.name.clone()?,
            business_unit: self.book.business_units.get(&role.business_unit).cloned(),
            short: short.map(|(depth, gives)| depth.filter(|_| !gives)).collect(),
            gives,
            standing: if is_elsewhere {
                Standing::NoCopy
            } else {
                self.standing(user, role)
            },
        })
    }

    fn standing(&self, user: usize, role: &Role) -> Standing {
        let mut ways = self
            .paths(user)
            .filter(|path| path.is_copy_of(role.root))
            .map(|path| path.via());
        match ways.next() {
            Some(Via::Team(team)) => Standing::ThroughTeam(team),
            // Nobody holds directly what a candidate is; what was not seen may be held anyhow.
            _ if self.proof.gap().is_some() || self.is_membership_unseen(user) => Standing::NotSeen,
            Some(Via::Direct) | None => Standing::NotAssigned,
        }
    }

    fn business_unit(&self, user: usize) -> Option<Guid> {
        let units = self.environment.table("systemuser")?.ids("businessunitid")?;
        Some(units[user]).filter(|unit| !unit.is_null())
    }

    /// How much a role grants of the collected privileges, all depths added.
    fn granted(&self, role: &Role) -> usize {
        let lines = role.grants.into_iter().flatten();
        let cells = lines.flat_map(|line| self.book.grants.of_line(line));
        cells
            .filter_map(|grant| grant.depth)
            .map(|depth| depth as usize + 1)
            .sum()
    }
}
