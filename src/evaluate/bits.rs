//! One bit per user: the columns that outcomes are kept in.

/// A fixed number of bits, all off at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// `len` bits, all off.
    #[must_use]
    pub fn new(len: usize) -> Bits {
        Bits {
            words: vec![0; len.div_ceil(64)],
        }
    }

    /// `len` bits, all on.
    #[must_use]
    pub fn ones(len: usize) -> Bits {
        let mut bits = Bits {
            words: vec![u64::MAX; len.div_ceil(64)],
        };
        if let (Some(last), rest @ 1..) = (bits.words.last_mut(), len % 64) {
            *last = (1 << rest) - 1;
        }
        bits
    }

    /// Whether bit `index` is on.
    #[must_use]
    pub fn get(&self, index: usize) -> bool {
        self.words[index / 64] >> (index % 64) & 1 == 1
    }

    /// Switches bit `index` on.
    pub fn set(&mut self, index: usize) {
        self.words[index / 64] |= 1 << (index % 64);
    }

    /// Switches bit `index` off.
    pub fn unset(&mut self, index: usize) {
        self.words[index / 64] &= !(1 << (index % 64));
    }

    /// Number of bits that are on.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Number of bits that are on both here and in `mask`.
    #[must_use]
    pub fn count_in(&self, mask: &Bits) -> usize {
        self.words
            .iter()
            .zip(&mask.words)
            .map(|(word, mask)| (word & mask).count_ones() as usize)
            .sum()
    }

    /// The positions of the bits that are on, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        positions(&self.words)
    }

    /// The words, 64 bits each, the first bit lowest. Bits beyond the length are off.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words, to be written. Bits beyond the length must stay off.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}

/// The positions of the bits that are on in these words, ascending.
pub(super) fn positions(words: &[u64]) -> impl Iterator<Item = usize> {
    let words = words.iter().enumerate();
    words.flat_map(|(word, bits)| ones(*bits).map(move |bit| word * 64 + bit))
}

/// The positions of the bits that are on in one word, ascending.
pub(super) fn ones(bits: u64) -> impl Iterator<Item = usize> {
    let rest = |bits: &u64| Some(bits & (bits - 1)).filter(|rest| *rest != 0);
    let some = Some(bits).filter(|bits| *bits != 0);
    std::iter::successors(some, rest).map(|bits| bits.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn iterates_over_what_was_set() {
        let set = [0, 5, 63, 64, 127, 190];
        let mut bits = Bits::new(191);
        set.iter().for_each(|index| bits.set(*index));
        assert_eq!(bits.iter().collect::<Vec<_>>(), set);
        assert_eq!(Bits::new(0).iter().count(), 0);
        assert_eq!(Bits::ones(130).iter().count(), 130);
    }
}
