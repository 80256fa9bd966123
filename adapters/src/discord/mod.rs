//! Discord, through serenity: direct messages and guild channels, slash commands, buttons and menus.
//!
//! Messages come over the gateway (`gateway`), interactions over it or over HTTP (`interactions`); `inlet` puts
//! them in order and fetches what was missed. Requests are built by serenity's builders and sent by `client`.
//! An account has one shop.

mod answers;
mod client;
mod deliver;
mod gateway;
mod inlet;
mod interactions;
mod parse;
mod place;
mod profile;
mod render;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use agent_core::id::{Name, ShopId};
use agent_core::intake::Intake;
use agent_core::profile::ChannelProfile;
use agent_core::time::Clock;
use serde_json::Value;

pub use client::{Refusal, Rest, Token};
pub use inlet::Inlet;
pub use interactions::{path, routes};
pub use parse::Commands;
pub use profile::profile;
pub use survey::{Remark, survey};

/// The kind of platform.
pub const KIND: &str = "discord";
/// Where Discord is.
pub const BASE: &str = "https://discord.com";
/// Channels of direct messages that are remembered.
const DIRECTS: usize = 10_000;

/// An account of a shop on Discord.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The shop.
    pub shop: ShopId,
    /// The application's id.
    pub application: u64,
    /// The key that the interactions endpoint's requests are signed for; none: interactions come over the gateway.
    pub public_key: Option<[u8; 32]>,
    /// Guild channels and threads where every message is for the shop; elsewhere it has to be called by name.
    pub channels: BTreeSet<u64>,
    /// What the slash commands say.
    pub commands: Commands,
}

/// An account on Discord.
#[derive(Debug)]
pub struct Discord {
    profile: ChannelProfile,
    shop: ShopId,
    public_key: Option<[u8; 32]>,
    desk: parse::Desk,
    rest: Rest,
    clock: Arc<dyn Clock>,
    answers: answers::Answers,
    directs: Mutex<BTreeMap<u64, u64>>,
    /// The number of `/cart`, once Discord told it: with it the command can be tapped where it stands in a text.
    cart: OnceLock<String>,
}

impl Discord {
    /// An account that is reached by `rest`.
    #[must_use]
    pub fn new(settings: Settings, rest: Rest, clock: Arc<dyn Clock>) -> Arc<Self> {
        let desk = parse::Desk {
            application: settings.application,
            me: settings.application,
            channels: settings.channels,
            commands: settings.commands,
        };
        let Settings { shop, public_key, .. } = settings;
        Arc::new(Self {
            profile: profile(),
            shop,
            public_key,
            desk,
            rest,
            clock,
            answers: answers::Answers::default(),
            directs: Mutex::default(),
            cart: OnceLock::new(),
        })
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> Name {
        Name(self.desk.application.to_string())
    }

    fn directs(&self) -> MutexGuard<'_, BTreeMap<u64, u64>> {
        self.directs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The direct messages with a user are in this channel.
    fn remember(&self, user: u64, channel: u64) {
        let mut directs = self.directs();
        if directs.len() >= DIRECTS {
            directs.clear();
        }
        directs.insert(user, channel);
    }

    /// Keeps in the account's journal that something could not be read. Its words are a customer's and are not
    /// kept, only of what shape it was.
    async fn quarantine(&self, intake: &Intake, id: &str, value: &Value, why: &str) {
        let (kind, account) = (KIND.into(), self.account());
        let shape = shape(value).to_string();
        let kept = intake.quarantine(self.shop, (&kind, &account), id, (&shape, why)).await;
        if let Err(error) = kept {
            tracing::error!(%error, id, "what was not understood is not kept");
        }
    }
}

/// A value without what it says: of each text, its length.
fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(format!("text of {}", text.chars().count())),
        Value::Array(all) => all.iter().map(shape).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
