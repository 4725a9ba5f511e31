//! What a user's rules read: devices, mailbox, profile, and the mailboxes of other environments.

use super::super::Tri;
use super::super::tables::{Row, Value, text};
use super::facts::{is_empty, is_one_of, is_true, same_form};
use super::{Device, Mailbox, Profile, Subject};

impl<'a> Subject<'a> {
    /// Whether all of the user's devices are like that; unknown without any.
    pub(super) fn every_device(&self, is_so: impl Fn(&Device) -> Tri) -> Tri {
        let names = ["domainname", "internalemailaddress"]
            .map(|column| text(self.user, column).map(same_form).unwrap_or_default());
        let all = self.given.devices.iter().flatten();
        let own: Vec<&Device> = all
            .filter(|device| names.contains(&same_form(&device.user)))
            .collect();
        if own.is_empty() {
            return Tri::Unknown;
        }
        own.into_iter()
            .fold(Tri::True, |every, device| every.and(is_so(device)))
    }

    pub(super) fn user_id(&self) -> &'a str {
        text(self.user, "systemuserid").unwrap_or_default()
    }

    pub(super) fn mailbox(&self) -> Mailbox<'a> {
        self.environment.mailbox(self.user)
    }

    pub(super) fn mailbox_found(&self) -> Tri {
        match self.mailbox() {
            Mailbox::Found(_) => Tri::True,
            Mailbox::ProvedNone => Tri::False,
            Mailbox::NotProved => Tri::Unknown,
        }
    }

    pub(super) fn mailbox_fact(&self, column: &str) -> Option<&'a Value> {
        match self.mailbox() {
            Mailbox::Found(mailbox) => mailbox.get(column),
            _ => None,
        }
    }

    pub(super) fn profile(&self) -> Profile<'a> {
        match self.mailbox() {
            Mailbox::ProvedNone => Profile::None,
            Mailbox::NotProved => Profile::Unknown,
            Mailbox::Found(mailbox) => match mailbox.get("emailserverprofile") {
                Some(Value::Null) => Profile::None,
                Some(Value::Text(id)) => self
                    .environment
                    .profiles
                    .get(id.as_str())
                    .map_or(Profile::Unknown, |row| Profile::Found(row)),
                _ => Profile::Unknown,
            },
        }
    }

    pub(super) fn profile_fact(&self, column: &str) -> Option<&'a Value> {
        match self.profile() {
            Profile::Found(profile) => profile.get(column),
            _ => None,
        }
    }

    /// Whether there is a profile of one of these types. No profile at all is none of them.
    pub(super) fn profile_server_type(&self, types: &[i64]) -> Tri {
        match self.profile() {
            Profile::Found(profile) => is_one_of(profile.get("servertype"), types),
            Profile::None => Tri::False,
            Profile::Unknown => Tri::Unknown,
        }
    }

    pub(super) fn approval_required(&self) -> Tri {
        is_true(self.environment.organization("requireapprovalforuseremail"))
    }

    /// Reading: a null address is an empty one; one of blanks only is too, since addresses are compared
    /// trimmed.
    pub(super) fn address_not_empty(&self) -> Tri {
        is_empty(self.mailbox_fact("emailaddress")).not()
    }

    /// Either address empty or null fails, whatever is known of the other.
    pub(super) fn addresses_match(&self) -> Tri {
        let user = self.user.get("internalemailaddress");
        let mailbox = self.mailbox_fact("emailaddress");
        if is_empty(user) == Tri::True || is_empty(mailbox) == Tri::True {
            return Tri::False;
        }
        match (user, mailbox) {
            (Some(Value::Text(user)), Some(Value::Text(mailbox))) => {
                Tri::of(same_form(user) == same_form(mailbox))
            }
            _ => Tri::Unknown,
        }
    }

    /// That no mailbox with this address in another environment clashes.
    pub(super) fn no_other_mailbox(&self, clashes: impl Fn(&Row) -> Tri) -> Tri {
        let Some(Value::Text(address)) = self.mailbox_fact("emailaddress") else {
            return Tri::Unknown;
        };
        let mut clash = Tri::False;
        for other in &self.others {
            for mailbox in other
                .mailboxes_by_address
                .get(&same_form(address))
                .into_iter()
                .flatten()
            {
                clash = clash.or(clashes(mailbox));
            }
            if !other.mailboxes_whole() || !other.snapshot.has_column("mailbox", "emailaddress") {
                clash = clash.or(Tri::Unknown);
            }
        }
        clash.not()
    }
}
