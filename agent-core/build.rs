//! Names the engine: the hash of this crate's sources, which every turn opens with.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
            found.push(path);
        }
    }
}

fn main() {
    println!("cargo::rerun-if-changed=src");
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    files.sort();
    // FNV-1a, twice with different bases: a name, not a proof.
    let (mut low, mut high) = (0xcbf2_9ce4_8422_2325_u64, 0x9ae1_6a3b_2f90_404f_u64);
    for byte in files.iter().filter_map(|file| std::fs::read(file).ok()).flatten() {
        low = (low ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        high = (high ^ u64::from(byte).rotate_left(7)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    println!("cargo::rustc-env=SUTLER_ENGINE={high:016x}{low:016x}");
}
