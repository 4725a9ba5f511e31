//! A workbook, read back: the archive by its own list of parts, the parts as XML.

use std::collections::BTreeMap;
use std::io::Read;

use roxmltree::{Document, Node};

/// The parts of a workbook.
pub struct Workbook {
    pub parts: BTreeMap<String, String>,
    /// Names of sheets and of their parts, in order.
    pub sheets: Vec<(String, String)>,
    texts: Vec<String>,
    /// By cell format: id of its number format.
    formats: Vec<u32>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Number(f64),
}

/// Row, from 1, and column, from 0.
pub type Place = (usize, usize);

/// One sheet.
pub struct Sheet {
    /// Without those that are empty.
    pub cells: BTreeMap<Place, Value>,
    /// Ids of number formats.
    pub formats: BTreeMap<Place, u32>,
    /// From a cell to a sheet and cell of it.
    pub links: Vec<(Place, (String, Place))>,
    /// From a cell to an address.
    pub addresses: Vec<(Place, String)>,
    /// Area and column names.
    pub table: Option<(String, Vec<String>)>,
    /// Area that the sheet says it fills.
    pub dimension: String,
}

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length]
        .iter()
        .rev()
        .fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// The parts of an archive, each held against its size and checksum.
fn unpack(archive: &[u8]) -> BTreeMap<String, String> {
    let end = archive.len() - 22;
    assert_eq!(&archive[end..end + 4], b"PK\x05\x06", "the archive ends");
    let mut at = number(archive, end + 16, 4);
    let mut parts = BTreeMap::new();
    for _ in 0..number(archive, end + 10, 2) {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02", "a line of the list");
        let [crc, packed, plain] = [16, 20, 24].map(|place| number(archive, at + place, 4));
        let length = number(archive, at + 28, 2);
        let name = String::from_utf8(archive[at + 46..at + 46 + length].to_vec()).unwrap();
        let start = number(archive, at + 42, 4);
        assert_eq!(&archive[start..start + 4], b"PK\x03\x04", "{name} begins");
        let head = &archive[start + 30..start + 30 + length];
        assert_eq!(head, name.as_bytes(), "the same name in both places");
        let data = start + 30 + length + number(archive, start + 28, 2);
        let mut text = String::new();
        let mut unpacker = flate2::read::DeflateDecoder::new(&archive[data..data + packed]);
        unpacker.read_to_string(&mut text).unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        assert_eq!((sum.sum() as usize, text.len()), (crc, plain), "{name}");
        let behind = data + packed;
        assert_eq!(
            &archive[behind..behind + 4],
            b"PK\x07\x08",
            "{name} says its size"
        );
        let behind = [4, 8, 12].map(|place| number(archive, behind + place, 4));
        assert_eq!(behind, [crc, packed, plain], "{name}");
        assert!(parts.insert(name, text).is_none(), "a part is there once");
        at += 46 + length + number(archive, at + 30, 2) + number(archive, at + 32, 2);
    }
    parts
}

