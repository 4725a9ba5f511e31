//! Mailboxes, email server profiles, queues and the log of server-side synchronization.

use jiff::Timestamp;
use uuid::Uuid;

use super::people::APPROVAL;
use super::table;
use crate::cell::{Kind, Options};

const STATE: Options = &[(0, "Active"), (1, "Inactive")];
const STATUS: Options = &[(1, "Active"), (2, "Inactive")];
const INCOMING: Options = &[
    (0, "None"),
    (1, "Microsoft Dynamics 365 for Outlook"),
    (2, "Server-Side Synchronization"),
    (3, "Forward Mailbox"),
];
const OUTGOING: Options = &[
    (0, "None"),
    (1, "Microsoft Dynamics 365 for Outlook"),
    (2, "Server-Side Synchronization"),
];
/// Not the order of the two above.
const APPOINTMENTS: Options = &[
    (0, "Microsoft Dynamics 365 for Outlook"),
    (1, "Server-Side Synchronization"),
    (2, "None"),
];
const TEST: Options = &[(0, "Not Run"), (1, "Success"), (2, "Failure")];
const DEPLOYMENT: Options = &[
    (0, "NotInstalled"),
    (1, "Installed"),
    (2, "InstallFailed"),
    (3, "UninstallFailed"),
    (4, "UpgradeRequired"),
];
const SERVER_TYPE: Options = &[
    (0, "Exchange Server"),
    (1, "Other (POP3/SMTP)"),
    (2, "Exchange Server (Hybrid)"),
    (3, "Exchange Online (Hybrid)"),
    (4, "IMAP/SMTP"),
];
const CREDENTIALS: Options = &[
    (0, "Credentials Specified by a User or Queue"),
    (1, "Credentials Specified in Email Server Profile"),
    (2, "Server to Server Authentication"),
    (3, "Windows Integrated Authentication"),
    (4, "Without Credentials (Anonymous)"),
    (5, "Gmail OAuth"),
    (6, "Exchange Hybrid Modern Auth (HMA)"),
    (7, "OAuth with Microsoft Entra ID"),
];
const PROTOCOL: Options = &[
    (0, "Auto Detect"),
    (1, "Negotiate"),
    (2, "NTLM"),
    (3, "Basic"),
    (4, "OAuth"),
];
const TEST_RESULT: Options = &[(0, "Failure"), (1, "Success"), (2, "Warning")];
const LEVEL: Options = &[(1, "Information"), (2, "Warning"), (3, "Error")];
const QUEUE_VIEW: Options = &[(0, "Public"), (1, "Private")];

