//! The bare handler: checks the signature, acknowledges, asks the model, sends the answer. It keeps nothing; or, to
//! show what the disk allows, what it was told: in a file that is synced, for all that wait at once, before it acknowledges.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, mpsc};

use adapters::meta::signature::Secrets;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::town::{NUMBER, SECRET};

struct Handler {
    http: reqwest::Client,
    secrets: Secrets,
    model: String,
    graph: String,
    /// Makes a body durable.
    keeper: Option<mpsc::Sender<(Bytes, oneshot::Sender<()>)>>,
}

/// Serves on a loopback port, and says on which; keeps what it is told in a folder, if it has one.
pub(crate) async fn serve(model: &str, graph: &str, folder: Option<&Path>) -> anyhow::Result<()> {
    let handler = Handler {
        keeper: folder.map(keeper).transpose()?,
        http: reqwest::Client::builder().no_proxy().build()?,
        secrets: Secrets::new([SECRET]),
        model: format!("{model}/chat/completions"),
        graph: format!("{graph}/v25.0/{NUMBER}/messages"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    anstream::println!("http://{}/", listener.local_addr()?);
    let app = Router::new().route("/", post(handle)).with_state(Arc::new(handler));
    axum::serve(listener, app).await?;
    Ok(())
}

/// One thread that writes what waits, and syncs once for all of it.
fn keeper(folder: &Path) -> io::Result<mpsc::Sender<(Bytes, oneshot::Sender<()>)>> {
    let mut file = File::create(folder.join("told"))?;
    let (keep, told) = mpsc::channel::<(Bytes, oneshot::Sender<()>)>();
    std::thread::Builder::new().name("keeper".to_owned()).spawn(move || {
        while let Ok(first) = told.recv() {
            let group: Vec<_> = std::iter::once(first).chain(told.try_iter()).collect();
            let written = group.iter().try_for_each(|(body, _)| file.write_all(body));
            if written.and_then(|()| file.sync_data()).is_err() {
                return;
            }
            for (_, kept) in group {
                let _gone = kept.send(());
            }
        }
    })?;
    Ok(keep)
}

async fn handle(
    State(handler): State<Arc<Handler>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = headers.get("x-hub-signature-256").and_then(|it| it.to_str().ok());
    if handler.secrets.signer(header.unwrap_or_default(), &body).is_none() {
        return StatusCode::UNAUTHORIZED;
    }
    if let Some(keeper) = &handler.keeper {
        let (kept, durable) = oneshot::channel();
        let _ended = keeper.send((body.clone(), kept));
        if durable.await.is_err() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    }
    let Ok(told) = serde_json::from_slice::<Value>(&body) else { return StatusCode::OK };
    if let Some(message) = told.pointer("/entry/0/changes/0/value/messages/0") {
        tokio::spawn(answer(handler, message.clone()));
    }
    StatusCode::OK
}

async fn answer(handler: Arc<Handler>, message: Value) -> reqwest::Result<()> {
    let asked = json!({ "model": "load", "messages": [
        { "role": "system", "content": "You sell outdoor clothes. Be brief and kind." },
        { "role": "user", "content": message.pointer("/text/body") },
    ] });
    let asked = handler.http.post(&handler.model).json(&asked).send().await?;
    let answer: Value = asked.json().await?;
    let body = json!({ "messaging_product": "whatsapp", "type": "text", "to": message.get("from"),
        "text": { "body": answer.pointer("/choices/0/message/content") } });
    handler.http.post(&handler.graph).bearer_auth(SECRET).json(&body).send().await?;
    Ok(())
}