/// `B7` as row 7, column 1.
pub fn place(name: &str) -> Place {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + usize::from(letter - b'A') + 1);
    (name[letters.len()..].parse().unwrap(), column - 1)
}

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children()
        .filter(move |child| child.has_tag_name((MAIN, name)))
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// All text below, with `_x0041_` read as the character of that code, as spreadsheets read it.
fn text(node: Node<'_, '_>) -> String {
    let text: String = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect();
    let mut read = String::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let code = rest
            .get(..7)
            .and_then(|code| code.strip_prefix("_x")?.strip_suffix('_'))
            .filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        match code {
            Some(coded) => {
                read.push(coded);
                rest = &rest[7..];
            }
            None => {
                read.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    read
}

impl Workbook {
    pub fn open(archive: &[u8]) -> Workbook {
        let parts = unpack(archive);
        let document =
            |name: &str| Document::parse(&parts[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let relations = document("xl/_rels/workbook.xml.rels");
        let target = |id: &str| {
            let mut nodes = relations.descendants();
            let node = nodes.find(|node| node.attribute("Id") == Some(id)).unwrap();
            format!("xl/{}", node.attribute("Target").unwrap())
        };
        let sheets = document("xl/workbook.xml")
            .descendants()
            .filter(|node| node.has_tag_name((MAIN, "sheet")))
            .map(|node| {
                let id = node.attribute((OFFICE, "id")).unwrap();
                (node.attribute("name").unwrap().to_owned(), target(id))
            })
            .collect();
        let texts = document("xl/sharedStrings.xml")
            .root_element()
            .children()
            .map(text)
            .collect();
        let formats = document("xl/styles.xml")
            .descendants()
            .find(|node| node.has_tag_name((MAIN, "cellXfs")))
            .unwrap()
            .children()
            .filter_map(|node| node.attribute("numFmtId")?.parse().ok())
            .collect();
        // Every part is XML, and says of what kind it is.
        let types = &parts["[Content_Types].xml"];
        for name in parts.keys() {
            let _ = document(name);
            let told = name.ends_with(".rels") || types.contains(&format!("PartName=\"/{name}\""));
            assert!(told || name == "[Content_Types].xml", "{name} is of no kind");
        }
        Workbook {
            sheets,
            texts,
            formats,
            parts,
        }
    }

    pub fn names(&self) -> Vec<&str> {
        self.sheets.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub fn sheet(&self, name: &str) -> Sheet {
        let (_, part) = self.sheets.iter().find(|(own, _)| own == name).expect(name);
        let document = Document::parse(&self.parts[part]).unwrap();
        let root = document.root_element();
        let mut sheet = Sheet {
            cells: BTreeMap::new(),
            formats: BTreeMap::new(),
            links: Vec::new(),
            addresses: Vec::new(),
            table: None,
            dimension: children(root, "dimension")
                .next()
                .and_then(|node| node.attribute("ref"))
                .unwrap()
                .to_owned(),
        };
        for cell in root.descendants().filter(|node| node.has_tag_name((MAIN, "c"))) {
            let at = place(cell.attribute("r").unwrap());
            let row = cell.parent().and_then(|row| row.attribute("r")).unwrap();
            assert_eq!(row, at.0.to_string(), "a cell stands in its row");
            let style: usize = cell.attribute("s").unwrap().parse().unwrap();
            sheet.formats.insert(at, self.formats[style]);
            let value = children(cell, "v").next().and_then(|value| value.text());
            let value = match (cell.attribute("t"), value) {
                (Some("s"), Some(number)) => {
                    Value::Text(self.texts[number.parse::<usize>().unwrap()].clone())
                }
                (Some("inlineStr"), None) => Value::Text(text(cell)),
                (None, Some(number)) => Value::Number(number.parse().unwrap()),
                (None, None) => continue,
                other => panic!("a cell of another kind: {other:?}"),
            };
            assert!(sheet.cells.insert(at, value).is_none(), "{at:?} is there once");
        }
        self.references(part, root, &mut sheet);
        sheet
    }

    fn references(&self, part: &str, root: Node<'_, '_>, sheet: &mut Sheet) {
        let file = part.strip_prefix("xl/worksheets/").unwrap();
        let Some(relations) = self.parts.get(&format!("xl/worksheets/_rels/{file}.rels")) else {
            return;
        };
        let relations = Document::parse(relations).unwrap();
        let relation = |id: &str| {
            let mut nodes = relations.descendants();
            nodes.find(|node| node.attribute("Id") == Some(id)).expect(id)
        };
        for link in root
            .descendants()
            .filter(|node| node.has_tag_name((MAIN, "hyperlink")))
        {
            let from = place(link.attribute("ref").unwrap());
            if let Some(location) = link.attribute("location") {
                let (name, cell) = location.strip_prefix('\'').unwrap().split_once("'!").unwrap();
                sheet.links.push((from, (name.to_owned(), place(cell))));
            } else {
                let target = relation(link.attribute((OFFICE, "id")).unwrap());
                assert_eq!(target.attribute("TargetMode"), Some("External"));
                let address = target.attribute("Target").unwrap().to_owned();
                sheet.addresses.push((from, address));
            }
        }
        if let Some(table) = root
            .descendants()
            .find(|node| node.has_tag_name((MAIN, "tablePart")))
        {
            let target = relation(table.attribute((OFFICE, "id")).unwrap());
            let name = target.attribute("Target").unwrap().replace("..", "xl");
            let table = Document::parse(&self.parts[&name]).unwrap();
            let columns = table
                .descendants()
                .filter(|node| node.has_tag_name((MAIN, "tableColumn")));
            let columns = columns.map(|node| node.attribute("name").unwrap().to_owned());
            let area = table.root_element().attribute("ref").unwrap();
            sheet.table = Some((area.to_owned(), columns.collect()));
        }
    }
}

impl Sheet {
    /// The rows as texts, with numbers as people write them; every row as wide as the first.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let last = self.cells.keys().map(|(row, _)| *row).max().unwrap();
        let width = self.cells.keys().filter(|(row, _)| *row == 1).count();
        (1..=last)
            .map(|row| (0..width).map(|column| self.text(row, column)).collect())
            .collect()
    }

    /// The text of a cell; empty where there is none.
    pub fn text(&self, row: usize, column: usize) -> String {
        match self.cells.get(&(row, column)) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            None => String::new(),
        }
    }
}
