//! The workbook holds what the other outputs hold, and nothing in it can run.

use std::collections::BTreeSet;

use clearance::report::csv::Cells;
use clearance::report::{Report, csv, json, xlsx};
use serde_json::Value as Json;

use super::support::{NAMES, assessed, environment, rules, with_assessment, with_users};
use super::workbook::{Sheet, Value, Workbook, place};
use super::{rows, text};

fn written(report: &Report<'_>, most_lines: Option<usize>) -> Vec<u8> {
    let mut bytes = Vec::new();
    match most_lines {
        Some(most) => xlsx::write_sheets(report, most, &mut bytes),
        None => xlsx::write(report, &mut bytes),
    }
    .unwrap();
    bytes
}

fn opened(report: &Report<'_>) -> Workbook {
    Workbook::open(&written(report, None))
}

/// A CSV cell as a workbook can show it: control characters and what turns text around are replaced,
/// lines are broken by line feeds.
fn shown(cell: &str) -> String {
    let hidden = |c: char| (c < ' ' && !"\n\t".contains(c)) || "\u{7f}\u{202d}\u{202e}".contains(c);
    cell.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace(hidden, "\u{fffd}")
}

fn shown_rows(csv: &str) -> Vec<Vec<String>> {
    let rows = rows(csv).into_iter();
    rows.map(|row| row.iter().map(|cell| shown(cell)).collect())
        .collect()
}

/// Lines of all sheets that are called so, under one head.
fn together(book: &Workbook, name: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for sheet in book.names() {
        if sheet.split(' ').next() == Some(name) {
            let rows = book.sheet(sheet).rows();
            match all.first() {
                Some(head) => assert_eq!(*head, rows[0], "{sheet}"),
                None => all.push(rows[0].clone()),
            }
            all.extend_from_slice(&rows[1..]);
        }
    }
    all
}

#[test]
fn users_and_findings_are_those_of_the_csv_files() {
    with_assessment(|_, report| {
        let users = shown_rows(&text(|out| csv::verdicts(report, Cells::Raw, out)));
        let findings = shown_rows(&text(|out| csv::findings(report, Cells::Raw, out)));
        assert!(users.len() == NAMES.len() + 1 && findings.len() > 30);
        for most in [None, Some(1), Some(3), Some(7)] {
            let book = Workbook::open(&written(report, most));
            assert_eq!(together(&book, "Users"), users);
            assert_eq!(together(&book, "Findings"), findings);
            let sheets = |name: &str| {
                let names = book.names().into_iter();
                names
                    .filter(|sheet| sheet.split(' ').next() == Some(name))
                    .count()
            };
            let most = most.unwrap_or(usize::MAX);
            assert_eq!(sheets("Users"), NAMES.len().div_ceil(most));
            assert_eq!(sheets("Findings"), (findings.len() - 1).div_ceil(most));
        }
    });
}

#[test]
fn what_continues_on_another_sheet_is_announced() {
    with_assessment(|_, report| {
        let book = Workbook::open(&written(report, Some(4)));
        let summary = book.sheet("Summary");
        let told: Vec<String> = summary
            .cells
            .keys()
            .map(|&(row, column)| summary.text(row, column))
            .collect();
        for sheet in &book.names()[1..] {
            assert!(told.iter().any(|text| text == sheet), "{sheet}");
        }
        assert!(
            told.iter()
                .any(|text| text.contains("sheet 3 of 3, as one sheet holds 4 lines")),
            "{told:?}"
        );
    });
}

#[test]
fn numbers_are_numbers_and_text_stays_text() {
    with_assessment(|_, report| {
        let book = opened(report);
        for (name, part) in &book.sheets {
            assert!(!book.parts[part].contains("<f>"), "{name} has a formula");
        }
        // 49: what is typed into such a cell is text, also when a name is edited.
        const TEXT: u32 = 49;
        let numbers = ["blocking", "limiting", "unknown", "waived"];
        for name in ["Users", "Findings"] {
            let sheet = book.sheet(name);
            for (&(row, column), value) in sheet.cells.iter().filter(|((row, _), _)| *row > 1) {
                let head = sheet.text(1, column);
                let is_number = name == "Users" && numbers.contains(&head.as_str());
                assert_eq!(
                    matches!(value, Value::Number(_)),
                    is_number,
                    "{name} {row} {head}"
                );
                let format = sheet.formats[&(row, column)];
                assert_eq!(format == TEXT, !is_number, "{name} {row} {head}");
            }
        }
        let names = book.sheet("Users").rows();
        assert!(names.iter().any(|row| row[2] == "=cmd|' /C calc'!A0"));
    });
}

