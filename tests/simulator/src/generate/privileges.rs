//! The `privilege` table: what App for Outlook needs, among the noise of a real environment.

use uuid::Uuid;

use crate::random::SplitMix64;
use crate::tables::Privilege;

/// The 24 privileges of the deployment guide, in its order.
pub const DEPLOYMENT_GUIDE: [&str; 24] = [
    "prvReadEmailServerProfile",
    "prvWriteMailbox",
    "prvReadMailbox",
    "prvReadOrganization",
    "prvSyncToOutlook",
    "prvReadActionCard",
    "prvDeleteActivity",
    "prvAppendActivity",
    "prvWriteActivity",
    "prvCreateActivity",
    "prvReadActivity",
    "prvAppendToActivity",
    "prvReadConnection",
    "prvAssignContact",
    "prvReadContact",
    "prvWriteContact",
    "prvCreateContact",
    "prvDeleteContact",
    "prvReadUserQuery",
    "prvReadQueue",
    "prvReadQuery",
    "prvReadIncident",
    "prvSearchAvailability",
    "prvOverrideCreatedOnCreatedBy",
];

/// Privileges that the support articles add, `prvUseOfficeApps` first.
pub const SUPPORT_ARTICLES: [&str; 17] = [
    "prvUseOfficeApps",
    "prvReadRole",
    "prvReadUser",
    "prvReadAccount",
    "prvAppendToAccount",
    "prvShareActivity",
    "prvAppendToContact",
    "prvReadUserApplicationMetadata",
    "prvReadAppModule",
    "prvReadAttribute",
    "prvReadEntity",
    "prvReadRelationship",
    "prvReadSystemApplicationMetadata",
    "prvReadSystemForm",
    "prvReadWebResource",
    "prvReadOpportunity",
    "prvReadCompetitor",
];

/// Privileges that light up features and are in neither list.
pub const FEATURES: [&str; 3] = ["prvCreateLead", "prvReadLead", "prvCreateAccount"];

/// Every privilege that an audit asks for.
pub(crate) fn wanted() -> impl Iterator<Item = &'static str> {
    DEPLOYMENT_GUIDE
        .into_iter()
        .chain(SUPPORT_ARTICLES)
        .chain(FEATURES)
}

/// Verb and its bit in `accessright`.
const VERBS: [(&str, i32); 8] = [
    ("Create", 32),
    ("Read", 1),
    ("Write", 2),
    ("Delete", 65536),
    ("Append", 4),
    ("AppendTo", 16),
    ("Assign", 524_288),
    ("Share", 262_144),
];

/// Which depths can be granted: basic, local, deep, global.
type Grantable = [bool; 4];
const ALL: Grantable = [true; 4];
const OWN_ONLY: Grantable = [true, false, false, false];
const FROM_UNIT: Grantable = [false, true, true, true];
const GLOBAL_ONLY: Grantable = [false, false, false, true];

const TABLES: &[(&str, Grantable)] = &[
    ("Account", ALL),
    ("Contact", ALL),
    ("Activity", ALL),
    ("Lead", ALL),
    ("Opportunity", ALL),
    ("Incident", ALL),
    ("Connection", ALL),
    ("Queue", ALL),
    ("EmailServerProfile", ALL),
    ("Mailbox", ALL),
    ("ActionCard", ALL),
    ("User", ALL),
    ("Team", ALL),
    ("UserQuery", OWN_ONLY),
    ("UserApplicationMetadata", OWN_ONLY),
    ("ExchangeSyncIdMapping", OWN_ONLY),
    ("Role", FROM_UNIT),
    ("BusinessUnit", FROM_UNIT),
    ("Organization", GLOBAL_ONLY),
    ("Query", GLOBAL_ONLY),
    ("Entity", GLOBAL_ONLY),
    ("Attribute", GLOBAL_ONLY),
    ("Relationship", GLOBAL_ONLY),
    ("SystemForm", GLOBAL_ONLY),
    ("SystemApplicationMetadata", GLOBAL_ONLY),
    ("WebResource", GLOBAL_ONLY),
    ("AppModule", GLOBAL_ONLY),
    ("Competitor", GLOBAL_ONLY),
    ("TraceLog", GLOBAL_ONLY),
    ("Solution", GLOBAL_ONLY),
];

