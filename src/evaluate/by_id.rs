//! Finding the rows of a table by their ids.

use crate::snapshot::Guid;

/// The rows of a table that is sorted by its ids, found by them: the leading bits of an id lead to the few
/// rows that have them, and among these it is looked for by halves. Where many ids begin alike, as those do
/// that one server handed out in sequence, there is more to halve and nothing else changes.
///
/// A hash table of a million ids takes 64 MB where this takes 4, and has to be filled in random order.
pub(super) struct ById<'a> {
    ids: &'a [Guid],
    /// The leading half of the lowest id: buckets are counted from there.
    low: u64,
    /// How many bits of the leading half are left out of a bucket's number.
    shift: u32,
    /// By bucket: its first row. One more than there are buckets.
    starts: Vec<u32>,
}

impl<'a> ById<'a> {
    /// Takes the ids in ascending order.
    pub(super) fn new(ids: &'a [Guid]) -> ById<'a> {
        debug_assert!(
            ids.is_sorted(),
            "the snapshot promises it, and its reader checks it"
        );
        let (low, high) = match ids {
            [] => (0, 0),
            [first, .., last] => (leading(*first), leading(*last)),
            [only] => (leading(*only), leading(*only)),
        };
        // The finest division with no more buckets than rows.
        let divided = |shift: &u32| (high - low) >> shift < ids.len() as u64;
        let shift = (0..u64::BITS).find(divided).unwrap_or_default();
        let mut starts = Vec::with_capacity(ids.len() + 1);
        for (row, id) in (0..).zip(ids) {
            let bucket = ((leading(*id) - low) >> shift) as usize;
            while starts.len() <= bucket {
                starts.push(row);
            }
        }
        starts.push(ids.len() as u32);
        ById {
            ids,
            low,
            shift,
            starts,
        }
    }

    /// The row of an id.
    pub(super) fn row(&self, id: Guid) -> Option<u32> {
        let bucket = (leading(id).checked_sub(self.low)? >> self.shift) as usize;
        let [start, end] = *self.starts.get(bucket..bucket + 2)? else {
            return None;
        };
        let ids = &self.ids[start as usize..end as usize];
        let place = ids.binary_search(&id).ok()?;
        Some(start + place as u32)
    }
}

fn leading(id: Guid) -> u64 {
    (id.0 >> 64) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds_each_and_nothing_else(mut ids: Vec<Guid>) {
        ids.sort_unstable();
        ids.dedup();
        let index = ById::new(&ids);
        for (row, id) in ids.iter().enumerate() {
            assert_eq!(index.row(*id), Some(row as u32), "{id}");
            for near in [
                id.0.wrapping_sub(1),
                id.0.wrapping_add(1),
                id.0 ^ 1 << 64,
                id.0 ^ 1 << 127,
            ] {
                let there = ids.binary_search(&Guid(near)).ok();
                assert_eq!(
                    index.row(Guid(near)),
                    there.map(|row| row as u32),
                    "{}",
                    Guid(near)
                );
            }
        }
        assert!(index.starts.len() <= ids.len() + 1, "no more buckets than rows");
    }

    #[test]
    fn ids_at_the_ends() {
        finds_each_and_nothing_else(vec![]);
        finds_each_and_nothing_else(vec![Guid(7)]);
        finds_each_and_nothing_else(vec![Guid(1), Guid(u128::MAX)]);
        finds_each_and_nothing_else((1..200).map(Guid).collect());
    }

    /// As a server hands them out, one after the other, and a few from elsewhere.
    #[test]
    fn ids_that_begin_alike() {
        let mut ids: Vec<Guid> = (0..2000).map(|id| Guid(0x5f2b << 112 | id << 60)).collect();
        ids.extend([Guid(3), Guid(u128::MAX - 3)]);
        finds_each_and_nothing_else(ids);
    }

    proptest! {
        #[test]
        fn any_ids(ids in prop::collection::vec((any::<u128>(), 0..128_u32), 0..100)) {
            finds_each_and_nothing_else(ids.into_iter().map(|(id, shift)| Guid(id >> shift)).collect());
        }
    }
}
