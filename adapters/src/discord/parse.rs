//! What comes in: messages and interactions, as Discord writes them. Pure.
//!
//! Read leniently, by the few fields that matter: an enum of Discord's that grew a value, or a field that
//! went missing, must not cost a customer's message.

use std::collections::BTreeSet;

use agent_core::id::{MessageId, Name};
use agent_core::message::{Address, Inbound, InboundKind, MediaRef, Tap};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;

use super::KIND;
use super::place::{Place, Ticket, moment};

/// What a reader has to know of the shop's account.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// The application: the account's name.
    pub(crate) application: u64,
    /// The bot's user. For all but the oldest applications it has the application's id.
    pub(crate) me: u64,
    /// Guild channels and threads where every message is for the shop.
    pub(crate) channels: BTreeSet<u64>,
    /// What the slash commands say.
    pub(crate) commands: Commands,
}

/// What a customer says by a slash command, in words the shop's pack understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// `/shop` without words of the customer's own.
    pub shop: String,
    /// `/cart`.
    pub cart: String,
    /// `/human`.
    pub human: String,
}

/// What a message comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Said to the shop, in this order.
    Told(Vec<Inbound>),
    /// Not for the shop: of a bot, or in a channel and not addressed to it.
    Nothing,
    /// In a channel of the shop, and Discord withheld the words: the message content intent is missing.
    Withheld,
}

/// What an interaction comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Discord asks whether the endpoint is there.
    Ping,
    /// A customer did something.
    Told(Ticket, Place, Box<Inbound>),
    /// Something that needs no answer of ours.
    Nothing,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unread(String);

