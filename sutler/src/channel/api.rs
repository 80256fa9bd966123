//! The HTTP API: one for all shops, since a key says whose it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use adapters::api::{ACCOUNT, Api, Front, KIND, Key, Keys, Overheard, Typing, router};
use adapters::server::{Part, Stop, Streams};
use agent_core::id::ShopId;

use super::{Opened, Plug};
use crate::assembly::{Account, Assembly, secret};
use crate::config::{Config, Shop};
use crate::exit::Failure;

/// All kinds of channels, and the API of the shops that have keys. The live halves of the other kinds are heard by
/// its streams.
pub(super) fn plug(
    config: &Config,
    mut plugs: Vec<Plug>,
    streams: &Streams,
) -> Result<Vec<Plug>, Failure> {
    let shops: Vec<&Shop> = config.shops.iter().map(toml::Spanned::get_ref).collect();
    // One secret opens what one key opens: with two of them nobody could say whose it is.
    let (mut keys, mut secrets) = (Vec::new(), BTreeMap::new());
    for shop in &shops {
        for key in &shop.keys {
            let secret = secret(&key.key_env)?;
            if secret.len() < crate::config::SECRET {
                let what = format!("the secret in {} is too short to be one", key.key_env);
                return Err(Failure::usage(what).hint("make one with: openssl rand -hex 32"));
            }
            let whose = format!("the key `{}` of `{}`", key.name, shop.name);
            if let Some(other) = secrets.insert(secret.clone(), whose.clone()) {
                let what = format!("{whose} has the same secret as {other}");
                let hint = "make one for each with: openssl rand -hex 32";
                return Err(Failure::usage(what).hint(hint));
            }
            keys.push(Key::new(key.name.as_str().into(), shop.id(), key.scopes.clone(), &secret));
        }
    }
    if keys.is_empty() {
        return Ok(plugs);
    }
    let typing = Arc::new(Typing::default());
    let told = typing.clone();
    let heard = move |(shop, account): (ShopId, Account)| {
        let (kind, name, channel) = account;
        let channel = Arc::new(Overheard { channel, shop, typing: told.clone() });
        (shop, (kind, name, channel as _))
    };
    for other in &mut plugs {
        other.accounts = std::mem::take(&mut other.accounts).into_iter().map(&heard).collect();
    }
    let ours = shops.iter().filter(|shop| !shop.keys.is_empty());
    let account = |shop: &&Shop| -> (ShopId, Account) {
        (shop.id(), (KIND.into(), ACCOUNT.into(), Arc::new(Api::default())))
    };
    let accounts = ours.map(account).map(heard).collect();
    let streams = streams.clone();
    let open = move |assembly: &Assembly, stop: &Stop| {
        let front = Front {
            house: assembly.house.clone(),
            intake: assembly.intake.clone(),
            watched: assembly.watched.clone(),
            typing,
            keys: Keys(keys),
            streams,
            stop: stop.clone(),
        };
        let parts = vec![Part { at: String::new(), routes: router(front) }];
        Opened { parts, work: Vec::new() }
    };
    plugs.push(Plug { accounts, open: Box::new(open) });
    Ok(plugs)
}
