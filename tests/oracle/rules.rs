//! Every rule of the catalogue, spelled out by hand. One match arm per rule id.

use std::collections::{BTreeMap, HashMap};

use super::access::{Access, BASIC, Depth, Existence, GLOBAL};
use super::tables::{Row, Snapshot, Value, text};
use super::{Outcome, Tri};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Blocks,
    Limits,
    Advises,
}
use Severity::{Advises, Blocks, Limits};

/// The rules about an environment.
pub const ENVIRONMENT_RULES: [(&str, Severity); 6] = [
    // deployment-guide
    ("server-side-sync-processes-email", Blocks),
    ("environment-build-ships-app-role", Advises),
    ("app-role-exists", Advises),
    ("internet-facing-deployment", Blocks),
    // support-articles
    ("app-module-exists", Blocks),
    ("region-supported", Blocks),
];

/// The rules about a user, without the privileges.
pub const USER_RULES: [(&str, Severity); 39] = [
    // deployment-guide
    ("exchange-oauth-enabled", Blocks),
    ("exchange-oauth-provider-registered", Blocks),
    ("mailbox-exists", Blocks),
    ("mailbox-belongs-to-user", Blocks),
    ("mailbox-not-forward", Blocks),
    ("mailbox-active", Blocks),
    ("mailbox-has-server-profile", Blocks),
    ("mailbox-profile-is-exchange", Blocks),
    ("mailbox-address-approved", Blocks),
    ("mailbox-address-approved-by-administrator", Blocks),
    ("incoming-email-by-server-side-sync", Blocks),
    ("outgoing-email-by-server-side-sync", Limits),
    ("appointments-by-server-side-sync", Limits),
    ("incoming-email-test-passed", Blocks),
    ("outgoing-email-test-passed", Limits),
    ("appointments-test-passed", Limits),
    ("incoming-email-enabled", Blocks),
    ("appointments-enabled", Limits),
    ("app-role-held-directly", Advises),
    ("app-added-to-outlook", Advises),
    ("app-deployment-healthy", Limits),
    ("mailbox-synchronizes-one-environment", Blocks),
    ("app-added-from-one-environment", Advises),
    ("mailbox-primary-environment", Advises),
    ("exchange-same-tenant", Blocks),
    ("client-system-requirements", Limits),
    ("internet-explorer-11", Advises),
    // support-articles
    ("user-enabled", Blocks),
    ("user-access-mode-read-write", Blocks),
    ("user-has-a-role", Blocks),
    ("user-licensed", Advises),
    ("primary-email-matches-mailbox", Limits),
    ("app-module-shared-with-role", Blocks),
    ("exchange-online-profile-server-to-server", Limits),
    // platform-changes
    ("exchange-web-services-retirement", Advises),
    ("legacy-outlook-client-delivery", Advises),
    ("outlook-2016-or-later", Advises),
    // self-check
    ("access-model-disagrees", Advises),
    ("group-team-membership-unseen", Advises),
];

