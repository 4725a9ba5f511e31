//! What the rules mean: their checks in words and in Dataverse's numbers.

use clearance::rules::{Check, Depth, RuleSource, Version, load};

use super::shipped;

/// What the rules ask, in words, for every rule that stands for no privilege: when it applies, and when
/// it passes. A change of meaning has to be made here, too.
#[rustfmt::skip]
const MEANING: &[(&str, &str, &str)] = &[
    ("mailbox-profile-is-exchange",
        "`mailbox.emailserverprofile` has a value",
        "`emailserverprofile.servertype` is Exchange Server, Exchange Server (Hybrid) or Exchange Online (Hybrid)"),
    ("exchange-oauth-enabled",
        "`emailserverprofile.servertype` is Exchange Server or Exchange Server (Hybrid)",
        "attestation `exchange-oauth-enabled` holds"),
    ("internet-explorer-11",
        "all of: `devices.given` is yes; some device of the user has `device.operating-system` is Windows",
        "every device of the user has any of: `device.operating-system` is not Windows; \
         `device.internet-explorer` is 11 or later"),
    // The vendor's page on system requirements of 2021-04-20, row by row.
    ("client-system-requirements",
        "`devices.given` is yes",
        "every device of the user has any of: \
         (all of: `device.operating-system` is Windows; `device.os-version` is 6.3 or later; \
         (any of: `device.outlook-version` is 16.0.9330.2073 or later; \
         (all of: `device.outlook-channel` is MSI; `device.outlook-version` is 16.0.4266.1001 or later); \
         (all of: `device.outlook-channel` is MSI; `device.outlook-version` is 15.0.5023.1000 or later; \
         not (`device.outlook-version` is 16 or later)))); \
         (all of: `device.operating-system` is Windows; `device.os-version` is 6.3 or later; \
         `device.outlook-version` is empty; (any of: `device.browser` is Edge, Chrome or Firefox; \
         (all of: `device.browser` is Internet Explorer; `device.browser-version` is 11 or later))); \
         (all of: `device.operating-system` is macOS; `device.outlook-version` is empty; \
         `device.browser` is Safari; `device.browser-version` is 9 or later); \
         (all of: `device.operating-system` is macOS; (any of: `device.outlook-version` has a value; \
         `device.outlook-version` is 0 or later)); \
         (all of: `device.operating-system` is iOS; `device.os-version` is 8 or later); \
         (all of: `device.operating-system` is Android; `device.os-version` is 4.4 or later)"),
    ("exchange-same-tenant",
        "`emailserverprofile.servertype` is Exchange Online (Hybrid)",
        "any of: `emailserverprofile.usedefaulttenantid` is empty; `emailserverprofile.usedefaulttenantid` is yes"),
    ("server-side-sync-processes-email", "",
        "`organization.emailconnectionchannel` is Server-Side Synchronization"),
    ("mailbox-exists", "", "`mailbox.exists` is yes"),
    ("mailbox-belongs-to-user", "", "`mailbox.regardingobjectid` equals `systemuser.systemuserid`"),
    ("mailbox-not-forward", "",
        "any of: `mailbox.isforwardmailbox` is empty; `mailbox.isforwardmailbox` is no"),
    ("mailbox-has-server-profile", "", "`mailbox.emailserverprofile` has a value"),
    ("mailbox-active", "", "`mailbox.statecode` is Active"),
    ("mailbox-address-approved",
        "`organization.requireapprovalforuseremail` is yes",
        "`mailbox.emailrouteraccessapproval` is Approved"),
    ("mailbox-address-approved-by-administrator",
        "all of: `organization.requireapprovalforuseremail` is yes; `environment.deployment` is Online; \
         `emailserverprofile.servertype` is Exchange Online (Hybrid)",
        "`mailbox.isemailaddressapprovedbyo365admin` is yes"),
    ("incoming-email-by-server-side-sync", "",
        "`mailbox.incomingemaildeliverymethod` is Server-Side Synchronization"),
    ("outgoing-email-by-server-side-sync", "",
        "`mailbox.outgoingemaildeliverymethod` is Server-Side Synchronization"),
    ("appointments-by-server-side-sync", "",
        "`mailbox.actdeliverymethod` is Server-Side Synchronization"),
    ("incoming-email-test-passed",
        "`mailbox.incomingemaildeliverymethod` is Server-Side Synchronization",
        "`mailbox.incomingemailstatus` is Success"),
    ("outgoing-email-test-passed",
        "`mailbox.outgoingemaildeliverymethod` is Server-Side Synchronization",
        "`mailbox.outgoingemailstatus` is Success"),
    ("appointments-test-passed",
        "`mailbox.actdeliverymethod` is Server-Side Synchronization",
        "`mailbox.actstatus` is Success"),
    ("incoming-email-enabled",
        "all of: `mailbox.incomingemaildeliverymethod` is Server-Side Synchronization; \
         `mailbox.incomingemailstatus` is Success",
        "`mailbox.enabledforincomingemail` is yes"),
    ("appointments-enabled",
        "all of: `mailbox.actdeliverymethod` is Server-Side Synchronization; `mailbox.actstatus` is Success",
        "`mailbox.enabledforact` is yes"),
    ("environment-build-ships-app-role", "", "`environment.build` is 9.1.0.4206 or later"),
    ("app-role-exists", "", "a role named \"Dynamics 365 App for Outlook User\" exists"),
    ("app-role-held-directly",
        "holds role \"Dynamics 365 App for Outlook User\"",
        "holds role \"Dynamics 365 App for Outlook User\" directly, not only through a team"),
    ("app-added-to-outlook", "", "`mailbox.officeappsdeploymentstatus` is Installed"),
    ("app-deployment-healthy", "", "`mailbox.officeappsdeploymentstatus` is Not Installed or Installed"),
    ("internet-facing-deployment",
        "`environment.deployment` is On-premises",
        "attestation `internet-facing-deployment` holds"),
    ("exchange-oauth-provider-registered",
        "all of: `environment.deployment` is On-premises; \
         `emailserverprofile.servertype` is Exchange Server or Exchange Server (Hybrid)",
        "attestation `exchange-oauth-provider-registered` holds"),
    ("mailbox-synchronizes-one-environment",
        "all of: `audit.environments` is 2 or more; \
         (any of: `mailbox.incomingemaildeliverymethod` is Server-Side Synchronization; \
         `mailbox.actdeliverymethod` is Server-Side Synchronization); `mailbox.emailaddress` has a value",
        "no mailbox with the same `mailbox.emailaddress` in another audited environment has \
         all of: `mailbox.statecode` is Active; \
         (any of: `mailbox.incomingemaildeliverymethod` is Server-Side Synchronization; \
         `mailbox.actdeliverymethod` is Server-Side Synchronization)"),
    ("mailbox-primary-environment",
        "`mailbox.actdeliverymethod` is Server-Side Synchronization",
        "`mailbox.orgmarkedasprimaryforexchangesync` is yes"),
    ("app-added-from-one-environment",
        "all of: `audit.environments` is 2 or more; `mailbox.officeappsdeploymentstatus` is Installed; \
         `mailbox.emailaddress` has a value",
        "no mailbox with the same `mailbox.emailaddress` in another audited environment has \
         `mailbox.officeappsdeploymentstatus` is Installed"),
    ("user-enabled", "", "`systemuser.isdisabled` is no"),
    ("user-access-mode-read-write", "", "`systemuser.accessmode` is Read-Write"),
    ("user-licensed", "`environment.deployment` is Online", "`systemuser.islicensed` is yes"),
    ("primary-email-matches-mailbox", "",
        "all of: `systemuser.internalemailaddress` has a value; `mailbox.emailaddress` has a value; \
         `systemuser.internalemailaddress` equals `mailbox.emailaddress`"),
    ("user-has-a-role", "", "holds a security role"),
    ("app-module-exists",
        "`environment.deployment` is Online",
        "an app with the unique name `AppforOutlookModule` exists"),
    ("app-module-shared-with-role",
        "all of: an app with the unique name `AppforOutlookModule` exists; holds a security role",
        "app `AppforOutlookModule` is shared with a role the user holds"),
    ("exchange-online-profile-server-to-server",
        "`emailserverprofile.servertype` is Exchange Online (Hybrid)",
        "`emailserverprofile.incomingcredentialretrieval` is Server to Server Authentication or OAuth with \
         Microsoft Entra ID"),
    ("region-supported",
        "`environment.deployment` is Online",
        "any of: `environment.region` is empty; `environment.region` is not \"dod\""),
    ("exchange-web-services-retirement",
        "all of: `environment.deployment` is On-premises; \
         `emailserverprofile.servertype` is Exchange Online (Hybrid)",
        "never holds: it is a notice"),
    ("legacy-outlook-client-delivery", "",
        "all of: `mailbox.incomingemaildeliverymethod` is not Microsoft Dynamics 365 for Outlook; \
         `mailbox.outgoingemaildeliverymethod` is not Microsoft Dynamics 365 for Outlook; \
         `mailbox.actdeliverymethod` is not Microsoft Dynamics 365 for Outlook"),
    ("outlook-2016-or-later",
        "`devices.given` is yes",
        "every device of the user has any of: `device.outlook-version` is 16 or later; \
         `device.operating-system` is not Windows; not (`device.outlook-version` is 0 or later)"),
    ("access-model-disagrees", "`access.verified` is yes", "`access.agrees-with-server` is yes"),
    ("group-team-membership-unseen", "", "`access.memberships-seen` is yes"),
];

