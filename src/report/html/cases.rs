//! Users with the same outcomes: what a page can say of many at once.

use std::hash::Hash;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::evaluate::{Outcome, Verdict};
use crate::rules::RuleIndex;

use super::super::summary::Report;
use super::layout::{ORDER, Who};

/// Values looked up by one task.
const CHUNK: usize = 1 << 13;

/// What is not pass or not-applicable for a user, in the order of the packs.
pub(super) type Case = Vec<(RuleIndex, Outcome)>;

/// Everyone who is reported, and the cases they fall into.
pub(super) struct Cases {
    /// Environments as given, then by id.
    pub(super) who: Vec<Who>,
    /// Each case once, that of most users first.
    pub(super) cases: Vec<Case>,
    /// By user: position in `cases`.
    pub(super) of: Vec<usize>,
    /// By user: position in [`ORDER`].
    pub(super) verdicts: Vec<u8>,
}

impl Cases {
    pub(super) fn of(report: &Report<'_>) -> Cases {
        let environments = &report.assessment.environments;
        let places = environments.iter().enumerate();
        let who: Vec<Who> = places
            .flat_map(|(place, environment)| {
                let users = (0..environment.users()).filter(|&user| environment.is_reported(user));
                users.map(move |user| (place, user))
            })
            .collect();
        let cases = numbered(who.len(), |one| {
            let (place, user) = who[one];
            Some(environments[place].outcomes_told(user).collect::<Case>())
        });
        let verdict = |&(place, user): &Who| code(environments[place].verdict(user));
        Cases {
            verdicts: who.par_iter().map(verdict).collect(),
            cases: cases.values,
            of: cases.codes.into_iter().map(|code| code.max(0) as usize).collect(),
            who,
        }
    }
}

/// The position of a verdict in [`ORDER`].
pub(super) fn code(verdict: Verdict) -> u8 {
    ORDER.iter().position(|one| *one == verdict).unwrap_or_default() as u8
}

/// Values, each once, the most frequent first, and by position which value is there; −1 for none.
pub(super) struct Numbered<K> {
    pub(super) values: Vec<K>,
    pub(super) codes: Vec<i32>,
}

/// Numbers the values at the positions below `len`. Among values that are equally frequent, what is
/// met first comes first.
pub(super) fn numbered<K: Eq + Hash + Send>(
    len: usize,
    value: impl Fn(usize) -> Option<K> + Sync,
) -> Numbered<K> {
    // Each task numbers its own part; the parts are then joined in order.
    let parts: Vec<(Vec<K>, Vec<i32>)> = (0..len.div_ceil(CHUNK))
        .into_par_iter()
        .map(|part| {
            let mut known: FxHashMap<K, i32> = FxHashMap::default();
            let positions = part * CHUNK..len.min((part + 1) * CHUNK);
            let codes = positions.map(|position| match value(position) {
                Some(value) => {
                    let next = known.len() as i32;
                    *known.entry(value).or_insert(next)
                }
                None => -1,
            });
            let codes = codes.collect();
            let mut values: Vec<(K, i32)> = known.into_iter().collect();
            values.sort_unstable_by_key(|(_, code)| *code);
            (values.into_iter().map(|(value, _)| value).collect(), codes)
        })
        .collect();
    let mut known: FxHashMap<K, i32> = FxHashMap::default();
    let mut counts: Vec<usize> = Vec::new();
    let mut codes: Vec<i32> = Vec::with_capacity(len);
    for (values, part) in parts {
        let joined: Vec<i32> = values
            .into_iter()
            .map(|value| {
                let next = known.len() as i32;
                *known.entry(value).or_insert(next)
            })
            .collect();
        counts.resize(known.len(), 0);
        for code in part {
            let code = if code < 0 { -1 } else { joined[code as usize] };
            if code >= 0 {
                counts[code as usize] += 1;
            }
            codes.push(code);
        }
    }
    let mut values: Vec<(K, i32)> = known.into_iter().collect();
    values.sort_unstable_by_key(|(_, code)| (std::cmp::Reverse(counts[*code as usize]), *code));
    let mut new_codes = vec![-1; values.len()];
    for (position, (_, code)) in values.iter().enumerate() {
        new_codes[*code as usize] = position as i32;
    }
    for code in codes.iter_mut().filter(|code| **code >= 0) {
        *code = new_codes[*code as usize];
    }
    Numbered {
        values: values.into_iter().map(|(value, _)| value).collect(),
        codes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_comes_first_and_ties_stay_in_order() {
        let words = ["b", "c", "", "a", "c", "b", "d"];
        let numbered = numbered(words.len(), |one| {
            Some(words[one]).filter(|word| !word.is_empty())
        });
        assert_eq!(numbered.values, ["b", "c", "a", "d"]);
        assert_eq!(numbered.codes, [0, 1, -1, 2, 1, 0, 3]);
    }

    #[test]
    fn parts_are_joined() {
        let len = CHUNK * 2 + 5;
        let numbered = numbered(len, |one| Some((one / CHUNK).min(1)));
        assert_eq!(numbered.values, [1, 0]);
        assert!((0..len).all(|one| numbered.codes[one] == i32::from(one < CHUNK)));
    }
}
