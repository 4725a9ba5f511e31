//! The tenant as the server keeps it: tables, the caller's view of them, and their sorted orders.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use super::behaviour::Behaviour;
use super::visibility::{Reader, read_privilege};
use crate::access::Access;
use crate::cell::{Cell, Kind};
use crate::error::ServiceError;
use crate::guid_order::sql_server_key;
use crate::random::{SplitMix64, hashed};
use crate::schema::{Made, OfTenant, Rows, Table, custom_columns};
use crate::tables::{
    AppModule, AppModuleRole, BusinessUnit, EmailServerProfile, Mailbox, Organization, Privilege, Queue,
    Role, RolePrivilege, Row, Solution, SystemUser, SystemUserRole, Team, TeamMembership, TeamRole, TraceLog,
    pair_id,
};
use crate::tenant::Tenant;

/// Rows of a table in some order, as numbers; or why the caller may not see them.
pub(super) type Order = Result<Arc<Vec<u32>>, ServiceError>;

/// A tenant ready to be asked.
pub(crate) struct Store {
    pub(super) tenant: Arc<Tenant>,
    pub(super) access: Access,
    /// Place of the caller among the users.
    pub(super) caller: Option<usize>,
    reader: Reader,
    tables: Vec<Table>,
    row_order: Option<u64>,
    /// Per table and `$orderby`: the visible rows in that order, sorted once.
    orders: Mutex<HashMap<(usize, String), Order>>,
    /// Per table and `$filter`: how many visible rows pass, counted once.
    counts: Mutex<HashMap<(usize, String), usize>>,
    names: OnceLock<HashMap<Uuid, String>>,
    /// Per table: primary key to row.
    keys: Mutex<HashMap<usize, Arc<HashMap<Uuid, u32>>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("users", &self.tenant.users.len())
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(super) fn new(tenant: Tenant, behaviour: &Behaviour) -> Self {
        let tenant = Arc::new(tenant);
        let access = Access::new(&tenant);
        let reader = Reader::new(&tenant, &access);
        let mut tables = Tables {
            tenant: &tenant,
            behaviour,
            tables: Vec::new(),
        };
        tables.add::<SystemUser>(|tenant| &tenant.users);
        tables.add::<BusinessUnit>(|tenant| &tenant.business_units);
        tables.add::<Role>(|tenant| &tenant.roles);
        tables.add::<Privilege>(|tenant| &tenant.privileges);
        tables.add::<RolePrivilege>(|tenant| &tenant.role_privileges);
        tables.add::<Team>(|tenant| &tenant.teams);
        tables.add::<Mailbox>(|tenant| &tenant.mailboxes);
        tables.add::<EmailServerProfile>(|tenant| &tenant.profiles);
        tables.add::<Organization>(|tenant| std::slice::from_ref(&tenant.organization));
        tables.add::<Queue>(|tenant| &tenant.queues);
        tables.add::<TraceLog>(|tenant| &tenant.trace_logs);
        tables.add::<AppModule>(|tenant| &tenant.app_modules);
        tables.add::<AppModuleRole>(|tenant| &tenant.app_module_roles);
        tables.add::<Solution>(|tenant| &tenant.solutions);
        tables.pairs(&tenant.user_roles, |id, systemuserid, roleid| SystemUserRole {
            systemuserroleid: id,
            systemuserid,
            roleid,
        });
        tables.pairs(&tenant.team_roles, |id, teamid, roleid| TeamRole {
            teamroleid: id,
            teamid,
            roleid,
        });
        tables.pairs(&tenant.memberships, |id, systemuserid, teamid| TeamMembership {
            teammembershipid: id,
            teamid,
            systemuserid,
        });
        let tables = tables.tables;
        let caller = tenant
            .users
            .iter()
            .position(|user| user.systemuserid == tenant.caller);
        Self {
            tenant,
            access,
            caller,
            reader,
            tables,
            row_order: behaviour.row_order,
            orders: Mutex::default(),
            counts: Mutex::default(),
            names: OnceLock::new(),
            keys: Mutex::default(),
        }
    }

    /// All tables.
    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// How many rows of a table pass a filter, remembered: every page of a query tells it.
    pub(super) fn count(&self, table: usize, filter: String, count: impl Fn() -> usize) -> usize {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((table, filter)).or_insert_with(count)
    }

