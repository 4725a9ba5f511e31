//! The changes that a file names, made in a tenant. A row is selected by what people call it: columns that
//! hold an id take a name instead.

use dataverse_simulator::{EditRows, Tenant};
use serde_json::{Value, json};
use uuid::Uuid;

use super::file::{Add, Columns, Environment, Select, Set};

/// Columns that lead to a row of another table: that table, and the column of its name.
const LOOKUPS: [(&str, &str, &str); 14] = [
    ("systemuserid", "systemuser", "fullname"),
    ("regardingobjectid", "systemuser", "fullname"),
    ("regardingobjectid", "queue", "name"),
    ("teamid", "team", "name"),
    ("privilegeid", "privilege", "name"),
    ("businessunitid", "businessunit", "name"),
    ("parentbusinessunitid", "businessunit", "name"),
    ("mailboxid", "mailbox", "name"),
    ("defaultmailbox", "mailbox", "name"),
    ("emailserverprofile", "emailserverprofile", "name"),
    ("emailserverprofileid", "emailserverprofile", "name"),
    ("appmoduleid", "appmodule", "uniquename"),
    ("roleid", "role", "name"),
    ("parentrootroleid", "role", "name"),
];

/// Between a role's name and the business unit of the copy that is meant; without it, the root's.
const COPY_IN: &str = " @ ";

/// Makes all changes of an environment.
pub fn make(tenant: &mut Tenant, changes: &Environment) -> Result<(), String> {
    for (number, change) in changes.remove.iter().enumerate() {
        remove(tenant, change).map_err(|fault| told("remove", number, &change.table, &fault))?;
    }
    for (number, change) in changes.add.iter().enumerate() {
        add(tenant, change, number).map_err(|fault| told("add", number, &change.table, &fault))?;
    }
    for (number, change) in changes.set.iter().enumerate() {
        set(tenant, change).map_err(|fault| told("set", number, &change.table, &fault))?;
    }
    Ok(())
}

fn told(what: &str, number: usize, table: &str, fault: &str) -> String {
    format!("{what}, number {}, table `{table}`: {fault}", number + 1)
}

fn remove(tenant: &mut Tenant, change: &Select) -> Result<(), String> {
    let rows = selected(tenant, &change.table, &change.columns)?;
    let mut table = edit(tenant, &change.table)?;
    for row in rows.into_iter().rev() {
        if !table.remove(row) {
            return Err("there is always just one row".to_owned());
        }
    }
    Ok(())
}

fn add(tenant: &mut Tenant, change: &Add, number: usize) -> Result<(), String> {
    let values = resolved(tenant, &change.row)?;
    let mut table = edit(tenant, &change.table)?;
    let key = Uuid::from_u128(0x5ce0_0000 + number as u128);
    let row = table.add(key).ok_or("there is always just one row")?;
    for (column, value) in &values {
        put(table.as_mut(), row, column, value)?;
    }
    Ok(())
}

fn set(tenant: &mut Tenant, change: &Set) -> Result<(), String> {
    let rows = selected(tenant, &change.table, &change.columns)?;
    let mut values = resolved(tenant, &change.to)?;
    values.extend(change.clear.iter().map(|column| (column.clone(), Value::Null)));
    let mut table = edit(tenant, &change.table)?;
    for (column, value) in &values {
        let mut changed = false;
        for &row in &rows {
            changed |= table.value(row, column).map_err(|fault| of(column, &fault))? != *value;
            put(table.as_mut(), row, column, value)?;
        }
        if !changed {
            return Err(format!("`{column}` is {value} already"));
        }
    }
    Ok(())
}

fn put(table: &mut dyn EditRows, row: usize, column: &str, value: &Value) -> Result<(), String> {
    table
        .put(row, column, value)
        .map_err(|fault| format!("{} ({value})", of(column, &fault)))
}

fn of(column: &str, fault: &dataverse_simulator::Refused) -> String {
    format!("`{column}`: {fault}")
}

fn edit<'t>(tenant: &'t mut Tenant, table: &str) -> Result<Box<dyn EditRows + 't>, String> {
    tenant.edit(table).ok_or_else(|| "no such table".to_owned())
}

/// The rows that have all the values; each value of a list must be found.
fn selected(tenant: &mut Tenant, table: &str, columns: &Columns) -> Result<Vec<usize>, String> {
    let mut wanted: Vec<(&String, Vec<Value>)> = Vec::new();
    for (column, value) in columns {
        let values = match value {
            toml::Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        let values = values.iter().map(|value| id_or_value(tenant, column, value));
        wanted.push((column, values.collect::<Result<_, _>>()?));
    }
    let table = edit(tenant, table)?;
    let mut rows: Vec<usize> = (0..table.count()).collect();
    for (column, values) in wanted {
        let mut found = Vec::new();
        for value in &values {
            let before = found.len();
            for &row in &rows {
                if table.value(row, column).map_err(|fault| of(column, &fault))? == *value {
                    found.push(row);
                }
            }
            if found.len() == before {
                return Err(format!("no row has `{column}` {}", columns[column]));
            }
        }
        rows = found;
    }
    rows.sort_unstable();
    Ok(rows)
}

fn resolved(tenant: &mut Tenant, columns: &Columns) -> Result<Vec<(String, Value)>, String> {
    let one =
        |(column, value): (&String, &toml::Value)| Ok((column.clone(), id_or_value(tenant, column, value)?));
    columns.iter().map(one).collect()
}

/// A value as the tenant has it: for the name of something, its id.
fn id_or_value(tenant: &mut Tenant, column: &str, value: &toml::Value) -> Result<Value, String> {
    let leads = || LOOKUPS.iter().filter(|(lookup, ..)| *lookup == column);
    match value {
        toml::Value::String(name) if leads().next().is_some() && name.parse::<Uuid>().is_err() => {
            let mut ids = Vec::new();
            for (_, table, naming) in leads() {
                ids.extend(called(tenant, table, naming, name)?);
            }
            match ids[..] {
                [id] => Ok(json!(id.to_string())),
                [] => Err(format!("`{column}`: nothing is called \"{name}\"")),
                _ => Err(format!("`{column}`: \"{name}\" is {} rows", ids.len())),
            }
        }
        toml::Value::String(text) => Ok(json!(text)),
        toml::Value::Integer(number) => Ok(json!(number)),
        toml::Value::Boolean(value) => Ok(json!(value)),
        other => Err(format!("`{column}`: {other} is no value of a column")),
    }
}

/// The ids of the rows with that name.
fn called(tenant: &mut Tenant, table: &str, naming: &str, name: &str) -> Result<Vec<Uuid>, String> {
    let (name, unit) = match name.split_once(COPY_IN) {
        Some((name, unit)) if table == "role" => (name, called(tenant, "businessunit", "name", unit)?),
        _ if table == "role" => (
            name,
            vec![tenant.root_business_unit().expect("a root").businessunitid],
        ),
        _ => (name, Vec::new()),
    };
    let units: Vec<Value> = unit.iter().map(|unit| json!(unit.to_string())).collect();
    let rows = edit(tenant, table)?;
    let is = |row: &usize| {
        let named = rows.value(*row, naming) == Ok(json!(name));
        named
            && (table != "role"
                || rows
                    .value(*row, "businessunitid")
                    .is_ok_and(|unit| units.contains(&unit)))
    };
    // The first column of every table that has names is its key.
    let key = format!("{table}id");
    let id = |row: usize| rows.value(row, &key).ok()?.as_str()?.parse().ok();
    Ok((0..rows.count()).filter(is).filter_map(id).collect())
}
