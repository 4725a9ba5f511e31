//! Roles: shipped ones, custom ones, and those that lack just one thing.

use std::collections::HashMap;

use uuid::Uuid;

use super::Builder;
use super::privileges::{DEPLOYMENT_GUIDE, wanted};
use crate::access::SYSTEM_ADMINISTRATOR_TEMPLATE;
use crate::tables::{AppModule, AppModuleRole, Privilege, Role, RolePrivilege, pair_id};

/// The shipped role of App for Outlook.
pub const APP_ROLE: &str = "Dynamics 365 App for Outlook User";
/// The shipped role that may read everything and change nothing; the simulator's default caller holds it.
pub const SERVICE_READER: &str = "Service Reader";
/// Holds the 24 privileges of the deployment guide and not `prvUseOfficeApps`.
pub const GUIDE_ONLY_ROLE: &str = "Contoso Outlook Pilot";
/// Holds every wanted privilege, some below their least depth.
pub(super) const NARROW: &str = "Outlook Access (narrow)";
/// Complete, but not shared with the app.
pub(super) const UNSHARED: &str = "Outlook Access (unshared)";
/// Harmless; carried by teams.
pub(super) const HARMLESS: &str = "Report Reader";

/// Name of the role that lacks just one privilege.
pub(super) fn lacking(privilege: &str) -> String {
    format!("Outlook Access less {privilege}")
}

/// How deep a role holds a privilege, given its name: the raw mask.
type Mask = dyn Fn(&str, &Privilege) -> Option<i32>;

/// Name, template and how deep it holds a privilege.
struct Recipe {
    name: String,
    template: Option<Uuid>,
    bound: bool,
    mask: Box<Mask>,
}

fn recipe(name: &str, bound: bool, mask: impl Fn(&str, &Privilege) -> Option<i32> + 'static) -> Recipe {
    Recipe {
        name: name.to_owned(),
        template: None,
        bound,
        mask: Box::new(mask),
    }
}

/// The mask nearest to `mask` that the privilege can be granted at: above if possible, else below.
fn grantable(mask: i32, privilege: &Privilege) -> i32 {
    let can = [
        privilege.canbebasic,
        privilege.canbelocal,
        privilege.canbedeep,
        privilege.canbeglobal,
    ];
    let depths: Vec<i32> = (0..4)
        .filter(|bit| can[*bit as usize] != Some(false))
        .map(|bit| 1 << bit)
        .collect();
    let above = depths.iter().find(|depth| **depth >= mask);
    above.or(depths.last()).copied().unwrap_or(mask)
}

fn is_wanted(name: &str) -> bool {
    wanted().any(|wanted| wanted == name)
}

/// Privileges over the tables that sales and service people work with.
fn business(name: &str) -> bool {
    [
        "Account",
        "Contact",
        "Activity",
        "Lead",
        "Opportunity",
        "Incident",
        "Connection",
    ]
    .iter()
    .any(|table| name.ends_with(table))
}

fn recipes(lacking_roles: bool) -> Vec<Recipe> {
    let complete = |name: &str, row: &Privilege| is_wanted(name).then(|| grantable(1, row));
    let at = |least: i32, tables: fn(&str) -> bool| {
        move |name: &str, row: &Privilege| tables(name).then(|| grantable(least, row))
    };
    let mut administrator = recipe("System Administrator", true, |_, row| Some(grantable(8, row)));
    administrator.template = Some(SYSTEM_ADMINISTRATOR_TEMPLATE);
    let mut all = vec![
        administrator,
        recipe(APP_ROLE, true, complete),
        recipe(SERVICE_READER, false, at(8, |name| name.starts_with("prvRead"))),
        recipe(
            "System Customizer",
            false,
            at(8, |name| name.contains("Entity") || name.contains("Form")),
        ),
        recipe("Basic User", false, |name, row| {
            let reads = name.starts_with("prvRead") && is_wanted(name);
            (reads && name != "prvReadCompetitor").then(|| grantable(1, row))
        }),
        recipe("Salesperson", true, at(2, business)),
        recipe("Sales Manager", true, at(4, business)),
        recipe("Vice President of Sales", false, at(8, business)),
        recipe("Customer Service Representative", false, at(2, business)),
        recipe("CSR Manager", false, at(4, business)),
        recipe(
            "Marketing Professional",
            false,
            at(1, |name| name.ends_with("Lead")),
        ),
        recipe(
            "Delegate",
            false,
            at(8, |name| name == "prvActOnBehalfOfAnotherUser"),
        ),
        // A high bit beside the depth: seen on-premises and in newer record-filter depths.
        recipe(GUIDE_ONLY_ROLE, true, |name, row| {
            let mask = DEPLOYMENT_GUIDE.contains(&name).then(|| grantable(1, row));
            mask.map(|mask| {
                if name == "prvReadActionCard" {
                    16 + mask
                } else {
                    mask
                }
            })
        }),
        recipe(UNSHARED, false, complete),
        recipe(NARROW, true, |name, row| match name {
            "prvUseOfficeApps" | "prvSearchAvailability" => Some(2),
            "prvReadOrganization" => Some(1),
            "prvReadQueue" => Some(0),
            _ => is_wanted(name).then(|| grantable(1, row)),
        }),
        recipe(HARMLESS, false, |name, row| match name {
            "prvPrint" => Some(8),
            "prvExportToExcel" => Some(0),
            _ => (name.starts_with("prvRead") && name.contains("Ledger")).then(|| grantable(2, row)),
        }),
    ];
    if lacking_roles {
        all.extend(wanted().map(|lacked| {
            recipe(&lacking(lacked), true, move |name, row| {
                (is_wanted(name) && name != lacked).then(|| grantable(1, row))
            })
        }));
    }
    all
}

