//! The difference between two states of an environment, as requests of the Web API.
//!
//! | What differs | Request | Source |
//! |---|---|---|
//! | who holds a role | `POST systemusers(…)/systemuserroles_association/$ref`, `teams(…)/teamroles_association/$ref`; `DELETE …(role)/$ref` | associate and disassociate rows; "Microsoft Entra ID group teams" |
//! | what a role holds | `POST roles(…)/Microsoft.Dynamics.CRM.AddPrivilegesRole`, `…RemovePrivilegeRole` | Web API reference of both; sample of `prvBypassCustomBusinessLogic` |
//! | inheritance of a role | `PATCH roles(…)`, `isinherited` | table reference of role: writable |
//! | with whom an app is shared | `POST appmodules(…)/appmoduleroles_association/$ref`; `DELETE …/$ref` | create, manage and publish apps using code |
//! | columns | `PATCH`, lookups with `@odata.bind` | table references; see `columns.rs` |
//!
//! All are pages of the vendor, read 2026-11-27. `DELETE` stands in them in two forms; this is the one
//! with the record in the path. Recalled, and marked so in scripts: that the copies of a role follow
//! the root copy's inheritance, and that asking for a test is setting `testemailconfigurationscheduled`
//! (the table reference says that the column shows whether one is scheduled, and that it is writable).

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array;
use serde_json::{Map, Value, json};

use crate::rules::Subject;
use crate::snapshot::{Environment, Guid};

use super::fields::{changed, fields};
use super::labels::Labels;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One request.
    Request(Request),
    /// What a person does.
    ByHand {
        /// What is to come of it, for whom.
        about: Vec<String>,
        /// Where to click.
        clicks: &'static str,
    },
}

/// A request that changes one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whom it is about and what happens, in words.
    pub about: String,
    /// `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Path behind the address of the Web API.
    pub path: String,
    /// JSON, in which `{api}` stands for the address of the Web API; empty for none.
    pub body: String,
    /// Path of a GET that shows whether it is so.
    pub check: String,
    /// What that shows when it is so.
    pub want: Want,
    /// What of it is remembered and stands in no page of the vendor.
    pub recalled: Option<&'static str>,
    /// The role that a user is to get, for tools that know users by their directory's id.
    pub gives: Option<Gives>,
}

/// A user and the copy of the role they get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gives {
    /// Position in `systemuser`.
    pub user: usize,
    /// The copy.
    pub role: Guid,
}

/// What a check shows when all is as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A row.
    Present,
    /// No row.
    Absent,
    /// A row whose `privilegedepthmask` is at least this bit.
    Depth(i32),
    /// A row with these values.
    Values(Map<String, Value>),
    /// The same, but some time after the request.
    Later(Map<String, Value>),
}

/// The bits of `privilegedepthmask` that are depths (`design.md` §5).
const DEPTHS: i32 = 0x0F;

/// The steps from one state of an environment to another that has the same records.
pub(super) fn between(before: &Environment, after: &Environment) -> Vec<Step> {
    let labels = Labels::new(before);
    let mut steps = Vec::new();
    privileges(before, after, &labels, &mut steps);
    inheritance(before, after, &labels, &mut steps);
    for link in LINKS {
        links(link, before, after, &labels, &mut steps);
    }
    let mut hands = BTreeMap::new();
    for subject in [
        Subject::User,
        Subject::Mailbox,
        Subject::Profile,
        Subject::Organization,
    ] {
        fields(subject, before, after, &labels, &mut steps, &mut hands);
    }
    steps.extend(
        hands
            .into_iter()
            .map(|(clicks, about)| Step::ByHand { about, clicks }),
    );
    steps
}

