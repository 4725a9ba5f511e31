//! `--parquet`: the rows of the CSVs as tables for other programs, read back as such a program would.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::desk::{Desk, Row, list, table, valid};
use super::offices::{CROWD, DOZEN};

const NUMBERS: [&str; 9] = [
    "blocking",
    "limiting",
    "unknown",
    "waived",
    "pass",
    "fail",
    "unknown",
    "not_applicable",
    "waived",
];

fn cell(batch: &RecordBatch, column: usize, row: usize) -> String {
    let values = batch.column(column);
    let name = batch.schema_ref().field(column).name();
    match values.data_type() {
        _ if values.is_null(row) => String::new(),
        DataType::Utf8 => {
            let text = values.as_string::<i32>().value(row);
            assert_ne!(text, "", "{name}: what is empty is null");
            text.to_owned()
        }
        DataType::Int32 => {
            assert!(NUMBERS.contains(&name.as_str()), "{name} is no number");
            values.as_primitive::<Int32Type>().value(row).to_string()
        }
        other => panic!("{name} is {other}"),
    }
}

/// The rows of a Parquet file; null reads as empty.
fn read(desk: &Desk, file: &str) -> Vec<Row> {
    let bytes = Bytes::from(desk.bytes(file));
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("a Parquet file");
    let mut rows = Vec::new();
    for batch in reader.build().expect("its rows") {
        let batch = batch.expect("rows");
        let names: Vec<String> = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        rows.extend((0..batch.num_rows()).map(|row| {
            let cells = names.iter().enumerate();
            cells
                .map(|(column, name)| (name.clone(), cell(&batch, column, row)))
                .collect::<Row>()
        }));
    }
    rows
}

#[test]
fn the_rows_are_those_of_the_csvs() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    // Something that is said of the environment, and of nobody in particular.
    desk.write(
        "own.toml",
        "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1\"\nsource = \"https://example.com\"\n\
         [[rule]]\nid = \"without-a-name\"\ntitle = \"It has no name\"\nscope = \"environment\"\n\
         severity = \"advises\"\ncheck = { field = \"organization.name\", present = false }\n\
         remedy = \"Take it away.\"\n",
    );
    desk.good(
        "audit contoso.snapshot --rules own.toml --parquet tables --raw-csv --csv v.csv --findings-csv f.csv \
         --json a.json"
            .split(' '),
    );
    let verdicts = read(&desk, "tables/verdicts.parquet");
    assert!(
        verdicts.iter().any(|row| row["full_name"].starts_with('=')),
        "nobody has a name that the CSV would make safe"
    );
    assert_eq!(verdicts, table(&desk.read("v.csv")));
    let findings = read(&desk, "tables/findings.parquet");
    assert_eq!(
        (&*findings[0]["user_id"], &*findings[0]["rule"]),
        ("", "without-a-name")
    );
    assert_eq!(findings, table(&desk.read("f.csv")));

    let json = valid("assessment-1.schema.json", &desk.read("a.json"));
    let rules = read(&desk, "tables/rules.parquet");
    assert_eq!(rules.len(), list(&json, "rules").len());
    for (row, rule) in rules.iter().zip(list(&json, "rules")) {
        assert_eq!(row["rule"], rule["id"]);
        for member in [
            "pack",
            "scope",
            "severity",
            "pass",
            "fail",
            "unknown",
            "not_applicable",
            "waived",
        ] {
            let told = match &rule[member] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(row[member], told, "{}: {member}", row["rule"]);
        }
    }
    let known: BTreeMap<&str, &Row> = rules.iter().map(|row| (row["rule"].as_str(), row)).collect();
    for finding in &findings {
        let rule = known[finding["rule"].as_str()];
        for column in ["severity", "remedy", "source"] {
            assert_eq!(finding[column], rule[column], "{}", finding["rule"]);
        }
    }
}

#[test]
fn counts_are_numbers_and_all_else_is_text() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    desk.good("audit contoso.snapshot --parquet tables".split(' '));
    for (file, numbers) in [("verdicts", 4), ("findings", 0), ("rules", 5)] {
        let bytes = Bytes::from(desk.bytes(&format!("tables/{file}.parquet")));
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("a Parquet file");
        let kinds: Vec<&DataType> = reader
            .schema()
            .fields()
            .iter()
            .map(|field| field.data_type())
            .collect();
        let count = |kind: &DataType| kinds.iter().filter(|other| **other == kind).count();
        assert_eq!(count(&DataType::Int32), numbers, "{file}: {kinds:?}");
        assert_eq!(count(&DataType::Utf8), kinds.len() - numbers, "{file}: {kinds:?}");
    }
}

#[test]
fn a_folder_of_ours_is_replaced_as_a_whole() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    std::fs::create_dir(desk.path("tables")).unwrap();
    let audit = |rest: &str| desk.good(format!("audit contoso.snapshot {rest}").split(' '));
    audit("--parquet tables");
    let all = read(&desk, "tables/verdicts.parquet");
    assert_eq!(
        all.len(),
        table(&{
            audit("--csv v.csv");
            desk.read("v.csv")
        })
        .len()
    );
    let id = &all[0]["user_id"];
    desk.write("one.txt", id);
    audit("--parquet tables --users one.txt");
    let one = read(&desk, "tables/verdicts.parquet");
    assert_eq!(one.iter().map(|row| &row["user_id"]).collect::<Vec<_>>(), [id]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for (path, mode) in [("tables", 0o40700), ("tables/verdicts.parquet", 0o100_600)] {
            let found = std::fs::metadata(desk.path(path))
                .expect(path)
                .permissions()
                .mode();
            assert_eq!(found, mode, "{path} can be read by others");
        }
    }
    let mut names: Vec<String> = std::fs::read_dir(desk.path("."))
        .expect("the desk")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["contoso.snapshot", "one.txt", "tables", "v.csv"]);
}
