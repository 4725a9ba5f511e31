//! Three values, and how two of them decide an outcome.

/// Kleene's third value: what is not known is neither true nor false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tri {
    True,
    False,
    Unknown,
}

impl Tri {
    pub fn of(known: bool) -> Tri {
        if known { Tri::True } else { Tri::False }
    }

    pub fn and(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::False, _) | (_, Tri::False) => Tri::False,
            (Tri::True, Tri::True) => Tri::True,
            _ => Tri::Unknown,
        }
    }

    pub fn or(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::True, _) | (_, Tri::True) => Tri::True,
            (Tri::False, Tri::False) => Tri::False,
            _ => Tri::Unknown,
        }
    }

    pub fn not(self) -> Tri {
        match self {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
        }
    }
}

/// The outcome of a rule. Waivers are not modelled here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

impl Outcome {
    /// The word of the findings CSV.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::NotApplicable => "not-applicable",
        }
    }

    /// `design.md` §6, in its order.
    pub fn decide(condition: Tri, check: Tri) -> Outcome {
        if condition == Tri::False {
            Outcome::NotApplicable
        } else if check == Tri::True {
            Outcome::Pass
        } else if condition == Tri::True && check == Tri::False {
            Outcome::Fail
        } else {
            Outcome::Unknown
        }
    }
}
