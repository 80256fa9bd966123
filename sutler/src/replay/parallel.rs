//! Something done for many, so many at once.

use std::future::Future;

use anyhow::Context as _;
use tokio::task::JoinSet;

/// One a core.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Does `work` for each, `jobs` at once, and tells `done` of each that is; the results in the order of the items.
///
/// # Errors
/// When one of them panics.
pub async fn each<T, R, F>(
    items: impl IntoIterator<Item = T>,
    jobs: usize,
    work: impl Fn(T) -> F,
    mut done: impl FnMut(),
) -> anyhow::Result<Vec<R>>
where
    R: Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let mut items = items.into_iter().enumerate();
    let (mut running, mut results) = (JoinSet::new(), Vec::new());
    loop {
        while running.len() < jobs.max(1) {
            let Some((n, item)) = items.next() else { break };
            let working = work(item);
            running.spawn(async move { (n, working.await) });
        }
        let Some(ended) = running.join_next().await else { break };
        results.push(ended.context("a worker ended")?);
        done();
    }
    results.sort_unstable_by_key(|(n, _)| *n);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
