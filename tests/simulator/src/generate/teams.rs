//! Teams of all types, their members and roles.

use std::collections::HashMap;

use uuid::Uuid;

use super::people::{UNIT_WITH_DEFAULT_ROLE, app_team_unit};
use super::roles::{APP_ROLE, HARMLESS};
use super::{Builder, Planned};
use crate::tables::Team;

impl Builder<'_> {
    /// Default, owner, access, security-group and Office-group teams.
    pub(super) fn teams(&mut self, plan: &HashMap<usize, Planned>) {
        let defaults = self.default_teams();
        self.app_teams(plan);
        if let Some(role) = self.role_id(HARMLESS, self.units[UNIT_WITH_DEFAULT_ROLE]) {
            self.tenant
                .team_roles
                .push((defaults[UNIT_WITH_DEFAULT_ROLE], role));
        }
        // Only people without a defect join teams that carry roles, or the roles would mend the defect.
        let sound: Vec<Uuid> = (0..self.options.users)
            .filter(|number| !plan.contains_key(number))
            .map(|number| self.tenant.users[number].systemuserid)
            .collect();
        let count = self.options.users / 80 + 2;
        for number in 0..count {
            let plain = format!("Field Team {number}");
            let name = if number % 3 == 1 {
                self.hostile_or(&plain)
            } else {
                plain
            };
            let unit = *self.random.pick(&self.units);
            let team = self.team(&name, Some(0), unit);
            let roles = [
                "Salesperson",
                "Customer Service Representative",
                "Sales Manager",
                HARMLESS,
            ];
            if let Some(role) = self.role_id(roles[number % roles.len()], unit) {
                self.tenant.team_roles.push((team, role));
            }
            self.join(team, &sound, 60);
        }
        let everybody: Vec<Uuid> = self.tenant.users.iter().map(|user| user.systemuserid).collect();
        for number in 0..self.options.users / 200 + 1 {
            let unit = *self.random.pick(&self.units);
            let team = self.team(&format!("Deal Room {number}"), Some(1), unit);
            self.join(team, &everybody, 12);
        }
        for (name, teamtype) in [("Sales Group", 2), ("Service Group", 2), ("Project Group", 3)] {
            let root = self.units[0];
            let team = self.team(name, Some(teamtype), root);
            if let Some(row) = self.tenant.teams.last_mut() {
                row.azureactivedirectoryobjectid = Some(self.random.uuid());
                row.membershiptype = Some(0);
            }
            self.join(team, &sound, 25);
            let role = if teamtype == 2 { "Sales Manager" } else { APP_ROLE };
            if self.options.group_team_roles
                && let Some(role) = self.role_id(role, root)
            {
                self.tenant.team_roles.push((team, role));
            }
        }
    }

    /// One for each business unit, with everybody of it; membership is automatic.
    fn default_teams(&mut self) -> Vec<Uuid> {
        let mut teams = Vec::new();
        let mut of_unit = HashMap::new();
        for number in 0..self.units.len() {
            let unit = self.units[number];
            let name = self.tenant.business_units[number]
                .name
                .clone()
                .unwrap_or_default();
            let team = self.team(&name, Some(0), unit);
            if let Some(row) = self.tenant.teams.last_mut() {
                row.isdefault = Some(true);
                row.systemmanaged = Some(true);
            }
            teams.push(team);
            of_unit.insert(unit, team);
        }
        let members = self.tenant.users.iter().filter_map(|user| {
            let team = of_unit.get(&user.businessunitid?)?;
            Some((user.systemuserid, *team))
        });
        self.tenant.memberships.extend(members);
        teams
    }

    /// Teams that give the app role: one for each setting of member privilege inheritance.
    fn app_teams(&mut self, plan: &HashMap<usize, Planned>) {
        if !self.options.defects {
            return;
        }
        for place in 1..=3 {
            let unit = self.units[place];
            let team = self.team(&format!("App for Outlook Team {place}"), Some(0), unit);
            if let Some(role) = self.role_id(APP_ROLE, unit) {
                self.tenant.team_roles.push((team, role));
            }
            let members = (0..self.options.users)
                .filter(|number| app_team_unit(plan.get(number).and_then(|planned| planned.1)) == Some(place))
                .map(|number| (self.tenant.users[number].systemuserid, team));
            self.tenant.memberships.extend(members);
        }
    }

    fn team(&mut self, name: &str, teamtype: Option<i32>, unit: Uuid) -> Uuid {
        let teamid = self.random.uuid();
        self.tenant.teams.push(Team {
            teamid,
            name: Some(name.to_owned()),
            teamtype,
            businessunitid: Some(unit),
            administratorid: self.tenant.users.first().map(|user| user.systemuserid),
            isdefault: Some(false),
            systemmanaged: Some(false),
            createdon: self.time(-500),
            ..Team::default()
        });
        teamid
    }

    fn join(&mut self, team: Uuid, from: &[Uuid], members: usize) {
        let mut chosen: Vec<Uuid> = (0..members.min(from.len() / 2))
            .map(|_| *self.random.pick(from))
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        self.tenant
            .memberships
            .extend(chosen.into_iter().map(|user| (user, team)));
    }
}
