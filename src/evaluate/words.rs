//! Putting words together, into room that is used again: an audit with all findings tells millions of
//! them, and room of its own for each takes longer than the writing.

use std::fmt::{self, Write as _};
use std::ops::Range;

use smallvec::SmallVec;

/// Room for the words of one finding after another; see [`EnvironmentAssessment::tell`].
///
/// [`EnvironmentAssessment::tell`]: super::EnvironmentAssessment::tell
#[derive(Debug, Default)]
pub struct Words {
    pub(super) observed: String,
    pub(super) cause: String,
}

/// Writes to the end of a text.
pub(super) fn put(to: &mut String, words: fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = to.write_fmt(words);
}

/// Writes texts to the end of another: quicker than [`put`] where there is nothing to format.
pub(super) fn push(to: &mut String, texts: &[&str]) {
    texts.iter().for_each(|text| to.push_str(text));
}

/// The words that `write` writes.
pub(super) fn written(write: impl FnOnce(&mut String)) -> String {
    let mut words = String::new();
    write(&mut words);
    words
}

/// A list at the end of a text: each part once, with a semicolon between them.
pub(super) struct List<'t> {
    to: &'t mut String,
    parts: SmallVec<[Range<usize>; 4]>,
}

impl<'t> List<'t> {
    pub(super) fn new(to: &'t mut String) -> List<'t> {
        List {
            to,
            parts: SmallVec::new(),
        }
    }

    /// Adds what `write` writes, unless that is nothing or in the list already.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        let before = self.to.len();
        if !self.parts.is_empty() {
            self.to.push_str("; ");
        }
        let start = self.to.len();
        write(self.to);
        let part = &self.to[start..];
        if part.is_empty() || self.parts.iter().any(|known| self.to[known.clone()] == *part) {
            self.to.truncate(before);
        } else {
            self.parts.push(start..self.to.len());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_each_part_once() {
        let mut text = "Seen: ".to_owned();
        let mut list = List::new(&mut text);
        for part in ["", "one", "two", "one", "", "three"] {
            list.add(|to| to.push_str(part));
        }
        assert!(!list.is_empty());
        assert_eq!(text, "Seen: one; two; three");
    }

    #[test]
    fn a_list_without_parts_leaves_the_text_as_it_is() {
        let mut text = "Seen: ".to_owned();
        let mut list = List::new(&mut text);
        list.add(|_| {});
        assert!(list.is_empty());
        assert_eq!(text, "Seen: ");
    }
}
