//! Where the trouble sits: the users of every business unit, by verdict.

use std::cmp::Reverse;

use arrow_array::Array;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::evaluate::{EnvironmentAssessment, Summary};
use crate::snapshot::Guid;

use super::super::summary::{Report, add, shares, tally};
use super::super::text;
use super::chart::{self, Part};
use super::{legible, links};

/// So many units are drawn as a tree; of more, those with the most trouble come first.
const TREE: usize = 60;
/// Units drawn unfolded where there are more.
const UNFOLDED: usize = 40;
/// Units drawn folded.
const FOLDED: usize = 1_000;
/// Steps of indentation; what lies deeper is indented no further.
const DEEPEST: usize = 8;
/// Units named as those with the most users who are not ready.
const NAMED: usize = 3;
/// A unit of fewer users has no share worth comparing.
const LEAST: usize = 10;

/// The business units of one environment.
#[derive(Serialize)]
pub(super) struct UnitsView {
    environment: String,
    place: usize,
    is_tree: bool,
    number: String,
    rows: Vec<RowView>,
    /// The sum of those that are folded.
    rest: Option<RowView>,
    folded: Vec<RowView>,
    folded_text: String,
    /// The sum of those that are not even folded.
    others: Option<RowView>,
    total: RowView,
    most: Vec<Named>,
    worst: Option<Named>,
    least: usize,
    longest: String,
}

/// One unit, or the sum of several.
#[derive(Default, Serialize)]
struct RowView {
    anchor: String,
    name: String,
    view: Option<String>,
    depth: usize,
    within: Vec<String>,
    below: Option<String>,
    parts: Vec<Part>,
    users: String,
    not_ready: String,
    share: String,
    ready: String,
    limited: String,
    blocked: String,
    unknown: String,
    out_of_scope: String,
}

/// A unit that the text names.
#[derive(Serialize)]
struct Named {
    anchor: String,
    name: String,
    text: String,
}

/// A unit, and who belongs to it.
#[derive(Default)]
struct Unit {
    name: String,
    has_name: bool,
    parent: Option<usize>,
    /// Of those who belong to it and to nothing below it.
    own: Summary,
    /// With everything below it.
    all: Summary,
    depth: usize,
}

/// The business units of every environment.
pub(super) fn views(report: &Report<'_>) -> Vec<UnitsView> {
    let environments = report.assessment.environments.iter().enumerate();
    environments
        .filter_map(|(place, one)| view(report, place, one))
        .collect()
}

fn view(report: &Report<'_>, place: usize, environment: &EnvironmentAssessment<'_>) -> Option<UnitsView> {
    let mut units = units(environment);
    let order = tree(&mut units);
    let is_tree = order.len() <= TREE;
    let mut ranked = order.clone();
    if !is_tree {
        ranked.retain(|&unit| units[unit].own != Summary::default());
    }
    ranked.sort_by_key(|&unit| {
        let one = &units[unit].own;
        (Reverse((not_ready(one), one.users)), unit_key(&units[unit]), unit)
    });
    let longest = ranked.iter().map(|&unit| units[unit].own.users).max()?;
    let draw = |&unit: &usize| -> RowView {
        let one = &units[unit];
        let several = report.assessment.environments.len() > 1;
        RowView {
            anchor: anchor(place, unit),
            name: shown(one),
            view: one.has_name.then(|| {
                let mut words = vec![("unit", legible(&one.name).into_owned())];
                words.extend(several.then(|| ("environment", place.to_string())));
                links::view(&words)
            }),
            depth: if is_tree { one.depth.min(DEEPEST) } else { 0 },
            within: if is_tree { Vec::new() } else { within(&units, unit) },
            below: (is_tree && one.all != one.own).then(|| below(&one.all)),
            ..row(&one.own, longest)
        }
    };
    let (unfolded, folded) = match is_tree {
        true => (&order[..], &ranked[..0]),
        false => ranked.split_at(ranked.len().min(UNFOLDED)),
    };
    let others = &folded[folded.len().min(FOLDED)..];
    let sum = |units_of: &[usize], name: String| {
        let mut sum = Summary::default();
        units_of.iter().for_each(|&unit| add(&mut sum, &units[unit].own));
        RowView { name, ..row(&sum, 0) }
    };
    let (most, worst) = named(&units, &ranked, place);
    Some(UnitsView {
        environment: environment.environment.manifest.environment.name.clone(),
        place,
        is_tree,
        number: text::thousands(ranked.len()),
        rows: unfolded.iter().map(draw).collect(),
        rest: (!folded.is_empty()).then(|| {
            sum(
                folded,
                format!("The other {} units", text::thousands(folded.len())),
            )
        }),
        folded: folded.iter().take(FOLDED).map(draw).collect(),
        folded_text: format!(
            "The other {} units, with fewer users who are not ready",
            text::thousands(folded.len())
        ),
        others: (!others.is_empty()).then(|| {
            let name = format!(
                "{} more units; the CSV has them all",
                text::thousands(others.len())
            );
            sum(others, name)
        }),
        total: sum(&order, "All together".to_owned()),
        most,
        worst,
        least: LEAST,
        longest: text::users(longest),
    })
}

