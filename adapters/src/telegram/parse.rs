//! An update as an [`Inbound`]. Pure: Telegram's types end here.

use agent_core::id::{MessageId, Name};
use agent_core::message::{Address, Inbound, InboundKind, MediaRef, Purpose, Tap};
use agent_core::time::Micros;
use serde_json::json;
use teloxide::types::{
    CallbackQuery, Chat, ChatMemberKind, ChatMemberUpdated, FileMeta, Location, MediaKind, Message,
    MessageCommon, MessageKind, MessageReactionUpdated, Update, UpdateKind, User,
};

use super::KIND;
use super::addressed::{Words, answers_us, words};
use super::client::Me;

/// Who reads, and when.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// The account's name.
    pub(super) account: Name,
    /// The bot itself.
    pub(super) me: Me,
    /// The present moment, for what carries none.
    pub(super) now: Micros,
}

/// What an update comes to; none: nothing a shop must know, as a new member of a group.
pub(super) fn inbound(update: &Update, reader: &Reader) -> Option<Inbound> {
    match &update.kind {
        UpdateKind::Message(message) => reader.message(message),
        UpdateKind::EditedMessage(message) => reader.edit(message, update.id.0),
        UpdateKind::CallbackQuery(query) => reader.tap(query),
        UpdateKind::MessageReaction(reaction) => reader.reaction(reaction, update.id.0),
        UpdateKind::MyChatMember(change) => reader.membership(change, update.id.0),
        _ => None,
    }
}

/// How a message is named: Telegram counts them within a chat.
pub(super) fn message_id(chat: i64, message: i32) -> MessageId {
    MessageId(format!("{chat}/{message}"))
}

/// The message a name of [`message_id`] stands for.
pub(super) fn number(id: &MessageId) -> Option<(i64, i32)> {
    let (chat, message) = id.0.split_once('/')?;
    Some((chat.parse().ok()?, message.split('/').next()?.parse().ok()?))
}

/// Seconds since 1970 as a moment.
fn at(seconds: i64) -> Micros {
    Micros(seconds.saturating_mul(1_000_000))
}

impl Reader {
    fn address(&self, chat: &Chat, from: &User) -> Address {
        Address {
            channel: KIND.into(),
            account: self.account.clone(),
            thread: chat.id.to_string(),
            author: from.id.to_string(),
        }
    }

    /// Who wrote a message that is meant for us, and its words.
    fn spoken<'m>(&self, message: &'m Message) -> Option<(&'m User, Words)> {
        let from = message.from.as_ref().filter(|user| !user.is_bot)?;
        let text = message.text().or_else(|| message.caption()).unwrap_or_default();
        let entities = message.entities().or_else(|| message.caption_entities());
        let words = words(text, entities.unwrap_or_default(), &self.me);
        let group = message.chat.is_group() || message.chat.is_supergroup();
        let meant = if group {
            !words.others && (words.addressed || answers_us(message, &self.me))
        } else {
            message.chat.is_private()
        };
        meant.then_some((from, words))
    }

    fn message(&self, message: &Message) -> Option<Inbound> {
        let (from, words) = self.spoken(message)?;
        let kind = match &message.kind {
            MessageKind::Common(common) => said(common, &words)?,
            MessageKind::Dice(_) => InboundKind::Unsupported("a dice".to_owned()),
            MessageKind::Empty {} => InboundKind::Unsupported("a message of a new kind".to_owned()),
            _ => return None,
        };
        let id = message_id(message.chat.id.0, message.id.0);
        let from = self.address(&message.chat, from);
        let reply_to = message.reply_to_message();
        let start = words.start.map(|start| json!({ "source": "link", "start": start }));
        Some(Inbound {
            reply_to: reply_to.map(|to| message_id(to.chat.id.0, to.id.0)),
            referral: start,
            ..blank(id, at(message.date.timestamp()), from, kind)
        })
    }

    fn edit(&self, message: &Message, update: u32) -> Option<Inbound> {
        let (from, words) = self.spoken(message)?;
        // A live location moves every few seconds: nobody said anything.
        if words.text.is_empty() {
            return None;
        }
        let of = message_id(message.chat.id.0, message.id.0);
        let id = MessageId(format!("{of}/edit/{update}"));
        let when = message.edit_date().map_or(message.date.timestamp(), |date| date.timestamp());
        let kind = InboundKind::Edit { of, text: words.text };
        Some(blank(id, at(when), self.address(&message.chat, from), kind))
    }

    fn tap(&self, query: &CallbackQuery) -> Option<Inbound> {
        let from = match &query.message {
            Some(message) => self.address(message.chat(), &query.from),
            // From a message of an inline mode we don't have: the person's own chat.
            None => {
                let id = query.from.id.to_string();
                Address {
                    channel: KIND.into(),
                    account: self.account.clone(),
                    thread: id.clone(),
                    author: id,
                }
            }
        };
        let id = MessageId(format!("tap/{}", query.id));
        let kind = match &query.data {
            Some(data) => InboundKind::Tap(Tap::Token(data.clone())),
            None => InboundKind::Unsupported("a game".to_owned()),
        };
        let shown = query.message.as_ref();
        Some(Inbound {
            reply_to: shown.map(|shown| message_id(shown.chat().id.0, shown.id().0)),
            ..blank(id, self.now, from, kind)
        })
    }

    fn reaction(&self, reaction: &MessageReactionUpdated, update: u32) -> Option<Inbound> {
        let from = reaction.user()?;
        let kind = InboundKind::Reaction {
            to: message_id(reaction.chat.id.0, reaction.message_id.0),
            emoji: reaction.new_reaction.iter().find_map(|it| it.emoji().cloned()),
        };
        let id = MessageId(format!("reaction/{update}"));
        let when = at(reaction.date.timestamp());
        Some(blank(id, when, self.address(&reaction.chat, from), kind))
    }

    /// Blocking the bot is the plainest opt-out; letting it in again takes that back.
    fn membership(&self, change: &ChatMemberUpdated, update: u32) -> Option<Inbound> {
        let given = match &change.new_chat_member.kind {
            ChatMemberKind::Banned(_) => false,
            ChatMemberKind::Member(_) => true,
            _ => return None,
        };
        if !change.chat.is_private() {
            return None;
        }
        let kind = InboundKind::Consent { purpose: Purpose::Service, given };
        let id = MessageId(format!("membership/{update}"));
        let when = at(change.date.timestamp());
        Some(blank(id, when, self.address(&change.chat, &change.from), kind))
    }
}

