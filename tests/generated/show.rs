//! What a difference looks like to the person who reads it.

use std::fmt;

use crate::audit::Case;
use crate::naive::{Record, Scene};
use crate::oracle::tables::{Row, Snapshot, Value};
use crate::rules;
use crate::world::gaps;

/// The cells of a row, by column; what is not there was not collected.
fn row(row: &Row) -> String {
    let mut cells: Vec<String> = row
        .iter()
        .map(|(column, value)| match value {
            Value::Null => format!("{column}: null"),
            Value::Text(text) => format!("{column}: {text:?}"),
            Value::Int(number) => format!("{column}: {number}"),
            Value::Bool(yes) => format!("{column}: {yes}"),
            Value::Time(moment) => format!("{column}: {moment} ms"),
        })
        .collect();
    cells.sort_unstable();
    cells.join(", ")
}

/// A user with all records.
pub fn user(scene: &Scene<'_>, user: &Row) -> String {
    let tables = [
        "systemuser",
        "mailbox",
        "emailserverprofile",
        "businessunit",
        "organization",
    ];
    let lines = tables.map(|table| {
        let words = match scene.record(table, user) {
            Record::Row(found) => row(found),
            Record::None => "none, and that is proved".to_owned(),
            Record::NotSeen => "not seen".to_owned(),
        };
        format!("  {table}: {words}\n")
    });
    lines.concat()
}

fn snapshot(snapshot: &Snapshot, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Snapshot {
        name,
        build,
        region,
        online,
        ..
    } = snapshot;
    writeln!(
        formatter,
        "# {name}: online {online}, build {build:?}, region {region:?}"
    )?;
    let unproven = snapshot.depths.iter().filter(|(_, depth)| *depth != "global");
    let unproven: Vec<&str> = unproven.map(|(read, _)| read.as_str()).collect();
    writeln!(
        formatter,
        "# asked for {:?}; not proven: {unproven:?}",
        snapshot.wanted_privileges
    )?;
    for (name, table) in &snapshot.tables {
        let complete = if table.complete { "" } else { ", not complete" };
        let gaps = gaps(name, table);
        let gaps = if gaps.is_empty() {
            String::new()
        } else {
            format!(", without {gaps:?}")
        };
        writeln!(formatter, "# {name}{complete}{gaps}:")?;
        for found in &table.rows {
            writeln!(formatter, "#   {}", row(found))?;
        }
    }
    Ok(())
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{}", rules::file(&self.rules))?;
        for environment in &self.given.snapshots {
            snapshot(environment, formatter)?;
        }
        writeln!(formatter, "# attestations {:?}", self.given.attestations)?;
        writeln!(formatter, "# devices {:?}", self.given.devices)
    }
}