/// The privileges, each a rule of its own name: least depth and severity.
pub const PRIVILEGES: [(&str, Depth, Severity); 41] = [
    // deployment-guide: the 24 of the vendor's table
    ("prvReadEmailServerProfile", BASIC, Blocks),
    ("prvWriteMailbox", BASIC, Blocks),
    ("prvReadMailbox", BASIC, Blocks),
    ("prvReadOrganization", GLOBAL, Blocks),
    ("prvSyncToOutlook", GLOBAL, Blocks),
    ("prvReadActionCard", BASIC, Blocks),
    ("prvDeleteActivity", BASIC, Blocks),
    ("prvAppendActivity", BASIC, Blocks),
    ("prvWriteActivity", BASIC, Blocks),
    ("prvCreateActivity", BASIC, Blocks),
    ("prvReadActivity", BASIC, Blocks),
    ("prvAppendToActivity", BASIC, Blocks),
    ("prvReadConnection", BASIC, Blocks),
    ("prvAssignContact", BASIC, Blocks),
    ("prvReadContact", BASIC, Blocks),
    ("prvWriteContact", BASIC, Blocks),
    ("prvCreateContact", BASIC, Blocks),
    ("prvDeleteContact", BASIC, Blocks),
    ("prvReadUserQuery", BASIC, Blocks),
    ("prvReadQueue", BASIC, Blocks),
    ("prvReadQuery", GLOBAL, Blocks),
    ("prvReadIncident", BASIC, Blocks),
    ("prvSearchAvailability", GLOBAL, Blocks),
    ("prvOverrideCreatedOnCreatedBy", GLOBAL, Blocks),
    // support-articles
    ("prvUseOfficeApps", GLOBAL, Blocks),
    ("prvReadRole", BASIC, Limits),
    ("prvReadUser", BASIC, Limits),
    ("prvReadAccount", BASIC, Limits),
    ("prvAppendToAccount", BASIC, Limits),
    ("prvShareActivity", BASIC, Limits),
    ("prvAppendToContact", BASIC, Limits),
    ("prvReadUserApplicationMetadata", BASIC, Limits),
    ("prvReadAppModule", GLOBAL, Limits),
    ("prvReadAttribute", GLOBAL, Limits),
    ("prvReadEntity", GLOBAL, Limits),
    ("prvReadRelationship", GLOBAL, Limits),
    ("prvReadSystemApplicationMetadata", GLOBAL, Limits),
    ("prvReadSystemForm", GLOBAL, Limits),
    ("prvReadWebResource", GLOBAL, Limits),
    ("prvReadOpportunity", BASIC, Limits),
    ("prvReadCompetitor", GLOBAL, Limits),
];

/// Signed-off statements: what they say and the last day that they say it, as `YYYY-MM-DD`.
pub type Attestations = BTreeMap<String, (bool, String)>;

/// A row of a device inventory; what it does not tell is none.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Sign-in name or e-mail address.
    pub user: String,
    pub os: Option<&'static str>,
    pub os_version: Option<[u64; 4]>,
    pub outlook: Option<[u64; 4]>,
    /// `MSI` or `Click-to-Run`.
    pub channel: Option<&'static str>,
    pub browser: Option<&'static str>,
    pub browser_version: Option<[u64; 4]>,
    pub internet_explorer: Option<[u64; 4]>,
}

impl Device {
    fn is(told: Option<&str>, name: &str) -> Tri {
        told.map_or(Tri::Unknown, |told| Tri::of(told == name))
    }

    fn at_least(told: Option<[u64; 4]>, least: [u64; 4]) -> Tri {
        told.map_or(Tri::Unknown, |told| Tri::of(told >= least))
    }

    fn runs(&self, os: &str) -> Tri {
        Device::is(self.os, os)
    }

    /// Facts §5.1: the page on system requirements of 2021-04-20.
    ///
    /// Reading: an Outlook that is there has to be good enough; the browser counts where none is told of.
    fn meets_requirements(&self) -> Tri {
        let msi = Device::is(self.channel, "MSI");
        let outlook = |least| Device::at_least(self.outlook, least);
        let outlook_2013 = msi
            .and(outlook([15, 0, 5023, 1000]))
            .and(outlook([16, 0, 0, 0]).not());
        let good_outlook = outlook([16, 0, 9330, 2073])
            .or(msi.and(outlook([16, 0, 4266, 1001])))
            .or(outlook_2013);
        let no_outlook = Tri::of(self.outlook.is_none());
        let browser = |name| Device::is(self.browser, name);
        let internet_explorer =
            browser("Internet Explorer").and(Device::at_least(self.browser_version, [11, 0, 0, 0]));
        let good_browser = browser("Edge")
            .or(browser("Chrome"))
            .or(browser("Firefox"))
            .or(internet_explorer);
        let windows = self
            .runs("Windows")
            .and(Device::at_least(self.os_version, [6, 3, 0, 0]));
        let safari = browser("Safari").and(Device::at_least(self.browser_version, [9, 0, 0, 0]));
        let some_outlook = outlook([0; 4]);
        windows
            .and(good_outlook.or(no_outlook.and(good_browser)))
            .or(self.runs("macOS").and(some_outlook.or(no_outlook.and(safari))))
            .or(self
                .runs("iOS")
                .and(Device::at_least(self.os_version, [8, 0, 0, 0])))
            .or(self
                .runs("Android")
                .and(Device::at_least(self.os_version, [4, 4, 0, 0])))
    }
}

