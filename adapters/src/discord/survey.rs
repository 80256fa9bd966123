//! Looks at how an application is set up at Discord, and says where to click.

use serde_json::Value;

use super::client::{Refusal, Rest};
use super::{Settings, path};

/// The message content intent, granted or in its first hundred servers: flags of an application.
/// <https://discord.com/developers/docs/resources/application#application-object-application-flags>
const CONTENT: u64 = 1 << 18 | 1 << 19;

/// How one thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Whether the shop works with it.
    pub good: bool,
    /// How it is.
    pub how: String,
    /// What to do about it.
    pub hint: Option<String>,
}

fn good(how: impl Into<String>) -> Remark {
    Remark { good: true, how: how.into(), hint: None }
}

fn bad(how: impl Into<String>, hint: impl Into<String>) -> Remark {
    Remark { good: false, how: how.into(), hint: Some(hint.into()) }
}

/// Looks at the token, the application, its intents and where its interactions go. `public_url` is under what
/// address the world knows this server, where that is configured.
pub async fn survey(rest: &Rest, settings: &Settings, public_url: Option<&str>) -> Vec<Remark> {
    let application = match rest.get("/applications/@me").await {
        Ok(application) => application,
        Err(Refusal::Refused { status: 401, .. }) => {
            return vec![bad(
                "Discord refuses the token",
                "discord.com/developers/applications, your application, Bot, Reset Token; put the new one into the \
                 variable",
            )];
        }
        Err(refusal) => {
            return vec![bad(
                format!("Discord does not answer: {refusal}"),
                "look at the network and at `base_url`; what customers write meanwhile is fetched later",
            )];
        }
    };
    let word = |key: &str| application.get(key).and_then(Value::as_str);
    let mut remarks = Vec::new();
    let named = settings.application.to_string();
    match word("id") {
        Some(id) if id == named => remarks.push(good("the token opens the application")),
        id => remarks.push(bad(
            format!("the token is of the application {}", id.unwrap_or("without an id")),
            "set `application_id` to it, or take the token of the other application",
        )),
    }
    remarks.push(content(&application, settings));
    remarks.extend(interactions(&application, settings, public_url));
    remarks
}

fn content(application: &Value, settings: &Settings) -> Remark {
    let flags = application.get("flags").and_then(Value::as_u64).unwrap_or_default();
    match (settings.channels.is_empty(), flags & CONTENT != 0) {
        (true, _) => good(
            "reads direct messages, and in servers what calls it by name; that needs no privileged intent",
        ),
        (false, true) => good("reads every message in the shop's channels"),
        (false, false) => bad(
            "the message content intent is missing: of messages in the shop's channels that do not call it by name, \
             Discord withholds the words",
            "discord.com/developers/applications, your application, Bot, Privileged Gateway Intents: switch on Message \
             Content Intent (from 100 servers on Discord has to approve it); or leave `channels` empty",
        ),
    }
}

fn interactions(application: &Value, settings: &Settings, public_url: Option<&str>) -> Vec<Remark> {
    let word =
        |key: &str| application.get(key).and_then(Value::as_str).filter(|word| !word.is_empty());
    let set = word("interactions_endpoint_url");
    let Some(key) = settings.public_key else {
        return vec![match set {
            None => good("commands and buttons come over the gateway"),
            Some(url) => bad(
                format!("Discord sends commands and buttons to {url}, and not over the gateway"),
                "General Information, Interactions Endpoint URL: empty it; or set `interactions = \"http\"` and \
                 `public_key`",
            ),
        }];
    };
    let mut remarks = Vec::new();
    if word("verify_key").is_some_and(|told| told != hex::encode(key)) {
        remarks.push(bad(
            "the public key is not the application's: every interaction is refused",
            "General Information, Public Key: copy it to `public_key`",
        ));
    }
    let path = path(settings.application);
    let Some(base) = public_url else {
        remarks.push(bad(
            "nobody outside knows this server, so Discord can't send interactions to it",
            format!(
                "set `public_url` under `[server]`, and at Discord General Information, Interactions Endpoint URL to it \
                 with {path} appended"
            ),
        ));
        return remarks;
    };
    let wanted = format!("{}{path}", base.trim_end_matches('/'));
    remarks.push(if set == Some(wanted.as_str()) {
        good(format!("commands and buttons come to {wanted}"))
    } else {
        bad(
            format!("Discord sends commands and buttons to {}", set.unwrap_or("the gateway")),
            format!(
                "start `sutler serve`, then General Information, Interactions Endpoint URL: {wanted} (Discord tries it \
                 when you save)"
            ),
        )
    });
    remarks
}
