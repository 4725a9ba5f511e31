//! The workbook: summary, users, findings, rules and the plan as sheets of one XLSX file.
//!
//! Written from its beginning to its end, part by part, to anything that takes bytes: lines are drawn
//! by several threads in the order of the CSV files and never held as a whole. What a sheet needs to know
//! of the others (which row a link leads to, how many sheets there are) is worked out beforehand in
//! `layout`.
//!
//! Why it is written by hand: rust_xlsxwriter 0.102 was tried, with its constant-memory sheets and all of
//! this module's tests. Its tables keep every cell of a sheet in memory, so that a million users take 1.8 GB
//! (here 0.9 GB, which is the audit's own) and 100,000 users 304 MB (here 118 MB); files are 40 to 50 % larger,
//! as large sheets share no texts; and a temporary folder that is full ends the program. (Peak of resident
//! memory by `/usr/bin/time -f %M clearance audit SNAPSHOT --xlsx FILE`, snapshots of `tests/bench/generate.rs`.)
//!
//! | Part | Owns |
//! |---|---|
//! | `zip` | the archive |
//! | `xml` | text as XML takes it: escaped, legible, cut to what a cell holds |
//! | `texts` | text that many cells share |
//! | `cells` | cells, rows and their looks |
//! | `layout` | which line stands on which sheet, in which row |
//! | `sheet` | what is around the rows: heads, table, colours, links, print set-up |
//! | `page` | a sheet for reading, which is no table |
//! | `users`, `rules`, `plan`, `summary` | the sheets |

mod cells;
mod layout;
mod page;
mod plan;
mod rules;
mod sheet;
mod summary;
mod texts;
mod users;
mod xml;
mod zip;

use std::io::{self, Write};

use super::rows;
use super::summary::Report;
use super::text;
use layout::Layout;
use sheet::{Links, Table};
use texts::Texts;
use zip::{Part, Zip};

const HEAD: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// Namespace of sheets, tables and the workbook.
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
/// Namespace of references from part to part.
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Begins a part of such references.
const RELATIONS: &str =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
const STYLES: &str = include_str!("../../../reports/xlsx/styles.xml");
const THEME: &str = include_str!("../../../reports/xlsx/theme.xml");

/// Writes the workbook.
///
/// # Errors
/// If `out` cannot be written, or the workbook would be larger than 4 GiB.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_sheets(report, layout::MOST_LINES, out)
}

/// The same with at most that many lines on a sheet; the next sheet takes what follows.
///
/// # Errors
/// As for [`write()`].
pub fn write_sheets(report: &Report<'_>, most_lines: usize, out: &mut dyn Write) -> io::Result<()> {
    let content = Content {
        report,
        layout: Layout::of(report, most_lines),
        texts: Texts::of(report),
        findings: rows::Findings::new(report, rows::texts),
    };
    let mut book = Book {
        content: &content,
        zip: Zip::new(out, report.assessment.assessed_at),
        sheets: 0,
    };
    frame(&mut book)?;
    summary::write(&mut book)?;
    users::users(&mut book)?;
    users::findings(&mut book)?;
    rules::write(&mut book)?;
    if let Some(made) = report.plan {
        plan::write(&mut book, made)?;
    }
    book.zip.finish()
}

/// What is told, and where.
struct Content<'c> {
    report: &'c Report<'c>,
    layout: Layout,
    texts: Texts,
    findings: rows::Findings<Vec<String>>,
}

/// A workbook that is being written.
struct Book<'c, 'o> {
    content: &'c Content<'c>,
    zip: Zip<'o>,
    /// Written so far.
    sheets: usize,
}

