//! Roles, privileges and what a role holds.

use jiff::Timestamp;
use uuid::Uuid;

use super::table;
use crate::cell::{Kind, Options};

/// Publication state of a solution component.
pub(super) const COMPONENT_STATE: Options = &[
    (0, "Published"),
    (1, "Unpublished"),
    (2, "Deleted"),
    (3, "Deleted Unpublished"),
];
const INHERITED: Options = &[
    (0, "Team privileges only"),
    (1, "Direct User (Basic) access level and Team privileges"),
];

table! {
    /// A role, once per business unit (`role`). The copy whose `parentrootroleid` is itself is the root.
    pub struct Role = "role" / "roles" {
        /// Primary key.
        roleid: Uuid = Kind::Key,
        /// Name, the same in all copies.
        name: Option<String> = Kind::Text,
        /// Business unit of this copy.
        businessunitid: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// The copy in the business unit above.
        parentroleid: Option<Uuid> = Kind::Lookup("role", ""),
        /// The copy in the root business unit, which holds the privileges.
        parentrootroleid: Option<Uuid> = Kind::Lookup("role", ""),
        /// Template of a shipped role.
        roletemplateid: Option<Uuid> = Kind::Lookup("roletemplate", ""),
        /// 0 team privileges only, 1 direct user (basic) access level and team privileges.
        isinherited: Option<i32> = Kind::Choice(INHERITED),
        /// True: part of a managed solution.
        ismanaged: Option<bool> = Kind::Bool,
        /// Publication state.
        componentstate: Option<i32> = Kind::Choice(COMPONENT_STATE),
        /// Organization.
        organizationid: Option<Uuid> = Kind::Guid,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}

table! {
    /// A privilege (`privilege`).
    pub struct Privilege = "privilege" / "privileges" {
        /// Primary key.
        privilegeid: Uuid = Kind::Key,
        /// Name, such as `prvReadMailbox`.
        name: Option<String> = Kind::Text,
        /// Access right bits: 1 read, 2 write, 4 append, 16 append to, 32 create, 65536 delete,
        /// 262144 share, 524288 assign.
        accessright: Option<i32> = Kind::Int,
        /// Can be granted at user depth.
        canbebasic: Option<bool> = Kind::Bool,
        /// Can be granted at business-unit depth.
        canbelocal: Option<bool> = Kind::Bool,
        /// Can be granted at parent-and-child depth.
        canbedeep: Option<bool> = Kind::Bool,
        /// Can be granted at organization depth.
        canbeglobal: Option<bool> = Kind::Bool,
        /// Can be granted for filtered rows.
        canberecordfilter: Option<bool> = Kind::Bool,
        /// True: part of a managed solution.
        ismanaged: Option<bool> = Kind::Bool,
        /// Publication state.
        componentstate: Option<i32> = Kind::Choice(COMPONENT_STATE),
    }
}

table! {
    /// One privilege of one root role (`roleprivileges`); the ids are plain, not lookups.
    pub struct RolePrivilege = "roleprivileges" / "roleprivilegescollection" {
        /// Primary key.
        roleprivilegeid: Uuid = Kind::Key,
        /// The role, as a rule the root copy.
        roleid: Uuid = Kind::Guid,
        /// The privilege.
        privilegeid: Uuid = Kind::Guid,
        /// Bits: 1 basic, 2 local, 4 deep, 8 global; 0 occurs and grants nothing; higher bits occur too.
        privilegedepthmask: i32 = Kind::Int,
        /// Filter of a record-filter depth.
        recordfilterid: Option<Uuid> = Kind::Lookup("recordfilter", ""),
        /// True: part of a managed solution.
        ismanaged: Option<bool> = Kind::Bool,
        /// Publication state.
        componentstate: Option<i32> = Kind::Choice(COMPONENT_STATE),
    }
}
