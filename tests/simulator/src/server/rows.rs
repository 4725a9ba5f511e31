//! Answers made of rows: whole pages, single rows, counts.

use std::io::Write as _;

use super::behaviour::Behaviour;
use super::paging;
use super::prefer::Preferences;
use super::store::Store;
use crate::cell::{Cell, Kind};
use crate::error::ServiceError;
use crate::query::{Aggregate, Expression, Options, RawQuery, matches};
use crate::schema::Table;

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const LOOKUP_TABLE: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
const NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";
const TOTAL: &str = "Microsoft.Dynamics.CRM.totalrecordcount";
const EXCEEDED: &str = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded";

/// One request for rows.
pub(super) struct RowRequest<'a> {
    pub(super) store: &'a Store,
    /// Which table.
    pub(super) table: usize,
    /// Address of the Web API, with a slash at the end.
    pub(super) base: &'a str,
    /// Path and query, as sent.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) raw: &'a RawQuery,
    pub(super) preferences: &'a Preferences,
    /// Most rows on a page.
    pub(super) page_size_limit: usize,
    /// Whether a full page leads on when there is no further row.
    pub(super) full_leads_on: bool,
    /// How the service behaves.
    pub(super) behaviour: &'a Behaviour,
}

/// Which annotations to write.
struct Wanted {
    formatted: bool,
    lookup_table: bool,
    navigation: bool,
}

impl RowRequest<'_> {
    fn table(&self) -> &Table {
        &self.store.tables()[self.table]
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            formatted: self.preferences.wants(FORMATTED),
            lookup_table: self.preferences.wants(LOOKUP_TABLE),
            navigation: self.preferences.wants(NAVIGATION),
        }
    }

    /// A page of rows.
    pub(super) fn page(&self) -> Result<Vec<u8>, ServiceError> {
        let table = self.table();
        if let Some(aggregate) = Aggregate::parse(self.raw, table)? {
            return self.aggregate(&aggregate);
        }
        let options = Options::parse(self.raw, table)?;
        if options.count {
            self.is_countable()?;
        }
        let (number, start) = paging::position(self.path, self.query)?.unwrap_or((1, 0));
        let order = self.store.order(self.table, &options.orderby)?;
        // The page size is not part of the link: without the header the limit counts again. With $top the
        // header is ignored.
        let limit = self.page_size_limit;
        let size = match options.top {
            Some(top) => top.min(limit),
            None => self.preferences.max_page_size.unwrap_or(usize::MAX).min(limit),
        };
        let passes = |row: &u32| {
            options
                .filter
                .as_ref()
                .is_none_or(|filter| matches(filter, table, *row as usize))
        };
        let mut rows = Vec::with_capacity(size.min(order.len()));
        let mut next = None;
        for (place, row) in order.iter().enumerate().skip(start) {
            if !passes(row) {
                continue;
            }
            if rows.len() == size {
                next = Some(place);
                break;
            }
            rows.push(*row as usize);
        }
        if self.full_leads_on && rows.len() == size {
            next = next.or(Some(order.len()));
        }
        let fields = self.fields(&options);
        let mut body = Vec::with_capacity(rows.len() * fields.len() * 40 + 512);
        self.head(&mut body, &options, "");
        self.counts(&mut body, &options, || match &options.filter {
            None => order.len(),
            Some(filter) => self.store.count(self.table, format!("{filter:?}"), || {
                order.iter().filter(|row| passes(row)).count()
            }),
        });
        body.extend(b",\"value\":[");
        let wanted = self.wanted();
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                body.push(b',');
            }
            body.push(b'{');
            self.row(&mut body, *row, &fields, &wanted);
            body.push(b'}');
        }
        body.push(b']');
        if let (Some(place), None) = (next, options.top) {
            let id = |row: usize| table.cell(row, 0).guid().unwrap_or_default();
            let (first, last) = (
                rows.first().copied().map_or_else(Default::default, id),
                rows.last().copied().map_or_else(Default::default, id),
            );
            let key = &table.fields[0].name;
            let query = paging::next_query(self.path, self.query, key, first, last, number + 1, place);
            body.extend(b",\"@odata.nextLink\":");
            text(&mut body, &format!("{}{}?{query}", self.base, table.set));
        }
        body.push(b'}');
        Ok(body)
    }

    /// One row, by its place in the table.
    pub(super) fn single(&self, row: usize) -> Result<Vec<u8>, ServiceError> {
        let options = Options::parse(self.raw, self.table())?;
        let mut body = Vec::new();
        self.head(&mut body, &options, "/$entity");
        body.push(b',');
        self.row(&mut body, row, &self.fields(&options), &self.wanted());
        body.push(b'}');
        Ok(body)
    }

    /// `…/$count`: a bare number, capped like the other.
    pub(super) fn count(&self) -> Result<Vec<u8>, ServiceError> {
        let options = Options::parse(self.raw, self.table())?;
        let rows = self.number(options.filter.as_ref())?;
        Ok(rows.min(self.behaviour.most_counted).to_string().into_bytes())
    }

    /// The number of rows as an aggregate, which is refused rather than capped.
    fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<u8>, ServiceError> {
        self.is_countable()?;
        let rows = self.number(aggregate.filter.as_ref())?;
        if self.behaviour.counts_nothing {
            let message = "The query option '$apply' is not supported.";
            return Err(ServiceError::new(501, "0x80060888", message));
        }
        if rows > self.behaviour.most_aggregated {
            let message = "AggregateQueryRecordLimit exceeded. Cannot perform this operation.";
            return Err(ServiceError::new(400, "0x8004e023", message));
        }
        let mut body = Vec::new();
        self.head(&mut body, &Options::default(), "");
        body.extend(b",\"value\":[{");
        if self.wanted().formatted {
            let _ = write!(body, "\"{}@{FORMATTED}\":", aggregate.name);
            text(&mut body, &grouped(rows as i64));
            body.push(b',');
        }
        let _ = write!(body, "\"{}\":{rows}}}]}}", aggregate.name);
        Ok(body)
    }

    /// How many rows there are for the caller, of those that pass a filter.
    fn number(&self, filter: Option<&Expression>) -> Result<usize, ServiceError> {
        let order = self.store.order(self.table, &[])?;
        let passes = |row: &&u32| filter.is_none_or(|filter| matches(filter, self.table(), **row as usize));
        Ok(order.iter().filter(passes).count())
    }

    fn is_countable(&self) -> Result<(), ServiceError> {
        let name = self.table().name;
        if self
            .behaviour
            .uncountable_tables
            .iter()
            .any(|table| table == name)
        {
            return Err(ServiceError::bad_query(format!(
                "The rows of entity '{name}' cannot be counted."
            )));
        }
        Ok(())
    }

    /// Properties to send. The primary key always comes along.
    fn fields(&self, options: &Options) -> Vec<usize> {
        let table = self.table();
        match &options.select {
            None => (0..table.fields.len())
                .filter(|field| table.fields[*field].kind != Kind::Hidden)
                .collect(),
            Some(fields) => {
                let mut fields = fields.clone();
                if !fields.contains(&0) {
                    fields.push(0);
                }
                fields
            }
        }
    }

    fn head(&self, body: &mut Vec<u8>, options: &Options, suffix: &str) {
        let table = self.table();
        let selected = options.select.as_ref().map(|fields| {
            let names: Vec<&str> = fields
                .iter()
                .map(|field| table.fields[*field].property.as_str())
                .collect();
            format!("({})", names.join(","))
        });
        let context = format!(
            "{}$metadata#{}{}{suffix}",
            self.base,
            table.set,
            selected.unwrap_or_default()
        );
        body.extend(b"{\"@odata.context\":");
        text(body, &context);
    }

    fn counts(&self, body: &mut Vec<u8>, options: &Options, count: impl Fn() -> usize) {
        if self.behaviour.counts_nothing {
            return;
        }
        let most = self.behaviour.most_counted;
        let total = options.count.then(&count);
        if let Some(total) = total {
            let _ = write!(body, ",\"@odata.count\":{}", total.min(most));
        }
        if self.preferences.wants(TOTAL) {
            let shown = total.map_or(-1, |total| total.min(most) as i64);
            let _ = write!(body, ",\"@{TOTAL}\":{shown}");
        }
        if self.preferences.wants(EXCEEDED) {
            let exceeded = total.is_some_and(|total| total > most);
            let _ = write!(body, ",\"@{EXCEEDED}\":{exceeded}");
        }
    }

    fn row(&self, body: &mut Vec<u8>, row: usize, fields: &[usize], wanted: &Wanted) {
        let table = self.table();
        let _ = write!(body, "\"@odata.etag\":\"W/\\\"{}\\\"\"", 1_000_000 + row);
        for place in fields {
            let field = &table.fields[*place];
            let cell = table.cell(row, *place);
            let _ = write!(body, ",\"{}\":", field.property);
            value(body, cell);
            if matches!(cell, Cell::Null) {
                continue;
            }
            let note = |body: &mut Vec<u8>, annotation: &str, note: &str| {
                let _ = write!(body, ",\"{}@{annotation}\":", field.property);
                text(body, note);
            };
            if let (Kind::Lookup(..), Cell::Guid(id)) = (field.kind, cell) {
                let target = table.target(row, *place);
                if wanted.navigation {
                    note(body, NAVIGATION, &navigation(field.kind, &field.name, target));
                }
                if wanted.lookup_table {
                    note(body, LOOKUP_TABLE, target);
                }
                if wanted.formatted
                    && let Some(name) = self.store.name(id)
                {
                    note(body, FORMATTED, name);
                }
            } else if wanted.formatted
                && let Some(label) = label(field.kind, cell)
            {
                note(body, FORMATTED, &label);
            }
        }
    }
}

