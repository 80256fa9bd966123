//! A TOML text with the places of its keys, read into any serde type with all its problems at once.
//!
//! Serde stops at the first problem. Here what it stopped at is noted and cut out, and the rest is
//! read again, until it fits: so the types stay plain serde types and authors see every problem.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use crate::problem::{Place, Problem};

/// So many problems of one text are told; who has more has another format in mind.
const MOST: usize = 100;

type Key<'a> = Spanned<Cow<'a, str>>;

/// A parsed TOML text.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    file: String,
    text: &'a str,
    root: Spanned<DeValue<'a>>,
}

impl<'a> Document<'a> {
    /// Parses a text. With a mistake in its syntax there is no document.
    pub(crate) fn parse(file: String, text: &'a str, problems: &mut Vec<Problem>) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
            problems.push(Problem::new(&file, error.message()).at(place));
        }
        let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        errors.is_empty().then_some(Self { file, text, root })
    }

    /// Joins the keys of nested tables with dots, so that `greet.first = "…"`, `"greet.first" = "…"`
    /// and `first = "…"` under `[greet]` are one.
    pub(crate) fn flatten(&mut self, problems: &mut Vec<Problem>) {
        let DeValue::Table(table) = self.root.get_mut() else { return };
        let mut leaves = Vec::new();
        leaves_of("", std::mem::replace(table, DeTable::new()), &mut leaves);
        for (key, value) in leaves {
            if table.contains_key(key.get_ref().as_ref()) {
                let place = Place::of(self.text, key.span().start);
                let what = format!("duplicate key `{}`", key.get_ref());
                problems.push(Problem::new(&self.file, what).at(place));
            }
            table.insert(key, value);
        }
    }

    /// Reads it as a `T`, with what does not fit left out. None if nothing can be left out to make it fit.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, problems: &mut Vec<Problem>) -> Option<T> {
        // Keys whose absence is a consequence of what was cut out: the start of their table, and they.
        let mut excused: Vec<(usize, String)> = Vec::new();
        let most = problems.len() + MOST;
        while problems.len() < most {
            let error = match T::deserialize(ValueDeserializer::from(self.root.clone())) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let span = error.span().unwrap_or_else(|| self.root.span());
            let (problem, missing) = misfit(error.message());
            let nearest = problem.nearest.clone();
            let known = missing.is_some_and(|key| {
                excused.iter().any(|(table, excused)| *table == span.start && excused == key)
            });
            if !known {
                let file = self.file.clone();
                let place = Some(Place::of(self.text, span.start));
                problems.push(Problem { file, place, ..problem });
            }
            let (table, key) = cut(&mut self.root, &span)?;
            excused.extend(nearest.map(|nearest| (table, nearest)));
            excused.push((table, key));
        }
        None
    }

    /// Where a value stands; where it has a key, there. Steps into arrays are numbers.
    pub(crate) fn place(&self, path: &[&str]) -> Place {
        let mut start = self.root.span().start;
        let mut value = self.root.get_ref();
        for step in path {
            let found = match value {
                DeValue::Table(table) => {
                    table.get_key_value(*step).map(|(key, value)| (key.span(), value))
                }
                DeValue::Array(items) => step
                    .parse()
                    .ok()
                    .and_then(|at: usize| items.get(at))
                    .map(|item| (item.span(), item)),
                _ => None,
            };
            let Some((span, inner)) = found else { break };
            start = span.start;
            value = inner.get_ref();
        }
        Place::of(self.text, start)
    }

    /// A problem at a path.
    pub(crate) fn problem(&self, path: &[&str], what: impl Into<String>) -> Problem {
        Problem::new(&self.file, what).at(self.place(path))
    }

    /// The file's name and the line of a path, for problems elsewhere.
    pub(crate) fn line(&self, path: &[&str]) -> String {
        format!("{}:{}", self.file, self.place(path).line)
    }

    /// The keys of the outermost table.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let table = self.root.get_ref().as_table();
        table.into_iter().flat_map(|table| table.keys().map(|key| key.get_ref().as_ref()))
    }

    /// Every string under a key of the outermost table.
    pub(crate) fn strings(&self, key: &str) -> Vec<&str> {
        let mut strings = Vec::new();
        if let Some(value) = self.root.get_ref().get(key) {
            strings_of(value.get_ref(), &mut strings);
        }
        strings
    }
}

fn strings_of<'t>(value: &'t DeValue<'_>, strings: &mut Vec<&'t str>) {
    match value {
        DeValue::String(text) => strings.push(text),
        DeValue::Array(items) => {
            items.iter().for_each(|item| strings_of(item.get_ref(), strings));
        }
        DeValue::Table(table) => {
            table.values().for_each(|value| strings_of(value.get_ref(), strings));
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

fn leaves_of<'a>(
    before: &str,
    table: DeTable<'a>,
    leaves: &mut Vec<(Key<'a>, Spanned<DeValue<'a>>)>,
) {
    for (key, value) in table {
        let span = key.span();
        let name = format!("{before}{}", key.get_ref());
        let at = value.span();
        match value.into_inner() {
            DeValue::Table(inner) => leaves_of(&format!("{name}."), inner, leaves),
            leaf => leaves.push((Spanned::new(span, Cow::Owned(name)), Spanned::new(at, leaf))),
        }
    }
}

/// Cuts out what stands at a span; tells the start of the table or array it stood in, and its key.
fn cut(value: &mut Spanned<DeValue<'_>>, at: &Range<usize>) -> Option<(usize, String)> {
    let start = value.span().start;
    match value.get_mut() {
        DeValue::Table(table) => {
            let found = table.iter().find(|(key, value)| key.span() == *at || value.span() == *at);
            if let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) {
                table.remove(key.as_str());
                return Some((start, key));
            }
            table.iter_mut().find_map(|(_, value)| cut(value, at))
        }
        DeValue::Array(items) => {
            let Some(index) = items.iter().position(|item| item.span() == *at) else {
                return items.iter_mut().find_map(|item| cut(item, at));
            };
            let all = std::mem::replace(items, DeArray::new()).into_iter().enumerate();
            *items = all.filter(|(other, _)| *other != index).map(|(_, item)| item).collect();
            Some((start, index.to_string()))
        }
        _ => None,
    }
}

/// What serde said, in our words; and the key that is missing, if that is what is wrong.
fn misfit(message: &str) -> (Problem, Option<&str>) {
    let told = |what: String| Problem::new("", what);
    // Serde quotes every name with backticks: the odd pieces are names, the first is the wrong one.
    let mut names = message.split('`').skip(1).step_by(2);
    let first = names.next().unwrap_or_default();
    if message.starts_with("unknown field ") {
        (told(format!("unknown key `{first}`")).meant(first, names), None)
    } else if message.starts_with("unknown variant ") {
        (told(format!("unknown value `{first}`")).meant(first, names), None)
    } else if message.starts_with("missing field ") {
        (told(format!("missing key `{first}`")), Some(first))
    } else {
        (told(message.to_owned()), None)
    }
}
