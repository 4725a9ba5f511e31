//! Facts: the typed values that a check looks at, and where each is read.

use crate::snapshot::tables::Kind;

/// A declared fact, resolved: where it is read and of what type it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Name in rule files, `table.column`.
    pub name: String,
    /// Where the value comes from.
    pub source: FieldSource,
    /// Its type.
    pub kind: FieldKind,
}

/// Where a fact is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldSource {
    /// A column of a collected table: the user's row of `systemuser`, the user's mailbox, that
    /// mailbox's profile, or the single row of `organization`.
    Column {
        /// Which row.
        table: Subject,
        /// Logical name of the column.
        column: String,
        /// Its type in the snapshot.
        kind: Kind,
    },
    /// Whether the user's mailbox was found.
    MailboxExists,
    /// `environment.deployment` of the manifest: option 0 online, 1 on-premises.
    Deployment,
    /// `environment.build` of the manifest.
    Build,
    /// `environment.region` of the manifest.
    Region,
    /// How many environments the audit holds.
    AuditedEnvironments,
    /// Whether the server was asked about the user's access.
    AccessVerified,
    /// Whether the server's answer agrees with the access computed from the tables.
    AccessModelAgrees,
    /// False for a user without any role where an Entra group team, whose members Dataverse
    /// fills in at their first sign-in, carries one.
    MembershipSeen,
    /// Whether a device inventory was given.
    DevicesGiven,
    /// A value of one device of the user; only inside [`Check::EveryDevice`](super::Check::EveryDevice) and
    /// [`Check::SomeDevice`](super::Check::SomeDevice).
    Device(DeviceFact),
}

/// What the device inventory tells about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceFact {
    /// The operating system.
    OperatingSystem,
    /// Its version; of Windows the version of its kernel, 6.3 being Windows 8.1.
    OsVersion,
    /// The version of Outlook.
    OutlookVersion,
    /// How Outlook was installed, which decides how it is updated.
    OutlookChannel,
    /// The browser.
    Browser,
    /// Its version.
    BrowserVersion,
    /// The version of Internet Explorer.
    InternetExplorer,
}

impl DeviceFact {
    /// All of them.
    pub const ALL: [DeviceFact; 7] = [
        DeviceFact::OperatingSystem,
        DeviceFact::OsVersion,
        DeviceFact::OutlookVersion,
        DeviceFact::OutlookChannel,
        DeviceFact::Browser,
        DeviceFact::BrowserVersion,
        DeviceFact::InternetExplorer,
    ];

    /// Name of the fact in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeviceFact::OperatingSystem => "device.operating-system",
            DeviceFact::OsVersion => "device.os-version",
            DeviceFact::OutlookVersion => "device.outlook-version",
            DeviceFact::OutlookChannel => "device.outlook-channel",
            DeviceFact::Browser => "device.browser",
            DeviceFact::BrowserVersion => "device.browser-version",
            DeviceFact::InternetExplorer => "device.internet-explorer",
        }
    }

    /// What it is called in findings.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            DeviceFact::OperatingSystem => "operating system",
            DeviceFact::OsVersion => "operating system version",
            DeviceFact::OutlookVersion => "Outlook",
            DeviceFact::OutlookChannel => "Outlook channel",
            DeviceFact::Browser => "browser",
            DeviceFact::BrowserVersion => "browser version",
            DeviceFact::InternetExplorer => "Internet Explorer",
        }
    }
}

/// The record that a fact belongs to, seen from a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// `systemuser`.
    User,
    /// `mailbox`: the user's mailbox.
    Mailbox,
    /// `emailserverprofile`: the profile of the user's mailbox.
    Profile,
    /// `businessunit`: the user's business unit.
    BusinessUnit,
    /// `organization`.
    Organization,
}

impl Subject {
    /// Logical name of the table.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Subject::User => "systemuser",
            Subject::Mailbox => "mailbox",
            Subject::Profile => "emailserverprofile",
            Subject::BusinessUnit => "businessunit",
            Subject::Organization => "organization",
        }
    }
}

/// The type of a fact, as rule files see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// An id: may be compared with another id or tested for presence.
    Id,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// An option set: number, name in rule files (kebab-case), label for people.
    Option(Vec<OptionName>),
    /// A version.
    Version,
    /// A moment.
    Timestamp,
}

/// One value of an option set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OptionName {
    /// The number Dataverse stores.
    pub value: i32,
    /// Its name in rule files, kebab-case.
    pub name: String,
    /// Its label on Dataverse's own pages.
    pub label: String,
}
