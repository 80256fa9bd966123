//! Whether the shops can be served: what `/readyz` tells.

use std::sync::Arc;
use std::time::Duration;

use agent_core::house::{House, Shop};
use agent_core::id::{JournalId, Seq};
use agent_core::message::Standing;
use agent_core::time::{Clock, Micros};
use futures::future::join_all;
use serde::Serialize;

use crate::config::Model;
use crate::environment;
use crate::metrics::Counted;
use crate::model_server;

/// For how long an answer is good: whoever asks often costs no more than whoever asks now and then.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// For how long a model's server is not asked again.
const MODEL_GOOD_FOR: Duration = Duration::from_secs(30);

/// How something is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Ready,
    /// Customers are served, though not as they should be.
    Degraded,
    /// Customers can't be served.
    Unready,
}

/// How one part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartHealth {
    /// Which: `store`, or a part of a shop.
    pub part: String,
    /// Whose, where it is a shop's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// How it is.
    pub health: Health,
    /// In words.
    pub detail: String,
}

/// How everything is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As the worst of the parts.
    pub health: Health,
    /// The parts.
    pub parts: Vec<PartHealth>,
}

/// Looks at what the shops need.
#[derive(Debug)]
pub struct Readiness {
    house: Arc<House>,
    counted: Arc<Counted>,
    /// The model of each shop.
    models: Vec<(String, Model)>,
    last: tokio::sync::Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    report: Option<(Micros, Report)>,
    models: Option<(Micros, Vec<PartHealth>)>,
}

impl Readiness {
    /// Over a house that stands.
    #[must_use]
    pub fn new(house: Arc<House>, counted: Arc<Counted>, models: Vec<(String, Model)>) -> Self {
        Self { house, counted, models, last: tokio::sync::Mutex::default() }
    }

    /// How everything is, as of a few seconds ago at most.
    pub async fn look(&self) -> Report {
        let mut last = self.last.lock().await;
        let now = self.house.clock.now();
        if let Some((_, report)) = last.report.as_ref().filter(|(at, _)| now.since(*at) < GOOD_FOR)
        {
            return report.clone();
        }
        let mut parts = vec![self.store().await];
        for shop in self.house.shops() {
            let name = Some(shop.name.to_string());
            let pack = format!("{} {}", shop.pack.name, shop.pack.version);
            parts.push(PartHealth {
                part: "pack".to_owned(),
                shop: name.clone(),
                health: Health::Ready,
                detail: pack,
            });
            let version = self.house.catalog.version(shop.id).await;
            let (health, detail) = match version {
                Ok(version) => (Health::Ready, format!("version {version}")),
                Err(error) => (Health::Unready, error.to_string()),
            };
            parts.push(PartHealth { part: "catalogue".to_owned(), shop: name, health, detail });
            parts.extend(self.accounts(shop).await);
        }
        let fresh = last.models.as_ref().filter(|(at, _)| now.since(*at) < MODEL_GOOD_FOR);
        let models = match fresh {
            Some((_, models)) => models.clone(),
            None => {
                let clock = &*self.house.clock;
                let asked = self.models.iter().map(|(shop, model)| answers(clock, shop, model));
                let models = join_all(asked).await;
                last.models = Some((now, models.clone()));
                models
            }
        };
        parts.extend(models);
        let health = parts.iter().map(|part| part.health).max().unwrap_or(Health::Ready);
        let report = Report { health, parts };
        last.report = Some((now, report.clone()));
        report
    }

    /// The accounts of a shop that their platforms are displeased with.
    async fn accounts(&self, shop: &Shop) -> Vec<PartHealth> {
        // A store that can't be read is told of by itself.
        let standings = self.house.standings(shop).await.unwrap_or_default();
        let told = standings.into_iter().filter_map(|((channel, account), standing)| {
            let detail = match standing {
                Standing::Good => return None,
                Standing::Slowed(why) => format!("sends slowly: {why}"),
                Standing::Stopped { why, until } => format!("sends nothing until {until}: {why}"),
            };
            let (part, shop) = (format!("{channel} {account}"), Some(shop.name.to_string()));
            Some(PartHealth { part, shop, health: Health::Degraded, detail })
        });
        told.collect()
    }

    async fn store(&self) -> PartHealth {
        let shop = self.house.shops().next().map(|shop| JournalId::shop(shop.id));
        let read = match shop {
            Some(journal) => self.house.store.read(journal, Seq(u64::MAX), 1).await.map(|_| ()),
            None => Ok(()),
        };
        let (health, detail) = match read {
            Err(error) => (Health::Unready, error.to_string()),
            Ok(()) if self.counted.is_failing() => {
                (Health::Unready, "the last commit failed; is the disk full?".to_owned())
            }
            Ok(()) => (Health::Ready, "reads and writes".to_owned()),
        };
        PartHealth { part: "store".to_owned(), shop: None, health, detail }
    }
}

/// Whether a shop's model answers; until it does, the clerk does.
async fn answers(clock: &dyn Clock, shop: &str, model: &Model) -> PartHealth {
    let (health, detail) = match model.server() {
        None => (Health::Ready, "the clerk".to_owned()),
        Some((base_url, name)) => {
            let key = model.key_env.as_deref().and_then(environment::variable);
            match model_server::listed(clock, base_url, key.as_deref()).await {
                Ok(_) => (Health::Ready, format!("{name} answers")),
                Err(why) => {
                    (Health::Degraded, format!("{name} {why}; until it answers, the clerk does"))
                }
            }
        }
    };
    PartHealth { part: "model".to_owned(), shop: Some(shop.to_owned()), health, detail }
}
