//! Puts the parts together: the core over the real store, goods, models and systems of each shop.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::Channel;
use agent_core::courier::Courier;
use agent_core::digest::canonical;
use agent_core::house::{self, House};
use agent_core::id::Name;
use agent_core::intake::Intake;
use agent_core::mailbox::{Mailbox, Threads};
use agent_core::model::Model;
use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use agent_core::store::Store;
use agent_core::store::watched::Watched;
use agent_core::time::Clock;
use agent_core::tool::shop_tools;
use agent_core::turn::{Agent, Ports};
use anyhow::Context as _;
use catalog::Goods;
use catalog::backend::{LocalLinks, Webhook};
use catalog::feed::{RowError, google};
use prompts::{Feed, Folder};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::config::{Config, Shop};
use crate::data::Data;
use crate::environment;
use crate::exit::{Code, Failure};

/// An account of a shop: the kind of platform, the account there, and what delivers.
pub type Account = (Name, Name, Arc<dyn Channel>);

/// A process of shops, put together and not yet begun.
#[derive(Debug)]
pub struct Assembly {
    /// The ports and the shops.
    pub house: Arc<House>,
    /// Where messages go in.
    pub intake: Intake,
    /// Where they are answered.
    pub mailbox: Arc<Mailbox>,
    /// What delivers the answers.
    pub courier: Arc<Courier>,
    /// Tells that journals grew.
    pub watched: Arc<Watched>,
}

impl Assembly {
    /// Puts these shops together over the data folder, each with its accounts.
    ///
    /// # Errors
    /// When a pack is broken, goods can't be read, a secret is missing or the store fails.
    pub async fn new(
        config: &Config,
        data: &Data,
        shops: Vec<(&Shop, Vec<Account>)>,
    ) -> Result<Self, Failure> {
        Self::over(config, data, data.store.clone(), shops, Handle::current().into()).await
    }

    /// The same with what stands before the folder's store, through which everything is read and written, and with
    /// where turns run.
    ///
    /// # Errors
    /// When a pack is broken, goods can't be read, a secret is missing or the store fails.
    pub async fn over(
        config: &Config,
        data: &Data,
        store: Arc<dyn Store>,
        shops: Vec<(&Shop, Vec<Account>)>,
        turns: Threads,
    ) -> Result<Self, Failure> {
        let watched = Arc::new(Watched::new(store));
        let goods = Arc::new(Goods::new(data.clock.clone()));
        let catalog: Arc<dyn Catalog> = goods.clone();
        let mut agents = BTreeMap::new();
        let mut members = Vec::new();
        for (shop, accounts) in shops {
            let pack = pack_of(config, shop)?;
            stock(config, shop, &data.dir, &goods)?;
            let pack = pack.fitted(&goods.vocabulary(shop.id()));
            let backend = backend_of(shop, data)?;
            let ports = Ports {
                model: model_of(shop, &data.clock)?,
                tools: shop_tools(&catalog, &backend).into(),
                store: watched.clone(),
                clock: data.clock.clone(),
            };
            agents.insert(shop.id(), Agent::new(ports));
            let accounts = accounts.into_iter().map(|(kind, name, to)| ((kind, name), to));
            members.push(house::Shop {
                id: shop.id(),
                name: shop.name.as_str().into(),
                pack: Arc::new(pack),
                accounts: accounts.collect(),
                settings: settings_of(shop),
            });
        }
        let store = (watched.clone() as _, data.store.clone() as _);
        let time = (data.clock.clone(), data.ids.clone());
        let house = House::new(agents, store, time, catalog, members).await;
        let house = Arc::new(house.map_err(|error| Failure::new(Code::Failed, error))?);
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), turns);
        let courier =
            Courier::new(house.clone(), mailbox.clone(), outbox, config.courier.ambiguous.into());
        let intake = Intake::new(house.clone(), mailbox.clone());
        Ok(Self { house, intake, mailbox, courier, watched })
    }
}

/// The pack of a shop, in the shop's first language.
///
/// # Errors
/// Everything that is wrong with it.
pub fn pack_of(config: &Config, shop: &Shop) -> Result<Pack, Failure> {
    let pack = Folder::find(&config.pack(&shop.pack)).and_then(|folder| folder.pack());
    let pack = pack.map_err(|errors| Failure::new(Code::Usage, errors))?;
    let Some(first) = &shop.locale else { return Ok(pack) };
    let mut content = (*pack).clone();
    let Some(at) = content.locales.iter().position(|locale| locale.as_str() == first) else {
        let known: Vec<&str> = content.locales.iter().map(|locale| locale.as_str()).collect();
        let what = format!("the pack `{}` does not speak `{first}`", content.name);
        return Err(Failure::usage(what).hint(format!("it speaks {}", known.join(", "))));
    };
    content.locales.swap(0, at);
    Ok(Pack::new(content))
}

/// What of a shop's own feed could not be put in force; nothing, as a rule.
#[derive(Debug, Default)]
pub struct Lacking {
    /// Why none of it: what was last imported stays in force.
    pub feed: Option<String>,
    /// Rows that were left out.
    pub rows: u64,
    /// The first of them, and why.
    pub first: Option<RowError>,
}