impl From<serde_json::Error> for Unread {
    fn from(error: serde_json::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&serde_json::Error> for Unread {
    /// Its own words would quote the customer's.
    fn from(error: &serde_json::Error) -> Self {
        let why = match error.classify() {
            Category::Data => "a field is not what it was known to be",
            Category::Syntax => "it is no JSON",
            Category::Eof | Category::Io => "it ends too early",
        };
        let (line, column) = (error.line(), error.column());
        Self(if line > 0 { format!("{why}, at {line}:{column}") } else { why.to_owned() })
    }
}

/// A message that was created. `place` is where, for messages that do not tell it themselves.
pub(crate) fn message(desk: &Desk, value: &Value, place: Option<Place>) -> Result<Heard, Unread> {
    let message = Message::deserialize(value)?;
    let Some((place, author)) = message.addressed(desk, place)? else { return Ok(Heard::Nothing) };
    let id = message.id.0;
    let from = desk.address(place, author);
    let reply_to = message.message_reference.as_ref().and_then(|it| it.message_id);
    let inbound = |id: String, kind: InboundKind| Inbound {
        id: MessageId(id),
        at: moment(message.id.0),
        from: Some(from.clone()),
        aliases: Vec::new(),
        kind,
        reply_to: reply_to.map(|id| MessageId(id.0.to_string())),
        referral: None,
    };
    let text = desk.unaddressed(&message.content);
    if message.attachments.is_empty() {
        let kind = match (text.is_empty(), message.sticker_items.is_empty()) {
            (false, _) => InboundKind::Text(text),
            (true, false) => InboundKind::Unsupported("sticker".to_owned()),
            (true, true) if message.poll.is_some() => InboundKind::Unsupported("poll".to_owned()),
            // Somebody only called us by name.
            (true, true) if !message.content.is_empty() => {
                InboundKind::Text(desk.commands.shop.clone())
            }
            (true, true) if place.is_shared() => return Ok(Heard::Withheld),
            (true, true) => InboundKind::Unsupported("message without words".to_owned()),
        };
        return Ok(Heard::Told(vec![inbound(id.to_string(), kind)]));
    }
    let told = message.attachments.iter().enumerate().map(|(n, file)| {
        let media = MediaRef {
            id: file.url.clone(),
            mime: file
                .content_type
                .clone()
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
            bytes: file.size,
            ..MediaRef::default()
        };
        let caption = if n == 0 { text.clone() } else { String::new() };
        let id = if n == 0 { id.to_string() } else { format!("{id}/{n}") };
        inbound(id, InboundKind::Media { media, caption })
    });
    Ok(Heard::Told(told.collect()))
}

/// A message that was changed by who wrote it.
pub(crate) fn edit(desk: &Desk, value: &Value) -> Result<Heard, Unread> {
    let message = Message::deserialize(value)?;
    // Without it, Discord itself changed it: a link got its preview.
    let Some(edited) = message.edited_timestamp.clone() else { return Ok(Heard::Nothing) };
    if message.author.is_none() {
        return Ok(Heard::Nothing);
    }
    let Some((place, author)) = message.addressed(desk, None)? else { return Ok(Heard::Nothing) };
    let of = MessageId(message.id.0.to_string());
    let inbound = Inbound {
        id: MessageId(format!("{of}/edited/{edited}")),
        at: moment(message.id.0),
        from: Some(desk.address(place, author)),
        aliases: Vec::new(),
        kind: InboundKind::Edit { of, text: desk.unaddressed(&message.content) },
        reply_to: None,
        referral: None,
    };
    Ok(Heard::Told(vec![inbound]))
}

/// A slash command, a button or a row of a select menu.
pub(crate) fn interaction(desk: &Desk, value: &Value) -> Result<Asked, Unread> {
    let asked = Interaction::deserialize(value)?;
    let said = match asked.kind {
        1 => return Ok(Asked::Ping),
        2 => asked.command(desk)?,
        3 => asked.tap()?,
        // An input that is still being written.
        4 => return Ok(Asked::Nothing),
        kind => (InboundKind::Unsupported(format!("interaction of type {kind}")), None),
    };
    let unread = |what: &str| Unread(format!("the interaction has no {what}"));
    let user = asked.member.and_then(|member| member.user).or(asked.user);
    let author = user.ok_or_else(|| unread("user"))?.id;
    let place = match asked.guild_id {
        None => Place::Direct(author.0),
        Some(guild) => {
            let channel = asked.channel_id.ok_or_else(|| unread("channel"))?.0;
            Place::Guild { guild: guild.0, channel }
        }
    };
    let ticket = Ticket { id: asked.id.0, token: asked.token };
    let (kind, elsewhere) = said;
    let inbound = Inbound {
        id: ticket.message(),
        at: moment(ticket.id),
        from: Some(desk.address(elsewhere.unwrap_or(place), author.0)),
        aliases: Vec::new(),
        kind,
        reply_to: None,
        referral: None,
    };
    Ok(Asked::Told(ticket, place, Box::new(inbound)))
}

/// The custom id of something to tap: its token, and the conversation it belongs to where that is held elsewhere
/// than where it is shown.
#[must_use]
pub(crate) fn custom_id(token: &str, elsewhere: Option<Place>) -> String {
    elsewhere.map_or_else(|| token.to_owned(), |place| format!("{token}@{}", place.thread()))
}

/// The place of a message or an interaction, without reading more of it.
pub(crate) fn place_of(value: &Value) -> Option<Place> {
    let number = |path: &str| value.pointer(path)?.as_str()?.parse().ok();
    match number("/guild_id") {
        Some(guild) => Some(Place::Guild { guild, channel: number("/channel_id")? }),
        None => number("/author/id").or_else(|| number("/user/id")).map(Place::Direct),
    }
}

/// The id of a message or an interaction.
pub(crate) fn id_of(value: &Value) -> Option<u64> {
    value.get("id")?.as_str()?.parse().ok()
}

/// The channel of the direct messages a message was written in.
pub(crate) fn direct_of(value: &Value) -> Option<u64> {
    let direct = value.get("guild_id").is_none_or(Value::is_null);
    value.get("channel_id")?.as_str()?.parse().ok().filter(|_| direct)
}

impl Desk {
    /// The address of a person in a place.
    pub(crate) fn address(&self, place: Place, author: u64) -> Address {
        Address {
            channel: Name::from(KIND),
            account: Name(self.application.to_string()),
            thread: place.thread(),
            author: author.to_string(),
        }
    }

    /// A message without our own name in it.
    fn unaddressed(&self, text: &str) -> String {
        let without = text.replace(&format!("<@{}>", self.me), "");
        without.replace(&format!("<@!{}>", self.me), "").trim().to_owned()
    }
}

/// An id of Discord's: a number of 64 bits, written as a string.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Snowflake(u64);

impl<'de> Deserialize<'de> for Snowflake {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let read = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        read.map(Self).ok_or_else(|| D::Error::custom("an id is not a number"))
    }
}

#[derive(Debug, Deserialize)]
struct User {
    id: Snowflake,
    #[serde(default)]
    bot: bool,
}

#[derive(Debug, Deserialize)]
struct Message {
    id: Snowflake,
    channel_id: Snowflake,
    #[serde(default)]
    guild_id: Option<Snowflake>,
    #[serde(default)]
    author: Option<User>,
    #[serde(default)]
    content: String,
    #[serde(default, rename = "type")]
    kind: u16,
    #[serde(default)]
    mentions: Vec<User>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    sticker_items: Vec<IgnoredAny>,
    #[serde(default)]
    poll: Option<IgnoredAny>,
    #[serde(default)]
    webhook_id: Option<IgnoredAny>,
    #[serde(default)]
    message_reference: Option<Reference>,
    #[serde(default)]
    referenced_message: Option<Referenced>,
    #[serde(default)]
    edited_timestamp: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    url: String,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    size: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    message_id: Option<Snowflake>,
}

#[derive(Debug, Deserialize)]
struct Referenced {
    #[serde(default)]
    author: Option<User>,
}

impl Message {
    /// Where it was written and by whom, if it is for the shop.
    fn addressed(&self, desk: &Desk, place: Option<Place>) -> Result<Option<(Place, u64)>, Unread> {
        let author =
            self.author.as_ref().ok_or_else(|| Unread("the message has no author".to_owned()))?;
        // 0 is a message and 19 an answer to one; the others are of Discord's own making.
        if author.bot || self.webhook_id.is_some() || !matches!(self.kind, 0 | 19) {
            return Ok(None);
        }
        let told =
            self.guild_id.map(|guild| Place::Guild { guild: guild.0, channel: self.channel_id.0 });
        let place = told.or(place).unwrap_or(Place::Direct(author.id.0));
        let me = |user: &User| user.id.0 == desk.me;
        let answers =
            self.referenced_message.as_ref().and_then(|it| it.author.as_ref()).is_some_and(me);
        let called = !place.is_shared()
            || desk.channels.contains(&self.channel_id.0)
            || self.mentions.iter().any(me)
            || answers;
        Ok(called.then_some((place, author.id.0)))
    }
}

#[derive(Debug, Deserialize)]
struct Interaction {
    id: Snowflake,
    #[serde(rename = "type")]
    kind: u8,
    token: String,
    #[serde(default)]
    channel_id: Option<Snowflake>,
    #[serde(default)]
    guild_id: Option<Snowflake>,
    #[serde(default)]
    member: Option<Member>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    data: Option<Data>,
}

#[derive(Debug, Deserialize)]
struct Member {
    #[serde(default)]
    user: Option<User>,
}

#[derive(Debug, Default, Deserialize)]
struct Data {
    #[serde(default)]
    name: String,
    #[serde(default)]
    options: Vec<CommandOption>,
    #[serde(default)]
    custom_id: String,
    #[serde(default)]
    values: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct CommandOption {
    #[serde(default)]
    value: Value,
}

impl Interaction {
    fn data(&self) -> Result<&Data, Unread> {
        self.data.as_ref().ok_or_else(|| Unread("the interaction has no data".to_owned()))
    }

