//! What every sheet has around its rows: widths, frozen heads, a table, colours, links, print set-up.

use std::io::{self, Write};

use super::super::rows::Line;
use super::cells::{Column, Row, Style, area, letters, lines, name};
use super::texts::Texts;
use super::xml;

/// The most links that a spreadsheet keeps on one sheet.
pub(super) const MOST_LINKS: usize = 65_530;
/// The longest address that a spreadsheet follows.
const LONGEST_ADDRESS: usize = 2_000;

/// A table that fills a sheet: heads in the first row, one line in each row below.
pub(super) struct Table {
    /// Of the sheet.
    pub(super) name: String,
    pub(super) columns: &'static [Column],
    pub(super) lines: usize,
    /// Colours by what a cell says.
    pub(super) colours: Vec<Colours>,
    /// Words that are offered in a column.
    pub(super) choices: Option<(usize, &'static str)>,
}

/// A column that is coloured by its words.
pub(super) struct Colours {
    pub(super) column: usize,
    /// Word and colour: position among the `dxfs` of `reports/xlsx/styles.xml`.
    pub(super) words: &'static [(&'static str, u8)],
}

/// Colours of verdicts.
pub(super) const VERDICT_COLOURS: &[(&str, u8)] = &[
    ("ready", 0),
    ("limited", 1),
    ("blocked", 2),
    ("unknown", 3),
    ("out-of-scope", 4),
];
/// Colours of outcomes.
pub(super) const OUTCOME_COLOURS: &[(&str, u8)] = &[("fail", 2), ("unknown", 3), ("waived", 4)];
/// Colours of severities.
pub(super) const SEVERITY_COLOURS: &[(&str, u8)] = &[("blocks", 5), ("limits", 6), ("advises", 7)];

/// Links of one sheet.
#[derive(Default)]
pub(super) struct Links {
    xml: Vec<u8>,
    /// Addresses outside, in the order of their ids.
    addresses: Vec<String>,
    number: usize,
}

/// Ids of the parts that a sheet refers to: its table is the first.
const TABLE_ID: usize = 1;

impl Links {
    /// From a cell to a cell of this workbook.
    pub(super) fn inside(&mut self, from: &str, sheet: &str, to: &str) {
        if self.number < MOST_LINKS {
            self.number += 1;
            // Names of sheets are ours; those with a blank need quotes.
            let _ = write!(
                self.xml,
                "<hyperlink ref=\"{from}\" location=\"'{sheet}'!{to}\"/>"
            );
        }
    }

    /// From a cell to the web. Only what [`address`] accepted comes here.
    pub(super) fn outside(&mut self, from: &str, address: &str) {
        if self.number < MOST_LINKS {
            self.number += 1;
            self.addresses.push(address.to_owned());
            let id = TABLE_ID + self.addresses.len();
            let _ = write!(self.xml, "<hyperlink ref=\"{from}\" r:id=\"rId{id}\"/>");
        }
    }

    pub(super) fn write(&self, part: &mut impl Write) -> io::Result<()> {
        if self.xml.is_empty() {
            return Ok(());
        }
        part.write_all(b"<hyperlinks>")?;
        part.write_all(&self.xml)?;
        part.write_all(b"</hyperlinks>")
    }

    /// The part that tells what a sheet refers to; none if there is nothing.
    pub(super) fn relations(&self, table: Option<usize>) -> Option<Vec<u8>> {
        if table.is_none() && self.addresses.is_empty() {
            return None;
        }
        let mut buffer = super::HEAD.to_vec();
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        buffer.extend_from_slice(super::RELATIONS.as_bytes());
        if let Some(table) = table {
            let _ = write!(
                buffer,
                "<Relationship Id=\"rId{TABLE_ID}\" Type=\"{kind}/table\" Target=\"../tables/table{table}.xml\"/>"
            );
        }
        for (place, address) in self.addresses.iter().enumerate() {
            let _ = write!(
                buffer,
                "<Relationship Id=\"rId{}\" Type=\"{kind}/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
                TABLE_ID + 1 + place,
                xml::escaped(address)
            );
        }
        buffer.extend_from_slice(b"</Relationships>");
        Some(buffer)
    }
}

