//! Import and search of 50,000 products, beside what the machine gives at that very hour.
//!
//! `cargo bench -p catalog`, and `-- --judged DIR` for how well the right product is found on sets of
//! judged queries. A figure without its raw probe says nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench measures with the machine's clock and speaks to whoever runs it"
)]

mod judged;
mod made;

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_core::catalog::{Catalog as _, Query, Sort};
use agent_core::id::ShopId;
use agent_core::money::Decimal;
use agent_core::time::Micros;
use agent_core::time::turned::TurnedClock;
use catalog::Goods;

const SHOP: ShopId = ShopId(1);
const PRODUCTS: u64 = 50_000;
const ASKS: usize = 5_000;

/// A fixed loop on one core, and 4 KiB appended and synced over and over: what the machine can do.
fn probe(dir: &Path) -> String {
    let start = Instant::now();
    let mut x = 1_u64;
    for n in 0..200_000_000_u64 {
        x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n));
    }
    let cpu = start.elapsed();
    let mut file = File::create(dir.join("raw")).unwrap();
    let (start, mut syncs) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        syncs += 1;
    }
    format!("{cpu:.2?} for 200 million steps, {syncs} syncs a second")
}

/// Seconds of CPU this process has used; to a hundredth, as Linux counts.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

fn query(ask: &made::Ask) -> Query {
    let filters = ask.filters.iter().map(|(name, value)| ((*name).into(), value.clone()));
    Query {
        words: ask.words.clone(),
        filters: filters.collect(),
        max_price: ask.max_price.and_then(|max| Decimal::parse(&max.to_string()).ok()),
        sort: if ask.cheapest { Sort::Cheapest } else { Sort::Relevance },
        ..Query::default()
    }
}

fn import(dir: &Path) -> Goods {
    let feed = made::feed(PRODUCTS);
    let goods = Goods::new(Arc::new(TurnedClock::new(Micros(1_800_000_000_000_000))));
    let (start, used) = (Instant::now(), cpu());
    let report = goods.import(SHOP, feed.text.as_bytes(), Some(dir), |_| {}).unwrap();
    let (took, used) = (start.elapsed(), cpu() - used);
    assert_eq!(
        (report.products, report.variants),
        (feed.products, feed.rows),
        "{:?}",
        report.errors
    );
    let rate = |count: u64| count as f64 / took.as_secs_f64();
    let (products, rows) = (rate(feed.products), rate(feed.rows));
    println!(
        "import of {} products in {} rows, read, indexed, written and synced: {took:.2?}; {products:.0} products/s, {rows:.0} rows/s; {used:.2} s of CPU",
        feed.products, feed.rows
    );
    println!("asked 10000 products/s: {}", products >= 10_000.0);
    let start = Instant::now();
    assert!(Goods::new(Arc::new(TurnedClock::new(Micros(0)))).open(SHOP, dir).unwrap());
    println!("opened again from disk in {:.2?}", start.elapsed());
    goods
}

async fn search(goods: &Goods) {
    let used = cpu();
    let mut kinds: BTreeMap<&str, (usize, Vec<Duration>)> = BTreeMap::new();
    let mut all = Vec::with_capacity(ASKS);
    for ask in made::asks(ASKS) {
        let query = query(&ask);
        let start = Instant::now();
        let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
        let took = start.elapsed();
        all.push(took);
        let kind = kinds.entry(ask.kind).or_default();
        kind.0 += usize::from(!found.is_empty());
        kind.1.push(took);
    }
    for (kind, (answered, mut took)) in kinds {
        let (count, p50, p99) = (took.len(), at(&mut took, 50), at(&mut took, 99));
        println!("  {kind}: p50 {p50:.2?}, p99 {p99:.2?}; {answered} of {count} found something");
    }
    let used = (cpu() - used) * 1_000.0 / ASKS as f64;
    let (p50, p99) = (at(&mut all, 50), at(&mut all, 99));
    println!(
        "search, {ASKS} queries one after the other: p50 {p50:.2?}, p99 {p99:.2?}; {used:.2} ms of CPU each"
    );
    let (p50, p99) = (p50 < Duration::from_millis(2), p99 < Duration::from_millis(15));
    println!("asked p50 under 2 ms: {p50}; p99 under 15 ms: {p99}");
}

fn at(took: &mut [Duration], part: usize) -> Duration {
    took.sort_unstable();
    took.get(took.len() * part / 100).copied().unwrap_or_default()
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    if words.next().as_deref() == Some("--judged") {
        let dir = words.next().map(PathBuf::from).unwrap();
        return runtime.block_on(judged::run(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    println!("raw before: {}", probe(dir.path()));
    let goods = import(dir.path());
    runtime.block_on(search(&goods));
    println!("raw after: {}", probe(dir.path()));
}
