//! One bot: sends what is rendered, and says that something is being written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::channel::{Channel, Delivery, DeliveryError, Live};
use agent_core::id::{MessageId, Name};
use agent_core::message::Address;
use agent_core::profile::ChannelProfile;
use agent_core::time::Clock;
use async_trait::async_trait;
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ChatAction, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters,
};
use teloxide::{Bot, RequestError};
use url::Url;

use super::fault;
use super::marks::Marked;
use super::parse::{message_id, number};
use super::profile::profile;
use super::render::{self, Call};
use super::send::send;

/// Where Telegram's own server is.
const OWN: &str = "https://api.telegram.org";
/// The typing sign goes off by itself after five seconds.
const TYPING: Duration = Duration::from_secs(4);
/// How often the sign is put on again in one turn; a turn that takes longer is stuck.
const SIGNS: usize = 30;
/// Chats that became another one, as far as this process has seen it.
const MOVED: usize = 1_000;

/// What a bot needs.
#[derive(Clone)]
pub struct Settings {
    /// The token of @BotFather.
    pub token: String,
    /// Another Bot API server than Telegram's own.
    pub base_url: Option<Url>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("token", &"…").field("base_url", &self.base_url).finish()
    }
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Me {
    /// Its number.
    pub(super) id: u64,
    /// Its name, without the `@`.
    pub(super) username: String,
}

/// One bot. It sends, and knows nothing of what comes in.
#[derive(Clone)]
pub struct Telegram(Arc<Inner>);

struct Inner {
    bot: Bot,
    account: Name,
    clock: Arc<dyn Clock>,
    profile: ChannelProfile,
    me: Mutex<Option<Me>>,
    /// Chats in which something is being written.
    typing: Mutex<BTreeSet<i64>>,
    /// Groups that became supergroups, and are found under another number since.
    moved: Mutex<BTreeMap<i64, i64>>,
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram").field("account", &self.0.account).finish_non_exhaustive()
    }
}

impl Telegram {
    /// A bot. Nothing is asked of Telegram yet.
    ///
    /// # Errors
    /// When the token is none: it is a number, a colon and letters.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let (number, rest) = settings.token.split_once(':').unwrap_or_default();
        if number.parse::<u64>().is_err() || rest.is_empty() {
            return Err("it is no bot token: those read 123456:ABC-DEF, and @BotFather tells them"
                .to_owned());
        }
        let account = Name::from(number);
        let own = Url::parse(OWN).map_err(|error| error.to_string())?;
        let bot = Bot::new(settings.token).set_api_url(settings.base_url.unwrap_or(own));
        Ok(Self(Arc::new(Inner {
            bot,
            account,
            clock,
            profile: profile(),
            me: Mutex::default(),
            typing: Mutex::default(),
            moved: Mutex::default(),
        })))
    }

    /// The account's name: the bot's number, which is public.
    #[must_use]
    pub fn account(&self) -> &Name {
        &self.0.account
    }

    pub(super) fn bot(&self) -> &Bot {
        &self.0.bot
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Who the bot is; asked once.
    pub(super) async fn me(&self) -> Result<Me, RequestError> {
        if let Some(me) = lock(&self.0.me).clone() {
            return Ok(me);
        }
        let told = self.0.bot.get_me().await?;
        let username = told.user.username.clone().unwrap_or_default();
        let me = Me { id: told.user.id.0, username };
        *lock(&self.0.me) = Some(me.clone());
        Ok(me)
    }

    /// Sends one call to a chat, wherever that is now.
    async fn send(
        &self,
        chat: i64,
        call: &Call,
        reply: Option<&ReplyParameters>,
    ) -> Result<(i64, Option<i32>), RequestError> {
        let chat = lock(&self.0.moved).get(&chat).copied().unwrap_or(chat);
        match send(&self.0.bot, chat, call, reply.cloned()).await {
            // A group became a supergroup; nothing was sent.
            Err(RequestError::MigrateToChatId(new)) => {
                {
                    let mut moved = lock(&self.0.moved);
                    if moved.len() >= MOVED {
                        moved.clear();
                    }
                    moved.insert(chat, new.0);
                }
                send(&self.0.bot, new.0, call, None).await.map(|sent| (new.0, sent))
            }
            sent => sent.map(|sent| (chat, sent)),
        }
    }

    /// Says in a group where the bot is found, to somebody it may not write to: it may once they opened a
    /// chat with it. No words, since a channel has no language.
    async fn point(&self, group: i64, reply: Option<&ReplyParameters>) -> Result<(), RequestError> {
        let me = self.me().await?;
        let name = format!("@{}", me.username);
        let Ok(url) = Url::parse(&format!("https://t.me/{}?start=group", me.username)) else {
            return Ok(());
        };
        let button = InlineKeyboardButton::url(name.clone(), url);
        let call = Call::Text {
            words: Marked { text: format!("✉️ {name}"), entities: Vec::new() },
            keyboard: Some(InlineKeyboardMarkup::new([[button]])),
            preview: false,
        };
        // What went before went to the group within this second.
        self.0.clock.sleep_until(self.0.clock.now().after(self.0.profile.pace.chat_every)).await;
        self.send(group, &call, reply).await.map(|_| ())
    }
}

