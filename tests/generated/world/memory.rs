//! A generated environment as the program's library has it in memory.

use std::collections::BTreeMap;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, Gap, GapReason, Manifest, SelfCheck,
    TableInfo,
};
use clearance::snapshot::{Column, Environment, Guid};

use super::tables::Cells::{self, Bool, Key, Number, Of, Text, Time};
use super::tables::{TABLES, id};
use crate::oracle::tables::{Snapshot, Value};
use crate::rules::PRIVILEGES;

/// The environment as the program's library has it in memory.
pub fn environment(snapshot: &Snapshot) -> Environment {
    let mut tables = BTreeMap::new();
    let mut infos = BTreeMap::new();
    let mut gaps = Vec::new();
    for (name, _, _, columns) in &TABLES {
        let mut gap = |column: Option<&str>| {
            gaps.push(Gap {
                table: (*name).to_owned(),
                column: column.map(str::to_owned),
                reason: GapReason::Forbidden,
                detail: "generated".to_owned(),
            });
        };
        let Some(table) = snapshot.tables.get(*name) else {
            gap(None);
            continue;
        };
        let mut read = clearance::snapshot::Table {
            rows: table.rows.len(),
            ..Default::default()
        };
        for (column, cells) in *columns {
            if table.columns.contains(*column) {
                let values = table.rows.iter().map(|row| &row[*column]);
                read.columns.insert((*column).to_owned(), cells.column(values));
            } else {
                gap(Some(column));
            }
        }
        infos.insert(
            (*name).to_owned(),
            TableInfo {
                rows: table.rows.len() as u64,
                pages: 1,
                complete: table.complete,
                columns: table.columns.iter().cloned().collect(),
                sha256: String::new(),
                counted: None,
            },
        );
        tables.insert((*name).to_owned(), read);
    }
    let depth = |word: &str| {
        if word == "global" {
            DepthName::Global
        } else {
            DepthName::Deep
        }
    };
    let asked = PRIVILEGES
        .into_iter()
        .filter(|name| snapshot.wanted_privileges.contains(&name.to_lowercase()));
    Environment {
        manifest: Manifest {
            format: 1,
            environment: EnvironmentInfo {
                url: format!("https://{}.example", snapshot.name),
                organization_id: snapshot.organization_id.clone(),
                name: snapshot.name.clone(),
                build: snapshot.build.clone(),
                deployment: if snapshot.online {
                    Deployment::Online
                } else {
                    Deployment::OnPremises
                },
                deployment_from: DeploymentFrom::Flag,
                region: snapshot.region.clone(),
            },
            collected: Collected {
                started: "2026-11-23T08:00:00Z".parse().unwrap(),
                finished: "2026-11-23T08:00:41Z".parse().unwrap(),
                by: id("systemuser", 0),
                tool: "clearance 0.1.0".to_owned(),
            },
            tables: infos,
            gaps,
            wanted_privileges: asked.map(str::to_owned).collect(),
            selfcheck: SelfCheck {
                depths: snapshot
                    .depths
                    .iter()
                    .map(|(read, word)| (read.clone(), depth(word)))
                    .collect(),
            },
            verified: None,
        },
        tables,
    }
}

impl Cells {
    fn column<'v>(self, values: impl Iterator<Item = &'v Value>) -> Column {
        match self {
            Key | Of(_) => Column::Id(
                values
                    .map(|value| match value {
                        Value::Text(id) => Guid::parse(id).expect("an id"),
                        _ => Guid::NULL,
                    })
                    .collect(),
            ),
            Text(_) => Column::Text(
                values
                    .map(|value| match value {
                        Value::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
            Number(_) => Column::Integer(
                values
                    .map(|value| match value {
                        Value::Int(number) => i32::try_from(*number).ok(),
                        _ => None,
                    })
                    .collect::<Int32Array>(),
            ),
            Bool => Column::Boolean(
                values
                    .map(|value| match value {
                        Value::Bool(yes) => Some(*yes),
                        _ => None,
                    })
                    .collect::<BooleanArray>(),
            ),
            Time => Column::Timestamp(
                values
                    .map(|value| match value {
                        Value::Time(moment) => Some(*moment),
                        _ => None,
                    })
                    .collect::<TimestampMillisecondArray>()
                    .with_timezone("UTC"),
            ),
        }
    }
}
