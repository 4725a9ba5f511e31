//! The first sheet: the answer, what was not seen, what to do first, causes, environments, packs, and
//! what is on the other sheets.

use std::io;

use crate::evaluate::{CauseCount, Summary, Verdict};
use crate::snapshot::manifest::{Deployment, GapReason};

use super::super::summary::{Report, VERDICTS, count, shares, tally, wrong};
use super::super::text;
use super::Book;
use super::cells::{Style, name};
use super::layout::Layout;
use super::page::{COLUMNS, Cell, Page};
use super::sheet::MOST_LINKS;

/// Also of the file.
pub(super) const TITLE: &str = "Readiness for Dynamics 365 App for Outlook";
/// Causes that are listed.
const CAUSES: usize = 15;
/// First actions that are listed.
const ACTIONS: usize = 8;

use Cell::{Count, Inside, Moment, Nothing, Number, Share, Text, Web};

/// Writes the sheet.
pub(super) fn write(book: &mut Book<'_, '_>) -> io::Result<()> {
    let content = book.content;
    let report = content.report;
    let mut page = Page::new(&content.texts);
    answer(report, &mut page);
    not_seen(report, &mut page);
    verdicts(report, &mut page);
    actions(report, &mut page);
    causes(report, &mut page);
    of_environments(report, &content.layout, &mut page);
    environments(report, &mut page);
    gaps(report, &mut page);
    packs(report, &mut page);
    sheets(report, &content.layout, &mut page);
    book.sheet(&page.links, false, |part| page.write(part))
}

fn answer(report: &Report<'_>, page: &mut Page<'_>) {
    let total = &report.summary;
    let title = if report.by_guide() { TITLE } else { "Readiness" };
    let names = report.assessment.environments.iter();
    let names: Vec<&str> = names
        .map(|one| one.environment.manifest.environment.name.as_str())
        .collect();
    page.across(&format!("{title}: {}", names.join(", ")), Style::Title, 18);
    let answer = match total.users {
        0 => "No users in scope".to_owned(),
        users => format!("{} of {} ready", text::thousands(total.ready), text::users(users)),
    };
    page.across(&answer, Style::Headline, 30);
    let made = format!(
        "Judged {} by {}. All times are UTC.",
        text::moment(report.assessment.assessed_at),
        text::TOOL
    );
    page.across(&made, Style::Aside, 15);
}

fn not_seen(report: &Report<'_>, page: &mut Page<'_>) {
    if report.assessment.notices.is_empty() {
        return;
    }
    page.part("Not seen, and other notices", [""; COLUMNS]);
    for notice in &report.assessment.notices {
        page.across(&format!("! {notice}"), Style::Notice, 15);
    }
}

fn verdicts(report: &Report<'_>, page: &mut Page<'_>) {
    const COLOURS: [&str; 4] = ["FF7CC796", "FFF0B849", "FFF0968C", "FFB9A7E6"];
    page.part("Verdicts", ["verdict", "", "users", "share", "meaning", ""]);
    let total = &report.summary;
    let counts: Vec<usize> = VERDICTS.iter().map(|&verdict| count(total, verdict)).collect();
    for ((verdict, share), colour) in VERDICTS.into_iter().zip(shares(&counts)).zip(COLOURS) {
        let first = page.next();
        page.row([
            Text(verdict.name()),
            Nothing,
            Number(count(total, verdict)),
            Share(share.tenths, share.to_string()),
            Text(text::meaning(verdict, report.by_guide())),
            Nothing,
        ]);
        page.bars(3, first, 1.0, colour);
    }
    let meaning = format!(
        "{}; not counted",
        text::meaning(Verdict::OutOfScope, report.by_guide())
    );
    page.row([
        Text(Verdict::OutOfScope.name()),
        Nothing,
        Number(total.out_of_scope),
        Nothing,
        Text(&meaning),
        Nothing,
    ]);
}

fn actions(report: &Report<'_>, page: &mut Page<'_>) {
    let Some(plan) = report.plan.filter(|plan| !plan.actions.is_empty()) else {
        return;
    };
    let heads = ["kind", "users", "newly ready", "ready then", "action", "where"];
    page.part("What to do first", heads);
    let first = page.next();
    for (place, action) in plan.actions.iter().take(ACTIONS).enumerate() {
        let title = match action.expected_if {
            Some(condition) => format!("{} ({condition})", action.title),
            None => action.title.clone(),
        };
        page.row([
            Inside(action.kind.name(), "Plan", name(1, super::plan::row_of(place))),
            Number(action.users.len()),
            Number(action.newly_ready),
            Number(action.cumulative_ready),
            Text(&title),
            Text(&action.clicks),
        ]);
    }
    page.bars(3, first, plan.after.users as f64, "FF7CC796");
    let more = plan.actions.len().saturating_sub(ACTIONS);
    if more > 0 {
        let more = format!("and {} more, on the sheet Plan", text::thousands(more));
        page.row([Nothing, Nothing, Nothing, Nothing, Text(&more), Nothing]);
    }
    if let Some(cases) = super::super::plan::cases(plan) {
        page.across(&cases, Style::Aside, 15);
    }
}