table! {
    /// A mailbox of a user or a queue (`mailbox`).
    pub struct Mailbox = "mailbox" / "mailboxes" {
        /// Primary key.
        mailboxid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// Address.
        emailaddress: Option<String> = Kind::Text,
        /// Sign-in name, where the profile asks for it.
        username: Option<String> = Kind::Text,
        /// 0 active, 1 inactive.
        statecode: Option<i32> = Kind::Choice(STATE),
        /// 1 active, 2 inactive.
        statuscode: Option<i32> = Kind::Choice(STATUS),
        /// The user or queue whose mailbox it is.
        regardingobjectid: Option<Uuid> = Kind::Lookup("systemuser,queue", "regardingobjecttypecode"),
        /// `systemuser` or `queue`; seen by clients only as the lookup's `lookuplogicalname` annotation.
        regardingobjecttypecode: Option<String> = Kind::Hidden,
        /// Email server profile.
        emailserverprofile: Option<Uuid> = Kind::Lookup("emailserverprofile", ""),
        /// Owner.
        ownerid: Option<Uuid> = Kind::Lookup("systemuser", ""),
        /// Business unit of the owner.
        owningbusinessunit: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// 0 empty, 1 approved, 2 pending, 3 rejected.
        emailrouteraccessapproval: Option<i32> = Kind::Choice(APPROVAL),
        /// True: approved by a Microsoft 365 administrator.
        isemailaddressapprovedbyo365admin: Option<bool> = Kind::Bool,
        /// 0 none, 1 legacy Outlook client, 2 server-side synchronization, 3 forward mailbox.
        incomingemaildeliverymethod: Option<i32> = Kind::Choice(INCOMING),
        /// 0 none, 1 legacy Outlook client, 2 server-side synchronization.
        outgoingemaildeliverymethod: Option<i32> = Kind::Choice(OUTGOING),
        /// 0 legacy Outlook client, 1 server-side synchronization, 2 none.
        actdeliverymethod: Option<i32> = Kind::Choice(APPOINTMENTS),
        /// Test of incoming e-mail: 0 not run, 1 success, 2 failure.
        incomingemailstatus: Option<i32> = Kind::Choice(TEST),
        /// Test of outgoing e-mail.
        outgoingemailstatus: Option<i32> = Kind::Choice(TEST),
        /// Test of appointments, contacts and tasks.
        actstatus: Option<i32> = Kind::Choice(TEST),
        /// Overall test.
        mailboxstatus: Option<i32> = Kind::Choice(TEST),
        /// True: incoming e-mail is enabled.
        enabledforincomingemail: Option<bool> = Kind::Bool,
        /// True: outgoing e-mail is enabled.
        enabledforoutgoingemail: Option<bool> = Kind::Bool,
        /// True: appointments, contacts and tasks are enabled.
        enabledforact: Option<bool> = Kind::Bool,
        /// App for Outlook: 0 not installed, 1 installed, 2 install failed, 3 uninstall failed, 4 upgrade required.
        officeappsdeploymentstatus: Option<i32> = Kind::Choice(DEPLOYMENT),
        /// True: waits to be installed.
        officeappsdeploymentscheduled: Option<bool> = Kind::Bool,
        /// When it was installed.
        officeappsdeploymentcompleteon: Option<Timestamp> = Kind::Date,
        /// Last error of the installation.
        officeappsdeploymenterror: Option<String> = Kind::Text,
        /// Installation is put off until then.
        postponeofficeappsdeploymentuntil: Option<Timestamp> = Kind::Date,
        /// True: this environment is the one that synchronizes the Exchange mailbox.
        orgmarkedasprimaryforexchangesync: Option<bool> = Kind::Bool,
        /// True: the flag is set in Exchange.
        isactsyncorgflagset: Option<bool> = Kind::Bool,
        /// True: a forward mailbox.
        isforwardmailbox: Option<bool> = Kind::Bool,
        /// True: a service account.
        isserviceaccount: Option<bool> = Kind::Bool,
        /// True: a Test & Enable is waiting.
        testemailconfigurationscheduled: Option<bool> = Kind::Bool,
        /// Attempts of Test & Enable.
        testemailconfigurationretrycount: Option<i32> = Kind::Int,
        /// When the last Test & Enable ended.
        testmailboxaccesscompletedon: Option<Timestamp> = Kind::Date,
        /// When synchronization last succeeded.
        lastsuccessfulsynccompletedon: Option<Timestamp> = Kind::Date,
        /// Text of the last synchronization error.
        lastsyncerror: Option<String> = Kind::Text,
        /// Code of the last synchronization error.
        lastsyncerrorcode: Option<i32> = Kind::Int,
        /// Number of synchronization errors.
        lastsyncerrorcount: Option<i32> = Kind::Int,
        /// When the last synchronization error happened.
        lastsyncerroroccurredon: Option<Timestamp> = Kind::Date,
        /// Passing failures in a row.
        transientfailurecount: Option<i32> = Kind::Int,
        /// Runs without e-mail in a row.
        noemailcount: Option<i32> = Kind::Int,
        /// Processing state.
        processingstatecode: Option<i32> = Kind::Int,
        /// Host that processes it.
        hostid: Option<String> = Kind::Text,
        /// Verbose logging (a number, in spite of its name).
        verboseloggingenabled: Option<i32> = Kind::Int,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
        /// When the row was last changed.
        modifiedon: Option<Timestamp> = Kind::Date,
    } extra extra
}

