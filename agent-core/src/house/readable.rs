//! What can be read of a journal that is damaged.

use super::{House, PAGE};
use crate::event::Recorded;
use crate::id::{JournalId, Seq};
use crate::store::StoreError;

impl House {
    /// The events of a journal that can be read: of one that all of a shop needs, damage costs what is damaged.
    pub(crate) async fn readable(&self, journal: JournalId) -> Result<Vec<Recorded>, StoreError> {
        let (mut events, mut after, mut damaged) = (Vec::new(), Seq::START, None);
        // Beyond the head there is nothing to read, so that the head alone is asked for.
        let mut head = Seq::START;
        match self.store.read(journal, Seq(u64::MAX), 1).await {
            Ok(page) => head = page.head,
            Err(StoreError::Damaged(what)) => damaged = Some(what),
            Err(error) => return Err(error),
        }
        while after < head {
            match self.store.read(journal, after, PAGE).await {
                Ok(page) => {
                    after = page.events.last().map_or(head, |last| last.seq);
                    events.extend(page.events);
                }
                Err(StoreError::Damaged(what)) => {
                    damaged = Some(what);
                    after = after.next();
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(what) = damaged {
            tracing::error!(shop = %journal.shop, journal = %journal.key, what, "damaged, and left out of its journal");
        }
        Ok(events)
    }
}
