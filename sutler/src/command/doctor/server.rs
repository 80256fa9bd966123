//! What `sutler serve` needs: its addresses, whom it believes, and the keys of its API.

use std::net::{SocketAddr, TcpListener};

use super::{Finding, Health, found};
use crate::config::Config;

/// Everything that is found.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    let server = &config.server;
    let mut findings = vec![port("server", server.listen)];
    findings.extend(server.operator_listen.map(|address| port("operators", address)));
    findings.push(public(config));
    #[cfg(feature = "api")]
    findings.extend(keys(config));
    findings
}

/// Whether it can be listened there.
fn port(what: &str, address: SocketAddr) -> Finding {
    let what = format!("{what}: {address}");
    match TcpListener::bind(address) {
        Ok(_) if address.ip().is_loopback() => {
            found(Health::Good, what, "free; this machine alone reaches it")
        }
        Ok(_) => Finding {
            hint: Some(
                "it speaks HTTP without TLS: let a proxy with TLS alone reach it".to_owned(),
            ),
            ..found(Health::Worth, what, "free, and open to the network")
        },
        Err(error) => Finding {
            hint: Some(
                "is `sutler serve` running? else choose another address under [server]".to_owned(),
            ),
            ..found(Health::Bad, what, error.to_string())
        },
    }
}

/// Under what address the world knows it.
fn public(config: &Config) -> Finding {
    let what = "server: public_url";
    let server = &config.server;
    let worth = |how: &str, hint: &str| Finding {
        hint: Some(hint.to_owned()),
        ..found(Health::Worth, what, how)
    };
    match &server.public_url {
        None => worth("not set", "set it to the address your customers see, once there is a proxy"),
        Some(url) if !url.starts_with("https://") => {
            worth("without TLS", "customers write personal things: let a proxy speak https")
        }
        Some(_) if server.trusted_proxies.is_empty() => worth(
            "set, and no proxy is trusted",
            "without `trusted_proxies` all customers share the proxy's address, and its allowance",
        ),
        Some(url) => found(Health::Good, what, url.as_str()),
    }
}

/// Whether the keys of the API have their secrets, each its own.
#[cfg(feature = "api")]
fn keys(config: &Config) -> Vec<Finding> {
    let (mut findings, mut secrets) = (Vec::new(), std::collections::BTreeMap::new());
    for shop in config.shops.iter().map(toml::Spanned::get_ref) {
        for key in &shop.keys {
            let whose = format!("{}: key {}", shop.name, key.name);
            let bad = match crate::environment::variable(&key.key_env) {
                None => Some(format!("the variable {} is not set", key.key_env)),
                Some(secret) if secret.len() < crate::config::SECRET => {
                    Some(format!("the secret in {} is too short", key.key_env))
                }
                Some(secret) => secrets
                    .insert(secret, whose.clone())
                    .map(|other| format!("has the same secret as {other}")),
            };
            findings.push(match bad {
                Some(how) => Finding {
                    hint: Some(format!("export {}=$(openssl rand -hex 32)", key.key_env)),
                    ..found(Health::Bad, whose, how)
                },
                None => {
                    let scopes: Vec<String> = key.scopes.iter().map(ToString::to_string).collect();
                    found(Health::Good, whose, format!("opens {}", scopes.join(", ")))
                }
            });
        }
    }
    findings
}
