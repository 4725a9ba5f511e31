//! What the collecting account must be able to read, and which built-in roles can.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use crate::rules::RuleSet;
use crate::rules::built_in::BUILT_IN;
use crate::rules::reads::{self, Needed};
use crate::snapshot::tables::{TABLES, TableDef};

use super::text::{plain, wrap};

/// Tables that reports name something of whatever the rules are: people, and where they work.
const ALWAYS: [&str; 2] = ["systemuser", "businessunit"];

/// What the account needs for a set of rules.
#[derive(Clone, Debug, Serialize)]
pub struct PermissionsView {
    /// How many rules there are; superseded ones are not counted.
    pub rules: usize,
    /// What it needs, in the order of the snapshot's tables.
    pub needed: Vec<PermissionView>,
    /// What opens tables that are collected where that is allowed, and that no rule needs.
    pub welcome: Vec<PermissionView>,
    /// Roles of the platform.
    pub built_in_roles: Vec<BuiltInView>,
}

/// One privilege.
#[derive(Clone, Debug, Serialize)]
pub struct PermissionView {
    /// Its name.
    pub privilege: &'static str,
    /// The least depth: all rows.
    pub depth: &'static str,
    /// The tables that it opens.
    pub tables: Vec<&'static str>,
    /// Those of the tables of which this is only remembered, not found in a source.
    pub recalled: Vec<&'static str>,
    /// How many rules are unknown without it.
    pub rules: usize,
}

/// A role of the platform.
#[derive(Clone, Debug, Serialize)]
pub struct BuiltInView {
    /// Its name.
    pub name: &'static str,
    /// Whether it is enough.
    pub suffices: bool,
    /// What it does not hold at the depth that is needed.
    pub lacks: Vec<LackView>,
}

/// A privilege that a role holds at less than the depth that is needed.
#[derive(Clone, Debug, Serialize)]
pub struct LackView {
    /// Its name.
    pub privilege: &'static str,
    /// How far the role holds it.
    pub held: &'static str,
}

impl PermissionsView {
    /// The view for a set of rules.
    #[must_use]
    pub fn new(set: &RuleSet) -> PermissionsView {
        let rules: Vec<Vec<&'static str>> = set
            .rules
            .iter()
            .filter(|rule| rule.superseded.is_none())
            .map(|rule| rule.needed().iter().map(|needed| needed.privilege).collect())
            .collect();
        let mut names: BTreeSet<&str> = BTreeSet::from(ALWAYS);
        let read = set.rules.iter().filter(|rule| rule.superseded.is_none());
        let of_rules = read.flat_map(|rule| rule.tables());
        let of_features = set.features.iter().flat_map(|feature| feature.tables());
        names.extend(of_rules.chain(of_features).map(|table| table.name));
        let (wanted, others): (Vec<&'static TableDef>, Vec<_>) =
            TABLES.iter().partition(|table| names.contains(table.name));
        let needed = reads::needed(&wanted);
        let is_new = |other: &Needed| !needed.iter().any(|needed| needed.privilege == other.privilege);
        let welcome: Vec<Needed> = reads::needed(&others).into_iter().filter(is_new).collect();
        let view = |needed: &Needed| PermissionView {
            privilege: needed.privilege,
            depth: crate::rules::Depth::Global.name(),
            tables: needed.tables.clone(),
            recalled: needed.recalled.clone(),
            rules: rules
                .iter()
                .filter(|rule| rule.contains(&needed.privilege))
                .count(),
        };
        PermissionsView {
            rules: rules.len(),
            built_in_roles: BUILT_IN
                .iter()
                .map(|role| {
                    let lacks = role.lacks(&needed);
                    BuiltInView {
                        name: role.name,
                        suffices: lacks.is_empty(),
                        lacks: lacks
                            .into_iter()
                            .map(|(privilege, held)| LackView {
                                privilege,
                                held: held.name(),
                            })
                            .collect(),
                    }
                })
                .collect(),
            needed: needed.iter().map(view).collect(),
            welcome: welcome.iter().map(view).collect(),
        }
    }
}

/// Draws the view as tables for a terminal.
///
/// # Errors
/// If `out` cannot be written.
pub fn terminal(view: &PermissionsView, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let width = width.clamp(60, 120);
    let mut paragraph = |text: &str| writeln!(out, "{}", wrap(&plain(text), width, 0));
    paragraph(&format!(
        "The collecting account needs these privileges, each at Organization depth (Global in the Web API). With \
         less, rows vanish from answers without a word, and what was not found is unknown. The number is how many of \
         the {} rules are unknown without it.",
        view.rules
    ))?;
    writeln!(out)?;
    table(&view.needed, width, out)?;
    let unasked = view.needed.iter().filter(|one| one.rules == 0);
    for one in unasked {
        let note = format!(
            "No rule asks for {}, but reports name what it opens.",
            one.privilege
        );
        writeln!(out, "\n  {}", wrap(&note, width, 2))?;
    }
    if !view.welcome.is_empty() {
        writeln!(out, "\nWelcome, but needed by no rule:\n")?;
        table(&view.welcome, width, out)?;
    }
    let recalled = |list: &[PermissionView]| list.iter().any(|one| !one.recalled.is_empty());
    if recalled(&view.needed) || recalled(&view.welcome) {
        let note = "* that the privilege opens this table is remembered, and was found in no source";
        writeln!(out, "\n{}", wrap(note, width, 2))?;
    }
    writeln!(out, "\nBuilt-in roles:\n")?;
    for role in &view.built_in_roles {
        let lacks: Vec<String> = role
            .lacks
            .iter()
            .map(|lack| {
                format!(
                    "{} only at {} depth ({})",
                    lack.privilege,
                    lack.held,
                    reach(lack.held)
                )
            })
            .collect();
        let verdict = if role.suffices {
            "suffices".to_owned()
        } else {
            format!("does not: {}", lacks.join(", "))
        };
        writeln!(out, "  {:<19}{}", role.name, wrap(&verdict, width, 21))?;
    }
    let source = "This was read off a public dump of the roles of one environment (December 2025), not off a page of \
                  the vendor. `clearance permissions --role FOLDER` writes a role that has just what is needed.";
    writeln!(out, "\n{}", wrap(source, width, 0))
}

fn table(list: &[PermissionView], width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {:<28}{:>5}  opens", "privilege", "rules")?;
    for one in list {
        let tables: Vec<String> = one
            .tables
            .iter()
            .map(|table| format!("{table}{}", if one.recalled.contains(table) { "*" } else { "" }))
            .collect();
        let tables = wrap(&tables.join(", "), width, 37);
        writeln!(out, "  {:<28}{:>5}  {tables}", one.privilege, one.rules)?;
    }
    Ok(())
}

/// What a depth below Organization lets one see.
fn reach(depth: &str) -> &'static str {
    match depth {
        "basic" => "the account's own rows",
        "local" => "rows of its business unit",
        _ => "rows of its business unit and those below",
    }
}
