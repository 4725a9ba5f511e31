//! Cells and rows: how they are numbered, how they look, how they are written.

use std::io::Write as _;

use crate::snapshot::Guid;
use jiff::Timestamp;

use super::super::rows::Line;
use super::texts::Texts;
use super::xml;

/// How a cell looks: its position among the formats of `reports/xlsx/styles.xml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Style {
    /// Nothing special.
    Plain = 0,
    /// The head of a column.
    Head = 1,
    /// Text that stays text when somebody edits it.
    Text = 2,
    /// The same, broken into lines.
    Wrapped = 3,
    Number = 4,
    Percent = 5,
    /// Date and time, UTC.
    Moment = 6,
    /// Text that leads somewhere.
    Link = 7,
    WrappedLink = 8,
    /// To be filled in.
    Open = 9,
    OpenDate = 10,
    Title = 11,
    /// The answer.
    Headline = 12,
    /// Begins a part.
    Section = 13,
    /// What must not be overlooked.
    Notice = 14,
    /// What stands aside.
    Aside = 15,
    /// A name of a value.
    Label = 16,
    /// The head of a column that may be broken into lines.
    SmallHead = 17,
    /// Text at the right, where numbers are.
    Right = 18,
    /// A number at the left, where text is.
    Left = 19,
    /// Text to read, beside a number: broken into lines, off the edge.
    Prose = 20,
    ProseLink = 21,
    /// The head of a column of such text.
    ProseHead = 22,
}

/// A column of a sheet.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// In characters.
    pub(super) width: u16,
    pub(super) style: Style,
}

/// Letters of a column, 0 for the first.
pub(super) fn letters(column: usize) -> String {
    let letter = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => letter.to_string(),
        rest => format!("{}{letter}", letters(rest - 1)),
    }
}

/// `B7`: column 1 of row 7.
pub(super) fn name(column: usize, row: usize) -> String {
    format!("{}{row}", letters(column))
}

/// `A1:C9`: from the first cell to that column of that row.
pub(super) fn area(last_column: usize, last_row: usize) -> String {
    format!("A1:{}", name(last_column, last_row))
}

/// Points of a row that shows one line of text and nothing of a second.
pub(super) const ONE_LINE: usize = 13;

/// How many lines a text takes in a column of that many characters, near enough: letters differ in
/// width (a column is measured in digits, which are wider than most), and a row that is too high is
/// better than one that hides its end.
pub(super) fn lines(text: &str, width: u16) -> usize {
    let room = (usize::from(width) * 11 / 10).max(1);
    let broken = |line: &str| {
        let (mut lines, mut column) = (1, 0);
        for word in line.split(' ') {
            let length: usize = word.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum();
            if column > 0 && column + 1 + length > room {
                lines += 1;
                column = 0;
            }
            column += length + usize::from(column > 0);
            lines += column.saturating_sub(1) / room;
            column = if column > room {
                (column - 1) % room + 1
            } else {
                column
            };
        }
        lines
    };
    text.lines().map(broken).sum::<usize>().max(1)
}

/// One row, filled from left to right.
pub(super) struct Row<'b> {
    buffer: &'b mut Vec<u8>,
    texts: &'b Texts,
    number: usize,
    column: usize,
    /// By column.
    styles: &'b [Style],
}

