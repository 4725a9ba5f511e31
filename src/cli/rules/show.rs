//! `clearance rules show`.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::screen;
use crate::report::rule::{FactView, FeatureView, NeededView, RuleView};
use crate::report::text::{plain, wrap};
use crate::rules::RuleSet;
use crate::rules::nearest::nearest;

use super::written;

/// Columns that the names in front of the values take.
const INDENT: usize = 12;

/// Prints everything about the rule, or the feature, of that id.
pub(super) fn show(set: &RuleSet, id: &str, json: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut page = Page {
        width: screen::width_or(80),
        out,
    };
    if let Some((_, rule)) = set.find(id) {
        let view = RuleView::new(set, rule);
        return written(if json {
            as_json(&view, page.out)
        } else {
            page.rule(&view)
        });
    }
    let mut features = set.features.iter();
    let feature = features
        .find(|feature| feature.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| unknown(set, id))?;
    let view = FeatureView::new(set, feature);
    written(if json {
        as_json(&view, page.out)
    } else {
        page.feature(&view)
    })
}

/// There is no rule and no feature of that id.
fn unknown(set: &RuleSet, id: &str) -> Failure {
    let rules = set.rules.iter().map(|rule| rule.id.as_str());
    let features = set.features.iter().map(|feature| feature.id.as_str());
    let hint = match nearest(id, rules.chain(features)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`clearance rules list` names all rules".to_owned(),
    };
    Failure::usage(format!("there is no rule `{id}`\nhint: {hint}"))
}

fn as_json<T: Serialize>(view: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, view)?;
    writeln!(out)
}

/// Where the text goes, and how wide it may be.
struct Page<'o> {
    width: usize,
    out: &'o mut dyn Write,
}

impl Page<'_> {
    fn rule(&mut self, rule: &RuleView<'_>) -> io::Result<()> {
        self.head(rule.id, rule.title)?;
        if let Some(why) = rule.why {
            self.paragraph(why)?;
            writeln!(self.out)?;
        }
        match rule.shipped_severity {
            Some(shipped) => {
                let both = format!("{} (by the settings; its pack says {shipped})", rule.severity);
                self.row("severity", &both)?;
            }
            None => self.row("severity", rule.severity)?,
        }
        self.row("scope", rule.scope)?;
        self.row("area", rule.area)?;
        self.row("pack", &format!("{} {}", rule.pack, rule.pack_version))?;
        if let Some(superseded) = &rule.superseded {
            let text = format!("on {} by {}: {}", superseded.on, superseded.by, superseded.why);
            self.row("superseded", &text)?;
        }
        if let Some(when) = &rule.applies_if {
            self.row("applies if", when)?;
        }
        self.row("passes if", &rule.passes_if)?;
        if let Some(cause) = rule.cause {
            self.row("else", cause)?;
        }
        self.row("remedy", rule.remedy)?;
        for symptom in rule.symptoms {
            self.row("symptom", &format!("\"{symptom}\""))?;
        }
        self.row("source", rule.source)?;
        if let Some(section) = rule.section {
            self.row("section", section)?;
        }
        for also in rule.also {
            self.row("also in", also)?;
        }
        for fact in &rule.facts {
            self.row("reads", &reads(fact))?;
        }
        for name in &rule.privileges {
            self.row("asks for", &format!("privilege `{name}`"))?;
        }
        self.collector(&rule.collector)
    }

    fn feature(&mut self, feature: &FeatureView<'_>) -> io::Result<()> {
        self.head(feature.id, feature.title)?;
        self.paragraph(
            "A feature: it lights up for who has all its privileges, and never changes a verdict.",
        )?;
        writeln!(self.out)?;
        self.row("pack", &format!("{} {}", feature.pack, feature.pack_version))?;
        for name in feature.needs {
            self.row("asks for", &format!("privilege `{name}` at any depth"))?;
        }
        self.collector(&feature.collector)
    }

    /// What the collecting account needs; last, as it is about someone else than the user.
    fn collector(&mut self, needed: &[NeededView]) -> io::Result<()> {
        if needed.is_empty() {
            return self.row("collector", "needs no privilege for this");
        }
        for needed in needed {
            let star = |table: &str| if needed.recalled.contains(&table) { "*" } else { "" };
            let tables: Vec<String> = needed
                .tables
                .iter()
                .map(|table| format!("`{table}`{}", star(table)))
                .collect();
            let text = format!(
                "needs `{}` at Organization depth, to read {}",
                needed.privilege,
                tables.join(", ")
            );
            self.row("collector", &text)?;
        }
        if needed.iter().any(|needed| !needed.recalled.is_empty()) {
            self.row("", "* this is remembered, and was found in no source")?;
        }
        Ok(())
    }

    fn head(&mut self, id: &str, title: &str) -> io::Result<()> {
        writeln!(self.out, "{id}")?;
        self.paragraph(title)?;
        writeln!(self.out)
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            writeln!(self.out, "{}", wrap(&plain(line), self.width, 0))?;
        }
        Ok(())
    }

    /// A name and its value, whose own lines stay lines.
    fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        let mut label = match name {
            "" => String::new(),
            name => format!("{name}:"),
        };
        for line in value.lines() {
            let line = wrap(&plain(line), self.width, INDENT);
            writeln!(self.out, "{label:INDENT$}{line}")?;
            label.clear();
        }
        Ok(())
    }
}

fn reads(fact: &FactView) -> String {
    let options = match &fact.options[..] {
        [] => String::new(),
        options => format!(": {}", options.join(", ")),
    };
    format!("`{}` ({}{options}), {}", fact.name, fact.kind, fact.from)
}
