//! Small tables and the folder they go to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, Gap, GapReason, Manifest, SelfCheck,
};
use clearance::snapshot::tables::{TableDef, table};
use clearance::snapshot::{Column, Guid, SnapshotError, SnapshotWriter, Table, WriteError};

pub fn definition(name: &str) -> &'static TableDef {
    table(name).unwrap()
}

pub fn rows(columns: Vec<(&str, Column)>) -> Table {
    let rows = match &columns[0].1 {
        Column::Id(values) => values.len(),
        _ => panic!("the first column is the key"),
    };
    Table {
        rows,
        columns: columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column))
            .collect(),
    }
}

pub fn ids(values: &[u128]) -> Column {
    Column::Id(values.iter().copied().map(Guid).collect())
}

/// Three mailboxes, not in the order of their ids.
pub fn mailboxes() -> Table {
    rows(vec![
        ("mailboxid", ids(&[3, 1, 2])),
        (
            "name",
            Column::Text(StringArray::from(vec![Some("Zoë"), None, Some("")])),
        ),
        ("regardingobjectid", ids(&[0, u128::MAX, 7])),
        (
            "statecode",
            Column::Integer(Int32Array::from(vec![Some(0), Some(-1), None])),
        ),
        (
            "enabledforact",
            Column::Boolean(BooleanArray::from(vec![None, Some(true), Some(false)])),
        ),
        (
            "testmailboxaccesscompletedon",
            Column::Timestamp(
                TimestampMillisecondArray::from(vec![Some(1_795_420_800_001), None, Some(-1)])
                    .with_timezone("UTC"),
            ),
        ),
        // Columns that only a rule named.
        ("ownerid", ids(&[9, 0, 8])),
        (
            "ewsurl",
            Column::Text(StringArray::from(vec![None, Some("https://x"), None])),
        ),
    ])
}

pub fn manifest() -> Manifest {
    Manifest {
        format: 1,
        environment: EnvironmentInfo {
            url: "https://contoso.crm4.dynamics.com".to_owned(),
            organization_id: Guid(1).to_string(),
            name: "contoso".to_owned(),
            build: Some("9.2.24091.195".to_owned()),
            deployment: Deployment::Online,
            deployment_from: DeploymentFrom::Host,
            region: Some("crm4".to_owned()),
        },
        collected: Collected {
            started: "2026-11-23T08:00:00Z".parse().unwrap(),
            finished: "2026-11-23T08:00:41Z".parse().unwrap(),
            by: Guid(2).to_string(),
            tool: "clearance 0.1.0".to_owned(),
        },
        tables: BTreeMap::new(),
        gaps: vec![Gap {
            table: "tracelog".to_owned(),
            column: None,
            reason: GapReason::Forbidden,
            detail: "prvReadTraceLog".to_owned(),
        }],
        wanted_privileges: vec!["prvReadActionCard".to_owned()],
        selfcheck: SelfCheck {
            depths: BTreeMap::from([("prvReadMailbox".to_owned(), DepthName::Global)]),
        },
        verified: None,
    }
}

/// Writes a snapshot of the mailboxes alone.
pub fn write(target: &Path) -> Result<Manifest, WriteError> {
    let writer = SnapshotWriter::create(target)?;
    writer.table(definition("mailbox"), &[mailboxes()], 1, true)?;
    writer.finish(manifest())
}

pub fn needs(table: &str, columns: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    BTreeMap::from([(table.to_owned(), columns)])
}

pub fn text(error: &SnapshotError, folder: &Path) -> String {
    error
        .to_string()
        .replace(&folder.display().to_string(), "DIR")
        .replace('\\', "/")
}
