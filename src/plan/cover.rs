//! The fewest actions that do everything that is to be done: set cover.
//!
//! Owns the problem in the abstract ([`Instance`]) and its two solvers. Knows nothing of users, rules
//! or actions: there are *elements*, each to be covered, and *sets* that cover some of them.
//!
//! Elements that the same sets cover are one element here, so that ten thousand users who need the
//! same action are as quick as one.
//!
//! # The bound of [`greedy`]
//!
//! Greedy takes, again and again, a set that covers the most elements not yet covered. It takes at
//! most H(d) times as many sets as the fewest possible, where d is the size of the largest set and
//! H(d) = 1 + 1/2 + … + 1/d.
//!
//! *Proof.* When greedy takes a set that covers k new elements, charge each of them 1/k; the charges
//! add up to the number of sets taken. Now look at any set S of a smallest cover, and at its elements
//! in the order in which greedy covers them, the last first. When the j-th from the last of them is
//! about to be covered, S still holds at least j uncovered elements, so greedy, which takes the most,
//! covers at least j and charges each at most 1/j. The elements of S are thus charged at most
//! 1 + 1/2 + … + 1/|S| ≤ H(d) together. Every element is in some set of the smallest cover, so all
//! charges add to at most H(d) times its size. ∎
//!
//! Taking away, at the end, sets that the others make superfluous only helps. The argument counts
//! elements, not users: weighing an element by its users would weaken the bound to the H of their
//! number. Users decide the order of the actions instead.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

/// What a set costs where the number of sets is equal; compared in order.
pub type Cost = (u64, u64);

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The elements that it covers, ascending.
    pub covers: Vec<usize>,
    /// What it costs.
    pub cost: Cost,
}

/// Elements to be covered and the sets that cover them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// How many elements there are, every one of them covered by some choice.
    pub elements: usize,
    /// The sets. Their order decides between equals.
    pub choices: Vec<Choice>,
}

/// How many places of the search tree the exact search looks at before it gives up.
pub const MOST_NODES: usize = 200_000;

impl Instance {
    /// Of needs, each given by the positions of the choices that meet it. Needs that nobody meets
    /// are no part of the problem; equal needs are one element.
    pub fn new<'n>(needs: impl Iterator<Item = &'n [usize]>, costs: &[Cost]) -> Instance {
        let mut choices: Vec<Choice> = costs
            .iter()
            .map(|&cost| Choice {
                covers: Vec::new(),
                cost,
            })
            .collect();
        let mut known: FxHashMap<&[usize], usize> = FxHashMap::default();
        for need in needs.filter(|need| !need.is_empty()) {
            let next = known.len();
            known.entry(need).or_insert_with(|| {
                need.iter().for_each(|choice| choices[*choice].covers.push(next));
                next
            });
        }
        Instance {
            elements: known.len(),
            choices,
        }
    }

    /// Greedy takes at most so many times the fewest sets.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let largest = self.choices.iter().map(|choice| choice.covers.len()).max();
        (1..=largest.unwrap_or(0))
            .map(|size| 1.0 / size as f64)
            .sum::<f64>()
            .max(1.0)
    }

    /// The cost of some choices: how many, then what they cost.
    #[must_use]
    pub fn cost(&self, chosen: &[usize]) -> (usize, Cost) {
        let costs = chosen.iter().map(|choice| self.choices[*choice].cost);
        let total = costs.fold((0_u64, 0_u64), |total, cost| {
            (total.0.saturating_add(cost.0), total.1.saturating_add(cost.1))
        });
        (chosen.len(), total)
    }

    /// By element: the choices that cover it.
    fn covered_by(&self) -> Vec<Vec<usize>> {
        let mut by = vec![Vec::new(); self.elements];
        for (position, choice) in self.choices.iter().enumerate() {
            choice
                .covers
                .iter()
                .for_each(|element| by[*element].push(position));
        }
        by
    }
}

/// A cover, quickly; see the module's bound. Ascending.
#[must_use]
pub fn greedy(instance: &Instance) -> Vec<usize> {
    let mut times = vec![0_usize; instance.elements];
    let mut left = instance.elements;
    let mut chosen = Vec::new();
    while left > 0 {
        let gain = |choice: &Choice| choice.covers.iter().filter(|one| times[**one] == 0).count();
        let Some((position, gain)) = instance
            .choices
            .iter()
            .enumerate()
            .map(|(position, choice)| (position, gain(choice)))
            .max_by_key(|(position, gain)| (*gain, Reverse((instance.choices[*position].cost, *position))))
            .filter(|(_, gain)| *gain > 0)
        else {
            break;
        };
        instance.choices[position]
            .covers
            .iter()
            .for_each(|one| times[*one] += 1);
        left -= gain;
        chosen.push(position);
    }
    // The dearest first: what the others do as well is not needed.
    chosen.sort_by_key(|position| Reverse((instance.choices[*position].cost, *position)));
    chosen.retain(|position| {
        let covers = &instance.choices[*position].covers;
        let superfluous = covers.iter().all(|one| times[*one] > 1);
        if superfluous {
            covers.iter().for_each(|one| times[*one] -= 1);
        }
        !superfluous
    });
    chosen.sort_unstable();
    chosen
}

