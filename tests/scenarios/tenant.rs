//! A scenario's environments, as the program collects them.

use dataverse_simulator::{Behaviour, Depth, HiddenAccess, SERVICE_READER, Simulator, Tenant};

use super::desk::{Desk, Ran};
use super::file::{Environment, Scenario, Server};
use super::{edits, sound};

/// The environment that is asked about.
pub const HERE: &str = "contoso";
/// The second one.
pub const OTHER: &str = "fabrikam";

/// Ids of people of the first environment.
pub struct People {
    pub user: String,
    pub colleague: String,
}

/// Lays the snapshots of a scenario on the desk, collected by the program over HTTP.
pub fn collect(scenario: &Scenario, desk: &Desk) -> Result<People, String> {
    let here = scenario.environment();
    let tenant = build(HERE, 1, &here)?;
    let people = People {
        user: person(&tenant, &scenario.user)?,
        colleague: person(&tenant, "Jonas Weber")?,
    };
    snapshot(desk, HERE, tenant, &here.server, &scenario.user)?;
    if let Some(other) = &scenario.other {
        let tenant = build(OTHER, 2, other).map_err(|fault| format!("other: {fault}"))?;
        snapshot(desk, OTHER, tenant, &other.server, &scenario.user)?;
    }
    Ok(people)
}

/// The snapshots of a scenario, by their names on the desk.
pub fn snapshots(scenario: &Scenario) -> Vec<String> {
    let names = [Some(HERE), scenario.other.as_ref().map(|_| OTHER)];
    names
        .into_iter()
        .flatten()
        .map(|name| format!("{name}.snapshot"))
        .collect()
}

/// The sound environment with its changes.
pub fn build(name: &str, seed: u64, changes: &Environment) -> Result<Tenant, String> {
    let mut tenant = sound::environment(name, seed, &changes.server);
    edits::make(&mut tenant, changes)?;
    for table in &changes.server.forbidden {
        if tenant.edit(table).is_none() {
            return Err(format!("server.forbidden: there is no table `{table}`"));
        }
    }
    for (privilege, depth) in &changes.server.caller {
        let mask = match depth.as_str() {
            "none" => None,
            "basic" => Some(Depth::Basic.mask()),
            "local" => Some(Depth::Local.mask()),
            "deep" => Some(Depth::Deep.mask()),
            _ => {
                return Err(format!(
                    "server.caller: `{depth}` is none of none, basic, local, deep"
                ));
            }
        };
        if !tenant.set_role_privilege(SERVICE_READER, privilege, mask) {
            return Err(format!("server.caller: there is no privilege `{privilege}`"));
        }
    }
    Ok(tenant)
}

fn person(tenant: &Tenant, name: &str) -> Result<String, String> {
    let mut users = tenant.users.iter();
    let found = users.find(|user| user.fullname.as_deref() == Some(name));
    found
        .map(|user| user.systemuserid.to_string())
        .ok_or_else(|| format!("user: nobody is called \"{name}\""))
}

fn snapshot(desk: &Desk, name: &str, tenant: Tenant, server: &Server, user: &str) -> Result<(), String> {
    let asked = tenant
        .users
        .iter()
        .find(|one| one.fullname.as_deref() == Some(user));
    let asked = asked.map(|user| user.systemuserid);
    let mut behaviour = Behaviour {
        forbidden_tables: server.forbidden.clone(),
        ..Behaviour::default()
    };
    for column in &server.lacks {
        let (table, column) = column
            .split_once('.')
            .ok_or_else(|| format!("server.lacks: `{column}` is no `table.column`"))?;
        behaviour.omit_columns.push((table.to_owned(), column.to_owned()));
    }
    behaviour.hidden = server
        .denies
        .iter()
        .filter_map(|privilege| {
            Some(HiddenAccess {
                user: asked?,
                privilege: privilege.clone(),
                depth: None,
            })
        })
        .collect();
    let simulator = Simulator::start_blocking(tenant, behaviour).map_err(|error| error.to_string())?;
    let folder = format!("{name}.snapshot");
    let mut command = desk.command(["collect", &simulator.url(), "-o", &folder, "--quiet"]);
    let deployment = if server.on_premises {
        "on-premises"
    } else {
        "online"
    };
    command.args(["--deployment", deployment]);
    if server.verified {
        command.arg("--verify-access=all");
    }
    command.env("CLEARANCE_TOKEN", simulator.token());
    let ran = Ran::from(command.output().map_err(|error| error.to_string())?);
    match ran.code {
        0 => Ok(()),
        code => Err(format!("collect ended with {code}: {}", ran.err)),
    }
}