/// What does not come from a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub attestations: Attestations,
    /// The device inventory, if one is given.
    pub devices: Option<Vec<Device>>,
    /// Whether superseded rules apply.
    pub superseded: bool,
    /// Today in UTC, as `YYYY-MM-DD`.
    pub today: String,
    /// Rules that the program does not run (yet, or because `--pack` leaves them out).
    pub left_out: Vec<&'static str>,
}

impl Given {
    /// Absent or expired is unknown, `holds = false` is false; the last day itself still counts.
    fn attested(&self, id: &str) -> Tri {
        match self.attestations.get(id) {
            Some((holds, until)) if *self.today <= **until => Tri::of(*holds),
            _ => Tri::Unknown,
        }
    }
}

/// One environment, with the lookups that its rules share.
pub struct Environment<'a> {
    pub snapshot: &'a Snapshot,
    pub access: Access<'a>,
    /// Whether each privilege exists here, by name.
    pub privileges: BTreeMap<&'static str, Existence<'a>>,
    app_modules: Vec<&'a str>,
    mailboxes: HashMap<&'a str, &'a Row>,
    mailboxes_of_user: HashMap<&'a str, Vec<&'a str>>,
    mailboxes_by_address: HashMap<String, Vec<&'a Row>>,
    profiles: HashMap<&'a str, &'a Row>,
}

impl<'a> Environment<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Environment<'a> {
        let access = Access::new(snapshot);
        let mut mailboxes = HashMap::new();
        let mut mailboxes_of_user: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut mailboxes_by_address: HashMap<String, Vec<&Row>> = HashMap::new();
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

    fn mailboxes_whole(&self) -> bool {
        self.snapshot.complete("mailbox") && self.snapshot.proven_global("prvReadMailbox")
    }

    /// A column of the one row of `organization`.
    fn organization(&self, column: &str) -> Option<&'a Value> {
        self.snapshot
            .rows("organization")
            .first()
            .and_then(|row| row.get(column))
    }

    fn app_module_exists(&self) -> Tri {
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

    /// The outcome of a rule about the environment.
    pub fn rule(&self, id: &str, given: &Given) -> Outcome {
        if given.left_out.contains(&id) {
            return Outcome::NotApplicable;
        }
        let online = Tri::of(self.snapshot.online);
        let (condition, check) = match id {
            "server-side-sync-processes-email" => {
                (Tri::True, is(self.organization("emailconnectionchannel"), 0))
            }
            "environment-build-ships-app-role" => (
                Tri::True,
                build_at_least(self.snapshot.build.as_deref(), &[9, 1, 0, 4206]),
            ),
            "app-role-exists" => (Tri::True, self.access.app_role_exists()),
            "internet-facing-deployment" => (online.not(), given.attested("internet-facing-deployment")),
            "app-module-exists" => (online, self.app_module_exists()),
            // No region passes.
            "region-supported" => (online, Tri::of(self.snapshot.region.as_deref() != Some("dod"))),
            _ => panic!("no environment rule `{id}`"),
        };
        Outcome::decide(condition, check)
    }
}

/// What is known of the user's mailbox.
#[derive(Clone, Copy, Debug)]
pub enum Mailbox<'a> {
    Found(&'a Row),
    ProvedNone,
    NotProved,
}

/// What is known of that mailbox's email server profile.
#[derive(Clone, Copy, Debug)]
enum Profile<'a> {
    Found(&'a Row),
    /// The mailbox has none, or there is provably no mailbox.
    None,
    /// Not collected, or an id that resolves to no profile.
    Unknown,
}

