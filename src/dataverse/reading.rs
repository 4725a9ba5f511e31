//! All tables of a collection: read at once, each written as soon as it is in.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use crate::snapshot::manifest::{Gap, GapReason};
use crate::snapshot::tables::{self, TABLES, TableDef};
use crate::snapshot::unfinished::Finished;
use crate::snapshot::{Guid, SnapshotWriter, Table, WriteError};

use super::collect::{Session, blocking, internal};
use super::error::CollectError;
use super::odata::{self, Filter};
use super::own_roles::OwnRoles;
use super::progress::{State, TableProgress};
use super::table::Rows;

/// What is left of the tables once they are written.
pub(super) struct Written {
    pub(super) gaps: Vec<Gap>,
    pub(super) seen: Seen,
}

/// What is noted of rows on their way into the snapshot.
pub(super) struct Seen {
    /// The organization's name.
    pub(super) organization: Option<String>,
    /// Ids of the privileges that were asked for by name.
    privileges: Vec<Guid>,
    pub(super) own: OwnRoles,
}

impl Seen {
    fn take(&mut self, table: &str, rows: &Table) {
        match table {
            "organization" => {
                let name = rows.text("name").and_then(|names| names.iter().next().flatten());
                self.organization = self.organization.take().or(name.map(str::to_owned));
            }
            "privilege" => self
                .privileges
                .extend(rows.ids("privilegeid").unwrap_or_default()),
            _ => {}
        }
        self.own.absorb(table, rows);
    }
}

/// A table that is done with.
struct Done {
    definition: &'static TableDef,
    is_there: bool,
    gaps: Vec<Gap>,
}

/// All tables that are being read.
struct Reading<'a> {
    session: &'a Arc<Session>,
    writer: &'a Arc<SnapshotWriter>,
    seen: Arc<Mutex<Seen>>,
    tasks: JoinSet<Result<Done, CollectError>>,
}

/// Reads all tables at once, but for those that are kept, and writes each as soon as it is in.
pub(super) async fn read_tables(
    session: &Arc<Session>,
    writer: &Arc<SnapshotWriter>,
) -> Result<Written, CollectError> {
    let url = session.options.environment.as_str();
    let mut gaps = Vec::new();
    let mut reading = Reading {
        session,
        writer,
        seen: Arc::new(Mutex::new(Seen {
            organization: None,
            privileges: Vec::new(),
            own: OwnRoles::new(session.caller),
        })),
        tasks: JoinSet::new(),
    };
    let kept = writer.kept();
    for definition in TABLES {
        if let Some(finished) = kept.get(definition.name) {
            gaps.extend(finished.gaps.iter().cloned());
            reading.kept(definition, finished).await?;
            if definition.name == "privilege" && !kept.contains_key("roleprivileges") {
                reading.role_privileges();
            }
            continue;
        }
        let rows = match definition.name {
            // It follows `privilege`, which tells the ids to ask for.
            "roleprivileges" => continue,
            "privilege" => Rows::Matching(odata::split(&session.plan.wanted_privileges, |part| {
                Filter::TextIn("name", part)
            })),
            // 1 is information; warnings and errors are about mailboxes nearly always.
            "tracelog" => Rows::Matching(vec![Filter::AtLeast("level", 2)]),
            _ => Rows::All,
        };
        reading.start(definition, rows);
    }
    while let Some(done) = reading.tasks.join_next().await {
        let done = done.map_err(internal)??;
        match (done.definition.name, done.is_there) {
            ("systemuser", false) => return Err(no_users(url, &done.gaps)),
            ("privilege", true) => reading.role_privileges(),
            ("privilege", false) => gaps.push(not_asked_for(&done.gaps)),
            _ => {}
        }
        gaps.extend(done.gaps);
    }
    let seen = Arc::into_inner(reading.seen)
        .ok_or_else(|| CollectError::Internal("a table is still being looked at".to_owned()))?;
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Written { gaps, seen })
}

impl Reading<'_> {
    /// Starts to read a table.
    fn start(&mut self, definition: &'static TableDef, rows: Rows) {
        let (session, writer) = (Arc::clone(self.session), Arc::clone(self.writer));
        let seen = Arc::clone(&self.seen);
        self.tasks.spawn(async move {
            let job = session.job(definition, rows);
            let collected = session.reader(&writer).read(&job).await?;
            let is_there = collected.rows.is_some();
            let gaps = collected.gaps.clone();
            if let Some(rows) = collected.rows {
                blocking(move || {
                    let (pages, complete) = (collected.pages, collected.complete);
                    let take = |rows: &Table| note(&seen, definition, rows);
                    writer.write(definition, rows, pages, complete, take)?;
                    let counted = collected.counted.map(|count| (count.rows, !count.exact));
                    writer.set_count(definition.name, counted);
                    // What was cut short is read anew, in case the reason has passed.
                    if complete {
                        writer.keep(definition.name, &collected.gaps)?;
                    }
                    Ok::<_, WriteError>(())
                })
                .await??;
            }
            Ok(Done {
                definition,
                is_there,
                gaps,
            })
        });
    }

    /// Starts to read `roleprivileges`, about the privileges that were found.
    fn role_privileges(&mut self) {
        let filters = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            privilege_filters(std::mem::take(&mut seen.privileges))
        };
        if let Some(definition) = tables::table("roleprivileges") {
            self.start(definition, Rows::Matching(filters));
        }
    }

    /// A table that need not be read: what is noted of it.
    async fn kept(&self, definition: &'static TableDef, finished: &Finished) -> Result<(), CollectError> {
        self.session.options.observer.table(TableProgress {
            table: definition.name,
            rows: finished.info.rows,
            pages: finished.info.pages,
            expected: None,
            state: State::Complete,
        });
        let column = match definition.name {
            "organization" => "name",
            "privilege" => "privilegeid",
            _ => return Ok(()),
        };
        let (writer, columns) = (Arc::clone(self.writer), BTreeSet::from([column.to_owned()]));
        if let Some(rows) = blocking(move || writer.read(definition.name, &columns)).await?? {
            note(&self.seen, definition, &rows);
        }
        Ok(())
    }
}

fn note(seen: &Mutex<Seen>, definition: &TableDef, rows: &Table) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.take(definition.name, rows);
}

/// There is no telling which rows of `roleprivileges` to ask for; why `privilege` is missing tells why.
fn not_asked_for(gaps: &[Gap]) -> Gap {
    Gap {
        table: "roleprivileges".to_owned(),
        column: None,
        reason: gaps.last().map_or(GapReason::Failed, |gap| gap.reason),
        detail: "not asked for, because the table `privilege` could not be read".to_owned(),
    }
}

/// The filters for the rows of `roleprivileges` about these privileges.
pub(super) fn privilege_filters(mut ids: Vec<Guid>) -> Vec<Filter> {
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
