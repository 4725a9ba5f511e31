//! What cannot be read is a gap, and the rest is collected all the same.

use dataverse_simulator::{Behaviour, Fault, ScriptedFault, Trigger};

use super::support::*;

fn gap_lines(collection: &Collection) -> Vec<String> {
    collection.gaps().iter().map(line).collect()
}

fn pair(table: &str, column: &str) -> (String, String) {
    (table.to_owned(), column.to_owned())
}

#[test]
fn a_missing_column_is_a_gap() {
    let behaviour = Behaviour {
        omit_columns: vec![
            pair("systemuser", "isintegrationuser"),
            pair("systemuser", "azureactivedirectoryobjectid"),
            pair("mailbox", "regardingobjectid"),
        ],
        ..Behaviour::default()
    };
    let whole = collect_from(&start(tenant(), Behaviour::default()));
    let collection = collect_from(&start(tenant(), behaviour));
    assert_eq!(
        gap_lines(&collection),
        [
            "systemuser.azureactivedirectoryobjectid NotFound: the environment has no property `azureactivedirectoryobjectid` there",
            "systemuser.isintegrationuser NotFound: the environment has no property `isintegrationuser` there",
            "mailbox.regardingobjectid NotFound: the environment has no property `_regardingobjectid_value` there",
            "mailbox.regardingobjecttype NotFound: the environment has no property `_regardingobjectid_value` there",
        ]
    );
    let environment = collection.load();
    let users = environment.table("systemuser").unwrap();
    assert_eq!(users.rows, whole.load().table("systemuser").unwrap().rows);
    assert!(!users.columns.contains_key("isintegrationuser"));
    assert!(users.columns.contains_key("fullname"));
    assert!(collection.summary.manifest.is_complete("systemuser"));
}

#[test]
fn a_forbidden_table_is_a_gap() {
    let mut tenant = tenant();
    tenant.restrict_caller(&all_but(&["prvReadTraceLog", "prvReadAppModule"]));
    let restricted = tenant.clone();
    let collection = collect_from(&start(tenant, Behaviour::default()));
    assert_eq!(
        gap_lines(&collection),
        [
            "appmodule.* Forbidden: prvReadAppModule",
            "appmoduleroles.* Forbidden: prvReadAppModule",
            "tracelog.* Forbidden: prvReadTraceLog"
        ]
    );
    let environment = collection.load();
    assert!(environment.table("tracelog").is_none());
    assert_eq!(
        environment.table("systemuser").unwrap().rows,
        restricted.users.len()
    );
    assert_eq!(
        environment.table("mailbox").unwrap().rows,
        restricted.mailboxes.len()
    );
}

#[test]
fn without_privileges_nobody_can_tell_whose() {
    let behaviour = Behaviour {
        forbidden_tables: vec!["privilege".to_owned()],
        ..Behaviour::default()
    };
    let collection = collect_from(&start(tenant(), behaviour));
    let lines = gap_lines(&collection);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("privilege.* Forbidden: "), "{lines:?}");
    assert_eq!(
        lines[1],
        "roleprivileges.* Forbidden: not asked for, because the table `privilege` could not be read"
    );
}

#[test]
fn a_missing_table_is_a_gap() {
    let behaviour = Behaviour {
        omit_tables: vec!["tracelog".to_owned()],
        ..Behaviour::default()
    };
    let collection = collect_from(&start(tenant(), behaviour));
    assert_eq!(
        gap_lines(&collection),
        ["tracelog.* NotFound: Resource not found for the segment 'tracelogs'."]
    );
}

/// The gap of a collection whose mailboxes come in pages of 50 and fail from the second on.
fn half_way(fault: Fault) -> String {
    let behaviour = Behaviour {
        page_size_limit: 50,
        faults: vec![ScriptedFault {
            when: Trigger::Target("mailboxes".to_owned(), 2),
            times: u64::MAX,
            what: fault,
        }],
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let collection = collect_from(&simulator);
    let table = &collection.summary.manifest.tables["mailbox"];
    assert!(!table.complete);
    assert!(table.rows > 0 && table.rows < simulator.tenant().mailboxes.len() as u64);
    assert_eq!(collection.gaps().len(), 1);
    // What there is, is there to the row.
    assert_eq!(
        collection.load().table("mailbox").unwrap().rows as u64,
        table.rows
    );
    line(&collection.gaps()[0])
}

#[test]
fn a_table_that_fails_half_way_keeps_its_rows() {
    let gap = half_way(Fault::Status(500));
    assert!(
        gap.starts_with("mailbox.* Failed: GET /api/data/v9.2/mailboxes?$select=mailboxid"),
        "{gap}"
    );
    assert!(gap.contains("the server answered 500"), "{gap}");
    let gap = half_way(Fault::Truncate);
    assert!(
        gap.starts_with("mailbox.* Failed: GET /api/data/v9.2/mailboxes?$select=mailboxid"),
        "{gap}"
    );
    let gap = half_way(Fault::MalformedJson);
    assert!(gap.contains("the answer is malformed: "), "{gap}");
}

#[test]
fn links_that_lead_astray_end_a_table() {
    let gap = half_way(Fault::SameNextLink);
    assert!(
        gap.starts_with(
            "mailbox.* Failed: GET mailboxes: the link to the next page was followed before: http://127.0.0.1"
        ),
        "{gap}"
    );
    assert_eq!(
        half_way(Fault::NextLink(
            "http://evil.example/api/data/v9.2/mailboxes".to_owned()
        )),
        "mailbox.* Failed: GET mailboxes: the link to the next page leads to another server, evil.example"
    );
}