fn document(report: &Report<'_>) -> Json {
    serde_json::from_str(&text(|out| json::assessment(report, out))).unwrap()
}

#[test]
fn rules_are_those_of_the_json() {
    with_assessment(|assessment, report| {
        let sheet = opened(report).sheet("Rules");
        let rows = sheet.rows();
        let column = |name: &str| rows[0].iter().position(|head| head == name).expect(name);
        let json = document(report);
        let rules = json["rules"].as_array().unwrap();
        assert_eq!(rows.len(), rules.len() + 1);
        for (row, rule) in rows[1..].iter().zip(rules) {
            for (name, value) in rule.as_object().unwrap() {
                let expected = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                assert_eq!(row[column(name)], expected, "{name} of {}", rule["id"]);
            }
        }
        let linked: BTreeSet<(usize, &str)> = sheet
            .addresses
            .iter()
            .map(|((row, _), address)| (*row, address.as_str()))
            .collect();
        for (row, rule) in (2..).zip(&assessment.rules.rules) {
            assert_eq!(rows[row - 1][column("remedy")], rule.remedy);
            let address = rule.source.split_whitespace().next().unwrap();
            assert!(linked.contains(&(row, address)), "{}", rule.id);
        }
    });
}

/// Where a text stands in a column.
fn find(sheet: &Sheet, column: usize, text: &str) -> usize {
    let row = sheet
        .cells
        .keys()
        .map(|(row, _)| *row)
        .find(|row| sheet.text(*row, column) == text);
    row.unwrap_or_else(|| panic!("no {text}"))
}

#[test]
fn the_summary_tells_the_numbers_of_the_json() {
    with_assessment(|assessment, report| {
        let sheet = opened(report).sheet("Summary");
        let json = document(report);
        let mut share = 0.0;
        for verdict in ["ready", "limited", "blocked", "unknown", "out-of-scope"] {
            let row = find(&sheet, 0, verdict);
            let number = json["summary"][verdict.replace('-', "_")].to_string();
            assert_eq!(sheet.text(row, 2), number, "{verdict}");
            if let Some(Value::Number(part)) = sheet.cells.get(&(row, 3)) {
                share += part;
            }
        }
        assert!((share - 1.0).abs() < 1e-9, "{share}");
        let (ready, users) = (&json["summary"]["ready"], &json["summary"]["users"]);
        find(&sheet, 0, &format!("{ready} of {users} users ready"));
        for notice in &assessment.notices {
            find(&sheet, 0, &format!("! {}", shown(notice)));
        }
        assert!(!assessment.notices.is_empty(), "nothing to tell");
        // 46,349 days from the end of 1899 to 23 November 2026; 08:00:41 is what is left.
        let row = find(&sheet, 0, "collected until");
        let Some(Value::Number(days)) = sheet.cells.get(&(row, 1)) else {
            panic!("no date");
        };
        let expected = 46_349.0 + (8.0 * 3600.0 + 41.0) / 86_400.0;
        assert!((days - expected).abs() < 1e-6, "{days}");
        let gap = find(&sheet, 0, "tracelog");
        assert_eq!(sheet.text(gap, 4), "</p><script>alert(2)</script>");
        let lines = find(&sheet, 0, "Findings");
        let findings = rows(&text(|out| csv::findings(report, Cells::Raw, out))).len() - 1;
        assert_eq!(sheet.text(lines, 1), findings.to_string());
    });
}

