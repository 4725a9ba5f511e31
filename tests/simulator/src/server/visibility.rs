//! Which rows the caller sees. Rows beyond the caller's reach vanish without a word; only a table on which
//! the caller has no read privilege at all is refused.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::store::Store;
use crate::access::{Access, Grant};
use crate::error::ServiceError;
use crate::schema::Table;
use crate::tenant::{Depth, Tenant};

/// How a table's rows are guarded.
enum Guard {
    /// Everybody sees all rows.
    Nothing,
    /// Whoever holds the privilege sees all rows.
    Organization(&'static str),
    /// By owner and owning business unit; the names of their columns.
    Owned {
        privilege: &'static str,
        owner: &'static str,
        unit: &'static str,
    },
    /// No privilege of its own: a row is seen if the rows that it joins are. Without the privilege: refused.
    Intersect {
        privilege: &'static str,
        ends: [(&'static str, &'static str); 2],
    },
}

fn guard(table: &str) -> Guard {
    let owned = |privilege, owner, unit| Guard::Owned {
        privilege,
        owner,
        unit,
    };
    match table {
        "systemuser" => owned("prvReadUser", "systemuserid", "businessunitid"),
        "businessunit" => owned("prvReadBusinessUnit", "", "businessunitid"),
        "role" => owned("prvReadRole", "", "businessunitid"),
        "team" => owned("prvReadTeam", "", "businessunitid"),
        "mailbox" => owned("prvReadMailbox", "ownerid", "owningbusinessunit"),
        "emailserverprofile" => owned("prvReadEmailServerProfile", "ownerid", "owningbusinessunit"),
        "queue" => owned("prvReadQueue", "ownerid", "owningbusinessunit"),
        "organization" => Guard::Organization("prvReadOrganization"),
        "tracelog" => Guard::Organization("prvReadTraceLog"),
        "appmodule" | "appmoduleroles" => Guard::Organization("prvReadAppModule"),
        "solution" => Guard::Organization("prvReadSolution"),
        "systemuserroles" => Guard::Intersect {
            privilege: "prvReadRole",
            ends: [("roleid", "role"), ("systemuserid", "systemuser")],
        },
        "teamroles" => Guard::Intersect {
            privilege: "prvReadRole",
            ends: [("roleid", "role"), ("teamid", "team")],
        },
        "teammembership" => Guard::Intersect {
            privilege: "prvReadTeam",
            ends: [("teamid", "team"), ("systemuserid", "systemuser")],
        },
        "roleprivileges" => Guard::Intersect {
            privilege: "prvReadRole",
            ends: [("roleid", "role"), ("roleid", "role")],
        },
        _ => Guard::Nothing,
    }
}

/// The privilege without which a table is refused.
pub(super) fn read_privilege(table: &str) -> &'static str {
    match guard(table) {
        Guard::Nothing => "prvReadPrivilege",
        Guard::Organization(privilege)
        | Guard::Owned { privilege, .. }
        | Guard::Intersect { privilege, .. } => privilege,
    }
}

/// The caller's reach.
pub(super) struct Reader {
    caller: Uuid,
    teams: HashSet<Uuid>,
    grants: HashMap<&'static str, Vec<Grant>>,
    /// Business unit to the ones directly below it.
    below: HashMap<Uuid, Vec<Uuid>>,
}

const PRIVILEGES: [&str; 11] = [
    "prvReadUser",
    "prvReadBusinessUnit",
    "prvReadRole",
    "prvReadTeam",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadQueue",
    "prvReadOrganization",
    "prvReadTraceLog",
    "prvReadAppModule",
    "prvReadSolution",
];

