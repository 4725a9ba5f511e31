//! The files of the book: what may stand in one, and how it is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Value;

/// One scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is the matter, in one line.
    pub title: String,
    /// What the person does and sees.
    pub story: String,
    /// What kind of answer is right.
    pub answer: Answer,
    /// Which documented causes it shows, by their keys in `documented.rs`.
    #[serde(default)]
    pub shows: Vec<String>,
    /// What the answer rests on.
    pub sources: Vec<Source>,
    /// Who asks, by full name.
    #[serde(default = "maria")]
    pub user: String,
    /// The message that the person pasted.
    pub message: Option<String>,
    /// What is signed off, as an attestations file.
    pub attestations: Option<String>,
    /// A device inventory, as a CSV file.
    pub devices: Option<String>,
    /// What must come out.
    pub expect: Expect,
    #[serde(default)]
    remove: Vec<Select>,
    #[serde(default)]
    add: Vec<Add>,
    #[serde(default)]
    set: Vec<Set>,
    #[serde(default)]
    server: Server,
    /// A second environment, audited with the first: its own changes of a sound one.
    pub other: Option<Environment>,
}

/// What kind of answer is right.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Something is wrong, and it is this.
    Cause,
    /// Everything is as it should be.
    NothingWrong,
    /// What it depends on cannot be seen: by this account, or in Dataverse at all.
    CannotBeSeen,
}

/// A page that a scenario rests on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub page: String,
    /// The date that the page bears, or that it was read on where it bears none.
    pub dated: toml::value::Datetime,
}

/// How an environment differs from the sound one. First rows are removed, then added, then set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    #[serde(default)]
    pub remove: Vec<Select>,
    #[serde(default)]
    pub add: Vec<Add>,
    #[serde(default)]
    pub set: Vec<Set>,
    #[serde(default)]
    pub server: Server,
}

/// Values by column.
pub type Columns = BTreeMap<String, Value>;

/// The rows of a table that have these values; in a list, any of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    pub table: String,
    #[serde(rename = "where")]
    pub columns: Columns,
}

/// A row more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    pub table: String,
    pub row: Columns,
}

/// Other values in the rows that are selected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    pub table: String,
    #[serde(rename = "where", default)]
    pub columns: Columns,
    #[serde(default)]
    pub to: Columns,
    /// Columns that become null.
    #[serde(default)]
    pub clear: Vec<String>,
}

/// What the environment is, and what it shows to the account that collects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    #[serde(default)]
    pub on_premises: bool,
    pub build: Option<String>,
    /// How deep the account may read, by privilege; `none` takes it away.
    #[serde(default)]
    pub caller: BTreeMap<String, String>,
    /// Tables that the account may not read at all.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// Columns that this environment does not have, as `table.column`.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// The server is asked for everybody's effective privileges (`--verify-access=all`).
    #[serde(default)]
    pub verified: bool,
    /// What it then denies the person who asks, whatever the tables say.
    #[serde(default)]
    pub denies: Vec<String>,
}

/// What `explain` must say. Rules are named by id, or by one of the groups in `privileges.rs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub verdict: String,
    /// Of somebody out of scope: the verdict otherwise.
    pub would_be: Option<String>,
    /// The true cause: what is named first.
    #[serde(default)]
    pub cause: Vec<String>,
    /// Whether the cause is seen to fail, or not seen.
    #[serde(default)]
    pub outcome: Outcome,
    /// What else fails.
    #[serde(default)]
    pub with: Vec<String>,
    /// What else is unknown.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Likely wrong answers. Nothing but the above may be named anyway; these are worth a line.
    #[serde(default)]
    pub not: Vec<String>,
    /// Which of the causes explain the message; empty if none does.
    pub explains: Option<Vec<String>>,
    /// The verdict of Jonas, whom the scenario should leave alone.
    #[serde(default = "ready")]
    pub colleague: String,
}

/// Outcome of a cause.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    #[default]
    Fail,
    Unknown,
}

fn maria() -> String {
    "Maria Silva".to_owned()
}

fn ready() -> String {
    "ready".to_owned()
}

impl Scenario {
    /// The environment that the person asks about.
    pub fn environment(&self) -> Environment {
        Environment {
            remove: self.remove.clone(),
            add: self.add.clone(),
            set: self.set.clone(),
            server: self.server.clone(),
        }
    }
}

/// The files of the book, by name.
pub fn all() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    let entries = fs::read_dir(&folder).expect("the book");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// The name of a scenario: that of its file.
pub fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

pub fn read(path: &Path) -> Result<Scenario, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    parse(&text)
}

/// Reads one scenario, and refuses what cannot be meant.
pub fn parse(text: &str) -> Result<Scenario, String> {
    let scenario: Scenario = toml::from_str(text).map_err(|error| error.to_string())?;
    let expect = &scenario.expect;
    if scenario.sources.is_empty() {
        return Err("sources: a scenario names the page that its answer rests on".to_owned());
    }
    if let Some(source) = scenario.sources.iter().find(|one| one.dated.date.is_none()) {
        return Err(format!("sources: `{}` is no date", source.dated));
    }
    if !scenario.story.ends_with('.') {
        return Err("story: one or two sentences, please".to_owned());
    }
    if let Some(source) = scenario
        .sources
        .iter()
        .find(|one| !one.page.starts_with("https://"))
    {
        return Err(format!("sources: `{}` is no address of a page", source.page));
    }
    if expect.cause.is_empty() && scenario.answer == Answer::Cause {
        return Err("expect.cause: this answer is a cause; which?".to_owned());
    }
    if expect.outcome == Outcome::Unknown && scenario.answer != Answer::CannotBeSeen {
        return Err("expect.outcome: a cause that is unknown is one that cannot be seen".to_owned());
    }
    if scenario.answer == Answer::NothingWrong && expect.verdict != "ready" {
        return Err("expect.verdict: with nothing wrong, it is `ready`".to_owned());
    }
    if scenario.message.is_some() != expect.explains.is_some() {
        return Err("expect.explains: say which causes explain the `message`, if there is one".to_owned());
    }
    Ok(scenario)
}
