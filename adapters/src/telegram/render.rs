//! A part as one call of the Bot API. Pure, and within every limit for whatever `lower` gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use agent_core::message::{ActionRef, CardPart, MediaRef, Part, Picture};
use agent_core::reply::lower::summary;
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, MessageEntityKind};
use url::Url;

use super::marks::{Marked, read};

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `sendMessage`.
    Text {
        /// The words.
        words: Marked,
        /// What can be tapped.
        keyboard: Option<InlineKeyboardMarkup>,
        /// Whether a link in it shows what it leads to.
        preview: bool,
    },
    /// `sendPhoto`.
    Photo {
        /// The picture.
        url: Url,
        /// The words under it.
        words: Marked,
        /// What can be tapped.
        keyboard: Option<InlineKeyboardMarkup>,
    },
    /// `sendMediaGroup`: two to ten pictures with their words.
    Album(Vec<(Url, String)>),
    /// `sendPhoto`, `sendVideo`, `sendAudio` or `sendDocument`, by the file's media type.
    File {
        /// The file.
        media: MediaRef,
        /// The words under it.
        words: Marked,
    },
    /// `sendMessage` with a button that sends the place of whoever taps it.
    AskLocation(Marked),
}

/// The words of the button that sends a place: one sign that needs no language.
pub(super) const PLACE: &str = "📍";

/// The call that shows a part; `tokens` has one for each of its options.
pub(super) fn call(part: &Part, tokens: &BTreeMap<u16, String>) -> Call {
    match part {
        Part::Text(words) => text(words),
        Part::Summary { lines, total } => text(&summary(lines, total)),
        Part::Form { body, .. } => text(body),
        Part::Native(native) => text(&native.words()),
        Part::Template { name, slots, .. } => {
            let slots: Vec<&str> = slots.iter().map(|(_, value)| value.as_str()).collect();
            text(&format!("{name}: {}", slots.join(", ")))
        }
        Part::Buttons { body, options } => {
            Call::Text { words: read(body), keyboard: keyboard(options, tokens), preview: false }
        }
        Part::List { body, rows, .. } => {
            let labels = rows.iter().map(|row| (row.label.clone(), row.action));
            let labels: Vec<_> = labels.collect();
            Call::Text { words: read(body), keyboard: keyboard(&labels, tokens), preview: false }
        }
        Part::Cards(cards) => match cards.as_slice() {
            [card] => one(card, tokens),
            cards => several(cards, tokens),
        },
        Part::Album(pictures) => album(pictures),
        Part::Media { media, caption } => Call::File { media: media.clone(), words: read(caption) },
        Part::Link { body, label, url } => link(body, label, url),
        Part::AskLocation(ask) => Call::AskLocation(read(ask)),
    }
}

impl Call {
    /// What is shown in its place when Telegram would not have its picture, file or link; of an album's pictures
    /// that with this number.
    pub(super) fn plainer(&self, picture: Option<usize>) -> Option<Self> {
        match self {
            Self::Album(pictures) => {
                let mut good = pictures.clone();
                // Without one, its cards are shown all the same.
                drop(good.remove(picture.filter(|picture| *picture < good.len())?));
                match good.as_slice() {
                    [(url, caption)] => Some(single(url.clone(), caption.clone())),
                    _ => Some(Self::Album(good)),
                }
            }
            Self::Photo { words, keyboard, .. } => {
                let (words, keyboard) = (words.clone(), keyboard.clone());
                Some(Self::Text { words, keyboard, preview: false })
            }
            Self::File { media, words } if is_web(&media.id) => {
                let mut words = words.clone();
                words.plain(if words.text.is_empty() { "" } else { "\n" });
                words.plain(&media.id);
                Some(Self::Text { words, keyboard: None, preview: true })
            }
            Self::Text { words, keyboard: Some(keyboard), .. } => {
                let mut words = words.clone();
                let mut rows = keyboard.inline_keyboard.clone();
                let mut moved = false;
                for row in &mut rows {
                    row.retain(|button| match &button.kind {
                        teloxide::types::InlineKeyboardButtonKind::Url(url) => {
                            // Writing to a string can't fail.
                            let _ = write!(words.text, "\n{url}");
                            moved = true;
                            false
                        }
                        _ => true,
                    });
                }
                rows.retain(|row| !row.is_empty());
                let keyboard = (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows));
                moved.then_some(Self::Text { words, keyboard, preview: true })
            }
            _ => None,
        }
    }
}

