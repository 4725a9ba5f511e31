//! Who is listed one by one, and who is only counted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::cases::Cases;
use super::super::layout::ORDER;

/// Users that are listed one by one. With more the page gets slow to open, and a search in it slow
/// to answer.
const MOST: usize = 120_000;

/// Who is listed, and how the others are counted.
pub(in crate::report::html) struct Listed {
    /// Positions in [`Cases::who`], in order.
    pub(in crate::report::html) users: Vec<usize>,
    /// None if everyone is listed.
    pub(in crate::report::html) folded: Option<Folded>,
}

/// Users that are not listed one by one.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::report::html) struct Folded {
    /// How many.
    pub(in crate::report::html) users: usize,
    /// Of how many that are reported.
    pub(in crate::report::html) of: usize,
    /// How many of each verdict, in the order of [`ORDER`].
    pub(in crate::report::html) verdicts: [usize; ORDER.len()],
    /// Case, verdict, environment, users.
    cases: Vec<(usize, u8, usize, usize)>,
}

impl Listed {
    pub(in crate::report::html) fn of(cases: &Cases) -> Listed {
        Listed::at_most(MOST, cases)
    }

    /// Lists those who need something first: by verdict, then in order.
    fn at_most(most: usize, cases: &Cases) -> Listed {
        let everyone = cases.who.len();
        if everyone <= most {
            return Listed {
                users: (0..everyone).collect(),
                folded: None,
            };
        }
        let mut is_listed = vec![false; everyone];
        let by_need = (0..ORDER.len()).flat_map(|verdict| {
            let verdicts = cases.verdicts.iter().enumerate();
            verdicts.filter_map(move |(user, of)| (usize::from(*of) == verdict).then_some(user))
        });
        by_need.take(most).for_each(|user| is_listed[user] = true);
        let mut verdicts = [0; ORDER.len()];
        let mut counts: BTreeMap<(usize, u8, usize), usize> = BTreeMap::new();
        for user in (0..everyone).filter(|user| !is_listed[*user]) {
            let verdict = cases.verdicts[user];
            verdicts[usize::from(verdict)] += 1;
            *counts
                .entry((cases.of[user], verdict, cases.who[user].0))
                .or_default() += 1;
        }
        let counts = counts.into_iter();
        Listed {
            users: (0..everyone).filter(|user| is_listed[*user]).collect(),
            folded: Some(Folded {
                users: everyone - most,
                of: everyone,
                verdicts,
                cases: counts
                    .map(|((case, verdict, environment), users)| (case, verdict, environment, users))
                    .collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Users of these verdicts, every other in the second of two environments; case as verdict.
    fn cases(verdicts: &[u8]) -> Cases {
        Cases {
            who: (0..verdicts.len()).map(|user| (user % 2, user / 2)).collect(),
            cases: vec![Vec::new(); ORDER.len()],
            of: verdicts.iter().map(|verdict| usize::from(*verdict)).collect(),
            verdicts: verdicts.to_vec(),
        }
    }

    #[test]
    fn everyone_is_listed_who_fits() {
        let listed = Listed::at_most(3, &cases(&[3, 4, 0]));
        assert_eq!(listed.users, [0, 1, 2]);
        assert_eq!(listed.folded, None);
    }

    #[test]
    fn who_needs_something_is_listed_and_the_others_are_counted() {
        let listed = Listed::at_most(3, &cases(&[3, 0, 3, 1, 4, 2, 3, 2]));
        assert_eq!(listed.users, [1, 3, 5], "blocked, unknown, the first limited");
        let folded = listed.folded.expect("not all fit");
        assert_eq!((folded.users, folded.of), (5, 8));
        assert_eq!(folded.verdicts, [0, 0, 1, 3, 1]);
        assert_eq!(folded.cases, [(2, 2, 1, 1), (3, 3, 0, 3), (4, 4, 0, 1)]);
    }

    proptest::proptest! {
        /// Whoever is not listed is counted once, and needs no more than anyone who is.
        #[test]
        fn counts_add_up(verdicts in proptest::collection::vec(0..5_u8, 0..60), most in 0..70_usize) {
            let listed = Listed::at_most(most, &cases(&verdicts));
            let of = |verdict: u8, users: &[usize]| users.iter().filter(|user| verdicts[**user] == verdict).count();
            let gravest_folded = listed.folded.as_ref().and_then(|folded| {
                folded.verdicts.iter().position(|users| *users > 0)
            });
            for verdict in 0..5 {
                let folded = listed.folded.as_ref().map_or(0, |folded| folded.verdicts[usize::from(verdict)]);
                let all: Vec<usize> = (0..verdicts.len()).collect();
                proptest::prop_assert_eq!(of(verdict, &listed.users) + folded, of(verdict, &all));
                let in_cases = listed.folded.as_ref().map_or(0, |folded| {
                    let cases = folded.cases.iter().filter(|(_, one, _, _)| *one == verdict);
                    cases.map(|(_, _, _, users)| users).sum()
                });
                proptest::prop_assert_eq!(in_cases, folded);
                if gravest_folded.is_some_and(|gravest| usize::from(verdict) > gravest) {
                    proptest::prop_assert_eq!(of(verdict, &listed.users), 0);
                }
            }
            proptest::prop_assert!(listed.users.is_sorted());
        }
    }
}
