//! What the shop itself has on record: each message in one turn, and in no other.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::server::{KEY, Server};

/// Messages of all conversations, each by the number of turns that took it.
async fn taken(server: &Server) -> anyhow::Result<BTreeMap<String, u64>> {
    let client = Client::new();
    let get = async |path: String| {
        let url = format!("{}/v1/conversations{path}", server.url());
        loop {
            let answer = client.get(&url).bearer_auth(KEY).send().await?;
            // A key may ask so often and no more.
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                server.moment().await;
                continue;
            }
            let body = answer.error_for_status()?.bytes().await?;
            return anyhow::Ok(serde_json::from_slice::<Value>(&body)?);
        }
    };
    let (mut taken, mut after) = (BTreeMap::new(), String::new());
    loop {
        let listed = get(format!("?limit=200{after}")).await?;
        for conversation in list(&listed, "conversations")? {
            let id = conversation.get("id").and_then(Value::as_str).context("no id")?;
            let told = get(format!("/{id}/entries?limit=500")).await?;
            ensure!(
                told.get("next").is_some_and(Value::is_null),
                "{id} has more entries than one page"
            );
            let turns = list(&told, "entries")?.iter().filter_map(|it| it.get("took"));
            let all = turns.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
            for message in all {
                *taken.entry(format!("{id}/{message}")).or_default() += 1;
            }
        }
        match listed.get("next").and_then(Value::as_str) {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(taken),
        }
    }
}

fn list<'a>(told: &'a Value, name: &str) -> anyhow::Result<&'a Vec<Value>> {
    told.get(name).and_then(Value::as_array).with_context(|| format!("no {name}"))
}

/// Whether so many messages are in one turn each.
pub(crate) async fn check(server: &Server, messages: u64) -> anyhow::Result<()> {
    let taken = taken(server).await?;
    let twice = taken.iter().find(|(_, turns)| **turns != 1);
    ensure!(twice.is_none(), "a message is in more than one turn: {twice:?}");
    ensure!(taken.len() as u64 == messages, "{} of {messages} messages are in a turn", taken.len());
    Ok(())
}
