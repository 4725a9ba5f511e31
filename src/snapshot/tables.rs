//! The tables of a snapshot: their columns, types, entity sets and row order.
//!
//! Names are Dataverse's logical names. Entity set names and column types were read from the
//! vendor's entity reference (2018) and from a client generated against a live environment
//! (December 2024); see `facts/dataverse.md` §1 of the design papers, read 2026-11-23.

/// The type of a column in the snapshot's Parquet files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A GUID: lower-case hyphenated text in the file, 128 bits in memory.
    Id,
    /// Text.
    Text,
    /// An option set value or a whole number: `Int32`.
    Integer,
    /// Yes or no.
    Boolean,
    /// A moment: `Timestamp(ms, UTC)`.
    Timestamp,
}

/// How the Web API names a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// The property has the column's own name.
    Plain,
    /// A lookup, read through `_name_value`.
    Lookup,
    /// No property of its own: the `lookuplogicalname` annotation of the named lookup column.
    LookupTarget(&'static str),
}

/// One column that is always collected.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDef {
    /// Logical name.
    pub name: &'static str,
    /// Type in the snapshot.
    pub kind: Kind,
    /// How the Web API names it.
    pub property: Property,
}

/// One table of the snapshot.
#[derive(Clone, Copy, Debug)]
pub struct TableDef {
    /// Logical name; also the file name without `.parquet`.
    pub name: &'static str,
    /// Entity set name to fall back to when `EntityDefinitions` cannot be read.
    pub entity_set: &'static str,
    /// The columns that rows are sorted by, in order. They identify a row and are never null.
    pub sorted_by: &'static [&'static str],
    /// The columns always collected.
    pub columns: &'static [ColumnDef],
    /// What a caller must hold to see every row.
    pub read_by: ReadBy,
}

/// The privileges that open a table. Each at Organization depth: with less, rows that the caller
/// may not read vanish from answers without a word (filtering rows, vendor page, read 2026-11-23).
///
/// A table of people or settings has a read privilege named after it (the vendor's page on coding
/// against access, and dumps of built-in roles; `facts/dataverse.md` §3.1 and §4 of the design
/// papers, read 2026-11-23). Where `recalled` is set no source says so. The tables that join two
/// others, and `privilege`, have none of their own in those dumps; that the ones named here open
/// them is how it is remembered. So is the spelling of `prvReadTraceLog`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBy {
    /// Their names. None for a table that is not read from the server's tables.
    pub privileges: &'static [&'static str],
    /// Whether this is remembered rather than found in a source.
    pub recalled: bool,
}

const fn found(privileges: &'static [&'static str]) -> ReadBy {
    ReadBy {
        privileges,
        recalled: false,
    }
}
const fn recalled(privileges: &'static [&'static str]) -> ReadBy {
    ReadBy {
        privileges,
        recalled: true,
    }
}

impl TableDef {
    /// Whether all its rows are collected. Of the other tables only those that something can be asked
    /// about: the wanted privileges and what roles grant of them, warnings and errors.
    #[must_use]
    pub fn is_read_whole(&self) -> bool {
        !matches!(self.name, "privilege" | "roleprivileges" | "tracelog")
    }

    /// The always-collected column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnDef> {
        self.columns.iter().find(|column| column.name == name)
    }
}

const fn id(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Id,
        property: Property::Plain,
    }
}
const fn lookup(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Id,
        property: Property::Lookup,
    }
}
const fn text(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Text,
        property: Property::Plain,
    }
}
const fn integer(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Integer,
        property: Property::Plain,
    }
}
const fn boolean(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Boolean,
        property: Property::Plain,
    }
}
const fn timestamp(name: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        kind: Kind::Timestamp,
        property: Property::Plain,
    }
}

