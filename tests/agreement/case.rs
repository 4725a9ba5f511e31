//! One audit by the real program, and in what it differs from the oracle.

use std::path::{Path, PathBuf};
use std::process::Command;

use dataverse_simulator::{Behaviour, Simulator, Tenant};

use crate::edited::Edit;
use crate::oracle::compare::{self, Differences};
use crate::oracle::rules::{Device, Given};
use crate::oracle::tables::{self, Snapshot};
use crate::oracle::verdict::assess;
use crate::outcomes::Seen;

/// One audit: environments, and what else is given.
pub struct Case {
    pub name: String,
    pub environments: Vec<(Tenant, Behaviour)>,
    /// Id, holds, last day.
    pub attestations: Vec<(&'static str, bool, &'static str)>,
    pub devices: Option<Vec<Device>>,
    pub include_superseded: bool,
    pub collect_options: Vec<&'static str>,
    pub include_disabled: bool,
    /// What happens to each snapshot after it was collected.
    pub edits: Vec<Edit>,
}

impl Case {
    pub fn new(name: impl Into<String>, tenant: Tenant) -> Case {
        Case {
            name: name.into(),
            environments: vec![(tenant, Behaviour::default())],
            attestations: Vec::new(),
            devices: None,
            include_superseded: false,
            collect_options: Vec::new(),
            include_disabled: false,
            edits: Vec::new(),
        }
    }

    pub fn behaviour(&mut self) -> &mut Behaviour {
        &mut self.environments[0].1
    }

    pub fn given(&self) -> Given {
        let today = jiff::Timestamp::now().to_string();
        Given {
            attestations: self
                .attestations
                .iter()
                .map(|(id, holds, until)| ((*id).to_owned(), (*holds, (*until).to_owned())))
                .collect(),
            devices: self.devices.clone(),
            superseded: self.include_superseded,
            today: today[..10].to_owned(),
        }
    }

    fn write_attestations(&self, file: &Path) {
        let mut text = String::new();
        for (id, holds, until) in &self.attestations {
            text += &format!(
                "[[attestation]]\nid = \"{id}\"\nholds = {holds}\nby = \"A. Tester\"\non = 2020-01-01\nuntil = {until}\n\
                 statement = \"Checked with the Exchange team.\"\n\n"
            );
        }
        std::fs::write(file, text).expect("the attestations are written");
    }

    fn write_devices(&self, file: &Path) {
        let version = |version: Option<[u64; 4]>| {
            version.map_or(String::new(), |version| {
                version.map(|part| part.to_string()).join(".")
            })
        };
        let mut text =
            "user,os,os_version,outlook_version,outlook_channel,browser,browser_version,internet_explorer\n"
                .to_owned();
        for device in self.devices.iter().flatten() {
            let cells = [
                device.user.clone(),
                device.os.unwrap_or_default().to_owned(),
                version(device.os_version),
                version(device.outlook),
                device.channel.unwrap_or_default().to_owned(),
                device.browser.unwrap_or_default().to_owned(),
                version(device.browser_version),
                version(device.internet_explorer),
            ];
            text += &(cells
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
                .join(",")
                + "\n");
        }
        std::fs::write(file, text).expect("the devices are written");
    }

    /// Collects every environment into a folder of its own.
    pub fn collect(&self, folder: &Path) -> Vec<(PathBuf, Snapshot)> {
        let mut snapshots = Vec::new();
        for (index, (tenant, behaviour)) in self.environments.iter().enumerate() {
            let simulator =
                Simulator::start_blocking(tenant.clone(), behaviour.clone()).expect("the simulator starts");
            let snapshot = folder.join(format!("{index}.snapshot"));
            let mut command = clearance(folder, simulator.token());
            command
                .arg("collect")
                .arg(simulator.url())
                .arg("-o")
                .arg(&snapshot)
                .args(&self.collect_options);
            run(&mut command);
            for edit in &self.edits {
                edit.apply(&snapshot);
            }
            let read = tables::read(&snapshot);
            snapshots.push((snapshot, read));
        }
        snapshots
    }

    /// Everything in which program and oracle differ; none is what is wanted. Notes the outcomes seen.
    pub fn disagreement(&self, seen: &mut Seen) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshots = self.collect(folder.path());
        let [verdict_csv, findings_csv, json, attestations, devices] = [
            "verdicts.csv",
            "findings.csv",
            "all.json",
            "attestations.toml",
            "devices.csv",
        ]
        .map(|file| folder.path().join(file));

        let mut audit = clearance(folder.path(), "none");
        audit
            .arg("audit")
            .args(snapshots.iter().map(|(folder, _)| folder));
        audit
            .arg("--csv")
            .arg(&verdict_csv)
            .arg("--findings-csv")
            .arg(&findings_csv)
            .arg("--json")
            .arg(&json);
        if !self.attestations.is_empty() {
            self.write_attestations(&attestations);
            audit.arg("--attestations").arg(&attestations);
        }
        if self.devices.is_some() {
            self.write_devices(&devices);
            audit.arg("--devices").arg(&devices);
        }
        if self.include_superseded {
            audit.arg("--include-superseded");
        }
        if self.include_disabled {
            audit.arg("--include-disabled");
        }
        run(&mut audit);

        let snapshots: Vec<Snapshot> = snapshots.into_iter().map(|(_, snapshot)| snapshot).collect();
        let expected = assess(&snapshots, &self.given(), self.include_disabled);
        let of_users = expected.users.values().flat_map(|user| &user.outcomes);
        let of_environments = expected.environments.values().flatten();
        for (rule, outcome) in of_users.chain(of_environments) {
            seen.entry(rule).or_default().insert(*outcome);
        }
        let mut differences = Differences::default();
        let read = |file: &Path| std::fs::read(file).expect("the program wrote its file");
        compare::verdicts(&expected, &read(&verdict_csv), &mut differences);
        compare::findings(&expected, &read(&findings_csv), &mut differences);
        compare::counts(&expected, &read(&json), &mut differences);
        if differences.is_empty() {
            return None;
        }
        Some(format!(
            "{} (files in {}): {}",
            self.name,
            folder.keep().display(),
            differences.report()
        ))
    }
}

/// The program, in a folder without settings and without anything ambient that could change its answer.
pub fn clearance(folder: &Path, token: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy();
        if [
            "CLEARANCE_",
            "AZURE_",
            "IDENTITY_",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
            "RUST_LOG",
        ]
        .iter()
        .any(|prefix| known.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command.env("CLEARANCE_TOKEN", token).env("NO_COLOR", "1");
    command
}

/// Runs the program to a good end and returns its standard output.
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{said}",
        output.status
    );
    output.stdout
}

/// Ids of all rules that the program has.
pub fn rules_of_the_program() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let list = run(clearance(folder.path(), "none").args(["rules", "list", "--json"]));
    let list: serde_json::Value = serde_json::from_slice(&list).expect("JSON");
    let rules = list.as_array().expect("a list of rules").iter();
    rules
        .map(|rule| rule["id"].as_str().expect("a rule has an id").to_owned())
        .collect()
}
