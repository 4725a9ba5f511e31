//! Actions that give access: which roles would help, and which could be made to.
//!
//! Owns the candidates: a role to assign, a role that people hold and that lacks privileges, is not
//! shared with the app, or reaches them by a team that keeps its privileges to itself. What a role does
//! for somebody is asked of the evaluator, which judges one made-up user per role who holds nothing else.

use rustc_hash::{FxHashMap, FxHashSet};

use arrow_array::StringArray;

use crate::access::{PrivilegeState, RoleRoot};
use crate::evaluate::{EnvironmentAssessment, Inputs, Outcome, Reported, Verdict, assess};
use crate::rules::{Check, Depth, RuleIndex, RuleSet, Severity};
use crate::snapshot::{Column, Environment, Guid, Table};

use super::PlanError;
use super::action::{Deed, Kind, key};
use super::sample::{Open, take};

/// Roles that are considered to be assigned; no more than bits in a word.
const MOST_ROLES: usize = 24;
/// Roles of these that make the same rules pass.
const MOST_ALIKE: usize = 3;
/// Roles that people hold and that are considered to be changed.
const MOST_HELD: usize = 16;
/// Sets of privileges that are considered to be added to one role.
const MOST_GRANTS: usize = 3;

/// The role template of the built-in System Customizer, which may change the whole environment
/// (its id as Microsoft's Business Central connector names it, read 2026-11-27): never proposed, like the
/// System Administrator.
const SYSTEM_CUSTOMIZER: Guid = Guid(0x119f245c_3cc8_4b62_b31c_d1a046ced15d);

/// A role that can be assigned.
#[derive(Clone, Debug)]
pub(super) struct Assignable {
    pub(super) root: Guid,
    pub(super) name: String,
    /// Rules about access that pass for somebody who holds it and nothing else.
    pub(super) grants: FxHashSet<RuleIndex>,
    /// Whether rule files name it as the role to give.
    pub(super) own: bool,
}

/// An action on roles that could be chosen.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) kind: Kind,
    pub(super) key: String,
    pub(super) role: Guid,
    pub(super) role_name: String,
    pub(super) deeds: Vec<Deed>,
    /// Position in the list of assignable roles, where it is one.
    pub(super) assignable: Option<usize>,
    /// Whether the role may grant much that a snapshot does not show: one that its new holders did
    /// not hold before, and that is not the app's own.
    pub(super) wide: bool,
}

/// The rules about access that can change a verdict.
pub(super) fn access_rules(assessed: &EnvironmentAssessment<'_>, rules: &RuleSet) -> Vec<RuleIndex> {
    let counts = |rule: &RuleIndex| rules.rules[*rule].severity != Severity::Advises;
    (0..rules.rules.len())
        .filter(counts)
        .filter(|rule| assessed.looks_at_access(*rule))
        .collect()
}

/// The roles worth assigning, by what they would make pass.
pub(super) fn assignable(
    inputs: &Inputs<'_>,
    assessed: &EnvironmentAssessment<'_>,
    access_rules: &[RuleIndex],
) -> Result<Vec<Assignable>, PlanError> {
    let is_open = |rule: &&RuleIndex| {
        (0..assessed.users()).any(|user| {
            !matches!(assessed.verdict(user), Verdict::Ready | Verdict::OutOfScope)
                && assessed.outcome(**rule, user) == Outcome::Fail
        })
    };
    let open: Vec<RuleIndex> = access_rules.iter().filter(is_open).copied().collect();
    let environment = assessed.environment;
    let roles = proposable(environment, assessed.access().roles());
    if open.is_empty() || roles.is_empty() {
        return Ok(Vec::new());
    }
    let probes = probes(environment, &roles);
    let probe_inputs = Inputs {
        environments: std::slice::from_ref(&probes),
        reported: &Reported::All,
        waivers: &[],
        ..*inputs
    };
    let assessment = assess(&probe_inputs).map_err(PlanError::Assess)?;
    let Some(probed) = assessment.environments.first() else {
        return Ok(Vec::new());
    };
    let own = own_roles(inputs.rules);
    let mut found: Vec<Assignable> = Vec::new();
    for (probe, role) in roles.into_iter().enumerate() {
        let passes = |rule: &RuleIndex| {
            matches!(
                probed.outcome(*rule, probe),
                Outcome::Pass | Outcome::NotApplicable
            )
        };
        // All rules count for what happens to somebody, the open ones for whether it helps.
        if open.iter().any(passes) {
            found.push(Assignable {
                grants: access_rules.iter().filter(|rule| passes(rule)).copied().collect(),
                own: own.contains(&role.name.trim().to_lowercase()),
                root: role.id,
                name: role.name,
            });
        }
    }
    let helps = |role: &Assignable| open.iter().filter(|rule| role.grants.contains(rule)).count();
    // Of roles that do the same, those that do least besides.
    let depths = crate::access::Depths::new(assessed.access());
    let width = |role: &Assignable| -> u32 {
        let row = depths.of_role(assessed.access(), role.root);
        row.into_iter().map(u32::from).sum()
    };
    found.sort_by_cached_key(|role| (!role.own, std::cmp::Reverse(helps(role)), width(role), role.root));
    let mut alike: FxHashMap<Vec<RuleIndex>, usize> = FxHashMap::default();
    found.retain(|role| {
        let does = open
            .iter()
            .filter(|rule| role.grants.contains(rule))
            .copied()
            .collect();
        let number = alike.entry(does).or_default();
        *number += 1;
        *number <= MOST_ALIKE
    });
    found.truncate(MOST_ROLES);
    Ok(found)
}

