//! `pack.toml`: what a pack is called, which languages it speaks, what routes its modes and what it may do.

use std::collections::BTreeMap;

use agent_core::id::{Locale, Name};
use agent_core::pack::{Grant, Mode};
use serde::Deserialize;

use crate::document::Document;
use crate::problem::Problem;

/// The version of the folder's format that this loader reads.
const FORMAT: u32 = 1;

/// The tools a pack may grant.
pub const TOOLS: [&str; 10] = [
    "search",
    "product",
    "compare",
    "cart_view",
    "cart_add",
    "cart_set",
    "cart_remove",
    "checkout",
    "policy",
    "hand_over",
];

/// The modes a pack may route; each that it does needs prompts.
pub(crate) const MODES: [(&str, Mode); 3] =
    [("instant", Mode::Instant), ("thinking", Mode::Thinking), ("shopping", Mode::Shopping)];

/// `pack.toml`. Nothing is required of it by serde, so that all that is missing is told at once.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Manifest {
    format: u32,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) locales: Vec<Locale>,
    modes: BTreeMap<String, Name>,
    pub(crate) tools: BTreeMap<Name, Grant>,
}

impl Manifest {
    /// Finds what is wrong with it.
    pub(crate) fn check(&self, document: &Document<'_>, problems: &mut Vec<Problem>) {
        let mut told = |path: &[&str], what: String| problems.push(document.problem(path, what));
        match self.format {
            FORMAT => {}
            0 => told(&["format"], format!("missing key `format`; write `format = {FORMAT}`")),
            other => told(
                &["format"],
                format!("format {other} is not known here; this program reads format {FORMAT}"),
            ),
        }
        if !is_name(&self.name) {
            let what = "the pack needs a `name` of small letters, digits, `-` and `_`";
            told(&["name"], what.to_owned());
        }
        if self.version.is_empty() {
            told(&["version"], "the pack needs a `version`".to_owned());
        }
        if self.locales.is_empty() {
            told(&["locales"], "the pack needs `locales`; the first is the default".to_owned());
        }
        for (at, locale) in self.locales.iter().enumerate() {
            let here = ["locales", &at.to_string()];
            if !is_locale(locale.as_str()) {
                told(&here, format!("`{locale}` is no language tag; one is `en` or `pt-BR`"));
            }
            if self.locales.iter().take(at).any(|earlier| earlier == locale) {
                told(&here, format!("locale `{locale}` is declared twice"));
            }
        }
        if self.modes.is_empty() {
            told(&["modes"], "the pack needs a route for a mode: `modes.shopping`".to_owned());
        }
        let modes = MODES.map(|(name, _)| name);
        for mode in self.modes.keys().filter(|mode| !modes.contains(&mode.as_str())) {
            let problem = document.problem(&["modes", mode], format!("unknown mode `{mode}`"));
            problems.push(problem.meant(mode, modes));
        }
        for tool in self.tools.keys().map(Name::as_str).filter(|tool| !TOOLS.contains(tool)) {
            let problem = document.problem(&["tools", tool], format!("unknown tool `{tool}`"));
            problems.push(problem.meant(tool, TOOLS));
        }
    }

    /// The languages that are declared well, each once.
    pub(crate) fn spoken(&self) -> Vec<Locale> {
        let mut locales = Vec::new();
        for locale in self.locales.iter().filter(|locale| is_locale(locale.as_str())) {
            if !locales.contains(locale) {
                locales.push(locale.clone());
            }
        }
        locales
    }

    /// The modes it routes, by the names that files have, and their routes.
    pub(crate) fn routed(&self) -> impl Iterator<Item = (&'static str, Mode, &Name)> {
        let routed = |(name, mode)| self.modes.get(name).map(|route| (name, mode, route));
        MODES.into_iter().filter_map(routed)
    }
}

/// Whether a word can name a pack, an intent or a topic.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
        })
}

fn is_locale(tag: &str) -> bool {
    let (language, rest) = tag.split_once('-').unwrap_or((tag, "x"));
    matches!(language.len(), 2 | 3)
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
