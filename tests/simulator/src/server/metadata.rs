//! Table definitions and the service document.

use serde_json::{Value, json};
use uuid::Uuid;

use super::store::Store;
use crate::cell::Kind;
use crate::error::ServiceError;
use crate::query::RawQuery;
use crate::random::SplitMix64;
use crate::schema::Table;

/// Tables that every environment has beside those of the tenant: logical name and entity set.
const OTHERS: [(&str, &str); 28] = [
    ("account", "accounts"),
    ("contact", "contacts"),
    ("lead", "leads"),
    ("opportunity", "opportunities"),
    ("incident", "incidents"),
    ("email", "emails"),
    ("appointment", "appointments"),
    ("task", "tasks"),
    ("phonecall", "phonecalls"),
    ("activitypointer", "activitypointers"),
    ("activityparty", "activityparties"),
    ("annotation", "annotations"),
    ("connection", "connections"),
    ("competitor", "competitors"),
    ("savedquery", "savedqueries"),
    ("userquery", "userqueries"),
    ("systemform", "systemforms"),
    ("webresource", "webresourceset"),
    ("actioncard", "actioncards"),
    ("usersettings", "usersettingscollection"),
    ("fieldsecurityprofile", "fieldsecurityprofiles"),
    ("queueitem", "queueitems"),
    ("workflow", "workflows"),
    ("sdkmessage", "sdkmessages"),
    ("publisher", "publishers"),
    ("roletemplate", "roletemplates"),
    ("transactioncurrency", "transactioncurrencies"),
    ("cts_ledger000", "cts_ledger000s"),
];

/// All tables: logical name and entity set.
fn definitions(store: &Store) -> Vec<(&str, &str)> {
    let own = store.tables().iter().map(|table| (table.name, table.set));
    let mut all: Vec<(&str, &str)> = own.chain(OTHERS).collect();
    // By the identifier of the definition, so in no order that a client could like.
    all.sort_by_key(|(name, _)| metadata_id(name, ""));
    all
}

fn metadata_id(table: &str, column: &str) -> Uuid {
    let fold = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let seed = table
        .bytes()
        .chain([b'.'])
        .chain(column.bytes())
        .fold(0xcbf2_9ce4_8422_2325, fold);
    SplitMix64::new(seed).uuid()
}

/// The list of entity sets.
pub(super) fn service_document(store: &Store, base: &str) -> Vec<u8> {
    let mut sets: Vec<&str> = definitions(store).into_iter().map(|(_, set)| set).collect();
    sets.sort_unstable();
    let entry = |set: &&str| json!({ "name": set, "kind": "EntitySet", "url": set });
    let value: Vec<Value> = sets.iter().map(entry).collect();
    json!({ "@odata.context": format!("{base}$metadata"), "value": value })
        .to_string()
        .into_bytes()
}

/// `EntityDefinitions`; never in pages.
pub(super) fn tables(store: &Store, base: &str, raw: &RawQuery) -> Result<Vec<u8>, ServiceError> {
    let all = definitions(store)
        .into_iter()
        .map(|(name, set)| table_definition(name, set))
        .collect();
    list(
        all,
        &format!("{base}$metadata#EntityDefinitions"),
        "EntityMetadata",
        raw,
    )
}

/// `EntityDefinitions(LogicalName='…')`.
pub(super) fn table(store: &Store, base: &str, name: &str, raw: &RawQuery) -> Result<Vec<u8>, ServiceError> {
    let found = definitions(store).into_iter().find(|(known, _)| *known == name);
    let (name, set) = found.ok_or_else(|| unknown_table(name))?;
    let mut value = selected(table_definition(name, set), "EntityMetadata", raw)?;
    if let Value::Object(object) = &mut value {
        object.insert(
            "@odata.context".to_owned(),
            json!(format!("{base}$metadata#EntityDefinitions/$entity")),
        );
    }
    Ok(value.to_string().into_bytes())
}

/// `EntityDefinitions(LogicalName='…')/Attributes`; never in pages.
pub(super) fn columns(
    store: &Store,
    base: &str,
    name: &str,
    raw: &RawQuery,
) -> Result<Vec<u8>, ServiceError> {
    let all = match store.table_named(name) {
        Some(table) => column_definitions(table),
        None if OTHERS.iter().any(|(known, _)| *known == name) => Vec::new(),
        None => return Err(unknown_table(name)),
    };
    let context = format!("{base}$metadata#EntityDefinitions('{name}')/Attributes");
    list(all, &context, "AttributeMetadata", raw)
}

