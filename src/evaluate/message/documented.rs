//! What the vendor documents about messages beyond what rules can check: what a message means, and
//! those of its causes that no table of Dataverse shows.
//!
//! Rules name the messages of what they check as their `symptoms`. A cause that nothing here can see
//! is no rule, so it stands in this table, with its page. All pages were read on [`READ`]. Nothing is
//! added that a page does not say.

/// The day on which the pages were read.
pub const READ: &str = "2026-11-23";

/// One message, in the forms in which it is documented.
#[derive(Debug)]
pub struct Documented {
    /// The texts, as the page has them.
    pub texts: &'static [&'static str],
    /// What it means, in our words.
    pub means: &'static str,
    /// Documented causes that cannot be seen from here.
    pub unseen: &'static [Unseen],
    /// Where the page names privileges together: those that it names as enough by themselves.
    pub alone: Option<&'static [&'static str]>,
    /// Address of the page.
    pub source: &'static str,
}

/// A cause that cannot be seen from here.
#[derive(Debug, PartialEq, Eq)]
pub struct Unseen {
    /// What may be wrong.
    pub what: &'static str,
    /// Where to look.
    pub look: &'static str,
}

macro_rules! page {
    ($name:literal) => {
        concat!(
            "https://learn.microsoft.com/troubleshoot/power-platform/dataverse/d365-app-outlook/",
            $name
        )
    };
}

const GUIDE: &str = "https://learn.microsoft.com/dynamics365/outlook-app/deploy-dynamics-365-app-for-outlook";
const PRIVILEGES: &str = page!("privilege-error-occurs-when-using-dynamics-365-app-for-outlook");
const SYNCHRONIZATION: &str = page!("error-when-opening-365-app-outlook");
const INSTALL: &str = page!("error-install-dynamics-365-app-outlook");

const OTHER_ENVIRONMENT: Unseen = Unseen {
    what: "The app in the user's Outlook may have been added last from another environment, where the mailbox is not \
           synchronized; no environment keeps which one was last.",
    look: "Ask which environments add the app for this user, and add it again from the one the user works in.",
};
const OTHER_ORGANIZATION: Unseen = Unseen {
    what: "Exchange itself keeps which organization a mailbox synchronizes with, and it may be another one.",
    look: "Run Test & Enable Mailbox in the environment that the mailbox belongs to, with Sync items with Exchange from \
           this organization only, and set the methods to None in the others.",
};
const PRIMARY_ADDRESS: Unseen = Unseen {
    what: "The mailbox's primary SMTP address in Exchange may differ from the user's primary email address.",
    look: "Compare the two: in Exchange the address marked as primary, in the environment the user's Primary Email.",
};
const ZONES: Unseen = Unseen {
    what: "The addresses involved may be in different security zones of the user's Windows.",
    look: "On the user's computer, Internet Options > Security.",
};

