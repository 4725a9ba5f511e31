//! Mailboxes, email server profiles, queues and trace logs.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Builder, words};
use crate::defect::Defect;
use crate::tables::{EmailServerProfile, Mailbox, Queue, SystemUser, TraceLog};
use crate::tenant::Deployment;

/// Places of the profiles in the tenant's list.
const EXCHANGE_ONLINE: usize = 0;
const EXCHANGE_ONLINE_CREDENTIALS: usize = 1;
const EXCHANGE_ONLINE_OTHER_TENANT: usize = 2;
const EXCHANGE_HYBRID: usize = 3;
const EXCHANGE_SERVER: usize = 4;
const POP3: usize = 5;

/// Most trace logs; a real environment deletes them after some days.
const MOST_TRACE_LOGS: usize = 5000;

impl Builder<'_> {
    /// One profile of each kind, in the order of the constants above.
    pub(super) fn profiles(&mut self) {
        let kinds: [(&str, i32, i32); 6] = [
            ("Microsoft Exchange Online", 3, 2),
            ("Exchange Online (user credentials)", 3, 0),
            ("Fabrikam Exchange Online", 3, 7),
            ("Exchange Hybrid", 2, 1),
            ("Exchange Server 2019", 0, 1),
            ("Branch office POP3", 1, 1),
        ];
        for (number, (name, servertype, credentials)) in kinds.into_iter().enumerate() {
            let other_tenant = number == EXCHANGE_ONLINE_OTHER_TENANT;
            let profile = EmailServerProfile {
                emailserverprofileid: self.random.uuid(),
                name: Some(name.to_owned()),
                servertype: Some(servertype),
                incomingcredentialretrieval: Some(credentials),
                outgoingcredentialretrieval: Some(credentials),
                incomingauthenticationprotocol: Some(0),
                outgoingauthenticationprotocol: Some(0),
                usedefaulttenantid: (servertype == 3).then_some(!other_tenant),
                exchangeonlinetenantid: other_tenant.then(|| self.random.uuid().to_string()),
                defaultserverlocation: Some("https://outlook.office365.example/EWS/Exchange.asmx".to_owned()),
                useautodiscover: Some(servertype == 3),
                incominguseimpersonation: Some(servertype != 3),
                exchangeversion: Some(5),
                statecode: Some(0),
                statuscode: Some(1),
                lasttestexecutionstatus: Some(1),
                lastcrmmessage: None,
                ownerid: None,
                owningbusinessunit: Some(self.units[0]),
                createdon: self.time(-600),
            };
            self.tenant.profiles.push(profile);
        }
        let default = self.profile(self.ordinary_profile());
        self.tenant.organization.defaultemailserverprofileid = default;
    }

    fn profile(&self, place: usize) -> Option<Uuid> {
        self.tenant
            .profiles
            .get(place)
            .map(|profile| profile.emailserverprofileid)
    }

    fn ordinary_profile(&self) -> usize {
        match self.options.deployment {
            Deployment::Online => EXCHANGE_ONLINE,
            Deployment::OnPremises => EXCHANGE_SERVER,
        }
    }

    /// Makes the user's mailbox, healthy but for the defect, and names it in the user's row.
    pub(super) fn mailbox(&mut self, user: &mut SystemUser, defect: Option<Defect>) {
        if defect == Some(Defect::NoMailbox) {
            return;
        }
        let place = match self.random.below(1000) {
            0..20 if defect.is_none() && self.options.defects => EXCHANGE_HYBRID,
            _ => self.ordinary_profile(),
        };
        let mut mailbox = self.healthy(user.fullname.clone(), user.internalemailaddress.clone());
        mailbox.regardingobjectid = Some(user.systemuserid);
        mailbox.regardingobjecttypecode = Some("systemuser".to_owned());
        mailbox.ownerid = Some(user.systemuserid);
        mailbox.owningbusinessunit = user.businessunitid;
        mailbox.emailserverprofile = self.profile(place);
        self.spoil(&mut mailbox, defect);
        user.defaultmailbox = Some(mailbox.mailboxid);
        user.emailrouteraccessapproval = mailbox.emailrouteraccessapproval;
        user.isemailaddressapprovedbyo365admin = mailbox.isemailaddressapprovedbyo365admin;
        user.incomingemaildeliverymethod = mailbox.incomingemaildeliverymethod;
        user.outgoingemaildeliverymethod = mailbox.outgoingemaildeliverymethod;
        self.tenant.mailboxes.push(mailbox);
    }

    fn healthy(&mut self, name: Option<String>, address: Option<String>) -> Mailbox {
        let mailboxid = self.random.uuid();
        let days = -(self.random.below(60) as i64);
        Mailbox {
            mailboxid,
            name,
            emailaddress: address,
            statecode: Some(0),
            statuscode: Some(1),
            emailrouteraccessapproval: Some(1),
            isemailaddressapprovedbyo365admin: Some(self.options.deployment == Deployment::Online),
            incomingemaildeliverymethod: Some(2),
            outgoingemaildeliverymethod: Some(2),
            actdeliverymethod: Some(1),
            incomingemailstatus: Some(1),
            outgoingemailstatus: Some(1),
            actstatus: Some(1),
            mailboxstatus: Some(1),
            enabledforincomingemail: Some(true),
            enabledforoutgoingemail: Some(true),
            enabledforact: Some(true),
            officeappsdeploymentstatus: Some(1),
            officeappsdeploymentscheduled: Some(false),
            officeappsdeploymentcompleteon: self.time(days),
            orgmarkedasprimaryforexchangesync: Some(true),
            isactsyncorgflagset: Some(true),
            isforwardmailbox: Some(false),
            isserviceaccount: Some(false),
            testemailconfigurationscheduled: Some(false),
            testemailconfigurationretrycount: Some(0),
            testmailboxaccesscompletedon: self.time(days - 1),
            lastsuccessfulsynccompletedon: self.time(0),
            lastsyncerrorcount: Some(0),
            transientfailurecount: Some(0),
            noemailcount: Some(0),
            processingstatecode: Some(0),
            verboseloggingenabled: Some(0),
            createdon: self.time(-300),
            modifiedon: self.time(0),
            ..Mailbox::default()
        }
    }

    fn failed(&mut self, mailbox: &mut Mailbox) {
        let plain = "The mailbox could not be reached; the server refused the credentials.";
        mailbox.mailboxstatus = Some(2);
        mailbox.lastsyncerror = Some(self.hostile_or(plain));
        mailbox.lastsyncerrorcode = Some(-2_147_220_970);
        mailbox.lastsyncerrorcount = Some(3);
        mailbox.lastsyncerroroccurredon = self.time(-1);
    }

    fn deployment(&mut self, mailbox: &mut Mailbox, status: i32, error: bool) {
        mailbox.officeappsdeploymentstatus = Some(status);
        mailbox.officeappsdeploymentcompleteon = None;
        if error {
            let plain = *self.random.pick(&words::DEPLOYMENT_ERRORS);
            mailbox.officeappsdeploymenterror = Some(self.hostile_or(plain));
        }
    }

    fn spoil(&mut self, mailbox: &mut Mailbox, defect: Option<Defect>) {
        let Some(defect) = defect else { return };
        match defect {
            Defect::MailboxRegardingNull => {
                mailbox.regardingobjectid = None;
                mailbox.regardingobjecttypecode = None;
            }
            Defect::ForwardMailbox => mailbox.isforwardmailbox = Some(true),
            Defect::InactiveMailbox => {
                mailbox.statecode = Some(1);
                mailbox.statuscode = Some(2);
            }
            Defect::NoServerProfile => mailbox.emailserverprofile = None,
            Defect::PopProfile => mailbox.emailserverprofile = self.profile(POP3),
            Defect::ProfileMissing => mailbox.emailserverprofile = Some(self.random.uuid()),
            Defect::OtherExchangeTenant => {
                mailbox.emailserverprofile = self.profile(EXCHANGE_ONLINE_OTHER_TENANT);
            }
            Defect::UserCredentials => mailbox.emailserverprofile = self.profile(EXCHANGE_ONLINE_CREDENTIALS),
            Defect::AddressRejected => mailbox.emailrouteraccessapproval = Some(3),
            Defect::AddressPending => mailbox.emailrouteraccessapproval = Some(2),
            Defect::ApprovalNull => mailbox.emailrouteraccessapproval = None,
            Defect::NotApprovedByAdministrator => mailbox.isemailaddressapprovedbyo365admin = Some(false),
            Defect::IncomingNone | Defect::IncomingLegacy | Defect::IncomingForward => {
                let method = [Defect::IncomingNone, Defect::IncomingLegacy]
                    .iter()
                    .position(|one| *one == defect);
                mailbox.incomingemaildeliverymethod = Some(method.map_or(3, |method| method as i32));
                mailbox.incomingemailstatus = Some(0);
                mailbox.enabledforincomingemail = Some(false);
            }
            Defect::OutgoingNone => {
                mailbox.outgoingemaildeliverymethod = Some(0);
                mailbox.outgoingemailstatus = Some(0);
                mailbox.enabledforoutgoingemail = Some(false);
            }
            Defect::AppointmentsNone | Defect::AppointmentsLegacy => {
                mailbox.actdeliverymethod = Some(if defect == Defect::AppointmentsNone { 2 } else { 0 });
                mailbox.actstatus = Some(0);
                mailbox.enabledforact = Some(false);
            }
            Defect::IncomingFailed => {
                mailbox.incomingemailstatus = Some(2);
                mailbox.enabledforincomingemail = Some(false);
                self.failed(mailbox);
            }
            Defect::OutgoingFailed => {
                mailbox.outgoingemailstatus = Some(2);
                mailbox.enabledforoutgoingemail = Some(false);
                self.failed(mailbox);
            }
            Defect::AppointmentsFailed => {
                mailbox.actstatus = Some(2);
                mailbox.enabledforact = Some(false);
                self.failed(mailbox);
            }
            Defect::IncomingNotRun => {
                mailbox.incomingemailstatus = Some(0);
                mailbox.enabledforincomingemail = Some(false);
                mailbox.testmailboxaccesscompletedon = None;
            }
            Defect::IncomingNull => mailbox.incomingemailstatus = None,
            Defect::IncomingNotEnabled => mailbox.enabledforincomingemail = Some(false),
            Defect::AppointmentsNotEnabled => mailbox.enabledforact = Some(false),
            Defect::NotAdded => self.deployment(mailbox, 0, false),
            Defect::InstallFailed => self.deployment(mailbox, 2, true),
            Defect::UninstallFailed => self.deployment(mailbox, 3, true),
            Defect::UpgradeRequired => self.deployment(mailbox, 4, false),
            Defect::DeploymentScheduled => {
                self.deployment(mailbox, 0, false);
                mailbox.officeappsdeploymentscheduled = Some(true);
            }
            Defect::NotPrimaryEnvironment => mailbox.orgmarkedasprimaryforexchangesync = Some(false),
            _ => {}
        }
    }

    /// Queues with their mailboxes; then the users whose default mailbox is a queue's or another user's.
    pub(super) fn queues_and_borrowed_mailboxes(&mut self) {
        let mut borrowed = Vec::new();
        for number in 0..(self.options.users / 150 + 2) {
            let name = format!("<Support {number}>");
            let address = format!("support{number}@{}", self.domain());
            let queueid = self.random.uuid();
            let mut mailbox = self.healthy(Some(name.clone()), Some(address.clone()));
            mailbox.regardingobjectid = Some(queueid);
            mailbox.regardingobjecttypecode = Some("queue".to_owned());
            mailbox.ownerid = Some(self.tenant.caller);
            mailbox.owningbusinessunit = Some(self.units[0]);
            mailbox.emailserverprofile = self.profile(self.ordinary_profile());
            mailbox.officeappsdeploymentstatus = Some(0);
            borrowed.push(mailbox.mailboxid);
            self.tenant.queues.push(Queue {
                queueid,
                name: Some(name),
                emailaddress: Some(address),
                defaultmailbox: Some(mailbox.mailboxid),
                queueviewtype: Some(0),
                statecode: Some(0),
                ownerid: mailbox.ownerid,
                owningbusinessunit: mailbox.owningbusinessunit,
                createdon: mailbox.createdon,
            });
            self.tenant.mailboxes.push(mailbox);
        }
        let injected = self.tenant.injected.clone();
        let spoilt: HashSet<Uuid> = injected.iter().map(|one| one.systemuserid).collect();
        let places: HashMap<Uuid, usize> = self
            .tenant
            .users
            .iter()
            .enumerate()
            .map(|(place, user)| (user.systemuserid, place))
            .collect();
        let people = self.options.users;
        for (number, one) in injected.iter().enumerate() {
            let Some(place) = places.get(&one.systemuserid).copied() else {
                continue;
            };
            let mailbox = match one.defect {
                Defect::MailboxOfQueue => Some(borrowed[number % borrowed.len()]),
                // The next person without a defect has a mailbox to borrow.
                Defect::MailboxOfAnotherUser => (1..people)
                    .map(|step| &self.tenant.users[(place + step) % people])
                    .find(|user| !spoilt.contains(&user.systemuserid))
                    .and_then(|user| user.defaultmailbox),
                _ => continue,
            };
            self.tenant.users[place].defaultmailbox = mailbox;
        }
    }

    /// Errors about mailboxes that failed, and some information that nobody asked for.
    pub(super) fn trace_logs(&mut self) {
        let failing = |mailbox: &&Mailbox| {
            mailbox.mailboxstatus == Some(2) || mailbox.officeappsdeploymenterror.is_some()
        };
        let logs: Vec<(Uuid, Option<String>, i32)> = self
            .tenant
            .mailboxes
            .iter()
            .filter(failing)
            .map(|mailbox| {
                let text = mailbox
                    .lastsyncerror
                    .as_ref()
                    .or(mailbox.officeappsdeploymenterror.as_ref());
                (
                    mailbox.mailboxid,
                    text.cloned(),
                    if mailbox.mailboxstatus == Some(2) { 3 } else { 2 },
                )
            })
            .chain(self.tenant.mailboxes.iter().step_by(40).map(|mailbox| {
                (
                    mailbox.mailboxid,
                    Some("The mailbox was processed without errors.".to_owned()),
                    1,
                )
            }))
            .take(MOST_TRACE_LOGS)
            .collect();
        for (number, (mailbox, text, level)) in logs.into_iter().enumerate() {
            self.tenant.trace_logs.push(TraceLog {
                tracelogid: self.random.uuid(),
                level: Some(level),
                regardingobjectid: Some(mailbox),
                regardingobjecttypecode: Some("mailbox".to_owned()),
                tracecode: Some(if level == 1 { 8 } else { 35_241 }),
                text,
                errortypedisplay: (level == 3).then(|| "Permanent".to_owned()),
                errordetails: None,
                tracestatus: Some(level == 1),
                createdon: self.time(-(number as i64 % 3)),
            });
        }
    }
}
