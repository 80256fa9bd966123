//! How well the right product is found, on sets of judged queries that lie elsewhere.
//!
//! Each set is a folder with `catalog.jsonl` (`id`, `title`, and where known `brand`, `model`, `category`,
//! `description`, `price`) and files `queries*.jsonl` (`query`, `relevant`: ids).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::catalog::{Catalog as _, Query};
use agent_core::id::ShopId;
use agent_core::time::Micros;
use agent_core::time::turned::TurnedClock;
use catalog::Goods;
use serde_json::Value;

const SHOP: ShopId = ShopId(1);

/// Prints NDCG@10 (binary gain) and recall at 1 and 10 of every set in a folder.
pub(crate) async fn run(dir: &Path) {
    for set in folders(dir) {
        let goods = Goods::new(Arc::new(TurnedClock::new(Micros(0))));
        let feed = feed(&fs::read_to_string(set.join("catalog.jsonl")).unwrap());
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        for queries in files(&set) {
            let mut sums = [0.0; 3];
            let text = fs::read_to_string(&queries).unwrap();
            for line in text.lines() {
                let asked: Value = serde_json::from_str(line).unwrap();
                let found =
                    found(&goods, asked.get("query").and_then(Value::as_str).unwrap()).await;
                let relevant = asked.get("relevant").and_then(Value::as_array).unwrap();
                let gains: Vec<bool> =
                    found.iter().map(|id| relevant.iter().any(|it| it == id.as_str())).collect();
                for (sum, score) in sums.iter_mut().zip(scores(&gains, relevant.len())) {
                    *sum += score;
                }
            }
            let [ndcg, first, ten] = sums.map(|sum| sum / text.lines().count() as f64);
            let name = queries.strip_prefix(dir).unwrap_or(&queries).display();
            println!("{name}: NDCG@10 {ndcg:.3}, recall@1 {first:.3}, recall@10 {ten:.3}");
        }
    }
}

async fn found(goods: &Goods, words: &str) -> Vec<String> {
    let query = Query { words: words.to_owned(), limit: 10, ..Query::default() };
    let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
    found.into_iter().map(|found| found.facts.product.0).collect()
}

fn scores(gains: &[bool], relevant: usize) -> [f64; 3] {
    let discount = |at: usize| 1.0 / ((at + 2) as f64).log2();
    let gained: f64 = gains.iter().enumerate().filter(|it| *it.1).map(|it| discount(it.0)).sum();
    let ideal: f64 = (0..relevant.min(10)).map(discount).sum();
    let recalled = |n: usize| {
        gains.iter().take(n).filter(|gain| **gain).count() as f64 / relevant.min(n).max(1) as f64
    };
    [gained / ideal, recalled(1), recalled(10)]
}

/// The records as a shop would export them.
fn feed(records: &str) -> String {
    let mut feed = String::from("id,title,brand,mpn,product_type,description,price,availability\n");
    for line in records.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let quoted = |name: &str| format!("\"{}\"", field(name).replace('"', "\"\""));
        let texts = ["title", "brand", "model", "category", "description"].map(quoted).join(",");
        let price = field("price").parse().unwrap_or(1.0_f64).max(0.01);
        feed.push_str(&format!("{},{texts},{price:.2} USD,in_stock\n", field("id")));
    }
    feed
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.join("catalog.jsonl").is_file());
    folders.sort();
    folders
}

fn files(set: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(set).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("queries"))
    });
    files.sort();
    files
}
