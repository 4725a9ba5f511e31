//! Finding people by what they are called: sign-in name, e-mail address or id.

use rustc_hash::FxHashMap;

use crate::snapshot::Guid;

use super::field::same_text;
use super::people::People;

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
        let (names, emails) = (people.texts("domainname"), people.texts("internalemailaddress"));
        (0..people.len()).flat_map(move |user| {
            let by_text = [names.of(user), emails.of(user)]
                .into_iter()
                .flat_map(move |text| {
                    let words = self.by_text.get(&text.to_lowercase()).into_iter().flatten();
                    words.filter(move |word| same_text(text, self.words[**word]))
                });
            let by_id = self.by_id.get(&people.ids[user]).into_iter().flatten();
            by_text.chain(by_id).map(move |word| (user, *word))
        })
    }
}