#[async_trait]
impl Channel for Telegram {
    fn profile(&self) -> &ChannelProfile {
        &self.0.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let to = &delivery.to;
        let number = |name: &str| {
            let why = format!("`{name}` is no chat of Telegram");
            name.parse::<i64>().map_err(|_| DeliveryError::Never(why))
        };
        let direct = delivery.private && to.is_shared();
        let chat = number(if direct { &to.author } else { &to.thread })?;
        let reply = answered(delivery).filter(|_| to.is_shared());
        let mut call = render::call(&delivery.body, &delivery.tokens);
        let in_chat = reply.as_ref().filter(|_| !direct);
        let mut sent = self.send(chat, &call, in_chat).await;
        while let Some(error) = sent.as_ref().err().filter(|error| fault::is_of_content(error))
            && let Some(plainer) = call.plainer(fault::picture(error))
        {
            tracing::warn!(account = %self.0.account, error = fault::told(error), "shown plainer");
            call = plainer;
            sent = self.send(chat, &call, in_chat).await;
        }
        match sent {
            Ok((chat, sent)) => Ok(sent.map(|sent| message_id(chat, sent))),
            Err(error) if direct && fault::is_shut(&error) => {
                if let Err(error) = self.point(number(&to.thread)?, reply.as_ref()).await {
                    tracing::warn!(account = %self.0.account, error = fault::told(&error), "not pointed");
                }
                let why = "the customer has not opened a chat with the bot; the group was told where it is";
                Err(DeliveryError::Never(why.to_owned()))
            }
            Err(error) => Err(fault::delivery(&error)),
        }
    }

    fn live(&self) -> Option<&dyn Live> {
        Some(self)
    }
}

#[async_trait]
impl Live for Telegram {
    /// A draft would be a message of its own, which a crash would leave behind.
    fn words(&self) -> bool {
        false
    }

    async fn begin(&self, to: &Address) {
        let Ok(chat) = to.thread.parse::<i64>() else { return };
        if !lock(&self.0.typing).insert(chat) {
            return;
        }
        let telegram = self.clone();
        tokio::spawn(async move {
            for _ in 0..SIGNS {
                // The sign is a courtesy: whether it is seen changes nothing.
                let _seen = telegram.0.bot.send_chat_action(ChatId(chat), ChatAction::Typing).await;
                telegram.0.clock.sleep_until(telegram.0.clock.now().after(TYPING)).await;
                if !lock(&telegram.0.typing).contains(&chat) {
                    return;
                }
            }
            lock(&telegram.0.typing).remove(&chat);
        });
    }

    async fn update(&self, _to: &Address, _text: &str) {}

    async fn finish(&self, to: &Address) {
        if let Ok(chat) = to.thread.parse::<i64>() {
            lock(&self.0.typing).remove(&chat);
        }
    }
}

/// The newest of the messages a delivery answers, in the chat it is sent to.
fn answered(delivery: &Delivery) -> Option<ReplyParameters> {
    let newest = delivery.answers.iter().rev().find_map(number)?;
    let reply = ReplyParameters::new(teloxide::types::MessageId(newest.1));
    (newest.0.to_string() == delivery.to.thread).then(|| reply.allow_sending_without_reply())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
