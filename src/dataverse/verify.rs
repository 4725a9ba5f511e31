//! Verifying access: the server is asked what users may do, and its answers go into the snapshot.
//!
//! Whom to ask about, and what the answers are worth, is for a [`Verifier`] to say: the collector
//! knows neither who is in scope nor how access is worked out.
//!
//! The function `RetrieveUserSetOfPrivilegesByNames` counts what comes through teams, too; a name
//! that is absent from its answer is not held (vendor's pages on coding against access and on the
//! message, and public callers; read 2026-11-23). Whether it refuses names that do not exist is
//! not documented, so only names are asked for that were found in table `privilege`. It is not
//! known to exist on-premises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use reqwest::Url;
use tokio::task::JoinSet;

use crate::snapshot::manifest::{Gap, GapReason, Manifest, Verified};
use crate::snapshot::tables::ACCESS;
use crate::snapshot::{Column, Environment, Guid, RowSorter, SnapshotWriter, Table};

use super::batch::{Batch, Part};
use super::collect::{Session, blocking, internal};
use super::error::{Cause, CollectError, RequestError};
use super::progress::{State, TableProgress};
use super::table::spill;

mod asked;

use asked::{Asked, Held, Outcome, Question};

/// Somebody who knows whom to ask the server about, and who compares its answers.
pub trait Verifier: Send + Sync {
    /// The columns of the collected tables that it looks at.
    fn needs(&self) -> BTreeMap<String, BTreeSet<String>>;
    /// The users whose access is to be verified, each once.
    fn whom(&self, collected: &Environment) -> Vec<Guid>;
    /// Begins to compare the server's answers with the collected tables.
    fn compare<'e>(&'e self, collected: &'e Environment) -> Box<dyn Comparing + 'e>;
}

/// A comparison that is being made.
pub trait Comparing {
    /// Takes the next rows of table `access`, which come in its order.
    fn add(&mut self, answers: &Table);
    /// What came of it.
    fn finish(self: Box<Self>) -> Verified;
}

/// Users asked about in one batch. The server works off a batch in one go and gives up on requests
/// after two minutes, and a batch that breaks is lost as a whole, so that the 1,000 it would take
/// are too many; the fewer, the more round trips. At 50 ms a user a hundred take five seconds.
const AT_ONCE: usize = 100;
const _: () = assert!(AT_ONCE <= Batch::MOST, "the server takes no more");

/// Users that a gap names.
const MOST_NAMED: usize = 3;

/// Why the table `access` is not there.
const NO_FUNCTION: &str = "the server does not have the function RetrieveUserSetOfPrivilegesByNames, so that \
                           nobody's access could be verified";

/// Asks, writes the table `access`, and completes the manifest: `verified`, gaps, the end.
pub(super) async fn verify(
    session: &Arc<Session>,
    verifier: &Arc<dyn Verifier>,
    writer: &Arc<SnapshotWriter>,
    has_function: bool,
    manifest: &mut Manifest,
) -> Result<(), CollectError> {
    let gap = |reason, detail: &str| Gap {
        table: ACCESS.name.to_owned(),
        column: None,
        reason,
        detail: detail.to_owned(),
    };
    if !has_function {
        manifest.gaps.push(gap(GapReason::NotFound, NO_FUNCTION));
        return Ok(());
    }
    let (reader, asker, known) = (Arc::clone(writer), Arc::clone(verifier), manifest.clone());
    let (environment, users) = blocking(move || {
        let environment = reader.load(&known, &asker.needs())?;
        let users = asker.whom(&environment);
        Ok::<_, CollectError>((environment, users))
    })
    .await??;
    let asked = Asked::new(&environment);
    if asked.names.is_empty() {
        let detail = "the environment has none of the privileges that rules ask about, so that nothing could be \
                      verified";
        manifest.gaps.push(gap(GapReason::NotFound, detail));
        return Ok(());
    }
    let several = users.len();
    let rows = writer.rows(&ACCESS);
    let Answers {
        rows, failed, users, ..
    } = ask(session, verifier, Arc::new(asked), users, rows).await?;
    if !failed.is_empty() {
        manifest
            .gaps
            .push(gap(GapReason::Failed, &unanswered(&failed, several)));
    }
    if users == 0 && !failed.is_empty() {
        return Ok(());
    }
    let (pages, complete) = (several.div_ceil(AT_ONCE) as u64, failed.is_empty());
    let (writer, verifier) = (Arc::clone(writer), Arc::clone(verifier));
    let verified = blocking(move || {
        let mut comparing = verifier.compare(&environment);
        writer.write(&ACCESS, rows, pages, complete, |rows| comparing.add(rows))?;
        Ok::<_, CollectError>(comparing.finish())
    })
    .await??;
    manifest.verified = Some(verified);
    manifest.collected.finished = super::collect::whole_seconds(Timestamp::now());
    Ok(())
}