/// Puts a shop's goods in force: its own feed; where that can't be used or there is none, what was last
/// imported; else the feed that comes with the pack.
///
/// # Errors
/// When there are none.
pub fn stock(config: &Config, shop: &Shop, data: &Path, goods: &Goods) -> Result<Lacking, Failure> {
    let (id, dir) = (shop.id(), Data::goods(data, shop.id()));
    if let Some(feed) = &shop.feed {
        let path = config.path(feed);
        let read = std::fs::read(&path).with_context(|| format!("the feed {}", path.display()));
        let imported = read.and_then(|bytes| {
            let feed = google::Feed { bytes: &bytes, currency: shop.currency.as_deref() };
            Ok(goods.import(id, feed, Some(&dir), |_| {})?)
        });
        return match imported {
            Ok(report) => {
                if report.bad > 0 {
                    let bad = report.bad;
                    tracing::warn!(shop = shop.name, bad, "rows of the feed were left out");
                }
                let first = report.errors.into_iter().next();
                Ok(Lacking { rows: report.bad, first, feed: None })
            }
            Err(error) => {
                let kept =
                    goods.open(id, &dir).map_err(|error| Failure::new(Code::Failed, error))?;
                if !kept {
                    return Err(error.into());
                }
                let error = format!("{error:#}");
                tracing::error!(shop = shop.name, error, "the last good goods stay in force");
                Ok(Lacking { feed: Some(error), ..Lacking::default() })
            }
        };
    }
    if goods.open(id, &dir).map_err(|error| Failure::new(Code::Failed, error))? {
        return Ok(Lacking::default());
    }
    let bytes = match Folder::find(&config.pack(&shop.pack)).ok().and_then(|it| it.feed().cloned())
    {
        Some(Feed::Embedded(bytes)) => bytes.to_vec(),
        Some(Feed::File(path)) => {
            std::fs::read(&path).with_context(|| format!("the pack's feed {}", path.display()))?
        }
        None => {
            let what = format!("the shop `{}` has no goods", shop.name);
            let hint = "name its `feed` in the configuration, or run `sutler catalog import FEED`";
            return Err(Failure::usage(what).hint(hint));
        }
    };
    goods.import(id, &*bytes, None, |_| {}).map_err(|error| Failure::new(Code::Failed, error))?;
    Ok(Lacking::default())
}

fn backend_of(shop: &Shop, data: &Data) -> Result<Arc<dyn Backend>, Failure> {
    let Some(webhook) = shop.webhook() else {
        let links = LocalLinks::new(shop.checkout.base_url.clone(), data.ids.clone());
        let minutes = u64::from(shop.checkout.minutes);
        return Ok(Arc::new(links.holding(Duration::from_secs(minutes * 60))));
    };
    let secret = secret(&webhook.secret_env)?;
    let timeout = Duration::from_secs(webhook.timeout_s.into());
    let url = webhook.url.clone();
    Ok(Arc::new(Webhook::new(http()?, data.clock.clone(), url, secret.into_bytes(), timeout)))
}

/// Who answers; behind every model stands the clerk.
///
/// # Errors
/// When a secret is missing or can't be used.
pub fn model_of(shop: &Shop, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Model>, Failure> {
    let clerk = Arc::new(Clerk::new());
    let model = shop.model();
    match model.server() {
        None => Ok(clerk),
        #[cfg(feature = "openai")]
        Some((base_url, name)) => {
            use agent_core::model::openai::{OpenAi, OpenAiSettings, Secret};
            use agent_core::model::route::Route;
            let key = model.key_env.as_deref().map(secret).transpose()?.unwrap_or_default();
            let key = Secret::parse(&key).map_err(|error| Failure::new(Code::Usage, error))?;
            let settings = OpenAiSettings {
                name: name.into(),
                base_url: base_url.to_owned(),
                model: name.to_owned(),
                key,
                stream: model.stream,
                cap: model.cap.into(),
                least_output: model.least_output,
                effort: model.effort.clone(),
            };
            let openai = Arc::new(OpenAi::new(settings, http()?, clock.clone()));
            Ok(Arc::new(Route::new(vec![(name.into(), openai), ("clerk".into(), clerk)])))
        }
        #[cfg(not(feature = "openai"))]
        Some(_) => {
            let _ = clock;
            Ok(clerk)
        }
    }
}

/// A client for servers of the configuration.
///
/// # Errors
/// When the system has no certificates.
pub fn http() -> Result<reqwest::Client, Failure> {
    // Redirects are refused: a signed errand must not go where nobody configured it to go.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    client.map_err(|error| Failure::new(Code::Failed, error))
}

/// A secret by the name of its variable.
///
/// # Errors
/// When it is not set.
pub(crate) fn secret(variable: &str) -> Result<String, Failure> {
    environment::variable(variable).ok_or_else(|| {
        Failure::usage(format!("the variable {variable} is not set"))
            .hint(format!("the configuration says that it holds a secret: export {variable}=…"))
    })
}

/// What a shop's turns depend on beside its pack, as canonical JSON without secrets.
fn settings_of(shop: &Shop) -> String {
    let model = shop.model();
    canonical(&json!({
        "model": model.server().map_or("clerk", |(_, name)| name),
        "server": model.server().map(|(base_url, _)| base_url),
        "checkout": shop.checkout.base_url,
        "webhook": shop.webhook().map(|webhook| webhook.url.as_str()),
        "currency": shop.currency,
        "locale": shop.locale,
    }))
}
