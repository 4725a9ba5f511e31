//! Which documented message did somebody paste?
//!
//! People paste what they saw: in other letters, with other quotation marks, broken over lines, cut
//! off, typed by hand, and with ids or "Error:" around it. A text is therefore read as words
//! (`words`), and every known text is laid along it where it fits best (`alignment`). What counts
//! is how many letters of a known text are found again, in order. Names of privileges are taken out
//! first: they are told apart one by one, not by likeness.
//!
//! No input or output, and no judgement about a user: that is `super::asked`.

mod alignment;
pub mod documented;
#[cfg(test)]
mod tests;
mod words;

use alignment::{Fit, fit};
use words::{Vocabulary, Word};

pub(crate) use words::privileges;

/// A known text counts as found where so many of its letters, in percent, are there in order.
const FOUND: usize = 55;
/// So many where another text was found before it: of two pasted messages the second is whole.
const FOUND_BESIDE: usize = 85;
/// So few are still worth asking "did you mean".
const NEAR: usize = 30;
/// Texts of fewer letters than this must be there without anything in between …
const SHORT: usize = 30;
/// … and to so many of their letters, in percent, unless the message ends within them.
const FOUND_SHORT: usize = 75;
/// Fewer letters than this tell nothing.
const LEAST: usize = 7;
/// A first sentence alone is a message, too: so many letters, in percent, without anything in between.
const FIRST_SENTENCE: usize = 30;
/// A first sentence of fewer letters could begin anything.
const LEAST_FIRST: usize = 25;
/// Nobody pastes more messages at once.
const MOST_FOUND: usize = 4;

/// The texts that can be recognised.
#[derive(Clone, Debug)]
pub struct KnownTexts {
    vocabulary: Vocabulary,
    texts: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    words: Vec<Word>,
    letters: usize,
    /// As it was first given.
    text: String,
}

/// What was recognised in a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Positions of the known texts that it holds, the best fitting first. Several where it is the
    /// common beginning of several, or where several were pasted.
    pub texts: Vec<usize>,
    /// Where it holds none, the one that may be meant.
    pub nearest: Option<usize>,
    /// The names of privileges in it, in lower case, each once.
    pub privileges: Vec<String>,
}

impl KnownTexts {
    /// Makes texts ready to be recognised. Texts that differ only in letter case, punctuation or the
    /// name of a privilege are one; a text without words is none.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> KnownTexts {
        let mut known = KnownTexts {
            vocabulary: Vocabulary::default(),
            texts: Vec::new(),
        };
        for text in texts {
            let words = known.vocabulary.learn(text);
            if !words.is_empty() && known.find(&words).is_none() {
                known.texts.push(Known {
                    letters: words.iter().map(|word| word.letters).sum(),
                    words,
                    text: text.to_owned(),
                });
            }
        }
        known
    }

    /// A known text, as it was first given.
    #[must_use]
    pub fn text(&self, position: usize) -> &str {
        &self.texts[position].text
    }

    /// The position of a text that is known, whatever its letter case, punctuation and privilege.
    #[must_use]
    pub fn position(&self, text: &str) -> Option<usize> {
        self.find(&self.vocabulary.read(text).words)
    }

    fn find(&self, words: &[Word]) -> Option<usize> {
        let same = |known: &Known| {
            let ids = |words: &[Word]| words.iter().map(|word| word.id).collect::<Vec<_>>();
            ids(&known.words) == ids(words) && words.iter().all(|word| word.is_whole())
        };
        self.texts.iter().position(same)
    }

    /// What a message holds.
    #[must_use]
    pub fn recognise(&self, message: &str) -> Recognised {
        let read = self.vocabulary.read(message);
        let mut recognised = Recognised {
            privileges: read.privileges,
            ..Recognised::default()
        };
        let (mut words, mut last) = (read.words, read.last);
        while recognised.texts.len() < MOST_FOUND {
            let fits: Vec<(usize, Fit)> = (0..self.texts.len())
                .filter(|position| !recognised.texts.contains(position))
                .filter_map(|position| Some((position, fit(&self.texts[position].words, &words, &last)?)))
                .collect();
            // A message that is cut off ends within a word, which then may be any.
            let ends = words.len().saturating_sub(1);
            let enough = if recognised.texts.is_empty() {
                FOUND
            } else {
                FOUND_BESIDE
            };
            let found = fits
                .iter()
                .filter(|(position, fit)| self.is_found(*position, fit, enough, fit.to >= ends));
            let Some(best) = found.clone().map(|(_, fit)| fit.score).max() else {
                if recognised.texts.is_empty() {
                    recognised.nearest = self.nearest(&fits);
                }
                break;
            };
            let mut best: Vec<&(usize, Fit)> = found.filter(|(_, fit)| fit.score == best).collect();
            // A text that is there to the last word is meant, not a longer one that begins like it.
            if let Some(whole) = best
                .iter()
                .find(|(position, fit)| fit.letters == self.texts[*position].letters)
            {
                best = vec![*whole];
            }
            recognised
                .texts
                .extend(best.iter().map(|(position, _)| *position));
            for (_, fit) in best {
                words[fit.from..fit.to].iter_mut().for_each(Word::forget);
                if fit.to == words.len() {
                    last.clear();
                }
            }
        }
        recognised
    }

    /// Whether so many percent of a text are there; `ends` tells whether the message ends within it.
    fn is_found(&self, position: usize, fit: &Fit, enough: usize, ends: bool) -> bool {
        let all = self.texts[position].letters;
        let is_share = |percent: usize| fit.letters * 100 >= all * percent;
        if all < SHORT {
            let cut_off = ends && fit.begins && is_share(enough);
            let is_close = fit.span_letters == fit.letters && fit.letters >= LEAST.min(all);
            return is_close && (cut_off || is_share(FOUND_SHORT));
        }
        // Letters that are found, scattered over a long text, are no message.
        let is_dense = |percent: usize| fit.letters * 100 >= fit.span_letters * percent;
        let first_sentence = enough == FOUND
            && fit.begins
            && fit.letters >= LEAST_FIRST
            && is_share(FIRST_SENTENCE)
            && is_dense(90);
        first_sentence || (is_share(enough) && is_dense(60))
    }

    fn nearest(&self, fits: &[(usize, Fit)]) -> Option<usize> {
        let share = |(position, fit): &(usize, Fit)| fit.letters * 100 / self.texts[*position].letters;
        let near = fits.iter().filter(|one| {
            share(one) >= NEAR && one.1.letters >= SHORT / 2 && one.1.letters * 2 >= one.1.span_letters
        });
        // The first of equals, so that the answer does not depend on the order of comparison.
        near.rev()
            .max_by_key(|one| share(one))
            .map(|(position, _)| *position)
    }
}
