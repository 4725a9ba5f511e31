//! Rules that look for the same mailbox in other environments.

use super::*;
use Outcome::{Fail, Pass, Unknown};

/// An environment with one user and mailboxes that hold these keys; the first is the user's.
fn office(number: u128, keys: Column, more: Vec<(&'static str, Column)>) -> Environment {
    let mailboxes = 100 * number..100 * number + rows(&keys) as u128;
    let key = match keys {
        Column::Integer(_) => "quota",
        Column::Id(_) => "tenantid",
        _ => "emailaddress",
    };
    let mut columns = vec![
        ("mailboxid", Column::Id(mailboxes.clone().map(Guid).collect())),
        (
            "regardingobjectid",
            Column::Id(mailboxes.map(|_| Guid::NULL).collect()),
        ),
        (key, keys),
    ];
    columns.extend(more);
    let users = vec![
        ("systemuserid", ids([number])),
        ("defaultmailbox", ids([100 * number])),
    ];
    environment(number, vec![("systemuser", users), ("mailbox", columns)])
}

const FACTS: &str = "[[fact]]\nname = \"mailbox.quota\"\ntype = \"integer\"\n\n\
                     [[fact]]\nname = \"mailbox.tenantid\"\ntype = \"id\"\n";

fn same(field: &str, meets: &str) -> String {
    format!("check = {{ nowhere_else = {{ same = \"{field}\", meets = {meets} }} }}")
}

const ANY: &str = "{ field = \"mailbox.mailboxid\", present = true }";

#[test]
fn mailboxes_are_the_same_by_any_column() {
    let addresses = |first, second| {
        (
            texts([Some(first)]),
            texts([Some(second)]),
            "mailbox.emailaddress",
        )
    };
    for ((here, there, field), expected) in [
        (addresses("ada@contoso.com", " ADA@contoso.com "), Fail),
        (addresses("ada@contoso.com", "bob@contoso.com"), Pass),
        (addresses(" ", " "), Unknown),
        ((integers([Some(5)]), integers([Some(5)]), "mailbox.quota"), Fail),
        ((integers([Some(5)]), integers([Some(6)]), "mailbox.quota"), Pass),
        ((integers([None]), integers([None]), "mailbox.quota"), Unknown),
        ((ids([77]), ids([77]), "mailbox.tenantid"), Fail),
        ((ids([77]), ids([78]), "mailbox.tenantid"), Pass),
        ((ids([0]), ids([0]), "mailbox.tenantid"), Unknown),
    ] {
        let set = rules(FACTS, &[("one-office", &same(field, ANY))]);
        let environments = [office(1, here, Vec::new()), office(2, there, Vec::new())];
        let assessment = judged(&set, &environments);
        let found = finding(&assessment, "one-office", 0);
        assert_eq!(found.outcome, expected, "{field}: {environments:?}");
        if found.observed.starts_with("`mailbox.emailaddress` is \" \"") {
            assert_eq!(
                found.cause,
                "Not known: `mailbox.emailaddress` has a value that cannot be compared."
            );
        }
    }
}

#[test]
fn the_condition_decides_which_mailboxes_count() {
    // The mailbox elsewhere is active, and its name is its address.
    let there = |state, name| {
        let more = vec![("statecode", integers([state])), ("name", texts([name]))];
        office(2, texts([Some("ada@contoso.com")]), more)
    };
    let active = "{ field = \"mailbox.statecode\", is = \"active\" }";
    let named = "{ field = \"mailbox.name\", same_as = \"mailbox.emailaddress\" }";
    for (meets, state, name, expected) in [
        (active.to_owned(), Some(0), None, Fail),
        (active.to_owned(), Some(1), None, Pass),
        (active.to_owned(), None, None, Unknown),
        (format!("{{ not = {active} }}"), Some(0), None, Pass),
        (format!("{{ not = {active} }}"), Some(1), None, Fail),
        (named.to_owned(), None, Some("ADA@contoso.com"), Fail),
        (named.to_owned(), None, Some("Ada"), Pass),
        (named.to_owned(), None, None, Unknown),
        (
            format!("{{ all = [{active}, {named}] }}"),
            Some(0),
            Some("ada@contoso.com"),
            Fail,
        ),
        (
            format!("{{ all = [{active}, {named}] }}"),
            Some(1),
            Some("ada@contoso.com"),
            Pass,
        ),
        (
            format!("{{ any = [{active}, {named}] }}"),
            Some(1),
            Some("ada@contoso.com"),
            Fail,
        ),
        (
            format!("{{ any = [{active}, {named}] }}"),
            Some(1),
            Some("Ada"),
            Pass,
        ),
    ] {
        let set = rules("", &[("one-office", &same("mailbox.emailaddress", &meets))]);
        let environments = [
            office(1, texts([Some("ada@contoso.com")]), Vec::new()),
            there(state, name),
        ];
        let assessment = judged(&set, &environments);
        let found = finding(&assessment, "one-office", 0);
        assert_eq!(found.outcome, expected, "{meets} {state:?} {name:?}");
        let own = format!(
            "`mailbox.emailaddress` is \"ada@contoso.com\" (mailbox {})",
            Guid(100)
        );
        match expected {
            Fail => assert_eq!(
                found.observed,
                format!("{own}; the same in environment \"office 2\" (https://office2.crm4.dynamics.com)")
            ),
            Unknown => {
                assert_eq!(found.observed, own);
                assert_eq!(
                    found.cause,
                    "Not known: a mailbox with the same address in another environment has settings that are not \
                     known."
                );
            }
            _ => {}
        }
    }
}

/// A check may stand inside `not`, `all` and `any`, and in the condition of the rule.
#[test]
fn other_environments_are_looked_into_wherever_the_check_stands() {
    let inner = format!("{{ nowhere_else = {{ same = \"mailbox.emailaddress\", meets = {ANY} }} }}");
    let set = rules(
        "",
        &[
            ("not", &format!("check = {{ not = {inner} }}")),
            ("all", &format!("check = {{ all = [{inner}, {inner}] }}")),
            ("any", &format!("check = {{ any = [{inner}, {inner}] }}")),
            ("when", &format!("when = {{ not = {inner} }}\ncheck = {inner}")),
        ],
    );
    let ada = || texts([Some("ada@contoso.com")]);
    let environments = [office(1, ada(), Vec::new()), office(2, ada(), Vec::new())];
    let assessment = judged(&set, &environments);
    let outcomes = ["not", "all", "any", "when"].map(|id| finding(&assessment, id, 0).outcome);
    assert_eq!(outcomes, [Pass, Fail, Fail, Fail]);
}

#[test]
fn several_others_are_each_named_once() {
    let set = rules("", &[("one-office", &same("mailbox.emailaddress", ANY))]);
    let ada = || texts([Some("ada@contoso.com")]);
    let twice = texts([Some("ada@contoso.com"), Some("ada@contoso.com")]);
    let environments = [
        office(1, ada(), Vec::new()),
        office(2, twice, Vec::new()),
        office(3, ada(), Vec::new()),
    ];
    let assessment = judged(&set, &environments);
    let observed = finding(&assessment, "one-office", 0).observed;
    let named = "the same in environment \"office 2\" (https://office2.crm4.dynamics.com) and \"office 3\" \
                 (https://office3.crm4.dynamics.com)";
    assert!(observed.ends_with(named), "{observed}");
}

#[test]
fn only_what_is_whole_elsewhere_proves_that_there_is_none() {
    let set = rules("", &[("one-office", &same("mailbox.emailaddress", ANY))]);
    let houses = || {
        let addresses = |address| texts([Some(address)]);
        [
            office(1, addresses("ada@contoso.com"), Vec::new()),
            office(2, addresses("bob@contoso.com"), Vec::new()),
        ]
    };
    let cut = |environment: &mut Environment| {
        environment.manifest.tables.get_mut("mailbox").unwrap().complete = false;
    };
    // What was not read of the environment itself matters not.
    let mut environments = houses();
    cut(&mut environments[0]);
    assert_eq!(
        finding(&judged(&set, &environments), "one-office", 0).outcome,
        Pass
    );

    let there = "environment \"office 2\" (https://office2.crm4.dynamics.com) may have such a mailbox";
    let mut environments = houses();
    cut(&mut environments[1]);
    let found = finding(&judged(&set, &environments), "one-office", 0);
    assert_eq!(found.outcome, Unknown);
    assert_eq!(
        found.cause,
        format!("Not known: {there}: table `mailbox` was not read completely.")
    );

    let mut environments = houses();
    let mailboxes = environments[1].tables.get_mut("mailbox").unwrap();
    mailboxes.columns.remove("emailaddress");
    let found = finding(&judged(&set, &environments), "one-office", 0);
    assert_eq!(found.outcome, Unknown);
    assert_eq!(
        found.cause,
        format!("Not known: {there}: `mailbox.emailaddress` was not collected.")
    );
}

#[test]
fn whoever_is_in_the_way_is_told_by_position() {
    let second = same("mailbox.emailaddress", ANY);
    let set = rules(
        "",
        &[
            ("one-office", &second),
            ("other", "check = { field = \"mailbox.exists\", is = true }"),
        ],
    );
    let ada = || texts([Some("ada@contoso.com")]);
    let environments = [
        office(1, ada(), Vec::new()),
        office(2, texts([Some("bo@contoso.com")]), Vec::new()),
        office(
            3,
            texts([Some(" ADA@contoso.com"), Some("ada@contoso.com")]),
            Vec::new(),
        ),
    ];
    let assessment = judged(&set, &environments);
    let [first, second, third] = &assessment.environments[..] else {
        panic!("three are audited")
    };
    let rule = |id: &str| set.rules.iter().position(|rule| rule.id == id).unwrap();
    let (looks, other) = (rule("one-office"), rule("other"));
    assert!(first.looks_elsewhere(looks) && !first.looks_elsewhere(other));
    assert_eq!(first.clashing(looks, 0), [2]);
    assert!(second.clashing(looks, 0).is_empty());
    assert_eq!(third.clashing(looks, 0), [0]);
    assert!(first.clashing(other, 0).is_empty());
}
