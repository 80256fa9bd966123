//! Shows what a turn is about to say on the live half of its channel, in the courier's budget.

use std::sync::Arc;

use tokio::sync::watch;

use crate::evidence::Owner;
use crate::house::House;
use crate::turn::Work;

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