    fn command(&self, desk: &Desk) -> Result<(InboundKind, Option<Place>), Unread> {
        let data = self.data()?;
        let words = data.options.iter().find_map(|option| option.value.as_str());
        let text = match data.name.as_str() {
            "shop" => words.unwrap_or(&desk.commands.shop),
            "cart" => &desk.commands.cart,
            "human" => &desk.commands.human,
            other => return Ok((InboundKind::Unsupported(format!("command {other}")), None)),
        };
        Ok((InboundKind::Text(text.to_owned()), None))
    }

    fn tap(&self) -> Result<(InboundKind, Option<Place>), Unread> {
        let data = self.data()?;
        let row = data.values.as_ref().and_then(|values| values.first());
        let tapped = row.unwrap_or(&data.custom_id);
        let (token, place) = match tapped.split_once('@') {
            Some((token, thread)) => (token, Place::read(thread)),
            None => (tapped.as_str(), None),
        };
        Ok((InboundKind::Tap(Tap::Token(token.to_owned())), place))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn why_it_could_not_be_read_quotes_nothing_of_it() {
        let value = json!({ "id": "a word of hers", "channel_id": "1", "content": 7 });
        let why = Message::deserialize(&value).map(drop).map_err(Unread::from).unwrap_err();
        assert_eq!(why.to_string(), "a field is not what it was known to be");
        let cut = serde_json::from_str::<Value>(r#"{"content":"a word"#).unwrap_err();
        assert_eq!(Unread::from(cut).to_string(), "it ends too early, at 1:18");
    }
}
