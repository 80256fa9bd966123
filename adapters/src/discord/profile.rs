//! What Discord can do.
//!
//! Limits by <https://discord.com/developers/docs/resources/message> and `…/components/reference`. Discord
//! counts code points; we count UTF-16, which is never fewer.

use std::collections::BTreeSet;
use std::time::Duration;

use agent_core::id::Name;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

use super::KIND;

/// The characters of a message.
pub(crate) const CONTENT: u32 = 2_000;
/// The embeds of a message.
pub(crate) const EMBEDS: usize = 10;
/// The characters of all embeds of a message.
pub(crate) const EMBEDDED: u32 = 6_000;
/// The rows of buttons of a message.
pub(crate) const ROWS: usize = 5;
/// The buttons of a row.
pub(crate) const ROW: usize = 5;

/// For how long Discord certainly remembers an enforced nonce. Its page says "the past few minutes".
pub(crate) const NONCE: Duration = Duration::from_secs(120);

/// What Discord can do.
#[must_use]
pub fn profile() -> ChannelProfile {
    let limit = |max| Limit { max, unit: Unit::Utf16 };
    let text = limit(CONTENT);
    ChannelProfile {
        channel: Name::from(KIND),
        text,
        caption: text,
        buttons: Some(Menu { count: 5, label: limit(80), hint: limit(0), body: text }),
        list: Some(Menu { count: 25, label: limit(100), hint: limit(100), body: text }),
        // A row of buttons for each card, and room for the number that tells one card's buttons from another's.
        cards: Some(Menu { count: 5, label: limit(72), hint: limit(800), body: limit(240) }),
        markup: Markup::Discord,
        can: BTreeSet::from([Can::Join, Can::Links, Can::Edit]),
        window: None,
        reopen: None,
        settle: Duration::ZERO,
        repeat: Repeat::NonceFor(NONCE),
        // 50 requests a second for a bot, of which interactions and look-ups take some; 5 in 5 seconds a channel.
        pace: Pace {
            account_per_second: 40,
            chat_every: Duration::from_secs(1),
            chat_burst: 5,
            shared: None,
        },
    }
}
