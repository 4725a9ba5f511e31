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

use std::collections::BTreeMap;

use arrow_array::Array;
use serde_json::{Map, Value, json};

use crate::rules::Subject;
use crate::rules::facts::Facts;
use crate::snapshot::{Column, Environment, Guid, Table};

use super::columns::{How, how, words};
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
    let pairs = |environment: &'_ Environment| -> Vec<(Guid, Guid)> {
        let table = environment.table(link.table);
        let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
        let (records, roles) = (column(link.record), column("roleid"));
        records.iter().copied().zip(roles.iter().copied()).collect()
    };
    // Both are sorted: `design.md` §4.
    let (old, new) = (pairs(before), pairs(after));
    let only = |these: &[(Guid, Guid)], those: &[(Guid, Guid)]| -> Vec<(Guid, Guid)> {
        let missing = |pair: &&(Guid, Guid)| those.binary_search(pair).is_err();
        these.iter().filter(missing).copied().collect()
    };
    for (which, (record, role)) in [only(&new, &old), only(&old, &new)]
        .into_iter()
        .enumerate()
        .flat_map(|(which, pairs)| pairs.into_iter().map(move |pair| (which, pair)))
    {
        let gets = which == 0;
        let path = format!("{}({record})/{}", link.set, link.navigation);
        let [left, right] = link.columns;
        steps.push(Step::Request(Request {
            about: format!(
                "{}: {} {}",
                labels.record(link.record, record),
                link.verbs[which],
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

/// Columns of one table: at most one PATCH and one test a record, in the order of the records.
fn fields(
    subject: Subject,
    before: &Environment,
    after: &Environment,
    labels: &Labels<'_>,
    steps: &mut Vec<Step>,
    hands: &mut BTreeMap<&'static str, Vec<String>>,
) {
    let (Some(old), Some(new)) = (before.table(subject.table()), after.table(subject.table())) else {
        return;
    };
    let facts = Facts::built_in();
    let (set, key) = match subject {
        Subject::User => ("systemusers", "systemuserid"),
        Subject::Mailbox => ("mailboxes", "mailboxid"),
        Subject::Profile => ("emailserverprofiles", "emailserverprofileid"),
        Subject::BusinessUnit => ("businessunits", "businessunitid"),
        Subject::Organization => ("organizations", "organizationid"),
    };
    let ids = new.ids(key).unwrap_or_default();
    let mut records: BTreeMap<usize, Vec<(&str, Value)>> = BTreeMap::new();
    for (row, column, value) in changed(old, new) {
        records.entry(row).or_default().push((column, value));
    }
    for (row, columns) in records {
        let Some(&id) = ids.get(row) else { continue };
        let name = labels.record(key, id);
        let (mut patch, mut test) = (Patch::default(), Patch::default());
        // An administrator's approval is given by the same clicks as the other one.
        let is_by_hand = columns
            .iter()
            .any(|(column, _)| *column == "isemailaddressapprovedbyo365admin");
        for (column, value) in &columns {
            let number = value.as_i64().or_else(|| value.as_bool().map(i64::from));
            let mut way = how(subject, column, number);
            if is_by_hand && *column == "emailrouteraccessapproval" {
                way = how(subject, "isemailaddressapprovedbyo365admin", None);
            }
            let becomes = format!("{column} becomes {}", words(&facts, subject, column, value));
            match way {
                How::Patch => patch.set(column, value.clone()),
                How::PatchRecalled(what) => {
                    patch.set(column, value.clone());
                    patch.recalled = Some(what);
                }
                How::State => {
                    patch.set(column, value.clone());
                    patch
                        .body
                        .insert("statuscode".to_owned(), json!(number.unwrap_or(0) + 1));
                }
                How::Bind(target) => {
                    let link = match value.as_str() {
                        Some(id) => json!(format!("/{target}({id})")),
                        None => Value::Null,
                    };
                    patch.body.insert(format!("{column}@odata.bind"), link);
                    patch.want.insert(format!("_{column}_value"), value.clone());
                }
                How::Test => {
                    test.want.insert((*column).to_owned(), value.clone());
                    continue;
                }
                How::Hand(clicks) => {
                    let about = hands.entry(clicks).or_default();
                    about.push(format!("{name}: {becomes}"));
                    continue;
                }
            }
            patch.says.push(becomes);
        }
        let check = |patch: &Patch| {
            let columns: Vec<&str> = patch.want.keys().map(String::as_str).collect();
            format!("{set}?$select={}&$filter={key}%20eq%20{id}", columns.join(","))
        };
        let request = |about: String, body: &Map<String, Value>, check, want, recalled| Request {
            about,
            method: "PATCH",
            path: format!("{set}({id})"),
            body: Value::Object(body.clone()).to_string(),
            check,
            want,
            recalled,
            gives: None,
        };
        if !patch.body.is_empty() {
            steps.push(Step::Request(request(
                format!("{name}: {}", patch.says.join(", ")),
                &patch.body,
                check(&patch),
                Want::Values(patch.want.clone()),
                patch.recalled,
            )));
        }
        if !test.want.is_empty() {
            test.body
                .insert("testemailconfigurationscheduled".to_owned(), json!(true));
            steps.push(Step::Request(request(
                format!("{name}: Test & Enable Mailbox"),
                &test.body,
                check(&test),
                Want::Later(test.want.clone()),
                Some("that setting this column asks for the test; whether it succeeds is up to Exchange"),
            )));
        }
    }
}

/// One PATCH in the making.
#[derive(Default)]
struct Patch {
    body: Map<String, Value>,
    want: Map<String, Value>,
    says: Vec<String>,
    recalled: Option<&'static str>,
}

impl Patch {
    fn set(&mut self, column: &str, value: Value) {
        self.body.insert(column.to_owned(), value.clone());
        self.want.insert(column.to_owned(), value);
    }
}

/// Row, column and new value of every cell that differs between two tables of the same rows; column by
/// column.
fn changed<'t>(old: &'t Table, new: &'t Table) -> impl Iterator<Item = (usize, &'t str, Value)> {
    let pairs = new
        .columns
        .iter()
        .filter_map(|(name, column)| Some((name.as_str(), old.columns.get(name)?, column)));
    // Most columns are the same altogether, and that is seen at once.
    pairs
        .filter(|(_, before, column)| !same(before, column))
        .flat_map(|(name, before, column)| {
            (0..new.rows).filter_map(move |row| {
                let value = cell(column, row);
                (cell(before, row) != value).then_some((row, name, value))
            })
        })
}

fn same(left: &Column, right: &Column) -> bool {
    match (left, right) {
        (Column::Id(left), Column::Id(right)) => left == right,
        (Column::Text(left), Column::Text(right)) => left == right,
        (Column::Integer(left), Column::Integer(right)) => left == right,
        (Column::Boolean(left), Column::Boolean(right)) => left == right,
        (Column::Timestamp(left), Column::Timestamp(right)) => left == right,
        _ => false,
    }
}

fn cell(column: &Column, row: usize) -> Value {
    match column {
        Column::Id(values) => match values[row] {
            Guid::NULL => Value::Null,
            id => Value::String(id.to_string()),
        },
        Column::Text(values) if values.is_valid(row) => Value::String(values.value(row).to_owned()),
        Column::Integer(values) if values.is_valid(row) => json!(values.value(row)),
        Column::Boolean(values) if values.is_valid(row) => json!(values.value(row)),
        Column::Timestamp(values) if values.is_valid(row) => json!(values.value(row)),
        _ => Value::Null,
    }
}
