//! Who the caller is and how far it can see.
//!
//! Rows that the caller may not read vanish from answers without a word (filtering rows, vendor
//! page, read 2026-11-23), so "there is none" is only worth something from a caller that reads the
//! whole table. A depth that is not proven is left out.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::snapshot::manifest::DepthName;
use crate::snapshot::{Guid, Table};

use super::client::{BodyError, Client};
use super::error::{Cause, RequestError};
use super::odata;
use super::table::ids;

/// The read privileges that prove absence.
pub(super) const PRIVILEGES: [&str; 8] = [
    "prvReadUser",
    "prvReadRole",
    "prvReadTeam",
    "prvReadBusinessUnit",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadOrganization",
    "prvReadAppModule",
];

/// The role template of System Administrator, the same everywhere.
const SYSTEM_ADMINISTRATOR: Guid = Guid(0x627090ff_40a3_4053_8790_584edc5be201);

/// The caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) user: Guid,
    pub(super) organization: Guid,
}

/// Asks for something that has no pages.
async fn ask<T: for<'de> Deserialize<'de>>(client: &Client, address: &str) -> Result<T, RequestError> {
    let url = Url::parse(address).map_err(|error| RequestError {
        request: address.to_owned(),
        cause: Cause::Value(error.to_string()),
    })?;
    let decode =
        |text: &str| serde_json::from_str(text).map_err(|error| BodyError::Malformed(error.to_string()));
    client.get(&url, None, &|_: Duration| {}, decode).await
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
        // A proxy's own page is no reason to ask six times.
        if !text.trim_start().starts_with('{') {
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
    let answer = client.get(&url, None, &|_: Duration| {}, decode).await;
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
    let names: Vec<String> = PRIVILEGES.iter().map(|name| format!("\"{name}\"")).collect();
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
        let name = PRIVILEGES.into_iter().find(|name| {
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

fn raise(depths: &mut BTreeMap<String, DepthName>, name: &str, depth: DepthName) {
    depths
        .entry(name.to_owned())
        .and_modify(|known| *known = depth.max(*known))
        .or_insert(depth);
}

/// What of the collected tables concerns the caller's own roles, for servers that do not answer
/// [`depths`]. Fed with the tables as they come in, in any order.
#[derive(Debug)]
pub(super) struct OwnRoles {
    caller: Guid,
    direct: FxHashSet<Guid>,
    teams: FxHashSet<Guid>,
    team_roles: Vec<(Guid, Guid)>,
    /// Teams that can carry roles: all but access teams.
    carrying: FxHashSet<Guid>,
    roots: FxHashMap<Guid, Guid>,
    administrators: FxHashSet<Guid>,
}

impl OwnRoles {
    pub(super) fn new(caller: Caller) -> OwnRoles {
        OwnRoles {
            caller: caller.user,
            direct: FxHashSet::default(),
            teams: FxHashSet::default(),
            team_roles: Vec::new(),
            carrying: FxHashSet::default(),
            roots: FxHashMap::default(),
            administrators: FxHashSet::default(),
        }
    }

    /// Takes what concerns the caller from a table.
    pub(super) fn absorb(&mut self, table: &str, chunks: &[Table]) {
        let pairs = |left, right| ids(chunks, left).zip(ids(chunks, right));
        match table {
            "systemuserroles" => {
                let mine = pairs("systemuserid", "roleid").filter(|(user, _)| *user == self.caller);
                self.direct.extend(mine.map(|(_, role)| role));
            }
            "teammembership" => {
                let mine = pairs("systemuserid", "teamid").filter(|(user, _)| *user == self.caller);
                self.teams.extend(mine.map(|(_, team)| team));
            }
            "teamroles" => self.team_roles.extend(pairs("teamid", "roleid")),
            "team" => {
                for chunk in chunks {
                    if let (Some(teams), Some(types)) = (chunk.ids("teamid"), chunk.integers("teamtype")) {
                        // 1 is an access team, null is not known.
                        let carrying = teams
                            .iter()
                            .zip(types)
                            .filter(|(_, kind)| matches!(kind, Some(0 | 2 | 3)));
                        self.carrying.extend(carrying.map(|(team, _)| *team));
                    }
                }
            }
            "role" => {
                self.roots.extend(pairs("roleid", "parentrootroleid"));
                let administrators =
                    pairs("roleid", "roletemplateid").filter(|(_, of)| *of == SYSTEM_ADMINISTRATOR);
                self.administrators.extend(administrators.map(|(role, _)| role));
            }
            _ => {}
        }
    }

    /// Whether the caller is a system administrator, and the roles (copies and their roots) whose
    /// privileges reach it.
    fn roles(&self) -> (bool, FxHashSet<Guid>) {
        let with_roots = |roles: &mut FxHashSet<Guid>| {
            let roots: Vec<Guid> = roles
                .iter()
                .filter_map(|role| self.roots.get(role).copied())
                .collect();
            roles.extend(roots);
        };
        let mut roles = self.direct.clone();
        with_roots(&mut roles);
        let administrator = roles.iter().any(|role| self.administrators.contains(role));
        let reach = |team: &Guid| self.teams.contains(team) && self.carrying.contains(team);
        roles.extend(
            self.team_roles
                .iter()
                .filter(|(team, _)| reach(team))
                .map(|(_, role)| *role),
        );
        with_roots(&mut roles);
        (administrator, roles)
    }

    /// The caller's depths, given the rows of `privilege` and `roleprivileges` about
    /// [`PRIVILEGES`].
    pub(super) fn depths(
        &self,
        privileges: &[Table],
        role_privileges: &[Table],
    ) -> BTreeMap<String, DepthName> {
        let mut depths = BTreeMap::new();
        let (administrator, roles) = self.roles();
        let mut names: FxHashMap<Guid, &'static str> = FxHashMap::default();
        for chunk in privileges {
            if let (Some(ids), Some(texts)) = (chunk.ids("privilegeid"), chunk.text("name")) {
                for (id, text) in ids.iter().zip(texts) {
                    let known = PRIVILEGES
                        .into_iter()
                        .find(|name| text.is_some_and(|text| text.eq_ignore_ascii_case(name)));
                    names.extend(known.map(|name| (*id, name)));
                }
            }
        }
        if administrator {
            for name in names.values() {
                raise(&mut depths, name, DepthName::Global);
            }
            return depths;
        }
        for chunk in role_privileges {
            let (Some(owners), Some(ids), Some(masks)) = (
                chunk.ids("roleid"),
                chunk.ids("privilegeid"),
                chunk.integers("privilegedepthmask"),
            ) else {
                continue;
            };
            for ((role, privilege), mask) in owners.iter().zip(ids).zip(masks) {
                if let (true, Some(name), Some(depth)) = (
                    roles.contains(role),
                    names.get(privilege),
                    mask.and_then(depth_of),
                ) {
                    raise(&mut depths, name, depth);
                }
            }
        }
        depths
    }
}

/// The depth of a mask: the greatest bit of the lowest four; higher bits mean something else.
fn depth_of(mask: i32) -> Option<DepthName> {
    match mask & 0x0F {
        0 => None,
        8.. => Some(DepthName::Global),
        4.. => Some(DepthName::Deep),
        2.. => Some(DepthName::Local),
        _ => Some(DepthName::Basic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Column;

    fn table(columns: &[(&str, Column)]) -> Vec<Table> {
        let rows = match &columns[0].1 {
            Column::Id(values) => values.len(),
            _ => 0,
        };
        vec![Table {
            rows,
            columns: columns
                .iter()
                .map(|(name, column)| ((*name).to_owned(), column.clone()))
                .collect(),
        }]
    }

    fn guids(values: &[u128]) -> Column {
        Column::Id(values.iter().copied().map(Guid).collect())
    }

    /// User 1 holds role copy 11 (root 10) directly, 20 through owner team 5, and is in access
    /// team 6 that (wrongly) names role 30.
    fn own_roles(template_of_10: u128) -> OwnRoles {
        let mut own = OwnRoles::new(Caller {
            user: Guid(1),
            organization: Guid(99),
        });
        own.absorb(
            "systemuserroles",
            &table(&[("systemuserid", guids(&[1, 2])), ("roleid", guids(&[11, 30]))]),
        );
        own.absorb(
            "teammembership",
            &table(&[("systemuserid", guids(&[1, 1])), ("teamid", guids(&[5, 6]))]),
        );
        own.absorb(
            "teamroles",
            &table(&[("teamid", guids(&[5, 6])), ("roleid", guids(&[20, 30]))]),
        );
        own.absorb(
            "team",
            &table(&[
                ("teamid", guids(&[5, 6])),
                ("teamtype", Column::Integer(vec![0, 1].into())),
            ]),
        );
        own.absorb(
            "role",
            &table(&[
                ("roleid", guids(&[10, 11, 20, 30])),
                ("parentrootroleid", guids(&[10, 10, 20, 30])),
                ("roletemplateid", guids(&[template_of_10, 0, 0, 0])),
            ]),
        );
        own
    }

    fn depths(own: &OwnRoles) -> Vec<(String, DepthName)> {
        let privileges = table(&[
            ("privilegeid", guids(&[100, 101, 102])),
            (
                "name",
                Column::Text(vec!["prvReadUser", "prvreadmailbox", "prvReadTeam"].into()),
            ),
        ]);
        let role_privileges = table(&[
            ("roleid", guids(&[10, 10, 20, 30])),
            ("privilegeid", guids(&[100, 101, 101, 102])),
            ("privilegedepthmask", Column::Integer(vec![0x18, 1, 4, 8].into())),
        ]);
        own.depths(&privileges, &role_privileges).into_iter().collect()
    }

    #[test]
    fn own_depths_from_own_roles() {
        assert_eq!(
            depths(&own_roles(0)),
            [
                ("prvReadMailbox".to_owned(), DepthName::Deep),
                ("prvReadUser".to_owned(), DepthName::Global),
            ]
        );
    }

    #[test]
    fn a_system_administrator_sees_what_exists() {
        let names: Vec<String> = depths(&own_roles(SYSTEM_ADMINISTRATOR.0))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["prvReadMailbox", "prvReadTeam", "prvReadUser"]);
    }
}
