//! Which way a part goes: into the answer of an interaction, to the customer alone, or into the channel.
//!
//! The answer of an interaction is edited, which can be repeated without harm. Messages carry a nonce that
//! Discord enforces for a few minutes. Only a further answer to an interaction has neither; it is the last
//! resort, and never sent twice.

use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::digest::Digest;
use agent_core::id::MessageId;
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};
use serenity::all::{ChannelId, CreateMessage, MessageReference, MessageReferenceKind, Nonce};

use super::Discord;
use super::answers::{LIFE, Room};
use super::client::Refusal;
use super::interactions::CART;
use super::place::{Place, Ticket, moment};
use super::profile::NONCE;
use super::render::{Shown, Wire, render};

/// "Cannot send messages to this user": they take no direct messages of this bot.
const CLOSED: u64 = 50_007;
/// Why such a part reaches nobody.
const UNREACHED: &str = "it is for the customer alone, and they take no direct messages";
/// In the key of what is shown in the stead of all such parts of a reply.
const POINTS: u8 = u8::MAX;
/// "Missing access" and "missing permissions".
const FORBIDDEN: [u64; 2] = [50_001, 50_013];
/// Until a channel in which rights are missing is tried again: an operator may have given them.
const FORBIDDEN_FOR: std::time::Duration = std::time::Duration::from_secs(600);
/// How long Discord may take to learn that an answer follows, when it learns it by our response to it.
const SETTLES: std::time::Duration = std::time::Duration::from_secs(10);
/// Until an answer that was too early is tried again.
const EARLY: std::time::Duration = std::time::Duration::from_secs(1);
/// Discord's sign of an answer that is only announced.
const LOADING: u64 = 1 << 7;

#[async_trait]
impl Channel for Discord {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let place = Place::read(&delivery.to.thread);
        let place =
            place.ok_or_else(|| DeliveryError::Never("its thread is no channel".to_owned()))?;
        let now = self.clock.now();
        let ticket = delivery.answers.iter().rev().find_map(Ticket::read);
        let ended = ticket.as_ref().map(|ticket| moment(ticket.id).after(LIFE));
        if delivery.again && ended.is_some_and(|ended| ended <= now && now < ended.after(NONCE)) {
            let why = "the interaction ended before its answer was known to have arrived";
            return Err(DeliveryError::Ambiguous(why.to_owned()));
        }
        let ticket = ticket.filter(|_| ended.is_some_and(|ended| ended > now));
        if let Some(ticket) = &ticket
            && let Some(answered) = self.answer(ticket, delivery).await?
        {
            return Ok(answered);
        }
        let (user, elsewhere) = match place {
            Place::Guild { channel, .. } if !delivery.private => {
                let message = keyed(shown(delivery, None), delivery, delivery.part);
                let first = delivery.part == 0;
                let message = if first { replying(message, channel, delivery) } else { message };
                return self.post(channel, &message).await.map_err(explained);
            }
            Place::Guild { .. } => (delivery.to.author.parse().unwrap_or_default(), Some(place)),
            Place::Direct(user) => (user, None),
        };
        let sent = match self.direct(user).await {
            Ok(channel) => {
                let part = shown(delivery, elsewhere);
                self.post(channel, &keyed(part, delivery, delivery.part)).await
            }
            Err(refusal) => Err(refusal),
        };
        match sent {
            Err(refusal) if refusal.is(CLOSED) => {
                match (ticket.filter(|_| !delivery.again), place) {
                    (Some(ticket), _) => self.follow_up(&ticket, delivery).await,
                    (None, Place::Guild { channel, .. }) => self.point(channel, delivery).await,
                    (None, Place::Direct(_)) => Err(DeliveryError::Never(UNREACHED.to_owned())),
                }
            }
            sent => sent.map_err(explained),
        }
    }
}

