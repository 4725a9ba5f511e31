//! Who and what changes are about: the words of all changes, looked up once.

use std::cell::OnceCell;

use arrow_array::{Array, StringArray};
use rustc_hash::FxHashMap;

use crate::access::SYSTEM_ADMINISTRATOR;
use crate::evaluate::users_called;
use crate::snapshot::{Environment, Guid, Table};

use super::change::MOST_NAMED;
use super::error::Fault;
use super::{Change, Holder};

/// A user or a team, by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    User(usize),
    Team(usize),
}

/// A role: all its copies.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) root: Guid,
    /// Business unit, id and row of every copy.
    pub(super) copies: Vec<(Guid, Guid, usize)>,
    pub(super) is_administrator: bool,
}

/// All roles by name and id.
#[derive(Debug)]
struct Roles<'a> {
    names: &'a StringArray,
    families: Vec<Family>,
    by_id: FxHashMap<Guid, usize>,
    by_name: FxHashMap<String, Vec<usize>>,
}

/// Looks words up in the environment that changes start from: no change renames anything.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) environment: &'a Environment,
    users: FxHashMap<&'a str, Vec<usize>>,
    roles: OnceCell<Result<Roles<'a>, Fault>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(environment: &'a Environment, changes: &'a [Change]) -> Names<'a> {
        let words: Vec<&str> = changes
            .iter()
            .flat_map(Change::holders)
            .filter_map(|holder| match holder {
                Holder::User(word) => Some(word.as_str()),
                Holder::Team(_) | Holder::BusinessUnit(_) => None,
            })
            .collect();
        let found = users_called(environment.table("systemuser"), &words);
        Names {
            environment,
            users: words.into_iter().zip(found).collect(),
            roles: OnceCell::new(),
        }
    }

    /// The table, with the column that nothing can be done without.
    pub(super) fn table(&self, table: &str, column: &str) -> Result<&'a Table, Fault> {
        self.environment
            .table(table)
            .filter(|table| table.columns.contains_key(column))
            .ok_or_else(|| Fault::not_collected(self.environment, table, column))
    }

    /// A column of ids.
    pub(super) fn ids(&self, table: &str, column: &str) -> Result<&'a [Guid], Fault> {
        self.table(table, column)?
            .ids(column)
            .ok_or_else(|| Fault::not_collected(self.environment, table, column))
    }

    /// The users and teams, each once, in the order of their rows.
    pub(super) fn targets(&self, holders: &[Holder]) -> Result<Vec<Target>, Fault> {
        if holders.is_empty() {
            return Err(Fault::new(
                "it is said of nobody",
                "name one or more of user:NAME, team:NAME and bu:NAME",
            ));
        }
        let mut targets = Vec::new();
        for holder in holders {
            match holder {
                Holder::User(word) => targets.push(Target::User(self.user(word)?)),
                Holder::Team(word) => targets.push(Target::Team(self.team(word)?)),
                Holder::BusinessUnit(word) => {
                    targets.extend(self.users_of_unit(word)?.into_iter().map(Target::User));
                }
            }
        }
        targets.sort_unstable();
        targets.dedup();
        Ok(targets)
    }

    fn user(&self, word: &str) -> Result<usize, Fault> {
        self.table("systemuser", "systemuserid")?;
        match self.users.get(word).map(Vec::as_slice) {
            Some([user]) => Ok(*user),
            None | Some([]) => Err(Fault::new(
                format!("no user `{word}`"),
                "give a sign-in name (UPN), e-mail address, id or full name as Dataverse stores it",
            )),
            Some(several) => {
                let each = several.iter().map(|user| self.user_words(*user));
                Err(Fault::several(word, "users", each))
            }
        }
    }

    /// The user for a person to read, with the id.
    pub(super) fn user_words(&self, user: usize) -> String {
        let table = self.environment.table("systemuser");
        let id = table
            .and_then(|table| table.ids("systemuserid"))
            .map_or(Guid::NULL, |ids| ids[user]);
        match table.and_then(|table| text(table, "fullname", user)) {
            Some(name) => format!("{id}  {name}"),
            None => id.to_string(),
        }
    }

    fn team(&self, word: &str) -> Result<usize, Fault> {
        self.named("team", "teamid", "name", word, ["team", "teams"])
    }

    /// The app module.
    pub(super) fn app(&self, word: &str) -> Result<Guid, Fault> {
        let row = self.named("appmodule", "appmoduleid", "uniquename", word, ["app", "apps"])?;
        Ok(self.ids("appmodule", "appmoduleid")?[row])
    }

    /// A row by its id or its name.
    fn named(
        &self,
        table: &'static str,
        key: &'static str,
        name: &'static str,
        word: &str,
        what: [&str; 2],
    ) -> Result<usize, Fault> {
        let ids = self.ids(table, key)?;
        if let Some(row) = Guid::parse(word.trim()).and_then(|id| ids.binary_search(&id).ok()) {
            return Ok(row);
        }
        let names = self
            .table(table, name)?
            .text(name)
            .ok_or_else(|| Fault::not_collected(self.environment, table, name))?;
        let wanted = word.trim().to_lowercase();
        let rows: Vec<usize> = (0..ids.len())
            .filter(|row| names.is_valid(*row) && names.value(*row).trim().to_lowercase() == wanted)
            .collect();
        match rows[..] {
            [row] => Ok(row),
            [] => Err(Fault::unknown(
                format!("no {} is called \"{word}\"", what[0]),
                word,
                names.iter().flatten(),
                "give its whole name, or its id, as Dataverse stores it",
            )),
            ref several => Err(Fault::several(word, what[1], several.iter().map(|row| ids[*row]))),
        }
    }

    /// The enabled users of a business unit; who is not known to be disabled counts as enabled, as
    /// in the population (`design.md` §6).
    fn users_of_unit(&self, word: &str) -> Result<Vec<usize>, Fault> {
        let row = self.named(
            "businessunit",
            "businessunitid",
            "name",
            word,
            ["business unit", "business units"],
        )?;
        let unit = self.ids("businessunit", "businessunitid")?[row];
        let units = self.ids("systemuser", "businessunitid")?;
        let disabled = self.environment.table("systemuser");
        let disabled = disabled.and_then(|table| table.booleans("isdisabled"));
        let is_disabled = |user| disabled.is_some_and(|values| values.is_valid(user) && values.value(user));
        Ok((0..units.len())
            .filter(|user| units[*user] == unit && !is_disabled(*user))
            .collect())
    }

    /// The name of a business unit, or its id.
    pub(super) fn unit_words(&self, unit: Guid) -> String {
        let table = self.environment.table("businessunit");
        table
            .and_then(|table| {
                let row = table.ids("businessunitid")?.binary_search(&unit).ok()?;
                text(table, "name", row)
            })
            .map_or_else(|| unit.to_string(), |name| format!("\"{name}\""))
    }

    /// The role with all its copies: a role exists once per business unit, and the copies share
    /// `parentrootroleid` (`facts/dataverse.md` §2 of the design papers).
    pub(super) fn role(&self, word: &str) -> Result<&Family, Fault> {
        let roles = self.roles.get_or_init(|| Roles::new(self));
        let roles = roles.as_ref().map_err(Clone::clone)?;
        if let Some(family) = Guid::parse(word.trim()).and_then(|id| roles.by_id.get(&id)) {
            return Ok(&roles.families[*family]);
        }
        let named = roles.by_name.get(&word.trim().to_lowercase());
        match named.map(Vec::as_slice) {
            Some([family]) => Ok(&roles.families[*family]),
            None | Some([]) => Err(Fault::unknown(
                format!("no role is called \"{word}\""),
                word,
                roles.names.iter().flatten(),
                "give its whole name, or its id, as Dataverse stores it",
            )),
            Some(several) => {
                let each = several.iter().map(|family| roles.families[*family].root);
                Err(Fault::several(word, "roles", each))
            }
        }
    }
}

