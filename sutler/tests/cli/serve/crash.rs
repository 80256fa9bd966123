//! The server is killed while customers write, again and again: what it acknowledged it answers, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::http::{Events, get, post};
use super::{ALL, Server};

/// How often it is killed.
const KILLS: usize = 4;
/// Customers that write at once.
const CUSTOMERS: usize = 6;
/// It is killed after so many messages were acknowledged, and again.
const MESSAGES: usize = 25;

/// What a customer was acknowledged: the conversation, and the messages.
type Acknowledged = BTreeMap<String, BTreeSet<String>>;

/// Everybody writes until the server is gone; what they were told is kept.
fn written_until_killed(server: Server, run: usize) -> Acknowledged {
    let (port, count) = (server.port, AtomicUsize::new(0));
    let (enough, killed) = mpsc::channel();
    let (count, mut all) = (&count, Acknowledged::new());
    thread::scope(|scope| {
        let write = |customer: usize, enough: mpsc::Sender<()>| {
            let mut known: Option<(String, BTreeSet<String>)> = None;
            for n in 0.. {
                let id = format!("r{run}-{n}");
                let text = if n % 2 == 0 { "rain jacket in M" } else { "add the first one" };
                let said = json!({ "id": id, "customer": format!("c{customer}"), "text": text });
                let Ok(answer) = post(port, "/v1/messages", ALL, &said) else { break };
                assert_eq!(answer.status, 202, "{answer:?}");
                let conversation = answer.json()["conversation"].as_str().unwrap().to_owned();
                known.get_or_insert((conversation, BTreeSet::new())).1.insert(id);
                if count.fetch_add(1, Ordering::Relaxed) + 1 == MESSAGES {
                    enough.send(()).unwrap();
                }
            }
            known
        };
        let writers: Vec<_> = (0..CUSTOMERS)
            .map(|customer| {
                let enough = enough.clone();
                scope.spawn(move || write(customer, enough))
            })
            .collect();
        killed.recv().unwrap();
        server.kill();
        for writer in writers {
            if let Some((conversation, ids)) = writer.join().unwrap() {
                all.entry(conversation).or_default().extend(ids);
            }
        }
    });
    all
}

fn ids(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn killed_under_load_it_answers_all_it_acknowledged_in_exactly_one_turn() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    for run in 0..KILLS {
        let told = written_until_killed(Server::start(folder.path()), run);
        for (conversation, ids) in told {
            acknowledged.entry(conversation).or_default().extend(ids);
        }
    }
    assert!(acknowledged.values().map(BTreeSet::len).sum::<usize>() >= KILLS * MESSAGES);
    let server = Server::start(folder.path());
    for (conversation, messages) in acknowledged {
        let path = format!("/v1/conversations/{conversation}");
        let mut left = messages.clone();
        let mut events = Events::open(server.port, &format!("{path}/events"), ALL, 0);
        while !left.is_empty() {
            let heard = events.until(|it| it["type"] == "turn");
            for id in ids(&heard.last().unwrap()["took"]) {
                left.remove(&id);
            }
        }
        let told = get(server.port, &format!("{path}/entries?limit=500"), ALL).json();
        assert_eq!(told["next"], Value::Null);
        let entries = told["entries"].as_array().unwrap();
        let turns = entries.iter().filter(|it| it["type"] == "turn");
        let took: Vec<String> = turns.flat_map(|turn| ids(&turn["took"])).collect();
        let said = entries.iter().filter(|it| it["from"] == "customer");
        let said: Vec<&str> = said.map(|it| it["id"].as_str().unwrap()).collect();
        for id in &messages {
            assert_eq!(took.iter().filter(|it| *it == id).count(), 1, "{id} in {took:?}");
            assert_eq!(said.iter().filter(|it| **it == id.as_str()).count(), 1, "{id}");
        }
        let sent = entries.iter().filter(|it| it["from"] == "agent");
        let sent: Vec<&str> = sent.map(|it| it["id"].as_str().unwrap()).collect();
        let once: BTreeSet<&str> = sent.iter().copied().collect();
        assert_eq!(once.len(), sent.len(), "a part was told twice");
    }
}