fn blank(id: MessageId, at: Micros, from: Address, kind: InboundKind) -> Inbound {
    Inbound { id, at, from: Some(from), aliases: Vec::new(), kind, reply_to: None, referral: None }
}

/// What a message says; none for news of the chat itself.
fn said(common: &MessageCommon, words: &Words) -> Option<InboundKind> {
    let media = |file: &FileMeta, mime: &str| InboundKind::Media {
        media: MediaRef {
            id: file.id.0.clone(),
            mime: mime.to_owned(),
            bytes: Some(u64::from(file.size)),
            ..MediaRef::default()
        },
        caption: words.text.clone(),
    };
    let named = |mime: Option<String>, other: &str| mime.unwrap_or_else(|| other.to_owned());
    let unsupported = |what: &str| InboundKind::Unsupported(what.to_owned());
    Some(match &common.media_kind {
        MediaKind::Text(_) => InboundKind::Text(words.text.clone()),
        MediaKind::Photo(it) => {
            let largest = it.photo.iter().max_by_key(|size| (size.width, size.height))?;
            media(&largest.file, "image/jpeg")
        }
        MediaKind::Document(it) => {
            let mime = it.document.mime_type.as_ref().map(ToString::to_string);
            media(&it.document.file, &named(mime, "application/octet-stream"))
        }
        MediaKind::Voice(it) => {
            let mime = it.voice.mime_type.as_ref().map(ToString::to_string);
            media(&it.voice.file, &named(mime, "audio/ogg"))
        }
        MediaKind::Audio(it) => {
            let mime = it.audio.mime_type.as_ref().map(ToString::to_string);
            media(&it.audio.file, &named(mime, "audio/mpeg"))
        }
        MediaKind::Video(it) => {
            let mime = it.video.mime_type.as_ref().map(ToString::to_string);
            media(&it.video.file, &named(mime, "video/mp4"))
        }
        MediaKind::Animation(it) => {
            let mime = it.animation.mime_type.as_ref().map(ToString::to_string);
            media(&it.animation.file, &named(mime, "video/mp4"))
        }
        MediaKind::VideoNote(it) => media(&it.video_note.file, "video/mp4"),
        MediaKind::Sticker(it) => {
            let sticker = media(&it.sticker.file, "image/webp");
            match (sticker, &it.sticker.emoji) {
                (InboundKind::Media { media, .. }, Some(emoji)) => {
                    InboundKind::Media { media, caption: emoji.clone() }
                }
                (sticker, _) => sticker,
            }
        }
        MediaKind::Location(it) => place(&it.location, String::new()),
        MediaKind::Venue(it) => {
            place(&it.venue.location, format!("{}, {}", it.venue.title, it.venue.address))
        }
        MediaKind::Contact(it) => {
            let last = it.contact.last_name.as_deref().unwrap_or_default();
            let name = format!("{} {last}", it.contact.first_name);
            InboundKind::Contact(json!({ "name": name.trim(), "phone": it.contact.phone_number }))
        }
        MediaKind::Poll(_) => unsupported("a poll"),
        MediaKind::Game(_) => unsupported("a game"),
        MediaKind::Story(_) => unsupported("a story"),
        MediaKind::Checklist(_) => unsupported("a checklist"),
        MediaKind::PaidMedia(_) => unsupported("paid media"),
        MediaKind::Migration(_) => return None,
    })
}

fn place(location: &Location, called: String) -> InboundKind {
    // A float is cut to the integer's range by `as`, which is what an impossible place deserves.
    let millionths = |degrees: f64| (degrees * 1_000_000.0).round() as i32;
    InboundKind::Location {
        lat_e6: millionths(location.latitude),
        lon_e6: millionths(location.longitude),
        called,
    }
}

#[cfg(test)]
#[path = "parse/tests.rs"]
mod tests;
