//! `dataverse-simulator`: serves an invented environment on loopback until Ctrl-C.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use dataverse_simulator::{
    Behaviour, DEFAULT_TOKEN, Deployment, MOST_USERS, ServiceProtection, Simulator, TenantOptions, generate,
};

/// Serves an invented Dataverse environment on loopback, to try an audit without a real one.
///
/// Nothing leaves this machine. The environment is the same for the same seed and options. The token
/// protects nothing; it is there because the service asks for one.
#[derive(Debug, Parser)]
#[command(name = "dataverse-simulator", version)]
struct Arguments {
    /// Number of people in the environment
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = people)]
    users: usize,
    /// Seed; another seed gives other people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// TCP port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Name of the environment
    #[arg(long, value_name = "NAME", default_value = "contoso")]
    environment_name: String,
    /// Domain of the people's addresses, to let two environments share them [default: by the name]
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Bearer token that the simulator asks for
    #[arg(long, value_name = "TOKEN", default_value = DEFAULT_TOKEN)]
    token: String,
    /// Milliseconds that every answer takes at least
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Everybody is ready: inject no defects
    #[arg(long)]
    healthy: bool,
    /// Use hostile names and texts: markup, formulas, control characters
    #[arg(long)]
    hostile_names: bool,
    /// Simulate own servers instead of the cloud
    #[arg(long)]
    on_premises: bool,
    /// The environment processes e-mail with the Email Router
    #[arg(long)]
    email_router: bool,
    /// The environment does not ask for approval of e-mail addresses
    #[arg(long)]
    no_approval: bool,
    /// The environment lacks the app module of App for Outlook
    #[arg(long)]
    no_app_module: bool,
    /// The environment lacks the role of App for Outlook
    #[arg(long)]
    no_app_role: bool,
    /// No team of an Entra group carries a role, so that having no role at all can be proved
    #[arg(long)]
    no_group_team_roles: bool,
    /// Let clients ask as much as they like: no service protection limits
    #[arg(long)]
    no_limits: bool,
    /// Build of the environment, such as 9.1.0.4000
    #[arg(long, value_name = "BUILD")]
    build: Option<String>,
    /// A privilege that the environment lacks; may be given several times
    #[arg(long, value_name = "NAME")]
    without_privilege: Vec<String>,
}

fn people(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "not a whole number".to_owned())?;
    match number {
        0 => Err("an environment needs at least 1 user".to_owned()),
        _ if number > MOST_USERS => Err(format!("at most {MOST_USERS} users can be simulated")),
        _ => Ok(number),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done if even that cannot be written.
            let _ = writeln!(io::stderr().lock(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn serve(arguments: Arguments) -> io::Result<()> {
    let users = arguments.users;
    let token = arguments.token.clone();
    let behaviour = Behaviour {
        port: arguments.port,
        latency: Duration::from_millis(arguments.latency),
        token: Some(arguments.token),
        service_protection: (!arguments.no_limits).then(ServiceProtection::default),
        ..Behaviour::default()
    };
    let tenant = generate(&TenantOptions {
        seed: arguments.seed,
        users,
        defects: !arguments.healthy,
        hostile_names: arguments.hostile_names,
        deployment: if arguments.on_premises {
            Deployment::OnPremises
        } else {
            Deployment::Online
        },
        email_router: arguments.email_router,
        approval_required: !arguments.no_approval,
        app_module: !arguments.no_app_module,
        app_role: !arguments.no_app_role,
        group_team_roles: !arguments.no_group_team_roles,
        version: arguments.build,
        without_privileges: arguments.without_privilege,
        name: arguments.environment_name,
        domain: arguments.domain,
    });
    let simulator = Simulator::start(tenant, behaviour).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on 127.0.0.1:{}: {error}", arguments.port),
        )
    })?;
    let url = simulator.url();
    let deployment = if arguments.on_premises {
        " --deployment on-premises"
    } else {
        ""
    };
    {
        let mut out = io::stdout().lock();
        writeln!(out, "Simulated environment of {users} users at {url}")?;
        writeln!(
            out,
            "Try:  CLEARANCE_TOKEN={token} clearance audit {url}{deployment} --html report.html"
        )?;
        writeln!(out, "Ctrl-C ends it.")?;
        out.flush()?;
    }
    tokio::signal::ctrl_c().await?;
    let stats = simulator.stats();
    let (requests, most) = (stats.total, stats.most_at_once);
    writeln!(
        io::stdout().lock(),
        "Answered {requests} requests, at most {most} at once."
    )
}
