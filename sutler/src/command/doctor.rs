//! `sutler doctor`: everything a shop needs, looked at.

#[cfg(feature = "server")]
mod server;

use std::sync::Arc;

use ::catalog::Goods;
use anstyle::{AnsiColor, Style};
use clap::Args;
use serde::Serialize;

use super::print;
use crate::assembly;
use crate::cli::Global;
use crate::clock::SystemClock;
use crate::config::{Config, Shop};
use crate::data::Data;
use crate::environment;
use crate::exit::Failure;
use crate::model_server;

/// Looks at configuration, data folder, packs, goods, models, the server and secrets.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// One JSON object a finding
    #[arg(long)]
    json: bool,
}

/// How something is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Health {
    Good,
    Worth,
    Bad,
}

/// What was looked at, and how it is.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) health: Health,
    /// What was looked at.
    pub(super) what: String,
    /// How it is.
    pub(super) how: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
}

impl Doctor {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let mut findings = vec![data(&config)];
        for shop in &config.shops {
            let shop = shop.get_ref();
            findings.push(pack(&config, shop));
            findings.push(goods(&config, shop));
            findings.push(model(shop).await);
            findings.extend(webhook(shop));
            findings.extend(checkout(shop));
            #[cfg(feature = "meta")]
            for channel in &shop.channels {
                findings.extend(super::doctor_meta::channel(&config, shop, channel).await);
            }
        }
        #[cfg(feature = "server")]
        findings.extend(server::look(&config));
        #[cfg(feature = "telegram")]
        findings.extend(telegram(&config).await);
        #[cfg(feature = "discord")]
        findings.extend(discord(&config).await);
        for finding in &findings {
            print(&if self.json { json(finding) } else { line(finding) })?;
        }
        match findings.iter().filter(|it| it.health == Health::Bad).count() {
            0 => Ok(()),
            1 => Err(Failure::found("1 thing keeps the shop from opening")),
            bad => Err(Failure::found(format!("{bad} things keep the shop from opening"))),
        }
    }
}

fn json(finding: &Finding) -> String {
    // Strings alone: they are always JSON.
    serde_json::to_string(finding).map(|json| json + "\n").unwrap_or_default()
}

fn line(finding: &Finding) -> String {
    let (sign, colour) = match finding.health {
        Health::Good => ("ok  ", AnsiColor::Green),
        Health::Worth => ("note", AnsiColor::Yellow),
        Health::Bad => ("bad ", AnsiColor::Red),
    };
    let style = Style::new().fg_color(Some(colour.into()));
    let hint = finding.hint.as_ref().map(|hint| format!("\n     {hint}")).unwrap_or_default();
    format!("{style}{sign}{style:#} {}: {}{hint}\n", finding.what, finding.how)
}

pub(super) fn found(health: Health, what: impl Into<String>, how: impl Into<String>) -> Finding {
    Finding { health, what: what.into(), how: how.into(), hint: None }
}

pub(super) fn failed(what: impl Into<String>, failure: &Failure) -> Finding {
    let hint = failure.what_to_do().map(str::to_owned);
    Finding { hint, ..found(Health::Bad, what, failure.to_string()) }
}

fn data(config: &Config) -> Finding {
    let dir = config.data();
    let what = format!("data folder {}", dir.display());
    if !dir.join("format").exists() {
        return found(Health::Good, what, "not there yet; it is made at the first start");
    }
    match Data::open(config) {
        Ok(_) => found(Health::Good, what, "opens; keys and journals are there"),
        Err(failure) => failed(what, &failure),
    }
}

fn pack(config: &Config, shop: &Shop) -> Finding {
    let what = format!("{}: pack {}", shop.name, shop.pack);
    match assembly::pack_of(config, shop) {
        Ok(pack) => {
            let locales: Vec<&str> = pack.locales.iter().map(|it| it.as_str()).collect();
            found(
                Health::Good,
                what,
                format!("version {}, speaks {}", pack.version, locales.join(", ")),
            )
        }
        Err(failure) => failed(what, &failure),
    }
}

fn goods(config: &Config, shop: &Shop) -> Finding {
    let what = format!("{}: goods", shop.name);
    let goods = Goods::new(Arc::new(SystemClock));
    let lacking = match assembly::stock(config, shop, &config.data(), &goods) {
        Ok(lacking) => lacking,
        Err(failure) => return failed(what, &failure),
    };
    let stats = goods.stats(shop.id());
    let how = format!(
        "{} products in {} variants, {} can be ordered",
        stats.products, stats.variants, stats.orderable
    );
    if let Some(why) = lacking.feed {
        let hint = Some(format!("until the feed can be read, what it last held is sold: {how}"));
        return Finding { hint, ..found(Health::Bad, what, why) };
    }
    if lacking.rows > 0 {
        let how = format!("{how}; {} rows of the feed were left out", lacking.rows);
        let hint = lacking.first.map(|first| format!("the first: {first}"));
        return Finding { hint, ..found(Health::Worth, what, how) };
    }
    found(if stats.orderable == 0 { Health::Worth } else { Health::Good }, what, how)
}