#[test]
fn checks_say_what_the_catalogue_says() {
    let set = shipped();
    for (id, when, check) in MEANING {
        let (_, rule) = set.find(id).expect(id);
        let applies = rule.when.as_ref().map(Check::describe).unwrap_or_default();
        assert_eq!(
            (applies.as_str(), rule.check.describe().as_str()),
            (*when, *check),
            "{id}"
        );
    }
    for rule in &set.rules {
        match &rule.privilege {
            Some(privilege) => {
                let depth = match privilege.depth {
                    Depth::Global => "at global".to_owned(),
                    depth => format!("at {} or deeper", depth.name()),
                };
                assert_eq!(rule.check.describe(), format!("`{}` {depth}", rule.id));
                assert_eq!(rule.when, None, "{}", rule.id);
            }
            None => assert!(MEANING.iter().any(|(id, _, _)| *id == rule.id), "{}", rule.id),
        }
    }
    let (_, quoting) = set.find("app-deployment-healthy").expect("a rule");
    let quoted: Vec<&str> = quoting.quote.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(quoted, ["mailbox.officeappsdeploymenterror"]);
    // The one rule that is evaluated only when that is asked for.
    let superseded: Vec<(&str, &str)> = set
        .rules
        .iter()
        .filter_map(|rule| Some((rule.id.as_str(), rule.superseded.as_ref()?.on.as_str())))
        .collect();
    assert_eq!(superseded, [("internet-explorer-11", "2025-11-06")]);
}

