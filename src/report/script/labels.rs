//! What records are called, for people: never for requests.

use rustc_hash::FxHashMap;

use arrow_array::Array;

use crate::snapshot::{Environment, Guid, Table};

/// Names of an environment's records.
pub(super) struct Labels<'a> {
    environment: &'a Environment,
    /// Rows of roles.
    roles: FxHashMap<Guid, usize>,
    units: FxHashMap<Guid, usize>,
    /// Rows of users, by their mailbox; the mailbox knows its own name, too.
    people: FxHashMap<Guid, usize>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(environment: &'a Environment) -> Labels<'a> {
        Labels {
            environment,
            roles: rows(environment.table("role"), "roleid"),
            units: rows(environment.table("businessunit"), "businessunitid"),
            people: rows(environment.table("systemuser"), "defaultmailbox"),
        }
    }

    fn text(&self, table: &str, column: &str, row: usize) -> Option<&'a str> {
        let values = self.environment.table(table)?.text(column)?;
        (values.is_valid(row) && !values.value(row).is_empty()).then(|| values.value(row))
    }

    fn id(&self, table: &str, column: &str, row: usize) -> Option<Guid> {
        let id = *self.environment.table(table)?.ids(column)?.get(row)?;
        (!id.is_null()).then_some(id)
    }

    /// The row of a user. Rows are sorted by id.
    pub(super) fn user(&self, id: Guid) -> Option<usize> {
        find(self.environment.table("systemuser"), "systemuserid", id)
    }

    /// A record by its key's column: `Maria Rossi (maria@contoso.com)`, `team Field Sales`.
    pub(super) fn record(&self, key: &str, id: Guid) -> String {
        let table = key.strip_suffix("id").unwrap_or(key);
        let row = find(self.environment.table(table), key, id);
        let named = |column| row.and_then(|row| self.text(table, column, row));
        match table {
            "systemuser" => row.map_or_else(|| format!("user {id}"), |row| self.person(row, id)),
            "mailbox" => match self.people.get(&id) {
                Some(user) => self.person(*user, id),
                None => format!("mailbox {}", named("name").unwrap_or(&id.to_string())),
            },
            "appmodule" => format!("app {}", named("uniquename").unwrap_or(&id.to_string())),
            "team" => format!("team {}", named("name").unwrap_or(&id.to_string())),
            "organization" => "the environment".to_owned(),
            _ => format!("profile {}", named("name").unwrap_or(&id.to_string())),
        }
    }

    fn person(&self, row: usize, id: Guid) -> String {
        let name = self.text("systemuser", "fullname", row);
        let account = ["domainname", "internalemailaddress"]
            .into_iter()
            .find_map(|column| self.text("systemuser", column, row));
        match (name, account) {
            (Some(name), Some(account)) => format!("{name} ({account})"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => format!("user {id}"),
        }
    }

    /// A copy of a role: `role Sales Person (copy in West)`.
    pub(super) fn role(&self, id: Guid) -> String {
        let Some(&row) = self.roles.get(&id) else {
            return format!("role {id}");
        };
        let name = self
            .text("role", "name", row)
            .map_or_else(|| id.to_string(), str::to_owned);
        let unit = self.id("role", "businessunitid", row);
        let unit = unit.and_then(|unit| self.text("businessunit", "name", *self.units.get(&unit)?));
        match unit {
            Some(unit) if self.root(id) != id => format!("role {name} (copy in {unit})"),
            _ => format!("role {name}"),
        }
    }

    /// The root copy of a role.
    pub(super) fn root(&self, role: Guid) -> Guid {
        let row = self.roles.get(&role);
        row.and_then(|row| self.id("role", "parentrootroleid", *row))
            .unwrap_or(role)
    }

    /// The business unit of a copy of a role.
    pub(super) fn unit_of_role(&self, role: Guid) -> Option<Guid> {
        self.id("role", "businessunitid", *self.roles.get(&role)?)
    }

    pub(super) fn privilege(&self, id: Guid) -> String {
        let row = find(self.environment.table("privilege"), "privilegeid", id);
        let name = row.and_then(|row| self.text("privilege", "name", row));
        name.map_or_else(|| format!("privilege {id}"), str::to_owned)
    }
}

fn rows(table: Option<&Table>, column: &str) -> FxHashMap<Guid, usize> {
    let ids = table.and_then(|table| table.ids(column)).unwrap_or_default();
    ids.iter()
        .copied()
        .zip(0..)
        .filter(|(id, _)| !id.is_null())
        .collect()
}

/// The row of a key that its table is sorted by.
fn find(table: Option<&Table>, key: &str, id: Guid) -> Option<usize> {
    table?.ids(key)?.binary_search(&id).ok()
}
