//! From the path of a request to what it asks for.

use uuid::Uuid;

use super::answer::Call;
use super::rows::RowRequest;
use super::{functions, metadata};
use crate::error::ServiceError;
use crate::query::{RawQuery, split_outside};
use crate::tenant::Deployment;

impl Call<'_> {
    /// The answer's body.
    pub(super) fn route(&self, resource: &str) -> Result<Vec<u8>, ServiceError> {
        let store = self.store.as_ref();
        let base = &self.base;
        let raw = RawQuery::parse(&self.record.query)?;
        if raw.option("$format").is_some() {
            return Err(ServiceError::bad_query(
                "The query parameter '$format' is not supported.",
            ));
        }
        match resource {
            "" => return Ok(metadata::service_document(store, base)),
            "WhoAmI" | "WhoAmI()" => return Ok(functions::who_am_i(store, base)),
            "RetrieveVersion" | "RetrieveVersion()" => return Ok(functions::retrieve_version(store, base)),
            "EntityDefinitions" => return metadata::tables(store, base, &raw),
            _ => {}
        }
        let (first, rest) = match split_outside(resource, '/', '\'').as_slice() {
            [first] => (*first, None),
            [first, rest @ ..] => (*first, Some(rest.join("/"))),
            [] => (resource, None),
        };
        let (set, key) = match first.split_once('(') {
            Some((set, key)) => (set, Some(key.strip_suffix(')').unwrap_or(key))),
            None => (first, None),
        };
        if set == "EntityDefinitions" {
            let name = key
                .and_then(|key| key.strip_prefix("LogicalName="))
                .map(|name| name.trim_matches('\''));
            return match (name, rest.as_deref()) {
                (Some(name), None) => metadata::table(store, base, name, &raw),
                (Some(name), Some("Attributes")) => metadata::columns(store, base, name, &raw),
                _ => Err(ServiceError::unknown_segment(resource)),
            };
        }
        if let ("RetrieveTotalRecordCount", Some(argument), true) = (set, key, self.has_functions()) {
            return functions::total_record_count(store, &self.shared.behaviour, base, argument, &raw);
        }
        let table = store
            .table(set)
            .ok_or_else(|| ServiceError::unknown_segment(set))?;
        let name = store.tables()[table].name;
        if self
            .shared
            .behaviour
            .forbidden_tables
            .iter()
            .any(|forbidden| forbidden == name)
        {
            return Err(store.refusal(name));
        }
        let (page_size_limit, scripted) = self.shared.page_size(&self.record.target, self.nth);
        let request = RowRequest {
            store,
            table,
            base,
            path: &self.record.path,
            query: &self.record.query,
            raw: &raw,
            preferences: &self.preferences,
            page_size_limit,
            full_leads_on: scripted,
            behaviour: &self.shared.behaviour,
        };
        let Some(key) = key else {
            return match rest.as_deref() {
                None => request.page(),
                Some("$count") => request.count(),
                Some(other) => Err(ServiceError::unknown_segment(other)),
            };
        };
        let row = self.row(table, key)?;
        match rest {
            None => request.single(row),
            Some(rest) => self.bound_function(table, row, &rest, &raw),
        }
    }

    /// Whether there are the functions that own servers lack.
    fn has_functions(&self) -> bool {
        let own_servers = self.store.tenant.deployment == Deployment::OnPremises;
        !self.shared.behaviour.functions_missing && !own_servers
    }

    /// The row that a key names: its identifier, or a user's directory object.
    pub(super) fn row(&self, table: usize, key: &str) -> Result<usize, ServiceError> {
        let store = self.store.as_ref();
        let name = store.tables()[table].name;
        let missing = |id: &str| {
            ServiceError::new(
                404,
                "0x80040217",
                format!("Entity '{name}' With Id = {id} Does Not Exist"),
            )
        };
        if let Some(object) = key.strip_prefix("azureactivedirectoryobjectid=") {
            let object = Uuid::try_parse(object).map_err(|_| missing(object))?;
            let same = |user: &crate::tables::SystemUser| user.azureactivedirectoryobjectid == Some(object);
            let found = store.tenant.users.iter().position(same);
            return found.filter(|_| name == "systemuser").ok_or_else(|| missing(key));
        }
        let id = Uuid::try_parse(key)
            .map_err(|_| ServiceError::bad_query(format!("Bad Request - Error in query syntax: '{key}'.")))?;
        store.row(table, id)?.ok_or_else(|| missing(key))
    }

    fn bound_function(
        &self,
        table: usize,
        row: usize,
        call: &str,
        raw: &RawQuery,
    ) -> Result<Vec<u8>, ServiceError> {
        let store = self.store.as_ref();
        let argument = call
            .strip_prefix("Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(")
            .and_then(|rest| rest.strip_suffix(')'))
            .filter(|_| store.tables()[table].name == "systemuser" && self.has_functions());
        let argument =
            argument.ok_or_else(|| ServiceError::unknown_segment(call.split('(').next().unwrap_or(call)))?;
        let user = store.tables()[table].cell(row, 0).guid().unwrap_or_default();
        functions::privileges_by_names(store, &self.shared.behaviour, &self.base, user, argument, raw)
    }
}