/// What came of the questions about all users.
struct Answers {
    /// Table `access`.
    rows: RowSorter,
    /// Users in it.
    users: u64,
    /// What is known of users about whom some lists of privileges have not been answered, and how many
    /// have.
    partly: BTreeMap<Guid, (usize, Held)>,
    failed: BTreeMap<Guid, String>,
}

impl Answers {
    /// Takes what the server said of one batch; `lists` are all about a user.
    async fn take(&mut self, answered: Vec<(Guid, Held)>, lists: usize) -> Result<(), CollectError> {
        let mut whole = BTreeMap::new();
        for (user, held) in answered {
            let (answered, so_far) = self.partly.entry(user).or_default();
            *answered += 1;
            so_far.extend(held);
            if *answered == lists
                && let Some((_, held)) = self.partly.remove(&user)
            {
                whole.insert(user, held);
            }
        }
        self.users += whole.len() as u64;
        self.rows.push(table(&whole));
        spill(&mut self.rows).await
    }
}

/// Asks about the users, in batches, as many at a time as the client may have in flight.
async fn ask(
    session: &Arc<Session>,
    verifier: &Arc<dyn Verifier>,
    asked: Arc<Asked>,
    users: Vec<Guid>,
    mut rows: RowSorter,
) -> Result<Answers, CollectError> {
    let mut questions: Vec<Question> = users
        .iter()
        .flat_map(|&user| (0..asked.lists.len()).map(move |list| Question { user, list }))
        .collect();
    // There may be nobody to ask about.
    rows.push(table(&BTreeMap::new()));
    let mut answers = Answers {
        rows,
        users: 0,
        partly: BTreeMap::new(),
        failed: BTreeMap::new(),
    };
    let mut delays = session.client.delays();
    let done = Arc::new(AtomicU64::new(0));
    // Passing failures of parts are asked again together, after a while, as often as any request.
    loop {
        let again = round(session, verifier, &asked, questions, &done, &mut answers).await?;
        if again.is_empty() {
            break;
        }
        let Some(delay) = delays.next() else {
            let failed = again.into_iter().map(|(question, why)| (question.user, why));
            answers.failed.extend(failed);
            break;
        };
        tracing::info!(users = again.len(), seconds = delay.as_secs_f32(), "asking again");
        tell(session, &done, State::Waiting(delay));
        tokio::time::sleep(delay).await;
        questions = again.into_iter().map(|(question, _)| question).collect();
    }
    let state = if answers.failed.is_empty() {
        State::Complete
    } else {
        State::Incomplete
    };
    tell(session, &done, state);
    Ok(answers)
}

