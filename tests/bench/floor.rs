//! The floor that an audit stands on: what reading and writing alone cost.
//!
//! `floor bytes SNAPSHOT [FILE BYTES]...` reads every file of a snapshot and writes files of so many
//! bytes. `floor decode SNAPSHOT [FILE BYTES]...` also decodes the columns that the rules need: each
//! column of each row group is a task of its own, on all cores, into Arrow arrays that are
//! dropped. Nothing is hashed, checked, joined, judged or formatted.
//!
//! `floor judge SNAPSHOT` is the opposite: it reads and decodes as an audit does, and prints the seconds of
//! judging alone, from columns in memory to everyone's verdict and outcomes; the best of three.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clearance::evaluate::{Inputs, Reported, assess, needs};
use clearance::rules::{load, packs};
use clearance::snapshot::Snapshot;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use rayon::prelude::*;

const USAGE: &str = "usage: floor bytes|decode SNAPSHOT [FILE BYTES]... | judge SNAPSHOT";

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [mode, snapshot, outputs @ ..] = words.as_slice() else {
        return Err(USAGE.into());
    };
    match mode.as_str() {
        "bytes" => read_all(Path::new(snapshot))?,
        "decode" => decode_needed(Path::new(snapshot))?,
        "judge" => writeln!(std::io::stdout(), "{:.3}", judge(Path::new(snapshot))?)?,
        _ => return Err(USAGE.into()),
    }
    for output in outputs.chunks(2) {
        let [file, bytes] = output else {
            return Err(USAGE.into());
        };
        write_bytes(Path::new(file), bytes.parse()?)?;
    }
    Ok(())
}

fn read_all(snapshot: &Path) -> Result<(), Failure> {
    let entries = fs::read_dir(snapshot)?.collect::<Result<Vec<_>, _>>()?;
    entries
        .par_iter()
        .try_for_each(|entry| fs::read(entry.path()).map(|bytes| drop(std::hint::black_box(bytes))))?;
    Ok(())
}

fn decode_needed(snapshot: &Path) -> Result<(), Failure> {
    let needed = needs(&load(&packs::embedded())?);
    needed.par_iter().try_for_each(|(table, columns)| {
        let file = snapshot.join(format!("{table}.parquet"));
        if !file.exists() {
            return Ok(());
        }
        let bytes = Bytes::from(fs::read(file)?);
        let metadata = ArrowReaderMetadata::load(&bytes, Default::default())?;
        let fields = metadata.schema().fields();
        let wanted: Vec<usize> = (0..fields.len())
            .filter(|field| columns.contains(fields[*field].name()))
            .collect();
        let tasks: Vec<(usize, usize)> = (0..metadata.metadata().num_row_groups())
            .flat_map(|group| wanted.iter().map(move |column| (group, *column)))
            .collect();
        tasks.par_iter().try_for_each(|(group, column)| {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone());
            let only = ProjectionMask::roots(builder.parquet_schema(), [*column]);
            let reader = builder
                .with_row_groups(vec![*group])
                .with_projection(only)
                .with_batch_size(1 << 16)
                .build()?;
            for batch in reader {
                drop(std::hint::black_box(batch?));
            }
            Ok(())
        })
    })
}

fn judge(snapshot: &Path) -> Result<f64, Failure> {
    let rules = load(&packs::embedded())?;
    let environments = [Snapshot::open(snapshot)?.load(&needs(&rules))?];
    let inputs = Inputs {
        rules: &rules,
        environments: &environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        drop(std::hint::black_box(assess(&inputs)?));
        best = best.min(start.elapsed());
    }
    Ok(best.as_secs_f64())
}

fn write_bytes(file: &Path, bytes: u64) -> Result<(), Failure> {
    let block = vec![b'x'; 1 << 20];
    let mut file = File::create(file)?;
    let mut left = bytes;
    while left > 0 {
        let now = left.min(block.len() as u64);
        file.write_all(&block[..now as usize])?;
        left -= now;
    }
    Ok(())
}
