//! Up to where an account was heard: what a platform is asked for after a time in which nobody listened.

use crate::event::{Answer, Event, Recorded};
use crate::house::House;
use crate::id::{JournalId, MessageId, Name, Seq, ShopId, Subject};
use crate::message::{Address, Inbound};
use crate::store::StoreError;

/// Journals looked up at once.
const JOURNALS: usize = 256;
/// Events of a journal looked through at once, from its end.
const EVENTS: u64 = 64;

/// The newest message of each conversation on an account, with the thread it was said in.
///
/// `read` tells which ids count, and how they are compared is the caller's business; of a thread with
/// several persons there are several.
///
/// # Errors
/// When the store can't be read.
pub async fn heard<T>(
    house: &House,
    shop: ShopId,
    (channel, account): (&Name, &Name),
    read: impl Fn(&MessageId) -> Option<T>,
) -> Result<Vec<(String, T)>, StoreError> {
    let mut heard = Vec::new();
    let mut after = None;
    loop {
        let journals = house.archive.journals(shop, after, JOURNALS).await?;
        let Some(last) = journals.last() else { return Ok(heard) };
        after = Some(*last);
        for journal in journals.into_iter().filter(|it| it.subject == Subject::Conversation) {
            match newest(house, journal, (channel, account), &read).await {
                Ok(found) => heard.extend(found),
                // Of an erased customer nothing is known, and nothing is asked for.
                Err(StoreError::Erased) => {}
                // One that is damaged, whosever it is, keeps nobody else from being heard.
                Err(StoreError::Damaged(what)) => {
                    tracing::error!(%shop, journal = %journal.key, what, "not known up to where it was heard");
                }
                Err(error) => return Err(error),
            }
        }
    }
}

async fn newest<T>(
    house: &House,
    journal: JournalId,
    (channel, account): (&Name, &Name),
    read: impl Fn(&MessageId) -> Option<T>,
) -> Result<Option<(String, T)>, StoreError> {
    let page = house.store.read(journal, Seq::START, 1).await?;
    let first = page.events.first().and_then(received).and_then(|it| it.from.as_ref());
    let ours = |from: &&Address| from.channel == *channel && from.account == *account;
    let Some(thread) = first.filter(ours).map(|from| from.thread.clone()) else { return Ok(None) };
    let mut end = page.head.0;
    while end > 0 {
        let start = end.saturating_sub(EVENTS);
        let limit = usize::try_from(end - start).unwrap_or(usize::MAX);
        let page = house.store.read(journal, Seq(start), limit).await?;
        let said = page.events.iter().rev().filter_map(received).filter(|it| it.from.is_some());
        if let Some(found) = said.map(|it| &it.id).find_map(&read) {
            return Ok(Some((thread, found)));
        }
        end = start;
    }
    Ok(None)
}

fn received(recorded: &Recorded) -> Option<&Inbound> {
    match &recorded.event {
        Event::Answer(Answer::Received(inbound)) => Some(inbound),
        _ => None,
    }
}
