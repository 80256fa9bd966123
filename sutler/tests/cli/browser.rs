//! The page in a real browser: runs `tests/browser`, where node and Chromium are.

use std::path::Path;
use std::process::Command;

/// What a machine without them lacks; in CI nothing may be lacking.
fn lacking(folder: &Path) -> Option<&'static str> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !runs("node") {
        return Some("node");
    }
    if !runs("chromium") {
        return Some("chromium");
    }
    let modules = folder.join("node_modules").is_dir();
    (!modules).then_some("its modules: run `npm ci` in tests/browser")
}

#[test]
fn a_shop_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tests/browser");
    if let Some(what) = lacking(&folder) {
        // `.ci/run` asks for all of it, and does not come here without.
        eprintln!("skipped: there is no {what}");
        return;
    }
    let mut node = Command::new("node");
    node.arg("run.js").arg(env!("CARGO_BIN_EXE_sutler")).current_dir(&folder);
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{wrong}");
}
