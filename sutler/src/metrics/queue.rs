//! How much waits, asked of the store when somebody looks.

use agent_core::house::House;
use agent_core::store::OutboxState;
use agent_core::time::Micros;

use super::{Metrics, label};

/// Rows that are counted at most; so many mean: at least so many.
const COUNTED: usize = 10_000;

/// Counts what waits in each shop.
pub async fn look(metrics: &Metrics, house: &House) {
    let now = house.clock.now();
    for shop in house.shops() {
        let name = label("shop", shop.name.as_str());
        match house.store.waiting(shop.id, COUNTED).await {
            Ok(waiting) => {
                let waiting = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
                metrics.conversations.get_or_create(&vec![name.clone()]).set(waiting);
            }
            Err(error) => tracing::warn!(%error, "the inboxes were not counted"),
        }
        let rows = match house.store.due(shop.id, Micros(i64::MAX), COUNTED).await {
            Ok((rows, _)) => rows,
            Err(error) => {
                tracing::warn!(%error, "the outbox was not counted");
                continue;
            }
        };
        for (state, word) in [
            (OutboxState::Waiting, "waiting"),
            (OutboxState::Sending, "sending"),
            (OutboxState::Unsure, "ambiguous"),
            (OutboxState::Held, "held"),
        ] {
            let count = rows.iter().filter(|row| row.state == state).count();
            let labels = vec![name.clone(), label("state", word)];
            metrics.outbox.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let oldest = rows.iter().map(|row| now.since(row.due)).max().unwrap_or_default();
        let oldest = i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX);
        metrics.oldest.get_or_create(&vec![name]).set(oldest);
    }
}
