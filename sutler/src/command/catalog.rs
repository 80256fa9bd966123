//! `sutler catalog`: a shop's goods.

use std::path::PathBuf;
use std::sync::Arc;

use ::catalog::Goods;
use ::catalog::feed::google;
use agent_core::catalog::{Catalog as _, Match, Query, Sort};
use agent_core::evidence::Stock;
use agent_core::id::{Locale, Name};
use agent_core::money::Decimal;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{print, table};
use crate::assembly;
use crate::cli::Global;
use crate::clock::SystemClock;
use crate::config::{Config, Shop};
use crate::data::Data;
use crate::exit::{Code, Failure};

/// Bad rows that are told one by one.
const TOLD: usize = 20;

/// Goods: feeds in, products out.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalog {
    /// Read a Google Merchant feed, CSV or TSV, into the data folder
    ///
    /// Bad rows are left out and told with line, field and reason. A feed that can't be used at all leaves the
    /// last good goods in force. A running shop takes the new goods over at its next start.
    Import {
        /// The feed
        #[arg(value_name = "FEED")]
        feed: PathBuf,
        #[command(flatten)]
        which: Which,
        /// Tell every bad row
        #[arg(long)]
        all: bool,
    },
    /// Find products as a customer's words would
    Search {
        /// What the customer calls it
        #[arg(value_name = "WORDS", required = true)]
        words: Vec<String>,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        limits: Limits,
    },
    /// Count products, variants, and what can be ordered now
    Stats {
        #[command(flatten)]
        which: Which,
    },
}

/// Whose goods, and how they are told.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// A pack: a built-in one by its name, or a folder; goes before the shops of the configuration
    #[arg(long, value_name = "PACK")]
    pack: Option<String>,
    /// Which shop of the configuration [default: the first]
    #[arg(long, value_name = "NAME", conflicts_with = "pack")]
    shop: Option<String>,
    /// JSON
    #[arg(long)]
    json: bool,
}

/// What a product must be like.
#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// At most this price, in whole units of the currency
    #[arg(long, value_name = "PRICE")]
    max_price: Option<String>,
    /// At least this price, in whole units of the currency
    #[arg(long, value_name = "PRICE")]
    min_price: Option<String>,
    /// An attribute that must match: color=blue, size=M; may be repeated
    #[arg(long = "filter", value_name = "NAME=VALUE")]
    filters: Vec<String>,
    /// The cheapest first
    #[arg(long)]
    cheapest: bool,
    /// At most so many products
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: u8,
}

impl Catalog {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Import { feed, which, all } => {
                let config = global.config(which.pack.as_deref())?;
                import(&config, &feed, &which, all)
            }
            Self::Search { words, which, limits } => {
                let config = global.config(which.pack.as_deref())?;
                search(&config, &words.join(" "), &which, &limits).await
            }
            Self::Stats { which } => {
                let config = global.config(which.pack.as_deref())?;
                stats(&config, &which)
            }
        }
    }
}

fn import(
    config: &Config,
    feed: &std::path::Path,
    which: &Which,
    all: bool,
) -> Result<(), Failure> {
    let shop = config.shop(which.shop.as_deref())?;
    if let Some(configured) = &shop.feed {
        let what = format!(
            "the shop `{}` reads the feed {} at every start",
            shop.name,
            configured.display()
        );
        return Err(
            Failure::usage(what).hint("change that file, or take `feed` out of the configuration")
        );
    }
    let bytes = std::fs::read(feed).with_context(|| format!("the feed {}", feed.display()))?;
    let rows = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} rows  {per_sec}") {
        bar.set_style(style);
    }
    let dir = Data::goods(&config.data(), shop.id());
    let goods = Goods::new(Arc::new(SystemClock));
    let feed = google::Feed { bytes: &bytes, currency: shop.currency.as_deref() };
    let report = goods.import(shop.id(), feed, Some(&dir), |read| bar.set_position(read));
    bar.finish_and_clear();
    let report = report.map_err(|error| {
        let hint = "the goods that were in force stay in force";
        Failure::new(Code::Found, error).hint(hint)
    })?;
    if which.json {
        let bad: Vec<Value> = report
            .errors
            .iter()
            .map(|error| json!({"line": error.line, "field": error.field, "reason": error.reason}))
            .collect();
        let told = json!({
            "rows": report.rows, "products": report.products, "variants": report.variants,
            "left_out": report.bad, "errors": bad, "unknown_columns": report.unknown,
        });
        return print(&format!("{told}\n"));
    }
    let shown = if all { report.errors.len() } else { TOLD };
    for error in report.errors.iter().take(shown) {
        print(&format!("left out: {error}\n"))?;
    }
    let more = report.bad.saturating_sub(shown as u64);
    if more > 0 {
        print(&format!("left out: {more} rows more; --all tells them\n"))?;
    }
    if !report.unknown.is_empty() {
        print(&format!("columns without use here: {}\n", report.unknown.join(", ")))?;
    }
    print(&format!(
        "{} rows: {} products in {} variants, {} rows left out\n",
        report.rows, report.products, report.variants, report.bad
    ))
}

