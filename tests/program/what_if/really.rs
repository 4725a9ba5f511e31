//! What is supposed is what comes of it: the same changes, made to the tenant itself and collected.

use std::collections::BTreeMap;

use clearance::evaluate::{Assessment, Inputs, Reported, assess, needs};
use clearance::rules::{RuleSet, load, packs};
use clearance::snapshot::{Environment, Snapshot};
use clearance::what_if::changes::parse_changes;
use clearance::what_if::suppose;
use dataverse_simulator::{AppModuleRole, GUIDE_ONLY_ROLE, Tenant, TenantOptions, generate};
use uuid::Uuid;

use super::super::desk::Kept;
use super::*;

/// Complete but for depths, in the generator.
const NARROW: &str = "Outlook Access (narrow)";

fn collected(tenant: Tenant, rules: &RuleSet) -> Environment {
    let desk = Desk::with(&Kept::collect(tenant), "snapshot");
    let snapshot = Snapshot::open(&desk.path("snapshot")).unwrap();
    snapshot.load(&needs(rules)).unwrap()
}

fn assessed<'a>(rules: &'a RuleSet, environments: &'a [Environment]) -> Assessment<'a> {
    assess(&Inputs {
        rules,
        environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T08:00:00Z".parse().unwrap(),
        include_disabled: true,
        include_superseded: true,
        reported: &Reported::All,
    })
    .unwrap()
}

/// Everything that is said of everybody: verdicts and findings with their evidence.
fn said(assessment: &Assessment<'_>) -> BTreeMap<String, Vec<String>> {
    let assessed = &assessment.environments[0];
    let told = |finding: clearance::evaluate::Finding<'_>| {
        format!(
            "{} {}: {} | {} | {} | {:?} | {:?}",
            finding.rule.id,
            finding.outcome.name(),
            finding.expected,
            finding.observed,
            finding.cause,
            finding.path,
            finding.nearest
        )
    };
    let users = (0..assessed.users()).map(|user| {
        let row = assessed.row(user);
        let mut lines = vec![format!("{} {}", row.verdict.name(), row.deployment.name())];
        lines.extend(assessed.causes(user).into_iter().map(told));
        (row.id.to_string(), lines)
    });
    let environment = assessed.environment_findings().into_iter().map(told).collect();
    users.chain([("environment".to_owned(), environment)]).collect()
}

/// Makes a change to the tenant as the service would, and tells it as a change to suppose.
struct Both {
    tenant: Tenant,
    changes: Vec<Value>,
}

impl Both {
    fn assign(&mut self, role: &str, user: Uuid) {
        let unit = self.tenant.user(user).unwrap().businessunitid.unwrap();
        let pair = (user, self.tenant.role_copy(role, unit).unwrap().roleid);
        if !self.tenant.user_roles.contains(&pair) {
            self.tenant.user_roles.push(pair);
        }
        self.changes
            .push(json!({"change": "assign-role", "role": role, "to": [format!("user:{user}")]}));
    }

    fn copies(&self, role: &str) -> Vec<Uuid> {
        let roles = self.tenant.roles.iter();
        let copies = roles.filter(|copy| copy.name.as_deref() == Some(role));
        copies.map(|copy| copy.roleid).collect()
    }

    fn remove_from_all(&mut self, role: &str) {
        let copies = self.copies(role);
        let holders: Vec<Uuid> = self
            .tenant
            .user_roles
            .iter()
            .filter(|(_, held)| copies.contains(held))
            .map(|(user, _)| *user)
            .collect();
        assert!(!holders.is_empty(), "nobody holds {role}");
        self.tenant.user_roles.retain(|(_, held)| !copies.contains(held));
        let from: Vec<String> = holders.iter().map(|user| format!("user:{user}")).collect();
        self.changes
            .push(json!({"change": "remove-role", "role": role, "from": from}));
    }

    fn assign_to_team(&mut self, role: &str, team: Uuid) {
        let teams = &self.tenant.teams;
        let row = teams.iter().find(|row| row.teamid == team).unwrap();
        let pair = (
            team,
            self.tenant
                .role_copy(role, row.businessunitid.unwrap())
                .unwrap()
                .roleid,
        );
        if !self.tenant.team_roles.contains(&pair) {
            self.tenant.team_roles.push(pair);
        }
        self.changes
            .push(json!({"change": "assign-role", "role": role, "to": [format!("team:{team}")]}));
    }

    fn inherit(&mut self, role: &str, number: i32) {
        let named = |name: &Option<String>| name.as_deref() == Some(role);
        for copy in self.tenant.roles.iter_mut().filter(|copy| named(&copy.name)) {
            copy.isinherited = Some(number);
        }
        let word = ["team-only", "direct-user"][number as usize];
        self.changes
            .push(json!({"change": "set-inheritance", "role": role, "inheritance": word}));
    }

    fn privilege(&mut self, role: &str, privilege: &str, depth: Option<(&str, i32)>) {
        let mask = depth.map(|(_, mask)| mask);
        assert!(self.tenant.set_role_privilege(role, privilege, mask));
        self.changes.push(match depth {
            Some((depth, _)) => {
                json!({"change": "grant-privilege", "privilege": privilege, "depth": depth, "role": role})
            }
            None => json!({"change": "revoke-privilege", "privilege": privilege, "role": role}),
        });
    }

