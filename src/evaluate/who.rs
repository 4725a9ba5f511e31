//! Finding the one person who is meant, among all the users of an environment.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::snapshot::{Environment, Guid};

use super::field::same_text;
use super::people::Texts;

/// A word that a person may be called by.
#[derive(Clone, Copy, Debug)]
pub struct Who<'w> {
    word: &'w str,
    id: Option<Guid>,
}

impl<'w> Who<'w> {
    /// The word as it was given.
    #[must_use]
    pub fn new(word: &'w str) -> Who<'w> {
        let word = word.trim();
        Who {
            word,
            id: Guid::parse(word),
        }
    }

    /// Columns that [`Who::called`] and [`Who::named`] read.
    #[must_use]
    pub fn needs() -> BTreeMap<String, BTreeSet<String>> {
        let columns = ["systemuserid", "domainname", "internalemailaddress", "fullname"];
        BTreeMap::from([("systemuser".to_owned(), columns.map(str::to_owned).into())])
    }

    /// Rows of the users with that id, sign-in name or e-mail address.
    #[must_use]
    pub fn called(&self, environment: &Environment) -> Vec<usize> {
        let users = environment.table("systemuser");
        let ids = users
            .and_then(|users| users.ids("systemuserid"))
            .unwrap_or_default();
        let names = ["domainname", "internalemailaddress"].map(|column| Texts::of_table(users, column));
        let is_meant = |row: &usize| {
            Some(ids[*row]) == self.id || names.iter().any(|name| same_text(name.of(*row), self.word))
        };
        (0..ids.len()).into_par_iter().filter(is_meant).collect()
    }

    /// Rows of the users with that full name.
    #[must_use]
    pub fn named(&self, environment: &Environment) -> Vec<usize> {
        let users = environment.table("systemuser");
        let names = Texts::of_table(users, "fullname");
        (0..users.map_or(0, |users| users.rows))
            .into_par_iter()
            .filter(|row| same_text(names.of(*row).trim(), self.word))
            .collect()
    }
}