impl Discord {
    /// Edits a part into the answer of an interaction; none when it has to go another way.
    async fn answer(
        &self,
        ticket: &Ticket,
        delivery: &Delivery,
    ) -> Result<Option<Option<MessageId>>, DeliveryError> {
        self.answers.wait(ticket.id).await;
        let key = (delivery.id, delivery.part);
        let part = shown(delivery, None);
        let whole = match self.answers.room(ticket.id, key, &part) {
            Room::Here(whole) => *whole,
            Room::Elsewhere => return Ok(None),
            // The first part is what the answer begins with, whichever process edits it.
            Room::Unseen if delivery.part == 0 => part.clone(),
            Room::Unseen if !delivery.again => return Ok(None),
            Room::Unseen => {
                return Ok(self.shows(ticket, &part).await?.then_some(None));
            }
        };
        let path = self.original(ticket);
        match self.rest.send(Method::PATCH, &path, &whole.answer()).await {
            Ok(message) => {
                self.answers.shown(ticket.id, key, part);
                Ok(Some(message_id(&message)))
            }
            Err(refusal) if refusal.is_over() => {
                if self.clock.now().since(moment(ticket.id)) < SETTLES {
                    return Err(DeliveryError::Later(EARLY));
                }
                // It was never announced, so nothing of ours was edited into it either.
                self.answers.over(ticket.id);
                Ok(None)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Whether the answer of an interaction, as an earlier process left it, shows this part.
    async fn shows(&self, ticket: &Ticket, part: &Shown) -> Result<bool, DeliveryError> {
        let answer = match self.rest.get(&self.original(ticket)).await {
            Ok(answer) => answer,
            Err(refusal) if refusal.is_over() => return Ok(false),
            Err(refusal) => return Err(refusal.into()),
        };
        let flags = answer.get("flags").and_then(Value::as_u64).unwrap_or_default();
        let content = answer.get("content").and_then(Value::as_str).unwrap_or_default();
        let rows = answer.get("components").map(Value::to_string).unwrap_or_default();
        let shown = if part.ids.is_empty() {
            content.contains(&part.content)
        } else {
            part.ids.iter().all(|id| rows.contains(id))
        };
        Ok(shown && flags & LOADING == 0)
    }

    pub(super) fn original(&self, ticket: &Ticket) -> String {
        format!("/webhooks/{}/{}/messages/@original", self.desk.application, ticket.token)
    }

    /// Posts a message.
    async fn post(
        &self,
        channel: u64,
        message: &CreateMessage,
    ) -> Result<Option<MessageId>, Refusal> {
        let path = format!("/channels/{channel}/messages");
        let message = self.rest.send(Method::POST, &path, message).await?;
        Ok(message_id(&message))
    }

    /// Says in a guild how somebody who takes no direct messages is told what is theirs alone: an answer to a
    /// command is for their eyes. Once for a reply, and without words, since a channel has no language.
    async fn point(
        &self,
        channel: u64,
        delivery: &Delivery,
    ) -> Result<Option<MessageId>, DeliveryError> {
        let id = self.cart.get();
        let cart = id.map_or_else(|| format!("`/{CART}`"), |id| format!("</{CART}:{id}>"));
        let sign = Shown { content: format!("✉️ {cart}"), ..Shown::default() };
        let message = replying(keyed(sign, delivery, POINTS), channel, delivery);
        self.post(channel, &message).await.map_err(explained)?;
        Err(DeliveryError::Never(format!("{UNREACHED}; the channel was told of /{CART}")))
    }

    /// The channel of the direct messages with a user.
    pub(super) async fn direct(&self, user: u64) -> Result<u64, Refusal> {
        if let Some(channel) = self.directs().get(&user) {
            return Ok(*channel);
        }
        let asked = json!({"recipient_id": user.to_string()});
        let opened = self.rest.send(Method::POST, "/users/@me/channels", &asked).await?;
        let id = message_id(&opened).and_then(|id| id.as_str().parse().ok());
        let id = id.ok_or_else(|| Refusal::Unknown("the direct channel has no id".to_owned()))?;
        self.remember(user, id);
        Ok(id)
    }

    /// Answers an interaction once more, for the customer's eyes alone.
    async fn follow_up(
        &self,
        ticket: &Ticket,
        delivery: &Delivery,
    ) -> Result<Option<MessageId>, DeliveryError> {
        let path = format!("/webhooks/{}/{}", self.desk.application, ticket.token);
        let part = shown(delivery, None).follow_up();
        match self.rest.send(Method::POST, &path, &part).await {
            Ok(message) => Ok(message_id(&message)),
            Err(Refusal::Unknown(why)) => Err(DeliveryError::Never(format!(
                "nobody knows whether it arrived, and it can't be repeated: {why}"
            ))),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn shown(delivery: &Delivery, elsewhere: Option<Place>) -> Shown {
    render(&delivery.body, Wire { tokens: &delivery.tokens, elsewhere })
}

/// A message with the key of its sending, which has at most 25 characters.
fn keyed(shown: Shown, delivery: &Delivery, part: u8) -> CreateMessage {
    let digest = Digest::of(format!("{}/{part}", delivery.id).as_bytes());
    let nonce = digest.0.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    shown.message().nonce(Nonce::String(nonce)).enforce_nonce(true)
}

/// A message as a reply to the newest one it answers, which stands in the same channel.
fn replying(message: CreateMessage, channel: u64, delivery: &Delivery) -> CreateMessage {
    let answered = delivery.answers.last().and_then(|id| id.as_str().parse::<u64>().ok());
    let Some(answered) = answered.filter(|id| *id > 0) else { return message };
    let reference = MessageReference::new(MessageReferenceKind::Default, ChannelId::new(channel));
    message.reference_message(reference.message_id(answered.into()).fail_if_not_exists(false))
}

fn message_id(message: &Value) -> Option<MessageId> {
    Some(MessageId(message.get("id")?.as_str()?.to_owned()))
}

/// A refusal, with what an operator can do about it.
fn explained(refusal: Refusal) -> DeliveryError {
    if FORBIDDEN.iter().any(|code| refusal.is(*code)) {
        let why = format!(
            "{refusal}; give the bot the permissions View Channel, Send Messages, Send Messages in Threads, Embed \
             Links and Read Message History there"
        );
        return DeliveryError::Forbidden(why, FORBIDDEN_FOR);
    }
    refusal.into()
}
