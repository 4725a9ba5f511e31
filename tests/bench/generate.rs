//! `cargo run --release --example generate -- DIR [USERS [SEED]]`: writes a large snapshot to
//! measure with (200,000 users, seed 1, if not said otherwise).

use std::error::Error;
use std::path::PathBuf;

mod tenant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let target: PathBuf = words.next().ok_or("usage: generate DIR [USERS [SEED]]")?.into();
    let mut number = |default: usize| words.next().map_or(Ok(default), |word| word.parse());
    let (users, seed) = (number(200_000)?, number(1)?);
    tenant::write(&target, users, seed as u64)
}