/// Tables cover their sheets, and links lead where they say.
fn check_frame(book: &Workbook) {
    for name in &book.names()[1..] {
        let sheet = book.sheet(name);
        let (area, columns) = sheet.table.as_ref().expect(name);
        let (first, last) = area.split_once(':').unwrap();
        let (rows, width) = (sheet.rows(), columns.len());
        assert_eq!((first, *area == sheet.dimension), ("A1", true), "{name}");
        assert_eq!(place(last), (rows.len().max(2), width - 1), "{name}");
        assert_eq!(rows[0], *columns, "{name}");
        let beyond = sheet.cells.keys().find(|(_, column)| *column >= width);
        assert_eq!(beyond, None, "{name}");
    }
    for name in book.names() {
        let sheet = book.sheet(name);
        for ((row, column), (to, (to_row, to_column))) in &sheet.links {
            let there = book.sheet(to);
            let (said, found) = (sheet.text(*row, *column), there.text(*to_row, *to_column));
            assert!(!said.is_empty() && !found.is_empty(), "{name} {row} {column}");
            let of = |sheet: &Sheet, row: usize, column: usize| (sheet.text(row, 0), sheet.text(row, column));
            match (name.split(' ').next().unwrap(), to.split(' ').next().unwrap()) {
                ("Findings", "Rules") => assert_eq!(said, found),
                ("Rules", "Findings") => {
                    assert_eq!(sheet.text(*row, 0), found);
                    let before = (2..*to_row).any(|row| there.text(row, *to_column) == found);
                    assert!(!before, "{found} is found before");
                }
                ("Findings", "Users") | ("Users", "Findings") => {
                    assert_eq!(of(&sheet, *row, 1), of(&there, *to_row, 1));
                    if name.starts_with("Users") {
                        let before = of(&there, to_row - 1, 1);
                        assert_ne!(of(&there, *to_row, 1), before, "not the first finding");
                    }
                }
                ("Summary", _) => {}
                other => panic!("a link that nobody expects: {other:?}"),
            }
        }
    }
}

#[test]
fn tables_cover_their_lines_and_links_lead_to_what_they_say() {
    with_assessment(|_, report| {
        let book = opened(report);
        check_frame(&book);
        let links = |name: &str| book.sheet(name).links.len();
        let findings = rows(&text(|out| csv::findings(report, Cells::Raw, out)));
        let of_users = findings[1..].iter().filter(|row| !row[1].is_empty()).count();
        // Each finding to its rule, those of users to the user too.
        assert_eq!(links("Findings"), findings.len() - 1 + of_users);
        let users: BTreeSet<&String> = findings[1..].iter().map(|row| &row[1]).collect();
        // The empty one is the environment.
        assert_eq!(links("Users"), users.len() - 1);
        assert!(links("Summary") > 5 && links("Rules") > 5);
        check_frame(&Workbook::open(&written(report, Some(6))));
    });
}

#[test]
fn several_environments_follow_each_other() {
    let rules = rules();
    let mut environments = [environment(&NAMES, &rules), environment(&NAMES[..4], &rules)];
    environments[1].manifest.environment.name = "Fabrikam & co".to_owned();
    environments[1].manifest.environment.organization_id = "another".to_owned();
    let assessment = assessed(&rules, &environments);
    let report = Report::new(&assessment);
    let users = shown_rows(&text(|out| csv::verdicts(&report, Cells::Raw, out)));
    let findings = shown_rows(&text(|out| csv::findings(&report, Cells::Raw, out)));
    for most in 1..30 {
        let book = Workbook::open(&written(&report, Some(most)));
        assert_eq!(together(&book, "Users"), users);
        assert_eq!(together(&book, "Findings"), findings);
        if most % 7 == 5 {
            check_frame(&book);
        }
    }
}

#[test]
fn nobody_makes_a_workbook_too() {
    with_users(&[], &rules(), |_, report| {
        let book = opened(report);
        check_frame(&book);
        assert_eq!(book.sheet("Users").rows().len(), 1);
        find(&book.sheet("Summary"), 0, "No users in scope");
    });
}

#[test]
fn text_that_no_cell_holds_is_cut_and_says_so() {
    let long = "long ".repeat(20_000);
    let coded = "_x0041_ and _x005F_";
    with_users(&[&long, coded], &rules(), |_, report| {
        let users = opened(report).sheet("Users").rows();
        assert_eq!(users[1][2].encode_utf16().count(), 32_767);
        assert!(users[1][2].starts_with("long long ") && users[1][2].contains("cut"));
        assert_eq!(users[2][2], coded);
    });
}

#[test]
fn the_same_assessment_makes_the_same_bytes() {
    let bytes = || {
        let mut bytes = Vec::new();
        with_assessment(|_, report| bytes = written(report, None));
        bytes
    };
    let first = bytes();
    assert!(first == bytes());
    let book = Workbook::open(&first);
    let created = "<dcterms:created xsi:type=\"dcterms:W3CDTF\">2026-11-23T09:00:00Z<";
    assert!(book.parts["docProps/core.xml"].contains(created));
    // The time of the first part as MS-DOS has it: 9 h, 23 November of the 46th year after 1980.
    let [time, date] = [10, 12].map(|at| u16::from_le_bytes([first[at], first[at + 1]]));
    assert_eq!((time, date), (9 << 11, 46 << 9 | 11 << 5 | 23));
}
