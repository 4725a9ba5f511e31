//! Where in a message a known text fits best: a local alignment of words (Smith and Waterman, 1981),
//! in which a word weighs as much as it has letters.

use super::words::Word;

/// Where a known text fits best in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// Letters found, less what lies between them; comparable between texts.
    pub(super) score: i64,
    /// Letters of the known text that were found, in its order.
    pub(super) letters: usize,
    /// The words of the message that it covers.
    pub(super) from: usize,
    pub(super) to: usize,
    /// How many letters those words have.
    pub(super) span_letters: usize,
    /// Whether it begins with the first word of the known text.
    pub(super) begins: bool,
}

/// One end of an alignment.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// Twice the score: a letter that was passed over costs half of what one that was found gains.
    score: i64,
    letters: usize,
    from: usize,
    text_from: usize,
}

/// The best alignment; none where no word is found. `last` are the words that the last word of the
/// message may be the beginning of.
pub(super) fn fit(text: &[Word], message: &[Word], last: &[u32]) -> Option<Fit> {
    if last.is_empty() && !message.iter().any(|word| word.id.is_some()) {
        return None;
    }
    let ends = message.len().saturating_sub(1);
    let mut above = vec![Cell::default(); text.len() + 1];
    let mut row = above.clone();
    let (mut best, mut end) = (Cell::default(), 0);
    for (place, word) in message.iter().enumerate() {
        let nothing = Cell {
            from: place + 1,
            ..Cell::default()
        };
        row[0] = nothing;
        for (position, known) in text.iter().enumerate() {
            let mut cell = nothing;
            let mut consider = |from: Cell, gain: i64, letters: usize| {
                let score = from.score + gain;
                if score > cell.score {
                    cell = Cell {
                        score,
                        letters: from.letters + letters,
                        ..from
                    };
                }
            };
            let cut_off = || place == ends && known.id.is_some_and(|id| last.contains(&id));
            if (word.id.is_some() && word.id == known.id) || cut_off() {
                let before = above[position];
                let before = if before.score > 0 {
                    before
                } else {
                    Cell {
                        from: place,
                        text_from: position,
                        ..Cell::default()
                    }
                };
                consider(before, 2 * word.letters as i64, word.letters);
            }
            consider(above[position + 1], -(word.letters as i64), 0);
            consider(row[position], -(known.letters as i64), 0);
            row[position + 1] = cell;
            if cell.score > best.score {
                (best, end) = (cell, place + 1);
            }
        }
        std::mem::swap(&mut above, &mut row);
    }
    (best.score > 0).then(|| Fit {
        score: best.score,
        letters: best.letters,
        from: best.from,
        to: end,
        span_letters: message[best.from..end].iter().map(|word| word.letters).sum(),
        begins: best.text_from == 0,
    })
}
