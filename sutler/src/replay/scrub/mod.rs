//! A tape that can be shown around: what is personal is replaced in what came from outside, the turns are run again
//! to make the decisions, and the result must be the same conversation, or there is none.

pub mod find;
pub mod pseudonym;

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::conversation::Conversation;
use agent_core::digest::canonical;
use agent_core::event::{Answer, Event, Outcome, Recorded};
use agent_core::evidence::{Body, Finding};
use agent_core::id::Subject;
use agent_core::message::{Control, Inbound, InboundKind, Status};
use agent_core::replay::cassette::{Cassette, Key};
use agent_core::replay::diff::{Tolerance, compare};
use agent_core::replay::force::Forces;
use agent_core::replay::rerun::opening;
use agent_core::replay::stage::{Stage, Tempo};
use agent_core::replay::verify::Verifier;
use agent_core::replay::view::{TurnView, view};
use agent_core::replay::{Stretch, outcome, stretches};
use agent_core::store::Archive;
use agent_core::time::Ids;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::tape::Journal;
use find::{Found, Kind};
use pseudonym::Pen;

/// A journal that could not be scrubbed, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// What was replaced, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replaced(pub BTreeMap<String, usize>);

/// Scrubs journals.
#[derive(Debug)]
pub struct Scrub {
    archive: Arc<dyn Archive>,
    ids: Arc<dyn Ids>,
    forces: Forces,
    verifier: Verifier,
    /// Names that are known from elsewhere.
    names: Vec<String>,
}

impl Scrub {
    /// Over what the journals' hashes name. The ids' key decides which pseudonym stands for what.
    #[must_use]
    pub fn new(archive: Arc<dyn Archive>, ids: Arc<dyn Ids>, names: Vec<String>) -> Self {
        let (forces, verifier) = (Forces::new(archive.clone()), Verifier::new(archive.clone()));
        Self { archive, ids, forces, verifier, names }
    }

    /// What hashes name.
    #[must_use]
    pub fn archive(&self) -> &Arc<dyn Archive> {
        &self.archive
    }

    /// The journal without anything personal.
    ///
    /// # Errors
    /// When it would not be the same conversation any more, or something personal would be left.
    pub async fn journal(&mut self, journal: &Journal) -> Result<(Journal, Replaced), Refused> {
        let mut found = Found::default();
        journal.events.iter().for_each(|recorded| look(&recorded.event, &mut found));
        // Where the shop delivers, say, and what its goods are called is the shop's own word, whoever says it.
        let mut own: String = journal.events.iter().flat_map(|it| shops(&it.event)).collect();
        found.0.retain(|words, kind| *kind != Kind::Name || !stands(&own, words));
        self.names.iter().for_each(|name| found.put(name, Kind::Name));
        own.push_str(&self.phrases(&journal.events).await);
        let pen = Pen::new(self.ids.clone(), &found, |words| stands(&own, words));
        let events = if journal.id.subject == Subject::Conversation {
            self.again(journal, &pen).await?
        } else {
            let events = journal.events.iter().map(|it| written(&pen, it));
            events.collect::<Result<_, _>>()?
        };
        let scrubbed = Journal { events, ..journal.clone() };
        self.prove(journal, &scrubbed, &pen).await?;
        let mut replaced = Replaced::default();
        for kind in found.0.values() {
            *replaced.0.entry(format!("{kind:?}").to_lowercase()).or_default() += 1;
        }
        Ok((scrubbed, replaced))
    }

    /// What the packs that were in force say, in small letters; of what is not there, nothing.
    async fn phrases(&mut self, events: &[Recorded]) -> String {
        let bases = events.iter().filter_map(|recorded| match &recorded.event {
            Event::Answer(Answer::Opened(opening)) => Some(&opening.basis),
            _ => None,
        });
        let mut packs = BTreeMap::new();
        for basis in bases {
            if !packs.contains_key(&basis.pack)
                && let Ok(force) = self.forces.of(basis).await
            {
                packs.insert(basis.pack, force.pack);
            }
        }
        let phrases = packs.values().flat_map(|pack| pack.phrases.values());
        let phrases = phrases.flat_map(|phrases| phrases.values());
        phrases.map(|phrase| format!("{}\n", phrase.to_lowercase())).collect()
    }

