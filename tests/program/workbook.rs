//! The workbook as the program writes it: where it goes, when it has a plan, and that the plan can be
//! worked off in it.

#[allow(dead_code, reason = "the reports' own tests look at more")]
#[path = "../report/workbook.rs"]
mod read;

use super::desk::Desk;
use super::offices::CROWD;
use read::{Value, Workbook};

fn audit(desk: &Desk, more: &[&str]) -> Workbook {
    let mut arguments = vec!["audit", "contoso.snapshot", "--quiet", "--xlsx", "w.xlsx"];
    arguments.extend(more);
    let ran = desk.good(arguments);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    Workbook::open(&desk.bytes("w.xlsx"))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

#[test]
fn the_plan_is_the_work_list_and_can_be_worked_off() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let book = audit(&desk, &[]);
    desk.good(["plan", "contoso.snapshot", "--quiet", "--csv", "work.csv"]);
    let list = rows(&desk.read("work.csv"));
    let sheet = book.sheet("Plan");
    let mut plan = sheet.rows();
    assert_eq!(plan, list);
    assert!(plan.len() > 2, "nothing to do, so little is shown");
    for name in ["users", "newly_ready", "ready_after"] {
        let column = plan[0].iter().position(|head| head == name).expect(name);
        assert!(matches!(sheet.cells[&(2, column)], Value::Number(_)), "{name}");
    }

    // Somebody writes into it and saves the sheet as CSV; the program reads that back.
    let owner = plan[0].iter().position(|head| head == "owner").unwrap();
    plan[1][owner] = "Dana Reed".to_owned();
    let mut saved = csv::Writer::from_writer(Vec::new());
    plan.iter().for_each(|row| saved.write_record(row).unwrap());
    desk.write("saved.csv", saved.into_inner().unwrap());
    desk.good(["plan", "contoso.snapshot", "--quiet", "--csv", "saved.csv"]);
    assert_eq!(rows(&desk.read("saved.csv")), plan);
}

#[test]
fn a_plan_is_of_everybody_in_one_environment() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/fabrikam.snapshot");
    assert_eq!(
        audit(&desk, &[]).names(),
        ["Summary", "Users", "Findings", "Rules", "Plan"]
    );
    for more in [&[other][..], &["--business-unit", "contoso"]] {
        assert_eq!(
            audit(&desk, more).names(),
            ["Summary", "Users", "Findings", "Rules"],
            "{more:?}"
        );
    }
}

#[test]
fn hostile_names_are_text_in_every_cell() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let csv = ["--raw-csv", "--csv", "v.csv", "--findings-csv", "f.csv"];
    let book = audit(&desk, &csv);
    let mut formulas = 0;
    for (sheet, file) in [("Users", "v.csv"), ("Findings", "f.csv")] {
        let (cells, lines) = (book.sheet(sheet).rows(), rows(&desk.read(file)));
        assert_eq!(cells.len(), lines.len());
        for (cell, text) in cells.iter().flatten().zip(lines.iter().flatten()) {
            // What a cell cannot hold is shown as a replacement, letter by letter.
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let alike = |(shown, written): (char, char)| {
                let replaced = written.is_control() || "\u{202d}\u{202e}".contains(written);
                shown == written || (shown == '\u{fffd}' && replaced)
            };
            assert_eq!(
                cell.chars().count(),
                text.chars().count(),
                "{cell:?} for {text:?}"
            );
            assert!(cell.chars().zip(text.chars()).all(alike), "{cell:?} for {text:?}");
            formulas += usize::from(cell.starts_with(['=', '+', '-', '@']));
        }
    }
    assert!(formulas > 0, "nobody is called like a formula");
    for (sheet, part) in &book.sheets {
        assert!(!book.parts[part].contains("<f>"), "{sheet}");
    }
}

#[test]
fn standard_output_takes_it_too() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    audit(&desk, &[]);
    let mut command = desk.command(["audit", "contoso.snapshot", "--xlsx", "-"]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == desk.bytes("w.xlsx"), "the same bytes");
    // Nothing is left of it, where programs put what they cannot send at once.
    let left = desk.everything().into_keys();
    let names: Vec<_> = left.filter(|path| path.is_file()).collect();
    assert!(
        names
            .iter()
            .all(|path| path.ends_with("w.xlsx") || path.to_string_lossy().contains("contoso.snapshot")),
        "{names:?}"
    );
}
