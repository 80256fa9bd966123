//! A conversation as people read it: who said what, and what happened in between.

use adapters::terminal::{Look, render};
use agent_core::event::{Answer, Decision, Event, Outcome, Recorded, Verdict};
use agent_core::evidence::{Change, Owner};
use agent_core::message::{Control, Inbound, InboundKind, Outbound, Plan, Purpose, Status, Tap};
use agent_core::time::Micros;
use serde::Serialize;

/// Whose words a line is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
    /// A person of the shop.
    Person,
    /// Nobody: what happened.
    Note,
}

/// A line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When.
    pub at: Micros,
    /// Whose.
    pub who: Who,
    /// The words.
    pub text: String,
}

/// The lines of a journal; with `notes`, also rules, calls, changes and what became of parts.
#[must_use]
pub fn lines(events: &[Recorded], notes: bool) -> Vec<Line> {
    let line = |recorded: &Recorded| {
        let (who, text) = said(&recorded.event)?;
        (notes || who != Who::Note).then_some(Line { at: recorded.at, who, text })
    };
    events.iter().filter_map(line).collect()
}

fn said(event: &Event) -> Option<(Who, String)> {
    match event {
        Event::Answer(answer) => answered(answer),
        Event::Decision(decision) => decided(decision),
    }
}

fn answered(answer: &Answer) -> Option<(Who, String)> {
    let note = |text: String| Some((Who::Note, text));
    match answer {
        Answer::Received(inbound) => Some(received(inbound)),
        Answer::Opened(_) | Answer::Prepared { .. } => None,
        Answer::Answered(Ok(completion)) => note(format!("{} answered", completion.by)),
        Answer::Answered(Err(error)) => note(error.to_string()),
        Answer::Returned { result: Ok(output), .. } => {
            let records: Vec<&str> =
                output.findings.iter().map(|finding| finding.record.as_str()).collect();
            note(if records.is_empty() {
                "→ done".to_owned()
            } else {
                format!("→ {}", records.join(", "))
            })
        }
        Answer::Returned { result: Err(error), .. } => note(format!("→ {error}")),
    }
}

fn received(inbound: &Inbound) -> (Who, String) {
    let customer = |text: String| (Who::Customer, text);
    let note = |text: String| (Who::Note, text);
    match &inbound.kind {
        InboundKind::Text(text) => customer(text.clone()),
        InboundKind::Media { media, caption } => customer(format!("[{}] {caption}", media.mime)),
        InboundKind::Location { lat_e6, lon_e6, called } => {
            let (latitude, longitude) = (f64::from(*lat_e6) / 1e6, f64::from(*lon_e6) / 1e6);
            let place = format!("[location {latitude:.6}, {longitude:.6}] {called}");
            customer(place.trim_end().to_owned())
        }
        InboundKind::Contact(_) => customer("[contact]".to_owned()),
        InboundKind::Reaction { emoji, .. } => {
            customer(format!("[reaction {}]", emoji.as_deref().unwrap_or("taken back")))
        }
        InboundKind::Tap(Tap::Action(action)) => {
            customer(format!("[tapped option {}]", action.option + 1))
        }
        InboundKind::Tap(_) => customer("[tapped something that was never offered]".to_owned()),
        InboundKind::Order { lines, note } => {
            let lines: Vec<String> =
                lines.iter().map(|it| format!("{} × {}", it.quantity, it.variant)).collect();
            customer(format!("[order: {}] {note}", lines.join(", ")))
        }
        InboundKind::Enquiry { product, text } => {
            customer(format!("[asks about {product}] {text}").trim_end().to_owned())
        }
        InboundKind::Form { name, .. } => customer(format!("[form {name}]")),
        InboundKind::Edit { text, .. } => customer(format!("[changed to] {text}")),
        InboundKind::Delete { .. } => customer("[took a message back]".to_owned()),
        InboundKind::Unsupported(what) => customer(format!("[{what}]")),
        InboundKind::Status { of, part, status, .. } => {
            note(format!("part {} of {}: {}", part + 1, of.first(), became(status)))
        }
        InboundKind::Receipt { of, status, .. } => {
            note(format!("{} messages and those before: {}", of.len(), became(status)))
        }
        InboundKind::Account(_) => note("news of the account".to_owned()),
        InboundKind::Consent { purpose, given } => note(
            format!("consent to {purpose:?}: {}", if *given { "given" } else { "taken back" })
                .to_lowercase(),
        ),
        InboundKind::Identity { add, remove, same } => {
            let also = if same.is_empty() { "" } else { ", the same person as another customer" };
            note(format!("{} names came, {} went{also}", add.len(), remove.len()))
        }
        InboundKind::Control { by, command } => note(format!("{by} {}", commanded(command))),
        InboundKind::Timer(name) => note(format!("timer {name} rang")),
        InboundKind::Event { name, .. } => note(format!("the shop: {name}")),
    }
}

