//! JSON that can be read.

use serde_json::Value;

/// Columns that a value may take to stand in one line.
const WIDTH: usize = 110;

/// JSON that can be read, and compared line by line: what is short stands in one line.
pub(super) fn write(value: &Value, indent: usize, text: &mut String) {
    let line = value.to_string();
    if line.chars().count() + indent <= WIDTH {
        text.push_str(&line);
        return;
    }
    let mut item = |first: bool, key: Option<&String>, value: &Value, open: char| {
        text.push(if first { open } else { ',' });
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent + 2));
        if let Some(key) = key {
            text.push_str(&format!("{}: ", Value::from(key.as_str())));
        }
        write(value, indent + 2, text);
    };
    let close = match value {
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                item(index == 0, None, value, '[');
            }
            ']'
        }
        Value::Object(members) => {
            for (index, (key, value)) in members.iter().enumerate() {
                item(index == 0, Some(key), value, '{');
            }
            '}'
        }
        // A long text.
        _ => {
            text.push_str(&line);
            return;
        }
    };
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent));
    text.push(close);
}
