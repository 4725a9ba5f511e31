//! The verdict CSV and the findings CSV (contract: `design.md` §7).
//!
//! RFC 4180 with CRLF, UTF-8 with a byte order mark (spreadsheets otherwise guess the encoding).
//! Cells are quoted by hand into the chunk's buffer: a million users make thirteen million cells,
//! and the `csv` crate's writer takes each through its own buffer and record state. What is
//! written here is read back with that crate in the tests.

use std::io::{self, Write};
use std::ops::Range;

use crate::snapshot::Guid;

use super::chunks;
use super::rows::{self, Columns, Line};
use super::summary::Report;

/// What happens to cells that a spreadsheet would take for a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// A leading `'` before `= + - @ TAB CR`.
    #[default]
    Safe,
    /// Written as they are, for machines.
    Raw,
}

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Writes one row per reported user.
///
/// # Errors
/// If `out` cannot be written.
pub fn verdicts(report: &Report<'_>, cells: Cells, out: &mut dyn Write) -> io::Result<()> {
    header(rows::VERDICTS, out)?;
    for environment in &report.assessment.environments {
        let rules = &report.assessment.rules.rules;
        let verdicts = rows::Verdicts::new(environment, rules, |texts| ready(texts, cells));
        let draw = |users: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            verdicts.draw(users, &mut Row { buffer, cells });
            Ok(())
        };
        let write = |bytes: &mut Vec<u8>| out.write_all(bytes);
        chunks::in_order(environment.users(), report.chunk, draw, write)?;
    }
    Ok(())
}

/// Writes one row per environment finding, then one per reported user and rule that fails, is
/// unknown or is waived.
///
/// # Errors
/// If `out` cannot be written.
pub fn findings(report: &Report<'_>, cells: Cells, out: &mut dyn Write) -> io::Result<()> {
    header(rows::FINDINGS, out)?;
    let findings = rows::Findings::new(report, |texts| ready(texts, cells));
    for environment in &report.assessment.environments {
        let buffer = &mut Vec::new();
        findings.of_environment(environment, &mut Row { buffer, cells });
        out.write_all(buffer)?;
        let draw = |users: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            findings.of_users(environment, users, &mut Row { buffer, cells });
            Ok(())
        };
        let write = |bytes: &mut Vec<u8>| out.write_all(bytes);
        chunks::in_order(environment.users(), report.chunk_with_findings(), draw, write)?;
    }
    Ok(())
}

fn header(columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    out.write_all(BOM)?;
    write!(out, "{}\r\n", names.join(","))
}

/// Cells as they stand in a row, each followed by its comma.
fn ready(texts: &[&str], cells: Cells) -> Vec<u8> {
    let mut buffer = Vec::new();
    let mut row = Row {
        buffer: &mut buffer,
        cells,
    };
    texts.iter().for_each(|text| row.cell(text));
    buffer
}

/// Appends the cells of one row; every cell is followed by its comma.
pub(super) struct Row<'b> {
    pub(super) buffer: &'b mut Vec<u8>,
    pub(super) cells: Cells,
}

impl Row<'_> {
    /// Text from outside: made formula-safe, quoted where needed.
    pub(super) fn cell(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let formula = self.cells == Cells::Safe
            && matches!(bytes.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
        // Without a way out of the loop the compiler looks at many bytes at a time.
        let (quotes, others) = bytes.iter().fold((false, false), |(quotes, others), byte| {
            let other = (*byte == b',') | (*byte == b'\r') | (*byte == b'\n');
            (quotes | (*byte == b'"'), others | other)
        });
        let quoted = quotes || others;
        if quoted {
            self.buffer.push(b'"');
        }
        if formula {
            self.buffer.push(b'\'');
        }
        let mut rest = bytes;
        if quotes {
            while let Some(quote) = memchr::memchr(b'"', rest) {
                self.buffer.extend_from_slice(&rest[..=quote]);
                self.buffer.push(b'"');
                rest = &rest[quote + 1..];
            }
        }
        self.buffer.extend_from_slice(rest);
        if quoted {
            self.buffer.push(b'"');
        }
        self.buffer.push(b',');
    }

    pub(super) fn end(&mut self) {
        self.buffer.pop();
        self.buffer.extend_from_slice(b"\r\n");
    }
}

impl Line for Row<'_> {
    type Ready = Vec<u8>;

    fn text(&mut self, text: &str) {
        self.cell(text);
    }

    fn word(&mut self, word: &str) {
        self.buffer.extend_from_slice(word.as_bytes());
        self.buffer.push(b',');
    }

    fn number(&mut self, number: usize) {
        if number < 10 {
            self.buffer.push(b'0' + number as u8);
            self.buffer.push(b',');
        } else {
            self.word(&number.to_string());
        }
    }

    fn id(&mut self, id: Guid) {
        let mut digits = [0; uuid::fmt::Hyphenated::LENGTH];
        let id = uuid::Uuid::from_u128(id.0).hyphenated().encode_lower(&mut digits);
        self.buffer.extend_from_slice(id.as_bytes());
        self.buffer.push(b',');
    }

    fn ready(&mut self, cells: &Vec<u8>) {
        self.buffer.extend_from_slice(cells);
    }

    fn end(&mut self) {
        Row::end(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: Cells, texts: &[&str]) -> String {
        let mut buffer = Vec::new();
        let mut row = Row {
            buffer: &mut buffer,
            cells,
        };
        texts.iter().for_each(|text| row.cell(text));
        row.end();
        String::from_utf8(buffer).expect("text in, text out")
    }

    #[test]
    fn formulas_are_neutralized_unless_raw() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("a=b", "a=b"),
            ("", ""),
            (" =x", " =x"),
        ] {
            assert_eq!(
                row(Cells::Safe, &[text, "z"]),
                format!("{safe},z\r\n"),
                "{text:?}"
            );
            assert!(!row(Cells::Raw, &[text]).contains("'="), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_csv_crate_reads_back_what_was_written(
            texts in proptest::collection::vec("[\\PC\"',;=+\\-@\t\r\n\u{202e}\u{feff}]{0,12}", 2..6)
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let raw = row(Cells::Raw, &texts);
            let safe = row(Cells::Safe, &texts);
            let read = |line: &str| -> Vec<String> {
                let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
                let record = reader.records().next().expect("one row").expect("well-formed");
                record.iter().map(str::to_owned).collect()
            };
            // The reader skips a byte order mark at the very beginning; files have our own there.
            proptest::prop_assume!(!texts[0].starts_with('\u{feff}'));
            proptest::prop_assert_eq!(&read(&raw), &texts);
            for (cell, text) in read(&safe).iter().zip(&texts) {
                proptest::prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
                proptest::prop_assert!(cell == text || cell.strip_prefix('\'') == Some(*text));
            }
        }
    }
}
