//! Checks in plain words: what findings print as expected, and what `rules show` prints.

use super::model::{Check, Depth, Field, FieldKind, Held, Test, Value};

impl Check {
    /// The check in plain words, with the names of the fields and the labels of options.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Check::All(parts) => list("all of", parts),
            Check::Any(parts) => list("any of", parts),
            Check::Not(part) => format!("not ({})", part.describe()),
            Check::Field(field, test) => format!("`{}` {}", field.name, describe_test(field, test)),
            Check::SameAs(left, right) => format!("`{}` equals `{}`", left.name, right.name),
            Check::Privilege(name, Depth::Global) => format!("`{name}` at global"),
            Check::Privilege(name, depth) => format!("`{name}` at {} or deeper", depth.name()),
            Check::Role { name, held } => {
                let role = match name {
                    Some(name) => format!("role \"{name}\""),
                    None => "a security role".to_owned(),
                };
                match held {
                    Held::Anyhow => format!("holds {role}"),
                    Held::Directly => format!("holds {role} directly, not only through a team"),
                }
            }
            Check::RoleExists(name) => format!("a role named \"{name}\" exists"),
            Check::AppModuleExists(name) => format!("an app with the unique name `{name}` exists"),
            Check::AppModuleShared(name) => format!("app `{name}` is shared with a role the user holds"),
            Check::Attested(id) => format!("attestation `{id}` holds"),
            Check::NowhereElse { same, condition } => format!(
                "no mailbox with the same `{}` in another audited environment has {}",
                same.name,
                condition.describe()
            ),
            Check::EveryDevice(part) => format!("every device of the user has {}", part.describe()),
            Check::SomeDevice(part) => format!("some device of the user has {}", part.describe()),
            Check::Never => "never holds: it is a notice".to_owned(),
        }
    }
}

/// A line of an outline: how deep it stands, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineLine {
    /// 0 for the check itself.
    pub depth: usize,
    /// The words of one part, or what its parts have to do with each other.
    pub text: String,
}

impl Check {
    /// The check in plain words, its parts on lines of their own: what [`Check::describe`] says, for
    /// checks that are too long for a sentence.
    #[must_use]
    pub fn outline(&self) -> Vec<OutlineLine> {
        let single = |text: String| vec![OutlineLine { depth: 0, text }];
        let with_parts = |word: &str, parts: &[Check]| {
            let below = parts.iter().flat_map(Check::outline).map(|line| OutlineLine {
                depth: line.depth + 1,
                ..line
            });
            single(format!("{word}:")).into_iter().chain(below).collect()
        };
        let headed = |head: String, part: &Check| {
            let mut lines = part.outline();
            lines[0].text = format!("{head} {}", lines[0].text);
            lines
        };
        match self {
            Check::All(parts) | Check::Any(parts) if parts.len() == 1 => parts[0].outline(),
            Check::All(parts) => with_parts("all of", parts),
            Check::Any(parts) => with_parts("any of", parts),
            Check::EveryDevice(part) => headed("every device of the user has".to_owned(), part),
            Check::SomeDevice(part) => headed("some device of the user has".to_owned(), part),
            Check::NowhereElse { same, condition } => headed(
                format!(
                    "no mailbox with the same `{}` in another audited environment has",
                    same.name
                ),
                condition,
            ),
            other => single(other.describe()),
        }
    }
}

fn list(word: &str, parts: &[Check]) -> String {
    if let [part] = parts {
        return part.describe();
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Check::All(inner) | Check::Any(inner) if inner.len() > 1 => format!("({})", part.describe()),
            _ => part.describe(),
        })
        .collect();
    format!("{word}: {}", parts.join("; "))
}

fn describe_test(field: &Field, test: &Test) -> String {
    match test {
        Test::OneOf(values) => format!("is {}", join(field, values, "or")),
        Test::NoneOf(values) => match &values[..] {
            [value] => format!("is not {}", field.kind.describe(value)),
            _ => format!("is neither {}", join(field, values, "nor")),
        },
        Test::AtLeast(value) => match field.kind {
            FieldKind::Version | FieldKind::Timestamp => {
                format!("is {} or later", field.kind.describe(value))
            }
            _ => format!("is {} or more", field.kind.describe(value)),
        },
        Test::Present(true) => "has a value".to_owned(),
        Test::Present(false) => "is empty".to_owned(),
    }
}

fn join(field: &Field, values: &[Value], word: &str) -> String {
    let mut values: Vec<String> = values.iter().map(|value| field.kind.describe(value)).collect();
    let last = values.pop().unwrap_or_default();
    if values.is_empty() {
        last
    } else {
        format!("{} {word} {last}", values.join(", "))
    }
}

impl FieldKind {
    /// A value of this type in words: the label of an option, text in quotation marks. A number
    /// that no option has is shown as it is.
    #[must_use]
    pub fn describe(&self, value: &Value) -> String {
        match value {
            Value::Integer(number) => match self.option(*number) {
                Some(label) => label.to_owned(),
                None => number.to_string(),
            },
            Value::Boolean(true) => "yes".to_owned(),
            Value::Boolean(false) => "no".to_owned(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Version(version) => version.to_string(),
            Value::Timestamp(moment) => jiff::Timestamp::from_millisecond(*moment)
                .map_or_else(|_| moment.to_string(), |moment| moment.to_string()),
        }
    }

    /// The label of an option.
    #[must_use]
    pub fn option(&self, number: i32) -> Option<&str> {
        match self {
            FieldKind::Option(options) => options
                .iter()
                .find(|option| option.value == number)
                .map(|option| option.label.as_str()),
            _ => None,
        }
    }
}
