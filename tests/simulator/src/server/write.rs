//! The few writes of a simulator that a test has made writable ([`super::Behaviour::writable`]).
//!
//! | Request | What it does |
//! |---|---|
//! | `POST set(id)/navigation/$ref`, `{"@odata.id": …}` | links a role with a user, a team or an app |
//! | `DELETE set(id)/navigation(id)/$ref`, or `…/$ref?$id=…` | takes the link away |
//! | `POST roles(id)/Microsoft.Dynamics.CRM.AddPrivilegesRole` | gives a role privileges |
//! | `POST roles(id)/Microsoft.Dynamics.CRM.RemovePrivilegeRole` | takes one away |
//! | `PATCH set(id)` | sets columns; see `patch.rs` |
//!
//! Forms and the answer 204: the vendor's pages on associating rows and on model-driven apps by code, the
//! Web API reference of both actions (read 2026-11-27). Recalled, not found in a source: that a link that
//! is there already is a 412 (its code is in the vendor's list), that one that is not there is a 404, and
//! that a copy of a role below the root can be given to its own business unit only and cannot be changed.
//! One difference is on purpose: who writes must be a System Administrator; the service looks at single
//! privileges.

use serde_json::Value;
use uuid::Uuid;

use super::answer::{Call, Reply};
use super::patch;
use crate::error::ServiceError;
use crate::query::{RawQuery, split_outside};
use crate::tables::{AppModuleRole, pair_id};
use crate::tenant::{Depth, Tenant};

const ACTIONS: &str = "Microsoft.Dynamics.CRM.";

impl Call<'_> {
    /// Carries out a request that is no GET.
    pub(super) fn write(&self, resource: &str) -> Result<Reply, ServiceError> {
        let parts = split_outside(resource, '/', '\'');
        let (set, id) = key(parts.first().copied().unwrap_or_default())
            .ok_or_else(|| not_allowed(self.method.as_str()))?;
        let table = self
            .store
            .table(set)
            .ok_or_else(|| ServiceError::unknown_segment(set))?;
        let name = self.store.tables()[table].name;
        if !self.store.access.is_administrator(self.store.tenant.caller) {
            return Err(ServiceError::missing_privilege(
                self.store.tenant.caller,
                "prvWrite",
                Uuid::nil(),
                name,
            ));
        }
        self.row(table, &id.to_string())?;
        match (self.method.as_str(), &parts[1..]) {
            ("PATCH", []) => {
                let body = self.json()?;
                self.shared
                    .change(|tenant| patch::set(tenant, &self.store, table, id, &body))?;
            }
            ("POST", [navigation, "$ref"]) => {
                let other = self.linked_in_body()?;
                self.shared.change(|tenant| link(tenant, navigation, id, other))?;
            }
            ("DELETE", [navigation, "$ref"]) => {
                let (navigation, other) = match key(navigation) {
                    Some(both) => both,
                    None => (*navigation, self.linked_in_query()?),
                };
                self.shared
                    .change(|tenant| unlink(tenant, navigation, id, other))?;
            }
            ("POST", [action]) if set == "roles" && action.starts_with(ACTIONS) => {
                let body = self.json()?;
                match &action[ACTIONS.len()..] {
                    "AddPrivilegesRole" => self.shared.change(|tenant| add_privileges(tenant, id, &body))?,
                    "RemovePrivilegeRole" => {
                        self.shared.change(|tenant| remove_privilege(tenant, id, &body))?;
                    }
                    _ => return Err(ServiceError::unknown_segment(action)),
                }
            }
            (method, _) => return Err(not_allowed(method)),
        }
        Ok(Reply {
            status: 204,
            body: Vec::new(),
            content: "application/json",
        })
    }

    fn json(&self) -> Result<Value, ServiceError> {
        serde_json::from_slice(self.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(bad_payload)
    }

    /// The role that a link leads to: its whole address, as the vendor's page writes it.
    fn linked_in_body(&self) -> Result<Uuid, ServiceError> {
        let body = self.json()?;
        self.linked(body["@odata.id"].as_str().unwrap_or_default())
    }

    fn linked_in_query(&self) -> Result<Uuid, ServiceError> {
        let query = RawQuery::parse(&self.record.query)?;
        self.linked(query.option("$id").unwrap_or_default())
    }

    fn linked(&self, address: &str) -> Result<Uuid, ServiceError> {
        match address.strip_prefix(&self.base).and_then(key) {
            Some(("roles", id)) => Ok(id),
            _ => Err(ServiceError::bad_query(format!(
                "Bad Request - '{address}' is not the address of a role."
            ))),
        }
    }
}

/// The set and the identifier of `set(identifier)`.
pub(super) fn key(segment: &str) -> Option<(&str, Uuid)> {
    let (set, id) = segment.strip_suffix(')')?.split_once('(')?;
    Some((set, Uuid::try_parse(id).ok()?))
}

fn not_allowed(method: &str) -> ServiceError {
    let message = format!("The requested resource does not support http method '{method}'.");
    ServiceError::new(405, "0x80060888", message)
}

/// What was sent cannot be understood.
fn bad_payload() -> ServiceError {
    ServiceError::new(
        400,
        "0x80048d19",
        "Error identified in Payload provided by the user.",
    )
}

pub(super) fn missing(table: &str, id: Uuid) -> ServiceError {
    let message = format!("Entity '{table}' With Id = {id} Does Not Exist");
    ServiceError::new(404, "0x80040217", message)
}

