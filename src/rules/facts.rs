//! The fact catalogue: every field that a rule may name, with its type and where it is read.
//!
//! The columns come from the snapshot's own table definitions, so that the two cannot drift
//! apart; only what an integer *means* is said here. Option values and labels: the vendor's
//! entity reference (2018) and a client generated against a live environment (December 2024);
//! `facts/dataverse.md` §1 of the design papers, read 2026-11-23.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{DeviceFact, Field, FieldKind, FieldSource, OptionName, Subject};
use crate::snapshot::tables::{self, Kind};

/// The declared facts, by name.
#[derive(Clone, Debug)]
pub struct Facts {
    fields: BTreeMap<String, Field>,
    /// Names whose declaration has a fault: not known, but no second fault where they are used.
    faulty: BTreeSet<String>,
}

/// The records whose columns are facts.
pub const SUBJECTS: [Subject; 5] = [
    Subject::User,
    Subject::Mailbox,
    Subject::Profile,
    Subject::BusinessUnit,
    Subject::Organization,
];

impl Facts {
    /// The built-in facts: every collected column of a user's records, what the manifest tells
    /// about the environment, what the audit knows of its own access model, and what a device
    /// inventory tells.
    #[must_use]
    pub fn built_in() -> Facts {
        let mut facts = Facts {
            fields: BTreeMap::new(),
            faulty: BTreeSet::new(),
        };
        for subject in SUBJECTS {
            let columns = tables::table(subject.table()).map_or(&[][..], |table| table.columns);
            for column in columns {
                facts.insert(column_field(subject, column.name, column.kind, None));
            }
        }
        let derived = [
            ("mailbox.exists", FieldSource::MailboxExists, FieldKind::Boolean),
            (
                "environment.deployment",
                FieldSource::Deployment,
                FieldKind::Option(options(&[(0, "Online"), (1, "On-premises")])),
            ),
            ("environment.build", FieldSource::Build, FieldKind::Version),
            ("environment.region", FieldSource::Region, FieldKind::Text),
            (
                "audit.environments",
                FieldSource::AuditedEnvironments,
                FieldKind::Integer,
            ),
            ("access.verified", FieldSource::AccessVerified, FieldKind::Boolean),
            (
                "access.agrees-with-server",
                FieldSource::AccessModelAgrees,
                FieldKind::Boolean,
            ),
            (
                "access.memberships-seen",
                FieldSource::MembershipSeen,
                FieldKind::Boolean,
            ),
            ("devices.given", FieldSource::DevicesGiven, FieldKind::Boolean),
        ];
        for (name, source, kind) in derived {
            facts.insert(Field {
                name: name.to_owned(),
                source,
                kind,
            });
        }
        for fact in DeviceFact::ALL {
            facts.insert(Field {
                name: fact.name().to_owned(),
                source: FieldSource::Device(fact),
                kind: device_kind(fact),
            });
        }
        facts
    }

    /// The fact of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// All facts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }

    /// Adds a fact, replacing the one of the same name.
    pub(super) fn insert(&mut self, field: Field) {
        self.fields.insert(field.name.clone(), field);
    }

    /// Notes that the declaration of a fact has a fault.
    pub(super) fn note_faulty(&mut self, name: String) {
        self.faulty.insert(name);
    }

    /// Whether the declaration of that fact has a fault.
    pub(super) fn is_faulty(&self, name: &str) -> bool {
        self.faulty.contains(name)
    }
}

/// The field for a column; `options` are those of a declared fact, else the known ones count.
pub(super) fn column_field(
    subject: Subject,
    column: &str,
    kind: Kind,
    options: Option<Vec<OptionName>>,
) -> Field {
    let options = options.or_else(|| known_options(subject, column));
    Field {
        name: format!("{}.{column}", subject.table()),
        source: FieldSource::Column {
            table: subject,
            column: column.to_owned(),
            kind,
        },
        kind: match (kind, options) {
            (Kind::Integer, Some(options)) => FieldKind::Option(options),
            (Kind::Integer, None) => FieldKind::Integer,
            (Kind::Id, _) => FieldKind::Id,
            (Kind::Text, _) => FieldKind::Text,
            (Kind::Boolean, _) => FieldKind::Boolean,
            (Kind::Timestamp, _) => FieldKind::Timestamp,
        },
    }
}

