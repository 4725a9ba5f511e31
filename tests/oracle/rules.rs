//! Every rule of the catalogue, spelled out by hand. One match arm per rule id.

mod environment;
mod facts;
mod given;
mod subject;

use super::access::{BASIC, Depth, GLOBAL};
use super::tables::{Row, Value};
use super::{Outcome, Tri};

pub use environment::Environment;
use facts::{build_at_least, is, is_not, is_one_of, is_set, is_true};
pub use given::{Device, Given};

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
/// The privileges that light up features, at any depth.
pub const FEATURE_PRIVILEGES: [&str; 8] = [
    "prvCreateLead",
    "prvReadLead",
    "prvReadIncident",
    "prvReadOpportunity",
    "prvReadConnection",
    "prvReadCompetitor",
    "prvCreateContact",
    "prvCreateAccount",
];

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

impl Environment<'_> {
    /// The outcome of a rule about the environment.
    pub fn rule(&self, id: &str, given: &Given) -> Outcome {
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

impl<'a> Subject<'a> {
    /// The outcome of a rule about this user.
    pub fn rule(&self, id: &str) -> Outcome {
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
                // Reading: *each asked privilege* includes those that only light up features.
                let of_rules = PRIVILEGES.iter().any(|(name, ..)| {
                    access.disagrees(self.user_id(), name, &self.environment.privileges[name])
                });
                let of_features = FEATURE_PRIVILEGES
                    .iter()
                    .any(|name| access.disagrees(self.user_id(), name, &self.environment.of_features[name]));
                let disagrees = of_rules || of_features;
                (Tri::of(access.verified(self.user_id())), Tri::of(!disagrees))
            }
            "group-team-membership-unseen" => (Tri::True, access.memberships_seen(self.user_id())),
            _ => panic!("no user rule `{id}`"),
        }
    }
}
