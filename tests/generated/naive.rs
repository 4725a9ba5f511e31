//! The naive evaluator: one user, one rule, one check at a time, from the contract alone.
//!
//! Where the contract leaves room, a comment that begins with *Reading:* says how it was read.

mod compare;

use crate::facts::Fact;
use crate::oracle::access::{Access, Existence};
use crate::oracle::tables::{Row, Snapshot, Value, boolean, int, text};
use crate::oracle::{Outcome, Tri};
use crate::rules::{Check, Rule, SEVERITIES};
use compare::{is_there, meets, of_device, of_mailbox, same};

/// A row of the device inventory; what it does not tell is empty.
#[derive(Clone, Debug)]
pub struct Device {
    pub user: &'static str,
    pub os: &'static str,
    pub browser: &'static str,
    pub outlook: &'static str,
    pub browser_version: &'static str,
}

/// Everything that an audit is given.
#[derive(Clone)]
pub struct Given {
    pub snapshots: Vec<Snapshot>,
    /// Id, whether it holds, whether it is in force.
    pub attestations: Vec<(&'static str, bool, bool)>,
    pub devices: Option<Vec<Device>>,
    pub include_disabled: bool,
}

/// One environment of an audit.
pub struct Scene<'a> {
    given: &'a Given,
    position: usize,
    pub snapshot: &'a Snapshot,
    access: Access<'a>,
}

/// What is known of a record of a user.
#[derive(Clone, Copy)]
pub enum Record<'a> {
    Row(&'a Row),
    /// There is none, and that is proved.
    None,
    NotSeen,
}

impl<'a> Scene<'a> {
    pub fn new(given: &'a Given, position: usize) -> Scene<'a> {
        let snapshot = &given.snapshots[position];
        Scene {
            given,
            position,
            snapshot,
            access: Access::new(snapshot),
        }
    }

    /// `design.md` §6, and the first paragraph of the catalogue: a rule about a record that provably is
    /// not there does not apply, and is unknown where that is not proved.
    pub fn outcome(&self, rule: &Rule, user: Option<&Row>) -> Outcome {
        let mut condition = rule
            .when
            .as_ref()
            .map_or(Tri::True, |when| self.holds(when, user));
        let checks = || rule.when.iter().chain([&rule.check]);
        for table in ["mailbox", "emailserverprofile"] {
            if let (Some(user), true) = (user, checks().any(|check| reads(check, table))) {
                condition = condition.and(match self.record(table, user) {
                    Record::Row(_) => Tri::True,
                    Record::None => Tri::False,
                    Record::NotSeen => Tri::Unknown,
                });
            }
        }
        if self.lacks_privilege(&rule.check) {
            condition = Tri::False;
        }
        Outcome::decide(condition, self.holds(&rule.check, user))
    }

    /// A required privilege that does not exist is not applicable for everyone, and named once.
    ///
    /// Reading: *required* is what a rule asks for and nothing else; as a part of something more, a
    /// privilege that does not exist is held by nobody.
    pub fn lacks_privilege(&self, check: &Check) -> bool {
        match check {
            Check::Privilege(name, depth) => self.existence(name, *depth) == Existence::DoesNotExist,
            _ => false,
        }
    }

    /// Whether the condition of a rule may hold for someone.
    pub fn may_apply(&self, when: &Check, user: Option<&Row>) -> bool {
        self.holds(when, user) == Tri::True
    }

    fn holds(&self, check: &Check, user: Option<&Row>) -> Tri {
        let id = user
            .and_then(|user| text(user, "systemuserid"))
            .unwrap_or_default();
        match check {
            Check::All(parts) => parts
                .iter()
                .fold(Tri::True, |all, part| all.and(self.holds(part, user))),
            Check::Any(parts) => parts
                .iter()
                .fold(Tri::False, |any, part| any.or(self.holds(part, user))),
            Check::Not(part) => self.holds(part, user).not(),
            Check::Never => Tri::False,
            Check::Field(fact, test) => meets(self.value(fact, user).as_ref(), fact.kind, test),
            Check::Same(left, right) => same(self.value(left, user), self.value(right, user)),
            Check::Role(None, false) => self.access.has_role(id),
            Check::Role(name, true) => self.access.role_held(id, *name).1,
            Check::Role(name, false) => self.access.role_held(id, *name).0,
            Check::RoleExists(name) => self.access.role_exists(name),
            Check::AppModuleExists(name) => self.app_module_exists(name),
            Check::AppModuleShared(name) => {
                let shared = self.access.app_module_shared(id, &self.app_modules(name));
                // Reading: who an app is shared with that was not seen is not known.
                match (shared, self.app_module_exists(name)) {
                    (Tri::False, Tri::Unknown) => Tri::Unknown,
                    (shared, _) => shared,
                }
            }
            Check::Privilege(name, depth) => {
                let existence = self.existence(name, *depth);
                match self.access.privilege(id, name, &existence) {
                    // Reading: whether it exists is not known, so not holding it tells nothing.
                    (Tri::Unknown, Tri::False) => Tri::Unknown,
                    (_, held) => held,
                }
            }
            Check::Attested(id) => {
                let found = self.given.attestations.iter().find(|(other, ..)| other == id);
                match found {
                    Some((_, holds, true)) => Tri::of(*holds),
                    _ => Tri::Unknown,
                }
            }
            Check::EveryDevice(part) => {
                let devices = self.devices(user);
                match devices.is_empty() {
                    true => Tri::Unknown,
                    false => devices
                        .iter()
                        .fold(Tri::True, |all, device| all.and(of_device(part, device))),
                }
            }
            Check::SomeDevice(part) => {
                let devices = self.devices(user);
                match devices.is_empty() {
                    true => Tri::Unknown,
                    false => devices
                        .iter()
                        .fold(Tri::False, |any, device| any.or(of_device(part, device))),
                }
            }
            Check::NowhereElse(key, meets) => self.nowhere_else(key, meets, user),
        }
    }

    fn existence(&self, privilege: &str, depth: usize) -> Existence<'a> {
        self.access.existence(privilege, depth as u8 + 1)
    }

