//! Error texts lead to the rules that explain them.

use super::catalogue::GUIDE;
use super::shipped;

const NOT_AUTHORIZED: &str = "You haven't been authorized to use this app. Check with your system administrator to update your settings.";

#[test]
fn symptoms_lead_to_the_rules_that_explain_them() {
    let set = shipped();
    let with = |symptom: &str| -> Vec<&str> {
        set.rules
            .iter()
            .filter(|rule| rule.symptoms.iter().any(|known| known.contains(symptom)))
            .map(|rule| rule.id.as_str())
            .collect()
    };
    let guide = || GUIDE.iter().map(|(name, _, _)| *name);
    assert_eq!(
        with(NOT_AUTHORIZED),
        guide().chain(["prvUseOfficeApps"]).collect::<Vec<_>>()
    );
    for (name, _, _) in GUIDE {
        let text = format!("You don't have required privilege ({name}), which limits certain functionality.");
        assert_eq!(with(&text), [name]);
    }
    // The articles name missing privileges as a cause, and do not say which.
    let privileges: Vec<&str> = set
        .rules
        .iter()
        .filter(|rule| rule.privilege.is_some())
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(privileges.len(), 41);
    assert_eq!(
        with("We're unable to connect to your Microsoft Dynamics 365 server"),
        privileges
    );
    let incoming = "We can't load this app because your email account isn't configured with Dynamics 365 \
                    server-side sync for incoming email";
    let appointments = "We can't load this app because your email account isn't configured with Dynamics 365 \
                        server-side sync for appointments, contacts, and tasks";
    for (symptom, rules) in [
        (
            "You don't have permission to access this app",
            &["prvUseOfficeApps"][..],
        ),
        (
            "because current user role does not have required permissions",
            &["app-module-shared-with-role"],
        ),
        (
            "Don't have permissions to retrieve AppforOutlookModule id",
            &["app-module-shared-with-role"],
        ),
        (
            "You don't have the required role or privilege to complete this action",
            &["user-has-a-role"],
        ),
        (
            "Your profile is either disabled or you are not configured to any business unit",
            &["user-enabled"],
        ),
        (
            "You only have administrative access",
            &["user-access-mode-read-write"],
        ),
        (
            "from an email address that we don't recognize",
            &["primary-email-matches-mailbox"],
        ),
        (
            incoming,
            &[
                "incoming-email-by-server-side-sync",
                "incoming-email-test-passed",
                "incoming-email-enabled",
                "app-added-from-one-environment",
            ],
        ),
        (
            appointments,
            &[
                "appointments-by-server-side-sync",
                "appointments-test-passed",
                "appointments-enabled",
                "app-added-from-one-environment",
            ],
        ),
        (
            "Track and Set Regarding are currently disabled",
            &[
                "incoming-email-by-server-side-sync",
                "incoming-email-test-passed",
                "incoming-email-enabled",
                "primary-email-matches-mailbox",
            ],
        ),
        (
            "You do not have permission to access these records",
            &[
                "prvReadConnection",
                "prvReadIncident",
                "prvReadOpportunity",
                "prvReadCompetitor",
            ],
        ),
        ("Issue when adding to Outlook", &["app-deployment-healthy"]),
        (
            "Crm : IncomingEmailRejected",
            &[
                "mailbox-address-approved",
                "mailbox-synchronizes-one-environment",
                "mailbox-primary-environment",
            ],
        ),
        (
            "Crm : IncomingEmailS2SApprovalNeeded",
            &["mailbox-address-approved-by-administrator"],
        ),
        (
            "Track pending",
            &[
                "incoming-email-by-server-side-sync",
                "appointments-by-server-side-sync",
                "incoming-email-test-passed",
                "appointments-test-passed",
                "incoming-email-enabled",
                "appointments-enabled",
            ],
        ),
        (
            "is configured with another Microsoft Dynamics 365 organization",
            &[
                "mailbox-synchronizes-one-environment",
                "mailbox-primary-environment",
            ],
        ),
        (
            "IncomingIncorrectCrmOrgError",
            &[
                "mailbox-synchronizes-one-environment",
                "mailbox-primary-environment",
            ],
        ),
        (
            "ExchangeSyncIncorrectCrmOrgError",
            &[
                "mailbox-synchronizes-one-environment",
                "mailbox-primary-environment",
            ],
        ),
        (
            "the app doesn't appear within Outlook",
            &[
                "client-system-requirements",
                "app-added-to-outlook",
                "outlook-2016-or-later",
            ],
        ),
        (
            "Your device is currently unsupported",
            &["client-system-requirements"],
        ),
        ("Can't connect to Exchange", &["exchange-oauth-enabled"]),
        ("ErrorInvalidLicense", &["incoming-email-test-passed"]),
        (
            "A failure occurred in CrmSecurity",
            &["mailbox-address-approved-by-administrator"],
        ),
    ] {
        assert_eq!(with(symptom), rules, "{symptom}");
    }
}

/// What the facts list beside these (§2), and no rule can see: a dashboard or a view that was changed,
/// security zones and caches of a browser, a menu that was changed, and the network.
#[test]
fn what_no_rule_can_see_is_no_symptom() {
    let set = shipped();
    for text in [
        "The view is not available",
        "Something went wrong during sign-in",
        "The authentication was not successful",
        "didn't load completely",
    ] {
        let symptoms = set.rules.iter().flat_map(|rule| &rule.symptoms);
        assert!(!symptoms.into_iter().any(|known| known.contains(text)), "{text}");
    }
}
