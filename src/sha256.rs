//! Digests of files: of a snapshot's tables, and of rule packs.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use ring::digest::{Context, Digest, SHA256, digest};

/// SHA-256 as lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&digest(&SHA256, bytes))
}

/// The same of what a reader reads.
pub(crate) fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let mut hashed = Hashed::new(io::sink());
    io::copy(&mut reader, &mut hashed)?;
    Ok(hashed.finish().1)
}

/// Passes on what is written, and knows its SHA-256 in the end.
pub(crate) struct Hashed<W> {
    to: W,
    context: Context,
}

impl<W: Write> Hashed<W> {
    pub(crate) fn new(to: W) -> Hashed<W> {
        Hashed {
            to,
            context: Context::new(&SHA256),
        }
    }

    /// Where it all went, and its SHA-256 as lower-case hexadecimal.
    pub(crate) fn finish(self) -> (W, String) {
        (self.to, hexadecimal(&self.context.finish()))
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn hexadecimal(digest: &Digest) -> String {
    let digest = digest.as_ref();
    digest
        .iter()
        .fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
