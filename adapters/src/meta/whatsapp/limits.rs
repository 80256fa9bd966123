//! What WhatsApp can show, and how long it may be (documents of the Cloud API, November 2026).

use std::time::Duration;

use agent_core::id::Name;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

/// Meta says "characters"; UTF-16 units are never fewer than what else that could mean.
const fn units(max: u32) -> Limit {
    Limit { max, unit: Unit::Utf16 }
}

/// A text.
pub(super) const TEXT: Limit = units(4_096);
/// The words of an interactive message, and a caption.
pub(super) const BODY: Limit = units(1_024);
/// A header of words.
pub(super) const HEADER: Limit = units(60);
/// The title of a button, and of what opens a list.
pub(super) const BUTTON: Limit = units(20);
/// The title of a row or a section.
pub(super) const ROW: Limit = units(24);
/// The second line of a row.
pub(super) const HINT: Limit = units(72);
/// Products of a list.
pub(super) const PRODUCTS: usize = 30;
/// The longest link that is sent.
pub(super) const URL: usize = 2_000;

/// What WhatsApp can do for one number. `catalog` tells whether a catalogue of Meta's is connected, `reopen` the
/// approved template that invites a customer whose window has closed.
#[must_use]
pub fn profile(catalog: bool, reopen: Option<Name>, settle: Duration) -> ChannelProfile {
    let menu = |count, label, hint| Menu { count, label, hint, body: BODY };
    let mut can: std::collections::BTreeSet<Can> =
        [Can::AskLocation, Can::Bill, Can::Links, Can::Seen, Can::Templates, Can::Typing].into();
    if catalog {
        can.insert(Can::Catalog);
    }
    ChannelProfile {
        channel: super::KIND.into(),
        text: TEXT,
        caption: BODY,
        buttons: Some(menu(3, BUTTON, units(0))),
        list: Some(menu(10, ROW, HINT)),
        // One product with its picture above three buttons.
        cards: Some(menu(1, BUTTON, units(600))),
        markup: Markup::WhatsApp,
        can,
        window: Some(Duration::from_secs(24 * 3600)),
        reopen,
        settle,
        repeat: Repeat::StatusEcho,
        // 80 a second for the number; to one person one in 6 seconds, of 45 that may be borrowed a few.
        pace: Pace {
            account_per_second: 80,
            chat_every: Duration::from_secs(6),
            chat_burst: 10,
            shared: None,
        },
    }
}