/// Who belongs to which unit: one for each that the environment has, and for what users say besides.
fn units(environment: &EnvironmentAssessment<'_>) -> Vec<Unit> {
    let table = environment.environment.table("businessunit");
    let ids = table
        .and_then(|table| table.ids("businessunitid"))
        .unwrap_or_default();
    let names = table.and_then(|table| table.text("name"));
    let parents = table.and_then(|table| table.ids("parentbusinessunitid"));
    let mut by_id: FxHashMap<Guid, usize> = ids.iter().copied().zip(0..).collect();
    let mut units: Vec<Unit> = (0..ids.len())
        .map(|row| Unit {
            name: match names.filter(|names| names.is_valid(row)) {
                Some(names) => names.value(row).to_owned(),
                None => ids[row].to_string(),
            },
            has_name: true,
            parent: parents.and_then(|parents| by_id.get(&parents[row]).copied()),
            ..Unit::default()
        })
        .collect();
    for user in (0..environment.users()).filter(|user| environment.is_reported(*user)) {
        let id = environment.business_unit_id(user);
        let unit = *by_id.entry(id).or_insert_with(|| {
            units.push(Unit {
                name: if id.is_null() {
                    String::new()
                } else {
                    id.to_string()
                },
                has_name: !id.is_null(),
                ..Unit::default()
            });
            units.len() - 1
        });
        tally(&mut units[unit].own, environment.verdict(user));
    }
    units
}

/// The units to draw, each after the one that it belongs to: those with users and what is above them.
/// Sums up what is below each.
fn tree(units: &mut [Unit]) -> Vec<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); units.len()];
    let mut roots = Vec::new();
    for unit in 0..units.len() {
        match units[unit].parent {
            Some(parent) => children[parent].push(unit),
            None => roots.push(unit),
        }
    }
    for siblings in children.iter_mut().chain([&mut roots]) {
        siblings.sort_by_cached_key(|&unit| (unit_key(&units[unit]), unit));
    }
    let mut order = Vec::with_capacity(units.len());
    let mut seen = vec![false; units.len()];
    let mut walk = |from: usize, units: &mut [Unit], cut: bool| {
        let mut open = vec![(from, 0)];
        while let Some((unit, depth)) = open.pop() {
            if std::mem::replace(&mut seen[unit], true) {
                continue;
            }
            units[unit].depth = depth;
            if cut && unit == from {
                units[unit].parent = None;
            }
            order.push(unit);
            open.extend(children[unit].iter().rev().map(|&child| (child, depth + 1)));
        }
    };
    roots.iter().for_each(|&root| walk(root, units, false));
    // Units that stand under one another in a circle have no top; the first of them is as good as any.
    for unit in 0..units.len() {
        walk(unit, units, true);
    }
    for unit in units.iter_mut() {
        unit.all = unit.own;
    }
    for &unit in order.iter().rev() {
        if let Some(parent) = units[unit].parent {
            let all = units[unit].all;
            add(&mut units[parent].all, &all);
        }
    }
    order.retain(|&unit| units[unit].all.users + units[unit].all.out_of_scope > 0);
    order
}

