//! One collection, from the first question to the finished snapshot.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::snapshot::SnapshotWriter;
use crate::snapshot::manifest::{
    Collected as CollectedInfo, DepthName, EnvironmentInfo, FORMAT, Gap, Manifest, SELF_CHECKED, SelfCheck,
};
use crate::snapshot::tables::{self, Kind, TABLES, TableDef};
use crate::snapshot::unfinished::About;

use super::auth::TokenSource;
use super::client::{Client, Policy, Traffic};
use super::count;
use super::error::{CollectError, RequestError};
use super::odata::Filter;
use super::own_roles::OwnRoles;
use super::progress::Observer;
use super::reading::{privilege_filters, read_tables};
use super::resume::{self, BeginError, Tell};
use super::selfcheck::{self, Caller};
use super::table::{Job, Reader, Rows};
use super::url::EnvironmentUrl;
use super::verify::{self, Verifier};

/// What to collect, beyond what is always collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Further columns: table, column, type.
    pub columns: Vec<(String, String, Kind)>,
    /// Names of the privileges to ask for.
    pub wanted_privileges: Vec<String>,
}

/// How to collect.
pub struct Options {
    /// From where.
    pub environment: EnvironmentUrl,
    /// As whom.
    pub token: Arc<dyn TokenSource>,
    /// Requests in flight at most.
    pub concurrency: usize,
    /// When and how often to try again.
    pub policy: Policy,
    /// Who is told how far it is.
    pub observer: Arc<dyn Observer>,
}

/// What can be asked of a collection beyond the tables.
#[derive(Clone, Default)]
pub struct Extras {
    /// Has the server's own answers about users' access compared with what the tables say. This,
    /// and nothing else, sends batches. Users that the server does not answer for are a gap.
    pub verifier: Option<Arc<dyn Verifier>>,
    /// Goes on from the finished tables of an interrupted collection of the same target.
    pub resume: bool,
    /// Told how it begins.
    pub tell: Option<Tell>,
}

/// Program and version, as manifests name it.
pub(super) const TOOL: &str = concat!("clearance ", env!("CARGO_PKG_VERSION"));

/// A finished collection.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The manifest as written.
    pub manifest: Manifest,
    /// What went over the network.
    pub traffic: Traffic,
    /// How long it took.
    pub elapsed: Duration,
}

/// What all tasks of one collection share.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) options: Options,
    pub(super) base: String,
    pub(super) caller: Caller,
    entity_sets: FxHashMap<String, String>,
    /// How many rows whole tables have, roughly; nothing until the server has told.
    totals: OnceLock<BTreeMap<String, u64>>,
    pub(super) plan: Plan,
}

/// Collects an environment into a snapshot that will be the folder `target`.
///
/// Tables and columns that cannot be read become gaps of the manifest; see
/// [`crate::snapshot::manifest::Gap`].
///
/// # Errors
/// If nothing useful can be collected: no environment there, not signed in, no users readable; or
/// if the snapshot cannot be written. Tables that were finished by then are kept beside the target,
/// as they are if the future is dropped: see [`Extras::resume`] and [`crate::snapshot::unfinished`].
pub async fn collect(options: Options, plan: Plan, target: &Path) -> Result<Summary, CollectError> {
    collect_with(options, plan, Extras::default(), target).await
}

