//! WhatsApp, Messenger and Instagram: one webhook for all numbers, pages and accounts of all shops.

use std::sync::Arc;
use std::time::Duration;

use adapters::meta::graph::{Graph, GraphSettings, Token};
use adapters::meta::messenger::{self, Messenger, MessengerSettings, Own, Platform};
use adapters::meta::signature::Secrets;
use adapters::meta::standby::Standby;
use adapters::meta::webhook::{Front, Route, router};
use adapters::meta::whatsapp::render::Shelf;
use adapters::meta::whatsapp::{self, WhatsApp, WhatsAppSettings};
use adapters::server::{Part, Stop};
use agent_core::channel::Channel as Port;
use agent_core::id::{Name, ShopId};

use super::{Opened, Plug};
use crate::assembly::{self, Account, Assembly, secret};
use crate::config::{self, Channel, Config, MetaApp, Shop};
use crate::data::Data;
use crate::exit::Failure;

/// Where Meta is told to send webhooks, below the server's public address.
pub(crate) const PATH: &str = "/webhooks/meta";

/// What all accounts share.
struct Common<'a> {
    data: &'a Data,
    http: reqwest::Client,
    own: Own,
    secrets: Vec<String>,
    verify_tokens: Vec<String>,
    routes: Vec<Route>,
    accounts: Vec<(ShopId, Account)>,
}

/// Opens the numbers, pages and accounts of all shops; none when there are none.
pub(super) fn plug(config: &Config, data: &Data) -> Result<Option<Plug>, Failure> {
    let mut common = Common {
        data,
        http: assembly::http()?,
        own: Own::default(),
        secrets: Vec::new(),
        verify_tokens: Vec::new(),
        routes: Vec::new(),
        accounts: Vec::new(),
    };
    for shop in config.shops.iter().map(|shop| shop.get_ref()) {
        for channel in &shop.channels {
            if let Channel::WhatsApp(it) = channel {
                common.whatsapp(shop, it)?;
            } else if let Channel::Messenger(it) = channel {
                common.messenger(shop, it, Platform::Messenger)?;
            } else if let Channel::Instagram(it) = channel {
                common.messenger(shop, it, Platform::Instagram)?;
            }
        }
    }
    let Common { own, secrets, verify_tokens, routes, accounts, .. } = common;
    if accounts.is_empty() {
        return Ok(None);
    }
    let clock = data.clock.clone();
    let open = move |assembly: &Assembly, _: &Stop| {
        let secrets = Secrets::new(secrets.iter().map(String::as_str));
        let intake = assembly.intake.clone();
        let house = assembly.house.clone();
        let standby = Standby::default();
        let front = Front { intake, house, clock, secrets, verify_tokens, routes, own, standby };
        let part = Part { at: PATH.to_owned(), routes: router(front) };
        Opened { parts: vec![part], ..Opened::default() }
    };
    Ok(Some(Plug { accounts, open: Box::new(open) }))
}

impl Common<'_> {
    fn whatsapp(&mut self, shop: &Shop, it: &config::WhatsApp) -> Result<(), Failure> {
        let settle = Duration::from_millis(it.app.settle_ms.into());
        let reopen = it.reopen.as_deref().map(Into::into);
        let payments = it.payments.as_ref().map(|it| whatsapp::Payments {
            currency: it.country.currency().to_owned(),
            configuration: it.configuration.clone(),
        });
        let forms = it.forms.iter().map(|(name, flow)| (name.as_str().into(), flow.clone()));
        let shelf = Shelf {
            catalog: it.catalog_id.clone(),
            language: it.language.clone(),
            forms: forms.collect(),
            payments,
            addresses: it.addresses,
        };
        let mut profile = whatsapp::profile(&shelf, reopen, settle);
        profile.pace.account_per_second = it.per_second;
        let settings = WhatsAppSettings {
            number: it.number_id.clone(),
            shelf,
            file_hosts: it.file_hosts.clone(),
            profile,
        };
        let channel = Arc::new(WhatsApp::new(settings, self.graph(&it.app)?));
        let route = Route {
            business: it.business_id.clone(),
            number: it.number.clone(),
            ..route(shop, (whatsapp::KIND, &it.number_id), &it.app)
        };
        self.add(route, channel)
    }

    fn messenger(
        &mut self,
        shop: &Shop,
        it: &config::Messenger,
        platform: Platform,
    ) -> Result<(), Failure> {
        let settle = Duration::from_millis(it.app.settle_ms.into());
        let settings = MessengerSettings {
            platform,
            account: it.id.clone(),
            profile: messenger::profile(platform, settle),
        };
        let channel = Arc::new(Messenger::new(settings, self.graph(&it.app)?, self.own.clone()));
        self.add(route(shop, (platform.kind(), &it.id), &it.app), channel)
    }

    /// How an app is reached; what it signs and repeats is known from then on.
    fn graph(&mut self, app: &MetaApp) -> Result<Graph, Failure> {
        for variable in &app.secret_env {
            let secret = secret(variable)?;
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
            }
        }
        self.verify_tokens.push(secret(&app.verify_env)?);
        let settings = settings(app)?;
        Ok(Graph::new(self.http.clone(), self.data.clock.clone(), settings))
    }

    fn add(&mut self, route: Route, channel: Arc<dyn Port>) -> Result<(), Failure> {
        let (kind, account) = (route.channel.clone(), route.account.clone());
        if self.routes.iter().any(|it| (&it.channel, &it.account) == (&kind, &account)) {
            let what = format!("two channels are the {kind} account {account}");
            return Err(Failure::usage(what).hint("an account belongs to one shop"));
        }
        self.accounts.push((route.shop, (kind, account, channel)));
        self.routes.push(route);
        Ok(())
    }
}

/// What is told of an account goes to its shop.
fn route(shop: &Shop, (kind, account): (&str, &str), app: &MetaApp) -> Route {
    Route {
        shop: shop.id(),
        channel: kind.into(),
        account: account.into(),
        business: None,
        number: None,
        quiet: Duration::from_secs(3_600 * u64::from(app.quiet_hours)),
    }
}

/// How the Graph API is reached for an app.
pub(crate) fn settings(app: &MetaApp) -> Result<GraphSettings, Failure> {
    Ok(GraphSettings {
        base_url: app.base_url.clone(),
        version: app.version.clone(),
        token: Token(secret(&app.token_env)?),
    })
}

/// What Meta bills for a message of each of a shop's numbers.
pub(super) fn bills(shop: &Shop) -> impl Iterator<Item = ((Name, Name, Name), f64)> {
    shop.channels.iter().flat_map(|channel| {
        let prices = match channel {
            Channel::WhatsApp(it) => Some((&it.number_id, &it.prices_usd)),
            _ => None,
        };
        prices.into_iter().flat_map(|(number, prices)| {
            prices.iter().map(|(category, usd)| {
                let names =
                    (whatsapp::KIND.into(), number.as_str().into(), category.as_str().into());
                (names, *usd)
            })
        })
    })
}