    /// The ids of the app modules of that unique name.
    fn app_modules(&self, name: &str) -> Vec<&'a str> {
        let rows = self.snapshot.rows("appmodule").iter();
        rows.filter(|row| {
            text(row, "uniquename").is_some_and(|own| own.to_lowercase() == name.to_lowercase())
        })
        .filter_map(|row| text(row, "appmoduleid"))
        .collect()
    }

    fn app_module_exists(&self, name: &str) -> Tri {
        let whole = self.snapshot.complete("appmodule")
            && self.snapshot.has_column("appmodule", "uniquename")
            && self.snapshot.proven_global("prvReadAppModule");
        match (self.app_modules(name).is_empty(), whole) {
            (false, _) => Tri::True,
            (true, true) => Tri::False,
            (true, false) => Tri::Unknown,
        }
    }

    /// A user's record: the catalogue says which mailbox and profile that is.
    pub fn record(&self, table: &str, user: &'a Row) -> Record<'a> {
        let row = |table: &str, key: &str, id: &str| {
            let rows = self.snapshot.rows(table);
            rows.iter().find(|row| text(row, key) == Some(id))
        };
        match table {
            "systemuser" => Record::Row(user),
            "organization" => match self.snapshot.rows("organization").first() {
                Some(row) => Record::Row(row),
                None => Record::NotSeen,
            },
            "businessunit" => {
                let unit =
                    text(user, "businessunitid").and_then(|id| row("businessunit", "businessunitid", id));
                unit.map_or(Record::NotSeen, Record::Row)
            }
            "emailserverprofile" => match self.record("mailbox", user) {
                Record::Row(mailbox) => match mailbox.get("emailserverprofile") {
                    Some(Value::Null) => Record::None,
                    Some(Value::Text(id)) => {
                        let profile = row("emailserverprofile", "emailserverprofileid", id);
                        profile.map_or(Record::NotSeen, Record::Row)
                    }
                    _ => Record::NotSeen,
                },
                other => other,
            },
            _ => {
                let named = text(user, "defaultmailbox").and_then(|id| row("mailbox", "mailboxid", id));
                let own = text(user, "systemuserid");
                let mut regarding: Vec<&Row> = self
                    .snapshot
                    .rows("mailbox")
                    .iter()
                    .filter(|mailbox| text(mailbox, "regardingobjectid") == own)
                    .collect();
                regarding.sort_by_key(|mailbox| text(mailbox, "mailboxid"));
                // Reading: not looked for by both columns, none is proved.
                let proved = mailboxes_whole(self.snapshot)
                    && self.snapshot.has_column("mailbox", "regardingobjectid")
                    && self.snapshot.has_column("systemuser", "defaultmailbox");
                match (named.or(regarding.first().copied()), proved) {
                    (Some(row), _) => Record::Row(row),
                    (None, true) => Record::None,
                    (None, false) => Record::NotSeen,
                }
            }
        }
    }

    /// What is known of a fact; none if it was not collected, or there is no record to read it from.
    pub fn value(&self, fact: &Fact, user: Option<&Row>) -> Option<Value> {
        let told = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
        let id = user
            .and_then(|user| text(user, "systemuserid"))
            .unwrap_or_default();
        Some(match fact.name {
            "environment.deployment" => Value::Int(if self.snapshot.online { 0 } else { 1 }),
            "environment.build" => told(&self.snapshot.build),
            "environment.region" => told(&self.snapshot.region),
            "audit.environments" => Value::Int(self.given.snapshots.len() as i64),
            "devices.given" => Value::Bool(self.given.devices.is_some()),
            "access.verified" => Value::Bool(self.access.verified(id)),
            "access.memberships-seen" => match self.access.memberships_seen(id) {
                Tri::Unknown => return None,
                seen => Value::Bool(seen == Tri::True),
            },
            "mailbox.exists" => match self.record("mailbox", user?) {
                Record::Row(_) => Value::Bool(true),
                Record::None => Value::Bool(false),
                Record::NotSeen => return None,
            },
            _ if fact.table() == "organization" => self
                .snapshot
                .rows("organization")
                .first()?
                .get(fact.column())?
                .clone(),
            _ => match self.record(fact.table(), user?) {
                Record::Row(row) => row.get(fact.column())?.clone(),
                Record::None | Record::NotSeen => return None,
            },
        })
    }

    /// No mailbox of another environment with the same value meets the condition.
    fn nowhere_else(&self, key: &Fact, condition: &Check, user: Option<&Row>) -> Tri {
        let Some(own) = self.value(key, user).filter(is_there) else {
            return Tri::Unknown;
        };
        let others = self.given.snapshots.iter().enumerate();
        let mut found = Tri::False;
        for (_, other) in others.filter(|(position, _)| *position != self.position) {
            for mailbox in other.rows("mailbox") {
                let is_same = same(mailbox.get(key.column()).cloned(), Some(own.clone())) == Tri::True;
                found = found.or(match is_same {
                    true => of_mailbox(condition, mailbox),
                    false => Tri::False,
                });
            }
            if !mailboxes_whole(other) || !other.has_column("mailbox", key.column()) {
                found = found.or(Tri::Unknown);
            }
        }
        found.not()
    }

    /// The devices of a user: by sign-in name or e-mail address.
    fn devices(&self, user: Option<&Row>) -> Vec<&'a Device> {
        let form = |name: &str| name.trim().to_lowercase();
        let names: Vec<String> = ["domainname", "internalemailaddress"]
            .into_iter()
            .filter_map(|column| text(user?, column).map(form))
            .collect();
        let all = self.given.devices.iter().flatten();
        all.filter(|device| names.contains(&form(device.user))).collect()
    }

    /// `design.md` §6, *Population*.
    pub fn in_scope(&self, user: &Row) -> bool {
        text(user, "applicationid").is_none()
            && matches!(int(user, "accessmode"), None | Some(0..=2))
            && boolean(user, "isintegrationuser") != Some(true)
            && (self.given.include_disabled || boolean(user, "isdisabled") != Some(true))
    }

    /// Tells every operator in a check, and whether it holds.
    pub fn operators(&self, check: &Check, user: Option<&Row>, tell: &mut impl FnMut(&'static str, Tri)) {
        tell(check.operator(), self.holds(check, user));
        match check {
            Check::All(parts) | Check::Any(parts) => {
                parts.iter().for_each(|part| self.operators(part, user, tell));
            }
            Check::Not(part) => self.operators(part, user, tell),
            _ => {}
        }
    }

    /// The facts that a failing check must show: of an `all` those of every failing part.
    pub fn deciding(&self, check: &Check, user: Option<&Row>, facts: &mut Vec<&'static Fact>) {
        match check {
            Check::All(parts) | Check::Any(parts) => {
                let value = self.holds(check, user);
                for part in parts.iter().filter(|part| self.holds(part, user) == value) {
                    self.deciding(part, user, facts);
                }
            }
            Check::Not(part) => self.deciding(part, user, facts),
            Check::Field(fact, _) if fact.is_column() => facts.push(fact),
            Check::Same(left, right) if left.is_column() && right.is_column() => {
                facts.extend([*left, *right])
            }
            _ => {}
        }
    }
}

