//! Pages: every row once, and next links that work only as given.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use std::collections::HashSet;

use dataverse_simulator::{Behaviour, Simulator, Tenant, TenantOptions, generate};
use support::{all, get, get_preferring, get_target, next_target};

fn tenant(users: usize) -> Tenant {
    generate(&TenantOptions {
        users,
        ..TenantOptions::default()
    })
}

fn start(users: usize) -> Simulator {
    Simulator::start_blocking(tenant(users), Behaviour::default()).expect("a simulator")
}

#[test]
fn every_row_comes_once_whatever_the_page_size() {
    let simulator = start(40);
    let expected: HashSet<String> = simulator
        .tenant()
        .users
        .iter()
        .map(|user| user.systemuserid.to_string())
        .collect();
    for page in [1, 2, 7, 48, 49, 50, 5000, 9999] {
        let rows = all(&simulator, "systemusers?$select=fullname", page);
        assert_eq!(rows.len(), expected.len(), "pages of {page}");
        let seen: HashSet<String> = rows
            .iter()
            .map(|row| row["systemuserid"].as_str().expect("a key").to_owned())
            .collect();
        assert_eq!(seen, expected, "pages of {page}");
    }
}

#[test]
fn a_filter_goes_on_over_the_pages() {
    let simulator = start(40);
    let rows = all(
        &simulator,
        "mailboxes?$select=name&$filter=statecode%20eq%200%20and%20contains(name,'a')",
        3,
    );
    let expected = |name: &Option<String>| {
        name.as_ref()
            .is_some_and(|name| name.to_lowercase().contains('a'))
    };
    let mailboxes = &simulator.tenant().mailboxes;
    let count = mailboxes
        .iter()
        .filter(|mailbox| mailbox.statecode == Some(0) && expected(&mailbox.name))
        .count();
    assert!(count > 3);
    assert_eq!(rows.len(), count);
}

#[test]
fn rows_come_in_the_order_of_the_database_and_not_of_the_text() {
    let simulator = start(40);
    let ids: Vec<String> = all(&simulator, "systemusers?$select=fullname", 5000)
        .iter()
        .map(|row| row["systemuserid"].as_str().expect("a key").to_owned())
        .collect();
    let last_groups: Vec<&str> = ids.iter().map(|id| &id[24..]).collect();
    assert!(last_groups.is_sorted());
    assert!(!ids.is_sorted());
}

#[test]
fn a_next_link_breaks_when_it_is_encoded_anew_or_edited() {
    let simulator = start(40);
    let first = get_preferring(&simulator, "systemusers?$select=fullname", "odata.maxpagesize=10");
    assert_eq!(first.header("preference-applied"), Some("odata.maxpagesize=10"));
    let target = next_target(&first).expect("a next link");
    assert_eq!(
        get_target(&simulator, &target, "odata.maxpagesize=10").status,
        200
    );
    let spoiled = [
        target.replace("%22", "%2522"),
        target.replace("%253c", "%253C"),
        target.replace("$skiptoken", "%24skiptoken"),
        target.replace("fullname", "domainname"),
        target.replace("v9.2/", "v9.1/"),
        target.replace("systemusers", "mailboxes"),
        target.replace("%20/%3E", "%20%2F%3E"),
    ];
    for spoiled in spoiled {
        assert_ne!(spoiled, target);
        assert_eq!(
            get_target(&simulator, &spoiled, "odata.maxpagesize=10").status,
            400,
            "{spoiled}"
        );
    }
}

#[test]
fn a_next_link_does_not_remember_the_page_size() {
    let simulator = start(40);
    let first = get_preferring(&simulator, "systemusers?$select=fullname", "odata.maxpagesize=10");
    let rest = get_target(&simulator, &next_target(&first).expect("a next link"), "");
    assert_eq!(rest.rows().len(), 39);
    assert_eq!(next_target(&rest), None);
}

#[test]
fn top_sets_the_page_size_aside() {
    let simulator = start(40);
    let answer = get_preferring(
        &simulator,
        "systemusers?$select=fullname&$top=12",
        "odata.maxpagesize=5",
    );
    assert_eq!(answer.rows().len(), 12);
    assert_eq!(next_target(&answer), None);
}

#[test]
fn a_count_stops_at_5000() {
    let simulator = start(5100);
    let answer = get_preferring(
        &simulator,
        "systemusers?$select=fullname&$count=true",
        "odata.maxpagesize=1,odata.include-annotations=\"Microsoft.Dynamics.CRM.totalrecordcount*\"",
    );
    let json = answer.json();
    assert_eq!(json["@odata.count"], 5000);
    assert_eq!(
        json["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"],
        true
    );
    assert_eq!(get(&simulator, "systemusers").rows().len(), 5000);
}

#[test]
fn pages_can_be_of_sizes_that_are_scripted() {
    let sizes = [0, 1, 7];
    let simulator = |row_order| {
        let behaviour = Behaviour {
            page_sizes: sizes.to_vec(),
            row_order,
            ..Behaviour::default()
        };
        Simulator::start_blocking(tenant(40), behaviour).expect("a simulator")
    };
    let mut orders = Vec::new();
    for row_order in [None, Some(1), Some(1), Some(2)] {
        let simulator = simulator(row_order);
        let mut answer = get(&simulator, "systemusers?$select=fullname");
        let (mut pages, mut ids) = (Vec::new(), Vec::new());
        loop {
            pages.push(answer.rows().len());
            let rows = answer.rows().into_iter();
            ids.extend(rows.map(|row| row["systemuserid"].as_str().expect("a key").to_owned()));
            match next_target(&answer) {
                Some(next) => answer = get_target(&simulator, &next, ""),
                None => break,
            }
        }
        let users = simulator.tenant().users.len();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), users);
        assert_eq!(ids.len(), users, "every row comes once");
        // One size after the other and then from the start again; where it starts is the set's own.
        let first = sizes
            .iter()
            .position(|size| *size == pages[0])
            .expect("one of them");
        let scripted = sizes.iter().cycle().skip(first);
        let full = pages.len() - 1;
        assert!(pages[..full].iter().eq(scripted.clone().take(full)), "{pages:?}");
        // The last is not full: a full one leads on.
        assert!(pages.last() < scripted.clone().nth(full), "{pages:?}");
        orders.push(ids);
    }
    assert_eq!(orders[1], orders[2], "a seed gives one order");
    assert!(orders[0] != orders[1] && orders[1] != orders[3]);
}
