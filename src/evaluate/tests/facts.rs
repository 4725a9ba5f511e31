//! Facts of every type, and checks of roles.

use super::*;
use Outcome::{Fail, NotApplicable, Pass, Unknown};

#[test]
fn facts_of_every_type_are_compared() {
    let declared = [
        "createdon:timestamp",
        "cardnumber:integer",
        "nickname:text",
        "new_vip2:boolean",
        "managerid:id",
    ]
    .map(|fact| {
        let (name, kind) = fact.split_once(':').unwrap();
        format!("[[fact]]\nname = \"systemuser.{name}\"\ntype = \"{kind}\"\n")
    })
    .concat();
    // User by user: what is asked for, something else, nothing.
    let cases = [
        (
            "since",
            "{ field = \"systemuser.createdon\", at_least = 2026-01-01 }",
            [Pass, Fail, Unknown],
        ),
        (
            "at",
            "{ field = \"systemuser.createdon\", is = 2026-01-01 }",
            [Pass, Fail, Unknown],
        ),
        (
            "number",
            "{ field = \"systemuser.cardnumber\", is = 7 }",
            [Pass, Fail, Unknown],
        ),
        (
            "from",
            "{ field = \"systemuser.cardnumber\", at_least = 7 }",
            [Pass, Fail, Unknown],
        ),
        (
            "other",
            "{ field = \"systemuser.cardnumber\", is_not = 7 }",
            [Fail, Pass, Unknown],
        ),
        (
            "text",
            "{ field = \"systemuser.nickname\", one_of = [\"ada\", \"eve\"] }",
            [Pass, Fail, Unknown],
        ),
        (
            "flag",
            "{ field = \"systemuser.new_vip2\", is = true }",
            [Pass, Fail, Unknown],
        ),
        (
            "id",
            "{ field = \"systemuser.managerid\", same_as = \"systemuser.systemuserid\" }",
            [Pass, Fail, Unknown],
        ),
        (
            "there",
            "{ field = \"systemuser.managerid\", present = true }",
            [Pass, Pass, Fail],
        ),
        (
            "name",
            "{ field = \"systemuser.nickname\", present = true }",
            [Pass, Pass, Fail],
        ),
        (
            "moment",
            "{ field = \"systemuser.createdon\", present = false }",
            [Fail, Fail, Pass],
        ),
        (
            "whole",
            "{ not = { field = \"systemuser.cardnumber\", at_least = 7 } }",
            [Fail, Pass, Unknown],
        ),
        (
            "build",
            "{ field = \"environment.build\", is = \"9.2\" }",
            [Pass; 3],
        ),
        (
            "build-other",
            "{ field = \"environment.build\", is = \"9.2.1\" }",
            [Fail; 3],
        ),
    ];
    let checks = cases.map(|(id, check, _)| (id, format!("check = {check}")));
    let set = rules(&declared, &checks.each_ref().map(|(id, check)| (*id, &**check)));
    let columns = vec![
        ("systemuserid", ids([1, 2, 3])),
        (
            "createdon",
            moments([
                Some("2026-01-01T00:00:00Z"),
                Some("2025-12-31T23:59:59.999Z"),
                None,
            ]),
        ),
        ("cardnumber", integers([Some(7), Some(6), None])),
        ("nickname", texts([Some("ADA"), Some("Bob"), None])),
        ("new_vip2", booleans([Some(true), Some(false), None])),
        ("managerid", ids([1, 1, 0])),
    ];
    let mut house = environment(1, vec![("systemuser", columns)]);
    house.manifest.environment.build = Some("9.2.0.0".to_owned());
    let environments = [house];
    let assessment = judged(&set, &environments);
    for (id, _, expected) in cases {
        let found = [0, 1, 2].map(|user| finding(&assessment, id, user).outcome);
        assert_eq!(found, expected, "{id}");
    }
    let observed = |id, user| finding(&assessment, id, user).observed;
    assert_eq!(
        observed("since", 1),
        "`systemuser.createdon` is 2025-12-31T23:59:59.999Z"
    );
    assert_eq!(observed("number", 1), "`systemuser.cardnumber` is 6");
    assert_eq!(observed("text", 1), "`systemuser.nickname` is \"Bob\"");
    assert_eq!(observed("flag", 1), "`systemuser.new_vip2` is no");
    assert_eq!(
        finding(&assessment, "flag", 2).cause,
        "Not known: `systemuser.new_vip2` is null in the environment."
    );
}

