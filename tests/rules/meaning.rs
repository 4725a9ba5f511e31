//! What the rules mean: their checks in words and in Dataverse's numbers.

use clearance::rules::{Check, Rule, RuleSource, Version, load};

use super::shipped;

/// What the rules ask, in words: a change of meaning has to be made here, too.
#[test]
fn checks_say_what_the_catalogue_says() {
    let set = shipped();
    let words = |id: &str| -> (String, String) {
        let (_, rule) = set.find(id).expect(id);
        let when = rule.when.as_ref().map(Check::describe).unwrap_or_default();
        (when, rule.check.describe())
    };
    let sync = "is Server-Side Synchronization";
    for (id, when, check) in [
        (
            "server-side-sync-processes-email",
            String::new(),
            format!("`organization.emailconnectionchannel` {sync}"),
        ),
        (
            "environment-build-ships-app-role",
            String::new(),
            "`environment.build` is 9.1.0.4206 or later".to_owned(),
        ),
        (
            "incoming-email-test-passed",
            format!("`mailbox.incomingemaildeliverymethod` {sync}"),
            "`mailbox.incomingemailstatus` is Success".to_owned(),
        ),
        (
            "appointments-test-passed",
            format!("`mailbox.actdeliverymethod` {sync}"),
            "`mailbox.actstatus` is Success".to_owned(),
        ),
        (
            "mailbox-not-forward",
            String::new(),
            "any of: `mailbox.isforwardmailbox` is empty; `mailbox.isforwardmailbox` is no".to_owned(),
        ),
        (
            "mailbox-belongs-to-user",
            String::new(),
            "`mailbox.regardingobjectid` equals `systemuser.systemuserid`".to_owned(),
        ),
        (
            "exchange-oauth-enabled",
            "`emailserverprofile.servertype` is Exchange Server or Exchange Server (Hybrid)".to_owned(),
            "attestation `exchange-oauth-enabled` holds".to_owned(),
        ),
        (
            "exchange-online-profile-server-to-server",
            "`emailserverprofile.servertype` is Exchange Online (Hybrid)".to_owned(),
            "`emailserverprofile.incomingcredentialretrieval` is Server to Server Authentication or OAuth with \
             Microsoft Entra ID"
                .to_owned(),
        ),
        (
            "region-supported",
            "`environment.deployment` is Online".to_owned(),
            "any of: `environment.region` is empty; `environment.region` is not \"dod\"".to_owned(),
        ),
        (
            "app-deployment-healthy",
            String::new(),
            "`mailbox.officeappsdeploymentstatus` is Not Installed or Installed".to_owned(),
        ),
        ("prvReadMailbox", String::new(), "`prvReadMailbox` at basic or deeper".to_owned()),
        ("prvUseOfficeApps", String::new(), "`prvUseOfficeApps` at global".to_owned()),
        ("user-has-a-role", String::new(), "holds a security role".to_owned()),
    ] {
        assert_eq!(words(id), (when, check), "{id}");
    }
    let rule = |id: &str| -> &Rule { set.find(id).expect(id).1 };
    assert_eq!(rule("exchange-web-services-retirement").check, Check::Never);
    assert_eq!(rule("app-deployment-healthy").quote.len(), 1);
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
