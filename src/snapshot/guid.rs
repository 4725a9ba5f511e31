//! GUIDs as numbers.

use std::fmt;

/// A GUID as a number; [`Guid::NULL`] stands for a null lookup.
///
/// Dataverse never hands out the all-zero GUID as a key, so it is free to mean "nothing here",
/// which halves the memory against `Option<Uuid>`. The order of the numbers is the order of the
/// lower-case texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// A null lookup.
    pub const NULL: Guid = Guid(0);

    /// Whether this is a null lookup.
    #[must_use]
    pub fn is_null(self) -> bool {
        self == Guid::NULL
    }

    /// Parses the hyphenated form of 36 characters, in upper or lower case; nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Guid> {
        let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
        let mut value = 0u128;
        // Faults are gathered instead of tested one by one: this runs for every id of a snapshot.
        let mut faults = 0u8;
        for (position, byte) in bytes.iter().enumerate() {
            if matches!(position, 8 | 13 | 18 | 23) {
                faults |= byte ^ b'-';
            } else {
                let digit = DIGITS[*byte as usize];
                faults |= digit & 0xF0;
                value = value << 4 | u128::from(digit & 0x0F);
            }
        }
        (faults == 0).then_some(Guid(value))
    }
}

/// The value of each hexadecimal digit; `0xFF` for everything else.
const DIGITS: [u8; 256] = {
    let mut table = [0xFF; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", uuid::Uuid::from_u128(self.0).hyphenated())
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::Guid;

    #[test]
    fn parses_both_cases_and_nothing_else() {
        let text = "627090ff-40a3-4053-8790-584edc5be201";
        let guid = Guid::parse(text).expect("a GUID");
        assert_eq!(guid.to_string(), text);
        assert_eq!(Guid::parse(&text.to_uppercase()), Some(guid));
        for wrong in [
            "",
            "627090ff40a340538790584edc5be201",
            "{627090ff-40a3-4053-8790-584edc5be201}",
            "627090ff-40a3-4053-8790-584edc5be20g",
            "627090ff+40a3-4053-8790-584edc5be201",
            "627090ff-40a3-4053-8790-584edc5be2é",
        ] {
            assert_eq!(Guid::parse(wrong), None, "{wrong}");
        }
    }
}