/// The order of siblings: by name, in whatever case.
fn unit_key(unit: &Unit) -> String {
    unit.name.to_lowercase()
}

fn not_ready(summary: &Summary) -> usize {
    summary.users - summary.ready
}

fn anchor(place: usize, unit: usize) -> String {
    format!("unit-{place}-{unit}")
}

fn shown(unit: &Unit) -> String {
    match (unit.has_name, unit.name.trim().is_empty()) {
        (false, _) => "(no business unit)".to_owned(),
        (true, true) => "(no name)".to_owned(),
        (true, false) => unit.name.clone(),
    }
}

/// The names of the units above, the topmost first.
fn within(units: &[Unit], unit: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut above = units[unit].parent;
    while let Some(one) = above.filter(|_| names.len() < DEEPEST) {
        names.push(shown(&units[one]));
        above = units[one].parent;
    }
    names.reverse();
    names
}

fn below(all: &Summary) -> String {
    format!(
        "with those below: {} of {} not ready",
        text::thousands(not_ready(all)),
        text::users(all.users)
    )
}

fn share(summary: &Summary) -> String {
    match summary.users {
        0 => "–".to_owned(),
        _ => shares(&[not_ready(summary), summary.ready])[0].to_string(),
    }
}

/// The numbers of a row; a bar if there is a longest.
fn row(counts: &Summary, longest: usize) -> RowView {
    let parts = [
        ("blocked", counts.blocked),
        ("unknown", counts.unknown),
        ("limited", counts.limited),
        ("ready", counts.ready),
    ];
    RowView {
        parts: if longest == 0 {
            Vec::new()
        } else {
            chart::stack(&parts, longest)
        },
        users: text::thousands(counts.users),
        not_ready: text::thousands(not_ready(counts)),
        share: share(counts),
        ready: text::thousands(counts.ready),
        limited: text::thousands(counts.limited),
        blocked: text::thousands(counts.blocked),
        unknown: text::thousands(counts.unknown),
        out_of_scope: text::thousands(counts.out_of_scope),
        ..RowView::default()
    }
}

/// The units with the most users who are not ready, and the one of some size with the largest share; nothing where
/// there is nothing to compare.
fn named(units: &[Unit], ranked: &[usize], place: usize) -> (Vec<Named>, Option<Named>) {
    let draw = |&unit: &usize, text: String| Named {
        anchor: anchor(place, unit),
        name: shown(&units[unit]),
        text,
    };
    let with_users = ranked.iter().filter(|&&unit| units[unit].own.users > 0);
    if with_users.clone().count() < 2 {
        return (Vec::new(), None);
    }
    let most = ranked.iter().filter(|&&unit| not_ready(&units[unit].own) > 0);
    let most: Vec<Named> = most
        .take(NAMED)
        .map(|unit| {
            let own = &units[*unit].own;
            let of = (not_ready(own), own.users);
            draw(
                unit,
                format!("{} of {}", text::thousands(of.0), text::thousands(of.1)),
            )
        })
        .collect();
    // Only rows that are drawn can be led to.
    let drawn = ranked.iter().take(if ranked.len() <= TREE {
        TREE
    } else {
        UNFOLDED + FOLDED
    });
    let large = drawn.filter(|&&unit| units[unit].own.users >= LEAST && not_ready(&units[unit].own) > 0);
    let share_of = |unit: usize| {
        let own = &units[unit].own;
        not_ready(own) as f64 / own.users as f64
    };
    let largest = large.clone().map(|&unit| share_of(unit)).fold(0.0, f64::max);
    let mut of_largest = large.clone().filter(|&&unit| share_of(unit) >= largest);
    // Only one that stands out is worth a sentence.
    let worst = match (of_largest.next(), of_largest.next(), large.count()) {
        (Some(unit), None, 2..) => Some(unit),
        _ => None,
    };
    (most, worst.map(|unit| draw(unit, share(&units[*unit].own))))
}

#[cfg(test)]
mod tests;