const TASKS: &[&str] = &[
    "prvUseOfficeApps",
    "prvSyncToOutlook",
    "prvSearchAvailability",
    "prvOverrideCreatedOnCreatedBy",
    "prvExportToExcel",
    "prvGoOffline",
    "prvGoMobile",
    "prvMailMerge",
    "prvPrint",
    "prvBulkDelete",
    "prvBulkEdit",
    "prvMerge",
    "prvActOnBehalfOfAnotherUser",
    "prvActOnBehalfOfExternalParty",
    "prvPublishCustomization",
    "prvApproveRejectEmailAddress",
    "prvFlow",
];

/// Ids that the vendor's privilege reference publishes.
const KNOWN_IDS: &[(&str, u128)] = &[
    ("prvReadOrganization", 0xDBD3AD17_B6BD_46C8_8DB7_179FEC82C937),
    ("prvCreateActivity", 0x091DF793_FE5E_44D4_B4CA_7E3F580C4664),
    ("prvReadActivity", 0x650C14FE_3521_45FE_A000_84138688E45D),
    ("prvWriteActivity", 0x0DC8F72C_57D5_4B4D_8892_FE6AAC0E4B81),
    ("prvDeleteActivity", 0xBB4457F2_9B45_4482_A95A_7ADEF25F388A),
    ("prvAppendActivity", 0x78777C10_09AB_4326_B4C8_CF5729702937),
    ("prvAppendToActivity", 0x6EC8E901_D770_44C0_8F12_D07425F638BD),
    ("prvReadUserQuery", 0xF3B782A2_E6D5_4B86_9B7D_33F627FE5C5D),
    ("prvReadQuery", 0x902D70D3_2FF8_4D93_92F9_8EFDCF889AF8),
];

/// Number of invented tables, for a `privilege` table of more than a thousand rows.
const NOISE_TABLES: usize = 110;

/// All privileges of the environment but those named in `without`.
pub(super) fn all(random: &mut SplitMix64, without: &[String]) -> Vec<Privilege> {
    let mut rows = Vec::with_capacity(1200);
    let mut add = |name: String, accessright: i32, can: Grantable| {
        let known = KNOWN_IDS.iter().find(|(known, _)| *known == name);
        let random_id = random.uuid();
        rows.push(Privilege {
            privilegeid: known.map_or(random_id, |(_, id)| Uuid::from_u128(*id)),
            name: Some(name),
            accessright: Some(accessright),
            canbebasic: Some(can[0]),
            canbelocal: Some(can[1]),
            canbedeep: Some(can[2]),
            canbeglobal: Some(can[3]),
            canberecordfilter: Some(false),
            ismanaged: Some(true),
            componentstate: Some(0),
        });
    };
    for (table, can) in TABLES {
        for (verb, right) in VERBS {
            add(format!("prv{verb}{table}"), right, *can);
        }
    }
    for task in TASKS {
        add((*task).to_owned(), 0, GLOBAL_ONLY);
    }
    for number in 0..NOISE_TABLES {
        let can = if number % 3 == 0 { GLOBAL_ONLY } else { ALL };
        for (verb, right) in VERBS {
            add(format!("prv{verb}cts_Ledger{number:03}"), right, can);
        }
    }
    let dropped = |row: &Privilege| {
        let name = row.name.as_deref().unwrap_or_default();
        without.iter().any(|dropped| dropped.eq_ignore_ascii_case(name))
    };
    rows.retain(|row| !dropped(row));
    random.shuffle(&mut rows);
    rows
}
