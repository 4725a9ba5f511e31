//! The values that a field is compared with: every one against the field's type.

use toml::de::DeValue;

use super::faults::{Fault, Faults, Place};
use super::model::{Check, Field, FieldKind, Test, Value, Version};
use super::nearest::choice;
use super::tree::{At, Entry, kind};

/// `at_least` of a field.
pub(super) fn at_least(field: &Field, at: At<&DeValue<'_>>, faults: &mut Faults) -> Option<Test> {
    if matches!(
        field.kind,
        FieldKind::Integer | FieldKind::Version | FieldKind::Timestamp
    ) {
        return Some(Test::AtLeast(value(field, at.value, at.place, faults)?));
    }
    faults.add(
        Fault::new(
            at.place,
            format!("`at_least` cannot compare `{}`", field.name),
            format!("the field is {}", field.kind.words()),
        )
        .help("`at_least` compares versions, moments and whole numbers; use `is` or `one_of` here"),
    );
    None
}

/// A list of values of the field's type.
pub(super) fn values(field: &Field, entry: &Entry<'_>, key: &str, faults: &mut Faults) -> Option<Vec<Value>> {
    let At { value: list, place } = entry.get(key)?;
    let DeValue::Array(items) = list else {
        faults.add(
            Fault::new(
                place,
                format!("`{key}` must be a list of values"),
                format!("this is {}", kind(list)),
            )
            .help(format!("write `{key} = [ … ]`, or use `is` for a single value")),
        );
        return None;
    };
    if items.is_empty() {
        faults.add(Fault::new(
            place,
            format!("`{key}` has no values"),
            "nothing in the list",
        ));
        return None;
    }
    let values: Vec<Option<Value>> = items
        .iter()
        .map(|item| value(field, item.get_ref(), entry.at(item.span()), faults))
        .collect();
    values.into_iter().collect()
}

/// A value of the field's type.
pub(super) fn value(field: &Field, given: &DeValue<'_>, place: Place, faults: &mut Faults) -> Option<Value> {
    let wrong = |label: String, help: String| {
        Fault::new(
            place.clone(),
            format!("`{}` is {}", field.name, field.kind.words()),
            label,
        )
        .help(help)
    };
    let label = || format!("this is {}", kind(given));
    let fault = match (&field.kind, given) {
        (FieldKind::Boolean, DeValue::Boolean(value)) => return Some(Value::Boolean(*value)),
        (FieldKind::Text, DeValue::String(text)) if !text.trim().is_empty() => {
            return Some(Value::Text(text.trim().to_owned()));
        }
        (FieldKind::Text, DeValue::String(_)) => wrong(
            "an empty text".into(),
            "to ask for emptiness, write `present = false`".into(),
        ),
        (FieldKind::Integer, DeValue::Integer(number)) => {
            match i32::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => return Some(Value::Integer(number)),
                Err(_) => wrong("too large".into(), "it must fit into 32 bits".into()),
            }
        }
        (FieldKind::Version, DeValue::String(text)) => match Version::parse(text) {
            Some(version) => return Some(Value::Version(version)),
            None => wrong(
                "no version".into(),
                "write dotted numbers, such as `\"9.1.0.4206\"`".into(),
            ),
        },
        (FieldKind::Timestamp, DeValue::String(text)) => match moment(text) {
            Some(moment) => return Some(Value::Timestamp(moment)),
            None => wrong("no moment".into(), MOMENT.into()),
        },
        (FieldKind::Timestamp, DeValue::Datetime(date)) => match moment(&date.to_string()) {
            Some(moment) => return Some(Value::Timestamp(moment)),
            None => wrong("no moment".into(), MOMENT.into()),
        },
        (FieldKind::Option(options), DeValue::String(text)) => {
            if let Some(option) = options.iter().find(|option| option.name == *text) {
                return Some(Value::Integer(option.value));
            }
            let names = || options.iter().map(|option| option.name.as_str());
            Fault::new(
                place.clone(),
                format!("`{}` has no option `{text}`", field.name),
                "unknown option",
            )
            .meant(
                text,
                names(),
                format!("its options are {}", choice(names()).replace(" or ", " and ")),
            )
        }
        (FieldKind::Option(options), DeValue::Integer(number)) => {
            let named = options
                .iter()
                .find(|option| option.value.to_string() == number.as_str());
            let names = options.iter().map(|option| option.name.as_str());
            wrong(
                "a bare number".into(),
                match named {
                    Some(option) => format!("write its name, `\"{}\"`", option.name),
                    None => format!("its options are {}", choice(names).replace(" or ", " and ")),
                },
            )
        }
        (FieldKind::Option(options), _) => wrong(
            label(),
            format!(
                "write {}",
                choice(options.iter().map(|option| option.name.as_str()))
            ),
        ),
        (FieldKind::Boolean, _) => wrong(label(), "write `true` or `false`, without quotation marks".into()),
        (FieldKind::Text, _) => wrong(label(), "put it in quotation marks".into()),
        (FieldKind::Integer, _) => wrong(label(), "write a whole number, without quotation marks".into()),
        (FieldKind::Version, _) => wrong(
            label(),
            "put the version in quotation marks, such as `\"9.1.0.4206\"`".into(),
        ),
        (FieldKind::Timestamp, _) => wrong(label(), MOMENT.into()),
        (FieldKind::Id, _) => wrong(
            label(),
            "an id can be compared with another field (`same_as`) or tested for presence (`present`)".into(),
        ),
    };
    faults.add(fault);
    None
}

pub(crate) const MOMENT: &str = "write a date or moment, such as `2026-11-23` or `2026-11-23T08:00:00Z`";

/// Milliseconds since 1970 of a moment, or of the beginning (UTC) of a day. A time of day without
/// its distance from UTC is neither: it would be read as another moment in another place.
pub(crate) fn moment(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_millisecond());
    }
    // The parser of days takes a time behind it, too, and forgets it.
    if text.contains(['T', 't', ' ']) {
        return None;
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    let moment = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(moment.timestamp().as_millisecond())
}

/// Two fields that must be equal, if they can be.
pub(super) fn same_kind(left: Field, right: Field, place: &Place, faults: &mut Faults) -> Option<Check> {
    if let Some(derived) = [&left, &right].into_iter().find(|field| field.is_found_out()) {
        faults.add(
            Fault::new(
                place.clone(),
                format!("`{}` cannot stand in `same_as`", derived.name),
                "it is found out, not stored",
            )
            .help("compare it with `is = true` or `is = false`"),
        );
        return None;
    }
    if std::mem::discriminant(&left.kind) == std::mem::discriminant(&right.kind) {
        return Some(Check::SameAs(left, right));
    }
    faults.add(Fault::new(
        place.clone(),
        format!("`{}` and `{}` cannot be equal", left.name, right.name),
        format!("one is {}, the other {}", left.kind.words(), right.kind.words()),
    ));
    None
}
