//! How the service behaves towards its client.

use std::time::Duration;

use uuid::Uuid;

use super::fault::ScriptedFault;
use crate::access::TeamPrivileges;
use crate::signin::SignInService;
use crate::tenant::Depth;

/// The token that is asked for unless a test says otherwise. It protects nothing.
pub const DEFAULT_TOKEN: &str = "simulated";

/// How the simulated service behaves.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// TCP port; 0 for a free one.
    pub port: u16,
    /// Every answer comes so long after its request at the earliest. Making the answer is part of it, so
    /// that a slow machine does not make a slow network.
    pub latency: Duration,
    /// Up to so much is added to every answer, by this seed: each set has delays of its own, whatever
    /// else is asked for at the time.
    pub random_latency: (Duration, u64),
    /// Most rows on a page. The service's own limit, 5000, also holds.
    pub page_size_limit: usize,
    /// Most rows on the answers to one request for a set after the other, and then from the start again;
    /// each set starts elsewhere. 0 is a page without rows that leads on, and a page that is full when
    /// the rows end leads to one more. `page_size_limit` also holds. Empty for that alone.
    pub page_sizes: Vec<usize>,
    /// Rows come in an order that this seed gives; `None` for the service's own, by primary key. The
    /// Web API documents neither.
    pub row_order: Option<u64>,
    /// The bearer token that is asked for; `None` lets everybody in, even without a token.
    pub token: Option<String>,
    /// Tokens that are answered with 401 "token expired".
    pub expired_tokens: Vec<String>,
    /// A further token that holds for so many requests and has expired after them.
    pub expiring_token: Option<(String, u64)>,
    /// The service whose tokens are good, too; the 401 challenge names it.
    pub sign_in: Option<SignInService>,
    /// Faults that happen at certain requests.
    pub faults: Vec<ScriptedFault>,
    /// Limits of service protection; `None` for none.
    pub service_protection: Option<ServiceProtection>,
    /// Columns that this environment lacks, as table and logical name.
    pub omit_columns: Vec<(String, String)>,
    /// Tables that this environment lacks, by logical name.
    pub omit_tables: Vec<String>,
    /// Tables that answer 403 whatever the caller's roles are, by logical name.
    pub forbidden_tables: Vec<String>,
    /// Tables that are not counted, by logical name: `$count=true` and aggregates are refused for them, and
    /// `RetrieveTotalRecordCount` as a whole if it names one of them. What the service says then is not
    /// documented; status and words are made up.
    pub uncountable_tables: Vec<String>,
    /// True: `$count=true` is passed over, and aggregates are refused.
    pub counts_nothing: bool,
    /// The most that `$count=true` says; 5,000.
    pub most_counted: usize,
    /// Of how many rows there are aggregates; 50,000. Code and words of the refusal are as documented
    /// (vendor's page on aggregating data with OData, read 2026-11-27), its status, 400, is not. Whether own
    /// servers have aggregates is not known; these have them.
    pub most_aggregated: usize,
    /// By how many rows the totals of `RetrieveTotalRecordCount` are off, by logical name: they come from a
    /// snapshot of the last 24 hours.
    pub stale_totals: Vec<(String, i64)>,
    /// True: `RetrieveUserSetOfPrivilegesByNames` and `RetrieveTotalRecordCount` do not exist. On-premises
    /// they never do.
    pub functions_missing: bool,
    /// What that function says of roles that are set to team privileges only.
    pub team_privileges: TeamPrivileges,
    /// Answers of that function that no role explains.
    pub hidden: Vec<HiddenAccess>,
    /// Value of `x-ms-dop-hint` on `WhoAmI`; 0 for no such header.
    pub parallelism_hint: u32,
    /// True: the few writes that `server/write.rs` knows change the tenant, if the caller is a System
    /// Administrator. Otherwise, as everything that only reads relies on, each is refused and noted as a
    /// violation.
    pub writable: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            port: 0,
            latency: Duration::ZERO,
            random_latency: (Duration::ZERO, 0),
            page_size_limit: 5000,
            page_sizes: Vec::new(),
            row_order: None,
            token: Some(DEFAULT_TOKEN.to_owned()),
            expired_tokens: Vec::new(),
            expiring_token: None,
            sign_in: None,
            faults: Vec::new(),
            service_protection: Some(ServiceProtection::default()),
            omit_columns: Vec::new(),
            omit_tables: Vec::new(),
            forbidden_tables: Vec::new(),
            uncountable_tables: Vec::new(),
            counts_nothing: false,
            most_counted: 5000,
            most_aggregated: 50_000,
            stale_totals: Vec::new(),
            functions_missing: false,
            team_privileges: TeamPrivileges::default(),
            hidden: Vec::new(),
            parallelism_hint: 4,
            writable: false,
        }
    }
}

/// What the server says of one user and one privilege, whatever the tables say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenAccess {
    /// The user.
    pub user: Uuid,
    /// Name of the privilege, which must exist.
    pub privilege: String,
    /// The depth it is held at; `None` for a denial.
    pub depth: Option<Depth>,
}

/// Service protection limits: per user and web server, over a sliding window.
#[derive(Clone, Copy, Debug)]
pub struct ServiceProtection {
    /// Length of the window; 300 s.
    pub window: Duration,
    /// Most requests in the window; 6000.
    pub requests: usize,
    /// Most execution time in the window, all requests together; 1200 s.
    pub execution: Duration,
    /// Most requests at the same time; 52.
    pub concurrent: usize,
    /// `Retry-After` when too many run at the same time.
    pub concurrent_retry_after: Duration,
}

impl Default for ServiceProtection {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(300),
            requests: 6000,
            execution: Duration::from_secs(1200),
            concurrent: 52,
            concurrent_retry_after: Duration::from_secs(2),
        }
    }
}