fn causes(report: &Report<'_>, page: &mut Page<'_>) {
    let (causes, more) = report.cause_lines(CAUSES);
    if !causes.is_empty() {
        let heads = ["rule", "severity", "users", "first cause of", "cause", "remedy"];
        page.part("Causes by number of users", heads);
        let first = page.next();
        for alike in causes {
            match alike.as_slice() {
                [one] => rule(report, page, one.index, [Number(one.users), Number(one.deciding)]),
                many => privileges(report, page, many),
            }
        }
        page.bars(2, first, report.summary.users as f64, "FFF0968C");
        page.bars(3, first, report.summary.users as f64, "FFF0968C");
        if more > 0 {
            let more = format!("and {} more, on the sheet Rules", text::thousands(more));
            page.row([Nothing, Nothing, Nothing, Nothing, Text(&more), Nothing]);
        }
    }
    let advice = report.advice();
    if !advice.is_empty() {
        let heads = ["rule", "severity", "users", "", "what", "remedy"];
        page.part("Advice, which changes no verdict", heads);
        for (index, users) in advice {
            rule(report, page, index, [Number(users), Nothing]);
        }
    }
}

/// Many privileges that fail for equally many users, as one row.
fn privileges(report: &Report<'_>, page: &mut Page<'_>, alike: &[CauseCount]) {
    let rule = report.rule(alike[0].index);
    let ids = alike.iter().map(|cause| report.rule(cause.index).id.as_str());
    let number = format!("{} privileges", alike.len());
    let title = format!(
        "{number} do not reach {} each: {}",
        text::users(alike[0].users),
        text::some(ids)
    );
    page.row([
        Inside(&number, "Rules", name(0, super::rules::row_of(alike[0].index))),
        Text(rule.severity.name()),
        Number(alike[0].users),
        Number(alike.iter().map(|cause| cause.deciding).sum()),
        Text(&title),
        Text(&rule.remedy),
    ]);
}

