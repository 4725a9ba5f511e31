//! Comparing one fact.

use super::super::Tri;
use super::super::tables::Value;

/// Null and not collected are both unknown, here and in the next three.
pub(super) fn is(fact: Option<&Value>, wanted: i64) -> Tri {
    is_one_of(fact, &[wanted])
}

pub(super) fn is_one_of(fact: Option<&Value>, wanted: &[i64]) -> Tri {
    match fact {
        Some(Value::Int(number)) => Tri::of(wanted.contains(number)),
        _ => Tri::Unknown,
    }
}

pub(super) fn is_true(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Bool(yes)) => Tri::of(*yes),
        _ => Tri::Unknown,
    }
}

/// *is not true*, *is not false*: a null passes, what was not collected is unknown.
pub(super) fn is_not(fact: Option<&Value>, unwanted: bool) -> Tri {
    match fact {
        Some(Value::Bool(yes)) => Tri::of(*yes != unwanted),
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

/// A null is known not to be set.
pub(super) fn is_set(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Null) => Tri::False,
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

pub(super) fn is_empty(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Text(text)) => Tri::of(text.trim().is_empty()),
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

/// The form in which addresses are compared: without surrounding blanks, without case.
pub(super) fn same_form(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Reading: a build that is no dotted numbers is unknown; missing parts count as 0.
pub(super) fn build_at_least(build: Option<&str>, least: &[u64]) -> Tri {
    let Some(build) = build else { return Tri::Unknown };
    let parts: Result<Vec<u64>, _> = build.trim().split('.').map(str::parse).collect();
    let Ok(mut parts) = parts else { return Tri::Unknown };
    parts.resize(parts.len().max(least.len()), 0);
    Tri::of(parts.as_slice() >= least)
}