/// Asks every question once. Answers those that are worth asking again, and why.
async fn round(
    session: &Arc<Session>,
    verifier: &Arc<dyn Verifier>,
    asked: &Arc<Asked>,
    questions: Vec<Question>,
    done: &Arc<AtomicU64>,
    answers: &mut Answers,
) -> Result<Vec<(Question, String)>, CollectError> {
    let url = session.options.environment.as_str();
    let mut again = Vec::new();
    let mut waiting = questions.chunks(AT_ONCE);
    let mut tasks = JoinSet::new();
    // A batch that fails for good is not tried with other users: it is not about them.
    let mut hopeless: Option<String> = None;
    loop {
        // Texts of batches are only made for those that are sent now.
        while tasks.len() < session.options.concurrency.max(1)
            && let Some(chunk) = waiting.next()
        {
            if let Some(why) = &hopeless {
                let unasked = chunk.iter().map(|question| (question.user, why.clone()));
                answers.failed.extend(unasked);
                continue;
            }
            let (session, verifier) = (Arc::clone(session), Arc::clone(verifier));
            let (asked, done, chunk) = (Arc::clone(asked), Arc::clone(done), chunk.to_vec());
            tasks.spawn(async move {
                let result = send(&session, &*verifier, &asked, &chunk, &done).await;
                (chunk, result)
            });
        }
        let Some(finished) = tasks.join_next().await else {
            break;
        };
        let (chunk, result) = finished.map_err(internal)?;
        let outcomes = match result {
            Ok(outcomes) => outcomes,
            Err(error) if error.is_fatal() => return Err(CollectError::from_request(url, error)),
            Err(error) => {
                tracing::warn!(%error, "a batch was not answered");
                let why = error.to_string();
                let unanswered = chunk.iter().map(|question| (question.user, why.clone()));
                answers.failed.extend(unanswered);
                hopeless.get_or_insert(why);
                continue;
            }
        };
        let mut answered = Vec::with_capacity(chunk.len());
        for (question, outcome) in chunk.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Held(held) => answered.push((question.user, held)),
                Outcome::Failed(why) => {
                    answers.failed.insert(question.user, why);
                }
                Outcome::Passing(why) => again.push((question, why)),
            }
        }
        answers.take(answered, asked.lists.len()).await?;
        done.store(answers.users, Ordering::Relaxed);
        tell(session, done, State::Reading);
    }
    // By user, whichever batch came back first.
    again.sort_by_key(|(question, _)| (question.user, question.list));
    Ok(again)
}

async fn send(
    session: &Session,
    verifier: &dyn Verifier,
    asked: &Asked,
    questions: &[Question],
    done: &AtomicU64,
) -> Result<Vec<Outcome>, RequestError> {
    let addresses = questions
        .iter()
        .map(|question| asked.address(&session.base, *question))
        .collect::<Result<Vec<Url>, _>>()?;
    let batch = Batch::of_gets(&addresses);
    let address = format!("{}$batch", session.base);
    let url = Url::parse(&address).map_err(|error| RequestError {
        request: address.clone(),
        cause: Cause::Value(error.to_string()),
    })?;
    let waiting = |state: State| tell(session, done, state);
    let read = |parts: &[Part<'_>]| parts.iter().map(|part| asked.read(*part)).collect();
    session
        .client
        .batches(verifier)
        .send(&url, &batch, &waiting, read)
        .await
}

fn tell(session: &Session, done: &AtomicU64, state: State) {
    let rows = done.load(Ordering::Relaxed);
    session.options.observer.table(TableProgress {
        table: ACCESS.name,
        rows,
        pages: rows.div_ceil(AT_ONCE as u64),
        expected: None,
        state,
    });
}

/// Table `access`: a row for each privilege held, and one for a user who holds none.
fn table(held: &BTreeMap<Guid, Held>) -> Table {
    let rows: Vec<(Guid, Option<&str>, Option<&str>)> = held
        .iter()
        .flat_map(|(user, held)| {
            let none = held.is_empty().then_some((*user, None, None));
            let some = held
                .iter()
                .map(|(name, depth)| (*user, Some(name.as_str()), Some(depth.word())));
            none.into_iter().chain(some)
        })
        .collect();
    Table {
        rows: rows.len(),
        columns: BTreeMap::from([
            (
                "systemuserid".to_owned(),
                Column::Id(rows.iter().map(|row| row.0).collect()),
            ),
            (
                "privilege".to_owned(),
                Column::Text(rows.iter().map(|row| row.1).collect()),
            ),
            (
                "depth".to_owned(),
                Column::Text(rows.iter().map(|row| row.2).collect()),
            ),
        ]),
    }
}

/// How many users there is no answer for, and who, and why.
fn unanswered(failed: &BTreeMap<Guid, String>, several: usize) -> String {
    let mut words: Vec<String> = failed
        .iter()
        .take(MOST_NAMED)
        .map(|(user, why)| format!("{user}: {why}"))
        .collect();
    if failed.len() > MOST_NAMED {
        words.push(format!("and {} more", failed.len() - MOST_NAMED));
    }
    format!(
        "no answer about {} of {several} users: {}",
        failed.len(),
        words.join("; ")
    )
}
