//! Conversations of other programs, as cases: what their customers said, and what was answered, for a look.
//!
//! They hold no decisions of ours, so they are no tapes. What can't be carried over is counted and named.

mod anthropic;
mod botium;
mod chatwoot;
mod openai;
mod rasa;
#[cfg(test)]
mod tests;
mod transcript;
mod whatsapp;

use std::collections::BTreeMap;

use agent_core::id::Name;
use serde::Serialize;
use serde_json::Value;

use super::case::{Case, Expected, Turn};

/// A format that is read.
#[derive(Copy, Clone, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// OpenAI chat, JSON lines, with tool calls
    Openai,
    /// Messages of content blocks, as Anthropic's API has them; JSON or JSON lines
    Anthropic,
    /// Rasa end-to-end tests or stories, YAML
    Rasa,
    /// Microsoft Bot Framework `.transcript`
    Transcript,
    /// Botium convo text
    Botium,
    /// A chat exported from WhatsApp, of Android or iOS
    Whatsapp,
    /// Conversations with messages from Chatwoot's API, JSON
    Chatwoot,
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Imported {
    /// The conversations, as cases.
    #[serde(skip)]
    pub cases: Vec<Case>,
    /// Turns that came over whole.
    pub imported: usize,
    /// What came over in part, by why.
    pub degraded: BTreeMap<String, usize>,
    /// What was left out, by why.
    pub skipped: BTreeMap<String, usize>,
}

/// Why a file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(pub String);

/// Reads a text; `name` is what its conversations are called after, `agent` who of a chat is the shop.
///
/// # Errors
/// When it is not of this format at all.
pub fn read(
    format: Format,
    name: &str,
    text: &str,
    agent: Option<&str>,
) -> Result<Imported, ImportError> {
    let mut import = Import::default();
    match format {
        Format::Openai => openai::read(name, text, &mut import)?,
        Format::Anthropic => anthropic::read(name, text, &mut import)?,
        Format::Rasa => rasa::read(name, text, &mut import)?,
        Format::Transcript => transcript::read(name, text, &mut import)?,
        Format::Botium => botium::read(name, text, &mut import)?,
        Format::Whatsapp => whatsapp::read(name, text, agent, &mut import)?,
        Format::Chatwoot => chatwoot::read(name, text, &mut import)?,
    }
    import.finish();
    Ok(import.imported)
}

/// A file that is being read.
#[derive(Debug, Default)]
struct Import {
    imported: Imported,
    case: Case,
}

impl Import {
    /// A conversation begins.
    fn begin(&mut self, name: &str, format: &str) {
        self.finish();
        self.case =
            Case { name: name.to_owned(), from: Some(format.to_owned()), ..Case::default() };
    }

    /// The customer says something.
    fn says(&mut self, text: &str) {
        self.turn(Turn { say: Some(text.to_owned()), ..Turn::default() });
    }

    /// The customer taps something.
    fn taps(&mut self, label: &str) {
        self.turn(Turn { tap: Some(label.to_owned()), ..Turn::default() });
    }

    fn turn(&mut self, turn: Turn) {
        self.imported.imported += 1;
        self.case.turns.push(turn);
    }

    /// The turn that is being answered; none before the customer said anything.
    fn answered(&mut self) -> Option<&mut Turn> {
        if self.case.turns.is_empty() {
            *self
                .imported
                .skipped
                .entry("said before the customer said anything".to_owned())
                .or_default() += 1;
        }
        self.case.turns.last_mut()
    }

    /// What was answered, for a look.
    fn replied(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        if let Some(turn) = self.answered() {
            let was = turn.was.get_or_insert_default();
            was.push_str(if was.is_empty() { "" } else { "\n" });
            was.push_str(text.trim());
        }
    }

    /// A tool that was called: one of ours must be called again; of others it is told.
    fn called(&mut self, name: &str, arguments: &Value) {
        let name: Name = name.into();
        if !prompts::TOOLS.contains(&name.as_str()) {
            self.degraded("a call of a tool that is not ours");
            self.replied(&format!("[called {name} {arguments}]"));
            return;
        }
        if let Some(turn) = self.answered() {
            turn.called.push(Expected { name, arguments: arguments.clone() });
        }
    }

    fn degraded(&mut self, why: &str) {
        *self.imported.degraded.entry(why.to_owned()).or_default() += 1;
    }

    fn skipped(&mut self, why: &str) {
        *self.imported.skipped.entry(why.to_owned()).or_default() += 1;
    }

    fn finish(&mut self) {
        let case = std::mem::take(&mut self.case);
        if !case.turns.is_empty() {
            self.imported.cases.push(case);
        } else if case.from.is_some() {
            self.skipped("a conversation in which the customer says nothing");
        }
    }
}

/// A field's text.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A field's list; empty where there is none.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