/// Every collected table with the columns of `design.md` §4, in the order of that list.
pub static TABLES: &[TableDef] = &[
    TableDef {
        name: "systemuser",
        entity_set: "systemusers",
        sorted_by: &["systemuserid"],
        read_by: found(&["prvReadUser"]),
        columns: &[
            id("systemuserid"),
            text("fullname"),
            text("domainname"),
            text("internalemailaddress"),
            boolean("isdisabled"),
            integer("accessmode"),
            boolean("islicensed"),
            id("applicationid"),
            id("azureactivedirectoryobjectid"),
            lookup("businessunitid"),
            lookup("defaultmailbox"),
            boolean("isintegrationuser"),
        ],
    },
    TableDef {
        name: "businessunit",
        entity_set: "businessunits",
        sorted_by: &["businessunitid"],
        read_by: found(&["prvReadBusinessUnit"]),
        columns: &[id("businessunitid"), text("name"), lookup("parentbusinessunitid")],
    },
    TableDef {
        name: "role",
        entity_set: "roles",
        sorted_by: &["roleid"],
        read_by: found(&["prvReadRole"]),
        columns: &[
            id("roleid"),
            text("name"),
            lookup("businessunitid"),
            lookup("parentroleid"),
            lookup("parentrootroleid"),
            lookup("roletemplateid"),
            integer("isinherited"),
        ],
    },
    TableDef {
        name: "privilege",
        entity_set: "privileges",
        sorted_by: &["privilegeid"],
        read_by: recalled(&["prvReadRole"]),
        columns: &[
            id("privilegeid"),
            text("name"),
            boolean("canbebasic"),
            boolean("canbelocal"),
            boolean("canbedeep"),
            boolean("canbeglobal"),
        ],
    },
    TableDef {
        name: "roleprivileges",
        entity_set: "roleprivilegescollection",
        sorted_by: &["roleid", "privilegeid"],
        read_by: recalled(&["prvReadRole"]),
        columns: &[id("roleid"), id("privilegeid"), integer("privilegedepthmask")],
    },
    TableDef {
        name: "systemuserroles",
        entity_set: "systemuserrolescollection",
        sorted_by: &["systemuserid", "roleid"],
        read_by: recalled(&["prvReadUser", "prvReadRole"]),
        columns: &[id("systemuserid"), id("roleid")],
    },
    TableDef {
        name: "team",
        entity_set: "teams",
        sorted_by: &["teamid"],
        read_by: found(&["prvReadTeam"]),
        columns: &[
            id("teamid"),
            text("name"),
            integer("teamtype"),
            lookup("businessunitid"),
            boolean("isdefault"),
            id("azureactivedirectoryobjectid"),
        ],
    },
    TableDef {
        name: "teamroles",
        entity_set: "teamrolescollection",
        sorted_by: &["teamid", "roleid"],
        read_by: recalled(&["prvReadTeam", "prvReadRole"]),
        columns: &[id("teamid"), id("roleid")],
    },
    TableDef {
        name: "teammembership",
        entity_set: "teammemberships",
        sorted_by: &["systemuserid", "teamid"],
        read_by: recalled(&["prvReadUser", "prvReadTeam"]),
        columns: &[id("systemuserid"), id("teamid")],
    },
    TableDef {
        name: "mailbox",
        entity_set: "mailboxes",
        sorted_by: &["mailboxid"],
        read_by: found(&["prvReadMailbox"]),
        columns: &[
            id("mailboxid"),
            text("name"),
            text("emailaddress"),
            integer("statecode"),
            lookup("regardingobjectid"),
            ColumnDef {
                name: "regardingobjecttype",
                kind: Kind::Text,
                property: Property::LookupTarget("regardingobjectid"),
            },
            lookup("emailserverprofile"),
            integer("emailrouteraccessapproval"),
            boolean("isemailaddressapprovedbyo365admin"),
            integer("incomingemaildeliverymethod"),
            integer("outgoingemaildeliverymethod"),
            integer("actdeliverymethod"),
            integer("incomingemailstatus"),
            integer("outgoingemailstatus"),
            integer("actstatus"),
            boolean("enabledforincomingemail"),
            boolean("enabledforoutgoingemail"),
            boolean("enabledforact"),
            integer("officeappsdeploymentstatus"),
            boolean("officeappsdeploymentscheduled"),
            timestamp("officeappsdeploymentcompleteon"),
            text("officeappsdeploymenterror"),
            boolean("orgmarkedasprimaryforexchangesync"),
            boolean("isforwardmailbox"),
            timestamp("testmailboxaccesscompletedon"),
        ],
    },
    TableDef {
        name: "emailserverprofile",
        entity_set: "emailserverprofiles",
        sorted_by: &["emailserverprofileid"],
        read_by: found(&["prvReadEmailServerProfile"]),
        columns: &[
            id("emailserverprofileid"),
            text("name"),
            integer("servertype"),
            integer("incomingcredentialretrieval"),
            integer("incomingauthenticationprotocol"),
            boolean("usedefaulttenantid"),
            text("exchangeonlinetenantid"),
            boolean("useautodiscover"),
            integer("statecode"),
        ],
    },
    TableDef {
        name: "organization",
        entity_set: "organizations",
        sorted_by: &["organizationid"],
        read_by: found(&["prvReadOrganization"]),
        columns: &[
            id("organizationid"),
            text("name"),
            integer("emailconnectionchannel"),
            boolean("requireapprovalforuseremail"),
            boolean("officeappsautodeploymentenabled"),
            lookup("defaultemailserverprofileid"),
        ],
    },
    TableDef {
        name: "appmodule",
        entity_set: "appmodules",
        sorted_by: &["appmoduleid"],
        read_by: found(&["prvReadAppModule"]),
        columns: &[id("appmoduleid"), text("uniquename"), text("name")],
    },
    TableDef {
        name: "appmoduleroles",
        entity_set: "appmodulerolescollection",
        sorted_by: &["appmoduleid", "roleid"],
        read_by: recalled(&["prvReadAppModule", "prvReadRole"]),
        columns: &[lookup("appmoduleid"), lookup("roleid")],
    },
    TableDef {
        name: "tracelog",
        entity_set: "tracelogs",
        sorted_by: &["tracelogid"],
        read_by: recalled(&["prvReadTraceLog"]),
        columns: &[
            id("tracelogid"),
            integer("level"),
            lookup("regardingobjectid"),
            integer("tracecode"),
            text("text"),
            timestamp("createdon"),
        ],
    },
];

