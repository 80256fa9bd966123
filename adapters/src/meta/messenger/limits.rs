//! What Messenger and Instagram can show, and how long it may be (documents of November 2026).

use std::time::Duration;

use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};

/// Which of the two.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// A Facebook page.
    Messenger,
    /// An Instagram account.
    Instagram,
}

impl Platform {
    /// The kind of platform, as addresses name it.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
        }
    }

    /// A text: 2,000 characters on Messenger, 1,000 bytes on Instagram.
    #[must_use]
    pub fn text(self) -> Limit {
        match self {
            Self::Messenger => Limit { max: 2_000, unit: Unit::Utf16 },
            Self::Instagram => Limit { max: 1_000, unit: Unit::Bytes },
        }
    }
}

/// Quick replies under a text.
pub(super) const QUICK_REPLIES: u16 = 13;
/// The title of a quick reply or a button.
pub(super) const TITLE: Limit = Limit { max: 20, unit: Unit::Utf16 };
/// The title or subtitle of a generic template's element.
pub(super) const LINE: Limit = Limit { max: 80, unit: Unit::Utf16 };
/// The words above a template of buttons.
pub(super) const BUTTON_TEXT: Limit = Limit { max: 640, unit: Unit::Bytes };
/// Elements of a generic template.
pub(super) const ELEMENTS: u16 = 10;
/// Buttons of one element.
pub(super) const BUTTONS: usize = 3;
/// Bytes of a file of any kind.
pub(super) const FILE: u64 = 25 << 20;

/// What one of them can do.
#[must_use]
pub fn profile(platform: Platform, settle: Duration) -> ChannelProfile {
    let none = Limit { max: 0, unit: Unit::Utf16 };
    ChannelProfile {
        channel: platform.kind().into(),
        text: platform.text(),
        // A file has no caption: its words are a text of their own.
        caption: none,
        // A template of buttons, which stay; more are quick replies, which go with the next message.
        buttons: Some(Menu { count: 3, label: TITLE, hint: none, body: BUTTON_TEXT }),
        list: Some(Menu { count: QUICK_REPLIES, label: TITLE, hint: none, body: platform.text() }),
        cards: Some(Menu { count: ELEMENTS, label: TITLE, hint: LINE, body: LINE }),
        markup: Markup::Plain,
        can: [Can::Links, Can::Seen, Can::Typing].into(),
        window: Some(Duration::from_secs(24 * 3600)),
        reopen: None,
        settle,
        // An echo brings our mark back on Messenger; Instagram's don't carry it.
        repeat: match platform {
            Platform::Messenger => Repeat::StatusEcho,
            Platform::Instagram => Repeat::Never,
        },
        // 300 texts a second; more than 40 harm the page's inbox, so that is the budget.
        pace: Pace {
            account_per_second: 40,
            chat_every: Duration::from_secs(1),
            chat_burst: 10,
            shared: None,
        },
    }
}