impl<'a> Roles<'a> {
    fn new(names: &Names<'a>) -> Result<Roles<'a>, Fault> {
        let ids = names.ids("role", "roleid")?;
        let roots = names.ids("role", "parentrootroleid")?;
        let units = names.ids("role", "businessunitid")?;
        let table = names.table("role", "name")?;
        let Some(texts) = table.text("name") else {
            return Err(Fault::not_collected(names.environment, "role", "name"));
        };
        let templates = table.ids("roletemplateid");
        let mut roles = Roles {
            names: texts,
            families: Vec::new(),
            by_id: FxHashMap::default(),
            by_name: FxHashMap::default(),
        };
        let mut by_root: FxHashMap<Guid, usize> = FxHashMap::default();
        for (row, &id) in ids.iter().enumerate() {
            let root = if roots[row].is_null() { id } else { roots[row] };
            let position = *by_root.entry(root).or_insert(roles.families.len());
            if position == roles.families.len() {
                roles.families.push(Family {
                    root,
                    copies: Vec::new(),
                    is_administrator: false,
                });
            }
            let family = &mut roles.families[position];
            family.copies.push((units[row], id, row));
            family.is_administrator |=
                templates.is_some_and(|templates| templates[row] == SYSTEM_ADMINISTRATOR);
            roles.by_id.insert(id, position);
            if texts.is_valid(row) {
                let named = roles
                    .by_name
                    .entry(texts.value(row).trim().to_lowercase())
                    .or_default();
                if !named.contains(&position) {
                    named.push(position);
                }
            }
        }
        Ok(roles)
    }
}

impl Family {
    /// The copy of a business unit.
    pub(super) fn copy_in(&self, unit: Guid) -> Option<Guid> {
        let copy = self.copies.iter().find(|(of, ..)| *of == unit);
        copy.map(|(_, id, _)| *id)
    }

