//! Three-valued (Kleene) truth, for one subject and for all of them at once.

use super::Bits;

/// True, false, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tri {
    /// What was seen does not tell.
    Unknown = 0,
    /// It holds.
    True = 0b01,
    /// It does not hold.
    False = 0b10,
}

impl Tri {
    /// Both.
    #[must_use]
    pub fn and(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::False, _) | (_, Tri::False) => Tri::False,
            (Tri::True, Tri::True) => Tri::True,
            _ => Tri::Unknown,
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Tri) -> Tri {
        self.not().and(other.not()).not()
    }

    /// The opposite.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads as and, or, not; `!` would read as less"
    )]
    pub fn not(self) -> Tri {
        match self {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Tri {
        if value { Tri::True } else { Tri::False }
    }
}

/// A truth value per subject: known to hold, known not to hold, or in neither plane.
#[derive(Clone, Debug)]
pub(super) struct Planes {
    pub(super) holds: Bits,
    pub(super) fails: Bits,
}

impl Planes {
    /// The same value for everyone.
    pub(super) fn all(len: usize, value: Tri) -> Planes {
        let plane = |on: bool| if on { Bits::ones(len) } else { Bits::new(len) };
        Planes {
            holds: plane(value == Tri::True),
            fails: plane(value == Tri::False),
        }
    }

    /// The value of `f` for every subject.
    pub(super) fn pack(len: usize, f: impl Fn(usize) -> Tri) -> Planes {
        let mut planes = Planes {
            holds: Bits::new(len),
            fails: Bits::new(len),
        };
        let words = planes.holds.words_mut().iter_mut().zip(planes.fails.words_mut());
        for (word, (holds, fails)) in words.enumerate() {
            let start = word * 64;
            let mut values = [0; 64];
            for (index, value) in (start..len).zip(&mut values) {
                *value = f(index) as u8;
            }
            (*holds, *fails) = packed(&values);
        }
        planes
    }

    /// 64 subjects at a time: for whom it holds and for whom it does not. Bits beyond the last subject
    /// are left out.
    pub(super) fn from_words(len: usize, f: impl Fn(usize) -> (u64, u64)) -> Planes {
        let mut planes = Planes::all(len, Tri::True);
        planes.fails = planes.holds.clone();
        let words = planes.holds.words_mut().iter_mut().zip(planes.fails.words_mut());
        for (word, (holds, fails)) in words.enumerate() {
            let (known, denied) = f(word);
            *holds &= known;
            *fails &= denied;
        }
        planes
    }

    pub(super) fn and(mut self, other: &Planes) -> Planes {
        combine(&mut self.holds, &other.holds, |a, b| a & b);
        combine(&mut self.fails, &other.fails, |a, b| a | b);
        self
    }

    pub(super) fn or(self, other: &Planes) -> Planes {
        let mut result = self;
        combine(&mut result.holds, &other.holds, |a, b| a | b);
        combine(&mut result.fails, &other.fails, |a, b| a & b);
        result
    }

    pub(super) fn not(self) -> Planes {
        Planes {
            holds: self.fails,
            fails: self.holds,
        }
    }
}

/// Of 64 values, which are [`Tri::True`] and which are [`Tri::False`]: their low two bits, eight at a
/// time, and without a branch, which would often be guessed wrongly.
fn packed(values: &[u8; 64]) -> (u64, u64) {
    /// Brings the low bit of every byte, where no other is on, next to one another in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (mut holds, mut fails) = (0, 0);
    for eight in values.as_chunks::<8>().0.iter().rev() {
        let eight = u64::from_le_bytes(*eight);
        let gathered = |bits: u64| (bits & 0x0101_0101_0101_0101).wrapping_mul(GATHER) >> 56;
        holds = holds << 8 | gathered(eight);
        fails = fails << 8 | gathered(eight >> 1);
    }
    (holds, fails)
}

/// Combines word by word, into the first.
pub(super) fn combine(into: &mut Bits, from: &Bits, f: impl Fn(u64, u64) -> u64) {
    for (into, from) in into.words_mut().iter_mut().zip(from.words()) {
        *into = f(*into, *from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Tri; 3] = [Tri::True, Tri::False, Tri::Unknown];

    /// Kleene's tables, written out: rows and columns in the order true, false, unknown.
    #[test]
    fn kleene_tables() {
        let (t, f, u) = (Tri::True, Tri::False, Tri::Unknown);
        let and = [[t, f, u], [f, f, f], [u, f, u]];
        let or = [[t, t, t], [t, f, u], [t, u, u]];
        for (i, a) in ALL.into_iter().enumerate() {
            for (j, b) in ALL.into_iter().enumerate() {
                assert_eq!(a.and(b), and[i][j], "{a:?} and {b:?}");
                assert_eq!(a.or(b), or[i][j], "{a:?} or {b:?}");
            }
        }
        assert_eq!(ALL.map(Tri::not), [f, t, u]);
    }

    /// Every pair of values side by side, beyond one word, gives the same as one by one.
    #[test]
    fn planes_agree_with_single_values() {
        let len = 9 * 23;
        let (a, b) = (|i: usize| ALL[i % 3], |i: usize| ALL[i / 3 % 3]);
        let (left, right) = (Planes::pack(len, a), Planes::pack(len, b));
        let of = |planes: &Planes, i: usize| match (planes.holds.get(i), planes.fails.get(i)) {
            (true, false) => Tri::True,
            (false, true) => Tri::False,
            (false, false) => Tri::Unknown,
            (true, true) => panic!("{i} both holds and fails"),
        };
        let (and, or, not) = (left.clone().and(&right), left.clone().or(&right), left.not());
        for i in 0..len {
            assert_eq!(of(&and, i), a(i).and(b(i)));
            assert_eq!(of(&or, i), a(i).or(b(i)));
            assert_eq!(of(&not, i), a(i).not());
        }
    }
}
