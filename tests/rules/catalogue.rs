//! The shipped packs against the catalogue: the tables here are typed from the papers, not from
//! what the program says.

use std::collections::BTreeSet;

use clearance::rules::{Area, Depth, Scope, Severity};

use super::shipped;

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
    ("deployment-guide", "client-system-requirements", 'U', 'L'),
    ("deployment-guide", "internet-explorer-11", 'U', 'A'),
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
    ("platform-changes", "outlook-2016-or-later", 'U', 'A'),
    ("self-check", "access-model-disagrees", 'U', 'A'),
    ("self-check", "group-team-membership-unseen", 'U', 'A'),
];

const BUSINESS: &str = "Business Management";
const PRIVACY: &str = "Business Management > Privacy-related privileges";
const CORE: &str = "Core Records";
const CUSTOMIZATION: &str = "Customization";
const MISCELLANEOUS: &str = "Service Management > Miscellaneous Privileges";

/// The guide's table: name, tab as printed, and the catalogue's least depth.
pub(crate) const GUIDE: [(&str, &str, Depth); 24] = [
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
        assert!(
            rule.source.ends_with(" (read 2026-11-23)"),
            "{id}: {}",
            rule.source
        );
        assert!(rule.section.is_some(), "{id} does not say where in its source");
        // Only the self-checks are about no part of the set-up.
        assert!(rule.area != Area::Other || rule.pack == 3, "{id} has no area");
        if let Some(superseded) = &rule.superseded {
            assert!(superseded.by.starts_with("https://"), "{id}: {}", superseded.by);
            assert!(superseded.why.len() > 40, "{id}: {}", superseded.why);
        }
    }
}

/// Where an administrator clicks, today and in the guide's time.
#[test]
fn remedies_name_both_ways_where_there_are_two() {
    for rule in &shipped().rules {
        let (id, remedy) = (&rule.id, &rule.remedy);
        let classic = remedy.contains("classic:") || remedy.contains("(from an app:");
        // Nothing of Dynamics 365's own screens has to be clicked, or it never had a classic one.
        let elsewhere = [
            "exchange-oauth-enabled",
            "internet-explorer-11",
            "client-system-requirements",
            "environment-build-ships-app-role",
            "app-role-exists",
            "internet-facing-deployment",
            "exchange-oauth-provider-registered",
            "user-enabled",
            "user-licensed",
            "app-module-exists",
            "region-supported",
            "exchange-web-services-retirement",
            "outlook-2016-or-later",
            "access-model-disagrees",
            "group-team-membership-unseen",
        ];
        assert_ne!(classic, elsewhere.contains(&id.as_str()), "{id}: {remedy}");
        if classic {
            assert!(remedy.contains("Power Platform admin centre"), "{id}: {remedy}");
        }
    }
}

/// The text of a shipped file.
fn file(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("rules")
        .join(name);
    std::fs::read_to_string(path).expect(name)
}

/// Facts §4: two rows of the guide's table are misprinted, which an auditor has to find told.
#[test]
fn the_guides_two_misprints_are_told_beside_their_rows() {
    let text = file("deployment-guide/3-table-of-privileges.toml");
    let misprinted: Vec<&str> = text
        .split("\n\n")
        .filter(|entry| entry.starts_with("# Misprint in the guide"))
        .filter_map(|entry| entry.split("name = \"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(misprinted, ["prvSyncToOutlook", "prvOverrideCreatedOnCreatedBy"]);
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
