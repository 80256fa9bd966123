//! Discord: a bot for each `[[shop.channel]]` of the kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use adapters::discord::{BASE, Commands, Discord, Inlet, KIND, Rest, Settings, Token, routes};
use adapters::server::Part;
use agent_core::pack::Pack;
use agent_core::time::Clock;

use super::{Opened, Plug};
use crate::assembly::{http, pack_of, secret};
use crate::config::{self, Channel, Config, Interactions, Shop};
use crate::data::Data;
use crate::exit::Failure;

/// A bot as the configuration wants it.
#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) settings: Settings,
    pub(crate) rest: Rest,
}

/// The bots of all shops, each with what is wrong with it.
pub(crate) fn bots(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Result<Bot, Failure>> {
    let shops = config.shops.iter().map(|shop| shop.get_ref());
    let channels = shops.flat_map(|shop| shop.channels.iter().map(move |channel| (shop, channel)));
    let bots = channels.filter_map(|(shop, channel)| match channel {
        Channel::Discord(channel) => Some(bot(config, shop, channel, clock)),
        _ => None,
    });
    bots.collect()
}

/// Plugs in the bots of all shops.
pub(super) fn plug(config: &Config, data: &Data) -> Result<Option<Plug>, Failure> {
    let (mut accounts, mut discords) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for bot in bots(config, &data.clock) {
        let bot = bot?;
        let (shop, application) = (bot.settings.shop, bot.settings.application);
        if !known.insert(application) {
            let what = format!("the Discord application {application} stands in two channels");
            return Err(Failure::usage(what).hint("an application has one shop: make another one"));
        }
        let discord = Discord::new(bot.settings, bot.rest, data.clock.clone());
        accounts.push((shop, (KIND.into(), discord.account(), discord.clone() as Arc<_>)));
        discords.push(discord);
    }
    if discords.is_empty() {
        return Ok(None);
    }
    let open = move |assembly: &crate::assembly::Assembly, stop: &adapters::server::Stop| {
        let mut opened = Opened::default();
        for discord in discords {
            let routes = routes(&discord, &assembly.intake);
            opened.parts.push(Part { at: String::new(), routes });
            let inlet = Inlet::new(&discord, &assembly.house, &assembly.intake);
            opened.work.push(Box::pin(inlet.run(stop.clone().asked())));
        }
        opened
    };
    Ok(Some(Plug { accounts, open: Box::new(open) }))
}

fn bot(
    config: &Config,
    shop: &Shop,
    channel: &config::Discord,
    clock: &Arc<dyn Clock>,
) -> Result<Bot, Failure> {
    let id = |text: &String, what: &str| {
        text.parse::<u64>().ok().filter(|id| *id != 0).ok_or_else(|| {
            Failure::usage(format!("{}: {what} `{text}` is no id of Discord's", shop.name))
                .hint("it is a long number; in Discord, switch on Developer Mode under Advanced to copy ids")
        })
    };
    let key = match channel.interactions {
        Interactions::Gateway => None,
        Interactions::Http => Some(key_of(shop, channel.public_key.as_deref())?),
    };
    let pack = pack_of(config, shop)?;
    let channels = channel.channels.iter().map(|it| id(it, "channel"));
    let settings = Settings {
        shop: shop.id(),
        application: id(&channel.application_id, "application_id")?,
        public_key: key,
        channels: channels.collect::<Result<_, _>>()?,
        commands: commands(&pack),
    };
    let base = channel.base_url.as_deref().unwrap_or(BASE);
    let rest = Rest::new(http()?, base, Token::new(&secret(&channel.token_env)?), clock.clone());
    Ok(Bot { settings, rest })
}

fn key_of(shop: &Shop, key: Option<&str>) -> Result<[u8; 32], Failure> {
    let read = key.and_then(|key| hex::decode(key.trim()).ok()?.try_into().ok());
    read.ok_or_else(|| {
        let what = format!("{}: `interactions = \"http\"` needs the key `public_key`", shop.name);
        Failure::usage(what)
            .hint("discord.com/developers/applications, your application, General Information, Public Key: 64 signs")
    })
}

/// What the commands say: how customers say it, by the pack's own examples.
fn commands(pack: &Pack) -> Commands {
    let locale = pack.default_locale();
    let said = |name: &str| {
        let intent = pack.intents.iter().find(|intent| intent.name.as_str() == name);
        let example = intent.and_then(|intent| intent.examples.get(&locale)?.first().cloned());
        example.unwrap_or_else(|| name.to_owned())
    };
    Commands { shop: said("greet"), cart: said("cart"), human: said("human") }
}
