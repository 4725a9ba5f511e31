//! Users, business units and teams.

use jiff::Timestamp;
use uuid::Uuid;

use super::table;
use crate::cell::{Kind, Options};

const ACCESS_MODE: Options = &[
    (0, "Read-Write"),
    (1, "Administrative"),
    (2, "Read"),
    (3, "Support User"),
    (4, "Non-interactive"),
    (5, "Delegated Admin"),
];
const CAL_TYPE: Options = &[
    (0, "Professional"),
    (1, "Administrative"),
    (2, "Basic"),
    (3, "Device Professional"),
    (4, "Device Basic"),
    (5, "Essential"),
    (6, "Device Essential"),
    (7, "Enterprise"),
    (8, "Device Enterprise"),
    (9, "Sales"),
    (10, "Service"),
    (11, "Field Service"),
    (12, "Project Service"),
];
const AZURE_STATE: Options = &[
    (0, "Exists"),
    (1, "Soft deleted"),
    (2, "Not found or hard deleted"),
];
/// State of the approval of an e-mail address.
pub(super) const APPROVAL: Options = &[
    (0, "Empty"),
    (1, "Approved"),
    (2, "Pending Approval"),
    (3, "Rejected"),
];
const USER_INCOMING: Options = &[
    (0, "None"),
    (1, "Microsoft Dynamics 365 for Outlook"),
    (2, "Server-Side Synchronization or Email Router"),
    (3, "Forward Mailbox"),
];
const USER_OUTGOING: Options = &[
    (0, "None"),
    (1, "Microsoft Dynamics 365 for Outlook"),
    (2, "Server-Side Synchronization or Email Router"),
];
const TEAM_TYPE: Options = &[
    (0, "Owner"),
    (1, "Access"),
    (2, "Security Group"),
    (3, "Office Group"),
];
const MEMBERSHIP_TYPE: Options = &[
    (0, "Members and guests"),
    (1, "Members"),
    (2, "Owners"),
    (3, "Guests"),
];

table! {
    /// A user, human or not (`systemuser`).
    pub struct SystemUser = "systemuser" / "systemusers" {
        /// Primary key.
        systemuserid: Uuid = Kind::Key,
        /// Display name.
        fullname: Option<String> = Kind::Text,
        /// Given name.
        firstname: Option<String> = Kind::Text,
        /// Family name.
        lastname: Option<String> = Kind::Text,
        /// User principal name online, `DOMAIN\user` on-premises.
        domainname: Option<String> = Kind::Text,
        /// Primary e-mail address.
        internalemailaddress: Option<String> = Kind::Text,
        /// Sign-in name.
        windowsliveid: Option<String> = Kind::Text,
        /// True: the user is disabled.
        isdisabled: Option<bool> = Kind::Bool,
        /// Why the user is disabled.
        disabledreason: Option<String> = Kind::Text,
        /// 0 Read-Write, 1 Administrative, 2 Read, 3 Support User, 4 Non-interactive, 5 Delegated Admin.
        accessmode: Option<i32> = Kind::Choice(ACCESS_MODE),
        /// Kind of client access licence.
        caltype: Option<i32> = Kind::Choice(CAL_TYPE),
        /// True: a licence is assigned.
        islicensed: Option<bool> = Kind::Bool,
        /// Licence type; the vendor publishes no list of values.
        userlicensetype: Option<i32> = Kind::Int,
        /// Set for application users: the app registration.
        applicationid: Option<Uuid> = Kind::Guid,
        /// Microsoft Entra object.
        azureactivedirectoryobjectid: Option<Uuid> = Kind::Guid,
        /// 0 exists, 1 soft deleted, 2 gone from Microsoft Entra ID.
        azurestate: Option<i32> = Kind::Choice(AZURE_STATE),
        /// Business unit of the user.
        businessunitid: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// The user's mailbox.
        defaultmailbox: Option<Uuid> = Kind::Lookup("mailbox", ""),
        /// The user's queue.
        queueid: Option<Uuid> = Kind::Lookup("queue", ""),
        /// Manager.
        parentsystemuserid: Option<Uuid> = Kind::Lookup("systemuser", ""),
        /// True: an integration user.
        isintegrationuser: Option<bool> = Kind::Bool,
        /// True: the user signs in through a directory.
        isactivedirectoryuser: Option<bool> = Kind::Bool,
        /// True: made by setup.
        setupuser: Option<bool> = Kind::Bool,
        /// Approval of the address, as the mailbox has it.
        emailrouteraccessapproval: Option<i32> = Kind::Choice(APPROVAL),
        /// Approval by a Microsoft 365 administrator, as the mailbox has it.
        isemailaddressapprovedbyo365admin: Option<bool> = Kind::Bool,
        /// Delivery method of incoming e-mail, as the mailbox has it.
        incomingemaildeliverymethod: Option<i32> = Kind::Choice(USER_INCOMING),
        /// Delivery method of outgoing e-mail, as the mailbox has it.
        outgoingemaildeliverymethod: Option<i32> = Kind::Choice(USER_OUTGOING),
        /// Job title.
        title: Option<String> = Kind::Text,
        /// Job title as the directory has it.
        jobtitle: Option<String> = Kind::Text,
        /// Mobile phone.
        mobilephone: Option<String> = Kind::Text,
        /// Personnel number.
        employeeid: Option<String> = Kind::Text,
        /// Organization.
        organizationid: Option<Uuid> = Kind::Guid,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
        /// When the row was last changed.
        modifiedon: Option<Timestamp> = Kind::Date,
    } extra extra
}

table! {
    /// A business unit (`businessunit`).
    pub struct BusinessUnit = "businessunit" / "businessunits" {
        /// Primary key.
        businessunitid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// The unit above; null at the root.
        parentbusinessunitid: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// Organization.
        organizationid: Option<Uuid> = Kind::Lookup("organization", ""),
        /// True: disabled.
        isdisabled: Option<bool> = Kind::Bool,
        /// Division.
        divisionname: Option<String> = Kind::Text,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}

table! {
    /// A team (`team`).
    pub struct Team = "team" / "teams" {
        /// Primary key.
        teamid: Uuid = Kind::Key,
        /// Name.
        name: Option<String> = Kind::Text,
        /// 0 owner, 1 access, 2 security group, 3 Office group.
        teamtype: Option<i32> = Kind::Choice(TEAM_TYPE),
        /// Business unit of the team.
        businessunitid: Option<Uuid> = Kind::Lookup("businessunit", ""),
        /// Administrator.
        administratorid: Option<Uuid> = Kind::Lookup("systemuser", ""),
        /// True: the default team of its business unit.
        isdefault: Option<bool> = Kind::Bool,
        /// True: managed by the system.
        systemmanaged: Option<bool> = Kind::Bool,
        /// Microsoft Entra group of a group team.
        azureactivedirectoryobjectid: Option<Uuid> = Kind::Guid,
        /// Which members of the group belong: 0 members and guests, 1 members, 2 owners, 3 guests.
        membershiptype: Option<i32> = Kind::Choice(MEMBERSHIP_TYPE),
        /// Description.
        description: Option<String> = Kind::Text,
        /// Address.
        emailaddress: Option<String> = Kind::Text,
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}
