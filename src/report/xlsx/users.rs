//! The sheets of users and of findings: the lines of the CSV files, with links between them.

use std::io::{self, Write};
use std::ops::Range;

use crate::evaluate::Words;

use super::super::chunks;
use super::super::rows;
use super::cells::{Column, ONE_LINE, Row, Style, name};
use super::sheet::{Colours, Links, MOST_LINKS, OUTCOME_COLOURS, SEVERITY_COLOURS, Table, VERDICT_COLOURS};
use super::{Book, Content, Part};

/// Positions of columns that lead somewhere.
const USER_ID: usize = 1;
const VERDICT: usize = 5;
const RULE: usize = 4;
/// A finding leads to its rule and to its user.
pub(super) const MOST_LINKED_FINDINGS: usize = MOST_LINKS / 2;

const fn column(name: &'static str, width: u16, style: Style) -> Column {
    Column { name, width, style }
}

const USERS: [Column; rows::VERDICTS.len()] = {
    use Style::{Number, Text, Wrapped};
    let names = rows::VERDICTS;
    [
        column(names[0].0, 15, Text),
        column(names[1].0, 13, Text),
        column(names[2].0, 24, Text),
        column(names[3].0, 30, Text),
        column(names[4].0, 17, Text),
        column(names[5].0, 13, Text),
        column(names[6].0, 11, Number),
        column(names[7].0, 11, Number),
        column(names[8].0, 11, Number),
        column(names[9].0, 11, Number),
        column(names[10].0, 17, Text),
        column(names[11].0, 50, Text),
        // Broken into lines of which one is seen: it ends at the column's edge.
        column(names[12].0, 50, Wrapped),
    ]
};

const FINDINGS: [Column; rows::FINDINGS.len()] = {
    use Style::{Text, Wrapped};
    let names = rows::FINDINGS;
    [
        column(names[0].0, 15, Text),
        column(names[1].0, 13, Text),
        column(names[2].0, 28, Text),
        column(names[3].0, 22, Text),
        column(names[4].0, 30, Text),
        column(names[5].0, 11, Text),
        column(names[6].0, 11, Text),
        column(names[7].0, 32, Text),
        column(names[8].0, 40, Text),
        column(names[9].0, 44, Text),
        column(names[10].0, 44, Text),
        column(names[11].0, 24, Wrapped),
    ]
};

/// Writes everybody.
pub(super) fn users(book: &mut Book<'_, '_>) -> io::Result<()> {
    let content = book.content;
    for (sheet, lines) in content.layout.users.sheets().into_iter().enumerate() {
        let table = Table {
            name: super::sheet_name("Users", sheet),
            columns: &USERS,
            lines: lines.len(),
            colours: vec![Colours {
                column: VERDICT,
                words: VERDICT_COLOURS,
            }],
            choices: None,
        };
        let links = user_links(content, &lines);
        book.table(&table, &links, |part| user_rows(content, &table, &lines, part))?;
    }
    Ok(())
}

/// Writes what is not as it should be.
pub(super) fn findings(book: &mut Book<'_, '_>) -> io::Result<()> {
    let content = book.content;
    for (sheet, lines) in content.layout.findings.sheets().into_iter().enumerate() {
        let table = Table {
            name: super::sheet_name("Findings", sheet),
            columns: &FINDINGS,
            lines: lines.len(),
            colours: vec![
                Colours {
                    column: 5,
                    words: OUTCOME_COLOURS,
                },
                Colours {
                    column: 6,
                    words: SEVERITY_COLOURS,
                },
            ],
            choices: None,
        };
        let links = finding_links(content, &lines);
        book.table(&table, &links, |part| finding_rows(content, &table, &lines, part))?;
    }
    Ok(())
}

fn user_rows(
    content: &Content<'_>,
    table: &Table,
    lines: &Range<usize>,
    part: &mut Part<'_, '_>,
) -> io::Result<()> {
    let layout = &content.layout.users;
    let plain = table.styles();
    let mut linked = plain.clone();
    linked[VERDICT] = Style::Link;
    for (place, environment) in content.report.assessment.environments.iter().enumerate() {
        let rules = &content.report.assessment.rules.rules;
        let verdicts = rows::Verdicts::new(environment, rules, rows::texts);
        let users = layout.users_in(place, lines);
        let draw = |range: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            let range = range.start + users.start..range.end + users.start;
            for user in range.filter(|&user| environment.is_reported(user)) {
                let line = layout.of(place, user);
                if !lines.contains(&line) {
                    continue;
                }
                let findings = environment.told_rules(user).next().is_some();
                let styles = if findings && line - lines.start < MOST_LINKS {
                    &linked
                } else {
                    &plain
                };
                let mut row = Row::fixed(buffer, &content.texts, layout.place(line).1, styles, ONE_LINE);
                verdicts.draw(user..user + 1, &mut row);
            }
            Ok(())
        };
        let write = |bytes: &mut Vec<u8>| part.write_all(bytes);
        chunks::in_order(users.len(), content.report.chunk, draw, write)?;
    }
    Ok(())
}