/// Roles that may be proposed at all.
fn proposable(environment: &Environment, roles: Vec<RoleRoot>) -> Vec<RoleRoot> {
    let table = environment.table("role");
    let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
    let of = column("roleid").iter().zip(column("roletemplateid"));
    let customizers: FxHashSet<Guid> = of
        .filter(|(_, template)| **template == SYSTEM_CUSTOMIZER)
        .map(|(id, _)| *id)
        .collect();
    let mut roles = roles;
    roles.retain(|role| !role.administrator && !customizers.contains(&role.id));
    roles
}

/// Names of the roles that rule files name, in lower case.
fn own_roles(rules: &RuleSet) -> FxHashSet<String> {
    let entries = rules.rules.iter().filter_map(|rule| rule.privilege.as_ref());
    entries
        .filter_map(|entry| Some(entry.role.as_ref()?.trim().to_lowercase()))
        .collect()
}

/// The environment with one made-up user per role.
fn probes(environment: &Environment, roles: &[RoleRoot]) -> Environment {
    let ids: Vec<Guid> = (1..=roles.len() as u128).map(Guid).collect();
    let tables = environment.tables.iter().filter(|(name, _)| *name != "access");
    let tables = tables.map(|(name, table)| {
        let made = match name.as_str() {
            "systemuser" => {
                let mut made = take(table, &vec![0; if table.rows > 0 { roles.len() } else { 0 }]);
                made.columns
                    .insert("systemuserid".to_owned(), Column::Id(ids.clone()));
                // Nobody known by name is meant.
                for text in ["fullname", "domainname", "internalemailaddress"] {
                    let nothing: StringArray = roles.iter().map(|_| None::<&str>).collect();
                    made.columns.insert(text.to_owned(), Column::Text(nothing));
                }
                made
            }
            "systemuserroles" => Table {
                rows: roles.len(),
                columns: [
                    ("systemuserid".to_owned(), Column::Id(ids.clone())),
                    (
                        "roleid".to_owned(),
                        Column::Id(roles.iter().map(|role| role.id).collect()),
                    ),
                ]
                .into(),
            },
            "teammembership" | "mailbox" => take(table, &[]),
            _ => table.clone(),
        };
        (name.clone(), made)
    });
    Environment {
        manifest: environment.manifest.clone(),
        tables: tables.collect(),
    }
}

/// The roles to assign, as candidates.
pub(super) fn assignments(roles: &[Assignable]) -> Vec<Candidate> {
    let candidate = |(position, role): (usize, &Assignable)| Candidate {
        kind: Kind::AssignRole,
        key: key(Kind::AssignRole, Some((&role.name, role.root)), &[]),
        role: role.root,
        role_name: role.name.clone(),
        deeds: vec![Deed::Assign { role: role.root }],
        assignable: Some(position),
        wide: !role.own,
    };
    roles.iter().enumerate().map(candidate).collect()
}

