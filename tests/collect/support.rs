//! One simulator, one collection, and a way to look at cells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use arrow_array::Array;
use clearance::dataverse::auth::GivenToken;
use clearance::dataverse::client::Policy;
use clearance::dataverse::url::EnvironmentUrl;
use clearance::dataverse::{CollectError, Options, Plan, Summary, collect};
use clearance::snapshot::manifest::Gap;
use clearance::snapshot::{Column, Environment, Snapshot};
use dataverse_simulator::{
    Behaviour, DEPLOYMENT_GUIDE, Depth, SUPPORT_ARTICLES, Simulator, Tenant, TenantOptions, generate,
};
use secrecy::SecretString;

/// A tenant small enough for many tests, large enough to have every defect.
pub fn tenant() -> Tenant {
    static TENANT: LazyLock<Tenant> = LazyLock::new(|| {
        generate(&TenantOptions {
            users: 200,
            hostile_names: true,
            ..TenantOptions::default()
        })
    });
    TENANT.clone()
}

pub fn start(tenant: Tenant, behaviour: Behaviour) -> Simulator {
    Simulator::start_blocking(tenant, behaviour).unwrap()
}

/// What the shipped packs want, and one name that exists nowhere.
pub fn plan() -> Plan {
    let mut wanted: Vec<String> = DEPLOYMENT_GUIDE
        .iter()
        .chain(&SUPPORT_ARTICLES)
        .chain(&["prvNoSuchThing"])
        .map(|name| (*name).to_owned())
        .collect();
    wanted.sort();
    wanted.dedup();
    Plan {
        columns: Vec::new(),
        wanted_privileges: wanted,
    }
}

/// Tries again at once: the tests are about what happens, not about how long it takes.
pub fn policy() -> Policy {
    Policy {
        attempts: 3,
        first: Duration::from_millis(2),
        longest: Duration::from_millis(10),
        ..Policy::default()
    }
}

pub struct Collection {
    pub folder: tempfile::TempDir,
    pub target: PathBuf,
    pub summary: Summary,
}

impl Collection {
    pub fn load(&self) -> Environment {
        let snapshot = Snapshot::open(&self.target).unwrap();
        let needs: BTreeMap<String, BTreeSet<String>> = snapshot
            .manifest()
            .tables
            .iter()
            .map(|(name, info)| (name.clone(), info.columns.iter().cloned().collect()))
            .collect();
        snapshot.load(&needs).unwrap()
    }

    pub fn gaps(&self) -> &[Gap] {
        &self.summary.manifest.gaps
    }

    /// The checksums of the tables: the same data gives the same.
    pub fn sums(&self) -> BTreeMap<String, String> {
        let tables = self.summary.manifest.tables.iter();
        tables
            .map(|(name, info)| (name.clone(), info.sha256.clone()))
            .collect()
    }
}

pub fn collect_with(url: &str, token: &str, plan: Plan, policy: Policy) -> Result<Collection, CollectError> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("contoso.snapshot");
    let environment = EnvironmentUrl::parse(url, None).unwrap();
    let token = GivenToken::new(&SecretString::from(token.to_owned()), url).unwrap();
    let options = Options {
        environment,
        token: Arc::new(token),
        concurrency: 8,
        policy,
        observer: Arc::new(()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    match runtime.block_on(collect(options, plan, &target)) {
        Ok(summary) => Ok(Collection {
            folder,
            target,
            summary,
        }),
        Err(error) => {
            drop(runtime);
            // What was finished may be kept to go on from; nothing else.
            let mut left = std::fs::read_dir(folder.path()).unwrap();
            assert!(
                left.all(|entry| entry.unwrap().file_name() == ".contoso.snapshot.unfinished"),
                "something was left behind"
            );
            Err(error)
        }
    }
}

pub fn collect_from(simulator: &Simulator) -> Collection {
    collect_with(&simulator.url(), simulator.token(), plan(), policy()).unwrap()
}

pub fn refusal(simulator: &Simulator) -> String {
    let error = collect_with(&simulator.url(), simulator.token(), plan(), policy())
        .err()
        .expect("no collection");
    error.to_string().replace(&simulator.url(), "URL")
}

/// A gap in one line.
pub fn line(gap: &Gap) -> String {
    let column = gap.column.as_deref().unwrap_or("*");
    format!("{}.{column} {:?}: {}", gap.table, gap.reason, gap.detail)
}

/// A value as text; null is `∅`.
pub fn show<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "∅".to_owned(), |value| value.to_string())
}

/// All rows of a table as text, by the named columns.
pub fn cells(environment: &Environment, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let table = environment
        .table(table)
        .unwrap_or_else(|| panic!("no table {table}"));
    (0..table.rows)
        .map(|row| {
            let cell = |name: &&str| match table.columns.get(*name) {
                None => panic!("no column {name}"),
                Some(Column::Id(values)) => show((!values[row].is_null()).then(|| values[row])),
                Some(Column::Text(values)) => show(values.is_valid(row).then(|| values.value(row))),
                Some(Column::Integer(values)) => show(values.is_valid(row).then(|| values.value(row))),
                Some(Column::Boolean(values)) => show(values.is_valid(row).then(|| values.value(row))),
                // The service tells whole seconds.
                Some(Column::Timestamp(values)) => {
                    show(values.is_valid(row).then(|| values.value(row).div_euclid(1000)))
                }
            };
            columns.iter().map(cell).collect()
        })
        .collect()
}

/// What a caller must hold, everywhere, to see everything.
const READS: [&str; 9] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadTeam",
    "prvReadBusinessUnit",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadOrganization",
    "prvReadAppModule",
    "prvReadTraceLog",
];

/// All of that but these.
pub fn all_but(names: &[&str]) -> Vec<(&'static str, Depth)> {
    let kept = READS.into_iter().filter(|name| !names.contains(name));
    kept.map(|name| (name, Depth::Global)).collect()
}
