//! The server's own answers about users' access (`access.parquet`): what a change makes outdated.
//!
//! Where the server was asked, its answer decides, and not the tables (`design.md` §5). It was
//! given before the supposed change, so that it would hide what the change does; whoever a change
//! of access touches is therefore judged by the tables again.

use std::collections::BTreeSet;

use arrow_array::{Array, StringArray};
use rustc_hash::FxHashSet;

use crate::snapshot::{Column, Environment, Guid, Table};

/// Whose access changes touch.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Users by id.
    pub(super) users: FxHashSet<Guid>,
    /// Teams whose roles changed, or one of whose roles did.
    pub(super) teams: FxHashSet<Guid>,
    /// Copies of roles whose privileges changed: of everybody who holds one.
    pub(super) roles: FxHashSet<Guid>,
    /// Copies of roles whose inheritance changed: of members of teams that hold one.
    pub(super) through_teams: FxHashSet<Guid>,
}

impl Touched {
    /// Nobody's.
    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
            && self.teams.is_empty()
            && self.roles.is_empty()
            && self.through_teams.is_empty()
    }

    /// Takes the answers about touched users out of an edited environment that differs from
    /// `before`; how many users are judged by the tables again.
    pub(super) fn drop_answers(self, before: &Environment, after: &mut Environment) -> usize {
        if self.is_empty() {
            return 0;
        }
        let Some(access) = after.table("access") else {
            return 0;
        };
        let Some(asked) = access.ids("systemuserid") else {
            return 0;
        };
        let asked: BTreeSet<Guid> = asked.iter().copied().collect();
        let touched = self.of(&asked, before, after);
        if touched.is_empty() {
            return 0;
        }
        let kept = without(access, &touched);
        if let Some(info) = after.manifest.tables.get_mut("access") {
            info.rows = kept.rows as u64;
        }
        after.tables.insert("access".to_owned(), kept);
        // How many agreed was counted with those that are gone.
        after.manifest.verified = None;
        touched.len()
    }

    /// Those of the asked users whose access is touched.
    fn of(&self, asked: &BTreeSet<Guid>, before: &Environment, after: &Environment) -> BTreeSet<Guid> {
        let mut touched: BTreeSet<Guid> = asked
            .iter()
            .filter(|user| self.users.contains(user))
            .copied()
            .collect();
        let mut teams = self.teams.clone();
        for environment in [before, after] {
            for (team, role) in pairs(environment, "teamroles", "teamid") {
                if self.roles.contains(&role) || self.through_teams.contains(&role) {
                    teams.insert(team);
                }
            }
            if !self.roles.is_empty() {
                for (user, role) in pairs(environment, "systemuserroles", "systemuserid") {
                    if self.roles.contains(&role) && asked.contains(&user) {
                        touched.insert(user);
                    }
                }
            }
        }
        if teams.is_empty() {
            return touched;
        }
        if !before.manifest.is_complete("teammembership") || before.table("teammembership").is_none() {
            // Anybody may be a member.
            return asked.clone();
        }
        let memberships = before.table("teammembership");
        let column = |name| memberships.and_then(|table| table.ids(name)).unwrap_or_default();
        for (user, team) in column("systemuserid").iter().zip(column("teamid")) {
            if teams.contains(team) && asked.contains(user) {
                touched.insert(*user);
            }
        }
        touched
    }
}

fn pairs<'e>(
    environment: &'e Environment,
    table: &str,
    left: &str,
) -> impl Iterator<Item = (Guid, Guid)> + 'e {
    let table = environment.table(table);
    let column = |name| table.and_then(|table| table.ids(name)).unwrap_or_default();
    column(left).iter().copied().zip(column("roleid").iter().copied())
}

/// The answers about everyone else.
fn without(access: &Table, users: &BTreeSet<Guid>) -> Table {
    let of = access.ids("systemuserid").unwrap_or_default();
    let kept: Vec<usize> = (0..of.len()).filter(|row| !users.contains(&of[*row])).collect();
    let columns = access.columns.iter().filter_map(|(name, column)| {
        let column = match column {
            Column::Id(values) => Column::Id(kept.iter().map(|row| values[*row]).collect()),
            Column::Text(values) => {
                let cell = |row: &usize| values.is_valid(*row).then(|| values.value(*row));
                Column::Text(kept.iter().map(cell).collect::<StringArray>())
            }
            // The table has no columns of other types.
            _ => return None,
        };
        Some((name.clone(), column))
    });
    Table {
        rows: kept.len(),
        columns: columns.collect(),
    }
}