/// One user, before the rules.
pub struct Subject<'a> {
    pub environment: &'a Environment<'a>,
    /// The other environments of the audit.
    pub others: Vec<&'a Environment<'a>>,
    pub user: &'a Row,
    pub given: &'a Given,
}

impl<'a> Subject<'a> {
    /// The outcome of a rule about this user.
    pub fn rule(&self, id: &str) -> Outcome {
        if self.given.left_out.contains(&id) {
            return Outcome::NotApplicable;
        }
        let (condition, check) = match PRIVILEGES.iter().find(|(name, ..)| *name == id) {
            Some((name, ..)) => {
                self.environment
                    .access
                    .privilege(self.user_id(), name, &self.environment.privileges[name])
            }
            None => self.condition_and_check(id),
        };
        Outcome::decide(condition, check)
    }

    /// When a rule applies, and whether it holds.
    ///
    /// Reading: *a rule about the mailbox is not applicable if the user provably has none, and unknown
    /// if that is not proved* follows from three-valued logic over `mailbox found`, and gives way to
    /// it: where another part of the condition is known to be false (approval not required, one
    /// environment only, not on-premises) the rule is not applicable even if the mailbox is not
    /// known, and an attestation that holds passes even then.
    fn condition_and_check(&self, id: &str) -> (Tri, Tri) {
        let access = &self.environment.access;
        let online = Tri::of(self.environment.snapshot.online);
        let found = self.mailbox_found();
        let incoming = self.mailbox_fact("incomingemaildeliverymethod");
        let outgoing = self.mailbox_fact("outgoingemaildeliverymethod");
        let act = self.mailbox_fact("actdeliverymethod");
        let incoming_status = self.mailbox_fact("incomingemailstatus");
        let act_status = self.mailbox_fact("actstatus");
        let deployment_status = self.mailbox_fact("officeappsdeploymentstatus");

        match id {
            // ---- deployment-guide
            "exchange-oauth-enabled" => (
                self.profile_server_type(&[0, 2]),
                self.given.attested("exchange-oauth-enabled"),
            ),
            "exchange-oauth-provider-registered" => (
                online.not().and(self.profile_server_type(&[0, 2])),
                self.given.attested("exchange-oauth-provider-registered"),
            ),
            "mailbox-exists" => (Tri::True, found),
            "mailbox-belongs-to-user" => (
                found,
                match self.mailbox_fact("regardingobjectid") {
                    Some(Value::Text(regarding)) => Tri::of(regarding == self.user_id()),
                    _ => Tri::Unknown,
                },
            ),
            "mailbox-not-forward" => (found, is_not(self.mailbox_fact("isforwardmailbox"), true)),
            "mailbox-active" => (found, is(self.mailbox_fact("statecode"), 0)),
            "mailbox-has-server-profile" => (found, is_set(self.mailbox_fact("emailserverprofile"))),
            "mailbox-profile-is-exchange" => (
                found.and(is_set(self.mailbox_fact("emailserverprofile"))),
                self.profile_server_type(&[0, 2, 3]),
            ),
            "mailbox-address-approved" => (
                found.and(self.approval_required()),
                is(self.mailbox_fact("emailrouteraccessapproval"), 1),
            ),
            "mailbox-address-approved-by-administrator" => (
                found
                    .and(self.approval_required())
                    .and(online)
                    .and(self.profile_server_type(&[3])),
                is_true(self.mailbox_fact("isemailaddressapprovedbyo365admin")),
            ),
            "incoming-email-by-server-side-sync" => (found, is(incoming, 2)),
            "outgoing-email-by-server-side-sync" => (found, is(outgoing, 2)),
            "appointments-by-server-side-sync" => (found, is(act, 1)),
            "incoming-email-test-passed" => (found.and(is(incoming, 2)), is(incoming_status, 1)),
            "outgoing-email-test-passed" => (
                found.and(is(outgoing, 2)),
                is(self.mailbox_fact("outgoingemailstatus"), 1),
            ),
            "appointments-test-passed" => (found.and(is(act, 1)), is(act_status, 1)),
            "incoming-email-enabled" => (
                found.and(is(incoming, 2)).and(is(incoming_status, 1)),
                is_true(self.mailbox_fact("enabledforincomingemail")),
            ),
            "appointments-enabled" => (
                found.and(is(act, 1)).and(is(act_status, 1)),
                is_true(self.mailbox_fact("enabledforact")),
            ),
            "app-role-held-directly" => access.app_role_held(self.user_id()),
            "app-added-to-outlook" => (found, is(deployment_status, 1)),
            "app-deployment-healthy" => (found, is_one_of(deployment_status, &[0, 1])),
            "mailbox-synchronizes-one-environment" => (
                Tri::of(!self.others.is_empty())
                    .and(found)
                    .and(is(incoming, 2).or(is(act, 1)))
                    .and(self.address_not_empty()),
                self.no_other_mailbox(|mailbox| {
                    let incoming = is(mailbox.get("incomingemaildeliverymethod"), 2);
                    let act = is(mailbox.get("actdeliverymethod"), 1);
                    is(mailbox.get("statecode"), 0).and(incoming.or(act))
                }),
            ),
            "app-added-from-one-environment" => (
                Tri::of(!self.others.is_empty())
                    .and(found)
                    .and(is(deployment_status, 1))
                    .and(self.address_not_empty()),
                // Reading: what is not proven whole is unknown here too; the mailbox need not be active.
                self.no_other_mailbox(|mailbox| is(mailbox.get("officeappsdeploymentstatus"), 1)),
            ),
            "mailbox-primary-environment" => (
                found.and(is(act, 1)),
                is_true(self.mailbox_fact("orgmarkedasprimaryforexchangesync")),
            ),
            "exchange-same-tenant" => (
                self.profile_server_type(&[3]),
                is_not(self.profile_fact("usedefaulttenantid"), false),
            ),

            "client-system-requirements" => (
                Tri::of(self.given.devices.is_some()),
                self.every_device(Device::meets_requirements),
            ),
            "internet-explorer-11" if !self.given.superseded => (Tri::False, Tri::Unknown),
            "internet-explorer-11" => (
                Tri::of(self.given.devices.is_some())
                    .and(self.every_device(|device| device.runs("Windows").not()).not()),
                self.every_device(|device| {
                    let present = Device::at_least(device.internet_explorer, [11, 0, 0, 0]);
                    device.runs("Windows").not().or(present)
                }),
            ),

            // ---- support-articles
            "user-enabled" => (Tri::True, is_true(self.user.get("isdisabled")).not()),
            "user-access-mode-read-write" => (Tri::True, is(self.user.get("accessmode"), 0)),
            "user-has-a-role" => (Tri::True, access.has_role(self.user_id())),
            "user-licensed" => (online, is_true(self.user.get("islicensed"))),
            "primary-email-matches-mailbox" => (found, self.addresses_match()),
            "app-module-shared-with-role" => (
                self.environment
                    .app_module_exists()
                    .and(access.has_role(self.user_id())),
                access.app_module_shared(self.user_id(), &self.environment.app_modules),
            ),
            "exchange-online-profile-server-to-server" => (
                self.profile_server_type(&[3]),
                is_one_of(self.profile_fact("incomingcredentialretrieval"), &[2, 7]),
            ),

            // ---- platform-changes
            "exchange-web-services-retirement" => {
                (online.not().and(self.profile_server_type(&[3])), Tri::False)
            }
            "legacy-outlook-client-delivery" => {
                (found, is(incoming, 1).or(is(outgoing, 1)).or(is(act, 0)).not())
            }

            // Reading: of Outlook on Windows; Macs and phones number theirs otherwise.
            "outlook-2016-or-later" => (
                Tri::of(self.given.devices.is_some()),
                self.every_device(|device| {
                    let new_enough = Device::at_least(device.outlook, [16, 0, 0, 0]);
                    device.runs("Windows").not().or(new_enough)
                }),
            ),

            // ---- self-check
            "access-model-disagrees" => {
                // Reading: over the privileges that are rules, not those that only light up features.
                let disagrees = PRIVILEGES.iter().any(|(name, ..)| {
                    access.disagrees(self.user_id(), name, &self.environment.privileges[name])
                });
                (Tri::of(access.verified(self.user_id())), Tri::of(!disagrees))
            }
            "group-team-membership-unseen" => (Tri::True, Tri::of(!access.membership_unseen(self.user_id()))),
            _ => panic!("no user rule `{id}`"),
        }
    }

