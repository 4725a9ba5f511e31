//! Every user's answer to every requirement, as bit masks.
//!
//! Roles and teams come as a bit per requirement and are united user by user; rules ask one
//! requirement about all users. So the bits of every 64 users are turned by a quarter as soon as they
//! are united, and a rule takes the answers of 64 users as two words.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::rules::Depth;
use crate::snapshot::{Environment, Guid, Table};

use super::grants::{PrivilegeState, Resolved, Sought};
use super::masks::Masks;
use super::paths::{self, Path};
use super::roles::RoleBook;
use super::server::ServerAnswers;
use super::{Proof, Requirement};

/// Users per unit of parallel work, in blocks.
const CHUNK: usize = 1 << 8;

/// Users whose edges are looked for by one task.
const PART: usize = 1 << 12;

/// Users whose answers are turned together, and requirements too: bits in a word.
const BLOCK: usize = 64;

/// Whether a requirement reaches a user. Ordered: the greatest over all paths wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It does not.
    Fail,
    /// It may.
    Unknown,
    /// It does.
    Pass,
}

/// The access of every user of an environment, for a fixed list of requirements.
#[derive(Debug)]
pub struct Access<'a> {
    pub(super) environment: &'a Environment,
    pub(super) book: RoleBook,
    /// Roles of users.
    pub(super) held: Edges,
    /// Teams of users. One that carries no role and has no row contributes nothing either way.
    pub(super) member: Edges,
    requirements: Vec<Requirement>,
    /// By requirement: what its names stand for.
    resolved: Vec<Resolved>,
    /// Words per block in `pass` and `maybe`: one for each requirement, with a bit for each user, filled
    /// up to a multiple of 64.
    words: usize,
    pass: Vec<u64>,
    maybe: Vec<u64>,
    server: ServerAnswers,
    pub(super) proof: Proof,
    /// By requirement: why a miss of it is not proved.
    gaps: Vec<Option<String>>,
    /// By requirement: whether a membership that was not seen leaves it open.
    lost_with_membership: Vec<bool>,
    /// Whether some Entra group team carries a role.
    group_teams: bool,
    any_role: usize,
}

