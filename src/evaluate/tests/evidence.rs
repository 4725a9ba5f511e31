//! The evidence about access.

use super::*;
use crate::rules::Depth;
use Outcome::{Fail, Pass, Unknown};

const PRIVILEGE: u128 = 40;

/// User 1 holds as many roles as there are masks, with these masks for `prvX`; user 2 holds none.
/// Nothing is known of a team.
fn office(masks: &[Option<i32>]) -> Environment {
    let roles = || (0..masks.len() as u128).map(|role| Guid(100 + role));
    let same = |id: u128| Column::Id(roles().map(|_| Guid(id)).collect());
    let all = || Column::Id(roles().collect());
    let named = masks
        .iter()
        .enumerate()
        .map(|(number, _)| Some(format!("role {number}")));
    environment(
        1,
        vec![
            ("systemuser", vec![("systemuserid", ids([1, 2]))]),
            (
                "role",
                vec![
                    ("roleid", all()),
                    ("name", Column::Text(named.collect::<StringArray>())),
                    ("parentrootroleid", all()),
                    ("roletemplateid", same(0)),
                ],
            ),
            (
                "privilege",
                vec![("privilegeid", ids([PRIVILEGE])), ("name", texts([Some("prvX")]))],
            ),
            (
                "roleprivileges",
                vec![
                    ("roleid", all()),
                    ("privilegeid", same(PRIVILEGE)),
                    (
                        "privilegedepthmask",
                        Column::Integer(masks.iter().copied().collect::<Int32Array>()),
                    ),
                ],
            ),
            (
                "systemuserroles",
                vec![("systemuserid", same(1)), ("roleid", all())],
            ),
            ("team", vec![("teamid", ids([])), ("teamtype", integers([]))]),
            ("teamroles", vec![("teamid", ids([])), ("roleid", ids([]))]),
            (
                "teammembership",
                vec![("systemuserid", ids([])), ("teamid", ids([]))],
            ),
        ],
    )
}

fn asked(mut office: Environment) -> [Environment; 1] {
    office.manifest.wanted_privileges = vec!["prvX".to_owned()];
    [office]
}

fn wanted(depth: &str) -> RuleSet {
    rules(
        "",
        &[(
            "x",
            &format!("check = {{ privilege = \"prvX\", depth = \"{depth}\" }}"),
        )],
    )
}

#[test]
fn the_greatest_grant_is_told_and_the_first_of_equals() {
    for (masks, by) in [
        (&[Some(1), Some(2), Some(2), Some(1)][..], ("local", 1)),
        (&[Some(2), Some(1)], ("local", 0)),
        (&[Some(0), Some(1)], ("basic", 1)),
    ] {
        let environments = asked(office(masks));
        let set = wanted("deep");
        let found = finding(&judged(&set, &environments), "x", 0);
        let (depth, role) = by;
        assert_eq!(
            (found.outcome, found.observed),
            (
                Fail,
                format!("`prvX` granted at {depth} at most, by role \"role {role}\" ← assigned to the user")
            )
        );
    }
    let environments = asked(office(&[Some(0)]));
    let set = wanted("deep");
    let assessment = judged(&set, &environments);
    let found = finding(&assessment, "x", 0);
    assert_eq!(found.observed, "`prvX`: granted by no role of the user");
    assert_eq!(found.cause, "None of the user's roles grants `prvX`.");
    assert_eq!(
        finding(&assessment, "x", 1).cause,
        "The user has no security role, so nothing grants `prvX`."
    );
}

#[test]
fn no_more_than_eight_paths_are_shown() {
    let set = wanted("deep");
    let shown = |count: usize| {
        let environments = asked(office(&vec![Some(1); count]));
        let found = finding(&judged(&set, &environments), "x", 0);
        (found.path, found.nearest)
    };
    let (path, nearest) = shown(8);
    assert_eq!((path.len(), nearest.len()), (8, 8));
    assert_eq!(path[7], "role \"role 7\" ← assigned to the user : prvX at Basic");
    assert_eq!(
        nearest[7],
        "role \"role 7\" ← assigned to the user: it is granted at Basic, which is less than Deep"
    );
    let (path, nearest) = shown(10);
    assert_eq!((path.len(), nearest.len()), (9, 9));
    assert_eq!([&path[8], &nearest[8]], ["… and 2 more", "… and 2 more"]);
}

#[test]
fn another_depth_that_counts_is_named() {
    let set = wanted("local");
    let mut house = office(&[Some(1)]);
    let privileges = house.tables.get_mut("privilege").unwrap();
    privileges
        .columns
        .insert("canbelocal".to_owned(), booleans([Some(false)]));
    let environments = asked(house);
    let assessment = judged(&set, &environments);
    let words = " (this environment cannot grant local, so deep counts)";
    assert_eq!(
        finding(&assessment, "x", 0).observed,
        format!("`prvX` granted at basic at most, by role \"role 0\" ← assigned to the user{words}")
    );
    assert_eq!(
        finding(&assessment, "x", 1).observed,
        format!("`prvX`: granted by no role of the user{words}")
    );
}