    /// Whether all of the user's devices are like that; unknown without any.
    fn every_device(&self, is_so: impl Fn(&Device) -> Tri) -> Tri {
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

    fn user_id(&self) -> &'a str {
        text(self.user, "systemuserid").unwrap_or_default()
    }

    fn mailbox(&self) -> Mailbox<'a> {
        self.environment.mailbox(self.user)
    }

    fn mailbox_found(&self) -> Tri {
        match self.mailbox() {
            Mailbox::Found(_) => Tri::True,
            Mailbox::ProvedNone => Tri::False,
            Mailbox::NotProved => Tri::Unknown,
        }
    }

    fn mailbox_fact(&self, column: &str) -> Option<&'a Value> {
        match self.mailbox() {
            Mailbox::Found(mailbox) => mailbox.get(column),
            _ => None,
        }
    }

    fn profile(&self) -> Profile<'a> {
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

    fn profile_fact(&self, column: &str) -> Option<&'a Value> {
        match self.profile() {
            Profile::Found(profile) => profile.get(column),
            _ => None,
        }
    }

    /// Whether there is a profile of one of these types. No profile at all is none of them.
    fn profile_server_type(&self, types: &[i64]) -> Tri {
        match self.profile() {
            Profile::Found(profile) => is_one_of(profile.get("servertype"), types),
            Profile::None => Tri::False,
            Profile::Unknown => Tri::Unknown,
        }
    }

    fn approval_required(&self) -> Tri {
        is_true(self.environment.organization("requireapprovalforuseremail"))
    }

    /// Reading: a null address is an empty one; one of blanks only is too, since addresses are compared
    /// trimmed.
    fn address_not_empty(&self) -> Tri {
        is_empty(self.mailbox_fact("emailaddress")).not()
    }

    /// Either address empty or null fails, whatever is known of the other.
    fn addresses_match(&self) -> Tri {
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
    fn no_other_mailbox(&self, clashes: impl Fn(&Row) -> Tri) -> Tri {
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

/// Null and not collected are both unknown, here and in the next three.
fn is(fact: Option<&Value>, wanted: i64) -> Tri {
    is_one_of(fact, &[wanted])
}

fn is_one_of(fact: Option<&Value>, wanted: &[i64]) -> Tri {
    match fact {
        Some(Value::Int(number)) => Tri::of(wanted.contains(number)),
        _ => Tri::Unknown,
    }
}

fn is_true(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Bool(yes)) => Tri::of(*yes),
        _ => Tri::Unknown,
    }
}

/// *is not true*, *is not false*: a null passes, what was not collected is unknown.
fn is_not(fact: Option<&Value>, unwanted: bool) -> Tri {
    match fact {
        Some(Value::Bool(yes)) => Tri::of(*yes != unwanted),
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

/// A null is known not to be set.
fn is_set(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Null) => Tri::False,
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

fn is_empty(fact: Option<&Value>) -> Tri {
    match fact {
        Some(Value::Text(text)) => Tri::of(text.trim().is_empty()),
        Some(_) => Tri::True,
        None => Tri::Unknown,
    }
}

/// The form in which addresses are compared: without surrounding blanks, without case.
fn same_form(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Reading: a build that is no dotted numbers is unknown; missing parts count as 0.
fn build_at_least(build: Option<&str>, least: &[u64]) -> Tri {
    let Some(build) = build else { return Tri::Unknown };
    let parts: Result<Vec<u64>, _> = build.trim().split('.').map(str::parse).collect();
    let Ok(mut parts) = parts else { return Tri::Unknown };
    parts.resize(parts.len().max(least.len()), 0);
    Tri::of(parts.as_slice() >= least)
}