impl Reader {
    pub(super) fn new(tenant: &Tenant, access: &Access) -> Self {
        let mut below: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for unit in &tenant.business_units {
            if let Some(parent) = unit.parentbusinessunitid {
                below.entry(parent).or_default().push(unit.businessunitid);
            }
        }
        // A privilege that does not exist guards nothing.
        let everything = vec![Grant {
            depth: Depth::Global,
            business_unit: None,
            stays_with_team: false,
        }];
        let grants = PRIVILEGES.map(|name| {
            let held = match access.privilege(name) {
                Some(_) => access.grants(tenant.caller, name),
                None => everything.clone(),
            };
            (name, held)
        });
        Self {
            caller: tenant.caller,
            teams: access.teams_of(tenant.caller).iter().copied().collect(),
            grants: grants.into_iter().collect(),
            below,
        }
    }

    fn grants(&self, privilege: &str) -> &[Grant] {
        self.grants.get(privilege).map_or(&[], Vec::as_slice)
    }

    /// The rows of a table that the caller sees, or the refusal.
    pub(super) fn visible(&self, table: &Table, store: &Store) -> Result<Vec<u32>, ServiceError> {
        let all = || 0..table.count() as u32;
        let refuse = || Err(store.refusal(table.name));
        match guard(table.name) {
            Guard::Nothing => Ok(all().collect()),
            Guard::Organization(privilege) if self.grants(privilege).is_empty() => refuse(),
            Guard::Organization(_) => Ok(all().collect()),
            Guard::Owned {
                privilege,
                owner,
                unit,
            } => {
                let grants = self.grants(privilege);
                if grants.is_empty() {
                    return refuse();
                }
                if grants.iter().any(|grant| grant.depth == Depth::Global) {
                    return Ok(all().collect());
                }
                let units = self.units(grants);
                let (owner, unit) = (table.column(owner), table.column(unit));
                let guid = |row: u32, column: Option<usize>| table.cell(row as usize, column?).guid();
                let own = |row: u32| {
                    guid(row, owner).is_some_and(|owner| owner == self.caller || self.teams.contains(&owner))
                };
                // A team at user depth: those one belongs to.
                let member = |row: u32| {
                    table.name == "team" && guid(row, Some(0)).is_some_and(|team| self.teams.contains(&team))
                };
                let in_reach = |row: u32| guid(row, unit).is_some_and(|unit| units.contains(&unit));
                Ok(all()
                    .filter(|row| own(*row) || member(*row) || in_reach(*row))
                    .collect())
            }
            Guard::Intersect { privilege, ends } => {
                if self.grants(privilege).is_empty() {
                    return refuse();
                }
                let mut rows: Vec<u32> = all().collect();
                for (column, end) in ends {
                    let Some(column) = table.column(column) else {
                        continue;
                    };
                    let Some(seen) = self.seen(end, store) else {
                        continue;
                    };
                    rows.retain(|row| {
                        table
                            .cell(*row as usize, column)
                            .guid()
                            .is_some_and(|id| seen.contains(&id))
                    });
                }
                Ok(rows)
            }
        }
    }

    /// Business units that the grants reach.
    fn units(&self, grants: &[Grant]) -> HashSet<Uuid> {
        let mut units = HashSet::new();
        for grant in grants {
            let Some(unit) = grant.business_unit else { continue };
            match grant.depth {
                Depth::Basic => {}
                Depth::Local => {
                    units.insert(unit);
                }
                Depth::Deep | Depth::Global => {
                    let mut open = vec![unit];
                    while let Some(unit) = open.pop() {
                        // Guards against a loop in a tenant that a test has bent.
                        if units.insert(unit) {
                            open.extend(self.below.get(&unit).into_iter().flatten());
                        }
                    }
                }
            }
        }
        units
    }

    /// Ids of the rows of a table that the caller sees; `None` for all.
    fn seen(&self, table: &str, store: &Store) -> Option<HashSet<Uuid>> {
        let privilege = match guard(table) {
            Guard::Owned { privilege, .. } => privilege,
            _ => return None,
        };
        if self
            .grants(privilege)
            .iter()
            .any(|grant| grant.depth == Depth::Global)
        {
            return None;
        }
        let table = store.table_named(table)?;
        let rows = self.visible(table, store).unwrap_or_default();
        Some(
            rows.into_iter()
                .filter_map(|row| table.cell(row as usize, 0).guid())
                .collect(),
        )
    }
}
