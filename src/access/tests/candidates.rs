//! The role that would help, against what assigning it would change.

use super::*;
use crate::access::{Candidate, Standing};

fn missing(depth: Depth) -> Vec<Requirement> {
    (0..PRIVILEGES)
        .map(|position| Requirement::Privilege(format!("prv{position}"), depth))
        .collect()
}

fn candidate(environment: &Environment, shipped: &[&str]) -> Option<Candidate> {
    Access::new(environment, Vec::new()).candidate(0, &missing(Depth::Basic), shipped)
}

/// Roles that grant these privileges at these masks; nobody holds any.
fn roles(grants: &[&[(usize, i32)]]) -> Tenant {
    let of = |(role, grants): (usize, &&[(usize, i32)])| -> Vec<(usize, usize, Option<i32>)> {
        grants
            .iter()
            .map(|(privilege, mask)| (role, *privilege, Some(*mask)))
            .collect()
    };
    Tenant {
        roles: (0..grants.len()).map(|role| (role, Some(0), false)).collect(),
        grants: grants.iter().enumerate().flat_map(of).collect(),
        teams: vec![Some(0)],
        team_roles: Vec::new(),
        user_roles: Vec::new(),
        members: vec![(0, 0)],
        bound: Vec::new(),
    }
}

#[test]
fn the_most_comes_first_then_the_shipped_one_then_the_least_besides() {
    let named =
        |tenant: &Tenant, shipped: &[&str]| candidate(&tenant.environment(), shipped).map(|one| one.role);
    let tenant = roles(&[&[(0, 1)], &[(0, 8), (1, 8)], &[(0, 1), (1, 1)], &[(0, 1), (1, 2)]]);
    assert_eq!(named(&tenant, &[]).as_deref(), Some("role 2"));
    assert_eq!(named(&tenant, &["ROLE 1"]).as_deref(), Some("role 1"));
    // Even the shipped one must give as much as any.
    assert_eq!(named(&tenant, &["role 0"]).as_deref(), Some("role 2"));
    // What the user holds already does not help, nor does what nobody should be given for this.
    let mut held = tenant.clone();
    held.user_roles.push((0, 2));
    assert_eq!(named(&held, &[]).as_deref(), Some("role 3"));
    let mut administrator = roles(&[&[(0, 1)]]);
    administrator.roles[0].2 = true;
    assert_eq!(named(&administrator, &[]), None);
    assert_eq!(named(&roles(&[&[], &[]]), &[]), None);
}

#[test]
fn it_says_what_it_lacks_and_whose_it_is() {
    let mut tenant = roles(&[&[(0, 8), (1, 1)]]);
    let environment = tenant.environment();
    let access = Access::new(&environment, Vec::new());
    let found = access.candidate(0, &missing(Depth::Local), &[]).expect("a role");
    assert_eq!(found.gives, [true, false, false]);
    assert_eq!(found.short, [None, Some(Depth::Basic), None]);
    assert_eq!(found.standing, Standing::NotAssigned);
    assert!(found.helps());
    // Nothing but near misses: told, and no help.
    let near = access
        .candidate(0, &missing(Depth::Global)[1..2], &[])
        .expect("a role");
    assert_eq!((near.helps(), near.short), (false, vec![Some(Depth::Basic)]));

    tenant.team_roles.push((0, 0));
    let found = candidate(&tenant.environment(), &[]).expect("a role");
    assert_eq!(
        found.standing,
        Standing::ThroughTeam("team \"team 0\"".to_owned())
    );
}

#[test]
fn only_a_role_with_a_copy_in_the_users_business_unit_can_be_assigned() {
    let mut environment = roles(&[&[(0, 1), (1, 1)], &[(0, 1)]]).environment();
    let (here, there) = (Guid(0xb1), Guid(0xb2));
    let mut place = |table: &str, units: Vec<Guid>| {
        let table = environment.tables.get_mut(table).expect("the table");
        table
            .columns
            .insert("businessunitid".to_owned(), Column::Id(units));
    };
    place("systemuser", vec![here; USERS]);
    place("role", vec![there, here]);
    let found = candidate(&environment, &[]).expect("a role");
    assert_eq!(
        (found.role.as_str(), found.standing),
        ("role 1", Standing::NotAssigned)
    );
    let mut place = |units: Vec<Guid>| {
        let table = environment.tables.get_mut("role").expect("the table");
        table
            .columns
            .insert("businessunitid".to_owned(), Column::Id(units));
    };
    place(vec![there, there]);
    let found = candidate(&environment, &[]).expect("a role");
    assert_eq!(
        (found.role.as_str(), found.standing),
        ("role 0", Standing::NoCopy)
    );
}

proptest! {
    /// Assigning the role gives what it promises, and no other role gives more.
    #[test]
    fn a_promise_is_kept_and_the_best_that_can_be_made(tenant in tenant(), depth in 0..4usize) {
        let asked = missing(Depth::ALL[depth]);
        let environment = tenant.environment();
        let access = Access::new(&environment, asked.clone());
        let given = |role: usize| {
            let mut assigned = tenant.clone();
            assigned.user_roles.push((0, role));
            let environment = assigned.environment();
            let access = Access::new(&environment, asked.clone());
            let paths = access.paths(0);
            let direct = paths
                .filter(|path| path.via() == crate::access::Via::Direct)
                .filter(|path| path.to_string().starts_with(&format!("role \"role {role}\"")));
            let direct: Vec<_> = direct.collect();
            asked.iter().map(|one| direct.iter().any(|path| path.reach(one) == Reach::Pass)).collect::<Vec<_>>()
        };
        let held = |role: usize| {
            tenant.user_roles.iter().any(|(user, other)| {
                let root = |role: usize| tenant.roles.get(role).map(|role| role.0);
                *user == 0 && root(*other) == root(role)
            })
        };
        // Without business units, the copies at the root are those that can be assigned.
        let usable = (0..tenant.roles.len()).filter(|role| {
            let (root, _, administrator) = tenant.roles[*role];
            root == *role && !administrator && !held(*role)
        });
        let most = usable.map(|role| given(role).iter().filter(|one| **one).count()).max().unwrap_or(0);
        match access.candidate(0, &asked, &[]) {
            Some(found) => {
                let role: usize = found.role["role ".len()..].parse().expect("a number");
                prop_assert_eq!(&found.gives, &given(role));
                prop_assert_eq!(found.gives.iter().filter(|one| **one).count(), most);
            }
            None => prop_assert_eq!(most, 0),
        }
    }
}
