//! `--verify-access`: the server's own answers about access, asked for in batches, kept in the snapshot
//! and compared with ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use dataverse_simulator::{
    Access, Behaviour, Deployment, Depth, Fault, HiddenAccess, RetryAfter, ScriptedFault, Simulator,
    TeamPrivileges, Tenant, TenantOptions, Trigger, generate,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use uuid::Uuid;

use super::desk::{Desk, Ran, table, valid};
use super::offices::{dozen, person};
use super::refusals::{all_are_refused, refusal};

/// A server whose function takes the setting of team roles as the vendor's page on the setting does, and
/// so as the contract does.
fn behaviour() -> Behaviour {
    Behaviour {
        team_privileges: TeamPrivileges::BasicStays,
        ..Behaviour::default()
    }
}

fn start(tenant: Tenant, behaviour: Behaviour) -> Simulator {
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn run(desk: &Desk, simulator: &Simulator, arguments: &[&str]) -> Ran {
    let mut command = desk.command(arguments);
    command
        .env("CLEARANCE_TOKEN", simulator.token())
        .output()
        .expect("the program starts")
        .into()
}

fn collect(desk: &Desk, simulator: &Simulator, option: &str) -> Ran {
    let ran = run(
        desk,
        simulator,
        &["collect", &simulator.url(), "-o", "contoso.snapshot", option],
    );
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    ran
}

/// What was said, without the lines that tell sizes and times, which differ from run to run.
fn said(ran: &Ran) -> String {
    let lines = ran
        .err
        .lines()
        .filter(|line| !line.starts_with("Collected ") && !line.contains(" requests, "))
        .filter(|line| !line.ends_with(" tables have the rows that the server counts."));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Who is judged, by the contract.
fn in_scope(tenant: &Tenant) -> BTreeSet<Uuid> {
    let users = tenant.users.iter().filter(|user| {
        user.applicationid.is_none()
            && matches!(user.accessmode, None | Some(0..=2))
            && user.isintegrationuser != Some(true)
            && user.isdisabled != Some(true)
    });
    users.map(|user| user.systemuserid).collect()
}

/// Every row of `access.parquet`, in the order of the file; null is `∅`.
fn rows(snapshot: &Path) -> Vec<[String; 3]> {
    let file = File::open(snapshot.join("access.parquet")).expect("the table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.build())
        .expect("Parquet");
    let mut rows = Vec::new();
    for batch in reader {
        let batch: RecordBatch = batch.expect("rows");
        let cell = |column: &str, row: usize| {
            let values = batch.column_by_name(column).expect(column).as_string::<i32>();
            if values.is_valid(row) {
                values.value(row).to_owned()
            } else {
                "∅".to_owned()
            }
        };
        rows.extend(
            (0..batch.num_rows())
                .map(|row| ["systemuserid", "privilege", "depth"].map(|name| cell(name, row))),
        );
    }
    rows
}

fn users_in(rows: &[[String; 3]]) -> BTreeSet<Uuid> {
    rows.iter()
        .map(|row| Uuid::try_parse(&row[0]).expect("an id"))
        .collect()
}

/// What the server would say of these users: a row for each wanted privilege that it holds to be held.
fn told(tenant: &Tenant, users: &BTreeSet<Uuid>, wanted: &[String]) -> Vec<[String; 3]> {
    let access = Access::new(tenant);
    let mut rows = Vec::new();
    for user in users {
        let held: BTreeMap<&String, String> = wanted
            .iter()
            .filter_map(|name| {
                let grant = access.told(*user, name, TeamPrivileges::BasicStays)?;
                Some((name, grant.depth.name().to_lowercase()))
            })
            .collect();
        if held.is_empty() {
            rows.push([user.to_string(), "∅".to_owned(), "∅".to_owned()]);
        }
        rows.extend(
            held.into_iter()
                .map(|(name, depth)| [user.to_string(), name.clone(), depth]),
        );
    }
    rows
}

fn wanted(desk: &Desk) -> Vec<String> {
    let manifest = desk.json("contoso.snapshot/manifest.json");
    let names = manifest["wanted_privileges"].as_array().expect("names");
    names
        .iter()
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

/// Nothing was sent but GETs and so many batches of GETs.
fn only_batches_of_gets(simulator: &Simulator, batches: usize, users: usize) {
    let requests = simulator.requests();
    let posts: Vec<_> = requests
        .iter()
        .filter(|request| request.method != "GET")
        .collect();
    assert_eq!(posts.len(), batches);
    for post in &posts {
        assert_eq!((post.method.as_str(), post.target.as_str()), ("POST", "$batch"));
        assert!(!post.parts.is_empty() && post.parts.len() <= 1000);
        assert!(
            post.parts
                .iter()
                .all(|part| part.starts_with("GET /api/data/v9.2/systemusers("))
        );
        assert_eq!(post.prefer.as_deref(), Some("odata.continue-on-error"));
    }
    assert_eq!(posts.iter().map(|post| post.parts.len()).sum::<usize>(), users);
    assert!(requests.iter().all(|request| request.violations.is_empty()));
    assert_eq!(simulator.stats().writes_by_reading, 0);
}

#[test]
fn all_users_are_verified() {
    let simulator = start(dozen(), behaviour());
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    let users = in_scope(simulator.tenant());
    assert_eq!(users.len(), 10);
    assert_eq!(
        said(&ran),
        "Access verified with the server: 10 of 10 users agree\n"
    );
    let rows = rows(&desk.path("contoso.snapshot"));
    // Isaiah Langer has no role: verified all the same.
    let nobody = person(simulator.tenant(), "Isaiah Langer").to_string();
    assert!(rows.contains(&[nobody, "∅".to_owned(), "∅".to_owned()]));
    assert_eq!(rows, told(simulator.tenant(), &users, &wanted(&desk)));
    let manifest = desk.json("contoso.snapshot/manifest.json");
    assert_eq!(
        manifest["verified"],
        serde_json::json!({ "users": 10, "agree": 10 })
    );
    assert_eq!(manifest["tables"]["access"]["complete"], true);
    assert_eq!(manifest["gaps"], serde_json::json!([]));
    only_batches_of_gets(&simulator, 1, 10);
    let gets = simulator.stats().by_method["GET"];

    // Without the option the same GETs and nothing else.
    let simulator = start(dozen(), behaviour());
    let ran = run(
        &desk,
        &simulator,
        &["collect", &simulator.url(), "-o", "plain.snapshot"],
    );
    assert_eq!((ran.code, said(&ran).as_str()), (0, ""));
    assert_eq!(
        simulator.stats().by_method,
        BTreeMap::from([("GET".to_owned(), gets)])
    );
    assert!(!desk.path("plain.snapshot/access.parquet").exists());
    assert_eq!(desk.json("plain.snapshot/manifest.json").get("verified"), None);

    let ran = desk.good(["audit", "contoso.snapshot", "--html", "r.html"]);
    let notice = "contoso: access verified with the server: 10 of 10 users agree.";
    assert_eq!(ran.err.matches(notice).count(), 1, "{}", ran.err);
    assert_eq!(desk.read("r.html").matches(notice).count(), 1);
}

#[test]
fn a_sample_takes_different_people_and_the_same_each_time() {
    let desk = Desk::new();
    let sampled = |option: &str| {
        let simulator = start(dozen(), behaviour());
        collect(&desk, &simulator, option);
        users_in(&rows(&desk.path("contoso.snapshot")))
    };
    let three = sampled("--verify-access=3");
    assert_eq!(three.len(), 3);
    assert_eq!(sampled("--verify-access=3"), three);
    let tenant = dozen();
    assert!(three.is_subset(&in_scope(&tenant)));
    let root = |role: &Uuid| {
        let copy = tenant
            .roles
            .iter()
            .find(|copy| copy.roleid == *role)
            .expect("a role");
        copy.parentrootroleid
    };
    let roles = |user: &Uuid| -> BTreeSet<(bool, Option<Uuid>)> {
        let held = |pairs: &[(Uuid, Uuid)], of: &Uuid| -> Vec<Uuid> {
            pairs
                .iter()
                .filter(|(one, _)| one == of)
                .map(|(_, other)| *other)
                .collect()
        };
        let direct = held(&tenant.user_roles, user);
        let teams = held(&tenant.memberships, user);
        let through = teams.iter().flat_map(|team| held(&tenant.team_roles, team));
        let direct = direct.iter().map(|role| (true, root(role)));
        direct.chain(through.map(|role| (false, root(&role)))).collect()
    };
    let kinds: BTreeSet<_> = three.iter().map(roles).collect();
    assert_eq!(kinds.len(), 3, "three who differ in their roles");
    // Said without a number it is 200, and here that is everybody.
    assert_eq!(sampled("--verify-access"), in_scope(&tenant));
}

fn hidden(tenant: &Tenant, name: &str, privilege: &str, depth: Option<Depth>) -> HiddenAccess {
    HiddenAccess {
        user: person(tenant, name),
        privilege: privilege.to_owned(),
        depth,
    }
}

#[test]
fn a_disagreement_is_told_and_the_server_decides() {
    let tenant = dozen();
    let [adele, isaiah] = ["Adele Vance", "Isaiah Langer"].map(|name| person(&tenant, name));
    let behaviour = Behaviour {
        hidden: vec![
            hidden(&tenant, "Adele Vance", "prvReadContact", None),
            hidden(&tenant, "Isaiah Langer", "prvUseOfficeApps", Some(Depth::Global)),
        ],
        ..behaviour()
    };
    let simulator = start(tenant, behaviour);
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    let mut differ = [
        (
            adele,
            format!("differs: Adele Vance ({adele}): the server denies prvReadContact at basic\n"),
        ),
        (
            isaiah,
            format!("differs: Isaiah Langer ({isaiah}): the server grants prvUseOfficeApps at global\n"),
        ),
    ];
    differ.sort();
    let [(_, first), (_, second)] = &differ;
    assert_eq!(
        said(&ran),
        format!("Access verified with the server: 8 of 10 users agree\n{first}{second}")
    );
    let manifest = desk.json("contoso.snapshot/manifest.json");
    assert_eq!(
        manifest["verified"],
        serde_json::json!({ "users": 10, "agree": 8 })
    );

    let ran = desk.good([
        "audit",
        "contoso.snapshot",
        "--findings-csv",
        "f.csv",
        "--html",
        "r.html",
        "--json",
        "a.json",
    ]);
    let mut words = [
        (adele, "Adele Vance (the server denies prvReadContact at basic)"),
        (
            isaiah,
            "Isaiah Langer (the server grants prvUseOfficeApps at global)",
        ),
    ];
    words.sort();
    let notice = format!(
        "contoso: access verified with the server: 8 of 10 users agree. For 2 it answers otherwise than roles and \
         teams let one expect, and its answer was used: {}; {}.",
        words[0].1, words[1].1
    );
    let flat: String = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(flat.matches(&notice).count(), 1, "{}", ran.err);
    assert_eq!(desk.read("r.html").matches(&notice).count(), 1);
    valid("assessment-1.schema.json", &desk.read("a.json"));

    let findings = table(&desk.read("f.csv"));
    let of = |user: Uuid, rule: &str| {
        findings
            .iter()
            .find(|row| row["user_id"] == user.to_string() && row["rule"] == rule)
            .map(|row| (row["outcome"].as_str(), row["observed"].as_str()))
    };
    assert_eq!(
        of(adele, "access-model-disagrees"),
        Some((
            "fail",
            "table `access`: the server answers otherwise for prvReadContact at basic"
        ))
    );
    assert_eq!(
        of(adele, "prvReadContact").map(|(outcome, _)| outcome),
        Some("fail"),
        "her role grants it, the server denies it"
    );
    assert_eq!(
        of(isaiah, "prvUseOfficeApps"),
        None,
        "no role grants it, the server does"
    );
    assert_eq!(
        of(isaiah, "prvReadContact").map(|(outcome, _)| outcome),
        Some("fail")
    );
    assert_eq!(
        of(
            person(simulator.tenant(), "Bruno Wilber"),
            "access-model-disagrees"
        ),
        None
    );
}

/// A server that counts team roles whatever their setting: the people who have the app's role only by a
/// team that keeps it differ, and nobody else.
#[test]
fn a_server_that_reads_the_setting_of_team_roles_otherwise() {
    let simulator = start(dozen(), Behaviour::default());
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    assert!(
        said(&ran).starts_with("Access verified with the server: 8 of 10 users agree\n"),
        "{}",
        ran.err
    );
    for name in ["Diego Okafor", "Farid Haddad"] {
        let id = person(simulator.tenant(), name);
        assert!(
            ran.err
                .contains(&format!("differs: {name} ({id}): the server grants prv")),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_user_without_an_answer_is_told_and_left_out() {
    let tenant = dozen();
    let [bruno, carla] = ["Bruno Wilber", "Carla Sandoval"].map(|name| person(&tenant, name));
    let part = |user: Uuid, what| {
        ScriptedFault::once(Trigger::Target(format!("$batch/systemusers({user})"), 1), what)
    };
    let behaviour = Behaviour {
        // Carla's part passes when it is asked again.
        faults: vec![part(bruno, Fault::Status(403)), part(carla, Fault::Status(500))],
        ..behaviour()
    };
    let simulator = start(tenant, behaviour);
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    let gap = format!(
        "no answer about 1 of 10 users: {bruno}: the server answered 403 (0x80040216): An unexpected error occurred."
    );
    assert_eq!(
        said(&ran),
        format!("Access verified with the server: 9 of 9 users agree\ngap: access: not read whole: {gap}\n")
    );
    let verified = users_in(&rows(&desk.path("contoso.snapshot")));
    let mut expected = in_scope(simulator.tenant());
    expected.remove(&bruno);
    assert_eq!(verified, expected);
    let manifest = desk.json("contoso.snapshot/manifest.json");
    assert_eq!(
        manifest["verified"],
        serde_json::json!({ "users": 9, "agree": 9 })
    );
    assert_eq!(manifest["tables"]["access"]["complete"], false);
    assert_eq!(
        manifest["gaps"],
        serde_json::json!([{ "table": "access", "column": null, "reason": "failed", "detail": gap }])
    );
    // All ten, then Carla alone.
    only_batches_of_gets(&simulator, 2, 11);
}

#[test]
fn a_throttled_batch_is_sent_again() {
    let throttle = Fault::Throttle {
        status: 429,
        retry_after: RetryAfter::Seconds(1),
    };
    let behaviour = Behaviour {
        faults: vec![ScriptedFault::once(
            Trigger::Target("$batch".to_owned(), 1),
            throttle,
        )],
        ..behaviour()
    };
    let simulator = start(dozen(), behaviour);
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    assert_eq!(
        said(&ran),
        "Access verified with the server: 10 of 10 users agree\n"
    );
    assert!(
        ran.err.contains("; 1 request was repeated after waiting 1."),
        "{}",
        ran.err
    );
    assert_eq!(simulator.stats().by_status[&429], 1);
    only_batches_of_gets(&simulator, 2, 20);
    assert_eq!(
        desk.json("contoso.snapshot/manifest.json")["gaps"],
        serde_json::json!([])
    );
}

#[test]
fn a_server_without_the_function_is_a_gap() {
    let gap = "the server does not have the function RetrieveUserSetOfPrivilegesByNames, so that nobody's access could \
               be verified";
    let on_premises = generate(&TenantOptions {
        users: 20,
        deployment: Deployment::OnPremises,
        ..TenantOptions::default()
    });
    let missing = Behaviour {
        functions_missing: true,
        ..behaviour()
    };
    for (tenant, behaviour) in [(on_premises, behaviour()), (dozen(), missing)] {
        let simulator = start(tenant, behaviour);
        let desk = Desk::new();
        let ran = collect(&desk, &simulator, "--verify-access");
        assert_eq!(said(&ran), format!("gap: access: not there: {gap}\n"));
        assert_eq!(simulator.stats().by_method.keys().collect::<Vec<_>>(), ["GET"]);
        let manifest = desk.json("contoso.snapshot/manifest.json");
        assert_eq!(manifest.get("verified"), None);
        assert_eq!(manifest["tables"].get("access"), None);
        let ran = desk.good(["audit", "contoso.snapshot"]);
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let notice = format!("table `access` could not be read: the environment does not have it ({gap}).");
        assert_eq!(flat.matches(&notice).count(), 1, "{}", ran.err);
    }
}

#[test]
fn more_than_a_thousand_users() {
    let tenant = generate(&TenantOptions {
        users: 1300,
        ..TenantOptions::default()
    });
    let users = in_scope(&tenant);
    assert!(users.len() > 1000);
    let simulator = start(tenant, behaviour());
    let desk = Desk::new();
    let ran = collect(&desk, &simulator, "--verify-access=all");
    let number = format!("1,{:03}", users.len() - 1000);
    assert_eq!(
        said(&ran),
        format!("Access verified with the server: {number} of {number} users agree\n")
    );
    assert_eq!(users_in(&rows(&desk.path("contoso.snapshot"))), users);
    only_batches_of_gets(&simulator, users.len().div_ceil(100), users.len());
}

#[test]
fn audit_and_explain_of_an_address_verify_too() {
    let tenant = dozen();
    let behaviour = Behaviour {
        hidden: vec![hidden(
            &tenant,
            "Isaiah Langer",
            "prvUseOfficeApps",
            Some(Depth::Global),
        )],
        ..behaviour()
    };
    let simulator = start(tenant, behaviour);
    let desk = Desk::new();
    let ran = run(
        &desk,
        &simulator,
        &["audit", &simulator.url(), "--verify-access=all"],
    );
    assert_eq!(ran.code, 0);
    assert!(
        ran.err
            .contains("contoso: access verified with the server: 9 of 10 users agree."),
        "{}",
        ran.err
    );
    let url = simulator.url();
    let ran = run(
        &desk,
        &simulator,
        &[
            "explain",
            &url,
            "--verify-access=all",
            "--json",
            "--user",
            "Isaiah Langer",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let explanation = valid("explanation-1.schema.json", &ran.out);
    let rules: Vec<&str> = explanation["causes"]
        .as_array()
        .expect("causes")
        .iter()
        .filter_map(|cause| cause["rule"].as_str())
        .collect();
    assert!(
        rules.contains(&"access-model-disagrees") && !rules.contains(&"prvUseOfficeApps"),
        "{rules:?}"
    );
}

#[test]
fn what_cannot_be_verified_is_refused() {
    let snapshot = "error: --verify-access asks the server, and only snapshots are given\nhint: collect with `clearance \
                    collect URL -o DIR --verify-access`; the snapshot then holds the server's answers\n";
    let amount = |word: &str| {
        format!(
            "error: invalid value '{word}' for '--verify-access[=<all|N>]': say `all`, or how many users: a whole \
             number from 1 on\n\nFor more information, try '--help'.\n"
        )
    };
    let cases = [
        refusal("audit contoso.snapshot --verify-access", 2, snapshot),
        refusal(
            "explain contoso.snapshot --user X --verify-access=all",
            2,
            snapshot,
        ),
        refusal(
            "collect https://c.crm4.dynamics.com -o s --verify-access=0",
            2,
            amount("0"),
        ),
        refusal(
            "collect https://c.crm4.dynamics.com -o s --verify-access=some",
            2,
            amount("some"),
        ),
        refusal(
            "collect https://c.crm4.dynamics.com -o s --verify-access=-1",
            2,
            amount("-1"),
        ),
    ];
    all_are_refused(&Desk::new(), cases);
}