fn webhook(shop: &Shop) -> Option<Finding> {
    let webhook = shop.webhook()?;
    let what = format!("{}: webhook {}", shop.name, webhook.url);
    Some(match environment::variable(&webhook.secret_env) {
        Some(_) => found(Health::Good, what, format!("signed with {}", webhook.secret_env)),
        None => Finding {
            hint: Some(format!("export {}=…", webhook.secret_env)),
            ..found(Health::Bad, what, format!("the variable {} is not set", webhook.secret_env))
        },
    })
}

/// A shop whose carts are paid nowhere.
fn checkout(shop: &Shop) -> Option<Finding> {
    let nowhere = shop.webhook().is_none() && shop.checkout.is_example();
    let how = format!("links lead to {}, which is an example", shop.checkout.base_url);
    let hint =
        "set `base_url` under [shop.checkout] to a page of yours, or let a [shop.webhook] answer";
    nowhere.then(|| Finding {
        hint: Some(hint.to_owned()),
        ..found(Health::Worth, format!("{}: checkout", shop.name), how)
    })
}

/// Looks at the bots of all shops.
#[cfg(feature = "telegram")]
async fn telegram(config: &Config) -> Vec<Finding> {
    let clock: Arc<dyn agent_core::time::Clock> = Arc::new(SystemClock);
    let bots = match crate::channel::telegram::bots(config, &clock) {
        Ok(bots) => bots,
        Err(failure) => return vec![failed("telegram", &failure)],
    };
    let mut findings = Vec::new();
    for bot in bots {
        let what = format!("telegram: bot {}", bot.telegram.account());
        for remark in adapters::telegram::survey(&bot.telegram, bot.webhook.as_ref()).await {
            let health = match (remark.good, remark.worth) {
                (false, _) => Health::Bad,
                (true, true) => Health::Worth,
                (true, false) => Health::Good,
            };
            findings.push(Finding { hint: remark.hint, ..found(health, &*what, remark.how) });
        }
    }
    findings
}

/// Looks at the bots of all shops on Discord.
#[cfg(feature = "discord")]
async fn discord(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let public_url = config.server.public_url.as_deref();
    let clock: Arc<dyn agent_core::time::Clock> = Arc::new(SystemClock);
    for bot in crate::channel::discord::bots(config, &clock) {
        let bot = match bot {
            Ok(bot) => bot,
            Err(failure) => {
                findings.push(failed("discord", &failure));
                continue;
            }
        };
        let what = format!("discord: application {}", bot.settings.application);
        for remark in adapters::discord::survey(&bot.rest, &bot.settings, public_url).await {
            let health = if remark.good { Health::Good } else { Health::Bad };
            findings.push(Finding { hint: remark.hint, ..found(health, &*what, remark.how) });
        }
    }
    findings
}

/// Asks the model's server for its models, which costs nothing.
async fn model(shop: &Shop) -> Finding {
    let model = shop.model();
    let Some((base_url, name)) = model.server() else {
        return found(
            Health::Good,
            format!("{}: model", shop.name),
            "the clerk, who needs no network",
        );
    };
    let what = format!("{}: model {name} at {base_url}", shop.name);
    let key = match &model.key_env {
        None => None,
        Some(variable) => match environment::variable(variable) {
            Some(key) => Some(key),
            None => {
                let hint = Some(format!("export {variable}=…"));
                return Finding {
                    hint,
                    ..found(Health::Bad, what, format!("the variable {variable} is not set"))
                };
            }
        },
    };
    match model_server::listed(&SystemClock, base_url, key.as_deref()).await {
        Ok(known) if known.is_empty() || known.iter().any(|it| it == name) => {
            found(Health::Good, what, "answers")
        }
        Ok(known) => {
            let some: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
            let hint = Some(format!("it has: {}", some.join(", ")));
            Finding { hint, ..found(Health::Worth, what, "answers, and does not list this model") }
        }
        Err(why) => {
            let hint = Some("until it answers, the clerk does".to_owned());
            Finding { hint, ..found(Health::Worth, what, why) }
        }
    }
}
