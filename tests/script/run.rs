//! The requests that stand in a script, sent: the environment becomes what was predicted.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use clearance::snapshot::manifest::DepthName;
use clearance::snapshot::{Column, Environment};
use clearance::what_if::{self, Change, Holder, Inheritance};
use dataverse_simulator::{APP_ROLE, Behaviour, Simulator, Tenant, TenantOptions, generate};
use serde_json::Value;
use uuid::Uuid;

use crate::desk::{Desk, Ran};
use crate::support::{Read, action, load, powershell_of};

/// A tenant whose caller may change it.
fn tenant(hostile_names: bool) -> Tenant {
    let mut tenant = generate(&TenantOptions {
        users: 60,
        hostile_names,
        ..TenantOptions::default()
    });
    let unit = tenant.user(tenant.caller).and_then(|user| user.businessunitid);
    let role = tenant.role_copy("System Administrator", unit.expect("a unit"));
    let role = role.expect("a role").roleid;
    tenant.user_roles.push((tenant.caller, role));
    // Mailboxes with all that a script can mend.
    let people = with_mailbox(&tenant);
    for person in people {
        let mailbox = tenant.mailbox_of_mut(person).expect("a mailbox");
        mailbox.incomingemaildeliverymethod = Some(1);
        mailbox.outgoingemaildeliverymethod = Some(0);
        mailbox.actdeliverymethod = Some(0);
        mailbox.emailserverprofile = None;
        (mailbox.statecode, mailbox.statuscode) = (Some(1), Some(2));
        mailbox.emailrouteraccessapproval = Some(2);
        let untested = (Some(0), Some(false));
        (mailbox.incomingemailstatus, mailbox.enabledforincomingemail) = untested;
        (mailbox.outgoingemailstatus, mailbox.enabledforoutgoingemail) = untested;
        (mailbox.actstatus, mailbox.enabledforact) = untested;
    }
    tenant
}

/// The first users who have a mailbox.
fn with_mailbox(tenant: &Tenant) -> Vec<Uuid> {
    let ids = tenant.users.iter().map(|user| user.systemuserid);
    ids.filter(|id| tenant.mailbox_of(*id).is_some())
        .take(8)
        .collect()
}