#[test]
fn a_role_may_have_to_be_held_directly() {
    let set = rules(
        "",
        &[
            ("directly", "check = { role = \"*\", held = \"directly\" }"),
            ("anyhow", "check = { role = \"*\" }"),
            (
                "none",
                "check = { not = { any = [{ role = \"*\" }, { never = true }] } }",
            ),
            ("sales", "check = { role = \"sales\", held = \"directly\" }"),
        ],
    );
    // User 1 holds the role, user 2 by a team, user 3 not at all.
    let environments = [environment(
        1,
        vec![
            ("systemuser", vec![("systemuserid", ids([1, 2, 3]))]),
            (
                "role",
                vec![
                    ("roleid", ids([9])),
                    ("name", texts([Some("Sales")])),
                    ("parentrootroleid", ids([9])),
                    ("roletemplateid", ids([0])),
                ],
            ),
            (
                "roleprivileges",
                vec![("roleid", ids([])), ("privilegeid", ids([]))],
            ),
            ("privilege", vec![("privilegeid", ids([])), ("name", texts([]))]),
            (
                "systemuserroles",
                vec![("systemuserid", ids([1])), ("roleid", ids([9]))],
            ),
            (
                "team",
                vec![("teamid", ids([5])), ("teamtype", integers([Some(0)]))],
            ),
            ("teamroles", vec![("teamid", ids([5])), ("roleid", ids([9]))]),
            (
                "teammembership",
                vec![("systemuserid", ids([2])), ("teamid", ids([5]))],
            ),
        ],
    )];
    let assessment = judged(&set, &environments);
    for (id, expected) in [
        ("directly", [Pass, Fail, Fail]),
        ("anyhow", [Pass, Pass, Fail]),
        ("none", [Fail, Fail, Pass]),
        ("sales", [Pass, Fail, Fail]),
    ] {
        let found = [0, 1, 2].map(|user| finding(&assessment, id, user).outcome);
        assert_eq!(found, expected, "{id}");
    }
    assert_eq!(
        finding(&assessment, "directly", 1).observed,
        "table `systemuserroles`: no role"
    );
    let sales = finding(&assessment, "sales", 1);
    assert_eq!(
        sales.observed,
        "table `systemuserroles`: role \"sales\" is not assigned to the user itself"
    );
    // The path by which the role reaches the user all the same.
    assert_eq!(sales.path.len(), 1);
    assert!(
        sales.path[0].starts_with("role \"Sales\" ← team "),
        "{}",
        sales.path[0]
    );
}

#[test]
fn a_role_without_a_name_may_be_the_one() {
    let set = rules("", &[("there", "check = { role_exists = \"Sales\" }")]);
    let found = |names: [Option<&str>; 2]| {
        let roles = vec![("roleid", ids([8, 9])), ("name", texts(names))];
        let empty = |name, column| (name, vec![(column, ids([]))]);
        let tables = vec![
            ("systemuser", vec![("systemuserid", ids([1]))]),
            ("role", roles),
            empty("roleprivileges", "roleid"),
            ("privilege", vec![("privilegeid", ids([])), ("name", texts([]))]),
            empty("systemuserroles", "systemuserid"),
            empty("team", "teamid"),
            empty("teamroles", "teamid"),
            empty("teammembership", "teamid"),
        ];
        let mut environments = [environment(1, tables)];
        let columns = &mut environments[0].tables.get_mut("role").unwrap().columns;
        columns.insert("parentrootroleid".to_owned(), ids([8, 9]));
        columns.insert("roletemplateid".to_owned(), ids([0, 0]));
        let found = finding(&judged(&set, &environments), "there", 0);
        (found.outcome, found.cause)
    };
    assert_eq!(found([Some("Guest"), Some("SALES")]).0, Pass);
    assert_eq!(found([Some("Guest"), Some("Support")]).0, Fail);
    assert_eq!(
        found([Some("Guest"), None]),
        (Unknown, "Not known: a role's name was not seen.".to_owned())
    );
}

#[test]
fn a_rule_applies_where_there_is_a_record_to_look_at() {
    let set = rules(
        "",
        &[
            ("box", "check = { field = \"mailbox.exists\", is = false }"),
            ("name", "check = { field = \"mailbox.name\", present = true }"),
            (
                "profile",
                "check = { field = \"emailserverprofile.name\", present = true }",
            ),
        ],
    );
    // Mailboxes of users 1 and 2; a profile of that of user 1.
    let environments = [environment(
        1,
        vec![
            (
                "systemuser",
                vec![
                    ("systemuserid", ids([1, 2, 3])),
                    ("defaultmailbox", ids([11, 12, 0])),
                ],
            ),
            (
                "mailbox",
                vec![
                    ("mailboxid", ids([11, 12])),
                    ("name", texts([Some("one"), Some(" ")])),
                    ("regardingobjectid", ids([1, 2])),
                    ("emailserverprofile", ids([21, 0])),
                ],
            ),
            (
                "emailserverprofile",
                vec![
                    ("emailserverprofileid", ids([21])),
                    ("name", texts([Some("Exchange")])),
                ],
            ),
        ],
    )];
    let assessment = judged(&set, &environments);
    for (id, expected) in [
        ("box", [Fail, Fail, Pass]),
        ("name", [Pass, Fail, NotApplicable]),
        ("profile", [Pass, NotApplicable, NotApplicable]),
    ] {
        let found = [0, 1, 2].map(|user| finding(&assessment, id, user).outcome);
        assert_eq!(found, expected, "{id}");
    }
    assert_eq!(
        finding(&assessment, "box", 0).observed,
        "table `mailbox`: the user's mailbox was found"
    );
    assert_eq!(
        finding(&assessment, "name", 1).observed,
        format!("`mailbox.name` is \" \" (mailbox {})", Guid(12))
    );
}