/// A table that joins records with roles.
struct Link {
    table: &'static str,
    record: &'static str,
    /// Entity set of the records, and their navigation property.
    set: &'static str,
    navigation: &'static str,
    /// Entity set of the table, and how its columns are named in filters.
    joined: &'static str,
    columns: [&'static str; 2],
    verbs: [&'static str; 2],
}

const LINKS: &[Link] = &[
    Link {
        table: "appmoduleroles",
        record: "appmoduleid",
        set: "appmodules",
        navigation: "appmoduleroles_association",
        joined: "appmodulerolescollection",
        columns: ["_appmoduleid_value", "_roleid_value"],
        verbs: ["share the app with", "stop sharing the app with"],
    },
    Link {
        table: "teamroles",
        record: "teamid",
        set: "teams",
        navigation: "teamroles_association",
        joined: "teamrolescollection",
        columns: ["teamid", "roleid"],
        verbs: ["gets", "loses"],
    },
    Link {
        table: "systemuserroles",
        record: "systemuserid",
        set: "systemusers",
        navigation: "systemuserroles_association",
        joined: "systemuserrolescollection",
        columns: ["systemuserid", "roleid"],
        verbs: ["gets", "loses"],
    },
];

fn links(link: &Link, before: &Environment, after: &Environment, labels: &Labels<'_>, steps: &mut Vec<Step>) {
    let (old, new) = (pairs(link, before), pairs(link, after));
    if old == new {
        return;
    }
    let set = |(records, roles): (&[Guid], &[Guid])| -> BTreeSet<(Guid, Guid)> {
        records.iter().copied().zip(roles.iter().copied()).collect()
    };
    let (old, new) = (set(old), set(new));
    let (added, removed) = (new.difference(&old), old.difference(&new));
    let all = added
        .map(|pair| (true, *pair))
        .chain(removed.map(|pair| (false, *pair)));
    for (gets, (record, role)) in all {
        let path = format!("{}({record})/{}", link.set, link.navigation);
        let [left, right] = link.columns;
        steps.push(Step::Request(Request {
            about: format!(
                "{}: {} {}",
                labels.record(link.record, record),
                link.verbs[usize::from(!gets)],
                labels.role(role)
            ),
            method: if gets { "POST" } else { "DELETE" },
            path: if gets {
                format!("{path}/$ref")
            } else {
                format!("{path}({role})/$ref")
            },
            body: if gets {
                json!({ "@odata.id": format!("{{api}}roles({role})") }).to_string()
            } else {
                String::new()
            },
            check: format!(
                "{}?$select={right}&$filter={left}%20eq%20{record}%20and%20{right}%20eq%20{role}",
                link.joined
            ),
            want: if gets { Want::Present } else { Want::Absent },
            recalled: None,
            gives: match link.table {
                "systemuserroles" if gets => labels.user(record).map(|user| Gives { user, role }),
                _ => None,
            },
        }));
    }
}

/// The two columns of a table that joins.
fn pairs<'e>(link: &Link, environment: &'e Environment) -> (&'e [Guid], &'e [Guid]) {
    let table = environment.table(link.table);
    let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
    (column(link.record), column("roleid"))
}

fn privileges(before: &Environment, after: &Environment, labels: &Labels<'_>, steps: &mut Vec<Step>) {
    let masks = |environment: &'_ Environment| -> BTreeMap<(Guid, Guid), i32> {
        let Some(table) = environment.table("roleprivileges") else {
            return BTreeMap::new();
        };
        let column = |name| table.ids(name).unwrap_or_default();
        let (roles, privileges) = (column("roleid"), column("privilegeid"));
        let masks = table.integers("privilegedepthmask");
        let mask = |row: usize| match masks {
            Some(masks) if masks.is_valid(row) => masks.value(row) & DEPTHS,
            _ => 0,
        };
        let pairs = roles.iter().copied().zip(privileges.iter().copied());
        pairs.enumerate().map(|(row, pair)| (pair, mask(row))).collect()
    };
    let (old, new) = (masks(before), masks(after));
    let check = |role: Guid, privilege: Guid| {
        format!(
            "roleprivilegescollection?$select=privilegedepthmask&$filter=roleid%20eq%20{role}%20and%20privilegeid%20eq%20\
             {privilege}"
        )
    };
    for (&(role, privilege), &mask) in &new {
        if old.get(&(role, privilege)) == Some(&mask) {
            continue;
        }
        let (bit, depth, level) = match mask {
            8.. => (8, "Global", "Organization"),
            4.. => (4, "Deep", "Parent: Child Business Units"),
            2.. => (2, "Local", "Business Unit"),
            _ => (1, "Basic", "User"),
        };
        let mut one = json!({ "PrivilegeId": privilege.to_string(), "Depth": depth });
        if let (Some(unit), Some(one)) = (labels.unit_of_role(role), one.as_object_mut()) {
            one.insert("BusinessUnitId".to_owned(), json!(unit.to_string()));
        }
        steps.push(Step::Request(Request {
            about: format!(
                "{}: gets {} at {level} level",
                labels.role(role),
                labels.privilege(privilege)
            ),
            method: "POST",
            path: format!("roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole"),
            body: json!({ "Privileges": [one] }).to_string(),
            check: check(role, privilege),
            want: Want::Depth(bit),
            recalled: None,
            gives: None,
        }));
    }
    for &(role, privilege) in old.keys().filter(|pair| !new.contains_key(pair)) {
        let record = json!({
            "@odata.type": "Microsoft.Dynamics.CRM.privilege",
            "privilegeid": privilege.to_string(),
        });
        steps.push(Step::Request(Request {
            about: format!("{}: loses {}", labels.role(role), labels.privilege(privilege)),
            method: "POST",
            path: format!("roles({role})/Microsoft.Dynamics.CRM.RemovePrivilegeRole"),
            body: json!({ "Privilege": record }).to_string(),
            check: check(role, privilege),
            want: Want::Absent,
            recalled: None,
            gives: None,
        }));
    }
}

/// The setting of a role, once at its root copy.
fn inheritance(before: &Environment, after: &Environment, labels: &Labels<'_>, steps: &mut Vec<Step>) {
    let (Some(old), Some(new)) = (before.table("role"), after.table("role")) else {
        return;
    };
    let mut roots = BTreeMap::new();
    for (row, column, value) in changed(old, new) {
        if let ("isinherited", Some(role)) = (column, new.ids("roleid").and_then(|ids| ids.get(row))) {
            roots.insert(labels.root(*role), value);
        }
    }
    for (root, value) in roots {
        let meaning = match value.as_i64() {
            Some(1) => "Direct User (Basic) access level and Team privileges",
            _ => "Team privileges only",
        };
        steps.push(Step::Request(Request {
            about: format!("{}: member's privilege inheritance becomes {meaning}", labels.role(root)),
            method: "PATCH",
            path: format!("roles({root})"),
            body: json!({ "isinherited": value }).to_string(),
            check: format!(
                "roles?$select=roleid&$filter=_parentrootroleid_value%20eq%20{root}%20and%20isinherited%20ne%20{value}"
            ),
            want: Want::Absent,
            recalled: Some("that the copies in other business units follow the root copy"),
            gives: None,
        }));
    }
}