/// The messages.
pub static DOCUMENTED: [Documented; 28] = [
    Documented {
        texts: &[
            "You haven't been authorized to use this app. Check with your system administrator to update your settings.",
        ],
        means: "The app turned the user away. Documented causes: the privilege prvUseOfficeApps (Use Dynamics 365 App for \
                Outlook) is missing, or the app's security role or privileges in it. Only of prvUseOfficeApps do the \
                sources say that it alone is enough to cause it.",
        unseen: &[],
        alone: Some(&["prvUseOfficeApps"]),
        source: GUIDE,
    },
    Documented {
        texts: &[
            "You don't have permission to access this app. Contact your system administrator to add the \"Use Dynamics 365 for Office Apps\" privilege to your user role.",
        ],
        means: "The privilege prvUseOfficeApps is missing; the message calls it by its old label.",
        unseen: &[],
        alone: None,
        source: page!(
            "you-do-not-have-permission-to-access-this-app-error-when-accessing-dynamics-365-app-for-outlook"
        ),
    },
    Documented {
        texts: &["You don't have required privilege (prvX), which limits certain functionality."],
        means: "It says that a privilege is missing, and names it. The app opens, with less.",
        unseen: &[],
        alone: None,
        source: PRIVILEGES,
    },
    Documented {
        texts: &[
            "We are unable to show Dynamics 365 App for Outlook because current user role does not have required permissions. Please contact your administrator to have required security role assigned to the Dynamics 365 App for Outlook solution.",
            "Don't have permissions to retrieve AppforOutlookModule id",
        ],
        means: "The app is shared with none of the user's security roles.",
        unseen: &[],
        alone: None,
        source: PRIVILEGES,
    },
    Documented {
        texts: &[
            "You don't have the required role or privilege to complete this action. Please contact your administrator to get necessary access.",
        ],
        means: "The user has no security role. The page asks to check that the user is enabled, too.",
        unseen: &[],
        alone: None,
        source: page!("you-do-not-have-the-required-role-or-privilege-to-complete-this-action-error"),
    },
    Documented {
        texts: &[
            "Your profile is either disabled or you are not configured to any business unit. Please contact your administrator to complete your profile setup.",
        ],
        means: "The user is disabled in the environment.",
        unseen: &[],
        alone: None,
        source: page!("error-when-using-365-app-outlook"),
    },
    Documented {
        texts: &[
            "You only have administrative access to Microsoft Dynamics CRM. To use this app, you must have read-write access.",
        ],
        means: "The user's access mode is Administrative; it has to be Read-Write.",
        unseen: &[],
        alone: None,
        source: page!("error-when-accessing-crm-app-outlook"),
    },
    Documented {
        texts: &[
            "It looks like you're trying to access the Microsoft Dynamics 365 App for Outlook from an email address that we don't recognize.",
        ],
        means: "The address that Outlook is signed in with is not the user's primary email address in the environment.",
        unseen: &[PRIMARY_ADDRESS],
        alone: None,
        source: page!("trying-to-access-dynamics-365-app-for-outlook-from-email-do-not-recognize-error"),
    },
    Documented {
        texts: &[
            "We can't load this app because your email account isn't configured with Dynamics 365 server-side sync for incoming email. Ask your system administrator to set up server-side sync for incoming email.",
            "Email account isn't configured with server-side synchronization for incoming email",
        ],
        means: "Incoming email of the mailbox is not on server-side synchronization, or its test has not succeeded; or the \
                app was added last from another environment.",
        unseen: &[OTHER_ENVIRONMENT],
        alone: None,
        source: SYNCHRONIZATION,
    },
    Documented {
        texts: &[
            "We can't load this app because your email account isn't configured with Dynamics 365 server-side sync for appointments, contacts, and tasks. Ask your system administrator to set up server-side sync for appointments, contacts, and tasks.",
            "Email account isn't configured with server-side sync for appointments, contacts, and tasks",
        ],
        means: "Appointments, contacts and tasks of the mailbox are not on server-side synchronization, or their test has \
                not succeeded; or the app was added last from another environment.",
        unseen: &[OTHER_ENVIRONMENT],
        alone: None,
        source: SYNCHRONIZATION,
    },
    Documented {
        texts: &[
            "Track and Set Regarding are currently disabled. To use these features, please contact your admin. You can still view and interact with your Dynamics 365 data.",
        ],
        means: "Server-side synchronization is not active for the mailbox, or the user's primary email address is not that \
                of the mailbox. Records can still be seen and created.",
        unseen: &[PRIMARY_ADDRESS],
        alone: None,
        source: page!("experience-without-server-side-synchronization"),
    },
    Documented {
        texts: &["Track and Set Regarding options are missing"],
        means: "The app shows another dashboard than the one that has the two options.",
        unseen: &[
            Unseen {
                what: "The user's role may not see the App for Outlook Dashboard; dashboards are not collected.",
                look: "Customizations > Dashboard > App for Outlook Dashboard > Enable Security Roles: Display to everyone; \
                       then publish.",
            },
            Unseen {
                what: "The app's site map may have been changed, so that it leads to another dashboard; site maps are not \
                       collected.",
                look: "The default dashboard of the app Dynamics 365 App for Outlook.",
            },
        ],
        alone: None,
        source: page!("track-set-regarding-options-miss"),
    },
    Documented {
        texts: &["Track and Set Regarding icons are missing"],
        means: "The buttons are there without their pictures, which are letters of a font.",
        unseen: &[Unseen {
            what: "Internet Explorer may not be allowed to download fonts in the zone of the environment's address; this is \
                   about Outlooks that still show add-ins with it.",
            look: "On the user's computer, Internet Options > Security > Custom level, Font download.",
        }],
        alone: None,
        source: page!("buttons-such-as-track-and-set-regarding-are-missing"),
    },
    Documented {
        texts: &["The view is not available"],
        means: "A view that the app's forms show was deactivated.",
        unseen: &[Unseen {
            what: "One of the app's default views may be inactive; views are not collected.",
            look: "In the environment's solutions, whether these are active: Activity's Next Activity and Last Activity, \
                   Opportunity's Recent Opportunities for Interaction Centric Form, Case's My Active Cases, Connection's \
                   All Stakeholders, Competitor's All Competitors (summary). Activate and publish.",
        }],
        alone: None,
        source: page!("the-view-is-not-available-error-when-opening-emails"),
    },
    Documented {
        texts: &[
            "You do not have permission to access these records. Contact your Microsoft Dynamics 365 administrator for help.",
        ],
        means: "A list within the app needs a privilege that is missing: to read cases, opportunities, competitors or \
                connections.",
        unseen: &[],
        alone: None,
        source: PRIVILEGES,
    },
    Documented {
        texts: &["Crm : IncomingEmailRejected"],
        means: "The app could not be added to Outlook: the mailbox's email address is not approved, or Exchange has linked \
                the mailbox to another organization.",
        unseen: &[OTHER_ORGANIZATION],
        alone: None,
        source: INSTALL,
    },
    Documented {
        texts: &["Crm : IncomingEmailS2SApprovalNeeded"],
        means: "The app could not be added to Outlook: a Microsoft 365 administrator has not approved the mailbox's email \
                address.",
        unseen: &[],
        alone: None,
        source: INSTALL,
    },
    Documented {
        texts: &[
            "is configured with another Microsoft Dynamics 365 organization. The best practice is to overwrite the configuration when you test and enable the mailbox in your primary organization. Also, change the synchronization method for your mailbox in non-primary organizations to None.",
            "mailbox is configured for another Dynamics 365 organization. Ask your administrator to test and enable your mailbox for the current organization and to change the sync method for non-primary organizations to None.",
            "ExchangeSyncIncorrectCrmOrgError",
            "IncomingIncorrectCrmOrgError",
        ],
        means: "Exchange has another organization as the one that synchronizes the mailbox.",
        unseen: &[OTHER_ORGANIZATION],
        alone: None,
        source: "https://support.microsoft.com/help/4014622",
    },
    Documented {
        texts: &["Track pending"],
        means: "The item waits for the mailbox to be synchronized. Up to 15 minutes are normal; for longer, the mailbox is \
                not synchronized.",
        unseen: &[Unseen {
            what: "Why a mailbox is not synchronized stands in its Alerts, which no rule reads.",
            look: "Open the mailbox record and read its Alerts.",
        }],
        alone: None,
        source: page!("emails-tracked-by-dynamics-365-app-for-outlook-show-track-pending"),
    },
    Documented {
        texts: &["Can't connect to Exchange"],
        means: "The app was refused by Exchange on-premises when it signed in with OAuth.",
        unseen: &[
            Unseen {
                what: "OAuth may be off on the EWS virtual directories of Exchange.",
                look: "Get-WebServicesVirtualDirectory: OAuthAuthentication has to be True.",
            },
            Unseen {
                what: "Exchange may not let clients sign in with OAuth.",
                look: "Get-OrganizationConfig: OAuth2ClientProfileEnabled has to be True.",
            },
            Unseen {
                what: "Exchange's authentication certificate may be invalid or have expired.",
                look: "Get-AuthConfig, and the certificate of that thumbprint in Get-ExchangeCertificate.",
            },
        ],
        alone: None,
        source: page!("cannot-connect-to-exchange-message-when-using-dynamics-365-app-for-outlook"),
    },
    Documented {
        texts: &[
            "We're unable to connect to your Microsoft Dynamics 365 server. Please try closing and reopening the app.",
        ],
        means: "The app got no answer that it could use: privileges are missing, what the browser has kept is out of date, \
                or the environment cannot be reached.",
        unseen: &[
            Unseen {
                what: "What the user's browser has kept may be out of date.",
                look: "Clear the browser's cache on the user's computer and open the app again.",
            },
            Unseen {
                what: "The environment's address may be blocked or out of reach from the user's network.",
                look: "Open the environment's address in a browser on the user's computer.",
            },
        ],
        alone: Some(&[]),
        source: page!("cannot-connect-your-dynamics-365-server"),
    },
    Documented {
        texts: &["Something went wrong during sign-in"],
        means: "Signing in from the add-in failed on the user's computer.",
        unseen: &[
            ZONES,
            Unseen {
                what: "The environment's address may have changed since the app was added to Outlook.",
                look: "If it has changed, add the app to the user's Outlook again.",
            },
        ],
        alone: None,
        source: page!("something-went-wrong-during-sign"),
    },
    Documented {
        texts: &["The authentication was not successful"],
        means: "Signing in from the add-in failed on the user's computer.",
        unseen: &[
            ZONES,
            Unseen {
                what: "The folder LocalLow of the user's profile may have the wrong integrity level, or the browser's \
                       storage may be full.",
                look: "On the user's computer, as the page describes.",
            },
            Unseen {
                what: "The browser may block third-party cookies.",
                look: "In the settings of the browser, if the user opens Outlook on the web.",
            },
        ],
        alone: None,
        source: page!("the-authentication-was-not-successful"),
    },
    Documented {
        texts: &["didn't load completely"],
        means: "The add-in could not fetch Office's script library.",
        unseen: &[Unseen {
            what: "The user's computer may have been offline, or office.js may be blocked.",
            look: "On the user's network, whether office.js can be downloaded.",
        }],
        alone: None,
        source: page!("dynamics-365-app-outlook-did-not-load"),
    },
    Documented {
        texts: &["After deploying Dynamics 365 App for Outlook, the app doesn't appear within Outlook."],
        means: "The app was added, and Outlook does not show it.",
        unseen: &[
            Unseen {
                what: "Outlook may be of a version that is not supported.",
                look: "In Outlook, File > Office Account. An inventory given with --devices lets Clearance look.",
            },
            Unseen {
                what: "Optional connected experiences may be off in the user's Outlook.",
                look: "The privacy settings of the user's Office, or the policy that sets them.",
            },
            Unseen {
                what: "The reading pane may be off, or the item may be encrypted or of a kind that add-ins do not support.",
                look: "In Outlook, with an ordinary message selected and the reading pane on.",
            },
            Unseen {
                what: "Exchange or a group policy may block add-ins for the user.",
                look: "The user's role assignment policy in Exchange, and the group policies for Outlook.",
            },
            Unseen {
                what: "The add-in may have to be added again.",
                look: "Remove the app from the user in the environment and choose Add App to Outlook again.",
            },
        ],
        alone: None,
        source: page!("app-does-not-appear-within-outlook"),
    },
    Documented {
        texts: &["ErrorInvalidLicense"],
        means: "The mailbox in Exchange Online has no licence.",
        unseen: &[Unseen {
            what: "Licences of mailboxes are kept in Microsoft 365, not in Dataverse.",
            look: "In the Microsoft 365 admin centre, Users > Active users, the user's Licenses and apps.",
        }],
        alone: None,
        source: "https://learn.microsoft.com/troubleshoot/power-platform/dataverse/email-exchange-synchronization/email-cannot-be-received-because-license-is-invalid-error",
    },
    Documented {
        texts: &[
            "Issue when adding to Outlook",
            "There was an issue when attempting to add the app to Outlook.",
        ],
        means: "Adding the app to the user's Outlook failed. Learn more, beside the status, shows the error itself: ask \
                about that text.",
        unseen: &[],
        alone: None,
        source: INSTALL,
    },
    Documented {
        texts: &["A failure occurred in CrmSecurity"],
        means: "Whoever tried to approve the email address may not: that takes a Global or Exchange administrator who is \
                System Administrator of the environment, too.",
        unseen: &[Unseen {
            what: "The message is about the person who approves, not about the user whose mailbox it is.",
            look: "That person's roles in Microsoft 365 and in the environment.",
        }],
        alone: None,
        source: "https://learn.microsoft.com/troubleshoot/power-platform/dataverse/email-exchange-synchronization/a-failure-occurred-crmsecurity",
    },
];
