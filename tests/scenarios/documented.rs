//! What the vendor documents: messages and other symptoms, each with each cause that a page gives for it.
//! As read on 2026-11-23, in our words. The pages are named in the scenarios that show a cause; where no
//! data of Dataverse show it, the reason stands here, and a scenario of the book may show that the
//! program says so.

/// Whether what we collect can show a cause.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// A scenario shows it.
    InData,
    /// It leaves no trace in what is collected, for this reason.
    Nowhere(&'static str),
}

use Shown::{InData, Nowhere};

const CLIENT: &str = "a setting of the person's computer or browser, which no table of Dataverse has";
const EXCHANGE: &str = "a setting of Exchange, which Dataverse does not have";
const CUSTOMIZED: &str = "forms, views and site maps are not collected";

/// Key, what the person sees, what the vendor gives as its cause, and whether data show it.
pub const CAUSES: &[(&str, &str, &str, Shown)] = &[
    (
        "not-authorized/use-office-apps",
        "You haven't been authorized to use this app",
        "no role with the privilege Use Dynamics 365 App for Outlook",
        InData,
    ),
    (
        "not-authorized/app-role",
        "You haven't been authorized to use this app",
        "neither the app's role nor the privileges in it",
        InData,
    ),
    (
        "no-permission/use-office-apps",
        "You don't have permission to access this app",
        "the same privilege, by its former name",
        InData,
    ),
    (
        "required-privilege/guide",
        "You don't have required privilege (…)",
        "the named privilege, of the guide's table",
        InData,
    ),
    (
        "required-privilege/article",
        "You don't have required privilege (…)",
        "the named privilege, of the article's table alone",
        InData,
    ),
    (
        "unable-to-show/app-not-shared",
        "We are unable to show Dynamics 365 App for Outlook because current user role does not have required permissions",
        "the app is shared with none of the user's roles",
        InData,
    ),
    (
        "no-required-role/no-role",
        "You don't have the required role or privilege to complete this action",
        "the user has no role at all",
        InData,
    ),
    (
        "profile-disabled/disabled",
        "Your profile is either disabled or …",
        "the user is disabled",
        InData,
    ),
    (
        "profile-disabled/no-business-unit",
        "Your profile is either disabled or you are not configured to any business unit",
        "the user has no business unit",
        Nowhere("every user of Dataverse has a business unit: the column is required"),
    ),
    (
        "administrative-access/access-mode",
        "You only have administrative access",
        "the access mode is Administrative",
        InData,
    ),
    (
        "address-not-recognized/address-differs",
        "… from an email address that we don't recognize",
        "the primary address in Exchange is not the user's in Dataverse",
        InData,
    ),
    (
        "cannot-load-incoming/method",
        "We can't load this app … server-side sync for incoming email",
        "incoming email is not on server-side synchronization",
        InData,
    ),
    (
        "cannot-load-incoming/test",
        "We can't load this app … server-side sync for incoming email",
        "the test of incoming email has not succeeded",
        InData,
    ),
    (
        "cannot-load-incoming/other-environment",
        "We can't load this app … server-side sync for incoming email",
        "another environment was the last to add the app",
        InData,
    ),
    (
        "cannot-load-appointments/method",
        "We can't load this app … for appointments, contacts, and tasks",
        "they are not on server-side synchronization",
        InData,
    ),
    (
        "cannot-load-appointments/test",
        "We can't load this app … for appointments, contacts, and tasks",
        "their test has not succeeded",
        InData,
    ),
    (
        "cannot-load-appointments/other-environment",
        "We can't load this app … for appointments, contacts, and tasks",
        "another environment was the last to add the app",
        InData,
    ),
    (
        "track-disabled/synchronization",
        "Track and Set Regarding are currently disabled",
        "server-side synchronization of the mailbox is inactive",
        InData,
    ),
    (
        "track-disabled/address-differs",
        "Track and Set Regarding are currently disabled",
        "the address is not the primary one in Exchange",
        InData,
    ),
    (
        "track-missing/dashboard",
        "Track and Set Regarding are not there",
        "the role may not see the app's dashboard, or the site map leads to another",
        Nowhere(CUSTOMIZED),
    ),
    (
        "icons-missing/zone",
        "The icons of the buttons are not there",
        "Internet Explorer may not download fonts",
        Nowhere(CLIENT),
    ),
    (
        "view-not-available/deactivated",
        "The view is not available",
        "a view that the app's forms use was deactivated",
        Nowhere(CUSTOMIZED),
    ),
    (
        "no-permission-records/case",
        "You do not have permission to access these records",
        "no reading of cases",
        InData,
    ),
    (
        "no-permission-records/opportunity",
        "You do not have permission to access these records",
        "no reading of opportunities",
        InData,
    ),
    (
        "no-permission-records/competitor",
        "You do not have permission to access these records",
        "no reading of competitors",
        InData,
    ),
    (
        "no-permission-records/connection",
        "You do not have permission to access these records",
        "no reading of connections",
        InData,
    ),
    (
        "issue-when-adding/rejected-not-approved",
        "Issue when adding to Outlook, IncomingEmailRejected",
        "the mailbox's address is not approved",
        InData,
    ),
    (
        "issue-when-adding/rejected-other-organization",
        "Issue when adding to Outlook, IncomingEmailRejected",
        "the Exchange mailbox belongs to another organization",
        InData,
    ),
    (
        "issue-when-adding/administrator-approval",
        "Issue when adding to Outlook, IncomingEmailS2SApprovalNeeded",
        "no Microsoft 365 administrator has approved the address",
        InData,
    ),
    (
        "other-organization/exchange",
        "Alert: the mailbox synchronizes with another organization",
        "Exchange keeps another organization as the one that synchronizes",
        InData,
    ),
    (
        "track-pending/mailbox",
        "Track pending for more than 20 minutes",
        "the mailbox is not tested and enabled",
        InData,
    ),
    (
        "track-pending/alerts",
        "Track pending for more than 20 minutes",
        "an error of the synchronization, told in the mailbox's alerts",
        Nowhere("alerts are the mailbox's feed of posts, which is not collected"),
    ),
    (
        "cannot-connect-exchange/oauth",
        "Can't connect to Exchange",
        "OAuth is off on the web services of an Exchange server",
        InData,
    ),
    (
        "cannot-connect-exchange/client-profile",
        "Can't connect to Exchange",
        "OAuth2ClientProfileEnabled is off, or the certificate has expired",
        Nowhere(EXCHANGE),
    ),
    (
        "cannot-connect-server/privileges",
        "We're unable to connect to your Microsoft Dynamics 365 server",
        "the role lacks required privileges",
        InData,
    ),
    (
        "cannot-connect-server/network",
        "We're unable to connect to your Microsoft Dynamics 365 server",
        "the browser's cache, or an address that is blocked",
        Nowhere(CLIENT),
    ),
    (
        "sign-in/zones",
        "Something went wrong during sign-in",
        "addresses in different security zones",
        Nowhere(CLIENT),
    ),
    (
        "sign-in/address-changed",
        "Something went wrong during sign-in",
        "the environment's address changed after the app was added",
        Nowhere("Dataverse keeps no former address of an environment"),
    ),
    (
        "authentication/client",
        "The authentication was not successful",
        "security zones, integrity level, storage or cookies",
        Nowhere(CLIENT),
    ),
    (
        "did-not-load/office-js",
        "Dynamics 365 didn't load completely",
        "the script of the Office platform could not be fetched",
        Nowhere(CLIENT),
    ),
    (
        "not-in-outlook/version",
        "The app is added and not there",
        "a version of Outlook that is not supported",
        InData,
    ),
    (
        "not-in-outlook/redeploy",
        "The app is added and not there",
        "it has to be added again",
        InData,
    ),
    (
        "not-in-outlook/client",
        "The app is added and not there",
        "connected experiences or the reading pane are off, or the item is encrypted",
        Nowhere(CLIENT),
    ),
    (
        "not-in-outlook/blocked",
        "The app is added and not there",
        "Exchange or a group policy blocks add-ins",
        Nowhere(EXCHANGE),
    ),
    (
        "settings-entry-missing/site-map",
        "Settings has no entry for the app",
        "the site map was changed",
        Nowhere(CUSTOMIZED),
    ),
    (
        "invalid-license/exchange",
        "ErrorInvalidLicense",
        "the Exchange mailbox has no licence: the test fails",
        InData,
    ),
    (
        "crm-security/approver",
        "A failure occurred in CrmSecurity",
        "who approves is no Global or Exchange administrator as well as System Administrator",
        Nowhere("roles in Microsoft 365 are not in Dataverse; that the approval is missing, is"),
    ),
    (
        "not-eligible/privilege",
        "Not in the list All Eligible Users",
        "no role with the privilege Use Dynamics 365 App for Outlook",
        InData,
    ),
    (
        "not-eligible/queue",
        "Not in the list All Eligible Users",
        "the mailbox is a queue's",
        InData,
    ),
    (
        "not-eligible/incoming",
        "Not in the list All Eligible Users",
        "incoming email is not on server-side synchronization, tested and enabled",
        InData,
    ),
];
