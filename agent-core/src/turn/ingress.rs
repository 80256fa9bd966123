//! The path of a turn, from what came in to the first thing said.

use crate::customer::SERVICE;
use crate::event::{Decision, Opening, Outcome, Stage, Verdict};
use crate::evidence::{Access, Change, Owner};
use crate::id::{Locale, Name};
use crate::message::{Block, Control, Inbound, InboundKind, Native, Purpose};
use crate::mode;
use crate::order::{Order, paid_by};
use crate::pack::Mode;
use crate::policy::{self, Act, Path};
use crate::turn::{Turn, TurnError};

impl Turn<'_> {
    /// From what came in to how the turn ended.
    pub(super) async fn run(&mut self, opening: &Opening) -> Result<Outcome, TurnError> {
        for rule in policy::privacy::marks(&self.inputs) {
            let verdict = Verdict::Redact(rule.as_str().to_owned());
            self.recorder.decide(Decision::Judged { stage: Stage::Retention, rule, verdict })?;
        }
        self.heard_elsewhere(opening)?;
        self.take_over()?;
        let commanded = self.commands()?;
        let is_command = |it: &Inbound| matches!(it.kind, InboundKind::Control { .. });
        if self.inputs.iter().all(is_command) {
            self.forget()?;
            return Ok(commanded);
        }
        let inputs: Vec<Inbound> =
            self.inputs.iter().filter(|inbound| !is_command(inbound)).cloned().collect();
        let ingress = policy::ingress(&self.recorder.state, opening, &inputs, &self.force.pack);
        let judged = Decision::Judged {
            stage: Stage::Ingress,
            rule: ingress.rule,
            verdict: ingress.verdict,
        };
        self.recorder.decide(judged)?;
        if let Some(owner) = ingress.owner {
            self.change(Change::Owner(owner))?;
        }
        let (mode, why) = mode::choose(&self.force.pack);
        let locale = mode::locale(&self.recorder.state, &self.force.pack);
        tracing::Span::current().record("mode", tracing::field::debug(mode));
        self.recorder.decide(Decision::Chose { mode, locale: locale.clone(), why })?;
        let Some(why) = self.newly_paid_twice() else {
            return self.follow(ingress.path, commanded, (mode, &locale)).await;
        };
        // No model speaks of it; but a stop, or a tap, is heard all the same.
        if ingress.path != Path::Model {
            self.follow(ingress.path, commanded, (mode, &locale)).await?;
        }
        self.alarm(&why).await
    }

    /// An order that was paid, and now by another transaction: which, in words for a person.
    fn newly_paid_twice(&self) -> Option<String> {
        let orders = self.recorder.state.orders.iter().filter(|order| order.is_paid_twice());
        let order = orders.filter_map(Order::reference).find(|it| !self.paid_twice.contains(it))?;
        Some(format!("the order {order} was paid twice"))
    }

    /// A customer was charged twice: whoever answers, a person of the shop must know, and so must its system. Where a
    /// person has the conversation, the customer is told nothing.
    async fn alarm(&mut self, why: &str) -> Result<Outcome, TurnError> {
        if !self.recorder.on_tape() {
            tracing::error!(conversation = %self.journal.key, why, "a person is asked");
        }
        let verdict = Verdict::HandOver(why.to_owned());
        let rule = "ingress.paid_twice".into();
        self.recorder.decide(Decision::Judged { stage: Stage::Ingress, rule, verdict })?;
        self.hand_over(why).await
    }

    /// The path of a turn to its end.
    async fn follow(
        &mut self,
        path: Path,
        commanded: Outcome,
        (mode, locale): (Mode, &Locale),
    ) -> Result<Outcome, TurnError> {
        let said = match path {
            Path::Act(acts) => return self.taps(acts, (mode, locale)).await,
            Path::Model => return self.rounds(mode, locale).await,
            Path::Silent => Ok(commanded),
            Path::OptOut => {
                self.change(Change::Consent { purpose: Purpose::Service, given: false })?;
                self.say("optout.confirmed", Purpose::Notice)
            }
            Path::OptIn => {
                self.change(Change::Consent { purpose: Purpose::Service, given: true })?;
                self.say("optin.confirmed", Purpose::Service)
            }
            Path::Say(phrase) => self.say(phrase, Purpose::Service),
            Path::Declined => {
                self.change(Change::Pending(None))?;
                self.say("confirm.declined", Purpose::Service)
            }
            Path::HandOver => self.hand_over("the customer asked for a person").await,
            Path::Order(lines, acts) => self.order(&lines, acts, locale).await,
        };
        let outcome = said?;
        // Whoever is not answered by a model may write for long as well.
        self.forget()?;
        Ok(outcome)
    }

    /// Does what was tapped, and has a model say what came of it. What may end the turn, with a question before it or a
    /// person after it, comes last, so that nothing that was tapped is dropped.
    async fn taps(
        &mut self,
        mut acts: Vec<Act>,
        (mode, locale): (Mode, &Locale),
    ) -> Result<Outcome, TurnError> {
        acts.sort_by_key(|act| self.access(&act.call.0) == Access::Write);
        for act in acts {
            if let Some(outcome) = self.tap(act).await? {
                return Ok(outcome);
            }
        }
        self.rounds(mode, locale).await
    }

    /// One tap; what writes is used up by it.
    pub(super) async fn tap(&mut self, act: Act) -> Result<Option<Outcome>, TurnError> {
        if self.access(&act.call.0) != Access::Read {
            self.change(Change::Spent(act.action))?;
        }
        // A yes is to the cart that was asked of; another tap may just have changed it.
        let confirmed = act.confirmed && self.recorder.state.is_as_asked();
        self.act(act.call, confirmed).await
    }

    /// What a tool changes; one that nobody knows may change anything.
    pub(super) fn access(&self, tool: &Name) -> Access {
        let spec = self.force.specs.iter().find(|spec| spec.name == *tool);
        spec.map_or(Access::Write, |spec| spec.access)
    }

    /// Who wanted no messages and said in another conversation of theirs that they want them again, wants them here too.
    fn heard_elsewhere(&mut self, opening: &Opening) -> Result<(), TurnError> {
        if self.recorder.state.opted_out && opening.consent.contains(SERVICE) {
            let change = Change::Consent { purpose: Purpose::Service, given: true };
            self.recorder.decide(Decision::Changed(change))?;
        }
        Ok(())
    }

    /// What came in of consent and of ids is the customer's, whatever else is said.
    pub(super) fn take_over(&mut self) -> Result<(), TurnError> {
        for inbound in self.inputs.clone() {
            match inbound.kind {
                // By the platform's clock: what was wished last may be told first.
                InboundKind::Consent { purpose, given } => {
                    self.tell_customer(InboundKind::Consent { purpose, given }, inbound.at);
                    let change = Change::Consent { purpose, given };
                    self.recorder.decide(Decision::Changed(change))?;
                }
                InboundKind::Identity { .. } => {
                    self.tell_customer(inbound.kind, self.recorder.at());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Does what people of the shop command, in order.
    fn commands(&mut self) -> Result<Outcome, TurnError> {
        let mut outcome = Outcome::Silent;
        for inbound in self.inputs.clone() {
            let InboundKind::Control { by, command } = inbound.kind else { continue };
            let verdict = Verdict::Block("a person commands".to_owned());
            let rule = "ingress.command".into();
            self.recorder.decide(Decision::Judged { stage: Stage::Ingress, rule, verdict })?;
            match command {
                Control::TakeOver { until } => {
                    self.change(Change::Owner(Owner::Person { who: by, until }))?;
                }
                Control::GiveBack => self.change(Change::Owner(Owner::Bot))?,
                Control::Close => self.change(Change::Owner(Owner::Closed))?,
                Control::Say(text) => outcome = self.persons(by, Block::Text(text))?,
                Control::Show(block) => outcome = self.persons(by, *block)?,
                Control::Said { until, .. } => {
                    self.change(Change::Owner(Owner::Person { who: by, until }))?;
                }
                // The outbox is told with the turn's end.
                Control::Settle { .. } => {}
            }
        }
        Ok(outcome)
    }

    /// A person's reply; whoever writes has the conversation.
    fn persons(&mut self, by: Name, block: Block) -> Result<Outcome, TurnError> {
        if !matches!(self.recorder.state.owner, Owner::Person { .. }) {
            self.change(Change::Owner(Owner::Person { who: by, until: None }))?;
        }
        let block = self.as_paid(block);
        let draft = if let Block::Text(text) = &block { text.clone() } else { String::new() };
        self.reply(draft, vec![block], Vec::new(), Purpose::Person, false)
    }

    /// How far an order is, under the name by which it is paid: the platform knows no other.
    fn as_paid(&self, block: Block) -> Block {
        let Block::Native(Native::OrderStatus { reference, status, text }) = block else {
            return block;
        };
        let order = self.recorder.state.order(&reference).and_then(|it| it.placed.as_ref());
        let reference = order.map_or(reference, |placed| paid_by(&placed.link));
        Block::Native(Native::OrderStatus { reference, status, text })
    }
}