fn finding_rows(
    content: &Content<'_>,
    table: &Table,
    lines: &Range<usize>,
    part: &mut Part<'_, '_>,
) -> io::Result<()> {
    let layout = &content.layout.findings;
    let plain = table.styles();
    let mut linked = plain.clone();
    linked[RULE] = Style::Link;
    let mut linked_user = linked.clone();
    linked_user[USER_ID] = Style::Link;
    let is_linked = |line: usize| line - lines.start < MOST_LINKED_FINDINGS;
    for (place, environment) in content.report.assessment.environments.iter().enumerate() {
        let mut buffer = Vec::new();
        let mut words = Words::default();
        for (rule, line) in environment.told_rules_of_environment().zip(layout.own(place)..) {
            if lines.contains(&line) {
                let told = environment.tell(rule, 0, &mut words);
                let styles = if is_linked(line) { &linked } else { &plain };
                let mut row = Row::fixed(
                    &mut buffer,
                    &content.texts,
                    layout.place(line).1,
                    styles,
                    ONE_LINE,
                );
                content.findings.row(environment, None, &told, &mut row);
            }
        }
        part.write_all(&buffer)?;
        let users = layout.users_in(place, lines);
        let draw = |range: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            let mut words = Words::default();
            let range = range.start + users.start..range.end + users.start;
            for user in range.filter(|&user| environment.is_reported(user)) {
                let who = environment.row(user);
                for (rule, line) in environment.told_rules(user).zip(layout.of(place, user)..) {
                    if lines.contains(&line) {
                        let told = environment.tell(rule, user, &mut words);
                        let styles = if is_linked(line) { &linked_user } else { &plain };
                        let mut row =
                            Row::fixed(buffer, &content.texts, layout.place(line).1, styles, ONE_LINE);
                        content.findings.row(environment, Some(&who), &told, &mut row);
                    }
                }
            }
            Ok(())
        };
        let write = |bytes: &mut Vec<u8>| part.write_all(bytes);
        chunks::in_order(users.len(), content.report.chunk_with_findings(), draw, write)?;
    }
    Ok(())
}

/// From each verdict to the user's first finding.
fn user_links(content: &Content<'_>, lines: &Range<usize>) -> Links {
    let mut links = Links::default();
    let layout = &content.layout;
    for (place, environment) in content.report.assessment.environments.iter().enumerate() {
        let users = layout.users.users_in(place, lines);
        for user in users.filter(|&user| environment.is_reported(user)) {
            let line = layout.users.of(place, user);
            let is_linked = lines.contains(&line) && line - lines.start < MOST_LINKS;
            if is_linked && environment.told_rules(user).next().is_some() {
                let from = name(VERDICT, layout.users.place(line).1);
                let (sheet, row) = layout.findings.place(layout.findings.of(place, user));
                links.inside(&from, &super::sheet_name("Findings", sheet), &name(RULE, row));
            }
        }
    }
    links
}

/// From each finding to its rule and to its user.
fn finding_links(content: &Content<'_>, lines: &Range<usize>) -> Links {
    let mut links = Links::default();
    let layout = &content.layout;
    let end = lines.end.min(lines.start + MOST_LINKED_FINDINGS);
    let lines = lines.start..end;
    for (place, environment) in content.report.assessment.environments.iter().enumerate() {
        let mut to_rule = |line: usize, rule: usize| {
            let from = name(RULE, layout.findings.place(line).1);
            links.inside(&from, "Rules", &name(0, super::rules::row_of(rule)));
        };
        let own = environment.told_rules_of_environment();
        for (rule, line) in own.zip(layout.findings.own(place)..) {
            if lines.contains(&line) {
                to_rule(line, rule);
            }
        }
        let users = layout.findings.users_in(place, &lines);
        for user in users.filter(|&user| environment.is_reported(user)) {
            let (sheet, row) = layout.users.place(layout.users.of(place, user));
            for (rule, line) in environment
                .told_rules(user)
                .zip(layout.findings.of(place, user)..)
            {
                if lines.contains(&line) {
                    let from = |column| name(column, layout.findings.place(line).1);
                    links.inside(&from(RULE), "Rules", &name(0, super::rules::row_of(rule)));
                    let sheet = super::sheet_name("Users", sheet);
                    links.inside(&from(USER_ID), &sheet, &name(2, row));
                }
            }
        }
    }
    links
}