#[test]
fn checks_inside_checks_stand_in_brackets() {
    let active = "{ field = \"mailbox.statecode\", is = \"active\" }";
    let named = "{ field = \"mailbox.name\", one_of = [\"a\", \"b\", \"c\"] }";
    let later = "{ field = \"mailbox.testmailboxaccesscompletedon\", at_least = 2026-01-31 }";
    for (check, words) in [
        (
            format!("{{ any = [{{ all = [{active}, {named}] }}, {later}] }}"),
            "any of: (all of: `mailbox.statecode` is Active; `mailbox.name` is \"a\", \"b\" or \"c\"); \
             `mailbox.testmailboxaccesscompletedon` is 2026-01-31T00:00:00Z or later",
        ),
        // One part alone needs neither.
        (
            format!("{{ all = [{{ any = [{active}] }}, {{ not = {active} }}] }}"),
            "all of: `mailbox.statecode` is Active; not (`mailbox.statecode` is Active)",
        ),
    ] {
        let text = super::OWN.replace(
            "check = { field = \"systemuser.mobilephone\", present = true }",
            &format!("check = {check}"),
        );
        let name = "own.toml".to_owned();
        let set = load(&[RuleSource { name, text }]).unwrap_or_else(|errors| panic!("{errors}"));
        let (_, rule) = set.find("mobile-phone").expect("the rule");
        assert_eq!(rule.check.describe(), words);
    }
}