impl Builder<'_> {
    /// Every role in every business unit, and the app modules.
    pub(super) fn roles(&mut self) {
        let organization = self.tenant.organization.organizationid;
        let modules = self.app_modules();
        let defects = self.options.defects;
        for recipe in recipes(defects) {
            if recipe.name == APP_ROLE && !self.options.app_role {
                continue;
            }
            let mut copies: HashMap<Uuid, Uuid> = HashMap::new();
            let root_unit = self.units[0];
            let hostile = recipe.name == HARMLESS || recipe.name == "Delegate";
            let name = if hostile {
                self.hostile_or(&recipe.name)
            } else {
                recipe.name.clone()
            };
            for number in 0..self.units.len() {
                let unit = self.units[number];
                let roleid = self.random.uuid();
                copies.insert(unit, roleid);
                let parent = self.parents[number]
                    .and_then(|parent| copies.get(&parent))
                    .copied();
                self.tenant.roles.push(Role {
                    roleid,
                    name: Some(name.clone()),
                    businessunitid: Some(unit),
                    parentroleid: parent,
                    parentrootroleid: copies.get(&root_unit).copied(),
                    roletemplateid: recipe.template,
                    isinherited: if recipe.template.is_some() {
                        Some(0)
                    } else {
                        self.inheritance(number)
                    },
                    ismanaged: Some(!recipe.name.contains("Outlook Access")),
                    componentstate: Some(0),
                    organizationid: Some(organization),
                    createdon: self.time(-400),
                });
                self.role_ids.insert((recipe.name.clone(), unit), roleid);
            }
            let root = copies[&root_unit];
            let holds = self.tenant.privileges.iter().filter_map(|row| {
                let mask = (recipe.mask)(row.name.as_deref().unwrap_or_default(), row)?;
                Some(RolePrivilege {
                    roleprivilegeid: pair_id(root, row.privilegeid),
                    roleid: root,
                    privilegeid: row.privilegeid,
                    privilegedepthmask: mask,
                    ismanaged: Some(true),
                    componentstate: Some(0),
                    ..RolePrivilege::default()
                })
            });
            self.tenant.role_privileges.extend(holds);
            if recipe.bound {
                for module in &modules {
                    self.tenant.app_module_roles.push(AppModuleRole {
                        appmoduleroleid: pair_id(root, *module),
                        appmoduleid: Some(*module),
                        roleid: Some(root),
                        ismanaged: Some(true),
                        componentstate: Some(0),
                    });
                }
            }
        }
    }

    /// Member privilege inheritance of the copies in a business unit: unit 1 has the old default, unit 2
    /// has none, all others the new default.
    fn inheritance(&self, unit: usize) -> Option<i32> {
        match unit {
            1 if self.options.defects => Some(0),
            2 if self.options.defects => None,
            _ => Some(1),
        }
    }

    /// Adds the apps; gives those that roles are bound to.
    fn app_modules(&mut self) -> Vec<Uuid> {
        let names = [
            ("AppforOutlookModule", "Dynamics 365 App for Outlook"),
            ("msdynce_saleshub", "Sales Hub"),
            ("msdynce_CustomerServiceHub", "Customer Service Hub"),
            ("cts_ledger", "Contoso Ledger"),
        ];
        let mut bound = Vec::new();
        for (uniquename, name) in names {
            if uniquename == "AppforOutlookModule" && !self.options.app_module {
                continue;
            }
            let appmoduleid = self.random.uuid();
            if bound.len() < 2 {
                bound.push(appmoduleid);
            }
            self.tenant.app_modules.push(AppModule {
                appmoduleid,
                uniquename: Some(uniquename.to_owned()),
                name: Some(name.to_owned()),
                description: None,
                appmoduleversion: Some("9.0.5.12".to_owned()),
                clienttype: Some(4),
                ismanaged: Some(true),
                componentstate: Some(0),
                createdon: self.time(-400),
            });
        }
        bound
    }
}
