//! Texts with places for words: what is said of many users differs in a path, or in the id of a
//! mailbox. Cut out, the rest is the same text for all of them, and stands once.
//!
//! A place is the position of the word between two marks. The marks are control characters, which no
//! text of a page holds, so putting the words back gives exactly what was cut.

use std::fmt::Write as _;

use crate::snapshot::Guid;

/// Stands before and after the position of a word.
const MARK: char = '\u{1}';
/// Letters of an id.
const ID: usize = 36;

/// A text from which words are being cut.
pub(super) struct Cut<'t>(Vec<Piece<'t>>);

enum Piece<'t> {
    Text(&'t str),
    Word(usize),
}

impl<'t> Cut<'t> {
    pub(super) fn new(text: &'t str) -> Cut<'t> {
        Cut(vec![Piece::Text(text)])
    }

    /// Cuts the word wherever it stands; `position` is asked for only if it does.
    pub(super) fn all(&mut self, word: &str, mut position: impl FnMut() -> usize) {
        if word.is_empty() {
            return;
        }
        self.each(|text| {
            let at = text.find(word)?;
            Some((at, word.len(), position()))
        });
    }

    /// Cuts every id.
    pub(super) fn ids(&mut self, mut position: impl FnMut(&'t str) -> usize) {
        self.each(|text| {
            let dashes = text.match_indices('-').map(|(dash, _)| dash);
            let mut starts = dashes.filter_map(|dash| dash.checked_sub(8));
            let at = starts.find(|at| text.get(*at..at + ID).is_some_and(|id| Guid::parse(id).is_some()))?;
            Some((at, ID, position(&text[at..at + ID])))
        });
    }

    /// Cuts what `find` finds in any text that is left: where, how long, the word's position.
    fn each(&mut self, mut find: impl FnMut(&'t str) -> Option<(usize, usize, usize)>) {
        let mut pieces = Vec::with_capacity(self.0.len());
        for piece in self.0.drain(..) {
            let Piece::Text(mut rest) = piece else {
                pieces.push(piece);
                continue;
            };
            while let Some((at, length, word)) = find(rest) {
                pieces.push(Piece::Text(&rest[..at]));
                pieces.push(Piece::Word(word));
                rest = &rest[at + length..];
            }
            pieces.push(Piece::Text(rest));
        }
        self.0 = pieces;
    }

    /// The text with places for what was cut.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Word(position) => text.push_str(&place(*position)),
            }
        }
        text
    }
}

/// The place of a word.
pub(super) fn place(position: usize) -> String {
    let mut place = String::new();
    let _ = write!(place, "{MARK}{position}{MARK}");
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ids_are_cut_wherever_they_stand() {
        let id = "5666034e-1439-46bc-839a-501892b0d31a";
        let text = format!("ab-cd (ef), not {id}0, {id}: ef-{id}");
        let mut cut = Cut::new(&text);
        cut.all("ef", || 0);
        cut.all("nowhere", || unreachable!("it is not there"));
        cut.all("", || unreachable!("nothing can be cut"));
        // A place is not text: neither its digits nor its marks are found.
        cut.all("0", || 9);
        assert_eq!(
            cut.text(),
            text.replace("ef", "\u{1}0\u{1}")
                .replace('0', "\u{1}9\u{1}")
                .replace("\u{1}\u{1}9\u{1}\u{1}", "\u{1}0\u{1}")
        );
        let mut cut = Cut::new(&text);
        let mut ids = Vec::new();
        cut.ids(|id| {
            ids.push(id);
            1
        });
        assert_eq!(
            cut.text(),
            "ab-cd (ef), not \u{1}1\u{1}0, \u{1}1\u{1}: ef-\u{1}1\u{1}"
        );
        assert_eq!(ids, [id; 3]);
    }
}
