//! Invented tenants: realistic, repeatable, and with known defects.

mod mail;
mod people;
mod privileges;
mod roles;
mod teams;
mod words;

pub use privileges::{DEPLOYMENT_GUIDE, FEATURES, SUPPORT_ARTICLES};
pub use roles::{APP_ROLE, GUIDE_ONLY_ROLE, SERVICE_READER};

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::defect::{Defect, OF_ACCESS, OF_MAILBOX};
use crate::random::SplitMix64;
use crate::tables::{BusinessUnit, Organization, Solution};
use crate::tenant::{Deployment, Tenant};

/// Most users a tenant may have.
pub const MOST_USERS: usize = 1_000_000;

/// What kind of tenant to invent.
#[derive(Clone, Debug)]
pub struct TenantOptions {
    /// Seed: the same seed and options give the same tenant.
    pub seed: u64,
    /// Number of people. Nine or so further users (application, integration, support, …) come on top.
    pub users: usize,
    /// True: about a third of the people have one of the [`Defect`]s, each defect hitting somebody from
    /// 150 people on. False: everybody is ready.
    pub defects: bool,
    /// True: some names and texts are hostile (markup, formulas, control characters, …).
    pub hostile_names: bool,
    /// Online or on-premises.
    pub deployment: Deployment,
    /// True: e-mail is processed by the Email Router.
    pub email_router: bool,
    /// True: users' addresses need approval, which is the default of the platform.
    pub approval_required: bool,
    /// True: the app module of App for Outlook exists.
    pub app_module: bool,
    /// True: the role of App for Outlook exists.
    pub app_role: bool,
    /// True: some Entra group teams carry roles. Then nobody can be proved to have no role at all, because
    /// Dataverse learns a member of such a team only at the first sign-in.
    pub group_team_roles: bool,
    /// Build; `None` for a current one.
    pub version: Option<String>,
    /// Privileges that do not exist in this environment.
    pub without_privileges: Vec<String>,
    /// Name of the environment.
    pub name: String,
    /// Domain of the addresses; `None` for the environment's name with `.example`. People have the same
    /// addresses in two tenants of one domain, whatever the seeds.
    pub domain: Option<String>,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            users: 200,
            defects: true,
            hostile_names: false,
            deployment: Deployment::Online,
            email_router: false,
            approval_required: true,
            app_module: true,
            app_role: true,
            group_team_roles: true,
            version: None,
            without_privileges: Vec::new(),
            name: "contoso".to_owned(),
            domain: None,
        }
    }
}

/// Invents a tenant. Dates are fixed, not relative to today, so that answers stay the same.
pub fn generate(options: &TenantOptions) -> Tenant {
    let mut builder = Builder {
        options,
        random: SplitMix64::new(options.seed),
        tenant: Tenant::default(),
        units: Vec::new(),
        parents: Vec::new(),
        role_ids: HashMap::new(),
        hostile: 0,
    };
    builder.environment();
    builder.business_units();
    builder.tenant.privileges = privileges::all(&mut builder.random, &options.without_privileges);
    builder.roles();
    let plan = builder.plan();
    builder.profiles();
    builder.people(&plan);
    builder.accounts();
    builder.teams(&plan);
    builder.queues_and_borrowed_mailboxes();
    builder.trace_logs();
    builder.tenant
}

/// Defects of one person: of the user's row and mailbox, and of the access.
type Planned = (Option<Defect>, Option<Defect>);

/// A tenant in the making.
struct Builder<'a> {
    options: &'a TenantOptions,
    random: SplitMix64,
    tenant: Tenant,
    /// Business units, the root first, each after its parent.
    units: Vec<Uuid>,
    parents: Vec<Option<Uuid>>,
    /// Role name and business unit to the copy.
    role_ids: HashMap<(String, Uuid), Uuid>,
    /// Hostile texts given out so far.
    hostile: usize,
}

