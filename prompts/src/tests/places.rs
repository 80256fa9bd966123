//! Where packs lie: in a folder on disk, and in the binary.

use std::path::Path;

use super::*;
use crate::{MAX_FILE_BYTES, builtin_feed, load};

#[test]
fn folders_on_disk_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in sound() {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(dir.path().join(".swp"), [0xff]).unwrap();
    std::fs::write(dir.path().join("feed.csv"), [0xff]).unwrap();
    load(dir.path()).unwrap();
    let large = vec![b'#'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
    std::fs::write(dir.path().join("intents.toml"), large).unwrap();
    std::fs::write(dir.path().join("topics.toml"), b"# caf\xe9").unwrap();
    std::fs::create_dir(dir.path().join("prompt")).unwrap();
    let told = load(dir.path()).unwrap_err().to_string();
    let told = told.replace(&dir.path().display().to_string(), "tea");
    expect![[r#"
        tea/intents.toml: the file has 1048577 bytes; a pack's file has at most 1048576
        tea/prompt: unknown folder; did you mean `prompts`?
        tea/topics.toml: the file is not UTF-8 at byte 5"#]]
    .assert_eq(&told);
}

#[test]
fn a_pack_is_found_by_name_or_by_path() {
    let told = |pack: &str| Folder::find(pack).unwrap_err().to_string();
    expect!["retial: no such pack is built in; others are named by the path of their folder; did you mean `retail`?"].assert_eq(&told("retial"));
    assert!(told("./nowhere").starts_with("./nowhere: the pack's folder cannot be read: "));
}

#[test]
fn the_packs_in_the_binary_are_those_in_the_source() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    for name in builtin() {
        let folder = Folder::open(&packs.join(name)).unwrap();
        let embedded = Folder::builtin(name).unwrap();
        let names = |folder: &Folder| folder.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&embedded), names(&folder), "list the files of `{name}` in builtin.rs");
        assert_eq!(embedded.files, folder.files);
        assert!(builtin_feed(name).unwrap().starts_with(b"id,"));
    }
}