/// The address as a link takes it; none for anything but a plain address of the web. Spreadsheets
/// refuse a whole workbook for one address that they cannot read.
pub(super) fn address(source: &str) -> Option<String> {
    let address = super::super::html::Link::new(source).href?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let host = address.split_once("://")?.1;
    let host = host.split(['/', '?', '#']).next()?;
    let (host, port) = host.split_once(':').unwrap_or((host, "0"));
    let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let fine = is_host
        && port.parse::<u16>().is_ok()
        && address.len() <= LONGEST_ADDRESS
        && address.bytes().all(plain)
        // A second `#`, or a `%` that begins no code.
        && address.matches('#').count() <= 1
        && address.split('%').skip(1).all(|rest| {
            rest.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit))
        });
    fine.then_some(address)
}

impl Table {
    /// The row of the last line. A table has one even where there is nothing.
    pub(super) fn last_row(&self) -> usize {
        self.lines.max(1) + 1
    }

    /// How many lines of text a row needs, whose broken cells hold these texts.
    pub(super) fn lines(&self, texts: &[(usize, &str)]) -> usize {
        let lines = texts
            .iter()
            .map(|(column, text)| lines(text, self.columns[*column].width));
        lines.max().unwrap_or(1)
    }

    /// How its cells look.
    pub(super) fn styles(&self) -> Vec<Style> {
        self.columns.iter().map(|column| column.style).collect()
    }

    /// Everything before the lines, the heads among it.
    pub(super) fn begin(&self, texts: &Texts, part: &mut impl Write) -> io::Result<()> {
        let mut buffer = super::HEAD.to_vec();
        let last = self.columns.len() - 1;
        write!(
            buffer,
            "<worksheet xmlns=\"{}\" xmlns:r=\"{}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>\
             <dimension ref=\"{}\"/><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
             <selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/></sheetView></sheetViews>\
             <sheetFormatPr defaultRowHeight=\"15\"/>",
            super::MAIN,
            super::OFFICE,
            area(last, self.last_row())
        )?;
        widths(self.columns.iter().map(|column| column.width), &mut buffer);
        buffer.extend_from_slice(b"<sheetData>");
        let heads = vec![Style::Head; self.columns.len()];
        let mut row = Row::fixed(&mut buffer, texts, 1, &heads, 20);
        self.columns.iter().for_each(|column| row.word(column.name));
        row.end();
        part.write_all(&buffer)
    }

    /// Everything behind the lines.
    pub(super) fn end(&self, links: &Links, part: &mut impl Write) -> io::Result<()> {
        part.write_all(b"</sheetData>")?;
        let last = self.last_row();
        let mut priority = 0;
        for Colours { column, words } in &self.colours {
            let letter = letters(*column);
            write!(part, "<conditionalFormatting sqref=\"{letter}2:{letter}{last}\">")?;
            colour_words(words, &mut priority, part)?;
            part.write_all(b"</conditionalFormatting>")?;
        }
        if let Some((column, words)) = self.choices {
            let letter = letters(column);
            // Offered, not demanded: people have words of their own.
            write!(
                part,
                "<dataValidations count=\"1\"><dataValidation type=\"list\" allowBlank=\"1\" \
                 sqref=\"{letter}2:{letter}{last}\"><formula1>\"{words}\"</formula1></dataValidation>\
                 </dataValidations>"
            )?;
        }
        links.write(part)?;
        page(part)?;
        // A name that is a number is a name.
        write!(
            part,
            "<ignoredErrors><ignoredError sqref=\"A2:{}\" numberStoredAsText=\"1\"/></ignoredErrors>\
             <tableParts count=\"1\"><tablePart r:id=\"rId{TABLE_ID}\"/></tableParts></worksheet>",
            name(self.columns.len() - 1, last)
        )
    }

