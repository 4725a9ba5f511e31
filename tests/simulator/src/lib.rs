//! A double of the Dataverse Web API on loopback, with invented tenants.
//!
//! ```no_run
//! use dataverse_simulator::{Behaviour, Simulator, TenantOptions, generate};
//!
//! let mut tenant = generate(&TenantOptions { users: 500, ..TenantOptions::default() });
//! tenant.mailboxes[3].incomingemailstatus = Some(2);
//! let simulator = Simulator::start_blocking(tenant, Behaviour::default())?;
//! println!("{} with token {}", simulator.url(), simulator.token());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It imitates the service's awkward sides on purpose, because a simulator that is kinder than the
//! service hides bugs. What it imitates follows the vendor's documentation and recorded answers; a
//! comment says so where a behaviour is only recalled.

mod access;
mod cell;
mod defect;
mod edit;
mod error;
mod generate;
mod guid_order;
mod query;
mod random;
mod schema;
mod server;
mod signin;
mod tables;
mod tenant;

pub use access::{Access, Grant, SYSTEM_ADMINISTRATOR_TEMPLATE, TeamPrivileges, effective_depth};
pub use defect::Defect;
pub use edit::{EditRows, Refused};
pub use generate::{
    APP_ROLE, DEPLOYMENT_GUIDE, FEATURES, GUIDE_ONLY_ROLE, MOST_USERS, SERVICE_READER, SUPPORT_ARTICLES,
    TenantOptions, generate,
};
pub use server::{
    Behaviour, DEFAULT_TOKEN, Fault, HiddenAccess, RecordedRequest, RetryAfter, ScriptedFault,
    ServiceProtection, Simulator, Statistics, Trigger, Violation,
};
pub use signin::{Poll, SignInBehaviour, SignInRequest, SignInService};
pub use tables::{
    AppModule, AppModuleRole, BusinessUnit, EmailServerProfile, Extra, Mailbox, Organization, Privilege,
    Queue, Role, RolePrivilege, Solution, SystemUser, Team, TraceLog,
};
pub use tenant::{Deployment, Depth, InjectedDefect, Tenant};
