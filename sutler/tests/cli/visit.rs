//! A shop that serves, and visitors of its page who speak HTTP as the page does.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::sutler;

/// How long a stream may be silent before a test gives it up, on any machine as loaded: the server says every
/// 15 seconds that it lives, and what is asked for is long there by then.
const PATIENCE: Duration = Duration::from_secs(300);

/// `sutler serve`, until it is dropped or killed.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    /// Opens the shops of a folder: of its `sutler.toml`, if it has one.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::knowing(folder, [("SHOP_SECRET", "secret")])
    }

    /// The same with these variables.
    pub(crate) fn knowing<const N: usize>(folder: &Path, secrets: [(&str, &str); N]) -> Self {
        let mut command = sutler(folder);
        command.args(["serve", "--data", "d", "--listen", "127.0.0.1:0"]);
        command.envs(secrets).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        Self { child, url: url.trim_end_matches(':').to_owned() }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end();
    }
}

/// A visitor's browser: its cookie, and nothing else.
#[derive(Clone)]
pub(crate) struct Visitor {
    client: Client,
    pub(crate) base: String,
    pub(crate) cookie: String,
    view: &'static str,
}

/// What was told: the event's name, its id and its data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// An open stream.
pub(crate) struct Stream {
    response: Response,
    text: String,
}

static MESSAGES: AtomicU32 = AtomicU32::new(0);

impl Visitor {
    /// Somebody new.
    pub(crate) async fn new(serving: &Serving, shop: &str) -> Self {
        Self::signed(serving, shop, json!({}), "").await.unwrap()
    }

    /// Somebody new who says this of themselves; an error is the status.
    pub(crate) async fn signed(
        serving: &Serving,
        shop: &str,
        said: Value,
        view: &'static str,
    ) -> Result<Self, StatusCode> {
        // An error means that another test has chosen one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = format!("{}/s/{shop}", serving.url);
        let client = Client::builder().timeout(PATIENCE).build().unwrap();
        let mut visitor = Self { client, base, cookie: String::new(), view };
        let response = visitor.post("session", &said).send().await.unwrap();
        if response.status() != StatusCode::OK {
            return Err(response.status());
        }
        let cookie = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut visitor.cookie);
        Ok(visitor)
    }

    /// Somebody who shows another cookie.
    pub(crate) fn with(&self, cookie: String) -> Self {
        Self { cookie, ..self.clone() }
    }

    /// The same person before another process of the same shop.
    pub(crate) fn at(&self, serving: &Serving, shop: &str) -> Self {
        Self { base: format!("{}/s/{shop}", serving.url), ..self.clone() }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.client.post(format!("{}/{path}{}", self.base, self.view));
        let request = request.header(COOKIE, &self.cookie).header(CONTENT_TYPE, "application/json");
        request.body(body.to_string())
    }

    /// Says something under an id; whether it was new, or why it was not taken.
    pub(crate) async fn says(&self, id: &str, text: &str) -> Result<bool, (StatusCode, bool)> {
        let said = json!({ "id": id, "text": text });
        let response = self.post("messages", &said).send().await.unwrap();
        let status = response.status();
        if status != StatusCode::ACCEPTED {
            return Err((status, response.headers().contains_key(RETRY_AFTER)));
        }
        let body: Value = response.json().await.unwrap();
        Ok(body.get("fresh").unwrap().as_bool().unwrap())
    }

    /// Says something, once.
    pub(crate) async fn say(&self, text: &str) {
        let id = format!("m{}", MESSAGES.fetch_add(1, Ordering::Relaxed));
        assert_eq!(self.says(&id, text).await, Ok(true), "{text}");
    }

    /// Opens a stream after an id; an error is the status.
    pub(crate) async fn open(&self, after: Option<&str>) -> Result<Stream, StatusCode> {
        let request = self.client.get(format!("{}/events{}", self.base, self.view));
        let request = request.header(COOKIE, &self.cookie);
        let request = match after {
            Some(id) => request.header("last-event-id", id),
            None => request,
        };
        let response = request.send().await.unwrap();
        match response.status() {
            StatusCode::OK => Ok(Stream { response, text: String::new() }),
            status => Err(status),
        }
    }
}

impl Stream {
    /// The next thing told.
    pub(crate) async fn next(&mut self) -> Told {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let told = told(event);
                self.text = rest.to_owned();
                match told {
                    Some(told) => return told,
                    None => continue,
                }
            }
            let chunk = self.response.chunk().await.unwrap().unwrap();
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }

    /// The messages told until one of this kind.
    pub(crate) async fn until(&mut self, kind: &str) -> Vec<Told> {
        let mut messages = Vec::new();
        loop {
            let told = self.next().await;
            let found = told.data.get("kind").is_some_and(|it| it == kind);
            if told.name == "message" && told.id.is_some() {
                messages.push(told);
            }
            if found {
                return messages;
            }
        }
    }

    /// What is told until an event of this name, which is the last.
    pub(crate) async fn through(&mut self, name: &str) -> Vec<Told> {
        let mut all = Vec::new();
        while all.last().is_none_or(|told: &Told| told.name != name) {
            all.push(self.next().await);
        }
        all
    }
}

fn told(event: &str) -> Option<Told> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    let data = serde_json::from_str(&field("data")?).unwrap();
    Some(Told { name: field("event").unwrap(), id: field("id"), data })
}
