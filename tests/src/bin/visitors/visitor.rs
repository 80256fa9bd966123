//! One visitor: writes, reads what comes, loses the connection, and takes it up where it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agent_core::time::Clock as _;
use anyhow::{Context as _, bail, ensure};
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use sutler::clock::SystemClock;
use sutler_tests::dice::Dice;

use crate::server::Server;

/// What visitors write.
const WORDS: [&str; 4] =
    ["waterproof jacket under 120 in M", "add the first one", "what is in my cart?", "hello"];
/// How long an answer is awaited before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often a request is sent again before it is given up.
const TRIES: usize = 600;

pub(crate) struct Visitor {
    pub(crate) number: u64,
    pub(crate) server: Arc<Server>,
    pub(crate) dice: Dice,
    /// At how many of a hundred events the connection is cut.
    pub(crate) cuts: u64,
    pub(crate) answered: Arc<AtomicU64>,
}

/// What became of a visit.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// How long each answer took.
    pub(crate) answers: Vec<Duration>,
    /// Connections that were cut.
    pub(crate) cut: u64,
}

/// A message as it was told.
struct Message {
    id: String,
    /// The visitor's own id of it; empty for an answer.
    client: String,
}

/// Who speaks HTTP for the visitor.
struct Browser {
    client: Client,
    base: String,
    address: String,
    cookie: String,
}

impl Visitor {
    /// Writes so many messages, and looks whether everything came, once and in order.
    pub(crate) async fn visit(mut self, messages: u64) -> anyhow::Result<Told> {
        let mut browser = self.arrive().await?;
        let (mut told, mut seen) = (Told::default(), Vec::new());
        let mut stream = self.open(&browser, None).await?;
        for n in 0..messages {
            let (id, begun) = (format!("m{n}"), SystemClock.now());
            let words = WORDS.get((self.number + n) as usize % WORDS.len()).unwrap_or(&"hello");
            let said = json!({ "id": id, "text": words });
            self.post(&mut browser, "messages", &said).await?;
            loop {
                let heard = stream.next().await?;
                let mut cut = matches!(heard, Heard::Ended);
                if let Heard::Message(message) = heard {
                    let asked = seen.iter().any(|it: &Message| it.client == id);
                    let answer = message.client.is_empty() && asked;
                    seen.push(message);
                    if answer {
                        break;
                    }
                    cut = self.dice.below(100) < self.cuts;
                }
                if cut {
                    told.cut += 1;
                    stream = self.open(&browser, seen.last()).await?;
                }
            }
            told.answers.push(SystemClock.now().since(begun));
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
        self.check(&browser, messages, seen).await?;
        Ok(told)
    }

    async fn arrive(&self) -> anyhow::Result<Browser> {
        let client = Client::builder().timeout(PATIENCE).build()?;
        let [.., b, c, d] = self.number.to_be_bytes();
        let mut browser = Browser {
            client,
            base: format!("{}/s/shop", self.server.url()),
            address: format!("10.{b}.{c}.{d}"),
            cookie: String::new(),
        };
        let response = self.post(&mut browser, "session", &json!({})).await?;
        let cookie = response.headers().get(SET_COOKIE).context("no cookie")?.to_str()?;
        cookie.split(';').next().unwrap_or_default().clone_into(&mut browser.cookie);
        Ok(browser)
    }

    /// Posts, again and again under the same id, until it is acknowledged.
    async fn post(
        &self,
        browser: &mut Browser,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Response> {
        for _ in 0..TRIES {
            let request = browser.client.post(format!("{}/{path}", browser.base));
            let request = request.header(COOKIE, &browser.cookie);
            let request = request.header("x-forwarded-for", &browser.address);
            let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
            match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if !again(response.status()) => bail!("{path}: {}", response.status()),
                Ok(_) | Err(_) => self.server.moment().await,
            }
        }
        bail!("{path} was never answered")
    }

    async fn open(&self, browser: &Browser, last: Option<&Message>) -> anyhow::Result<Stream> {
        for _ in 0..TRIES {
            let request = browser.client.get(format!("{}/events", browser.base));
            let mut request = request.header(COOKIE, &browser.cookie);
            request = request.header("x-forwarded-for", &browser.address);
            if let Some(last) = last {
                request = request.header("last-event-id", &last.id);
            }
            match request.send().await {
                Ok(response) if response.status().is_success() => {
                    return Ok(Stream { response, bytes: Vec::new() });
                }
                Ok(response) if !again(response.status()) => bail!("events: {}", response.status()),
                Ok(_) | Err(_) => self.server.moment().await,
            }
        }
        bail!("no stream was opened")
    }

    /// What came in pieces must be what comes whole, and each message of theirs must be in it once.
    async fn check(
        &self,
        browser: &Browser,
        messages: u64,
        seen: Vec<Message>,
    ) -> anyhow::Result<()> {
        let mut whole = Vec::new();
        let mut stream = self.open(browser, None).await?;
        loop {
            match stream.next().await? {
                Heard::Message(message) => whole.push(message),
                Heard::Ready => break,
                Heard::Ended => {
                    whole.clear();
                    stream = self.open(browser, None).await?;
                }
            }
        }
        let ids =
            |messages: &[Message]| messages.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        let (whole_ids, seen_ids) = (ids(&whole), ids(&seen));
        ensure!(
            whole_ids.starts_with(&seen_ids),
            "lost, twice or out of order: told {seen_ids:?} of {whole_ids:?}"
        );
        for n in 0..messages {
            let id = format!("m{n}");
            let count = whole.iter().filter(|it| it.client == id).count();
            ensure!(count == 1, "{id} is there {count} times");
        }
        Ok(())
    }
}

/// Whether a refusal asks to come again.
fn again(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// An open stream.
struct Stream {
    response: Response,
    /// What came and is not a whole event yet.
    bytes: Vec<u8>,
}

/// What a stream tells.
enum Heard {
    Message(Message),
    /// Everything that was there when it opened has been told.
    Ready,
    /// The connection is gone.
    Ended,
}

impl Stream {
    /// The next thing that counts.
    async fn next(&mut self) -> anyhow::Result<Heard> {
        loop {
            while let Some(end) = self.bytes.windows(2).position(|it| it == b"\n\n") {
                let rest = self.bytes.split_off(end + 2);
                let event = String::from_utf8(std::mem::replace(&mut self.bytes, rest))?;
                if let Some(heard) = heard(&event)? {
                    return Ok(heard);
                }
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.bytes.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return Ok(Heard::Ended),
            }
        }
    }
}

fn heard(event: &str) -> anyhow::Result<Option<Heard>> {
    let field = |name: &str| {
        let mut lines = event.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()))
    };
    match (field("event").as_deref(), field("id"), field("data")) {
        (Some("message"), Some(id), Some(data)) => {
            let data: Value = serde_json::from_str(&data)?;
            let client = data.get("client").and_then(Value::as_str).unwrap_or_default().to_owned();
            Ok(Some(Heard::Message(Message { id, client })))
        }
        (Some("reset"), ..) => bail!("the stream does not know where it was cut"),
        (Some("ready"), ..) => Ok(Some(Heard::Ready)),
        _ => Ok(None),
    }
}