impl Field {
    /// Whether the fact belongs to one user rather than to the environment.
    #[must_use]
    pub fn is_of_user(&self) -> bool {
        match &self.source {
            FieldSource::Column { table, .. } => *table != Subject::Organization,
            FieldSource::MailboxExists
            | FieldSource::AccessVerified
            | FieldSource::AccessModelAgrees
            | FieldSource::MembershipSeen
            | FieldSource::Device(_) => true,
            FieldSource::Deployment
            | FieldSource::Build
            | FieldSource::Region
            | FieldSource::AuditedEnvironments
            | FieldSource::DevicesGiven => false,
        }
    }

    /// Whether it is found out about each user, rather than stored anywhere.
    pub(super) fn is_found_out(&self) -> bool {
        matches!(
            self.source,
            FieldSource::MailboxExists
                | FieldSource::AccessVerified
                | FieldSource::AccessModelAgrees
                | FieldSource::MembershipSeen
        )
    }

    /// Whether it differs from device to device.
    #[must_use]
    pub fn is_of_device(&self) -> bool {
        matches!(self.source, FieldSource::Device(_))
    }

    /// Whether it is a column of the mailbox.
    #[must_use]
    pub fn is_of_mailbox(&self) -> bool {
        matches!(
            self.source,
            FieldSource::Column {
                table: Subject::Mailbox,
                ..
            }
        )
    }
}

impl FieldKind {
    /// The type in plain words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            FieldKind::Id => "an id",
            FieldKind::Text => "text",
            FieldKind::Integer => "a whole number",
            FieldKind::Boolean => "true or false",
            FieldKind::Option(_) => "a named option",
            FieldKind::Version => "a version",
            FieldKind::Timestamp => "a moment",
        }
    }
}

/// What the delivery methods of e-mail are called; those of appointments are numbered otherwise.
const DELIVERY: &[(i32, &str)] = &[
    (0, "None"),
    (1, "Microsoft Dynamics 365 for Outlook"),
    (2, "Server-Side Synchronization"),
    (3, "Forward Mailbox"),
];
const TEST: &[(i32, &str)] = &[(0, "Not Run"), (1, "Success"), (2, "Failure")];
const STATE: &[(i32, &str)] = &[(0, "Active"), (1, "Inactive")];

/// Operating systems that a device inventory tells apart.
const OPERATING_SYSTEMS: &[(i32, &str)] = &[
    (0, "Windows"),
    (1, "macOS"),
    (2, "iOS"),
    (3, "Android"),
    (4, "Linux"),
    (5, "ChromeOS"),
];
/// Ways in which Outlook gets onto a device. Every update channel of Microsoft 365 is Click-to-Run.
const CHANNELS: &[(i32, &str)] = &[(0, "MSI"), (1, "Click-to-Run"), (2, "New Outlook")];
const BROWSERS: &[(i32, &str)] = &[
    (0, "Edge"),
    (1, "Internet Explorer"),
    (2, "Chrome"),
    (3, "Firefox"),
    (4, "Safari"),
];

fn device_kind(fact: DeviceFact) -> FieldKind {
    match fact {
        DeviceFact::OperatingSystem => FieldKind::Option(options(OPERATING_SYSTEMS)),
        DeviceFact::OutlookChannel => FieldKind::Option(options(CHANNELS)),
        DeviceFact::Browser => FieldKind::Option(options(BROWSERS)),
        DeviceFact::OsVersion
        | DeviceFact::OutlookVersion
        | DeviceFact::BrowserVersion
        | DeviceFact::InternetExplorer => FieldKind::Version,
    }
}

