//! What became of what was sent, and as what it is billed.

use std::time::Duration;

use agent_core::account::REFUSED;
use agent_core::id::Made;
use agent_core::message::{AccountNews, Bounce, InboundKind, Purpose, Standing, Status};
use agent_core::time::Micros;
use serde_json::Value;

use super::account;
use super::parse::Change;
use super::pay;
use crate::meta::errors::{self, CAPPED, Class, STOPPED};
use crate::meta::loose::{is, text, time};
use crate::meta::news::{What, mark};

/// The category under which Meta bills whom it holds to be a provider of artificial intelligence, and no
/// shop: banned since 2026-01-15 nearly everywhere. An operator must know at once.
const PROVIDER: &str = "general_purpose_ai";
/// How long that holds: it is told once a day as long as Meta bills so, and nothing tells that it is over.
const HOLDS: Duration = Duration::from_secs(48 * 3_600);

/// Reads a status.
pub(super) fn read(it: &Value, change: &Change<'_>) -> Vec<What> {
    let at = time(it, "/timestamp", change.reading.now);
    let mut whats: Vec<What> = of_account(it, at, change).into_iter().collect();
    whats.extend(opted_out(it, at, change));
    whats.push(of_part(it, at, change));
    whats
}

/// Of the part it names by our mark. A status without is of a message another app sent.
fn of_part(it: &Value, at: Micros, change: &Change<'_>) -> What {
    if let Some((id, kind)) = pay::told(it) {
        let names = names(it);
        return match names.is_empty() {
            true => What::Nothing("payment of nobody".to_owned()),
            false => What::Chat(change.place.inbound(&names, id, at, kind)),
        };
    }
    let told = text(it, "/status").unwrap_or_default();
    let mark = text(it, "/biz_opaque_callback_data").and_then(|mark| mark::read(&mark));
    let (Some((of, part)), Some(id)) = (mark, text(it, "/id")) else {
        return What::Nothing("status of another app's message".to_owned());
    };
    let status = match told.as_str() {
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        // A voice note that was played was read.
        "read" | "played" => Status::Read,
        "failed" => failed(it, of, change),
        other => return What::Nothing(format!("status {other}")),
    };
    let names = names(it);
    if names.is_empty() {
        return What::Nothing("status of nobody".to_owned());
    }
    let billed = is(it, "/pricing/billable").then(|| text(it, "/pricing/category")).flatten();
    let kind = InboundKind::Status { of, part, status, billed: billed.map(Into::into) };
    What::Chat(change.place.inbound(&names, format!("{id}/{told}"), at, kind))
}

fn names(it: &Value) -> Vec<String> {
    let paths = ["/recipient_id", "/recipient_user_id"];
    paths.iter().filter_map(|path| text(it, path)).collect()
}

/// It failed for good, or is sent again: by the class of what went wrong, and how often it was sent before.
fn failed(it: &Value, of: Made, change: &Change<'_>) -> Status {
    let why = failure(it);
    let class = code(it).map_or(Class::Bug, |code| errors::class(code, None));
    // One of a burst that failed together is sent again at another moment than the next.
    let spread = (of.turn.0 % 256) as u8;
    match errors::after_failure(class, of.times(), spread) {
        Some((wait, rests)) => {
            Status::Bounced(Bounce { why, until: change.reading.now.after(wait), rests })
        }
        None if class == Class::Capped => {
            let again = change.reading.now.after(CAPPED);
            Status::Failed(format!("{why}; not again before {again}"))
        }
        None => Status::Failed(why),
    }
}

/// What went wrong, as one line of code and words.
fn failure(it: &Value) -> String {
    let code = code(it).map(|code| code.to_string()).unwrap_or_default();
    let title = text(it, "/errors/0/title").or_else(|| text(it, "/errors/0/message"));
    format!("{code} {}", title.unwrap_or_default()).trim().to_owned()
}

fn code(it: &Value) -> Option<u64> {
    text(it, "/errors/0/code")?.parse().ok()
}

/// What a status says of the whole number.
fn of_account(it: &Value, at: Micros, change: &Change<'_>) -> Option<What> {
    let day = at.0 / 86_400_000_000;
    let category = text(it, "/pricing/category");
    if category.as_deref() == Some(PROVIDER) {
        let why = "Meta bills the number as a general-purpose AI provider".to_owned();
        let standing = Standing::Slowed(why);
        let ends = Some(change.reading.now.after(HOLDS));
        let news = AccountNews::Stands { cause: PROVIDER.into(), standing, ends };
        return Some(account::told(&format!("{PROVIDER}/{day}"), &news, change));
    }
    let code = code(it)?;
    if errors::class(code, None) != Class::Stopped {
        return None;
    }
    let standing = Standing::Stopped { why: failure(it), until: at.after(STOPPED) };
    let news = AccountNews::stands(REFUSED, standing);
    // Each tells it anew: it may have been used again meanwhile.
    let id = format!("stopped/{code}/{}", text(it, "/id")?);
    Some(account::told(&id, &news, change))
}

/// The customer stopped marketing messages on the platform.
fn opted_out(it: &Value, at: Micros, change: &Change<'_>) -> Option<What> {
    let names = names(it);
    if errors::class(code(it)?, None) != Class::OptedOut || names.is_empty() {
        return None;
    }
    let id = format!("{}/opted out", text(it, "/id")?);
    let kind = InboundKind::Consent { purpose: Purpose::Marketing, given: false };
    Some(What::Chat(change.place.inbound(&names, id, at, kind)))
}