impl Builder<'_> {
    /// A time so many days from the first of November 2026.
    fn time(&self, days: i64) -> Option<Timestamp> {
        Timestamp::from_second(1_793_512_800 + days * 86_400).ok()
    }

    /// The text, or a hostile one if the options ask for hostile names.
    fn hostile_or(&mut self, text: &str) -> String {
        if !self.options.hostile_names {
            return text.to_owned();
        }
        self.hostile += 1;
        words::hostile(self.hostile - 1)
    }

    /// The environment's name without anything that has no place in a domain's.
    fn plain_name(&self) -> String {
        let name = self.options.name.chars();
        name.filter(char::is_ascii_alphanumeric).collect()
    }

    /// Domain of the addresses.
    fn domain(&self) -> String {
        let own = || format!("{}.example", self.plain_name().to_lowercase());
        self.options.domain.clone().unwrap_or_else(own)
    }

    fn role_id(&self, name: &str, unit: Uuid) -> Option<Uuid> {
        self.role_ids.get(&(name.to_owned(), unit)).copied()
    }

    fn environment(&mut self) {
        let online = self.options.deployment == Deployment::Online;
        let version = if online { "9.2.24091.195" } else { "9.1.18.22" };
        self.tenant.deployment = self.options.deployment;
        self.tenant.directory = self.random.uuid();
        self.tenant.version = self.options.version.clone().unwrap_or_else(|| version.to_owned());
        self.tenant.organization = Organization {
            organizationid: self.random.uuid(),
            name: Some(self.options.name.clone()),
            emailconnectionchannel: Some(i32::from(self.options.email_router)),
            requireapprovalforuseremail: Some(self.options.approval_required),
            requireapprovalforqueueemail: Some(true),
            officeappsautodeploymentenabled: Some(false),
            orgdborgsettings: Some(
                "<OrgSettings><DelegateAccessEnabled>true</DelegateAccessEnabled>\
                 <EnableOwnershipAcrossBusinessUnits>1</EnableOwnershipAcrossBusinessUnits></OrgSettings>"
                    .to_owned(),
            ),
            generatealertsforerrors: Some(true),
            generatealertsforwarnings: Some(false),
            tracelogmaximumageindays: Some(3),
            languagecode: Some(1033),
            isdisabled: Some(false),
            createdon: self.time(-900),
            ..Organization::default()
        };
        for (uniquename, friendlyname, version) in [
            ("AppforOutlook", "Dynamics 365 App for Outlook", "9.0.5.12"),
            (
                "AppforOutlook_Patch",
                "Dynamics 365 App for Outlook patch",
                "9.0.5.13",
            ),
            ("ContosoLedger", "Contoso Ledger", "1.4.0.0"),
        ] {
            self.tenant.solutions.push(Solution {
                solutionid: self.random.uuid(),
                uniquename: Some(uniquename.to_owned()),
                friendlyname: Some(friendlyname.to_owned()),
                version: Some(version.to_owned()),
                ismanaged: Some(true),
                installedon: self.time(-300),
            });
        }
    }

    /// A root and some units below it, about one for 60 people.
    fn business_units(&mut self) {
        let count = (self.options.users / 60).clamp(4, 50);
        for number in 0..count {
            let businessunitid = self.random.uuid();
            let parent = match number {
                0 => None,
                1..=5 => Some(self.units[0]),
                _ => Some(self.units[self.random.below(number)]),
            };
            let name = match number {
                0 => self.options.name.clone(),
                _ if number % 3 == 2 => {
                    let plain = unit_name(number);
                    self.hostile_or(&plain)
                }
                _ => unit_name(number),
            };
            self.tenant.business_units.push(BusinessUnit {
                businessunitid,
                name: Some(name),
                parentbusinessunitid: parent,
                organizationid: Some(self.tenant.organization.organizationid),
                isdisabled: Some(false),
                divisionname: None,
                createdon: self.time(-800),
            });
            self.units.push(businessunitid);
            self.parents.push(parent);
        }
    }

    /// Which person gets which defects: each defect in turn, on a random third of the people.
    fn plan(&mut self) -> HashMap<usize, Planned> {
        let mut plan: HashMap<usize, Planned> = HashMap::new();
        if !self.options.defects {
            return plan;
        }
        let exists = |name: &&'static str| self.tenant.privilege(name).is_some();
        let lacking: Vec<&str> = privileges::wanted().filter(exists).collect();
        let mut defects: Vec<Defect> = OF_MAILBOX.iter().chain(OF_ACCESS).copied().collect();
        defects.extend(lacking.into_iter().map(Defect::LacksPrivilege));
        let mut people: Vec<usize> = (0..self.options.users).collect();
        self.random.shuffle(&mut people);
        people.truncate(self.options.users * 36 / 100);
        if people.is_empty() {
            return plan;
        }
        // Few people: the second round meets those of the first. It starts after all mailbox defects, so
        // that nobody gets two of the same kind; if not even those find room, some defects do not occur.
        let start = if people.len() < OF_MAILBOX.len() {
            self.random.below(defects.len())
        } else {
            0
        };
        let rounds = people.len().max(if start == 0 { defects.len() } else { 0 });
        for turn in 0..rounds {
            let defect = defects[(start + turn) % defects.len()];
            let planned = plan.entry(people[turn % people.len()]).or_default();
            if OF_MAILBOX.contains(&defect) {
                planned.0 = Some(defect);
            } else {
                planned.1 = Some(defect);
            }
        }
        plan
    }
}

/// Name of a business unit.
fn unit_name(number: usize) -> String {
    let name = words::UNITS[number % words::UNITS.len()];
    if number < words::UNITS.len() {
        name.to_owned()
    } else {
        format!("{name} {number}")
    }
}
