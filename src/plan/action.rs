//! What an administrator can do in one go, in words and as changes.
//!
//! Owns the kinds of actions, their keys and titles. A key names what is done to what and nothing
//! else, so that a later run finds the action again, whoever it is for by then.

use crate::rules::Depth;
use crate::sha256::sha256;
use crate::snapshot::Guid;
use crate::snapshot::manifest::DepthName;
use crate::what_if::{Change, Holder, Inheritance};

/// A kind of action. The order is that in which they have to be done where somebody needs several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Let the environment process email by server-side synchronization.
    UseServerSideSync,
    /// Share the app with a role.
    BindRole,
    /// Add privileges to a role.
    GrantPrivileges,
    /// Let a role that teams hold count for their members as if they held it themselves.
    SetInheritance,
    /// Assign a role to users.
    AssignRole,
    /// Set the access mode of users to Read-Write.
    SetAccessMode,
    /// Activate mailboxes.
    ActivateMailboxes,
    /// Choose a server profile for mailboxes.
    ChooseServerProfile,
    /// Switch mailboxes to server-side synchronization.
    SetProcessingMethod,
    /// Approve the addresses of mailboxes.
    ApproveAddresses,
    /// Test & Enable mailboxes.
    TestAndEnable,
    /// Add the app to users' Outlook.
    AddAppToOutlook,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Kind; 12] = [
        Kind::UseServerSideSync,
        Kind::BindRole,
        Kind::GrantPrivileges,
        Kind::SetInheritance,
        Kind::AssignRole,
        Kind::SetAccessMode,
        Kind::ActivateMailboxes,
        Kind::ChooseServerProfile,
        Kind::SetProcessingMethod,
        Kind::ApproveAddresses,
        Kind::TestAndEnable,
        Kind::AddAppToOutlook,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::UseServerSideSync => "use-server-side-sync",
            Kind::BindRole => "bind-role",
            Kind::GrantPrivileges => "grant-privileges",
            Kind::SetInheritance => "set-inheritance",
            Kind::AssignRole => "assign-role",
            Kind::SetAccessMode => "set-access-mode",
            Kind::ActivateMailboxes => "activate-mailboxes",
            Kind::ChooseServerProfile => "choose-server-profile",
            Kind::SetProcessingMethod => "set-processing-method",
            Kind::ApproveAddresses => "approve-addresses",
            Kind::TestAndEnable => "test-and-enable",
            Kind::AddAppToOutlook => "add-app-to-outlook",
        }
    }

    /// What the service has to find out, so that the action is only expected to help.
    #[must_use]
    pub fn expected_if(self) -> Option<&'static str> {
        match self {
            Kind::TestAndEnable => Some("the test succeeds"),
            Kind::ActivateMailboxes | Kind::ChooseServerProfile | Kind::SetProcessingMethod => {
                Some("the mailbox passes Test & Enable afterwards")
            }
            Kind::AddAppToOutlook => Some("the service can add the app this time"),
            _ => None,
        }
    }

    /// Whether it gives somebody access.
    #[must_use]
    pub fn is_access(self) -> bool {
        matches!(
            self,
            Kind::BindRole | Kind::GrantPrivileges | Kind::SetInheritance | Kind::AssignRole
        )
    }
}

/// One change of an action, without the users it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Assign a role.
    Assign {
        /// Its root copy.
        role: Guid,
    },
    /// Add a privilege to a role.
    Grant {
        /// Name of the privilege.
        privilege: String,
        /// How deep.
        depth: Depth,
        /// The role's root copy.
        role: Guid,
    },
    /// Set a role's inheritance to direct user.
    Inherit {
        /// The role's root copy.
        role: Guid,
    },
    /// Share the app.
    Bind {
        /// The role's root copy.
        role: Guid,
        /// Unique name of the app.
        app: String,
    },
    /// Set a column.
    Set {
        /// Table and column.
        field: String,
        /// The value in the words of rule files.
        value: String,
        /// The organization's own setting.
        everybody: bool,
    },
}

impl Deed {
    /// The change, for these users where it is about users.
    #[must_use]
    pub fn change(&self, of: &[Holder]) -> Change {
        match self {
            Deed::Assign { role } => Change::AssignRole {
                role: role.to_string(),
                to: of.to_vec(),
            },
            Deed::Grant {
                privilege,
                depth,
                role,
            } => Change::GrantPrivilege {
                privilege: privilege.clone(),
                depth: match depth {
                    Depth::Basic => DepthName::Basic,
                    Depth::Local => DepthName::Local,
                    Depth::Deep => DepthName::Deep,
                    Depth::Global => DepthName::Global,
                },
                role: role.to_string(),
            },
            Deed::Inherit { role } => Change::SetInheritance {
                role: role.to_string(),
                inheritance: Inheritance::DirectUser,
            },
            Deed::Bind { role, app } => Change::BindRole {
                role: role.to_string(),
                app: app.clone(),
            },
            Deed::Set {
                field,
                value,
                everybody,
            } => Change::SetField {
                field: field.clone(),
                value: value.clone(),
                of: if *everybody { Vec::new() } else { of.to_vec() },
            },
        }
    }
}

/// What an action is called in every run: its kind, and what it is about.
pub(super) fn key(kind: Kind, object: Option<(&str, Guid)>, parts: &[String]) -> String {
    let Some((name, id)) = object else {
        return kind.name().to_owned();
    };
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 40 {
            break;
        }
    }
    // Names can be changed, are not unique, and may have no letter that stands in a key.
    let mut about = id.to_string();
    parts.iter().for_each(|part| {
        about.push(' ');
        about.push_str(part);
    });
    let digest = sha256(about.as_bytes());
    format!("{}/{}-{}", kind.name(), slug.trim_end_matches('-'), &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_what_is_done_to_what_in_letters_that_stand_anywhere() {
        assert_eq!(key(Kind::TestAndEnable, None, &[]), "test-and-enable");
        let key =
            |name: &str, id: u128, parts: &[String]| key(Kind::AssignRole, Some((name, Guid(id))), parts);
        let plain = key("Sales & Service (EMEA)", 1, &[]);
        assert!(plain.starts_with("assign-role/sales-service-emea-"), "{plain}");
        assert_ne!(plain, key("Sales & Service (EMEA)", 2, &[]));
        assert_ne!(
            plain,
            key("Sales & Service (EMEA)", 1, &["prvReadMailbox:basic".to_owned()])
        );
        for name in [
            "=cmd|' /C calc'!A0",
            "",
            "役割",
            "\u{202e}x\r\n,;\"",
            &"long".repeat(99),
        ] {
            let key = key(name, 1, &[]);
            let rest = key.strip_prefix("assign-role/").expect("the kind");
            let is_harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(rest.bytes().all(is_harmless) && rest.len() < 60, "{key}");
        }
    }
}
