//! Finding people by what they are called: sign-in name, e-mail address or id.

use rustc_hash::FxHashMap;

use crate::snapshot::{Guid, Table};

use super::field::same_text;
use super::people::{People, Texts};

/// Words that people may be called by, found by one look at each person, however many words.
pub(super) struct Called<'w> {
    words: Vec<&'w str>,
    /// Positions in `words`, by the word in lower case.
    by_text: FxHashMap<String, Vec<usize>>,
    by_id: FxHashMap<Guid, Vec<usize>>,
}

impl<'w> Called<'w> {
    pub(super) fn new(words: impl IntoIterator<Item = &'w str>) -> Called<'w> {
        let words: Vec<&str> = words.into_iter().map(str::trim).collect();
        let (mut by_text, mut by_id) = (FxHashMap::<_, Vec<usize>>::default(), FxHashMap::default());
        for (position, word) in words.iter().enumerate() {
            by_text.entry(word.to_lowercase()).or_default().push(position);
            if let Some(id) = Guid::parse(word) {
                by_id.entry(id).or_insert_with(Vec::new).push(position);
            }
        }
        Called {
            words,
            by_text,
            by_id,
        }
    }

    /// Every person and the position of a word they are called by, in the order of the people. Who
    /// has the same sign-in name and e-mail address comes twice.
    pub(super) fn find(&self, people: &People<'_>) -> impl Iterator<Item = (usize, usize)> {
        self.find_in(people.environment.table("systemuser"), people.ids)
    }

    fn find_in(&self, users: Option<&Table>, ids: &[Guid]) -> impl Iterator<Item = (usize, usize)> {
        let [names, emails] =
            ["domainname", "internalemailaddress"].map(|column| Texts::of_table(users, column));
        (0..ids.len()).flat_map(move |user| {
            let by_text = [names.of(user), emails.of(user)]
                .into_iter()
                .flat_map(move |text| {
                    let words = self.by_text.get(&text.to_lowercase()).into_iter().flatten();
                    words.filter(move |word| same_text(text, self.words[**word]))
                });
            let by_id = self.by_id.get(&ids[user]).into_iter().flatten();
            by_text.chain(by_id).map(move |word| (user, *word))
        })
    }
}

/// The rows of the users whom each word names, ascending: by sign-in name, e-mail address or id; where
/// nobody has it for one of these, by full name.
pub(crate) fn users_called(users: Option<&Table>, words: &[&str]) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); words.len()];
    let ids = users
        .and_then(|table| table.ids("systemuserid"))
        .unwrap_or_default();
    // Ids are looked up. For other words everybody is looked at, once for all of them.
    let mut rest: Vec<usize> = Vec::new();
    for (position, word) in words.iter().enumerate() {
        match Guid::parse(word.trim()).and_then(|id| ids.binary_search(&id).ok()) {
            Some(row) => found[position].push(row),
            None => rest.push(position),
        }
    }
    if rest.is_empty() {
        return found;
    }
    let called = Called::new(rest.iter().map(|position| words[*position]));
    for (user, word) in called.find_in(users, ids) {
        let rows = &mut found[rest[word]];
        if rows.last() != Some(&user) {
            rows.push(user);
        }
    }
    let mut by_name: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for position in rest.into_iter().filter(|position| found[*position].is_empty()) {
        let name = words[position].trim().to_lowercase();
        by_name.entry(name).or_default().push(position);
    }
    if !by_name.is_empty() {
        let names = Texts::of_table(users, "fullname");
        for user in 0..ids.len() {
            let positions = by_name.get(&names.of(user).trim().to_lowercase());
            positions
                .into_iter()
                .flatten()
                .for_each(|position| found[*position].push(user));
        }
    }
    found
}
