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
        let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
        if [text[8], text[13], text[18], text[23]] != [b'-'; 4] {
            return None;
        }
        let mut digits = [0; 32];
        digits[..8].copy_from_slice(&text[..8]);
        digits[8..12].copy_from_slice(&text[9..13]);
        digits[12..16].copy_from_slice(&text[14..18]);
        digits[16..20].copy_from_slice(&text[19..23]);
        digits[20..].copy_from_slice(&text[24..]);
        let worth = worth_of(&digits)?;
        let mut value = 0;
        for eight in worth.as_chunks::<8>().0 {
            value = value << 32 | u128::from(together(*eight));
        }
        Some(Guid(value))
    }
}

/// What hexadecimal digits are worth. This and [`together`] run millions of times for a large snapshot:
/// here, all digits are worked on at once by the processor's vector instructions.
fn worth_of(digits: &[u8; 32]) -> Option<[u8; 32]> {
    let mut worth = [0; 32];
    let mut wrong = [0; 32];
    for (place, digit) in digits.iter().enumerate() {
        let number = digit.wrapping_sub(b'0');
        let letter = (digit | 0x20).wrapping_sub(b'a');
        wrong[place] = if number < 10 || letter < 6 { 0 } else { 0xFF };
        worth[place] = number.min(letter.wrapping_add(10));
    }
    // As two numbers: comparing the bytes with zeros is slower than all the rest.
    let halves = wrong.as_chunks::<16>().0.iter();
    let wrong = halves.fold(0, |wrong, half| wrong | u128::from_ne_bytes(*half));
    (wrong == 0).then_some(worth)
}

/// Eight digits as one number.
fn together(digits: [u8; 8]) -> u32 {
    let digits = u64::from_be_bytes(digits);
    let bytes = (digits | digits >> 4) & 0x00FF_00FF_00FF_00FF;
    let pairs = (bytes | bytes >> 8) & 0x0000_FFFF_0000_FFFF;
    (pairs | pairs >> 16) as u32
}

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

    /// Every byte in every place: only hexadecimal digits count, and count what they are worth.
    #[test]
    fn reads_every_digit_in_every_place() {
        let text = *b"00000000-0000-0000-0000-000000000000";
        for place in (0..36).filter(|place| text[*place] != b'-') {
            let digits_after = text[place + 1..].iter().filter(|byte| **byte != b'-').count();
            for byte in 0..0x80 {
                let mut text = text;
                text[place] = byte;
                let text = std::str::from_utf8(&text).expect("ASCII");
                let expected = char::from(byte)
                    .to_digit(16)
                    .map(|digit| Guid(u128::from(digit) << (4 * digits_after)));
                assert_eq!(Guid::parse(text), expected, "{text}");
            }
        }
    }
}