fn link(tenant: &mut Tenant, navigation: &str, id: Uuid, role: Uuid) -> Result<(), ServiceError> {
    let unit = tenant
        .roles
        .iter()
        .find(|copy| copy.roleid == role)
        .ok_or_else(|| missing("role", role))?
        .businessunitid;
    let own = match navigation {
        "systemuserroles_association" => tenant.user(id).and_then(|user| user.businessunitid),
        "teamroles_association" => {
            let team = tenant.teams.iter().find(|team| team.teamid == id);
            if team.is_some_and(|team| team.teamtype == Some(1)) {
                let message = "A role cannot be assigned to an access team.";
                return Err(ServiceError::new(400, "", message));
            }
            team.and_then(|team| team.businessunitid)
        }
        _ => unit,
    };
    if own != unit {
        let message = "The user or team and the role are not in the same business unit.";
        return Err(ServiceError::new(400, "", message));
    }
    let there = match navigation {
        "systemuserroles_association" => add_pair(&mut tenant.user_roles, id, role),
        "teamroles_association" => add_pair(&mut tenant.team_roles, id, role),
        "appmoduleroles_association" => {
            let same = |row: &AppModuleRole| row.appmoduleid == Some(id) && row.roleid == Some(role);
            let there = tenant.app_module_roles.iter().any(same);
            tenant.app_module_roles.push(AppModuleRole {
                appmoduleroleid: pair_id(id, role),
                appmoduleid: Some(id),
                roleid: Some(role),
                ismanaged: Some(false),
                componentstate: Some(0),
            });
            there
        }
        other => return Err(ServiceError::unknown_segment(other)),
    };
    if there {
        let message = "A record with matching key values already exists.";
        return Err(ServiceError::new(412, "0x80040237", message));
    }
    Ok(())
}

/// Adds a pair; true if it was there.
fn add_pair(pairs: &mut Vec<(Uuid, Uuid)>, left: Uuid, right: Uuid) -> bool {
    let there = pairs.contains(&(left, right));
    pairs.push((left, right));
    there
}

fn unlink(tenant: &mut Tenant, navigation: &str, id: Uuid, role: Uuid) -> Result<(), ServiceError> {
    let count =
        |tenant: &Tenant| tenant.user_roles.len() + tenant.team_roles.len() + tenant.app_module_roles.len();
    let before = count(tenant);
    match navigation {
        "systemuserroles_association" => tenant.user_roles.retain(|pair| *pair != (id, role)),
        "teamroles_association" => tenant.team_roles.retain(|pair| *pair != (id, role)),
        "appmoduleroles_association" => tenant
            .app_module_roles
            .retain(|row| row.appmoduleid != Some(id) || row.roleid != Some(role)),
        other => return Err(ServiceError::unknown_segment(other)),
    }
    if count(tenant) == before {
        return Err(missing("role", role));
    }
    Ok(())
}

/// The role, if it is a root copy: privileges hang there.
fn root(tenant: &Tenant, id: Uuid) -> Result<Uuid, ServiceError> {
    let role = tenant.roles.iter().find(|role| role.roleid == id);
    match role {
        Some(role) if role.parentrootroleid.is_none_or(|root| root == id) => Ok(id),
        Some(_) => Err(ServiceError::new(400, "", "An inherited role cannot be changed.")),
        None => Err(missing("role", id)),
    }
}

fn add_privileges(tenant: &mut Tenant, id: Uuid, body: &Value) -> Result<(), ServiceError> {
    let role = root(tenant, id)?;
    for one in body["Privileges"].as_array().ok_or_else(bad_payload)? {
        let privilege = one["PrivilegeId"]
            .as_str()
            .and_then(|id| Uuid::try_parse(id).ok());
        let privilege = privilege.ok_or_else(bad_payload)?;
        // The service takes the member's name and its number as text.
        let depth = match one["Depth"].as_str() {
            Some("Basic" | "0") => Depth::Basic,
            Some("Local" | "1") => Depth::Local,
            Some("Deep" | "2") => Depth::Deep,
            Some("Global" | "3") => Depth::Global,
            _ => return Err(bad_payload()),
        };
        let row = tenant.privileges.iter().find(|row| row.privilegeid == privilege);
        let row = row.ok_or_else(|| missing("privilege", privilege))?;
        let can = match depth {
            Depth::Basic => row.canbebasic,
            Depth::Local => row.canbelocal,
            Depth::Deep => row.canbedeep,
            Depth::Global => row.canbeglobal,
        };
        if can == Some(false) {
            let message = format!("The privilege {privilege} cannot be granted at that depth.");
            return Err(ServiceError::new(400, "", message));
        }
        tenant.put_role_privilege(role, privilege, Some(depth.mask()));
    }
    Ok(())
}

fn remove_privilege(tenant: &mut Tenant, id: Uuid, body: &Value) -> Result<(), ServiceError> {
    let role = root(tenant, id)?;
    // A reference to a record, not a bare identifier (Web API reference: parameter `Privilege`).
    let privilege = body["Privilege"]["privilegeid"].as_str();
    let privilege = privilege
        .and_then(|id| Uuid::try_parse(id).ok())
        .ok_or_else(bad_payload)?;
    tenant.put_role_privilege(role, privilege, None);
    Ok(())
}
