//! One table: its query, its pages, and what of it could not be read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use reqwest::Url;

use crate::snapshot::manifest::{Gap, GapReason};
use crate::snapshot::tables::{Kind, TableDef};
use crate::snapshot::{RowSorter, SnapshotWriter};

use super::client::{BodyError, Client};
use super::collect::blocking;
use super::count::{self, Count, Tally};
use super::decode::{self, Page, Wanted};
use super::error::{Cause, CollectError, RequestError};
use super::known::KnownRows;
use super::odata::{self, Filter};
use super::paging::{LinkError, Links};
use super::progress::{Observer, State, TableProgress};
use super::select::{LOOKUP_TABLE, Selected, give_up, select, unknown_property};
use super::url::EnvironmentUrl;
use super::words::shown;

/// Pages without a row that may follow each other: the service may send some, not a thousand.
const MOST_EMPTY: usize = 1000;

/// Everything that reading a table needs.
pub(super) struct Reader<'a> {
    pub(super) client: &'a Client,
    pub(super) environment: &'a EnvironmentUrl,
    /// The folder of the Web API.
    pub(super) base: &'a str,
    pub(super) observer: &'a dyn Observer,
    /// Keeps the rows.
    pub(super) writer: &'a SnapshotWriter,
    /// How many rows whole tables have, roughly; nothing until the server has told.
    pub(super) totals: &'a OnceLock<BTreeMap<String, u64>>,
}

/// One table to read.
pub(super) struct Job {
    pub(super) definition: &'static TableDef,
    pub(super) entity_set: String,
    /// Further columns, by rules.
    pub(super) extra: Vec<(String, Kind)>,
    /// What to read: all rows, or the rows that pass one of the filters.
    pub(super) rows: Rows,
}

/// Which rows of a table.
pub(super) enum Rows {
    All,
    Matching(Vec<Filter>),
}

/// What was read of a table.
#[derive(Debug)]
pub(super) struct Collected {
    /// The rows; none at all if the table could not be read.
    pub(super) rows: Option<RowSorter>,
    pub(super) pages: u64,
    pub(super) complete: bool,
    /// How many rows the server counts.
    pub(super) counted: Option<Count>,
    pub(super) gaps: Vec<Gap>,
}

/// What has been read of a table that is being read.
struct SoFar {
    rows: RowSorter,
    pages: u64,
    gaps: Vec<Gap>,
    /// Records that were left out.
    lost: usize,
    /// What is wrong with the first of them.
    first_lost: Option<String>,
}

impl SoFar {
    fn told(&self) -> Told {
        Told {
            rows: self.rows.rows(),
            pages: self.pages,
            count: None,
        }
    }
}

/// How far a table is, for those who watch.
#[derive(Clone, Copy)]
struct Told {
    rows: u64,
    pages: u64,
    count: Option<Count>,
}

/// Why a table is not read to its end.
enum Stop {
    Request(RequestError),
    /// Nothing more can be collected at all.
    Collection(CollectError),
}

impl From<RequestError> for Stop {
    fn from(error: RequestError) -> Stop {
        Stop::Request(error)
    }
}