    fn set(&mut self, field: &str, value: &str, users: &[Uuid]) {
        let of: Vec<String> = users.iter().map(|user| format!("user:{user}")).collect();
        self.changes
            .push(json!({"change": "set-field", "field": field, "value": value, "of": of}));
    }
}

#[test]
fn what_is_supposed_is_what_comes_of_it() {
    let tenant = generate(&TenantOptions {
        users: 160,
        ..TenantOptions::default()
    });
    let rules = load(&packs::embedded()).unwrap();
    let before = collected(tenant.clone(), &rules);
    let mut both = Both {
        tenant,
        changes: Vec::new(),
    };
    let people: Vec<Uuid> = both
        .tenant
        .users
        .iter()
        .filter(|user| user.businessunitid.is_some() && user.systemuserid != both.tenant.caller)
        .map(|user| user.systemuserid)
        .collect();
    for user in people.iter().step_by(4) {
        both.assign(APP_ROLE, *user);
    }
    both.remove_from_all(GUIDE_ONLY_ROLE);
    let teams: Vec<Uuid> = both
        .tenant
        .teams
        .iter()
        .filter(|team| team.teamtype == Some(0) && team.businessunitid.is_some())
        .map(|team| team.teamid)
        .collect();
    for team in teams.iter().step_by(2) {
        both.assign_to_team(NARROW, *team);
    }
    both.inherit(NARROW, 1);
    both.inherit(APP_ROLE, 0);
    both.privilege(NARROW, "prvUseOfficeApps", Some(("global", 8)));
    both.privilege(NARROW, "prvReadQueue", Some(("basic", 1)));
    both.privilege(APP_ROLE, "prvReadActionCard", None);
    // Sharing the app.
    let module =
        |app: &dataverse_simulator::AppModule| app.uniquename.as_deref() == Some("AppforOutlookModule");
    let app = both
        .tenant
        .app_modules
        .iter()
        .find(|app| module(app))
        .unwrap()
        .appmoduleid;
    let root = both.tenant.root_role(ALL_BUT_ONE).unwrap().roleid;
    both.tenant.app_module_roles.push(AppModuleRole {
        appmoduleroleid: Uuid::from_u128(0xa44),
        appmoduleid: Some(app),
        roleid: Some(root),
        ismanaged: Some(false),
        componentstate: Some(0),
    });
    let narrow = both.tenant.root_role(NARROW).unwrap().roleid;
    let is_narrow = |row: &AppModuleRole| row.appmoduleid == Some(app) && row.roleid == Some(narrow);
    assert!(both.tenant.app_module_roles.iter().any(is_narrow));
    both.tenant.app_module_roles.retain(|row| !is_narrow(row));
    for (change, role) in [("bind-role", ALL_BUT_ONE), ("unbind-role", NARROW)] {
        both.changes
            .push(json!({"change": change, "role": role, "app": "AppforOutlookModule"}));
    }
    // Columns.
    let with_mailbox: Vec<Uuid> = people
        .iter()
        .copied()
        .filter(|user| both.tenant.mailbox_of(*user).is_some())
        .collect();
    let some = |skip: usize| {
        with_mailbox
            .iter()
            .skip(skip)
            .step_by(5)
            .copied()
            .collect::<Vec<Uuid>>()
    };
    both.set("mailbox.incomingemailstatus", "success", &some(0));
    both.set("mailbox.emailrouteraccessapproval", "pending", &some(1));
    both.set("systemuser.isdisabled", "true", &some(2));
    both.set("organization.requireapprovalforuseremail", "false", &[]);
    for user in some(0) {
        both.tenant.mailbox_of_mut(user).unwrap().incomingemailstatus = Some(1);
    }
    for user in some(1) {
        both.tenant
            .mailbox_of_mut(user)
            .unwrap()
            .emailrouteraccessapproval = Some(2);
    }
    for user in some(2) {
        both.tenant.user_mut(user).unwrap().isdisabled = Some(true);
    }
    both.tenant.organization.requireapprovalforuseremail = Some(false);

    let document = json!({"schema": "clearance.changes/1", "changes": both.changes}).to_string();
    valid("changes-1.schema.json", &document);
    let supposed = suppose(&before, &parse_changes(&document).unwrap()).unwrap();
    let idle: Vec<&str> = supposed
        .done
        .iter()
        .filter(|done| done.changed == 0 && !done.change.starts_with("assign"))
        .map(|done| done.change.as_str())
        .collect();
    assert_eq!(idle, [] as [&str; 0], "changes that do nothing show nothing");
    let really = [collected(both.tenant, &rules)];
    let (before, supposed) = ([before], [supposed.environment]);
    let expected = said(&assessed(&rules, &really));
    let found = said(&assessed(&rules, &supposed));
    assert_ne!(found, said(&assessed(&rules, &before)));
    for (user, lines) in &expected {
        assert_eq!(&found[user], lines, "{user}");
    }
    assert_eq!(found.len(), expected.len());
}
