//! The last part of the page: every rule, with its counts and the users it concerns.

use serde::Serialize;

use crate::evaluate::RuleCount;
use crate::rules::{Scope, Severity};

use super::super::summary::Report;
use super::super::text;
use super::features::{self, FeatureView};
use super::layout::{Layout, user_anchor};
use super::{Link, links, page, rule_anchor, shown_name};

/// Users linked from a rule.
const PEOPLE: usize = 12;

#[derive(Serialize)]
pub(super) struct RulesView<'a> {
    tool: &'static str,
    collected: String,
    users_text: String,
    packs: Vec<PackView<'a>>,
    features: Vec<FeatureView<'a>>,
}

#[derive(Serialize)]
struct PackView<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    sha256: &'a str,
    source: Link,
    rules: Vec<RuleView<'a>>,
}

#[derive(Serialize)]
struct RuleView<'a> {
    anchor: String,
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    shipped_severity: Option<&'static str>,
    scope: &'static str,
    counts: String,
    pass: String,
    fail: String,
    unknown: String,
    waived: String,
    not_applicable: String,
    why: Option<&'a str>,
    remedy: &'a str,
    section: Option<&'a str>,
    source: Link,
    also: Vec<Link>,
    symptoms: &'a [String],
    superseded: Option<String>,
    privilege: Option<String>,
    view: Option<String>,
    concerned: String,
    people: Vec<Person>,
    more_people: Option<String>,
}

#[derive(Serialize)]
struct Person {
    href: String,
    view: String,
    name: String,
    outcome: &'static str,
}

pub(super) fn view<'a>(report: &'a Report<'_>, layout: &Layout) -> RulesView<'a> {
    let packs = report
        .assessment
        .rules
        .packs
        .iter()
        .enumerate()
        .map(|(position, pack)| PackView {
            id: &pack.id,
            title: &pack.title,
            version: &pack.version,
            sha256: &pack.sha256,
            source: Link::new(&pack.source),
            rules: (0..report.assessment.rules.rules.len())
                .filter(|&rule| report.rule(rule).pack == position)
                .map(|rule| rule_view(report, layout, rule))
                .collect(),
        });
    RulesView {
        tool: text::TOOL,
        collected: page::collected(report),
        users_text: text::users(report.summary.users),
        packs: packs.filter(|pack| !pack.rules.is_empty()).collect(),
        features: features::views(report),
    }
}

fn rule_view<'a>(report: &'a Report<'_>, layout: &Layout, index: usize) -> RuleView<'a> {
    let rule = report.rule(index);
    let count = report.rule_counts.get(index).copied().unwrap_or_default();
    // An environment's rule is in the way of its users only where it fails.
    let concerned = match rule.scope {
        Scope::User => count.fail + count.unknown + count.waived,
        Scope::Environment => count.fail,
    };
    let mut people = Vec::new();
    if rule.scope == Scope::User && concerned > 0 {
        let affected = layout
            .affected(report, index)
            .filter(|(who, _)| layout.is_linked(*who));
        people.extend(affected.take(PEOPLE).map(|(who, outcome)| {
            let row = report.assessment.environments[who.0].row(who.1);
            Person {
                href: format!("#{}", user_anchor(who)),
                view: links::view(&[("user", row.id.to_string())]),
                name: shown_name(row.name, row.email),
                outcome: outcome.name(),
            }
        }));
    }
    let more = concerned.saturating_sub(people.len());
    RuleView {
        anchor: rule_anchor(report, index),
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity.name(),
        shipped_severity: rule.shipped_severity.map(Severity::name),
        scope: match rule.scope {
            Scope::User => "for each user",
            Scope::Environment => "once per environment; it counts for every user",
        },
        counts: counts(&count),
        pass: text::thousands(count.pass),
        fail: text::thousands(count.fail),
        unknown: text::thousands(count.unknown),
        waived: text::thousands(count.waived),
        not_applicable: text::thousands(count.not_applicable),
        why: rule.why.as_deref(),
        remedy: &rule.remedy,
        section: rule.section.as_deref(),
        source: Link::new(&rule.source),
        also: rule.also.iter().map(|source| Link::new(source)).collect(),
        symptoms: &rule.symptoms,
        superseded: rule
            .superseded
            .as_ref()
            .map(|one| format!("since {}, by {}: {}", one.on, one.by, one.why)),
        privilege: rule.privilege.as_ref().map(|entry| {
            let place = [("table", &entry.table), ("tab", &entry.tab)];
            let place = place
                .iter()
                .filter_map(|(word, name)| name.as_ref().map(|name| format!(", {word} {name}")));
            format!(
                "{} at {} or above{}",
                entry.name,
                entry.depth.name(),
                place.collect::<String>()
            )
        }),
        view: (concerned > 0).then(|| page::rule_view(report, [index])),
        concerned: text::thousands(concerned),
        more_people: (rule.scope == Scope::User && more > 0).then(|| text::users(more)),
        people,
    }
}

/// What did not pass, in words; else that everything did.
fn counts(count: &RuleCount) -> String {
    let parts = [
        (count.fail, "fail"),
        (count.unknown, "unknown"),
        (count.waived, "waived"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", text::thousands(*number)))
        .collect();
    match parts.is_empty() {
        false => parts.join(" · "),
        true if count.pass == 0 => "applies to nobody".to_owned(),
        true if count.not_applicable > 0 => format!("{} pass", text::thousands(count.pass)),
        true => "all pass".to_owned(),
    }
}
