//! Generated environments: a few rows in every table, full of nulls, with tables and columns missing.

mod memory;
mod tables;

use std::collections::BTreeSet;

use clearance::snapshot::manifest::SELF_CHECKED;
use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::MOMENTS;
use crate::oracle::tables::{Row, Snapshot, Table, Value};
use crate::rules::PRIVILEGES;
pub use memory::environment;
use tables::Cells::{self, Bool, Key, Number, Of, Text, Time};
pub use tables::gaps;
use tables::{Definition, TABLES, id, rows_of};

/// A cell; the first choice is what shrinking ends at.
fn cell(cells: Cells, is_key: bool) -> BoxedStrategy<Value> {
    let value = match cells {
        Key => Just(Value::Null).boxed(),
        // One more than there can be: a row that is not there.
        Of(table) => (0..rows_of(table) + 1)
            .prop_map(move |position| Value::Text(id(table, position)))
            .boxed(),
        Text(words) => select(words)
            .prop_map(|word| Value::Text(word.to_owned()))
            .boxed(),
        Number(numbers) => select(numbers).prop_map(Value::Int).boxed(),
        Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Time => select(&MOMENTS[..])
            .prop_map(|(_, moment)| Value::Time(moment))
            .boxed(),
    };
    let null = match cells {
        _ if is_key => return value,
        // Most people are someone, and most roles no administrator's.
        Of("application" | "template") => 9,
        _ => 1,
    };
    prop_oneof![null => Just(Value::Null), 3 => value].boxed()
}

fn table((name, most, keys, columns): &'static Definition) -> BoxedStrategy<Option<Table>> {
    // Of `access`, a privilege is null where the user holds none.
    let never_null = if *name == "access" { 1 } else { *keys };
    let row: Vec<BoxedStrategy<Value>> = columns
        .iter()
        .enumerate()
        .map(|(position, (_, cells))| cell(*cells, position < never_null))
        .collect();
    let missing = match *name {
        "systemuser" => 0.0,
        "access" => 0.7,
        _ => 0.06,
    };
    (
        prop::bool::weighted(missing),
        prop::bool::weighted(0.08),
        prop::collection::vec(prop::bool::weighted(0.05), columns.len()),
        prop::collection::vec(row, 0..=*most),
    )
        .prop_map(move |(is_missing, is_partial, gaps, rows)| {
            if is_missing {
                return None;
            }
            let is_there = |position: usize| position < *keys || *name == "access" || !gaps[position];
            let mut table = Table {
                complete: !is_partial,
                ..Table::default()
            };
            let there = || (0..columns.len()).filter(|position| is_there(*position));
            table.columns = there().map(|position| columns[position].0.to_owned()).collect();
            let mut seen = BTreeSet::new();
            for (number, cells) in rows.into_iter().enumerate() {
                let value = |position: usize| match columns[position].1 {
                    Key => Value::Text(id(name, number)),
                    _ => cells[position].clone(),
                };
                let key: Vec<String> = (0..*keys)
                    .map(|position| format!("{:?}", value(position)))
                    .collect();
                if seen.insert(key) {
                    let row = there().map(|position| (columns[position].0.to_owned(), value(position)));
                    table.rows.push(row.collect::<Row>());
                }
            }
            let key = |row: &Row| -> Vec<String> {
                let columns = columns[..*keys].iter();
                columns.map(|(column, _)| format!("{:?}", row[*column])).collect()
            };
            table.rows.sort_by_key(key);
            match *name {
                "access" => answers(&mut table),
                // No two privileges of an environment have one name.
                "privilege" => {
                    let mut names = BTreeSet::new();
                    table.rows.retain(|row| match row.get("name") {
                        Some(Value::Text(name)) => names.insert(name.clone()),
                        _ => true,
                    });
                }
                _ => {}
            }
            Some(table)
        })
        .boxed()
}

/// Whom the server was asked about either holds something at a depth, or has one row without.
fn answers(table: &mut Table) {
    let holds = |row: &Row| row["privilege"] != Value::Null && row["depth"] != Value::Null;
    let holders: BTreeSet<String> = table
        .rows
        .iter()
        .filter(|row| holds(row))
        .map(|row| format!("{:?}", row["systemuserid"]))
        .collect();
    let mut nothing = BTreeSet::new();
    table.rows.retain_mut(|row| {
        let user = format!("{:?}", row["systemuserid"]);
        if holds(row) {
            return true;
        }
        row.insert("privilege".to_owned(), Value::Null);
        row.insert("depth".to_owned(), Value::Null);
        !holders.contains(&user) && nothing.insert(user)
    });
}

/// An environment; its number makes it another organization.
pub fn world(number: usize) -> BoxedStrategy<Snapshot> {
    let tables: Vec<BoxedStrategy<Option<Table>>> = TABLES.iter().map(table).collect();
    let build = select(
        &[
            Some("9.2"),
            Some("9.1.0.4206"),
            Some("9.2.24091.195"),
            Some("nightly"),
            None,
        ][..],
    );
    let region = select(&[Some("crm4"), Some("dod"), None][..]);
    let unproven = prop::collection::vec(prop::bool::weighted(0.06), SELF_CHECKED.len());
    let unasked = prop::collection::vec(prop::bool::weighted(0.1), PRIVILEGES.len());
    (tables, build, region, any::<bool>(), unproven, unasked)
        .prop_map(move |(tables, build, region, on_premises, unproven, unasked)| {
            let tables = TABLES.iter().zip(tables);
            let privileges = PRIVILEGES.iter().zip(unasked).filter(|(_, unasked)| !unasked);
            let depths = SELF_CHECKED.iter().zip(unproven).map(|(read, unproven)| {
                (
                    (*read).to_owned(),
                    if unproven { "deep" } else { "global" }.to_owned(),
                )
            });
            let mut snapshot = Snapshot {
                name: format!("environment-{number}"),
                organization_id: id("organization", number),
                build: build.map(str::to_owned),
                online: !on_premises,
                region: region.map(str::to_owned),
                tables: tables
                    .filter_map(|((name, ..), table)| Some(((*name).to_owned(), table?)))
                    .collect(),
                wanted_privileges: privileges.map(|(name, _)| name.to_lowercase()).collect(),
                depths: depths.collect(),
            };
            // Only what was asked for is collected.
            if let Some(table) = snapshot.tables.get_mut("privilege") {
                table.rows.retain(|row| match row.get("name") {
                    Some(Value::Text(name)) => snapshot.wanted_privileges.contains(&name.to_lowercase()),
                    _ => true,
                });
            }
            snapshot
        })
        .boxed()
}
