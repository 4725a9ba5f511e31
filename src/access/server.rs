//! The server's own answers, where the collector was asked to verify access.

use rustc_hash::FxHashMap;

use arrow_array::Array;

use crate::rules::Depth;
use crate::snapshot::{Environment, Guid, Table};

/// Depth by lower-case privilege name, for every verified user.
#[derive(Debug, Default)]
pub(super) struct ServerAnswers {
    by_user: FxHashMap<Guid, Vec<(String, Depth)>>,
}

impl ServerAnswers {
    pub(super) fn new(environment: &Environment) -> ServerAnswers {
        let mut answers = ServerAnswers::default();
        if let Some(table) = environment.table("access") {
            answers.add(table);
        }
        answers
    }

    /// Takes further rows of table `access`.
    pub(super) fn add(&mut self, table: &Table) {
        let (Some(users), Some(names), Some(depths)) = (
            table.ids("systemuserid"),
            table.text("privilege"),
            table.text("depth"),
        ) else {
            return;
        };
        for (row, &user) in users.iter().enumerate() {
            let held = self.by_user.entry(user).or_default();
            if names.is_valid(row)
                && depths.is_valid(row)
                && let Some(depth) = Depth::ALL
                    .into_iter()
                    .find(|depth| depth.name() == depths.value(row))
            {
                held.push((names.value(row).to_lowercase(), depth));
            }
        }
    }

    /// Forgets what the server said about a user.
    pub(super) fn forget(&mut self, user: Guid) {
        self.by_user.remove(&user);
    }

    /// Whether any user was verified.
    pub(super) fn is_empty(&self) -> bool {
        self.by_user.is_empty()
    }

    /// Whether the server was asked about this user.
    pub(super) fn knows(&self, user: Guid) -> bool {
        self.by_user.contains_key(&user)
    }

    /// The depth at which the server says a verified user holds a privilege.
    pub(super) fn depth(&self, user: Guid, privilege: &str) -> Option<Depth> {
        let held = self.by_user.get(&user)?;
        held.iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(privilege))
            .map(|(_, depth)| *depth)
            .max()
    }
}
