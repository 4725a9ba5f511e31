//! Whether two checks ask for the same, however they are written.

use super::model::{Check, Field, FieldKind, Test, Value};

/// Whether the two hold for the same users, as far as that can be told without any: the same parts
/// in another order, lists in lists, and names in other letters count as the same. A false answer
/// promises nothing.
pub(super) fn same(left: &Check, right: &Check) -> bool {
    left == right || plain(left) == plain(right)
}

/// The check in the one form that all its spellings share.
fn plain(check: &Check) -> Check {
    match check {
        Check::All(parts) => joined(parts, true),
        Check::Any(parts) => joined(parts, false),
        Check::Not(part) => match plain(part) {
            Check::Not(inner) => *inner,
            part => Check::Not(Box::new(part)),
        },
        Check::Field(field, test) => Check::Field(bare(field), plain_test(test)),
        Check::SameAs(left, right) => {
            let (left, right) = (bare(left), bare(right));
            if left.name <= right.name {
                Check::SameAs(left, right)
            } else {
                Check::SameAs(right, left)
            }
        }
        // Names of roles, apps and privileges are compared ignoring case.
        Check::Privilege(name, depth) => Check::Privilege(name.to_lowercase(), *depth),
        Check::Role { name, held } => Check::Role {
            name: name.as_ref().map(|name| name.to_lowercase()),
            held: *held,
        },
        Check::RoleExists(name) => Check::RoleExists(name.to_lowercase()),
        Check::AppModuleExists(name) => Check::AppModuleExists(name.to_lowercase()),
        Check::AppModuleShared(name) => Check::AppModuleShared(name.to_lowercase()),
        Check::EveryDevice(part) => Check::EveryDevice(Box::new(plain(part))),
        Check::SomeDevice(part) => Check::SomeDevice(Box::new(plain(part))),
        Check::NowhereElse { same, condition } => Check::NowhereElse {
            same: bare(same),
            condition: Box::new(plain(condition)),
        },
        Check::Attested(_) | Check::Never => check.clone(),
    }
}

/// A list of which all parts must hold, or any, in plain form: the parts of lists of the same kind in it
/// taken in, sorted and each once; or the one part that is left.
fn joined(parts: &[Check], all: bool) -> Check {
    let mut found: Vec<Check> = Vec::new();
    for part in parts.iter().map(plain) {
        match part {
            Check::All(inner) if all => found.extend(inner),
            Check::Any(inner) if !all => found.extend(inner),
            other => found.push(other),
        }
    }
    found.sort_by_cached_key(|part| format!("{part:?}"));
    found.dedup();
    if found.len() == 1 {
        return found.swap_remove(0);
    }
    if all { Check::All(found) } else { Check::Any(found) }
}

/// The field without the names of its options: rules compare the numbers behind them.
fn bare(field: &Field) -> Field {
    Field {
        kind: match &field.kind {
            FieldKind::Option(_) => FieldKind::Option(Vec::new()),
            kind => kind.clone(),
        },
        ..field.clone()
    }
}

fn plain_test(test: &Test) -> Test {
    let values = |values: &[Value]| {
        let mut values: Vec<Value> = values
            .iter()
            .map(|value| match value {
                Value::Text(text) => Value::Text(text.to_lowercase()),
                other => other.clone(),
            })
            .collect();
        values.sort_by_cached_key(|value| format!("{value:?}"));
        values.dedup();
        values
    };
    match test {
        Test::OneOf(list) => Test::OneOf(values(list)),
        Test::NoneOf(list) => Test::NoneOf(values(list)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Depth;

    fn holds(name: &str) -> Check {
        Check::Privilege(name.to_owned(), Depth::Basic)
    }

    #[test]
    fn the_same_written_otherwise_is_the_same() {
        let (a, b, c) = (|| holds("prvA"), || holds("prvB"), || holds("prvC"));
        let all = |parts: Vec<Check>| Check::All(parts);
        let any = |parts: Vec<Check>| Check::Any(parts);
        for (left, right) in [
            (a(), holds("PRVA")),
            (all(vec![a()]), a()),
            (any(vec![all(vec![a()])]), a()),
            (all(vec![a(), b()]), all(vec![b(), a()])),
            (all(vec![a(), all(vec![b(), c()])]), all(vec![c(), b(), a()])),
            (any(vec![a(), any(vec![b(), a()])]), any(vec![b(), a()])),
            (
                Check::Not(Box::new(Check::Not(Box::new(all(vec![a(), b()]))))),
                all(vec![b(), a()]),
            ),
            (
                all(vec![any(vec![all(vec![a(), b()])]), c()]),
                all(vec![a(), b(), c()]),
            ),
        ] {
            assert!(same(&left, &right), "{} / {}", left.describe(), right.describe());
        }
        for (left, right) in [
            (a(), b()),
            (a(), Check::Privilege("prvA".to_owned(), Depth::Global)),
            (a(), Check::Not(Box::new(a()))),
            (all(vec![a(), b()]), any(vec![a(), b()])),
            (all(vec![a(), b()]), a()),
            (
                all(vec![a(), any(vec![b(), c()])]),
                any(vec![c(), all(vec![a(), b()])]),
            ),
            (all(vec![]), any(vec![])),
        ] {
            assert!(!same(&left, &right), "{} / {}", left.describe(), right.describe());
        }
    }
}
