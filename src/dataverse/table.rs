//! One table: its query, its pages, and what of it could not be read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use reqwest::Url;

use crate::snapshot::manifest::{Gap, GapReason};
use crate::snapshot::tables::{Kind, TableDef};
use rustc_hash::FxHashSet;

use crate::snapshot::{Column, Guid, Table};

use super::client::{BodyError, Client};
use super::count::{self, Count, Tally};
use super::decode::{self, Page, Wanted};
use super::error::{Cause, RequestError};
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
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The rows, page by page; none at all if the table could not be read.
    pub(super) chunks: Vec<Table>,
    pub(super) pages: u64,
    pub(super) complete: bool,
    /// How many rows the server counts.
    pub(super) counted: Option<Count>,
    pub(super) gaps: Vec<Gap>,
    /// Records that were left out.
    pub(super) lost: usize,
    /// What is wrong with the first of them.
    pub(super) first_lost: Option<String>,
}

impl Collected {
    pub(super) fn rows(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.rows as u64).sum()
    }

    /// Whether there is anything to write.
    pub(super) fn is_there(&self) -> bool {
        !self.chunks.is_empty()
    }
}

impl Reader<'_> {
    /// Reads a table as far as it goes. Fails only where no other table could be read either.
    pub(super) async fn read(&self, job: &Job) -> Result<Collected, RequestError> {
        let name = job.definition.name;
        let mut collected = Collected::default();
        let mut columns = select(job.definition, &job.extra, &mut collected.gaps);
        let filters: Vec<Option<&Filter>> = match &job.rows {
            Rows::All => vec![None],
            Rows::Matching(filters) => filters.iter().map(Some).collect(),
        };
        if filters.is_empty() {
            // Nothing was asked for, so an empty table is the whole answer.
            let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
            collected
                .chunks
                .extend(decode::page(r#"{"value":[]}"#, &wanted).map(|page| page.table));
        }
        let mut outcome = Ok(());
        self.tell(job, &collected, None, State::Reading);
        for (number, filter) in filters.into_iter().enumerate() {
            match self.query(job, &mut columns, filter, &mut collected).await {
                Ok(count) if number == 0 => collected.counted = count,
                Ok(count) => {
                    collected.counted = collected.counted.zip(count).map(|(one, two)| one.and(two));
                }
                Err(error) => {
                    // A count of a part says nothing about the table.
                    collected.counted = None;
                    outcome = Err(error);
                    break;
                }
            }
        }
        collected.complete = outcome.is_ok() && collected.lost == 0;
        if collected.lost > 0 {
            collected.gaps.push(lost_records(name, &collected));
            if collected.rows() == 0 {
                collected.chunks.clear();
            }
        }
        if let Err(error) = outcome {
            if error.is_fatal() {
                return Err(error);
            }
            tracing::warn!(table = name, %error, "not read to its end");
            collected.gaps.push(gap_of(name, &error));
        }
        let state = match (collected.is_there(), collected.complete) {
            (true, true) => State::Complete,
            (true, false) => State::Incomplete,
            (false, _) => State::Missing,
        };
        self.tell(job, &collected, collected.counted, state);
        Ok(collected)
    }

    fn tell(&self, job: &Job, collected: &Collected, count: Option<Count>, state: State) {
        let exact = count.filter(|count| count.exact).map(|count| count.rows);
        let total = || self.totals.get()?.get(job.definition.name).copied();
        self.observer.table(TableProgress {
            table: job.definition.name,
            rows: collected.rows(),
            pages: collected.pages,
            expected: match &job.rows {
                Rows::All => exact.or_else(total),
                Rows::Matching(filters) => exact.filter(|_| filters.len() == 1),
            },
            state,
        });
    }

    /// Reads one query into `collected`; twice, if the server forgets where it was the first time or
    /// counts more rows than came.
    async fn query(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        collected: &mut Collected,
    ) -> Result<Option<Count>, RequestError> {
        let before = (collected.chunks.len(), collected.pages, collected.lost);
        let outcome = self.pages(job, columns, filter, collected).await;
        let Err(error) = &outcome else {
            return outcome;
        };
        // Without a page of this query it was no link that failed.
        let again = error.is_short() || (collected.pages > before.1 && error.is_expired_link());
        if !again {
            return outcome;
        }
        tracing::warn!(table = job.definition.name, %error, "reading the table again from its first page");
        self.client.count_retry();
        collected.chunks.truncate(before.0);
        (collected.pages, collected.lost) = (before.1, before.2);
        if collected.lost == 0 {
            collected.first_lost = None;
        }
        self.pages(job, columns, filter, collected).await
    }

    /// Reads all pages of one query into `collected`.
    async fn pages(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        collected: &mut Collected,
    ) -> Result<Option<Count>, RequestError> {
        let mut links = Links::new(self.environment);
        let first_chunk = collected.chunks.len();
        let mut empty = 0;
        let mut page = self
            .first_page(job, columns, filter, collected, &mut links)
            .await?;
        let mut tally = Tally::new(job.definition, page.count);
        loop {
            collected.pages += 1;
            tally.page(&page.table, page.lost);
            for (name, why) in &page.unusable {
                columns.retain(|column| column.wanted.name != *name);
                let declared = job.extra.iter().any(|(extra, _)| extra == name);
                collected.gaps.push(Gap {
                    table: job.definition.name.to_owned(),
                    column: Some(name.clone()),
                    reason: GapReason::Failed,
                    detail: match declared {
                        true => format!("{why}; is the `type` of its `[[fact]]` right?"),
                        false => why.clone(),
                    },
                });
            }
            collected.lost += page.lost;
            if collected.first_lost.is_none() {
                collected.first_lost = page.first_lost;
            }
            empty = match page.table.rows + page.lost {
                0 => empty + 1,
                _ => 0,
            };
            collected.chunks.push(page.table);
            // The columns may have become fewer since the first page.
            for chunk in &mut collected.chunks {
                chunk
                    .columns
                    .retain(|name, _| columns.iter().any(|column| column.wanted.name == *name));
            }
            self.tell(job, collected, tally.count(), State::Reading);
            let Some(next) = page.next else {
                return match tally.short() {
                    Some(short) => Err(self.failed(job, short.into())),
                    None => Ok(tally.count()),
                };
            };
            let url = links.follow(&next).map_err(|error| self.link_error(job, error))?;
            if empty >= MOST_EMPTY {
                return Err(self.link_error(job, LinkError::Empty(empty)));
            }
            page = self.page(job, columns, &url, collected).await?;
            if goes_backwards(job.definition, &collected.chunks[first_chunk..], &page.table) {
                return Err(RequestError {
                    request: shown(&url),
                    cause: LinkError::Backwards.into(),
                });
            }
        }
    }

    /// Asks for the first page, without the columns that the environment turns out not to have.
    async fn first_page(
        &self,
        job: &Job,
        columns: &mut Vec<Selected>,
        filter: Option<&Filter>,
        collected: &mut Collected,
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
            let error = match self.page(job, columns, &url, collected).await {
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
            if !give_up(job.definition, columns, &property, &mut collected.gaps) {
                return Err(error);
            }
        }
    }

    async fn page(
        &self,
        job: &Job,
        columns: &[Selected],
        url: &Url,
        collected: &Collected,
    ) -> Result<Page, RequestError> {
        let wanted: Vec<Wanted> = columns.iter().map(|column| column.wanted.clone()).collect();
        let mut annotations = count::ANNOTATIONS.to_owned();
        if columns.iter().any(|column| column.of.is_some()) {
            annotations.push(',');
            annotations.push_str(LOOKUP_TABLE);
        }
        let prefer = format!("odata.maxpagesize=5000,odata.include-annotations=\"{annotations}\"");
        let waiting = |state: State| self.tell(job, collected, None, state);
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

/// Whether a page has only rows that earlier pages had.
fn goes_backwards(definition: &TableDef, earlier: &[Table], page: &Table) -> bool {
    let key = |table: &Table, row: usize| -> Vec<Option<Guid>> {
        let column = |name: &&str| match table.columns.get(*name) {
            Some(Column::Id(values)) => values.get(row).copied(),
            _ => None,
        };
        definition.sorted_by.iter().map(column).collect()
    };
    let Some(Column::Id(first)) = definition
        .sorted_by
        .first()
        .and_then(|name| page.columns.get(*name))
    else {
        return false;
    };
    // One walk over the first column finds nothing nearly always, and needs no memory.
    let Some(first) = first.first() else {
        return false;
    };
    let hit = |table: &Table| {
        definition.sorted_by.first().is_some_and(
            |name| matches!(table.columns.get(*name), Some(Column::Id(ids)) if ids.contains(first)),
        )
    };
    if !earlier.iter().any(hit) {
        return false;
    }
    let mut left: FxHashSet<_> = (0..page.rows).map(|row| key(page, row)).collect();
    for table in earlier {
        for row in 0..table.rows {
            left.remove(&key(table, row));
        }
    }
    left.is_empty()
}

fn lost_records(table: &str, collected: &Collected) -> Gap {
    let (count, first) = match collected.lost {
        1 => ("1 record".to_owned(), ""),
        more => (format!("{more} records"), "the first is "),
    };
    let what = collected.first_lost.as_deref().unwrap_or_default();
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

/// The values of an id column over all pages.
pub(super) fn ids<'a>(
    chunks: &'a [Table],
    name: &'a str,
) -> impl Iterator<Item = crate::snapshot::Guid> + 'a {
    chunks
        .iter()
        .flat_map(move |chunk| match chunk.columns.get(name) {
            Some(Column::Id(values)) => values.as_slice(),
            _ => &[],
        })
        .copied()
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