impl<'b> Row<'b> {
    /// Begins the row of that number, 1 for the first, which stays that high: text that would need
    /// more is cut off at the cell's edge.
    pub(super) fn fixed(
        buffer: &'b mut Vec<u8>,
        texts: &'b Texts,
        number: usize,
        styles: &'b [Style],
        points: usize,
    ) -> Row<'b> {
        let _ = write!(buffer, "<row r=\"{number}\" ht=\"{points}\" customHeight=\"1\">");
        Row::begun(buffer, texts, number, styles)
    }

    /// The same, high enough for so many lines of text; it grows when somebody writes more into it.
    pub(super) fn fitted(
        buffer: &'b mut Vec<u8>,
        texts: &'b Texts,
        number: usize,
        styles: &'b [Style],
        lines: usize,
    ) -> Row<'b> {
        // No row can be higher than 409 points.
        let points = (lines.max(1) * 13 + 3).min(409);
        let _ = write!(buffer, "<row r=\"{number}\" ht=\"{points}\">");
        Row::begun(buffer, texts, number, styles)
    }

    fn begun(buffer: &'b mut Vec<u8>, texts: &'b Texts, number: usize, styles: &'b [Style]) -> Row<'b> {
        Row {
            buffer,
            texts,
            number,
            column: 0,
            styles,
        }
    }

    /// The beginning of the next cell, up to its style.
    fn begin(&mut self) {
        let style = self.styles.get(self.column).copied().unwrap_or(Style::Plain);
        let mut digits = [0; 20];
        let mut place = digits.len();
        let mut rest = self.number;
        while rest > 0 {
            place -= 1;
            digits[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.buffer.extend_from_slice(b"<c r=\"");
        // No sheet of ours has more than 26 columns.
        self.buffer.push(b'A' + self.column as u8);
        self.buffer.extend_from_slice(&digits[place..]);
        self.buffer.extend_from_slice(b"\" s=\"");
        let style = style as u8;
        if style >= 10 {
            self.buffer.push(b'0' + style / 10);
        }
        self.buffer.push(b'0' + style % 10);
        self.buffer.push(b'"');
        self.column += 1;
    }

    /// A value of that text, which is a number.
    fn value(&mut self, number: impl std::fmt::Display) {
        self.begin();
        let _ = write!(self.buffer, "><v>{number}</v></c>");
    }

    /// An empty cell, with its looks.
    pub(super) fn blank(&mut self) {
        self.begin();
        self.buffer.extend_from_slice(b"/>");
    }

    /// Part of a whole, in tenths of a percent.
    pub(super) fn tenths(&mut self, tenths: u32) {
        self.value(f64::from(tenths) / 1000.0);
    }

    /// A moment as a spreadsheet counts it: days since the end of 1899, to the second.
    pub(super) fn moment(&mut self, at: Timestamp) {
        const UNIX_EPOCH: f64 = 25_569.0;
        self.value(UNIX_EPOCH + at.as_second() as f64 / 86_400.0);
    }

    fn string(&mut self, text: &str) {
        if text.is_empty() {
            self.blank();
            return;
        }
        self.begin();
        if let Some(number) = self.texts.find(text) {
            let _ = write!(self.buffer, " t=\"s\"><v>{number}</v></c>");
            return;
        }
        self.buffer.extend_from_slice(b" t=\"inlineStr\"><is><t");
        self.buffer.extend_from_slice(xml::space(text));
        xml::push(self.buffer, &xml::fitting(text));
        self.buffer.extend_from_slice(b"</t></is></c>");
    }
}

/// Text is always a string, whatever it looks like: nothing of it is ever a formula.
impl Line for Row<'_> {
    type Ready = Vec<String>;

    fn text(&mut self, text: &str) {
        self.string(text);
    }

    fn word(&mut self, word: &str) {
        self.string(word);
    }

    fn number(&mut self, number: usize) {
        self.value(number);
    }

    fn id(&mut self, id: Guid) {
        let mut digits = [0; uuid::fmt::Hyphenated::LENGTH];
        let id = uuid::Uuid::from_u128(id.0).hyphenated().encode_lower(&mut digits);
        self.string(id);
    }

    fn ready(&mut self, cells: &Vec<String>) {
        cells.iter().for_each(|text| self.string(text));
    }

    fn end(&mut self) {
        self.buffer.extend_from_slice(b"</row>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered() {
        assert_eq!(
            [0, 25, 26, 51, 701, 702].map(letters),
            ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
        );
        assert_eq!(area(12, 201), "A1:M201");
    }

    #[test]
    fn lines_break_between_words_and_within_long_ones() {
        // A column of ten digits takes eleven letters.
        assert_eq!(lines("", 10), 1);
        assert_eq!(lines("one two six", 10), 1);
        assert_eq!(lines("one two three", 10), 2);
        assert_eq!(lines("one\ntwo\nthree", 30), 3);
        assert_eq!(lines(&"x".repeat(33), 10), 3);
        assert_eq!(lines(&"x".repeat(34), 10), 4);
        assert_eq!(lines("漢字漢字漢字", 10), 2);
    }

    #[test]
    fn moments_are_days() {
        let texts = Texts::default();
        let mut buffer = Vec::new();
        let mut row = Row::fitted(&mut buffer, &texts, 1, &[], 1);
        // 25 June 2026 is day 46,198: 126 years of 365 days, 32 leap days with the 29 February 1900
        // that spreadsheets believe in, and 176 days of the year.
        let noon = "2026-06-25T12:00:00Z".parse().expect("a time");
        row.moment(noon);
        assert_eq!(
            String::from_utf8_lossy(&buffer),
            "<row r=\"1\" ht=\"16\"><c r=\"A1\" s=\"0\"><v>46198.5</v></c>"
        );
    }
}
