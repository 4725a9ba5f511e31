//! A folder to work in, the program run there, and snapshots to lay on it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use boon::{Compiler, Schemas};
use dataverse_simulator::{Behaviour, Simulator, Tenant};
use serde_json::Value;

/// The clock of every run: 2026-11-23 08:00 UTC, some weeks after the dates in invented tenants.
pub const NOW: &str = "1795420800";

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("the program ended by itself"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

/// A folder of its own for one test, with nothing ambient that could change an answer.
pub struct Desk {
    folder: tempfile::TempDir,
    /// Where the program puts temporary files: to be empty when it has ended.
    temporary: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        Desk {
            folder: tempfile::tempdir().expect("a folder"),
            temporary: tempfile::tempdir().expect("a folder"),
        }
    }

    /// A desk with one snapshot on it.
    pub fn with(kept: &Kept, name: &str) -> Desk {
        let desk = Desk::new();
        kept.lay(&desk.path(name));
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file on the desk");
    }

    pub fn read(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect("text")
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// Every file and folder, also the program's temporary ones, with its bytes.
    pub fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned(), self.temporary.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path.clone());
                    found.insert(path, Vec::new());
                } else {
                    let bytes = fs::read(&path).expect("a file");
                    found.insert(path, bytes);
                }
            }
        }
        found
    }

    /// The program, to be run on this desk.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
        let ambient = ["CLEARANCE_", "AZURE_", "IDENTITY_", "RUST_"];
        for (name, _) in std::env::vars_os() {
            let known = name.to_string_lossy().to_uppercase();
            if known.ends_with("_PROXY") || ambient.iter().any(|prefix| known.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("SOURCE_DATE_EPOCH", NOW)
            .args(arguments);
        for name in ["TMPDIR", "TEMP", "TMP"] {
            command.env(name, self.temporary.path());
        }
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.command(arguments)
            .output()
            .expect("the program starts")
            .into()
    }

    /// A run that must succeed.
    pub fn good<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    }
}

/// A snapshot held in memory, so that every test can lay a copy of its own on its desk.
pub struct Kept(Vec<(String, Vec<u8>)>);

impl Kept {
    /// What the program itself collects from a tenant.
    pub fn collect(tenant: Tenant) -> Kept {
        let simulator = Simulator::start_blocking(tenant, Behaviour::default()).expect("a simulator");
        let desk = Desk::new();
        let mut command = desk.command(["collect", &simulator.url(), "-o", "snapshot", "--quiet"]);
        let ran = Ran::from(
            command
                .env("CLEARANCE_TOKEN", simulator.token())
                .output()
                .unwrap(),
        );
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let files = fs::read_dir(desk.path("snapshot")).expect("the snapshot");
        Kept(
            files
                .map(|file| {
                    let file = file.expect("an entry");
                    let name = file.file_name().into_string().expect("text");
                    (name, fs::read(file.path()).expect("a file of the snapshot"))
                })
                .collect(),
        )
    }

    /// Lays a copy on a desk.
    pub fn lay(&self, folder: &Path) {
        fs::create_dir(folder).expect("a folder for the snapshot");
        for (name, bytes) in &self.0 {
            fs::write(folder.join(name), bytes).expect("a file of the snapshot");
        }
    }

    pub fn manifest(&self) -> Value {
        let file = self.0.iter().find(|(name, _)| name == "manifest.json");
        serde_json::from_slice(&file.expect("a manifest").1).expect("JSON")
    }
}

/// Checks a document against a published schema, and gives it back.
pub fn valid(schema: &str, document: &str) -> Value {
    let document: Value = serde_json::from_str(document).expect("JSON");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let text = fs::read_to_string(file).expect("the schema");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler
        .add_resource("urn:schema", serde_json::from_str(&text).expect("JSON"))
        .expect("a resource");
    let schema = compiler.compile("urn:schema", &mut schemas).expect("a schema");
    if let Err(faults) = schemas.validate(&document, schema) {
        panic!("{faults}");
    }
    document
}

/// A row of a CSV file by the names of its columns.
pub type Row = BTreeMap<String, String>;

/// The rows of a CSV file under the names of their columns.
pub fn table(text: &str) -> Vec<Row> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .map(|row| row.expect("a row of the right length"))
        .collect()
}

/// Text of one member of a JSON object; empty when it is null or not there.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// A list in a JSON object.
pub fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().expect("a list")
}
