//! The shops' pages. A shop that names no channel has one: otherwise nobody could write to it.

use std::sync::Arc;

use adapters::server::{Part, Streams};
use adapters::web::{self, ACCOUNT, Front, KIND, Secret, Settings};

use super::{Opened, Plug};
use crate::assembly::{Account, secret};
use crate::config::{Channel, Config, Shop, Web};
use crate::exit::{Code, Failure};

/// Opens the pages of all shops that have one.
pub(super) fn plug(config: &Config, streams: &Streams) -> Result<Plug, Failure> {
    let (mut accounts, mut shops) = (Vec::new(), Vec::new());
    for shop in config.shops.iter().map(|shop| shop.get_ref()) {
        let Some(said) = page_of(shop) else { continue };
        let settings = settings(said)?;
        let page = Arc::new(web::Web::default());
        let account: Account = (KIND.into(), ACCOUNT.into(), page.clone());
        accounts.push((shop.id(), account));
        shops.push(web::Shop { id: shop.id(), name: shop.name.clone(), settings, web: page });
    }
    let streams = streams.clone();
    let open =
        Box::new(move |assembly: &crate::assembly::Assembly, stop: &adapters::server::Stop| {
            if shops.is_empty() {
                return Opened::default();
            }
            let front = Front {
                house: assembly.house.clone(),
                intake: assembly.intake.clone(),
                shops,
                open: streams,
                stop: stop.clone(),
            };
            let routes = web::router(front);
            Opened { parts: vec![Part { at: String::new(), routes }], work: Vec::new() }
        });
    Ok(Plug { accounts, open })
}

/// What a shop says of its page; one that names no channel has the page as it comes.
fn page_of(shop: &Shop) -> Option<Web> {
    let said = shop.channels.iter().find_map(|channel| {
        let Channel::Web(web) = channel else { return None };
        Some(web.clone())
    });
    said.or_else(|| shop.channels.is_empty().then(Web::default))
}

fn settings(web: Web) -> Result<Settings, Failure> {
    let key = web.identity_env.as_deref().map(secret).transpose()?;
    let settings = Settings {
        accent: web.accent,
        greeting: web.greeting,
        starters: web.starters,
        origins: web.origins,
        pictures: web.pictures,
        secret: key.map(|key| Secret(key.into_bytes())),
    };
    settings.check().map_err(|error| Failure::new(Code::Usage, error))?;
    Ok(settings)
}
