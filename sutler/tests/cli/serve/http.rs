//! As much of HTTP as the tests speak: one request a connection, and a stream of events.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long an answer is awaited at most: on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// Asks, with these lines of headers.
pub(super) fn ask(
    port: u16,
    what: &str,
    headers: &[String],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    send(&mut stream, what, headers, body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let wrong = || std::io::Error::other(format!("no answer: {answer}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(wrong)?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or_else(wrong)?;
    Ok(Answer { status, head: head.to_lowercase(), body: body.to_owned() })
}

fn send(stream: &mut TcpStream, what: &str, headers: &[String], body: &str) -> std::io::Result<()> {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{what} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes())
}

pub(super) fn bearer(key: &str) -> String {
    format!("authorization: Bearer {key}")
}

/// Posts JSON with a key.
pub(super) fn post(port: u16, path: &str, key: &str, body: &Value) -> std::io::Result<Answer> {
    let headers = [bearer(key), "content-type: application/json".to_owned()];
    ask(port, &format!("POST {path}"), &headers, &body.to_string())
}

pub(super) fn get(port: u16, path: &str, key: &str) -> Answer {
    ask(port, &format!("GET {path}"), &[bearer(key)], "").unwrap()
}

/// A stream of events, read as it comes.
pub(super) struct Events(BufReader<TcpStream>);

impl Events {
    pub(super) fn open(port: u16, path: &str, key: &str, last: u64) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let headers = [bearer(key), format!("last-event-id: {last}")];
        send(&mut stream, &format!("GET {path}"), &headers, "").unwrap();
        Self(BufReader::new(stream))
    }

    /// Reads until an entry is what is looked for; all entries up to it.
    pub(super) fn until(&mut self, found: impl Fn(&Value) -> bool) -> Vec<Value> {
        let (mut entries, mut beats) = (Vec::new(), 0);
        for line in (&mut self.0).lines() {
            let line = line.unwrap();
            // A quiet stream says every 15 seconds that it lives.
            beats += usize::from(line.starts_with(':'));
            assert!(beats < 8, "it never came: {entries:?}");
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let entry: Value = serde_json::from_str(data).unwrap();
            let done = found(&entry);
            entries.push(entry);
            if done {
                return entries;
            }
        }
        panic!("the stream ended after {entries:?}");
    }

    /// Reads to the end of the stream.
    pub(super) fn ends(&mut self) -> bool {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).is_ok()
    }
}
