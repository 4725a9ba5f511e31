//! What is said about a path that stops, and about what was not seen.

use super::*;
use crate::access::PrivilegeState;

/// One role that user 0 holds by itself or through a team of that type.
fn tenant(mask: Option<i32>, inheritance: Option<i32>, team: Option<Option<i32>>) -> Tenant {
    Tenant {
        roles: vec![(0, inheritance, false)],
        grants: vec![(0, 0, mask)],
        teams: team.into_iter().collect(),
        team_roles: team.map(|_| (0, 0)).into_iter().collect(),
        user_roles: if team.is_none() { vec![(0, 0)] } else { Vec::new() },
        members: team.map(|_| (0, 0)).into_iter().collect(),
        bound: Vec::new(),
    }
}

const BASIC: Option<i32> = Some(1);
const LOCAL: Option<i32> = Some(2);
const TEAM_ONLY: Option<i32> = Some(0);
const DIRECT_TOO: Option<i32> = Some(1);
const OWNER: Option<i32> = Some(0);
const ACCESS: Option<i32> = Some(1);

/// What stops the only path of user 0 from granting `prv0` at that depth.
fn stop(environment: &Environment, least: Depth) -> Option<String> {
    let access = Access::new(environment, Vec::new());
    let paths: Vec<_> = access.paths(0).collect();
    assert_eq!(paths.len(), 1);
    paths[0]
        .stop(&access.seek("prv0", least))
        .map(|stop| stop.to_string())
}

#[test]
fn every_path_that_stops_says_what_stops_it() {
    let unclear = "the role is set to team privileges only: whether it reaches the members above Basic is not documented";
    let stays = "the role's privileges stay with the team, and at Basic they do not reach its members";
    let cases = [
        (tenant(BASIC, None, None), Depth::Basic, None),
        (
            tenant(BASIC, None, None),
            Depth::Deep,
            Some("it is granted at Basic, which is less than Deep"),
        ),
        (
            tenant(Some(0), None, None),
            Depth::Basic,
            Some("the role does not grant it"),
        ),
        (
            tenant(None, None, None),
            Depth::Basic,
            Some("the depth that it grants was not seen"),
        ),
        (tenant(BASIC, DIRECT_TOO, Some(OWNER)), Depth::Basic, None),
        (
            tenant(BASIC, DIRECT_TOO, Some(ACCESS)),
            Depth::Basic,
            Some("access teams carry no roles"),
        ),
        (
            tenant(BASIC, DIRECT_TOO, Some(None)),
            Depth::Basic,
            Some("the team's type was not seen"),
        ),
        (tenant(BASIC, TEAM_ONLY, Some(OWNER)), Depth::Basic, Some(stays)),
        (tenant(BASIC, None, Some(OWNER)), Depth::Basic, Some(stays)),
        (tenant(LOCAL, TEAM_ONLY, Some(OWNER)), Depth::Basic, Some(unclear)),
        (tenant(LOCAL, None, Some(OWNER)), Depth::Local, Some(unclear)),
    ];
    for (tenant, least, expected) in cases {
        let said = stop(&tenant.environment(), least);
        assert_eq!(said.as_deref(), expected, "{tenant:?} {least:?}");
    }

    let mut assigned_but_not_seen = tenant(BASIC, None, None);
    assigned_but_not_seen.user_roles = vec![(0, 5)];
    assert_eq!(
        stop(&assigned_but_not_seen.environment(), Depth::Basic).as_deref(),
        Some("the role's row was not seen")
    );

    // A setting that this version does not know is no known setting.
    assert_eq!(
        stop(&tenant(BASIC, Some(2), Some(OWNER)).environment(), Depth::Basic).as_deref(),
        Some("the role's inheritance setting was not seen")
    );
    let mut without_setting = tenant(BASIC, None, Some(OWNER)).environment();
    let roles = without_setting.tables.get_mut("role").expect("the table");
    roles.columns.remove("isinherited");
    assert_eq!(
        stop(&without_setting, Depth::Basic).as_deref(),
        Some("the role's inheritance setting was not seen")
    );
}

#[test]
fn only_access_teams_are_told_apart() {
    for (team, expected) in [(None, false), (Some(OWNER), false), (Some(ACCESS), true)] {
        let environment = tenant(BASIC, DIRECT_TOO, team).environment();
        let access = Access::new(&environment, Vec::new());
        let path = access.paths(0).next().expect("one path");
        assert_eq!(path.is_through_access_team(), expected, "{team:?}");
    }
}

/// Contract §5: a least depth that cannot be granted is replaced by the nearest above that can,
/// else the nearest below; one of which nothing can be granted counts as absent.
#[test]
fn the_nearest_depth_that_can_be_granted_counts() {
    use Depth::{Basic, Deep, Global, Local};
    for (grantable, least, counts) in [
        (&[Basic, Local, Deep, Global][..], Local, Some(Local)),
        (&[Basic, Deep, Global], Local, Some(Deep)),
        (&[Basic, Global], Local, Some(Global)),
        (&[Basic, Local], Global, Some(Local)),
        (&[Basic], Deep, Some(Basic)),
        (&[], Basic, None),
    ] {
        let mut environment = tenant(BASIC, None, None).environment();
        let privileges = environment.tables.get_mut("privilege").expect("the table");
        for (column, depth) in [
            ("canbebasic", Basic),
            ("canbelocal", Local),
            ("canbedeep", Deep),
            ("canbeglobal", Global),
        ] {
            let can = vec![grantable.contains(&depth); PRIVILEGES];
            privileges
                .columns
                .insert(column.to_owned(), Column::Boolean(BooleanArray::from(can)));
        }
        let expected = counts.map_or(PrivilegeState::Absent, |depth| {
            PrivilegeState::Exists(privilege(0), depth)
        });
        let access = Access::new(&environment, Vec::new());
        assert_eq!(
            access.privilege("prv0", least),
            expected,
            "{least:?} of {grantable:?}"
        );
    }
}

