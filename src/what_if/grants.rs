//! Privileges of roles: rows of `roleprivileges`, which hang on the root copy.

use std::collections::BTreeMap;

use arrow_array::{Array, Int32Array};

use crate::rules::nearest::choice;
use crate::snapshot::manifest::DepthName;
use crate::snapshot::{Column, Environment, Guid, Table};

use super::error::Fault;
use super::names::{Family, Names};

/// The bits of `privilegedepthmask` that are depths; those above are not (`design.md` §5).
const DEPTHS: i32 = 0x0F;

/// All depths with their flag in table `privilege`, least first.
const FLAGS: [(DepthName, &str); 4] = [
    (DepthName::Basic, "canbebasic"),
    (DepthName::Local, "canbelocal"),
    (DepthName::Deep, "canbedeep"),
    (DepthName::Global, "canbeglobal"),
];

/// The privilege rows of all roles, as edited.
#[derive(Debug)]
pub(super) struct Grants {
    masks: BTreeMap<(Guid, Guid), Option<i32>>,
    is_changed: bool,
}

impl Grants {
    pub(super) fn new(names: &Names<'_>) -> Result<Grants, Fault> {
        let roles = names.ids("roleprivileges", "roleid")?;
        let privileges = names.ids("roleprivileges", "privilegeid")?;
        let masks = names
            .table("roleprivileges", "privilegedepthmask")?
            .integers("privilegedepthmask")
            .ok_or_else(|| Fault::not_collected(names.environment, "roleprivileges", "privilegedepthmask"))?;
        let pairs = roles.iter().copied().zip(privileges.iter().copied());
        Ok(Grants {
            masks: pairs.zip(masks).collect(),
            is_changed: false,
        })
    }

    /// Grants on the root copy, where the service keeps privileges (`facts/dataverse.md` §2 of the
    /// design papers); whether that changed anything. What is as deep or deeper stays.
    pub(super) fn grant(
        &mut self,
        family: &Family,
        privilege: Guid,
        depth: DepthName,
    ) -> Result<bool, Fault> {
        let bit = 1 << depth as i32;
        let here = family.copies.iter().map(|(_, id, _)| *id).chain([family.root]);
        for id in here {
            match self.masks.get(&(id, privilege)) {
                Some(None) => {
                    return Err(Fault::new(
                        "how deep the role has the privilege now was not read, so that it cannot be told whether this is more",
                        "what was not seen cannot be supposed to change",
                    ));
                }
                Some(Some(mask)) if mask & DEPTHS >= bit => return Ok(false),
                _ => {}
            }
        }
        let mask = self.masks.entry((family.root, privilege)).or_default();
        *mask = Some(mask.unwrap_or_default() & !DEPTHS | bit);
        self.is_changed = true;
        Ok(true)
    }

    /// Takes the privilege from the root copy, and from copies that have rows of their own; whether
    /// there was any.
    pub(super) fn revoke(&mut self, family: &Family, privilege: Guid) -> bool {
        let before = self.masks.len();
        self.masks.remove(&(family.root, privilege));
        for (_, id, _) in &family.copies {
            self.masks.remove(&(*id, privilege));
        }
        let is_changed = self.masks.len() < before;
        self.is_changed |= is_changed;
        is_changed
    }

    /// The table as edited; none if nothing changed.
    pub(super) fn table(&self) -> Option<Table> {
        if !self.is_changed {
            return None;
        }
        let ids = |which: fn(&(Guid, Guid)) -> Guid| Column::Id(self.masks.keys().map(which).collect());
        Some(Table {
            rows: self.masks.len(),
            columns: [
                ("roleid", ids(|pair| pair.0)),
                ("privilegeid", ids(|pair| pair.1)),
                (
                    "privilegedepthmask",
                    Column::Integer(self.masks.values().copied().collect::<Int32Array>()),
                ),
            ]
            .map(|(name, column)| (name.to_owned(), column))
            .into(),
        })
    }
}

/// The privilege of that name and the row it stands in.
pub(super) fn privilege(names: &Names<'_>, name: &str) -> Result<(Guid, usize), Fault> {
    let ids = names.ids("privilege", "privilegeid")?;
    let table = names.table("privilege", "name")?;
    let known = table
        .text("name")
        .ok_or_else(|| Fault::not_collected(names.environment, "privilege", "name"))?;
    let is_it = |row: &usize| known.is_valid(*row) && known.value(*row).eq_ignore_ascii_case(name.trim());
    if let Some(row) = (0..ids.len()).find(is_it) {
        return Ok((ids[row], row));
    }
    let manifest = &names.environment.manifest;
    let asked = |name: &str| {
        let mut asked = manifest.wanted_privileges.iter();
        asked.any(|asked| asked.eq_ignore_ascii_case(name))
    };
    if !asked(name.trim()) {
        return Err(Fault::unknown(
            format!(
                "nothing is known of privilege `{name}`: the snapshot was collected without asking for it"
            ),
            name,
            known.iter().flatten(),
            "collect with rules that name it; `clearance rules list` shows what the loaded ones need",
        ));
    }
    Err(if manifest.is_complete("privilege") {
        Fault::new(
            format!("the environment has no privilege `{name}`"),
            "it comes with the table it opens; where that is not installed nobody needs it",
        )
    } else {
        Fault::new(
            format!("privilege `{name}` was not seen: table `privilege` was not read completely"),
            "what was not seen cannot be supposed to change",
        )
    })
}

/// Refuses a depth at which the privilege cannot be granted: only an outspoken "no" counts
/// (`design.md` §5).
pub(super) fn check_depth(
    environment: &Environment,
    row: usize,
    name: &str,
    depth: DepthName,
) -> Result<(), Fault> {
    let table = environment.table("privilege");
    let can = |flag: &str| {
        let flags = table.and_then(|table| table.booleans(flag));
        flags.is_none_or(|flags| flags.is_null(row) || flags.value(row))
    };
    let (possible, other): (Vec<_>, Vec<_>) = FLAGS.into_iter().partition(|(_, flag)| can(flag));
    match other.iter().find(|(other, _)| *other == depth) {
        None => Ok(()),
        Some((_, flag)) => Err(Fault::new(
            format!(
                "`{name}` cannot be granted at {} in this environment (`{flag}` is no)",
                depth.word()
            ),
            match possible[..] {
                [] => "it cannot be granted at any depth".to_owned(),
                _ => format!(
                    "it can be granted at {}",
                    choice(possible.iter().map(|(depth, _)| depth.word()))
                ),
            },
        )),
    }
}
