//! A sheet for reading from top to bottom: parts with heads, made of six columns.

use std::io::{self, Write};

use jiff::Timestamp;

use super::super::rows::Line as _;
use super::cells::{Row, Style, letters, lines, name};
use super::sheet::{Links, SEVERITY_COLOURS, VERDICT_COLOURS, colour_words, page, widths};
use super::texts::Texts;

/// In characters.
const WIDTHS: [u16; COLUMNS] = [31, 11, 14, 17, 48, 62];
/// How many columns there are.
pub(super) const COLUMNS: usize = 6;

/// The sheet, in memory: it grows with the environments, not with their users.
pub(super) struct Page<'c> {
    texts: &'c Texts,
    buffer: Vec<u8>,
    pub(super) links: Links,
    merged: Vec<String>,
    /// Area, the value of a full bar, colour.
    bars: Vec<(String, f64, &'static str)>,
    row: usize,
}

/// What stands in a cell.
pub(super) enum Cell<'t> {
    Nothing,
    Text(&'t str),
    Number(usize),
    /// A number among facts that are text.
    Count(usize),
    /// Part of a whole in tenths of a percent; the text where that would mislead.
    Share(u32, String),
    Moment(Timestamp),
    /// Text that leads to a cell of another sheet.
    Inside(&'t str, &'t str, String),
    /// Text that is also its address, if it is one.
    Web(&'t str),
}

impl<'c> Page<'c> {
    pub(super) fn new(texts: &'c Texts) -> Page<'c> {
        Page {
            texts,
            buffer: Vec::new(),
            links: Links::default(),
            merged: Vec::new(),
            bars: Vec::new(),
            row: 0,
        }
    }

    /// The next row to be written, 1 for the first.
    pub(super) fn next(&self) -> usize {
        self.row + 1
    }

    pub(super) fn space(&mut self) {
        self.row += 1;
    }

    /// One text over the whole width, of so many lines as it needs.
    pub(super) fn across(&mut self, text: &str, style: Style, line: usize) {
        self.row += 1;
        let width: u16 = WIDTHS.iter().sum();
        let styles = [style; COLUMNS];
        // A row whose cells are one does not find its height by itself, and cannot be 410 points high.
        let points = (lines(text, width) * line + line / 3).min(409);
        let mut row = Row::fixed(&mut self.buffer, self.texts, self.row, &styles, points);
        row.text(text);
        (1..COLUMNS).for_each(|_| row.blank());
        row.end();
        let last = letters(COLUMNS - 1);
        self.merged.push(format!("A{0}:{last}{0}", self.row));
    }

    /// Begins a part, with the heads of its columns.
    pub(super) fn part(&mut self, title: &str, heads: [&'static str; COLUMNS]) {
        self.space();
        self.row += 1;
        let styles = [Style::Section; COLUMNS];
        let mut row = Row::fixed(&mut self.buffer, self.texts, self.row, &styles, 24);
        row.text(title);
        (1..COLUMNS).for_each(|_| row.blank());
        row.end();
        if heads.iter().any(|head| !head.is_empty()) {
            self.row += 1;
            let styles = std::array::from_fn::<_, COLUMNS, _>(|column| {
                if is_wide(column) {
                    Style::ProseHead
                } else {
                    Style::SmallHead
                }
            });
            let mut row = Row::fitted(&mut self.buffer, self.texts, self.row, &styles, 1);
            heads.iter().for_each(|head| row.word(head));
            row.end();
        }
    }

    /// One row. Text is broken into lines in the wide columns only.
    pub(super) fn row(&mut self, cells: [Cell<'_>; COLUMNS]) {
        self.row += 1;
        let styles: Vec<Style> = cells
            .iter()
            .enumerate()
            .map(|(column, cell)| match cell {
                Cell::Nothing => Style::Plain,
                Cell::Text(_) if is_wide(column) => Style::Prose,
                Cell::Text(_) if column == 0 => Style::Label,
                Cell::Text(_) => Style::Text,
                Cell::Number(_) => Style::Number,
                Cell::Count(_) => Style::Left,
                Cell::Share(..) if is_odd(cell) => Style::Right,
                Cell::Share(..) => Style::Percent,
                Cell::Moment(_) => Style::Moment,
                Cell::Web(text) if super::sheet::address(text).is_none() => Style::Text,
                Cell::Web(_) if is_wide(column) => Style::ProseLink,
                Cell::Inside(..) | Cell::Web(_) => Style::Link,
            })
            .collect();
        let broken = cells.iter().enumerate().filter(|(column, _)| is_wide(*column));
        let lines = broken.map(|(column, cell)| match cell {
            Cell::Text(text) | Cell::Web(text) => lines(text, WIDTHS[column] - 2),
            _ => 1,
        });
        let lines = lines.max().unwrap_or(1);
        let mut row = Row::fitted(&mut self.buffer, self.texts, self.row, &styles, lines);
        for (column, cell) in cells.iter().enumerate() {
            let here = name(column, self.row);
            match cell {
                Cell::Nothing => row.blank(),
                Cell::Text(text) => row.text(text),
                Cell::Number(number) | Cell::Count(number) => row.number(*number),
                Cell::Share(_, shown) if is_odd(cell) => row.text(shown),
                Cell::Share(tenths, _) => row.tenths(*tenths),
                Cell::Moment(at) => row.moment(*at),
                Cell::Inside(text, sheet, to) => {
                    row.text(text);
                    self.links.inside(&here, sheet, to);
                }
                Cell::Web(text) => {
                    row.text(text);
                    if let Some(address) = super::sheet::address(text) {
                        self.links.outside(&here, &address);
                    }
                }
            }
        }
        row.end();
    }

    /// A value and what it is called. Values are longer than the narrow columns are wide.
    pub(super) fn fact(&mut self, label: &'static str, value: Cell<'_>) {
        let nothing = || Cell::Nothing;
        self.row([
            Cell::Text(label),
            value,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ]);
        self.merged.push(format!("B{0}:D{0}", self.row));
    }

    /// Bars behind the numbers of a column from that row to the last written; `whole` is a full bar.
    pub(super) fn bars(&mut self, column: usize, first: usize, whole: f64, colour: &'static str) {
        if first <= self.row && whole > 0.0 {
            let letter = letters(column);
            self.bars
                .push((format!("{letter}{first}:{letter}{}", self.row), whole, colour));
        }
    }

    /// Writes the sheet.
    pub(super) fn write(&self, part: &mut impl Write) -> io::Result<()> {
        let mut buffer = super::HEAD.to_vec();
        let last = letters(COLUMNS - 1);
        write!(
            buffer,
            "<worksheet xmlns=\"{}\" xmlns:r=\"{}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>\
             <dimension ref=\"A1:{last}{}\"/><sheetViews><sheetView showGridLines=\"0\" tabSelected=\"1\" \
             workbookViewId=\"0\"/></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>",
            super::MAIN,
            super::OFFICE,
            self.row
        )?;
        widths(WIDTHS.into_iter(), &mut buffer);
        buffer.extend_from_slice(b"<sheetData>");
        buffer.extend_from_slice(&self.buffer);
        write!(buffer, "</sheetData><mergeCells count=\"{}\">", self.merged.len())?;
        for area in &self.merged {
            write!(buffer, "<mergeCell ref=\"{area}\"/>")?;
        }
        buffer.extend_from_slice(b"</mergeCells>");
        let mut priority = 0;
        write!(buffer, "<conditionalFormatting sqref=\"A1:B{}\">", self.row)?;
        for words in [VERDICT_COLOURS, SEVERITY_COLOURS] {
            colour_words(words, &mut priority, &mut buffer)?;
        }
        buffer.extend_from_slice(b"</conditionalFormatting>");
        for (area, whole, colour) in &self.bars {
            priority += 1;
            write!(
                buffer,
                "<conditionalFormatting sqref=\"{area}\"><cfRule type=\"dataBar\" priority=\"{priority}\">\
                 <dataBar minLength=\"0\" maxLength=\"100\"><cfvo type=\"num\" val=\"0\"/>\
                 <cfvo type=\"num\" val=\"{whole}\"/><color rgb=\"{colour}\"/></dataBar></cfRule>\
                 </conditionalFormatting>"
            )?;
        }
        part.write_all(&buffer)?;
        self.links.write(part)?;
        page(part)?;
        part.write_all(b"</worksheet>")
    }
}

/// Whether a share would read as nobody or as everybody, and is not.
fn is_odd(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Share(_, shown) if shown.starts_with(['<', '>']))
}

/// Whether a column is for text to read.
fn is_wide(column: usize) -> bool {
    WIDTHS[column] > 40
}