#[test]
fn the_path_that_leaves_it_open_is_named() {
    let environments = asked(office(&[Some(0), None]));
    let set = wanted("local");
    let found = finding(&judged(&set, &environments), "x", 0);
    assert_eq!(found.outcome, Unknown);
    assert_eq!(
        found.cause,
        "Not known: role \"role 1\" ← assigned to the user : does not grant prvX — the depth that it grants was not \
         seen."
    );
    // Where no path leaves it open, a table that was not read whole does.
    let mut environments = asked(office(&[Some(0)]));
    environments[0]
        .manifest
        .tables
        .get_mut("teamroles")
        .unwrap()
        .complete = false;
    let found = finding(&judged(&set, &environments), "x", 0);
    assert_eq!(
        found.cause,
        "Not known: it was not seen, and that does not prove it is missing: table `teamroles` was not read completely."
    );
}

#[test]
fn roles_that_the_app_is_not_shared_with_are_named() {
    let set = rules("", &[("shared", "check = { app_module_shared = \"TheApp\" }")]);
    let mut house = office(&[Some(1), Some(1)]);
    for (name, columns) in [
        (
            "appmodule",
            vec![
                ("appmoduleid", ids([60])),
                ("uniquename", texts([Some("TheApp")])),
            ],
        ),
        (
            "appmoduleroles",
            vec![("appmoduleid", ids([60])), ("roleid", ids([999]))],
        ),
    ] {
        house.tables.insert(name.to_owned(), super::table(1, columns));
        let info = house.manifest.tables["systemuser"].clone();
        house.manifest.tables.insert(name.to_owned(), info);
    }
    let environments = asked(house);
    let assessment = judged(&set, &environments);
    let found = finding(&assessment, "shared", 0);
    assert_eq!(found.outcome, Fail);
    assert_eq!(
        found.observed,
        "table `appmoduleroles`: none of the user's roles is bound to `TheApp`"
    );
    assert_eq!(
        found.nearest,
        [0, 1].map(|role| format!("role \"role {role}\" ← assigned to the user: not bound to `TheApp`"))
    );
}

#[test]
fn the_servers_answer_is_told_and_where_it_differs() {
    let set = rules(
        "",
        &[
            ("x", "check = { privilege = \"prvX\", depth = \"local\" }"),
            (
                "agrees",
                "check = { field = \"access.agrees-with-server\", is = true }",
            ),
            ("verified", "check = { field = \"access.verified\", is = true }"),
        ],
    );
    let mut environments = asked(office(&[Some(1)]));
    let answers = vec![
        ("systemuserid", ids([1])),
        ("privilege", texts([Some("prvX")])),
        ("depth", texts([Some(Depth::Global.name())])),
    ];
    environments[0]
        .tables
        .insert("access".to_owned(), super::table(1, answers));
    let assessment = judged(&set, &environments);
    let outcomes = |user| ["x", "agrees", "verified"].map(|id| finding(&assessment, id, user).outcome);
    assert_eq!(outcomes(0), [Pass, Fail, Pass]);
    assert_eq!(outcomes(1), [Fail, Pass, Fail]);
    assert_eq!(
        finding(&assessment, "x", 0).observed,
        "the server says that `prvX` is held at global"
    );
    assert_eq!(
        finding(&assessment, "agrees", 0).observed,
        "table `access`: the server answers otherwise for prvX at local"
    );
    assert_eq!(
        finding(&assessment, "verified", 1).observed,
        "table `access`: the server was not asked about the user"
    );
}

#[test]
fn a_feature_lights_up_with_all_that_it_needs() {
    let set = rules(
        "[[feature]]\nid = \"shine\"\ntitle = \"It shines\"\nneeds = [\"prvX\", \"prvY\"]\n",
        &[],
    );
    let environments = asked(office(&[Some(1)]));
    let assessment = judged(&set, &environments);
    let state = |user| {
        let feature = assessment.explain((0, user), None).features.remove(0);
        (feature.lit, feature.missing)
    };
    // `prvY` was not asked for, so whether it is held is not known.
    assert_eq!(state(0), (None, vec!["prvY"]));
    assert_eq!(state(1), (Some(false), vec!["prvX", "prvY"]));
    let mut environments = environments;
    environments[0].tables.get_mut("privilege").unwrap().columns = [
        ("privilegeid".to_owned(), ids([PRIVILEGE, PRIVILEGE])),
        ("name".to_owned(), texts([Some("prvX"), Some("prvY")])),
    ]
    .into();
    environments[0].tables.get_mut("privilege").unwrap().rows = 2;
    let assessment = judged(&set, &environments);
    let feature = assessment.explain((0, 0), None).features.remove(0);
    assert_eq!((feature.lit, feature.missing), (Some(true), Vec::new()));
}
