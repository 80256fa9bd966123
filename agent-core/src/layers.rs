//! The rows of `lib.rs` hold: a file names only rows above its own, and its own row.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The row of each module: how many comment lines stand before it in `lib.rs`.
fn rows() -> BTreeMap<String, usize> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let mut row = 0;
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        row += usize::from(line.starts_with("// "));
        if let Some(module) = line.trim_start_matches("pub ").strip_prefix("mod ") {
            rows.insert(module.trim_end_matches(';').to_owned(), row);
        }
    }
    rows
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension() {
            None if path.is_dir() => sources(&path, found),
            Some(ending) if ending == "rs" => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn a_file_names_no_row_below_its_own() {
    let rows = rows();
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("lib.rs")) {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let inner = file.strip_prefix("src").unwrap().iter().next().unwrap().to_str().unwrap();
        let own = rows[inner.trim_end_matches(".rs")];
        for named in code.split("crate::").skip(1) {
            let module = named.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if rows.get(module).is_some_and(|row| *row > own) {
                wrong.push(format!("{} names `{module}`", file.display()));
            }
        }
    }
    assert!(rows.len() > 20 && files.len() > 60, "{} modules, {} files", rows.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