/// Navigation property of a lookup; one with several targets has one for each.
fn navigation(kind: Kind, name: &str, target: &str) -> String {
    match kind {
        Kind::Lookup(targets, _) if targets.contains(',') => format!("{name}_{target}"),
        _ => name.to_owned(),
    }
}

fn label(kind: Kind, cell: Cell<'_>) -> Option<String> {
    match (kind, cell) {
        (Kind::Choice(options), Cell::Int(value)) => options
            .iter()
            .find(|(known, _)| i64::from(*known) == value)
            .map(|(_, label)| (*label).to_owned()),
        (Kind::Int, Cell::Int(number)) => Some(grouped(number)),
        (Kind::Bool, Cell::Bool(value)) => Some(if value { "Yes" } else { "No" }.to_owned()),
        (Kind::Date, Cell::Date(date)) => Some(date.strftime("%-m/%-d/%Y %-I:%M %p").to_string()),
        _ => None,
    }
}

/// A number with commas between thousands, as an English user's formatted value has it.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// Writes text as JSON.
pub(super) fn text(body: &mut Vec<u8>, value: &str) {
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(body, value);
}

fn value(body: &mut Vec<u8>, cell: Cell<'_>) {
    let _ = match cell {
        Cell::Null => write!(body, "null"),
        Cell::Text(value) => return text(body, value),
        Cell::Int(number) => write!(body, "{number}"),
        Cell::Bool(value) => write!(body, "{value}"),
        Cell::Guid(id) => write!(body, "\"{id}\""),
        Cell::Date(date) => write!(body, "\"{date}\""),
        Cell::Json(value) => write!(body, "{value}"),
    };
}