fn unknown_table(name: &str) -> ServiceError {
    let message =
        format!("Could not find an entity with name {name} and id 00000000-0000-0000-0000-000000000000.");
    ServiceError::new(404, "0x80060888", message)
}

fn table_definition(name: &str, set: &str) -> Value {
    json!({
        "MetadataId": metadata_id(name, ""),
        "LogicalName": name,
        "EntitySetName": set,
        "LogicalCollectionName": set,
        "IsCustomEntity": name.contains('_'),
        "IsIntersect": name.ends_with("roles") || name == "teammembership" || name == "roleprivileges",
    })
}

fn column_definitions(table: &Table) -> Vec<Value> {
    let definition = |(place, field): (usize, &crate::schema::Field)| {
        let kind = field.kind.attribute_type();
        json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{kind}AttributeMetadata"),
            "MetadataId": metadata_id(table.name, &field.name),
            "LogicalName": field.name,
            "AttributeType": kind,
            "IsPrimaryId": place == 0,
            "IsCustomAttribute": field.declared.is_none(),
            "IsValidForRead": field.kind != Kind::Hidden,
        })
    };
    table.fields.iter().enumerate().map(definition).collect()
}

/// A list after `$filter` and `$select`. Only comparisons of a name joined by `or` and `and` are known,
/// like `LogicalName eq 'mailbox'`.
fn list(all: Vec<Value>, context: &str, kind: &str, raw: &RawQuery) -> Result<Vec<u8>, ServiceError> {
    for option in ["$top", "$orderby", "$skip", "$count"] {
        if raw.option(option).is_some() {
            let message = format!("The query parameter {option} is not supported.");
            return Err(ServiceError::new(400, "0x80060888", message));
        }
    }
    let mut kept = Vec::new();
    for value in all {
        let passes = match raw.option("$filter") {
            Some(filter) => passes(filter, &value, kind)?,
            None => true,
        };
        if passes {
            kept.push(selected(value, kind, raw)?);
        }
    }
    Ok(json!({ "@odata.context": context, "value": kept })
        .to_string()
        .into_bytes())
}

fn passes(filter: &str, value: &Value, kind: &str) -> Result<bool, ServiceError> {
    let mut any = false;
    for alternative in filter.split(" or ") {
        let mut all = true;
        for condition in alternative.split(" and ") {
            let condition = condition.trim_matches(['(', ')', ' ']);
            let words: Vec<&str> = condition.splitn(3, ' ').collect();
            let [property, operator, literal] = words[..] else {
                return Err(ServiceError::bad_query(format!(
                    "Syntax error at position 0 in '{filter}'."
                )));
            };
            let found = value
                .get(property)
                .ok_or_else(|| ServiceError::unknown_property(property, kind))?;
            let equal = match found {
                Value::String(text) => literal.trim_matches('\'') == text,
                Value::Bool(value) => literal == if *value { "true" } else { "false" },
                _ => false,
            };
            all &= match operator {
                "eq" => equal,
                "ne" => !equal,
                _ => {
                    let message = format!("The operator '{operator}' is not supported for metadata.");
                    return Err(ServiceError::bad_query(message));
                }
            };
        }
        any |= all;
    }
    Ok(any)
}

/// The properties asked for; the identifier and the type always come along.
fn selected(value: Value, kind: &str, raw: &RawQuery) -> Result<Value, ServiceError> {
    let (Some(select), Value::Object(object)) = (raw.option("$select"), &value) else {
        return Ok(value);
    };
    let mut kept = serde_json::Map::new();
    for always in ["@odata.type", "MetadataId"] {
        if let Some(found) = object.get(always) {
            kept.insert(always.to_owned(), found.clone());
        }
    }
    for property in select.split(',').map(str::trim) {
        let found = object
            .get(property)
            .ok_or_else(|| ServiceError::unknown_property(property, kind))?;
        kept.insert(property.to_owned(), found.clone());
    }
    Ok(Value::Object(kept))
}
