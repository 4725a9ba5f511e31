//! Changes as a document: `clearance.changes/1`, or a plan, whose actions are changes.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Change;

/// JSON Schema of a document of changes.
pub const SCHEMA: &str = include_str!("../../schemas/changes-1.schema.json");

/// What a document of changes says it is.
const CHANGES: &str = "clearance.changes/1";
/// What a plan says it is.
const PLAN: &str = "clearance.plan/1";

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    changes: Vec<Change>,
}

/// What counts here of a plan.
#[derive(Deserialize)]
struct Plan {
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Action {
    changes: Vec<Change>,
}

/// Reads a document of changes, or the changes of all actions of a plan in their order; JSON, or
/// TOML.
///
/// # Errors
/// What is wrong and where in the text, and what would be right.
pub fn parse_changes(text: &str) -> Result<Vec<Change>, String> {
    let head: Head = parse(text).map_err(|what| {
        format!("{what}\nhint: the document begins with {{\"schema\": \"{CHANGES}\", \"changes\": [ … ]}}")
    })?;
    let schema = "hint: `clearance rules schema changes` prints what a change looks like";
    let changes = match head.schema.as_str() {
        CHANGES => parse::<Document>(text).map(|document| document.changes),
        PLAN => parse::<Plan>(text).map(|plan| {
            plan.actions
                .into_iter()
                .flat_map(|action| action.changes)
                .collect()
        }),
        other => {
            return Err(format!(
                "its schema is \"{other}\"\nhint: changes are read from \"{CHANGES}\" and from \"{PLAN}\" (what \
                 `clearance plan --json` prints)"
            ));
        }
    };
    changes.map_err(|what| format!("{what}\n{schema}"))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }
}
