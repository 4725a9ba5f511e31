//! Which rules are told of each user: the planes of the rules, turned by a quarter.
//!
//! A list of findings goes user by user and most users have few, while planes go rule by rule. Asking
//! every plane about every user took a tenth of the time of a findings CSV. Made for everyone while
//! judging, not when first asked for: a task that waits for another to make it can be the same thread.

use rayon::prelude::*;

use crate::access::turn;
use crate::rules::{RuleIndex, RuleSet, Scope};

use super::bits::positions;
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
        let own = rules.rules.iter().zip(outcomes).enumerate();
        let own = own.filter(|(_, (rule, _))| rule.scope == Scope::User);
        let told: Vec<(RuleIndex, &[u64])> = own
            .flat_map(|(index, (_, planes))| {
                let told = [&planes.fail, &planes.unknown, &planes.waived];
                told.map(|plane| (index, plane.words()))
            })
            .filter(|(_, plane)| plane.iter().any(|users| *users != 0))
            .collect();
        // Users whose bits are in one word of a plane.
        let together = bits.par_chunks_mut(64 * words.max(1)).enumerate();
        together.with_min_len(64).for_each(|(word, bits)| {
            for together in told.chunk_by(|(one, _), (next, _)| one / 64 == next / 64) {
                let mut turned = [0; 64];
                for (index, plane) in together {
                    turned[index % 64] |= plane[word];
                }
                turn(&mut turned);
                let part = together[0].0 / 64;
                let users = bits.chunks_exact_mut(words).zip(turned);
                users.for_each(|(bits, turned)| bits[part] = turned);
            }
        });
        Turned { words, bits }
    }

    /// The rules that are told of a user, in order.
    pub(super) fn of(&self, user: usize) -> impl Iterator<Item = RuleIndex> {
        let words = &self.bits[user * self.words..(user + 1) * self.words];
        positions(words)
    }
}
