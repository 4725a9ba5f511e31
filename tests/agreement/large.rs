//! The whole road in one go, at the size that the first users will have.

use dataverse_simulator::{Simulator, TenantOptions};

use crate::case::{Case, clearance, run};
use crate::oracle::compare::{self, Differences};
use crate::oracle::tables::Snapshot;
use crate::oracle::verdict::assess;
use crate::tenants::tenant;

#[test]
fn twenty_thousand_users_straight_from_the_environment() {
    twenty_thousand(900);
}

/// The same for twenty seeds; minutes, so only when asked for:
/// `cargo test --release --test agreement -- --ignored twenty_seeds`.
#[test]
#[ignore = "takes minutes; the tenants of the other tests are small and many"]
fn twenty_seeds_of_twenty_thousand_users() {
    (1000..1020).for_each(twenty_thousand);
}

fn twenty_thousand(seed: u64) {
    let options = TenantOptions {
        users: 20_000,
        ..TenantOptions::default()
    };
    let case = Case::new(format!("20,000 users, seed {seed}"), tenant(seed, options));
    let folder = tempfile::tempdir().expect("a folder");
    let (tenant, behaviour) = &case.environments[0];
    let simulator =
        Simulator::start_blocking(tenant.clone(), behaviour.clone()).expect("the simulator starts");
    let mut audit = clearance(folder.path(), simulator.token());
    let csv = run(audit.arg("audit").arg(simulator.url()).arg("--csv").arg("-"));
    drop(simulator);

    let snapshots: Vec<Snapshot> = case
        .collect(folder.path())
        .into_iter()
        .map(|(_, snapshot)| snapshot)
        .collect();
    assert_eq!(
        snapshots[0].rows("systemuser").len(),
        tenant.users.len(),
        "users in the snapshot"
    );
    assert_eq!(
        snapshots[0].rows("mailbox").len(),
        tenant.mailboxes.len(),
        "mailboxes in the snapshot"
    );
    assert_eq!(
        snapshots[0].rows("systemuserroles").len(),
        tenant.user_roles.len(),
        "roles of users"
    );
    assert_eq!(
        snapshots[0].rows("teammembership").len(),
        tenant.memberships.len(),
        "members of teams"
    );
    let mut differences = Differences::default();
    compare::verdicts(&assess(&snapshots, &case.given(), false), &csv, &mut differences);
    assert!(differences.is_empty(), "{}", differences.report());
}
