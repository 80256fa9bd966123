//! How each event changes the state. The only place that does.

use crate::conversation::{
    Conversation, EVIDENCE_KEPT, OFFERS_KEPT, ORDERS_KEPT, ORDERS_WHOLE, Offered, Resolved,
};
use crate::event::{Answer, Decision, Event, Opening, Recorded};
use crate::evidence::{Body, Call, Change, Evidence, Label, Output, Owner, ToolError};
use crate::id::Made;
use crate::message::{
    Action, Block, Control, Inbound, InboundKind, MediaRef, Outbound, Plan, Purpose, Rests, Status,
    Tap,
};
use crate::model::Entry;
use crate::order::{self, Order, Placed};

impl Conversation {
    /// Takes one event in.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.head = recorded.seq;
        self.at = recorded.at;
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => self.received(inbound),
            Event::Answer(Answer::Opened(opening)) => self.opened(opening),
            Event::Answer(Answer::Answered(answer)) => self.answered_by_model(answer.as_ref().ok()),
            Event::Answer(Answer::Prepared { call, body }) => {
                self.prepared = Some((*call, body.clone()));
            }
            Event::Answer(Answer::Returned { call, result }) => {
                self.prepared = None;
                self.returned(*call, result);
                self.ordered(Placed::in_event(recorded));
            }
            Event::Decision(decision) => self.decided(decision, recorded),
        }
    }

    fn opened(&mut self, opening: &Opening) {
        self.open = Some(opening.turn);
        self.customer = Some(opening.customer);
    }

    fn answered_by_model(&mut self, completion: Option<&crate::model::Completion>) {
        if let Some(completion) = completion.filter(|completion| !completion.calls.is_empty()) {
            let draft = completion.text.clone();
            self.transcript.push(Entry::Agent { draft, blocks: Vec::new(), calls: Vec::new() });
        }
    }

    fn decided(&mut self, decision: &Decision, recorded: &Recorded) {
        match decision {
            Decision::Judged { .. } | Decision::Asked { .. } => {}
            Decision::Chose { locale, .. } => self.locale = Some(locale.clone()),
            Decision::Called { call, .. } => self.called(call),
            Decision::Refused { call, why, .. } => {
                self.called(call);
                let result = Err(ToolError::Refused(why.clone()));
                self.transcript.push(Entry::Tool { call: call.id, result });
            }
            Decision::Changed(change) => self.change(change),
            Decision::Replied { draft, outbound, plan, fallback } => {
                self.replied(draft, outbound, plan, recorded.at);
                self.fallbacks = if *fallback { self.fallbacks.saturating_add(1) } else { 0 };
            }
            Decision::Closed { .. } => {
                self.open = None;
                self.unanswered.clear();
                self.let_go();
            }
        }
    }

    fn received(&mut self, inbound: &Inbound) {
        match &inbound.kind {
            InboundKind::Status { of, part, status, .. } => {
                return self.became((*of, *part), inbound.at, status);
            }
            InboundKind::Receipt { of, until, status } => {
                return self.deliveries.receipt(of, *until, status);
            }
            // Whoever looked at the chat knows it as well as the platform does.
            InboundKind::Control {
                command: Control::Settle { of, part, arrived: true }, ..
            } => {
                self.became((*of, *part), inbound.at, &Status::Delivered);
            }
            _ => {}
        }
        if let Some((reference, _)) = order::news(inbound)
            && let Some(order) = self.orders.iter_mut().rfind(|order| order.is_named(&reference))
        {
            order.take(inbound);
        }
        self.unanswered.push(inbound.id.clone());
        if let Some(from) = &inbound.from {
            self.address = Some(from.clone());
            if inbound.kind.is_spoken() {
                self.last_customer = self.last_customer.max(Some(inbound.at));
                self.invited = false;
            }
        }
        if let InboundKind::Timer(name) = &inbound.kind {
            self.timers.remove(name);
        }
        match &inbound.kind {
            InboundKind::Edit { of, text } => {
                self.amended.change(of, inbound.at, Some(text), &mut self.transcript);
            }
            InboundKind::Delete { of } => {
                self.amended.change(of, inbound.at, None, &mut self.transcript);
            }
            _ => {}
        }
        if let Some(entry) = self.entry(inbound) {
            self.transcript.push(entry);
            self.amended.said(&inbound.id, &mut self.transcript);
        }
    }

    /// What became of a part that was to be sent.
    fn became(&mut self, (of, part): (Made, u8), at: crate::time::Micros, status: &Status) {
        let unsent = match status {
            Status::Refused(_) | Status::Failed(_) | Status::Held(_) => true,
            Status::Bounced(bounce) => {
                let shut = (bounce.rests == Rests::Window).then_some(at);
                self.shut = self.shut.max(shut);
                true
            }
            _ => false,
        };
        if unsent && part == 0 && self.disclosed_in == Some(of.first()) {
            self.disclosed = false;
            self.disclosed_in = None;
        }
        self.invited |= matches!(status, Status::Held(_));
        self.deliveries.told(of, part, at, status);
    }

    /// What models are shown of an inbound; none for what is not for them.
    fn entry(&self, inbound: &Inbound) -> Option<Entry> {
        let customer =
            |text: String| Some(Entry::Customer { text, action: None, media: Vec::new() });
        match &inbound.kind {
            InboundKind::Text(text) => match self.numbered(text) {
                Some(action) => self.tapped(action).or_else(|| customer(text.clone())),
                None => customer(text.clone()),
            },
            InboundKind::Tap(Tap::Action(action)) => self.tapped(*action),
            InboundKind::Media { media, caption } => Some(with_media(caption, media)),
            InboundKind::Location { lat_e6, lon_e6, called } => {
                let place = format!("[location {}, {}]", degrees(*lat_e6), degrees(*lon_e6));
                customer(format!("{place} {called}").trim_end().to_owned())
            }
            InboundKind::Order { lines, note } => {
                let lines: Vec<String> =
                    lines.iter().map(|it| format!("{} × {}", it.quantity, it.variant)).collect();
                customer(format!("[order: {}] {note}", lines.join(", ")))
            }
            InboundKind::Enquiry { product, text } => {
                customer(format!("[question about {product}] {text}").trim_end().to_owned())
            }
            InboundKind::Form { name, answers } => {
                Some(Entry::Happening { name: name.clone(), facts: answers.clone() })
            }
            InboundKind::Contact(_) => customer("[a contact]".to_owned()),
            InboundKind::Unsupported(what) => customer(unsupported(what)),
            InboundKind::Timer(name) => Some(Entry::Happening {
                name: name.clone(),
                facts: std::collections::BTreeMap::new(),
            }),
            InboundKind::Event { name, facts } => {
                Some(Entry::Happening { name: name.clone(), facts: facts.clone() })
            }
            InboundKind::Control { command: Control::Said { text, .. }, .. } => {
                Some(Entry::Person { text: text.clone() })
            }
            InboundKind::Reaction { .. }
            | InboundKind::Tap(_)
            | InboundKind::Edit { .. }
            | InboundKind::Delete { .. }
            | InboundKind::Status { .. }
            | InboundKind::Receipt { .. }
            | InboundKind::Account(_)
            | InboundKind::Consent { .. }
            | InboundKind::Identity { .. }
            | InboundKind::Control { .. } => None,
        }
    }

    fn tapped(&self, action: crate::message::ActionRef) -> Option<Entry> {
        // What can't be tapped any more says nothing.
        let Resolved::Meant(label, meaning) = self.resolve(action) else { return None };
        let text = match meaning {
            Action::Say(text) => text.clone(),
            Action::Do { .. } => label.to_owned(),
        };
        Some(Entry::Customer { text, action: Some(meaning.clone()), media: Vec::new() })
    }

    fn called(&mut self, call: &Call) {
        if let Some(Entry::Agent { blocks, calls, .. }) = self.round()
            && blocks.is_empty()
        {
            calls.push(call.clone());
            return;
        }
        self.transcript.push(Entry::Agent {
            draft: String::new(),
            blocks: Vec::new(),
            calls: vec![call.clone()],
        });
    }

    /// The agent's entry of this round: the last one, results of its calls aside.
    fn round(&mut self) -> Option<&mut Entry> {
        self.transcript.iter_mut().rev().find(|entry| !matches!(entry, Entry::Tool { .. }))
    }

    fn returned(&mut self, call: Made, result: &Result<Output, ToolError>) {
        let result = result.as_ref().map_err(ToolError::clone).map(|output| {
            let mut brought = Vec::with_capacity(output.findings.len());
            for finding in &output.findings {
                self.findings = self.findings.saturating_add(1);
                if let Body::Cart(cart) = &finding.body {
                    self.priced = Some(cart.clone());
                }
                brought.push(Evidence {
                    label: Label(self.findings),
                    call,
                    finding: finding.clone(),
                });
            }
            self.evidence.extend(brought.iter().cloned());
            brought
        });
        self.let_go();
        self.transcript.push(Entry::Tool { call, result });
    }

    /// An order was placed, if that is what a call came to. Of an older one no goods are named any more.
    fn ordered(&mut self, placed: Option<Placed>) {
        let Some(placed) = placed else { return };
        self.orders.push(Order::new(placed));
        let older = self.orders.len().checked_sub(ORDERS_WHOLE + 1);
        let older = older.and_then(|older| self.orders.get_mut(older)?.placed.as_mut());
        older.into_iter().for_each(|placed| placed.lines = Vec::new());
        drop_oldest(&mut self.orders, ORDERS_KEPT);
    }

    /// The oldest evidence leaves. What the open turn was shown stays until it ends: it may be cited, however
    /// much more was looked for since.
    fn let_go(&mut self) {
        let past = self.evidence.iter().take_while(|it| Some(it.call.turn) != self.open).count();
        let gone = self.evidence.len().saturating_sub(EVIDENCE_KEPT).min(past);
        self.evidence.drain(..gone);
    }

    /// Takes one change in; tools use it to see a state as it will be.
    pub(crate) fn change(&mut self, change: &Change) {
        match change {
            Change::Cart { variant, quantity: 0 } => self.cart.retain(|(line, _)| line != variant),
            Change::Cart { variant, quantity } => {
                match self.cart.iter_mut().find(|(line, _)| line == variant) {
                    Some((_, held)) => *held = *quantity,
                    None => self.cart.push((variant.clone(), *quantity)),
                }
            }
            // Null and none are written alike, so they mean the same.
            Change::Slot { name, value: Some(value) } if !value.is_null() => {
                self.slots.insert(name.clone(), value.clone());
            }
            Change::Slot { name, .. } => {
                self.slots.remove(name);
            }
            Change::Owner(owner) => {
                self.owner = owner.clone();
                if *owner != Owner::Bot {
                    self.silent_at = self.head;
                }
            }
            Change::Consent { purpose: Purpose::Service, given } => {
                self.opted_out = !given;
                if self.opted_out {
                    self.opted_out_at = self.head;
                }
            }
            Change::Consent { .. } => {}
            Change::Spent(action) => {
                self.spent.insert(*action);
            }
            Change::Pending(call) => {
                self.pending.clone_from(call);
                if call.is_some() {
                    self.asked_of.clone_from(&self.cart);
                }
            }
            Change::Locale(locale) => self.locale = Some(locale.clone()),
            Change::Timer { name, due: Some(due) } => {
                self.timers.insert(name.clone(), *due);
            }
            Change::Timer { name, due: None } => {
                self.timers.remove(name);
            }
            Change::Forgot { entries } => {
                let gone = (*entries as usize).min(self.transcript.len());
                self.transcript.drain(..gone);
                self.amended.left(gone);
            }
            Change::Disclosed => self.disclosed = true,
        }
    }

    /// What can be tapped from now on.
    fn offers(&mut self, outbound: &Outbound, plan: &Plan, at: crate::time::Micros) {
        let actions = crate::message::actions(&outbound.blocks);
        if actions.is_empty() && outbound.purpose == Purpose::Person {
            // A person's words offer nothing, and must not crowd out what does.
            return;
        }
        let actions =
            actions.into_iter().map(|(label, action)| (label.to_owned(), action.clone())).collect();
        self.offered.push(Offered {
            outbound: outbound.id,
            at,
            actions,
            numbered: plan.numbered.clone(),
        });
        drop_oldest(&mut self.offered, OFFERS_KEPT);
        let Self { spent, offered, .. } = self;
        spent.retain(|spent| offered.iter().any(|offered| offered.outbound == spent.outbound));
    }

    fn replied(&mut self, draft: &str, outbound: &Outbound, plan: &Plan, at: crate::time::Micros) {
        if outbound.purpose == Purpose::Person {
            let text = outbound.blocks.iter().map(shown).collect::<Vec<_>>().join("\n");
            self.transcript.push(Entry::Person { text });
            return self.offers(outbound, plan, at);
        }
        self.answered = true;
        if self.disclosed {
            self.disclosed_in = self.disclosed_in.or(Some(outbound.id));
        }
        let blocks = outbound.blocks.clone();
        self.transcript.push(Entry::Agent { draft: draft.to_owned(), blocks, calls: Vec::new() });
        self.offers(outbound, plan, at);
        if !matches!(self.owner, Owner::Bot) {
            self.pending = None;
        }
    }
}