impl<'a> Access<'a> {
    /// Computes all users' answers. The list of requirements gains [`Requirement::AnyRole`], which
    /// every answer about a missing role needs.
    #[must_use]
    pub fn new(environment: &'a Environment, mut requirements: Vec<Requirement>) -> Access<'a> {
        if !requirements.contains(&Requirement::AnyRole) {
            requirements.push(Requirement::AnyRole);
        }
        let any_role = requirements
            .iter()
            .position(|r| *r == Requirement::AnyRole)
            .unwrap_or_default();
        let book = RoleBook::new(environment);
        let words = requirements.len().next_multiple_of(BLOCK);
        let users = environment
            .table("systemuser")
            .and_then(|table| table.ids("systemuserid"));
        let users = users.unwrap_or_default();
        let mut access = Access {
            environment,
            words,
            pass: vec![0; users.len().div_ceil(BLOCK) * words],
            maybe: vec![0; users.len().div_ceil(BLOCK) * words],
            server: ServerAnswers::new(environment),
            gaps: gaps(environment, &book, &requirements),
            lost_with_membership: requirements
                .iter()
                .map(|requirement| is_lost_with_membership(&book, requirement))
                .collect(),
            proof: Proof::of_access(environment),
            group_teams: book.some_group_team_carries_a_role(),
            held: Edges::new(environment, "systemuserroles", "roleid", users, |id| {
                book.role_position(id)
            }),
            member: Edges::new(environment, "teammembership", "teamid", users, |id| {
                book.team_position(id)
            }),
            any_role,
            resolved: requirements.iter().map(|r| book.resolve(r)).collect(),
            book,
            requirements,
        };
        access.unite();
        access
    }

    fn unite(&mut self) {
        let masks = Masks::new(&self.book, &self.resolved);
        let (held, member) = (&self.held, &self.member);
        let blocks = self
            .pass
            .par_chunks_mut(self.words)
            .zip(self.maybe.par_chunks_mut(self.words))
            .with_min_len(CHUNK);
        blocks.enumerate().for_each(|(block, (pass, maybe))| {
            let users = block * BLOCK..held.len().min((block + 1) * BLOCK);
            // A word for each user and 64 requirements, until they are turned.
            for (position, user) in users.enumerate() {
                let of_roles = held.of(user).map(|role| masks.role(role));
                let of_teams = member.of(user).map(|team| masks.team(team));
                for mask in of_roles.chain(of_teams) {
                    let of_user = || (position..).step_by(BLOCK);
                    of_user().zip(&mask.pass).for_each(|(at, mask)| pass[at] |= mask);
                    of_user()
                        .zip(&mask.maybe)
                        .for_each(|(at, mask)| maybe[at] |= mask);
                }
            }
            let parts = pass.as_chunks_mut().0.iter_mut().chain(maybe.as_chunks_mut().0);
            parts.for_each(turn);
        });
    }

    fn word(&self, planes: &[u64], block: usize, position: usize) -> u64 {
        planes[block * self.words + position]
    }

    /// The answers of the tables alone for 64 users from `block` times 64: who surely is reached, and who
    /// surely is not. Bits beyond the last user mean nothing.
    #[must_use]
    #[inline]
    pub fn modelled_of(&self, block: usize, position: usize) -> (u64, u64) {
        let pass = self.word(&self.pass, block, position);
        let mut open = self.word(&self.maybe, block, position);
        if self.gap(position).is_some() {
            open = u64::MAX;
        }
        if self.group_teams && self.lost_with_membership[position] {
            open |= !self.roles_in_sight(block);
        }
        (pass, !(pass | open))
    }

    /// Whether the server was asked about anyone.
    #[must_use]
    pub fn is_served(&self) -> bool {
        !self.server.is_empty()
    }

    /// Whether the tables answer some requirement otherwise for a user than those of another
    /// environment, which has the same users and was asked the same requirements.
    #[must_use]
    pub fn differs(&self, other: &Access<'_>, user: usize) -> bool {
        let block = user / BLOCK * self.words..(user / BLOCK + 1) * self.words;
        let differing = |own: &[u64], other: &[u64]| {
            let pairs = own[block.clone()].iter().zip(&other[block.clone()]);
            pairs.fold(0, |all, (own, other)| all | (own ^ other))
        };
        let answers = differing(&self.pass, &other.pass) | differing(&self.maybe, &other.maybe);
        answers >> (user % BLOCK) & 1 == 1
            || self.is_membership_unseen(user) != other.is_membership_unseen(user)
    }

    /// Position of a requirement, for [`Access::reach`].
    #[must_use]
    pub fn position(&self, requirement: &Requirement) -> Option<usize> {
        self.requirements.iter().position(|other| other == requirement)
    }

    /// The answer built from the tables alone, without the server's.
    #[must_use]
    #[inline]
    pub fn modelled(&self, user: usize, position: usize) -> Reach {
        let (pass, fail) = self.modelled_of(user / BLOCK, position);
        let bit = 1 << (user % BLOCK);
        if pass & bit != 0 {
            Reach::Pass
        } else if fail & bit != 0 {
            Reach::Fail
        } else {
            Reach::Unknown
        }
    }

    /// The answer: the server's where it was asked, else the one built from the tables.
    #[must_use]
    #[inline]
    pub fn reach(&self, user: usize, position: usize) -> Reach {
        if self.server.is_empty() {
            return self.modelled(user, position);
        }
        self.served(user, position)
            .unwrap_or_else(|| self.modelled(user, position))
    }

    /// The server's answer to a privilege requirement, if it was asked.
    #[must_use]
    pub fn served(&self, user: usize, position: usize) -> Option<Reach> {
        if self.server.is_empty() {
            return None;
        }
        let Requirement::Privilege(name, least) = &self.requirements[position] else {
            return None;
        };
        let needed = match self.book.privilege(name, *least) {
            PrivilegeState::Exists(_, needed) => needed,
            // Whether it exists is not known: a "yes" of the server tells, a "no" does not.
            PrivilegeState::NotSeen(_) if self.server_holds(user, name, *least) => *least,
            _ => return None,
        };
        let asked = &self.environment.manifest.wanted_privileges;
        if !asked.iter().any(|asked| asked.eq_ignore_ascii_case(name)) {
            return None;
        }
        let held = self.server_holds(user, name, needed);
        self.server
            .knows(self.user(user))
            .then_some(if held { Reach::Pass } else { Reach::Fail })
    }

    fn server_holds(&self, user: usize, privilege: &str, needed: Depth) -> bool {
        self.served_depth(user, privilege)
            .is_some_and(|depth| depth >= needed)
    }

    /// The depth at which the server says the user holds the privilege, if it says so.
    #[must_use]
    pub fn served_depth(&self, user: usize, privilege: &str) -> Option<Depth> {
        self.server.depth(self.user(user), privilege)
    }

    /// Takes further answers of the server: rows of table `access` beyond those of the environment.
    pub fn hear(&mut self, answers: &Table) {
        self.server.add(answers);
    }

    /// Forgets what the server answered about a user.
    pub fn forget(&mut self, user: Guid) {
        self.server.forget(user);
    }

    /// Whether the server was asked about the user's access.
    #[must_use]
    pub fn is_verified(&self, user: usize) -> bool {
        !self.server.is_empty() && self.server.knows(self.user(user))
    }

    /// Positions of privilege requirements where the tables say yes or no and the server says the
    /// opposite.
    #[must_use]
    pub fn disagreements(&self, user: usize) -> Vec<&Requirement> {
        if !self.is_verified(user) {
            return Vec::new();
        }
        (0..self.requirements.len())
            .filter(
                |position| match (self.modelled(user, *position), self.served(user, *position)) {
                    (Reach::Unknown, _) | (_, None) => false,
                    (model, Some(server)) => model != server,
                },
            )
            .map(|position| &self.requirements[position])
            .collect()
    }

    /// Whether the user has no role by any path while an Entra group team, whose members appear
    /// only after their first sign-in, carries one.
    #[must_use]
    pub fn is_membership_unseen(&self, user: usize) -> bool {
        self.group_teams && !self.has_role_in_sight(user)
    }

    /// Whether the user's memberships of teams can have been seen: yes with a role in sight; no as told
    /// by [`Access::is_membership_unseen`], where that no role is in sight is proved.
    #[must_use]
    pub fn membership_seen(&self, user: usize) -> Reach {
        match (self.has_role_in_sight(user), self.proof.gap()) {
            (true, _) => Reach::Pass,
            (false, Some(_)) => Reach::Unknown,
            (false, None) if self.group_teams => Reach::Fail,
            (false, None) => Reach::Pass,
        }
    }

    fn has_role_in_sight(&self, user: usize) -> bool {
        self.roles_in_sight(user / BLOCK) & (1 << (user % BLOCK)) != 0
    }

    fn roles_in_sight(&self, block: usize) -> u64 {
        self.word(&self.pass, block, self.any_role) | self.word(&self.maybe, block, self.any_role)
    }

    /// Why a miss of this requirement is not proved, if it is not.
    #[must_use]
    pub fn gap(&self, position: usize) -> Option<&str> {
        self.gaps[position].as_deref()
    }

    /// What is known of a wanted privilege.
    #[must_use]
    pub fn privilege(&self, name: &str, least: Depth) -> PrivilegeState {
        self.book.privilege(name, least)
    }

    /// Looks a wanted privilege up, for [`Path::depth`] and the like.
    #[must_use]
    pub fn seek<'n>(&self, name: &'n str, least: Depth) -> Sought<'n> {
        self.book.seek(name, least)
    }

    /// The privilege that a requirement asks for, which was looked up when all answers were made; none
    /// if it asks for something else.
    #[must_use]
    pub fn sought(&self, position: usize) -> Option<Sought<'_>> {
        match (&self.requirements[position], &self.resolved[position]) {
            (Requirement::Privilege(name, least), Resolved::Privilege(found)) => Some(Sought {
                name,
                least: *least,
                found: Cow::Borrowed(found),
            }),
            _ => None,
        }
    }

    /// Whether the environment has a role of that name.
    #[must_use]
    pub fn role_exists(&self, name: &str) -> Reach {
        match (self.book.role_named(name), self.proof.gap()) {
            (Reach::Fail, Some(_)) => Reach::Unknown,
            (reach, _) => reach,
        }
    }

    /// Why the absence of a role is not proved, if it is not.
    #[must_use]
    pub fn role_gap(&self) -> Option<&str> {
        self.proof.gap()
    }

    /// Every path by which roles reach the user, in a fixed order: direct ones first, then teams.
    pub fn paths(&self, user: usize) -> impl Iterator<Item = Path<'_>> + Clone {
        paths::of_user(self, user)
    }

    fn user(&self, user: usize) -> Guid {
        let ids = self
            .environment
            .table("systemuser")
            .and_then(|table| table.ids("systemuserid"));
        ids.map_or(Guid::NULL, |ids| ids[user])
    }
}

