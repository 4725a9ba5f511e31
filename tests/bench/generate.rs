//! `cargo run --release --example generate -- DIR [USERS [SEED]] [--roles N] [--teams N] [--whole N]`:
//! writes a large snapshot to measure with (200,000 users, seed 1, 300 roles in each business unit,
//! 2,000 teams, and 100 of 300 roles that grant everything, if not said otherwise). The fewer of
//! these, the more users lack privileges: about 2.2 findings a user, 3 with `--whole 80` and 8
//! with `--whole 10`.

use std::error::Error;
use std::path::PathBuf;

mod tenant;

const USAGE: &str = "usage: generate DIR [USERS [SEED]] [--roles N] [--teams N] [--whole N]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut shape = tenant::Shape::of(200_000, 1);
    let mut target: Option<PathBuf> = None;
    let mut places = 0;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word.starts_with("--") {
            let number: usize = words.next().ok_or(USAGE)?.parse()?;
            match word.as_str() {
                "--roles" => shape.roles = number,
                "--teams" => shape.teams = number,
                "--whole" => shape.whole = number,
                _ => return Err(USAGE.into()),
            }
            continue;
        }
        match places {
            0 => target = Some(word.into()),
            1 => shape.users = word.parse()?,
            2 => shape.seed = word.parse()?,
            _ => return Err(USAGE.into()),
        }
        places += 1;
    }
    tenant::write(&target.ok_or(USAGE)?, &shape)
}
