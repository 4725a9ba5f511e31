//! Changes → an edited copy of an environment.
//!
//! What the service does when an administrator makes the change, as far as the collected tables show
//! it; the sources are named at each change. A change that rests on something that was not
//! collected is refused: what was not seen cannot be supposed to change.

use std::collections::BTreeMap;

use arrow_array::Array;

use crate::snapshot::{Environment, Guid};

use super::error::Fault;
use super::fields::{Fields, Set};
use super::grants::{self, Grants};
use super::names::{Family, Names, Target, text};
use super::pairs::Pairs;
use super::served::Touched;
use super::{Change, ChangeError, Holder, Inheritance};

/// An environment as it would be.
#[derive(Debug)]
pub struct Supposed {
    /// The edited copy.
    pub environment: Environment,
    /// What each change did, in their order.
    pub done: Vec<Done>,
    /// Whether some change was one of access.
    pub is_access_changed: bool,
    /// Users whose access the server was asked about, and whom a change of access touches: its
    /// answers were given before and do not hold any more, so the tables decide.
    pub outdated_answers: usize,
}

/// What one change did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The change in words, with names for ids.
    pub change: String,
    /// Rows that it added, took away or gave another value.
    pub changed: usize,
    /// What there is to know about it, one sentence each: what was so already, who was left out.
    pub notes: Vec<String>,
}

/// The environment as it would be after these changes, made one after the other.
///
/// # Errors
/// If a change names what is not there, cannot be made in Dataverse, or rests on what was not
/// collected.
pub fn apply(environment: &Environment, changes: &[Change]) -> Result<Environment, ChangeError> {
    suppose(environment, changes).map(|supposed| supposed.environment)
}

/// Like [`apply`], with what each change did.
///
/// # Errors
/// As for [`apply`].
pub fn suppose(environment: &Environment, changes: &[Change]) -> Result<Supposed, ChangeError> {
    let names = Names::new(environment, changes);
    let mut editor = Editor {
        names: &names,
        user_roles: None,
        team_roles: None,
        app_roles: None,
        grants: None,
        fields: Fields::new(environment),
        touched: Touched::default(),
    };
    let mut done = Vec::with_capacity(changes.len());
    for (position, change) in changes.iter().enumerate() {
        let of = |fault: Fault| fault.of(change, position, changes.len());
        done.push(editor.make(change).map_err(of)?);
    }
    let is_access_changed = !editor.touched.is_empty();
    let (environment, outdated_answers) = editor.finish(environment);
    Ok(Supposed {
        environment,
        done,
        is_access_changed,
        outdated_answers,
    })
}

/// The edits so far. Each table is looked at when the first change needs it.
struct Editor<'n, 'a> {
    names: &'n Names<'a>,
    user_roles: Option<Pairs<'a>>,
    team_roles: Option<Pairs<'a>>,
    app_roles: Option<Pairs<'a>>,
    grants: Option<Grants>,
    fields: Fields<'a>,
    touched: Touched,
}

impl<'n, 'a> Editor<'n, 'a> {
    fn make(&mut self, change: &Change) -> Result<Done, Fault> {
        let mut done = Done::default();
        match change {
            Change::AssignRole { role, to } => self.assign(role, to, &mut done)?,
            Change::RemoveRole { role, from } => self.remove(role, from, &mut done)?,
            Change::GrantPrivilege {
                privilege,
                depth,
                role,
            } => {
                let family = self.names.role(role)?;
                let (id, row) = grants::privilege(self.names, privilege)?;
                grants::check_depth(self.names.environment, row, privilege, *depth)?;
                let is_changed = grants_of(&mut self.grants, self.names)?.grant(family, id, *depth)?;
                let otherwise = "the role has it already, as deep or deeper";
                self.of_role(family, is_changed, otherwise, &mut done);
            }
            Change::RevokePrivilege { privilege, role } => {
                let family = self.names.role(role)?;
                let (id, _) = grants::privilege(self.names, privilege)?;
                let is_changed = grants_of(&mut self.grants, self.names)?.revoke(family, id);
                self.of_role(family, is_changed, "the role does not have it", &mut done);
            }
            Change::SetInheritance { role, inheritance } => self.inherit(role, *inheritance, &mut done)?,
            Change::BindRole { role, app } => self.bind(role, app, &mut done)?,
            Change::UnbindRole { role, app } => self.unbind(role, app, &mut done)?,
            Change::SetField { field, value, of } => {
                let set = self.fields.set(field, value, of, self.names)?;
                tell_field(&set, field, &mut done);
            }
        }
        done.change = self.names.told(change);
        Ok(done)
    }

    /// A user gets the copy of the user's own business unit, a team that of its own
    /// (`facts/dataverse.md` §3.2 of the design papers: a role is evaluated from the business unit
    /// of the copy held, classically the user's; a team's from the team's). Access teams cannot
    /// hold roles (same place).
    fn assign(&mut self, role: &str, to: &[Holder], done: &mut Done) -> Result<(), Fault> {
        let family = self.names.role(role)?;
        let targets = self.names.targets(to)?;
        tell_empty(to, &targets, done);
        let mut already = 0;
        for target in targets {
            let holder = Holding::of(self.names, target)?;
            let copy = holder.copy(family, role, self.names)?;
            if self.roles_of(target)?.set(holder.id, copy, true) {
                done.changed += 1;
                self.touch(target, holder.id);
            } else {
                already += 1;
            }
        }
        tell_already(already, done, "holds the role already", "hold the role already");
        Ok(())
    }

