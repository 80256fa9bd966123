//! What our own page can do.

use std::collections::BTreeSet;
use std::time::Duration;

use agent_core::id::Name;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

use super::KIND;

/// What our own page can do: everything is laid out, and nothing is cut that anybody would read.
#[must_use]
pub fn profile() -> ChannelProfile {
    let long = Limit { max: 8_000, unit: Unit::Graphemes };
    let line = Limit { max: 120, unit: Unit::Graphemes };
    let menu = Menu { count: 24, label: line, hint: long, body: long };
    ChannelProfile {
        channel: Name::from(KIND),
        text: long,
        caption: long,
        buttons: Some(menu),
        list: None,
        cards: Some(menu),
        markup: Markup::Plain,
        can: BTreeSet::from([Can::Links, Can::Typing, Can::Seen, Can::Summaries]),
        window: None,
        reopen: None,
        settle: Duration::ZERO,
        // A part is told apart by the position of its event: shown again, it is the same.
        repeat: Repeat::Nonce,
        // Sentences of a preview are read, not counted: ten a second look like one stream.
        pace: Pace {
            account_per_second: 10_000,
            chat_every: Duration::from_millis(100),
            chat_burst: 20,
            shared: None,
        },
    }
}