/// The verdict of a user in scope, by the outcomes of all rules.
pub fn verdict(outcomes: &[(&Rule, Outcome)]) -> &'static str {
    let some = |severity: &str, outcome: Outcome| {
        let mut all = outcomes.iter();
        all.any(|(rule, other)| SEVERITIES[rule.severity] == severity && *other == outcome)
    };
    if some("blocks", Outcome::Fail) {
        "blocked"
    } else if some("blocks", Outcome::Unknown) {
        "unknown"
    } else if some("limits", Outcome::Fail) {
        "limited"
    } else {
        "ready"
    }
}

/// Whether a check reads a column of the user's own record of that table.
fn reads(check: &Check, table: &str) -> bool {
    let is_of = |fact: &Fact| fact.is_column() && fact.table() == table;
    match check {
        Check::All(parts) | Check::Any(parts) => parts.iter().any(|part| reads(part, table)),
        Check::Not(part) => reads(part, table),
        Check::Field(fact, _) | Check::NowhereElse(fact, _) => is_of(fact),
        Check::Same(left, right) => is_of(left) || is_of(right),
        _ => false,
    }
}

fn mailboxes_whole(snapshot: &Snapshot) -> bool {
    snapshot.complete("mailbox") && snapshot.proven_global("prvReadMailbox")
}
