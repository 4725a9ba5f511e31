//! `cargo run --release --example generate -- DIR [USERS [SEED]]`: writes a large snapshot to
//! measure with (200,000 users, seed 1, if not said otherwise).

use std::path::PathBuf;

use anyhow::Context;

mod tenant;

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let target: PathBuf = words.next().context("usage: generate DIR [USERS [SEED]]")?.into();
    let mut number = |default: u64| words.next().map_or(Ok(default), |word| word.parse());
    let users = number(200_000).context("USERS is no number")?;
    let seed = number(1).context("SEED is no number")?;
    tenant::write(&target, usize::try_from(users)?, seed)
}
