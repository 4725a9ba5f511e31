//! What the reader of an assessment must know beside the verdicts: gaps, changed severities, lapsed
//! and unused attestations and waivers, devices of nobody.

use jiff::civil::Date;

use crate::rules::nearest::nearest;
use crate::rules::{Check, FieldSource, RuleSet};
use crate::snapshot::Environment;
use crate::snapshot::manifest::{Gap, Manifest};

use super::assess::Inputs;
use super::assessment::EnvironmentAssessment;
use super::attestations::names_environment;
use super::verification::agreement;
use super::{Devices, Outcome};

/// One sentence each, in a fixed order.
pub(super) fn of(
    inputs: &Inputs<'_>,
    environments: &[EnvironmentAssessment<'_>],
    today: Date,
) -> Vec<String> {
    let mut notices = Vec::new();
    for assessed in environments {
        notices.extend_from_slice(&assessed.unseen);
        verified(assessed, &mut notices);
    }
    severities(inputs, &mut notices);
    attestations(inputs, today, &mut notices);
    for (waiver, number) in inputs.waivers.iter().zip(1..) {
        let name = format!(
            "Waiver {number} (\"{}\", approved by {})",
            waiver.reason, waiver.approved_by
        );
        for id in &waiver.rules {
            if inputs.rules.find(id).is_none() {
                notices.push(format!("{name} names rule `{id}`, which is not loaded."));
            }
        }
        if waiver.until.0 < today {
            notices.push(format!("{name} expired on {}.", waiver.until));
        } else if today < waiver.on.0 {
            notices.push(format!("{name} counts only from {}.", waiver.on));
        } else if !environments.iter().any(|assessed| is_used(assessed, waiver)) {
            notices.push(format!("{name} is not used: nothing that it accepts has failed."));
        }
    }
    if let Some(inventory) = inputs.devices {
        devices(inventory, environments, &mut notices);
    }
    notices
}

/// What was not seen of an environment: what leaves most unknown comes first, as a screen may not
/// have room for all.
pub(super) fn unseen(environment: &Environment, rules: &RuleSet, superseded: bool) -> Vec<String> {
    let manifest = &environment.manifest;
    let mut notices = Vec::new();
    depths(manifest, &mut notices);
    gaps(manifest, &mut notices);
    never_asked_for(manifest, rules, superseded, &mut notices);
    notices
}

/// What the rules ask for and the collection did not: a snapshot made with other rules.
fn never_asked_for(manifest: &Manifest, rules: &RuleSet, superseded: bool, notices: &mut Vec<String>) {
    let is_gap = |table: &str, column: &str| {
        let mut gaps = manifest.gaps.iter().filter(|gap| gap.table == table);
        gaps.any(|gap| gap.column.as_deref().is_none_or(|lost| lost == column))
    };
    let mut missing: Vec<String> = Vec::new();
    for rule in rules
        .rules
        .iter()
        .filter(|rule| superseded || rule.superseded.is_none())
    {
        for field in rule.fields() {
            let FieldSource::Column { table, column, .. } = &field.source else {
                continue;
            };
            let collected = manifest.tables.get(table.table());
            if !is_gap(table.table(), column)
                && collected.is_some_and(|table| !table.columns.contains(column))
            {
                missing.push(format!("`{}`", field.name));
            }
        }
    }
    for name in rules.wanted_privileges() {
        let mut wanted = manifest.wanted_privileges.iter();
        if !wanted.any(|known| known.eq_ignore_ascii_case(&name)) {
            missing.push(format!("`{name}`"));
        }
    }
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        notices.push(format!(
            "{}: the rules ask for what was not collected, and what depends on it is unknown: {}. Collect again with \
             the same rules.",
            manifest.environment.name,
            examples(missing)
        ));
    }
}

fn severities(inputs: &Inputs<'_>, notices: &mut Vec<String>) {
    for rule in &inputs.rules.rules {
        if let Some(shipped) = rule.shipped_severity {
            notices.push(format!(
                "The settings say that rule `{}` {}; its pack says that it {}.",
                rule.id,
                rule.severity.name(),
                shipped.name()
            ));
        }
    }
}

fn attestations(inputs: &Inputs<'_>, today: Date, notices: &mut Vec<String>) {
    let asked = asked_for(inputs.rules);
    for attestation in inputs.attestations {
        let name = format!("Attestation `{}` by {}", attestation.id, attestation.by);
        if attestation.until.0 < today {
            notices.push(format!("{name} expired on {}.", attestation.until));
        } else if today < attestation.on.0 {
            notices.push(format!("{name} counts only from {}.", attestation.on));
        }
        if !asked.contains(&attestation.id.as_str()) {
            let hint = match nearest(&attestation.id, asked.iter().copied()) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => ".".to_owned(),
            };
            notices.push(format!("{name} is not used: no rule asks for it{hint}"));
        } else if let Some(word) = &attestation.environment
            && !inputs
                .environments
                .iter()
                .any(|environment| names_environment(word, environment))
        {
            notices.push(format!(
                "{name} is not used: \"{word}\" is not among the audited environments."
            ));
        }
    }
}

