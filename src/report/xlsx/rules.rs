//! The sheet of rules: what each asks for, how it went, what to do, where it is published.

use std::io::{self, Write as _};

use crate::rules::RuleIndex;

use super::super::rows::Line as _;
use super::super::summary::wrong;
use super::Book;
use super::cells::{Column, Row, Style, name};
use super::sheet::{Colours, Links, SEVERITY_COLOURS, Table, address};

const fn column(name: &'static str, width: u16, style: Style) -> Column {
    Column { name, width, style }
}

const TITLE: usize = 2;
const SEVERITY: usize = 3;
const FIRST_FINDING: usize = 10;
const MEANS: usize = 11;
const REMEDY: usize = 12;
const SECTION: usize = 13;
const SOURCE: usize = 14;

const COLUMNS: [Column; 15] = {
    use Style::{Number, Text, Wrapped};
    [
        column("id", 32, Text),
        column("pack", 17, Text),
        column("title", 36, Wrapped),
        column("severity", 11, Text),
        column("scope", 12, Text),
        column("pass", 8, Number),
        column("fail", 8, Number),
        column("unknown", 11, Number),
        column("not_applicable", 16, Number),
        column("waived", 10, Number),
        column("first_finding", 15, Text),
        column("means", 36, Wrapped),
        column("remedy", 54, Wrapped),
        column("section", 15, Wrapped),
        column("source", 28, Wrapped),
    ]
};

/// The row of a rule on its sheet.
pub(super) fn row_of(rule: RuleIndex) -> usize {
    rule + 2
}

/// Writes the rules, in the order of their packs.
pub(super) fn write(book: &mut Book<'_, '_>) -> io::Result<()> {
    let content = book.content;
    let report = content.report;
    let rules = report.assessment.rules;
    let table = Table {
        name: "Rules".to_owned(),
        columns: &COLUMNS,
        lines: rules.rules.len(),
        colours: vec![Colours {
            column: SEVERITY,
            words: SEVERITY_COLOURS,
        }],
        choices: None,
    };
    let mut links = Links::default();
    let mut buffer = Vec::new();
    for (index, rule) in rules.rules.iter().enumerate() {
        let count = report.rule_counts.get(index).copied().unwrap_or_default();
        let number = row_of(index);
        let mut styles = table.styles();
        let finding = content.layout.first_finding[index].map(|line| {
            let (sheet, row) = content.layout.findings.place(line);
            let (sheet, cell) = (super::sheet_name("Findings", sheet), name(4, row));
            links.inside(&name(FIRST_FINDING, number), &sheet, &cell);
            styles[FIRST_FINDING] = Style::Link;
            format!("{sheet} {cell}")
        });
        if let Some(address) = address(&rule.source) {
            links.outside(&name(SOURCE, number), &address);
            styles[SOURCE] = Style::WrappedLink;
        }
        let means = wrong(rule);
        let section = rule.section.as_deref().unwrap_or_default();
        let lines = table.lines(&[
            (TITLE, &rule.title),
            (MEANS, &means),
            (REMEDY, &rule.remedy),
            (SECTION, section),
            (SOURCE, &rule.source),
        ]);
        let mut row = Row::fitted(&mut buffer, &content.texts, number, &styles, lines);
        row.text(&rule.id);
        row.text(rules.packs.get(rule.pack).map_or("", |pack| &pack.id));
        row.text(&rule.title);
        row.word(rule.severity.name());
        row.word(rule.scope.name());
        for count in [
            count.pass,
            count.fail,
            count.unknown,
            count.not_applicable,
            count.waived,
        ] {
            row.number(count);
        }
        row.text(finding.as_deref().unwrap_or_default());
        row.text(&means);
        row.text(&rule.remedy);
        row.text(section);
        row.text(&rule.source);
        row.end();
    }
    book.table(&table, &links, |part| part.write_all(&buffer))
}
