//! Who is judged, and which records belong to whom: the user's mailbox, its profile, the
//! business unit.

use rustc_hash::FxHashMap;

use arrow_array::Array;

use crate::access::Proof;
use crate::rules::Subject;
use crate::snapshot::{Environment, Guid, Table};

/// Where to find a record that belongs to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In that row of its table.
    Row(u32),
    /// Nowhere, and that is proved.
    Nowhere,
    /// Not found, and that proves nothing.
    NotSeen,
}

/// The users of an environment with the rows that belong to them.
#[derive(Debug)]
pub(super) struct People<'a> {
    pub(super) environment: &'a Environment,
    pub(super) ids: &'a [Guid],
    mailboxes: Vec<Place>,
    profiles: Vec<Place>,
    business_units: Vec<Place>,
    organization: Place,
    /// Why a missing mailbox is not proved to be missing.
    pub(super) mailbox_gap: Option<String>,
}

impl<'a> People<'a> {
    pub(super) fn new(environment: &'a Environment) -> People<'a> {
        let users = environment.table("systemuser");
        let ids = users
            .and_then(|table| table.ids("systemuserid"))
            .unwrap_or_default();
        let mut proof = Proof::of(environment, &["mailbox"], &["prvReadMailbox"]);
        let default = users.and_then(|table| table.ids("defaultmailbox"));
        let regarding = environment
            .table("mailbox")
            .and_then(|table| table.ids("regardingobjectid"));
        for (column, seen) in [
            ("systemuser.defaultmailbox", default.is_some()),
            ("mailbox.regardingobjectid", regarding.is_some()),
        ] {
            if !seen {
                proof = proof.and(Proof::Partial(format!("`{column}` was not read")));
            }
        }
        let missing = if proof == Proof::Whole {
            Place::Nowhere
        } else {
            Place::NotSeen
        };
        let mailboxes = mailboxes(environment.table("mailbox"), ids, default, missing);
        let profiles = profiles(environment, &mailboxes);
        let business_units = rows_of(
            users.and_then(|table| table.ids("businessunitid")),
            environment
                .table("businessunit")
                .and_then(|table| table.ids("businessunitid")),
            ids.len(),
        );
        let organization = environment
            .table("organization")
            .is_some_and(|table| table.rows > 0);
        People {
            environment,
            ids,
            mailboxes,
            profiles,
            business_units,
            organization: if organization {
                Place::Row(0)
            } else {
                Place::NotSeen
            },
            mailbox_gap: proof.gap().map(str::to_owned),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Where the record of a user is.
    pub(super) fn place(&self, subject: Subject, user: usize) -> Place {
        match subject {
            Subject::User => Place::Row(user as u32),
            Subject::Mailbox => self.mailboxes[user],
            Subject::Profile => self.profiles[user],
            Subject::BusinessUnit => self.business_units[user],
            Subject::Organization => self.organization,
        }
    }

    /// Name of the user's business unit, if it was read.
    pub(super) fn business_unit(&self, user: usize) -> Option<&'a str> {
        let Place::Row(row) = self.business_units[user] else {
            return None;
        };
        let names = self.environment.table("businessunit")?.text("name")?;
        names.is_valid(row as usize).then(|| names.value(row as usize))
    }

    /// Text of the user's own row, empty when null or not collected.
    pub(super) fn text(&self, column: &str, user: usize) -> &'a str {
        let values = self
            .environment
            .table("systemuser")
            .and_then(|table| table.text(column));
        values
            .filter(|values| values.is_valid(user))
            .map_or("", |values| values.value(user))
    }
}

/// The mailbox named by `defaultmailbox`; if that is null or not there, the lowest-id mailbox
/// whose `regardingobjectid` is the user (rule catalogue).
fn mailboxes(table: Option<&Table>, users: &[Guid], default: Option<&[Guid]>, missing: Place) -> Vec<Place> {
    let ids = table.and_then(|table| table.ids("mailboxid")).unwrap_or_default();
    let by_id: FxHashMap<Guid, u32> = ids.iter().zip(0..).map(|(id, row)| (*id, row)).collect();
    let mut by_user: FxHashMap<Guid, u32> = FxHashMap::default();
    for (user, row) in table
        .and_then(|table| table.ids("regardingobjectid"))
        .unwrap_or_default()
        .iter()
        .zip(0..)
    {
        // Rows are in order of their ids, so the first one seen is the lowest.
        by_user.entry(*user).or_insert(row);
    }
    let find = |(row, user): (usize, &Guid)| {
        let named = default.and_then(|default| by_id.get(&default[row]));
        named
            .or_else(|| by_user.get(user))
            .map_or(missing, |row| Place::Row(*row))
    };
    users.iter().enumerate().map(find).collect()
}

/// The profile of each mailbox: none where the lookup is null; one that does not resolve is not
/// seen, whatever the tables prove.
fn profiles(environment: &Environment, mailboxes: &[Place]) -> Vec<Place> {
    let lookup = environment
        .table("mailbox")
        .and_then(|table| table.ids("emailserverprofile"));
    let ids = environment
        .table("emailserverprofile")
        .and_then(|table| table.ids("emailserverprofileid"));
    let by_id: FxHashMap<Guid, u32> = ids.unwrap_or_default().iter().copied().zip(0..).collect();
    let of = |mailbox: &Place| match (mailbox, lookup) {
        (Place::Row(row), Some(lookup)) => match lookup[*row as usize] {
            Guid::NULL => Place::Nowhere,
            id => by_id.get(&id).map_or(Place::NotSeen, |row| Place::Row(*row)),
        },
        (Place::Row(_), None) => Place::NotSeen,
        (other, _) => *other,
    };
    mailboxes.iter().map(of).collect()
}

fn rows_of(lookups: Option<&[Guid]>, ids: Option<&[Guid]>, len: usize) -> Vec<Place> {
    let by_id: FxHashMap<Guid, u32> = ids.unwrap_or_default().iter().copied().zip(0..).collect();
    match lookups {
        Some(lookups) => lookups
            .iter()
            .map(|id| by_id.get(id).map_or(Place::NotSeen, |row| Place::Row(*row)))
            .collect(),
        None => vec![Place::NotSeen; len],
    }
}

/// Why a user is not someone the app is for, if so (`design.md` §6, *Population*).
pub(super) fn out_of_scope(table: &Table, user: usize, include_disabled: bool) -> Option<&'static str> {
    let is_true = |column: &str| {
        table
            .booleans(column)
            .is_some_and(|values| values.is_valid(user) && values.value(user))
    };
    if table.ids("applicationid").is_some_and(|ids| !ids[user].is_null()) {
        return Some("application user: not a person");
    }
    if is_true("isintegrationuser") {
        return Some("integration user: not a person");
    }
    let mode = table
        .integers("accessmode")
        .filter(|values| values.is_valid(user));
    let by_mode = match mode.map(|values| values.value(user)) {
        None | Some(0..=2) => None,
        Some(3) => Some("access mode Support User: not a person who works here"),
        Some(4) => Some("access mode Non-interactive: cannot sign in to apps"),
        Some(5) => Some("access mode Delegated Admin: not a person who works here"),
        Some(_) => Some("access mode is not one that people have"),
    };
    if by_mode.is_some() {
        return by_mode;
    }
    (!include_disabled && is_true("isdisabled")).then_some("disabled")
}