/// The ids of the attestations that rules ask for, each once.
fn asked_for(rules: &RuleSet) -> Vec<&str> {
    let mut asked = Vec::new();
    for rule in &rules.rules {
        for check in rule.when.iter().chain([&rule.check]) {
            check.visit(&mut |part| {
                if let Check::Attested(id) = part {
                    asked.push(id.as_str());
                }
            });
        }
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// How many examples a notice gives.
const MOST_EXAMPLES: usize = 3;

fn devices(inventory: &Devices, environments: &[EnvironmentAssessment<'_>], notices: &mut Vec<String>) {
    let rows = inventory.rows;
    if rows == 0 {
        notices.push("The device inventory has no rows.".to_owned());
        return;
    }
    let mut matched = vec![false; inventory.list.len()];
    for owned in environments.iter().filter_map(|e| e.scene.devices.as_ref()) {
        owned
            .matched()
            .iter()
            .for_each(|device| matched[*device as usize] = true);
    }
    let strangers = || {
        inventory
            .list
            .iter()
            .zip(&matched)
            .filter(|(_, matched)| !**matched)
    };
    let strange: usize = strangers().map(|(device, _)| device.rows).sum();
    let mut names: Vec<&str> = strangers()
        .filter_map(|(device, _)| device.users.first())
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    if !matched.contains(&true) {
        notices.push(format!(
            "The device inventory matches nobody: none of its {rows} {} names a sign-in name or e-mail address of \
             the audited environments.",
            if rows == 1 { "row" } else { "rows" },
        ));
    } else if strange > 0 {
        notices.push(format!(
            "{strange} of {rows} device rows match no user: {}.",
            examples(names.into_iter().map(str::to_owned).collect())
        ));
    }
    let unowned = inventory.unowned.len();
    if unowned > 0 && matched.contains(&true) {
        let lines = inventory.unowned.iter().map(|line| format!("line {line}"));
        notices.push(format!(
            "{unowned} of {rows} device rows name no user: {}.",
            examples(lines.collect())
        ));
    }
    let mut cells: Vec<String> = inventory
        .unreadable()
        .map(|(line, fact, text)| format!("line {line}, {} \"{text}\"", fact.words()))
        .collect();
    // A device with several Outlooks says the rest of it several times.
    cells.dedup();
    if !cells.is_empty() {
        notices.push(format!(
            "The device inventory has values that cannot be compared: {}.",
            examples(cells)
        ));
    }
}

/// The first of them, and how many there are beside.
fn examples(mut words: Vec<String>) -> String {
    let rest = words.len().saturating_sub(MOST_EXAMPLES);
    words.truncate(MOST_EXAMPLES);
    let words = words.join("; ");
    if rest > 0 {
        format!("{words}; and {rest} more")
    } else {
        words
    }
}

/// What could not be read: whole tables or rows, then what the server counts, then columns.
fn gaps(manifest: &Manifest, notices: &mut Vec<String>) {
    let name = &manifest.environment.name;
    let words = |gap: &Gap| {
        let what = match &gap.column {
            Some(column) => format!("column `{}.{column}`", gap.table),
            None => format!("table `{}`", gap.table),
        };
        format!(
            "{name}: {what} could not be read: {} ({}).",
            gap.reason.words(),
            gap.detail
        )
    };
    let (columns, tables): (Vec<&Gap>, Vec<&Gap>) =
        manifest.gaps.iter().partition(|gap| gap.column.is_some());
    notices.extend(tables.into_iter().map(words));
    for (table, info) in &manifest.tables {
        if !info.complete
            && !manifest
                .gaps
                .iter()
                .any(|gap| gap.table == *table && gap.column.is_none())
        {
            notices.push(format!("{name}: table `{table}` was not read to its end."));
        }
    }
    let shortfalls = manifest.shortfalls();
    notices.extend(shortfalls.iter().map(|words| format!("{name}: {words}")));
    notices.extend(columns.into_iter().map(words));
}

/// Whether the account saw every row.
fn depths(manifest: &Manifest, notices: &mut Vec<String>) {
    let name = &manifest.environment.name;
    let unproven = manifest.unproven();
    if !unproven.is_empty() {
        notices.push(format!(
            "{name}: the collecting account is not proven to see every row ({} at global depth), so what was not \
             found there counts as unknown, not as missing.",
            unproven.join(", ")
        ));
    }
}

/// Whether the server's own answers about access are what roles and teams let one expect.
fn verified(assessed: &EnvironmentAssessment<'_>, notices: &mut Vec<String>) {
    let environment = assessed.environment;
    if environment.table("access").is_none() {
        return;
    }
    let agreement = agreement(environment, &assessed.scene.access);
    let name = &environment.manifest.environment.name;
    let counts = format!("{name}: access verified with the server: {}", agreement.words());
    if agreement.differing.is_empty() {
        notices.push(format!("{counts}."));
        return;
    }
    let differing = agreement
        .differing
        .iter()
        .map(|one| format!("{} ({})", one.who(), one.words()));
    notices.push(format!(
        "{counts}. For {} it answers otherwise than roles and teams let one expect, and its answer was used: {}.",
        agreement.differing.len(),
        examples(differing.collect())
    ));
}

fn is_used(assessed: &EnvironmentAssessment<'_>, waiver: &super::Waiver) -> bool {
    let ours = assessed
        .waivers
        .iter()
        .find(|(other, _)| std::ptr::eq(*other, waiver));
    let Some((_, users)) = ours else { return false };
    assessed
        .rules
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| waiver.rules.contains(&rule.id))
        .any(|(index, _)| {
            assessed.environment_outcomes[index] == Outcome::Waived
                || assessed.outcomes[index]
                    .waived
                    .words()
                    .iter()
                    .zip(users.words())
                    .any(|(a, b)| a & b != 0)
        })
}
