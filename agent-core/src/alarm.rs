//! Rings the timers journals set for themselves: a due timer becomes an inbox row, in one commit.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;

use crate::house::House;
use crate::id::{CommitId, JournalId, MessageId, Name};
use crate::mailbox::Mailbox;
use crate::message::{Inbound, InboundKind};
use crate::quarantine;
use crate::store::{Accept, Commit};
use crate::time::Micros;

/// The longest wait between two looks: a timer that is set meanwhile rings at most so much late.
const LOOK: Duration = Duration::from_secs(1);
/// Timers rung in one look.
const TIMERS: usize = 256;

/// Rings until `stop` is done.
pub async fn ring(house: Arc<House>, mailbox: Arc<Mailbox>, stop: impl Future<Output = ()> + Send) {
    let mut stop = std::pin::pin!(stop.fuse());
    loop {
        let now = house.clock.now();
        ring_due(&house, &mailbox).await;
        tokio::select! {
            () = &mut stop => return,
            () = house.clock.sleep_until(now.after(LOOK)) => {}
        }
    }
}

/// Rings what is due now, and wakes the journals that were left after their turn had failed.
pub async fn ring_due(house: &House, mailbox: &Arc<Mailbox>) {
    let now = house.clock.now();
    for shop in house.shops() {
        match house.store.timers(shop.id, now, TIMERS).await {
            Ok((due, _)) => {
                for (journal, name, at) in due {
                    one(house, mailbox, journal, name, at).await;
                }
            }
            Err(error) => tracing::error!(shop = %shop.id, %error, "timers not read"),
        }
    }
    mailbox.again();
}

async fn one(house: &House, mailbox: &Arc<Mailbox>, journal: JournalId, name: Name, at: Micros) {
    if quarantine::is_over(journal, &name) {
        if let Err(error) = quarantine::end(&*house.archive, journal, house.clock.now()).await {
            tracing::error!(journal = %journal.key, %error, "what could not be read is kept too long");
        }
        return;
    }
    let id = MessageId(format!("timer/{name}/{}", at.0));
    let inbound = Inbound::told(id, at, InboundKind::Timer(name.clone()));
    let commit = Commit {
        accept: vec![Accept::told(journal, None, inbound)],
        timers: vec![(name, None)],
        ..Commit::blank(CommitId(house.ids.fresh()), house.clock.now(), journal)
    };
    match house.store.commit(commit).await {
        Ok(_) => mailbox.wake(journal),
        Err(error) => tracing::error!(journal = %journal.key, %error, "timer not rung"),
    }
}
