//! Shows what a turn is about to say on the live half of its channel, in the courier's budget.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::evidence::Owner;
use crate::house::House;
use crate::profile::Can;
use crate::turn::Work;

/// How often a customer who waits is shown that they are being answered: platforms forget it after 20 seconds.
const ATTEND: Duration = Duration::from_secs(18);

/// Shows the customer that what they said was seen and is being answered, until what this returns is dropped.
/// Nothing waits for it, and where nobody will answer nothing is shown.
pub(crate) fn attend(house: &Arc<House>, work: &Work) -> Option<oneshot::Sender<()>> {
    let can = &work.force.profile.can;
    let silent = work.past.owner != Owner::Bot || work.past.opted_out || work.force.opted_out;
    if silent || !(can.contains(&Can::Seen) || can.contains(&Can::Typing)) {
        return None;
    }
    let (_, inbound) = work.inputs.iter().rev().find(|(_, inbound)| inbound.kind.is_spoken())?;
    let (to, message) = (inbound.from.clone()?, inbound.id.clone());
    let channel = house.channel(work.journal.shop, &to)?.clone();
    let clock = house.clock.clone();
    let (done, mut answered) = oneshot::channel();
    tokio::spawn(async move {
        loop {
            channel.attend(&to, &message).await;
            tokio::select! {
                _ = &mut answered => return,
                () = clock.sleep_until(clock.now().after(ATTEND)) => {}
            }
        }
    });
    Some(done)
}

/// Begins to show a turn, where its channel can; what the turn tells the sender is shown, and dropping it ends
/// the showing.
pub(crate) fn show(house: &Arc<House>, work: &Work) -> Option<watch::Sender<String>> {
    let from = work.inputs.iter().rev().find_map(|(_, inbound)| inbound.from.clone());
    let to = from.or_else(|| work.past.address.clone())?;
    let channel = house.channel(work.journal.shop, &to)?.clone();
    channel.live()?;
    if work.past.opted_out || work.past.owner != Owner::Bot {
        return None;
    }
    let (sender, mut told) = watch::channel(String::new());
    let house = house.clone();
    tokio::spawn(async move {
        let Some(live) = channel.live() else { return };
        live.begin(&to).await;
        while told.changed().await.is_ok() {
            if !live.words() {
                continue;
            }
            house.paces.wait(channel.profile(), &to).await;
            // The turn ended meanwhile: the reply itself is on its way.
            if told.has_changed().is_err() {
                break;
            }
            let text = told.borrow_and_update().clone();
            live.update(&to, &text).await;
        }
        live.finish(&to).await;
    });
    Some(sender)
}
