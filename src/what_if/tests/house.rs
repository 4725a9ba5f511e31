//! The house, and changes to it in few words.

use crate::evaluate::tests::{booleans, environment, ids, integers, texts};
use crate::snapshot::Environment;
use crate::snapshot::manifest::DepthName;
use crate::what_if::{Change, Holder, Inheritance};

const ADMINISTRATOR: u128 = 0x627090ff_40a3_4053_8790_584edc5be201;

/// Two business units, 1 and 2 (West). Roles: Sales (copies 21 and 22), Pilot (23, in unit 1 only),
/// System Administrator (25 and 26), two called Twin (27 and 28). Anna, Carl (disabled) and Dora are
/// in West, Bo in unit 1, Eve nowhere. Anna holds Sales, Bo is in the owner team Field of West.
pub(super) fn house() -> Environment {
    environment(
        1,
        vec![
            (
                "businessunit",
                vec![
                    ("businessunitid", ids([1, 2])),
                    ("name", texts([Some("Contoso"), Some("West")])),
                ],
            ),
            (
                "systemuser",
                vec![
                    ("systemuserid", ids([11, 12, 13, 14, 15])),
                    (
                        "fullname",
                        texts([Some("Anna"), Some("Bo"), Some("Carl"), Some("Dora"), None]),
                    ),
                    (
                        "domainname",
                        texts([Some("anna@x.example"), Some("bo@x.example"), None, None, None]),
                    ),
                    (
                        "internalemailaddress",
                        texts([
                            Some("anna@x.example"),
                            Some("shared@x.example"),
                            Some("shared@x.example"),
                            None,
                            None,
                        ]),
                    ),
                    (
                        "isdisabled",
                        booleans([Some(false), None, Some(true), Some(false), None]),
                    ),
                    ("businessunitid", ids([2, 1, 2, 2, 0])),
                    ("defaultmailbox", ids([51, 0, 53, 0, 0])),
                ],
            ),
            (
                "role",
                vec![
                    ("roleid", ids([21, 22, 23, 25, 26, 27, 28])),
                    (
                        "name",
                        texts([
                            Some("Sales"),
                            Some("Sales"),
                            Some("Pilot"),
                            Some("System Administrator"),
                            Some("System Administrator"),
                            Some("Twin"),
                            Some("twin"),
                        ]),
                    ),
                    ("businessunitid", ids([1, 2, 1, 1, 2, 1, 1])),
                    ("parentrootroleid", ids([21, 21, 23, 25, 25, 27, 28])),
                    (
                        "roletemplateid",
                        ids([0, 0, 0, ADMINISTRATOR, ADMINISTRATOR, 0, 0]),
                    ),
                    (
                        "isinherited",
                        integers([Some(1), Some(1), None, Some(0), Some(0), Some(1), Some(1)]),
                    ),
                ],
            ),
            (
                "privilege",
                vec![
                    ("privilegeid", ids([41, 42])),
                    ("name", texts([Some("prv0"), Some("prv1")])),
                    ("canbebasic", booleans([Some(true), Some(true)])),
                    ("canbelocal", booleans([None, Some(false)])),
                    ("canbedeep", booleans([Some(true), Some(false)])),
                    ("canbeglobal", booleans([Some(true), Some(false)])),
                ],
            ),
            (
                "roleprivileges",
                vec![
                    ("roleid", ids([21, 22, 23])),
                    ("privilegeid", ids([41, 41, 41])),
                    // A bit that is no depth beside one that is; a copy with a row of its own; not read.
                    ("privilegedepthmask", integers([Some(17), Some(1), None])),
                ],
            ),
            (
                "systemuserroles",
                vec![("systemuserid", ids([11])), ("roleid", ids([22]))],
            ),
            (
                "team",
                vec![
                    ("teamid", ids([31, 32])),
                    ("name", texts([Some("Field"), Some("Project X")])),
                    ("teamtype", integers([Some(0), Some(1)])),
                    ("businessunitid", ids([2, 2])),
                ],
            ),
            ("teamroles", vec![("teamid", ids([])), ("roleid", ids([]))]),
            (
                "teammembership",
                vec![("systemuserid", ids([12])), ("teamid", ids([31]))],
            ),
            (
                "mailbox",
                vec![
                    ("mailboxid", ids([51, 52, 53])),
                    ("regardingobjectid", ids([0, 12, 13])),
                    ("emailserverprofile", ids([61, 61, 0])),
                    ("incomingemailstatus", integers([Some(2), None, Some(1)])),
                ],
            ),
            (
                "emailserverprofile",
                vec![
                    ("emailserverprofileid", ids([61])),
                    ("usedefaulttenantid", booleans([Some(true)])),
                ],
            ),
            (
                "organization",
                vec![
                    ("organizationid", ids([1])),
                    ("requireapprovalforuseremail", booleans([Some(true)])),
                ],
            ),
            (
                "appmodule",
                vec![
                    ("appmoduleid", ids([71])),
                    ("uniquename", texts([Some("AppforOutlookModule")])),
                ],
            ),
            (
                "appmoduleroles",
                vec![("appmoduleid", ids([71])), ("roleid", ids([23]))],
            ),
            (
                "access",
                vec![
                    ("systemuserid", ids([11, 12, 12, 14])),
                    (
                        "privilege",
                        texts([Some("prv0"), Some("prv0"), Some("prv1"), None]),
                    ),
                    (
                        "depth",
                        texts([Some("basic"), Some("local"), Some("basic"), None]),
                    ),
                ],
            ),
        ],
    )
}

pub(super) fn user(word: &str) -> Holder {
    Holder::User(word.to_owned())
}
pub(super) fn team(word: &str) -> Holder {
    Holder::Team(word.to_owned())
}
pub(super) fn unit(word: &str) -> Holder {
    Holder::BusinessUnit(word.to_owned())
}
pub(super) fn assign(role: &str, to: &[Holder]) -> Change {
    let (role, to) = (role.to_owned(), to.to_vec());
    Change::AssignRole { role, to }
}
pub(super) fn remove(role: &str, from: &[Holder]) -> Change {
    let (role, from) = (role.to_owned(), from.to_vec());
    Change::RemoveRole { role, from }
}
pub(super) fn grant(privilege: &str, depth: DepthName, role: &str) -> Change {
    let (privilege, role) = (privilege.to_owned(), role.to_owned());
    Change::GrantPrivilege {
        privilege,
        depth,
        role,
    }
}
pub(super) fn revoke(privilege: &str, role: &str) -> Change {
    let (privilege, role) = (privilege.to_owned(), role.to_owned());
    Change::RevokePrivilege { privilege, role }
}
pub(super) fn inherit(role: &str, inheritance: Inheritance) -> Change {
    let role = role.to_owned();
    Change::SetInheritance { role, inheritance }
}
pub(super) fn bind(role: &str, app: &str) -> Change {
    let (role, app) = (role.to_owned(), app.to_owned());
    Change::BindRole { role, app }
}
pub(super) fn unbind(role: &str, app: &str) -> Change {
    let (role, app) = (role.to_owned(), app.to_owned());
    Change::UnbindRole { role, app }
}
pub(super) fn set(field: &str, value: &str, of: &[Holder]) -> Change {
    Change::SetField {
        field: field.to_owned(),
        value: value.to_owned(),
        of: of.to_vec(),
    }
}
