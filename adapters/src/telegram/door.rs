//! Where updates come in, whichever way they came: taken in durably, and only then answered.

use agent_core::id::{Name, ShopId};
use agent_core::intake::{Intake, IntakeError};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    AllowedUpdate, CallbackQuery, MaybeInaccessibleMessage, Message, Update, UpdateKind,
};
use teloxide::{Bot, RequestError};

use super::client::Telegram;
use super::decode::{self, Unread};
use super::parse::{Reader, inbound};
use super::{KIND, fault, render};

/// What is asked of Telegram: what a shop has a use for.
pub(super) const WANTED: [AllowedUpdate; 5] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MyChatMember,
    AllowedUpdate::MessageReaction,
];

/// One bot's door into one shop.
#[derive(Clone, Debug)]
pub struct Door {
    /// The bot.
    pub telegram: Telegram,
    /// Where it leads.
    pub intake: Intake,
    /// The shop.
    pub shop: ShopId,
}

/// Why an update was not taken in: it must come again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The bot does not know yet who it is.
    #[error("the bot could not ask who it is: {0}")]
    Nobody(String),
    /// It is not durable.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

impl Door {
    /// Takes one update in. Durable when it answers.
    pub(super) async fn take(&self, update: Result<Update, Unread>) -> Result<(), Refused> {
        let me = self.telegram.me().await;
        let me = me.map_err(|error| Refused::Nobody(fault::told(&error)))?;
        let reader = Reader {
            account: self.telegram.account().clone(),
            me,
            now: self.telegram.clock().now(),
        };
        let update = match update {
            // What teloxide gave up is in there whole.
            Ok(Update { kind: UpdateKind::Error(raw), .. }) => decode::known(&raw),
            update => update,
        };
        let update = match update {
            Ok(update) => update,
            Err(unread) => return Ok(self.quarantine(&unread).await?),
        };
        let Some(inbound) = inbound(&update, &reader) else {
            tracing::debug!(update = update.id.0, "an update of no use");
            return Ok(());
        };
        match self.intake.accept(self.shop, inbound).await {
            Ok(_) => {}
            Err(error) => {
                let why = error.never().map(str::to_owned).ok_or(error)?;
                let raw = serde_json::to_string(&update).unwrap_or_default();
                self.quarantine(&Unread { id: Some(update.id.0), raw, why }).await?;
            }
        }
        if let UpdateKind::CallbackQuery(query) = update.kind {
            tokio::spawn(answer(self.telegram.bot().clone(), query));
        }
        Ok(())
    }

    async fn quarantine(&self, unread: &Unread) -> Result<(), IntakeError> {
        let digest = || agent_core::digest::Digest::of(unread.raw.as_bytes()).to_string();
        let id = unread.id.map_or_else(digest, |id| id.to_string());
        let names: (&Name, &Name) = (&KIND.into(), self.telegram.account());
        let what = (unread.raw.as_str(), unread.why.as_str());
        self.intake.quarantine(self.shop, names, &id, what).await.map(drop)
    }
}

/// Tells Telegram that a tap was taken, or its client would wait, and marks the button, so that the customer
/// sees in the chat what they chose. Both are courtesies: what the tap does is in the inbox by now.
async fn answer(bot: Bot, query: CallbackQuery) {
    let told =
        |error: &RequestError| tracing::debug!(error = fault::told(error), "tap not answered");
    let _late = bot.answer_callback_query(query.id.clone()).await.inspect_err(told);
    let Some(MaybeInaccessibleMessage::Regular(message)) = &query.message else { return };
    let Some(marked) = marked(message, query.data.as_deref().unwrap_or_default()) else { return };
    // An edit counts like a message in a group, and a group's messages are few.
    if message.chat.is_private() {
        let mut edit = bot.edit_message_reply_markup(message.chat.id, message.id);
        edit.reply_markup = Some(marked);
        let _late = edit.await.inspect_err(told);
    }
}

fn marked(message: &Message, token: &str) -> Option<teloxide::types::InlineKeyboardMarkup> {
    render::tapped(message.reply_markup()?, token)
}
