//! The changes that can be supposed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::snapshot::manifest::DepthName;

/// One administrative change. Roles, teams and apps are given by name or id; a role means all its
/// copies, and who gets it gets the copy of their own business unit, as the service does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// Assign a role.
    AssignRole {
        /// Name or id of the role.
        role: String,
        /// Who gets it.
        to: Vec<Holder>,
    },
    /// Take a role away.
    RemoveRole {
        /// Name or id of the role.
        role: String,
        /// Who loses it.
        from: Vec<Holder>,
    },
    /// Give a role a privilege, or a deeper one; a deeper one that it has stays.
    GrantPrivilege {
        /// Name of the privilege.
        privilege: String,
        /// How deep.
        depth: DepthName,
        /// Name or id of the role.
        role: String,
    },
    /// Take a privilege from a role.
    RevokePrivilege {
        /// Name of the privilege.
        privilege: String,
        /// Name or id of the role.
        role: String,
    },
    /// Change a role's *member's privilege inheritance*.
    SetInheritance {
        /// Name or id of the role.
        role: String,
        /// To what.
        inheritance: Inheritance,
    },
    /// Share a model-driven app with a role.
    BindRole {
        /// Name or id of the role.
        role: String,
        /// Unique name or id of the app module.
        app: String,
    },
    /// Stop sharing a model-driven app with a role.
    UnbindRole {
        /// Name or id of the role.
        role: String,
        /// Unique name or id of the app module.
        app: String,
    },
    /// Set columns of users, mailboxes, profiles or the organization.
    SetField {
        /// Table and column, in the words of rule files: `mailbox.incomingemailstatus`.
        field: String,
        /// The option's name, `true` or `false`, a number, an id or a text.
        value: String,
        /// Whose; empty for the organization's own.
        of: Vec<Holder>,
    },
}

/// Who or what a change is about, written `user:maria@contoso.com`, `team:Field Sales`, `bu:West`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Holder {
    /// A user, by UPN, e-mail address, id or full name.
    User(String),
    /// A team, by name or id.
    Team(String),
    /// Every enabled user of a business unit, by its name or id.
    BusinessUnit(String),
}

/// `role.isinherited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inheritance {
    /// 0, *Team privileges only*.
    TeamOnly,
    /// 1, *Direct User (Basic) access level and Team privileges*.
    DirectUser,
}

impl From<Holder> for String {
    fn from(holder: Holder) -> String {
        match holder {
            Holder::User(word) => format!("user:{word}"),
            Holder::Team(word) => format!("team:{word}"),
            Holder::BusinessUnit(word) => format!("bu:{word}"),
        }
    }
}

impl TryFrom<String> for Holder {
    type Error = String;

    fn try_from(text: String) -> Result<Holder, String> {
        let (kind, word) = text.split_once(':').unwrap_or((&text, ""));
        let word = word.trim().to_owned();
        match kind {
            _ if word.is_empty() => Err(format!(
                "`{text}` names nobody: write user:NAME, team:NAME or bu:NAME"
            )),
            "user" => Ok(Holder::User(word)),
            "team" => Ok(Holder::Team(word)),
            "bu" => Ok(Holder::BusinessUnit(word)),
            _ => Err(format!(
                "`{text}` names nobody: write user:NAME, team:NAME or bu:NAME"
            )),
        }
    }
}

/// How many holders the words of a change name one by one.
pub(super) const MOST_NAMED: usize = 3;

impl fmt::Display for Change {
    /// The change as something to do: `assign role "Sales" to user:maria@contoso.com`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::AssignRole { role, to } => write!(out, "assign role \"{role}\" to {}", some(to)),
            Change::RemoveRole { role, from } => {
                write!(out, "remove role \"{role}\" from {}", some(from))
            }
            Change::GrantPrivilege {
                privilege,
                depth,
                role,
            } => write!(out, "grant `{privilege}` at {} to role \"{role}\"", depth.word()),
            Change::RevokePrivilege { privilege, role } => {
                write!(out, "revoke `{privilege}` from role \"{role}\"")
            }
            Change::SetInheritance { role, inheritance } => write!(
                out,
                "set the member's privilege inheritance of role \"{role}\" to {}",
                inheritance.word()
            ),
            Change::BindRole { role, app } => write!(out, "share app `{app}` with role \"{role}\""),
            Change::UnbindRole { role, app } => {
                write!(out, "stop sharing app `{app}` with role \"{role}\"")
            }
            Change::SetField { field, value, of } => {
                match value.as_str() {
                    "" => write!(out, "empty `{field}`")?,
                    value => write!(out, "set `{field}` to \"{value}\"")?,
                }
                match of[..] {
                    [] => Ok(()),
                    _ => write!(out, " of {}", some(of)),
                }
            }
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&String::from(self.clone()))
    }
}

impl Inheritance {
    /// The word in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Inheritance::TeamOnly => "team-only",
            Inheritance::DirectUser => "direct-user",
        }
    }

    /// `role.isinherited`: 0 *Team privileges only*, 1 *Direct User (Basic) access level and Team
    /// privileges* (vendor's entity reference; `facts/dataverse.md` §1.6 of the design papers).
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Inheritance::TeamOnly => 0,
            Inheritance::DirectUser => 1,
        }
    }
}

fn some(holders: &[Holder]) -> String {
    let more = holders.len().saturating_sub(MOST_NAMED);
    let mut named: Vec<String> = holders.iter().take(MOST_NAMED).map(Holder::to_string).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    match named.pop() {
        Some(last) if named.is_empty() => last,
        Some(last) => format!("{} and {last}", named.join(", ")),
        None => "nobody".to_owned(),
    }
}
