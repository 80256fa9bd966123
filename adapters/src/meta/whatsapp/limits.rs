//! What WhatsApp can show, and how long it may be (documents of the Cloud API, November 2026).

use std::time::Duration;

use agent_core::id::Name;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

use super::render::Shelf;

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
/// Products of a row that is swiped.
pub(super) const CAROUSEL: usize = 10;
/// The name of an item of an order.
pub(super) const ITEM: Limit = units(60);
/// The words of a card of a row that is swiped.
pub(super) const CARD: Limit = units(160);
/// Breaks in the words of such a card.
pub(super) const CARD_BREAKS: usize = 2;
/// The code that a template's button copies.
pub(super) const CODE: Limit = units(20);
/// Buttons of a template.
pub(super) const TEMPLATE_BUTTONS: u8 = 10;
/// Buttons of a card of a template's row.
pub(super) const CARD_BUTTONS: u8 = 2;
/// Bytes of a document's name.
pub(super) const FILENAME: usize = 240;
/// Bytes of a picture, of sound and of film.
const FILES: [(&str, u64); 3] = [("image/", 5 << 20), ("audio/", 16 << 20), ("video/", 16 << 20)];
/// Bytes of a document.
const DOCUMENT: u64 = 100 << 20;
/// Products of a list.
pub(super) const PRODUCTS: usize = 30;
/// Messages a second that a number may send unless Meta granted it another level.
pub const PER_SECOND: u16 = 80;
/// The longest link that is sent.
pub(super) const URL: usize = 2_000;

/// Bytes that a file of this type has at most.
pub(super) fn file(mime: &str) -> u64 {
    FILES.iter().find(|(kind, _)| mime.starts_with(kind)).map_or(DOCUMENT, |(_, most)| *most)
}

/// What WhatsApp can do for one number that is shown with this shelf. `reopen` is the approved template that invites
/// a customer whose window has closed, `settle` how long what comes together is gathered.
#[must_use]
pub fn profile(shelf: &Shelf, reopen: Option<Name>, settle: Duration) -> ChannelProfile {
    let menu = |count, label, hint| Menu { count, label, hint, body: BODY };
    let always = [
        Can::AskLocation,
        Can::Bill,
        Can::Links,
        Can::Native,
        Can::Seen,
        Can::Templates,
        Can::Typing,
    ];
    let if_there = [
        (Can::Addresses, shelf.addresses),
        (Can::Catalog, shelf.catalog.is_some()),
        (Can::Forms, !shelf.forms.is_empty()),
        (Can::Orders, shelf.payments.is_some()),
    ];
    let if_there = if_there.into_iter().filter_map(|(can, there)| there.then_some(can));
    ChannelProfile {
        channel: super::KIND.into(),
        text: TEXT,
        caption: BODY,
        buttons: Some(menu(3, BUTTON, units(0))),
        list: Some(menu(10, ROW, HINT)),
        // One product with its picture above three buttons.
        cards: Some(menu(1, BUTTON, units(600))),
        markup: Markup::WhatsApp,
        can: always.into_iter().chain(if_there).collect(),
        window: Some(Duration::from_secs(24 * 3600)),
        reopen,
        settle,
        repeat: Repeat::StatusEcho,
        // To one person one in 6 seconds, of 45 that may be borrowed a few.
        pace: Pace {
            account_per_second: PER_SECOND,
            chat_every: Duration::from_secs(6),
            chat_burst: 10,
            shared: None,
        },
    }
}