/// Turns 64 words of 64 bits by a quarter: bit `b` of word `w` becomes bit `w` of word `b`. Halves
/// change places, then quarters within the halves, and so on.
pub(crate) fn turn(words: &mut [u64; BLOCK]) {
    let mut low = 0x0000_0000_FFFF_FFFF_u64;
    let mut width = BLOCK / 2;
    while width > 0 {
        for pair in words.chunks_exact_mut(2 * width) {
            let (first, second) = pair.split_at_mut(width);
            for (first, second) in first.iter_mut().zip(second) {
                let moved = ((*first >> width) ^ *second) & low;
                *second ^= moved;
                *first ^= moved << width;
            }
        }
        width /= 2;
        low ^= low << width;
    }
}

/// What an unseen membership leaves open (`design.md` §5): whether there is a role at all, the
/// privileges that exist, and the app. Whether one named role is held is judged by what was seen.
fn is_lost_with_membership(book: &RoleBook, requirement: &Requirement) -> bool {
    match requirement {
        Requirement::AnyRole | Requirement::AppModuleShared(_) => true,
        Requirement::Privilege(name, least) => book.privilege(name, *least) != PrivilegeState::Absent,
        _ => false,
    }
}

fn gaps(environment: &Environment, book: &RoleBook, requirements: &[Requirement]) -> Vec<Option<String>> {
    let access = Proof::of_access(environment);
    let gap_of = |requirement: &Requirement| match requirement {
        Requirement::AppModuleShared(module) => {
            let sharing = access.clone().and(proof_of_sharing(environment, module));
            sharing.gap().map(str::to_owned)
        }
        Requirement::Privilege(name, least) => match book.privilege(name, *least) {
            PrivilegeState::NotSeen(reason) => Some(format!("`{name}`: {reason}")),
            // Nobody holds what does not exist, whatever was not seen of roles and teams.
            PrivilegeState::Absent => None,
            PrivilegeState::Exists(..) => access.gap().map(str::to_owned),
        },
        _ => access.gap().map(str::to_owned),
    };
    requirements.iter().map(gap_of).collect()
}