impl Book<'_, '_> {
    /// Adds a sheet that is one table.
    fn table(
        &mut self,
        table: &Table,
        links: &Links,
        rows: impl FnOnce(&mut Part<'_, '_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let texts = &self.content.texts;
        self.sheet(links, true, |part| {
            table.begin(texts, part)?;
            rows(part)?;
            table.end(links, part)
        })?;
        // The summary is no table.
        let number = self.sheets - 1;
        let made = table.part(number);
        self.zip.part(&format!("xl/tables/table{number}.xml"), |part| {
            part.write_all(&made)
        })
    }

    /// Adds a sheet, and what it refers to.
    fn sheet(
        &mut self,
        links: &Links,
        is_table: bool,
        write: impl FnOnce(&mut Part<'_, '_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.sheets += 1;
        let number = self.sheets;
        self.zip
            .part(&format!("xl/worksheets/sheet{number}.xml"), write)?;
        let Some(relations) = links.relations(is_table.then(|| number - 1)) else {
            return Ok(());
        };
        let name = format!("xl/worksheets/_rels/sheet{number}.xml.rels");
        self.zip.part(&name, |part| part.write_all(&relations))
    }
}

/// The name of a sheet that others may continue, 0 for the first.
fn sheet_name(name: &str, sheet: usize) -> String {
    match sheet {
        0 => name.to_owned(),
        more => format!("{name} {}", more + 1),
    }
}

/// The names of all sheets, in their order.
fn sheet_names(content: &Content<'_>) -> Vec<String> {
    let mut names = vec!["Summary".to_owned()];
    for (name, lines) in [
        ("Users", &content.layout.users),
        ("Findings", &content.layout.findings),
    ] {
        names.extend((0..lines.sheets().len()).map(|sheet| sheet_name(name, sheet)));
    }
    names.push("Rules".to_owned());
    names.extend(content.report.plan.map(|_| "Plan".to_owned()));
    names
}

/// Writes what holds the sheets together.
fn frame(book: &mut Book<'_, '_>) -> io::Result<()> {
    let content = book.content;
    let names = sheet_names(content);
    let numbers = || 1..=names.len();

    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let package = "application/vnd.openxmlformats-package";
    let mut types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"{package}.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"{package}.core-properties+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/>\
         <Override PartName=\"/xl/theme/theme1.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.theme+xml\"/>\
         <Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{kind}.sharedStrings+xml\"/>"
    );
    for number in numbers() {
        types.push_str(&format!(
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{kind}.worksheet+xml\"/>"
        ));
        if number > 1 {
            types.push_str(&format!(
                "<Override PartName=\"/xl/tables/table{}.xml\" ContentType=\"{kind}.table+xml\"/>",
                number - 1
            ));
        }
    }
    types.push_str("</Types>");

    let roots = format!(
        "{RELATIONS}<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>\
         <Relationship Id=\"rId2\" \
         Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    );

    let mut sheets = String::new();
    let mut titles = String::new();
    let mut relations = RELATIONS.to_owned();
    for (number, name) in numbers().zip(&names) {
        sheets.push_str(&format!(
            "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"
        ));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        ));
        if number > 1 {
            // The heads, again on every page of paper.
            titles.push_str(&format!(
                "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{}\">'{name}'!$1:$1</definedName>",
                number - 1
            ));
        }
    }
    let others = [
        ("styles", "styles.xml"),
        ("theme", "theme/theme1.xml"),
        ("sharedStrings", "sharedStrings.xml"),
    ];
    for (place, (kind, name)) in others.into_iter().enumerate() {
        relations.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{name}\"/>",
            names.len() + 1 + place
        ));
    }
    relations.push_str("</Relationships>");
    let workbook = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><bookViews><workbookView activeTab=\"0\"/></bookViews>\
         <sheets>{sheets}</sheets><definedNames>{titles}</definedNames></workbook>"
    );

    let at = content
        .report
        .assessment
        .assessed_at
        .strftime("%Y-%m-%dT%H:%M:%SZ");
    let time = "xsi:type=\"dcterms:W3CDTF\"";
    let core = format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dcterms:created {time}>{at}</dcterms:created><dcterms:modified {time}>{at}</dcterms:modified>\
         </cp:coreProperties>",
        summary::TITLE,
        text::TOOL
    );
    for (name, xml) in [
        ("[Content_Types].xml", &types),
        ("_rels/.rels", &roots),
        ("docProps/core.xml", &core),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &relations),
    ] {
        book.zip.part(name, |part| {
            part.write_all(HEAD)?;
            part.write_all(xml.as_bytes())
        })?;
    }
    for (name, xml) in [("xl/styles.xml", STYLES), ("xl/theme/theme1.xml", THEME)] {
        book.zip
            .part(name, |part| part.write_all(without_comments(xml).as_bytes()))?;
    }
    book.zip
        .part("xl/sharedStrings.xml", |part| content.texts.write(part))
}

/// A file of ours as it is written: comments are for those who change them.
fn without_comments(xml: &str) -> String {
    let mut parts = xml.split("<!--");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once("-->").map_or("", |(_, rest)| rest));
    }
    text
}
