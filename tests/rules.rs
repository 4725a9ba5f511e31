//! The shipped packs against the catalogue: the tables here are typed from the papers, not from
//! what the program says.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use clearance::cli::rule_files::load_rules;
use clearance::cli::rules::{RuleChoice, RulesArgs, RulesCommand, run};
use clearance::rules::{
    Area, Check, Depth, Rule, RuleSet, RuleSource, Scope, Severity, Version, load, packs,
};

fn shipped() -> RuleSet {
    load(&packs::embedded()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// id, scope, severity: `U`ser or `E`nvironment; `B`locks, `L`imits, `A`dvises.
const CATALOGUE: &[(&str, &str, char, char)] = &[
    ("deployment-guide", "server-side-sync-processes-email", 'E', 'B'),
    ("deployment-guide", "environment-build-ships-app-role", 'E', 'A'),
    ("deployment-guide", "app-role-exists", 'E', 'A'),
    ("deployment-guide", "exchange-oauth-enabled", 'U', 'B'),
    ("deployment-guide", "internet-facing-deployment", 'E', 'B'),
    ("deployment-guide", "exchange-oauth-provider-registered", 'U', 'B'),
    ("deployment-guide", "mailbox-exists", 'U', 'B'),
    ("deployment-guide", "mailbox-belongs-to-user", 'U', 'B'),
    ("deployment-guide", "mailbox-not-forward", 'U', 'B'),
    ("deployment-guide", "mailbox-active", 'U', 'B'),
    ("deployment-guide", "mailbox-has-server-profile", 'U', 'B'),
    ("deployment-guide", "mailbox-profile-is-exchange", 'U', 'B'),
    ("deployment-guide", "mailbox-address-approved", 'U', 'B'),
    (
        "deployment-guide",
        "mailbox-address-approved-by-administrator",
        'U',
        'B',
    ),
    ("deployment-guide", "incoming-email-by-server-side-sync", 'U', 'B'),
    ("deployment-guide", "outgoing-email-by-server-side-sync", 'U', 'L'),
    ("deployment-guide", "appointments-by-server-side-sync", 'U', 'L'),
    ("deployment-guide", "incoming-email-test-passed", 'U', 'B'),
    ("deployment-guide", "outgoing-email-test-passed", 'U', 'L'),
    ("deployment-guide", "appointments-test-passed", 'U', 'L'),
    ("deployment-guide", "incoming-email-enabled", 'U', 'B'),
    ("deployment-guide", "appointments-enabled", 'U', 'L'),
    ("deployment-guide", "app-role-held-directly", 'U', 'A'),
    ("deployment-guide", "app-added-to-outlook", 'U', 'A'),
    ("deployment-guide", "app-deployment-healthy", 'U', 'L'),
    (
        "deployment-guide",
        "mailbox-synchronizes-one-environment",
        'U',
        'B',
    ),
    ("deployment-guide", "app-added-from-one-environment", 'U', 'A'),
    ("deployment-guide", "mailbox-primary-environment", 'U', 'A'),
    ("deployment-guide", "exchange-same-tenant", 'U', 'B'),
    ("support-articles", "user-enabled", 'U', 'B'),
    ("support-articles", "user-access-mode-read-write", 'U', 'B'),
    ("support-articles", "user-has-a-role", 'U', 'B'),
    ("support-articles", "user-licensed", 'U', 'A'),
    ("support-articles", "primary-email-matches-mailbox", 'U', 'L'),
    ("support-articles", "app-module-exists", 'E', 'B'),
    ("support-articles", "app-module-shared-with-role", 'U', 'B'),
    (
        "support-articles",
        "exchange-online-profile-server-to-server",
        'U',
        'L',
    ),
    ("support-articles", "region-supported", 'E', 'B'),
    ("platform-changes", "exchange-web-services-retirement", 'U', 'A'),
    ("platform-changes", "legacy-outlook-client-delivery", 'U', 'A'),
    ("self-check", "access-model-disagrees", 'U', 'A'),
    ("self-check", "group-team-membership-unseen", 'U', 'A'),
];

const BUSINESS: &str = "Business Management";
const PRIVACY: &str = "Business Management > Privacy-related privileges";
const CORE: &str = "Core Records";
const CUSTOMIZATION: &str = "Customization";
const MISCELLANEOUS: &str = "Service Management > Miscellaneous Privileges";

/// The guide's table: name, tab as printed, and the catalogue's least depth.
const GUIDE: [(&str, &str, Depth); 24] = [
    ("prvReadEmailServerProfile", BUSINESS, Depth::Basic),
    ("prvWriteMailbox", BUSINESS, Depth::Basic),
    ("prvReadMailbox", BUSINESS, Depth::Basic),
    ("prvReadOrganization", BUSINESS, Depth::Global),
    ("prvSyncToOutlook", PRIVACY, Depth::Global),
    ("prvReadActionCard", CORE, Depth::Basic),
    ("prvDeleteActivity", CORE, Depth::Basic),
    ("prvAppendActivity", CORE, Depth::Basic),
    ("prvWriteActivity", CORE, Depth::Basic),
    ("prvCreateActivity", CORE, Depth::Basic),
    ("prvReadActivity", CORE, Depth::Basic),
    ("prvAppendToActivity", CORE, Depth::Basic),
    ("prvReadConnection", CORE, Depth::Basic),
    ("prvAssignContact", CORE, Depth::Basic),
    ("prvReadContact", CORE, Depth::Basic),
    ("prvWriteContact", CORE, Depth::Basic),
    ("prvCreateContact", CORE, Depth::Basic),
    ("prvDeleteContact", CORE, Depth::Basic),
    ("prvReadUserQuery", CORE, Depth::Basic),
    ("prvReadQueue", CORE, Depth::Basic),
    ("prvReadQuery", CUSTOMIZATION, Depth::Global),
    ("prvReadIncident", "Service", Depth::Basic),
    ("prvSearchAvailability", MISCELLANEOUS, Depth::Global),
    ("prvOverrideCreatedOnCreatedBy", MISCELLANEOUS, Depth::Global),
];

/// The privileges that the support articles alone ask for.
const ARTICLES: [(&str, Depth, Severity); 17] = [
    ("prvUseOfficeApps", Depth::Global, Severity::Blocks),
    ("prvReadRole", Depth::Basic, Severity::Limits),
    ("prvReadUser", Depth::Basic, Severity::Limits),
    ("prvAppendToAccount", Depth::Basic, Severity::Limits),
    ("prvReadAccount", Depth::Basic, Severity::Limits),
    ("prvShareActivity", Depth::Basic, Severity::Limits),
    ("prvAppendToContact", Depth::Basic, Severity::Limits),
    ("prvReadAppModule", Depth::Global, Severity::Limits),
    ("prvReadAttribute", Depth::Global, Severity::Limits),
    ("prvReadEntity", Depth::Global, Severity::Limits),
    ("prvReadRelationship", Depth::Global, Severity::Limits),
    (
        "prvReadSystemApplicationMetadata",
        Depth::Global,
        Severity::Limits,
    ),
    ("prvReadSystemForm", Depth::Global, Severity::Limits),
    ("prvReadUserApplicationMetadata", Depth::Basic, Severity::Limits),
    ("prvReadWebResource", Depth::Global, Severity::Limits),
    ("prvReadOpportunity", Depth::Basic, Severity::Limits),
    ("prvReadCompetitor", Depth::Global, Severity::Limits),
];

#[test]
fn the_packs_come_in_their_order() {
    let set = shipped();
    let ids: Vec<&str> = set.packs.iter().map(|pack| pack.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "deployment-guide",
            "support-articles",
            "platform-changes",
            "self-check"
        ]
    );
    assert_eq!(set.packs[0].version, "2021.4.22");
    assert_eq!(set.packs[1].version, "2025.3.6");
    let order: Vec<usize> = set.rules.iter().map(|rule| rule.pack).collect();
    assert!(order.is_sorted());
}

#[test]
fn every_rule_of_the_catalogue_is_there_and_no_other() {
    let set = shipped();
    let mut expected: BTreeSet<(String, String, char, char)> = CATALOGUE
        .iter()
        .map(|(pack, id, scope, severity)| ((*pack).to_owned(), (*id).to_owned(), *scope, *severity))
        .collect();
    for (name, _, _) in GUIDE {
        expected.insert(("deployment-guide".to_owned(), name.to_owned(), 'U', 'B'));
    }
    for (name, _, severity) in ARTICLES {
        let letter = if severity == Severity::Blocks { 'B' } else { 'L' };
        expected.insert(("support-articles".to_owned(), name.to_owned(), 'U', letter));
    }
    let found: BTreeSet<(String, String, char, char)> = set
        .rules
        .iter()
        .map(|rule| {
            let scope = match rule.scope {
                Scope::User => 'U',
                Scope::Environment => 'E',
            };
            let severity = match rule.severity {
                Severity::Blocks => 'B',
                Severity::Limits => 'L',
                Severity::Advises => 'A',
            };
            (set.packs[rule.pack].id.clone(), rule.id.clone(), scope, severity)
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(found.len(), set.rules.len());
}

#[test]
fn the_guides_table_has_its_24_rows_in_its_order() {
    let set = shipped();
    let rows: Vec<(&str, &str, Depth)> = set
        .rules
        .iter()
        .filter(|rule| set.packs[rule.pack].id == "deployment-guide")
        .filter_map(|rule| rule.privilege.as_ref())
        .map(|privilege| {
            let tab = privilege.tab.as_deref().expect("every row has a tab");
            (privilege.name.as_str(), tab, privilege.depth)
        })
        .collect();
    assert_eq!(rows, GUIDE);
}

#[test]
fn the_articles_add_17_privileges() {
    let set = shipped();
    let rows: Vec<(&str, Depth, Severity)> = set
        .rules
        .iter()
        .filter(|rule| set.packs[rule.pack].id == "support-articles")
        .filter_map(|rule| Some((rule, rule.privilege.as_ref()?)))
        .map(|(rule, privilege)| (privilege.name.as_str(), privilege.depth, rule.severity))
        .collect();
    assert_eq!(rows, ARTICLES);
}

#[test]
fn privileges_in_both_lists_name_both_sources() {
    let set = shipped();
    // Facts §1: six rows are in the guide alone.
    let alone = [
        "prvReadActionCard",
        "prvAssignContact",
        "prvWriteContact",
        "prvDeleteContact",
        "prvReadQueue",
        "prvOverrideCreatedOnCreatedBy",
    ];
    for (name, _, _) in GUIDE {
        let (_, rule) = set.find(name).expect(name);
        assert_eq!(rule.also.is_empty(), alone.contains(&name), "{name}");
        assert!(
            rule.source.contains("deploy-dynamics-365-app-for-outlook"),
            "{name}"
        );
    }
}

#[test]
fn every_rule_teaches() {
    for rule in &shipped().rules {
        let id = &rule.id;
        assert!(rule.cause.is_some(), "{id} has no cause");
        assert!(rule.why.is_some(), "{id} does not say why");
        assert!(rule.remedy.len() > 40, "{id} has no real remedy");
        assert!(rule.source.starts_with("https://"), "{id}: {}", rule.source);
        assert!(!rule.remedy.contains('\n'), "{id}: the remedy is one paragraph");
        assert!(!rule.title.ends_with('.'), "{id}: a title is no sentence");
        for text in [&rule.remedy].into_iter().chain(&rule.cause).chain(&rule.why) {
            assert!(text.ends_with(['.', ')']), "{id}: {text}");
            assert!(!text.contains("  "), "{id}: {text}");
        }
        if rule.pack < 3 {
            assert!(
                rule.source.ends_with(" (read 2026-11-23)"),
                "{id}: {}",
                rule.source
            );
            assert!(rule.area != Area::Other, "{id} has no area");
        }
    }
}

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
                "app-added-from-one-environment",
            ],
        ),
        (
            appointments,
            &[
                "appointments-by-server-side-sync",
                "appointments-test-passed",
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
                "incoming-email-test-passed",
                "incoming-email-enabled",
            ],
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

#[test]
fn the_features_are_those_of_the_catalogue() {
    let set = shipped();
    let mut features: Vec<(&str, Vec<&str>)> = set
        .features
        .iter()
        .map(|feature| (&*feature.id, feature.needs.iter().map(|need| &**need).collect()))
        .collect();
    features.sort();
    assert_eq!(
        features,
        [
            ("case-subgrid", vec!["prvReadIncident"]),
            ("competitor-subgrid", vec!["prvReadCompetitor"]),
            ("create-accounts", vec!["prvCreateAccount"]),
            ("create-contacts", vec!["prvCreateContact"]),
            ("opportunity-subgrid", vec!["prvReadOpportunity"]),
            ("resolve-leads", vec!["prvCreateLead", "prvReadLead"]),
            ("stakeholder-subgrid", vec!["prvReadConnection"]),
        ]
    );
}

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

fn own(name: &str, text: &str) -> RuleSource {
    RuleSource {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

const OWN: &str = r#"
[pack]
id = "own"
title = "Our own rules"
version = "1.0"
source = "https://example.com/handbook"

[[fact]]
name = "systemuser.mobilephone"
type = "text"

[[fact]]
name = "systemuser.caltype"
type = "option"
options = { professional = 0, administrative = 1 }

[[rule]]
id = "mobile-phone"
title = "The user has a mobile phone"
scope = "user"
severity = "advises"
when = { field = "systemuser.caltype", is_not = "administrative" }
check = { field = "systemuser.mobilephone", present = true }
remedy = "Enter the number."
"#;

#[test]
fn a_pack_of_ones_own_reads_further_columns() {
    let mut sources = packs::embedded();
    sources.push(own("own.toml", OWN));
    let set = load(&sources).unwrap_or_else(|errors| panic!("{errors}"));
    let (_, rule) = set.find("mobile-phone").expect("the rule");
    assert_eq!(set.packs[rule.pack].id, "own");
    assert_eq!(rule.area, Area::Other);
    assert_eq!(rule.source, "https://example.com/handbook");
    let columns: Vec<String> = set
        .columns()
        .into_iter()
        .map(|(subject, column, _)| format!("{}.{column}", subject.table()))
        .collect();
    assert!(columns.contains(&"systemuser.mobilephone".to_owned()));
    assert!(columns.contains(&"systemuser.caltype".to_owned()));
    assert!(columns.contains(&"mailbox.officeappsdeploymenterror".to_owned()));
}

#[test]
fn a_clash_between_files_names_both_places() {
    let mut sources = packs::embedded();
    sources.push(own("own.toml", &OWN.replace("mobile-phone", "user-enabled")));
    let said = load(&sources).expect_err("a clash").to_string();
    assert!(said.contains("rule `user-enabled` is there twice"), "{said}");
    assert!(said.contains("own.toml:18:6"), "{said}");
    assert!(said.contains("(built in) support-articles.toml:"), "{said}");
    assert!(
        said.ends_with("1 fault in 1 rule file; nothing was evaluated"),
        "{said}"
    );
}

#[test]
fn packs_are_chosen_by_id() {
    let chosen =
        |ids: &[&str]| shipped().select_packs(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let all = shipped();
    assert_eq!(chosen(&[]).expect("all").rules.len(), all.rules.len());
    let set = chosen(&["platform-changes", "support-articles"]).expect("two packs");
    assert_eq!(set.packs.len(), 2);
    assert_eq!(
        set.packs[set.find("user-enabled").expect("a rule").1.pack].id,
        "support-articles"
    );
    assert_eq!(
        set.packs[set.rules.last().expect("a rule").pack].id,
        "platform-changes"
    );
    assert!(set.find("mailbox-exists").is_none());
    assert!(
        set.features
            .iter()
            .all(|feature| set.packs[feature.pack].id == "support-articles")
    );
    let said = chosen(&["suport-articles"])
        .expect_err("no such pack")
        .to_string();
    assert_eq!(
        said,
        "there is no rule pack `suport-articles`\nhint: did you mean `support-articles`?"
    );
}

fn command(command: RulesCommand) -> Result<(u8, String), (u8, String)> {
    let mut out = Vec::new();
    match run(RulesArgs { command }, &mut out) {
        Ok(code) => Ok((code, String::from_utf8(out).expect("text"))),
        Err(failure) => Err((failure.code, failure.message)),
    }
}

fn show(id: &str) -> Result<(u8, String), (u8, String)> {
    command(RulesCommand::Show {
        id: id.to_owned(),
        choice: RuleChoice::default(),
    })
}

#[test]
fn show_prints_everything_about_a_rule() {
    let (code, said) = show("prvreadincident").expect("a rule");
    assert_eq!(code, 0);
    for part in [
        "prvReadIncident\nPrivilege prvReadIncident (Case: Read) at User depth or more\n",
        "severity:   blocks\n",
        "pack:       deployment-guide 2021.4.22\n",
        "passes if:  `prvReadIncident` at basic or deeper\n",
        "symptom:    \"You haven't been authorized",
        "source:     https://learn.microsoft.com/dynamics365/outlook-app/deploy",
        "also in:    https://learn.microsoft.com/troubleshoot/",
        "asks for:   privilege `prvReadIncident`\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let (_, said) = show("app-deployment-healthy").expect("a rule");
    assert!(
        said.contains("reads:      `mailbox.officeappsdeploymenterror` (text), column"),
        "{said}"
    );
}

#[test]
fn an_unknown_rule_is_wrong_use() {
    assert_eq!(
        show("prvReadMailbx"),
        Err((
            2,
            "there is no rule `prvReadMailbx`\nhint: did you mean `prvReadMailbox`?".to_owned()
        ))
    );
    let (code, said) = show("everything").expect_err("no such rule");
    assert_eq!(code, 2);
    assert!(said.contains("`clearance rules list` names all rules"), "{said}");
}

#[test]
fn list_names_every_rule() {
    let list = |json| {
        command(RulesCommand::List {
            choice: RuleChoice::default(),
            json,
        })
        .expect("a list")
        .1
    };
    let set = shipped();
    let text = list(false);
    for rule in &set.rules {
        assert!(text.contains(&format!("  {} ", rule.id)), "{}", rule.id);
    }
    assert!(text.ends_with("83 rules in 4 packs; 7 features\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&list(true)).expect("JSON");
    assert_eq!(json.as_array().expect("a list").len(), set.rules.len());
    assert_eq!(json[0]["pack"], "deployment-guide");
}

fn check(path: PathBuf) -> Result<(u8, String), (u8, String)> {
    command(RulesCommand::Check { path })
}

#[test]
fn check_counts_rules_or_draws_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("a folder");
    std::fs::write(below.join("own.toml"), OWN).expect("a file");
    std::fs::write(
        folder.path().join("more.toml"),
        "\u{feff}[pack]\nid = \"own\"\n\n[[privilege]]\nname = \"prvReadLead\"\ntable = \"lead\"\ntab = \"Sales\"\n\
         depth = \"basic\"\nseverity = \"limits\"\n",
    )
    .expect("a file");
    assert_eq!(
        check(folder.path().to_owned()),
        Ok((0, "2 rules in 2 files: no faults\n".to_owned()))
    );
    std::fs::write(below.join("own.toml"), OWN.replace("present", "presnt")).expect("a file");
    let (code, said) = check(folder.path().to_owned()).expect_err("a fault");
    assert_eq!(code, 2);
    assert!(said.contains("did you mean `present`?"), "{said}");
    assert!(said.contains("own.toml:23:45"), "{said}");
}

#[test]
fn the_shipped_files_check_as_a_folder() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let (code, said) = check(folder).expect("no faults");
    assert_eq!(code, 0);
    assert!(said.starts_with("83 rules in "), "{said}");
}

#[test]
fn paths_that_hold_no_rules_are_wrong_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, said) = check(folder.path().to_owned()).expect_err("no files");
    assert_eq!(code, 2);
    assert!(said.contains("there are no rule files in"), "{said}");
    let (code, said) = check(folder.path().join("none.toml")).expect_err("no file");
    assert_eq!(code, 2);
    assert!(said.contains("cannot read rules from"), "{said}");
    std::fs::write(folder.path().join("latin.toml"), b"# caf\xe9").expect("a file");
    let (_, said) = check(folder.path().join("latin.toml")).expect_err("no text");
    assert!(said.contains("UTF-8"), "{said}");
}

#[test]
fn a_folder_can_replace_a_shipped_pack_or_add_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rules.toml");
    let folders = [folder.path().to_owned()];
    std::fs::write(&file, OWN.replace("\"own\"", "\"platform-changes\"")).expect("a file");
    let set = load_rules(&folders, &[]).unwrap_or_else(|failure| panic!("{}", failure.message));
    assert!(set.find("mobile-phone").is_some());
    assert!(set.find("legacy-outlook-client-delivery").is_none());
    assert_eq!(set.packs.len(), 4);

    let adds = OWN
        .lines()
        .filter(|line| {
            !["title = \"Our", "version", "source"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\"own\"", "\"platform-changes\"");
    std::fs::write(&file, adds).expect("a file");
    let set = load_rules(&folders, &[]).unwrap_or_else(|failure| panic!("{}", failure.message));
    assert!(set.find("mobile-phone").is_some());
    assert!(set.find("legacy-outlook-client-delivery").is_some());
}

#[test]
fn torn_files_are_refused_and_never_a_panic() {
    // Cut off anywhere, or with a stray character anywhere: every span must still be drawable.
    let text = OWN.replace("Our own rules", "Règles à nous — 规则");
    for (position, _) in text.char_indices() {
        let _ = load(&[own("cut.toml", &text[..position])]);
        for stray in ["\"", "\u{e9}", "\0", "]", "\r", "{"] {
            let torn = format!("{}{stray}{}", &text[..position], &text[position..]);
            if let Err(errors) = load(&[own("torn.toml", &torn)]) {
                assert!(errors.to_string().contains("nothing was evaluated"));
                assert!(errors.count() > 0);
            }
        }
    }
}
