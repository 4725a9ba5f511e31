//! The reports of one assessment: they keep their contracts, they agree, and hostile names stay
//! names.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test, its items are nobody's interface"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "report/blocks.rs"]
mod blocks;
#[path = "report/data.rs"]
mod data;
#[path = "report/explained.rs"]
mod explained;
#[path = "report/page.rs"]
mod page;
#[path = "report/screen.rs"]
mod screen;
#[path = "report/support.rs"]
mod support;
#[path = "report/workbook.rs"]
mod workbook;
#[path = "report/xlsx.rs"]
mod xlsx;

use std::io::{self, Write};

use boon::{Compiler, Schemas};
use clearance::report::csv::Cells;
use clearance::report::{Report, csv, html, json};
use serde_json::Value;
use support::{NAMES, OUT_OF_SCOPE, assessed, environment, rules, with_assessment};

fn text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

fn validate(schema: &str, document: &str) -> Value {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("urn:schema", schema).unwrap();
    let schema = compiler
        .compile("urn:schema", &mut schemas)
        .unwrap_or_else(|fault| panic!("{fault:#}"));
    if let Err(faults) = schemas.validate(&document, schema) {
        panic!("{faults}");
    }
    document
}

#[test]
fn the_verdict_csv_keeps_its_contract() {
    with_assessment(|_, report| {
        let text = text(|out| csv::verdicts(report, Cells::Safe, out));
        let rows = rows(&text);
        assert_eq!(
            rows[0].join(","),
            "environment,user_id,full_name,email,business_unit,verdict,blocking,limiting,unknown,waived,\
             deployment,top_cause,next_step"
        );
        assert_eq!(rows.len(), NAMES.len() + 1);
        assert_eq!(
            text.matches("\r\n").count(),
            NAMES.len() + 3,
            "CRLF ends each row; one name has one of its own, in two columns"
        );
        for (row, name) in rows[1..].iter().zip(NAMES) {
            assert_eq!(row[0], "'+contoso <i>");
            assert_eq!(row[2].trim_start_matches('\''), name);
            assert!(
                row.iter()
                    .all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])),
                "{row:?}"
            );
            assert!(
                !row[11].contains(['\r', '\n']) && !row[12].contains(['\r', '\n']),
                "{row:?}"
            );
        }
        let last = rows.last().unwrap();
        assert_eq!(last[5], "out-of-scope");
        assert!(!last[11].is_empty() && last[12].is_empty(), "{last:?}");
    });
}

#[test]
fn raw_cells_are_as_they_came() {
    with_assessment(|_, report| {
        let rows = rows(&text(|out| csv::verdicts(report, Cells::Raw, out)));
        assert_eq!(rows[1][0], "+contoso <i>");
        assert_eq!(rows[3][2], NAMES[2]);
    });
}

#[test]
fn findings_are_told_once_and_nobody_out_of_scope_has_any() {
    with_assessment(|assessment, report| {
        let rows = rows(&text(|out| csv::findings(report, Cells::Safe, out)));
        assert_eq!(
            rows[0].join(","),
            "environment,user_id,email,full_name,rule,outcome,severity,expected,observed,cause,remedy,source"
        );
        let environment = &assessment.environments[0];
        let told: usize = (0..OUT_OF_SCOPE)
            .map(|user| environment.findings(user).len())
            .sum();
        let of_environment = environment.environment_findings().len();
        assert_eq!(rows.len(), 1 + of_environment + told);
        assert!(
            rows[1..=of_environment]
                .iter()
                .all(|row| row[1..4].iter().all(String::is_empty))
        );
        let out_of_scope = environment.row(OUT_OF_SCOPE).id.to_string();
        assert!(rows.iter().all(|row| row[1] != out_of_scope));
        let outcomes = ["fail", "unknown", "waived"];
        assert!(
            rows[1 + of_environment..]
                .iter()
                .all(|row| outcomes.contains(&row[5].as_str()))
        );
    });
}

#[test]
fn the_json_keeps_its_schema_and_agrees_with_the_csv() {
    with_assessment(|assessment, report| {
        let document = validate(
            json::ASSESSMENT_SCHEMA,
            &text(|out| json::assessment(report, out)),
        );
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 10, "{keys:?}");
        let rows = rows(&text(|out| csv::verdicts(report, Cells::Raw, out)));
        let users = document["users"].as_array().unwrap();
        assert_eq!(users.len(), NAMES.len());
        for (user, row) in users.iter().zip(&rows[1..]) {
            let cells =
                ["environment", "id", "name", "email", "business_unit", "verdict"].map(|key| &user[key]);
            assert!(
                cells.iter().zip(row).all(|(value, cell)| *value == cell),
                "{user} {row:?}"
            );
        }
        // By hand, from what the environment's users are like.
        for (word, count) in [("ready", 2), ("limited", 1), ("blocked", 5), ("unknown", 1)] {
            assert_eq!(document["summary"][word], count);
            assert_eq!(rows.iter().filter(|row| row[5] == word).count(), count);
        }
        assert_eq!(
            document["rules"].as_array().unwrap().len(),
            assessment.rules.rules.len()
        );
        assert!(!document["environment_findings"].as_array().unwrap().is_empty());
    });
}

#[test]
fn nobody_at_all_is_no_error() {
    let rules = rules();
    let environments = [environment(&[], &rules)];
    let assessment = assessed(&rules, &environments);
    let report = Report::new(&assessment);
    let document = validate(
        json::ASSESSMENT_SCHEMA,
        &text(|out| json::assessment(&report, out)),
    );
    assert_eq!(document["users"], Value::Array(Vec::new()));
    assert_eq!(
        rows(&text(|out| csv::verdicts(&report, Cells::Safe, out))).len(),
        1
    );
    assert!(text(|out| html::write(&report, out)).contains("No users in scope"));
}

/// A reader that goes away ends every writer with its error, at once.
#[test]
fn a_closed_pipe_is_passed_on() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    with_assessment(|_, report| {
        let ends = [
            csv::verdicts(report, Cells::Safe, &mut Closed),
            csv::findings(report, Cells::Safe, &mut Closed),
            json::assessment(report, &mut Closed),
            html::write(report, &mut Closed),
        ];
        for end in ends {
            assert_eq!(end.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        }
    });
}