/// Collects as [`collect`] does, with more than that.
///
/// # Errors
/// As for [`collect`]; and if it was to go on from a collection of something else, or one that was
/// begun too long ago.
pub async fn collect_with(
    options: Options,
    plan: Plan,
    extras: Extras,
    target: &Path,
) -> Result<Summary, CollectError> {
    let now = whole_seconds(Timestamp::now());
    let clock = Instant::now();
    // First, because a target that cannot be written is cheap to find out.
    let writer = Arc::new(SnapshotWriter::open(target)?);
    let url = options.environment.as_str().to_owned();
    let about = resume::about(&url, &plan);
    if extras.resume {
        resume::check_early(writer.found(), &about, now, target)?;
    }
    let request = |error| CollectError::from_request(&url, error);

    let client = Client::new(
        &options.environment,
        Arc::clone(&options.token),
        options.concurrency,
        options.policy,
    )
    .map_err(CollectError::Client)?;
    let (base, caller) = first_contact(&client, &options.environment)
        .await
        .map_err(request)?;
    let (version, entity_sets, depths) = tokio::join!(
        selfcheck::version(&client, &base),
        selfcheck::entity_sets(&client, &base),
        selfcheck::depths(&client, &base, caller),
    );
    let version = optional(version, "RetrieveVersion").map_err(request)?;
    let (deployment, deployment_from) = options
        .environment
        .deployment(version.as_deref())
        .ok_or_else(|| CollectError::DeploymentUnknown { url: url.clone() })?;
    let entity_sets = optional(entity_sets, "EntityDefinitions")
        .map_err(request)?
        .unwrap_or_default();
    // No answer at all proves nothing; "there is no such function" is an answer.
    let depths = match optional(depths, "RetrieveUserSetOfPrivilegesByNames").map_err(request)? {
        Some(answered) => answered,
        None => Some(BTreeMap::new()),
    };

    let has_function = depths.is_some();
    // Without the function, nobody could tell later whether the caller saw then what it sees now.
    let about = depths.as_ref().map(|depths| About {
        organization_id: caller.organization.to_string(),
        by: caller.user.to_string(),
        depths: depths.clone(),
        ..about
    });
    let started = begin(&writer, about, &extras, now, target).await?;

    let session = Arc::new(Session {
        client,
        options,
        base,
        caller,
        entity_sets,
        totals: OnceLock::new(),
        plan,
    });
    // Beside the tables: nothing that is read depends on it.
    let totals = async {
        let totals = count::totals(&session.client, &session.base).await;
        Ok(session.totals.get_or_init(|| totals))
    };
    let read = tokio::try_join!(read_tables(&session, &writer), totals);
    let (tables, totals) = read.inspect_err(|error| {
        // What the account was not allowed then, it would still not see in the tables that are kept.
        if matches!(error, CollectError::Users { .. }) {
            writer.give_up();
        }
    })?;
    writer.set_totals(totals);
    let depths = match depths {
        Some(depths) => depths,
        None => session.own_depths(&writer, &tables.seen.own).await?,
    };
    let mut gaps = tables.gaps;
    let position = |gap: &Gap| TABLES.iter().position(|table| table.name == gap.table);
    gaps.sort_by(|a, b| {
        position(a)
            .cmp(&position(b))
            .then_with(|| a.column.cmp(&b.column))
    });

    let environment = &session.options.environment;
    let mut manifest = Manifest {
        format: FORMAT,
        environment: EnvironmentInfo {
            url: url.clone(),
            organization_id: caller.organization.to_string(),
            name: tables
                .seen
                .organization
                .unwrap_or_else(|| environment.short_name().to_owned()),
            build: version,
            deployment,
            deployment_from,
            region: environment.region(),
        },
        collected: CollectedInfo {
            started,
            finished: whole_seconds(Timestamp::now()),
            by: caller.user.to_string(),
            tool: TOOL.to_owned(),
        },
        tables: BTreeMap::new(),
        gaps,
        wanted_privileges: session.plan.wanted_privileges.clone(),
        selfcheck: SelfCheck { depths },
        verified: None,
    };
    if let Some(verifier) = extras.verifier {
        verify::verify(&session, &verifier, &writer, has_function, &mut manifest).await?;
    }
    let writer = Arc::try_unwrap(writer)
        .map_err(|_| CollectError::Internal("a table is still being written".to_owned()))?;
    let manifest = blocking(move || writer.finish(manifest)).await??;
    Ok(Summary {
        manifest,
        traffic: session.client.traffic(),
        elapsed: clock.elapsed(),
    })
}

