//! Texts as words that can be compared: without letter case, punctuation, or the names of privileges.

use std::collections::HashMap;

/// Words longer than this are ids, addresses or noise; they are compared as they are.
const LONGEST: usize = 40;
/// Slips of the keyboard are looked for in messages of up to so many different words.
const MOST_GUESSED: usize = 2_000;
/// So many words of a message are read; what a person saw on a screen is shorter.
const MOST_READ: usize = 20_000;
/// What stands for the name of any privilege …
const PRIVILEGE: &str = "prv";
/// … which has so many letters, more or less.
const PRIVILEGE_LETTERS: usize = 14;

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its number in the vocabulary; none for a word of no known text.
    pub(super) id: Option<u32>,
    /// How many letters it has, as far as they were found again.
    pub(super) letters: usize,
    /// How many it should have.
    whole: usize,
}

impl Word {
    /// Whether it is the word of the vocabulary to the letter.
    pub(super) fn is_whole(&self) -> bool {
        self.letters == self.whole
    }

    /// Makes it a word of no known text.
    pub(super) fn forget(&mut self) {
        self.id = None;
    }
}

/// A message, read.
pub(super) struct Read {
    pub(super) words: Vec<Word>,
    /// Numbers of the words that the last one may be the beginning of: a message that was cut off
    /// ends within a word.
    pub(super) last: Vec<u32>,
    /// Names of privileges in lower case, each once.
    pub(super) privileges: Vec<String>,
}

/// The words of all known texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<String, u32>,
    /// By number.
    words: Vec<String>,
}

impl Vocabulary {
    /// The words of a known text, added to the vocabulary.
    pub(super) fn learn(&mut self, text: &str) -> Vec<Word> {
        let mut learnt = Vec::new();
        for word in split(text) {
            let word = if is_privilege(&word) {
                PRIVILEGE.to_owned()
            } else {
                word
            };
            let letters = letters(&word);
            let next = self.words.len() as u32;
            let id = *self.ids.entry(word.clone()).or_insert(next);
            if id == next {
                self.words.push(word);
            }
            learnt.push(Word {
                id: Some(id),
                letters,
                whole: letters,
            });
        }
        learnt
    }

    /// A message in words of the vocabulary, slips of the keyboard forgiven.
    pub(super) fn read(&self, message: &str) -> Read {
        let mut words: Vec<String> = split(message).take(MOST_READ).collect();
        let mut privileges: Vec<String> = Vec::new();
        for word in &mut words {
            if is_privilege(word) {
                if !privileges.contains(word) {
                    privileges.push(word.clone());
                }
                *word = PRIVILEGE.to_owned();
            }
        }
        let mut known: HashMap<&str, Option<(u32, usize)>> = HashMap::new();
        let read = words.iter().map(|word| {
            let guess = known.len() < MOST_GUESSED;
            let found = *known.entry(word).or_insert_with(|| {
                self.exactly(word)
                    .or_else(|| if guess { self.with_a_slip(word) } else { None })
            });
            let length = letters(word);
            match found {
                Some((id, found)) => Word {
                    id: Some(id),
                    letters: found,
                    whole: letters(&self.words[id as usize]),
                },
                None => Word {
                    id: None,
                    letters: length,
                    whole: length,
                },
            }
        });
        Read {
            words: read.collect(),
            last: words.last().map_or(Vec::new(), |word| self.beginning_with(word)),
            privileges,
        }
    }

    fn exactly(&self, word: &str) -> Option<(u32, usize)> {
        self.ids.get(word).map(|id| (*id, letters(word)))
    }

    /// The word that was meant: one slip in five letters or more, two in nine or more.
    fn with_a_slip(&self, word: &str) -> Option<(u32, usize)> {
        let length = word.chars().count();
        let slips = match length {
            0..=4 | LONGEST.. => return None,
            5..=8 => 1,
            _ => 2,
        };
        let near = self.words.iter().enumerate().filter_map(|(id, known)| {
            let slips = slips.min(match known.chars().count() {
                0..=3 => 0,
                4..=7 => 1,
                _ => 2,
            });
            let distance = crate::rules::nearest::distance_within(word, known, slips)?;
            Some((distance, id))
        });
        let (distance, id) = near.min()?;
        Some((id as u32, length.saturating_sub(distance)))
    }

    fn beginning_with(&self, word: &str) -> Vec<u32> {
        let known = (0..).zip(&self.words);
        known
            .filter(|(_, known)| known.starts_with(word))
            .map(|(id, _)| id)
            .collect()
    }
}

/// What a word weighs.
fn letters(word: &str) -> usize {
    match word {
        PRIVILEGE => PRIVILEGE_LETTERS,
        _ => word.chars().count(),
    }
}

/// The names of privileges in a text, in lower case, each once.
pub(crate) fn privileges(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for word in split(text).filter(|word| is_privilege(word)) {
        if !names.contains(&word) {
            names.push(word);
        }
    }
    names
}

/// No word of any language begins like this.
fn is_privilege(word: &str) -> bool {
    word.strip_prefix(PRIVILEGE)
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Words in lower case: letters, digits and what a privilege's name may hold. An apostrophe within a
/// word, of whatever form, or its absence makes no difference; nor does what cannot be seen.
fn split(text: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric() || *c == '_'));
        } else if !is_ignored(c) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.into_iter()
}

fn is_ignored(c: char) -> bool {
    let apostrophe = matches!(
        c,
        '\'' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{b4}' | '`' | '\u{2032}' | '\u{ff07}'
    );
    // Soft hyphens, joiners, marks of writing direction.
    apostrophe
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