    /// Runs the turns again over what was written instead.
    async fn again(&mut self, journal: &Journal, pen: &Pen) -> Result<Vec<Recorded>, Refused> {
        let cassette = Arc::new(Cassette::of(&[], Key::Place));
        let tempo = Arc::new(Tempo::default());
        let mut stage: Option<Stage> = None;
        let mut early = Vec::new();
        for stretch in stretches(&journal.events) {
            let (Stretch::Quiet(events) | Stretch::Turn(events)) = stretch;
            let events: Vec<Recorded> =
                events.iter().map(|it| written(pen, it)).collect::<Result<_, _>>()?;
            let Some((seq, opening)) =
                opening(&events).filter(|_| matches!(stretch, Stretch::Turn(_)))
            else {
                let received = events.into_iter().filter_map(|it| match it.event {
                    Event::Answer(Answer::Received(inbound)) => Some((it.at, inbound)),
                    _ => None,
                });
                match &mut stage {
                    Some(stage) => received.for_each(|(at, inbound)| stage.quiet(at, inbound)),
                    None => early.extend(received),
                }
                continue;
            };
            let failed = |what: &str| Refused(format!("the turn that opens at event {seq} {what}"));
            match outcome(&events) {
                None => return Err(failed("is still open")),
                Some(Outcome::Failed(_)) => {
                    return Err(failed("was closed as failed, and can't be made again"));
                }
                Some(_) => {}
            }
            let force = self.forces.of(&opening.basis).await;
            let force = force.map_err(|error| failed(&error.to_string()))?;
            let stage = stage.get_or_insert_with(|| {
                let tools = cassette.tools(&force.specs);
                let mut stage = Stage::new(journal.id, cassette.clone(), tools, tempo.clone());
                early.drain(..).for_each(|(at, inbound)| stage.quiet(at, inbound));
                stage
            });
            cassette.open(0, &events);
            tempo.tell(events.iter().filter(|it| it.event.is_answer()).map(|it| it.at));
            let ran = stage.turn(force.open(opening), inputs(&events)).await;
            ran.map_err(|error| failed(&format!("can't be run: {error}")))?;
        }
        Ok(stage.map(|stage| stage.events).unwrap_or_default())
    }

    /// The same conversation but for what was replaced; it verifies; and nothing personal is left.
    async fn prove(&mut self, was: &Journal, now: &Journal, pen: &Pen) -> Result<(), Refused> {
        if was.id.subject == Subject::Conversation {
            let (before, after) = (views(&was.events), views(&now.events));
            if before.len() != after.len() {
                return Err(Refused(format!("{} turns became {}", before.len(), after.len())));
            }
            for (n, (before, after)) in before.iter().zip(&after).enumerate() {
                let expected: TurnView = rewritten(pen, before)?;
                let differences = compare(&expected, after, Tolerance::default());
                if let Some(first) = differences.first() {
                    let (facet, was, now) = (first.facet.name(), &first.was, &first.now);
                    let what = format!("turn {} differs in {facet}: `{was}` became `{now}`", n + 1);
                    return Err(Refused(what));
                }
            }
            let verified = self.verifier.verify(now.id, &now.events).await;
            verified.map_err(|error| Refused(format!("it does not verify: {error}")))?;
        }
        let text: Vec<String> = now.events.iter().map(canonical).collect();
        let text = text.join("\n").to_lowercase();
        let plain = |words: &&str| words.chars().count() >= 3;
        let left = pen.originals().filter(plain).find(|words| stands(&text, words));
        match left {
            None => Ok(()),
            // What is left is not repeated where somebody might read it.
            Some(left) => {
                Err(Refused(format!("something of {} letters is left", left.chars().count())))
            }
        }
    }
}

/// Whether words stand in a text of small letters, as whole words.
fn stands(text: &str, words: &str) -> bool {
    let quoted = Value::from(words.to_lowercase()).to_string();
    let words = quoted.trim_matches('"');
    let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + words.len()..).and_then(|it| it.chars().next());
        edge(before) && edge(after)
    })
}

fn views(events: &[Recorded]) -> Vec<TurnView> {
    let mut state = Conversation::default();
    let mut views = Vec::new();
    for stretch in stretches(events) {
        match stretch {
            Stretch::Quiet(events) => events.iter().for_each(|it| state.apply(it)),
            Stretch::Turn(turn) => views.push(view(&mut state, turn)),
        }
    }
    views
}

fn inputs(events: &[Recorded]) -> Vec<Inbound> {
    let received = events.iter().filter_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Received(inbound)) => Some(inbound.clone()),
        _ => None,
    });
    received.collect()
}

/// Looks for what is personal in what came from outside.
fn look(event: &Event, found: &mut Found) {
    match event {
        Event::Answer(Answer::Received(inbound)) => look_into(inbound, found),
        Event::Answer(Answer::Answered(Ok(completion))) => {
            found.forms(&completion.text);
            completion.calls.iter().for_each(|(_, arguments)| texts(arguments, found));
        }
        Event::Answer(Answer::Returned { result: Ok(output), .. }) => {
            for finding in &output.findings {
                if let Body::Other(value) = &finding.body {
                    found.value("", value);
                }
            }
        }
        _ => {}
    }
}

