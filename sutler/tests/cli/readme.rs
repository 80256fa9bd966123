//! What the README shows is what happens.

use std::fs;
use std::path::Path;

use super::{run, stderr, stdout, sutler};

fn readme() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join("README.md")).unwrap()
}

fn block<'a>(readme: &'a str, fence: &str) -> &'a str {
    let (_, rest) = readme.split_once(&format!("```{fence}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// A checkout link is signed and expires, so that no two are alike.
fn unsigned(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("/checkout?") {
        Some((before, _)) => format!("{before}/checkout?…"),
        None => line.to_owned(),
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_transcript_is_what_happens() {
    let readme = readme();
    let transcript = block(&readme, "text transcript");
    let said: Vec<&str> = transcript.lines().filter_map(|it| it.strip_prefix("you › ")).collect();
    assert!(said.len() >= 4, "{transcript}");
    let folder = tempfile::tempdir().unwrap();
    let output = run(sutler(folder.path()).arg("chat"), &said.join("\n"));
    assert!(output.status.success(), "{}", stderr(&output));
    let answers = transcript.lines().filter(|line| !line.starts_with("you › "));
    let answers: Vec<&str> = answers.collect();
    assert_eq!(unsigned(stdout(&output)), unsigned(&answers.join("\n")));
}

#[test]
fn the_configuration_it_shows_is_one() {
    let readme = readme();
    let shown = block(&readme, "toml");
    assert!(shown.lines().count() <= 6, "five lines for a real model:\n{shown}");
    let config = sutler::config::Config::parse("README.md", shown).unwrap();
    let model = config.shop(None).unwrap().model();
    assert_eq!(model.server(), Some(("https://api.openai.com/v1", "gpt-4.1-mini")));
}
