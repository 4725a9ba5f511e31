//! Which columns of a snapshot an evaluation reads, so that nothing else is loaded.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::RuleSet;

/// Columns read whatever the rules are: who people are, what belongs to them, and their access.
pub(super) const ALWAYS: &[(&str, &[&str])] = &[
    (
        "systemuser",
        &[
            "systemuserid",
            "fullname",
            "domainname",
            "internalemailaddress",
            "isdisabled",
            "accessmode",
            "applicationid",
            "businessunitid",
            "defaultmailbox",
            "isintegrationuser",
        ],
    ),
    // Reports show which unit stands under which.
    (
        "businessunit",
        &["businessunitid", "name", "parentbusinessunitid"],
    ),
    (
        "role",
        &[
            "roleid",
            "name",
            "businessunitid",
            "parentrootroleid",
            "roletemplateid",
            "isinherited",
        ],
    ),
    (
        "privilege",
        &[
            "privilegeid",
            "name",
            "canbebasic",
            "canbelocal",
            "canbedeep",
            "canbeglobal",
        ],
    ),
    ("roleprivileges", &["roleid", "privilegeid", "privilegedepthmask"]),
    ("systemuserroles", &["systemuserid", "roleid"]),
    // The business unit tells which copy of a role a team would get.
    ("team", &["teamid", "name", "teamtype", "businessunitid"]),
    ("teamroles", &["teamid", "roleid"]),
    ("teammembership", &["systemuserid", "teamid"]),
    (
        "mailbox",
        &[
            "mailboxid",
            "regardingobjectid",
            "emailserverprofile",
            "officeappsdeploymentstatus",
            "officeappsdeploymentscheduled",
        ],
    ),
    // The name is for people.
    ("emailserverprofile", &["emailserverprofileid", "name"]),
    ("organization", &["organizationid"]),
    ("appmodule", &["appmoduleid", "uniquename"]),
    ("appmoduleroles", &["appmoduleid", "roleid"]),
    ("access", &["systemuserid", "privilege", "depth"]),
];

/// Columns by table that evaluating these rules reads.
#[must_use]
pub fn needs(rules: &RuleSet) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, columns) in ALWAYS {
        let columns = columns.iter().map(|column| (*column).to_owned());
        needs.entry((*table).to_owned()).or_default().extend(columns);
    }
    for (subject, column, _) in rules.columns() {
        needs
            .entry(subject.table().to_owned())
            .or_default()
            .insert(column);
    }
    needs
}