fn known_options(subject: Subject, column: &str) -> Option<Vec<OptionName>> {
    let list: &[(i32, &str)] = match (subject, column) {
        (Subject::User, "accessmode") => &[
            (0, "Read-Write"),
            (1, "Administrative"),
            (2, "Read"),
            (3, "Support User"),
            (4, "Non-interactive"),
            (5, "Delegated Admin"),
        ],
        (Subject::Mailbox | Subject::Profile, "statecode") => STATE,
        (Subject::Mailbox, "emailrouteraccessapproval") => &[
            (0, "Empty"),
            (1, "Approved"),
            (2, "Pending Approval"),
            (3, "Rejected"),
        ],
        (Subject::Mailbox, "incomingemaildeliverymethod") => DELIVERY,
        // There is no forwarding of outgoing mail.
        (Subject::Mailbox, "outgoingemaildeliverymethod") => &DELIVERY[..3],
        (Subject::Mailbox, "actdeliverymethod") => &[
            (0, "Microsoft Dynamics 365 for Outlook"),
            (1, "Server-Side Synchronization"),
            (2, "None"),
        ],
        (Subject::Mailbox, "incomingemailstatus" | "outgoingemailstatus" | "actstatus") => TEST,
        (Subject::Mailbox, "officeappsdeploymentstatus") => &[
            (0, "Not Installed"),
            (1, "Installed"),
            (2, "Install Failed"),
            (3, "Uninstall Failed"),
            (4, "Upgrade Required"),
        ],
        (Subject::Profile, "servertype") => &[
            (0, "Exchange Server"),
            (1, "Other (POP3/SMTP)"),
            (2, "Exchange Server (Hybrid)"),
            (3, "Exchange Online (Hybrid)"),
            (4, "IMAP/SMTP"),
        ],
        (Subject::Profile, "incomingcredentialretrieval") => &[
            (0, "Credentials Specified by a User or Queue"),
            (1, "Credentials Specified in Email Server Profile"),
            (2, "Server to Server Authentication"),
            (3, "Windows Integrated Authentication"),
            (4, "Without Credentials (Anonymous)"),
            (5, "Gmail OAuth"),
            (6, "Exchange Hybrid Modern Auth (HMA)"),
            (7, "OAuth with Microsoft Entra ID"),
        ],
        (Subject::Profile, "incomingauthenticationprotocol") => &[
            (0, "Auto Detect"),
            (1, "Negotiate"),
            (2, "NTLM"),
            (3, "Basic"),
            (4, "OAuth"),
        ],
        (Subject::Organization, "emailconnectionchannel") => &[
            (0, "Server-Side Synchronization"),
            (1, "Microsoft Dynamics 365 Email Router"),
        ],
        _ => return None,
    };
    Some(options(list))
}

fn options(list: &[(i32, &str)]) -> Vec<OptionName> {
    list.iter()
        .map(|(value, label)| OptionName {
            value: *value,
            name: option_name(label),
            label: (*label).to_owned(),
        })
        .collect()
}

/// The name of an option in rule files: a short word where the label is long, else the label in
/// kebab-case.
fn option_name(label: &str) -> String {
    let short = match label {
        "Server-Side Synchronization" => "server-side-sync",
        "Microsoft Dynamics 365 for Outlook" => "outlook-client",
        "Microsoft Dynamics 365 Email Router" => "email-router",
        "Pending Approval" => "pending",
        "Other (POP3/SMTP)" => "pop3-smtp",
        "Exchange Server (Hybrid)" => "exchange-server-hybrid",
        "Exchange Online (Hybrid)" => "exchange-online",
        "Credentials Specified by a User or Queue" => "user-credentials",
        "Credentials Specified in Email Server Profile" => "profile-credentials",
        "Server to Server Authentication" => "server-to-server",
        "Windows Integrated Authentication" => "windows-integrated",
        "Without Credentials (Anonymous)" => "anonymous",
        "Exchange Hybrid Modern Auth (HMA)" => "hybrid-modern-auth",
        "OAuth with Microsoft Entra ID" => "entra-oauth",
        other => return kebab(other),
    };
    short.to_owned()
}

fn kebab(label: &str) -> String {
    label
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use super::*;

    #[test]
    fn every_collected_column_of_a_subject_is_a_fact() {
        let facts = Facts::built_in();
        for subject in SUBJECTS {
            let table = tables::table(subject.table()).expect("a table for every subject");
            for column in table.columns {
                let name = format!("{}.{}", table.name, column.name);
                assert!(facts.get(&name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn every_integer_column_has_named_options_once_each() {
        for field in Facts::built_in().iter() {
            if let FieldSource::Column {
                kind: Kind::Integer, ..
            } = field.source
            {
                let FieldKind::Option(options) = &field.kind else {
                    panic!("{} has no option names", field.name);
                };
                let mut names: Vec<_> = options.iter().map(|option| &option.name).collect();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), options.len(), "{}", field.name);
            }
        }
    }

    #[test]
    fn appointments_are_numbered_otherwise_than_mail() {
        let facts = Facts::built_in();
        let value = |field: &str| match &facts.get(field).expect(field).kind {
            FieldKind::Option(options) => options
                .iter()
                .find(|option| option.name == "server-side-sync")
                .map(|option| option.value),
            _ => None,
        };
        assert_eq!(value("mailbox.incomingemaildeliverymethod"), Some(2));
        assert_eq!(value("mailbox.actdeliverymethod"), Some(1));
    }
}