impl Reader<'_> {
    /// Reads a table as far as it goes. Fails only where no other table could be read either.
    pub(super) async fn read(&self, job: &Job) -> Result<Collected, CollectError> {
        let name = job.definition.name;
        let mut so_far = SoFar {
            rows: self.writer.rows(job.definition),
            pages: 0,
            gaps: Vec::new(),
            lost: 0,
            first_lost: None,
        };
        let mut columns = select(job.definition, &job.extra, &mut so_far.gaps);
        let filters: Vec<Option<&Filter>> = match &job.rows {
            Rows::All => vec![None],
            Rows::Matching(filters) => filters.iter().map(Some).collect(),
        };
        if filters.is_empty() {
            // Nothing was asked for, so an empty table is the whole answer.
            let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
            if let Ok(page) = decode::page(r#"{"value":[]}"#, &wanted) {
                so_far.rows.push(page.table);
            }
        }
        let mut outcome = Ok(());
        let mut counted = None;
        self.tell(job, so_far.told(), State::Reading);
        for (number, filter) in filters.into_iter().enumerate() {
            match self.query(job, &mut columns, filter, &mut so_far).await {
                Ok(count) if number == 0 => counted = count,
                Ok(count) => counted = counted.zip(count).map(|(one, two): (Count, Count)| one.and(two)),
                Err(error) => {
                    // A count of a part says nothing about the table.
                    counted = None;
                    outcome = Err(error);
                    break;
                }
            }
        }
        let complete = outcome.is_ok() && so_far.lost == 0;
        if so_far.lost > 0 {
            so_far.gaps.push(lost_records(name, &so_far));
        }
        match outcome {
            Ok(()) => {}
            Err(Stop::Collection(error)) => return Err(error),
            Err(Stop::Request(error)) if error.is_fatal() => {
                return Err(CollectError::from_request(self.environment.as_str(), error));
            }
            Err(Stop::Request(error)) => {
                tracing::warn!(table = name, %error, "not read to its end");
                so_far.gaps.push(gap_of(name, &error));
            }
        }
        let is_there = so_far.rows.is_there() && (so_far.lost == 0 || so_far.rows.rows() > 0);
        let state = match (is_there, complete) {
            (true, true) => State::Complete,
            (true, false) => State::Incomplete,
            (false, _) => State::Missing,
        };
        let told = Told {
            count: counted,
            ..so_far.told()
        };
        self.tell(job, told, state);
        Ok(Collected {
            rows: is_there.then_some(so_far.rows),
            pages: so_far.pages,
            complete,
            counted,
            gaps: so_far.gaps,
        })
    }

    fn tell(&self, job: &Job, told: Told, state: State) {
        let exact = told.count.filter(|count| count.exact).map(|count| count.rows);
        let total = || self.totals.get()?.get(job.definition.name).copied();
        self.observer.table(TableProgress {
            table: job.definition.name,
            rows: told.rows,
            pages: told.pages,
            expected: match &job.rows {
                Rows::All => exact.or_else(total),
                Rows::Matching(filters) => exact.filter(|_| filters.len() == 1),
            },
            state,
        });
    }

    /// Reads one query; twice, if the server forgets where it was the first time or counts more rows
    /// than came.
    async fn query(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        so_far: &mut SoFar,
    ) -> Result<Option<Count>, Stop> {
        let before = (so_far.pages, so_far.lost);
        so_far.rows.mark();
        let outcome = self.pages(job, columns, filter, so_far).await;
        let Err(Stop::Request(error)) = &outcome else {
            return outcome;
        };
        // Without a page of this query it was no link that failed.
        let again = error.is_short() || (so_far.pages > before.0 && error.is_expired_link());
        if !again {
            return outcome;
        }
        tracing::warn!(table = job.definition.name, %error, "reading the table again from its first page");
        self.client.count_retry();
        so_far.rows.rewind();
        (so_far.pages, so_far.lost) = before;
        if so_far.lost == 0 {
            so_far.first_lost = None;
        }
        self.pages(job, columns, filter, so_far).await
    }

    /// Reads all pages of one query.
    async fn pages(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        so_far: &mut SoFar,
    ) -> Result<Option<Count>, Stop> {
        let mut links = Links::new(self.environment);
        let mut known = KnownRows::new(job.definition);
        let mut empty = 0;
        let mut page = self.first_page(job, columns, filter, so_far, &mut links).await?;
        known.goes_backwards(&page.table);
        let mut tally = Tally::new(job.definition, page.count);
        loop {
            so_far.pages += 1;
            tally.page(&page.table, page.lost);
            for (name, why) in &page.unusable {
                columns.retain(|column| column.wanted.name != *name);
                page.table.columns.remove(name);
                let declared = job.extra.iter().any(|(extra, _)| extra == name);
                so_far.gaps.push(Gap {
                    table: job.definition.name.to_owned(),
                    column: Some(name.clone()),
                    reason: GapReason::Failed,
                    detail: match declared {
                        true => format!("{why}; is the `type` of its `[[fact]]` right?"),
                        false => why.clone(),
                    },
                });
            }
            so_far.lost += page.lost;
            if so_far.first_lost.is_none() {
                so_far.first_lost = page.first_lost;
            }
            empty = match page.table.rows + page.lost {
                0 => empty + 1,
                _ => 0,
            };
            so_far.rows.push(page.table);
            let told = Told {
                count: tally.count(),
                ..so_far.told()
            };
            self.tell(job, told, State::Reading);
            let Some(next) = page.next else {
                if tally.is_open() {
                    let waiting = |state: State| self.tell(job, told, state);
                    let set = &job.entity_set;
                    let counted = count::aggregate(self.client, self.base, set, filter, &waiting).await;
                    counted.into_iter().for_each(|rows| tally.settle(rows));
                }
                return match tally.short() {
                    Some(short) => Err(self.failed(job, short.into()).into()),
                    None => Ok(tally.count()),
                };
            };
            let url = links.follow(&next).map_err(|error| self.link_error(job, error))?;
            if empty >= MOST_EMPTY {
                return Err(self.link_error(job, LinkError::Empty(empty)).into());
            }
            // The server is at work on the next page while rows go to disk.
            let (next, spilled) = tokio::join!(self.page(job, columns, &url, told), spill(&mut so_far.rows));
            spilled.map_err(Stop::Collection)?;
            page = next?;
            if known.goes_backwards(&page.table) {
                return Err(Stop::Request(RequestError {
                    request: shown(&url),
                    cause: LinkError::Backwards.into(),
                }));
            }
        }
    }

    /// Asks for the first page, without the columns that the environment turns out not to have.
    async fn first_page(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        so_far: &mut SoFar,
        links: &mut Links<'_>,
    ) -> Result<Page, RequestError> {
        let mut counted = true;
        loop {
            let properties: Vec<&str> = columns
                .iter()
                .filter(|column| column.of.is_none())
                .map(|column| column.wanted.property.as_str())
                .collect();
            let address = odata::query(self.base, &job.entity_set, &properties, filter, counted);
            if address.len() > odata::LONGEST_URL {
                let what = format!(
                    "the rules name more columns of `{}` than fit one request",
                    job.definition.name
                );
                return Err(self.failed(job, Cause::Value(what)));
            }
            let url = links
                .follow(&address)
                .map_err(|error| self.link_error(job, error))?;
            let error = match self.page(job, columns, &url, so_far.told()).await {
                Err(error) => error,
                page => return page,
            };
            let Some(property) = unknown_property(&error) else {
                // It may be the count that is refused: not every table can be counted.
                if counted && error.is_refusal() {
                    counted = false;
                    continue;
                }
                return Err(error);
            };
            if !give_up(job.definition, columns, &property, &mut so_far.gaps) {
                return Err(error);
            }
        }
    }

    async fn page(
        &self,
        job: &Job,
        columns: &[Selected],
        url: &Url,
        told: Told,
    ) -> Result<Page, RequestError> {
        let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
        let mut annotations = count::ANNOTATIONS.to_owned();
        if columns.iter().any(|column| column.of.is_some()) {
            annotations.push(',');
            annotations.push_str(LOOKUP_TABLE);
        }
        let prefer = format!("odata.maxpagesize=5000,odata.include-annotations=\"{annotations}\"");
        let waiting = |state: State| self.tell(job, told, state);
        let decode = |text: &str| decode::page(text, &wanted).map_err(BodyError::Malformed);
        self.client.get(url, Some(&prefer), &waiting, decode).await
    }

    fn failed(&self, job: &Job, cause: Cause) -> RequestError {
        RequestError {
            request: job.entity_set.clone(),
            cause,
        }
    }

    fn link_error(&self, job: &Job, error: LinkError) -> RequestError {
        self.failed(job, error.into())
    }
}

