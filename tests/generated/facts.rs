//! The facts that generated rules may name, and the words they may compare them with.

use Type::{Bool, Id, Number, Options, Text, Time, Version};

/// The type of a fact, with what rules compare it with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    Text(&'static [&'static str]),
    Number,
    /// Names and numbers.
    Options(&'static [(&'static str, i64)]),
    Bool,
    Time,
    Id,
    Version(&'static [&'static str]),
}

/// A fact: a column of a table, or what the audit knows otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fact {
    pub name: &'static str,
    pub kind: Type,
}

impl Fact {
    pub fn table(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(table, _)| table)
    }

    pub fn column(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(_, column)| column)
    }

    /// Whether two facts are of one type, so that they may be the same.
    pub fn is_like(&self, other: &Fact) -> bool {
        std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
    }

    /// Whether it is a column of a user's records or of the organization.
    pub fn is_column(&self) -> bool {
        !["environment", "audit", "access", "devices", "device"].contains(&self.table())
            && self.name != "mailbox.exists"
    }

    /// Whether a rule about the environment may look at it.
    pub fn is_of_environment(&self) -> bool {
        ["environment", "audit", "devices", "organization"].contains(&self.table())
    }
}

const WORDS: Type = Text(&["Anna", "ÄRGER", "x@contoso.example"]);
const MODES: Type = Options(&[("read-write", 0), ("administrative", 1), ("non-interactive", 4)]);
const STATES: Type = Options(&[("active", 0), ("inactive", 1)]);
const METHODS: Type = Options(&[("none", 0), ("server-side-sync", 2), ("forward-mailbox", 3)]);
const APPOINTMENTS: Type = Options(&[("outlook-client", 0), ("server-side-sync", 1), ("none", 2)]);
const SERVERS: Type = Options(&[("exchange-server", 0), ("imap-smtp", 4), ("exchange-online", 3)]);
const SIZES: Type = Options(&[("small", 1), ("large", 2)]);

const fn fact(name: &'static str, kind: Type) -> Fact {
    Fact { name, kind }
}

/// Facts of users and environments.
pub static FACTS: &[Fact] = &[
    fact("systemuser.fullname", WORDS),
    fact("systemuser.internalemailaddress", WORDS),
    fact("systemuser.isdisabled", Bool),
    fact("systemuser.islicensed", Bool),
    fact("systemuser.accessmode", MODES),
    fact("systemuser.businessunitid", Id),
    fact("systemuser.defaultmailbox", Id),
    fact("systemuser.x_level", Number),
    fact("systemuser.x_joined", Time),
    fact("mailbox.exists", Bool),
    fact("mailbox.emailaddress", WORDS),
    fact("mailbox.statecode", STATES),
    fact("mailbox.regardingobjectid", Id),
    fact("mailbox.emailserverprofile", Id),
    fact("mailbox.incomingemaildeliverymethod", METHODS),
    fact("mailbox.actdeliverymethod", APPOINTMENTS),
    fact("mailbox.isforwardmailbox", Bool),
    fact("mailbox.testmailboxaccesscompletedon", Time),
    fact("mailbox.x_score", Number),
    fact("emailserverprofile.servertype", SERVERS),
    fact("emailserverprofile.usedefaulttenantid", Bool),
    fact("emailserverprofile.name", WORDS),
    fact("businessunit.name", WORDS),
    fact("businessunit.parentbusinessunitid", Id),
    fact("businessunit.x_size", SIZES),
    fact("organization.name", WORDS),
    fact("organization.requireapprovalforuseremail", Bool),
    fact("organization.x_opened", Time),
    fact(
        "environment.deployment",
        Options(&[("online", 0), ("on-premises", 1)]),
    ),
    fact("environment.build", Version(&["9.1.0.4206", "9.2", "9.2.0.0"])),
    fact("environment.region", Text(&["CRM4", "dod"])),
    fact("audit.environments", Number),
    fact("access.memberships-seen", Bool),
    fact("access.verified", Bool),
    fact("devices.given", Bool),
];

/// Facts of a device.
pub static DEVICE_FACTS: &[Fact] = &[
    fact(
        "device.operating-system",
        Options(&[("windows", 0), ("android", 3)]),
    ),
    fact("device.browser", Options(&[("edge", 0), ("chrome", 2)])),
    fact(
        "device.outlook-version",
        Version(&["16.0.9330.2073", "15", "16.0"]),
    ),
    fact("device.browser-version", Version(&["11", "9.0.1"])),
];

/// The facts that a generated pack declares itself.
pub const DECLARED: &str = r#"
[[fact]]
name = "systemuser.x_level"
type = "integer"
[[fact]]
name = "systemuser.x_joined"
type = "timestamp"
[[fact]]
name = "mailbox.x_score"
type = "integer"
[[fact]]
name = "businessunit.x_size"
type = "option"
options = { small = 1, large = 2 }
[[fact]]
name = "organization.x_opened"
type = "timestamp"
"#;

/// Moments: as a rule writes them, and in milliseconds since 1970.
pub const MOMENTS: [(&str, i64); 3] = [
    ("2026-01-01", 1_767_225_600_000),
    ("2026-01-01T00:00:01Z", 1_767_225_601_000),
    ("1969-12-31", -86_400_000),
];