#[test]
fn options_compare_to_the_numbers_of_dataverse() {
    let set = shipped();
    let number = |id: &str| -> String { format!("{:?}", set.find(id).expect(id).1.check) };
    for (id, value) in [
        ("incoming-email-by-server-side-sync", "OneOf([Integer(2)])"),
        ("outgoing-email-by-server-side-sync", "OneOf([Integer(2)])"),
        ("appointments-by-server-side-sync", "OneOf([Integer(1)])"),
        ("mailbox-active", "OneOf([Integer(0)])"),
        ("mailbox-address-approved", "OneOf([Integer(1)])"),
        (
            "mailbox-profile-is-exchange",
            "OneOf([Integer(0), Integer(2), Integer(3)])",
        ),
        ("app-added-to-outlook", "OneOf([Integer(1)])"),
        ("app-deployment-healthy", "OneOf([Integer(0), Integer(1)])"),
        (
            "exchange-online-profile-server-to-server",
            "OneOf([Integer(2), Integer(7)])",
        ),
        ("user-access-mode-read-write", "OneOf([Integer(0)])"),
        ("server-side-sync-processes-email", "OneOf([Integer(0)])"),
    ] {
        assert!(number(id).contains(value), "{id}: {}", number(id));
    }
    let legacy = number("legacy-outlook-client-delivery");
    let values: Vec<&str> = legacy.matches("NoneOf([Integer(1)])").collect();
    assert_eq!(values.len(), 2, "incoming and outgoing are 1: {legacy}");
    assert!(
        legacy.contains("NoneOf([Integer(0)])"),
        "appointments are 0: {legacy}"
    );
}

#[test]
fn generated_words_of_a_privilege_name_the_clicks() {
    let set = shipped();
    let (_, rule) = set.find("prvReadMailbox").expect("a rule");
    assert_eq!(
        rule.title,
        "Privilege prvReadMailbox (Mailbox: Read) at User depth or more"
    );
    for part in [
        "Power Platform admin centre",
        "Dynamics 365 App for Outlook User",
        "tab Business Management",
        "row Mailbox: Read",
        "User or more",
        "set that role's Member's privilege inheritance to Direct User (Basic) access level and Team privileges",
    ] {
        assert!(rule.remedy.contains(part), "{part}: {}", rule.remedy);
    }
    let (_, rule) = set.find("prvSyncToOutlook").expect("a rule");
    assert_eq!(
        rule.title,
        "Privilege prvSyncToOutlook (Sync to Outlook) at Organization depth"
    );
}

#[test]
fn versions_compare_by_their_numbers() {
    let version = |text: &str| Version::parse(text).unwrap_or_else(|| panic!("{text}"));
    assert!(version("9.1.0.4206") < version("9.1.0.14134"));
    assert!(version("9.1.0.4206") < version("9.2"));
    assert!(version("9.1.0.4206") > version("9.1"));
    assert!(version("10.0") > version("9.99.99"));
    assert_eq!(version("9.1"), version("9.1.0.0"));
    assert_eq!(version("0"), version("0.0"));
    for bad in ["", "9.", "nine", "9.1-beta", "-1", "9..1"] {
        assert_eq!(Version::parse(bad), None, "{bad}");
    }
}
