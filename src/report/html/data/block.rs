//! One block: JSON, deflated, in base64, in an element that holds data.

use std::io::{self, BufWriter, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;

/// The type of the element. A browser runs no script of a type that it does not know.
const TYPE: &str = "application/vnd.clearance+deflate";

/// Writes one block. Nothing of it is markup, whatever the data says: base64 has letters, digits,
/// `+`, `/` and `=`.
pub(super) fn write<T: Serialize>(id: &str, data: &T, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script type=\"{TYPE}\" id=\"{id}\">")?;
    let base64 = EncoderWriter::new(&mut *out, &STANDARD);
    let mut json = BufWriter::with_capacity(1 << 16, DeflateEncoder::new(base64, Compression::new(LEVEL)));
    serde_json::to_writer(&mut json, data)?;
    let deflated = json.into_inner().map_err(io::IntoInnerError::into_error)?;
    deflated.finish()?.finish()?;
    out.write_all(b"</script>\n")
}

/// The greatest that is worth its time: the file is read more often than it is written.
const LEVEL: u32 = 9;
