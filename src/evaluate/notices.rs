//! What the reader of an assessment must know beside the verdicts: gaps, lapsed and unused
//! attestations and waivers.

use jiff::civil::Date;

use crate::snapshot::manifest::SELF_CHECKED;

use super::Outcome;
use super::assess::Inputs;
use super::assessment::EnvironmentAssessment;

/// One sentence each, in a fixed order.
pub(super) fn of(
    inputs: &Inputs<'_>,
    environments: &[EnvironmentAssessment<'_>],
    today: Date,
) -> Vec<String> {
    let mut notices = Vec::new();
    for assessed in environments {
        gaps(assessed, &mut notices);
    }
    for attestation in inputs.attestations {
        if !attestation.is_in_force(today) {
            let when = if attestation.until.0 < today {
                format!("expired on {}", attestation.until)
            } else {
                format!("counts only from {}", attestation.on)
            };
            notices.push(format!(
                "Attestation `{}` by {} {when}.",
                attestation.id, attestation.by
            ));
        }
    }
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
    notices
}

fn gaps(assessed: &EnvironmentAssessment<'_>, notices: &mut Vec<String>) {
    let manifest = &assessed.environment.manifest;
    let name = &manifest.environment.name;
    for gap in &manifest.gaps {
        let what = match &gap.column {
            Some(column) => format!("column `{}.{column}`", gap.table),
            None => format!("table `{}`", gap.table),
        };
        notices.push(format!(
            "{name}: {what} could not be read: {} ({}).",
            gap.reason.words(),
            gap.detail
        ));
    }
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
    let unproven: Vec<&str> = SELF_CHECKED
        .into_iter()
        .filter(|privilege| !manifest.sees_all(privilege))
        .collect();
    if !unproven.is_empty() {
        notices.push(format!(
            "{name}: the collecting account is not proven to see every row ({} at global depth), so what was not \
             found there counts as unknown, not as missing.",
            unproven.join(", ")
        ));
    }
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
