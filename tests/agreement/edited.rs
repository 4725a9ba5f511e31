//! What a simulator on this machine cannot have: a region, and access that the server itself was asked
//! about. The snapshots are collected as ever, and edited before they are audited.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use dataverse_simulator::{
    Access, DEPLOYMENT_GUIDE, Depth, FEATURES, SUPPORT_ARTICLES, Tenant, TenantOptions,
};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use crate::case::Case;
use crate::oracle::shake::Chance;
use crate::tenants::{EVERY_READ, shaken, tenant};

/// What happens to a snapshot.
pub enum Edit {
    /// The manifest names this address and region.
    Region(&'static str, Option<&'static str>),
    /// The server was asked about these users.
    Access(Vec<Answer>),
}

/// A row of `access.parquet`: the user, a privilege and its depth; neither for one who holds none.
pub struct Answer {
    user: String,
    held: Option<(&'static str, &'static str)>,
}

impl Edit {
    /// Edits a snapshot folder.
    pub fn apply(&self, folder: &Path) {
        let path = folder.join("manifest.json");
        let manifest = std::fs::read(&path).expect("a manifest");
        let mut manifest: Value = serde_json::from_slice(&manifest).expect("the manifest is JSON");
        match self {
            Edit::Region(url, region) => {
                manifest["environment"]["url"] = json!(url);
                manifest["environment"]["region"] = json!(region);
            }
            Edit::Access(answers) => {
                manifest["tables"]["access"] = write_access(answers, &folder.join("access.parquet"));
                let users: BTreeSet<&str> = answers.iter().map(|answer| &*answer.user).collect();
                // How many agree is told, and decides nothing.
                manifest["verified"] = json!({"users": users.len(), "agree": 0});
            }
        }
        std::fs::write(&path, manifest.to_string()).expect("the manifest is written");
    }
}

/// Writes the table of `design.md` §4; answers its entry in the manifest.
fn write_access(answers: &[Answer], path: &Path) -> Value {
    let users: StringArray = answers.iter().map(|answer| Some(&*answer.user)).collect();
    let privileges: StringArray = answers
        .iter()
        .map(|answer| answer.held.map(|held| held.0))
        .collect();
    let depths: StringArray = answers
        .iter()
        .map(|answer| answer.held.map(|held| held.1))
        .collect();
    let columns = ["systemuserid", "privilege", "depth"];
    let arrays = [users, privileges, depths].map(|array| Arc::new(array) as ArrayRef);
    let batch = RecordBatch::try_from_iter(columns.into_iter().zip(arrays)).expect("columns of one length");
    let file = File::create_new(path).expect("a new file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("the rows are written");
    writer.close().expect("the file is written");
    let bytes = std::fs::read(path).expect("the file is there");
    let sha256: String = ring::digest::digest(&ring::digest::SHA256, &bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({"rows": answers.len(), "pages": 1, "complete": true, "columns": columns, "sha256": sha256})
}

/// A region that the app is not offered in, one that it is, and none.
pub fn regions() -> Vec<Case> {
    let regions = [
        ("https://contoso.crm.appsplatform.us", Some("dod")),
        ("https://contoso.crm4.dynamics.com", Some("crm4")),
        ("https://crm.contoso.example", None),
    ];
    (660..)
        .zip(regions)
        .map(|(seed, (url, region))| {
            let users = TenantOptions {
                users: 40,
                ..TenantOptions::default()
            };
            let tenant = tenant(seed, users);
            let mut case = Case::new(format!("region {region:?}, seed {seed}"), tenant);
            case.edits.push(Edit::Region(url, region));
            case
        })
        .collect()
}

/// The server decides where it was asked: also where tables are missing and the caller sees little.
pub fn answers_of_the_server() -> Vec<Case> {
    let missing = [None, Some("role"), Some("privilege"), None];
    (670..)
        .zip(missing)
        .map(|(seed, missing)| {
            let mut tenant = shaken(seed, TenantOptions::default());
            if seed == 673 {
                tenant.restrict_caller(&EVERY_READ.map(|read| {
                    let depth = if read == "prvReadRole" {
                        Depth::Deep
                    } else {
                        Depth::Global
                    };
                    (read, depth)
                }));
            }
            let answers = answers(&tenant, &mut Chance(seed));
            let mut case = Case::new(format!("answers, without {missing:?}, seed {seed}"), tenant);
            case.behaviour().omit_tables.extend(missing.map(str::to_owned));
            case.edits.push(Edit::Access(answers));
            case
        })
        .collect()
}

/// Of most users: what the tenant gives them, that with errors, everything, or nothing.
fn answers(tenant: &Tenant, chance: &mut Chance) -> Vec<Answer> {
    let access = Access::new(tenant);
    let depths = ["basic", "local", "deep", "global"];
    let word = |depth: Depth| depths[depth as usize];
    let mut users: Vec<_> = tenant.users.iter().map(|user| user.systemuserid).collect();
    users.sort_unstable();
    let asked = DEPLOYMENT_GUIDE
        .into_iter()
        .chain(SUPPORT_ARTICLES)
        .chain(FEATURES);
    let mut names: Vec<&'static str> = asked.collect();
    names.sort_unstable();
    names.dedup();
    let mut answers = Vec::new();
    for user in users {
        let kind = chance.below(8);
        if kind == 0 {
            continue;
        }
        let first = answers.len();
        for name in &names {
            let truth = access.deepest(user, name).map(|grant| word(grant.depth));
            let held = match kind {
                1 => None,
                2 => Some("global"),
                3 | 4 if chance.percent(10) => [None, Some(depths[chance.below(4)])][chance.below(2)],
                _ => truth,
            };
            answers.extend(held.map(|depth| Answer {
                user: user.to_string(),
                held: Some((*name, depth)),
            }));
        }
        if answers.len() == first {
            answers.push(Answer {
                user: user.to_string(),
                held: None,
            });
        }
    }
    answers
}