fn collect(simulator: &Simulator, desk: &Desk, name: &str) -> Environment {
    let mut command = desk.command(["collect", &simulator.url(), "-o", name, "--quiet"]);
    let output = command.env("CLEARANCE_TOKEN", simulator.token()).output();
    let ran = Ran::from(output.expect("the program starts"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    load(&desk.path(name))
}

/// One request, as a script sends it: status and body.
fn send(simulator: &Simulator, method: &str, path: &str, body: &str) -> (u16, String) {
    let host = simulator.url().replace("http://", "");
    let mut stream = TcpStream::connect(&host).expect("the simulator");
    write!(
        stream,
        "{method} /api/data/v9.2/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        simulator.token(),
        body.len()
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), body.to_owned())
}

/// Whether a step is so, by the check that stands on its line: what `Test-Step` of the script does.
fn holds(simulator: &Simulator, check: &str, want: &str) -> bool {
    let (status, body) = send(simulator, "GET", check, "");
    assert_eq!(status, 200, "{check}: {body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let rows = answer["value"].as_array().expect("rows");
    let want = want.strip_prefix("later ").unwrap_or(want);
    match want {
        "present" => !rows.is_empty(),
        "absent" => rows.is_empty(),
        _ if rows.is_empty() => false,
        depth if depth.starts_with("depth ") => {
            let least: i64 = depth[6..].parse().expect("a bit");
            rows[0]["privilegedepthmask"].as_i64().expect("a mask") & 15 >= least
        }
        values => {
            let values: Value = serde_json::from_str(values).expect("JSON");
            let mut values = values.as_object().expect("values").iter();
            values.all(|(name, value)| &rows[0][name] == value)
        }
    }
}

/// Sends what a script has, and nothing else; gives back how many requests that were.
fn carry_out(simulator: &Simulator, script: &Read) -> usize {
    let api = format!("{}/api/data/v9.2/", simulator.url());
    let mut sent = 0;
    for lines in script.lines().windows(3) {
        let [
            [word, number, about],
            [send_word, method, path, body],
            [look_word, check, want],
        ] = lines.iter().map(Vec::as_slice).collect::<Vec<_>>()[..]
        else {
            continue;
        };
        if word != "step" {
            continue;
        }
        assert_eq!((send_word.as_str(), look_word.as_str()), ("send", "look"));
        assert!(!holds(simulator, check, want), "{number} is so already: {about}");
        let body = if body == "-" {
            String::new()
        } else {
            body.replace("{api}", &api)
        };
        let (status, answer) = send(simulator, method, path, &body);
        assert_eq!(status, 204, "{number} {about}: {method} {path} {body}: {answer}");
        assert!(holds(simulator, check, want), "{number} did nothing: {about}");
        sent += 1;
    }
    sent
}

fn user(id: Uuid) -> Holder {
    Holder::User(id.to_string())
}

/// Changes of every kind that a script can make, in this tenant, by action.
fn changes(tenant: &Tenant) -> Vec<(&'static str, Vec<Change>)> {
    let role = |name: &str| tenant.root_role(name).expect("a role").roleid;
    let (app_role, other) = (role(APP_ROLE).to_string(), role("System Customizer").to_string());
    let holds = |id: Uuid, name: &str| {
        tenant.user_roles.iter().any(|(user, role)| {
            let copy = tenant.roles.iter().find(|copy| copy.roleid == *role);
            *user == id && copy.is_some_and(|copy| copy.name.as_deref() == Some(name))
        })
    };
    let people = || {
        tenant
            .users
            .iter()
            .filter(|user| tenant.mailbox_of(user.systemuserid).is_some())
    };
    let lacking: Vec<Holder> = people()
        .filter(|person| !holds(person.systemuserid, "System Customizer"))
        .take(5)
        .map(|person| user(person.systemuserid))
        .collect();
    let having: Vec<Holder> = people()
        .filter(|person| holds(person.systemuserid, APP_ROLE))
        .take(3)
        .map(|person| user(person.systemuserid))
        .collect();
    let team = tenant.teams.iter().find(|team| team.teamtype == Some(0));
    let team = Holder::Team(team.expect("an owner team").teamid.to_string());
    let unit = tenant
        .business_units
        .iter()
        .find(|unit| unit.parentbusinessunitid.is_some());
    let unit = Holder::BusinessUnit(unit.expect("a unit").businessunitid.to_string());
    let mail: Vec<Holder> = with_mailbox(tenant).into_iter().map(user).collect();
    let set = |field: &str, value: &str, of: &[Holder]| Change::SetField {
        field: format!("mailbox.{field}"),
        value: value.to_owned(),
        of: of.to_vec(),
    };
    let profile = tenant.profiles[0].emailserverprofileid.to_string();
    let app = tenant.app_modules[0].appmoduleid.to_string();
    let root = |id: Uuid| {
        let role = tenant.roles.iter().find(|role| role.roleid == id);
        role.and_then(|role| role.parentrootroleid)
            .unwrap_or(id)
            .to_string()
    };
    let binding = tenant.app_module_roles.last().expect("an app that is shared");
    let bound = root(binding.roleid.expect("a role"));
    let of_bound = binding.appmoduleid.expect("an app").to_string();
    let (held_by, held) = tenant.team_roles[0];
    let (holding, of_team) = (Holder::Team(held_by.to_string()), root(held));
    let assign = |role: &str, to: Vec<Holder>| Change::AssignRole {
        role: role.to_owned(),
        to,
    };
    vec![
        (
            "roles",
            vec![
                assign(&other, lacking),
                assign(&other, vec![team]),
                assign(&app_role, vec![unit]),
                Change::RemoveRole {
                    role: app_role.clone(),
                    from: having,
                },
            ],
        ),
        (
            "privileges",
            vec![
                Change::GrantPrivilege {
                    privilege: "prvReadMailbox".to_owned(),
                    depth: DepthName::Global,
                    role: app_role.clone(),
                },
                Change::RevokePrivilege {
                    privilege: "prvReadContact".to_owned(),
                    role: app_role.clone(),
                },
                Change::SetInheritance {
                    role: app_role,
                    inheritance: Inheritance::TeamOnly,
                },
                Change::BindRole { role: other, app },
                Change::UnbindRole {
                    role: bound,
                    app: of_bound,
                },
                Change::RemoveRole {
                    role: of_team,
                    from: vec![holding],
                },
            ],
        ),
        (
            "mailboxes",
            vec![
                set("incomingemaildeliverymethod", "server-side-sync", &mail),
                set("outgoingemaildeliverymethod", "server-side-sync", &mail),
                set("actdeliverymethod", "server-side-sync", &mail),
                set("emailserverprofile", &profile, &mail),
                set("statecode", "active", &mail),
                set("emailrouteraccessapproval", "approved", &mail),
            ],
        ),
        (
            "tests",
            vec![
                set("incomingemailstatus", "success", &mail),
                set("outgoingemailstatus", "success", &mail),
                set("actstatus", "success", &mail),
                set("enabledforincomingemail", "true", &mail),
                set("enabledforoutgoingemail", "true", &mail),
                set("enabledforact", "true", &mail),
            ],
        ),
        (
            "users",
            vec![Change::SetField {
                field: "systemuser.accessmode".to_owned(),
                value: "read-write".to_owned(),
                of: tenant
                    .users
                    .iter()
                    .filter(|user| user.accessmode != Some(0))
                    .take(2)
                    .map(|person| user(person.systemuserid))
                    .collect(),
            }],
        ),
    ]
}

/// Every table and column of two environments, but for when a mailbox was tested.
fn assert_same(observed: &Environment, predicted: &Environment) {
    let names = |environment: &Environment| -> Vec<String> { environment.tables.keys().cloned().collect() };
    assert_eq!(names(observed), names(predicted));
    for (name, table) in &observed.tables {
        let other = predicted.table(name).expect("the same tables");
        assert_eq!(table.rows, other.rows, "rows of {name}");
        assert!(table.columns.keys().eq(other.columns.keys()), "columns of {name}");
        for (column, values) in &table.columns {
            if column == "testmailboxaccesscompletedon" {
                continue;
            }
            let is_same = match (values, &other.columns[column]) {
                (Column::Id(left), Column::Id(right)) => left == right,
                (Column::Text(left), Column::Text(right)) => left == right,
                (Column::Integer(left), Column::Integer(right)) => left == right,
                (Column::Boolean(left), Column::Boolean(right)) => left == right,
                (Column::Timestamp(left), Column::Timestamp(right)) => left == right,
                _ => false,
            };
            assert!(
                is_same,
                "{name}.{column}:\n{values:?}\n{:?}",
                other.columns[column]
            );
        }
    }
}

fn the_environment_becomes_as_predicted(hostile_names: bool) {
    let tenant = tenant(hostile_names);
    let actions = changes(&tenant);
    let behaviour = Behaviour {
        writable: true,
        ..Behaviour::default()
    };
    let simulator = Simulator::start_blocking(tenant, behaviour).expect("a simulator");
    let desk = Desk::new();
    let before = collect(&simulator, &desk, "before");

    let all: Vec<Change> = actions.iter().flat_map(|(_, changes)| changes.clone()).collect();
    let predicted = what_if::apply(&before, &all).expect("changes that can be made");
    let of: Vec<_> = actions
        .iter()
        .map(|(key, changes)| action(key, "An action", changes))
        .collect();
    let script = Read::new(powershell_of(&before, &of));
    crate::forms::assert_documented(&script);
    let sent = carry_out(&simulator, &script);
    let lines = script.lines();
    let sends: Vec<_> = lines.iter().filter(|line| line[0] == "send").collect();
    assert_eq!(sends.len(), sent);

    let after = collect(&simulator, &desk, "after");
    assert_same(&after, &predicted);
    let verdicts = |environment: &Environment| crate::support::verdicts(environment);
    assert_eq!(verdicts(&after), verdicts(&predicted));
    assert_ne!(verdicts(&after), verdicts(&before));

    // What is so already needs no request: the script of the same changes has none.
    let again = Read::new(powershell_of(&after, &of));
    assert!(
        again.lines().iter().all(|line| line[0] != "step"),
        "after {sent} requests"
    );
}

#[test]
fn what_a_script_sends_makes_the_environment_as_predicted() {
    the_environment_becomes_as_predicted(false);
}

#[test]
fn hostile_names_change_nothing_of_that() {
    the_environment_becomes_as_predicted(true);
}
