//! Conditions that can never hold, because they ask one field for two things at once.

use super::model::{Check, Field, Test, Value};

/// Whether the check can hold for nobody. Only plain contradictions are seen; a false answer
/// promises nothing.
pub(super) fn never_holds(check: &Check) -> bool {
    match check {
        Check::Never => true,
        Check::Any(parts) => parts.iter().all(never_holds),
        // For a user without devices it is not known, and never more than that.
        Check::EveryDevice(part) | Check::SomeDevice(part) => never_holds(part),
        Check::All(_) => {
            let mut parts = Vec::new();
            flatten(check, &mut parts);
            parts.iter().any(|part| never_holds(part)) || clash(&parts)
        }
        _ => false,
    }
}

/// The parts of an `all`, those of an `all` inside it included.
fn flatten<'a>(check: &'a Check, parts: &mut Vec<&'a Check>) {
    match check {
        Check::All(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}

fn clash(parts: &[&Check]) -> bool {
    let tests: Vec<(&Field, &Test)> = parts
        .iter()
        .filter_map(|part| match part {
            Check::Field(field, test) => Some((field, test)),
            _ => None,
        })
        .collect();
    // Every pair comes in both orders; a test does not exclude itself.
    tests.iter().any(|(field, test)| {
        tests
            .iter()
            .any(|(other, second)| field == other && excludes(test, second))
    })
}

/// Whether no value meets both.
fn excludes(first: &Test, second: &Test) -> bool {
    match (first, second) {
        (Test::OneOf(left), Test::OneOf(right)) => !left.iter().any(|value| has(right, value)),
        (Test::OneOf(left), Test::NoneOf(right)) => left.iter().all(|value| has(right, value)),
        (Test::Present(false), Test::OneOf(_) | Test::AtLeast(_) | Test::Present(true)) => true,
        _ => false,
    }
}

fn has(values: &[Value], value: &Value) -> bool {
    values.iter().any(|known| match (known, value) {
        (Value::Text(left), Value::Text(right)) => left.to_lowercase() == right.to_lowercase(),
        _ => known == value,
    })
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use super::super::facts::Facts;
    use super::*;

    fn test(test: Test) -> Check {
        let facts = Facts::built_in();
        Check::Field(facts.get("mailbox.statecode").expect("a fact").clone(), test)
    }

    fn is(number: i32) -> Check {
        test(Test::OneOf(vec![Value::Integer(number)]))
    }

    #[test]
    fn plain_contradictions_are_seen() {
        assert!(never_holds(&Check::All(vec![is(0), is(1)])));
        assert!(never_holds(&Check::All(vec![Check::All(vec![is(0)]), is(1)])));
        assert!(never_holds(&Check::All(vec![
            is(0),
            test(Test::NoneOf(vec![Value::Integer(0)]))
        ])));
        assert!(never_holds(&Check::All(vec![is(0), test(Test::Present(false))])));
        assert!(never_holds(&Check::Any(vec![Check::Never])));
        assert!(never_holds(&Check::All(vec![
            is(0),
            Check::All(vec![Check::Any(vec![Check::Never])])
        ])));
    }

    #[test]
    fn texts_are_the_same_in_any_case() {
        let one_of = |texts: &[&str]| {
            let values = texts.iter().map(|text| Value::Text((*text).to_owned()));
            test(Test::OneOf(values.collect()))
        };
        assert!(never_holds(&Check::All(vec![
            one_of(&["West"]),
            one_of(&["East"])
        ])));
        assert!(!never_holds(&Check::All(vec![
            one_of(&["West", "North"]),
            one_of(&["WEST"])
        ])));
    }

    #[test]
    fn what_may_hold_is_left_alone() {
        assert!(!never_holds(&Check::Any(vec![is(0), is(1)])));
        assert!(!never_holds(&Check::All(vec![is(0), is(0)])));
        assert!(!never_holds(&Check::All(vec![
            is(0),
            Check::Not(Box::new(is(1))),
            test(Test::Present(true))
        ])));
    }
}
