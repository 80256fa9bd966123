//! What may not have arrived, and is sent once more: each sending has a name of its own.
//!
//! What a platform tells of as not arrived is put into the outbox again in the commit that journals its word. What
//! nobody knows of is renamed by the courier, in the commit that journals the doubt. Both under the mailbox's lock on
//! the journal, so that neither overlooks the other. What failed for good, or while a sending before it is in doubt, stays
//! out of the outbox until a person releases it, with the end of the turn that takes their word.

use std::sync::Arc;

use super::{Claim, Mailbox};
use crate::conversation::{Conversation, Sent};
use crate::event::{Answer, Decision, Event, Recorded};
use crate::id::{CommitId, JournalId, Made, MessageId, Seq};
use crate::message::{Bounce, Control, Inbound, InboundKind, Rests, Status};
use crate::store::{
    Commit, CommitError, InboxRow, OutboxRow, OutboxState, Settle, Settled, StoreError,
};
use crate::time::Micros;

/// Events read at once when a reply is looked for.
const PAGE: u64 = 256;
/// Events within which it is looked for: nobody waits for an older one.
const LATELY: u64 = 4_096;

/// Whether a row tells of something that did not arrive.
pub(super) fn is_told(row: &InboxRow) -> bool {
    matches!(row.inbound.kind, InboundKind::Status { status: Status::Bounced(_), .. })
}

/// The sending that an event tells of as bounced, and why.
fn bounced(recorded: &Recorded) -> Option<(Made, u8, &Bounce)> {
    let Event::Answer(Answer::Received(inbound)) = &recorded.event else { return None };
    match &inbound.kind {
        InboundKind::Status { of, part, status: Status::Bounced(bounce), .. } => {
            Some((*of, *part, bounce))
        }
        _ => None,
    }
}

/// What a person says did not arrive.
fn released(inbound: &Inbound) -> Option<(Made, u8)> {
    match &inbound.kind {
        InboundKind::Control { command: Control::Settle { of, part, arrived: false }, .. } => {
            Some((*of, *part))
        }
        _ => None,
    }
}

impl Mailbox {
    /// What is to be sent again after these events: parts none of whose sendings arrived or is in doubt.
    pub(super) async fn to_resend(
        &self,
        journal: JournalId,
        events: &[Recorded],
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut again: Vec<OutboxRow> = Vec::new();
        if events.iter().all(|event| bounced(event).is_none()) {
            return Ok(again);
        }
        let mut state = Conversation::clone(&*self.house.conversation(journal).await?);
        events.iter().for_each(|event| state.apply(event));
        for (of, part, bounce) in events.iter().filter_map(bounced) {
            let sent = state.deliveries.of(of, part).filter(|sent| sent.is_missing());
            let fresh = |id: &Made| again.iter().all(|row| (row.id, row.part) != (*id, part));
            let next = sent.and_then(Sent::newest).filter(fresh);
            let Some(id) = next else { continue };
            let Some(row) = self.reply(&state, journal, (of.first(), part)).await? else {
                continue;
            };
            let due = bounce.until.max(self.house.clock.now());
            match bounce.rests {
                Rests::Chat => self.house.paces.hold_chat(&row.to, due),
                Rests::Account => self.house.paces.hold(&row.to, due),
                Rests::Part | Rests::Window => {}
            }
            tracing::warn!(journal = %journal.key, why = bounce.why, %due, "did not arrive, and is sent again");
            again.push(OutboxRow { id, due, ..row });
        }
        Ok(again)
    }

    /// What a person releases of which the outbox holds nothing any more, as of the turn that takes their word.
    pub(super) async fn to_release(
        &self,
        journal: JournalId,
        past: &Conversation,
        inputs: &[&Inbound],
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut rows = Vec::new();
        let released: Vec<(Made, u8)> = inputs.iter().filter_map(|it| released(it)).collect();
        if released.is_empty() {
            return Ok(rows);
        }
        // That it arrived may have come together with the person's word.
        let (mut state, at) = (past.clone(), self.house.clock.now());
        for inbound in inputs {
            let event = Answer::Received(Inbound::clone(inbound)).into();
            state.apply(&Recorded { seq: state.head.next(), at, event });
        }
        for (of, part) in released {
            let sent = state.deliveries.of(of, part);
            let Some(id) = sent.and_then(Sent::to_release) else { continue };
            let row = self.reply(past, journal, (of.first(), part)).await?;
            rows.extend(row.map(|row| OutboxRow { id, due: at, ..row }));
        }
        Ok(rows)
    }

    /// Renames a row that may have arrived for its next sending, so that what is told of those before is no word about
    /// that one. It is held until `until`, and its journal knows that it is in doubt. None where somebody works on the
    /// conversation, who may be told of this very row, or where it need not be sent any more.
    pub(crate) async fn renamed(
        self: &Arc<Self>,
        row: &OutboxRow,
        again: Made,
        until: Micros,
    ) -> Result<Option<OutboxRow>, CommitError> {
        let (journal, at) = (row.journal, self.house.clock.now());
        if !self.occupy(journal, false) {
            return Ok(None);
        }
        let _claim = Claim { mailbox: self, journal };
        let state = match self.house.conversation(journal).await {
            Err(StoreError::Erased) => return Err(CommitError::Erased),
            state => state.map_err(|error| CommitError::NotApplied(error.to_string()))?,
        };
        let known = state.deliveries.of(row.id, row.part);
        let over = known.is_some_and(|sent| sent.is_made(row.id) || sent.has_failed());
        if over || state.open.is_some() {
            return Ok(None);
        }
        let status = Status::Ambiguous;
        let id = MessageId(format!("{again}/{}/ambiguous", row.part));
        let kind = InboundKind::Status { of: again, part: row.part, status, billed: None };
        let inbound = Inbound::told(id, at, kind);
        let event = Answer::Received(inbound).into();
        let recorded = Recorded { seq: state.head.next(), at, event };
        let held = OutboxRow { id: again, due: until, state: OutboxState::Held, ..row.clone() };
        let commit = Commit {
            customer: row.customer,
            expect: Some(state.head),
            events: vec![recorded.clone()],
            settle: vec![Settle { id: row.id, part: row.part, to: Settled::Done }],
            outbox: vec![held],
            ..Commit::blank(CommitId(self.house.ids.fresh()), at, journal)
        };
        drop(state);
        match self.commit(commit).await {
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => {
                self.house.advance(journal, &recorded);
                Ok(Some(OutboxRow { id: again, ..row.clone() }))
            }
        }
    }

    /// The row of a part, by the reply that the journal holds.
    async fn reply(
        &self,
        state: &Conversation,
        journal: JournalId,
        (of, part): (Made, u8),
    ) -> Result<Option<OutboxRow>, StoreError> {
        let (mut upto, oldest) = (state.head.0, state.head.0.saturating_sub(LATELY));
        while upto > oldest {
            let after = upto.saturating_sub(PAGE);
            let page = self.house.store.read(journal, Seq(after), PAGE as usize).await?;
            for recorded in page.events.iter().rev() {
                let Event::Decision(Decision::Replied { outbound, plan, .. }) = &recorded.event
                else {
                    continue;
                };
                if outbound.id == of {
                    let at = (recorded.seq, recorded.at);
                    let whose = (journal, state.customer);
                    return Ok(OutboxRow::of(whose, (outbound, plan), part, at));
                }
            }
            upto = after;
        }
        Ok(None)
    }
}
