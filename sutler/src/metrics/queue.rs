//! How much waits and how far accounts may be used, asked of the store when somebody looks.

use std::collections::BTreeSet;

use agent_core::house::{House, Shop};
use agent_core::message::Standing;
use agent_core::store::OutboxState;
use agent_core::time::Micros;

use super::{Metrics, label};

/// Rows that are counted at most; so many mean: at least so many.
const COUNTED: usize = 10_000;

/// Counts what waits in each shop, and looks at its accounts.
pub async fn look(metrics: &Metrics, house: &House) {
    let now = house.clock.now();
    for shop in house.shops() {
        standings(metrics, house, shop).await;
        let name = label("shop", shop.name.as_str());
        match house.store.waiting(shop.id, COUNTED).await {
            Ok(waiting) => {
                let waiting = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
                metrics.conversations.get_or_create(&vec![name.clone()]).set(waiting);
            }
            Err(error) => tracing::warn!(%error, "the inboxes were not counted"),
        }
        let rows = match house
            .store
            .due(shop.id, Micros::MIN..=Micros::MAX, COUNTED, &BTreeSet::new())
            .await
        {
            Ok((rows, _)) => rows,
            Err(error) => {
                tracing::warn!(%error, "the outbox was not counted");
                continue;
            }
        };
        for state in ["waiting", "sending", "ambiguous", "held"] {
            let count = rows.iter().filter(|row| word(row.state) == state).count();
            let labels = vec![name.clone(), label("state", state)];
            metrics.outbox.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let oldest = rows.iter().map(|row| now.since(row.due)).max().unwrap_or_default();
        let oldest = i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX);
        metrics.oldest.get_or_create(&vec![name]).set(oldest);
    }
}

/// How far the accounts of a shop may be used.
async fn standings(metrics: &Metrics, house: &House, shop: &Shop) {
    let standings = match house.standings(shop).await {
        Ok(standings) => standings,
        Err(error) => {
            tracing::warn!(%error, "how accounts stand was not read");
            return;
        }
    };
    for ((channel, account), standing) in standings {
        let level = match standing {
            Standing::Good => 0,
            Standing::Slowed(_) => 1,
            Standing::Stopped { .. } => 2,
        };
        let labels = vec![
            label("shop", shop.name.as_str()),
            label("channel", channel.as_str()),
            label("account", account.as_str()),
        ];
        metrics.standing.get_or_create(&labels).set(level);
    }
}

/// What an operator calls a state.
fn word(state: OutboxState) -> &'static str {
    match state {
        OutboxState::Waiting | OutboxState::Released => "waiting",
        OutboxState::Sending => "sending",
        OutboxState::Unsure => "ambiguous",
        OutboxState::Held => "held",
    }
}
