//! One question: which privileges a user holds; how it is put, and what the answer says.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::dataverse::batch::{self, Part};
use crate::dataverse::error::{Cause, RequestError};
use crate::dataverse::odata;
use crate::dataverse::selfcheck::raise;
use crate::dataverse::words::{odata_error, shorten};
use crate::snapshot::manifest::DepthName;
use crate::snapshot::{Environment, Guid};

/// One GET of a batch: a user, and which of the lists of privileges.
#[derive(Clone, Copy)]
pub(super) struct Question {
    pub(super) user: Guid,
    pub(super) list: usize,
}

/// What the server said of one user.
pub(super) type Held = BTreeMap<String, DepthName>;

/// How a question ended.
pub(super) enum Outcome {
    Held(Held),
    /// It may be answered if it is asked again.
    Passing(String),
    Failed(String),
}

/// The privileges that are asked for.
pub(super) struct Asked {
    /// As a parameter of the function, in as many lists as the length of an address makes needful.
    pub(super) lists: Vec<String>,
    /// Names as they were asked for, by their lower case.
    pub(super) names: FxHashMap<String, String>,
    by_id: FxHashMap<Guid, String>,
}

impl Asked {
    /// What exists of what is wanted; all that is wanted, where that was not seen.
    pub(super) fn new(environment: &Environment) -> Asked {
        let wanted = &environment.manifest.wanted_privileges;
        let table = environment.table("privilege");
        let rows = table.and_then(|table| Some((table.ids("privilegeid")?, table.text("name")?)));
        let mut by_id = FxHashMap::default();
        let mut existing = BTreeSet::new();
        for (id, name) in rows.into_iter().flat_map(|(ids, names)| ids.iter().zip(names)) {
            if let Some(name) = name {
                by_id.insert(*id, name.to_owned());
                existing.insert(name.to_lowercase());
            }
        }
        let seen = rows.is_some() && environment.manifest.is_complete("privilege");
        let names: BTreeMap<String, String> = wanted
            .iter()
            .map(|name| (name.to_lowercase(), name.clone()))
            .filter(|(lower, _)| !seen || existing.contains(lower))
            .collect();
        Asked {
            by_id,
            ..Asked::of(names)
        }
    }