    /// The part that makes the sheet a table; `number` is unique in the workbook.
    pub(super) fn part(&self, number: usize) -> Vec<u8> {
        let mut buffer = super::HEAD.to_vec();
        let area = area(self.columns.len() - 1, self.last_row());
        // Names of tables have no blanks.
        let title = self.name.replace(' ', "_");
        let _ = write!(
            buffer,
            "<table xmlns=\"{}\" id=\"{number}\" name=\"{title}\" displayName=\"{title}\" ref=\"{area}\" \
             totalsRowShown=\"0\"><autoFilter ref=\"{area}\"/><tableColumns count=\"{}\">",
            super::MAIN,
            self.columns.len()
        );
        for (place, column) in self.columns.iter().enumerate() {
            let _ = write!(
                buffer,
                "<tableColumn id=\"{}\" name=\"{}\"/>",
                place + 1,
                column.name
            );
        }
        buffer.extend_from_slice(
            b"</tableColumns><tableStyleInfo name=\"TableStyleLight1\" showFirstColumn=\"0\" \
              showLastColumn=\"0\" showRowStripes=\"1\" showColumnStripes=\"0\"/></table>",
        );
        buffer
    }
}

/// A cell that is one of the words takes its colour. Of what holds for one sheet, each has its own priority.
pub(super) fn colour_words(
    words: &[(&str, u8)],
    priority: &mut usize,
    part: &mut impl Write,
) -> io::Result<()> {
    for (word, colour) in words {
        *priority += 1;
        write!(
            part,
            "<cfRule type=\"cellIs\" dxfId=\"{colour}\" priority=\"{priority}\" operator=\"equal\">\
             <formula>\"{word}\"</formula></cfRule>"
        )?;
    }
    Ok(())
}

/// How wide the columns are, in characters.
pub(super) fn widths(widths: impl Iterator<Item = u16>, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(b"<cols>");
    for (place, width) in widths.enumerate() {
        let number = place + 1;
        let _ = write!(
            buffer,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    buffer.extend_from_slice(b"</cols>");
}

/// On paper: landscape, as wide as a page, with the sheet's name and the page's number below.
pub(super) fn page(part: &mut impl Write) -> io::Result<()> {
    part.write_all(
        b"<pageMargins left=\"0.4\" right=\"0.4\" top=\"0.5\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/>\
          <pageSetup paperSize=\"9\" orientation=\"landscape\" fitToWidth=\"1\" fitToHeight=\"0\"/>\
          <headerFooter><oddFooter>&amp;L&amp;8&amp;A&amp;R&amp;8&amp;P / &amp;N</oddFooter></headerFooter>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_the_web_become_links() {
        for fine in [
            "https://a.example/x?y=1&z=%20#part",
            "http://host:8080/",
            "HTTPS://learn.example (read 2026-11-23)",
        ] {
            assert!(address(fine).is_some(), "{fine}");
        }
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "\\\\server\\share",
            "https://",
            "https:///x",
            "https://user:word@a.example/",
            "https://a.example:99999/",
            "https://a.example/\"><script>",
            "https://a.example/%zz",
            "https://a.example/#a#b",
            "https://ä.example/",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(address(&format!("https://a.example/{}", "x".repeat(3000))), None);
    }

    #[test]
    fn no_more_links_than_a_sheet_keeps() {
        let mut links = Links::default();
        (0..MOST_LINKS + 9).for_each(|row| links.inside(&format!("A{row}"), "Rules", "A2"));
        links.outside("B1", "https://a.example/");
        let xml = String::from_utf8(links.xml).expect("text");
        assert_eq!(xml.matches("<hyperlink ").count(), MOST_LINKS);
        assert!(links.addresses.is_empty());
    }
}