/// Puts rows on disk if they are too many to hold.
pub(super) async fn spill(rows: &mut RowSorter) -> Result<(), CollectError> {
    if rows.is_full() {
        let mut full = rows.take();
        *rows = blocking(move || full.spill().map(|()| full)).await??;
    }
    Ok(())
}

fn lost_records(table: &str, so_far: &SoFar) -> Gap {
    let (count, first) = match so_far.lost {
        1 => ("1 record".to_owned(), ""),
        more => (format!("{more} records"), "the first is "),
    };
    let what = so_far.first_lost.as_deref().unwrap_or_default();
    Gap {
        table: table.to_owned(),
        column: None,
        reason: GapReason::Failed,
        detail: format!("{count} could not be read: {first}{what}"),
    }
}

/// What a failed request means for its table.
fn gap_of(table: &str, error: &RequestError) -> Gap {
    let (reason, detail) = match &error.cause {
        Cause::Status {
            status: 403, message, ..
        } => (
            GapReason::Forbidden,
            missing_privilege(message).unwrap_or_else(|| message.clone()),
        ),
        Cause::Status {
            status: 404, message, ..
        } => (GapReason::NotFound, message.clone()),
        Cause::NothingThere => (GapReason::NotFound, error.to_string()),
        _ => (GapReason::Failed, error.to_string()),
    };
    Gap {
        table: table.to_owned(),
        column: None,
        reason,
        detail,
    }
}

/// The name of the privilege in "… is missing prvReadOrganization privilege …".
fn missing_privilege(message: &str) -> Option<String> {
    message
        .split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .find(|word| word.len() > 3 && word.starts_with("prv"))
        .map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_privilege_is_named() {
        let forbidden = "Principal user (Id=11111111-2222-3333-4444-555555555555, type=8, roleCount=1, privilegeCount=12) is missing prvReadTraceLog privilege (Id=abc) on OTC=8050 for entity 'tracelog'";
        assert_eq!(missing_privilege(forbidden).as_deref(), Some("prvReadTraceLog"));
        assert_eq!(missing_privilege("no access"), None);
    }
}