table! {
    /// How to reach an e-mail server (`emailserverprofile`).
    pub struct EmailServerProfile = "emailserverprofile" / "emailserverprofiles" {
        /// Primary key.
        emailserverprofileid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// 0 Exchange, 1 POP3/SMTP, 2 Exchange (hybrid), 3 Exchange Online, 4 IMAP/SMTP.
        servertype: Option<i32> = Kind::Choice(SERVER_TYPE),
        /// Where the credentials of incoming e-mail come from; 2 is server to server.
        incomingcredentialretrieval: Option<i32> = Kind::Choice(CREDENTIALS),
        /// Where the credentials of outgoing e-mail come from.
        outgoingcredentialretrieval: Option<i32> = Kind::Choice(CREDENTIALS),
        /// Authentication protocol of incoming e-mail.
        incomingauthenticationprotocol: Option<i32> = Kind::Choice(PROTOCOL),
        /// Authentication protocol of outgoing e-mail.
        outgoingauthenticationprotocol: Option<i32> = Kind::Choice(PROTOCOL),
        /// False: Exchange Online of another tenant.
        usedefaulttenantid: Option<bool> = Kind::Bool,
        /// Tenant of that Exchange Online.
        exchangeonlinetenantid: Option<String> = Kind::Text,
        /// Server address.
        defaultserverlocation: Option<String> = Kind::Text,
        /// True: the server finds itself.
        useautodiscover: Option<bool> = Kind::Bool,
        /// True: impersonation is used.
        incominguseimpersonation: Option<bool> = Kind::Bool,
        /// Exchange version; the list stops at Exchange 2013.
        exchangeversion: Option<i32> = Kind::Int,
        /// 0 active, 1 inactive.
        statecode: Option<i32> = Kind::Choice(STATE),
        /// 1 active, 2 inactive.
        statuscode: Option<i32> = Kind::Choice(STATUS),
        /// Result of the last test: 0 failure, 1 success, 2 warning.
        lasttestexecutionstatus: Option<i32> = Kind::Choice(TEST_RESULT),
        /// Text of the last test.
        lastcrmmessage: Option<String> = Kind::Text,
        /// Owner.
        ownerid: Option<Uuid> = Kind::Lookup("systemuser", ""),
        /// Business unit of the owner.
        owningbusinessunit: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}

table! {
    /// A queue (`queue`).
    pub struct Queue = "queue" / "queues" {
        /// Primary key.
        queueid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// Address.
        emailaddress: Option<String> = Kind::Text,
        /// The queue's mailbox.
        defaultmailbox: Option<Uuid> = Kind::Lookup("mailbox", ""),
        /// 0 public, 1 private.
        queueviewtype: Option<i32> = Kind::Choice(QUEUE_VIEW),
        /// 0 active, 1 inactive.
        statecode: Option<i32> = Kind::Choice(STATE),
        /// Owner.
        ownerid: Option<Uuid> = Kind::Lookup("systemuser", ""),
        /// Business unit of the owner.
        owningbusinessunit: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}

table! {
    /// An entry of the synchronization log (`tracelog`).
    pub struct TraceLog = "tracelog" / "tracelogs" {
        /// Primary key.
        tracelogid: Uuid = Kind::Key,
        /// 1 information, 2 warning, 3 error.
        level: Option<i32> = Kind::Choice(LEVEL),
        /// The mailbox or email server profile it is about.
        regardingobjectid: Option<Uuid> =
            Kind::Lookup("mailbox,emailserverprofile", "regardingobjecttypecode"),
        /// `mailbox` or `emailserverprofile`; seen by clients only as an annotation.
        regardingobjecttypecode: Option<String> = Kind::Hidden,
        /// Code of the message.
        tracecode: Option<i32> = Kind::Int,
        /// The message.
        text: Option<String> = Kind::Text,
        /// Kind of error, in words.
        errortypedisplay: Option<String> = Kind::Text,
        /// Details of the error.
        errordetails: Option<String> = Kind::Text,
        /// True: success.
        tracestatus: Option<bool> = Kind::Bool,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}
