//! A change of the engine, planted by a test: what is decided is altered before it is compared or written.

use std::sync::Arc;

use crate::event::Decision;

/// Alters a decision.
pub type Change = Arc<dyn Fn(Decision) -> Decision + Send + Sync>;

tokio::task_local! {
    static CHANGE: Change;
}

/// Runs something with a changed engine.
pub async fn with<T>(change: Change, run: impl Future<Output = T>) -> T {
    CHANGE.scope(change, run).await
}

/// The decision as the changed engine makes it.
pub(super) fn apply(decision: Decision) -> Decision {
    match CHANGE.try_with(Arc::clone) {
        Ok(change) => change(decision),
        Err(_) => decision,
    }
}
