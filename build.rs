//! Embeds the rule packs: writes a table of every file under `rules/`, so that a new file is
//! picked up without being named in the code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let rules = root.join("rules");
    let mut files = Vec::new();
    collect(&rules, &mut files)?;
    files.sort();

    let mut table = String::from("&[\n");
    for file in &files {
        // A folder's own time does not change when a file in it is edited.
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&rules).unwrap_or(file);
        let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        let path = file.display().to_string();
        let _ = writeln!(table, "    ({:?}, include_str!({path:?})),", name.join("/"));
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("packs.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