    /// A table by its entity set.
    pub(super) fn table(&self, set: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.set == set)
    }

    /// A table by its logical name.
    pub(super) fn table_named(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The refusal to read a table at all.
    pub(super) fn refusal(&self, table: &str) -> ServiceError {
        let privilege = read_privilege(table);
        let id = self.access.privilege(privilege).map_or(Uuid::nil(), |(id, _)| id);
        ServiceError::missing_privilege(self.tenant.caller, privilege, id, table)
    }

    /// The visible rows of a table, in the order asked for.
    pub(super) fn order(&self, table: usize, orderby: &[(usize, bool)]) -> Order {
        let key = (table, format!("{orderby:?}"));
        if let Some(known) = self
            .orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return known.clone();
        }
        let order = if orderby.is_empty() {
            self.reader
                .visible(&self.tables[table], self)
                .map(|rows| Arc::new(self.unasked(&self.tables[table], rows)))
        } else {
            self.order(table, &[])
                .map(|rows| Arc::new(by_columns(&self.tables[table], &rows, orderby)))
        };
        self.orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, order.clone());
        order
    }

    /// Rows in the order in which they come when none is asked for.
    fn unasked(&self, table: &Table, rows: Vec<u32>) -> Vec<u32> {
        let mut rows = by_key(table, rows);
        if let Some(seed) = self.row_order {
            SplitMix64::new(hashed(&(seed, table.name))).shuffle(&mut rows);
        }
        rows
    }

    /// The visible row with this primary key.
    pub(super) fn row(&self, table: usize, id: Uuid) -> Result<Option<usize>, ServiceError> {
        let order = self.order(table, &[])?;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let index = keys.entry(table).or_insert_with(|| {
            let rows = order.iter();
            let pairs =
                rows.filter_map(|row| Some((self.tables[table].cell(*row as usize, 0).guid()?, *row)));
            Arc::new(pairs.collect())
        });
        Ok(index.get(&id).map(|row| *row as usize))
    }

    /// The name of the row that a lookup leads to, for its formatted value.
    pub(super) fn name(&self, id: Uuid) -> Option<&str> {
        let names = self.names.get_or_init(|| {
            let mut names = HashMap::new();
            for table in &self.tables {
                let column = table.column("fullname").or_else(|| table.column("name"));
                for row in 0..table.count() {
                    if let (Some(column), Cell::Guid(id)) = (column, table.cell(row, 0))
                        && let Cell::Text(name) = table.cell(row, column)
                    {
                        names.insert(id, name.to_owned());
                    }
                }
            }
            names
        });
        names.get(&id).map(String::as_str)
    }
}

/// Tables being set up.
struct Tables<'a> {
    tenant: &'a Arc<Tenant>,
    behaviour: &'a Behaviour,
    tables: Vec<Table>,
}

impl Tables<'_> {
    fn add<R: Row>(&mut self, rows: fn(&Tenant) -> &[R]) {
        let custom = custom_columns(rows(self.tenant).iter().filter_map(Row::extra));
        self.put::<R>(
            Box::new(OfTenant {
                tenant: Arc::clone(self.tenant),
                rows,
            }),
            &custom,
        );
    }

    fn pairs<R: Row>(&mut self, pairs: &[(Uuid, Uuid)], make: fn(Uuid, Uuid, Uuid) -> R) {
        let rows = pairs
            .iter()
            .map(|(left, right)| make(pair_id(*left, *right), *left, *right))
            .collect();
        self.put::<R>(Box::new(Made::<R>(rows)), &BTreeMap::new());
    }

    fn put<R: Row>(&mut self, rows: Box<dyn Rows>, custom: &BTreeMap<String, Kind>) {
        if self.behaviour.omit_tables.iter().any(|name| name == R::TABLE) {
            return;
        }
        let lacking: BTreeSet<String> = self
            .behaviour
            .omit_columns
            .iter()
            .filter(|(table, _)| table == R::TABLE)
            .map(|(_, column)| column.clone())
            .collect();
        self.tables.push(Table::new::<R>(rows, custom, &lacking));
    }
}

fn by_key(table: &Table, mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_by_cached_key(|row| table.cell(*row as usize, 0).guid().map(sql_server_key));
    rows
}

/// Sorted by columns; equal rows stay in the order of their keys.
fn by_columns(table: &Table, rows: &[u32], orderby: &[(usize, bool)]) -> Vec<u32> {
    let key = |row: u32| -> Vec<SortKey> {
        let of = |(column, descending): &(usize, bool)| {
            let value = sort_value(table.cell(row as usize, *column));
            if *descending {
                SortKey::Descending(Reverse(value))
            } else {
                SortKey::Ascending(value)
            }
        };
        orderby.iter().map(of).collect()
    };
    let mut rows = rows.to_vec();
    rows.sort_by_cached_key(|row| key(*row));
    rows
}

/// What a row is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Ascending(SortValue),
    Descending(Reverse<SortValue>),
}

/// Nulls come first, text without regard to case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Null,
    Text(String),
    Number(i64),
    Key([u8; 16]),
    Date(Timestamp),
}

fn sort_value(cell: Cell<'_>) -> SortValue {
    match cell {
        Cell::Null | Cell::Json(_) => SortValue::Null,
        Cell::Text(text) => SortValue::Text(text.to_lowercase()),
        Cell::Int(number) => SortValue::Number(number),
        Cell::Bool(value) => SortValue::Number(i64::from(value)),
        Cell::Guid(id) => SortValue::Key(sql_server_key(id)),
        Cell::Date(date) => SortValue::Date(date),
    }
}
