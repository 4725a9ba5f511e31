//! Links into the table of users: what it is filtered by, as the page's address has it.

/// A view of the users, as the part of an address behind `#users?`.
pub(super) fn view(words: &[(&str, String)]) -> String {
    let words = words
        .iter()
        .map(|(key, value)| format!("{key}={}", encoded(value)));
    words.collect::<Vec<_>>().join("&")
}

/// The text in percent encoding: only what means nothing in an address stays as it is.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b',') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_change_what_is_asked_for() {
        let words = [("unit", "R&D = ü +1".to_owned()), ("environment", "0".to_owned())];
        assert_eq!(view(&words), "unit=R%26D%20%3D%20%C3%BC%20%2B1&environment=0");
        assert_eq!(view(&[("rule", "a,b-c".to_owned())]), "rule=a,b-c");
    }
}
