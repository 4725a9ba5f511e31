//! Functions: `WhoAmI`, `RetrieveVersion`, `RetrieveUserSetOfPrivilegesByNames`, `RetrieveTotalRecordCount`.

use serde_json::json;
use uuid::Uuid;

use super::behaviour::Behaviour;
use super::store::Store;
use crate::access::Grant;
use crate::error::ServiceError;
use crate::query::RawQuery;

/// The caller, its business unit and the organization.
pub(super) fn who_am_i(store: &Store, base: &str) -> Vec<u8> {
    let tenant = &store.tenant;
    let unit = tenant.user(tenant.caller).and_then(|user| user.businessunitid);
    json!({
        "@odata.context": format!("{base}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"),
        "BusinessUnitId": unit,
        "UserId": tenant.caller,
        "OrganizationId": tenant.organization.organizationid,
    })
    .to_string()
    .into_bytes()
}

/// The build.
pub(super) fn retrieve_version(store: &Store, base: &str) -> Vec<u8> {
    json!({
        "@odata.context": format!("{base}$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse"),
        "Version": store.tenant.version,
    })
    .to_string()
    .into_bytes()
}

/// How many rows whole tables have, by a snapshot of the last 24 hours; whoever asks.
pub(super) fn total_record_count(
    store: &Store,
    behaviour: &Behaviour,
    base: &str,
    argument: &str,
    raw: &RawQuery,
) -> Result<Vec<u8>, ServiceError> {
    let bad = || ServiceError::bad_query(format!("Invalid parameter 'EntityNames': '{argument}'."));
    let value = argument.strip_prefix("EntityNames=").ok_or_else(bad)?;
    let names = match raw.aliases.get(value) {
        Some(alias) => alias.clone(),
        None => value.replace('\'', "\""),
    };
    let names: Vec<String> = serde_json::from_str(&names).map_err(|_| bad())?;
    let count = |name: &String| {
        let refused = behaviour.uncountable_tables.contains(name);
        let table = store.tables().iter().find(|table| table.name == name);
        let table = table.filter(|_| !refused).ok_or_else(|| {
            ServiceError::bad_query(format!("The rows of entity '{name}' cannot be counted."))
        })?;
        let off = behaviour.stale_totals.iter().find(|(stale, _)| stale == name);
        Ok(table.count() as i64 + off.map_or(0, |(_, off)| *off))
    };
    let values: Vec<i64> = names.iter().map(count).collect::<Result<_, ServiceError>>()?;
    let context = "RetrieveTotalRecordCountResponse";
    Ok(json!({
        "@odata.context": format!("{base}$metadata#Microsoft.Dynamics.CRM.{context}"),
        "EntityRecordCountCollection": {
            "Count": names.len(),
            "IsReadOnly": false,
            "Keys": names,
            "Values": values,
        },
    })
    .to_string()
    .into_bytes())
}

/// A user's effective privileges among those named. A name that does not exist, or that the user does not
/// hold, is absent.
pub(super) fn privileges_by_names(
    store: &Store,
    behaviour: &Behaviour,
    base: &str,
    user: Uuid,
    argument: &str,
    raw: &RawQuery,
) -> Result<Vec<u8>, ServiceError> {
    let bad = || ServiceError::bad_query(format!("Invalid parameter 'PrivilegeNames': '{argument}'."));
    let value = argument.strip_prefix("PrivilegeNames=").ok_or_else(bad)?;
    let names = if value.starts_with('@') {
        raw.aliases.get(value).ok_or_else(bad)?
    } else {
        value
    };
    let names: Vec<String> = serde_json::from_str(names).map_err(|_| bad())?;
    let held: Vec<serde_json::Value> = names
        .iter()
        .filter_map(|name| {
            let (id, stored) = store.access.privilege(name)?;
            let scripted = behaviour
                .hidden
                .iter()
                .find(|hidden| hidden.user == user && hidden.privilege.eq_ignore_ascii_case(name));
            let grant = match scripted {
                Some(hidden) => Grant {
                    depth: hidden.depth?,
                    business_unit: None,
                    stays_with_team: false,
                },
                None => store.access.told(user, name, behaviour.team_privileges)?,
            };
            Some(json!({
                "Depth": grant.depth.name(),
                "PrivilegeId": id,
                "BusinessUnitId": grant.business_unit,
                "PrivilegeName": stored,
                "RecordFilterId": Uuid::nil(),
                "RecordFilterUniqueName": "",
            }))
        })
        .collect();
    let context = "RetrieveUserSetOfPrivilegesByNamesResponse";
    Ok(json!({
        "@odata.context": format!("{base}$metadata#Microsoft.Dynamics.CRM.{context}"),
        "RolePrivileges": held,
    })
    .to_string()
    .into_bytes())
}
