//! The server's own answers about access: whom to ask about, and whether they agree with what
//! roles and teams let one expect.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::access::{Access, Requirement};
use crate::rules::RuleSet;
use crate::snapshot::{Environment, Guid, Table};

use super::compile::requirements;
use super::needs::ALWAYS;
use super::people::{Population, Texts};

/// A comparison to be made: of the access that some rules ask about.
#[derive(Clone, Debug)]
pub struct Verification {
    requirements: Vec<Requirement>,
    /// How many users at most; all in scope if there is no limit.
    most: Option<usize>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Users that the server answered about.
    pub users: usize,
    /// Those of them for whom it answers as roles and teams let one expect.
    pub agree: usize,
    /// The others, in the order of their ids; of many perhaps only the first.
    pub differing: Vec<Differing>,
}

/// A user about whom the server answers otherwise than roles and teams let one expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// `systemuserid`.
    pub id: Guid,
    /// Full name; empty when null.
    pub name: String,
    /// Privileges that the server says the user holds and the tables do not: name and least depth.
    pub granted: Vec<String>,
    /// Privileges that the tables say the user holds and the server does not.
    pub denied: Vec<String>,
}

impl Verification {
    /// Verifies what the rules ask about, for that many users in scope, or all.
    #[must_use]
    pub fn new(rules: &RuleSet, most: Option<usize>) -> Verification {
        let mut requirements = requirements(rules);
        requirements.retain(|requirement| matches!(requirement, Requirement::Privilege(..)));
        Verification { requirements, most }
    }

    /// Columns by table that it looks at.
    #[must_use]
    pub fn needs(&self) -> BTreeMap<String, BTreeSet<String>> {
        let of_access =
            |table: &str| table == "systemuser" || crate::snapshot::tables::ACCESS_TABLES.contains(&table);
        let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
        ALWAYS
            .iter()
            .filter(|(table, _)| of_access(table))
            .map(|(table, columns)| ((*table).to_owned(), owned(columns)))
            .collect()
    }

    /// The users to ask about, in the order of their ids.
    ///
    /// What the tables say of a user depends only on which roles reach the user in which ways. Of
    /// users who are alike in that, one answer of the server tells as much as many, so that a
    /// sample takes one of every kind before it takes a second of any, the most frequent kinds
    /// first. The same tables give the same sample.
    #[must_use]
    pub fn whom(&self, environment: &Environment) -> Vec<Guid> {
        let ids = environment
            .table("systemuser")
            .and_then(|table| table.ids("systemuserid"))
            .unwrap_or_default();
        let population = Population::new(environment, false);
        let in_scope = (0..ids.len()).filter(|user| population.reason(*user).is_none());
        match self.most {
            None => in_scope.map(|user| ids[user]).collect(),
            Some(most) => {
                let access = Access::new(environment, Vec::new());
                sample(in_scope.map(|user| (ids[user], access.shape(user))), most)
            }
        }
    }

    /// Begins to compare the server's answers with these tables, of which `access` is none. Names that
    /// many users who differ at most.
    #[must_use]
    pub fn comparison<'a>(&self, environment: &'a Environment, named: usize) -> Comparison<'a> {
        Comparison {
            access: Access::new(environment, self.requirements.clone()),
            people: People::of(environment),
            named,
            agreement: Agreement::default(),
            open: None,
        }
    }
}

/// A comparison with answers that come bit by bit, so that they need not all be in memory.
#[derive(Debug)]
pub struct Comparison<'a> {
    access: Access<'a>,
    people: People<'a>,
    named: usize,
    agreement: Agreement,
    /// The user of the last row, about whom the next may say more.
    open: Option<Guid>,
}

impl Comparison<'_> {
    /// Takes the next rows of table `access`, which come in its order.
    pub fn add(&mut self, answers: &Table) {
        self.access.hear(answers);
        let new = answers.ids("systemuserid").unwrap_or_default();
        let mut users: Vec<Guid> = self.open.into_iter().chain(new.iter().copied()).collect();
        users.dedup();
        self.open = users.pop();
        for user in users {
            self.settle(user);
        }
    }

    /// What came of it.
    #[must_use]
    pub fn finish(mut self) -> Agreement {
        if let Some(user) = self.open {
            self.settle(user);
        }
        self.agreement
    }

    /// All has been said about a user.
    fn settle(&mut self, user: Guid) {
        if let Ok(position) = self.people.ids.binary_search(&user) {
            self.agreement.count(&self.access, &self.people, position);
            self.agreement.differing.truncate(self.named);
        }
        self.access.forget(user);
    }
}

/// Who the users are.
#[derive(Debug)]
struct People<'a> {
    ids: &'a [Guid],
    names: Texts<'a>,
}

impl People<'_> {
    fn of(environment: &Environment) -> People<'_> {
        let table = environment.table("systemuser");
        People {
            ids: table
                .and_then(|table| table.ids("systemuserid"))
                .unwrap_or_default(),
            names: Texts::of_table(table, "fullname"),
        }
    }
}