/// What could be changed of the roles that people hold.
pub(super) fn held(
    assessed: &EnvironmentAssessment<'_>,
    rules: &RuleSet,
    representatives: &[(usize, usize)],
    open: &[Vec<Open>],
    closed: &[bool],
) -> Vec<Candidate> {
    let access = assessed.access();
    let mut wishes: FxHashMap<Guid, Wishes> = FxHashMap::default();
    for (case, (user, users)) in representatives
        .iter()
        .enumerate()
        .filter(|(case, _)| !closed[*case])
    {
        let missing = missing(assessed, rules, &open[case]);
        if missing.privileges.is_empty() && missing.apps.is_empty() {
            continue;
        }
        let mut seen: FxHashSet<Guid> = FxHashSet::default();
        for held in access.held(*user) {
            let wish = wishes.entry(held.root).or_default();
            wish.inherit |= held.by_team && !held.hands_on;
            if seen.insert(held.root) {
                wish.users += users;
                if !missing.privileges.is_empty() {
                    *wish.grants.entry(missing.privileges.clone()).or_default() += users;
                }
                wish.apps.extend(missing.apps.iter().cloned());
            }
        }
    }
    let mut roles: Vec<(RoleRoot, Wishes)> = proposable(assessed.environment, access.roles())
        .into_iter()
        .filter_map(|role| wishes.remove(&role.id).map(|wish| (role, wish)))
        .collect();
    roles.sort_by_key(|(role, wish)| (std::cmp::Reverse(wish.users), role.id));
    roles.truncate(MOST_HELD);
    roles
        .into_iter()
        .flat_map(|(role, wish)| wish.candidates(&role))
        .collect()
}

/// What would help the holders of one role.
#[derive(Default)]
struct Wishes {
    users: usize,
    inherit: bool,
    apps: std::collections::BTreeSet<String>,
    grants: FxHashMap<Vec<(String, Depth)>, usize>,
}

impl Wishes {
    fn candidates(self, role: &RoleRoot) -> Vec<Candidate> {
        let new = |kind, parts: &[String], deeds| Candidate {
            kind,
            key: key(kind, Some((&role.name, role.id)), parts),
            role: role.id,
            role_name: role.name.clone(),
            deeds,
            assignable: None,
            wide: false,
        };
        let mut found = Vec::new();
        if self.inherit {
            found.push(new(
                Kind::SetInheritance,
                &[],
                vec![Deed::Inherit { role: role.id }],
            ));
        }
        for app in self.apps {
            let deed = Deed::Bind {
                role: role.id,
                app: app.clone(),
            };
            found.push(new(Kind::BindRole, &[app], vec![deed]));
        }
        let mut grants: Vec<(Vec<(String, Depth)>, usize)> = self.grants.into_iter().collect();
        grants.sort_by(|(left, many), (right, more)| more.cmp(many).then_with(|| left.cmp(right)));
        let mut all: Vec<(String, Depth)> = grants.iter().flat_map(|(grant, _)| grant.clone()).collect();
        all.sort();
        all.dedup();
        let mut sets: Vec<Vec<(String, Depth)>> = grants.into_iter().map(|(grant, _)| grant).collect();
        sets.truncate(MOST_GRANTS);
        if !sets.contains(&all) && !all.is_empty() {
            sets.push(all);
        }
        for set in sets {
            let parts: Vec<String> = set
                .iter()
                .map(|(name, depth)| format!("{name}:{}", depth.name()))
                .collect();
            let deeds = set.into_iter().map(|(privilege, depth)| Deed::Grant {
                privilege,
                depth,
                role: role.id,
            });
            found.push(new(Kind::GrantPrivileges, &parts, deeds.collect()));
        }
        found
    }
}

/// What is missing of access where these rules are open.
pub(super) struct Missing {
    /// Privileges with the depth that is needed, sorted.
    pub(super) privileges: Vec<(String, Depth)>,
    /// Apps that are not shared.
    pub(super) apps: Vec<String>,
}

/// What the open rules ask for.
pub(super) fn missing(assessed: &EnvironmentAssessment<'_>, rules: &RuleSet, open: &[Open]) -> Missing {
    let mut missing = Missing {
        privileges: Vec::new(),
        apps: Vec::new(),
    };
    for one in open {
        rules.rules[one.rule]
            .check
            .visit(&mut |check: &Check| match check {
                Check::Privilege(name, least) => {
                    if let PrivilegeState::Exists(_, depth) = assessed.access().privilege(name, *least) {
                        missing.privileges.push((name.clone(), depth));
                    }
                }
                Check::AppModuleShared(app) => missing.apps.push(app.clone()),
                _ => {}
            });
    }
    missing.privileges.sort();
    missing.privileges.dedup();
    missing
}
