//! Users: people, and the accounts that are no people.

use std::collections::HashMap;

use uuid::Uuid;

use super::roles::{APP_ROLE, GUIDE_ONLY_ROLE, NARROW, SERVICE_READER, UNSHARED, lacking};
use super::{Builder, Planned, words};
use crate::defect::Defect;
use crate::tables::SystemUser;
use crate::tenant::{Deployment, InjectedDefect};

/// The business unit whose default team carries a role: everybody in it has one.
pub(super) const UNIT_WITH_DEFAULT_ROLE: usize = 3;

/// Place of the business unit whose team gives the app role, by the defect.
pub(super) fn app_team_unit(defect: Option<Defect>) -> Option<usize> {
    match defect {
        Some(Defect::AppRoleByTeamPrivilegesOnly) => Some(1),
        Some(Defect::AppRoleByTeamInheritanceNull) => Some(2),
        Some(Defect::AppRoleByTeamInherited) => Some(3),
        _ => None,
    }
}

impl Builder<'_> {
    /// All people, their mailboxes and direct roles.
    pub(super) fn people(&mut self, plan: &HashMap<usize, Planned>) {
        for number in 0..self.options.users {
            let planned = plan.get(&number).copied().unwrap_or_default();
            let mut unit = self.random.below(self.units.len());
            // Nobody there is without any role.
            if planned.1 == Some(Defect::NoRole) && unit == UNIT_WITH_DEFAULT_ROLE {
                unit = 0;
            }
            let unit = self.units[unit];
            let mut user = self.person(number, unit);
            self.mailbox(&mut user, planned.0);
            spoil(&mut user, planned.0);
            let systemuserid = user.systemuserid;
            self.tenant.users.push(user);
            self.direct_roles(systemuserid, unit, planned.1);
            for defect in [planned.0, planned.1].into_iter().flatten() {
                self.tenant.injected.push(InjectedDefect { systemuserid, defect });
            }
        }
    }

    fn person(&mut self, number: usize, unit: Uuid) -> SystemUser {
        let systemuserid = self.random.uuid();
        let pairs = words::FIRST.len() * words::LAST.len();
        let first = words::FIRST[number % words::FIRST.len()];
        // The step between family names keeps neighbours apart and still meets every pair once.
        let last = words::LAST[(number / words::FIRST.len() + number) % words::LAST.len()];
        let round = number / pairs;
        let plain: String = format!("{first}.{last}").to_lowercase().replace('\'', "");
        let ascii = plain.replace('ë', "e").replace('ø', "o");
        let address = match round {
            0 => format!("{ascii}@{}", self.domain()),
            _ => format!("{ascii}{round}@{}", self.domain()),
        };
        let full = if self.random.chance(120) {
            self.hostile_or(&format!("{first} {last}"))
        } else {
            format!("{first} {last}")
        };
        let online = self.options.deployment == Deployment::Online;
        let manager = match self.tenant.users.len() {
            0 => None,
            known => Some(self.tenant.users[self.random.below(known)].systemuserid),
        };
        SystemUser {
            systemuserid,
            fullname: Some(full),
            firstname: Some(first.to_owned()),
            lastname: Some(last.to_owned()),
            domainname: Some(if online {
                address.clone()
            } else {
                format!("{}\\{ascii}{round}", self.plain_name().to_uppercase())
            }),
            windowsliveid: online.then(|| address.clone()),
            internalemailaddress: Some(address),
            isdisabled: Some(false),
            accessmode: Some(0),
            caltype: Some(*self.random.pick(&[0, 7, 9])),
            islicensed: Some(true),
            userlicensetype: Some(*self.random.pick(&[6, 20, 69])),
            azureactivedirectoryobjectid: online.then(|| self.random.uuid()),
            azurestate: online.then_some(0),
            businessunitid: Some(unit),
            parentsystemuserid: manager,
            isintegrationuser: Some(false),
            isactivedirectoryuser: Some(true),
            setupuser: Some(false),
            title: Some((*self.random.pick(&words::TITLES)).to_owned()),
            mobilephone: Some(format!("+44 7700 {:06}", number % 1_000_000)),
            organizationid: Some(self.tenant.organization.organizationid),
            createdon: self.time(-(number as i64 % 700)),
            modifiedon: self.time(-(number as i64 % 30)),
            ..SystemUser::default()
        }
    }

    fn direct_roles(&mut self, user: Uuid, unit: Uuid, defect: Option<Defect>) {
        let only = match defect {
            None => None,
            Some(Defect::NoRole) => return,
            Some(Defect::RoleNotShared) => Some(UNSHARED.to_owned()),
            Some(Defect::TooShallow) => Some(NARROW.to_owned()),
            Some(Defect::GuideOnlyRole) => Some(GUIDE_ONLY_ROLE.to_owned()),
            Some(Defect::LacksPrivilege(privilege)) => Some(lacking(privilege)),
            // The app role comes by the team.
            Some(_) => Some("Marketing Professional".to_owned()),
        };
        if let Some(role) = only {
            self.hold(user, &role, unit);
            return;
        }
        if self.random.chance(8) {
            self.hold(user, "System Administrator", unit);
            return;
        }
        // Modernised business units let a person hold another unit's copy.
        let elsewhere = self.random.chance(30);
        let app_unit = if elsewhere {
            *self.random.pick(&self.units)
        } else {
            unit
        };
        self.hold(user, APP_ROLE, app_unit);
        if self.random.chance(800) {
            self.hold(user, "Basic User", unit);
        }
        let roles = [
            "Salesperson",
            "Salesperson",
            "Customer Service Representative",
            "Sales Manager",
            "CSR Manager",
        ];
        let role = *self.random.pick(&roles);
        self.hold(user, role, unit);
    }

    fn hold(&mut self, user: Uuid, role: &str, unit: Uuid) {
        if let Some(role) = self.role_id(role, unit) {
            self.tenant.user_roles.push((user, role));
        }
    }

    /// Users that are no people; one of them is the caller.
    pub(super) fn accounts(&mut self) {
        let root = self.units[0];
        let mut add = |name: &str, change: fn(&mut SystemUser), role: Option<&str>| {
            let mut user = self.person(self.options.users, root);
            let account = name.trim_start_matches("# ").to_lowercase().replace(' ', ".");
            user.fullname = Some(name.to_owned());
            user.internalemailaddress = Some(format!("{account}@{}", self.domain()));
            user.domainname = user.internalemailaddress.clone();
            user.windowsliveid = user.internalemailaddress.clone();
            user.islicensed = Some(false);
            user.parentsystemuserid = None;
            change(&mut user);
            if user.applicationid.is_some() {
                user.applicationid = Some(self.random.uuid());
            }
            let id = user.systemuserid;
            self.tenant.users.push(user);
            if let Some(role) = role {
                self.hold(id, role, root);
            }
            id
        };
        let application: fn(&mut SystemUser) = |user| {
            user.applicationid = Some(Uuid::nil());
            user.accessmode = Some(4);
        };
        let caller = add("# Audit Reader", application, Some(SERVICE_READER));
        add("# Power Automate", application, Some("Basic User"));
        add("# Data Export", application, Some(SERVICE_READER));
        add(
            "Integration Service",
            |user| user.isintegrationuser = Some(true),
            Some("Basic User"),
        );
        add(
            "Microsoft Support",
            |user| user.accessmode = Some(3),
            Some("System Customizer"),
        );
        add(
            "Delegated Partner",
            |user| user.accessmode = Some(5),
            Some("System Administrator"),
        );
        add(
            "Kiosk Nightly Job",
            |user| user.accessmode = Some(4),
            Some("Basic User"),
        );
        let disabled: fn(&mut SystemUser) = |user| {
            user.isdisabled = Some(true);
            user.setupuser = Some(true);
            user.azureactivedirectoryobjectid = None;
        };
        add("SYSTEM", disabled, None);
        add("INTEGRATION", disabled, None);
        self.tenant.caller = caller;
    }
}