/// What a person of the shop said or showed, in words.
fn shown(block: &Block) -> String {
    match block {
        Block::Text(text) | Block::AskLocation(text) => text.clone(),
        Block::Form { ask, .. } | Block::Choice { ask, .. } => ask.clone(),
        Block::Media { media, caption } => format!("[{}] {caption}", media.mime).trim().to_owned(),
        Block::Native(native) => native.words(),
        Block::Template { name, .. } => format!("[the message {name}]"),
        Block::Link { label, .. } => label.clone(),
        Block::Cards(_) | Block::Summary { .. } => String::new(),
    }
}

/// What models are shown in place of what nobody can read.
pub(crate) fn unsupported(what: &str) -> String {
    format!("[{what}]")
}

fn with_media(caption: &str, media: &MediaRef) -> Entry {
    Entry::Customer { text: caption.to_owned(), action: None, media: vec![media.clone()] }
}

/// Millionths of a degree as degrees, exactly.
fn degrees(e6: i32) -> String {
    let sign = if e6 < 0 { "-" } else { "" };
    let whole = e6.unsigned_abs();
    format!("{sign}{}.{:06}", whole / 1_000_000, whole % 1_000_000)
}

fn drop_oldest<T>(kept: &mut Vec<T>, limit: usize) {
    let gone = kept.len().saturating_sub(limit);
    kept.drain(..gone);
}
