//! Where an order is paid in the chat.

use crate::message::{ActionRef, Block, Native, Outbound};
use crate::profile::{Can, ChannelProfile};

/// An order and the link where it is paid, as one thing that is paid in the chat, where the platform has that.
pub(super) fn payable(
    block: &Block,
    next: Option<&Block>,
    outbound: &Outbound,
    profile: &ChannelProfile,
) -> Option<Native<(String, ActionRef)>> {
    let (Block::Summary { lines, total, amount }, Some(Block::Link { label, url })) = (block, next)
    else {
        return None;
    };
    let can = profile.can.contains(&Can::Orders) && !outbound.to.is_shared() && !lines.is_empty();
    can.then(|| Native::Order {
        lines: lines.clone(),
        total: total.clone(),
        amount: amount.clone(),
        pay: (label.clone(), url.clone()),
    })
}
