//! One collection, from the first question to the finished snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tokio::task::JoinSet;

use crate::snapshot::manifest::{
    Collected as CollectedInfo, DepthName, EnvironmentInfo, FORMAT, Gap, GapReason, Manifest, SELF_CHECKED,
    SelfCheck,
};
use crate::snapshot::tables::{self, Kind, TABLES, TableDef};
use crate::snapshot::unfinished::{About, Finished};
use crate::snapshot::{SnapshotWriter, Table, WriteError};

use super::auth::TokenSource;
use super::client::{Client, Policy, Traffic};
use super::count;
use super::error::{CollectError, RequestError};
use super::odata::{self, Filter};
use super::own_roles::OwnRoles;
use super::progress::{Observer, State, TableProgress};
use super::resume::{self, BeginError, Tell};
use super::selfcheck::{self, Caller};
use super::table::{self, Collected, Job, Reader, Rows};
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
    caller: Caller,
    entity_sets: FxHashMap<String, String>,
    totals: OnceLock<BTreeMap<String, u64>>,
    plan: Plan,
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
        None => session.own_depths(&tables.own).await.map_err(request)?,
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
            name: tables.name.unwrap_or_else(|| environment.short_name().to_owned()),
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

/// What is left of the tables once they are written.
struct Written {
    gaps: Vec<Gap>,
    /// The organization's name.
    name: Option<String>,
    own: OwnRoles,
}