fn stocked(config: &Config, shop: &Shop) -> Result<Goods, Failure> {
    let goods = Goods::new(Arc::new(SystemClock));
    assembly::stock(config, shop, &config.data(), &goods)?;
    Ok(goods)
}

async fn search(
    config: &Config,
    words: &str,
    which: &Which,
    limits: &Limits,
) -> Result<(), Failure> {
    let shop = config.shop(which.shop.as_deref())?;
    let goods = stocked(config, shop)?;
    let query = query(words, limits)?;
    let locale = Locale::from(shop.locale.as_deref().unwrap_or("en"));
    let found = goods.search(shop.id(), &locale, &query).await;
    let found = found.map_err(|error| Failure::new(Code::Failed, error))?;
    if which.json {
        return found.iter().try_for_each(|it| print(&format!("{}\n", told(it))));
    }
    if found.is_empty() {
        return print("nothing fits\n");
    }
    let rows = found.iter().map(row).collect::<Vec<_>>();
    print(&table(&["product", "title", "variant", "price", "stock"], &rows))
}

fn query(words: &str, limits: &Limits) -> Result<Query, Failure> {
    let price = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => match Decimal::parse(text) {
            Ok(price) => Ok(Some(price)),
            Err(error) => Err(Failure::new(Code::Usage, error)),
        },
    };
    let mut query = Query {
        words: words.to_owned(),
        max_price: price(&limits.max_price)?,
        min_price: price(&limits.min_price)?,
        sort: if limits.cheapest { Sort::Cheapest } else { Sort::Relevance },
        limit: limits.limit,
        ..Query::default()
    };
    for filter in &limits.filters {
        let Some((name, value)) = filter.split_once('=') else {
            return Err(Failure::usage(format!("`{filter}` is no filter"))
                .hint("write NAME=VALUE: color=blue"));
        };
        query.filters.insert(Name::from(name), value.to_owned());
    }
    Ok(query)
}

fn told(found: &Match) -> Value {
    let facts = &found.facts;
    json!({
        "product": facts.product, "title": facts.title, "brand": facts.brand,
        "variant": facts.variant(), "version": found.version.to_string(),
    })
}

fn row(found: &Match) -> Vec<String> {
    let facts = &found.facts;
    let variant = facts.variant();
    let text = |text: Option<String>| text.unwrap_or_default();
    vec![
        facts.product.to_string(),
        facts.title.clone(),
        text(variant.map(|it| it.variant.to_string())),
        text(variant.map(|it| it.price.to_string())),
        text(variant.map(|it| stock(it.stock))),
    ]
}

fn stock(stock: Stock) -> String {
    match stock {
        Stock::In(None) => "in stock".to_owned(),
        Stock::In(Some(count)) => format!("{count} in stock"),
        Stock::Preorder => "pre-order".to_owned(),
        Stock::Backorder => "back-order".to_owned(),
        Stock::Out => "sold out".to_owned(),
    }
}

fn stats(config: &Config, which: &Which) -> Result<(), Failure> {
    let shop = config.shop(which.shop.as_deref())?;
    let stats = stocked(config, shop)?.stats(shop.id());
    if which.json {
        let told = json!({
            "shop": shop.name, "products": stats.products, "variants": stats.variants, "orderable": stats.orderable,
        });
        return print(&format!("{told}\n"));
    }
    print(&format!(
        "{}: {} products in {} variants, {} of them can be ordered now\n",
        shop.name, stats.products, stats.variants, stats.orderable
    ))
}
