//! What a turn tells other journals: in the commit that holds why, so that it is told once.

use crate::evidence::Output;
use crate::id::{JournalId, Made, MessageId, TurnId};
use crate::message::{Inbound, InboundKind};
use crate::order::{self, Placed};
use crate::store::Accept;
use crate::time::Micros;
use crate::turn::Turn;

impl Turn<'_> {
    /// Tells the customer's own journal what happened when, in the commit that decides it.
    pub(super) fn tell_customer(&mut self, kind: InboundKind, at: Micros) {
        let journal = JournalId::customer(self.journal.shop, self.force.customer);
        // Drawn on every run, so that what is made after it keeps its number.
        let id = self.recorder.made();
        if self.recorder.on_tape() {
            return;
        }
        self.tell(journal, MessageId(id.to_string()), at, kind);
        self.told.push(journal);
    }

    /// Begins an order's journal, in the commit that holds the answer which placed it.
    pub(super) fn tell_placed(&mut self, call: Made, output: &Output) {
        let at = self.recorder.at();
        let Some(placed) = Placed::by(call, at, output) else { return };
        let journal = JournalId::order(self.journal.shop, call);
        let kind = placed.told(self.journal.key);
        self.tell(journal, MessageId(format!("order/{call}")), at, kind);
    }

    /// Tells the journals of this conversation's orders what the inputs say of them, in the commit that holds the
    /// inputs: what the journal holds already was told with it.
    pub(super) fn tell_orders(&mut self) {
        if self.recorder.on_tape() {
            return;
        }
        for inbound in self.inputs.clone() {
            let Some((journal, kind)) = self.news(&inbound) else { continue };
            self.tell(journal, inbound.id, inbound.at, kind);
        }
    }

    /// The orders' journals that were told something in this turn, before a crash or since.
    pub(super) fn orders_told(&self, turn: TurnId) -> Vec<JournalId> {
        let orders = self.recorder.state.orders.iter();
        let placed = orders.filter_map(order::Order::reference).filter(|it| it.turn == turn);
        let placed = placed.map(|it| JournalId::order(self.journal.shop, it));
        let named = self.inputs.iter().filter_map(|inbound| self.news(inbound));
        placed.chain(named.map(|(journal, _)| journal)).collect()
    }

    /// What an input says of an order of this conversation.
    fn news(&self, inbound: &Inbound) -> Option<(JournalId, InboundKind)> {
        let (reference, kind) = order::news(inbound)?;
        let reference = self.recorder.state.order(&reference)?.reference()?;
        Some((JournalId::order(self.journal.shop, reference), kind))
    }

    fn tell(&mut self, journal: JournalId, id: MessageId, at: Micros, kind: InboundKind) {
        let inbound = Inbound::told(id, at, kind);
        self.tell.push(Accept::told(journal, Some(self.force.customer), inbound));
    }
}