/// Reads all tables at once, but for those that are kept, and writes each as soon as it is in.
async fn read_tables(session: &Arc<Session>, writer: &Arc<SnapshotWriter>) -> Result<Written, CollectError> {
    let url = session.options.environment.as_str();
    let mut written = Written {
        gaps: Vec::new(),
        name: None,
        own: OwnRoles::new(session.caller),
    };
    let mut tasks: JoinSet<Result<(&'static TableDef, Collected), RequestError>> = JoinSet::new();
    let kept = writer.kept();
    for definition in TABLES {
        if let Some(finished) = kept.get(definition.name) {
            let collected = kept_table(session, writer, definition, finished).await?;
            written.gaps.extend(collected.gaps.iter().cloned());
            match definition.name {
                "organization" => written.name = organization_name(&collected.chunks),
                "privilege" if !kept.contains_key("roleprivileges") => {
                    spawn_role_privileges(&mut tasks, session, &collected);
                }
                _ => {}
            }
            continue;
        }
        if definition.name == "roleprivileges" {
            continue; // It follows `privilege`, which tells the ids to ask for.
        }
        let rows = match definition.name {
            "privilege" => Rows::Matching(odata::split(&session.plan.wanted_privileges, |part| {
                Filter::TextIn("name", part)
            })),
            // 1 is information; warnings and errors are about mailboxes nearly always.
            "tracelog" => Rows::Matching(vec![Filter::AtLeast("level", 2)]),
            _ => Rows::All,
        };
        spawn(&mut tasks, session, definition, rows);
    }
    let mut writing: JoinSet<Result<(), WriteError>> = JoinSet::new();
    while let Some(done) = tasks.join_next().await {
        let (definition, collected) = done
            .map_err(internal)?
            .map_err(|error| CollectError::from_request(url, error))?;
        written.gaps.extend(collected.gaps.iter().cloned());
        written.own.absorb(definition.name, &collected.chunks);
        match definition.name {
            "systemuser" if !collected.is_there() => return Err(no_users(url, &collected.gaps)),
            "organization" => written.name = organization_name(&collected.chunks),
            "privilege" => {
                if let Some(gap) = spawn_role_privileges(&mut tasks, session, &collected) {
                    written.gaps.push(gap);
                }
            }
            _ => {}
        }
        if collected.is_there() {
            let writer = Arc::clone(writer);
            writing.spawn_blocking(move || {
                let (pages, complete) = (collected.pages, collected.complete);
                writer.table(definition, &collected.chunks, pages, complete)?;
                writer.set_count(
                    definition.name,
                    collected.counted.map(|count| (count.rows, !count.exact)),
                );
                // What was cut short is read anew, in case the reason has passed.
                if complete {
                    writer.keep(definition.name, &collected.gaps)?;
                }
                Ok(())
            });
        }
        while let Some(done) = writing.try_join_next() {
            done.map_err(internal)??;
        }
    }
    while let Some(done) = writing.join_next().await {
        done.map_err(internal)??;
    }
    Ok(written)
}

/// A table that need not be read: what the other tables need of it, and its gaps.
async fn kept_table(
    session: &Session,
    writer: &Arc<SnapshotWriter>,
    definition: &'static TableDef,
    finished: &Finished,
) -> Result<Collected, CollectError> {
    session.options.observer.table(TableProgress {
        table: definition.name,
        rows: finished.info.rows,
        pages: finished.info.pages,
        expected: None,
        state: State::Complete,
    });
    let needed = match definition.name {
        "organization" => Some("name"),
        "privilege" => Some("privilegeid"),
        _ => None,
    };
    let chunk = match needed {
        Some(column) => {
            let (writer, columns) = (Arc::clone(writer), BTreeSet::from([column.to_owned()]));
            blocking(move || writer.read(definition.name, &columns)).await??
        }
        None => None,
    };
    Ok(Collected {
        chunks: chunk.into_iter().collect(),
        pages: finished.info.pages,
        complete: true,
        gaps: finished.gaps.clone(),
        ..Collected::default()
    })
}

fn spawn(
    tasks: &mut JoinSet<Result<(&'static TableDef, Collected), RequestError>>,
    session: &Arc<Session>,
    definition: &'static TableDef,
    rows: Rows,
) {
    let session = Arc::clone(session);
    tasks.spawn(async move {
        let job = session.job(definition, rows);
        let collected = session.reader().read(&job).await?;
        Ok((definition, collected))
    });
}

/// Starts reading `roleprivileges` for the privileges found; a gap if there is no telling which.
fn spawn_role_privileges(
    tasks: &mut JoinSet<Result<(&'static TableDef, Collected), RequestError>>,
    session: &Arc<Session>,
    privileges: &Collected,
) -> Option<Gap> {
    let definition = tables::table("roleprivileges")?;
    if !privileges.is_there() {
        return Some(Gap {
            table: definition.name.to_owned(),
            column: None,
            reason: privileges.gaps.last().map_or(GapReason::Failed, |gap| gap.reason),
            detail: "not asked for, because the table `privilege` could not be read".to_owned(),
        });
    }
    let filters = privilege_filters(&privileges.chunks);
    spawn(tasks, session, definition, Rows::Matching(filters));
    None
}

/// The filters for the rows of `roleprivileges` about the privileges in these rows.
fn privilege_filters(privileges: &[Table]) -> Vec<Filter> {
    let mut ids: Vec<_> = table::ids(privileges, "privilegeid").collect();
    ids.sort_unstable();
    ids.dedup();
    odata::split(&ids, |part| Filter::IdIn("privilegeid", part))
}

fn no_users(url: &str, gaps: &[Gap]) -> CollectError {
    let what = match gaps.iter().rev().find(|gap| gap.column.is_none()) {
        Some(gap) if gap.reason == GapReason::Forbidden => format!("access is denied ({})", gap.detail),
        Some(gap) => gap.detail.clone(),
        None => "no answer".to_owned(),
    };
    CollectError::Users {
        url: url.to_owned(),
        what,
    }
}

fn organization_name(chunks: &[Table]) -> Option<String> {
    let names = chunks.first()?.text("name")?;
    names.iter().next().flatten().map(str::to_owned)
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
    fn reader(&self) -> Reader<'_> {
        Reader {
            client: &self.client,
            environment: &self.options.environment,
            base: &self.base,
            observer: &*self.options.observer,
            totals: &self.totals,
        }
    }

    fn job(&self, definition: &'static TableDef, rows: Rows) -> Job {
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
    async fn own_depths(&self, own: &OwnRoles) -> Result<BTreeMap<String, DepthName>, RequestError> {
        let (Some(privilege), Some(role_privileges)) =
            (tables::table("privilege"), tables::table("roleprivileges"))
        else {
            return Ok(BTreeMap::new());
        };
        let quiet = Reader {
            observer: &(),
            ..self.reader()
        };
        let names = SELF_CHECKED.map(str::to_owned).to_vec();
        let rows = Rows::Matching(vec![Filter::TextIn("name", names)]);
        let privileges = quiet.read(&self.job(privilege, rows)).await?;
        let rows = Rows::Matching(privilege_filters(&privileges.chunks));
        let granted = quiet.read(&self.job(role_privileges, rows)).await?;
        Ok(own.depths(&privileges.chunks, &granted.chunks))
    }
}
