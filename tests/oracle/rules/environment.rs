//! One environment, with the lookups that its rules share.

use std::collections::BTreeMap;

use super::super::Tri;
use super::super::access::{Access, BASIC, Existence};
use super::super::tables::{HashMap, Row, Snapshot, Value, text};
use super::facts::same_form;
use super::{FEATURE_PRIVILEGES, Mailbox, PRIVILEGES};

/// One environment, with the lookups that its rules share.
pub struct Environment<'a> {
    pub snapshot: &'a Snapshot,
    pub access: Access<'a>,
    /// Whether each privilege exists here, by name.
    pub privileges: BTreeMap<&'static str, Existence<'a>>,
    /// The same of the privileges of features.
    pub(super) of_features: BTreeMap<&'static str, Existence<'a>>,
    pub(super) app_modules: Vec<&'a str>,
    mailboxes: HashMap<&'a str, &'a Row>,
    mailboxes_of_user: HashMap<&'a str, Vec<&'a str>>,
    pub(super) mailboxes_by_address: HashMap<String, Vec<&'a Row>>,
    pub(super) profiles: HashMap<&'a str, &'a Row>,
}

impl<'a> Environment<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Environment<'a> {
        let access = Access::new(snapshot);
        let mut mailboxes = HashMap::default();
        let mut mailboxes_of_user: HashMap<&str, Vec<&str>> = HashMap::default();
        let mut mailboxes_by_address: HashMap<String, Vec<&Row>> = HashMap::default();
        for row in snapshot.rows("mailbox") {
            let Some(id) = text(row, "mailboxid") else {
                continue;
            };
            mailboxes.insert(id, row);
            if let Some(regarding) = text(row, "regardingobjectid") {
                mailboxes_of_user.entry(regarding).or_default().push(id);
            }
            if let Some(address) = text(row, "emailaddress") {
                mailboxes_by_address
                    .entry(same_form(address))
                    .or_default()
                    .push(row);
            }
        }
        Environment {
            privileges: PRIVILEGES
                .iter()
                .map(|(name, least, _)| (*name, access.existence(name, *least)))
                .collect(),
            of_features: FEATURE_PRIVILEGES
                .iter()
                .map(|name| (*name, access.existence(name, BASIC)))
                .collect(),
            access,
            app_modules: snapshot
                .rows("appmodule")
                .iter()
                .filter(|row| {
                    text(row, "uniquename")
                        .is_some_and(|name| name.eq_ignore_ascii_case("AppforOutlookModule"))
                })
                .filter_map(|row| text(row, "appmoduleid"))
                .collect(),
            mailboxes,
            mailboxes_of_user,
            mailboxes_by_address,
            profiles: snapshot
                .rows("emailserverprofile")
                .iter()
                .filter_map(|row| Some((text(row, "emailserverprofileid")?, row)))
                .collect(),
            snapshot,
        }
    }

    /// The user's mailbox: the one that `defaultmailbox` names; if that is null or not there, the
    /// lowest-id mailbox whose `regardingobject` is the user.
    pub fn mailbox(&self, user: &Row) -> Mailbox<'a> {
        let id = text(user, "systemuserid").unwrap_or_default();
        if let Some(mailbox) = text(user, "defaultmailbox").and_then(|mailbox| self.mailboxes.get(mailbox)) {
            return Mailbox::Found(mailbox);
        }
        if let Some(lowest) = self
            .mailboxes_of_user
            .get(id)
            .and_then(|mailboxes| mailboxes.iter().min())
        {
            return Mailbox::Found(self.mailboxes[lowest]);
        }
        // Reading: without either of the two columns that it is looked for by, nothing is proved.
        let looked_everywhere = self.snapshot.has_column("mailbox", "regardingobjectid")
            && self.snapshot.has_column("systemuser", "defaultmailbox");
        if self.mailboxes_whole() && looked_everywhere {
            Mailbox::ProvedNone
        } else {
            Mailbox::NotProved
        }
    }

    pub(super) fn mailboxes_whole(&self) -> bool {
        self.snapshot.complete("mailbox") && self.snapshot.proven_global("prvReadMailbox")
    }

    /// A column of the one row of `organization`.
    pub(super) fn organization(&self, column: &str) -> Option<&'a Value> {
        self.snapshot
            .rows("organization")
            .first()
            .and_then(|row| row.get(column))
    }

    pub(super) fn app_module_exists(&self) -> Tri {
        let proved = self.snapshot.complete("appmodule")
            && self.snapshot.has_column("appmodule", "uniquename")
            && self.snapshot.proven_global("prvReadAppModule");
        if !self.app_modules.is_empty() {
            Tri::True
        } else if proved {
            Tri::False
        } else {
            Tri::Unknown
        }
    }
}
