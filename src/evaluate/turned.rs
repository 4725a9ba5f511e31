//! Which rules are told of each user: the planes of the rules, turned by a quarter.
//!
//! A list of findings goes user by user and most users have few, while planes go rule by rule. Asking
//! every plane about every user took a tenth of the time of a findings CSV. Made for everyone while
//! judging, not when first asked for: a task that waits for another to make it can be the same thread.

use rayon::prelude::*;

use crate::rules::{RuleIndex, RuleSet, Scope};

use super::outcome::Outcomes;

/// A bit for each rule, user by user.
#[derive(Debug)]
pub(super) struct Turned {
    /// Words per user.
    words: usize,
    bits: Vec<u64>,
}

impl Turned {
    /// The users' own rules that are neither pass nor not applicable.
    pub(super) fn new(rules: &RuleSet, outcomes: &[Outcomes], users: usize) -> Turned {
        let words = rules.rules.len().div_ceil(64);
        let mut bits = vec![0; users * words];
        let own: Vec<(RuleIndex, &Outcomes)> = rules
            .rules
            .iter()
            .zip(outcomes)
            .enumerate()
            .filter(|(_, (rule, _))| rule.scope == Scope::User)
            .map(|(index, (_, planes))| (index, planes))
            .collect();
        // Users whose bits are in one word of a plane.
        let together = bits.par_chunks_mut(64 * words.max(1)).enumerate();
        together.with_min_len(64).for_each(|(word, bits)| {
            for (index, planes) in &own {
                let mut told =
                    planes.fail.words()[word] | planes.unknown.words()[word] | planes.waived.words()[word];
                while told != 0 {
                    bits[told.trailing_zeros() as usize * words + index / 64] |= 1 << (index % 64);
                    told &= told - 1;
                }
            }
        });
        Turned { words, bits }
    }

    /// The rules that are told of a user, in order.
    pub(super) fn of(&self, user: usize) -> impl Iterator<Item = RuleIndex> {
        let words = &self.bits[user * self.words..(user + 1) * self.words];
        super::bits::positions(words)
    }
}