/// Begins with the tables that are kept, or with none, and tells which. Answers when it began.
async fn begin(
    writer: &Arc<SnapshotWriter>,
    about: Option<About>,
    extras: &Extras,
    now: Timestamp,
    target: &Path,
) -> Result<Timestamp, CollectError> {
    let (writer, resume, target) = (Arc::clone(writer), extras.resume, target.to_owned());
    let begun = blocking(move || resume::begin(&writer, about, resume, now, &target)).await?;
    let (started, beginning) = begun.map_err(|error| match error {
        BeginError::Resume(error) => CollectError::Resume(error),
        BeginError::Write(error) => CollectError::Write(error),
    })?;
    if let Some(tell) = &extras.tell {
        tell(&beginning);
    }
    Ok(started)
}

/// Finds the folder of the Web API, and who we are there.
async fn first_contact(
    client: &Client,
    environment: &EnvironmentUrl,
) -> Result<(String, Caller), RequestError> {
    let mut bases = environment.api_bases().into_iter().peekable();
    loop {
        let base = bases.next().unwrap_or_default();
        match selfcheck::who_am_i(client, &base).await {
            Err(error) if error.is_not_found() && bases.peek().is_some() => {}
            answer => return answer.map(|caller| (base, caller)),
        }
    }
}

/// The moment as manifests write it.
pub(super) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// Makes a question one that may stay unanswered, unless nothing else would be answered either.
fn optional<T>(answer: Result<T, RequestError>, what: &str) -> Result<Option<T>, RequestError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => {
            tracing::warn!(%error, "no answer to {what}");
            Ok(None)
        }
    }
}

/// A task that panicked.
pub(super) fn internal(error: tokio::task::JoinError) -> CollectError {
    CollectError::Internal(error.to_string())
}

/// Runs what would block the other requests elsewhere.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CollectError> {
    tokio::task::spawn_blocking(work).await.map_err(internal)
}

impl Session {
    pub(super) fn reader<'a>(&'a self, writer: &'a SnapshotWriter) -> Reader<'a> {
        Reader {
            client: &self.client,
            environment: &self.options.environment,
            base: &self.base,
            observer: &*self.options.observer,
            writer,
            totals: &self.totals,
        }
    }

    pub(super) fn job(&self, definition: &'static TableDef, rows: Rows) -> Job {
        let extra = self
            .plan
            .columns
            .iter()
            .filter(|(table, ..)| table == definition.name);
        Job {
            definition,
            entity_set: self
                .entity_sets
                .get(definition.name)
                .cloned()
                .unwrap_or_else(|| definition.entity_set.to_owned()),
            extra: extra.map(|(_, column, kind)| (column.clone(), *kind)).collect(),
            rows,
        }
    }

    /// The caller's own depths from its roles in the collected tables. Two more questions: the
    /// privileges concerned need not be among those that rules want.
    async fn own_depths(
        &self,
        writer: &SnapshotWriter,
        own: &OwnRoles,
    ) -> Result<BTreeMap<String, DepthName>, CollectError> {
        let (Some(privilege), Some(role_privileges)) =
            (tables::table("privilege"), tables::table("roleprivileges"))
        else {
            return Ok(BTreeMap::new());
        };
        let quiet = Reader {
            observer: &(),
            ..self.reader(writer)
        };
        let read = async |definition, rows| {
            let mut chunks = Vec::new();
            if let Some(rows) = quiet.read(&self.job(definition, rows)).await?.rows {
                rows.for_each(|rows| chunks.push(rows.clone()))?;
            }
            Ok::<_, CollectError>(chunks)
        };
        let names = SELF_CHECKED.map(str::to_owned).to_vec();
        let privileges = read(privilege, Rows::Matching(vec![Filter::TextIn("name", names)])).await?;
        let ids = privileges.iter().filter_map(|rows| rows.ids("privilegeid"));
        let filters = privilege_filters(ids.flatten().copied().collect());
        let granted = read(role_privileges, Rows::Matching(filters)).await?;
        Ok(own.depths(&privileges, &granted))
    }
}