/// The gaps of a role by name, of any role, of the app and of a privilege.
fn gaps(environment: &Environment) -> [Option<String>; 4] {
    let asked = [
        Requirement::RoleNamed("role 0".to_owned()),
        Requirement::AnyRole,
        Requirement::AppModuleShared("theapp".to_owned()),
        Requirement::Privilege("prv0".to_owned(), Depth::Basic),
    ];
    let access = Access::new(environment, asked.to_vec());
    asked.map(|requirement| {
        let position = access.position(&requirement).expect("asked for");
        access.gap(position).map(str::to_owned)
    })
}

#[test]
fn a_table_that_was_not_read_whole_proves_no_miss() {
    let incomplete = |table: &str| {
        let mut environment = tenant(BASIC, None, None).environment();
        let info = environment.manifest.tables.get_mut(table);
        info.expect("the table").complete = false;
        environment
    };
    let words = |table: &str| Some(format!("table `{table}` was not read completely"));

    let whole = tenant(BASIC, None, None).environment();
    assert_eq!(gaps(&whole), [None, None, None, None]);
    let access = Access::new(&whole, Vec::new());
    assert_eq!(
        (access.role_exists("role 9"), access.role_gap()),
        (Reach::Fail, None)
    );

    let environment = incomplete("teamroles");
    assert_eq!(gaps(&environment), [(); 4].map(|()| words("teamroles")));
    // What the app is bound to matters to nothing else.
    let environment = incomplete("appmoduleroles");
    assert_eq!(gaps(&environment), [None, None, words("appmoduleroles"), None]);

    let environment = incomplete("role");
    let access = Access::new(&environment, Vec::new());
    assert_eq!(access.role_exists("ROLE 0"), Reach::Pass);
    assert_eq!(access.role_exists("role 9"), Reach::Unknown);
    assert_eq!(access.role_gap(), words("role").as_deref());
}

#[test]
fn a_privilege_that_was_not_asked_for_proves_nothing() {
    let environment = tenant(BASIC, None, None).environment();
    let requirement = Requirement::Privilege("prvOther".to_owned(), Depth::Basic);
    let access = Access::new(&environment, vec![requirement.clone()]);
    let position = access.position(&requirement).expect("asked for");
    assert_eq!(access.reach(0, position), Reach::Unknown);
    assert_eq!(
        access.gap(position),
        Some("`prvOther`: the snapshot was collected without asking for it")
    );
}

#[test]
fn a_copy_is_what_its_root_is() {
    // Role 1 is a copy of role 0, the System Administrator of its template, and bound to the app.
    let tenant = Tenant {
        roles: vec![(0, None, true), (0, None, false), (2, None, false)],
        user_roles: vec![(0, 1), (1, 2)],
        bound: vec![1],
        ..tenant(None, None, None)
    };
    let mut environment = tenant.environment();
    let asked = [
        Requirement::Privilege("prv1".to_owned(), Depth::Global),
        Requirement::AppModuleShared("TheApp".to_owned()),
    ];
    let reaches = |environment: &Environment, user: usize| {
        let access = Access::new(environment, asked.to_vec());
        asked
            .each_ref()
            .map(|requirement| access.reach(user, access.position(requirement).expect("asked for")))
    };
    assert_eq!(reaches(&environment, 0), [Reach::Pass, Reach::Pass]);
    assert_eq!(reaches(&environment, 1), [Reach::Fail, Reach::Fail]);
    // The app is shared with the root and thereby with every copy, an administrator or not.
    let roles = environment.tables.get_mut("role").expect("the table");
    roles.columns.remove("roletemplateid");
    assert_eq!(reaches(&environment, 0)[1], Reach::Pass);
}

#[test]
fn a_path_names_the_business_unit_of_the_copy_as_far_as_it_is_known() {
    let unit = id(6, 0);
    let mut environment = tenant(BASIC, None, None).environment();
    let words = |environment: &Environment| {
        let access = Access::new(environment, Vec::new());
        let path = access.paths(0).next().expect("one path");
        path.to_string()
    };
    assert_eq!(words(&environment), "role \"role 0\" ← assigned to the user");
    let roles = environment.tables.get_mut("role").expect("the table");
    roles
        .columns
        .insert("businessunitid".to_owned(), Column::Id(vec![unit]));
    assert_eq!(
        words(&environment),
        format!("role \"role 0\" (copy in business unit {unit}) ← assigned to the user")
    );
    let units = vec![
        ("businessunitid", Column::Id(vec![unit])),
        ("name", Column::Text(StringArray::from_iter_values(["West"]))),
    ];
    environment
        .tables
        .insert("businessunit".to_owned(), table(1, units));
    assert_eq!(
        words(&environment),
        "role \"role 0\" (copy in West) ← assigned to the user"
    );
}