/// The server's own answers about users' access; present only where the collector was asked to
/// verify. One row per user and privilege held; a verified user who holds none has one row with
/// a null privilege and depth.
pub static ACCESS: TableDef = TableDef {
    name: "access",
    entity_set: "",
    sorted_by: &["systemuserid", "privilege"],
    // Not a table of the server but its answers to a function.
    read_by: found(&[]),
    columns: &[id("systemuserid"), text("privilege"), text("depth")],
};

/// The tables that say who may do what: users' access is computed from these (`design.md` §5).
pub const ACCESS_TABLES: [&str; 7] = [
    "role",
    "roleprivileges",
    "privilege",
    "systemuserroles",
    "team",
    "teamroles",
    "teammembership",
];

/// The definition of the table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static TableDef> {
    TABLES.iter().chain([&ACCESS]).find(|table| table.name == name)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::snapshot::manifest::SELF_CHECKED;

    #[test]
    fn what_opens_a_table_is_what_the_self_check_asks_about() {
        let named: BTreeSet<&str> = TABLES
            .iter()
            .flat_map(|table| table.read_by.privileges)
            .copied()
            .collect();
        let mut checked: BTreeSet<&str> = SELF_CHECKED.into_iter().collect();
        // The log is read where it can be; nothing is concluded from its absence.
        checked.insert("prvReadTraceLog");
        assert_eq!(named, checked);
    }

    #[test]
    fn every_table_has_something_that_opens_it() {
        for table in TABLES {
            assert!(!table.read_by.privileges.is_empty(), "{}", table.name);
        }
        for name in ACCESS_TABLES {
            table(name).expect(name);
        }
    }
}
