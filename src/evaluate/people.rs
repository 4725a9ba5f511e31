//! Who is judged, and which records belong to whom: the user's mailbox, its profile, the
//! business unit.

use std::borrow::Cow;

use arrow_array::{Array, BooleanArray, Int32Array, StringArray};
use rayon::prelude::*;

use crate::access::Proof;
use crate::rules::Subject;
use crate::snapshot::{Environment, Guid, Table};

use super::by_id::ById;
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

/// A [`Place`] in four bytes: every user has three, and every rule reads one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept(u32);

impl Kept {
    const NOWHERE: Kept = Kept(u32::MAX - 1);
    const NOT_SEEN: Kept = Kept(u32::MAX);

    /// In that row. One that cannot be written down here, of billions, is not seen.
    fn at(row: u32) -> Kept {
        if row < Self::NOWHERE.0 {
            Kept(row)
        } else {
            Self::NOT_SEEN
        }
    }

    /// The row, if there is one.
    pub(super) fn row(self) -> Option<usize> {
        (self.0 < Self::NOWHERE.0).then_some(self.0 as usize)
    }

    fn place(self) -> Place {
        match self {
            Kept::NOWHERE => Place::Nowhere,
            Kept::NOT_SEEN => Place::NotSeen,
            Kept(row) => Place::Row(row),
        }
    }
}

/// The users of an environment with the rows that belong to them.
#[derive(Debug)]
pub(super) struct People<'a> {
    pub(super) environment: &'a Environment,
    pub(super) ids: &'a [Guid],
    mailboxes: Vec<Kept>,
    profiles: Vec<Kept>,
    business_units: Vec<Kept>,
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
            Kept::NOWHERE
        } else {
            Kept::NOT_SEEN
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
        let exists = |places: &[Kept]| Planes::pack(places.len(), |user| places[user].place().exists());
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
            Subject::Mailbox => self.mailboxes[user].place(),
            Subject::Profile => self.profiles[user].place(),
            Subject::BusinessUnit => self.business_units[user].place(),
            Subject::Organization => self.organization,
        }
    }

    /// Where the record of every user is; none for users themselves and what they all share.
    pub(super) fn places(&self, subject: Subject) -> Option<&[Kept]> {
        match subject {
            Subject::Mailbox => Some(&self.mailboxes),
            Subject::Profile => Some(&self.profiles),
            Subject::BusinessUnit => Some(&self.business_units),
            Subject::User | Subject::Organization => None,
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
        let row = self.business_units[user].row()?;
        let names = self.unit_names?;
        names.is_valid(row).then(|| names.value(row))
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
fn mailboxes(table: Option<&Table>, users: &[Guid], default: Option<&[Guid]>, missing: Kept) -> Vec<Kept> {
    let mut places = rows_of(
        default,
        table.and_then(|table| table.ids("mailboxid")),
        users.len(),
    );
    let mut left = Vec::new();
    for (place, user) in places.iter_mut().zip(0..) {
        if *place == Kept::NOT_SEEN {
            *place = missing;
            left.push(user);
        }
    }
    // Few users are left, so they are looked for, and not every mailbox's user.
    let ids: Vec<Guid> = left.iter().map(|user: &usize| users[*user]).collect();
    let ids = ById::new(&ids);
    let regarding = table
        .and_then(|table| table.ids("regardingobjectid"))
        .unwrap_or_default();
    let found: Vec<(u32, u32)> = (0..regarding.len() as u32)
        .into_par_iter()
        .filter_map(|row| ids.row(regarding[row as usize]).map(|found| (found, row)))
        .collect();
    // Rows are in order of their ids, so the first one found is the lowest.
    for (found, row) in found.into_iter().rev() {
        places[left[found as usize]] = Kept::at(row);
    }
    places
}

/// The profile of each mailbox: none where the lookup is null; one that does not resolve is not
/// seen, whatever the tables prove.
fn profiles(mailbox: Option<&Table>, profile: Option<&Table>, mailboxes: &[Kept]) -> Vec<Kept> {
    let lookup = mailbox.and_then(|table| table.ids("emailserverprofile"));
    let ids = profile.and_then(|table| table.ids("emailserverprofileid"));
    let ids = ById::new(ids.unwrap_or_default());
    let of = |mailbox: &Kept| match (mailbox.row(), lookup) {
        (Some(row), Some(lookup)) => match lookup[row] {
            Guid::NULL => Kept::NOWHERE,
            id => ids.row(id).map_or(Kept::NOT_SEEN, Kept::at),
        },
        (Some(_), None) => Kept::NOT_SEEN,
        (None, _) => *mailbox,
    };
    mailboxes.par_iter().map(of).collect()
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
    let mailboxes = mailboxes(mailbox, ids, default, Kept::NOT_SEEN);
    let profiles = profiles(mailbox, profile, &mailboxes);
    let both = mailboxes.iter().zip(&profiles);
    both.map(|(mailbox, profile)| (mailbox.row(), profile.row()))
        .collect()
}

/// The rows that each of `len` lookups leads to.
fn rows_of(lookups: Option<&[Guid]>, ids: Option<&[Guid]>, len: usize) -> Vec<Kept> {
    let Some(lookups) = lookups else {
        return vec![Kept::NOT_SEEN; len];
    };
    let ids = ById::new(ids.unwrap_or_default());
    let of = |id: &Guid| ids.row(*id).map_or(Kept::NOT_SEEN, Kept::at);
    lookups.par_iter().map(of).collect()
}

/// Why the app is not for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfScope {
    Application,
    Integration,
    Support,
    NonInteractive,
    DelegatedAdmin,
    OtherMode,
    Disabled,
}

impl OutOfScope {
    pub(super) fn words(self) -> &'static str {
        match self {
            OutOfScope::Application => "application user: not a person",
            OutOfScope::Integration => "integration user: not a person",
            OutOfScope::Support => "access mode Support User: not a person who works here",
            OutOfScope::NonInteractive => "access mode Non-interactive: cannot sign in to apps",
            OutOfScope::DelegatedAdmin => "access mode Delegated Admin: not a person who works here",
            OutOfScope::OtherMode => "access mode is not one that people have",
            OutOfScope::Disabled => "disabled",
        }
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
    pub(super) fn reason(&self, user: usize) -> Option<OutOfScope> {
        let is_true = |values: Option<&BooleanArray>| {
            values.is_some_and(|values| values.is_valid(user) && values.value(user))
        };
        if self.applications.is_some_and(|ids| !ids[user].is_null()) {
            return Some(OutOfScope::Application);
        }
        if is_true(self.integration) {
            return Some(OutOfScope::Integration);
        }
        let mode = self.modes.filter(|values| values.is_valid(user));
        let by_mode = match mode.map(|values| values.value(user)) {
            None | Some(0..=2) => None,
            Some(3) => Some(OutOfScope::Support),
            Some(4) => Some(OutOfScope::NonInteractive),
            Some(5) => Some(OutOfScope::DelegatedAdmin),
            Some(_) => Some(OutOfScope::OtherMode),
        };
        by_mode.or_else(|| is_true(self.disabled).then_some(OutOfScope::Disabled))
    }
}
