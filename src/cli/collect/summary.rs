//! What is said of a collection when it has ended.

use std::io::Write;
use std::path::Path;

use crate::cli::screen::RUN;
use crate::dataverse::Summary;
use crate::evaluate::Agreement;
use crate::snapshot::manifest::{GapReason, Manifest};

use super::{printable, verify};

/// Tells what was collected and what was not.
pub(super) fn tell(summary: &Summary, agreement: Option<&Agreement>, target: &Path) -> std::io::Result<()> {
    let mut err = anstream::stderr().lock();
    let manifest = &summary.manifest;
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    let users = manifest.tables.get("systemuser").map_or(0, |table| table.rows);
    writeln!(
        err,
        "Collected {}: {users} users, {rows} rows of {} tables into {}",
        printable(&manifest.environment.name),
        manifest.tables.len(),
        target.display()
    )?;
    let traffic = summary.traffic;
    write!(
        err,
        "{} requests, {:.1} MB, {:.1} s",
        traffic.requests,
        traffic.bytes as f64 / 1e6,
        summary.elapsed.as_secs_f64()
    )?;
    let repeated = match traffic.retries {
        0 => "nothing was repeated".to_owned(),
        1 => "1 request was repeated".to_owned(),
        more => format!("{more} requests were repeated"),
    };
    let waited = match traffic.waited {
        waited if waited.is_zero() => String::new(),
        waited => format!(" after waiting {:.1} s in all", waited.as_secs_f64()),
    };
    let gaps = match manifest.gaps.len() {
        0 => "no gaps".to_owned(),
        1 => "1 gap".to_owned(),
        more => format!("{more} gaps"),
    };
    writeln!(err, "; {repeated}{waited}; {gaps}")?;
    writeln!(err, "{}", counted(manifest))?;
    if let Some(agreement) = agreement {
        verify::report(agreement, &mut err)?;
    }
    for note in notes(manifest) {
        writeln!(err, "note: {}", printable(&note))?;
    }
    for gap in &manifest.gaps {
        let what = match &gap.column {
            Some(column) => format!("{}.{column}", gap.table),
            None => gap.table.clone(),
        };
        let reason = match gap.reason {
            GapReason::Forbidden => "not allowed",
            GapReason::NotFound => "not there",
            GapReason::Failed | GapReason::Other => "not read whole",
        };
        writeln!(err, "gap: {what}: {reason}: {}", printable(&gap.detail))?;
    }
    Ok(())
}

/// What may hide rows though no table says so.
fn notes(manifest: &Manifest) -> Vec<String> {
    let unproven = manifest.unproven();
    let depths = (!unproven.is_empty()).then(|| {
        format!(
            "the account is not proven to see every row ({} at global depth): what was not found there counts as \
             unknown, not as missing.",
            unproven.join(", ")
        )
    });
    depths.into_iter().chain(manifest.shortfalls()).collect()
}

/// Whether the tables have the rows that the server counts, by its own count of each.
fn counted(manifest: &Manifest) -> String {
    let tables = manifest.tables.iter().filter(|(_, info)| info.counted.is_some());
    let (counted, others): (Vec<_>, Vec<_>) = tables.partition(|(_, info)| info.is_counted());
    let others: Vec<&str> = others.iter().map(|(name, _)| name.as_str()).collect();
    match (counted.len(), others.len()) {
        (0, _) => {
            "The server counted none of the tables: that they are whole rests on its pages alone.".to_owned()
        }
        (all, 0) => format!("All {all} tables have the rows that the server counts."),
        (some, more) => format!(
            "{some} of {} tables have the rows that the server counts; not counted to their end: {}.",
            some + more,
            others.join(", ")
        ),
    }
}

/// The same for machines: the gaps, and then the summary.
pub(super) fn log(summary: &Summary, agreement: Option<&Agreement>, target: &Path) {
    let manifest = &summary.manifest;
    for gap in &manifest.gaps {
        let reason = format!("{:?}", gap.reason);
        let (table, column, detail) = (&gap.table, gap.column.as_deref(), &gap.detail);
        tracing::warn!(target: RUN, table, column, reason, detail, "gap");
    }
    for note in notes(manifest) {
        tracing::warn!(target: RUN, "{note}");
    }
    let traffic = summary.traffic;
    tracing::info!(
        target: RUN,
        environment = manifest.environment.url,
        snapshot = %target.display(),
        users = manifest.tables.get("systemuser").map_or(0, |table| table.rows),
        rows = manifest.tables.values().map(|table| table.rows).sum::<u64>(),
        tables = manifest.tables.len(),
        tables_counted = manifest.tables.values().filter(|table| table.is_counted()).count(),
        requests = traffic.requests,
        bytes = traffic.bytes,
        retries = traffic.retries,
        seconds = summary.elapsed.as_secs_f64(),
        seconds_waited = traffic.waited.as_secs_f64(),
        gaps = manifest.gaps.len(),
        access = agreement.map(|agreement| agreement.words()),
        "collected"
    );
}
