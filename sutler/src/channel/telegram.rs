//! Telegram: a bot for each `[[shop.channel]]` of its kind, by polling or by webhook.

use std::sync::Arc;

use adapters::server::Part;
use adapters::telegram::{self, Door, KIND, Settings, Telegram};
use agent_core::id::ShopId;
use agent_core::time::{Clock, Ids};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use url::Url;

use super::{Opened, Plug};
use crate::config::{self, Channel, Config, Updates};
use crate::data::Data;
use crate::environment;
use crate::exit::Failure;

/// One bot of the configuration.
#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) shop: ShopId,
    pub(crate) telegram: Telegram,
    /// Where its webhook is; none when it polls.
    pub(crate) webhook: Option<Url>,
}

/// The bots of the configuration.
///
/// # Errors
/// When a token is missing or none, or there is no address for a webhook.
pub(crate) fn bots(all: &Config, clock: &Arc<dyn Clock>) -> Result<Vec<Bot>, Failure> {
    let mut bots: Vec<Bot> = Vec::new();
    for shop in all.shops.iter().map(toml::Spanned::get_ref) {
        for channel in &shop.channels {
            let Channel::Telegram(config::Telegram { token_env, updates, base_url }) = channel
            else {
                continue;
            };
            let telegram = bot(token_env, base_url.as_deref(), clock)?;
            if bots.iter().any(|bot| bot.telegram.account() == telegram.account()) {
                let what = format!("the bot of {token_env} is there twice");
                return Err(Failure::usage(what)
                    .hint("a bot answers for one shop; @BotFather makes another"));
            }
            let webhook = match updates {
                Updates::Poll => None,
                Updates::Webhook => Some(webhook(all, &telegram)?),
            };
            bots.push(Bot { shop: shop.id(), telegram, webhook });
        }
    }
    Ok(bots)
}

fn bot(
    token_env: &str,
    base_url: Option<&str>,
    clock: &Arc<dyn Clock>,
) -> Result<Telegram, Failure> {
    let token = environment::variable(token_env).ok_or_else(|| {
        Failure::usage(format!("the variable {token_env} is not set"))
            .hint(format!("it holds the bot's token, which @BotFather tells: export {token_env}=…"))
    })?;
    let base_url = base_url.map(Url::parse).transpose();
    let base_url =
        base_url.map_err(|error| Failure::usage(format!("the channel's `base_url`: {error}")))?;
    Telegram::new(Settings { token, base_url }, clock.clone())
        .map_err(|why| Failure::usage(format!("the variable {token_env}: {why}")))
}

fn webhook(config: &Config, telegram: &Telegram) -> Result<Url, Failure> {
    let public = config.server.public_url.as_deref().ok_or_else(|| {
        Failure::usage("a Telegram channel wants a webhook, and nobody says where this server is").hint(
            "set `public_url` under `[server]` to the address the world knows, with https; or `updates = \"poll\"`",
        )
    })?;
    let url = format!("{}{}/{}", public.trim_end_matches('/'), telegram::PATH, telegram.account());
    Url::parse(&url).map_err(|error| Failure::usage(format!("`public_url`: {error}")))
}

/// All bots, if there are any.
pub(super) fn plug(config: &Config, data: &Data) -> Result<Option<Plug>, Failure> {
    let bots = bots(config, &data.clock)?;
    if bots.is_empty() {
        return Ok(None);
    }
    let account = |bot: &Bot| {
        let name = bot.telegram.account().clone();
        (bot.shop, (KIND.into(), name, Arc::new(bot.telegram.clone()) as _))
    };
    let accounts = bots.iter().map(account).collect();
    let ids = data.ids.clone();
    let open = Box::new(move |assembly: &_, stop: &_| opened(bots, &*ids, assembly, stop));
    Ok(Some(Plug { accounts, open }))
}

fn opened(
    bots: Vec<Bot>,
    ids: &dyn Ids,
    assembly: &crate::assembly::Assembly,
    stop: &adapters::server::Stop,
) -> Opened {
    let (mut doors, mut work) = (Vec::new(), Vec::<BoxFuture<'static, ()>>::new());
    for bot in bots {
        let door = Door { telegram: bot.telegram, intake: assembly.intake.clone(), shop: bot.shop };
        let stop = stop.clone().asked();
        match bot.webhook {
            None => work.push(telegram::poll(door, stop).boxed()),
            Some(url) => {
                // The same at every start: what Telegram sends meanwhile is still known.
                let account = door.telegram.account().as_str().as_bytes();
                let secret = hex::encode(ids.keyed("telegram.webhook", account));
                doors.push((door.clone(), secret.clone()));
                work.push(telegram::announce(door, url, secret, stop).boxed());
            }
        }
    }
    let routes = |doors| Part { at: telegram::PATH.to_owned(), routes: telegram::routes(doors) };
    let parts = if doors.is_empty() { Vec::new() } else { vec![routes(doors)] };
    Opened { parts, work }
}
