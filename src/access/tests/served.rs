//! What the server's own answers decide, and what they do not (contract §5).

use super::*;

/// One role, held by everybody, that grants `prv0` at Local and `prv1` at Global.
fn everybody_holds_a_role() -> Tenant {
    Tenant {
        roles: vec![(0, Some(1), false)],
        grants: vec![(0, 0, Some(2)), (0, 1, Some(8))],
        teams: Vec::new(),
        team_roles: Vec::new(),
        user_roles: (0..USERS).map(|user| (user, 0)).collect(),
        members: Vec::new(),
        bound: Vec::new(),
    }
}

/// Adds the table `access`: user, privilege and depth; nulls for a user who holds nothing.
fn verify(environment: &mut Environment, rows: &[(usize, Option<(&str, &str)>)]) {
    let text = |of: fn((&str, &str)) -> String| {
        Column::Text(rows.iter().map(|(_, held)| held.map(of)).collect::<StringArray>())
    };
    let columns = vec![
        (
            "systemuserid",
            Column::Id(rows.iter().map(|(holder, _)| user(*holder)).collect()),
        ),
        ("privilege", text(|(privilege, _)| privilege.to_owned())),
        ("depth", text(|(_, depth)| depth.to_owned())),
    ];
    environment
        .tables
        .insert("access".to_owned(), table(rows.len(), columns));
}

fn privilege_at(name: &str, depth: Depth) -> Requirement {
    Requirement::Privilege(name.to_owned(), depth)
}

#[test]
fn the_server_decides_for_the_users_it_was_asked_about() {
    let mut environment = everybody_holds_a_role().environment();
    verify(
        &mut environment,
        &[
            (0, Some(("prv0", "local"))),
            (0, Some(("PRV0", "deep"))),
            (2, None),
        ],
    );
    let (at_deep, at_global) = (
        privilege_at("prv0", Depth::Deep),
        privilege_at("prv0", Depth::Global),
    );
    let at_basic = privilege_at("prv1", Depth::Basic);
    let asked = [&at_deep, &at_global, &at_basic, &Requirement::AnyRole];
    let access = Access::new(&environment, asked.map(Clone::clone).into());
    let reach = |user, requirement| access.reach(user, access.position(requirement).expect("asked for"));
    let served = |user, requirement| access.served(user, access.position(requirement).expect("asked for"));

    // The greatest depth that the server names counts; what it does not name is not held.
    assert_eq!(
        asked.map(|requirement| served(0, requirement)),
        [Some(Reach::Pass), Some(Reach::Fail), Some(Reach::Fail), None]
    );
    assert_eq!(
        asked.map(|requirement| reach(0, requirement)),
        [Reach::Pass, Reach::Fail, Reach::Fail, Reach::Pass]
    );
    assert_eq!(access.served_depth(0, "prv0"), Some(Depth::Deep));
    assert_eq!(access.served_depth(0, "prv1"), None);
    // The tables said no to the first and yes to the last, and both said no to the second.
    assert_eq!(access.disagreements(0), [&at_deep, &at_basic]);

    // Nobody asked about user 1, so the tables decide.
    assert_eq!(asked.map(|requirement| served(1, requirement)), [None; 4]);
    assert_eq!(
        asked.map(|requirement| reach(1, requirement)),
        [Reach::Fail, Reach::Fail, Reach::Pass, Reach::Pass]
    );
    assert!(access.disagreements(1).is_empty());

    // User 2 holds nothing at all, says the server.
    assert_eq!(
        asked.map(|requirement| reach(2, requirement)),
        [Reach::Fail, Reach::Fail, Reach::Fail, Reach::Pass]
    );
    assert_eq!(access.disagreements(2), [&at_basic]);
    assert_eq!(
        [0, 1, 2].map(|user| access.is_verified(user)),
        [true, false, true]
    );
}

#[test]
fn what_the_tables_leave_open_is_no_disagreement() {
    let mut tenant = everybody_holds_a_role();
    // Through a team, above Basic, and set to team privileges only.
    tenant.roles = vec![(0, Some(0), false)];
    tenant.user_roles = Vec::new();
    tenant.teams = vec![Some(0)];
    tenant.team_roles = vec![(0, 0)];
    tenant.members = vec![(0, 0)];
    let mut environment = tenant.environment();
    verify(&mut environment, &[(0, Some(("prv1", "global")))]);
    let requirement = privilege_at("prv1", Depth::Global);
    let access = Access::new(&environment, vec![requirement.clone()]);
    let position = access.position(&requirement).expect("asked for");
    assert_eq!(access.modelled(0, position), Reach::Unknown);
    assert_eq!(access.reach(0, position), Reach::Pass);
    assert!(access.disagreements(0).is_empty());
}

#[test]
fn a_privilege_that_was_not_asked_for_is_not_answered() {
    let mut environment = everybody_holds_a_role().environment();
    verify(&mut environment, &[(0, Some(("prv1", "local")))]);
    environment.manifest.wanted_privileges = vec!["prv0".to_owned()];
    let requirement = privilege_at("prv1", Depth::Global);
    let access = Access::new(&environment, vec![requirement.clone()]);
    let position = access.position(&requirement).expect("asked for");
    assert_eq!(access.served(0, position), None);
    assert_eq!(access.reach(0, position), Reach::Pass);
}

#[test]
fn of_a_privilege_not_seen_to_exist_only_a_yes_tells() {
    let mut environment = everybody_holds_a_role().environment();
    verify(&mut environment, &[(0, Some(("prv9", "deep"))), (1, None)]);
    environment.manifest.wanted_privileges.push("prv9".to_owned());
    let privileges = environment.manifest.tables.get_mut("privilege");
    privileges.expect("the table").complete = false;
    let requirement = privilege_at("prv9", Depth::Local);
    let access = Access::new(&environment, vec![requirement.clone()]);
    let position = access.position(&requirement).expect("asked for");
    assert_eq!(access.served(0, position), Some(Reach::Pass));
    assert_eq!(access.served(1, position), None);
    assert_eq!(access.reach(1, position), Reach::Unknown);
    assert_eq!(
        access.gap(position),
        Some("`prv9`: table `privilege` was not read completely")
    );
}
