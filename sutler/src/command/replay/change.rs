//! What is changed: the arguments, made into a plan.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use agent_core::catalog::Catalog as _;
use agent_core::digest::Digest;
use agent_core::id::{Name, ShopId};
use agent_core::money::Money;
use agent_core::pack::Pack;
use anyhow::Context as _;
use catalog::feed::google;
use catalog::{Goods, Offer};
use clap::Args;
use prompts::Folder;

use crate::assembly::{model_of, stock};
use crate::clock::SystemClock;
use crate::config::{Config, Model, Price, Shop};
use crate::exit::{Code, Failure};
use crate::replay::plan::{self, Plan, Standing};
use crate::replay::rates::{Rates, rate};
use crate::replay::sandbox::Shelf;
use crate::tape::Journal;

/// The goods tools look into.
#[derive(Debug, Args)]
pub(super) struct GoodsOf {
    /// The shop of the configuration whose goods and model are used [default: the conversations' own, else the first]
    #[arg(long, value_name = "NAME")]
    as_shop: Option<String>,
    /// A feed instead of the shop's own goods
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Another price of a variant: `RJM01-BLU-M='79.90 EUR'`; repeatable
    #[arg(long, value_name = "VARIANT=AMOUNT", value_parser = price)]
    price: Vec<(Name, Money)>,
}

fn price(text: &str) -> Result<(Name, Money), String> {
    let (variant, amount) = text.split_once('=').ok_or("expected VARIANT=AMOUNT")?;
    let amount = Money::parse(amount).map_err(|error| error.to_string())?;
    Ok((variant.into(), amount))
}

impl GoodsOf {
    /// The shop of the configuration.
    pub(super) fn shop<'a>(&self, config: &'a Config) -> Result<&'a Shop, Failure> {
        config.shop(self.as_shop.as_deref())
    }

    /// The configuration in which [`Self::shop`] is the shop the conversations were held with, where nobody said
    /// which: one of the configuration, or that of a built-in pack.
    pub(super) fn settle(
        &mut self,
        config: Config,
        journals: &[Journal],
    ) -> Result<Config, Failure> {
        let shops: BTreeSet<ShopId> = journals.iter().map(|it| it.id.shop).collect();
        let own = match (&self.as_shop, shops.len()) {
            (None, 1) => shops.first().copied(),
            (None, 2..) => {
                let what = "the conversations are of several shops, whose goods differ";
                return Err(Failure::usage(what)
                    .hint("choose a shop's with --shop, or say whose goods with --as-shop"));
            }
            _ => None,
        };
        let Some(own) = own else { return Ok(config) };
        let mut shops = config.shops.iter().map(toml::Spanned::get_ref);
        if let Some(shop) = shops.find(|shop| shop.id() == own) {
            self.as_shop = Some(shop.name.clone());
            return Ok(config);
        }
        let is_of = |pack: &&str| Config::of_pack(pack).shop(None).is_ok_and(|it| it.id() == own);
        Ok(match prompts::builtin().find(is_of) {
            Some(pack) => config.with_pack(pack),
            None => config,
        })
    }

    /// The goods, and what is changed of them.
    pub(super) async fn shelf(
        &self,
        config: &Config,
        changes: &mut Vec<String>,
    ) -> Result<Shelf, Failure> {
        let shop = self.shop(config)?;
        let goods = Arc::new(Goods::new(Arc::new(SystemClock)));
        let whose = match &self.feed {
            Some(feed) => {
                let bytes =
                    std::fs::read(feed).with_context(|| format!("the feed {}", feed.display()))?;
                let read = google::Feed { bytes: &bytes, currency: shop.currency.as_deref() };
                let imported = goods.import(shop.id(), read, None, |_| {});
                imported.map_err(|error| Failure::new(Code::Failed, error))?;
                feed.display().to_string()
            }
            None => {
                stock(config, shop, &config.data(), &goods)?;
                format!("those of {} today", shop.name)
            }
        };
        // A run is gone on with over the very same goods alone.
        let version = goods.version(shop.id()).await.context("the goods")?;
        changes.push(format!("goods: {whose} ({})", brief(version)));
        for (variant, amount) in &self.price {
            let found = goods.product(shop.id(), variant).await.ok().flatten();
            let was = found
                .as_ref()
                .and_then(|found| found.facts.variants.iter().find(|it| it.variant == *variant));
            let Some(was) = was else {
                return Err(Failure::usage(format!("there is no variant `{variant}` to price"))
                    .hint("`sutler catalog search WORDS` shows variants"));
            };
            let offer = Offer { price: amount.clone(), sale: None, stock: was.stock };
            goods.update(shop.id(), variant, offer);
            changes.push(format!("price of {variant}: {} → {amount}", was.price));
        }
        Ok(Shelf { goods, shop: shop.id() })
    }
}