    /// Takes every copy of the role: with business units that share people somebody may hold one of
    /// another unit.
    fn remove(&mut self, role: &str, from: &[Holder], done: &mut Done) -> Result<(), Fault> {
        let family = self.names.role(role)?;
        let targets = self.names.targets(from)?;
        tell_empty(from, &targets, done);
        let mut already = 0;
        for target in targets {
            let id = match target {
                Target::User(row) => self.names.ids("systemuser", "systemuserid")?[row],
                Target::Team(row) => self.names.ids("team", "teamid")?[row],
            };
            let pairs = self.roles_of(target)?;
            let held: Vec<Guid> = pairs
                .of(id)
                .into_iter()
                .filter(|role| family.has(*role))
                .collect();
            for role in &held {
                pairs.set(id, *role, false);
            }
            if held.is_empty() {
                already += 1;
            } else {
                done.changed += held.len();
                self.touch(target, id);
            }
        }
        let (one, several) = (
            "does not hold the role, at least not directly",
            "do not hold the role, at least not directly",
        );
        tell_already(already, done, one, several);
        Ok(())
    }

    /// The setting belongs to the role, so all its copies get it. System Administrator's cannot be
    /// changed (`facts/dataverse.md` §3.2 of the design papers).
    fn inherit(&mut self, role: &str, inheritance: Inheritance, done: &mut Done) -> Result<(), Fault> {
        let family = self.names.role(role)?;
        if family.is_administrator {
            return Err(Fault::new(
                "the member's privilege inheritance of System Administrator cannot be changed",
                "assign the role to the users themselves, or another role to the team",
            ));
        }
        let rows = family.copies.iter().map(|(.., row)| *row).collect();
        let set = self.fields.set_inheritance(&rows, inheritance.number())?;
        done.changed = set.changed;
        if set.changed == 0 {
            done.notes.push("it is set so already".to_owned());
        } else {
            let copies = family.copies.iter().map(|(_, id, _)| *id);
            self.touched.through_teams.extend(copies);
        }
        Ok(())
    }

    /// Apps are shared with root copies: that is what is collected, and roles are compared by their
    /// roots (`facts/dataverse.md` §3.5 of the design papers; recalled there).
    fn bind(&mut self, role: &str, app: &str, done: &mut Done) -> Result<(), Fault> {
        let family = self.names.role(role)?;
        let app = self.names.app(app)?;
        let pairs = self.app_roles()?;
        if pairs.of(app).into_iter().any(|role| family.has(role)) {
            done.notes
                .push("the app is shared with the role already".to_owned());
        } else if pairs.set(app, family.root, true) {
            done.changed = 1;
        }
        Ok(())
    }

    fn unbind(&mut self, role: &str, app: &str, done: &mut Done) -> Result<(), Fault> {
        let family = self.names.role(role)?;
        let app = self.names.app(app)?;
        let pairs = self.app_roles()?;
        for role in pairs.of(app).into_iter().filter(|role| family.has(*role)) {
            done.changed += usize::from(pairs.set(app, role, false));
        }
        if done.changed == 0 {
            done.notes.push("the app is not shared with the role".to_owned());
        }
        Ok(())
    }

    /// Whoever holds a role whose privileges changed is touched.
    fn of_role(&mut self, family: &Family, is_changed: bool, otherwise: &str, done: &mut Done) {
        if is_changed {
            done.changed = 1;
            let copies = family.copies.iter().map(|(_, id, _)| *id);
            self.touched.roles.extend(copies.chain([family.root]));
        } else {
            done.notes.push(otherwise.to_owned());
        }
    }

    fn touch(&mut self, target: Target, id: Guid) {
        match target {
            Target::User(_) => self.touched.users.insert(id),
            Target::Team(_) => self.touched.teams.insert(id),
        };
    }

