//! What Telegram can do.

use std::time::Duration;

use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

use super::KIND;

/// What Telegram can do: core.telegram.org/bots/api and /bots/faq, as of Bot API 9.
#[must_use]
pub fn profile() -> ChannelProfile {
    let utf16 = |max| Limit { max, unit: Unit::Utf16 };
    let label = |max| Limit { max, unit: Unit::Graphemes };
    ChannelProfile {
        channel: KIND.into(),
        text: utf16(4_096),
        caption: utf16(1_024),
        // A keyboard may have a hundred; nobody reads so many.
        buttons: Some(Menu { count: 24, label: label(40), hint: utf16(0), body: utf16(4_096) }),
        list: None,
        // An album has at most ten pictures, and ten cards with these limits fit one text.
        cards: Some(Menu { count: 10, label: label(32), hint: utf16(240), body: utf16(128) }),
        markup: Markup::Entities,
        can: [Can::Album, Can::AskLocation, Can::Edit, Can::Join, Can::Links, Can::Typing].into(),
        window: None,
        reopen: None,
        // Albums and long pastes come as several messages within moments.
        settle: Duration::from_millis(500),
        repeat: Repeat::Never,
        pace: Pace {
            account_per_second: 30,
            chat_every: Duration::from_secs(1),
            chat_burst: 1,
            shared: Some((20, Duration::from_secs(60))),
        },
    }
}
