//! What a platform sent and nobody could read: redacted, kept for a person to look at, and not for long.
//!
//! The journal of the account is told that there was something, and why. The words lie in a journal of their
//! day, sealed with a data key of its own: that is dropped when their time is over. Nobody can tell whose
//! words they are, so they go as well when any customer of the shop is erased.

use std::time::Duration;

use crate::id::{CommitId, CustomerId, JournalId, JournalKey, MessageId, Name, ShopId, Subject};
use crate::message::{Inbound, InboundKind};
use crate::policy::privacy;
use crate::store::{Accept, Archive, Commit, Receipt, Store, StoreError};
use crate::time::Micros;

/// How long it can be read: time to see what a platform has changed, and no more.
pub const KEPT: Duration = Duration::from_secs(30 * DAY);
const DAY: u64 = 24 * 3600;
/// So many characters are kept of one.
const CHARS: usize = 16 * 1024;
/// The timer that ends it.
const OVER: &str = "quarantine.over";
/// A day's words begin anew in another journal when they were erased, so often at most.
pub(crate) const EPOCHS: u64 = 1 << 16;
/// Journals that are listed at once.
const PAGE: usize = 512;

/// What could not be read.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Unread<'a> {
    /// The platform's id, or one made of the bytes.
    pub(crate) id: &'a str,
    /// What came.
    pub(crate) raw: &'a str,
    /// Why nobody could read it.
    pub(crate) why: &'a str,
}

impl Unread<'_> {
    /// Tells the account that there was something, and keeps the words in the journal of their day.
    pub(crate) fn commit(
        &self,
        id: CommitId,
        at: Micros,
        account: JournalId,
        epoch: u64,
    ) -> Commit {
        let words = journal(account.shop, at, epoch);
        let over = over(words);
        let raw: String = self.raw.chars().take(CHARS).collect();
        let told = [
            ("why".into(), self.why.into()),
            ("characters".into(), self.raw.chars().count().into()),
            ("readable_until".into(), over.to_string().into()),
        ];
        let scope = Name(format!("journal/{}", account.key));
        let event = |id: &str, facts| {
            let id = MessageId(format!("{id}/{}", self.id));
            let kind = InboundKind::Event { name: "quarantined".into(), facts };
            privacy::redact_inbound(Inbound::told(id, at, kind))
        };
        let told = Accept {
            journal: account,
            customer: None,
            scope: scope.clone(),
            inbound: event("quarantined", told.into()),
        };
        let words = Accept {
            journal: words,
            customer: Some(owner(words)),
            scope,
            inbound: event("unread", [("raw".into(), raw.into())].into()),
        };
        Commit {
            customer: words.customer,
            timers: timers(words.journal),
            accept: vec![told, words],
            ..Commit::blank(id, at, journal(account.shop, at, epoch))
        }
    }
}

/// The words of a day, until they are erased; then the next of that day.
fn journal(shop: ShopId, at: Micros, epoch: u64) -> JournalId {
    let day = at.0.max(0).cast_unsigned() / (DAY * 1_000_000);
    JournalId { shop, subject: Subject::Quarantine, key: JournalKey((day * EPOCHS + epoch).into()) }
}

/// Whose data key seals them: nobody's.
fn owner(journal: JournalId) -> CustomerId {
    let named = crate::digest::Digest::of(format!("quarantine {}", journal.key).as_bytes());
    CustomerId(named.0.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte)))
}

/// When the time of a day's words is over.
fn over(journal: JournalId) -> Micros {
    let day = u64::try_from(journal.key.0).unwrap_or(u64::MAX) / EPOCHS;
    let ends = day.saturating_add(1).saturating_mul(DAY * 1_000_000);
    Micros(i64::try_from(ends).unwrap_or(i64::MAX)).after(KEPT)
}

/// The timers of a day's words.
#[must_use]
pub fn timers(journal: JournalId) -> Vec<(Name, Option<Micros>)> {
    vec![(OVER.into(), Some(over(journal)))]
}

/// Whether a timer says that a journal's time is over.
pub(crate) fn is_over(journal: JournalId, timer: &Name) -> bool {
    journal.subject == Subject::Quarantine && timer.as_str() == OVER
}

/// Makes a day's words unreadable.
///
/// # Errors
/// When the store does not do it.
pub(crate) async fn end(
    archive: &dyn Archive,
    journal: JournalId,
    at: Micros,
) -> Result<Receipt, StoreError> {
    archive.erase(journal.shop, owner(journal), at).await
}

/// Erases a customer, and with them all that could not be read: perhaps it was of them.
///
/// # Errors
/// When the store does not do it; asked again, it goes on.
pub async fn erase(
    (store, archive): (&dyn Store, &dyn Archive),
    shop: ShopId,
    customer: CustomerId,
    at: Micros,
) -> Result<Receipt, StoreError> {
    // The first words of a day may still wait for its journal to begin.
    let waiting = store.waiting(shop, usize::MAX).await?;
    for journal in waiting.into_iter().filter(|it| it.subject == Subject::Quarantine) {
        end(archive, journal, at).await?;
    }
    let mut after = None;
    loop {
        let page = archive.journals(shop, after, PAGE).await?;
        for journal in page.iter().filter(|it| it.subject == Subject::Quarantine) {
            end(archive, *journal, at).await?;
        }
        after = page.last().copied();
        if page.len() < PAGE {
            return archive.erase(shop, customer, at).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::CommitError;
    use crate::store::contract::make;
    use crate::store::memory::MemoryStore;

    #[tokio::test]
    async fn words_that_wait_for_their_journal_go_with_any_customer_too() {
        let store = MemoryStore::new();
        let account = JournalId::account(make::SHOP, &"test".into(), &"main".into());
        let unread = Unread { id: "1", raw: "words", why: "an unknown kind" };
        let commit = |id| unread.commit(CommitId(id), Micros(5), account, 0);
        let words = commit(1).journal;
        store.commit(commit(1)).await.unwrap();
        assert_eq!(store.inbox(words, 9).await.unwrap().len(), 1);
        erase((&store, &store), make::SHOP, CustomerId(1), Micros(6)).await.unwrap();
        assert!(store.inbox(words, 9).await.unwrap().is_empty());
        assert_eq!(store.commit(commit(2)).await, Err(CommitError::Erased), "its key is gone");
    }
}
