//! `[server]`: how `sutler serve` meets the world. TLS is a proxy's business.

use std::net::SocketAddr;
use std::time::Duration;

use adapters::server::{Allowance, Limits, Network};
use serde::Deserialize;

use super::problem::{ConfigError, Text};
use super::shop::is_web;

/// How `sutler serve` meets the world. The defaults of the limits are the server's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Under what address the world knows it: `https://chat.shop.example`.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Seconds from the wish to end until what is still under way is left for the next start.
    pub grace_s: u32,
    /// Where `/metrics` and `/readyz` are told instead of at `listen`, so that the world can't ask.
    pub operator_listen: Option<SocketAddr>,
    connections: Option<usize>,
    streams: Option<usize>,
    body_kib: Option<usize>,
    head_kib: Option<usize>,
    head_s: Option<u32>,
    answer_s: Option<u32>,
    address_per_second: Option<u32>,
    address_burst: Option<u32>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: Vec::new(),
            grace_s: 20,
            operator_listen: None,
            connections: None,
            streams: None,
            body_kib: None,
            head_kib: None,
            head_s: None,
            answer_s: None,
            address_per_second: None,
            address_burst: None,
        }
    }
}

impl Server {
    /// What the server takes on at most.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        let seconds = |given: Option<u32>, default: Duration| {
            given.map_or(default, |seconds| Duration::from_secs(seconds.into()))
        };
        let bytes = |given: Option<usize>, default: usize| given.map_or(default, |kib| kib * 1024);
        Limits {
            connections: self.connections.unwrap_or(default.connections),
            body: bytes(self.body_kib, default.body),
            head: bytes(self.head_kib, default.head),
            head_time: seconds(self.head_s, default.head_time),
            answer_time: seconds(self.answer_s, default.answer_time),
            allowance: Allowance {
                per_second: self.address_per_second.unwrap_or(default.allowance.per_second),
                burst: self.address_burst.unwrap_or(default.allowance.burst),
            },
        }
    }

    /// Streams of the API and of the pages that may be open at once: each holds a connection, so they leave some for others.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams.unwrap_or_else(|| self.limits().connections / 2)
    }

    /// How long what is under way may take after the wish to end.
    #[must_use]
    pub fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_s.into())
    }

    pub(super) fn check(&self, text: &Text<'_>) -> Result<(), ConfigError> {
        let root = text.table()?;
        let at = root.get_ref().get("server").map_or(0, |section| section.span().start);
        if let Some(url) = &self.public_url {
            is_web(text, at, url)?;
        }
        let limits = [
            ("connections", self.connections == Some(0)),
            ("streams", self.streams == Some(0)),
            ("body_kib", self.body_kib == Some(0)),
            ("head_kib", self.head_kib.is_some_and(|kib| kib < 8)),
            ("head_s", self.head_s == Some(0)),
            ("answer_s", self.answer_s == Some(0)),
        ];
        match limits.iter().find(|(_, small)| *small) {
            Some((name, _)) => Err(text.problem(at, &format!("`{name}` is too small"))),
            None => Ok(()),
        }
    }
}
