//! Who the caller is and how far it can see.
//!
//! Rows that the caller may not read vanish from answers without a word (filtering rows, vendor
//! page, read 2026-11-23), so "there is none" is only worth something from a caller that reads the
//! whole table. A depth that is not proven is left out.

use std::collections::BTreeMap;

use reqwest::Url;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::snapshot::Guid;
use crate::snapshot::manifest::{DepthName, SELF_CHECKED};

use super::client::{BodyError, Client};
use super::error::{Cause, RequestError};
use super::odata;

/// The caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) user: Guid,
    pub(super) organization: Guid,
}

/// Asks for something that has no pages.
pub(super) async fn ask<T: for<'de> Deserialize<'de>>(
    client: &Client,
    address: &str,
) -> Result<T, RequestError> {
    let url = Url::parse(address).map_err(|error| RequestError {
        request: address.to_owned(),
        cause: Cause::Value(error.to_string()),
    })?;
    let decode =
        |text: &str| serde_json::from_str(text).map_err(|error| BodyError::Malformed(error.to_string()));
    client.get(&url, None, &|_| {}, decode).await
}

/// Who we are. Also the first request of all: where it fails, nothing else is worth trying.
pub(super) async fn who_am_i(client: &Client, base: &str) -> Result<Caller, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct WhoAmI {
        user_id: String,
        organization_id: String,
    }
    let address = format!("{base}WhoAmI");
    let url = Url::parse(&address).map_err(|error| RequestError {
        request: address.clone(),
        cause: Cause::Value(error.to_string()),
    })?;
    let decode = |text: &str| {
        // A proxy's own page is no reason to ask six times. Nothing at all is what broke on its way.
        if !text.trim_start().is_empty() && !text.trim_start().starts_with('{') {
            return Err(BodyError::Value(
                "it answered with something that is no JSON".to_owned(),
            ));
        }
        serde_json::from_str::<WhoAmI>(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => {
                BodyError::Value("it answered, but not as an environment does".to_owned())
            }
            _ => BodyError::Malformed(error.to_string()),
        })
    };
    let answer = client.get(&url, None, &|_| {}, decode).await;
    let answer = answer.map_err(|mut error| {
        error.cause = match error.cause {
            // Before anything has made sense, the address is what is wrong.
            Cause::Value(what) => Cause::NoWebApi(what),
            Cause::Status { status: 404, .. } => Cause::NothingThere,
            other => other,
        };
        error
    })?;
    let id = |text: &str| {
        Guid::parse(text).ok_or_else(|| RequestError {
            request: "WhoAmI".to_owned(),
            cause: Cause::NoWebApi("it answered, but not as an environment does".to_owned()),
        })
    };
    Ok(Caller {
        user: id(&answer.user_id)?,
        organization: id(&answer.organization_id)?,
    })
}

/// The environment's version.
pub(super) async fn version(client: &Client, base: &str) -> Result<String, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        version: String,
    }
    let answer: Answer = ask(client, &format!("{base}RetrieveVersion()")).await?;
    Ok(answer.version)
}

/// Entity set names by logical name, of all tables.
pub(super) async fn entity_sets(
    client: &Client,
    base: &str,
) -> Result<FxHashMap<String, String>, RequestError> {
    #[derive(Deserialize)]
    struct Answer {
        value: Vec<Entity>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entity {
        logical_name: String,
        entity_set_name: Option<String>,
    }
    let address = format!("{base}EntityDefinitions?$select=LogicalName,EntitySetName");
    let answer: Answer = ask(client, &address).await?;
    Ok(answer
        .value
        .into_iter()
        .filter_map(|entity| Some((entity.logical_name, entity.entity_set_name?)))
        .filter(|(_, set)| !set.is_empty())
        .collect())
}

/// The caller's own depths as the server sees them, teams included; none where the server does
/// not have that function (on-premises).
pub(super) async fn depths(
    client: &Client,
    base: &str,
    caller: Caller,
) -> Result<Option<BTreeMap<String, DepthName>>, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        role_privileges: Vec<Held>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Held {
        depth: serde_json::Value,
        #[serde(default)]
        privilege_name: Option<String>,
    }
    let names: Vec<String> = SELF_CHECKED.iter().map(|name| format!("\"{name}\"")).collect();
    let address = format!(
        "{base}systemusers({})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1={}",
        caller.user,
        odata::encode(&format!("[{}]", names.join(",")))
    );
    let answer: Answer = match ask(client, &address).await {
        Ok(answer) => answer,
        Err(RequestError {
            cause:
                Cause::Status {
                    status: 400 | 404 | 501,
                    ..
                }
                | Cause::NothingThere,
            ..
        }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut depths = BTreeMap::new();
    for held in answer.role_privileges {
        let depth = match held.depth.as_str() {
            Some("Basic") => DepthName::Basic,
            Some("Local") => DepthName::Local,
            Some("Deep") => DepthName::Deep,
            Some("Global") => DepthName::Global,
            _ => continue,
        };
        let name = SELF_CHECKED.into_iter().find(|name| {
            held.privilege_name
                .as_deref()
                .is_some_and(|held| held.eq_ignore_ascii_case(name))
        });
        if let Some(name) = name {
            raise(&mut depths, name, depth);
        }
    }
    Ok(Some(depths))
}

/// Notes a depth, unless a greater one is known.
pub(super) fn raise(depths: &mut BTreeMap<String, DepthName>, name: &str, depth: DepthName) {
    depths
        .entry(name.to_owned())
        .and_modify(|known| *known = depth.max(*known))
        .or_insert(depth);
}
