//! Asks the server of a model whether it is there, which costs nothing.

use std::time::Duration;

use agent_core::time::Clock as _;
use serde_json::Value;

use crate::assembly;
use crate::clock::SystemClock;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The models a server lists; none when it has no list.
///
/// # Errors
/// What is wrong with it, in words that follow its name.
pub async fn listed(base_url: &str, key: Option<&str>) -> Result<Vec<String>, String> {
    let http = assembly::http().map_err(|failure| failure.to_string())?;
    let url = format!("{}/models", base_url.trim_end_matches('/'));
    let mut asked = http.get(url);
    if let Some(key) = key {
        asked = asked.bearer_auth(key);
    }
    let clock = SystemClock;
    let late = clock.now().after(PATIENCE);
    let answer = tokio::select! {
        answer = asked.send() => answer.map_err(|error| format!("does not answer: {}", error.without_url()))?,
        () = clock.sleep_until(late) => return Err(format!("does not answer within {PATIENCE:?}")),
    };
    match answer.status().as_u16() {
        401 | 403 => Err("refuses the key".to_owned()),
        500.. => Err(format!("answers {}", answer.status())),
        _ => {
            let list: Value = answer.json().await.unwrap_or_default();
            let models = list.get("data").and_then(Value::as_array).into_iter().flatten();
            let named = models.filter_map(|it| it.get("id")?.as_str().map(str::to_owned));
            Ok(named.collect())
        }
    }
}
