//! The workspace's shape: a star, one door per vendor, no long files, and a README that says how to test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Our crates that stand between the core and the program.
const PLUGS: [&str; 4] = ["adapters", "catalog", "prompts", "storage"];

/// Vendor crates and who may depend on them; `tests`, which fakes their servers, always may.
const DOORS: [(&str, &[&str]); 6] = [
    ("async-openai", &["agent-core"]),
    ("axum", &["adapters"]),
    ("serenity", &["adapters"]),
    ("sled", &["storage"]),
    ("tantivy", &["catalog"]),
    ("teloxide", &["adapters"]),
];

/// Lines a file written by hand may have.
const LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What each crate of ours depends on, tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata.get("packages").and_then(Value::as_array).unwrap().iter();
    packages
        .map(|package| {
            let all = package.get("dependencies").and_then(Value::as_array).unwrap().iter();
            let used = all.filter(|it| it.get("kind").unwrap().as_str() != Some("dev"));
            let names = used.map(|it| text(it.get("name").unwrap())).collect();
            (text(package.get("name").unwrap()), names)
        })
        .collect()
}

#[test]
fn the_crates_are_a_star() {
    let dependencies = dependencies();
    let ours = |name: &str| -> BTreeSet<&str> {
        let used = dependencies[name].iter().map(String::as_str);
        used.filter(|it| dependencies.contains_key(*it)).collect()
    };
    assert_eq!(ours("agent-core"), BTreeSet::new());
    for plug in PLUGS {
        assert_eq!(ours(plug), BTreeSet::from(["agent-core"]), "{plug}");
    }
    let all: BTreeSet<&str> = PLUGS.into_iter().chain(["agent-core"]).collect();
    assert_eq!(ours("sutler"), all);
}

#[test]
fn a_vendor_crate_has_one_door() {
    for (name, used) in dependencies().iter().filter(|(name, _)| *name != "tests") {
        for (vendor, doors) in DOORS {
            let through = doors.contains(&name.as_str());
            assert!(through || !used.contains(vendor), "{name} depends on {vendor}");
        }
    }
}

/// The files that people write.
fn written(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        // The lists of misses are written by the tests of utterances.
        let made = matches!(
            name,
            "target" | "sutler-data" | "node_modules" | ".git" | "Cargo.lock" | "misses"
        );
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() && !made {
            written(&path, found);
        } else if !made && matches!(ending, Some("rs" | "toml" | "md" | "yml")) {
            found.push(path);
        }
    }
}

#[test]
fn no_file_written_by_hand_is_long() {
    let mut files = Vec::new();
    written(root(), &mut files);
    assert!(files.len() > 100, "{}", files.len());
    let lengths = files.iter().filter_map(|file| Some((file, fs::read_to_string(file).ok()?)));
    let long = lengths.map(|(file, text)| (file, text.lines().count())).filter(|it| it.1 > LINES);
    assert_eq!(long.collect::<Vec<_>>(), []);
}

#[test]
fn the_readme_has_one_command_to_talk_and_one_to_test() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let starting = |with: &str| readme.lines().filter(|line| line.starts_with(with)).count();
    assert_eq!(starting("cargo run"), 1);
    assert_eq!(starting("cargo test"), 1);
    // `default-members` is the program alone, so without `--workspace` nearly nothing would be tested.
    assert!(readme.lines().any(|line| line == "cargo test --workspace"));
    assert!(readme.lines().any(|line| line == "cargo run --release -- chat"));
}