fn rule(report: &Report<'_>, page: &mut Page<'_>, index: usize, [one, other]: [Cell<'_>; 2]) {
    let rule = report.rule(index);
    page.row([
        Inside(&rule.id, "Rules", name(0, super::rules::row_of(index))),
        Text(rule.severity.name()),
        one,
        other,
        Text(&wrong(rule)),
        Text(&rule.remedy),
    ]);
}

/// What is to be said of the environments themselves.
fn of_environments(report: &Report<'_>, layout: &Layout, page: &mut Page<'_>) {
    let environments = &report.assessment.environments;
    let mut findings = environments
        .iter()
        .enumerate()
        .flat_map(|(place, one)| {
            let lines = layout.findings.own(place)..;
            let name = one.environment.manifest.environment.name.as_str();
            one.environment_findings()
                .into_iter()
                .zip(lines)
                .map(move |(finding, line)| (name, finding, line))
        })
        .peekable();
    if findings.peek().is_none() {
        return;
    }
    let heads = ["rule", "severity", "outcome", "environment", "finding", "remedy"];
    page.part("Findings of the environment", heads);
    for (environment, finding, line) in findings {
        let (sheet, row) = layout.findings.place(line);
        page.row([
            Inside(
                &finding.rule.id,
                &super::sheet_name("Findings", sheet),
                name(4, row),
            ),
            Text(finding.rule.severity.name()),
            Text(finding.outcome.name()),
            Text(environment),
            Text(&finding.cause),
            Text(&finding.remedy),
        ]);
    }
}

fn environments(report: &Report<'_>, page: &mut Page<'_>) {
    for environment in &report.assessment.environments {
        let manifest = &environment.environment.manifest;
        let about = &manifest.environment;
        page.part(&format!("Environment {}", about.name), [""; COLUMNS]);
        let deployment = match about.deployment {
            Deployment::Online => "online",
            Deployment::OnPremises => "on-premises",
        };
        let mut counts = Summary::default();
        (0..environment.users())
            .filter(|&user| environment.is_reported(user))
            .for_each(|user| tally(&mut counts, environment.verdict(user)));
        for (label, cell) in [
            ("address", Web(&about.url)),
            ("organization id", Text(&about.organization_id)),
            ("deployment", Text(deployment)),
            ("region", Text(about.region.as_deref().unwrap_or("not told"))),
            ("build", Text(about.build.as_deref().unwrap_or("not told"))),
            ("collected from", Moment(manifest.collected.started)),
            ("collected until", Moment(manifest.collected.finished)),
            ("collected by", Text(&manifest.collected.by)),
            ("collected with", Text(&manifest.collected.tool)),
        ] {
            page.fact(label, cell);
        }
        page.fact("users in scope", Count(counts.users));
        for verdict in VERDICTS.into_iter().chain([Verdict::OutOfScope]) {
            page.fact(verdict.name(), Count(count(&counts, verdict)));
        }
    }
}

fn gaps(report: &Report<'_>, page: &mut Page<'_>) {
    let mut gaps = report
        .assessment
        .environments
        .iter()
        .flat_map(|one| {
            let manifest = &one.environment.manifest;
            let name = manifest.environment.name.as_str();
            manifest.gaps.iter().map(move |gap| (name, gap))
        })
        .peekable();
    if gaps.peek().is_none() {
        return;
    }
    let heads = ["table", "", "column", "environment", "what was said", "reason"];
    page.part("Gaps: what could not be read", heads);
    for (environment, gap) in gaps {
        page.row([
            Text(&gap.table),
            Nothing,
            Text(gap.column.as_deref().unwrap_or("(rows)")),
            Text(environment),
            Text(&gap.detail),
            Text(match gap.reason {
                GapReason::Forbidden => "the collecting account may not read it",
                GapReason::NotFound => "the environment does not have it",
                GapReason::Failed => "reading it failed part-way",
                GapReason::Other => "another reason",
            }),
        ]);
    }
}

fn packs(report: &Report<'_>, page: &mut Page<'_>) {
    let heads = [
        "pack",
        "version",
        "read on",
        "",
        "title and source",
        "content (SHA-256)",
    ];
    page.part("Judged by", heads);
    for pack in &report.assessment.rules.packs {
        page.row([
            Text(&pack.id),
            Text(&pack.version),
            Text(pack.read.as_deref().unwrap_or_default()),
            Nothing,
            Text(&pack.title),
            Text(&pack.sha256),
        ]);
        page.row([Nothing, Nothing, Nothing, Nothing, Web(&pack.source), Nothing]);
    }
    let rules = report.assessment.rules.rules.iter().enumerate();
    let mut changed = rules
        .filter_map(|(index, rule)| Some((index, rule.shipped_severity?)))
        .peekable();
    if changed.peek().is_none() {
        return;
    }
    let heads = ["rule", "now", "before", "", "what it asks for", ""];
    page.part("Severities changed by the settings", heads);
    for (index, before) in changed {
        let rule = report.rule(index);
        page.row([
            Inside(&rule.id, "Rules", name(0, super::rules::row_of(index))),
            Text(rule.severity.name()),
            Text(before.name()),
            Nothing,
            Text(&rule.title),
            Nothing,
        ]);
    }
}

fn sheets(report: &Report<'_>, layout: &Layout, page: &mut Page<'_>) {
    page.part(
        "The other sheets",
        ["sheet", "lines", "", "", "what it holds", ""],
    );
    let linked = format!(
        "Links are on the first {} lines; a spreadsheet keeps no more on a sheet.",
        text::thousands(MOST_LINKS)
    );
    let linked_findings = format!(
        "Links are on the first {} lines; a spreadsheet keeps no more on a sheet.",
        text::thousands(super::users::MOST_LINKED_FINDINGS)
    );
    for (title, lines, holds, most, note) in [
        (
            "Users",
            &layout.users,
            "everybody, with the columns of the verdict CSV; a verdict leads to its findings",
            MOST_LINKS,
            &linked,
        ),
        (
            "Findings",
            &layout.findings,
            "what fails, is unknown or is waived, with the columns of the findings CSV; leads to user and rule",
            super::users::MOST_LINKED_FINDINGS,
            &linked_findings,
        ),
    ] {
        let all = lines.sheets();
        for (sheet, range) in all.iter().enumerate() {
            let title = super::sheet_name(title, sheet);
            let holds = match all.len() {
                1 => holds.to_owned(),
                many => format!(
                    "{holds}; sheet {} of {many}, as one sheet holds {} lines below its heads",
                    sheet + 1,
                    text::thousands(lines.most())
                ),
            };
            let note = if range.len() > most { note } else { "" };
            page.row([
                Inside(&title, &title, "A1".to_owned()),
                Number(range.len()),
                Nothing,
                Nothing,
                Text(&holds),
                Text(note),
            ]);
        }
    }
    page.row([
        Inside("Rules", "Rules", "A1".to_owned()),
        Number(report.rule_counts.len()),
        Nothing,
        Nothing,
        Text("what each rule asks for, its counts over the users in scope, its remedy and source"),
        Nothing,
    ]);
    if let Some(plan) = report.plan {
        page.row([
            Inside("Plan", "Plan", "A1".to_owned()),
            Number(plan.actions.len()),
            Nothing,
            Nothing,
            Text(
                "the fewest actions in order, a work list to fill in; saved as CSV, `clearance plan --csv` reads it \
                 back and keeps what was written",
            ),
            Nothing,
        ]);
    }
}