    /// These names, by their lower case.
    fn of(names: BTreeMap<String, String>) -> Asked {
        // The rest of the address takes far less than a thousand characters.
        let longest = batch::LONGEST_URL - 1000;
        let mut lists: Vec<String> = Vec::new();
        let mut list = String::new();
        for name in names.values() {
            let name = odata::encode(&format!("\"{name}\""));
            if !list.is_empty() && list.len() + name.len() > longest {
                lists.push(std::mem::take(&mut list));
            }
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&name);
        }
        lists.push(list);
        Asked {
            lists,
            names: names.into_iter().collect(),
            by_id: FxHashMap::default(),
        }
    }

    pub(super) fn address(&self, base: &str, question: Question) -> Result<Url, RequestError> {
        let address = format!(
            "{base}systemusers({})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1=%5B{}%5D",
            question.user, self.lists[question.list]
        );
        Url::parse(&address).map_err(|error| RequestError {
            request: shorten(&address, 160),
            cause: Cause::Value(error.to_string()),
        })
    }

    /// The answer to one question.
    pub(super) fn read(&self, part: Part<'_>) -> Outcome {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            role_privileges: Vec<One>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct One {
            depth: serde_json::Value,
            #[serde(default)]
            privilege_name: Option<String>,
            #[serde(default)]
            privilege_id: Option<String>,
        }
        if part.status != 200 {
            let (code, message) =
                odata_error(part.body).unwrap_or_else(|| (String::new(), "no explanation".to_owned()));
            let status = part.status;
            let words = Cause::Status {
                status,
                code,
                message,
            }
            .to_string();
            return match status {
                408 | 429 | 500 | 502..=504 => Outcome::Passing(words),
                _ => Outcome::Failed(words),
            };
        }
        let answer: Answer = match serde_json::from_str(part.body) {
            Ok(answer) => answer,
            Err(error) => return Outcome::Passing(format!("the answer is malformed: {error}")),
        };
        let mut held = Held::new();
        for one in answer.role_privileges {
            let by_id = || {
                self.by_id
                    .get(&Guid::parse(one.privilege_id.as_deref()?)?)
                    .cloned()
            };
            let Some(name) = one.privilege_name.or_else(by_id) else {
                return Outcome::Failed(
                    "the server named a privilege neither by name nor by a known id".to_owned(),
                );
            };
            // What was not asked for is nobody's business here.
            let Some(name) = self.names.get(&name.to_lowercase()) else {
                continue;
            };
            let depth = match one.depth.as_str() {
                Some("Basic") => DepthName::Basic,
                Some("Local") => DepthName::Local,
                Some("Deep") => DepthName::Deep,
                Some("Global") => DepthName::Global,
                _ => {
                    let depth = shorten(&one.depth.to_string(), 40);
                    return Outcome::Failed(format!("the server named a depth that is not known: {depth}"));
                }
            };
            raise(&mut held, name, depth);
        }
        Outcome::Held(held)
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn asked(names: &[String], by_id: &[(u128, &str)]) -> Asked {
        let mut asked = Asked::of(
            names
                .iter()
                .map(|name| (name.to_lowercase(), name.clone()))
                .collect(),
        );
        asked.by_id = by_id
            .iter()
            .map(|(id, name)| (Guid(*id), (*name).to_owned()))
            .collect();
        asked
    }

    #[test]
    fn more_names_than_fit_an_address_are_asked_for_in_several() {
        let names: Vec<String> = (0..5000)
            .map(|number| format!("prvReadSomething{number:05}"))
            .collect();
        let asked = asked(&names, &[]);
        assert!(asked.lists.len() > 1);
        let mut told = Vec::new();
        for list in 0..asked.lists.len() {
            let user = Guid(u128::MAX);
            let url = asked
                .address(
                    "https://contoso.crm4.dynamics.com/api/data/v9.2/",
                    Question { user, list },
                )
                .expect("an address");
            assert!(url.as_str().len() <= 65_536, "what a batch takes");
            let (_, names) = url.query_pairs().next().expect("the parameter");
            told.extend(serde_json::from_str::<Vec<String>>(&names).expect("a list of names"));
        }
        assert_eq!(told, names);
    }

    fn read(status: u16, body: &str) -> Result<Vec<(String, DepthName)>, String> {
        let names = ["prvA", "prvB"].map(str::to_owned);
        match asked(&names, &[(7, "prvB")]).read(Part { status, body }) {
            Outcome::Held(held) => Ok(held.into_iter().collect()),
            Outcome::Failed(why) => Err(why),
            Outcome::Passing(why) => Err(format!("again: {why}")),
        }
    }

    #[test]
    fn answers_are_read() {
        let one = |rest: &str| read(200, &format!("{{\"RolePrivileges\":[{{{rest}}}]}}"));
        assert_eq!(read(200, "{\"RolePrivileges\":[]}"), Ok(Vec::new()));
        // Held in two business units: the greatest depth counts, in the spelling that was asked for.
        assert_eq!(
            read(
                200,
                r#"{"RolePrivileges":[{"Depth":"Deep","PrivilegeName":"PRVA"},{"Depth":"Basic","PrivilegeName":"prvA"}]}"#
            ),
            Ok(vec![("prvA".to_owned(), DepthName::Deep)])
        );
        assert_eq!(
            one(
                r#""Depth":"Global","PrivilegeName":null,"PrivilegeId":"00000000-0000-0000-0000-000000000007""#
            ),
            Ok(vec![("prvB".to_owned(), DepthName::Global)])
        );
        assert_eq!(
            one(r#""Depth":"Global","PrivilegeName":"prvNotAsked""#),
            Ok(Vec::new())
        );
        assert_eq!(
            one(r#""Depth":"Global","PrivilegeId":"00000000-0000-0000-0000-000000000008""#),
            Err("the server named a privilege neither by name nor by a known id".to_owned())
        );
        assert_eq!(
            one(r#""Depth":"RecordFilter","PrivilegeName":"prvA""#),
            Err("the server named a depth that is not known: \"RecordFilter\"".to_owned())
        );
        assert_eq!(
            read(404, r#"{"error":{"code":"0x1","message":"not here"}}"#),
            Err("the server answered 404 (0x1): not here".to_owned())
        );
        assert_eq!(
            read(429, "slower"),
            Err("again: the server answered 429: no explanation".to_owned())
        );
        assert_eq!(
            read(200, "{"),
            Err("again: the answer is malformed: EOF while parsing an object at line 1 column 1".to_owned())
        );
    }
}
