//! The manifest: where and when a snapshot was taken, what is in it and what is missing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The snapshot format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// `manifest.json` of a snapshot. Holds no secrets, ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version; see [`FORMAT`].
    pub format: u32,
    /// Which environment this is.
    pub environment: EnvironmentInfo,
    /// Who collected it, when, with what.
    pub collected: Collected,
    /// The tables that are present, by logical name.
    pub tables: BTreeMap<String, TableInfo>,
    /// What could not be read, and why.
    pub gaps: Vec<Gap>,
    /// Privilege names that were asked for. One without a row in `privilege` does not exist in
    /// the environment; one that is not in this list is unknown.
    pub wanted_privileges: Vec<String>,
    /// What the caller may read.
    pub selfcheck: SelfCheck,
    /// Users whose access was verified with the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// The environment that a snapshot was collected from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentInfo {
    /// Address as given, without a trailing slash.
    pub url: String,
    /// Dataverse's id of the organization, lower-case.
    pub organization_id: String,
    /// Name of the organization.
    pub name: String,
    /// Version as `RetrieveVersion` answered; null when it did not answer.
    pub build: Option<String>,
    /// Online or on-premises.
    pub deployment: Deployment,
    /// How the deployment was found out.
    pub deployment_from: DeploymentFrom,
    /// The host's region label (`crm4`), or `gcc-high`, `dod`, `china`, else null.
    pub region: Option<String>,
}

/// Where an environment runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deployment {
    /// In Microsoft's cloud.
    Online,
    /// On the customer's own servers.
    OnPremises,
}

/// What told the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentFrom {
    /// `--deployment`.
    Flag,
    /// The host name.
    Host,
    /// The build number.
    Build,
}

/// The run that made a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    /// When the first request was sent.
    pub started: Timestamp,
    /// When the last answer was in.
    pub finished: Timestamp,
    /// The caller's `systemuserid`.
    pub by: String,
    /// Program and version.
    pub tool: String,
}

/// One table of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableInfo {
    /// Number of rows.
    pub rows: u64,
    /// Number of pages they came in.
    pub pages: u64,
    /// Whether the server said there is no more.
    pub complete: bool,
    /// Column names, in file order.
    pub columns: Vec<String>,
    /// SHA-256 of the Parquet file, lower-case hexadecimal.
    pub sha256: String,
    /// What the server counted; none of what it was not asked to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
}

/// The server's own counts of a table, which do not depend on how its pages were followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Rows that it counted of just what was asked for; null if it did not count.
    pub query: Option<u64>,
    /// Whether it stopped counting there, so that there may be more.
    pub more: bool,
    /// Rows of the whole table, whoever may see them, as of a moment of the last 24 hours; null if the
    /// server does not tell, or only a part of the table was asked for.
    pub total: Option<u64>,
}

/// Something the collector could not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Logical name of the table.
    pub table: String,
    /// Logical name of the column; null when the whole table or rows of it are missing.
    pub column: Option<String>,
    /// The kind of reason.
    pub reason: GapReason,
    /// The server's words or the missing privilege, for a person to read.
    pub detail: String,
}

/// Why something could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The caller may not read it.
    Forbidden,
    /// The environment has no such table or column.
    NotFound,
    /// Reading it failed part-way; `complete` of the table is false.
    Failed,
    /// A reason that this version does not know.
    #[serde(other)]
    Other,
}

/// The read privileges whose global depth proves that what was not found is not there
/// (`design.md` §4).
pub const SELF_CHECKED: [&str; 8] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadTeam",
    "prvReadBusinessUnit",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadOrganization",
    "prvReadAppModule",
];

/// What the caller itself may read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// The caller's depth of each privilege of [`SELF_CHECKED`]. A missing key is *not proven*.
    pub depths: BTreeMap<String, DepthName>,
}

/// A depth as the manifest writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DepthName {
    /// The user's own rows.
    Basic,
    /// Rows of the business unit.
    Local,
    /// Rows of the business unit and those below it.
    Deep,
    /// All rows.
    Global,
}

/// How many users' access was compared with the server's own answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Users asked about.
    pub users: u64,
    /// Users for whom our access model and the server agree.
    pub agree: u64,
}

impl GapReason {
    /// The reason in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            GapReason::Forbidden => "the collecting account may not read it",
            GapReason::NotFound => "the environment does not have it",
            GapReason::Failed => "reading it failed",
            GapReason::Other => "it could not be read",
        }
    }
}

impl DepthName {
    /// The depth as the manifest and table `access` write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DepthName::Basic => "basic",
            DepthName::Local => "local",
            DepthName::Deep => "deep",
            DepthName::Global => "global",
        }
    }
}

/// Rows that a server's older count may be off by without a word: rows are deleted all the time.
const SMALL_DIFFERENCE: u64 = 100;

impl TableInfo {
    /// Whether as many rows are here as the server counted of just what was asked for.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.counted.is_some_and(|counted| {
            !counted.more
                && counted
                    .query
                    .is_some_and(|rows| self.complete && rows <= self.rows)
        })
    }

    /// The server's total, if the rows fall so far short of it that a day's deletions hardly explain it:
    /// by more than a hundredth of it, and more than 100 rows. It is no proof that rows are missing.
    #[must_use]
    pub fn far_below_total(&self) -> Option<u64> {
        let total = self.counted?.total?;
        (total.saturating_sub(self.rows) > SMALL_DIFFERENCE.max(total / 100)).then_some(total)
    }
}

impl Manifest {
    /// Whether the table was collected to its end.
    #[must_use]
    pub fn is_complete(&self, table: &str) -> bool {
        self.tables.get(table).is_some_and(|info| info.complete)
    }

    /// The privileges whose global depth is not proven, in the order of [`SELF_CHECKED`].
    #[must_use]
    pub fn unproven(&self) -> Vec<&'static str> {
        let names = SELF_CHECKED.into_iter();
        names.filter(|privilege| !self.sees_all(privilege)).collect()
    }

    /// Where the server's own total of a table is far above the rows that came: a sentence each.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        let tables = self.tables.iter();
        tables
            .filter_map(|(table, info)| {
                let total = info.far_below_total()?;
                Some(format!(
                    "table `{table}` has {} rows here, and by the server's own total, which may be a day old, {total}; if \
                     the others were not deleted since, the account cannot see them, and what seems to be missing may be \
                     there.",
                    info.rows
                ))
            })
            .collect()
    }

    /// Whether the caller was proven to see every row that the privilege guards.
    #[must_use]
    pub fn sees_all(&self, privilege: &str) -> bool {
        self.selfcheck.depths.get(privilege) == Some(&DepthName::Global)
    }
}