    /// Whether the id is that of a copy, or of the root.
    pub(super) fn has(&self, id: Guid) -> bool {
        id == self.root || self.copies.iter().any(|(_, copy, _)| *copy == id)
    }
}

impl Change {
    /// Whom the change is about.
    pub(super) fn holders(&self) -> &[Holder] {
        match self {
            Change::AssignRole { to: holders, .. }
            | Change::RemoveRole { from: holders, .. }
            | Change::SetField { of: holders, .. } => holders,
            Change::GrantPrivilege { .. }
            | Change::RevokePrivilege { .. }
            | Change::SetInheritance { .. }
            | Change::BindRole { .. }
            | Change::UnbindRole { .. } => &[],
        }
    }
}

impl Names<'_> {
    /// The change in words, with the names of those who were given by their ids: for people to
    /// read, after it was made.
    pub(super) fn told(&self, change: &Change) -> String {
        let mut told = change.clone();
        if let Some(role) = told.role_mut()
            && Guid::parse(role.trim()).is_some()
            && let Some(name) = self.role_name(role)
        {
            *role = name;
        }
        let holders = told.holders_mut().into_iter().flatten();
        for holder in holders.take(MOST_NAMED) {
            if let Some(name) = self.holder_name(holder) {
                let (Holder::User(word) | Holder::Team(word) | Holder::BusinessUnit(word)) = holder;
                *word = name;
            }
        }
        told.to_string()
    }

    fn role_name(&self, word: &str) -> Option<String> {
        let (.., row) = *self.role(word).ok()?.copies.first()?;
        text(self.environment.table("role")?, "name", row)
    }

    /// The name of somebody who was given by id.
    fn holder_name(&self, holder: &Holder) -> Option<String> {
        let (Holder::User(word) | Holder::Team(word) | Holder::BusinessUnit(word)) = holder;
        let id = Guid::parse(word)?;
        let (table, key, name) = match holder {
            Holder::User(_) => ("systemuser", "systemuserid", "fullname"),
            Holder::Team(_) => ("team", "teamid", "name"),
            Holder::BusinessUnit(_) => ("businessunit", "businessunitid", "name"),
        };
        let table = self.environment.table(table)?;
        let row = table.ids(key)?.binary_search(&id).ok()?;
        text(table, name, row).filter(|name| !name.trim().is_empty())
    }
}

impl Change {
    fn role_mut(&mut self) -> Option<&mut String> {
        match self {
            Change::AssignRole { role, .. }
            | Change::RemoveRole { role, .. }
            | Change::GrantPrivilege { role, .. }
            | Change::RevokePrivilege { role, .. }
            | Change::SetInheritance { role, .. }
            | Change::BindRole { role, .. }
            | Change::UnbindRole { role, .. } => Some(role),
            Change::SetField { .. } => None,
        }
    }

    fn holders_mut(&mut self) -> Option<&mut Vec<Holder>> {
        match self {
            Change::AssignRole { to: holders, .. }
            | Change::RemoveRole { from: holders, .. }
            | Change::SetField { of: holders, .. } => Some(holders),
            _ => None,
        }
    }
}

/// A text that is there.
pub(super) fn text(table: &Table, column: &str, row: usize) -> Option<String> {
    let values = table.text(column)?;
    values.is_valid(row).then(|| values.value(row).to_owned())
}
