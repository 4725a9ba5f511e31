//! Comparing single values, and the conditions that read one row only: of a mailbox, of a device.

use super::Device;
use crate::facts::Type;
use crate::oracle::Tri;
use crate::oracle::tables::{Row, Value};
use crate::rules::{Check, Test, Word};

/// A condition on a mailbox of another environment.
pub(super) fn of_mailbox(check: &Check, mailbox: &Row) -> Tri {
    match check {
        Check::All(parts) => parts
            .iter()
            .fold(Tri::True, |all, part| all.and(of_mailbox(part, mailbox))),
        Check::Any(parts) => parts
            .iter()
            .fold(Tri::False, |any, part| any.or(of_mailbox(part, mailbox))),
        Check::Not(part) => of_mailbox(part, mailbox).not(),
        Check::Field(fact, test) => meets(mailbox.get(fact.column()), fact.kind, test),
        Check::Same(left, right) => same(
            mailbox.get(left.column()).cloned(),
            mailbox.get(right.column()).cloned(),
        ),
        other => panic!("no condition on a mailbox: {}", other.toml()),
    }
}

/// A condition on a device.
pub(super) fn of_device(check: &Check, device: &Device) -> Tri {
    let told = |text: &str| match text {
        "" => Value::Null,
        text => Value::Text(text.to_owned()),
    };
    match check {
        Check::All(parts) => parts
            .iter()
            .fold(Tri::True, |all, part| all.and(of_device(part, device))),
        Check::Any(parts) => parts
            .iter()
            .fold(Tri::False, |any, part| any.or(of_device(part, device))),
        Check::Not(part) => of_device(part, device).not(),
        Check::Field(fact, test) => {
            let value = match fact.name {
                "device.operating-system" => named(device.os, &[("Windows", 0), ("Android", 3)]),
                "device.browser" => named(device.browser, &[("Edge", 0), ("Chrome", 2)]),
                "device.outlook-version" => told(device.outlook),
                _ => told(device.browser_version),
            };
            meets(Some(&value), fact.kind, test)
        }
        other => panic!("no condition on a device: {}", other.toml()),
    }
}

/// An option by its name; a name that is not understood stays what it is.
fn named(told: &str, names: &[(&str, i64)]) -> Value {
    match names.iter().find(|(name, _)| *name == told) {
        _ if told.is_empty() => Value::Null,
        Some((_, number)) => Value::Int(*number),
        None => Value::Text(told.to_owned()),
    }
}

/// Whether a value is there: not null, and not blank.
pub(super) fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Text(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// One comparison. What was not collected, and a null where a value is needed, is unknown.
pub(super) fn meets(value: Option<&Value>, kind: Type, test: &Test) -> Tri {
    let Some(value) = value else { return Tri::Unknown };
    if let Test::Present(wanted) = test {
        return Tri::of(is_there(value) == *wanted);
    }
    let equal = |word: &Word| compare(value, kind, word).map_or(Tri::Unknown, |order| Tri::of(order.is_eq()));
    let some = |words: &[Word]| words.iter().fold(Tri::False, |some, word| some.or(equal(word)));
    match test {
        Test::Is(word) => equal(word),
        Test::IsNot(word) => equal(word).not(),
        Test::OneOf(words) => some(words),
        Test::NoneOf(words) => some(words).not(),
        Test::AtLeast(word) => {
            compare(value, kind, word).map_or(Tri::Unknown, |order| Tri::of(order.is_ge()))
        }
        Test::Present(_) => unreachable!("answered above"),
    }
}

/// How a value stands to a word of a rule; none if they cannot be compared.
fn compare(value: &Value, kind: Type, word: &Word) -> Option<std::cmp::Ordering> {
    match (value, word) {
        (Value::Int(value), Word::Number(word) | Word::Named(_, word)) => Some(value.cmp(word)),
        (Value::Bool(value), Word::Bool(word)) => Some(value.cmp(word)),
        (Value::Time(value), Word::Time(_, word)) => Some(value.cmp(word)),
        (Value::Text(value), Word::Version(word)) => Some(version(value)?.cmp(&version(word)?)),
        // Reading: text compares without case, but a blank more or less is another text.
        (Value::Text(value), Word::Text(word)) if matches!(kind, Type::Text(_)) => {
            Some(value.to_lowercase().cmp(&word.to_lowercase()))
        }
        _ => None,
    }
}

/// Four parts; those that are not written are 0.
fn version(text: &str) -> Option<[u64; 4]> {
    let mut parts = [0; 4];
    for (position, part) in text.split('.').enumerate() {
        *parts.get_mut(position)? = part.parse().ok()?;
    }
    Some(parts)
}

/// Two facts are equal: texts without case and surrounding blanks.
pub(super) fn same(left: Option<Value>, right: Option<Value>) -> Tri {
    let form = |value: Value| match value {
        Value::Text(text) => Value::Text(text.trim().to_lowercase()),
        other => other,
    };
    match (left.map(form), right.map(form)) {
        (None | Some(Value::Null), _) | (_, None | Some(Value::Null)) => Tri::Unknown,
        (left, right) => Tri::of(left == right),
    }
}