/// What became of a part, in words.
pub(crate) fn became(status: &Status) -> String {
    match status {
        Status::Accepted(_) => "taken by the platform".to_owned(),
        Status::Sent => "sent".to_owned(),
        Status::Delivered => "delivered".to_owned(),
        Status::Read => "read".to_owned(),
        Status::Failed(why) => format!("failed: {why}"),
        Status::Bounced(bounce) => format!("did not arrive: {}", bounce.why),
        Status::Refused(rule) => format!("not sent, by {rule}"),
        Status::Held(rule) => format!("held back by {rule}"),
        Status::Ambiguous => "nobody knows whether it arrived".to_owned(),
    }
}

fn commanded(command: &Control) -> &'static str {
    match command {
        Control::TakeOver { .. } => "takes over",
        Control::GiveBack => "gives back to the agent",
        Control::Close => "closes the matter",
        Control::Say(_) => "writes",
        Control::Show(_) => "shows something",
        Control::Said { .. } => "wrote by other means",
        Control::Settle { .. } => "settles what became of a part",
    }
}

fn decided(decision: &Decision) -> Option<(Who, String)> {
    let note = |text: String| Some((Who::Note, text));
    match decision {
        Decision::Judged { rule, verdict, .. } => note(format!("{rule}: {}", judged(verdict))),
        Decision::Chose { mode, locale, .. } => note(format!("{mode:?}, {locale}").to_lowercase()),
        Decision::Asked { .. } => None,
        Decision::Called { call, .. } => note(format!("{} {}", call.tool, call.arguments)),
        Decision::Refused { call, rule, why } => {
            note(format!("{} {} refused by {rule}: {why}", call.tool, call.arguments))
        }
        Decision::Changed(change) => note(changed(change)),
        Decision::Replied { outbound, plan, .. } => Some(replied(outbound, plan)),
        Decision::Closed { outcome: Outcome::Failed(why), .. } => {
            note(format!("the turn failed: {why}"))
        }
        Decision::Closed { .. } => None,
    }
}

fn judged(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Block(why) => why.clone(),
        Verdict::Redact(what) => format!("without {what}"),
        Verdict::Append(phrase) => format!("adds {phrase}"),
        Verdict::Confirm => "the customer must say yes first".to_owned(),
        Verdict::HandOver(why) => format!("a person is asked: {why}"),
        Verdict::Say(what) => format!("says {what}"),
        Verdict::Repair(why) => format!("to be written again: {why}"),
    }
}

fn changed(change: &Change) -> String {
    match change {
        Change::Cart { variant, quantity } => format!("cart: {quantity} × {variant}"),
        Change::Slot { name, value: Some(value) } => format!("{name} = {value}"),
        Change::Slot { name, value: None } => format!("{name} is open again"),
        Change::Owner(Owner::Bot) => "the agent answers".to_owned(),
        Change::Owner(Owner::Waiting { why, .. }) => format!("waits for a person: {why}"),
        Change::Owner(Owner::Person { who, .. }) => format!("{who} answers"),
        Change::Owner(Owner::Closed) => "closed".to_owned(),
        Change::Consent { purpose, given } => {
            format!("{purpose:?} messages: {}", if *given { "wanted" } else { "not wanted" })
                .to_lowercase()
        }
        Change::Spent(_) => "an option is used up".to_owned(),
        Change::Pending(Some(call)) => format!("{} waits for a yes", call.tool),
        Change::Pending(None) => "nothing waits for a yes any more".to_owned(),
        Change::Locale(locale) => format!("speaks {locale}"),
        Change::Timer { name, due: Some(due) } => format!("timer {name} rings at {due}"),
        Change::Timer { name, due: None } => format!("timer {name} is off"),
        Change::Forgot { entries } => format!("models are no longer shown {entries} old entries"),
        Change::Disclosed => "told that they talk to a machine".to_owned(),
    }
}

fn replied(outbound: &Outbound, plan: &Plan) -> (Who, String) {
    let parts: Vec<String> = plan.parts.iter().map(|part| render(part, &Look::plain())).collect();
    let who = if outbound.purpose == Purpose::Person { Who::Person } else { Who::Agent };
    (who, parts.join("\n"))
}