fn text(words: &str) -> Call {
    Call::Text { words: read(words), keyboard: None, preview: true }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn web(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| is_web(url.as_str()) && url.has_host())
}

/// Labels and what they carry, in rows: short labels share one.
fn keyboard(
    options: &[(String, ActionRef)],
    tokens: &BTreeMap<u16, String>,
) -> Option<InlineKeyboardMarkup> {
    let buttons = options.iter().filter_map(|(label, action)| {
        let token = tokens.get(&action.option)?;
        Some(InlineKeyboardButton::callback(label.clone(), token.clone()))
    });
    let buttons: Vec<InlineKeyboardButton> = buttons.collect();
    let longest = options.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let rows = buttons.chunks(match longest {
        0..=8 => 4,
        9..=16 => 2,
        _ => 1,
    });
    let rows: Vec<Vec<InlineKeyboardButton>> = rows.map(<[_]>::to_vec).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

fn title(words: &mut Marked, card: &CardPart) {
    let link = card.link.as_deref().and_then(web);
    if let Some(url) = link {
        words.special(&card.title, MessageEntityKind::TextLink { url });
    } else {
        words.special(&card.title, MessageEntityKind::Bold);
    }
    if !card.detail.is_empty() {
        words.plain("\n");
        words.plain(&card.detail);
    }
}

fn one(card: &CardPart, tokens: &BTreeMap<u16, String>) -> Call {
    let mut words = Marked::default();
    title(&mut words, card);
    let keyboard = keyboard(&card.options, tokens);
    match card.image.as_deref().and_then(web) {
        Some(url) => Call::Photo { url, words, keyboard },
        None => Call::Text { words, keyboard, preview: false },
    }
}

/// Several cards in one text: each has a number, which its buttons repeat.
fn several(cards: &[CardPart], tokens: &BTreeMap<u16, String>) -> Call {
    let mut words = Marked::default();
    let mut rows = Vec::new();
    for (n, card) in cards.iter().enumerate() {
        let n = n + 1;
        words.plain(&if n > 1 { format!("\n\n{n}. ") } else { format!("{n}. ") });
        title(&mut words, card);
        let numbered =
            card.options.iter().map(|(label, action)| (format!("{n} · {label}"), *action));
        let numbered: Vec<(String, ActionRef)> = numbered.collect();
        rows.extend(keyboard(&numbered, tokens).into_iter().flat_map(|it| it.inline_keyboard));
    }
    let keyboard = (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows));
    Call::Text { words, keyboard, preview: false }
}

fn album(pictures: &[Picture]) -> Call {
    let good = pictures.iter().filter_map(|it| Some((web(&it.url)?, it.caption.clone())));
    let mut good: Vec<(Url, String)> = good.take(10).collect();
    match good.len() {
        0 => {
            let captions: Vec<&str> = pictures.iter().map(|it| it.caption.as_str()).collect();
            text(&captions.join("\n"))
        }
        1 => {
            let (url, caption) = good.remove(0);
            single(url, caption)
        }
        _ => Call::Album(good),
    }
}

fn single(url: Url, caption: String) -> Call {
    let words = Marked { text: caption, entities: Vec::new() };
    Call::Photo { url, words, keyboard: None }
}

fn link(body: &str, label: &str, url: &str) -> Call {
    match web(url) {
        Some(url) => {
            let button = InlineKeyboardButton::url(label.to_owned(), url);
            let keyboard = Some(InlineKeyboardMarkup::new([[button]]));
            Call::Text { words: read(body), keyboard, preview: false }
        }
        None => text(&format!("{body}\n{url}")),
    }
}

/// The keyboard with a mark at the button that was tapped; none when that is not there, or marked already.
pub(super) fn tapped(keyboard: &InlineKeyboardMarkup, token: &str) -> Option<InlineKeyboardMarkup> {
    let mut keyboard = keyboard.clone();
    let mut buttons = keyboard.inline_keyboard.iter_mut().flatten();
    let button = buttons.find(|button| {
        matches!(&button.kind, teloxide::types::InlineKeyboardButtonKind::CallbackData(data) if data == token)
    })?;
    if button.text.starts_with(TAPPED) {
        return None;
    }
    button.text.insert_str(0, TAPPED);
    Some(keyboard)
}

/// What stands before a label that was tapped. It says that, and not what came of it.
const TAPPED: &str = "• ";

#[cfg(test)]
#[path = "render/tests.rs"]
mod tests;