/// Defects of the user's own row.
fn spoil(user: &mut SystemUser, defect: Option<Defect>) {
    match defect {
        Some(Defect::Disabled) => {
            user.isdisabled = Some(true);
            user.disabledreason = Some("Left the company".to_owned());
        }
        Some(Defect::AccessModeAdministrative) => user.accessmode = Some(1),
        Some(Defect::AccessModeRead) => user.accessmode = Some(2),
        Some(Defect::AccessModeNonInteractive) => user.accessmode = Some(4),
        Some(Defect::AccessModeNull) => user.accessmode = None,
        Some(Defect::Unlicensed) => user.islicensed = Some(false),
        Some(Defect::LicenceNull) => user.islicensed = None,
        Some(Defect::DefaultMailboxNull) => user.defaultmailbox = None,
        Some(Defect::AddressEmpty) => user.internalemailaddress = None,
        Some(Defect::AddressDiffers) => {
            user.internalemailaddress = user
                .internalemailaddress
                .as_ref()
                .map(|address| format!("old.{address}"));
        }
        Some(Defect::AddressInOtherCase) => {
            user.internalemailaddress = user
                .internalemailaddress
                .as_ref()
                .map(|address| format!(" {} ", address.to_uppercase()));
        }
        _ => {}
    }
}
