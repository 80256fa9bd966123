//! One reply as it was shown, and what stood behind it.

use adapters::terminal::{Look, render};
use agent_core::channel::Delivery;
use agent_core::conversation::Conversation;
use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::Label;
use agent_core::id::{Made, Name, TurnId};
use agent_core::message::{ActionRef, Part};
use agent_core::model::Usage;
use agent_core::time::Micros;
use serde::Serialize;
use serde_json::Value;

/// One reply. Serialised, it is what `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Reply {
    /// The conversation's name, for `--conversation`.
    conversation: String,
    /// The line of input it answers, counted from 1; 0 for what was left from an earlier run.
    line: u64,
    /// All of it as text.
    text: String,
    /// What was shown, in order.
    pub(super) parts: Vec<Part>,
    /// What can be chosen, by the number that chooses it.
    options: Vec<Choice>,
    /// The tools that were called for it, in order.
    tools: Vec<Tool>,
    /// The evidence its claims stand on.
    sources: Vec<Source>,
    /// Who wrote it; none where no model was asked.
    model: Option<Name>,
    /// Tokens, as far as the server told.
    usage: Option<Usage>,
    #[serde(skip)]
    id: Made,
}

/// What can be chosen.
#[derive(Debug, Serialize)]
struct Choice {
    number: u32,
    label: String,
}

/// A call.
#[derive(Debug, Serialize)]
struct Tool {
    name: Name,
    arguments: Value,
    /// Why it brought nothing, or was not made.
    error: Option<String>,
    #[serde(skip)]
    id: Made,
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
struct Source {
    label: Label,
    source: Name,
    record: Name,
    version: String,
    at: Micros,
}

impl Reply {
    pub(super) fn new(conversation: &str, line: u64, delivery: Delivery) -> Self {
        let mut reply = Self {
            conversation: conversation.to_owned(),
            line,
            text: String::new(),
            parts: Vec::new(),
            options: Vec::new(),
            tools: Vec::new(),
            sources: Vec::new(),
            model: None,
            usage: None,
            id: delivery.id,
        };
        reply.add(delivery);
        reply
    }

    pub(super) fn id(&self) -> Made {
        self.id
    }

    /// The next of its parts.
    pub(super) fn add(&mut self, delivery: Delivery) {
        if !self.parts.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&render(&delivery.body, &Look::plain()));
        let numbered = |(label, action): &(String, ActionRef)| Choice {
            number: u32::from(action.option) + 1,
            label: label.clone(),
        };
        match &delivery.body {
            Part::Buttons { options, .. } => self.options.extend(options.iter().map(numbered)),
            Part::Cards(cards) => {
                self.options.extend(cards.iter().flat_map(|card| &card.options).map(numbered));
            }
            _ => {}
        }
        self.parts.push(delivery.body);
    }

    /// Adds what the journal says of the turn that made it.
    pub(super) fn explain(&mut self, events: &[Recorded], state: &Conversation) {
        let opens = |event: &Event| match event {
            Event::Answer(Answer::Opened(opening)) => Some(opening.turn),
            _ => None,
        };
        let mut turn: Option<TurnId> = None;
        for recorded in events {
            turn = opens(&recorded.event).or(turn);
            if turn == Some(self.id.turn) {
                self.take(&recorded.event, state);
            }
        }
    }

    fn take(&mut self, event: &Event, state: &Conversation) {
        match event {
            Event::Answer(Answer::Answered(Ok(completion))) => {
                self.model = Some(completion.by.clone());
                if let Some(used) = completion.usage {
                    let usage = self.usage.get_or_insert_default();
                    usage.input += used.input;
                    usage.cached += used.cached;
                    usage.output += used.output;
                    usage.reasoning += used.reasoning;
                }
            }
            Event::Answer(Answer::Returned { call, result: Err(error) }) => {
                if let Some(tool) = self.tools.iter_mut().find(|tool| tool.id == *call) {
                    tool.error = Some(error.to_string());
                }
            }
            Event::Decision(Decision::Called { call, .. }) => {
                let (name, arguments) = (call.tool.clone(), call.arguments.clone());
                self.tools.push(Tool { name, arguments, error: None, id: call.id });
            }
            Event::Decision(Decision::Refused { call, why, .. }) => {
                let (name, arguments) = (call.tool.clone(), call.arguments.clone());
                self.tools.push(Tool { name, arguments, error: Some(why.clone()), id: call.id });
            }
            Event::Decision(Decision::Replied { outbound, .. }) if outbound.id == self.id => {
                let cited = outbound.sources.iter().filter_map(|label| state.evidence(*label));
                self.sources = cited
                    .map(|evidence| Source {
                        label: evidence.label,
                        source: evidence.finding.source.clone(),
                        record: evidence.finding.record.clone(),
                        version: evidence.finding.version.to_string(),
                        at: evidence.finding.at,
                    })
                    .collect();
            }
            _ => {}
        }
    }
}
