//! Embeds the rule packs and the report's script: a new file under `rules/` or `reports/app/` is
//! picked up without being named in the code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=reports/app");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("packs.rs"), packs(&root.join("rules"))?)?;
    fs::write(out.join("app.js"), script(&root.join("reports/app"))?)
}

/// A table of every file of the packs: its name and its text.
fn packs(rules: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(rules, "toml", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        // A folder's own time does not change when a file in it is edited.
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(rules).unwrap_or(file);
        let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        let path = file.display().to_string();
        let _ = writeln!(table, "    ({:?}, include_str!({path:?})),", name.join("/"));
    }
    table.push_str("]\n");
    Ok(table)
}

/// The report's script: the files in the order of their names, in one function of its own, so that
/// nothing of it is global.
fn script(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, "js", &mut files)?;
    files.sort();
    let mut script = String::from("(() => {\n'use strict';\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(file)?;
        // It stands in the page as it is: such a text would end it, or hide its end.
        if ["</script", "<script", "<!--", "\r"]
            .iter()
            .any(|end| text.contains(end))
        {
            let name = file.display();
            return Err(io::Error::other(format!("{name} cannot stand in a page")));
        }
        script.push_str(&text);
    }
    script.push_str("})();\n");
    Ok(script)
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|ending| ending == extension) {
            files.push(path);
        }
    }
    Ok(())
}
