//! The organization's settings.

use jiff::Timestamp;
use uuid::Uuid;

use super::table;
use crate::cell::{Kind, Options};

const CHANNEL: Options = &[
    (0, "Server-Side Synchronization"),
    (1, "Microsoft Dynamics 365 Email Router"),
];

table! {
    /// The organization, one row (`organization`). It has no version column; `RetrieveVersion` tells.
    pub struct Organization = "organization" / "organizations" {
        /// Primary key.
        organizationid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// 0 server-side synchronization, 1 Email Router.
        emailconnectionchannel: Option<i32> = Kind::Choice(CHANNEL),
        /// True: users' addresses need approval.
        requireapprovalforuseremail: Option<bool> = Kind::Bool,
        /// True: queues' addresses need approval.
        requireapprovalforqueueemail: Option<bool> = Kind::Bool,
        /// True: App for Outlook is added to eligible users by itself.
        officeappsautodeploymentenabled: Option<bool> = Kind::Bool,
        /// Profile of new mailboxes.
        defaultemailserverprofileid: Option<Uuid> = Kind::Lookup("emailserverprofile", ""),
        /// Delivery methods of new mailboxes, XML.
        defaultemailsettings: Option<String> = Kind::Text,
        /// Further settings, XML.
        orgdborgsettings: Option<String> = Kind::Text,
        /// True: alerts are made for errors.
        generatealertsforerrors: Option<bool> = Kind::Bool,
        /// True: alerts are made for warnings.
        generatealertsforwarnings: Option<bool> = Kind::Bool,
        /// Days that trace logs are kept.
        tracelogmaximumageindays: Option<i32> = Kind::Int,
        /// Language (LCID).
        languagecode: Option<i32> = Kind::Int,
        /// True: disabled.
        isdisabled: Option<bool> = Kind::Bool,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}
