//! Asks the server of a model whether it is there, which costs nothing.

use std::time::Duration;

use agent_core::time::Clock;
use reqwest::StatusCode;
use serde_json::Value;

use crate::assembly;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The models a server lists; none where what it lists are no models.
///
/// # Errors
/// What is wrong with it, in words that follow its name.
pub async fn listed(
    clock: &dyn Clock,
    base_url: &str,
    key: Option<&str>,
) -> Result<Vec<String>, String> {
    let late = clock.now().after(PATIENCE);
    tokio::select! {
        known = ask(base_url, key) => known,
        () = clock.sleep_until(late) => Err(format!("does not answer within {PATIENCE:?}")),
    }
}

async fn ask(base_url: &str, key: Option<&str>) -> Result<Vec<String>, String> {
    let http = assembly::http().map_err(|failure| failure.to_string())?;
    let url = format!("{}/models", base_url.trim_end_matches('/'));
    let mut asked = http.get(url);
    if let Some(key) = key {
        asked = asked.bearer_auth(key);
    }
    let silent = |error: reqwest::Error| format!("does not answer: {}", error.without_url());
    let answer = asked.send().await.map_err(silent)?;
    let status = answer.status();
    let elsewhere =
        |what: String| format!("{what} where it should list its models; is `base_url` right?");
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err("refuses the key".to_owned()),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Err(elsewhere(format!("answers {status}")))
        }
        _ if status.is_redirection() => Err(elsewhere(format!("answers {status}"))),
        _ if !status.is_success() => Err(format!("answers {status}")),
        _ => {
            let body = answer.bytes().await.map_err(silent)?;
            let list: Value = serde_json::from_slice(&body)
                .map_err(|_| elsewhere("answers no JSON".to_owned()))?;
            let models = list.get("data").and_then(Value::as_array).into_iter().flatten();
            let named = models.filter_map(|it| it.get("id")?.as_str().map(str::to_owned));
            Ok(named.collect())
        }
    }
}
