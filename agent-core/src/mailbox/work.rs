//! What one turn takes of what waits, and what it runs with.

use std::sync::Arc;

use super::{LookError, Mailbox, TAKEN};
use crate::conversation::Conversation;
use crate::digest::Named;
use crate::event::{Answer, Event, Recorded};
use crate::evidence::ToolSpec;
use crate::house::Standing;
use crate::id::{JournalId, Seq};
use crate::message::Inbound;
use crate::policy;
use crate::store::{Arrival, InboxRow, StoreError, kept};
use crate::turn::{InForce, Work};

/// Bytes of what one turn takes: an input may have a few hundred KB, and a commit takes a few MiB.
const TAKEN_BYTES: usize = 2 * 1024 * 1024;
/// So few are never too much together.
const FEW: usize = 4;

impl Mailbox {
    /// What waits and one turn can take, in the order it was said; and whether that is all of it.
    pub(super) async fn taken(
        &self,
        journal: JournalId,
    ) -> Result<(Vec<InboxRow>, bool), StoreError> {
        let mut rows = self.house.store.inbox(journal, TAKEN).await?;
        let found = rows.len();
        if found > FEW {
            // By arrival: what comes in meanwhile can't push out what an open turn has taken.
            let mut bytes = 0;
            let fitting = rows.iter().take_while(|row| {
                bytes += serde_json::to_vec(&row.inbound).map_or(0, |inbound| inbound.len());
                bytes <= TAKEN_BYTES
            });
            let fitting = fitting.count().max(1);
            rows.truncate(fitting);
        }
        // What came together is taken in the order it was said.
        rows.sort_by_key(|row| (row.inbound.at, row.arrival));
        let all = found < TAKEN && rows.len() == found;
        Ok((rows, all))
    }

    /// The turn that is to be run: a new one over what waits, or the open one where it was left; and where
    /// the newest snapshot stands.
    pub(super) async fn work_of(
        &self,
        journal: JournalId,
        rows: Vec<InboxRow>,
    ) -> Result<(Seq, Work), LookError> {
        let Standing { fold, tape, customer } = self.house.standing(journal).await?;
        let (kept, snapshot) = (fold.kept, fold.is_long());
        let mut past = Arc::unwrap_or_clone(fold.state);
        past.customer =
            past.customer.or(customer).or_else(|| rows.iter().find_map(|row| row.customer));
        let inputs: Vec<_> = rows.into_iter().map(|row| (Some(row.arrival), row.inbound)).collect();
        let force = self.force(journal, &past, &inputs, &tape).await?;
        let taken = inputs.iter().map(|(_, inbound)| inbound);
        let taken = taken.filter(|it| tape.is_empty() || tape.iter().any(|at| at.received(&it.id)));
        let released = self.to_release(journal, &past, &taken.collect::<Vec<_>>()).await?;
        let (replay, live) = (false, None);
        let work = Work { journal, past, inputs, force, tape, snapshot, released, replay, live };
        Ok((kept, work))
    }

    async fn force(
        &self,
        journal: JournalId,
        past: &Conversation,
        inputs: &[(Option<Arrival>, Inbound)],
        tape: &[Recorded],
    ) -> Result<InForce, LookError> {
        let address = inputs
            .iter()
            .rev()
            .find_map(|(_, inbound)| inbound.from.clone())
            .or_else(|| past.address.clone());
        let address = address
            .ok_or_else(|| StoreError::Failed("the conversation has no address".to_owned()))?;
        let mut force = self.house.in_force(journal, past, &address).await?;
        let opened = tape.iter().find_map(|recorded| match &recorded.event {
            Event::Answer(Answer::Opened(opening)) => Some(opening),
            _ => None,
        });
        if let Some(opening) = opened {
            force.turn = opening.turn;
            force.pack = self.house.pack(opening.basis.pack).await?;
            let profile = kept(&*self.house.archive, opening.basis.profile).await?;
            force.profile = Arc::new(Named::new(profile));
            let specs: Vec<ToolSpec> = kept(&*self.house.archive, opening.basis.tools).await?;
            force.specs = Arc::new(Named::new(specs));
            force.shown = policy::tools_shown(&force.specs, &force.pack);
        }
        Ok(force)
    }
}
