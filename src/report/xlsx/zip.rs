//! A ZIP archive, written from its beginning to its end: nothing is sought, nothing is kept but the
//! names of its parts. Sizes follow the data of each part, as they are not known before.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An archive that is being written.
pub(super) struct Zip<'o> {
    out: Counted<'o>,
    /// Time and date of every part, as MS-DOS has them.
    stamp: [u8; 4],
    parts: Vec<Entry>,
}

struct Entry {
    name: String,
    crc: u32,
    packed: u32,
    plain: u32,
    offset: u32,
}

/// How much was written.
struct Counted<'o> {
    out: &'o mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A part that is being written.
pub(super) struct Part<'p, 'o> {
    packer: DeflateEncoder<&'p mut Counted<'o>>,
    crc: Crc,
    bytes: u64,
}

impl Write for Part<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.packer.write(bytes)?;
        self.crc.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Nobody reads a part before it ends; a flush would only make it larger.
        Ok(())
    }
}

/// Version 2.0: the first that knows deflation.
const VERSION: u16 = 20;
/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
const DEFLATED: u16 = 8;

impl<'o> Zip<'o> {
    /// An archive whose parts all bear that time.
    pub(super) fn new(out: &'o mut dyn Write, at: Timestamp) -> Zip<'o> {
        Zip {
            out: Counted { out, bytes: 0 },
            stamp: stamp(at),
            parts: Vec::new(),
        }
    }

    /// Adds a part.
    pub(super) fn part(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Part<'_, '_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = self.out.bytes;
        let mut head = Vec::with_capacity(30 + name.len());
        head.extend(b"PK\x03\x04");
        self.common(&mut head, [0; 3], name);
        head.extend(name.as_bytes());
        self.out.write_all(&head)?;

        let data = self.out.bytes;
        let (crc, bytes) = {
            let mut part = Part {
                // Sheets are long and repeat themselves: more effort gains little and takes long.
                packer: DeflateEncoder::new(&mut self.out, Compression::fast()),
                crc: Crc::new(),
                bytes: 0,
            };
            write(&mut part)?;
            part.packer.try_finish()?;
            (part.crc.sum(), part.bytes)
        };
        let entry = Entry {
            name: name.to_owned(),
            crc,
            packed: small(self.out.bytes - data)?,
            plain: small(bytes)?,
            offset: small(start)?,
        };
        let mut tail = b"PK\x07\x08".to_vec();
        for number in [entry.crc, entry.packed, entry.plain] {
            tail.extend(number.to_le_bytes());
        }
        self.parts.push(entry);
        self.out.write_all(&tail)
    }

    /// Ends the archive with the list of its parts.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let start = small(self.out.bytes)?;
        let mut list = Vec::new();
        for entry in &self.parts {
            list.extend(b"PK\x01\x02");
            list.extend(VERSION.to_le_bytes());
            self.common(&mut list, [entry.crc, entry.packed, entry.plain], &entry.name);
            // No comment, first disk, no attributes.
            list.extend([0; 10]);
            list.extend(entry.offset.to_le_bytes());
            list.extend(entry.name.as_bytes());
        }
        let size = small(list.len() as u64)?;
        let number = u16::try_from(self.parts.len()).map_err(|_| too_large())?;
        list.extend(b"PK\x05\x06\0\0\0\0");
        list.extend(number.to_le_bytes());
        list.extend(number.to_le_bytes());
        list.extend(size.to_le_bytes());
        list.extend(start.to_le_bytes());
        list.extend([0; 2]);
        self.out.write_all(&list)
    }

    /// What the head of a part and its line in the list both say: from the version to the lengths of the
    /// name and of what follows it.
    fn common(&self, head: &mut Vec<u8>, numbers: [u32; 3], name: &str) {
        head.extend(VERSION.to_le_bytes());
        head.extend(FLAGS.to_le_bytes());
        head.extend(DEFLATED.to_le_bytes());
        head.extend(self.stamp);
        numbers
            .iter()
            .for_each(|number| head.extend(number.to_le_bytes()));
        // Names of parts are ours, and short.
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0; 2]);
    }
}

/// A number that has to fit into the four bytes it has in an archive.
fn small(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "a workbook holds at most 4 GiB; `--findings-csv` has no limit",
    )
}

/// Time and date as MS-DOS has them: two seconds are the smallest step, 1980 the first year.
fn stamp(at: Timestamp) -> [u8; 4] {
    let at = at.to_zoned(TimeZone::UTC).datetime();
    let year = at.year().clamp(1980, 2107) - 1980;
    let time = (at.hour() as u16) << 11 | (at.minute() as u16) << 5 | (at.second() as u16 / 2);
    let date = (year as u16) << 9 | (at.month() as u16) << 5 | at.day() as u16;
    let ([a, b], [c, d]) = (time.to_le_bytes(), date.to_le_bytes());
    [a, b, c, d]
}