    fn roles_of(&mut self, target: Target) -> Result<&mut Pairs<'a>, Fault> {
        let environment = self.names.environment;
        match target {
            Target::User(_) => once(&mut self.user_roles, || {
                Pairs::new(environment, "systemuserroles", ["systemuserid", "roleid"])
            }),
            Target::Team(_) => once(&mut self.team_roles, || {
                Pairs::new(environment, "teamroles", ["teamid", "roleid"])
            }),
        }
    }

    fn app_roles(&mut self) -> Result<&mut Pairs<'a>, Fault> {
        let environment = self.names.environment;
        once(&mut self.app_roles, || {
            Pairs::new(environment, "appmoduleroles", ["appmoduleid", "roleid"])
        })
    }

    /// Tables that no change touched are copied, the others replaced.
    fn finish(self, before: &Environment) -> (Environment, usize) {
        let pairs = |pairs: &Option<Pairs<'_>>| pairs.as_ref().and_then(Pairs::table);
        let mut edited = BTreeMap::from([
            ("systemuserroles", pairs(&self.user_roles)),
            ("teamroles", pairs(&self.team_roles)),
            ("appmoduleroles", pairs(&self.app_roles)),
            ("roleprivileges", self.grants.as_ref().and_then(Grants::table)),
        ]);
        let mut fields = self.fields.into_tables();
        let mut take = |name: &str| {
            let pairs = edited.get_mut(name).and_then(Option::take);
            pairs.or_else(|| fields.remove(name))
        };
        let tables = before.tables.iter().map(|(name, table)| {
            let table = take(name).unwrap_or_else(|| table.clone());
            (name.clone(), table)
        });
        let mut after = Environment {
            tables: tables.collect(),
            manifest: before.manifest.clone(),
        };
        for (name, table) in &after.tables {
            if let Some(info) = after.manifest.tables.get_mut(name) {
                info.rows = table.rows as u64;
            }
        }
        let outdated = self.touched.drop_answers(before, &mut after);
        (after, outdated)
    }
}

fn once<T>(slot: &mut Option<T>, new: impl FnOnce() -> Result<T, Fault>) -> Result<&mut T, Fault> {
    match slot {
        Some(value) => Ok(value),
        None => Ok(slot.insert(new()?)),
    }
}

fn grants_of<'g>(slot: &'g mut Option<Grants>, names: &Names<'_>) -> Result<&'g mut Grants, Fault> {
    once(slot, || Grants::new(names))
}

/// Somebody who is to hold a role.
struct Holding {
    target: Target,
    id: Guid,
    unit: Guid,
}

impl Holding {
    fn of(names: &Names<'_>, target: Target) -> Result<Holding, Fault> {
        let (table, key, row) = match target {
            Target::User(row) => ("systemuser", "systemuserid", row),
            Target::Team(row) => ("team", "teamid", row),
        };
        let holding = Holding {
            target,
            id: names.ids(table, key)?[row],
            unit: names.ids(table, "businessunitid")?[row],
        };
        let kinds = names.environment.table("team");
        let kinds = kinds.and_then(|table| table.integers("teamtype"));
        if let (Target::Team(_), Some(kinds)) = (target, kinds)
            && kinds.is_valid(row)
            && kinds.value(row) == 1
        {
            return Err(Fault::new(
                format!(
                    "{} is an access team, and access teams cannot hold roles",
                    holding.words(names)
                ),
                "name an owner team or an Entra group team, or the users themselves",
            ));
        }
        Ok(holding)
    }

    /// Who it is, for a person to read. Made only where it is told: there may be many.
    fn words(&self, names: &Names<'_>) -> String {
        let (what, table, column, row) = match self.target {
            Target::User(row) => ("user", "systemuser", "fullname", row),
            Target::Team(row) => ("team", "team", "name", row),
        };
        let name = names
            .environment
            .table(table)
            .and_then(|table| text(table, column, row));
        match name {
            Some(name) => format!("{what} \"{name}\" ({})", self.id),
            None => format!("{what} {}", self.id),
        }
    }

    fn copy(&self, family: &Family, role: &str, names: &Names<'_>) -> Result<Guid, Fault> {
        if self.unit.is_null() {
            return Err(Fault::new(
                format!("the business unit of {} is not known", self.words(names)),
                "which copy of the role it would be depends on it",
            ));
        }
        family.copy_in(self.unit).ok_or_else(|| {
            let unit = names.unit_words(self.unit);
            let seen = if names.environment.manifest.is_complete("role") {
                "Dataverse keeps a copy of every role in every business unit; choose a role that has one there"
            } else {
                "table `role` was not read completely; collect again with an account that may read all of it"
            };
            Fault::new(
                format!(
                    "no copy of role \"{role}\" was found in business unit {unit}, the one of {}",
                    self.words(names)
                ),
                seen,
            )
        })
    }
}

fn tell_empty(holders: &[Holder], targets: &[Target], done: &mut Done) {
    if targets.is_empty() {
        let which: Vec<String> = holders.iter().map(Holder::to_string).collect();
        done.notes
            .push(format!("nobody is enabled in {}", which.join(", ")));
    }
}

fn tell_already(already: usize, done: &mut Done, one: &str, several: &str) {
    match already {
        0 => {}
        1 if done.changed == 0 => done.notes.push(format!("who is named {one}")),
        1 => done.notes.push(format!("1 of those named {one}")),
        more => done.notes.push(format!("{more} of those named {several}")),
    }
}

fn tell_field(set: &Set, field: &str, done: &mut Done) {
    done.changed = set.changed;
    if set.unread {
        done.notes
            .push(format!("no loaded rule reads `{field}`: it decides nothing"));
    }
    match set.already {
        0 => {}
        1 => done.notes.push("1 record has this value already".to_owned()),
        more => done.notes.push(format!("{more} records have this value already")),
    }
    match set.without {
        0 => {}
        1 => done
            .notes
            .push("1 user has no such record and is left out".to_owned()),
        more => done
            .notes
            .push(format!("{more} users have no such record and are left out")),
    }
}