/// What models cost.
#[derive(Debug, Args)]
pub(super) struct Rated {
    /// What a million tokens of a model cost in US dollars, of the prompt, of its cached part and of the answer:
    /// `gpt-4.1-mini=0.4/0.1/1.6`; repeatable [default: `price` of the configuration's models]
    #[arg(long, value_name = "MODEL=IN/CACHED/OUT", value_parser = rate)]
    rate: Vec<(Name, Price)>,
}

impl Rated {
    pub(super) fn rates(&self, config: &Config) -> Rates {
        Rates::of(config).with(self.rate.iter().cloned())
    }
}

/// What is said and allowed.
#[derive(Debug, Args)]
pub(super) struct PackOf {
    /// Another pack: a built-in one by its name, or a folder
    #[arg(long, value_name = "PACK")]
    pack: Option<String>,
    /// The policy set of another pack: its tools and how they are used, its topics, its stop, yes and no words
    #[arg(long, value_name = "PACK")]
    policy: Option<String>,
    /// A tool nobody may use any more; repeatable
    #[arg(long, value_name = "TOOL")]
    without: Vec<String>,
}

impl PackOf {
    pub(super) fn repack(
        &self,
        changes: &mut Vec<String>,
    ) -> Result<agent_core::replay::rerun::Repack, Failure> {
        let mut repack = plan::as_recorded();
        if let Some(name) = &self.pack {
            let pack = load(name)?;
            changes.push(format!("pack: {} {} ({})", pack.name, pack.version, short(&pack)));
            repack = plan::this(pack);
        }
        if let Some(name) = &self.policy {
            let pack = load(name)?;
            changes.push(format!(
                "policy set of: {} {} ({})",
                pack.name,
                pack.version,
                short(&pack)
            ));
            repack = plan::policy_of(repack, &pack);
        }
        if !self.without.is_empty() {
            changes.push(format!("without the tool: {}", self.without.join(", ")));
            let tools = self.without.iter().map(|tool| tool.as_str().into()).collect();
            repack = plan::without(repack, tools);
        }
        Ok(repack)
    }
}

/// A pack by its name or folder.
pub(super) fn load(name: &str) -> Result<Pack, Failure> {
    let pack = Folder::find(name).and_then(|folder| folder.pack());
    pack.map_err(|errors| Failure::new(Code::Usage, errors))
}

/// As much of a pack's hash as tells it from others.
pub(super) fn short(pack: &Pack) -> String {
    brief(pack.id())
}

fn brief(hash: Digest) -> String {
    hash.to_string().chars().take(12).collect()
}

/// Who answers: the clerk, or the shop's own model as the configuration says.
pub(super) fn model(plan: &mut Plan, shop: &Shop, configured: bool) -> Result<(), Failure> {
    let settings = shop.model();
    let server = settings.server().filter(|_| configured);
    plan.changes.push(match server {
        Some(_) => format!("model: {}", called(&settings)),
        None => "model: clerk".to_owned(),
    });
    if server.is_some() {
        plan.model = Ok(model_of(shop, &plan.clock)?);
    } else {
        plan.model = Ok(Arc::new(agent_core::model::clerk::Clerk::new()));
        plan.clock = Arc::new(Standing);
        plan.clerk = true;
    }
    Ok(())
}

/// What a model is called in a report: another server, or another effort, may answer otherwise.
fn called(model: &Model) -> String {
    let Some((at, name)) = model.server() else { return "clerk".to_owned() };
    let effort = model.effort.as_ref().map(|effort| format!(", effort {effort}"));
    format!("{name} at {at}{}", effort.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_server_or_effort_is_another_change() {
        let called = |settings: &str| {
            let text = format!(
                "[[shop]]\nname = 'tea'\npack = 'retail'\nmodel = {{ kind = 'openai', model = 'muse', {settings} }}\n"
            );
            let config = Config::parse("sutler.toml", &text).unwrap();
            called(&config.shop(None).unwrap().model())
        };
        let one = called("base_url = 'http://127.0.0.1:1/v1'");
        let other = called("base_url = 'http://127.0.0.1:2/v1'");
        let eager = called("base_url = 'http://127.0.0.1:1/v1', effort = 'high'");
        assert_eq!(one, "muse at http://127.0.0.1:1/v1");
        assert!(one != other && one != eager && other != eager, "{one:?} {other:?} {eager:?}");
    }
}