/// The fewest sets and among these the cheapest, ascending; none if that takes more than so many
/// steps.
#[must_use]
pub fn fewest(instance: &Instance, most_nodes: usize) -> Option<Vec<usize>> {
    let first = greedy(instance);
    let mut search = Search {
        instance,
        by: instance.covered_by(),
        times: vec![0; instance.elements],
        chosen: Vec::new(),
        best_cost: instance.cost(&first),
        best: first,
        nodes: most_nodes,
    };
    search.go()?;
    search.best.sort_unstable();
    Some(search.best)
}

/// Branch and bound: on the element with the fewest ways to cover it.
struct Search<'i> {
    instance: &'i Instance,
    by: Vec<Vec<usize>>,
    /// By element: how many chosen sets cover it.
    times: Vec<usize>,
    chosen: Vec<usize>,
    best: Vec<usize>,
    best_cost: (usize, Cost),
    nodes: usize,
}

impl Search<'_> {
    /// None if the steps are used up.
    fn go(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        let open = |element: &usize| self.times[*element] == 0;
        let next = (0..self.instance.elements)
            .filter(open)
            .min_by_key(|element| (self.by[*element].len(), *element));
        let cost = self.instance.cost(&self.chosen);
        let Some(element) = next else {
            if cost < self.best_cost {
                (self.best, self.best_cost) = (self.chosen.clone(), cost);
            }
            return Some(());
        };
        if (cost.0 + self.least_more(), cost.1) >= self.best_cost {
            return Some(());
        }
        for choice in self.by[element].clone() {
            self.take(choice);
            self.go()?;
            self.give_back();
        }
        Some(())
    }

    /// At least so many more sets: uncovered elements of which no set covers two.
    fn least_more(&self) -> usize {
        let mut used = vec![false; self.instance.choices.len()];
        let mut least = 0;
        let mut open: Vec<usize> = (0..self.times.len())
            .filter(|one| self.times[*one] == 0)
            .collect();
        open.sort_by_key(|element| self.by[*element].len());
        for element in open {
            if self.by[element].iter().all(|choice| !used[*choice]) {
                self.by[element].iter().for_each(|choice| used[*choice] = true);
                least += 1;
            }
        }
        least
    }

    fn take(&mut self, choice: usize) {
        let covers = &self.instance.choices[choice].covers;
        covers.iter().for_each(|element| self.times[*element] += 1);
        self.chosen.push(choice);
    }

    fn give_back(&mut self) {
        if let Some(choice) = self.chosen.pop() {
            let covers = &self.instance.choices[choice].covers;
            covers.iter().for_each(|element| self.times[*element] -= 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Needs over up to ten choices, each met by one at least.
    fn instance() -> impl Strategy<Value = Instance> {
        (2_usize..10).prop_flat_map(|choices| {
            let need = prop::collection::btree_set(0..choices, 1..=choices.min(4));
            let needs = prop::collection::vec(need, 0..12);
            let costs = prop::collection::vec((0_u64..2, 0_u64..50), choices);
            (needs, costs).prop_map(|(needs, costs)| {
                let needs: Vec<Vec<usize>> =
                    needs.into_iter().map(|need| need.into_iter().collect()).collect();
                Instance::new(needs.iter().map(Vec::as_slice), &costs)
            })
        })
    }

    fn covers_all(instance: &Instance, chosen: &[usize]) -> bool {
        (0..instance.elements).all(|element| {
            let covers = |choice: &usize| instance.choices[*choice].covers.contains(&element);
            chosen.iter().any(covers)
        })
    }

    /// Every subset there is.
    fn by_trying_all(instance: &Instance) -> (usize, Cost) {
        (0_u32..1 << instance.choices.len())
            .map(|subset| -> Vec<usize> {
                (0..instance.choices.len())
                    .filter(|one| subset >> one & 1 == 1)
                    .collect()
            })
            .filter(|chosen| covers_all(instance, chosen))
            .map(|chosen| instance.cost(&chosen))
            .min()
            .expect("all choices together cover all")
    }

    proptest! {
        #[test]
        fn the_exact_search_finds_what_trying_all_finds(instance in instance()) {
            let found = fewest(&instance, MOST_NODES).expect("small enough");
            prop_assert!(covers_all(&instance, &found));
            prop_assert_eq!(instance.cost(&found), by_trying_all(&instance));
        }

        #[test]
        fn greedy_covers_all_within_its_bound(instance in instance()) {
            let found = greedy(&instance);
            prop_assert!(covers_all(&instance, &found));
            let (least, _) = by_trying_all(&instance);
            prop_assert!(found.len() as f64 <= instance.bound() * least as f64 + 1e-9);
        }
    }

    #[test]
    fn the_search_gives_up_when_it_may_not_look_any_further() {
        let instance = Instance::new([&[0, 1][..]].into_iter(), &[(0, 0), (0, 0)]);
        assert_eq!(fewest(&instance, 0), None);
        assert_eq!(fewest(&instance, 10), Some(vec![0]));
    }
}
