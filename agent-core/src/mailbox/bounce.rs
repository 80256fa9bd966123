//! What a platform had taken, and told later that it did not arrive: it is put into the outbox again, in the commit
//! that journals the platform's word.

use super::Mailbox;
use crate::conversation::{Conversation, Sent};
use crate::event::{Answer, Decision, Event, Recorded};
use crate::id::{JournalId, Made, Seq};
use crate::message::{Bounce, InboundKind, Rests, Status};
use crate::store::{InboxRow, OutboxRow, StoreError};

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