/// Whether an app that is not seen to be shared is not: its bindings were read, and it was found or
/// does not exist.
fn proof_of_sharing(environment: &Environment, module: &str) -> Proof {
    let bindings = Proof::of(environment, &["appmoduleroles"], &[]);
    let names = environment
        .table("appmodule")
        .map(|table| table.text("uniquename"));
    match names {
        Some(Some(names)) => {
            let module = module.to_lowercase();
            if names.iter().flatten().any(|name| name.to_lowercase() == module) {
                return bindings;
            }
            Proof::of(environment, &["appmodule"], &["prvReadAppModule"]).and(bindings)
        }
        Some(None) => Proof::Partial("`appmodule.uniquename` was not read".to_owned()).and(bindings),
        None => Proof::of(environment, &["appmodule"], &[]).and(bindings),
    }
}

/// An intersect table that is sorted by user, with every id looked up once: the roles or teams of
/// each user, by their positions in the [`RoleBook`].
#[derive(Debug)]
pub(super) struct Edges {
    /// By user: from where to where in `others`.
    ranges: Vec<(u32, u32)>,
    others: Vec<u32>,
}

impl Edges {
    /// A position that no role or team has.
    const NOWHERE: u32 = u32::MAX;

    fn new(
        environment: &Environment,
        table: &str,
        other: &str,
        users: &[Guid],
        position: impl Fn(Guid) -> Option<u32> + Sync,
    ) -> Edges {
        let table = environment.table(table);
        let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
        let (from, to) = (column("systemuserid"), column(other));
        let mut ranges = vec![(0, 0); users.len()];
        let parts = ranges.par_chunks_mut(PART).zip(users.par_chunks(PART));
        parts.for_each(|(ranges, users)| {
            let mut edge = from.partition_point(|other| *other < users[0]);
            let mut skip = |is_next: &dyn Fn(&Guid) -> bool| {
                while from.get(edge).is_some_and(is_next) {
                    edge += 1;
                }
                edge as u32
            };
            for (range, user) in ranges.iter_mut().zip(users) {
                *range = (skip(&|other| other < user), skip(&|other| other == user));
            }
        });
        Edges {
            ranges,
            others: to
                .par_iter()
                .map(|id| position(*id).unwrap_or(Self::NOWHERE))
                .collect(),
        }
    }

    /// Number of users.
    fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The positions of what belongs to one user, in the order of their ids.
    pub(super) fn of(&self, user: usize) -> impl Iterator<Item = usize> + Clone {
        let (start, end) = self.ranges[user];
        let others = &self.others[start as usize..end as usize];
        others
            .iter()
            .filter(|other| **other != Self::NOWHERE)
            .map(|other| *other as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_turned_to_its_place() {
        for (word, bit) in (0..BLOCK).flat_map(|word| (0..BLOCK).map(move |bit| (word, bit))) {
            let (mut words, mut turned) = ([0; BLOCK], [0; BLOCK]);
            words[word] = 1 << bit;
            turned[bit] = 1 << word;
            turn(&mut words);
            assert_eq!(words, turned, "bit {bit} of word {word}");
        }
    }
}
