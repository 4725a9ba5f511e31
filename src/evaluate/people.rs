//! Who is judged, and which records belong to whom: the user's mailbox, its profile, the
//! business unit.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use arrow_array::{Array, BooleanArray, Int32Array, StringArray};
use rayon::prelude::*;

use crate::access::Proof;
use crate::rules::Subject;
use crate::snapshot::{Environment, Guid, Table};

use super::tri::{Planes, Tri};

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
    /// Whether a mailbox and a profile exist: nearly every rule asks.
    mailbox_exists: Planes,
    profile_exists: Planes,
    unit_names: Option<&'a StringArray>,
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
        let profiles = profiles(
            environment.table("mailbox"),
            environment.table("emailserverprofile"),
            &mailboxes,
        );
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
        let exists = |places: &[Place]| Planes::pack(places.len(), |user| places[user].exists());
        People {
            mailbox_exists: exists(&mailboxes),
            profile_exists: exists(&profiles),
            unit_names: environment
                .table("businessunit")
                .and_then(|table| table.text("name")),
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

    /// Whether the record exists, for every user.
    pub(super) fn exists(&self, subject: Subject) -> Cow<'_, Planes> {
        match subject {
            Subject::Mailbox => Cow::Borrowed(&self.mailbox_exists),
            Subject::Profile => Cow::Borrowed(&self.profile_exists),
            Subject::User | Subject::BusinessUnit | Subject::Organization => {
                Cow::Owned(Planes::pack(self.len(), |user| {
                    self.place(subject, user).exists()
                }))
            }
        }
    }

    /// Name of the user's business unit, if it was read.
    pub(super) fn business_unit(&self, user: usize) -> Option<&'a str> {
        let Place::Row(row) = self.business_units[user] else {
            return None;
        };
        let names = self.unit_names?;
        names.is_valid(row as usize).then(|| names.value(row as usize))
    }

    /// A text of the users' own rows.
    pub(super) fn texts(&self, column: &str) -> Texts<'a> {
        Texts::of_table(self.environment.table("systemuser"), column)
    }
}

impl Place {
    /// Whether there is a record.
    pub(super) fn exists(self) -> Tri {
        match self {
            Place::Row(_) => Tri::True,
            Place::Nowhere => Tri::False,
            Place::NotSeen => Tri::Unknown,
        }
    }
}

/// A column of text that may not have been collected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a>(Option<&'a StringArray>);

impl<'a> Texts<'a> {
    pub(super) fn of_table(table: Option<&'a Table>, column: &str) -> Texts<'a> {
        Texts(table.and_then(|table| table.text(column)))
    }

    /// The text of a row, empty when null or not collected.
    pub(super) fn of(self, row: usize) -> &'a str {
        self.0
            .filter(|values| values.is_valid(row))
            .map_or("", |values| values.value(row))
    }
}

/// The mailbox named by `defaultmailbox`; if that is null or not there, the lowest-id mailbox
/// whose `regardingobjectid` is the user (rule catalogue).
fn mailboxes(table: Option<&Table>, users: &[Guid], default: Option<&[Guid]>, missing: Place) -> Vec<Place> {
    let ids = table.and_then(|table| table.ids("mailboxid")).unwrap_or_default();
    let by_id: FxHashMap<Guid, u32> = ids.iter().zip(0..).map(|(id, row)| (*id, row)).collect();
    let named = |user| default.and_then(|default: &[Guid]| by_id.get(&default[user]));
    let mut places: Vec<Place> = (0..users.len())
        .into_par_iter()
        .map(|user| named(user).map_or(missing, |row| Place::Row(*row)))
        .collect();
    let regarding = table
        .and_then(|table| table.ids("regardingobjectid"))
        .unwrap_or_default();
    // Few users are left, so they are looked for, and not every mailbox's user. Users are sorted.
    let left: Vec<usize> = (0..users.len()).filter(|user| places[*user] == missing).collect();
    for (regarding, row) in regarding.iter().zip(0..) {
        // Rows are in order of their ids, so the first one seen is the lowest.
        if let Ok(found) = left.binary_search_by_key(regarding, |user| users[*user])
            && places[left[found]] == missing
        {
            places[left[found]] = Place::Row(row);
        }
    }
    places
}

/// The profile of each mailbox: none where the lookup is null; one that does not resolve is not
/// seen, whatever the tables prove.
fn profiles(mailbox: Option<&Table>, profile: Option<&Table>, mailboxes: &[Place]) -> Vec<Place> {
    let lookup = mailbox.and_then(|table| table.ids("emailserverprofile"));
    let ids = profile.and_then(|table| table.ids("emailserverprofileid"));
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

/// The row of every user's mailbox and of its email server profile, where there is one.
pub(crate) fn mailbox_rows(
    users: Option<&Table>,
    mailbox: Option<&Table>,
    profile: Option<&Table>,
) -> Vec<(Option<usize>, Option<usize>)> {
    let ids = users
        .and_then(|table| table.ids("systemuserid"))
        .unwrap_or_default();
    let default = users.and_then(|table| table.ids("defaultmailbox"));
    let mailboxes = mailboxes(mailbox, ids, default, Place::NotSeen);
    let profiles = profiles(mailbox, profile, &mailboxes);
    let row = |place: &Place| match place {
        Place::Row(row) => Some(*row as usize),
        Place::Nowhere | Place::NotSeen => None,
    };
    let both = mailboxes.iter().zip(&profiles);
    both.map(|(mailbox, profile)| (row(mailbox), row(profile)))
        .collect()
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

/// The columns that tell whether a user is someone the app is for (`design.md` §6, *Population*).
pub(super) struct Population<'a> {
    applications: Option<&'a [Guid]>,
    integration: Option<&'a BooleanArray>,
    modes: Option<&'a Int32Array>,
    disabled: Option<&'a BooleanArray>,
}

impl<'a> Population<'a> {
    /// Reads the columns; without that of disabled users they are in scope.
    pub(super) fn new(environment: &'a Environment, include_disabled: bool) -> Population<'a> {
        let table = environment.table("systemuser");
        let flag = |column| table.and_then(|table| table.booleans(column));
        Population {
            applications: table.and_then(|table| table.ids("applicationid")),
            integration: flag("isintegrationuser"),
            modes: table.and_then(|table| table.integers("accessmode")),
            disabled: flag("isdisabled").filter(|_| !include_disabled),
        }
    }

    /// Why a user is out of scope, if so.
    pub(super) fn reason(&self, user: usize) -> Option<&'static str> {
        let is_true = |values: Option<&BooleanArray>| {
            values.is_some_and(|values| values.is_valid(user) && values.value(user))
        };
        if self.applications.is_some_and(|ids| !ids[user].is_null()) {
            return Some("application user: not a person");
        }
        if is_true(self.integration) {
            return Some("integration user: not a person");
        }
        let mode = self.modes.filter(|values| values.is_valid(user));
        let by_mode = match mode.map(|values| values.value(user)) {
            None | Some(0..=2) => None,
            Some(3) => Some("access mode Support User: not a person who works here"),
            Some(4) => Some("access mode Non-interactive: cannot sign in to apps"),
            Some(5) => Some("access mode Delegated Admin: not a person who works here"),
            Some(_) => Some("access mode is not one that people have"),
        };
        by_mode.or_else(|| is_true(self.disabled).then_some("disabled"))
    }
}
