//! `clearance rules show`.

use std::io::{self, Write};

use crate::rules::{FieldSource, Rule, RuleSet};

/// Everything about one rule.
pub(super) fn show(set: &RuleSet, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let pack = &set.packs[rule.pack];
    writeln!(out, "{}", rule.id)?;
    writeln!(out, "{}", rule.title)?;
    if let Some(why) = &rule.why {
        writeln!(out, "\n{why}")?;
    }
    writeln!(out)?;
    let mut row = |name: &str, value: &str| {
        let value = value.replace('\n', &format!("\n{:12}", ""));
        writeln!(out, "{:12}{value}", format!("{name}:"))
    };
    match rule.shipped_severity {
        Some(shipped) => row(
            "severity",
            &format!(
                "{} (by the settings; its pack says {})",
                rule.severity.name(),
                shipped.name()
            ),
        )?,
        None => row("severity", rule.severity.name())?,
    }
    row("scope", rule.scope.name())?;
    row("area", rule.area.name())?;
    row("pack", &format!("{} {}", pack.id, pack.version))?;
    if let Some(superseded) = &rule.superseded {
        let text = format!("on {} by {}: {}", superseded.on, superseded.by, superseded.why);
        row("superseded", &text)?;
    }
    if let Some(when) = &rule.when {
        row("applies if", &when.describe())?;
    }
    row("passes if", &rule.check.describe())?;
    if let Some(cause) = &rule.cause {
        row("else", cause)?;
    }
    row("remedy", &rule.remedy)?;
    for symptom in &rule.symptoms {
        row("symptom", &format!("\"{symptom}\""))?;
    }
    row("source", &rule.source)?;
    if let Some(section) = &rule.section {
        row("section", section)?;
    }
    for also in &rule.also {
        row("also in", also)?;
    }
    for field in rule.fields() {
        let from = match &field.source {
            FieldSource::Column { table, column, .. } => {
                format!("column `{column}` of table `{}`", table.table())
            }
            FieldSource::MailboxExists => "whether a row of table `mailbox` is the user's".to_owned(),
            FieldSource::Deployment | FieldSource::Build | FieldSource::Region => {
                "the manifest of the snapshot".to_owned()
            }
            FieldSource::Device(_) => "the device inventory (`--devices`)".to_owned(),
            _ => "the audit itself".to_owned(),
        };
        row(
            "reads",
            &format!("`{}` ({}), {from}", field.name, field.kind.words()),
        )?;
    }
    for name in rule.privileges() {
        row("asks for", &format!("privilege `{name}`"))?;
    }
    Ok(())
}