/// What the shop's own rules say and how its goods are called, in small letters.
fn shops(event: &Event) -> Vec<String> {
    let Event::Answer(Answer::Returned { result: Ok(output), .. }) = event else {
        return Vec::new();
    };
    let words = |finding: &Finding| match &finding.body {
        Body::Policy { text, .. } => vec![text.clone()],
        Body::Product(facts) => {
            let options = facts.variants.iter().flat_map(|it| it.attributes.values().cloned());
            options.chain([facts.title.clone()]).collect()
        }
        _ => Vec::new(),
    };
    let words = output.findings.iter().flat_map(|it| words(it));
    words.map(|words| format!("{}\n", words.to_lowercase())).collect()
}

/// Arguments of calls name goods, and say in words what a person wrote.
fn texts(value: &Value, found: &mut Found) {
    match value {
        Value::String(text) if text.contains(' ') || text.contains('@') => _ = found.forms(text),
        Value::Array(values) => values.iter().for_each(|it| texts(it, found)),
        Value::Object(fields) => fields.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

fn look_into(inbound: &Inbound, found: &mut Found) {
    found.message(&inbound.id.0);
    inbound.reply_to.iter().for_each(|id| found.message(&id.0));
    if let Some(from) = &inbound.from {
        found.id(&from.thread);
        found.id(&from.author);
    }
    inbound.aliases.iter().for_each(|alias| found.id(&alias.0));
    inbound.referral.iter().for_each(|referral| found.value("", referral));
    match &inbound.kind {
        InboundKind::Contact(value) => found.value("", value),
        InboundKind::Form { answers: facts, .. } | InboundKind::Event { facts, .. } => {
            facts.iter().for_each(|(name, value)| found.value(name.as_str(), value));
        }
        InboundKind::Media { media, caption } => {
            found.put(&media.id, Kind::Id);
            found.text(caption);
            media.name.iter().for_each(|name| found.text(name));
        }
        InboundKind::Order { note: text, .. }
        | InboundKind::Enquiry { text, .. }
        | InboundKind::Unsupported(text)
        | InboundKind::Text(text) => found.text(text),
        InboundKind::Edit { of, text } => {
            found.message(&of.0);
            found.text(text);
        }
        InboundKind::Reaction { to: of, .. } | InboundKind::Delete { of } => found.message(&of.0),
        InboundKind::Receipt { of, .. } => of.iter().for_each(|of| found.message(&of.0)),
        InboundKind::Status { status: Status::Accepted(Some(id)), .. } => found.message(&id.0),
        InboundKind::Control { by, command } => {
            found.id(by.as_str());
            if let Control::Say(text) | Control::Said { text, .. } = command {
                found.text(text);
            }
        }
        InboundKind::Identity { add, remove, .. } => {
            // An alias says where somebody is known, and as whom, a line each.
            let parts = add.iter().chain(remove).flat_map(|alias| alias.0.lines().skip(3));
            parts.for_each(|part| found.id(part));
        }
        _ => {}
    }
}

/// An event with its words replaced; what we decided is made anew.
fn written(pen: &Pen, recorded: &Recorded) -> Result<Recorded, Refused> {
    if !recorded.event.is_answer() {
        return Ok(recorded.clone());
    }
    let mut written: Recorded = rewritten(pen, recorded)?;
    if let Event::Answer(Answer::Received(Inbound { kind, .. })) = &mut written.event
        && matches!(kind, InboundKind::Location { .. })
    {
        // Nobody lives there: the middle of the ocean where the meridian and the equator meet.
        *kind = InboundKind::Location { lat_e6: 0, lon_e6: 0, called: String::new() };
    }
    Ok(written)
}

/// The same with all its texts replaced, those inside of aliases too.
fn rewritten<T: Serialize + DeserializeOwned>(pen: &Pen, value: &T) -> Result<T, Refused> {
    let lost = |error: serde_json::Error| Refused(format!("it can't be written anew: {error}"));
    let mut value = serde_json::to_value(value).map_err(lost)?;
    rewrite(pen, &mut value);
    serde_json::from_value(value).map_err(lost)
}

fn rewrite(pen: &Pen, value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("person\n") || text.starts_with("talk\n") => {
            let lines: Vec<String> = text.lines().map(|line| pen.write(line)).collect();
            *text = lines.join("\n");
        }
        Value::String(text) => *text = pen.write(text),
        Value::Number(number) => {
            // A telephone number may be written as a number, and stays one. No other number is looked into.
            let text = number.to_string();
            if pen.originals().any(|it| it == text)
                && let Ok(other) = pen.write(&text).parse::<u64>()
            {
                *value = other.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|it| rewrite(pen, it)),
        Value::Object(fields) => fields.values_mut().for_each(|it| rewrite(pen, it)),
        Value::Null | Value::Bool(_) => {}
    }
}