/// The server's answers and those of the tables, for every user that the server was asked about.
pub(super) fn agreement(environment: &Environment, access: &Access<'_>) -> Agreement {
    let people = People::of(environment);
    let mut agreement = Agreement::default();
    for user in (0..people.ids.len()).filter(|user| access.is_verified(*user)) {
        agreement.count(access, &people, user);
    }
    agreement
}

impl Agreement {
    /// Counts a verified user.
    fn count(&mut self, access: &Access<'_>, people: &People<'_>, user: usize) {
        self.users += 1;
        let disagreements = access.disagreements(user);
        if disagreements.is_empty() {
            self.agree += 1;
            return;
        }
        let mut differing = Differing {
            id: people.ids[user],
            name: people.names.of(user).to_owned(),
            granted: Vec::new(),
            denied: Vec::new(),
        };
        for requirement in disagreements {
            let Requirement::Privilege(name, least) = requirement else {
                continue;
            };
            let held = access
                .position(requirement)
                .is_some_and(|position| access.served(user, position) == Some(crate::access::Reach::Pass));
            let list = if held {
                &mut differing.granted
            } else {
                &mut differing.denied
            };
            list.push(format!("{name} at {}", least.name()));
        }
        self.differing.push(differing);
    }

    /// The counts in words: `1,000 of 1,000 users agree`.
    #[must_use]
    pub fn words(&self) -> String {
        let users = if self.users == 1 { "user" } else { "users" };
        let verb = if self.agree == 1 { "agrees" } else { "agree" };
        format!(
            "{} of {} {users} {verb}",
            thousands(self.agree),
            thousands(self.users)
        )
    }
}

/// A number with its thousands apart: 12,345.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<String> = groups
        .map(|group| group.iter().map(|&digit| char::from(digit)).collect())
        .collect();
    groups.join(",")
}

impl Differing {
    /// The user's name; the id of who has none.
    #[must_use]
    pub fn who(&self) -> String {
        if self.name.is_empty() {
            self.id.to_string()
        } else {
            self.name.clone()
        }
    }

    /// What differs, in words: `the server grants A at basic and denies B at global`.
    #[must_use]
    pub fn words(&self) -> String {
        let part =
            |verb: &str, list: &[String]| (!list.is_empty()).then(|| format!("{verb} {}", list.join(", ")));
        let parts: Vec<String> = [part("grants", &self.granted), part("denies", &self.denied)]
            .into_iter()
            .flatten()
            .collect();
        format!("the server {}", parts.join(" and "))
    }
}

/// One of every kind before a second of any, the most frequent kinds first.
fn sample(users: impl Iterator<Item = (Guid, u64)>, most: usize) -> Vec<Guid> {
    let mut kinds: FxHashMap<u64, Vec<Guid>> = FxHashMap::default();
    for (id, kind) in users {
        kinds.entry(kind).or_default().push(id);
    }
    let mut kinds: Vec<Vec<Guid>> = kinds.into_values().collect();
    kinds.sort_by_key(|users| (Reverse(users.len()), users[0]));
    let mut chosen: Vec<Guid> = Vec::new();
    let longest = kinds.first().map_or(0, Vec::len);
    for turn in 0..longest {
        let left = most.saturating_sub(chosen.len());
        if left == 0 {
            break;
        }
        chosen.extend(kinds.iter().filter_map(|users| users.get(turn)).take(left));
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(users: &[(u128, u64)], most: usize) -> Vec<u128> {
        let users = users.iter().map(|(id, kind)| (Guid(*id), *kind));
        sample(users, most).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn counts_are_told_in_words() {
        let words = |users, agree| {
            Agreement {
                users,
                agree,
                differing: Vec::new(),
            }
            .words()
        };
        assert_eq!(words(0, 0), "0 of 0 users agree");
        assert_eq!(words(1, 1), "1 of 1 user agrees");
        assert_eq!(words(1000, 999), "999 of 1,000 users agree");
        assert_eq!(words(1_234_567, 1), "1 of 1,234,567 users agrees");
    }

    #[test]
    fn a_sample_takes_one_of_every_kind_first() {
        // Five of kind 7, two of kind 9, one of kind 8.
        let users = [(1, 7), (2, 7), (3, 9), (4, 7), (5, 8), (6, 9), (7, 7), (8, 7)];
        assert_eq!(sampled(&users, 1), [1]);
        assert_eq!(sampled(&users, 2), [1, 3]);
        assert_eq!(sampled(&users, 3), [1, 3, 5]);
        assert_eq!(sampled(&users, 5), [1, 2, 3, 5, 6]);
        assert_eq!(sampled(&users, 6), [1, 2, 3, 4, 5, 6]);
        assert_eq!(sampled(&users, 100), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(sampled(&users, 0), [0; 0]);
        assert_eq!(sampled(&[], 3), [0; 0]);
    }
}
