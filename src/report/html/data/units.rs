//! The business units that have users, and those above them.

use std::collections::BTreeMap;

use arrow_array::Array;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::evaluate::EnvironmentAssessment;
use crate::snapshot::Guid;

use super::super::super::summary::Report;
use super::super::cases::Cases;

#[derive(Serialize)]
pub(super) struct UnitView {
    name: String,
    environment: usize,
    /// Position of the unit above, where it is known.
    parent: Option<usize>,
}

/// The units, by environment and then by name.
pub(super) struct Units {
    pub(super) views: Vec<UnitView>,
    /// By environment and id: position in `views`.
    positions: FxHashMap<(usize, Guid), i32>,
}

/// What a row of table `businessunit` says: name, and the unit above.
type Rows<'a> = FxHashMap<Guid, (Option<&'a str>, Guid)>;

impl Units {
    pub(super) fn of(report: &Report<'_>, cases: &Cases) -> Units {
        let mut units = Units {
            views: Vec::new(),
            positions: FxHashMap::default(),
        };
        for (place, environment) in report.assessment.environments.iter().enumerate() {
            let rows = rows(environment);
            let users = cases.who.iter().filter(|(other, _)| *other == place);
            // By name and id, so that the order does not depend on who has them.
            let mut wanted: BTreeMap<(String, Guid), Guid> = BTreeMap::new();
            let mut seen: FxHashMap<Guid, ()> = FxHashMap::default();
            for &(_, user) in users {
                let mut id = environment.business_unit_id(user);
                // A unit that was met has brought those above it; so a circle ends too.
                while !id.is_null() && seen.insert(id, ()).is_none() {
                    let (name, parent) = rows.get(&id).copied().unwrap_or((None, Guid::NULL));
                    let name = name.map_or_else(|| id.to_string(), str::to_owned);
                    wanted.insert((name, id), parent);
                    id = parent;
                }
            }
            let first = units.views.len();
            for (position, (_, id)) in wanted.keys().enumerate() {
                units.positions.insert((place, *id), (first + position) as i32);
            }
            for ((name, _), parent) in wanted {
                let parent = units.positions.get(&(place, parent));
                units.views.push(UnitView {
                    name,
                    environment: place,
                    parent: parent.map(|position| *position as usize),
                });
            }
        }
        units
    }

    /// The position of a unit; −1 for none.
    pub(super) fn position(&self, place: usize, id: Guid) -> i32 {
        self.positions.get(&(place, id)).copied().unwrap_or(-1)
    }
}

fn rows<'a>(environment: &EnvironmentAssessment<'a>) -> Rows<'a> {
    let Some(table) = environment.environment.table("businessunit") else {
        return Rows::default();
    };
    let ids = table.ids("businessunitid").unwrap_or_default();
    let (names, parents) = (table.text("name"), table.ids("parentbusinessunitid"));
    let row = |row: usize| {
        let name = names
            .filter(|names| names.is_valid(row))
            .map(|names| names.value(row));
        (name, parents.map_or(Guid::NULL, |parents| parents[row]))
    };
    let rows = ids.iter().enumerate();
    rows.map(|(position, id)| (*id, row(position))).collect()
}
