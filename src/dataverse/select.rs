//! The columns of a query: which are asked for, by what property, and which turn out not to exist.

use crate::snapshot::manifest::{Gap, GapReason};
use crate::snapshot::tables::{Kind, Property, TableDef};

use super::decode::Wanted;
use super::error::{Cause, RequestError};

/// The annotation that tells which table a lookup points to.
pub(super) const LOOKUP_TABLE: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";

/// Columns that hold secrets or are very large. They are never asked for, whatever a rule says.
const NEVER_READ: [&str; 8] = [
    "password",
    "oauthaccesstoken",
    "oauthrefreshtoken",
    "exchangesyncstatexml",
    "folderhierarchy",
    "incomingpassword",
    "outgoingpassword",
    "oauthclientsecret",
];

/// A column with the properties it may be read through, likeliest first.
pub(super) struct Selected {
    pub(super) wanted: Wanted,
    otherwise: Option<String>,
    /// For an annotation: the column it is attached to.
    pub(super) of: Option<&'static str>,
}

/// The columns of a query: the table's own, then those of rules.
pub(super) fn select(definition: &TableDef, extra: &[(String, Kind)], gaps: &mut Vec<Gap>) -> Vec<Selected> {
    let own = definition.columns.iter().map(|column| {
        let (property, of) = match column.property {
            Property::Plain => (column.name.to_owned(), None),
            Property::Lookup => (lookup(column.name), None),
            Property::LookupTarget(of) => (format!("{}@{LOOKUP_TABLE}", lookup(of)), Some(of)),
        };
        Selected {
            wanted: Wanted {
                name: column.name.to_owned(),
                kind: column.kind,
                property,
                key: definition.sorted_by.contains(&column.name),
                optional: of.is_some(),
            },
            otherwise: None,
            of,
        }
    });
    let mut columns: Vec<Selected> = own.collect();
    for (name, kind) in extra {
        if columns.iter().any(|column| column.wanted.name == *name) {
            continue;
        }
        if NEVER_READ.contains(&name.to_ascii_lowercase().as_str()) {
            gaps.push(Gap {
                table: definition.name.to_owned(),
                column: Some(name.clone()),
                reason: GapReason::Forbidden,
                detail: "never read: it may hold a secret".to_owned(),
            });
            continue;
        }
        // A rule file says that a column is an id, not whether it is a lookup: most are.
        let (property, otherwise) = match kind {
            Kind::Id => (lookup(name), Some(name.clone())),
            _ => (name.clone(), None),
        };
        columns.push(Selected {
            wanted: Wanted {
                name: name.clone(),
                kind: *kind,
                property,
                key: false,
                optional: false,
            },
            otherwise,
            of: None,
        });
    }
    columns
}

fn lookup(name: &str) -> String {
    format!("_{name}_value")
}

/// The property that the server does not know, from "Could not find a property named 'x' on type
/// 'Microsoft.Dynamics.CRM.y'." (400; the wording is the OData library's).
pub(super) fn unknown_property(error: &RequestError) -> Option<String> {
    let Cause::Status {
        status: 400, message, ..
    } = &error.cause
    else {
        return None;
    };
    let (_, rest) = message.split_once("property named '")?;
    rest.split_once('\'').map(|(name, _)| name.to_owned())
}

/// Takes an unknown property out of the query, and notes the columns that are lost with it.
/// Answers false if there is no sense in trying again.
pub(super) fn give_up(
    definition: &TableDef,
    columns: &mut Vec<Selected>,
    property: &str,
    gaps: &mut Vec<Gap>,
) -> bool {
    let Some(column) = columns
        .iter_mut()
        .find(|column| column.wanted.property == property)
    else {
        return false;
    };
    if column.wanted.key {
        return false;
    }
    if let Some(otherwise) = column.otherwise.take() {
        column.wanted.property = otherwise;
        return true;
    }
    let lost = column.wanted.name.clone();
    // A lookup has no property of its own name, and only a rule file can have it as something else.
    let hint = match definition.column(&lost) {
        None if column.wanted.kind != Kind::Id => "; if it is a lookup, its `[[fact]]` needs `type = \"id\"`",
        _ => "",
    };
    columns.retain(|column| {
        let gone = column.wanted.name == lost || column.of == Some(lost.as_str());
        if gone {
            gaps.push(Gap {
                table: definition.name.to_owned(),
                column: Some(column.wanted.name.clone()),
                reason: GapReason::NotFound,
                detail: format!("the environment has no property `{property}` there{hint}"),
            });
        }
        !gone
    });
    true
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_property_is_named() {
        let error = RequestError {
            request: String::new(),
            cause: Cause::Status {
                status: 400,
                code: "0x80060888".to_owned(),
                message: "Could not find a property named 'isintegrationuser' on type 'Microsoft.Dynamics.CRM.systemuser'."
                    .to_owned(),
            },
        };
        assert_eq!(unknown_property(&error).as_deref(), Some("isintegrationuser"));
    }
}
